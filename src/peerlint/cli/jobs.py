"""Work in several processes, for many dumps at once."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from threading import Thread
from typing import TypeVar

from peerlint.errors import PeerlintError

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

    Raises:
        PeerlintError: the system has ended a worker.
    """
    # Forked from a fresh process: a copy of this one would have its threads' locks, not them.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["peerlint.cli.commands.scan"])
    pool = ProcessPoolExecutor(
        min(jobs, len(things)), mp_context=context, initializer=_begin_worker
    )
    try:
        yield from pool.map(work, things)
    except BrokenProcessPool:
        raise PeerlintError(
            "--jobs: a worker process was ended from outside, as where memory is short; "
            "try a smaller number"
        ) from None
    except BaseException:
        for process in multiprocessing.active_children():
            process.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _begin_worker() -> None:
    # A terminal interrupts all processes: only one should say so.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A parent that is killed cannot end its workers, which would wait for work for ever.
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
