"""The thread that alone uses a database: it commits groups, tries again, and answers questions."""

from __future__ import annotations

import sqlite3
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from threading import Condition, Thread
from time import monotonic
from typing import Final, TypeVar

import attrs

from peerlint.errors import PeerlintError, StateError
from peerlint.service.store.group import Group

Value = TypeVar("Value")
_FULL: Final = (
    "the disk of the state file is full; what cannot be saved is kept in memory, and alerts are "
    "delivered when it is saved: make room on the disk"
)


@attrs.frozen
class RetryTimes:
    """When what could not be saved is tried again, in seconds.

    Attributes:
        first: the time before the second attempt; it doubles with each one.
        longest: the maximum of that time.
    """

    first: float = 0.25
    longest: float = 10.0


class Writer:
    """Commits groups in a thread of its own.

    All that is added while a group is being committed is the next group. A group that cannot be
    committed is tried again until it can, and the next one waits for it.
    """

    def __init__(
        self,
        name: str,
        write: Callable[[Group], None],
        *,
        new_group: Callable[[], Group],
        retry: RetryTimes,
        on_problem: Callable[[str], object],
    ) -> None:
        """Start the thread.

        Args:
            name: of the state file, for messages.
            write: commits a group, or raises `sqlite3.Error`.
            new_group: returns an empty group.
            retry: when a group is tried again.
            on_problem: called by the thread when groups cannot be committed, with the reason, each
                time that it changes, and with "" when they can again.
        """
        self._name, self._write, self._new_group = name, write, new_group
        self._retry, self._on_problem = retry, on_problem
        self._condition = Condition()
        self._next = new_group()
        self._has_next = False
        self._questions: deque[Callable[[], None]] = deque()
        self._deadline: float | None = None
        self._is_closed = False
        self._failed: Group | None = None
        self._again = 0.0
        self._attempts = 0
        #: Why nothing can be saved now; empty if it can.
        self.problem = ""
        self._thread = Thread(target=self._run, name="peerlint store", daemon=True)
        self._thread.start()

    def add(self, change: Callable[[Group], object]) -> Future[None]:
        """Change the next group, and return its future.

        Raises:
            StateError: the store is closed.
        """
        with self._condition:
            self._must_be_open()
            change(self._next)
            self._has_next = True
            self._condition.notify()
            return self._next.future

    def ask(self, question: Callable[[], Value]) -> Future[Value]:
        """Call a function in the thread, between two commits, and return its result.

        Raises:
            StateError: the store is closed.
        """
        future: Future[Value] = Future()
        future.set_running_or_notify_cancel()

        def answer() -> None:
            try:
                future.set_result(question())
            except PeerlintError as error:
                future.set_exception(error)
            except Exception as error:  # noqa: BLE001  # damaged rows raise anything
                future.set_exception(_unreadable(self._name, error))

        with self._condition:
            self._must_be_open()
            self._questions.append(answer)
            self._condition.notify()
        return future

    def pending(self) -> int:
        """Return the number of notices that are not committed yet."""
        with self._condition:
            failed = self._failed
            return len(self._next.notices) + (0 if failed is None else len(failed.notices))

    def close(self, timeout: float) -> None:
        """Commit what is there, for so many seconds at most, and end the thread.

        Raises:
            StateError: not all could be committed.
        """
        with self._condition:
            if self._is_closed:
                return
            self._is_closed = True
            self._deadline = monotonic() + timeout
            self._again = 0.0
            self._condition.notify()
        self._thread.join()
        if self._failed is not None:
            raise _not_saved(self._name, self.problem, self._failed)

    def _must_be_open(self) -> None:
        if self._is_closed:
            raise StateError(
                self._name, expected="an open store", found="one that is closed", hint="reopen it"
            )

    def _run(self) -> None:
        while (step := self._wait()) is not None:
            step()

    def _wait(self) -> Callable[[], None] | None:
        """Wait for something to do, and return it; None at the end."""
        with self._condition:
            while True:
                if self._questions:
                    return self._questions.popleft()
                now = monotonic()
                if self._failed is not None:
                    if self._deadline is not None and now >= self._deadline:
                        self._give_up()
                        return None
                    if now >= self._again:
                        return self._commit
                    self._condition.wait(self._next_time(now) - now)
                    continue
                if self._has_next:
                    self._failed, self._next = self._next, self._new_group()
                    self._has_next = False
                    return self._commit
                if self._is_closed:
                    return None
                self._condition.wait()

    def _next_time(self, now: float) -> float:
        return min(self._again, now + 60 if self._deadline is None else self._deadline)

    def _commit(self) -> None:
        """Commit the group that is taken, which counts as failed until it is."""
        group = self._failed
        if group is None:
            raise AssertionError("a group was taken")
        try:
            self._write(group)
        except (sqlite3.OperationalError, sqlite3.DatabaseError) as error:
            if _is_mistake(error):
                self._settle(group, error)
                return
            self._say(_reason(error))
            delay = min(self._retry.longest, self._retry.first * 2.0 ** min(self._attempts, 32))
            self._attempts += 1
            self._again = monotonic() + delay
        except Exception as error:  # noqa: BLE001  # a bug must not end the thread
            self._settle(group, error)
        else:
            self._settle(group, None)

    def _settle(self, group: Group, error: Exception | None) -> None:
        with self._condition:
            self._failed, self._attempts, self._again = None, 0, 0.0
        if error is None:
            self._say("")
            group.future.set_result(None)
        else:
            group.future.set_exception(error)

    def _say(self, problem: str) -> None:
        if problem != self.problem:
            self.problem = problem
            # Its event loop may be closed by now; the thread goes on.
            with suppress(Exception):
                self._on_problem(problem)

    def _give_up(self) -> None:
        """Tell those who wait that the time is over; what is next is lost with the group."""
        group = self._failed
        if group is None:
            return
        group.notices += self._next.notices
        error = _not_saved(self._name, self.problem, group)
        group.future.set_exception(error)
        if self._has_next:
            self._next.future.set_exception(error)


def _is_mistake(error: sqlite3.Error) -> bool:
    """Return whether an error is ours, so that trying again is of no use."""
    return isinstance(error, sqlite3.ProgrammingError | sqlite3.IntegrityError | sqlite3.DataError)


def _reason(error: sqlite3.Error) -> str:
    if getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL:
        return _FULL
    return (
        f"the state file cannot be written: {error}; what cannot be saved is kept in memory, and "
        "tried again"
    )


def _not_saved(name: str, problem: str, group: Group) -> StateError:
    return StateError(
        name,
        expected="that all is saved before the end",
        found=f"{len(group.notices):,} notices that could not be: {problem}",
        hint="alerts that are still open are opened again at the next start",
    )


def _unreadable(name: str, error: Exception) -> StateError:
    return StateError(
        name,
        expected="rows that peerlint wrote",
        found=f"{type(error).__name__}: {error}",
        hint="restore the file from a backup, or move it away",
    )
