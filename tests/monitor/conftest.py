"""Stories: what routes and sessions do, minute by minute, and what the receivers are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import attrs
import pytest

from peerlint.engine.checker import Checker
from peerlint.engine.column_index import ColumnIndex
from peerlint.engine.prepare import prepare
from peerlint.engine.subject_result import SubjectResult
from peerlint.inventory import Inventory, MaintenanceWindow
from peerlint.model.times import from_microseconds
from peerlint.monitor.alerting import Alerting
from peerlint.monitor.alerts import Notice
from peerlint.monitor.changes import Changes
from peerlint.monitor.transitions import Transition
from peerlint.profiles.hold_times import HoldTimes
from peerlint.testing.notation import Scenario, scenario

SECOND: Final = 1_000_000
PREFIXES: Final = {
    "A": "203.0.113.0/24",
    "B": "198.51.100.0/24",
    "C": "192.0.2.0/24",
}
_LETTERS: Final = {prefix: letter for letter, prefix in PREFIXES.items()}
PEERING: Final = (
    "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\nsession ams-2 edge2.ams\n"
)
TAG: Final = "community 8075:8007"
#: The routes of a cell, by what a story calls them.
ROUTES: Final = {
    "ok": "{session} {prefix} path 64500 " + TAG,
    "prepended": "{session} {prefix} path 64500 64500 " + TAG,
    "untagged": "{session} {prefix} path 64500",
    "foreign": "{session} {prefix} path 64500 64501 " + TAG,
    "covering": "{session} 203.0.112.0/23 path 64500",
    "missing": "",
}


def results_of(found: Scenario) -> list[SubjectResult]:
    """Return the results of all subjects of a scenario."""
    prepared = prepare(found.inventory, found.profiles, now=found.now, version="0", kernel="python")
    checker = Checker(prepared, ColumnIndex(prepared.inventory.sessions, found.observations))
    return [checker.evaluate(each) for each in checker.subjects()]


def _ids() -> Callable[[], str]:
    numbers = iter(range(1, 1_000_000))
    return lambda: f"alert-{next(numbers)}"


@attrs.define(eq=False)
class Story:
    """Alerting that is told a story, and what it answers.

    Attributes:
        setup: the peerings and sessions, in the notation of scenarios.
        letters: the registered prefixes.
        times: the hold times.
        notices: all notices.
        transitions: all transitions.
        cells: the routes of each session and prefix that are not "ok".
        hidden: the sessions of which not all routes are known; those that are missing are unknown.
        extra: further lines of the scenario, such as waivers.
        windows: the maintenance windows.
    """

    setup: str = PEERING
    letters: str = "AB"
    times: HoldTimes = HoldTimes()
    notices: list[Notice] = attrs.Factory(list)
    transitions: list[Transition] = attrs.Factory(list)
    cells: dict[tuple[str, str], str] = attrs.Factory(dict)
    hidden: set[str] = attrs.Factory(set)
    extra: str = ""
    windows: tuple[MaintenanceWindow, ...] = ()
    now: int = 0
    new_id: Callable[[], str] = attrs.Factory(_ids)
    alerting: Alerting = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Start without results."""
        self.alerting = self._new(None)

    def _new(self, saved: str | None) -> Alerting:
        return Alerting(self.inventory, self.hold_times, new_id=self.new_id, saved=saved)

    @property
    def inventory(self) -> Inventory:
        """The inventory with its maintenance windows."""
        return attrs.evolve(self.scenario().inventory, maintenance=self.windows)

    @property
    def hold_times(self) -> dict[str, HoldTimes]:
        """The hold times of all peerings."""
        return {each.name: self.times for each in self.scenario().inventory.peerings}

    def scenario(self) -> Scenario:
        """Return the routes of now as a scenario."""
        lines = [self.setup]
        lines += [f"registered {PREFIXES[letter]} name {letter}" for letter in self.letters]
        sessions = [line.split()[1] for line in self.setup.splitlines() if "session" in line]
        lines += [
            ROUTES[self.cells.get((session, letter), "ok")].format(
                session=session, prefix=PREFIXES[letter]
            )
            for session in sessions
            for letter in self.letters
        ]
        lines += [f"coverage {session} partial" for session in sorted(self.hidden)]
        return scenario("\n".join([*lines, self.extra]))

    # -- what happens

    def tell(self, text: str) -> Story:
        """Tell what happens: a line has a time in seconds, and then events, separated by `;`.

        Events are "SESSION LETTERS ROUTE", "down SESSION [HOLD]", "up SESSION", "lost SESSION",
        "hide SESSION", "see SESSION", "silent FEED", "back FEED", "without LETTER", "restart".
        """
        for line in filter(None, map(str.strip, text.splitlines())):
            time, _, events = line.partition(" ")
            self.run(int(time))
            for event in filter(None, map(str.strip, events.split(";"))):
                self._happen(*event.split())
            self.settle()
        return self

    def _happen(self, *words: str) -> None:
        time = self.now * SECOND
        if words[0] in ("down", "up", "lost"):
            is_up = {"down": False, "up": True, "lost": None}[words[0]]
            hold = int(words[2]) * SECOND if len(words) > 2 else None
            self.alerting.session(time, words[1], is_up, hold=hold, reason="Cease" * (not is_up))
        elif words[0] in ("silent", "back"):
            self.alerting.feed(time, words[1], "no sign of life" if words[0] == "silent" else "")
        elif words[0] == "restart":
            self.alerting = self._new(self.alerting.saved())
        elif words[0] == "without":
            self.letters = self.letters.replace(words[1], "")
            self.alerting.reload(self.inventory, self.hold_times, time)
        else:
            self._change_routes(words)

    def _change_routes(self, words: Iterable[str]) -> None:
        first, *rest = words
        if first == "hide":
            self.hidden.add(rest[0])
        elif first == "see":
            self.hidden.discard(rest[0])
        elif first != "show":
            for letter in rest[0]:
                self.cells[first, letter] = rest[1]
        for result in results_of(self.scenario()):
            self.alerting.update(self.now * SECOND, result)

    def run(self, until: int) -> None:
        """Let time pass, in seconds, and settle whatever is due."""
        while (due := self.alerting.next_time()) is not None and due <= until * SECOND:
            assert due >= self.now * SECOND, "time stands still"
            self._take(self.alerting.settle(due))
            self.now = -(-due // SECOND)
        self.now = until

    def settle(self) -> Changes:
        """Settle now."""
        changes = self.alerting.settle(self.now * SECOND)
        self._take(changes)
        return changes

    def _take(self, changes: Changes) -> None:
        self.notices += changes.notices
        self.transitions += changes.transitions

    # -- what is told

    @property
    def told(self) -> list[str]:
        """The notices as lines: time, kind, rule and names of the cause, and the resolution."""
        return [_line(each) for each in self.notices]

    @property
    def open(self) -> list[str]:
        """The causes of the open alerts, as texts, and their prefixes."""
        return sorted(
            " ".join([_cause(each.cause), *_letters(each.affected)])
            for each in self.alerting.open_alerts()
        )


def _line(notice: Notice) -> str:
    alert = notice.alert
    words = [str(notice.time // SECOND), notice.kind, _cause(alert.cause)]
    return " ".join([*words, *([f"({alert.resolution})"] if alert.resolution else [])])


def _cause(cause: object) -> str:
    names = attrs.astuple(cause)  # type: ignore[arg-type]
    rule, _, session, prefix, about = names
    words = (rule, session, _LETTERS.get(prefix, prefix), about)
    return " ".join(each for each in words if each)


def _letters(affected: Iterable[object]) -> list[str]:
    prefixes = {getattr(each, "prefix", "") for each in affected} - {""}
    return sorted(_LETTERS[each] for each in prefixes)


@pytest.fixture(name="new_story")
def _new_story() -> Callable[..., Story]:
    """Return what makes a story."""
    return Story


def window(scope: str, start: int, until: int) -> MaintenanceWindow:
    """Return a maintenance window; its times are seconds since 1970."""
    times = (from_microseconds(start * SECOND), from_microseconds(until * SECOND))
    return MaintenanceWindow(scope, *times, "new line card", "noc@contoso.example")


@pytest.fixture(name="new_window")
def _new_window() -> Callable[[str, int, int], MaintenanceWindow]:
    """Return what makes a maintenance window."""
    return window
