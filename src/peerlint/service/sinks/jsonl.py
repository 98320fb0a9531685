"""Alerts as lines of JSON, at the end of a file or on standard output."""

from __future__ import annotations

import asyncio
import json
import os
import select
import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from peerlint.display import escaped_json
from peerlint.monitor.alerts import Alert, Notice
from peerlint.service.sinks.sink import DeliveryError, DocumentOf

_STDOUT: Final = "-"
#: Octets that a pipe which can be written to takes without waiting (POSIX: PIPE_BUF).
_PIPE: Final = 4096
#: Seconds after which a reader of standard output counts as stuck.
_READER_TIMEOUT: Final = 10.0


class JsonLines:
    """Appends one line for each notice, and waits until it is on disk."""

    batch: Final = 100
    refresh_interval: Final = None

    def __init__(self, name: str, path: str, document: DocumentOf) -> None:
        """Prepare; the file is opened at the first delivery.

        Args:
            name: the name of the sink.
            path: the file; "-" for standard output.
            document: returns the document of a notice.
        """
        self.name, self._path, self._document = name, path, document
        self._descriptor: int | None = 1 if path == _STDOUT else None
        #: A line of which only a part may be written is ended before the next one.
        self._is_cut = False

    async def deliver(self, notices: Sequence[Notice]) -> None:
        """Write lines, and wait until they are on disk.

        Raises:
            DeliveryError: the file cannot be written.
        """
        lines = "".join(
            escaped_json(json.dumps(self._document(each), ensure_ascii=False)) + "\n"
            for each in notices
        )
        # Escaped JSON has no surrogates, and no line ends in it.
        await asyncio.to_thread(self._append, lines.encode())

    async def refresh(self, alerts: Sequence[Alert]) -> None:
        """Do nothing: lines stay."""

    async def close(self) -> None:
        """Close the file."""
        if self._path != _STDOUT and self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _append(self, octets: bytes) -> None:
        try:
            if self._path == _STDOUT:
                self._write_out(octets)
                return
            descriptor = self._opened()
            self._write(descriptor, octets)
            os.fsync(descriptor)
        except OSError as error:
            raise DeliveryError(error.strerror or str(error)) from None

    def _opened(self) -> int:
        """Return the file that has the name now: it may be renamed, removed or replaced."""
        if self._descriptor is not None:
            if _is_same(self._path, self._descriptor):
                return self._descriptor
            os.close(self._descriptor)
            self._descriptor = None
        # Without O_NONBLOCK a named pipe without a reader would wait for one.
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(self._path, flags, 0o640)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise DeliveryError("not a regular file; give the name of a file, or - ")
        self._descriptor = descriptor
        self._is_cut = not _ends_with_line(descriptor)
        return descriptor

    def _write(self, descriptor: int, octets: bytes) -> None:
        rest = memoryview(b"\n" + octets if self._is_cut else octets)
        self._is_cut = True
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        self._is_cut = False

    def _write_out(self, octets: bytes) -> None:
        """Write to standard output, but never wait for ever: a reader may be stuck."""
        rest = memoryview(b"\n" + octets if self._is_cut else octets)
        self._is_cut = True
        while rest:
            if not select.select((), (1,), (), _READER_TIMEOUT)[1]:
                raise DeliveryError("the reader of standard output does not read")
            rest = rest[os.write(1, rest[:_PIPE]) :]
        self._is_cut = False


def _is_same(path: str, descriptor: int) -> bool:
    try:
        return os.path.samestat(Path(path).stat(), os.fstat(descriptor))
    except OSError:
        return False


def _ends_with_line(descriptor: int) -> bool:
    size = os.fstat(descriptor).st_size
    return size == 0 or os.pread(descriptor, 1, size - 1) == b"\n"
