"""The state of alerts as JSON, so that another process goes on with them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

import attrs
from cattrs import BaseValidationError, Converter

from peerlint.display import escaped_json
from peerlint.engine.prepare import SubjectKey
from peerlint.errors import StateError
from peerlint.monitor.alerts import Alert
from peerlint.monitor.problem_keys import ProblemKey
from peerlint.results import Severity
from peerlint.rules import Scope

SCHEMA: Final = "peerlint/saved-alerts/1"
_NAME: Final = "the saved alerts"
_CONVERTER: Final = Converter()


@attrs.frozen
class SavedProblem:
    """A problem of an open alert; see `peerlint.monitor.tracked_problem.TrackedProblem`."""

    key: ProblemKey
    subject: SubjectKey | None
    severity: Severity
    first_seen: int
    is_there: bool
    is_flapping: bool


@attrs.frozen
class SavedAlert:
    """An open alert; see `peerlint.monitor.tracked_problem.OpenAlert`.

    Attributes:
        alert: how it was described last.
        number: the number of its last notice.
        noticed: when that was, in steady time.
        is_told: whether the receivers know its problems.
        events: the names of Microsoft's events that it has had.
        problems: its problems.
    """

    alert: Alert
    number: int
    noticed: int
    is_told: bool
    events: tuple[str, ...]
    problems: tuple[SavedProblem, ...]


@attrs.frozen
class SavedChanges:
    """The last changes of a problem, in steady time, and whether it flaps."""

    key: ProblemKey
    times: tuple[int, ...]
    is_flapping: bool


@attrs.frozen
class SavedState:
    """The state of alerts.

    Attributes:
        wall: the time when it was saved, in microseconds since 1970.
        steady: the steady time then.
        alerts: the open alerts.
        changes: the last changes of problems.
        resolved: the alerts that were resolved last, the newest first.
    """

    wall: int
    steady: int
    alerts: tuple[SavedAlert, ...] = ()
    changes: tuple[SavedChanges, ...] = ()
    resolved: tuple[Alert, ...] = ()


def as_json(state: SavedState) -> str:
    """Return the state as JSON."""
    data = {
        "schema": SCHEMA,
        "wall": state.wall,
        "steady": state.steady,
        "alerts": [
            {
                "alert": _CONVERTER.unstructure(each.alert),
                "number": each.number,
                "noticed": each.noticed,
                "is_told": each.is_told,
                "events": each.events,
                "problems": list(map(_problem_row, each.problems)),
            }
            for each in state.alerts
        ],
        "changes": [
            [*attrs.astuple(each.key), each.is_flapping, *each.times] for each in state.changes
        ],
        "resolved": [_CONVERTER.unstructure(each) for each in state.resolved],
    }
    return escaped_json(json.dumps(data, ensure_ascii=False, separators=(",", ":")))


def from_json(text: str) -> SavedState:
    """Return the state that `as_json` wrote.

    Raises:
        StateError: the text is not such JSON, or of another version.
    """
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise _error("JSON", f"a text that is none ({error})") from None
    schema = data.get("schema") if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise _error(f"schema {SCHEMA}", "no schema" if schema is None else f"schema {schema}")
    try:
        return _state(data)
    except (KeyError, TypeError, ValueError, AttributeError, BaseValidationError) as error:
        raise _error("the fields of the schema", f"others ({type(error).__name__})") from None


def _error(expected: str, found: str) -> StateError:
    hint = "start with the version of peerlint that wrote them, or without them"
    return StateError(_NAME, expected=expected, found=found, hint=hint)


def _state(data: Mapping[str, Any]) -> SavedState:
    alerts = tuple(map(_alert, data["alerts"]))
    keys = [each.key for alert in alerts for each in alert.problems]
    causes, ids = {each.alert.cause for each in alerts}, {each.alert.id for each in alerts}
    if len(causes) < len(alerts) or len(ids) < len(alerts) or len({*keys}) < len(keys):
        raise ValueError("a problem, a cause or an id that two alerts have")
    return SavedState(
        _whole(data["wall"]),
        _whole(data["steady"]),
        alerts,
        tuple(map(_changes, data["changes"])),
        tuple(_CONVERTER.structure(each, Alert) for each in data["resolved"]),
    )


def _alert(data: Mapping[str, Any]) -> SavedAlert:
    problems = tuple(map(_problem, data["problems"]))
    alert = _CONVERTER.structure(data["alert"], Alert)
    if not problems or not alert.is_open:
        raise ValueError("an open alert has problems")
    return SavedAlert(
        alert,
        _whole(data["number"]),
        _whole(data["noticed"]),
        bool(data["is_told"]),
        tuple(map(str, data["events"])),
        problems,
    )


def _problem_row(problem: SavedProblem) -> list[object]:
    """Return a problem as a row, because there may be very many."""
    subject = problem.subject
    return [
        *attrs.astuple(problem.key),
        problem.severity,
        problem.first_seen,
        problem.is_there,
        problem.is_flapping,
        *(() if subject is None else (subject.scope, subject.owner, subject.name, subject.number)),
    ]


_KEY: Final = len(attrs.fields(ProblemKey))
#: Look-ups are faster than the enumerations.
_SEVERITIES: Final = {str(each): each for each in Severity}
_SCOPES: Final = {str(each): each for each in Scope}


def _problem(row: list[Any]) -> SavedProblem:
    severity, first_seen, is_there, is_flapping, *subject = row[_KEY:]
    found = None
    if subject:
        scope, owner, name, number = subject
        found = SubjectKey(_SCOPES[scope], _text(owner), _text(name), _whole(number))
    return SavedProblem(
        ProblemKey(*map(_text, row[:_KEY])),
        found,
        _SEVERITIES[severity],
        _whole(first_seen),
        bool(is_there),
        bool(is_flapping),
    )


def _changes(row: list[Any]) -> SavedChanges:
    key: Iterable[object] = row[:_KEY]
    is_flapping, *times = row[_KEY:]
    return SavedChanges(ProblemKey(*map(_text, key)), tuple(map(_whole, times)), bool(is_flapping))


def _whole(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError("not a whole number")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("not a text")
    return value
