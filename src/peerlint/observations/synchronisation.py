"""Whether the routes of a session are known at the end of its dumps, or only some of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from peerlint.bulk import Moment
from peerlint.observations.session_records import PeerKey, SessionRecords, TablePart

#: Time in microseconds since 1970, number of the dump, offset of the record.
_Event = tuple[int, int, int]
#: Before every event.
_NEVER: Final = (-(1 << 63), 0, 0)


def is_synchronised(parts: Iterable[SessionRecords], table: TablePart | None) -> bool:
    """Return whether the routes of every peer are known from some time on until the end.

    Args:
        parts: the records of each dump, in time order and without a gap.
        table: the table that the updates follow; None for updates alone.
    """
    snapshots = {} if table is None else table.snapshot_moments
    return all(
        _is_known(events, snapshots.get((key, 4)), opened=opened, ended=ended)
        for key, (events, opened, ended) in _events(parts).items()
    )


def _events(
    parts: Iterable[SessionRecords],
) -> dict[PeerKey, tuple[dict[str, _Event], bool, bool]]:
    """Return the last events of each peer, and whether its start and its End-of-RIB are there."""
    found: dict[PeerKey, tuple[dict[str, _Event], bool, bool]] = {}
    for number, part in enumerate(parts):
        for peer in part.session_peers:
            events, opened, ended = found.get(peer.key, ({}, False, False))
            for name in ("started", "down", "end_of_rib", "heard"):
                moment = getattr(peer.events, name)
                if moment is not None:
                    event = (moment[0], number, moment[1])
                    events[name] = max(events.get(name, event), event)
            found[peer.key] = (events, opened or peer.opened, ended or peer.ended)
    return found


def _is_known(
    events: Mapping[str, _Event], snapshot: Moment | None, *, opened: bool, ended: bool
) -> bool:
    """Return whether a peer's routes are known.

    The latest of these events decides. The routes are known if a table has them, if the session
    came up and sent its End-of-RIB, or if it went down and did not come up again.
    """
    started, down = events.get("started", _NEVER), events.get("down", _NEVER)
    reset = max(started, down)
    if snapshot is not None and reset[0] < snapshot[0]:
        return True
    if down > started and events.get("heard", _NEVER) < down:
        return True
    if snapshot is None and not opened:
        return False
    if snapshot is not None and reset == _NEVER:
        return True
    return ended and events.get("end_of_rib", reset) >= reset
