"""Hypothesis strategies for octets with wrong lengths, counts, types and address families.

A parser rejects random octets at its first check. These octets are built from valid fields, and
only some of them are wrong, so that a parser reads on and a missing check is found.
"""
# ruff: noqa: D417  # Hypothesis passes `draw`, callers do not

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from peerlint.model import MAPS_COMMUNITY
from peerlint.testing import strategies
from peerlint.wire.attributes import AttributeType, Form
from peerlint.wire.raw_types import RAW_FLAGS, RawType

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

#: Differences from the right value: mostly none.
_OFF_BY: Final = (0, 0, 0, 0, 0, 0, 0, 0, 1, -1, 2, -3)
_OCTET: Final = 0xFF
#: Values of an ATTR_SET: with and without attributes, and three malformed ones.
_ATTR_SETS: Final = tuple(
    map(bytes.fromhex, ("0000fbf4 40010100", "0000fbf4", "0000fb", "", "0000fbf4 400101"))
)


@st.composite
def path_octets(draw: DrawFn, *, as4: bool = True) -> bytes:
    """Return the value of an AS_PATH whose types, counts and members may not match."""
    width = 4 if as4 else 2
    parts: list[bytes] = []
    for _ in range(draw(st.integers(0, 4))):
        kind = draw(st.sampled_from((1, 2, 2, 2, 2, 3, 4, 1, 2, 2, 2, 2, 3, 4, 0, 5, 255)))
        asns = draw(st.lists(_members(wide=as4), max_size=4))
        count = (len(asns) + draw(st.sampled_from(_OFF_BY))) & _OCTET
        parts += (bytes((kind, count)), *(asn.to_bytes(width) for asn in asns))
    return _cut(draw, b"".join(parts))


def _members(*, wide: bool) -> SearchStrategy[int]:
    """Return AS numbers, sometimes 0, which no path may carry (RFC 7607)."""
    usual = strategies.asns(wide=wide)
    return st.one_of(usual, usual, st.sampled_from((0, 64500, 64501)))


@st.composite
def nlri_octets(draw: DrawFn, *, family: int = 4, add_path: bool = False) -> bytes:
    """Return prefixes as octets; lengths may be wrong, and bits right of them may be set."""
    parts: list[bytes] = []
    for _ in range(draw(st.integers(0, 3))):
        item = draw(strategies.nlri(family, add_path=add_path))
        if item.path_id is not None:
            parts.append(item.path_id.to_bytes(4))
        length = (item.prefix.length + draw(st.sampled_from(_OFF_BY))) & _OCTET
        octets = bytearray(item.prefix.octets)
        if octets and draw(st.booleans()):
            octets[-1] |= 1
        parts += (bytes((length,)), bytes(octets))
    return _cut(draw, b"".join(parts))


def _cut(draw: DrawFn, octets: bytes) -> bytes:
    """Return the octets, sometimes without the last one."""
    return octets[:-1] if draw(st.integers(0, 15)) == 0 else octets


def _units(size: int, likely: int) -> SearchStrategy[bytes]:
    """Return numbers of `size` octets; the length may not be a multiple of that."""
    number = st.one_of(st.just(likely), st.integers(0, (1 << 8 * size) - 1))
    numbers = st.lists(number.map(lambda value: value.to_bytes(size)), max_size=3).map(b"".join)
    return st.one_of(numbers, numbers, numbers, st.binary(max_size=2 * size + 1))


@st.composite
def _reach(draw: DrawFn, form: Form) -> bytes:
    if form.in_rib and draw(st.booleans()):
        hops = draw(st.sampled_from((0, 4, 16, 32, 16, 5)))
        return bytes(((hops + draw(st.sampled_from(_OFF_BY))) & _OCTET,)) + bytes(hops)
    hops = draw(st.sampled_from((4, 16, 32, 16, 4, 0, 5, 24)))
    length = (hops + draw(st.sampled_from(_OFF_BY))) & _OCTET
    head, family = draw(_families())
    octets = head + bytes((length,)) + bytes(hops) + b"\0"
    add_path = (family, head[2]) in form.add_path
    return _cut(draw, octets + draw(nlri_octets(family=family, add_path=add_path)))


