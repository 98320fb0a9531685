"""The rows of a state file. One thread at a time may use a database."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from time import monotonic
from typing import Final

import attrs

from peerlint.monitor.alerts import Alert, Notice, NoticeKind
from peerlint.monitor.transitions import Transition
from peerlint.service.store.cleaning import NEWEST, clean, forget_absent
from peerlint.service.store.group import Group
from peerlint.service.store.retention import Retention
from peerlint.service.store.values import alert_of, alert_text, transition_of, transition_text

#: Seconds between two deletions of old rows: each then has little to delete.
_CLEANING: Final = 1.0


@attrs.frozen
class SinkQueue:
    """What waits for a sink.

    Attributes:
        name: the name of the sink.
        waiting: the number of its notices that are not delivered.
        dropped: the number of notices that were dropped since the store was opened, because too
            many waited.
    """

    name: str
    waiting: int
    dropped: int = 0


class Database:
    """Reads and writes the rows of a state file.

    Attributes:
        queues: what waits for each sink, by its name. Any thread may read it; it is replaced, and
            never changed.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        retention: Retention,
        *,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """Take an open connection; its tables exist.

        Args:
            connection: without transactions of Python's own (`isolation_level=None`).
            retention: what is deleted.
            clock: a clock in seconds that never goes back.
        """
        self._connection, self._retention, self._clock = connection, retention, clock
        self._cleaned = clock() - _CLEANING
        rows = connection.execute(
            "SELECT name, (SELECT count(*) FROM outbox WHERE sink = sinks.id) FROM sinks"
        )
        self.queues = {name: SinkQueue(name, waiting) for name, waiting in rows}

    def write(self, group: Group) -> None:
        """Commit a group.

        Raises:
            sqlite3.Error: nothing of it is saved.
        """
        execute = self._connection.execute
        execute("BEGIN IMMEDIATE")
        try:
            queues = self._insert(group, dict(self.queues))
            execute("COMMIT")
        except BaseException:
            if self._connection.in_transaction:
                execute("ROLLBACK")
            raise
        self.queues = queues

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def state(self) -> str | None:
        """Return the state of the monitor that was saved last; None if none was."""
        row = self._connection.execute("SELECT state FROM monitor").fetchone()
        return None if row is None else str(row[0])

    def undelivered(self, sink: str, limit: int) -> tuple[Notice, ...]:
        """Return the first notices that a sink waits for, in order."""
        rows = self._connection.execute(
            "SELECT number, kind, time, alert FROM outbox JOIN notices USING (position) "
            "WHERE sink = (SELECT id FROM sinks WHERE name = ?) ORDER BY position LIMIT ?",
            (sink, limit),
        )
        return tuple(
            Notice(number, NoticeKind(kind), time, alert_of(text))
            for number, kind, time, text in rows
        )

    def open_alerts(self) -> tuple[Alert, ...]:
        """Return the alerts that are not resolved, the oldest first."""
        rows = self._connection.execute(
            "SELECT alert FROM alerts WHERE resolved IS NULL ORDER BY opened, id"
        )
        return tuple(alert_of(text) for (text,) in rows)

    def alerts(self, limit: int) -> tuple[Alert, ...]:
        """Return the alerts that were opened last, the newest first."""
        rows = self._connection.execute(
            "SELECT alert FROM alerts ORDER BY opened DESC, id DESC LIMIT ?", (limit,)
        )
        return tuple(alert_of(text) for (text,) in rows)

    def transitions(self, limit: int) -> tuple[Transition, ...]:
        """Return the last transitions, the newest first."""
        rows = self._connection.execute(
            "SELECT transition FROM transitions ORDER BY position DESC LIMIT ?", (limit,)
        )
        return tuple(transition_of(text) for (text,) in rows)

    def _insert(self, group: Group, queues: dict[str, SinkQueue]) -> dict[str, SinkQueue]:
        """Write the rows of a group, and return what then waits for each sink."""
        many = self._connection.executemany
        texts = {id(each): alert_text(each) for each in group.alerts.values()}
        if group.sinks is not None:
            queues = self._give(group.sinks, queues)
        if group.state is not None:
            self._connection.execute("REPLACE INTO monitor VALUES (1, ?)", (group.state,))
        many(
            "INSERT INTO alerts VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE "
            "SET opened = excluded.opened, resolved = excluded.resolved, alert = excluded.alert",
            ((each.id, each.opened, each.resolved, texts[id(each)]) for each in
             group.alerts.values()),
        )  # fmt: skip
        many(
            "INSERT INTO transitions (time, transition) VALUES (?, ?)",
            ((each.time, transition_text(each)) for each in group.transitions),
        )
        self._insert_notices(group.notices, texts, queues)
        self._remove_done(group.done, queues)
        if (now := self._clock()) >= self._cleaned + _CLEANING:
            self._clean(queues)
            self._cleaned = now
        return queues

    def _clean(self, queues: dict[str, SinkQueue]) -> None:
        for sink in forget_absent(self._connection, self._retention):
            del queues[sink]
        for sink, dropped in clean(self._connection, self._retention).items():
            queue = queues[sink]
            queues[sink] = attrs.evolve(
                queue, waiting=queue.waiting - dropped, dropped=queue.dropped + dropped
            )

    def _insert_notices(
        self, notices: list[Notice], texts: dict[int, str], queues: dict[str, SinkQueue]
    ) -> None:
        if not notices:
            return
        execute = self._connection.execute
        (last,) = execute("SELECT coalesce(max(position), 0) FROM notices").fetchone()
        self._connection.executemany(
            # A notice that is saved again is the same one.
            "INSERT OR IGNORE INTO notices (id, alert_id, number, kind, time, alert) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (
                (
                    each.id, each.alert.id, each.number, each.kind, each.time,
                    texts.get(id(each.alert)) or alert_text(each.alert),
                )
                for each in notices
            ),
        )  # fmt: skip
        for sink, queue in queues.items():
            new = execute(
                "INSERT INTO outbox SELECT (SELECT id FROM sinks WHERE name = ?), position "
                "FROM notices WHERE position > ?",
                (sink, last),
            ).rowcount
            queues[sink] = attrs.evolve(queue, waiting=queue.waiting + new)

    def _remove_done(self, done: list[tuple[str, str]], queues: dict[str, SinkQueue]) -> None:
        for sink, notice in done:
            gone = self._connection.execute(
                "DELETE FROM outbox WHERE sink = (SELECT id FROM sinks WHERE name = ?) "
                "AND position = (SELECT position FROM notices WHERE id = ?)",
                (sink, notice),
            ).rowcount
            if gone:
                queues[sink] = attrs.evolve(queues[sink], waiting=queues[sink].waiting - gone)

    def _give(self, names: tuple[str, ...], queues: dict[str, SinkQueue]) -> dict[str, SinkQueue]:
        """Note the sinks that are given; a new one waits for the opening of all open alerts."""
        execute = self._connection.execute
        (now,) = execute(NEWEST).fetchone()
        for name in queues:
            absent = None if name in names else now
            execute(
                "UPDATE sinks SET absent = CASE WHEN ?1 IS NULL THEN NULL ELSE "
                "coalesce(absent, ?1) END WHERE name = ?2",
                (absent, name),
            )
        for name in names:
            if name in queues:
                continue
            sink = execute("INSERT INTO sinks (name) VALUES (?)", (name,)).lastrowid
            waiting = execute(
                "INSERT INTO outbox SELECT ?, position FROM openings", (sink,)
            ).rowcount
            queues[name] = SinkQueue(name, waiting)
        return queues
