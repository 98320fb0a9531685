"""From a dump to what it says of each session: coverage, counts, and the last word of a feed."""

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


def file(octets: bytes, argument: str = "f") -> tuple[SourceSummary, dict[str, SessionSource]]:
    """Walk a dump and file it; every session has one source here."""
    filing = SourceBuilder(
        RibArgument.parse(argument, INVENTORY), INVENTORY, {"contoso-ams": Criteria()}
    )
    reader = DumpReader(
        [octets], source="f", viewpoint=filing.viewpoint, criteria=Criteria(), tagged_too=True
    )
    for batch in reader:
        filing.add(batch)
    summary, sources = filing.close(reader.counts, reader.quality, reader.times)
    return summary, {session: source for session, (source,) in sources.items()}


def rib() -> bytes:
    """Return a RIB of ams-1 with a tagged and a plain route, and a stranger."""
    dump = RibDump()
    dump.routes(dump.peer("192.0.2.0", 64500), TAGGED, PLAIN)
    dump.routes(dump.peer("192.0.2.1", 8075), "198.18.128.0/24 path 8075")
    dump.routes(dump.peer("198.51.100.9", 64502), "198.18.0.0/24 path 64502")
    return dump.octets()


def test_a_whole_rib_covers_its_sessions() -> None:
    """Sessions in the peer table are covered, others are not in the result at all."""
    summary, sources = file(rib())

    assert ["ams-1"] == list(sources)
    assert Coverage.COMPLETE is sources["ams-1"].coverage
    assert (2, 1, 0) == tuple(
        getattr(sources["ams-1"].counts, name) for name in ("routes", "tagged", "ipv6")
    )
    assert (1, (("198.51.100.9 AS64502", 1),)) == (summary.microsoft, summary.unmapped_peers)


def test_of_many_peers_without_a_session_the_others_are_counted() -> None:
    """The summary names `KEPT` of them, those with most routes, and counts the rest."""
    dump = RibDump()
    for number in range(KEPT + 3):
        peer = dump.peer(f"2001:db8::{number + 1:x}", 64502)
        dump.routes(peer, "198.18.0.0/24 path 64502")
    dump.routes(peer, "198.18.1.0/24 path 64502")
    summary, _ = file(dump.octets())

    assert (KEPT, 3) == (len(summary.unmapped_peers), summary.more_unmapped_peers)
    assert (f"2001:db8::{KEPT + 3:x} AS64502", 2) in summary.unmapped_peers


def test_a_damaged_rib_covers_in_part() -> None:
    """A RIB that is cut says nothing about what it does not show."""
    _, sources = file(rib()[:-3])

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
def test_a_feed_covers_from_start_to_end_of_rib(
    starts: bool,
    ends: bool,
    expected: Coverage,  # a row
) -> None:
    """Messages show everything only between the start of the session and its End-of-RIB."""
    dump = UpdateDump()
    if starts:
        dump.state_change(SESSION)
    dump.announce(SESSION, TAGGED)
    if ends:
        dump.end_of_rib(SESSION)

    _, sources = file(dump.octets())

    assert expected is sources["ams-1"].coverage
    assert View.RECEIVED is sources["ams-1"].view


def test_the_last_word_of_a_feed_counts() -> None:
    """Announced, withdrawn, announced otherwise: the last announcement is what is seen."""
    dump = UpdateDump()
    dump.announce(SESSION, TAGGED).withdraw(SESSION, TAGGED)
    dump.announce(SESSION, "203.0.113.0/24 path 64500 64501 community 8075:8007")
    dump.announce(SESSION, PLAIN).withdraw(SESSION, PLAIN)

    _, sources = file(dump.octets())

    assert ["64500 64501"] == [str(seen.route.path) for seen in sources["ams-1"].observations]
    assert 3 == sources["ams-1"].counts.routes


def test_damage_makes_a_source_unsound() -> None:
    """A dump that lost octets is not sound, and neither is an empty one."""
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
        ("192.0.2.99", 0, ()),  # Microsoft's, but of no session of the inventory
        ("192.0.2.1", 3, ()),  # what is cut off may have been routes
    ],
)
def test_routes_from_microsoft_are_counted_by_session(
    peer: str, cut: int, expected: tuple[tuple[str, int], ...]
) -> None:
    """Where a whole dump shows what AS8075 announces, it is counted for the session."""
    rib = RibDump()
    edge = rib.peer(peer, 8075)
    rib.routes(edge, "203.0.113.0/24 path 8075", "198.51.100.0/24 path 8075")
    octets = rib.octets()

    summary, _ = file(octets[: len(octets) - cut])

    assert expected == summary.from_microsoft
