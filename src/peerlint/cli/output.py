"""Output of results and remarks, and whether it has colors."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol, TextIO

from peerlint.api.remarks import source_remarks
from peerlint.cli.signals import temporary_file
from peerlint.display import displayed_quote
from peerlint.errors import FeedError, PeerlintError
from peerlint.redaction import guarded
from peerlint.wording import open_failure

if TYPE_CHECKING:
    from peerlint.cli.options import ColorChoice
    from peerlint.observations import SourceSummary

#: The format for people.
TEXT: Final = "text"
#: The name of standard output.
STDOUT: Final = "-"
#: Its names in the file system; replacing their target would lose what was already written.
_STDOUT: Final = (STDOUT, "/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")


def write(text: str, output: str, inputs: Iterable[str] = (), *, form: str = TEXT) -> None:
    """Write a result.

    Args:
        text: the whole result.
        output: see `opened`.
        inputs: see `opened`.
        form: see `opened`.

    Raises:
        FeedError: the file cannot be written.
        PeerlintError: it is one of the inputs.
    """
    with opened(output, inputs, form=form) as file:
        file.write(text)


class Sink(Protocol):
    """A file that a result is written to."""

    def write(self, text: str, /) -> object:
        """Write a part of the result."""

    def flush(self) -> None:
        """Write buffered output."""


class _Guarded:
    """A file that masks the secrets of this run in all that is written to it."""

    def __init__(self, file: TextIO) -> None:
        self._file = file

    def write(self, text: str, /) -> object:
        return self._file.write(guarded(text))

    def flush(self) -> None:
        self._file.flush()


def is_stdout(output: str) -> bool:
    """Whether a name means standard output."""
    return output in _STDOUT


def check_writable(output: str, inputs: Iterable[str] = ()) -> None:
    """Check that a result can be written, before it is computed.

    Args:
        output: see `opened`.
        inputs: see `opened`.

    Raises:
        FeedError: the folder does not exist, or may not be written to.
        PeerlintError: the output is one of the inputs.
    """
    if is_stdout(output):
        return
    if any(_is_same(output, each) for each in inputs):
        raise PeerlintError(f"{output}: the result would replace what it is made from")
    path = Path(output)
    with _refusals(path):
        path.parent.stat()
        if not path.parent.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
        if not os.access(path.parent, os.W_OK) and not path.exists():
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


@contextmanager
def opened(output: str, inputs: Iterable[str] = (), *, form: str = TEXT) -> Iterator[Sink]:
    """Yield the file that a result is written to.

    Args:
        output: a file, or `-` for standard output. The file gets its name when the block ends; if
            the block fails, an existing file of that name is unchanged.
        inputs: the files that the result is made from, which it must not replace.
        form: the format. Formats for programs are UTF-8 on standard output too; text for people
            has the encoding of the terminal, with question marks for characters that it lacks.

    Raises:
        FeedError: the file cannot be written.
        PeerlintError: it is one of the inputs.
    """
    if is_stdout(output):
        if form != TEXT and isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", errors="replace")
        yield _Guarded(sys.stdout)
        return
    check_writable(output, inputs)
    with atomic_file(Path(output)) as file:
        yield _Guarded(file)


@contextmanager
def atomic_file(
    path: Path, *, is_private: bool = False, may_replace: bool = True
) -> Iterator[TextIO]:
    """Yield a file to write, which replaces the one of its name when the block ends.

    Other programs never see an incomplete file. A device or a pipe is written to directly.

    Args:
        path: its name.
        is_private: whether only its owner may read it; else it gets the mode of the file that it
            replaces, or of a new file.
        may_replace: whether a file of that name may exist.

    Raises:
        FeedError: it cannot be written.
    """
    with _refusals(path):
        mode = _mode(path)
    if mode is not None and not may_replace:
        raise FeedError(str(path), "it is there already, and is not overwritten")
    if mode is not None and stat.S_ISDIR(mode):
        raise FeedError(str(path), "cannot be written: it is a folder, name a file in it")
    if mode is not None and not stat.S_ISREG(mode):
        with _refusals(path):
            device = path.open("w", encoding="utf-8", errors="replace", newline="")
        with device:
            yield device
        return
    with _refusals(path):
        target = path.resolve()  # the file, not a link to it
    with temporary_file(target) as part:
        with _refusals(path):
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(part, flags, 0o600)
        with open(descriptor, "w", encoding="utf-8", errors="replace", newline="") as file:  # noqa: PTH123  # a descriptor has no path
            yield file
        with _refusals(path):
            if not is_private:
                part.chmod(_new_mode() if mode is None else stat.S_IMODE(mode))
            part.replace(target)


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    """Turn system errors about a file into a `FeedError`."""
    try:
        yield
    except (OSError, ValueError) as error:
        where = "" if _is_folder(path.parent) else f"; there is no folder {path.parent}"
        raise FeedError(str(path), f"cannot be written: {open_failure(error)}{where}") from error


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # one of its parent folders may not be searched
        return True


def _mode(path: Path) -> int | None:
    try:
        return path.stat().st_mode
    except FileNotFoundError:
        return None


def _new_mode() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return 0o666 & ~mask


def _is_same(output: str, given: str) -> bool:
    try:
        return Path(output).samefile(given)
    except (OSError, ValueError):  # one of them does not exist
        return False


def remark(text: str, *, quiet: bool = False) -> None:
    """Write a remark to standard error.

    Args:
        text: the remark; it may quote files that are not trusted.
        quiet: whether to write nothing.
    """
    if not quiet:
        sys.stderr.write(f"peerlint: {displayed_quote(text)}\n")


def remark_on(sources: Iterable[SourceSummary], *, quiet: bool = False) -> None:
    """Write the remarks about each dump: damage, skipped records, peers without a session."""
    for source in sources:
        for text in source_remarks(source):
            remark(f"{source.name}: {text}", quiet=quiet)


def wants_color(choice: ColorChoice, output: str) -> bool:
    """Whether text has colors.

    The option decides, then the environment: NO_COLOR (no-color.org) before FORCE_COLOR
    (force-color.org), each if it is not empty, then whether there is a terminal. A file has colors
    only if the option asks for them: FORCE_COLOR is set for a whole CI job, and is meant for what
    people look at.

    Args:
        choice: the option.
        output: see `opened`.
    """
    if choice != "auto":
        return choice == "always"
    if not is_stdout(output) or os.environ.get("NO_COLOR"):
        return False
    if os.environ.get("FORCE_COLOR"):
        return True
    return sys.stdout.isatty() and os.environ.get("TERM") != "dumb"
