"""What a replay found, as text and as JSON with the schema `peerlint/replay/1`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

import attrs

from peerlint.api.notices import notice_text
from peerlint.monitor.alerts import NoticeKind
from peerlint.report.json import dumped
from peerlint.wording import counted, listed

if TYPE_CHECKING:
    from peerlint.api.replaying import ReplaySummary
    from peerlint.feeds.archive import ArchiveReading
    from peerlint.monitor.alerts import Alert, Notice
    from peerlint.monitor.transitions import Transition

SCHEMA: Final = "peerlint/replay/1"
_SECOND: Final = 1_000_000
#: How many affected prefixes and sessions a line names.
_NAMED: Final = 3
_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_SHOWN: Final = (NoticeKind.OPENED, NoticeKind.RESOLVED)
_TIMES: Final = ("first_seen", "opened", "last_seen", "resolved")


def replay_line(notice: Notice) -> str | None:
    """Return the line about an alert that opens or resolves; None for other notices."""
    if notice.kind not in _SHOWN:
        return None
    line = notice_text(notice)
    affected = notice.alert.affected
    if len(affected) + notice.alert.more <= 1:
        return line
    names = [" on ".join(filter(None, (each.prefix, each.session))) for each in affected[:_NAMED]]
    more = len(affected) - len(names) + notice.alert.more
    return f"{line}; affects {listed(names)}" + (f", and {more:,} more" if more else "")


def replay_totals(summary: ReplaySummary) -> str:
    """Return the last line: how many alerts there would have been."""
    if summary.first is None or summary.last is None:
        return "no event was read, so nothing was replayed"
    alerts = summary.alerts
    found = f"would have raised {counted(len(alerts), 'alert')}"
    severities = Counter(str(each.severity) for each in alerts)
    if alerts:
        found += f" ({listed([counted(number, word) for word, number in severities.items()])})"
    parts = [f"{found} in {_duration(summary.last - summary.first)}"]
    if alerts:
        still_open = sum(each.is_open for each in alerts)
        parts.append(f"{still_open:,} open at the end" if still_open else "all of them resolved")
    if summary.pending:
        parts.append(f"{summary.pending:,} more had not held for its time at the end")
    parts.append(counted(summary.events, "event"))
    return "; ".join(parts)


def replay_json(summary: ReplaySummary) -> str:
    """Return what a replay found as indented JSON, with a newline at its end."""
    data: dict[str, object] = {
        "schema": SCHEMA,
        "first": _time(summary.first),
        "last": _time(summary.last),
        "events": summary.events,
        "alerts": [_alert(each) for each in summary.alerts],
        "pending": summary.pending,
        "transitions": [_transition(each) for each in summary.transitions],
        "transitions_left_out": summary.more,
        "archives": [_reading(each) for each in summary.readings],
        "remarks": list(summary.remarks),
    }
    return dumped(data)


def replay_remarks(summary: ReplaySummary) -> Iterator[str]:
    """Yield what is unusual about the inventory, and wrong with each archive."""
    yield from summary.remarks
    for each in summary.readings:
        texts = (each.error, *each.damage, *each.remarks)
        yield from (f"{each.name}: {text}" for text in texts if text)
        if each.more:
            yield f"{each.name}: {counted(each.more, 'more remark')}"


def _alert(alert: Alert) -> dict[str, object]:
    found: dict[str, object] = attrs.asdict(alert)
    found |= {name: _time(getattr(alert, name)) for name in _TIMES}
    return found


def _transition(transition: Transition) -> dict[str, object]:
    return attrs.asdict(transition) | {"time": _time(transition.time)}


def _reading(reading: ArchiveReading) -> dict[str, object]:
    found = attrs.asdict(reading)
    return found | {"first": _time(reading.first), "last": _time(reading.last)}


def _time(time: int | None) -> str | None:
    """Return a time in microseconds as text, with microseconds if there are any."""
    if time is None:
        return None
    seconds, rest = divmod(time, _SECOND)
    text = datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    return f"{text}.{rest:06}Z" if rest else f"{text}Z"


def _duration(microseconds: int) -> str:
    """Return a duration in its two largest units."""
    seconds, parts = microseconds // _SECOND, list[str]()
    for size, unit in _UNITS:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2]) or "0 s"
