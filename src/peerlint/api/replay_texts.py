"""What a replay found, as text and as JSON with the schema `peerlint/replay/1`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, get_args

import attrs

from peerlint.api.notices import notice_text
from peerlint.api.replaying import ReplaySummary
from peerlint.arguments import must_be, must_be_one_of
from peerlint.display import displayed_quote
from peerlint.model.times import from_microseconds, rfc3339_text
from peerlint.monitor.alert_document import alert_document
from peerlint.monitor.alerts import NoticeKind
from peerlint.report.json import dumped
from peerlint.report.phrases import cleaned
from peerlint.report.replay_entry import ArchiveEntry, ReplayDocument, TransitionEntry
from peerlint.wording import counted, listed

if TYPE_CHECKING:
    from peerlint.feeds.archive import ArchiveReading
    from peerlint.monitor.alerts import Alert, Notice
    from peerlint.monitor.transitions import Transition

ReplayFormat = Literal["text", "json"]
REPLAY_FORMATS: Final = get_args(ReplayFormat)
_SECOND: Final = 1_000_000
#: How many affected prefixes and sessions a line names.
_NAMED: Final = 3
_UNITS: Final = ((86400, "d"), (3600, "h"), (60, "min"), (1, "s"))
_SHOWN: Final = (NoticeKind.OPENED, NoticeKind.RESOLVED)


def replay_line(notice: Notice) -> str | None:
    """Return the line about an alert that opens or resolves; None for other notices."""
    if notice.kind not in _SHOWN:
        return None
    text, _, id_ = notice_text(notice).rpartition(" [")
    names = _affected(notice.alert)
    if len(names) + notice.alert.more > 1:
        more = len(names) - _NAMED + notice.alert.more
        text += f"; affects {listed(names[:_NAMED])}" + (f", and {more:,} more" if more > 0 else "")
    return f"{text} [{id_}"


def _affected(alert: Alert) -> list[str]:
    """Return the prefixes and sessions that an alert is about."""
    return [" on ".join(filter(None, (each.prefix, each.session))) for each in alert.affected]


def render_replay(summary: ReplaySummary, form: ReplayFormat = "text") -> str:
    """Return what a replay found.

    Args:
        summary: what it found.
        form: "text" (a line for each alert that opened or was resolved, and the totals) or "json".

    Raises:
        InputError: there is no such format.
    """
    must_be("summary", summary, ReplaySummary, "a ReplaySummary")
    must_be_one_of("form", form, REPLAY_FORMATS)
    if form == "json":
        return _json(summary)
    lines = [line for each in summary.notices if (line := replay_line(each)) is not None]
    return "".join(f"{displayed_quote(line)}\n" for line in (*lines, replay_totals(summary)))


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
        times = "its time" if summary.pending == 1 else "their time"
        parts.append(f"{summary.pending:,} more had not held for {times} at the end")
    parts.append(counted(summary.events, "event"))
    return "; ".join(parts)


def _json(summary: ReplaySummary) -> str:
    """Return what a replay found as indented JSON, with a newline at its end."""
    document = cleaned(
        ReplayDocument(
            first=_time(summary.first),
            last=_time(summary.last),
            events=summary.events,
            alerts=(),
            pending=summary.pending,
            transitions=tuple(map(_transition, summary.transitions)),
            transitions_left_out=summary.more,
            archives=tuple(map(_reading, summary.readings)),
            remarks=summary.remarks,
        )
    )
    data: dict[str, object] = attrs.asdict(document, value_serializer=_serialized)
    return dumped(data | {"alerts": [alert_document(each) for each in summary.latest]})


def replay_remarks(summary: ReplaySummary) -> Iterator[str]:
    """Yield what is unusual about the inventory, and wrong with each archive."""
    yield from summary.remarks
    for each in summary.readings:
        texts = (each.error, *each.damage, *each.remarks)
        yield from (f"{each.name}: {text}" for text in texts if text)
        if each.more:
            yield f"{each.name}: {counted(each.more, 'more remark')}"


def _transition(transition: Transition) -> TransitionEntry:
    return TransitionEntry(
        time=from_microseconds(transition.time),
        kind=str(transition.kind),
        before=transition.before,
        after=transition.after,
        peering=transition.peering,
        prefix=transition.prefix,
        session=transition.session,
    )


def _reading(reading: ArchiveReading) -> ArchiveEntry:
    return ArchiveEntry(
        name=reading.name,
        router=reading.router,
        kind=str(reading.kind),
        events=reading.events,
        first=_time(reading.first),
        last=_time(reading.last),
        damage=tuple(reading.damage),
        error=reading.error,
        remarks=tuple(reading.remarks),
        more=reading.more,
    )


def _time(time: int | None) -> datetime | None:
    return None if time is None else from_microseconds(time)


def _serialized(_: object, __: object, value: object) -> object:
    """Return a value as JSON has it; a time is a text of RFC 3339, as in alerts."""
    if isinstance(value, datetime):
        return rfc3339_text(value)
    return value


def _duration(microseconds: int) -> str:
    """Return a duration in its two largest units."""
    seconds, parts = microseconds // _SECOND, list[str]()
    for size, unit in _UNITS:
        number, seconds = divmod(seconds, size)
        if number:
            parts.append(f"{number} {unit}")
    return " ".join(parts[:2]) or "0 s"
