"""After any events, the monitor says what a check of the whole tables says.

The model takes the same events into tables, makes observations of all of them, and evaluates every
rule for every subject. It knows nothing of changes.
"""

from __future__ import annotations

from itertools import count

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint import engine
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
from peerlint.model import MAPS_COMMUNITY, MaxAge, Prefix, Route, View
from peerlint.model.times import from_microseconds
from peerlint.monitor import FeedTables, KeptRoutes, feed_readings
from peerlint.monitor.monitor import Monitor
from peerlint.monitor.watched import Watched
from peerlint.observations import Observations, RibArgument, SourceReading, aged
from peerlint.profiles.hold_times import HoldTimes
from peerlint.report.sentence import sentence
from peerlint.results import Report
from peerlint.testing.notation import scenario
from peerlint.testing.scenario import Scenario
from peerlint.wire.bmp import Statistic

SETUPS = {
    "maps": (
        "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1\nsession ams-2 edge2\n"
        "registered 203.0.113.0/24 name a\nregistered 198.51.100.0/24 name b\n"
        "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge2\n"
        "registered 192.0.2.0/24 name c\n"
        "service acme primary=Amsterdam backup=Frankfurt\nservice-prefix 203.0.113.0/24\n"
    ),
    "route server": (
        "peering ix-ams route-server 64500 Amsterdam\nsession ams-1 edge1\nsession ams-2 edge2\n"
        "asn 64501\nsession fra-1 edge2\n"
    ),
    "partner": (
        "peering contoso-ams partner 64500 Amsterdam\nsession ams-1 edge1\nsession ams-2 edge2\n"
        "registered 203.0.113.0/24 name a\n"
    ),
}
START = 1_795_000_000_000_000
SECOND = 1_000_000
PREFIXES = ("203.0.113.0/24", "203.0.113.128/25", "198.51.100.0/24", "192.0.2.0/24", "0.0.0.0/0")
PATHS = ("64500", "64500 64501", "64500 64501 64501", "64500 64512")
COMMUNITIES = ("8075:8007", "8075:8007", "64500:120")
ROUTERS = ("edge1", "edge2")
VIEWS = [View.SENT] * 6 + [View.LOC_RIB, View.COLLECTOR, View.ADJ_RIB_IN]
LIMIT = MaxAge.parse("24h")


def setup(name: str) -> tuple[Scenario, Watched]:
    """Return a set-up, and what a monitor of it watches."""
    found = scenario(SETUPS[name])
    sessions = found.inventory.sessions
    return found, Watched(
        inventory=found.inventory,
        profiles=found.profiles,
        kept=KeptRoutes(None, frozenset({MAPS_COMMUNITY})),
        limits={each.id: LIMIT for each in sessions},
        times={each.name: HoldTimes() for each in found.inventory.peerings},
        version="0",
        kernel="c",
    )


def argument_of(router: str) -> RibArgument:
    """Return a router as a user names it."""
    return RibArgument(router, router=router)


