"""When a monitor evaluates: soon after events, when time is due, and never more than is bounded."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import attrs
import pytest

from peerlint.errors import FeedError
from peerlint.service.evaluation import Evaluation, Pace
from peerlint.service.intake import Intake

#: An event, as far as the double of a monitor is concerned.
EVENT: Any = object()
QUICK: Final = Pace(interval=0.01, most=2, longest=0.05)


@attrs.define
class Double:
    """A monitor that counts; each event makes one subject due."""

    due: int = 0
    time: int | None = None
    events: int = 0
    evaluated: list[tuple[int, int | None]] = attrs.Factory(list)
    fault: FeedError | None = None

    def add(self, _number: int, _event: object) -> None:
        """Take an event."""
        self.events += 1
        self.due += 1

    def advance(self, now: int) -> None:
        """Take the time."""
        self.time = self.time if self.time is None or self.time > now else None

    def next_time(self) -> int | None:
        """Return when something is due."""
        return 0 if self.due else self.time

    def evaluate(self, most: int | None = None) -> str:
        """Evaluate some of what is due, unless the registry file was overwritten."""
        if self.fault is not None:
            error, self.fault = self.fault, None
            raise error
        self.evaluated.append((self.due, most))
        self.due = 0 if most is None else max(0, self.due - most)
        return "changes"


@attrs.define
class Scene:
    """An evaluation with its monitor and its intake.

    Attributes:
        is_behind: whether the store is behind.
        now: the time.
    """

    monitor: Double = attrs.Factory(Double)
    intake: Intake = attrs.Factory(lambda: Intake(limit=4))
    published: list[object] = attrs.Factory(list)
    errors: list[object] = attrs.Factory(list)
    is_behind: bool = False
    now: int = 100

    def add(self, number: int = 1) -> None:
        """Let so many events arrive."""
        for _ in range(number):
            self.intake.take(self.monitor, 0, EVENT)  # type: ignore[arg-type]

    async def run(self, until: Callable[[], bool]) -> Evaluation:
        """Evaluate until a condition holds."""
        evaluation = Evaluation(
            lambda: self.monitor,  # type: ignore[arg-type,return-value]
            self.intake,
            self.published.append,
            now=lambda: self.now,
            is_behind=lambda: self.is_behind,
            on_error=self.errors.append,
            pace=QUICK,
        )
        task = asyncio.create_task(evaluation.run())
        async with asyncio.timeout(10):
            while not until() and not task.done():  # noqa: ASYNC110  # a condition of any kind
                await asyncio.sleep(0.001)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return evaluation


def run(body: Callable[[Scene], Any]) -> None:
    """Run a test in an event loop."""

    async def main() -> None:
        await body(Scene())

    asyncio.run(main())


def test_events_are_evaluated() -> None:
    """What changed is evaluated and published, a bounded number of subjects at a time."""

    async def body(scene: Scene) -> None:
        scene.add(3)
        await scene.run(lambda: not scene.monitor.due)

        assert [(3, 2), (1, 2)] == scene.monitor.evaluated
        assert ["changes", "changes"] == scene.published
        assert scene.intake.waiting == 0

    run(body)


def test_nothing_happens() -> None:
    """Without events and without something due, nothing is evaluated."""

    async def body(scene: Scene) -> None:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await scene.run(lambda: bool(scene.published))

        assert [] == scene.monitor.evaluated

    run(body)


def test_time_is_due() -> None:
    """Time alone makes something due, also if the clock is set forward meanwhile."""

    async def body(scene: Scene) -> None:
        scene.monitor.time = 3_600_000_000
        asyncio.get_running_loop().call_later(0.02, setattr, scene, "now", 3_600_000_001)
        await scene.run(lambda: bool(scene.published))

        assert [(0, 2)] == scene.monitor.evaluated

    run(body)


def test_the_store_is_behind() -> None:
    """While too much waits to be saved, nothing is evaluated, and feeds wait in the end."""

    async def body(scene: Scene) -> None:
        scene.is_behind = True
        scene.add(4)
        waiting = asyncio.create_task(scene.intake.room())
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await scene.run(lambda: bool(scene.published))

        assert not waiting.done()
        scene.is_behind = False
        await scene.run(lambda: not scene.monitor.due)
        await asyncio.wait_for(waiting, 5)

    run(body)


def test_all_at_the_end() -> None:
    """At the end, all that is due is evaluated, as long as there is time."""

    async def body(scene: Scene) -> None:
        evaluation = await scene.run(lambda: True)
        scene.add(4)
        evaluation.finish(5)

        assert [(4, 2), (2, 2)] == scene.monitor.evaluated
        scene.add(4)
        evaluation.finish(0)

        assert scene.monitor.due == 2

    run(body)


def test_room() -> None:
    """Feeds go on as long as there is room, and wait while there is none."""

    async def body(scene: Scene) -> None:
        scene.add(3)
        await asyncio.wait_for(scene.intake.room(), 5)
        scene.add(1)

        assert scene.intake.is_full.is_set()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(scene.intake.room(), 0.02)

        scene.intake.evaluated()
        await asyncio.wait_for(scene.intake.room(), 5)
        assert not scene.intake.is_full.is_set()

    run(body)


def test_registry_data_that_cannot_be_read() -> None:
    """What evaluates goes on without them: they are taken away, and the rest is evaluated."""

    async def body(scene: Scene) -> None:
        error = FeedError("r.peerlint", "was overwritten while it is in use")
        scene.monitor.fault = error
        scene.add()
        await scene.run(lambda: scene.monitor.due == 0)

        assert scene.errors == [error]
        assert scene.published

    run(body)


@pytest.mark.parametrize(("seconds", "expected"), [(1.0, 128), (0.005, 256), (0.0, 256)])
def test_how_much_is_learned(seconds: float, expected: int) -> None:
    """What took too long is done in smaller parts, and in larger ones again if it did not."""

    async def body(scene: Scene) -> None:
        evaluation = Evaluation(
            lambda: scene.monitor,  # type: ignore[arg-type,return-value]
            scene.intake,
            scene.published.append,
            now=lambda: scene.now,
            is_behind=lambda: scene.is_behind,
            on_error=scene.errors.append,
        )
        evaluation._learn(seconds)

        assert evaluation._most == expected
        for _ in range(20):
            evaluation._learn(1.0)
        assert evaluation._most == 4
        evaluation._learn(0.0)
        assert evaluation._most == 8

    run(body)
