"""The form in which a replay is written: the classes of `peerlint/replay/1`."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import attrs

from peerlint.report.alert_entry import AlertDocument

SCHEMA: Final = "peerlint/replay/1"


@attrs.frozen(kw_only=True)
class TransitionEntry:
    """A state that changed and held for its time.

    Attributes:
        time: when it changed.
        kind: what changed: "cell" (a prefix on a session), "prefix", "redundancy" or "session".
        before: the state before; empty for the first one.
        after: the state since then.
        peering: the name of the peering.
        prefix: the key of the prefix's row in the report; empty if it is about none.
        session: the id of the session; empty if it is about none.
    """

    time: datetime
    kind: str
    before: str
    after: str
    peering: str
    prefix: str
    session: str


@attrs.frozen(kw_only=True)
class ArchiveEntry:
    """What was found in one file.

    Attributes:
        name: the file.
        router: what its events call its router; empty for RIS Live, whose messages name collectors.
        kind: what it is, such as "MRT updates".
        events: how many events it gave.
        first: the time of its first record; null if it has none.
        last: the time of its last record; null if it has none.
        damage: why records may be missing or cannot be read.
        error: why the file cannot be read at all; empty if it can.
        remarks: what else is unusual.
        more: how many further damages and remarks there are.
    """

    name: str
    router: str
    kind: str
    events: int
    first: datetime | None
    last: datetime | None
    damage: tuple[str, ...]
    error: str
    remarks: tuple[str, ...]
    more: int


@attrs.frozen(kw_only=True)
class ReplayDocument:
    """What a monitor would have said of archives.

    Attributes:
        schema: the schema of this document.
        first: the time of the first event; null if there was none.
        last: the time of the last record; null if there was none.
        events: how many events the archives gave.
        alerts: the alerts in the order in which they were opened, each as it was at the end: the
            last message about it.
        pending: how many alerts would have been opened if what was wrong at the end had gone on.
        transitions: what changed and held for its time.
        transitions_left_out: the number of further ones.
        archives: what was found in each file.
        remarks: what is unusual about the inventory or the archives.
    """

    schema: str = SCHEMA
    first: datetime | None
    last: datetime | None
    events: int
    alerts: tuple[AlertDocument, ...]
    pending: int
    transitions: tuple[TransitionEntry, ...]
    transitions_left_out: int
    archives: tuple[ArchiveEntry, ...]
    remarks: tuple[str, ...]
