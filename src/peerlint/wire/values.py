"""Decode and encode the value of each path attribute.

Every decoder takes the octets of the value and a `Form`. It raises `WireError` if the value
violates the attribute's RFC; `AttributeType.treatment` says how a receiver treats that.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable
from ipaddress import IPv4Address
from typing import Final

import attrs

from peerlint.errors import WireError
from peerlint.model import AsPath, Community, ExtendedCommunity, LargeCommunity
from peerlint.wire.attribute_types import AttributeType, Form
from peerlint.wire.memo import memoized
from peerlint.wire.paths import AS_TRANS, decode_path, encode_path
from peerlint.wire.reach import (
    decode_mp_reach,
    decode_mp_unreach,
    encode_mp_reach,
    encode_mp_unreach,
)

#: The number of decoded values that are kept: a dump repeats the same communities many times.
MEMO: Final = 1 << 13
#: Octets of an AS4_PATH with one segment of one member.
_LEAST_AS4_PATH: Final = 6


@attrs.frozen
class Aggregator:
    """The AS and the router that formed an aggregate (AGGREGATOR or AS4_AGGREGATOR)."""

    asn: int
    address: IPv4Address


@attrs.frozen
class Codec:
    """The decoder and the encoder of one path attribute.

    Attributes:
        name: the attribute of `Attributes` that holds the value.
        decode: takes octets and a form, and returns the value.
        encode: takes the value and a form, and returns octets.
    """

    name: str
    decode: Callable[[bytes, Form], object]
    encode: Callable[..., bytes]


def _exactly(octets: bytes, size: int) -> bytes:
    if len(octets) != size:
        raise WireError(0, expected=f"{size} octets", found=str(len(octets)))
    return octets


def _numbers(octets: bytes, size: int) -> Iterable[int]:
    """Return the numbers of `size` octets in a value (RFC 7606 sections 7.8 to 7.14).

    Raises:
        WireError: the value is empty, or its length is no multiple of `size`.
    """
    if not octets or len(octets) % size:
        expected = f"a multiple of {size} octets, not 0"
        raise WireError(0, expected=expected, found=str(len(octets)))
    return (int.from_bytes(octets[at : at + size]) for at in range(0, len(octets), size))


def _decode_origin(octets: bytes, _: Form) -> int:
    origin = _exactly(octets, 1)[0]
    if origin > 2:
        raise WireError(0, expected="an origin from 0 to 2", found=str(origin))
    return origin


def _decode_number(octets: bytes, _: Form) -> int:
    return int.from_bytes(_exactly(octets, 4))


@memoized(MEMO)
def _decode_address(octets: bytes, _: Form) -> IPv4Address:
    return IPv4Address(_exactly(octets, 4))


def _decode_nothing(octets: bytes, _: Form) -> bool:
    _exactly(octets, 0)
    return True


@memoized(MEMO)
def _decode_path(octets: bytes, form: Form) -> AsPath:
    return decode_path(octets, as4=form.as4, in_update=not form.in_rib)


def _decode_aggregator(octets: bytes, form: Form) -> Aggregator:
    width = 4 if form.as4 else 2
    _exactly(octets, width + 4)
    asn = int.from_bytes(octets[:width])
    if asn == 0 and not form.in_rib:  # RFC 7607 section 2
        raise WireError(0, expected="an AS number from 1 on", found="0")
    return Aggregator(asn, IPv4Address(octets[width:]))


def _encode_aggregator(aggregator: Aggregator, form: Form) -> bytes:
    asn = aggregator.asn if form.as4 or aggregator.asn <= 0xFFFF else AS_TRANS
    return asn.to_bytes(4 if form.as4 else 2) + aggregator.address.packed


def _require_two_octets(form: Form) -> None:
    if form.as4:
        expected = "none from a speaker with four octets per AS"
        raise WireError(0, expected=expected, found="one")


def _decode_as4_path(octets: bytes, form: Form) -> AsPath:
    _require_two_octets(form)
    if len(octets) < _LEAST_AS4_PATH:  # RFC 6793 section 6
        expected = f"{_LEAST_AS4_PATH} octets at least"
        raise WireError(0, expected=expected, found=str(len(octets)))
    return _decode_path(octets, _FOUR_OCTETS_IN_RIB if form.in_rib else _FOUR_OCTETS)


def _decode_as4_aggregator(octets: bytes, form: Form) -> Aggregator:
    _require_two_octets(form)
    return _decode_aggregator(octets, _FOUR_OCTETS_IN_RIB if form.in_rib else _FOUR_OCTETS)


@memoized(MEMO)
def _decode_communities(octets: bytes, _: Form) -> tuple[Community, ...]:
    return tuple(map(Community, _numbers(octets, 4)))


@memoized(MEMO)
def _decode_extended_communities(octets: bytes, _: Form) -> tuple[ExtendedCommunity, ...]:
    return tuple(map(ExtendedCommunity, _numbers(octets, 8)))


@memoized(MEMO)
def _decode_large_communities(octets: bytes, _: Form) -> tuple[LargeCommunity, ...]:
    mask = 0xFFFFFFFF
    return tuple(
        LargeCommunity(number >> 64, number >> 32 & mask, number & mask)
        for number in _numbers(octets, 12)
    )


def _decode_cluster_list(octets: bytes, _: Form) -> tuple[IPv4Address, ...]:
    return tuple(map(IPv4Address, _numbers(octets, 4)))


def _packed(width: int) -> Callable[[Iterable[Community | ExtendedCommunity], Form], bytes]:
    return lambda values, _: b"".join(value.number.to_bytes(width) for value in values)


_FOUR_OCTETS: Final = Form(as4=True)
_FOUR_OCTETS_IN_RIB: Final = Form(as4=True, in_rib=True)
_NUMBER: Final = (_decode_number, lambda number, _: number.to_bytes(4))
_ADDRESS: Final = (_decode_address, lambda address, _: address.packed)

CODECS: Final[dict[int, Codec]] = {
    AttributeType.ORIGIN: Codec("origin", _decode_origin, lambda origin, _: bytes((origin,))),
    AttributeType.AS_PATH: Codec(
        "as_path",
        _decode_path,
        lambda path, form: encode_path(path, as4=form.as4),
    ),
    AttributeType.NEXT_HOP: Codec("next_hop", *_ADDRESS),
    AttributeType.MULTI_EXIT_DISC: Codec("med", *_NUMBER),
    AttributeType.LOCAL_PREF: Codec("local_pref", *_NUMBER),
    AttributeType.ATOMIC_AGGREGATE: Codec(
        "atomic_aggregate", _decode_nothing, lambda _value, _form: b""
    ),
    AttributeType.AGGREGATOR: Codec("aggregator", _decode_aggregator, _encode_aggregator),
    AttributeType.COMMUNITIES: Codec("communities", _decode_communities, _packed(4)),
    AttributeType.ORIGINATOR_ID: Codec("originator_id", *_ADDRESS),
    AttributeType.CLUSTER_LIST: Codec(
        "cluster_list",
        _decode_cluster_list,
        lambda clusters, _: b"".join(each.packed for each in clusters),
    ),
    AttributeType.MP_REACH_NLRI: Codec(
        "mp_reach", decode_mp_reach, lambda reach, _: encode_mp_reach(reach)
    ),
    AttributeType.MP_UNREACH_NLRI: Codec(
        "mp_unreach", decode_mp_unreach, lambda unreach, _: encode_mp_unreach(unreach)
    ),
    AttributeType.EXTENDED_COMMUNITIES: Codec(
        "extended_communities", _decode_extended_communities, _packed(8)
    ),
    AttributeType.AS4_PATH: Codec(
        "as4_path", _decode_as4_path, lambda path, _: encode_path(path, as4=True)
    ),
    AttributeType.AS4_AGGREGATOR: Codec(
        "as4_aggregator",
        _decode_as4_aggregator,
        lambda aggregator, _: _encode_aggregator(aggregator, _FOUR_OCTETS),
    ),
    AttributeType.LARGE_COMMUNITIES: Codec(
        "large_communities",
        _decode_large_communities,
        lambda values, _: b"".join(struct.pack(">III", *value.parts) for value in values),
    ),
    AttributeType.ONLY_TO_CUSTOMER: Codec("only_to_customer", *_NUMBER),
}
