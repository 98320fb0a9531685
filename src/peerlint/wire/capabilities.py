"""Decode and encode the capabilities of a BGP speaker (RFC 5492)."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from enum import IntEnum, IntFlag
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.wire.nlri import AFIS, FAMILIES, Family

#: Of graceful restart: octets before the families, the bits of the time, and a flag of a family.
_RESTART_HEAD: Final = 2
_RESTART_TIME: Final = 0x0FFF
_FORWARDING: Final = 0x80


class CapabilityCode(IntEnum):
    """Codes of the capabilities that are decoded; all others are kept as octets."""

    MULTIPROTOCOL = 1  # RFC 4760 section 8
    ROUTE_REFRESH = 2  # RFC 2918
    EXTENDED_MESSAGE = 6  # RFC 8654
    GRACEFUL_RESTART = 64  # RFC 4724 section 3, RFC 8538 section 2
    FOUR_OCTET_AS = 65  # RFC 6793
    ADD_PATH = 69  # RFC 7911 section 4


class Direction(IntFlag):
    """Whether a speaker offers to receive or to send several paths to one prefix."""

    RECEIVE = 1
    SEND = 2


class RestartFlag(IntFlag):
    """What a speaker says of graceful restart; other bits are ignored."""

    NOTIFICATION = 4
    RESTARTED = 8


_RESTART_FLAGS: Final = RestartFlag.NOTIFICATION | RestartFlag.RESTARTED


@attrs.frozen
class Multiprotocol:
    """The speaker exchanges routes of one address family (RFC 4760 section 8)."""

    afi: int
    safi: int


@attrs.frozen
class RouteRefresh:
    """The speaker understands ROUTE-REFRESH messages (RFC 2918)."""


@attrs.frozen
class ExtendedMessage:
    """The speaker understands messages of up to 65,535 octets (RFC 8654)."""


@attrs.frozen
class GracefulRestart:
    """The speaker waits for others that restart, and may restart itself (RFC 4724).

    Attributes:
        time: for how many seconds others should wait for it, at most 4095.
        flags: whether it has just restarted, and whether a NOTIFICATION may begin a restart.
        families: (AFI, SAFI, whether it still forwards) in the order sent: those that others keep
            while it restarts.
    """

    time: int
    flags: RestartFlag = RestartFlag(0)
    families: tuple[tuple[int, int, bool], ...] = ()


@attrs.frozen
class FourOctetAs:
    """The speaker uses four-octet AS numbers (RFC 6793).

    Attributes:
        asn: the speaker's own AS number.
    """

    asn: int


@attrs.frozen
class AddPath:
    """The speaker sends or receives path identifiers (RFC 7911 section 4).

    Attributes:
        families: (AFI, SAFI, direction) in the order sent.
    """

    families: tuple[tuple[int, int, Direction], ...]


@attrs.frozen
class RawCapability:
    """A capability that is not decoded."""

    code: int
    value: bytes


Capability = (
    Multiprotocol
    | RouteRefresh
    | ExtendedMessage
    | GracefulRestart
    | FourOctetAs
    | AddPath
    | RawCapability
)


def decode_capabilities(octets: bytes, base: int = 0) -> tuple[Capability, ...]:
    """Decode the value of a Capabilities parameter.

    Args:
        octets: a field that contains only capabilities.
        base: the offset of the field; it is added to offsets in errors.

    Raises:
        WireError: a capability overruns the end or has a length that its RFC does not allow.
    """
    found: list[Capability] = []
    at = 0
    while at < len(octets):
        if at + 2 > len(octets):
            raise WireError(base + at, expected="a capability's code and length", found="the end")
        end = at + 2 + octets[at + 1]
        if end > len(octets):
            expected = "a length that ends inside the parameter"
            raise WireError(base + at + 1, expected=expected, found=str(octets[at + 1]))
        found.append(_decode(octets[at], octets[at + 2 : end], base + at + 2))
        at = end
    return tuple(found)


def _decode(code: int, value: bytes, base: int) -> Capability:
    if code == CapabilityCode.MULTIPROTOCOL:
        _exactly(value, 4, base)
        return Multiprotocol(int.from_bytes(value[:2]), value[3])
    if code == CapabilityCode.ROUTE_REFRESH:
        _exactly(value, 0, base)
        return RouteRefresh()
    if code == CapabilityCode.EXTENDED_MESSAGE:
        _exactly(value, 0, base)
        return ExtendedMessage()
    if code == CapabilityCode.FOUR_OCTET_AS:
        _exactly(value, 4, base)
        return FourOctetAs(int.from_bytes(value))
    if code == CapabilityCode.ADD_PATH:
        return _decode_add_path(value, base)
    restart = _graceful_restart(value) if code == CapabilityCode.GRACEFUL_RESTART else None
    return restart or RawCapability(code, value)


def _graceful_restart(value: bytes) -> GracefulRestart | None:
    """Decode the capability; None for another length, which no RFC says how to react to."""
    if len(value) % 4 != _RESTART_HEAD:
        return None
    (head,) = struct.unpack_from(">H", value)
    families = struct.iter_unpack(">HBB", value[_RESTART_HEAD:])
    return GracefulRestart(
        head & _RESTART_TIME,
        RestartFlag(head >> 12) & _RESTART_FLAGS,
        tuple((afi, safi, bool(flags & _FORWARDING)) for afi, safi, flags in families),
    )


def _decode_add_path(value: bytes, base: int) -> AddPath:
    if len(value) % 4:
        raise WireError(base, expected="a multiple of 4 octets", found=str(len(value)))
    families: list[tuple[int, int, Direction]] = []
    for at in range(0, len(value), 4):
        afi, safi, direction = struct.unpack_from(">HBB", value, at)
        # A receiver ignores families with any other value (RFC 7911 section 4).
        if 1 <= direction <= 3:
            families.append((afi, safi, Direction(direction)))
    return AddPath(tuple(families))


def _exactly(value: bytes, octets: int, base: int) -> None:
    if len(value) != octets:
        raise WireError(base, expected=f"{octets} octets", found=str(len(value)))


def encode_capability(capability: Capability) -> bytes:
    """Encode one capability, with its code and length."""
    code, value = _value(capability)
    return bytes((code, len(value))) + value


def _value(capability: Capability) -> tuple[int, bytes]:
    match capability:
        case Multiprotocol(afi=afi, safi=safi):
            return CapabilityCode.MULTIPROTOCOL, struct.pack(">HBB", afi, 0, safi)
        case RouteRefresh():
            return CapabilityCode.ROUTE_REFRESH, b""
        case ExtendedMessage():
            return CapabilityCode.EXTENDED_MESSAGE, b""
        case FourOctetAs(asn=asn):
            return CapabilityCode.FOUR_OCTET_AS, asn.to_bytes(4)
        case AddPath() | GracefulRestart():
            return _with_families(capability)
        case RawCapability(code=code, value=value):
            return code, value


def _with_families(capability: AddPath | GracefulRestart) -> tuple[int, bytes]:
    if isinstance(capability, AddPath):
        parts = [struct.pack(">HBB", *family) for family in capability.families]
        return CapabilityCode.ADD_PATH, b"".join(parts)
    parts = [struct.pack(">H", capability.flags << 12 | capability.time & _RESTART_TIME)]
    for afi, safi, is_forwarding in capability.families:
        parts.append(struct.pack(">HBB", afi, safi, _FORWARDING * is_forwarding))
    return CapabilityCode.GRACEFUL_RESTART, b"".join(parts)


def family_of(afi: int, safi: int) -> Family | None:
    """Return the address family with an AFI and a SAFI, None if it is not supported."""
    return (FAMILIES[afi], safi) if afi in FAMILIES and safi in (1, 2) else None


def multiprotocol(family: Family) -> Multiprotocol:
    """Return the Multiprotocol capability for an address family."""
    return Multiprotocol(AFIS[family[0]], family[1])


def add_path_families(
    capabilities: Iterable[Capability], direction: Direction
) -> frozenset[Family]:
    """Return the address families for which capabilities offer add-path in one direction."""
    return frozenset(
        family
        for capability in capabilities
        if isinstance(capability, AddPath)
        for afi, safi, offered in capability.families
        if offered & direction and (family := family_of(afi, safi)) is not None
    )
