"""Limits of the system (open files, memory, processes, disk space), which are not bugs."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from typing import Final

#: Errors of an output that takes no more data.
FULL: Final = frozenset((errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO))
#: Errors of a limit of the system, with what to do.
_LIMITS: Final = {
    errno.EMFILE: "raise the limit of open files (ulimit -n), or give fewer files or --jobs",
    errno.ENFILE: "the machine has no more open files",
    errno.ENOMEM: "the machine has no more memory",
    errno.EAGAIN: "raise the limit of processes (ulimit -u), or give fewer --jobs",
    **dict.fromkeys(FULL, "make room on the disk, or set TMPDIR"),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), "set TMPDIR to a folder of yours"),
}
#: Messages of Python for limits that it does not raise as an `OSError` with a number.
_SAID: Final = {
    os.strerror(errno.EMFILE): _LIMITS[errno.EMFILE],
    "No usable temporary directory": "set TMPDIR to a folder of yours; there may be too few open "
    "files too (ulimit -n)",
    "can't start new thread": _LIMITS[errno.EAGAIN],
}


def refusal(error: BaseException) -> str | None:
    """Return which limit of the system caused an error, and what to do.

    Args:
        error: any exception, with its causes.

    Returns:
        The message; None if the cause is another one.
    """
    for each in _chain(error):
        if isinstance(each, MemoryError):
            return f"the system refuses more memory: {_LIMITS[errno.ENOMEM]}"
        if isinstance(each, OSError) and each.errno in _LIMITS:
            return f"the system refuses: {each.strerror}; {_LIMITS[each.errno]}"
        for text, advice in _SAID.items():
            if isinstance(each, OSError | ImportError | RuntimeError) and text in str(each):
                return f"the system refuses: {text}; {advice}"
    return None


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield an error and its causes, each once."""
    met: list[BaseException] = []
    left: BaseException | None = error
    while left is not None and left not in met:
        met.append(left)
        yield left
        left = left.__cause__ or left.__context__