@st.composite
def _unreach(draw: DrawFn, form: Form) -> bytes:
    head, family = draw(_families())
    add_path = (family, head[2]) in form.add_path
    return _cut(draw, head + draw(nlri_octets(family=family, add_path=add_path)))


@st.composite
def _families(draw: DrawFn) -> tuple[bytes, int]:
    family = draw(st.sampled_from((4, 6)))
    afi = draw(st.sampled_from((1, 1, 1, 1, 0, 25, 257))) if family == 4 else 2
    return struct.pack(">HB", afi, draw(st.sampled_from((1, 1, 1, 1, 2, 2, 0, 128)))), family


def _values(form: Form) -> dict[int, SearchStrategy[bytes]]:
    width = 4 if form.as4 else 2
    wanted = MAPS_COMMUNITY.number
    path = path_octets(as4=form.as4)
    return {
        AttributeType.ORIGIN: st.sampled_from((b"\0", b"\1", b"\2", b"\3", b"", b"\0\0")),
        AttributeType.AS_PATH: path,
        AttributeType.NEXT_HOP: st.sampled_from((4, 4, 4, 0, 3, 5, 16)).map(bytes),
        AttributeType.MULTI_EXIT_DISC: st.sampled_from((4, 4, 4, 3, 5, 0)).map(bytes),
        AttributeType.LOCAL_PREF: st.sampled_from((4, 3)).map(bytes),
        AttributeType.ATOMIC_AGGREGATE: st.sampled_from((b"", b"\0")),
        AttributeType.AGGREGATOR: st.tuples(
            strategies.asns(wide=form.as4).map(lambda asn: asn.to_bytes(width)),
            st.sampled_from((4, 4, 4, 3, 6)).map(bytes),
        ).map(b"".join),
        AttributeType.COMMUNITIES: _units(4, wanted),
        AttributeType.ORIGINATOR_ID: st.sampled_from((4, 3)).map(bytes),
        AttributeType.CLUSTER_LIST: st.sampled_from((4, 8, 0, 6)).map(bytes),
        AttributeType.MP_REACH_NLRI: _reach(form),
        AttributeType.MP_UNREACH_NLRI: _unreach(form),
        AttributeType.EXTENDED_COMMUNITIES: _units(8, 2 << 48 | 8075 << 32 | 8007),
        AttributeType.AS4_PATH: path_octets(),
        AttributeType.AS4_AGGREGATOR: st.sampled_from((8, 8, 8, 7, 6, 0)).map(bytes),
        AttributeType.LARGE_COMMUNITIES: _units(12, 8075 << 64 | 8007 << 32),
        AttributeType.ONLY_TO_CUSTOMER: st.sampled_from((4, 4, 4, 3, 5, 0)).map(bytes),
        RawType.IPV6_EXTENDED_COMMUNITIES: st.sampled_from((20, 40, 0, 19)).map(bytes),
        RawType.ATTR_SET: st.sampled_from(_ATTR_SETS),
        99: st.binary(max_size=4),
        200: st.binary(max_size=4),
    }


@st.composite
def attribute_octets(draw: DrawFn, form: Form, *, multiprotocol: bool = True) -> bytes:
    """Return a list of attributes, some of them malformed or repeated.

    Args:
        form: the encoding of the attributes.
        multiprotocol: whether to include MP_REACH_NLRI and MP_UNREACH_NLRI. In an UPDATE, a
            malformed one makes the whole message unreadable.
    """
    values = _values(form)
    both = (AttributeType.MP_REACH_NLRI, AttributeType.MP_UNREACH_NLRI)
    kinds = [kind for kind in values if multiprotocol or kind not in both]
    chosen = draw(st.lists(st.sampled_from((AttributeType.AS_PATH, *kinds)), max_size=6))
    parts: list[bytes] = []
    for kind in chosen:
        value = draw(values[kind])
        size = max(0, len(value) + draw(st.sampled_from((0,) * 12 + _OFF_BY)))
        flags = AttributeType(kind).flags if kind in set(AttributeType) else RAW_FLAGS
        flags ^= draw(st.sampled_from((0,) * 14 + (0x40, 0x80, 0x20)))
        if draw(st.booleans()) or size > _OCTET:
            parts.append(struct.pack(">BBH", flags | 0x10, kind, size))
        else:
            parts.append(struct.pack(">BBB", flags, kind, size))
        parts.append(value)
    return _cut(draw, b"".join(parts))
