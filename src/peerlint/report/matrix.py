"""The matrix of prefixes and sessions as text, in as many tables as the width requires."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

import attrs
from rich.cells import cell_len

from peerlint.results import (
    NOT_REQUIRED,
    OK,
    Matrix,
    MatrixSession,
    PrefixResult,
    ServicePrefixResult,
    State,
)
from peerlint.wording import counted

#: The most prefixes of a table with all rows; in a larger one, passing rows are only counted.
ROWS: Final = 40
_WELL: Final = frozenset({OK, NOT_REQUIRED})
#: Blanks between columns.
_GAP: Final = 2
_STATES: Final = {
    State.VERIFIED: "green",
    State.WARNING: "yellow",
    State.UNKNOWN: "magenta",
    State.PENDING: "cyan",
    State.FAILED: "red",
    State.INVALID: "red",
}
_CELLS: Final = {OK: "green", NOT_REQUIRED: "dim", "unknown": "magenta"}
#: Pieces of a line, each with its style.
Line = list[tuple[str, str]]
_Row = PrefixResult | ServicePrefixResult


@attrs.frozen
class _Column:
    """A column of a table.

    Attributes:
        head: the lines of the head, at most two.
        cells: the cells.
        styles: the style of each cell.
        width: the width, in columns of the terminal.
    """

    head: tuple[str, ...]
    cells: tuple[str, ...]
    styles: tuple[str, ...]
    width: int

    @classmethod
    def of(cls, head: tuple[str, ...], cells: Sequence[str], styles: Sequence[str]) -> _Column:
        width = max(cell_len(text) for text in {*head, *cells})
        return cls(head, tuple(cells), tuple(styles), width)


def matrix_lines(
    title: str,
    matrix: Matrix,
    results: Sequence[PrefixResult],
    width: int,
    *,
    is_full: bool = True,
) -> Iterator[Line]:
    """Yield the lines of a peering's matrix, below its title.

    The columns are the peering's own sessions, and sessions of other peerings on which one of its
    prefixes has a problem. If they do not fit side by side, there are several tables.

    Args:
        title: the title; it is on the line of the heads if there is room.
        matrix: the matrix of the report.
        results: the results of one peering, at least one.
        width: the width of the page, in columns.
        is_full: whether passing rows are shown, however many there are.
    """
    passing_label = None if is_full or len(results) <= ROWS else _passing_label(matrix, results)
    shown = [
        each
        for each in results
        if passing_label is None or not _is_passing(each, matrix, passing_label)
    ]
    yield from _tables(title, matrix, shown, width) if shown else [[(title, "bold")]]
    if number := len(results) - len(shown):
        what = f"{passing_label}, and {OK} on every session that announces them"
        yield [(f"{counted(number, 'more prefix')}: {what}", "")]


def _passing_label(matrix: Matrix, results: Sequence[PrefixResult]) -> str | None:
    """Return the most common label of prefixes that pass everywhere; None if there are none."""
    labels = Counter(
        _label(each)
        for each in results
        if each.state is State.VERIFIED and _is_passing(each, matrix, _label(each))
    )
    return next((label for label, _ in labels.most_common(1)), None)


def _is_passing(result: PrefixResult, matrix: Matrix, label: str) -> bool:
    return _label(result) == label and _WELL.issuperset(matrix.rows[result.key].values())


def _tables(
    title: str, matrix: Matrix, results: Sequence[PrefixResult], width: int
) -> Iterator[Line]:
    rows = [matrix.rows[result.key] for result in results]
    columns = _columns(_of_interest(matrix, rows, results[0].peering), rows)
    names = _names(results)
    for number, block in enumerate(_blocks(names, columns, width)):
        if number:
            yield []
        yield from _lines(title, names, block, width)


def state_lines(title: str, results: Sequence[_Row], width: int) -> Iterator[Line]:
    """Yield the lines of a table of prefixes and states, without sessions.

    Args:
        title: the title of the table.
        results: the results, at least one.
        width: the width of the page, in columns.
    """
    yield from _lines(title, _names(results), [], width)


def _names(results: Sequence[_Row]) -> list[_Column]:
    labels = [_label(result) for result in results]
    styles = [_STATES[result.state] for result in results]
    return [
        _Column.of((), [result.prefix for result in results], [""] * len(results)),
        _Column.of((), labels, styles),
    ]


def _label(result: _Row) -> str:
    return result.label.replace(" checks)", ")")


def _columns(sessions: Sequence[MatrixSession], rows: list[dict[str, str]]) -> list[_Column]:
    has_routers = any(session.router for session in sessions)
    found = []
    for session in sessions:
        cells = [row.get(session.id, NOT_REQUIRED) for row in rows]
        styles = [_CELLS.get(cell, "red") for cell in cells]
        head = (session.id, session.router or "") if has_routers else (session.id,)
        found.append(_Column.of(head, cells, styles))
    return found


def _of_interest(
    matrix: Matrix, rows: list[dict[str, str]], peering: str
) -> tuple[MatrixSession, ...]:
    failing = {each for row in rows for each, word in row.items() if word not in (OK, NOT_REQUIRED)}
    return tuple(
        session
        for session in matrix.sessions
        if session.peering == peering or session.id in failing
    )


def _wide(columns: Iterable[_Column]) -> int:
    return sum(each.width + _GAP for each in columns)


def _blocks(names: list[_Column], columns: list[_Column], width: int) -> Iterator[list[_Column]]:
    """Yield blocks of as many columns as fit beside the names, at least one."""
    block: list[_Column] = []
    room = width - _wide(names) + _GAP
    used = 0
    for column in columns:
        used += column.width + _GAP
        if block and used > room:
            yield block
            block, used = [], column.width + _GAP
        block.append(column)
    yield block


def _lines(title: str, names: list[_Column], columns: list[_Column], width: int) -> Iterator[Line]:
    """Yield the lines of one table: its head, then the rows."""
    head = max((len(each.head) for each in columns), default=0)
    room = width - _wide(columns) + _GAP
    names_end = _wide(names)
    if head and max(names_end, cell_len(title) + _GAP) <= room:
        names_end = max(names_end, cell_len(title) + _GAP)
    else:
        yield [(title, "bold")]
        title = ""
    for line in range(head):
        text = title if line == 0 else ""
        yield [(_padded(text, names_end), "bold"), *((_cell(c.head[line], c), "") for c in columns)]
    for row in range(len(names[0].cells)):
        state = names[1]
        yield [
            (_cell(names[0].cells[row], names[0]), ""),
            (_padded(state.cells[row], names_end - names[0].width - _GAP), state.styles[row]),
            *((_cell(each.cells[row], each), each.styles[row]) for each in columns),
        ]


def _cell(text: str, column: _Column) -> str:
    return _padded(text, column.width + _GAP)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - cell_len(text))
