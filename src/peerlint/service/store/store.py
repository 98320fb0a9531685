"""What a watch keeps: on disk, so that it survives a crash, or in memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import suppress
from os import PathLike
from types import TracebackType
from typing import Final, Self

from peerlint.errors import StateError
from peerlint.monitor.alerts import Alert, Notice
from peerlint.monitor.transitions import Transition
from peerlint.service.store.database import Database, SinkQueue
from peerlint.service.store.file import StateFile
from peerlint.service.store.group import Group
from peerlint.service.store.retention import Retention
from peerlint.service.store.writer import RetryTimes, Writer

#: From so many notices on that cannot be saved, the monitor should wait.
MAX_PENDING: Final = 10_000
#: What a store without a file is called.
_IN_MEMORY: Final = "the state in memory"


def _nothing(_: str) -> None:
    """Do nothing."""


def open_store(
    path: str | PathLike[str] | None = None,
    *,
    retention: Retention | None = None,
    retry: RetryTimes | None = None,
    on_problem: Callable[[str], object] = _nothing,
) -> Store:
    """Open a state file, or make it, and start the thread that writes.

    Args:
        path: the file; None for a store in memory, which forgets everything when it is closed.
        retention: what is deleted.
        retry: when what could not be saved is tried again.
        on_problem: called, in the store's thread, with the reason when nothing can be saved, and
            with "" when it can again.

    Raises:
        StateError: the file cannot be used; the message says why, and what to do.
    """
    file = StateFile.in_memory() if path is None else StateFile.open(path)
    name = _IN_MEMORY if path is None else str(path)
    return Store(name, file, retention or Retention(), retry or RetryTimes(), on_problem=on_problem)


class Store:
    """Keeps alerts, notices, transitions and the state of the monitor.

    Futures are done when the data is on disk. One future may be that of several calls; cancelling
    it has no effect. An asyncio program waits for it by `asyncio.wrap_future`.

    All methods may be called by any thread.
    """

    def __init__(
        self,
        name: str,
        file: StateFile,
        retention: Retention,
        retry: RetryTimes,
        *,
        on_problem: Callable[[str], object],
    ) -> None:
        """Start the thread; see `open_store`."""
        self._file = file
        self._database = Database(file.connection, retention)
        self._listeners: list[Callable[[], object]] = []
        self._writer = Writer(
            name,
            self._write,
            new_group=lambda: Group(deque(maxlen=retention.rows)),
            retry=retry,
            on_problem=on_problem,
        )

    def save(
        self,
        alerts: Iterable[Alert] = (),
        notices: Iterable[Notice] = (),
        transitions: Iterable[Transition] = (),
        monitor_state: str | None = None,
    ) -> Future[None]:
        """Save alerts that are new or changed, notices, transitions and the monitor's state.

        Calls in quick succession are committed together. Nothing that was given here is forgotten:
        what cannot be saved is tried again until it can.

        Args:
            alerts: replace those with their ids.
            notices: every sink gets them, after they are committed.
            transitions: what changed.
            monitor_state: replaces the last one; None if it has not changed.

        Returns:
            A future that is done when all is committed.

        Raises:
            StateError: the store is closed.
        """
        return self._writer.add(
            lambda group: group.add(alerts, notices, transitions, monitor_state)
        )

    def saved_state(self) -> str | None:
        """Wait for the state of the monitor that was saved last, and return it.

        Returns:
            None if none was saved.

        Raises:
            StateError: the file is damaged, or the store is closed.
        """
        return self._writer.ask(self._database.state).result()

    def set_sinks(self, names: Iterable[str]) -> Future[None]:
        """Say which sinks there are; notices that are saved from now on wait for each of them.

        A new sink first waits for the opening of every open alert. One that is not given any more
        keeps what waits for it for a day (`Retention.absence`).
        """
        sinks = tuple(names)

        def change(group: Group) -> None:
            group.sinks = sinks

        return self._writer.add(change)

    def undelivered(self, sink: str, limit: int = 100) -> Future[tuple[Notice, ...]]:
        """Return the first notices that a sink waits for, in the order in which they were saved."""
        return self._writer.ask(lambda: self._database.undelivered(sink, limit))

    def delivered(self, sink: str, ids: Sequence[str]) -> Future[None]:
        """Note that a sink needs no more deliveries of some notices.

        Args:
            sink: the name of the sink.
            ids: ids of notices.
        """
        return self._writer.add(lambda group: group.done.extend((sink, each) for each in ids))

    def open_alerts(self) -> Future[tuple[Alert, ...]]:
        """Return the alerts that are not resolved, the oldest first."""
        return self._writer.ask(self._database.open_alerts)

    def alerts(self, limit: int) -> Future[tuple[Alert, ...]]:
        """Return the alerts that were opened last, the newest first."""
        return self._writer.ask(lambda: self._database.alerts(limit))

    def transitions(self, limit: int) -> Future[tuple[Transition, ...]]:
        """Return the last transitions, the newest first."""
        return self._writer.ask(lambda: self._database.transitions(limit))

    @property
    def queues(self) -> Mapping[str, SinkQueue]:
        """What waits for each sink, by its name."""
        return self._database.queues

    @property
    def problem(self) -> str:
        """Why nothing can be saved now; empty if it can."""
        return self._writer.problem

    @property
    def is_behind(self) -> bool:
        """Whether so many notices cannot be saved that the monitor should not go on."""
        return self._writer.pending() >= MAX_PENDING

    def listen(self, listener: Callable[[], object]) -> None:
        """Have a function called, in the store's thread, each time that notices are committed."""
        self._listeners.append(listener)

    def close(self, timeout: float = 5.0) -> None:
        """Save what is not saved yet, and close the file.

        Args:
            timeout: how many seconds to try, if it cannot be saved.

        Raises:
            StateError: some of it could not be saved in that time.
        """
        try:
            self._writer.close(timeout)
        finally:
            self._file.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close it; an error of the block comes before one of closing."""
        if error is None:
            self.close()
            return
        with suppress(StateError):
            self.close()

    def _write(self, group: Group) -> None:
        self._database.write(group)
        if group.notices or group.sinks is not None:
            for each in self._listeners:
                with suppress(Exception):  # its event loop may be closed by now
                    each()
