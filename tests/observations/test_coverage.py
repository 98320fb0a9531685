"""The sources that dumps of every kind yield for each session, and several dumps together."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Final

import pytest

from peerlint.bulk import DumpPeer, DumpReader, PeerCounts, Quality
from peerlint.model import Criteria, Fact, View
from peerlint.observations import (
    BEST_VIEW_FIRST,
    Confidence,
    Coverage,
    Observations,
    RibArgument,
    SessionCounts,
    SessionSource,
    SourceBuilder,
    SourceSummary,
    coverage_of,
)
from peerlint.testing.dumps import TIMESTAMP, FeedSession, OldRibDump, RibDump, UpdateDump
from peerlint.testing.notation import scenario
from peerlint.wire.mrt import MrtType, Peer

INVENTORY: Final = scenario(
    "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\nsession ams-2 edge2.ams\n"
    "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\nsession fra-2 edge1.fra"
).inventory
TAGGED: Final = "203.0.113.0/24 path 64500 community 8075:8007"
PLAIN: Final = "198.51.100.0/24 path 64500"
SOUND: Final = Quality(octets=10, read=10, records=1)
RECEIVED: Final = FeedSession("192.0.2.0", 64500, "192.0.2.1", 8075)
SENT: Final = FeedSession("192.0.2.1", 8075, "192.0.2.0", 64500, sent=True)


def collected(
    octets: bytes, argument: str = "f", criteria: Criteria | None = None
) -> tuple[SourceSummary, dict[str, tuple[SessionSource, ...]]]:
    """Return the summary and the sources of a dump that is read without a prefix filter."""
    each = criteria or Criteria()
    by_peering = {peering.name: each for peering in INVENTORY.peerings}
    builder = SourceBuilder(RibArgument.parse(argument, INVENTORY), INVENTORY, by_peering)
    reader = DumpReader([octets], source="f", viewpoint=builder.viewpoint, criteria=each)
    for batch in reader:
        builder.add(batch)
    return builder.close(reader.counts, reader.quality, reader.times)


def routes(source: SessionSource) -> list[str]:
    """Return the routes of a source, in the notation."""
    return [str(each.route) for each in source.observations]


@pytest.mark.parametrize(
    ("is_rib", "opened", "ended", "quality", "expected"),
    [
        # views#coverage
        (True, False, (), SOUND, "complete"),
        (True, False, (), Quality(octets=10, lost=2, damages=1), "partial"),
        (True, False, (), Quality(octets=10, cut="the gzip stream ends before its end"), "partial"),
        (True, False, (), Quality(octets=10, skipped=9, unsupported=((13, 7, 1),)), "complete"),
        (
            True,
            False,
            (),
            Quality(octets=10, unsupported=((5, 1, 1),), may_hide_routes=1),
            "partial",
        ),
        (True, False, (), Quality(), "partial"),  # an empty dump proves nothing
        (False, True, (4,), SOUND, "complete"),
        (False, True, (4, 6), SOUND, "complete"),
        (False, True, (6,), SOUND, "partial"),
        (False, True, (), SOUND, "partial"),
        (False, False, (4,), SOUND, "partial"),
        (False, True, (4,), Quality(octets=10, lost=2, damages=1), "partial"),
    ],
)
def test_coverage(
    *, is_rib: bool, opened: bool, ended: tuple[int, ...], quality: Quality, expected: str
) -> None:
    """A whole RIB is complete, and so is a feed from session start to End-of-RIB."""
    peer = DumpPeer(Peer(IPv4Address("192.0.2.0"), 64500), None if is_rib else 8075)

    assert expected == coverage_of(PeerCounts(peer, 3, 0, 1, 0, opened, ended), quality)


def test_views_and_what_they_prove() -> None:
    """Views are ordered from the best to the least, and only those of the wire are observed."""
    assert ["received", "sent", "advertised", "loc-rib", "adj-rib-in", "collector"] == [
        str(view) for view in BEST_VIEW_FIRST
    ]
    assert {View.RECEIVED, View.SENT} == {
        view for view in View if Confidence.of(view) is Confidence.OBSERVED
    }


def test_a_session_that_is_not_in_the_table_has_no_source() -> None:
    """A dump says nothing of a session whose peer is not in its peer table."""
    dump = RibDump()
    dump.peer("192.0.2.0", 64500)

    summary, sources = collected(dump.octets())

    assert ["ams-1"] == list(sources)
    assert (("ams-1", View.RECEIVED),) == summary.views
    assert Coverage.COMPLETE is sources["ams-1"][0].coverage
    assert SessionCounts() == sources["ams-1"][0].counts


def test_a_dump_without_a_session() -> None:
    """Its coverage is `none`, and the summary names its peers."""
    dump = RibDump()
    dump.routes(dump.peer("198.51.100.9", 64502), TAGGED)

    summary, sources = collected(dump.octets())

    assert ({}, Coverage.NONE, None) == (sources, summary.coverage, summary.view)
    assert (("198.51.100.9 AS64502", 1),) == summary.unmapped_peers


def test_one_rib_for_all_sessions_of_a_router() -> None:
    """A router's RIB is a source for each of its sessions, with the routes of all its peers."""
    dump = RibDump()
    dump.routes(dump.peer("198.51.100.1", 64501), "203.0.113.0/24 path 64501")
    dump.routes(dump.peer("198.51.100.2", 64502), "203.0.113.0/24 path 64502")
    dump.routes(dump.peer("0.0.0.0", 64500), "198.51.100.0/24")  # noqa: S104  # the router's own
    dump.routes(dump.peer("192.0.2.5", 8075), "198.18.128.0/24 path 8075")

    summary, sources = collected(dump.octets(), "edge1.fra=f")

    assert {"fra-1", "fra-2"} == set(sources)
    for (source,) in sources.values():
        assert (View.LOC_RIB, 3) == (source.view, source.counts.routes)
        assert 3 == len(source.observations)
    assert 1 == summary.microsoft


