"""Alerting around its stories: maintenance, transitions, clocks that jump, reloads, sizes."""

from __future__ import annotations

from collections.abc import Callable
from time import process_time
from typing import Any

import attrs
import pytest

from peerlint.engine.prepare import SubjectKey
from peerlint.engine.subject_result import SubjectResult
from peerlint.monitor.alerting import Alerting
from peerlint.monitor.changes import Changes
from peerlint.monitor.damping import Holds, SteadyTime
from peerlint.observations import Confidence
from peerlint.profiles.hold_times import HoldTimes
from peerlint.results import Finding, Outcome, Severity, SubjectRef
from peerlint.rules import Scope
from peerlint.testing.notation import scenario

SECOND = 1_000_000
#: The scope of a window from 50 to 300 seconds, what happens, and what is told.
MAINTENANCE = {
    "what begins inside a window opens at its end, if it is still there": (
        "ams-1",
        "0 show\n60 ams-1 A missing\n400",
        ["300 opened route.not-received A"],
    ),
    "what is over before the end of a window is never told": (
        "ams-1",
        "0 show\n60 ams-1 A missing\n200 ams-1 A ok\n400",
        [],
    ),
    "a window of another session changes nothing": (
        "ams-2",
        "0 show\n60 ams-1 A missing\n200",
        ["120 opened route.not-received A"],
    ),
    "a session that is down in a window of its router is told at the end, with its prefixes": (
        "edge1.ams",
        "0 show; up ams-1\n60 down ams-1; ams-1 AB missing\n400",
        ["300 opened session.down ams-1"],
    ),
    "what comes and goes inside a window is not flapping": (
        "*",
        "0 show\n"
        + "".join(f"{at} ams-1 A missing\n{at + 5} ams-1 A ok\n" for at in range(60, 120, 10))
        + "1000",
        [],
    ),
    "an alert that was open before stays open, and resolves when it is fine": (
        "203.0.113.0/24",
        "0 show\n10 ams-1 A prepended\n100 ams-1 A ok\n400",
        ["20 opened route.prepending A", "110 resolved route.prepending A (complies again)"],
    ),
}


@pytest.mark.parametrize("claim", MAINTENANCE)
def test_maintenance(
    new_story: Callable[..., Any], new_window: Callable[..., Any], claim: str
) -> None:
    """No alert opens inside a maintenance window."""
    scope, text, told = MAINTENANCE[claim]
    story = new_story(windows=(new_window(scope, 50, 300),))
    assert story.tell(text).told == told


def test_an_alert_is_not_repeated_inside_a_window(
    new_story: Callable[..., Any], new_window: Callable[..., Any]
) -> None:
    """The next repetition is an interval later."""
    times = HoldTimes(repeat=100 * SECOND)
    story = new_story(windows=(new_window("*", 150, 300),), times=times)
    assert story.tell("0 show\n10 ams-1 A missing\n500").told == [
        "70 opened route.not-received A",
        "370 repeated route.not-received A",
        "470 repeated route.not-received A",
    ]


# -- transitions


