"""Path attributes (RFC 4271 section 4.3): those that rules need, and the rest kept raw.

A malformed attribute does not end the decoding. RFC 7606 asks to treat its route as withdrawn,
so `Attributes.malformed` names it and the route says so.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from enum import Enum, IntEnum
from ipaddress import IPv4Address, IPv6Address
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.model import (
    AsPath,
    Community,
    ExtendedCommunity,
    LargeCommunity,
    Route,
)
from peerlint.wire.nlri import Nlri, decode_nlri, encode_nlri
from peerlint.wire.paths import AS_TRANS, decode_path, encode_path, merge_as4_path

IPAddress = IPv4Address | IPv6Address

_EXTENDED_LENGTH: Final = 0x10
#: Address families by AFI (RFC 4760), and back.
FAMILIES: Final = {1: 4, 2: 6}
AFIS: Final = {4: 1, 6: 2}


class AttributeType(IntEnum):
    """Type codes of the attributes decoded here, with the flags that RFCs give them."""

    ORIGIN = 1
    AS_PATH = 2
    NEXT_HOP = 3
    AGGREGATOR = 7
    COMMUNITIES = 8
    MP_REACH_NLRI = 14
    MP_UNREACH_NLRI = 15
    EXTENDED_COMMUNITIES = 16
    AS4_PATH = 17
    AS4_AGGREGATOR = 18
    LARGE_COMMUNITIES = 32

    @property
    def flags(self) -> int:
        """Well-known transitive, optional transitive, or optional non-transitive."""
        if self <= AttributeType.NEXT_HOP:
            return 0x40
        if self in (AttributeType.MP_REACH_NLRI, AttributeType.MP_UNREACH_NLRI):
            return 0x80
        return 0xC0


#: The name in `Attributes.malformed` for a list of attributes that overruns its end.
ATTRIBUTE_LIST: Final = "attribute-list"


@attrs.frozen
class RawAttribute:
    """An attribute that is kept as it stands.

    Attributes:
        flags: without the extended length bit, which only says how the length is written.
        type: the type code.
        value: its octets.
    """

    flags: int
    type: int
    value: bytes


@attrs.frozen
class Aggregator:
    """AGGREGATOR or AS4_AGGREGATOR: who formed the aggregate."""

    asn: int
    address: IPv4Address


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


@attrs.frozen
class Attributes:
    """The attributes of one route or UPDATE, as sent.

    Attributes:
        origin: 0 IGP, 1 EGP, 2 INCOMPLETE.
        as_path: as sent; None if there is none that can be read.
        next_hop: the NEXT_HOP attribute; see `best_next_hop`.
        aggregator: likewise.
        communities: in the order sent, repeats included; so are the two below.
        extended_communities: RFC 4360.
        large_communities: RFC 8092.
        as4_path: only from speakers with two-octet AS numbers (RFC 6793).
        as4_aggregator: likewise.
        mp_reach: see `MpReach`.
        mp_unreach: see `MpUnreach`.
        others: every attribute of another type, or that cannot be read, in the order sent.
        malformed: names of attributes for which RFC 7606 asks to treat the route as withdrawn.
    """

    origin: int | None = None
    as_path: AsPath | None = None
    next_hop: IPv4Address | None = None
    aggregator: Aggregator | None = None
    communities: tuple[Community, ...] = ()
    extended_communities: tuple[ExtendedCommunity, ...] = ()
    large_communities: tuple[LargeCommunity, ...] = ()
    as4_path: AsPath | None = None
    as4_aggregator: Aggregator | None = None
    mp_reach: MpReach | None = None
    mp_unreach: MpUnreach | None = None
    others: tuple[RawAttribute, ...] = ()
    malformed: tuple[str, ...] = ()

    @property
    def path(self) -> AsPath:
        """The AS_PATH with AS4_PATH merged in (RFC 6793 section 4.2.3).

        AS4_PATH is ignored if both aggregators are there and the old one is not AS_TRANS: then a
        speaker with two octets aggregated later.
        """
        path = self.as_path if self.as_path is not None else AsPath()
        aggregated_since = (
            self.aggregator is not None
            and self.as4_aggregator is not None
            and self.aggregator.asn != AS_TRANS
        )
        if self.as4_path is None or aggregated_since:
            return path
        return merge_as4_path(path, self.as4_path)

    @property
    def best_next_hop(self) -> IPAddress | None:
        """The first next hop of MP_REACH_NLRI, else NEXT_HOP."""
        if self.mp_reach is not None and self.mp_reach.next_hops:
            return self.mp_reach.next_hops[0]
        return self.next_hop

    def withdrawn_for(self, *, in_rib: bool) -> tuple[str, ...]:
        """Return the names of the attributes for which an announcement counts as withdrawn.

        Those malformed, and in an UPDATE an AS_PATH that is missing (RFC 7606 section 3 d). In a
        RIB, BIRD and GoBGP write a router's own routes without one: their path is empty.
        """
        name = AttributeType.AS_PATH.name
        if in_rib or self.as_path is not None or name in self.malformed:
            return self.malformed
        return (*self.malformed, name)

    def route(self, nlri: Nlri, timestamp: int | None = None, *, in_rib: bool = False) -> Route:
        """Return what the attributes say of one prefix.

        Args:
            nlri: the prefix.
            timestamp: microseconds since 1970.
            in_rib: whether they stand in a RIB entry, not in an UPDATE.
        """
        return Route(
            prefix=nlri.prefix,
            path=self.path,
            communities=frozenset(self.communities),
            large_communities=frozenset(self.large_communities),
            extended_communities=frozenset(self.extended_communities),
            next_hop=self.best_next_hop,
            path_id=nlri.path_id,
            malformed=self.withdrawn_for(in_rib=in_rib),
            timestamp=timestamp,
        )


@attrs.frozen
class Form:
    """How the octets of attributes are to be read.

    Attributes:
        as4: whether AS_PATH has four octets per AS; AS4_PATH and AS4_AGGREGATOR are then
            discarded (RFC 6793 section 4.1).
        in_rib: a RIB entry, where MP_REACH_NLRI may be short (RFC 6396 section 4.3.4) and, where
            it is not, its prefixes are not this entry's.
        add_path: whether prefixes have path identifiers.
    """

    as4: bool = True
    in_rib: bool = False
    add_path: bool = False


def split_attributes(octets: bytes) -> tuple[list[tuple[int, RawAttribute]], int]:
    """Cut a list of attributes.

    Returns:
        (offset of the value, attribute) in the order sent, and the offset where the list ends:
        the length of the buffer, or where an attribute overruns it (RFC 7606 section 4).
    """
    found: list[tuple[int, RawAttribute]] = []
    at = 0
    while at < len(octets):
        head = 4 if octets[at] & _EXTENDED_LENGTH else 3
        start = at + head
        end = start + int.from_bytes(octets[at + 2 : start])
        if start > len(octets) or end > len(octets):
            break
        flags = octets[at] & ~_EXTENDED_LENGTH
        found.append((start, RawAttribute(flags, octets[at + 1], octets[start:end])))
        at = end
    return found, at


def decode_attributes(octets: bytes, form: Form) -> Attributes:
    """Read a list of path attributes.

    Raises:
        WireError: MP_REACH_NLRI or MP_UNREACH_NLRI of an UPDATE cannot be read: then nobody
            knows of which prefixes it speaks (RFC 7606 section 5.3).
    """
    values: dict[str, object] = {}
    others: list[RawAttribute] = []
    malformed: list[str] = []
    seen: set[int] = set()
    found, end = split_attributes(octets)
    for at, raw in found:
        if raw.type in seen:
            continue  # the first one counts, RFC 7606 section 3 g
        seen.add(raw.type)
        if raw.type not in _DECODERS:
            others.append(raw)
            continue
        name, decode, if_malformed = _DECODERS[AttributeType(raw.type)]
        try:
            values[name] = decode(raw.value, form)
        except WireError as error:
            if if_malformed is _IfMalformed.UNREADABLE and not form.in_rib:
                raise WireError(
                    at + error.offset, expected=error.expected, found=error.found
                ) from None
            if if_malformed is _IfMalformed.WITHDRAW:
                malformed.append(AttributeType(raw.type).name)
            others.append(raw)
    if end < len(octets):
        malformed.append(ATTRIBUTE_LIST)
    return Attributes(others=tuple(others), malformed=tuple(malformed), **values)  # type: ignore[arg-type]  # the names and types of _DECODERS


def encode_attributes(attributes: Attributes, form: Form) -> bytes:
    """Return the attributes as octets, ascending by type code as RFC 4271 section 5 asks."""
    raws = list(attributes.others)
    for kind, (name, encode) in _ENCODERS.items():
        value = getattr(attributes, name)
        if value is not None and value != ():
            raws.append(RawAttribute(kind.flags, kind, encode(value, form)))
    return b"".join(encode_attribute(raw) for raw in sorted(raws, key=lambda raw: raw.type))


def encode_attribute(raw: RawAttribute) -> bytes:
    """Return one attribute; its length takes two octets only where one is too small."""
    length = len(raw.value)
    if length > 255:
        return struct.pack(">BBH", raw.flags | _EXTENDED_LENGTH, raw.type, length) + raw.value
    return bytes((raw.flags, raw.type, length)) + raw.value


def _exactly(octets: bytes, size: int) -> bytes:
    if len(octets) != size:
        raise WireError(0, expected=f"{size} octets", found=str(len(octets)))
    return octets


def _numbers(octets: bytes, size: int) -> Iterable[int]:
    """Return numbers of `size` octets each, at least one (RFC 7606 section 7.8 and on)."""
    if not octets or len(octets) % size:
        expected = f"a multiple of {size} octets, not 0"
        raise WireError(0, expected=expected, found=str(len(octets)))
    return (int.from_bytes(octets[at : at + size]) for at in range(0, len(octets), size))


def _decode_origin(octets: bytes, _: Form) -> int:
    origin = _exactly(octets, 1)[0]
    if origin > 2:
        raise WireError(0, expected="an origin from 0 to 2", found=str(origin))
    return origin


def _decode_next_hop(octets: bytes, _: Form) -> IPv4Address:
    return IPv4Address(_exactly(octets, 4))


def _decode_aggregator(octets: bytes, form: Form) -> Aggregator:
    width = 4 if form.as4 else 2
    _exactly(octets, width + 4)
    return Aggregator(int.from_bytes(octets[:width]), IPv4Address(octets[width:]))


def _encode_aggregator(aggregator: Aggregator, form: Form) -> bytes:
    asn = aggregator.asn if form.as4 or aggregator.asn <= 0xFFFF else AS_TRANS
    return asn.to_bytes(4 if form.as4 else 2) + aggregator.address.packed


def _decode_as4_aggregator(octets: bytes, form: Form) -> Aggregator | None:
    return None if form.as4 else _decode_aggregator(octets, Form(as4=True))


def _decode_as4_path(octets: bytes, form: Form) -> AsPath | None:
    return None if form.as4 else decode_path(octets, as4=True)


def _decode_communities(octets: bytes, _: Form) -> tuple[Community, ...]:
    return tuple(map(Community, _numbers(octets, 4)))


def _decode_extended(octets: bytes, _: Form) -> tuple[ExtendedCommunity, ...]:
    return tuple(map(ExtendedCommunity, _numbers(octets, 8)))


def _decode_large(octets: bytes, _: Form) -> tuple[LargeCommunity, ...]:
    mask = 0xFFFFFFFF
    return tuple(
        LargeCommunity(number >> 64, number >> 32 & mask, number & mask)
        for number in _numbers(octets, 12)
    )


def _decode_mp_reach(octets: bytes, form: Form) -> MpReach:
    # A full attribute starts with an AFI below 256, a short one with the length of what follows.
    if form.in_rib and octets[:1] != b"\0":
        if octets[:1] != bytes((len(octets) - 1 & 0xFF,)):
            raise WireError(0, expected="the length of the next hop", found=octets[:1].hex())
        return MpReach(_decode_next_hops(octets[1:]))
    family, safi = _decode_family(octets)
    hops_end = 4 + octets[3] if len(octets) > 3 else len(octets)
    if hops_end + 1 > len(octets):
        raise WireError(3, expected="a next hop and a reserved octet", found="the end")
    nlri = decode_nlri(octets[hops_end + 1 :], family, add_path=form.add_path, base=hops_end + 1)
    return MpReach(_decode_next_hops(octets[4:hops_end]), family, safi, nlri)


def _encode_mp_reach(reach: MpReach, _: Form) -> bytes:
    hops = b"".join(hop.packed for hop in reach.next_hops)
    if reach.family is None or reach.safi is None:
        return bytes((len(hops),)) + hops
    head = struct.pack(">HBB", AFIS[reach.family], reach.safi, len(hops))
    return head + hops + b"\0" + encode_nlri(reach.nlri)


def _decode_next_hops(octets: bytes) -> tuple[IPAddress, ...]:
    if len(octets) == 4:
        return (IPv4Address(octets),)
    if len(octets) not in (16, 32):
        raise WireError(0, expected="a next hop of 4, 16 or 32 octets", found=str(len(octets)))
    return tuple(IPv6Address(octets[at : at + 16]) for at in range(0, len(octets), 16))


def _decode_mp_unreach(octets: bytes, form: Form) -> MpUnreach:
    family, safi = _decode_family(octets)
    nlri = decode_nlri(octets[3:], family, add_path=form.add_path, base=3)
    return MpUnreach(family, safi, nlri)


def _encode_mp_unreach(unreach: MpUnreach, _: Form) -> bytes:
    return struct.pack(">HB", AFIS[unreach.family], unreach.safi) + encode_nlri(unreach.nlri)


def _decode_family(octets: bytes) -> tuple[int, int]:
    if len(octets) < 3:
        raise WireError(0, expected="AFI and SAFI", found="the end")
    afi, safi = struct.unpack_from(">HB", octets)
    if afi not in FAMILIES or safi not in (1, 2):
        raise WireError(
            0, expected="IPv4 or IPv6, unicast or multicast", found=f"AFI {afi}, SAFI {safi}"
        )
    return FAMILIES[afi], safi


class _IfMalformed(Enum):
    """What becomes of an UPDATE with a malformed attribute of this type."""

    WITHDRAW = "treat-as-withdraw"
    DISCARD = "attribute discard"
    UNREADABLE = "its prefixes are unknown"


_DECODERS: Final[dict[AttributeType, tuple[str, Callable[[bytes, Form], object], _IfMalformed]]] = {
    AttributeType.ORIGIN: ("origin", _decode_origin, _IfMalformed.WITHDRAW),
    AttributeType.AS_PATH: (
        "as_path",
        lambda octets, form: decode_path(octets, as4=form.as4),
        _IfMalformed.WITHDRAW,
    ),
    AttributeType.NEXT_HOP: ("next_hop", _decode_next_hop, _IfMalformed.WITHDRAW),
    AttributeType.AGGREGATOR: ("aggregator", _decode_aggregator, _IfMalformed.DISCARD),
    AttributeType.COMMUNITIES: ("communities", _decode_communities, _IfMalformed.WITHDRAW),
    AttributeType.MP_REACH_NLRI: ("mp_reach", _decode_mp_reach, _IfMalformed.UNREADABLE),
    AttributeType.MP_UNREACH_NLRI: ("mp_unreach", _decode_mp_unreach, _IfMalformed.UNREADABLE),
    AttributeType.EXTENDED_COMMUNITIES: (
        "extended_communities",
        _decode_extended,
        _IfMalformed.WITHDRAW,
    ),
    AttributeType.AS4_PATH: ("as4_path", _decode_as4_path, _IfMalformed.DISCARD),
    AttributeType.AS4_AGGREGATOR: (
        "as4_aggregator",
        _decode_as4_aggregator,
        _IfMalformed.DISCARD,
    ),
    AttributeType.LARGE_COMMUNITIES: ("large_communities", _decode_large, _IfMalformed.WITHDRAW),
}


def _packed(width: int) -> Callable[[Iterable[Community | ExtendedCommunity], Form], bytes]:
    return lambda values, _: b"".join(value.number.to_bytes(width) for value in values)


_ENCODERS: Final[dict[AttributeType, tuple[str, Callable[..., bytes]]]] = {
    AttributeType.ORIGIN: ("origin", lambda origin, _: bytes((origin,))),
    AttributeType.AS_PATH: ("as_path", lambda path, form: encode_path(path, as4=form.as4)),
    AttributeType.NEXT_HOP: ("next_hop", lambda address, _: address.packed),
    AttributeType.AGGREGATOR: ("aggregator", _encode_aggregator),
    AttributeType.COMMUNITIES: ("communities", _packed(4)),
    AttributeType.MP_REACH_NLRI: ("mp_reach", _encode_mp_reach),
    AttributeType.MP_UNREACH_NLRI: ("mp_unreach", _encode_mp_unreach),
    AttributeType.EXTENDED_COMMUNITIES: ("extended_communities", _packed(8)),
    AttributeType.AS4_PATH: ("as4_path", lambda path, _: encode_path(path, as4=True)),
    AttributeType.AS4_AGGREGATOR: (
        "as4_aggregator",
        lambda aggregator, _: _encode_aggregator(aggregator, Form(as4=True)),
    ),
    AttributeType.LARGE_COMMUNITIES: (
        "large_communities",
        lambda values, _: b"".join(struct.pack(">III", *value.parts) for value in values),
    ),
}
