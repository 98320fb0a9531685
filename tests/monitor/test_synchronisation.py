"""When the routes of a live table are all known, and when not any more."""

from __future__ import annotations

from typing import Any, Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    FeedBack,
    FeedLost,
    Gap,
    OtherRoutes,
    SessionDown,
    SessionUp,
    Statistics,
    TableRef,
    Withdraw,
)
from peerlint.model import Prefix, Route, View
from peerlint.monitor import HOLD, Proof, Synchronisation, TableState
from peerlint.observations import Coverage
from peerlint.wire.bmp import Statistic

MINUTE: Final = 60_000_000
PEER: Final = TableRef("192.0.2.1", 8075)
SENT: Final = attrs.evolve(PEER, view=View.SENT)
ADVERTISED: Final = attrs.evolve(PEER, view=View.ADVERTISED)
PRE: Final = attrs.evolve(PEER, view=View.ADJ_RIB_IN)
POST: Final = attrs.evolve(PRE, is_post_policy=True)
LOC_RIB: Final = TableRef("0.0.0.0", 64500, View.LOC_RIB)  # noqa: S104  # RFC 9069, section 4.2
#: Stands for the table that is tested.
SAME: Final = TableRef("192.0.2.255")
IPV4: Final = (1, 1)
IPV6: Final = (2, 1)
VPN: Final = (1, 128)


class _Feed:
    """Events of one router, a second apart, given to what is tested."""

    def __init__(self, table: TableRef = SENT, **options: Any) -> None:  # noqa: ANN401  # passed on
        self.table, self.time = table, 0
        self.sync = Synchronisation(**options)

    def add(
        self,
        kind: type[Any],
        table: TableRef | None = SAME,
        **fields: Any,  # noqa: ANN401  # those of any event
    ) -> _Feed:
        self.time += 1_000_000
        where: dict[str, Any] = {"feed": "bmp", "router": "edge1", "time": self.time}
        event: Event = kind(**{**where, "table": self.table if table is SAME else table, **fields})
        self.sync.add(event)
        return self

    def up(self) -> _Feed:
        loc_rib = self.table.view is View.LOC_RIB
        return self.add(SessionUp, self.table if loc_rib else PEER)

    def down(self) -> _Feed:
        return self.add(SessionDown, PEER)

    def routes(self, *numbers: int) -> _Feed:
        for number in numbers:
            self.add(Announce, route=Route(Prefix(4, number << 8, 24)))
        return self

    def routes6(self, *numbers: int) -> _Feed:
        for number in numbers:
            self.add(Announce, route=Route(Prefix(6, number << 80, 48)))
        return self

    def others(self, routes: int | None, family: int = 4, *, is_grown: bool = True) -> _Feed:
        return self.add(OtherRoutes, routes=routes, family=family, is_grown=is_grown)

    def report(self, *counts: tuple[int, int] | tuple[int, int, tuple[int, int]]) -> _Feed:
        """Add a report of (type, value) or (type, value, (AFI, SAFI))."""
        found = tuple(
            Statistic(each[0], each[1], *(each[2] if len(each) == 3 else ())) for each in counts
        )
        loc_rib = self.table.view is View.LOC_RIB
        return self.add(Statistics, self.table if loc_rib else PEER, statistics=found)

    def lost(self) -> _Feed:
        return self.add(FeedLost, reason="the connection ended", **NO_TABLE)

    def back(self) -> _Feed:
        return self.add(FeedBack, **NO_TABLE)

    def wait(self, time: int) -> _Feed:
        self.time += time
        self.sync.advance(self.time)
        return self

    def state(self, family: int = 4, table: TableRef | None = None) -> TableState:
        return self.sync.state("bmp", "edge1", table or self.table, family)

    @property
    def coverage(self) -> Coverage:
        return self.state().coverage

    @property
    def reconnects(self) -> list[str]:
        return [each.reason for each in self.sync.take_reconnects()]


NO_TABLE: Final[dict[str, Any]] = {"table": None}


def test_before() -> None:
    """A table that no message was about is not covered, even if its session is up."""
    feed = _Feed()
    assert feed.coverage is Coverage.NONE
    assert feed.up().coverage is Coverage.NONE
    assert feed.routes(1).coverage is Coverage.PARTIAL


