"""Prefixes against sessions, in as many tables as the width of the page asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import attrs
from rich.cells import cell_len

from peerlint.verdicts import NOT_ASKED, OK, Matrix, MatrixSession, PrefixVerdict, State

#: Blanks between columns.
_GAP: Final = 3
_STATES: Final = {
    State.VERIFIED: "green",
    State.WARNING: "yellow",
    State.UNKNOWN: "magenta",
    State.PENDING: "cyan",
    State.FAILED: "red",
    State.INVALID: "red",
}
_CELLS: Final = {OK: "green", NOT_ASKED: "dim", "unknown": "magenta"}
#: Pieces of a line, each with its style.
Line = list[tuple[str, str]]


def state_style(state: State) -> str:
    """Return the style in which a state is written."""
    return _STATES[state]


@attrs.frozen
class _Column:
    """A column with its head of two lines."""

    head: tuple[str, str]
    cells: tuple[str, ...]
    styles: tuple[str, ...]
    width: int

    @classmethod
    def of(cls, head: tuple[str, str], cells: Sequence[str], styles: Sequence[str]) -> _Column:
        width = max(cell_len(text) for text in {*head, *cells})
        return cls(head, tuple(cells), tuple(styles), width)


def grid(matrix: Matrix, verdicts: list[PrefixVerdict], width: int) -> Iterator[Line]:
    """Yield the lines of a peering's prefixes against sessions.

    Where not all sessions fit side by side, those of other peerings with nothing amiss are left
    out and counted, and the others stand in several tables.

    Args:
        matrix: of the whole report.
        verdicts: of one peering, one at least.
        width: columns of the page.
    """
    rows = [matrix.rows[verdict.key] for verdict in verdicts]
    names = _names(verdicts)
    sessions = matrix.sessions
    if _least(sessions) > width or _wide(names, _columns(sessions, rows)) > width:
        sessions = _of_interest(matrix, rows, verdicts[0].peering)
    for number, block in enumerate(_blocks(names, _columns(sessions, rows), width)):
        if number:
            yield []
        yield from _lines(block, len(rows))
    if left_out := len(matrix.sessions) - len(sessions):
        are = "session of another peering is" if left_out == 1 else "sessions of other peerings are"
        yield [(f"{left_out} {are} left out: ok there, or not announced", "dim")]


def _names(verdicts: list[PrefixVerdict]) -> list[_Column]:
    states = [verdict.state for verdict in verdicts]
    return [
        _Column.of(("", "prefix"), [verdict.prefix for verdict in verdicts], [""] * len(verdicts)),
        _Column.of(("", "state"), states, [_STATES[state] for state in states]),
    ]


def _columns(sessions: Sequence[MatrixSession], rows: list[dict[str, str]]) -> list[_Column]:
    found = []
    for session in sessions:
        cells = [row.get(session.id, NOT_ASKED) for row in rows]
        styles = [_CELLS.get(cell, "red") for cell in cells]
        head = (session.id, session.router) if session.router else ("", session.id)
        found.append(_Column.of(head, cells, styles))
    return found


def _of_interest(
    matrix: Matrix, rows: list[dict[str, str]], peering: str
) -> tuple[MatrixSession, ...]:
    amiss = {each for row in rows for each, word in row.items() if word not in {OK, NOT_ASKED}}
    return tuple(
        session for session in matrix.sessions if session.peering == peering or session.id in amiss
    )


def _least(sessions: Sequence[MatrixSession]) -> int:
    return sum(len(session.id) + _GAP for session in sessions)


def _wide(names: list[_Column], columns: list[_Column]) -> int:
    return sum(each.width + _GAP for each in (*names, *columns)) - _GAP


def _blocks(names: list[_Column], columns: list[_Column], width: int) -> Iterator[list[_Column]]:
    """Yield as many columns as fit, one at least, each time behind the names."""
    block: list[_Column] = []
    for column in columns:
        if block and _wide(names, [*block, column]) > width:
            yield [*names, *block]
            block = []
        block.append(column)
    yield [*names, *block]


def _lines(columns: list[_Column], rows: int) -> Iterator[Line]:
    for line in (0, 1):
        head = [(_padded(each.head[line], each.width), "") for each in columns]
        if any(text.strip() for text, _ in head):
            yield head
    for row in range(rows):
        yield [(_padded(each.cells[row], each.width), each.styles[row]) for each in columns]


def _padded(text: str, width: int) -> str:
    return text + " " * (width + _GAP - cell_len(text))
