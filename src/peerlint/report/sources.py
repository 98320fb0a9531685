"""The sources in the text report: views and coverage, age, and how much was read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC
from typing import Final

from peerlint.model.times import time_text
from peerlint.observations import Coverage, SourceSummary
from peerlint.report.subjects import SESSIONS
from peerlint.wording import counted, listed

_WORDS: Final = {
    Coverage.COMPLETE: "whole",
    Coverage.PARTIAL: "partial",
    Coverage.NONE: "no session of the inventory",
}
_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR


def sources_text(sources: Sequence[SourceSummary]) -> str:
    """Return the sources, grouped by view, coverage and hour, and the totals.

    Args:
        sources: all sources.
    """
    if not sources:
        return "Sources: none was given"
    folder = _folder([source.name for source in sources])
    alike: dict[tuple[str, str, str], list[SourceSummary]] = {}
    for source in sources:
        alike.setdefault((_shown(source), _hour(source), _left_out(source)), []).append(source)
    parts = [
        _group(group, shown, left_out, folder) for (shown, _, left_out), group in alike.items()
    ]
    routes = sum(source.quality.entries for source in sources)
    lost = sum(source.quality.lost for source in sources)
    parts.append(f"{counted(routes, 'route')}, {counted(lost, 'octet')} lost")
    return f"Sources{f' in {folder}' if folder else ''}: {'; '.join(parts)}"


def is_told(source: SourceSummary, remark: str) -> bool:
    """Whether the line of a source already contains a remark, which is that it is too old."""
    return source.last is not None and remark.startswith(f"too old: taken {time_text(source.last)}")


def _folder(names: Sequence[str]) -> str:
    """Return the folder that all of several sources share, with a slash at its end; or empty."""
    folders = {name.rpartition("/")[0] for name in names}
    return f"{folders.pop()}/" if len(names) > 1 and len(folders) == 1 and "" not in folders else ""


def _group(group: Sequence[SourceSummary], shown: str, left_out: str, folder: str) -> str:
    names = listed([each.name.removeprefix(folder) for each in group], SESSIONS)
    parts = (shown, _times(group), left_out)
    return f"{names}: {', '.join(part for part in parts if part)}"


def _shown(source: SourceSummary) -> str:
    if source.error is not None:
        return "not read"
    views = dict.fromkeys(str(view) for _, view in source.views)
    return ", ".join((*views, _WORDS[source.coverage]))


def _left_out(source: SourceSummary) -> str:
    old = "too old" if source.is_too_old else ""
    number = len(source.replaced) + source.more_replaced
    left_out = f"{counted(number, 'older snapshot')} left out" if number else ""
    return ", ".join(part for part in (old, left_out) if part)


def _hour(source: SourceSummary) -> str:
    if source.is_in_future:
        return "in the future"
    return "" if source.last is None else f"{source.last.astimezone(UTC):%Y-%m-%d %H}"


def _times(group: Sequence[SourceSummary]) -> str:
    """Return the times of sources of one hour, and the age of the oldest."""
    first = group[0]
    if first.error is not None:
        return ""
    times = sorted(each.last.replace(second=0) for each in group if each.last is not None)
    if first.is_in_future or not times:
        return "time not known (in the future)" if first.is_in_future else "time not known"
    ages = [each.age_seconds for each in group if each.age_seconds is not None]
    age = f" ({age_text(max(ages))} old)" if ages else ""
    first_time = time_text(times[0]).removesuffix(" UTC")
    until = "" if times[0] == times[-1] else f" to {times[-1].astimezone(UTC):%H:%M}"
    return f"{first_time}{until} UTC{age}"


def age_text(seconds: int) -> str:
    """Return an age in its largest unit, rounded down."""
    if seconds >= 2 * _DAY:
        return f"{seconds // _DAY} days"
    return f"{seconds // _HOUR} h" if seconds >= 2 * _HOUR else f"{seconds // _MINUTE} min"
