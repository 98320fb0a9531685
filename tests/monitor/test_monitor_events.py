"""Events of routers, second by second, and what the monitor says of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import count
from time import perf_counter
from typing import Final

import attrs
import pytest

from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    FeedBack,
    FeedLost,
    Gap,
    Heartbeat,
    OtherRoutes,
    SessionDown,
    SessionUp,
    TableRef,
    Withdraw,
)
from peerlint.inventory import Inventory
from peerlint.model import MAPS_COMMUNITY, MaxAge, Prefix, Route, View
from peerlint.model.times import from_microseconds
from peerlint.monitor import KeptRoutes
from peerlint.monitor.alerts import Notice
from peerlint.monitor.monitor import Monitor
from peerlint.monitor.router_state import FeedRouterState
from peerlint.monitor.transitions import Transition
from peerlint.monitor.watched import Watched
from peerlint.observations import RibArgument
from peerlint.profiles.hold_times import HoldTimes
from peerlint.testing.notation import scenario

SECOND: Final = 1_000_000
START: Final = 1_795_000_000 * SECOND
MAPS: Final = (
    "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1\nsession ams-2 edge2\n"
    "registered 203.0.113.0/24 name a\nregistered 198.51.100.0/24 name b\n"
)
ROUTE_SERVER: Final = (
    "peering ix-ams route-server 64500 Amsterdam\nsession ams-1 edge1\nsession ams-2 edge2\n"
    "asn 64500\n"
)
A: Final = "203.0.113.0/24"
B: Final = "198.51.100.0/24"


def watched(setup: str, **times: int) -> Watched:
    """Return what a monitor of a set-up watches."""
    found = scenario(setup)
    inventory: Inventory = found.inventory
    return Watched(
        inventory=inventory,
        profiles=found.profiles,
        kept=KeptRoutes(None, frozenset({MAPS_COMMUNITY})),
        limits={each.id: MaxAge(timedelta(hours=24)) for each in inventory.sessions},
        times={each.name: HoldTimes(**times) for each in inventory.peerings},
        version="0",
        kernel="c",
    )


def argument_of(router: str) -> RibArgument:
    """Return a router as a user names it."""
    return RibArgument(router, router=router)


@attrs.define(eq=False)
class Network:
    """Routers that a monitor watches.

    Attributes:
        setup: the peerings, sessions and prefixes, in the notation of scenarios.
        monitor: the monitor.
        times: hold times that are not the default ones.
        now: the time, in microseconds since 1970.
        notices: all notices.
        transitions: all transitions.
    """

    setup: str = MAPS
    times: dict[str, int] = attrs.Factory(dict)
    now: int = START
    notices: list[Notice] = attrs.Factory(list)
    transitions: list[Transition] = attrs.Factory(list)
    monitor: Monitor = attrs.field(init=False)
    feed: int = attrs.field(init=False)
    watched: Watched = attrs.field(init=False)
    numbers: Iterable[int] = attrs.Factory(lambda: count(1))

    def __attrs_post_init__(self) -> None:
        """Start a monitor."""
        self.watched = watched(self.setup, **self.times)
        self.start(None)

    def start(self, saved: str | None) -> None:
        """Start another monitor with what one has saved."""
        ids = iter(self.numbers)
        self.monitor = Monitor(
            self.watched, now=self.now, new_id=lambda: f"alert-{next(ids)}", saved=saved
        )
        self.feed = self.monitor.add_feed("bmp", argument_of)

    def add(self, kind: type[Event], session: str = "", **values: object) -> Network:
        """Give an event of a session, at the present time."""
        where: dict[str, object] = {"feed": "bmp", "time": self.now}
        if session:
            ref = next(each for each in self.watched.inventory.sessions if each.id == session)
            whole = kind in (SessionUp, SessionDown)
            where["router"] = ref.connection.router
            if kind not in (FeedBack, FeedLost):
                view = None if whole else View.SENT
                where["table"] = TableRef(ref.declared.microsoft, 8075, view)
        self.monitor.add(self.feed, kind(**{**where, **values}))
        return self

    def up(self, session: str, *prefixes: str, restart_time: int | None = None) -> Network:
        """Establish a session, with all of its routes."""
        self.add(SessionUp, session, local_asn=64500, peer_asn=8075, restart_time=restart_time)
        for each in prefixes:
            self.announce(session, each)
        return self.add(EndOfRib, session)

    def announce(
        self, session: str, prefix: str, path: str = "64500", communities: str = "8075:8007"
    ) -> Network:
        """Announce a route."""
        route = Route.parse(prefix, path=path, communities=communities)
        return self.add(Announce, session, route=route)

    def withdraw(self, session: str, prefix: str) -> Network:
        """Withdraw a route."""
        return self.add(Withdraw, session, prefix=Prefix.parse(prefix))

    def run(self, seconds: float) -> Network:
        """Let time pass, and evaluate whenever something is due."""
        until = self.now + int(seconds * SECOND)
        self._evaluate()
        while (due := self.monitor.next_time()) <= until:
            assert due >= self.now - SECOND, "time stands still"
            self.now = max(due, self.now)
            self._evaluate()
        self.now = until
        self._evaluate()
        return self

    def _evaluate(self) -> None:
        self.monitor.advance(self.now)
        found = self.monitor.evaluate()
        self.notices += found.notices
        self.transitions += found.transitions

    @property
    def told(self) -> list[str]:
        """The notices: seconds since the start, kind, rule, session and prefix, resolution."""
        return [_line(each) for each in self.notices]

    @property
    def changed(self) -> list[str]:
        """The transitions: seconds since the start, kind, subject, before and after."""
        return [
            f"{(each.time - START) // SECOND} {each.kind} {each.session} {each.prefix}"
            f" {each.before} -> {each.after}"
            for each in self.transitions
        ]


def _line(notice: Notice) -> str:
    cause = notice.alert.cause
    words = [cause.rule, cause.session, cause.prefix, cause.about]
    resolution = f"({notice.alert.resolution})" if notice.alert.resolution else ""
    found = [str((notice.time - START) // SECOND), str(notice.kind), *words, resolution]
    return " ".join(each for each in found if each)


def started(setup: str = MAPS, **values: int) -> Network:
    """Return two sessions that announce both prefixes, after everything is known."""
    found = Network(setup).up("ams-1", A, B, **values).up("ams-2", A, B).run(30)
    assert not found.told
    assert not found.changed
    return found


def test_a_member_without_a_prefix() -> None:
    """A member's prefix that no session shows any more has no problems, and is no transition."""
    network = started(ROUTE_SERVER)
    network.announce("ams-1", A, communities="64500:1").run(30)
    assert network.told == ["40 opened route.community-missing 203.0.113.0/24"]
    before = len(network.transitions)
    network.withdraw("ams-1", A).withdraw("ams-2", A).run(30)

    assert network.told[-1].endswith("(no session shows the prefix of a member any more)")
    assert not network.monitor.status().alerts
    assert ["redundancy"] == [str(each.kind) for each in network.transitions[before:]]


