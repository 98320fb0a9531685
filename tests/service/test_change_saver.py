"""What changed is saved first; then it is told and shown."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from concurrent.futures import Future
from typing import Any

import attrs
import pytest

from peerlint.monitor.alerts import Alert, Cause, Notice, NoticeKind
from peerlint.monitor.changes import Changes
from peerlint.monitor.transitions import Transition, TransitionKind
from peerlint.results import Severity
from peerlint.service.change_saver import ChangeSaver

ALERT = Alert(
    id="a",
    cause=Cause("session.down"),
    severity=Severity.ERROR,
    title="Session ams-1 is down",
    reason="hold timer expired",
    first_seen=1,
    opened=1,
    last_seen=1,
)
NOTICE = Notice(1, NoticeKind.OPENED, 1, ALERT)
TRANSITION = Transition(1, TransitionKind.CELL, "ok", "missing", "p")


@attrs.define
class Double:
    """A store whose saves are done when a test says so."""

    saves: list[tuple[Any, ...]] = attrs.Factory(list)
    futures: list[Future[None]] = attrs.Factory(list)

    def save(
        self,
        alerts: Iterable[Alert] = (),
        notices: Iterable[Notice] = (),
        transitions: Iterable[Transition] = (),
        monitor_state: str | None = None,
    ) -> Future[None]:
        """Note what is saved."""
        self.saves.append((alerts, notices, transitions, monitor_state))
        self.futures.append(Future())
        return self.futures[-1]


@attrs.define
class Scene:
    """A `ChangeSaver` with its store."""

    store: Double = attrs.Factory(Double)
    told: list[Any] = attrs.Factory(list)
    fault: Exception | None = None

    def saver(self) -> ChangeSaver:
        """Return the saver."""
        return ChangeSaver(
            self.store,  # type: ignore[arg-type]
            state=lambda: "state",
            mask=lambda changes: changes,
            capture=lambda: "status",  # type: ignore[arg-type,return-value]
            told=self.tell,
        )

    def tell(self, notices: tuple[Notice, ...], status: object) -> None:
        """Note what is told, or fail."""
        if self.fault is not None:
            raise self.fault
        self.told.append((notices, status))


def run(body: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a test in an event loop."""
    asyncio.run(body())


def test_told_when_saved() -> None:
    """A notice is told when it is saved, together with the state of the monitor."""

    async def body() -> None:
        scene = Scene()
        saver = scene.saver()
        saver.publish(Changes((ALERT,), (NOTICE,)))
        await asyncio.sleep(0)

        assert [((ALERT,), (NOTICE,), (), "state")] == scene.store.saves
        assert ([], False) == (scene.told, saver.is_saved)

        scene.store.futures[0].set_result(None)
        await saver.saved()

        assert [((NOTICE,), "status")] == scene.told
        assert saver.is_saved

    run(body)


def test_in_order() -> None:
    """What is saved later is told later, whenever the store says so."""

    async def body() -> None:
        scene = Scene()
        saver = scene.saver()
        saver.publish(Changes(transitions=(TRANSITION,)))
        saver.publish(Changes((ALERT,), (NOTICE,)))
        scene.store.futures[1].set_result(None)
        await asyncio.sleep(0.01)

        assert [] == scene.told

        scene.store.futures[0].set_result(None)
        await saver.saved()

        assert [((NOTICE,), "status")] == scene.told

    run(body)


def test_alerts_that_follow_each_other() -> None:
    """If writing the state takes long, alerts that change meanwhile are saved together."""

    async def body() -> None:
        scene = Scene()
        saver = scene.saver()
        saver._next = asyncio.get_running_loop().time() + 0.05
        for _ in range(3):
            saver.publish(Changes((ALERT,), (NOTICE,)))

        assert [] == scene.store.saves
        assert not saver.is_saved
        async with asyncio.timeout(10):
            while not scene.store.saves:  # noqa: ASYNC110  # a timer of its own
                await asyncio.sleep(0.005)
        assert [((ALERT,) * 3, (NOTICE,) * 3, (), "state")] == scene.store.saves

    run(body)


def test_nothing_changed() -> None:
    """Without changes nothing is saved."""

    async def body() -> None:
        scene = Scene()
        scene.saver().publish(Changes())

        assert [] == scene.store.saves

    run(body)


@pytest.mark.parametrize("where", ["store", "output"])
def test_failures(where: str) -> None:
    """A save that fails for good, and an output that is closed, end the watch."""

    async def body() -> None:
        scene = Scene(fault=BrokenPipeError("gone") if where == "output" else None)
        saver = scene.saver()
        saver.publish(Changes((ALERT,), (NOTICE,)))
        if where == "store":
            scene.store.futures[0].set_exception(OSError("gone"))
        else:
            scene.store.futures[0].set_result(None)

        with pytest.raises(OSError, match="gone"):
            await asyncio.wait_for(saver.failure(), 10)

    run(body)
