"""Decode and encode MP_REACH_NLRI and MP_UNREACH_NLRI (RFC 4760), and their short form in RIBs."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

import attrs

from peerlint.errors import WireError
from peerlint.wire.attribute_types import Form
from peerlint.wire.damage import Lost
from peerlint.wire.nlri import AFIS, FAMILIES, Nlri, encode_nlri, read_nlri

IPAddress = IPv4Address | IPv6Address


class ForeignFamilyError(WireError):
    """An address family that peerlint does not read; the octets are not known to be wrong."""


@attrs.frozen
class MpReach:
    """MP_REACH_NLRI (RFC 4760 section 3), in full or in the short form of RFC 6396.

    Attributes:
        next_hops: one address, or a global and a link-local one.
        family: 4 or 6; None in the short form, where only the next hops are sent.
        safi: 1 unicast, 2 multicast; None in the short form.
        nlri: the prefixes.
    """

    next_hops: tuple[IPAddress, ...]
    family: int | None = None
    safi: int | None = None
    nlri: tuple[Nlri, ...] = ()


@attrs.frozen
class MpUnreach:
    """MP_UNREACH_NLRI (RFC 4760 section 4); without prefixes it is an End-of-RIB (RFC 4724)."""

    family: int
    safi: int
    nlri: tuple[Nlri, ...] = ()


class BrokenPrefixesError(WireError):
    """A list of prefixes of which one cannot be read.

    Attributes:
        lost: the range from the first unreadable prefix on.
        readable: the attribute with the prefixes before it.
    """

    def __init__(self, lost: Lost, readable: MpReach | MpUnreach) -> None:
        """Copy the error of the lost range."""
        super().__init__(lost.error.offset, expected=lost.error.expected, found=lost.error.found)
        self.lost, self.readable = lost, readable


def decode_mp_reach(octets: bytes, form: Form) -> MpReach:
    """Decode the value of an MP_REACH_NLRI.

    Raises:
        ForeignFamilyError: the family is neither IPv4 nor IPv6, or neither unicast nor multicast.
        BrokenPrefixesError: a prefix cannot be read.
        WireError: the value ends early (RFC 7606 section 5.3), or the next hop has a length that
            its family does not allow (section 7.11): 4, 16 or 32 octets for IPv4 (RFC 8950), 16
            or 32 for IPv6 (RFC 2545).
    """
    # The full form starts with an AFI below 256, the short form with the length of the rest.
    if form.in_rib and octets[:1] != b"\0":
        if octets[:1] != bytes((len(octets) - 1 & 0xFF,)):
            raise WireError(0, expected="the length of the next hop", found=octets[:1].hex())
        return MpReach(decode_next_hops(octets[1:], 1))
    family, safi = _decode_family(octets)
    hops_end = 4 + octets[3] if len(octets) > 3 else len(octets)
    if hops_end + 1 > len(octets):
        raise WireError(3, expected="a next hop and a reserved octet", found="the end")
    hops = decode_next_hops(octets[4:hops_end], 4)
    if family == 6 and hops[0].version == 4 and not form.in_rib:
        raise WireError(4, expected="a next hop of 16 or 32 octets", found="4")
    # The reserved octet once counted SNPAs (RFC 2858); receivers ignore it.
    start = hops_end + 1
    add_path = (family, safi) in form.add_path and not form.in_rib
    nlri, lost = read_nlri(octets[start:], family, add_path=add_path, base=start)
    reach = MpReach(hops, family, safi, nlri)
    if lost is not None:
        raise BrokenPrefixesError(lost, reach)
    return reach


def encode_mp_reach(reach: MpReach) -> bytes:
    """Encode the value of an MP_REACH_NLRI, in the short form if it has no family."""
    hops = b"".join(hop.packed for hop in reach.next_hops)
    if reach.family is None or reach.safi is None:
        return bytes((len(hops),)) + hops
    head = struct.pack(">HBB", AFIS[reach.family], reach.safi, len(hops))
    return head + hops + b"\0" + encode_nlri(reach.nlri)


def decode_mp_unreach(octets: bytes, form: Form) -> MpUnreach:
    """Decode the value of an MP_UNREACH_NLRI.

    Raises:
        ForeignFamilyError: the family is neither IPv4 nor IPv6, or neither unicast nor multicast.
        BrokenPrefixesError: a prefix cannot be read.
        WireError: the value ends early.
    """
    family, safi = _decode_family(octets)
    add_path = (family, safi) in form.add_path
    nlri, lost = read_nlri(octets[3:], family, add_path=add_path, base=3)
    unreach = MpUnreach(family, safi, nlri)
    if lost is not None:
        raise BrokenPrefixesError(lost, unreach)
    return unreach


def encode_mp_unreach(unreach: MpUnreach) -> bytes:
    """Encode the value of an MP_UNREACH_NLRI."""
    return struct.pack(">HB", AFIS[unreach.family], unreach.safi) + encode_nlri(unreach.nlri)


def is_foreign(octets: bytes) -> bool:
    """Return whether an MP_REACH_NLRI or MP_UNREACH_NLRI has a family that is not supported."""
    try:
        _decode_family(octets)
    except ForeignFamilyError:
        return True
    except WireError:
        return False
    return False


def decode_next_hops(octets: bytes, base: int) -> tuple[IPAddress, ...]:
    """Decode one address, or a global and a link-local address.

    Args:
        octets: the field.
        base: the offset of the field; it is added to offsets in errors.

    Raises:
        WireError: the field has neither 4, 16 nor 32 octets.
    """
    if len(octets) == 4:
        return (IPv4Address(octets),)
    if len(octets) not in (16, 32):
        raise WireError(base, expected="a next hop of 4, 16 or 32 octets", found=str(len(octets)))
    return tuple(IPv6Address(octets[at : at + 16]) for at in range(0, len(octets), 16))


def _decode_family(octets: bytes) -> tuple[int, int]:
    if len(octets) < 3:
        raise WireError(0, expected="AFI and SAFI", found="the end")
    afi, safi = struct.unpack_from(">HB", octets)
    return supported_family(afi, safi, 0), safi


def supported_family(afi: int, safi: int, at: int) -> int:
    """Return the address family (4 or 6) of an AFI.

    Args:
        afi: address family identifier.
        safi: subsequent address family identifier.
        at: the offset of the AFI, for the error.

    Raises:
        ForeignFamilyError: the family is neither IPv4 nor IPv6, or neither unicast nor multicast.
    """
    if afi not in FAMILIES or safi not in (1, 2):
        expected, found = "IPv4 or IPv6, unicast or multicast", f"AFI {afi}, SAFI {safi}"
        raise ForeignFamilyError(at, expected=expected, found=found)
    return FAMILIES[afi]
