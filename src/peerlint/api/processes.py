"""Work in several processes, for many dumps at once."""

from __future__ import annotations

import multiprocessing
import os
import resource
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing.process import BaseProcess
from threading import Thread
from typing import Final, TypeVar

from peerlint.errors import PeerlintError

#: Open files that the pool needs, and each of its processes.
_OPEN_FILES: Final = 20
_OPEN_FILES_EACH: Final = 4
#: How often the workers are checked, in seconds.
_POLL_INTERVAL: Final = 0.5
Given = TypeVar("Given")
Made = TypeVar("Made")


def in_processes(
    work: Callable[[Given], Made], values: Sequence[Given], jobs: int
) -> Iterator[Made]:
    """Yield the result of a function for each of some values, in their order.

    Args:
        work: the function; it has to be picklable.
        values: the values; each has to be picklable.
        jobs: how many processes, at most.

    Raises:
        PeerlintError: a process was killed, or could not start.
    """
    _raise_descriptor_limit(min(jobs, len(values)))
    # Forked from a fresh process: a copy of this one would have its threads' locks without the
    # threads that release them.
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["peerlint.api.scan_all"])
    pool = ProcessPoolExecutor(
        min(jobs, len(values)), mp_context=context, initializer=_begin_worker
    )
    try:
        yield from _in_order([pool.submit(work, each) for each in values])
    except (BrokenProcessPool, EOFError, ConnectionError) as error:
        _end_children()
        raise PeerlintError(
            "a process that reads a dump was ended, or could not start: for lack of memory, of "
            "open files (ulimit -n) or of processes (ulimit -u); try fewer --jobs"
        ) from error
    except BaseException:
        _end_children()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _in_order(waiting: Sequence[Future[Made]]) -> Iterator[Made]:
    """Yield results as they come, in their order.

    Raises:
        BrokenProcessPool: a worker has ended. The pool itself does not notice it of a worker that
            it started after it had begun to wait for the others.
    """
    workers: set[BaseProcess] = set()
    for each in waiting:
        while not each.done():
            workers.update(multiprocessing.active_children())
            if any(worker.exitcode is not None for worker in workers):
                raise BrokenProcessPool
            wait([each], timeout=_POLL_INTERVAL)
        yield each.result()


def _raise_descriptor_limit(jobs: int) -> None:
    """Raise the limit of open files as far as needed.

    Raises:
        PeerlintError: the hard limit is too low: processes would fail to start, each with its own
            traceback.
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


def _begin_worker() -> None:
    # A terminal interrupts all processes: only one should say so.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # A parent that is killed cannot end its workers, which would wait for work forever.
    Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)
