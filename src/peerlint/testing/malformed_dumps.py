"""Hypothesis strategies for whole dumps with some wrong fields, to compare the kernels.

A dump is built from fields, and then a few of its numbers are changed. So a count or a length is
wrong where a kernel reads on, and everything else can still be read.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Final

from hypothesis import strategies as st

from peerlint.model import Prefix
from peerlint.testing import malformed, strategies
from peerlint.wire.attribute_types import RawAttribute
from peerlint.wire.attributes import Form, encode_attribute, encode_attributes
from peerlint.wire.mrt import MESSAGE_SUBTYPES, RIB_SUBTYPES, STATE_CHANGE_SUBTYPES
from peerlint.wire.nlri import encode_nlri

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy

#: Prefixes that occur often, so that a prefix filter matches them.
PREFIXES: Final = tuple(
    map(
        Prefix.parse,
        (
            "0.0.0.0/0",
            "203.0.113.0/24",
            "203.0.113.128/25",
            "203.0.113.255/32",
            "::/0",
            "2001:db8::/32",
            "2001:db8::1/128",
        ),
    )
)
#: Differences from the right value of a number.
_OFF_BY: Final = (1, -1, 2, 7, -9, 0x100, 0x8000)
_SECONDS: Final = 1_795_219_200
_MARKER: Final = b"\xff" * 16
#: Bodies of messages other than UPDATE: an OPEN, the others, and invalid ones.
_BODIES: Final = (
    bytes.fromhex("04 fbf4 00b4 c0000201 00"),
    bytes.fromhex("04 fbf4 00b4 c0000201 08 02 06 41 04 0000fbf4"),
    b"",
    b"",
    b"\x06",
    b"\x06\x02",
    b"\0\x01\0\x01",
)
#: AS numbers of a session: the peer's and the router's own. Equal ones make an internal session,
#: except AS_TRANS and AS 0.
_ASNS: Final = (
    *((64500, 8075), (64501, 8075), (64500, 8075)),
    *((64500, 64500), (64501, 64501), (23456, 23456), (0, 0)),
)
#: Types and subtypes that the kernels do not read, one of them unknown.
_OTHERS: Final = ((13, 6), (13, 7), (16, 2), (16, 3), (17, 63), (12, 3), (33, 0), (99, 1), (16, 12))

#: A field: octets, or a number that other fields depend on as (value, width in octets).
_Field = bytes | tuple[int, int]


def _plain(fields: list[_Field]) -> bytes:
    return b"".join(
        field if isinstance(field, bytes) else field[0].to_bytes(field[1]) for field in fields
    )


def _attributes(form: Form) -> SearchStrategy[bytes]:
    valid = strategies.attributes(form).map(lambda each: encode_attributes(each, form))
    return st.one_of(valid, valid, malformed.attribute_octets(form), _paths(form))


@st.composite
def _paths(draw: DrawFn, form: Form) -> bytes:
    """Return attributes with a malformed path, and those that are merged into two-octet paths."""
    width = 4 if form.as4 else 2
    aggregator = draw(st.sampled_from((23456, 64500, 0))).to_bytes(width) + bytes(4)
    raws = [
        RawAttribute(0x40, 1, b"\0"),
        RawAttribute(0x40, 2, draw(malformed.path_octets(as4=form.as4))),
        RawAttribute(0xC0, 7, aggregator),
        RawAttribute(0xC0, 17, draw(malformed.path_octets())),
        RawAttribute(0xC0, 18, draw(st.sampled_from((64501, 64501, 0))).to_bytes(4) + bytes(4)),
    ]
    kept = raws[:2] + [raw for raw in raws[2:] if draw(st.booleans())]
    if draw(st.integers(0, 3)) == 3:  # the first of its type counts
        kept.append(RawAttribute(0x40, 2, draw(malformed.path_octets(as4=form.as4))))
    return b"".join(map(encode_attribute, kept))


def _peer_table(draw: DrawFn) -> list[_Field]:
    fields: list[_Field] = [bytes(4), (2, 2), b"ab", (3, 2)]
    for index in range(3):
        kind = draw(st.sampled_from((0, 1, 2, 3, 0xFE)))
        fields += [
            bytes((kind, 10, 0, 0, index + 1)),
            bytes(15 if kind & 1 else 3) + bytes((index + 1,)),
            (64500 + index).to_bytes(4 if kind & 2 else 2),
        ]
    return fields


def _rib(draw: DrawFn, subtype: int, pool: list[bytes]) -> list[_Field]:
    family, _, add_path = RIB_SUBTYPES[subtype]
    known = [prefix for prefix in PREFIXES if prefix.family == family]
    prefix = draw(st.one_of(strategies.prefixes(family), st.sampled_from(known)))
    entries = draw(
        st.lists(st.tuples(st.integers(0, 2), st.sampled_from(pool)), min_size=1, max_size=5)
    )
    octets = bytearray(prefix.octets)
    if octets and draw(st.booleans()):
        octets[-1] |= 1  # mostly right of the length, where bits do not count
    fields: list[_Field] = [bytes(4), (prefix.length, 1), bytes(octets), (len(entries), 2)]
    for peer, attributes in entries:
        fields += [(peer, 2), bytes(4)]
        if add_path:
            fields.append((draw(st.sampled_from((0, 7, 0xFFFFFFFF))), 4))
        fields += [(len(attributes), 2), attributes]
    return fields


def _table_dump(draw: DrawFn, subtype: int) -> list[_Field]:
    family, width = (4, 4) if subtype == 1 else (6, 16)
    known = [prefix for prefix in PREFIXES if prefix.family == family]
    view, sequence = draw(st.sampled_from((0, 0, 1))), draw(st.sampled_from((0, 1, 2, 3, 0xFFFF)))
    fields: list[_Field] = [(view, 2), (sequence, 2)]
    for _ in range(draw(st.sampled_from((1, 1, 1, 2, 3)))):
        prefix = draw(st.one_of(strategies.prefixes(family), st.sampled_from(known)))
        octets = bytearray(prefix.octets.ljust(width, b"\0"))
        octets[-1] |= draw(st.sampled_from((0, 0, 1)))  # mostly right of the length
        attributes = draw(_attributes(Form(as4=False, in_rib=True)))
        peer = bytes(width - 1) + bytes((draw(st.integers(1, 2)),))
        asn = draw(st.sampled_from((64500, 64501, 23456))).to_bytes(2)
        fields += [bytes(octets), (prefix.length, 1), bytes(5), peer, asn]
        fields += [(len(attributes), 2), attributes]
    return fields


def _update(draw: DrawFn, form: Form) -> list[_Field]:
    attributes = draw(_attributes(form))
    add_path = bool(form.add_path)
    items = st.one_of(
        st.lists(strategies.nlri(4, add_path=add_path), max_size=3).map(encode_nlri),
        malformed.nlri_octets(add_path=add_path),
    )
    withdrawn, nlri = draw(items), draw(items)
    return [(len(withdrawn), 2), withdrawn, (len(attributes), 2), attributes, nlri]


def _message(draw: DrawFn, subtype: int) -> list[_Field]:
    as4, _, add_path = MESSAGE_SUBTYPES.get(subtype, (subtype == 5, False, False))
    width = 4 if as4 else 2
    asns = b"".join(each.to_bytes(width) for each in draw(st.sampled_from(_ASNS)))
    family = draw(st.sampled_from((1, 2)))
    first = bytes(3 if family == 1 else 15)
    addresses = first + bytes((draw(st.integers(1, 2)),)) + first + b"\x09"
    head: list[_Field] = [asns, bytes(2), (family, 2), addresses]
    if draw(st.integers(0, 9)) == 9:
        head = [asns]  # as old versions of Zebra write it
    if subtype in STATE_CHANGE_SUBTYPES:
        return [*head, bytes(2), (draw(st.integers(1, 6)), 2)]
    # FRR before 8 writes path identifiers into records whose subtype denies them.
    form = Form(as4, add_path=add_path or draw(st.integers(0, 4)) == 4)
    return [*head, *_bgp(draw, form)]


def _bgp(draw: DrawFn, form: Form) -> list[_Field]:
    """Return a message, sometimes cut off by its writer, or with octets or a message after it."""
    kind = draw(st.sampled_from((2, 2, 2, 2, 2, 2, 1, 3, 4, 5, 6)))
    body: list[_Field] = [draw(st.sampled_from(_BODIES))]
    if kind == 2:
        body = _update(draw, form)
    fields: list[_Field] = [_MARKER, (19 + len(_plain(body)), 2), (kind, 1), *body]
    what = draw(st.sampled_from(("whole",) * 6 + ("cut", "cut", "octets", "another")))
    if what == "cut":
        octets = _plain(fields)
        return [octets[: max(19, len(octets) - draw(st.integers(1, 40)))]]
    if what == "octets":
        return [*fields, draw(st.binary(min_size=1, max_size=20))]
    return [*fields, *_bgp(draw, form)] if what == "another" else fields


def _unread(draw: DrawFn, pool: list[bytes]) -> tuple[int, int, list[_Field]]:
    """Return a record that `dump` reads, but no other command."""
    kind = draw(st.sampled_from(("generic", "generic", "geo", "entry", "snapshot")))
    afi, safi = draw(st.sampled_from(((1, 1), (1, 1), (2, 1), (1, 2), (1, 128), (25, 70))))
    family: list[_Field] = [(afi, 2), (safi, 1)]
    if kind == "generic":
        add_path = draw(st.booleans())
        sequence, *fields = _rib(
            draw, (10 if afi == 2 else 8) if add_path else 2 * min(afi, 2), pool
        )
        return 13, 12 if add_path else 6, [sequence, *family, *fields]
    if kind == "geo":
        peer: list[_Field] = [(draw(st.sampled_from((2, 3, 0))), 1), bytes(12), bytes(8)]
        return 13, 7, [bytes(4), (1, 2), b"a", bytes(8), (2, 2), *peer, *peer]
    if kind == "snapshot":
        return 16, 3, [bytes(2), b"/table", (0, 1)]
    head: list[_Field] = [bytes(6), (1, 2), bytes(8)]
    attributes = draw(st.sampled_from(pool))
    nlri: list[_Field] = [(4, 1), bytes(4), (24, 1), b"\xcb\0\x71"]
    return 16, 2, [*head, bytes(8), *family, *nlri, (len(attributes), 2), attributes]


def _record(draw: DrawFn, what: str, pool: list[bytes]) -> list[_Field]:
    if what == "table":
        kind, subtype, body = 13, 1, _peer_table(draw)
    elif what == "rib":
        kind, subtype = 13, draw(st.sampled_from(sorted(RIB_SUBTYPES)))
        body = _rib(draw, subtype, pool)
    elif what == "table dump":
        kind, subtype = 12, draw(st.sampled_from((1, 2)))
        body = _table_dump(draw, subtype)
    elif what == "message":
        subtypes = (*sorted(MESSAGE_SUBTYPES), *sorted(STATE_CHANGE_SUBTYPES))
        kind, subtype = draw(st.sampled_from((16, 17))), draw(st.sampled_from(subtypes))
        body = _message(draw, subtype)
    elif what == "unread":
        kind, subtype, body = _unread(draw, pool)
    else:
        (kind, subtype), body = draw(st.sampled_from(_OTHERS)), [bytes(3)]
    if kind == 17:
        body = [draw(st.sampled_from((7, 999_999, 0xFFFFFFFF))).to_bytes(4), *body]
    seconds = _SECONDS + draw(st.sampled_from((0, 0, 0, 1, 61, -1)))
    return [struct.pack(">IHH", seconds, kind, subtype), (len(_plain(body)), 4), *body]


@st.composite
def dumps(draw: DrawFn) -> bytes:
    """Return a dump of peer tables, RIB records, messages and others, some of them malformed."""
    pool = draw(st.lists(_attributes(Form(in_rib=True)), min_size=1, max_size=4))
    kinds = st.sampled_from(
        (
            *("rib", "rib", "rib", "message", "message", "message"),
            *("table", "table dump", "unread", "other"),
        )
    )
    first = draw(st.sampled_from(("table", "table", "message", "rib", "table dump")))
    fields = [
        field
        for what in (first, *draw(st.lists(kinds, min_size=1, max_size=6)))
        for field in _record(draw, what, pool)
    ]
    numbers = [index for index, field in enumerate(fields) if not isinstance(field, bytes)]
    for index in draw(st.lists(st.sampled_from(numbers), max_size=2)):
        field = fields[index]
        if not isinstance(field, bytes):
            value = field[0] + draw(st.sampled_from(_OFF_BY))
            fields[index] = value % (1 << 8 * field[1]), field[1]
    octets = _plain(fields)
    return octets[: len(octets) - draw(st.sampled_from((0, 0, 0, 1, 20)))]