def test_states_that_held_are_transitions(new_story: Callable[..., Any]) -> None:
    """Cells, prefixes, redundancy and sessions change when the new state has held."""
    story = new_story().tell(
        "0 show; up ams-1; up ams-2\n10 ams-1 A missing\n30 down ams-2\n100 up ams-2; ams-1 A ok\n"
        "200"
    )
    seen = [
        (each.time // SECOND, each.kind, each.before, each.after, each.prefix, each.session)
        for each in story.transitions
    ]
    prefix = "contoso-ams 203.0.113.0/24"
    assert seen == [
        (30, "session", "up", "down", "", "ams-2"),
        (10, "cell", "ok", "missing", prefix, "ams-1"),
        (10, "prefix", "Verified", "Failed", prefix, ""),
        (10, "redundancy", "2 of 2", "1 of 2", "", ""),
        (100, "session", "down", "up", "", "ams-2"),
        (100, "cell", "missing", "ok", prefix, "ams-1"),
        (100, "prefix", "Failed", "Verified", prefix, ""),
        (100, "redundancy", "1 of 2", "2 of 2", "", ""),
    ]
    assert story.alerting.last_transitions(2) == tuple(story.transitions[:-3:-1])


def test_first_states_are_no_transitions(new_story: Callable[..., Any]) -> None:
    """Neither the first state of anything, nor the first one that is known."""
    story = new_story(hidden={"ams-1"}, cells={("ams-1", "A"): "missing"})
    story.tell("0 show\n100 ams-1 A ok; see ams-1\n200")
    assert story.transitions == []


def test_redundancy_is_not_told_while_it_is_unknown(new_story: Callable[..., Any]) -> None:
    """A feed that is lost is no lost redundancy."""
    story = new_story().tell("0 show\n10 hide ams-1; ams-1 AB missing\n100")
    assert {each.kind for each in story.transitions} == {"cell", "prefix"}
    assert {each.after for each in story.transitions} == {"unknown", "Unknown"}


# -- clocks


def test_a_far_jump_of_the_clock_opens_nothing_that_has_not_held(
    new_story: Callable[..., Any],
) -> None:
    """After the jump, the state has to hold again; then it counts."""
    story = new_story().tell("0 show\n10 ams-1 A missing")
    story.now = 40_000_000
    story.settle()
    assert story.told == []
    assert story.tell("40000060").told == ["40000060 opened route.not-received A"]


def test_a_clock_that_is_set_back_stops_nothing(new_story: Callable[..., Any]) -> None:
    """What waits goes on to hold, and open alerts are repeated in time."""
    story = new_story(times=HoldTimes(repeat=100 * SECOND))
    story.tell("100000 show\n100010 ams-1 A missing\n100040")
    story.now = 50_000
    story.settle()
    assert story.alerting.next_time() == 50_030 * SECOND
    assert story.tell("50200").told == [
        "50030 opened route.not-received A",
        "50130 repeated route.not-received A",
    ]


# -- the inventory changes


def test_a_reload_ends_the_alert_of_a_session_that_is_gone(new_story: Callable[..., Any]) -> None:
    """What was missing on it is gone too."""
    story = new_story().tell("0 show; up ams-1\n10 down ams-1; ams-1 AB missing\n100")
    story.setup = story.setup.replace("session ams-1 edge1.ams\n", "")
    story.alerting.reload(story.inventory, story.hold_times, 200 * SECOND)
    story.tell("200\n300")
    assert story.told[-1] == (
        "200 resolved session.down ams-1 (the inventory does not have it any more)"
    )
    assert story.open == []


def test_a_waiver_ends_an_alert(new_story: Callable[..., Any]) -> None:
    """Waived findings are no problems."""
    story = new_story().tell("0 show\n10 ams-1 A missing\n100")
    story.extra = "waive route.not-received ams-1"
    story.alerting.reload(story.inventory, story.hold_times, 200 * SECOND)
    assert story.tell("200 show\n300").told[1:] == [
        "210 resolved route.not-received A (a waiver covers it now)"
    ]


# -- many prefixes


def _missing(count: int, *, is_missing: bool) -> list[SubjectResult]:
    return [
        SubjectResult(
            SubjectKey(Scope.PREFIX, "contoso-ams", f"203.{at // 256}.{at % 256}.0/24"),
            "contoso-ams",
            (
                Finding(
                    "route.not-received",
                    Outcome.FAIL,
                    Severity.ERROR,
                    Confidence.OBSERVED,
                    SubjectRef(
                        "contoso-ams", "ams-1", "ams-1", prefix=f"203.{at // 256}.{at % 256}.0/24"
                    ),
                    "it is not among the routes",
                    "R",
                ),
            )
            if is_missing
            else (),
            words={"ams-1": "missing" if is_missing else "ok"},
        )
        for at in range(count)
    ]


def _seconds(count: int) -> float:
    """Return the time in which prefixes go missing on a lost session and come back."""
    alerting = Alerting(scenario("").inventory, {}, new_id=iter(map(str, range(9))).__next__)
    for result in _missing(count, is_missing=False):
        alerting.update(0, result)
    alerting.session(0, "ams-1", True)  # noqa: FBT003  # the state
    alerting.settle(0)
    down, fine = _missing(count, is_missing=True), _missing(count, is_missing=False)
    start = process_time()
    alerting.session(SECOND, "ams-1", False)  # noqa: FBT003
    for result in down:
        alerting.update(SECOND, result)
    notices = [*alerting.settle(SECOND).notices, *alerting.settle(61 * SECOND).notices]
    assert len(alerting.open_alerts()) == 1
    alerting.session(62 * SECOND, "ams-1", True)  # noqa: FBT003
    for result in fine:
        alerting.update(62 * SECOND, result)
    notices += alerting.settle(72 * SECOND).notices
    assert [each.kind for each in notices] == ["opened", "changed", "resolved"]
    return process_time() - start


@pytest.mark.slow
def test_time_grows_with_the_number_of_problems_and_not_with_its_square() -> None:
    """Ten times as many prefixes take about ten times as long."""
    few = min(_seconds(500) for _ in range(3))
    assert _seconds(5_000) < 40 * few


# -- details


FRANKFURT = (
    "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
    "registered 192.0.2.0/24 name C\npeering contoso-ams maps 64500 Amsterdam\n"
    "session ams-1 edge1.ams\nsession ams-2 edge2.ams\n"
)
UNREGISTERED = "ams-1 192.0.2.0/24 path 64500 community 8075:8007"


def test_an_announcement_is_over_only_if_all_routes_are_known(
    new_story: Callable[..., Any],
) -> None:
    """A route that is not seen any more, in a table that is not whole, may be there."""
    story = new_story(extra=UNREGISTERED).tell("0 show\n20")
    assert story.told == ["10 opened registration.missing C"]
    story.extra, story.hidden = "", {"ams-1"}
    story.tell("30 show\n100")
    (alert,) = story.alerting.open_alerts()
    assert alert.unknown == "not all routes of ams-1 are known"
    story.tell("200 see ams-1\n300")
    assert story.told[1:] == ["210 resolved registration.missing C (complies again)"]


def test_a_feed_that_comes_and_goes_is_named(new_story: Callable[..., Any]) -> None:
    """Each feed has an alert of its own."""
    text = "".join(f"{at} silent {{0}}\n{at + 5} back {{0}}\n" for at in range(10, 50, 10))
    story = new_story().tell("0 show\n" + text.format("edge1"))
    (alert,) = story.alerting.open_alerts()
    assert alert.title == "Feed edge1 comes and goes"
    assert alert.cause.about == "edge1 flapping"


def test_what_changes_again_and_again_needs_no_more_room() -> None:
    """Outdated entries of what waits are removed, long before they are due."""
    clock = SteadyTime()
    holds: Holds[str, int] = Holds(clock)
    for number in range(10_000):
        clock.advance(number)
        holds.start("a", number, hold=100_000_000)
    assert len(holds._heap) < 2_000
    assert holds.next_due() == 100_009_999


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ("fra-1 A missing", ["60 resolved route.prepending A (the route that broke the rule is "]),
        ("hide fra-1; fra-1 A missing", []),
    ],
)
def test_a_route_where_it_is_not_required_is_withdrawn(
    new_story: Callable[..., Any], gone: str, told: list[str]
) -> None:
    """Its cell then says that nothing is required, which is known only of a whole table."""
    story = new_story(setup=FRANKFURT, letters="A", cells={("fra-1", "A"): "missing"})
    story.tell(f"0 show\n10 fra-1 A prepended\n50 {gone}\n100")
    lines = [line for line in story.told if "prepending" in line]
    assert lines[0] == "20 opened route.prepending A"
    assert [line.removesuffix("withdrawn)") for line in lines[1:]] == told