@st.composite
def events(draw: st.DrawFn, name: str) -> list[Event]:
    """Return events of two routers, each of which mostly shows its own sessions."""
    sessions = scenario(SETUPS[name]).inventory.sessions
    time, found = START, []
    for _ in range(draw(st.integers(1, 40))):
        time += draw(st.sampled_from([0, 1, SECOND // 2, 11 * SECOND]))
        session = draw(st.sampled_from(sessions))
        router = draw(st.sampled_from([session.connection.router] * 9 + [*ROUTERS]))
        view = draw(
            st.sampled_from([View.SENT] * 6 + [View.LOC_RIB, View.COLLECTOR, View.ADJ_RIB_IN])
        )
        peer = "0.0.0.0" if view is View.LOC_RIB else session.declared.microsoft  # noqa: S104
        asn = None if view is View.LOC_RIB else 8075
        if view is View.COLLECTOR:
            peer, asn = draw(st.sampled_from(["192.0.2.10", "192.0.2.11"])), 64500
        table = TableRef(peer, asn, view)
        where = {"feed": "bmp", "router": router, "time": time}
        found.append(draw(st.one_of(*_kinds(where, table))))
    return found


def _kinds(where: dict[str, object], table: TableRef) -> list[st.SearchStrategy[Event]]:
    of_table = {**where, "table": table}
    of_peer = {**where, "table": attrs.evolve(table, view=None)}
    paths = st.sampled_from([None, None, None, 1, 2])
    announce = st.builds(
        lambda prefix, path, communities, path_id: Announce(
            **of_table,
            route=attrs.evolve(
                Route.parse(prefix, path=path, communities=communities), path_id=path_id
            ),
        ),
        st.sampled_from(PREFIXES), st.sampled_from(PATHS), st.sampled_from(COMMUNITIES), paths,
    )  # fmt: skip
    withdraw = st.builds(
        lambda prefix, path_id: Withdraw(**of_table, prefix=Prefix.parse(prefix), path_id=path_id),
        st.sampled_from(PREFIXES), paths,
    )  # fmt: skip
    number = 15 if table.view is View.SENT else 8
    statistics = st.builds(
        lambda routes: Statistics(**of_peer, statistics=(Statistic(number, routes),)),
        st.integers(0, 3),
    )
    return [
        announce, announce, announce, withdraw, statistics,
        st.just(EndOfRib(**of_table)),
        st.builds(lambda number: OtherRoutes(**of_table, routes=number), st.integers(0, 2)),
        st.just(SessionUp(**of_peer, local_asn=64500, peer_asn=8075)),
        st.just(SessionDown(**of_peer, reason="hold timer expired")),
        st.just(Gap(**of_table, reason="lost a message")),
        st.just(Gap(**where, reason="lost messages")),
        st.just(FeedLost(**where, reason="closed")),
        st.just(FeedBack(**where)),
    ]  # fmt: skip


def whole(
    found: Scenario, watched: Watched, tables: FeedTables, now: int, *, is_live: bool
) -> Report:
    """Check all tables; what lost routers showed decides nothing."""
    readings = []
    for summary, sources in feed_readings(
        tables, watched.criteria, is_live=is_live, remarks={}, unwatched={}
    ):
        is_lost = any(
            f"{feed} {router}" == summary.name and state.lost is not None
            for (feed, router), state in tables.routers.items()
        )
        kept = {
            session: tuple(
                attrs.evolve(each, is_too_old=is_lost or each.is_too_old) for each in of_session
            )
            for session, of_session in aged(
                Observations((summary,), sources), from_microseconds(now), watched.limits
            ).sessions.items()
        }
        readings.append(SourceReading(summary, kept))
    return engine.check(
        found.inventory,
        Observations.join(readings),
        found.profiles,
        now=from_microseconds(now).replace(microsecond=0),
        version="0",
        kernel="c",
        registry=watched.registry,
    )


def lines(report: Report) -> list[str]:
    """Return what a report says, without the evidence: whose order is that of arrival."""
    rows = [*report.prefixes, *report.service_prefixes]
    checks = [(row, check) for row in rows for check in row.checks]
    cells = [(key, *cell) for key, row in report.cells.rows.items() for cell in row.items()]
    return [
        *(f"{row.key} {row.state} {check.name} {check.result}" for row, check in checks),
        *(" ".join(each) for each in cells),
        *(f"{each.id} {each.outcome} {each.severity} {sentence(each)}" for each in report.findings),
    ]


@pytest.mark.parametrize("name", SETUPS)
@given(data=st.data())
@settings(deadline=None)
def test_evaluating_what_changed_equals_evaluating_everything(
    name: str, data: st.DataObject
) -> None:
    """After any events, in any portions, the report is that of a check of all tables.

    What time alone changes, such as the age of a source, is seen within a second.
    """
    found, watched = setup(name)
    numbers = count(1)
    monitor = Monitor(watched, now=START, new_id=lambda: str(next(numbers)))
    is_live = data.draw(st.booleans())
    feed = monitor.add_feed("bmp", argument_of, is_live=is_live)
    model = FeedTables(watched.inventory, watched.kept, argument_of)
    shown = data.draw(events(name))
    for event in shown:
        monitor.add(feed, event)
        model.add(event)
        if data.draw(st.booleans()):
            monitor.evaluate(data.draw(st.sampled_from([None, None, 1])))
    now = shown[-1].time + data.draw(st.sampled_from([SECOND, 20 * SECOND, 25 * 3600 * SECOND]))
    monitor.advance(now)
    model.advance(now)
    monitor.evaluate()
    monitor.evaluate()
    said, expected = (
        lines(monitor.report()),
        lines(whole(found, watched, model, now, is_live=is_live)),
    )
    assert not set(said) - set(expected), sorted(set(expected) - set(said))
    assert sorted(said) == sorted(expected)  # findings about routes come in the order of arrival
