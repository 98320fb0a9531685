"""Registry data that change while a monitor runs: it says what a check with the new ones says."""

from __future__ import annotations

from itertools import count

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.monitor.test_monitor_whole import (
    SECOND,
    SETUPS,
    START,
    argument_of,
    events,
    lines,
    setup,
    whole,
)

from peerlint.engine import SubjectKey
from peerlint.engine.checker import Checker
from peerlint.events import Announce, EndOfRib, TableRef
from peerlint.model import Prefix, Route, View
from peerlint.model.times import from_microseconds
from peerlint.monitor import FeedTables
from peerlint.monitor.monitor import Monitor
from peerlint.monitor.watched import Watched
from peerlint.registry import (
    Registry,
    RegistryInputs,
    SourceInfo,
    SourceKind,
    Vrp,
    vrp_columns,
)
from peerlint.results import Report
from peerlint.rules.registry_criteria import NAMED
from peerlint.testing._registry import RegistryReader

HOUR = 3600 * SECOND
#: Lines that registry data are made of, as in scenarios; some are too old a minute later.
LINES = (
    "registry named",
    "registry irr RADB age=240h",
    "registry irr ARIN age=10079m",
    "registry irr RIPE cut",
    "registry vrps",
    "registry vrps age=1439m",
    "registry vrps age=48h",
    "registry delegated",
    "registry peeringdb",
    "irr RADB aut-num 64500",
    "irr RIPE route 203.0.113.0/24 64500",
    "irr NTTCOM route 198.51.100.0/24 64501",
    "irr RIPE-NONAUTH route 192.0.2.0/24 64501",
    "vrp 203.0.113.0/24 64500",
    "vrp 203.0.113.0/24 64501",
    "vrp 0.0.0.0/0-32 64501",
    "delegated RIPE 64500 assigned",
    "delegated RIPE 203.0.113.0/24 assigned",
    "peeringdb net 64500",
    "peeringdb contact 64500 NOC contoso.com phone",
)


def registry_of(text: list[str], now: int) -> Registry | None:
    """Return the registry data of lines; None without any line."""
    reader = RegistryReader()
    for each in text:
        reader.read(each.split())
    return reader.registry(from_microseconds(now))


def monitor_of(watched: Watched) -> Monitor:
    """Return a monitor that has seen nothing."""
    numbers = count(1)
    return Monitor(watched, now=START, new_id=lambda: str(next(numbers)))


@pytest.mark.parametrize("name", SETUPS)
@given(data=st.data())
@settings(deadline=None)
def test_other_registry_data_equal_a_check_with_them(name: str, data: st.DataObject) -> None:
    """Whatever changes first, routes, registry data or the time: the report is that of a check."""
    found, watched = setup(name)
    choices = st.lists(st.sampled_from(LINES), unique=True, max_size=9)
    watched = attrs.evolve(watched, registry=registry_of(data.draw(choices), START))
    monitor = monitor_of(watched)
    feed = monitor.add_feed("bmp", argument_of)
    model = FeedTables(watched.inventory, watched.kept, argument_of)
    shown = data.draw(events(name))
    for event in shown:
        monitor.add(feed, event)
        model.add(event)
        action = data.draw(st.sampled_from(["", "", "evaluate", "part", "registry"]))
        if action == "registry":
            registry = registry_of(data.draw(choices), START)
            watched = attrs.evolve(watched, registry=registry)
            monitor.use_registry(registry)
        elif action:
            monitor.evaluate(1 if action == "part" else None)
    now = shown[-1].time + data.draw(st.sampled_from([SECOND, 20 * SECOND, 61 * SECOND]))
    monitor.advance(now)
    model.advance(now)
    monitor.evaluate()
    monitor.evaluate()
    said, expected = lines(monitor.report()), lines(whole(found, watched, model, now, is_live=True))
    assert not {*said} ^ {*expected}, [sorted({*said} - {*expected}), sorted({*expected} - {*said})]
    assert sorted(said) == sorted(expected)


def shown_on(monitor: Monitor, watched: Watched, *prefixes: str) -> None:
    """Show prefixes on the first session, and the end of its table."""
    feed = monitor.add_feed("bmp", argument_of)
    table = TableRef(watched.inventory.sessions[0].declared.microsoft, 8075, View.SENT)
    where = {"feed": "bmp", "router": "edge1", "time": START, "table": table}
    for each in prefixes:
        route = Route.parse(each, path="64500", communities="8075:8007")
        monitor.add(feed, Announce(**where, route=route))
    monitor.add(feed, EndOfRib(**where))
    monitor.advance(START + 30 * SECOND)
    monitor.evaluate()
    monitor.evaluate()


