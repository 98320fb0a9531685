"""Registry files on disk: read when they are used, replaced by renaming a new one."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from secrets import token_hex
from time import time_ns
from typing import Final, TypeAlias, TypeVar

import numpy as np

from peerlint.errors import FeedError, PeerlintError
from peerlint.registry import Registry, RegistryInputs, build
from peerlint.wording import open_failure

#: Device, number of the file, size in octets and time of the last change in nanoseconds.
Identity: TypeAlias = tuple[int, int, int, int]
Opened = TypeVar("Opened", bound=Registry)
_NOT_A_FILE: Final = "cannot be read: it is not a file; give a registry file"


def open_registry(path: str | os.PathLike[str], now: int | None = None) -> Registry:
    """Open a registry file (see `open_as`)."""
    return open_as(Registry, path, now)


def open_as(kind: type[Opened], path: str | os.PathLike[str], now: int | None = None) -> Opened:
    """Open a registry file.

    Its tables are read, and checked, when they are used first. If another file is renamed to its
    name, this registry keeps the old content. A file that is overwritten or shortened where it is,
    gives a `FeedError` at its next use.

    Args:
        kind: the class of what is returned.
        path: the file.
        now: the time for which the registry answers, in microseconds since 1970; None for the
            clock's.

    Raises:
        FeedError: the file cannot be read, is not a registry file, is damaged, or is of a newer
            version.
    """
    name = os.fspath(path)
    return kind.of_stored(_OpenFile(name), name, now=time_ns() // 1000 if now is None else now)


def build_registry(inputs: RegistryInputs, path: str | os.PathLike[str]) -> int:
    """Write a registry file beside the one of its name, then replace that one.

    Programs that use the old file keep its content until they open the new one. The new file is
    on disk before it replaces the old one, whose mode it gets, and is removed if it cannot be
    written.

    Args:
        inputs: the records.
        path: the file.

    Returns:
        The size of the file in octets.

    Raises:
        FeedError: it cannot be written.
        InputError: the inputs cannot be stored (see `peerlint.registry.build`).
    """
    mode = check_target(path)
    try:
        target = Path(path).resolve()  # the file, not a link to it
        part = target.with_name(f"{target.name}.{token_hex(4)}.part")
        try:
            with part.open("xb") as file:
                size = build(inputs, file)
                file.flush()
                os.fsync(file.fileno())
            if mode is not None:
                part.chmod(mode)
            part.replace(target)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, ValueError) as error:
        if isinstance(error, PeerlintError):
            raise
        raise FeedError(os.fspath(path), f"cannot be written: {open_failure(error)}") from error
    return size


def check_target(path: str | os.PathLike[str]) -> int | None:
    """Check that a registry file can get a name: nothing else than a file has it.

    Returns:
        The mode of the file that has the name; None if none has.

    Raises:
        FeedError: a folder, a device or a pipe has the name, or it cannot be looked for.
    """
    try:
        mode = Path(path).stat().st_mode
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise FeedError(os.fspath(path), f"cannot be written: {open_failure(error)}") from error
    if not stat.S_ISREG(mode):
        found = "a folder: name a file in it" if stat.S_ISDIR(mode) else "no file, but a device"
        raise FeedError(os.fspath(path), f"cannot be replaced by a registry file: it is {found}")
    return stat.S_IMODE(mode)


def identity(path: str | os.PathLike[str]) -> Identity | None:
    """Return what changes when a registry file is replaced or written; None if there is none.

    A program that runs for long compares it with that of the file that it has opened.
    """
    try:
        status = Path(path).stat()
    except (OSError, ValueError):
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


class _OpenFile:
    """A file that is open, of which parts are read into memory.

    Attributes:
        size: its size in octets when it was opened.
    """

    def __init__(self, name: str) -> None:
        """Open a file.

        Raises:
            FeedError: it cannot be opened, or is not a file.
        """
        self._name = name
        self._descriptor = -1
        try:
            # A pipe without a writer would block the program.
            self._descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            status = os.fstat(self._descriptor)
        except (OSError, ValueError) as error:
            raise self._failure(error) from error
        if not stat.S_ISREG(status.st_mode):
            raise FeedError(name, _NOT_A_FILE)
        self.size = status.st_size
        self._changed = status.st_mtime_ns

    def read(self, start: int, count: int) -> memoryview:
        """Return a copy of octets of the file; fewer if it has become shorter.

        Raises:
            FeedError: they cannot be read.
        """
        done = 0
        try:
            # bytearray would fill all of it with zeros first.
            octets = np.empty(min(count, max(self.size - start, 0)), np.uint8).data
            while done < len(octets) and (
                more := os.preadv(self._descriptor, [octets[done:]], start + done)
            ):
                done += more
        except OSError as error:
            raise self._failure(error) from error
        except MemoryError:
            found = f"{count:,} octets of it do not fit into memory"
            raise FeedError(self._name, f"cannot be read: {found}") from None
        return octets[:done].toreadonly()

    def is_unchanged(self) -> bool:
        """Return whether nobody has written to the file since it was opened.

        Renaming another file to its name is no change of this one.
        """
        status = os.fstat(self._descriptor)
        return (status.st_size, status.st_mtime_ns) == (self.size, self._changed)

    def __del__(self) -> None:
        """Close the file."""
        if self._descriptor >= 0:
            os.close(self._descriptor)

    def _failure(self, error: OSError | ValueError) -> FeedError:
        return FeedError(self._name, f"cannot be read: {open_failure(error)}")