def test_a_member_that_is_gone_after_a_restart() -> None:
    """An alert ends too if its prefix was withdrawn while nobody watched."""
    network = started(ROUTE_SERVER)
    network.announce("ams-1", A, communities="64500:1").run(30)
    network.start(network.monitor.saved())
    network.run(5)
    assert network.monitor.status().alerts
    network.up("ams-1", B).up("ams-2", B).run(5)
    assert network.monitor.status().alerts
    network.run(30)

    assert network.told[-1].endswith("(no session shows the prefix of a member any more)")
    assert not network.monitor.status().alerts


def test_a_route_server_without_sessions() -> None:
    """If all sessions of a route server are down, no session is called fine."""
    network = started(ROUTE_SERVER)
    network.add(SessionDown, "ams-1").run(100).add(SessionDown, "ams-2").run(100)

    assert {"session.down"} == {each.cause.rule for each in network.monitor.status().alerts}
    assert "2 of 2" not in network.changed[-1]


def test_a_graceful_restart() -> None:
    """While a session may be restarting, nothing on it changes, whatever its routes showed."""
    network = started(restart_time=120)
    network.announce("ams-1", A, communities="64500:1").run(100)
    told, changed = [*network.told], [*network.changed]
    assert ["40 opened route.community-missing 203.0.113.0/24"] == told
    network.add(SessionDown, "ams-1").run(118)
    assert changed == network.changed
    assert {"opened", "changed"} == {each.split()[1] for each in network.told}

    network.up("ams-1", B, restart_time=120).announce("ams-1", A, communities="64500:1").run(70)
    assert changed == network.changed
    assert {"opened", "changed"} == {each.split()[1] for each in network.told}


