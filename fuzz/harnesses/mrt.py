"""Whole MRT streams: the reader, the output of every record, and the fast path."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

import attrs

from fuzz.harnesses._laws import agree, attributes_hold, in_order
from peerlint.bulk import DumpReader, Quality
from peerlint.elements import bgpdump_line, element_data, elements_of
from peerlint.model import Criteria, Viewpoint
from peerlint.wire.attributes import Attributes, Form
from peerlint.wire.mrt import Bgp4mpEntry, Body, Rib, TableDump, decode_body, encode_body
from peerlint.wire.reader import Reader

_IN_RIB: Final = Form(in_rib=True)
_IN_RIB_AS2: Final = Form(as4=False, in_rib=True)
_VIEWPOINT: Final = Viewpoint("received", 64500)
_CRITERIA: Final = Criteria(allow={"documentation"})


def check_mrt(octets: bytes) -> None:
    """Read the stream after the first octet, which is the size of its chunks; 0 means one chunk.

    Raises:
        AssertionError: octets are counted twice or not at all, the size of chunks changes the
            result, or a record does not survive encoding and decoding.
    """
    size, stream = int.from_bytes(octets[:1]), octets[1:]
    reader, records = Reader(_chunks(stream, size), source="fuzz"), 0
    for record in reader:
        records += 1
        _body_holds(record.body)
        for element in elements_of(record):
            line = bgpdump_line(element)
            agree("lines of an element", [line], line.splitlines())
            json.dumps(element_data(element), allow_nan=False)
    _all_counted(reader.quality, stream)
    whole = Reader([stream], source="fuzz")
    agree("records in one page", records, sum(1 for _ in whole))
    agree("quality in one page", whole.quality, reader.quality)
    dump = DumpReader(
        _chunks(stream, size),
        source="fuzz",
        viewpoint=lambda _: _VIEWPOINT,
        criteria=_CRITERIA,
    )
    rows = sum(len(batch.routes()) for batch in dump)
    _all_counted(dump.quality, stream)
    agree("entries that have a row", expected=True, actual=rows <= dump.quality.entries)


def _chunks(stream: bytes, size: int) -> Iterator[bytes]:
    step = size or max(1, len(stream))
    return (stream[at : at + step] for at in range(0, len(stream), step))


def _all_counted(quality: Quality, stream: bytes) -> None:
    agree("octets passed", len(stream), quality.octets)
    counts = (quality.read, quality.skipped, quality.lost)
    agree("read, skipped and lost", quality.octets, sum(counts))
    agree("no count below 0", expected=True, actual=min(counts) >= 0)
    # Damage without lost octets is a record with a wrong length: the next one starts inside it.
    agree("lost octets are damage", expected=True, actual=quality.damages > 0 or not quality.lost)


def _body_holds(body: Body) -> None:
    """Check that a body survives encoding and decoding, unless it has faults."""
    expected, lists = body, _attributes_of(body)
    for attributes, form in lists:
        attributes_hold(attributes, form)
    kind, subtype, octets = encode_body(body)
    if any(attributes.faults for attributes, _ in lists):
        return
    if isinstance(body, Rib):
        entries = (
            attrs.evolve(entry, attributes=in_order(entry.attributes)) for entry in body.entries
        )
        expected = attrs.evolve(body, entries=tuple(entries))
    elif isinstance(body, TableDump):
        more = (attrs.evolve(each, attributes=in_order(each.attributes)) for each in body.more)
        expected = attrs.evolve(body, attributes=in_order(body.attributes), more=tuple(more))
    elif isinstance(body, Bgp4mpEntry):
        expected = attrs.evolve(body, attributes=in_order(body.attributes))
    agree("a body read back", expected, decode_body(kind, subtype, octets))


def _attributes_of(body: Body) -> list[tuple[Attributes, Form]]:
    if isinstance(body, Rib):
        return [(entry.attributes, _IN_RIB) for entry in body.entries]
    if isinstance(body, TableDump):
        return [(entry.attributes, _IN_RIB_AS2) for entry in body]
    if isinstance(body, Bgp4mpEntry):
        return [(body.attributes, _IN_RIB_AS2)]
    return []
