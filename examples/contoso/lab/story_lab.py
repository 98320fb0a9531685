"""The lab of the story: one router of Microsoft's, and daemons that fail and come back."""

from __future__ import annotations

import os
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from announcements import announcements
from bird import Bird
from errors import LabError
from faults import Fault, Origin
from frr import Frr
from openbgpd import Openbgpd
from station import SINK_PORT, Station
from story import Incident, Problem, Step, Story
from story_daemons import HelpingGobgp, RestartingBird, RestartingGobgp, WritingFrr
from topology import MICROSOFT_PREFIXES, ONE_ROUTER, Session

from lab import Lab, Programs

if TYPE_CHECKING:
    from daemon import Daemon

_Kind = TypeVar("_Kind")

FOR_STORY = Programs(
    edges={
        "edge1.ams": RestartingBird,
        "edge2.ams": Frr,
        "edge1.fra": Openbgpd,
        "edge2.fra": RestartingGobgp,
    },
    microsoft={"microsoft": WritingFrr},
)
#: Microsoft's router runs GoBGP, which writes no changes of state in MRT.
FOR_STORY_BY_GOBGP = replace(FOR_STORY, microsoft={"microsoft": HelpingGobgp})
#: How long the last state is shown.
_REST_SECONDS = 12.0
#: A table is complete for `peerlint check --follow` when it has not changed for a minute.
_OLD_SECONDS = 3600.0


class StoryLab(Lab):
    """The routers of the story."""

    def __init__(
        self,
        story: Story,
        cleanup: ExitStack,
        bmp_ports: tuple[int, ...] = (SINK_PORT,),
        programs: Programs = FOR_STORY,
    ) -> None:
        """Prepare; nothing runs yet. The other arguments are those of `Lab`."""
        super().__init__(story.routes, programs, cleanup, bmp_ports, ONE_ROUTER)
        self._story = story
        self._present: list[Problem] = []

    def start(self) -> Station:
        """Start all routers, and wait for all routes.

        Returns:
            The station, which does not listen yet, so that its stream begins with all routes.
        """
        self.join_routers()
        station = self.join_station()
        self.start_contoso()
        self.start_microsoft()
        return station

    @property
    def mrt(self) -> Path:
        """The folder of the MRT files of Microsoft's router."""
        return self._microsoft.mrt

    def write_table(self) -> None:
        """Have Microsoft's router write its table, to which no more is written."""
        daemon = self._microsoft
        prefixes = {prefix for each in self._sessions for prefix in self._shown(each)}
        daemon.request_dump()
        self._rib(daemon.router.name, len(prefixes.union(MICROSOFT_PREFIXES)))
        before = time.time() - _OLD_SECONDS
        os.utime(daemon.dump_file, (before, before))

    def tell(self) -> dict[str, Any]:
        """Make the problems of the story; all routes have come.

        Returns:
            What was planted, with times in microseconds since 1970; the end of a problem that ends
            by itself is None.
        """
        times: dict[Problem, list[int]] = {each: [] for each in self._story.problems}
        begin = time.time()
        for step in self._story.steps():
            time.sleep(max(0.0, begin + step.at - time.time()))
            times[step.problem].append(_microseconds())
            self._take(step)
        self._wait_for_all_routes()
        time.sleep(_REST_SECONDS)
        problems = [_planted(problem, *found) for problem, found in times.items()]
        return {"begins": int(begin * 1_000_000), "ends": _microseconds(), "problems": problems}

    @property
    def _microsoft(self) -> WritingFrr:
        (name,) = self._topology.collectors
        return _as(WritingFrr, self._daemons[name])

    def _wait_for_all_routes(self) -> None:
        for session in self._sessions:
            self._wait_for_routes(session.collector, session.name, len(self._shown(session)))
            self._wait_for_routes(session.edge, "microsoft", len(MICROSOFT_PREFIXES))

    def _take(self, step: Step) -> None:
        problem = step.problem
        (session,) = (each for each in self._sessions if each.name == problem.session)
        edge = self._daemons[session.edge]
        match problem.kind:
            case Incident.RESET:
                _as(Frr, edge).reset("microsoft")
            case Incident.GRACEFUL_RESTART:
                if isinstance(edge, RestartingBird):
                    edge.restart()
                else:
                    _as(RestartingGobgp, edge).restart()
            case Incident.KILLED if step.begins:
                edge.kill()
            case Incident.KILLED:
                edge.start()
            case _:
                self._announce(session, problem, begins=step.begins)

    def _announce(self, session: Session, problem: Problem, *, begins: bool) -> None:
        """Have the customer's router announce its routes with the faults of now."""
        if begins:
            self._present.append(problem)
        else:
            self._present.remove(problem)
        faults = {
            each.prefix: Fault(each.prefix, each.kind, (session.name,))
            for each in self._present
            if each.session == session.name and not isinstance(each.kind, Incident)
        }
        rows = (faults.get(each.prefix, each) for each in self._story.routes)
        customer = _as(Bird, self._daemons[session.customer_router])
        customer.announce(announcements(rows, session.name, Origin.CUSTOMER))


def _as(kind: type[_Kind], daemon: Daemon) -> _Kind:
    if not isinstance(daemon, kind):
        raise LabError(f"{daemon.router.name}: the story needs {kind.__name__} there")
    return daemon


def _planted(problem: Problem, begin: int, end: int | None = None) -> dict[str, Any]:
    return {
        "kind": problem.kind.value,
        "session": problem.session,
        "prefix": problem.prefix,
        "alerts": problem.alerts,
        "begins": begin,
        "ends": end,
    }


def _microseconds() -> int:
    return time.time_ns() // 1000
