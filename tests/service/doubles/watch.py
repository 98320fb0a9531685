"""`python -m tests.service.doubles.watch FOLDER [STEPS]`: a small watch, to be killed.

It makes alerts by a plan, saves them as a watch does, and delivers them to two files. It goes on
where the state file says that it was; the file `enough` in the folder ends it, or the number of
steps.
"""

from __future__ import annotations

import asyncio
import sys
from asyncio import wrap_future
from collections import deque
from pathlib import Path
from typing import Final

from tests.service.doubles.alerts import NOON, SECOND, alert, opening, resolving, transition

from peerlint.monitor.alerts import Alert, Notice
from peerlint.service.dispatcher import Dispatcher
from peerlint.service.sinks import JsonLines
from peerlint.service.store import Store, open_store

#: Every alert is resolved so many steps after it was opened.
OPEN: Final = 5
#: Saves that are not committed yet, at most.
AHEAD: Final = 20
SINKS: Final = ("one", "two")


def planned(step: int) -> tuple[list[Alert], list[Notice]]:
    """Return the alerts and notices of a step."""
    opened = alert(f"a{step}", opened=NOON + step * SECOND)
    alerts, notices = [opened], [opening(opened)]
    if step >= OPEN:
        ends = resolving(alert(f"a{step - OPEN}", opened=NOON + (step - OPEN) * SECOND))
        alerts.append(ends.alert)
        notices.append(ends)
    return alerts, notices


def ids_until(steps: int) -> set[str]:
    """Return the ids of all notices of so many steps."""
    return {each.id for step in range(steps) for each in planned(step)[1]}


async def main(folder: Path, steps: int | None) -> None:
    """Save and deliver until there is enough, then deliver what waits."""
    with open_store(folder / "state.db") as store:
        sinks = [
            JsonLines(name, str(folder / f"{name}.jsonl"), lambda notice: {"id": notice.id})
            for name in SINKS
        ]
        dispatcher = Dispatcher(store, sinks)
        dispatcher.start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await _save(store, folder, steps)
        await dispatcher.stop(60)


async def _save(store: Store, folder: Path, steps: int | None) -> None:
    step = int(store.saved_state() or 0)
    waiting: deque[asyncio.Future[None]] = deque()
    while step != steps and (steps is not None or not (folder / "enough").exists()):
        alerts, notices = planned(step)
        step += 1
        future = store.save(alerts, notices, [transition(NOON + step)], str(step))
        waiting.append(wrap_future(future))
        if len(waiting) > AHEAD:
            await waiting.popleft()
        await asyncio.sleep(0.001)
    await asyncio.gather(*waiting)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else None))