def test_a_restart_that_does_not_end() -> None:
    """After the time of a graceful restart, everything that is missing counts."""
    network = started(restart_time=120)
    network.announce("ams-1", A, communities="64500:1").run(100)
    changed = len(network.changed)
    network.add(SessionDown, "ams-1").run(150)

    assert network.told[-2:] == [
        "250 opened session.down ams-1",
        "260 resolved route.community-missing 203.0.113.0/24"
        " (the route that broke the rule is withdrawn)",
    ]
    kinds = [each.split()[1] for each in network.changed[changed:]]
    assert sorted(kinds) == ["cell", "cell", "prefix", "session"]


def test_a_route_server_in_a_graceful_restart() -> None:
    """Prefixes of members are not gone while a session that may be restarting is down."""
    network = started(ROUTE_SERVER, restart_time=120)
    network.withdraw("ams-2", A).announce("ams-1", A, path="64500 64512").run(100)
    told = network.told
    assert len(told) > 1
    network.add(SessionDown, "ams-1").run(118)
    assert not [each for each in network.told if "resolved" in each]
    network.run(60)

    assert {"session.down"} == {each.cause.rule for each in network.monitor.status().alerts}


def test_a_session_down_time_that_is_longer_than_a_restart() -> None:
    """A session has to be down for the time of the profile in any case."""
    network = Network(times={"session_down": 300 * SECOND})
    network.up("ams-1", A, B, restart_time=120).up("ams-2", A, B).run(30)
    network.add(SessionDown, "ams-1").run(299)
    assert not network.told
    network.run(2)

    assert network.told == ["330 opened session.down ams-1"]


def test_redundancy_while_a_session_was_never_seen() -> None:
    """A session of which nothing was ever known is not among those on which all is fine."""
    network = Network().up("ams-1", A).announce("ams-1", B, communities="64500:1").run(60)
    network.announce("ams-1", B).run(60)
    assert not [each for each in network.changed if "redundancy" in each]
    network.up("ams-2", A, B).run(60).announce("ams-2", A, communities="64500:1").run(60)

    assert ["180 redundancy   2 of 2 -> 1 of 2"] == [
        each for each in network.changed if "redundancy" in each
    ]


def test_redundancy_while_some_prefixes_are_not_evaluated() -> None:
    """What the first portion of prefixes shows is not taken for all of them."""
    network = Network()
    network.announce("ams-1", A).announce("ams-2", A).announce("ams-2", B)
    network.announce("ams-1", B, communities="64500:1")
    network.monitor.advance(START)
    while True:
        assert not network.monitor.evaluate(1).transitions
        if not network.monitor.due:
            break


def test_a_clock_that_is_set_back() -> None:
    """If the clock is set back, states hold for their times by the clock as it is now."""
    network = started()
    network.withdraw("ams-2", B).run(30)
    network.now -= 5 * 3600 * SECOND
    network.run(0)
    network.withdraw("ams-1", A).run(90)

    assert ["ams-1", "ams-2"] == sorted(each.alert.affected[0].session for each in network.notices)
    network.announce("ams-2", B).announce("ams-1", A).run(30)
    assert not network.monitor.status().alerts


def test_silence_after_a_clock_was_set_back() -> None:
    """A feed is silent after its time, though its last sign of life lies in the future."""
    network = started()
    for _ in range(3):
        network.monitor.add(
            network.feed, Heartbeat(feed="bmp", router="edge1", time=network.now, interval=SECOND)
        )
        network.run(1)
    network.now -= 5 * 3600 * SECOND
    network.run(500)

    assert ["feed.silent"] == [each.cause.rule for each in network.monitor.status().alerts]


def test_tables_after_a_clock_was_set_back() -> None:
    """A table is known after the hold time of End-of-RIB by the clock as it is now."""
    network = Network().up("ams-1", A).up("ams-2", A, B)
    network.run(5)
    network.now -= 5 * 3600 * SECOND
    network.run(8)
    assert "unknown" in network.monitor.report().cells.rows[f"contoso-ams {B}"]["ams-1"]
    network.run(8)
    assert "missing" in network.monitor.report().cells.rows[f"contoso-ams {B}"]["ams-1"]


