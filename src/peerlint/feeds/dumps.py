"""Dumps from a file, a URL or standard input, decompressed chunk by chunk."""

from __future__ import annotations

import os
import select
import stat
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import BinaryIO, Final, cast

from peerlint.errors import FeedError
from peerlint.feeds.bzip2 import parallel
from peerlint.feeds.prefetch import prefetch
from peerlint.feeds.remote import SCHEMES, RemoteFile
from peerlint.feeds.streams import StreamError, decompressed, kind_of, needs_more
from peerlint.redaction import without_credentials
from peerlint.wording import open_failure

#: Octets of the compressed file that are read at a time.
PIECE: Final = 1 << 18
#: Octets of a plain file that are read at a time. Reading is as fast as a memory map, whose octets
#: would have to be copied too, and a file that shrinks meanwhile does not kill the program.
PLAIN_PIECE: Final = 1 << 20
#: Octets of a bzip2 file from which on several threads are used. Their start takes as long as one
#: thread needs for 2 MiB.
LARGE: Final = 1 << 23
#: Octets of a block that is larger than all chunks in memory.
_ROOM: Final = 1 << 24
#: The names of standard input, and its descriptor.
STDIN: Final = ("-", "/dev/stdin")
_STDIN: Final = 0


#: Called for every chunk of a dump.
OnChunk = Callable[["Dump"], object]
#: Called before a chunk is taken, which may have to be waited for.
OnWait = Callable[[], object]


def is_descriptor(name: str) -> bool:
    """Whether a name is that of a file descriptor, which another process does not have."""
    return name in STDIN or name.startswith(("/dev/fd/", "/proc/self/fd/"))


