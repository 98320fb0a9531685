"""Reading ahead: the thread gives what the generator gives, and ends whatever happens."""

from __future__ import annotations

import os
import time
from collections.abc import Generator, Iterator
from pathlib import Path
from threading import enumerate as threads

import pytest

from peerlint.feeds import Dump
from peerlint.feeds.prefetch import DEPTH, JOIN_TIMEOUT, prefetch


@pytest.fixture(autouse=True)
def _no_thread_is_left() -> Iterator[None]:
    """Every test ends with the threads that it began with."""
    yield
    assert [] == [each.name for each in threads() if each.name == "peerlint-read-ahead"]


class Chunks:
    """Numbered chunks, and what became of their generator."""

    def __init__(self) -> None:
        """Start with nothing taken."""
        self.taken = 0
        self.is_closed = False

    def generate(self, count: int, error: BaseException | None = None) -> Generator[bytes]:
        """Yield so many chunks, then raise."""
        try:
            for number in range(count):
                self.taken += 1
                yield b"%d" % number
            if error is not None:
                raise error
        finally:
            self.is_closed = True


@pytest.mark.parametrize("count", [0, 1, DEPTH, 100])
def test_chunks_come_in_order(count: int) -> None:
    """All chunks come, in order."""
    assert [b"%d" % number for number in range(count)] == list(prefetch(Chunks().generate(count)))


@pytest.mark.parametrize("error", [OSError("the disk"), MemoryError(), KeyboardInterrupt()])
def test_errors_come_after_the_chunks(error: BaseException) -> None:
    """What the generator raises is raised where the chunks are taken, behind them."""
    ahead = prefetch(Chunks().generate(2, error))

    assert [b"0", b"1"] == [next(ahead), next(ahead)]
    with pytest.raises(type(error)) as caught:
        next(ahead)
    assert caught.value is error


def test_the_thread_does_not_run_away() -> None:
    """However slow the caller, only so many chunks wait."""
    chunks = Chunks()
    ahead = prefetch(chunks.generate(100))
    next(ahead)
    time.sleep(0.1)

    # One is with the caller, some wait, one is in the thread's hand.
    assert chunks.taken <= 1 + DEPTH + 1
    list(ahead)


def test_closing_ends_the_thread_and_the_generator() -> None:
    """A caller that has seen enough leaves no thread and no open file behind."""
    chunks = Chunks()
    ahead = prefetch(chunks.generate(100))
    next(ahead)

    ahead.close()  # type: ignore[attr-defined]  # an iterator for users, a generator inside

    assert chunks.is_closed
    assert chunks.taken < 100


@pytest.mark.slow
def test_a_pipe_into_which_nobody_writes(tmp_path: Path) -> None:
    """Closing does not wait for ever for octets that never come."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = os.open(pipe, os.O_RDWR)
    os.write(writer, b"MRT")
    chunks = Dump(str(pipe), threads=2).chunks()
    assert b"MRT" == next(chunks)

    started = time.monotonic()
    chunks.close()  # type: ignore[attr-defined]  # likewise
    waited = time.monotonic() - started
    os.write(writer, b"the end")  # lets the thread go

    assert JOIN_TIMEOUT <= waited < JOIN_TIMEOUT + 5
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and any(
        each.name == "peerlint-read-ahead" for each in threads()
    ):
        time.sleep(0.01)
    os.close(writer)
