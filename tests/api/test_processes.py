"""Workers of --jobs, as the process that started them sees them."""

from __future__ import annotations

import multiprocessing
import time
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from threading import Timer

import pytest

from peerlint.api import processes


@pytest.mark.slow
def test_the_end_of_any_worker_is_noticed() -> None:
    """Also of one that the pool does not watch: its result would never come.

    The result comes after all if the end is not noticed, so that the test fails and does not wait.
    """
    worker = multiprocessing.get_context("spawn").Process(target=time.sleep, args=(60,))
    worker.start()
    never: Future[str] = Future()
    killer, late = Timer(1, worker.kill), Timer(20, never.set_result, ["nobody noticed"])
    killer.start()
    late.start()
    try:
        with pytest.raises(BrokenProcessPool):
            list(processes._in_order([never]))
    finally:
        late.cancel()
        killer.join()
        worker.kill()
        worker.join()


def test_results_come_in_the_order_of_the_work() -> None:
    """Not in the order in which they are ready."""
    first: Future[int] = Future()
    second: Future[int] = Future()
    second.set_result(2)
    Timer(0.1, first.set_result, [1]).start()

    assert [1, 2] == list(processes._in_order([first, second]))