def test_counts_are_of_the_session() -> None:
    """Routes, tagged routes and IPv6 routes are counted for each session."""
    dump = RibDump()
    dump.routes(
        dump.peer("192.0.2.0", 64500),
        TAGGED,
        "198.51.100.0/24 path 64500",
        "2001:db8::/32 path 64500 community 8075:8007",
    )
    dump.routes(dump.peer("192.0.2.2", 64500), TAGGED)

    _, sources = collected(dump.octets())

    assert SessionCounts(3, 2, 1) == sources["ams-1"][0].counts
    assert SessionCounts(1, 1, 0) == sources["ams-2"][0].counts


def test_a_feed_counts_announcements() -> None:
    """A feed counts a route that is announced twice as two, and `once` is false."""
    feed = UpdateDump().announce(RECEIVED, TAGGED).announce(RECEIVED, TAGGED)
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.0", 64500), TAGGED)

    counts = [collected(dump.octets())[1]["ams-1"][0].counts for dump in (feed, rib)]

    assert [SessionCounts(2, 2, once=False), SessionCounts(1, 1)] == counts
    assert SessionCounts(3, 3, once=False) == counts[0] + counts[1]


def test_observations_are_evidence() -> None:
    """An observation has its dump, the offset of its record, and facts."""
    dump = RibDump()
    dump.routes(dump.peer("192.0.2.0", 64500), TAGGED, "198.51.100.0/24 path 64500")

    _, sources = collected(dump.octets())

    first, second = sources["ams-1"][0].observations
    assert ("f", "ams-1", View.RECEIVED) == (first.source, first.session, first.view)
    assert 0 < first.record < second.record < len(dump.octets())
    assert (True, False) == (Fact.TAGGED in first.facts, Fact.TAGGED in second.facts)


def test_both_directions_of_one_session() -> None:
    """A feed of received and of sent messages gives the session two sources, the best first."""
    dump = UpdateDump()
    dump.announce(SENT, TAGGED)
    dump.announce(RECEIVED, TAGGED)

    summary, sources = collected(dump.octets())

    found = Observations.join([(summary, sources)])
    assert [View.RECEIVED, View.SENT] == [source.view for source in found.of("ams-1")]
    assert View.RECEIVED is summary.view


def test_openbgpds_own_messages_are_sent() -> None:
    """OpenBGPD writes itself as the peer of messages that it sends; their view is `sent`."""
    swapped = FeedSession("192.0.2.0", 64500, "192.0.2.1", 8075, sent=True)
    dump = UpdateDump().announce(swapped, TAGGED)

    _, sources = collected(dump.octets())

    assert [View.SENT] == [source.view for source in sources["ams-1"]]


def test_paths_of_an_add_path_session_are_kept_apart() -> None:
    """A withdrawal removes the path that it names, and no other (RFC 7911)."""
    session = FeedSession("192.0.2.0", 64500, "192.0.2.1", 8075, add_path=True)
    dump = UpdateDump()
    dump.announce(session, f"{TAGGED} path-id 1", "203.0.113.0/24 path 64500 64501 path-id 2")
    dump.announce(session, "203.0.113.0/24 path 64500 64502 path-id 2")
    dump.withdraw(session, "203.0.113.0/24 path-id 1")

    _, sources = collected(dump.octets())

    assert ["64500 64502"] == [str(each.route.path) for each in sources["ams-1"][0].observations]


