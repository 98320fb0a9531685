"""bzip2 on several cores, which is possible because its blocks are independent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from peerlint.feeds.streams import CHUNK


def parallel(
    path: Path,
    threads: int,
    *,
    serially: Callable[[], Iterator[bytes]],
    on_chunk: Callable[[int], object],
) -> Iterator[bytes]:
    """Yield the chunks of a bzip2 file, decompressed by several threads.

    The library stops at padding between streams, and loses blocks before damage. If it fails, the
    serial decoder starts again from the beginning and finds out what is wrong; chunks that were
    yielded before are not yielded again.

    Args:
        path: a regular file.
        threads: the number of threads.
        serially: returns the chunks from the first on, by the serial decoder.
        on_chunk: called with the number of octets of the file read so far.
    """
    import rapidgzip  # noqa: PLC0415  # a library of some megabytes that most dumps do not need

    given = 0
    # A reader that is still open when the program ends aborts it.
    with rapidgzip.IndexedBzip2File(str(path), parallelization=threads) as file:
        try:
            while chunk := file.read(CHUNK):
                given += len(chunk)
                on_chunk(file.tell_compressed() // 8)
                yield chunk
            is_whole = file.tell_compressed() // 8 == path.stat().st_size
        # What the library's own exceptions become; all of them mean damage.
        except (RuntimeError, ValueError):
            is_whole = False
    if not is_whole:
        yield from _after(serially(), given)


def _after(chunks: Iterator[bytes], octets: int) -> Iterator[bytes]:
    """Yield what follows a number of octets."""
    for chunk in chunks:
        if octets < len(chunk):
            yield chunk[octets:]
        octets = max(0, octets - len(chunk))