def test_a_waiver_that_ends_at_midnight() -> None:
    """A waiver ends with its day, though no event comes."""
    network = Network(MAPS + "waive route.not-received contoso-ams until=2026-11-18\n")
    network.up("ams-1", A).up("ams-2", A, B).run(12 * 3600)
    assert not network.told
    network.run(3600)

    assert [(date(2026, 11, 19), "route.not-received")] == [
        (from_microseconds(each.time).date(), each.alert.cause.rule) for each in network.notices
    ]


def test_routes_that_become_too_old() -> None:
    """What a feed showed that may end unnoticed is unknown after a day, though no event comes."""
    network = Network()
    network.feed = network.monitor.add_feed("old", argument_of, is_live=False)
    network.up("ams-1", A, B).up("ams-2", A, B).run(25 * 3600)

    words = network.monitor.report().cells.rows[f"contoso-ams {A}"]
    assert {"unknown"} == set(words.values())
    assert not network.told


def test_two_feeds_of_a_router() -> None:
    """A session that one of two feeds of its router says is down is down: it knows it first."""
    network = Network().up("ams-1", A, B).up("ams-2", A, B)
    first, network.feed = network.feed, network.monitor.add_feed("other", argument_of)
    for session in ("ams-1", "ams-2"):
        network.add(SessionUp, session, feed="other", local_asn=64500, peer_asn=8075)
    network.run(30)
    assert {True} == {each.is_up for each in network.monitor.status().sessions}
    network.feed = first
    network.add(SessionDown, "ams-1").run(100)

    assert ["session.down"] == [each.cause.rule for each in network.monitor.status().alerts]


def test_times_of_a_new_inventory() -> None:
    """Another inventory about the same routes may have other limits of age and silence."""
    network = Network()
    network.feed = network.monitor.add_feed("old", argument_of, is_live=False)
    network.up("ams-1", A, B).up("ams-2", A, B).run(2 * 3600)
    beat = Heartbeat(feed="bmp", router="edge1", time=network.now, interval=SECOND)
    network.monitor.add(network.feed, beat)
    limits = dict.fromkeys(network.watched.limits, MaxAge(timedelta(hours=1)))
    times = {"contoso-ams": HoldTimes(silence=10 * SECOND)}
    assert network.monitor.reload(attrs.evolve(network.watched, limits=limits, times=times))
    network.run(60)

    words = network.monitor.report().cells.rows[f"contoso-ams {A}"]
    assert {"unknown"} == set(words.values())
    (feed,) = [each for each in network.monitor.status().feeds if each.feed == "old"]
    assert "nothing came since" in feed.reason


@pytest.mark.slow
def test_thousands_of_paths_to_a_prefix() -> None:
    """The time that a peer with thousands of paths to a prefix takes is not the square of that."""
    network = started()
    begun = perf_counter()
    for number in range(5000):
        route = Route.parse(A, path="64500", communities="8075:8007")
        network.add(Announce, "ams-1", route=attrs.evolve(route, path_id=number))
    network.run(1)

    assert perf_counter() - begun < 60  # it took ten minutes


def test_a_router_that_was_lost_before_a_restart() -> None:
    """An alert about a router that is there again ends, though this process never saw it lost."""
    network = started()
    network.add(FeedLost, "ams-1", reason="closed").run(200)
    assert [each.cause.rule for each in network.monitor.status().alerts] == ["feed.silent"]
    network.start(network.monitor.saved())
    network.run(30)
    assert network.monitor.status().alerts
    network.up("ams-1", A, B).run(30)

    assert network.told[-1] == "270 resolved feed.silent bmp edge1 (the feed is there again)"


def test_a_report_before_the_first_evaluation() -> None:
    """Whoever asks for the report early takes no alert away."""
    network = Network().up("ams-1", A, B).up("ams-2", B)
    network.monitor.report()
    network.run(100)

    assert network.told == ["70 opened route.not-received 203.0.113.0/24"]


