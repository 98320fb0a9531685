"""The tables of a state file, and its version."""

from __future__ import annotations

from typing import Final

#: "PLst" in ASCII, in the header of every state file (https://sqlite.org/fileformat2.html 1.3.21).
APPLICATION_ID: Final = 0x504C7374
#: The version of the tables below.
VERSION: Final = 1
#: Notices get positions in the order in which they are saved; a position is never given again.
#: `outbox` has a row for each notice that a sink still waits for.
TABLES: Final = (
    "CREATE TABLE monitor (id INTEGER PRIMARY KEY CHECK (id = 1), state TEXT NOT NULL)",
    "CREATE TABLE alerts ("
    "id TEXT PRIMARY KEY, opened INTEGER NOT NULL, resolved INTEGER, alert TEXT NOT NULL)",
    "CREATE INDEX alerts_resolved ON alerts (resolved)",
    "CREATE INDEX alerts_opened ON alerts (opened)",
    "CREATE TABLE notices ("
    "position INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, "
    "alert_id TEXT NOT NULL, number INTEGER NOT NULL, kind TEXT NOT NULL, time INTEGER NOT NULL, "
    "alert TEXT NOT NULL)",
    "CREATE INDEX notices_time ON notices (time)",
    "CREATE INDEX notices_opened ON notices (alert_id) WHERE kind = 'opened'",
    # They are kept while their alert is open: a new sink waits for them.
    "CREATE VIEW openings AS SELECT position FROM alerts "
    "JOIN notices ON alert_id = alerts.id AND kind = 'opened' WHERE resolved IS NULL",
    "CREATE TABLE transitions ("
    "position INTEGER PRIMARY KEY AUTOINCREMENT, time INTEGER NOT NULL, transition TEXT NOT NULL)",
    "CREATE INDEX transitions_time ON transitions (time)",
    "CREATE TABLE sinks (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, "
    "absent INTEGER)",
    "CREATE TABLE outbox (sink INTEGER NOT NULL REFERENCES sinks, position INTEGER NOT NULL, "
    "PRIMARY KEY (sink, position)) WITHOUT ROWID",
    "CREATE INDEX outbox_position ON outbox (position)",
)
#: The columns that are read, by table; a file in which one is missing is damaged.
COLUMNS: Final = {
    "monitor": "id, state",
    "alerts": "id, opened, resolved, alert",
    "notices": "position, id, alert_id, number, kind, time, alert",
    "openings": "position",
    "transitions": "position, time, transition",
    "sinks": "id, name, absent",
    "outbox": "sink, position",
}
