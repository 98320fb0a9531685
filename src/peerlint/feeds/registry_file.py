"""Registry files on disk: opened by mapping them into memory, replaced by renaming a new one."""

from __future__ import annotations

import mmap
import os
import stat
from pathlib import Path
from secrets import token_hex
from time import time_ns
from typing import Final, TypeAlias, TypeVar

from peerlint.errors import FeedError, PeerlintError
from peerlint.registry import Registry, RegistryInputs, build
from peerlint.wording import open_failure

#: Device, number of the file, size in octets and time of the last change in nanoseconds.
Identity: TypeAlias = tuple[int, int, int, int]
Opened = TypeVar("Opened", bound=Registry)
_NOT_A_FILE: Final = "cannot be mapped into memory: it is not a file; give a registry file"


def open_registry(path: str | os.PathLike[str], now: int | None = None) -> Registry:
    """Open a registry file (see `open_as`)."""
    return open_as(Registry, path, now)


def open_as(kind: type[Opened], path: str | os.PathLike[str], now: int | None = None) -> Opened:
    """Open a registry file.

    The file is mapped into memory: programs that use the same file share its memory. If another
    file is renamed to its name, this registry keeps the old content. A file that is overwritten
    where it is gives a `FeedError` at its next use; a program that shortens it while a method is
    running may end this process (SIGBUS), so that registry files are always to be renamed.

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
    mapped = _MappedFile(name)
    return kind.of_octets(
        mapped.content,
        name,
        now=time_ns() // 1000 if now is None else now,
        is_unchanged=mapped.is_unchanged,
    )


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


class _MappedFile:
    """A file that is mapped into memory, and stays open as long as the mapping is used.

    Attributes:
        content: its octets.
    """

    def __init__(self, name: str) -> None:
        """Map a file.

        Raises:
            FeedError: it cannot be opened or mapped.
        """
        self._descriptor = -1
        try:
            # A pipe without a writer would block the program.
            self._descriptor = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
            status = os.fstat(self._descriptor)
        except (OSError, ValueError) as error:
            raise FeedError(name, f"cannot be read: {open_failure(error)}") from error
        if not stat.S_ISREG(status.st_mode):
            raise FeedError(name, _NOT_A_FILE)
        self._written = (status.st_size, status.st_mtime_ns)
        self.content = memoryview(b"")
        if status.st_size:  # an empty file cannot be mapped
            try:
                mapped = mmap.mmap(self._descriptor, status.st_size, access=mmap.ACCESS_READ)
            except (OSError, ValueError) as error:
                raise FeedError(name, f"cannot be mapped into memory: {error}") from error
            self.content = memoryview(mapped)

    def is_unchanged(self) -> bool:
        """Return whether nobody has written to the file since it was mapped.

        Renaming another file to its name is no change of this one.
        """
        status = os.fstat(self._descriptor)
        return (status.st_size, status.st_mtime_ns) == self._written

    def __del__(self) -> None:
        """Close the file; the mapping ends with the last array that uses it."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
