"""What of a dump is asked for: watched space, tagged rows, peers; and what is counted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.bulk import PrefixFilter
from peerlint.model import Fact, Prefix, Route, Viewpoint
from peerlint.testing import malformed, strategies
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump
from peerlint.wire.attributes import Attributes, Form, MpUnreach
from peerlint.wire.bgp import Update
from peerlint.wire.mrt import MrtType

Read = Callable[..., Any]
SESSION = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)
SIX = FeedSession("2001:db8::1", 64500, "2001:db8::2", 8075)


@pytest.mark.parametrize(
    ("watched", "prefix", "expected", "why"),
    [
        ("203.0.113.0/24", "203.0.113.0/24", True, "equal"),
        ("203.0.113.0/24", "203.0.113.0/25", True, "inside"),
        ("203.0.113.0/24", "203.0.112.0/23", True, "around: covering-only (paths#exact-match)"),
        ("203.0.113.0/24", "0.0.0.0/0", True, "around everything"),
        ("203.0.113.0/24", "203.0.112.0/24", False, "beside"),
        ("203.0.113.0/24", "203.0.114.0/24", False, "beside"),
        ("203.0.113.0/24", "::/0", False, "another family"),
        ("203.0.113.0/25 203.0.113.128/25", "203.0.113.0/24", True, "both halves"),
        ("198.51.100.0/24 203.0.113.0/24", "201.0.0.0/24", False, "between two"),
        ("0.0.0.0/0", "192.0.2.0/24", True, "everything is watched"),
        ("2001:db8::/32", "2001:db8:1::/48", True, "IPv6"),
        ("", "203.0.113.0/24", False, "nothing is watched"),
    ],
)
def test_watched_space(read: Read, watched: str, prefix: str, why: str, *, expected: bool) -> None:
    """Rows are kept that overlap the watched space in either direction."""
    watch = PrefixFilter.of(map(Prefix.parse, watched.split()))
    rib = RibDump()
    line = f"{prefix} path 64500 next-hop {'2001:db8::1' if ':' in prefix else '192.0.2.1'}"
    rib.routes(rib.peer("192.0.2.1", 64500), line)

    for octets in (rib.octets(), UpdateDump().announce(SESSION, line).octets()):
        assert int(expected) == len(read(octets, prefix_filter=watch).rows), why


@given(st.lists(strategies.prefixes(), max_size=6), st.lists(strategies.prefixes(), max_size=6))
def test_watch_against_brute_force(watched: list[Prefix], asked: list[Prefix]) -> None:
    """A watch overlaps what some prefix of it overlaps, adjacent prefixes or not."""
    watch = PrefixFilter.of(watched)
    for prefix in (*asked, *watched):
        expected = any(each.overlaps(prefix) for each in watched)

        assert expected == watch.overlaps(prefix.family, prefix.first, prefix.last)


@given(
    st.lists(strategies.routes(), max_size=6),
    st.lists(strategies.prefixes(), max_size=2),
    st.booleans(),
    st.booleans(),
)
def test_rows_kept_are_those_that_overlap(
    read: Read,
    routes: list[Route],
    watched: list[Prefix],
    tagged_too: bool,
    in_rib: bool,
) -> None:
    """A watch leaves rows out and changes none; `tagged_too` keeps those with the community."""
    if in_rib:
        rib = RibDump()
        octets = rib.routes(rib.peer("192.0.2.1", 64500), *routes).octets()
    else:
        octets = UpdateDump().announce(SIX, *routes).octets()
    whole = read(octets)

    found = read(octets, prefix_filter=PrefixFilter.of(watched), tagged_too=tagged_too)

    kept = [
        any(prefix.overlaps(route.prefix) for prefix in watched)
        or (tagged_too and Fact.TAGGED in judged[0])
        for route, judged in zip(whole.routes, whole.route_facts, strict=True)
    ]
    expected = [row for row, keep in zip(whole.rows.tolist(), kept, strict=True) if keep]
    assert expected == found.rows.tolist()
    assert whole.quality.octets == found.quality.read
    assert whole.quality.entries == found.quality.entries
    if tagged_too or not in_rib:
        assert whole.counts == found.counts


@pytest.mark.parametrize("tagged_too", [False, True])
def test_damage_outside_the_watched_space_is_found(read: Read, tagged_too: bool) -> None:
    """What is asked for does not change what is lost, nor how many entries there are."""
    rib = RibDump()
    peer = rib.peer("192.0.2.1", 64500)
    rib.routes(peer, "203.0.113.0/24 path 64500", "198.51.100.0/24 path 64500")
    rib.entry(7, "198.51.100.0/24", b"").routes(peer, "192.0.2.0/24 path 64500")
    two_of_one = bytes.fromhex("00000009 18 c63364 0002 0000 65000000 0000")
    octets = rib.record(MrtType.TABLE_DUMP_V2, 2, two_of_one).octets()
    watch = PrefixFilter.of([Prefix.parse("192.0.2.0/24")])

    whole, found = read(octets), read(octets, prefix_filter=watch, tagged_too=tagged_too)

    assert whole.quality == found.quality
    assert ["7", "0 octets to the end of the record"] == [
        each.found for each in found.quality.damage
    ]


TAG, OTHER = "1f8b1f47", "fbf40001"
PATH = "4002060201 0000fbf4"


@pytest.mark.parametrize(
    ("octets", "expected", "why"),
    [
        (PATH + "c00804" + TAG, 1, "the last attribute"),
        ("c00804" + TAG + PATH, 1, "the first attribute"),
        (PATH + "d0080004" + TAG, 1, "a length of two octets"),
        ("d0630100" + "ff" * 256 + PATH + "c00804" + TAG, 1, "behind 256 octets"),
        (PATH + "d0080200" + OTHER * 127 + TAG, 1, "the last of 128"),
        (PATH + "c00808" + OTHER + "1f471f8b", 0, "swapped"),
        (PATH + "c02004" + TAG, 0, "another attribute"),
        (PATH + "c00804" + OTHER + "c00804" + TAG, 0, "the first COMMUNITIES counts"),
        (PATH + "c00808" + TAG, 0, "over the end"),
        (PATH, 0, "none"),
    ],
)
def test_tagged_rows_are_found_in_any_list(
    read: Read, octets: str, expected: int, why: str
) -> None:
    """Outside the watched space a row is kept if COMMUNITIES has the community, wherever."""
    rib = RibDump()
    rib.entry(rib.peer("192.0.2.1", 64500), "203.0.113.0/24", bytes.fromhex(octets))

    found = read(rib.octets(), prefix_filter=PrefixFilter.of([]), tagged_too=True)

    assert expected == len(found.rows), why
    assert [expected] == [count.tagged for count in found.counts]


@given(st.lists(malformed.attribute_octets(Form(in_rib=True)), max_size=5))
def test_tagged_rows_of_lists_that_lie(read: Read, lists: list[bytes]) -> None:
    """Every tagged row is kept; of the others only malformed ones that may have been tagged."""
    rib = RibDump()
    peer = rib.peer("192.0.2.1", 64500)
    for octets in lists:
        rib.entry(peer, "203.0.113.0/24", octets)
    whole = [bits for bits, _, _ in read(rib.octets()).route_facts if Fact.TAGGED in bits]

    found = [
        bits
        for bits, _, _ in read(
            rib.octets(), prefix_filter=PrefixFilter.of([]), tagged_too=True
        ).route_facts
    ]

    assert whole == [bits for bits in found if Fact.TAGGED in bits]
    assert all(bits & (Fact.TAGGED | Fact.MALFORMED) for bits in found)


def test_withdrawals_are_kept_with_tagged_rows(read: Read) -> None:
    """A withdrawal may be of a route that was tagged before: it is kept with `tagged_too`."""
    octets = UpdateDump().withdraw(SESSION, "198.51.100.0/24", "203.0.113.0/24").octets()
    watch = PrefixFilter.of([Prefix.parse("203.0.113.0/24")])

    assert len(read(octets, prefix_filter=watch).rows) == 1
    assert len(read(octets, prefix_filter=watch, tagged_too=True).rows) == 2


def test_counts_by_peer(read: Read) -> None:
    """Entries, tagged and IPv6 routes are counted for each peer, asked for or not."""
    rib = RibDump()
    one, other, silent = (rib.peer(f"192.0.2.{n}", 64500 + n) for n in (1, 2, 3))
    rib.routes(
        one,
        "203.0.113.0/24 path 64501 community 8075:8007",
        "198.51.100.0/24 path 64501",
        "2001:db8::/32 path 64501 community 8075:8007",
    )
    rib.routes(other, "203.0.113.0/24 path 64502 community 8075:8007")

    found = read(
        rib.octets(),
        lambda peer: None if peer.peer.asn == 64502 else Viewpoint("received", peer.peer.asn),
    )

    assert [(3, 2, 1), (1, 0, 0), (0, 0, 0)] == [
        (count.entries, count.tagged, count.ipv6) for count in found.counts
    ]
    assert [64501, 64502, 64503] == [count.peer.peer.asn for count in found.counts]
    assert {0} == set(found.column("peer"))
    assert silent == 2
    assert (3, 4) == (len(found.rows), found.quality.entries)


def test_each_peer_has_its_viewpoint(read: Read) -> None:
    """The same path is read from each peer's own viewpoint."""
    rib = RibDump()
    for n in (1, 2):
        rib.routes(rib.peer(f"192.0.2.{n}", 64500 + n), "203.0.113.0/24 path 64501 64502")

    found = read(
        rib.octets(), lambda p: Viewpoint("received" if p.peer.asn == 64501 else "loc-rib", 64501)
    )

    assert [(Fact(0), 2, 64502), (Fact.PREPENDED, 3, 64502)] == found.route_facts


