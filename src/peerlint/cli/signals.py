"""Signals that end the program, and what must not outlive it: temporary files and workers."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread, get_ident
from typing import TYPE_CHECKING, Final, NoReturn, Self

if TYPE_CHECKING:
    from types import FrameType, TracebackType

#: What asks a program to end: Ctrl-C, a supervisor, a terminal that is closed.
ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: A shell reports a program that signal N ended as 128 + N.
_BASE: Final = 128
#: Seconds in which the main thread has to heed a signal, before it is sent again.
_HEED: Final = 0.2
#: Octets of a target's name that the name of its temporary file repeats: names end at 255.
_NAME: Final = 200
_SHOW_CURSOR: Final = "\x1b[?25h"
_temporary: Final[set[Path]] = set()


class SignalReceived(KeyboardInterrupt):
    """A signal asks the program to end.

    Attributes:
        number: of the signal.
    """

    def __init__(self, number: int) -> None:
        """Keep the number."""
        super().__init__(number)
        self.number = number


class EndingSignals:
    """While it is entered, a signal ends the program with nothing left behind.

    The first signal raises `SignalReceived` in the main thread, so that everything is closed in
    its order. Any further one, and any that comes while that is going on, ends the process at
    once: temporary files are removed and workers killed, nothing is waited for.

    Python runs handlers between two steps of the main thread. A signal that comes just before a
    step that waits (for a pipe, or for another thread) would be heeded when the wait is over,
    which may be never: a thread sends it again, to interrupt the wait.

    A signal that is ignored already (`nohup`) stays so.

    Attributes:
        status: the exit status that follows from the first signal; None if none came.
    """

    def __init__(self) -> None:
        """Begin without any signal."""
        self.status: int | None = None
        self._is_closing = False
        self._before: dict[int, object] = {}
        self._wakeup = -1

    def __enter__(self) -> Self:
        """Handle the signals; where this is not the main thread, Python allows no handlers."""
        for number in ENDING:
            if signal.getsignal(number) in (signal.SIG_DFL, signal.default_int_handler):
                with suppress(ValueError):
                    self._before[number] = signal.signal(number, self._handle)
        if self._before:
            told, self._wakeup = os.pipe()
            os.set_blocking(self._wakeup, False)
            signal.set_wakeup_fd(self._wakeup, warn_on_full_buffer=False)
            Thread(target=self._insist, args=(told, get_ident()), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> bool:
        """Remove temporary files; without a signal, the handlers are again what they were."""
        self._is_closing = True
        _remove_all()
        if self.status is None:
            for number, handler in self._before.items():
                signal.signal(number, handler)  # type: ignore[arg-type]  # as it was given
            if self._before:
                signal.set_wakeup_fd(-1)
                os.close(self._wakeup)  # which ends the thread
        return isinstance(error, SignalReceived)

    def _insist(self, told: int, main: int) -> None:
        """Send each signal to the main thread until that has heeded one.

        Args:
            told: where Python writes the number of each signal that comes.
            main: the main thread.
        """
        while numbers := os.read(told, 1):
            time.sleep(_HEED)
            if self.status is None and numbers[0] in ENDING:
                signal.pthread_kill(main, numbers[0])
        os.close(told)

    def _handle(self, number: int, _: FrameType | None) -> None:
        if self.status is None:
            self.status = _BASE + number
            if not self._is_closing:
                raise SignalReceived(number)
        self._leave(self.status)

    @staticmethod
    def _leave(status: int) -> NoReturn:
        _remove_all()
        # Only what is loaded can have started processes.
        processes = sys.modules.get("multiprocessing")
        for worker in () if processes is None else processes.active_children():
            worker.kill()
        if sys.stderr is not None and sys.stderr.isatty():
            os.write(sys.stderr.fileno(), _SHOW_CURSOR.encode())  # a progress bar has hidden it
        os._exit(status)


@contextmanager
def temporary_file(target: Path) -> Iterator[Path]:
    """Give the name of a file, beside its target, that does not outlive the block or the program.

    The name is known to the handler of signals before there is a file, so no moment is left in
    which a signal leaves one behind.

    Args:
        target: what the file may replace when it is whole.
    """
    name = os.fsdecode(os.fsencode(target.name)[:_NAME])
    part = target.with_name(f".{name}.{os.getpid()}.part")
    _temporary.add(part)
    try:
        yield part
    finally:
        _remove(part)
        _temporary.discard(part)


def _remove_all() -> None:
    for part in tuple(_temporary):
        _remove(part)


def _remove(part: Path) -> None:
    with suppress(OSError, ValueError):  # the error that kept it from being made is said elsewhere
        part.unlink(missing_ok=True)