def test_end_of_rib() -> None:
    """End-of-RIB shows that all routes of its family are there, after its hold time (RFC 4724)."""
    feed = _Feed().up().routes(1).add(EndOfRib)
    assert feed.state().reason == "the hold time after End-of-RIB is not over"
    feed.wait(MINUTE)
    assert feed.state() == TableState(Coverage.COMPLETE, Proof.END_OF_RIB)
    assert feed.state(6).coverage is Coverage.PARTIAL


def test_early_end_of_rib() -> None:
    """While the table still grows after End-of-RIB, that was early (FRRouting/frr#22623)."""
    feed = _Feed().up().add(EndOfRib)
    for number in range(3):
        feed.wait(HOLD - 2_000_000).routes(number)
        assert feed.coverage is Coverage.PARTIAL
    assert feed.wait(HOLD).coverage is Coverage.COMPLETE


def test_table_that_always_grows() -> None:
    """A table that gets new routes for ever does not wait for ever."""
    feed = _Feed().up().add(EndOfRib)
    for number in range(98):
        feed.routes(number).wait(HOLD // 2)
        assert feed.coverage is Coverage.PARTIAL
    for number in range(98, 120):
        feed.routes(number).wait(HOLD // 2)
    assert feed.coverage is Coverage.COMPLETE


def test_empty_table() -> None:
    """A table whose only message is End-of-RIB is empty for certain."""
    assert _Feed().up().add(EndOfRib).wait(MINUTE).coverage is Coverage.COMPLETE


@pytest.mark.parametrize(
    ("table", "number"),
    [
        (PRE, 7),  # RFC 7854, section 4.8
        (PRE, 18),  # RFC 9972, section 3.2
        (POST, 20),
        (LOC_RIB, 8),
        (ADVERTISED, 14),  # RFC 8671, section 6.2
        (SENT, 15),
    ],
)
def test_count(table: TableRef, number: int) -> None:
    """A report that counts as many routes of a view shows that all are there, in both families."""
    feed = _Feed(table).up().routes(1, 2).routes6(1).report((number, 2))
    assert feed.coverage is Coverage.PARTIAL
    feed.report((number, 3))
    assert feed.state() == feed.state(6) == TableState(Coverage.COMPLETE, Proof.COUNT)


@pytest.mark.parametrize(
    ("table", "number"),
    [(PRE, 9), (PRE, 19), (POST, 21), (LOC_RIB, 10), (ADVERTISED, 16), (SENT, 17)],
)
def test_count_of_a_family(table: TableRef, number: int) -> None:
    """A count of one family (RFC 7854, RFC 8671, RFC 9972) is about that family alone."""
    feed = _Feed(table).up().routes(1, 2).report((number, 2, IPV4), (number, 3, IPV6))
    assert (feed.coverage, feed.state(6).coverage) == (Coverage.COMPLETE, Coverage.PARTIAL)


@pytest.mark.parametrize(
    ("table", "count"),
    [
        (SENT, (14, 1)),  # before policy
        (SENT, (7, 1)),  # the other direction
        (SENT, (17, 1, VPN)),  # no unicast
        (SENT, (8, 1)),
        (PRE, (20, 1)),  # after policy
        (LOC_RIB, (7, 1)),
    ],
)
def test_other_counts(table: TableRef, count: tuple[int, int]) -> None:
    """A count of something else shows nothing."""
    assert _Feed(table).up().routes(1).report(count).coverage is Coverage.PARTIAL


def test_family_before_total() -> None:
    """Counts of families are taken before a total, which includes those without events."""
    feed = _Feed().up().routes(1).report((15, 100), (17, 1, IPV4)).report((15, 100), (17, 1, IPV4))
    assert feed.coverage is Coverage.COMPLETE
    assert feed.reconnects == []


def test_count_before_policy() -> None:
    """The count before policy proves the table after it if equal; if not, it tells nothing."""
    feed = _Feed(POST).up().routes(1).report((7, 2)).report((7, 2))
    assert feed.coverage is Coverage.PARTIAL
    assert feed.reconnects == []
    assert feed.report((7, 1)).coverage is Coverage.COMPLETE


def test_count_of_no_routes() -> None:
    """A count of 0 proves nothing of a table that was never sent: routers count what they keep."""
    assert _Feed().up().report((15, 0)).coverage is Coverage.NONE


def test_quiet() -> None:
    """The inventory may say for how long nothing changes when all routes are there."""
    feed = _Feed(quiet=lambda _router, table: MINUTE if table.view is View.SENT else None).up()
    feed.routes(1).wait(MINUTE - 1)
    assert feed.coverage is Coverage.PARTIAL
    feed.wait(1)
    assert feed.state() == TableState(Coverage.COMPLETE, Proof.QUIET)
    assert feed.routes(2).coverage is Coverage.COMPLETE
    assert (
        feed.add(Announce, ADVERTISED, route=Route(Prefix(4, 0, 8)))
        .wait(MINUTE)
        .state(table=ADVERTISED)
        .coverage
        is Coverage.PARTIAL
    )


def test_quiet_before_the_first_message() -> None:
    """A session without any message about the table is not quiet: it may not be sent at all."""
    feed = _Feed(quiet=lambda _router, _table: MINUTE).up().wait(10 * MINUTE)
    assert feed.coverage is Coverage.NONE


def _known() -> _Feed:
    """Return a feed with a table of two routes, all known."""
    return _Feed().up().routes(1, 2).report((15, 2))


def test_one_report_that_differs() -> None:
    """One report may cross with a change: the table is still known."""
    feed = _known().report((15, 3))
    assert feed.coverage is Coverage.COMPLETE
    assert feed.routes(3).report((15, 3)).coverage is Coverage.COMPLETE
    assert feed.report((15, 4)).coverage is Coverage.COMPLETE


@pytest.mark.parametrize("second", [3, 4])
def test_two_reports_that_differ(second: int) -> None:
    """A count that stays different is a gap, and the router has to send everything again."""
    feed = _known().report((15, 3)).report((15, second))
    assert feed.state().reason == f"the router counts {second} routes, and 2 came"
    assert feed.reconnects == [feed.state().reason]
    assert feed.reconnects == []
    assert feed.routes(*range(second)).report((15, second)).coverage is Coverage.COMPLETE


def test_while_routes_come() -> None:
    """Reports of a table that still comes differ each time by another number: no gap."""
    feed = _Feed().up()
    for number in range(5):
        feed.routes(number).report((15, 6))
        assert feed.coverage is Coverage.PARTIAL
        assert feed.reconnects == []
    assert feed.routes(7).report((15, 6)).coverage is Coverage.COMPLETE


def test_reconnect_interval() -> None:
    """A router is asked to send everything again at most every ten minutes."""
    feed = _known().report((15, 3)).report((15, 3))
    assert len(feed.reconnects) == 1
    feed.lost().back().up().routes(1).report((15, 3)).report((15, 3))
    assert feed.reconnects == []
    assert len(feed.wait(10 * MINUTE).report((15, 3)).reconnects) == 1


def test_same_difference_again() -> None:
    """A difference that is the same after everything came again is not asked for again."""
    feed = _known().report((15, 3)).report((15, 3))
    assert len(feed.reconnects) == 1
    feed.lost().back().up().routes(1, 2).wait(20 * MINUTE).report((15, 3)).report((15, 3))
    assert feed.coverage is Coverage.PARTIAL
    assert feed.reconnects == []


def test_lost_before_reconnect() -> None:
    """A router whose connection ended need not be disconnected."""
    assert _known().report((15, 3)).report((15, 3)).lost().reconnects == []


@pytest.mark.parametrize("how", ["down", "again", "lost"])
def test_shows_less(how: str) -> None:
    """A session that came back and shows less than before is a gap (osrg/gobgp#3498)."""
    feed = _known()
    if how == "down":
        feed.down()
    elif how == "lost":
        feed.lost().back()
    feed.up().routes(1).add(EndOfRib).wait(MINUTE)
    assert feed.state().reason == "the session came back and shows 1 routes, 2 before"


def test_shows_less_is_resolved() -> None:
    """Fewer routes are all there if the router counts as few, or once as many are there."""
    less = _known().down().up().routes(1).add(EndOfRib).wait(MINUTE)
    assert less.report((15, 1)).coverage is Coverage.COMPLETE
    assert (
        _known().down().up().routes(3, 4).add(EndOfRib).wait(MINUTE).coverage is Coverage.COMPLETE
    )


def test_down() -> None:
    """A session that is down has no routes; while it is up again, they are not known."""
    feed = _known().down()
    assert feed.state() == TableState(Coverage.COMPLETE, Proof.DOWN)
    assert feed.up().coverage is Coverage.NONE
    assert feed.routes(1).coverage is Coverage.PARTIAL


def test_down_of_an_unseen_table() -> None:
    """The end of a session tells nothing of a table that was never sent."""
    assert _Feed().up().down().coverage is Coverage.NONE


WIDE: Final[list[dict[str, Any]]] = [
    {"table": None, "router": None},
    {"table": None},
    {"table": PEER},
    {"table": SENT},
]


@pytest.mark.parametrize("where", WIDE)
def test_gap(where: dict[str, Any]) -> None:
    """A gap makes the tables that it is about partial until everything is sent again.

    Equal counts do not end it: a changed route may be what is missing.
    """
    feed = _known()
    feed.add(Gap, reason="damage", **where)
    assert feed.state() == TableState(Coverage.PARTIAL, reason="damage")
    assert feed.report((15, 2)).add(EndOfRib).wait(MINUTE).coverage is Coverage.PARTIAL
    assert feed.up().routes(1, 2).report((15, 2)).coverage is Coverage.COMPLETE


@pytest.mark.parametrize(
    "where",
    [
        {"table": ADVERTISED},
        {"table": None, "router": "edge2"},
        {"table": None, "feed": "ris"},
        {"table": TableRef("192.0.2.1", 8075, distinguisher=1)},
    ],
)
def test_gap_elsewhere(where: dict[str, Any]) -> None:
    """A gap of another table, peer, router or feed changes nothing."""
    feed = _known()
    assert feed.add(Gap, reason="damage", **where).coverage is Coverage.COMPLETE


@pytest.mark.parametrize("where", WIDE)
def test_gap_before_the_first_route(where: dict[str, Any]) -> None:
    """A gap counts for a table whose first message comes after it."""
    feed = _Feed().up()
    feed.add(Gap, reason="damage", **where)
    assert feed.routes(1).add(EndOfRib).wait(MINUTE).state().reason == "damage"


@pytest.mark.parametrize("router", ["edge1", None])
def test_lost(router: str | None) -> None:
    """While the connection is lost, what was there is old; when it is back, all comes again."""
    feed = _known().add(FeedLost, reason="ended", router=router, **NO_TABLE)
    assert feed.state() == TableState(Coverage.PARTIAL, reason="ended")
    feed.add(FeedBack, router=router, **NO_TABLE)
    assert feed.coverage is Coverage.NONE
    assert feed.routes(1, 2).report((15, 2)).coverage is Coverage.COMPLETE


def test_filtered() -> None:
    """A Loc-RIB of which the router does not send all is never complete (RFC 9069, flag F)."""
    feed = _Feed(LOC_RIB).add(SessionUp, is_filtered=True).routes(1).report((8, 1))
    assert feed.coverage is Coverage.PARTIAL


def test_malformed() -> None:
    """A malformed route is not counted: it is treated as withdrawn (RFC 7606)."""
    feed = _known()
    malformed = Route(Prefix(4, 1 << 8, 24), malformed=("no ORIGIN",))
    feed.add(Announce, route=malformed)
    assert feed.report((15, 1)).report((15, 1)).coverage is Coverage.COMPLETE


def test_path_ids() -> None:
    """Routes with one prefix and several path identifiers count each (RFC 7911)."""
    feed = _Feed().up()
    for path_id in (1, 2, 2):
        feed.add(Announce, route=Route(Prefix(4, 0, 24), path_id=path_id))
    assert feed.report((15, 2)).coverage is Coverage.COMPLETE


def test_too_many_routes() -> None:
    """Beyond the limit nothing is proved by count, and that is said; End-of-RIB still counts."""
    feed = _Feed(limit=2).up().routes(1, 2, 3).report((15, 3)).report((15, 9)).report((15, 9))
    assert feed.state().reason == "too many routes to count, and no End-of-RIB"
    assert feed.reconnects == []
    assert feed.add(EndOfRib).wait(MINUTE).coverage is Coverage.COMPLETE


_ACTIONS: Final = st.sampled_from(["announce", "withdraw", "up", "down", "lost", "report", "gap"])


@given(st.lists(st.tuples(_ACTIONS, st.integers(0, 4))))
def test_never_complete_without_proof(actions: list[tuple[str, int]]) -> None:
    """Whatever happens, a table is complete only by a count of what is there, or if it is down."""
    feed, held, is_open = _Feed(), set[int](), False
    for action, number in actions:
        if action == "announce":
            feed.routes(number)
            held.add(number)
        elif action == "withdraw":
            feed.add(Withdraw, prefix=Prefix(4, number << 8, 24))
            held.discard(number)
        elif action == "report":
            feed.report((17, number, IPV4))
        elif action == "gap":
            feed.add(Gap, reason="damage")
            is_open = True
        else:
            {"up": feed.up, "down": feed.down, "lost": lambda: feed.lost().back()}[action]()
            held, is_open = set(), False
        state = feed.state()
        assert state.proof in (None, Proof.COUNT, Proof.DOWN)
        if action == "report" and number == len(held) and state.coverage is not Coverage.NONE:
            assert (state.coverage is Coverage.COMPLETE) is not is_open
        assert not (is_open and state.coverage is Coverage.COMPLETE)


# -- Routes that the feed holds back


def test_others_count() -> None:
    """The router's count is compared with the events and what the feed holds back, together."""
    feed = _Feed().up().routes(1, 2).others(3).others(1, 6).report((15, 2))
    assert feed.state().reason == "the router counts 2 routes, and 6 came"
    feed.report((17, 5, IPV4))
    assert feed.state() == TableState(Coverage.COMPLETE, Proof.COUNT)
    assert feed.state(6).coverage is Coverage.PARTIAL
    assert feed.report((15, 6)).state(6) == TableState(Coverage.COMPLETE, Proof.COUNT)


def test_others_make_a_table_seen() -> None:
    """A table of which the feed yields no route is covered all the same."""
    assert _Feed().up().others(3).coverage is Coverage.PARTIAL
    assert _Feed().up().others(3).report((15, 3)).coverage is Coverage.COMPLETE


def test_others_are_not_quiet() -> None:
    """A table whose other routes change is not quiet."""
    feed = _Feed(quiet=lambda _router, _table: MINUTE).up().routes(1)
    for _ in range(3):
        feed.wait(MINUTE - 10_000_000).others(1, is_grown=False)
        assert feed.coverage is Coverage.PARTIAL
    assert feed.wait(MINUTE).state() == TableState(Coverage.COMPLETE, Proof.QUIET)


def test_others_grow() -> None:
    """End-of-RIB was early while other routes come; one that comes again is no growth."""
    feed = _Feed().up().others(1).add(EndOfRib)
    feed.wait(HOLD - 3_000_000).others(2).wait(HOLD - 3_000_000)
    assert feed.coverage is Coverage.PARTIAL
    assert feed.others(2, is_grown=False).wait(3_000_000).coverage is Coverage.COMPLETE


def test_others_uncounted() -> None:
    """Where the feed cannot count them, nothing is proved by count, and that is said."""
    feed = _Feed().up().routes(1).others(None).report((15, 1)).report((15, 9)).report((15, 9))
    assert feed.state().reason == "too many routes to count, and no End-of-RIB"
    assert feed.reconnects == []
    assert feed.add(EndOfRib).wait(MINUTE).coverage is Coverage.COMPLETE


def test_others_come_again() -> None:
    """A session that came back and shows less than before is a gap, until as many came."""
    feed = _Feed().up().routes(1).others(4).report((15, 5)).down().up().routes(1).others(3)
    feed.add(EndOfRib).wait(MINUTE)
    assert feed.state().reason == "the session came back and shows 4 routes, 5 before"
    assert feed.others(4).wait(MINUTE).coverage is Coverage.COMPLETE
    # Before its first routes nothing is known of it, and nothing is left of what was there.
    assert feed.down().up().routes(2).report((15, 1)).coverage is Coverage.COMPLETE
