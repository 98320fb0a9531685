"""Prefetching: a thread decompresses while its caller works on earlier chunks.

zlib-ng, bz2, lzma and zstandard release the GIL while they decompress, and so does the compiled
kernel while it reads. On two cores, only the slower of both determines the time.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from queue import SimpleQueue
from threading import Thread
from typing import Final

#: Chunks that wait, at most. More do not help: neither side is uneven for long.
DEPTH: Final = 4
#: Seconds to wait for the thread when its caller stops early. A file yields the current chunk much
#: sooner; a pipe without a writer may never yield it.
JOIN_TIMEOUT: Final = 1.0


def prefetch(chunks: Generator[bytes]) -> Iterator[bytes]:
    """Yield chunks that a thread takes from a generator.

    The thread closes the generator and ends after the last chunk, at an error, which is raised
    here, or, if this iterator is closed early, after its current chunk.
    """
    reader = _Reader(chunks)
    reader.start()
    try:
        while isinstance(item := reader.ready.get(), bytes):
            reader.room.put(None)
            yield item
        if item is not None:
            raise item
    finally:
        reader.is_wanted = False
        reader.room.put(None)
        reader.join(JOIN_TIMEOUT)


class _Reader(Thread):
    """Takes chunks from a generator and puts them into `ready`; None or an error ends them."""

    def __init__(self, chunks: Generator[bytes]) -> None:
        # A daemon, so that the program does not wait for a pipe without a writer.
        super().__init__(name="peerlint-prefetch", daemon=True)
        self.ready: SimpleQueue[bytes | BaseException | None] = SimpleQueue()
        # An item for each chunk that may wait. A semaphore of `threading` would be slower: it is
        # written in Python.
        self.room: SimpleQueue[None] = SimpleQueue()
        for _ in range(DEPTH):
            self.room.put(None)
        self.is_wanted = True
        self._chunks = chunks

    def run(self) -> None:
        try:
            for chunk in self._chunks:
                self.room.get()
                if not self.is_wanted:
                    break
                self.ready.put(chunk)
            self._chunks.close()
        except BaseException as error:  # noqa: BLE001  # the caller's thread raises it
            self.ready.put(error)
        else:
            self.ready.put(None)
