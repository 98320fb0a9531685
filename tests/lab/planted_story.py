"""What the story of the lab planted, and the alerts that a watch raised of it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import attrs

from peerlint.monitor.alerts import Alert
from peerlint.monitor.problem_keys import SESSION_DOWN
from peerlint.monitor.transitions import Transition
from peerlint.profiles.hold_times import HoldTimes

_SECOND: Final = 1_000_000
#: Rules that compare sessions, so that none of them is meant.
_OF_PREFIXES: Final = frozenset({"route.origin-inconsistent"})
_MISSING: Final = "route.not-received"
#: How long a session may take to come back: GoBGP 3.10 waits up to 30 seconds between attempts.
_BACK_SECONDS: Final = 45


@attrs.frozen
class Subject:
    """What an alert is about.

    Attributes:
        rule: the rule; that of a lost session is none of the report.
        session: the id of the session.
        prefix: the prefix; empty if it is about the whole session.
    """

    rule: str
    session: str
    prefix: str


@attrs.frozen
class Planted:
    """A problem that raises an alert; times in microseconds since 1970.

    Attributes:
        subject: what it is about.
        begins: when it was planted.
        ends: when it was taken back; None if it ends by itself.
    """

    subject: Subject
    begins: int
    ends: int | None


@attrs.frozen
class Raised:
    """An alert that was raised, and resolved; times in microseconds since 1970."""

    subject: Subject
    opened: int
    resolved: int | None


def planted(file: Path) -> tuple[Planted, ...]:
    """Return the alerts that planted.json says there have to be."""
    problems = json.loads(file.read_text(encoding="utf-8"))["problems"]
    return tuple(
        Planted(Subject(rule, _session(rule, each), each["prefix"]), each["begins"], each["ends"])
        for each in problems
        for rule in each["alerts"]
    )


def _session(rule: str, problem: dict[str, str]) -> str:
    return "" if rule in _OF_PREFIXES else problem["session"]


def raised(alerts: Iterable[Alert]) -> tuple[Raised, ...]:
    """Return what alerts are about, each as it was at last."""
    last = {each.id: each for each in alerts}
    return tuple(Raised(_subject(each), each.opened, each.resolved) for each in last.values())


def _subject(alert: Alert) -> Subject:
    cause = alert.cause
    sessions = {each.session for each in alert.affected if each.session}
    session = cause.session or ", ".join(sorted(sessions))
    return Subject(cause.rule, session, cause.prefix)


def sequences(transitions: Iterable[Transition], file: Path) -> str:
    """Return the states that each subject went through during a story, one subject a line.

    Args:
        transitions: the transitions of a watch.
        file: planted.json, which says when the story began.
    """
    begins = json.loads(file.read_text(encoding="utf-8"))["begins"]
    found: dict[tuple[str, ...], list[str]] = {}
    for each in sorted(transitions, key=lambda each: each.time):
        if each.time >= begins:
            key = str(each.kind), each.prefix or each.peering, each.session
            found.setdefault(key, [each.before]).append(each.after)
    return "".join(
        f"{' '.join(key)}: {', '.join(states)}\n" for key, states in sorted(found.items())
    )


def differences(
    expected: Iterable[Planted], found: Iterable[Raised], times: HoldTimes, late: float
) -> list[str]:
    """Return how alerts differ from what was planted; nothing if they are exactly that.

    Args:
        expected: what was planted.
        found: the alerts.
        times: the hold times of the watch.
        late: how many seconds after its time an alert may be opened or resolved.
    """
    left = sorted(found, key=lambda each: each.opened)
    wrong = []
    for each in expected:
        match = next((one for one in left if one.subject == each.subject), None)
        if match is None:
            wrong.append(f"{each.subject}: no alert")
            continue
        left.remove(match)
        wrong += _wrong_times(each, match, times, int(late * _SECOND))
    return [*wrong, *(f"{each.subject}: was not planted" for each in left)]


def _wrong_times(planted: Planted, raised: Raised, times: HoldTimes, late: int) -> Iterator[str]:
    hold = {SESSION_DOWN: times.session_down, _MISSING: times.missing}.get(
        planted.subject.rule, times.other
    )
    opened = raised.opened - planted.begins
    if not hold <= opened <= hold + late:
        yield f"{planted.subject}: opened {opened / _SECOND} s after it began"
    if raised.resolved is None:
        yield f"{planted.subject}: never resolved"
        return
    ends = planted.begins if planted.ends is None else planted.ends
    rest = _BACK_SECONDS * _SECOND if planted.subject.rule == SESSION_DOWN else 0
    resolved = raised.resolved - ends
    if not 0 <= resolved <= times.other + rest + late:
        yield f"{planted.subject}: resolved {resolved / _SECOND} s after it ended"
