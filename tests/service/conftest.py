"""A hand-made source of the status: the report of the example, and an inventive monitor."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import attrs
import pytest

import peerlint
from peerlint.monitor import Proof
from peerlint.monitor.alerts import Affected, Alert, Cause, Resolution
from peerlint.monitor.status import FeedStatus, MonitorStatus, SessionStatus
from peerlint.monitor.transitions import Transition, TransitionKind
from peerlint.observations import Coverage
from peerlint.results import Report, Severity
from peerlint.service.sink_status import SinkStatus
from peerlint.service.status_source import Changes
from peerlint.service.web import WebServer
from peerlint.service.web_limits import WebLimits

CONTOSO: Final = Path(__file__).resolve().parents[2] / "examples" / "contoso" / "peering.toml"
#: Seconds that a test waits for anything: much longer than it takes.
LONG: Final = 60
#: 2026-11-21 12:00:00 UTC in microseconds.
NOW: Final = int(datetime(2026, 11, 21, 12, tzinfo=UTC).timestamp()) * 1_000_000
SECOND: Final = 1_000_000


@attrs.define
class HandMade:
    """A `StatusSource` whose values a test sets."""

    values: MonitorStatus
    document: Report
    sinks: tuple[SinkStatus, ...] = ()
    fault: str = ""
    reason: str = ""
    refused: str = ""
    changes: Changes = attrs.Factory(Changes)
    asked: int = 0

    @property
    def version(self) -> int:
        """The version."""
        return self.changes.version

    async def wait_for_change(self, version: int) -> None:
        """Wait."""
        await self.changes.wait(version)

    def report(self) -> Report:
        """Return the report, and count that it was asked for."""
        self.asked += 1
        return self.document

    def status(self) -> MonitorStatus:
        """Return the status."""
        return self.values

    def deliveries(self) -> tuple[SinkStatus, ...]:
        """Return the receivers."""
        return self.sinks

    def store_error(self) -> str:
        """Return the error."""
        return self.fault

    def inventory_error(self) -> str:
        """Return why the inventory is not used."""
        return self.refused

    def registry_error(self) -> str:
        """Return why the newest registry data are not used."""
        return ""

    def why_not_ready(self) -> str:
        """Return the reason."""
        return self.reason

    def become(self, status: MonitorStatus) -> None:
        """Change the status."""
        self.values = status
        self.changes.note()


class Running:
    """A server in a thread of its own, as playwright blocks this one."""

    def __init__(self, source: HandMade, port: int = 0, *, token: str | None = None) -> None:
        """Start it, and wait until it listens."""
        self.source, self._loop, self._is_up = source, asyncio.new_event_loop(), threading.Event()
        limits = WebLimits(pause=0.05, sign_of_life=0.5)
        self.server = WebServer(source, host="127.0.0.1", port=port, token=token, limits=limits)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._is_up.wait(LONG)

    @property
    def url(self) -> str:
        """The address of the page."""
        return f"http://127.0.0.1:{self.server.port}/"

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        """Call a function in the thread of the server."""
        done = threading.Event()

        def run() -> None:
            function(*arguments)
            done.set()

        self._loop.call_soon_threadsafe(run)
        assert done.wait(LONG)

    def become(self, status: MonitorStatus) -> None:
        """Change the status."""
        self.call(self.source.become, status)

    def stop(self) -> None:
        """Stop the server, unless it is stopped."""
        if self._loop.is_closed():
            return
        asyncio.run_coroutine_threadsafe(self.server.close(), self._loop).result(LONG)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self.server.start())
        self._is_up.set()
        self._loop.run_forever()


ALERT: Final = Alert(
    id="01JD0000000000000000000001",
    cause=Cause("presence.missing", "contoso-ams", "ams-2", "198.18.20.0/24"),
    severity=Severity.ERROR,
    title="198.18.20.0/24 is not announced on ams-2",
    reason="198.18.20.0/24 was announced on ams-2 until 11:48:00, and is missing since",
    fix="announce 198.18.20.0/24 on ams-2 (edge2.ams)",
    portal=("Prefix not received from IP 192.0.2.2",),
    events=("PrefixWithdrawalEvent",),
    affected=(Affected("198.18.20.0/24", "ams-2"),),
    evidence=("bmp, from 192.0.2.2 at 2026-11-21 11:48 UTC: withdrawn",),
    basis=("000",),
    first_seen=NOW - 720 * SECOND,
    opened=NOW - 660 * SECOND,
    last_seen=NOW,
    link="#alert-01JD0000000000000000000001",
)
DOWN: Final = Alert(
    id="01JD0000000000000000000002",
    cause=Cause("session.down", "contoso-fra", "fra-1"),
    severity=Severity.WARNING,
    title="session fra-1 is down",
    reason="edge1.fra closed the session: hold timer expired",
    affected=(Affected(session="fra-1"),),
    more=3,
    first_seen=NOW - 5 * SECOND,
    opened=NOW - 5 * SECOND,
    last_seen=NOW,
    unknown="bmp shows no sign of life since 11:59",
)
RESOLVED: Final = attrs.evolve(
    ALERT,
    id="01JD0000000000000000000000",
    resolved=NOW - 3600 * SECOND,
    resolution=Resolution.COMPLIES,
)
STATUS: Final = MonitorStatus(
    time=NOW,
    sessions=(
        SessionStatus(
            "ams-1", "contoso-ams", "edge1.ams", is_up=True, coverage=Coverage.COMPLETE,
            evidence=Proof.END_OF_RIB.value, routes=9, last=NOW - SECOND,
        ),
        SessionStatus(
            "ams-2", "contoso-ams", "edge2.ams", is_up=True, coverage=Coverage.COMPLETE,
            evidence=Proof.COUNT.value, routes=8, last=NOW,
        ),
        SessionStatus(
            "fra-1", "contoso-fra", "edge1.fra", is_up=False, coverage=Coverage.COMPLETE,
            evidence=Proof.DOWN.value, last=NOW,
        ),
        SessionStatus(
            "fra-2", "contoso-fra", "edge2.fra", is_up=None, coverage=Coverage.PARTIAL,
            evidence="the router counts 9 routes, and 4 came", routes=4,
        ),
    ),
    feeds=(
        FeedStatus(
            "bmp", is_lost=False, reason="", gaps=1, last_event=NOW - 250_000, queue=3, lag=0.25,
            events={"announce": 31, "withdraw": 2, "gap": 1},
        ),
        FeedStatus(
            "ris-live", is_lost=True, reason="no ping for 5 min", gaps=2, last_event=None,
            events={"announce": 0, "withdraw": 0, "gap": 0},
        ),
    ),
    alerts=(ALERT, DOWN),
    transitions=(
        Transition(
            NOW - 5 * SECOND, TransitionKind.SESSION, "up", "down", "contoso-fra", "", "fra-1",
        ),
        Transition(
            NOW - 660 * SECOND, TransitionKind.CELL, "ok", "missing", "contoso-ams",
            "contoso-ams 198.18.20.0/24", "ams-2",
        ),
    ),
    resolved=(RESOLVED,),
)  # fmt: skip
SINKS: Final = (
    SinkStatus("alertmanager http://127.0.0.1:9093", 12, failures=1, last_delivery=NOW - SECOND),
    SinkStatus(
        "webhook https://hooks.contoso.example", 9, 3, 2, 1, failures=40, last_error="answered 503"
    ),
)


@pytest.fixture(scope="session")
def report() -> Report:
    """Give the report of the example."""
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    return peerlint.check(peerlint.load_inventory(CONTOSO), now=now)


@pytest.fixture
def source(report: Report) -> HandMade:
    """Give a source with two open alerts, a session that is down, and a lost feed."""
    return HandMade(STATUS, report, SINKS)


@pytest.fixture
def run() -> Iterator[Callable[..., Running]]:
    """Give a function that runs a server, see `Running`; all are stopped in the end."""
    every: list[Running] = []

    def start(source: HandMade, port: int = 0, *, token: str | None = None) -> Running:
        every.append(Running(source, port, token=token))
        return every[-1]

    yield start
    for each in every:
        each.stop()
