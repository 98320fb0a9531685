"""Progress on standard error, only where a person sees it and only if it takes long."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from peerlint.feeds import Dump

#: Seconds before a bar appears: shorter work needs none.
PATIENCE: Final = 1.0


@contextmanager
def progress() -> Iterator[Callable[[Dump], None] | None]:
    """Give a function to call for every page read, None if nobody would see it."""
    if not sys.stderr.isatty():
        yield None
        return
    # Imported here: most runs end before a bar is due.
    from rich.console import Console  # noqa: PLC0415
    from rich.progress import (  # noqa: PLC0415
        BarColumn,
        DownloadColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
        TransferSpeedColumn,
    )

    started = time.monotonic()
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TransferSpeedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        tasks = {}

        def on_page(dump: Dump) -> None:
            if time.monotonic() - started < PATIENCE:
                return
            if dump.name not in tasks:
                tasks[dump.name] = bar.add_task(dump.name, total=dump.size)
            bar.update(tasks[dump.name], completed=dump.octets_taken)

        yield on_page
