"""Hypothesis strategies for whole dumps whose fields lie: what kernels are compared on.

Built field by field, so that a wrong count or length stands where a kernel reads on from.
"""
# Hypothesis passes `draw`, callers do not

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from peerlint.testing import lies, strategies
from peerlint.wire.attributes import Form
from peerlint.wire.mrt import MESSAGE_SUBTYPES, RIB_SUBTYPES, STATE_CHANGE_SUBTYPES

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn

#: Added to a number of a field; mostly the truth.
_OFF_BY: Final = (0,) * 40 + (1, -1, 2, 7, -9, 0x100, 0x8000)
_SECONDS: Final = 1_795_219_200
#: Types and subtypes beyond those that kernels read, one unknown.
_OTHERS: Final = ((13, 6), (13, 7), (16, 2), (16, 3), (17, 63), (12, 1), (32, 0), (99, 1), (16, 12))


def _number(draw: DrawFn, value: int, octets: int) -> bytes:
    lied: int = value + draw(st.sampled_from(_OFF_BY))
    return (lied % (1 << 8 * octets)).to_bytes(octets)


def _cut(draw: DrawFn, octets: bytes) -> bytes:
    """Return the octets, now and then shortened or with some more."""
    change = draw(st.sampled_from((0,) * 40 + (1, 2, 5, -1, -3)))
    return octets[: len(octets) - change] if change > 0 else octets + bytes(-change)


@st.composite
def peer_tables(draw: DrawFn, peers: int = 3) -> bytes:
    """Return the body of a PEER_INDEX_TABLE."""
    parts = [bytes(4), _number(draw, 2, 2), b"ab", _number(draw, peers, 2)]
    for index in range(peers):
        kind = draw(st.sampled_from((0, 1, 2, 3, 0xFE)))
        parts += (
            bytes((kind, 10, 0, 0, index + 1)),
            bytes(15 if kind & 1 else 3) + bytes((index + 1,)),
            (64500 + index).to_bytes(4 if kind & 2 else 2),
        )
    return _cut(draw, b"".join(parts))


@st.composite
def ribs(draw: DrawFn, pool: list[bytes]) -> tuple[int, bytes]:
    """Return subtype and body of a RIB record, whose attributes are some of a pool."""
    subtype = draw(st.sampled_from(sorted(RIB_SUBTYPES)))
    family, _, add_path = RIB_SUBTYPES[subtype]
    prefix = draw(strategies.prefixes(family))
    entries = draw(st.lists(st.sampled_from(pool), max_size=5))
    parts = [bytes(4), _number(draw, prefix.length, 1), prefix.octets]
    parts.append(_number(draw, len(entries), 2))
    for attributes in entries:
        parts += (_number(draw, draw(st.integers(0, 2)), 2), bytes(4))
        if add_path:
            parts.append(_number(draw, draw(st.sampled_from((0, 7, 0xFFFFFFFF))), 4))
        parts += (_number(draw, len(attributes), 2), attributes)
    return subtype, _cut(draw, b"".join(parts))


@st.composite
def updates(draw: DrawFn, form: Form) -> bytes:
    """Return the body of an UPDATE."""
    add_path = bool(form.add_path)
    both = draw(st.booleans())
    attributes = draw(lies.attribute_octets(form, multiprotocol=both))
    withdrawn, nlri = (draw(lies.nlri_octets(add_path=add_path)) for _ in range(2))
    sizes = (_number(draw, len(withdrawn), 2), _number(draw, len(attributes), 2))
    return _cut(draw, b"".join((sizes[0], withdrawn, sizes[1], attributes, nlri)))


@st.composite
def messages(draw: DrawFn) -> tuple[int, bytes]:
    """Return subtype and body of a BGP4MP record with a message, or with a change of state."""
    subtype = draw(st.sampled_from((*sorted(MESSAGE_SUBTYPES), *sorted(STATE_CHANGE_SUBTYPES))))
    as4, _, add_path = MESSAGE_SUBTYPES.get(subtype, (subtype == 5, False, False))
    width = 4 if as4 else 2
    asns = draw(st.sampled_from((64500, 64501))).to_bytes(width) + (8075).to_bytes(width)
    family = draw(st.sampled_from((1, 2)))
    ends = bytes(3 if family == 1 else 15)
    addresses = ends + bytes((draw(st.integers(1, 2)),)) + ends + b"\x09"
    head = asns + bytes(2) + _number(draw, family, 2) + addresses
    if draw(st.integers(0, 15)) == 0:
        head = asns  # as an old Zebra wrote it
    if subtype in STATE_CHANGE_SUBTYPES:
        return subtype, _cut(draw, head + struct.pack(">HH", draw(st.integers(1, 6)), 6))
    kind = draw(st.sampled_from((2,) * 12 + (0, 1, 3, 4, 5, 6)))
    body = draw(updates(Form(as4, add_path=add_path))) if kind == 2 else b""
    marker = b"\xff" * 15 + draw(st.sampled_from((b"\xff",) * 15 + (b"\xfe",)))
    message = marker + _number(draw, 19 + len(body), 2) + bytes((kind,)) + body
    return subtype, _cut(draw, head + message)


@st.composite
def dumps(draw: DrawFn) -> bytes:
    """Return a dump: peer tables, RIB records, messages and others, of which some lie."""
    parts: list[bytes] = []
    pool = draw(st.lists(lies.attribute_octets(Form(in_rib=True)), min_size=1, max_size=4))
    for index in range(draw(st.integers(1, 6))):
        what = draw(st.sampled_from(("table", "rib", "rib", "message", "message", "other")))
        if index == 0 and draw(st.booleans()):
            what = "table"
        if what == "table":
            kind, subtype, body = 13, 1, draw(peer_tables())
        elif what == "rib":
            kind, (subtype, body) = 13, draw(ribs(pool))
        elif what == "message":
            kind, (subtype, body) = draw(st.sampled_from((16, 17))), draw(messages())
        else:
            (kind, subtype), body = draw(st.sampled_from(_OTHERS)), bytes(3)
        if kind == 17:
            body = draw(st.sampled_from((7, 999_999, 0xFFFFFFFF))).to_bytes(4) + body
        parts += (struct.pack(">IHH", _SECONDS, kind, subtype), _number(draw, len(body), 4), body)
    return _cut(draw, b"".join(parts))
