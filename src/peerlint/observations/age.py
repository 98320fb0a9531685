"""The age of sources: which sources are too old to be used as evidence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import attrs

from peerlint.model.times import ANY_AGE, CLOCK_SKEW, MaxAge, time_text
from peerlint.observations.observations import Observations
from peerlint.observations.sources import SessionSource, SourceReading, SourceSummary
from peerlint.wording import counted, listed

#: How many times of snapshots a remark lists.
_NAMED: Final = 3


def taken_at(reading: SourceReading, taken: datetime | None) -> SourceReading:
    """Set the time at which a source was taken, unless its records have one.

    Args:
        reading: what one source shows.
        taken: the time; None if it is not known.
    """
    summary, by_session = reading
    if taken is None or summary.last is not None or summary.error is not None:
        return reading
    dated = {
        session: tuple(
            source if source.last is not None else attrs.evolve(source, last=taken)
            for source in sources
        )
        for session, sources in by_session.items()
    }
    return SourceReading(attrs.evolve(summary, first=taken, last=taken), dated)


def aged(observations: Observations, now: datetime, limits: Mapping[str, MaxAge]) -> Observations:
    """Mark the sources that are too old to be used as evidence.

    A time that is later than `now` by more than `CLOCK_SKEW` counts as not known.

    Args:
        observations: the observations of all sources.
        now: the time of the check.
        limits: how old a source may be, by session; if all of them allow any age, times are not
            checked.
    """
    is_checked = any(limit.limit is not None for limit in limits.values())
    sessions = {
        session: tuple(
            _aged(each, now, limits.get(session, ANY_AGE)) if is_checked else each
            for each in sources
        )
        for session, sources in observations.sessions.items()
    }
    old = {
        (name, each.last)
        for sources in sessions.values()
        for each in sources
        if each.is_too_old
        for name in each.names
    }
    summaries = tuple(
        _aged_summary(
            each, now, is_checked=is_checked, old={last for name, last in old if name == each.name}
        )
        for each in observations.sources
    )
    return attrs.evolve(observations, sources=summaries, sessions=sessions)


def is_future(time: datetime | None, now: datetime) -> bool:
    """Return whether a time is later than `now` by more than `CLOCK_SKEW`."""
    return time is not None and time - now > CLOCK_SKEW


def _aged(source: SessionSource, now: datetime, limit: MaxAge) -> SessionSource:
    if source.last is None:
        return source
    if is_future(source.last, now):
        return attrs.evolve(source, last=None)
    return attrs.evolve(source, is_too_old=limit.is_exceeded(now - source.last))


def _aged_summary(
    summary: SourceSummary, now: datetime, *, is_checked: bool, old: set[datetime | None]
) -> SourceSummary:
    remarks: list[str] = []
    last, future = summary.last, is_checked and is_future(summary.last, now)
    if future and last is not None:
        remarks.append(
            f"its time is not known: its last record says {time_text(last)}, after the time of "
            f"this check, {time_text(now)}"
        )
    times = sorted(filter(None, old))
    remarks += [
        f"too old: taken {time_text(each)}, what only it shows is unknown"
        for each in times[:_NAMED]
    ]
    if len(times) > _NAMED:
        remarks.append(f"too old: parts of {len(times) - _NAMED:,} more times")
    if summary.replaced:
        remarks.append(replaced_text(summary.replaced, summary.more_replaced))
    age = None if last is None or last > now else int((now - last).total_seconds())
    return attrs.evolve(
        summary,
        last=None if future else last,
        age_seconds=age,
        is_too_old=bool(old),
        is_in_future=future,
        remarks=(*summary.remarks, *remarks),
    )


def replaced_text(times: tuple[datetime, ...], more: int = 0) -> str:
    """Return a remark on snapshots that a later snapshot of the same table replaces.

    Args:
        times: the times of the snapshots, at least one.
        more: how many more snapshots there are.
    """
    number = counted(len(times) + more, "older snapshot")
    named = listed(map(time_text, times), _NAMED, more=more)
    return f"{number} left out, a later one counts: {named}"
