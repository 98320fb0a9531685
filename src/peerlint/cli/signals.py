"""Signals that end the program, and the clean-up of temporary files and workers."""

from __future__ import annotations

import os
import signal
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from threading import Thread, get_ident
from typing import TYPE_CHECKING, Final, NoReturn, Self

if TYPE_CHECKING:
    from types import FrameType, TracebackType

#: The signals that ask a program to end: Ctrl-C, a supervisor, a closed terminal.
ENDING: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
#: A shell reports a program that signal N ended as 128 + N.
_BASE: Final = 128
#: Seconds that the main thread has to handle a signal, before it is sent again.
_HEED: Final = 0.2
#: Seconds that the clean-up after a signal has, before the process ends without it.
_CLEAN_UP: Final = 5.0
#: Octets of a target's name that the name of its temporary file repeats: a name has at most 255.
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
    """A context in which a signal ends the program and leaves nothing behind.

    The first signal raises `SignalReceived` in the main thread, so that everything is closed in
    order. A further signal, or one that arrives during the clean-up, ends the process at once:
    temporary files are removed and workers killed without waiting. So does a clean-up that takes
    longer than five seconds.

    Python runs handlers between two instructions of the main thread. A signal that arrives just
    before an instruction that waits (for a pipe, or for another thread) would be handled only after
    the wait, which may never end: a thread sends it again, to interrupt the wait. The clean-up may
    never end either: Python drops what is raised in a finalizer, and an event loop that is left
    between taking a callback and calling it waits for a task that nothing wakes. The thread ends
    the process then.

    A signal that is already ignored (`nohup`) stays ignored.

    Attributes:
        status: the exit status for the first signal; None if there was none.
    """

    def __init__(self) -> None:
        """Start without a signal."""
        self.status: int | None = None
        self._is_closing = False
        self._before: dict[int, object] = {}
        self._wakeup = -1

    def __enter__(self) -> Self:
        """Install the handlers; outside the main thread, Python does not allow that."""
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
        """Remove temporary files; if there was no signal, restore the handlers."""
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
        """Send a signal to the main thread again until it is handled, and bound the clean-up.

        Args:
            told: the file descriptor to which Python writes the number of each signal.
            main: the main thread.
        """
        while numbers := os.read(told, 1):
            time.sleep(_HEED)
            if self.status is not None:
                time.sleep(_CLEAN_UP)
                self._leave(self.status)
            if numbers[0] in ENDING:
                signal.pthread_kill(main, numbers[0])
        os.close(told)

    def _handle(self, number: int, _: FrameType | None) -> None:
        if self.status is None:
            self.status = _BASE + number
            with suppress(OSError):
                # An event loop may have taken the place of the thread's descriptor.
                os.write(self._wakeup, bytes([number]))
            if not self._is_closing:
                _silence()
                raise SignalReceived(number)
        self._leave(self.status)

    @staticmethod
    def _leave(status: int) -> NoReturn:
        _remove_all()
        # If the module is not loaded, no processes were started.
        processes = sys.modules.get("multiprocessing")
        for worker in () if processes is None else processes.active_children():
            worker.kill()
        if sys.stderr is not None and sys.stderr.isatty():
            os.write(sys.stderr.fileno(), _SHOW_CURSOR.encode())  # a progress bar has hidden it
        os._exit(status)


def _silence() -> None:
    """Print nothing about what the signal leaves half made, such as an event loop."""
    sys.unraisablehook = lambda _: None
    warnings.simplefilter("ignore")


@contextmanager
def temporary_file(target: Path) -> Iterator[Path]:
    """Yield a file name beside the target; the file is removed when the block or the program ends.

    The signal handler knows the name before the file exists, so that no signal can leave the file
    behind.

    Args:
        target: the file that the temporary one may replace when it is complete.
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
    with suppress(OSError, ValueError):  # it may not exist: that error is reported elsewhere
        part.unlink(missing_ok=True)