def outcomes(report: Report, rule: str) -> dict[str, str]:
    """Return the outcomes of a rule by prefix."""
    return {
        each.subject.prefix or "": str(each.outcome)
        for each in report.findings
        if each.rule == rule
    }


def fresh(*vrps: Vrp) -> Registry:
    """Return registry data of all registries, in which AS64500 is, with VRPs."""
    kinds = [(SourceKind.IRR, each) for each in NAMED] + [(SourceKind.VRPS, "vrps.json")]
    sources = tuple(SourceInfo(kind, each, START, 1) for kind, each in kinds)
    return Registry.of(RegistryInputs(START, sources, vrps=(vrp_columns(vrps),)))


ROW = Vrp(Prefix.parse("203.0.113.0/24"), 24, 64501, "ripe")
OWN = Vrp(
    Prefix.parse("203.0.113.0/24"), 24, 64500, "ripe", expires=(START + 600 * SECOND) // SECOND
)


def test_a_vrp_expires() -> None:
    """What was valid by a VRP is invalid within a minute after it has expired, by another one."""
    _, watched = setup("maps")
    monitor = monitor_of(attrs.evolve(watched, registry=fresh(ROW, OWN)))
    shown_on(monitor, watched, "203.0.113.0/24")
    assert "203.0.113.0/24" not in outcomes(monitor.report(), "route.rpki-invalid")

    monitor.advance(START + 662 * SECOND)
    monitor.evaluate()

    assert outcomes(monitor.report(), "route.rpki-invalid")["203.0.113.0/24"] == "fail"


def test_a_vrp_expires_after_other_data_came() -> None:
    """A result that other data did not change still depends on when its VRPs expire."""
    _, watched = setup("maps")
    monitor = monitor_of(attrs.evolve(watched, registry=fresh(ROW, OWN)))
    shown_on(monitor, watched, "203.0.113.0/24")
    other = Vrp(Prefix.parse("198.51.100.0/24"), 24, 64501, "ripe")
    monitor.use_registry(fresh(ROW, OWN, other))
    monitor.evaluate()

    monitor.advance(START + 662 * SECOND)
    monitor.evaluate()

    assert outcomes(monitor.report(), "route.rpki-invalid")["203.0.113.0/24"] == "fail"


def test_sources_become_too_old() -> None:
    """A route that is invalid is unknown within a minute after the VRPs have become too old."""
    _, watched = setup("maps")
    monitor = monitor_of(attrs.evolve(watched, registry=fresh(ROW)))
    shown_on(monitor, watched, "203.0.113.0/24")
    assert outcomes(monitor.report(), "route.rpki-invalid")["203.0.113.0/24"] == "fail"

    monitor.advance(START + 24 * HOUR + 62 * SECOND)
    monitor.evaluate()

    report = monitor.report()
    assert outcomes(report, "route.rpki-invalid").get("203.0.113.0/24") == "unknown"
    assert [each.name for each in report.registry_sources if each.is_too_old] == ["vrps.json"]
    assert any("too old" in each for each in report.remarks)


def test_ages_are_those_of_the_report() -> None:
    """A report tells how old the sources are now, and not when the data were taken over."""
    _, watched = setup("maps")
    monitor = monitor_of(attrs.evolve(watched, registry=fresh()))
    monitor.advance(START + 2 * HOUR)
    monitor.evaluate()

    assert {each.age_seconds for each in monitor.report().registry_sources} == {7200}


def test_only_other_answers_are_evaluated_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of two prefixes, the one is evaluated again whose VRPs are others; the other one stays."""
    _, watched = setup("maps")
    monitor = monitor_of(attrs.evolve(watched, registry=fresh()))
    shown_on(monitor, watched, "203.0.113.0/24", "198.51.100.0/24")
    evaluated = list[SubjectKey]()
    evaluate = Checker.evaluate

    def counted(self: Checker, subject: SubjectKey) -> object:
        evaluated.append(subject)
        return evaluate(self, subject)

    monkeypatch.setattr(Checker, "evaluate", counted)
    monitor.use_registry(fresh(ROW))
    monitor.evaluate()
    assert {each.name for each in evaluated} == {"203.0.113.0/24"}

    evaluated.clear()
    monitor.use_registry(fresh(ROW))
    monitor.evaluate()
    assert evaluated == []

    monitor.use_registry(None)
    monitor.evaluate()
    assert {each.name for each in evaluated} >= {"203.0.113.0/24", "198.51.100.0/24"}
