"""Two-octet sources: the kernel merges AS4_PATH as the model does (paths#two-octet-paths)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.model import AsPath, Criteria, Fact, Prefix, Route, Segment, SegmentType, Viewpoint
from peerlint.testing import strategies
from peerlint.testing.dumps import FeedSession, UpdateDump
from peerlint.wire.attributes import Aggregator, Attributes, Form, encode_attributes
from peerlint.wire.bgp import MessageType, encode_message
from peerlint.wire.nlri import Nlri

Read = Callable[..., Any]
FactsOf = Callable[[Route, Viewpoint, Criteria], tuple[Fact, int, int]]

SESSION = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075, as4=False)
NLRI = Nlri(Prefix.parse("203.0.113.0/24"))
RECEIVED = Viewpoint("received", 64500)
LAB = Criteria(allow={"documentation"})
#: What an UPDATE has to have besides a path.
MANDATORY = Attributes(origin=0, next_hop=IPv4Address("192.0.2.1"))


def message(attributes: Attributes) -> bytes:
    """Return a dump of one UPDATE in two octets."""
    octets = encode_attributes(attributes, Form(as4=False))
    body = bytes(2) + len(octets).to_bytes(2) + octets + b"\x18\xcb\x00\x71"
    return UpdateDump().message(SESSION, encode_message(MessageType.UPDATE, body)).octets()


def aggregator(asn: int | None) -> Aggregator | None:
    """Return an aggregator of that AS."""
    return None if asn is None else Aggregator(asn, IPv4Address("192.0.2.9"))


@pytest.mark.parametrize(
    ("path", "as4_path", "old", "new", "length", "origin", "bits"),
    [
        # AS_PATH, AS4_PATH, ASes of AGGREGATOR and AS4_AGGREGATOR; P is AS64500.
        ("64500 23456 23456", "200001 200002", None, None, 3, 200002, Fact(0)),
        ("64500 64501 23456", "200001", None, None, 3, 200001, Fact(0)),
        ("64500 23456", "1 2 200001", None, None, 2, 23456, Fact.BOGON_ASN),
        ("64500 23456", "64500 200001", None, None, 2, 200001, Fact(0)),
        ("64500 23456", "64500 200001", 64501, None, 2, 200001, Fact(0)),
        ("64500 23456", "64500 200001", None, 200001, 2, 200001, Fact(0)),
        ("64500 23456", "64500 200001", 23456, 200001, 2, 200001, Fact(0)),
        ("64500 23456", "64500 200001", 64501, 200001, 2, 23456, Fact.BOGON_ASN),
        ("64500 {64501} 23456", "200001", None, None, 3, 200001, Fact.AS_SET),
        ("(64501) 64500 23456", "64500 200001", None, None, 2, 200001, Fact.CONFED),
        ("64500 (64501) 23456", "200001", None, None, 2, 200001, Fact.CONFED),
        ("64500 (64501) 23456", "64500 200001", None, None, 2, 200001, Fact(0)),
        ("64500 23456", "(64501) 200001", None, None, 2, 200001, Fact(0)),
        ("64500 64501 64502 23456", "200001", None, None, 4, 200001, Fact.LONG_PATH),
    ],
)
def test_examples(
    read: Read,
    path: str,
    as4_path: str,
    old: int | None,
    new: int | None,
    length: int,
    origin: int,
    bits: Fact,
) -> None:
    """Each example of paths#two-octet-paths has its length, origin and facts in the kernel."""
    said = attrs.evolve(
        MANDATORY,
        as_path=AsPath.parse(path),
        as4_path=AsPath.parse(as4_path),
        aggregator=aggregator(old),
        as4_aggregator=aggregator(new),
    )

    assert [(bits, length, origin)] == read(message(said), RECEIVED, LAB).route_facts


@st.composite
def merges(draw: st.DrawFn) -> Attributes:
    """Return a path with an AS4_PATH that fits its end, its sequences cut anywhere."""
    path = draw(strategies.paths())
    kept: list[Segment] = []
    skipped = draw(st.integers(0, 3))
    for segment in path.segments:
        asns = segment.asns
        if segment.type is SegmentType.AS_SEQUENCE:
            asns, skipped = asns[skipped:], max(0, skipped - len(asns))
        elif skipped and segment.type is SegmentType.AS_SET:
            asns, skipped = (), skipped - 1
        if asns:
            kept.append(Segment(segment.type, asns))
    asns = st.one_of(st.none(), st.sampled_from((23456, 64501)))
    return attrs.evolve(
        MANDATORY,
        as_path=path,
        as4_path=AsPath(tuple(kept)),
        aggregator=aggregator(draw(asns)),
        as4_aggregator=aggregator(draw(asns)),
    )


@given(merges(), strategies.viewpoints())
def test_merges_as_the_model(
    read: Read, facts_of: FactsOf, attributes: Attributes, viewpoint: Viewpoint
) -> None:
    """An AS4_PATH that fits its path gives the route and the row that the model gives."""
    narrow = tuple(
        attrs.evolve(one, asns=tuple(asn if asn <= 0xFFFF else 23456 for asn in one.asns))
        for one in (attributes.as_path or AsPath()).segments
    )
    route = attrs.evolve(attributes, as_path=AsPath(narrow)).route(NLRI)

    found = read(message(attributes), viewpoint, LAB)

    assert [route] == found.routes
    assert [facts_of(route, viewpoint, LAB)] == found.route_facts
