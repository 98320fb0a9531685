"""Progress bars on standard error, only on a terminal and only if the work takes long."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final

from peerlint.api.reading import size_of
from peerlint.display import displayed
from peerlint.errors import FeedError
from peerlint.wording import counted

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

    from peerlint.feeds import Dump

#: Seconds before a bar appears: shorter work needs none.
PROGRESS_DELAY: Final = 1.0


@contextmanager
def progress(*, quiet: bool = False) -> Iterator[Callable[[Dump], None] | None]:
    """Yield a function to call for every chunk read, None if no progress is shown.

    Args:
        quiet: whether to show nothing.
    """
    started = time.monotonic()
    tasks: dict[str, TaskID] = {}
    with _bars(quiet=quiet) as bars:

        def on_chunk(dump: Dump) -> None:
            if bars is None or time.monotonic() - started < PROGRESS_DELAY:
                return
            if dump.name not in tasks:
                tasks[dump.name] = bars.add_task(displayed(dump.name), total=dump.size)
            bars.update(tasks[dump.name], completed=dump.octets_taken)

        yield None if bars is None else on_chunk


@contextmanager
def progress_of(names: Sequence[str], *, quiet: bool = False) -> Iterator[Callable[[], None]]:
    """Yield a function to call after every dump, in their order.

    Args:
        names: of all dumps; those whose size is not known count as empty.
        quiet: whether to show nothing.
    """
    sizes = [_size(name) for name in names]
    done = 0
    with _bars(quiet=quiet) as bars:
        task = None if bars is None else bars.add_task(_done(0, names), total=sum(sizes))

        def on_dump() -> None:
            nonlocal done
            done += 1
            if bars is not None and task is not None:
                completed = sum(sizes[:done])
                bars.update(task, completed=completed, description=_done(done, names))

        yield on_dump


def _done(done: int, names: Sequence[str]) -> str:
    return f"{done} of {counted(len(names), 'dump')}"


def _size(name: str) -> int:
    with suppress(FeedError):  # reported when the dump is read
        return size_of(name) or 0
    return 0


@contextmanager
def _bars(*, quiet: bool) -> Iterator[Progress | None]:
    if quiet or not sys.stderr.isatty():
        yield None
        return
    # Imported here, because most runs end before a bar is shown.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bars:
        yield bars
