"""What the files of an archive give, one after another, before their times are known to be right.

Sessions are not made events of yet: that needs the records of other files of the same router, which
come in between.
"""

from __future__ import annotations

from collections.abc import Hashable

import attrs

from peerlint.events import Event
from peerlint.feeds.archive.readings import ArchiveReading
from peerlint.wire.mrt import Peer
from peerlint.wire.reader import Record


@attrs.frozen
class Step:
    """An event, or a record that may give events.

    Attributes:
        time: when it happened by its record, in microseconds since 1970; None if the record does
            not say it.
        place: identifies the record: steps of one record have one time, which is no evidence for
            itself.
        reading: the file that it is from.
        event: the event.
        record: a record of a session or of a list of peers, or one whose routes are wanted too.
        peer: a peer of a table, whose session is up.
        families: address families of which a table has records.
        is_damaged: whether something was lost in front of the record.
        has_routes: whether the routes of the record are wanted too; otherwise they are steps.
    """

    time: int | None
    place: Hashable
    reading: ArchiveReading
    event: Event | None = None
    record: Record | None = None
    peer: Peer | None = None
    families: frozenset[tuple[int, int]] = frozenset()
    is_damaged: bool = False
    has_routes: bool = False


def at_time(event: Event, time: int) -> Event:
    """Return an event as one that happened at a time."""
    return event if event.time == time else attrs.evolve(event, time=time)
