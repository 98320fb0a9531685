"""`peerlint dump -` on a pipe whose writer is slow: every record is printed when it is there."""

from __future__ import annotations

import bz2
import os
import select
import subprocess
import sys
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import SimpleQueue
from threading import Thread
from typing import IO, Final

import pytest
import zstandard

import peerlint
from peerlint.cli.exits import Exit
from peerlint.testing.dumps import FeedSession, UpdateDump

SESSION: Final = FeedSession("192.0.2.1", 64500, "192.0.2.2", 8075)
PREFIXES: Final = ("203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24")
#: Seconds until a line that does not come is a failure; a line that comes takes no time.
BOUND: Final = 60.0
#: Returns what a writer writes for one record so that a reader can decompress all of it.
Write = Callable[[bytes], bytes]


def _gzip() -> Write:
    """One stream, flushed after each record, as a daemon writes it."""
    stream = zlib.compressobj(wbits=31)
    return lambda octets: stream.compress(octets) + stream.flush(zlib.Z_SYNC_FLUSH)


def _zstandard() -> Write:
    """One frame, a block for each record."""
    stream = zstandard.ZstdCompressor().compressobj()
    return lambda octets: stream.compress(octets) + stream.flush(zstandard.COMPRESSOBJ_FLUSH_BLOCK)


WRITERS: Final[dict[str, Callable[[], Write]]] = {
    "plain": lambda: lambda octets: octets,
    "gzip": _gzip,
    "zstandard": _zstandard,
    # A block of bzip2 ends only with 100 kB or more, or with its stream.
    "bzip2, a stream for each record": lambda: bz2.compress,
}
#: Those whose stream is cut if its writer just closes the pipe.
ENDLESS: Final = ("gzip", "zstandard")
writers = pytest.mark.parametrize("kind", WRITERS)


def _records() -> Iterator[tuple[str, bytes]]:
    for prefix in PREFIXES:
        yield prefix, UpdateDump().announce(SESSION, f"{prefix} path 64500").octets()


@contextmanager
def _program(*arguments: str, status: int) -> Iterator[tuple[IO[bytes], IO[bytes]]]:
    """Run the program with pipes, close them, and check the exit status."""
    command = [sys.executable, "-m", "peerlint", *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        try:
            yield program.stdin, program.stdout
            program.stdin.close()
            assert program.wait(BOUND) == status
        finally:
            program.kill()


def _line(out: IO[bytes]) -> str:
    """Return the next line, which nothing but the octets so far can bring."""
    assert select.select((out,), (), (), BOUND)[0], "no line came"
    return out.readline().decode()


@pytest.mark.parametrize(
    ("kind", "form"),
    [
        ("plain", "bgpdump"),
        pytest.param("plain", "json", marks=pytest.mark.slow),
        *(pytest.param(kind, "bgpdump", marks=pytest.mark.slow) for kind in list(WRITERS)[1:]),
    ],
)
def test_a_line_comes_with_its_record(kind: str, form: str) -> None:
    """A record is written, its line is read, and only then the next one is written."""
    write = WRITERS[kind]()
    status = Exit.SOURCES if kind in ENDLESS else Exit.CLEAN
    with _program("dump", "--format", form, "-", status=status) as (stdin, out):
        for prefix, octets in _records():
            stdin.write(write(octets))
            stdin.flush()
            assert prefix in _line(out)


@writers
def test_an_element_comes_with_its_record(kind: str) -> None:
    """In the library, the next element needs no octets but those of its own record."""
    reading, writing = os.pipe()
    found: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        for element in peerlint.dump(f"/dev/fd/{reading}"):
            found.put(str(element.nlri and element.nlri.prefix))

    thread, write = Thread(target=read, daemon=True), WRITERS[kind]()
    thread.start()
    try:
        for prefix, octets in _records():
            os.write(writing, write(octets))
            assert prefix == found.get(timeout=BOUND)
    finally:
        os.close(writing)
        thread.join(BOUND)
        os.close(reading)


def test_a_record_that_comes_in_pieces() -> None:
    """A record comes when its last octet is there, in whatever pieces it was written."""
    reading, writing = os.pipe()
    found: SimpleQueue[str] = SimpleQueue()

    def read() -> None:
        for element in peerlint.dump(f"/dev/fd/{reading}"):
            found.put(str(element.nlri and element.nlri.prefix))

    thread = Thread(target=read, daemon=True)
    thread.start()
    try:
        for prefix, octets in _records():
            for octet in octets:
                assert found.empty()
                os.write(writing, bytes((octet,)))
            assert prefix == found.get(timeout=BOUND)
    finally:
        os.close(writing)
        thread.join(BOUND)
        os.close(reading)


def test_lines_are_collected_only_while_there_are_more() -> None:
    """Before more of a dump is waited for, the caller may write what it has: `on_wait`."""
    reading, writing = os.pipe()
    octets = b"".join(octets for _, octets in _records())
    os.write(writing, octets)
    os.close(writing)
    collected, written = 0, []

    def on_wait() -> None:
        written.append(collected)

    for _ in peerlint.dump_lines([f"/dev/fd/{reading}"], on_wait=on_wait):
        collected += 1
    os.close(reading)

    assert written[0] == 0
    assert written[-1] == len(PREFIXES)
    assert len(written) <= 4
