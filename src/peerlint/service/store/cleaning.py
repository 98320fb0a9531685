"""Delete the rows that nobody waits for, in small parts."""

from __future__ import annotations

import sqlite3
from typing import Final

from peerlint.service.store.retention import Retention

#: Rows of a table that are deleted at a time, so that no commit takes long.
_PART: Final = 10_000
#: The newest time in the store stands for now: a clock that jumps deletes nothing by itself.
NEWEST: Final = (
    "SELECT max(coalesce((SELECT time FROM notices ORDER BY position DESC LIMIT 1), 0), "
    "coalesce((SELECT time FROM transitions ORDER BY position DESC LIMIT 1), 0))"
)
_IS_FREE: Final = (
    "position NOT IN openings "
    "AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.position = notices.position)"
)


def clean(connection: sqlite3.Connection, retention: Retention) -> dict[str, int]:
    """Delete what the retention does not keep, inside of a transaction.

    Returns:
        How many notices that waited for a sink were dropped, by the name of the sink.
    """
    execute = connection.execute
    (newest,) = execute(NEWEST).fetchone()
    oldest = newest - retention.age
    _delete(connection, "transitions", "position <= ?", _last(connection, "transitions", retention))
    _delete(connection, "transitions", "time < ?", oldest)
    dropped = _drop(connection, _last(connection, "notices", retention))
    limit = _last(connection, "notices", retention)
    _delete(connection, "notices", f"position <= ? AND {_IS_FREE}", limit)
    _delete(connection, "notices", f"time < ? AND {_IS_FREE}", oldest)
    execute(
        "DELETE FROM alerts WHERE id IN "
        "(SELECT id FROM alerts WHERE resolved < ? ORDER BY resolved LIMIT ?)",
        (oldest, _PART),
    )
    (resolved,) = execute("SELECT count(*) FROM alerts WHERE resolved IS NOT NULL").fetchone()
    execute(
        "DELETE FROM alerts WHERE id IN "
        "(SELECT id FROM alerts WHERE resolved IS NOT NULL ORDER BY resolved LIMIT ?)",
        (min(_PART, max(0, resolved - retention.rows)),),
    )
    return dropped


def forget_absent(connection: sqlite3.Connection, retention: Retention) -> tuple[str, ...]:
    """Forget the sinks that were not given for long, with what waits for them; return them."""
    (newest,) = connection.execute(NEWEST).fetchone()
    # A store that had nothing yet did not know the time at which they were not given any more.
    connection.execute("UPDATE sinks SET absent = ? WHERE absent = 0", (newest,))
    rows = connection.execute(
        "SELECT id, name FROM sinks WHERE absent < ?", (newest - retention.absence,)
    ).fetchall()
    for sink, _ in rows:
        connection.execute("DELETE FROM outbox WHERE sink = ?", (sink,))
        connection.execute("DELETE FROM sinks WHERE id = ?", (sink,))
    return tuple(name for _, name in rows)


def _last(connection: sqlite3.Connection, table: str, retention: Retention) -> int:
    """Return the last position that is not among the rows that are kept."""
    (last,) = connection.execute(
        f"SELECT coalesce(max(position), 0) FROM {table}"  # noqa: S608  # a table of ours
    ).fetchone()
    return int(last) - retention.rows


def _delete(connection: sqlite3.Connection, table: str, where: str, value: int) -> None:
    connection.execute(
        f"DELETE FROM {table} WHERE position IN "  # noqa: S608  # a table and a condition of ours
        f"(SELECT position FROM {table} WHERE {where} LIMIT {_PART})",
        (value,),
    )


def _drop(connection: sqlite3.Connection, limit: int) -> dict[str, int]:
    """Drop the notices that have waited longest for a sink, if too many wait."""
    rows = connection.execute(
        "SELECT name, count(*) FROM outbox JOIN sinks ON sinks.id = sink "
        "WHERE position <= ? AND position NOT IN openings GROUP BY sink",
        (limit,),
    ).fetchall()
    if rows:
        connection.execute(
            "DELETE FROM outbox WHERE position <= ? AND position NOT IN openings", (limit,)
        )
    return dict(rows)