def test_sessions_of_a_feed(read: Read) -> None:
    """Address, AS number, this side's AS number and direction tell sessions apart."""
    sessions = [
        SESSION,
        attrs.evolve(SESSION, sent=True),
        attrs.evolve(SESSION, local_asn=64510),
        attrs.evolve(SESSION, peer_asn=64501),
        SIX,
    ]
    dump = UpdateDump()
    for session in (*sessions, *sessions):
        dump.announce(session, "203.0.113.0/24 path 64500")

    found = read(dump.octets())

    assert [0, 1, 2, 3, 4, 0, 1, 2, 3, 4] == found.column("peer")
    assert [(each.peer, each.peer_asn, each.local_asn, each.sent) for each in sessions] == [
        (count.peer.peer.address, count.peer.peer.asn, count.peer.local_asn, count.peer.sent)
        for count in found.counts
    ]
    assert [2] * 5 == [count.entries for count in found.counts]


@pytest.mark.parametrize(
    ("write", "opened", "ended", "why"),
    [
        (lambda dump: dump.announce(SESSION, "192.0.2.0/24 path 64500"), False, (), "a route"),
        (lambda dump: dump.open(SESSION), True, (), "RFC 4271 section 4.2"),
        (lambda dump: dump.state_change(SESSION, 5, 6), True, (), "RFC 6396 section 4.4.1"),
        (lambda dump: dump.state_change(SESSION, 6, 1), False, (), "down, not up"),
        (lambda dump: dump.state_change(SESSION, 4, 5), False, (), "not yet up"),
        (lambda dump: dump.end_of_rib(SESSION), False, (4,), "RFC 4724 section 2"),
        (lambda dump: dump.end_of_rib(SESSION, 6), False, (6,), "RFC 4724 section 2"),
        (lambda dump: dump.end_of_rib(SESSION, 6).end_of_rib(SESSION), False, (4, 6), "both"),
        (
            lambda dump: dump.update(SESSION, Update((), Attributes(mp_unreach=MpUnreach(4, 1)))),
            False,
            (4,),
            "IPv4 in MP_UNREACH_NLRI",
        ),
        (
            lambda dump: dump.update(SESSION, Update((), Attributes(mp_unreach=MpUnreach(4, 2)))),
            False,
            (),
            "IPv4 multicast has a table of its own",
        ),
        (lambda dump: dump.withdraw(SESSION, "192.0.2.0/24"), False, (), "a withdrawal"),
        (
            lambda dump: dump.update(SESSION, Update((), Attributes(origin=0))),
            False,
            (),
            "attributes without prefixes are no End-of-RIB",
        ),
    ],
)
def test_start_and_end_of_a_table(
    read: Read,
    write: Callable[[UpdateDump], UpdateDump],
    ended: tuple[int, ...],
    why: str,
    *,
    opened: bool,
) -> None:
    """A feed shows whether a session came up and which tables it has sent whole."""
    (count,) = read(write(UpdateDump()).octets()).counts

    assert (opened, ended) == (count.opened, count.ended), why