def test_a_withdrawal_is_of_one_session() -> None:
    """A withdrawal on one session does not change the routes of another."""
    other = FeedSession("192.0.2.2", 64500, "192.0.2.3", 8075)
    dump = UpdateDump().announce(RECEIVED, TAGGED).announce(other, TAGGED)
    dump.withdraw(RECEIVED, TAGGED)

    _, sources = collected(dump.octets())

    assert [0, 1] == [len(sources[name][0].observations) for name in ("ams-1", "ams-2")]


def test_multicast_routes_are_left_out() -> None:
    """Routes of a SAFI other than unicast are no observations."""
    dump = RibDump(safi=2)
    dump.routes(dump.peer("192.0.2.0", 64500), TAGGED)

    _, sources = collected(dump.octets())

    assert () == sources["ams-1"][0].observations
    assert Coverage.PARTIAL is sources["ams-1"][0].coverage


def test_a_multicast_table_replaces_no_unicast_table() -> None:
    """A later snapshot of another family does not replace unicast routes of an earlier one."""
    unicast, multicast = RibDump(), RibDump(safi=2, timestamp=TIMESTAMP + 1_000_000)
    for dump in (unicast, multicast):
        dump.routes(dump.peer("192.0.2.0", 64500), TAGGED)

    summary, sources = collected(unicast.octets() + multicast.octets())

    (source,) = sources["ams-1"]
    assert (1, Coverage.COMPLETE) == (len(source.observations), source.coverage)
    assert () == summary.replaced


def test_a_table_of_a_family_that_is_not_read_is_not_empty() -> None:
    """A peer table followed by EVPN routes only replaces no table, and is not complete."""
    unicast, evpn = RibDump(), RibDump(timestamp=TIMESTAMP + 1_000_000)
    unicast.routes(unicast.peer("192.0.2.0", 64500), TAGGED)
    evpn.peer("192.0.2.0", 64500)
    # AFI 25, SAFI 70 (RFC 7432), a prefix of no length, no entry
    evpn.record(MrtType.TABLE_DUMP_V2, 6, bytes.fromhex("00000000 0019 46 00 0000"))

    summary, together = collected(unicast.octets() + 2 * evpn.octets())
    _, alone = collected(evpn.octets())

    assert [1] == [len(source.observations) for source in together["ams-1"]]
    assert () == summary.replaced
    assert Coverage.PARTIAL is alone["ams-1"][0].coverage


@pytest.mark.parametrize(
    ("kind", "expected"), [(MrtType.OSPFV2, Coverage.COMPLETE), (MrtType.BGP, Coverage.PARTIAL)]
)
def test_records_that_may_hide_a_route_leave_coverage_partial(
    kind: MrtType, expected: Coverage
) -> None:
    """Records that are not read make coverage partial if they can hold an IPv4 unicast route."""
    dump = RibDump()
    dump.routes(dump.peer("192.0.2.0", 64500), TAGGED)
    for _ in range(3):
        dump.record(kind, 1, bytes(20))

    summary, sources = collected(dump.octets())

    assert summary.quality.unsupported
    assert expected is sources["ams-1"][0].coverage
    assert summary.is_sound


def test_the_criteria_of_the_sessions_own_peering() -> None:
    """The facts of a route depend on the criteria of its session's peering."""
    dump = RibDump()
    dump.routes(dump.peer("192.0.2.0", 64500), "203.0.113.0/24 path 64500 64501 64502")

    _, strict = collected(dump.octets(), criteria=Criteria(max_path=2))
    _, lenient = collected(dump.octets(), criteria=Criteria(max_path=3))

    assert Fact.LONG_PATH in strict["ams-1"][0].observations[0].facts
    assert Fact.LONG_PATH not in lenient["ams-1"][0].observations[0].facts


def test_several_dumps_of_one_session() -> None:
    """The best view comes first, and a session that no dump shows has no source."""
    own, received = RibDump(), RibDump()
    own.routes(own.peer("198.51.100.1", 64501), "203.0.113.0/24 path 64501")
    received.routes(received.peer("192.0.2.0", 64500), TAGGED)

    found = Observations.join(
        [collected(own.octets(), "edge1.ams=f"), collected(received.octets()), collected(b"")]
    )

    assert [View.RECEIVED, View.LOC_RIB] == [source.view for source in found.of("ams-1")]
    assert () == found.of("fra-1")
    assert [True, True, False] == [source.is_sound for source in found.sources]
    assert [TAGGED] == [line.partition(" next-hop")[0] for line in routes(found.of("ams-1")[0])]