def test_the_session_of_a_collector() -> None:
    """A collector's session with the partner's address is not the one with Microsoft."""
    network = started()
    (session, _) = network.watched.inventory.sessions
    for address in (session.declared.microsoft, session.declared.peer):
        if address is not None:
            table = TableRef(address, view=View.COLLECTOR)
            network.add(SessionUp, "ams-1", router="rrc00", table=table)
            network.add(SessionDown, "ams-1", router="rrc00", table=table)
    network.run(100)

    assert not network.told


def cells(network: Network, prefix: str = A) -> dict[str, str]:
    """Return the words of a prefix in the report of now, by session."""
    return dict(network.monitor.report().cells.rows[f"contoso-ams {prefix}"])


def test_what_a_lost_router_showed_decides_nothing() -> None:
    """Its sessions are unknown at once, and known when it has sent everything again."""
    network = started()
    network.add(FeedLost, "ams-1", reason="closed").run(2)
    assert cells(network) == {"ams-1": "unknown", "ams-2": "ok"}

    network.add(FeedBack, "ams-1").up("ams-1", A, B).run(30)
    assert cells(network) == {"ams-1": "ok", "ams-2": "ok"}


def test_a_path_that_is_older_than_a_gap_makes_its_prefix_unknown() -> None:
    """It may have been withdrawn in the gap: that the other path came again does not decide."""
    network = started()
    route = Route.parse(A, path="64500", communities="8075:8007")
    for number in (1, 2):
        network.add(Announce, "ams-1", route=attrs.evolve(route, path_id=number))
    network.withdraw("ams-1", A).run(2)
    network.add(Gap, "ams-1", reason="lost a message").run(2)
    network.add(Announce, "ams-1", route=attrs.evolve(route, path_id=1)).run(2)
    assert cells(network)["ams-1"] == "unknown"

    network.add(Announce, "ams-1", route=attrs.evolve(route, path_id=2)).run(2)
    assert cells(network)["ams-1"] == "ok"


def test_routes_that_a_feed_holds_back_count() -> None:
    """A limit of routes is exceeded by those that are counted only, and kept again without them."""
    network = Network(MAPS + "session ams-1 max_advertised=100\n").up("ams-1", A, B)
    network.up("ams-2", A, B).run(30)

    def exceeded() -> bool:
        return any(
            each.rule == "route.max-prefixes-advertised" and each.outcome == "fail"
            for each in network.monitor.report().findings
        )

    assert not exceeded()
    network.add(OtherRoutes, "ams-1", routes=200).run(2)
    assert exceeded()
    network.add(OtherRoutes, "ams-1", routes=0, is_grown=False).run(2)
    assert not exceeded()


def test_a_session_that_two_routers_show_is_not_known_to_be_up() -> None:
    """Unless one of them has the name of the session's router."""
    network = Network()
    feed = network.monitor.add_feed("another")
    ref = network.watched.inventory.sessions[0].declared.microsoft
    for router in ("192.0.2.21", "192.0.2.22"):
        table = TableRef(ref, 8075)
        where = {"feed": "another", "router": router, "table": table, "time": network.now}
        network.monitor.add(feed, SessionUp(**where, local_asn=64500, peer_asn=8075))
    network.run(1)
    assert network.monitor.status().sessions[0].is_up is None

    network.up("ams-1", A).run(1)
    assert network.monitor.status().sessions[0].is_up is True


def test_a_table_that_was_given_up_begins_anew() -> None:
    """A router may send everything again twice before it shows a table that it showed before."""
    network = started()
    for _ in range(2):
        network.add(FeedLost, "ams-1", reason="closed").add(FeedBack, "ams-1").run(2)
    network.up("ams-1", A).run(30)

    assert cells(network)["ams-1"] == "ok"
    assert cells(network, B)["ams-1"] == "missing"


def test_the_last_as_number_of_a_peer_counts() -> None:
    """A peer that comes back with an earlier AS number has that one again."""
    router = FeedRouterState(START, START)
    tables = [TableRef("192.0.2.1", asn, View.SENT) for asn in (64500, 64501)]
    for each in (*tables, tables[0], attrs.evolve(tables[0], asn=None)):
        found = router.table(each)

    assert found.ref == tables[0]
    assert len(router.tables) == 1
