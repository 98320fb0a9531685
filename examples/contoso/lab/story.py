"""A story: routes that are right, and problems that come and go at known times."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from errors import FaultTableError
from faults import Fault, Kind, read_faults

_FIELDS = {"at", "seconds", "kind", "prefix", "session", "alerts"}


class Incident(StrEnum):
    """What happens to a whole session."""

    RESET = "reset"
    KILLED = "killed"
    GRACEFUL_RESTART = "graceful-restart"


@dataclass(frozen=True, slots=True)
class Problem:
    """A problem on a session.

    Times are seconds, from the moment at which all routes have come.
    """

    at: float
    kind: Kind | Incident
    session: str
    seconds: float | None = None
    """How long it lasts; None if it ends by itself."""
    prefix: str = ""
    """The prefix that has a fault; empty if it is about the whole session."""
    alerts: tuple[str, ...] = ()
    """The rules of the alerts that it opens; none if it must open none."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: a problem begins or ends."""

    at: float
    problem: Problem
    begins: bool


@dataclass(frozen=True, slots=True)
class Story:
    """The routes, and the problems in their order."""

    routes: tuple[Fault, ...]
    problems: tuple[Problem, ...]

    def steps(self) -> tuple[Step, ...]:
        """Return what to do, in order."""
        return tuple(sorted(self._steps(), key=lambda step: step.at))

    def _steps(self) -> Iterator[Step]:
        for problem in self.problems:
            yield Step(problem.at, problem, begins=True)
            if problem.seconds is not None:
                yield Step(problem.at + problem.seconds, problem, begins=False)


def read_story(file: Path) -> Story:
    """Read a story from a TOML file and check it."""
    routes = read_faults(file)
    rows: list[dict[str, Any]] = tomllib.loads(file.read_text(encoding="utf-8")).get("problem", [])
    try:
        problems = tuple(map(_problem, rows))
    except ValueError as wrong:
        raise FaultTableError(f"{file}: {wrong}") from wrong
    return Story(routes, problems)


def _problem(row: dict[str, Any]) -> Problem:
    if row.keys() - _FIELDS or not {"at", "kind", "session"} <= row.keys():
        raise FaultTableError(f"a problem has at, kind, session and more; found {row}")
    is_incident = row["kind"] in list(Incident)
    if is_incident == ("prefix" in row):
        raise FaultTableError(f"a fault has a prefix, and other problems have none; found {row}")
    kind = Incident(row["kind"]) if is_incident else Kind(row["kind"])
    if ("seconds" in row) != (kind not in (Incident.RESET, Incident.GRACEFUL_RESTART)):
        raise FaultTableError(f"only what does not end by itself has `seconds`; found {row}")
    return Problem(**{**row, "kind": kind, "alerts": tuple(row.get("alerts", ()))})
