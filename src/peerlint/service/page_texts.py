"""Times, durations, colours and tables of the status page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final
from xml.etree import ElementTree as ET

from peerlint.model.times import from_microseconds, rfc3339_text, time_text
from peerlint.report.markup import STATES, Child, element
from peerlint.results import NOT_REQUIRED, OK

_SECOND: Final = 1_000_000
_MINUTE: Final = 60
_HOUR: Final = 60 * _MINUTE
_DAY: Final = 24 * _HOUR
#: The style class of words that are no problem, or not known to be one.
_WORDS: Final = {
    OK: "ok",
    "up": "ok",
    "complete": "ok",
    "partial": "open",
    "unknown": "open",
    "waived": "waived",
    "none": "open",
    "": "none",
    NOT_REQUIRED: "none",
    **{str(state): colour for state, colour in STATES.items()},
}


def colour_of(word: str) -> str:
    """Return the style class of a word for a state; words that are not known are problems."""
    # "Verified (7 of 8 checks)" has the colour of its state.
    return _WORDS.get(word.partition(" (")[0], "bad")


def duration_text(microseconds: int) -> str:
    """Return a duration in its largest unit, rounded down, such as "12 min"."""
    seconds = max(0, microseconds // _SECOND)
    if seconds >= 2 * _DAY:
        return f"{seconds // _DAY} days"
    if seconds >= 2 * _HOUR:
        return f"{seconds // _HOUR} h"
    return f"{seconds // _MINUTE} min" if seconds >= 2 * _MINUTE else f"{seconds} s"


def moment(time: int) -> ET.Element:
    """Return a time, in microseconds since 1970, to the second."""
    moment = from_microseconds(time).replace(microsecond=0)
    return element("time", time_text(moment), datetime=rfc3339_text(moment))


def ago(time: int | None, now: int) -> Iterable[Child]:
    """Yield how long ago a time was, and the time; "never" for None.

    Args:
        time: the time, in microseconds since 1970.
        now: the time of the page.
    """
    if time is None:
        yield "never"
        return
    is_now = now - time < _SECOND
    yield "just now, " if is_now else f"{duration_text(now - time)} ago, "
    yield element("span", moment(time), class_="faint")


def table(
    names: Sequence[str], rows: Iterable[Sequence[ET.Element]], class_: str = ""
) -> ET.Element:
    """Return a table whose rows become cards on a small screen.

    Args:
        names: the names of the columns; the first column names the row.
        rows: the cells of each row, as `cell` returns them.
        class_: a further style class.
    """
    head = element("tr", *(element("th", name, scope="col") for name in names))
    body = element("tbody")
    for row in rows:
        for name, each in zip(names[1:], row[1:], strict=True):
            each.set("data-name", name)
        body.append(element("tr", *row))
    return element("table", element("thead", head), body, class_=f"cards {class_}".rstrip())


def cell(*children: Child, class_: str | None = None) -> ET.Element:
    """Return a cell of a table; its content is one element, which cards need."""
    return element("td", element("div", *children), class_=class_)


def named(*children: Child) -> ET.Element:
    """Return the cell that names its row."""
    return element("th", *children, scope="row")
