"""Work in several processes, for many dumps at once."""

from __future__ import annotations

import multiprocessing
import resource
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Final, TypeVar

from peerlint.errors import PeerlintError

#: Files that are open for the pool, and for each of its processes.
_OPEN_FILES: Final = 20
_OPEN_FILES_EACH: Final = 4
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
        PeerlintError: the system ends a process, or lets none start.
    """
    _be_sure_of_descriptors(min(jobs, len(things)))
    # Forked from a fresh process: a copy of this one would have its threads' locks, not them.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["peerlint.cli.commands.scan"])
    pool = ProcessPoolExecutor(
        min(jobs, len(things)), mp_context=context, initializer=_leave_ctrl_c_to_the_parent
    )
    try:
        yield from pool.map(work, things)
    except (BrokenProcessPool, EOFError, ConnectionError) as error:
        _end_children()
        raise PeerlintError(
            "a process that reads a dump was ended, or could not start: for want of memory, of "
            "open files (ulimit -n) or of processes (ulimit -u); try fewer --jobs"
        ) from error
    except BaseException:
        _end_children()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _be_sure_of_descriptors(jobs: int) -> None:
    """Raise the limit of open files as far as it takes and may be.

    Raises:
        PeerlintError: it may not be raised so far: processes would fail to start, each with a
            traceback of its own.
    """
    needed = _OPEN_FILES + _OPEN_FILES_EACH * jobs
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    if hard != resource.RLIM_INFINITY and hard < needed:
        raise PeerlintError(
            f"expected a limit of {needed} open files for {jobs} --jobs, found {hard}: raise it "
            "(ulimit -n), or give fewer --jobs"
        )
    resource.setrlimit(resource.RLIMIT_NOFILE, (needed, hard))


def _end_children() -> None:
    for process in multiprocessing.active_children():
        process.terminate()


def _leave_ctrl_c_to_the_parent() -> None:
    # A terminal interrupts all processes: only one should say so.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