class Dump:
    """One dump, which is read once from start to end.

    Attributes:
        name: as the user wrote it; of a URL, without credentials.
        octets_taken: octets of the file read so far, for a progress bar.
        size: octets of the file, None if it is not known.
        cut: why the compressed stream ended early; None if it did not, or has not ended yet.
    """

    def __init__(
        self,
        name: str,
        path: Path | None = None,
        *,
        threads: int | None = None,
        follow_redirects: bool = False,
        expected: str = "an MRT dump",
    ) -> None:
        """Check that a file can be read; a URL is opened when it is read.

        Args:
            name: as the user wrote it; `-` is standard input, http:// and https:// are URLs.
            path: the path of the file, if it differs from the name.
            threads: how many may be used; 1 decompresses in the caller's thread; None for as many
                as the machine has cores.
            follow_redirects: whether a server may redirect a download to another server.
            expected: what the file is, for messages.

        Raises:
            FeedError: it is missing, a directory, or not readable.
        """
        self.name = without_credentials(name)
        self.octets_taken = 0
        self.size: int | None = None
        self.cut: str | None = None
        self._threads = threads or len(os.sched_getaffinity(0))
        self._url = name
        self._follow_redirects = follow_redirects
        self._expected = expected
        self._is_remote = name.startswith(SCHEMES)
        self._is_regular = False
        self._is_stdin = name in STDIN
        self._path = path or Path(name)
        if not self._is_remote:
            self._look()

    def chunks(
        self, on_chunk: OnChunk | None = None, on_wait: OnWait | None = None
    ) -> Iterator[bytes]:
        """Return an iterator over the decompressed octets, at most `streams.CHUNK` at a time.

        A stream that is broken or ends early ends the chunks, and `cut` says why.

        Args:
            on_chunk: called with this dump for every chunk, before it is yielded.
            on_wait: called before every chunk is taken, and before the end is looked for: the
                writer of a pipe may leave its reader waiting for as long as it likes.

        Raises:
            FeedError: reading the file fails.
        """
        if on_chunk is None and on_wait is None:
            return self._prefetched()
        return self._announced(on_chunk, on_wait)

    def _announced(self, on_chunk: OnChunk | None, on_wait: OnWait | None) -> Iterator[bytes]:
        chunks = self._prefetched()
        while True:
            if on_wait is not None:
                on_wait()
            chunk = next(chunks, None)
            if chunk is None:
                return
            if on_chunk is not None:
                on_chunk(self)
            yield chunk

    def _prefetched(self) -> Iterator[bytes]:
        # glibc gives the memory of a chunk back to the system, which clears it before the next
        # one, until it has seen a larger block come and go (mallopt(3), M_MMAP_THRESHOLD): a
        # fifth of the time that zlib-ng takes.
        bytes(_ROOM)
        chunks = self._chunks()
        return chunks if self._threads == 1 else prefetch(chunks)

    def _look(self) -> None:
        try:
            # Standard input is not opened again by name: a file would be read from its start, and a
            # socket could not be opened.
            status = os.fstat(_STDIN) if self._is_stdin else self._path.stat()
            # A named pipe is opened only to be read: its writer would fail after a first reader.
            if stat.S_ISREG(status.st_mode) and not self._is_stdin:
                self._path.open("rb").close()
        except FileNotFoundError:
            raise FeedError(self.name, f"no such file; expected {self._expected}") from None
        except (OSError, ValueError) as error:
            raise FeedError(self.name, f"cannot be read: {open_failure(error)}") from error
        if stat.S_ISDIR(status.st_mode):
            reason = f"a directory; expected {self._expected}, name the file in it"
            raise FeedError(self.name, reason)
        is_regular = stat.S_ISREG(status.st_mode)
        self._is_regular = is_regular and not self._is_stdin
        passed = os.lseek(_STDIN, 0, os.SEEK_CUR) if is_regular and self._is_stdin else 0
        self.size = max(0, status.st_size - passed) or None

    def _chunks(self) -> Generator[bytes]:
        try:
            with self._open() as file:
                yield from self._decompressed(file)
        except FeedError:
            raise
        except OSError as error:
            raise FeedError(self.name, f"cannot be read: {open_failure(error)}") from error
        except StreamError as error:
            self.cut = str(error)

    def _open(self) -> BinaryIO | RemoteFile:
        if self._is_stdin:
            return open(_STDIN, "rb", buffering=0, closefd=False)
        if not self._is_remote:
            return self._path.open("rb", buffering=0)
        file = RemoteFile.open(self._url, follow_redirects=self._follow_redirects)
        self.size = file.size
        return file

    def _decompressed(self, file: BinaryIO | RemoteFile) -> Iterator[bytes]:
        def take(octets: int = PIECE) -> bytes:
            data = _read(file, octets)
            self.octets_taken += len(data)
            return data

        head = take()
        while needs_more(head) and (more := take()):  # a pipe may return few octets
            head += more
        try:
            kind = kind_of(head)
        except StreamError as error:
            raise FeedError(self.name, str(error)) from None
        if kind is None:
            while head:
                yield head
                head = take(PLAIN_PIECE)
        elif kind == "bzip2" and self._threads > 1 and self._is_large:
            yield from self._parallel(lambda: decompressed(kind, head, take))
        else:
            yield from decompressed(kind, head, take)

    @property
    def _is_large(self) -> bool:
        """Whether the file is large enough for several threads."""
        return self._is_regular and self._path.stat().st_size >= LARGE

    def _parallel(self, serially: Callable[[], Iterator[bytes]]) -> Iterator[bytes]:
        taken = self.octets_taken

        def note(octets: int) -> None:
            self.octets_taken = octets

        def again() -> Iterator[bytes]:
            note(taken)
            return serially()

        yield from parallel(self._path, self._threads, serially=again, on_chunk=note)
        note(self.size or 0)


def _read(file: BinaryIO | RemoteFile, octets: int) -> bytes:
    """Read from a file; wait for a descriptor that does not block."""
    # The stubs do not say that a file that does not block returns None if it has no data yet.
    data = cast("bytes | None", file.read(octets))
    while data is None and not isinstance(file, RemoteFile):
        select.select((file,), (), ())
        data = cast("bytes | None", file.read(octets))
    return data or b""