def test_two_subjects_that_report_one_problem_do_not_make_it_flap() -> None:
    """The first subject decides; the other one's result neither ends nor repeats it."""
    alerting = Alerting(scenario("").inventory, {}, new_id=iter(map(str, range(9))).__next__)
    (first,) = _missing(1, is_missing=True)
    fine = attrs.evolve(first, subject=attrs.evolve(first.subject, owner="acme"), findings=())
    for time in range(0, 200, 5):
        alerting.update(time * SECOND, first)
        alerting.update(time * SECOND, fine)
        alerting.update(time * SECOND, attrs.evolve(fine, findings=first.findings))
        alerting.settle(time * SECOND)
    (alert,) = alerting.open_alerts()
    assert alert.cause.about == ""
    assert alert.last_seen == 195 * SECOND


def test_a_prefix_of_a_member_that_is_gone() -> None:
    """At a route server, a prefix that no route shows is no subject any more."""
    alerting = Alerting(scenario("").inventory, {}, new_id=iter(map(str, range(9))).__next__)
    (result,) = _missing(1, is_missing=True)
    alerting.update(0, result)
    assert [each.kind for each in alerting.settle(60 * SECOND).notices] == ["opened"]
    alerting.session(61 * SECOND, "ams-2", None)
    alerting.keep(70 * SECOND, ())
    assert alerting.settle(90 * SECOND).notices == ()
    (alert,) = alerting.open_alerts()
    assert alert.unknown == "not all routes of ams-2 are known"
    alerting.session(91 * SECOND, "ams-2", True)  # noqa: FBT003  # the state
    (notice,) = alerting.settle(101 * SECOND).notices
    assert notice.alert.resolution == "no session shows the prefix of a member any more"


def test_what_nobody_declares_is_ignored() -> None:
    """A session that the inventory does not have raises no alert."""
    alerting = Alerting(scenario("").inventory, {}, new_id=str)
    alerting.session(0, "fra-1", False)  # noqa: FBT003  # the state
    alerting.feed(0, "edge1", "")
    assert alerting.settle(0) == Changes()
    assert alerting.next_time() is None
    assert alerting.last_resolved() == ()
