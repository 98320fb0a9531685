"""The sources that one dump yields: coverage, counts, and the current routes of a feed."""

from __future__ import annotations

import pytest

from peerlint.bulk import DumpReader, Quality
from peerlint.model import Criteria, View
from peerlint.observations import Coverage, RibArgument, SessionSource, SourceBuilder, SourceSummary
from peerlint.observations.sources import KEPT
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump
from peerlint.testing.notation import scenario
from peerlint.wire.damage import Damage

INVENTORY = scenario("").inventory
TAGGED = "203.0.113.0/24 path 64500 community 8075:8007"
PLAIN = "198.51.100.0/24 path 64500"


def collected(octets: bytes, argument: str = "f") -> tuple[SourceSummary, dict[str, SessionSource]]:
    """Return the summary and the sources of a dump in which every session has one source."""
    builder = SourceBuilder(
        RibArgument.parse(argument, INVENTORY), INVENTORY, {"contoso-ams": Criteria()}
    )
    reader = DumpReader(
        [octets], source="f", viewpoint=builder.viewpoint, criteria=Criteria(), tagged_too=True
    )
    for batch in reader:
        builder.add(batch)
    summary, sources = builder.close(reader.counts, reader.quality, reader.times)
    return summary, {session: source for session, (source,) in sources.items()}


def rib() -> bytes:
    """Return a RIB with two routes of ams-1, one tagged, and a peer without a session."""
    dump = RibDump()
    dump.routes(dump.peer("192.0.2.0", 64500), TAGGED, PLAIN)
    dump.routes(dump.peer("192.0.2.1", 8075), "198.18.128.0/24 path 8075")
    dump.routes(dump.peer("198.51.100.9", 64502), "198.18.0.0/24 path 64502")
    return dump.octets()


def test_a_whole_rib_covers_its_sessions() -> None:
    """A session in the peer table is covered; any other session has no source."""
    summary, sources = collected(rib())

    assert ["ams-1"] == list(sources)
    assert Coverage.COMPLETE is sources["ams-1"].coverage
    assert (2, 1, 0) == tuple(
        getattr(sources["ams-1"].counts, name) for name in ("routes", "tagged", "ipv6")
    )
    assert (1, (("198.51.100.9 AS64502", 1),)) == (summary.microsoft, summary.unmapped_peers)


def test_many_peers_without_a_session() -> None:
    """The summary lists the `KEPT` peers with most routes and counts the others."""
    dump = RibDump()
    for number in range(KEPT + 3):
        peer = dump.peer(f"2001:db8::{number + 1:x}", 64502)
        dump.routes(peer, "198.18.0.0/24 path 64502")
    dump.routes(peer, "198.18.1.0/24 path 64502")
    summary, _ = collected(dump.octets())

    assert (KEPT, 3) == (len(summary.unmapped_peers), summary.more_unmapped_peers)
    assert (f"2001:db8::{KEPT + 3:x} AS64502", 2) in summary.unmapped_peers


def test_a_damaged_rib_has_partial_coverage() -> None:
    """A RIB that is cut proves no absence."""
    _, sources = collected(rib()[:-3])

    assert Coverage.PARTIAL is sources["ams-1"].coverage


SESSION = FeedSession("192.0.2.0", 64500, "192.0.2.1", 8075)


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        (True, True, Coverage.COMPLETE),
        (True, False, Coverage.PARTIAL),
        (False, True, Coverage.PARTIAL),
    ],
)
def test_a_feed_is_complete_from_session_start_to_end_of_rib(
    starts: bool,
    ends: bool,
    expected: Coverage,  # a row
) -> None:
    """A feed shows every route only if it has the start of the session and its End-of-RIB."""
    dump = UpdateDump()
    if starts:
        dump.state_change(SESSION)
    dump.announce(SESSION, TAGGED)
    if ends:
        dump.end_of_rib(SESSION)

    _, sources = collected(dump.octets())

    assert expected is sources["ams-1"].coverage
    assert View.RECEIVED is sources["ams-1"].view


def test_the_latest_message_of_a_feed_counts() -> None:
    """Of an announcement, its withdrawal and another announcement, only the last one counts."""
    dump = UpdateDump()
    dump.announce(SESSION, TAGGED).withdraw(SESSION, TAGGED)
    dump.announce(SESSION, "203.0.113.0/24 path 64500 64501 community 8075:8007")
    dump.announce(SESSION, PLAIN).withdraw(SESSION, PLAIN)

    _, sources = collected(dump.octets())

    assert ["64500 64501"] == [str(each.route.path) for each in sources["ams-1"].observations]
    assert 3 == sources["ams-1"].counts.routes


def test_damage_makes_a_source_unsound() -> None:
    """A dump with lost octets is not sound, and neither is an empty dump."""
    lost = Quality(octets=10, lost=3, damages=1, damage=(Damage(0, 3, "a", "b"),))

    assert [True, False, False] == [
        SourceSummary("f", (), Coverage.NONE, quality).is_sound
        for quality in (Quality(octets=10), lost, Quality())
    ]


@pytest.mark.parametrize(
    ("peer", "cut", "expected"),
    [
        ("192.0.2.1", 0, (("ams-1", 2),)),
        ("192.0.2.3", 0, (("ams-2", 2),)),
        ("192.0.2.99", 0, ()),  # a peer of AS8075, but of no session of the inventory
        ("192.0.2.1", 3, ()),  # the missing end may have had routes
    ],
)
def test_routes_from_microsoft_are_counted_by_session(
    peer: str, cut: int, expected: tuple[tuple[str, int], ...]
) -> None:
    """A whole dump of what AS8075 announces gives the number of its routes on the session."""
    rib = RibDump()
    edge = rib.peer(peer, 8075)
    rib.routes(edge, "203.0.113.0/24 path 8075", "198.51.100.0/24 path 8075")
    octets = rib.octets()

    summary, _ = collected(octets[: len(octets) - cut])

    assert expected == summary.from_microsoft