# -- TABLE_DUMP, in which each route has its peer

LATER: Final = TIMESTAMP + 3_600_000_000


def old_table(*lines: str, timestamp: int = TIMESTAMP, address: str = "192.0.2.0") -> OldRibDump:
    """Return a TABLE_DUMP of one peer."""
    return OldRibDump(timestamp=timestamp).routes(address, 64500, *lines)


def test_a_table_dump_covers_the_sessions_that_occur_in_it() -> None:
    """A whole TABLE_DUMP shows all routes of a session that has one in it."""
    dump = old_table(TAGGED, "198.51.100.0/24 path 64500")
    dump.routes("198.51.100.9", 64502, TAGGED)

    summary, sources = collected(dump.octets())

    assert ["ams-1"] == list(sources)
    assert Coverage.COMPLETE is sources["ams-1"][0].coverage
    assert (View.RECEIVED, SessionCounts(2, 1)) == (
        sources["ams-1"][0].view, sources["ams-1"][0].counts,
    )  # fmt: skip
    assert (("198.51.100.9 AS64502", 1),) == summary.unmapped_peers
    assert 1 == summary.snapshots


@pytest.mark.parametrize("cut", [1, 30])
def test_a_table_dump_that_is_cut_has_partial_coverage(cut: int) -> None:
    """A TABLE_DUMP that is cut proves no absence."""
    octets = old_table(TAGGED, "198.51.100.0/24 path 64500").octets()

    _, sources = collected(octets[:-cut])

    assert Coverage.PARTIAL is sources["ams-1"][0].coverage


def test_a_peer_with_an_ipv6_address_shows_no_ipv4_route_in_a_table_dump() -> None:
    """A record has one address family for prefix and peer (RFC 6396 section 4.2)."""
    dump = old_table("2001:db8::/32 path 64500", address="2001:db8::1")
    dump.routes("192.0.2.0", 64500, TAGGED)

    _, of_peer = collected(dump.octets(), "ams-1=f@adj-rib-in")
    _, of_ipv6 = collected(
        old_table("2001:db8::/32 path 64500", address="2001:db8::1").octets(), "ams-1=f@received"
    )

    assert Coverage.COMPLETE is of_peer["ams-1"][0].coverage
    assert Coverage.PARTIAL is of_ipv6["ams-1"][0].coverage


@pytest.mark.parametrize(
    ("second", "replaced", "expected"),
    [
        # The sequence falls back: another table.
        (old_table(TAGGED, TAGGED, timestamp=LATER), 1, [TAGGED]),
        # It starts with 0 at a later time.
        (old_table(TAGGED, timestamp=LATER), 1, [TAGGED]),
        # A table of another view is another table.
        (
            OldRibDump(timestamp=LATER, view=1).routes("192.0.2.0", 64500, TAGGED),
            0,
            [PLAIN, TAGGED],
        ),
        # IPv6 has its own sequence numbers and belongs to the same table.
        (old_table("2001:db8::/32 path 64500", address="2001:db8::1"), 0, [PLAIN]),
    ],
    ids=["falls back", "starts anew", "another view", "another family"],
)
def test_the_last_snapshot_of_a_table_dump_counts(
    second: OldRibDump, replaced: int, expected: list[str]
) -> None:
    """A later table of a view replaces the one before it."""
    first = old_table(PLAIN)

    summary, sources = collected(first.octets() + second.octets())

    assert replaced == len(summary.replaced)
    assert {line.split()[0] for line in expected} == {
        line.split()[0] for line in routes(sources["ams-1"][0])
    }
    assert Coverage.COMPLETE is sources["ams-1"][0].coverage


def test_sequence_numbers_of_a_table_dump_go_round() -> None:
    """After 65,535 comes 0, in the same table."""
    octets = bytearray(old_table(PLAIN, TAGGED).octets())
    size = len(octets) - len(old_table(PLAIN).octets())
    octets[14:16], octets[-size + 14 : -size + 16] = b"\xff\xff", b"\0\0"

    summary, sources = collected(bytes(octets))

    assert (1, ()) == (summary.snapshots, summary.replaced)
    assert 2 == len(sources["ams-1"][0].observations)
