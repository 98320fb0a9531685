"""Work in several processes, for many dumps at once."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


def in_processes(
    work: Callable[[Given], Made], things: Sequence[Given], jobs: int
) -> Iterator[Made]:
    """Yield what work makes of each thing, in their order.

    Args:
        work: can be pickled.
        things: likewise.
        jobs: how many processes, at most.
    """
    # Forked from a fresh process: a copy of this one would have its threads' locks, not them.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["peerlint.cli.commands.scan"])
    pool = ProcessPoolExecutor(
        min(jobs, len(things)), mp_context=context, initializer=_leave_ctrl_c_to_the_parent
    )
    try:
        yield from pool.map(work, things)
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _leave_ctrl_c_to_the_parent() -> None:
    # A terminal interrupts all processes: only one should say so.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
