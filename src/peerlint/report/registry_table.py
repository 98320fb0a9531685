"""Tables of registry data in text: sources with their ages, and aligned columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from rich.cells import cell_len

from peerlint.display import displayed
from peerlint.model.times import time_text
from peerlint.report.registry_lines import KINDS, registry_state
from peerlint.report.sources import age_text
from peerlint.results import RegistrySource

#: A column of numbers starts with this in its heading, which is not printed.
RIGHT: Final = ">"
NOT_KNOWN: Final = "not known"


def source_rows(sources: Iterable[RegistrySource]) -> list[Sequence[str]]:
    """Return a heading and a row for each source."""
    heading = ("kind", "source", "as of", f"{RIGHT}age", f"{RIGHT}records", f"{RIGHT}skipped", "")
    return [heading, *map(_source_row, sources)]


def _source_row(each: RegistrySource) -> Sequence[str]:
    return (
        KINDS.get(each.kind, each.kind),
        each.name,
        NOT_KNOWN if each.time is None else time_text(each.time.replace(microsecond=0)),
        NOT_KNOWN if each.age_seconds is None else age_text(each.age_seconds),
        f"{each.records:,}",
        f"{each.skipped:,}",
        registry_state(each),
    )


def rows_text(rows: Sequence[Sequence[str]]) -> list[str]:
    """Return rows as aligned lines. The first row is the heading, and says how columns align.

    Args:
        rows: of equal length; the cells may quote data that are not trusted.
    """
    heading, *rest = rows
    are_right = [each.startswith(RIGHT) for each in heading]
    cells = [
        [each.removeprefix(RIGHT) for each in heading],
        *([*map(displayed, row)] for row in rest),
    ]
    widths = [max(cell_len(row[column]) for row in cells) for column in range(len(heading))]
    return [
        "  "
        + "  ".join(
            _padded(text, width, is_right=is_right)
            for text, width, is_right in zip(row, widths, are_right, strict=True)
        ).rstrip()
        for row in cells
    ]


def _padded(text: str, width: int, *, is_right: bool) -> str:
    space = " " * (width - cell_len(text))
    return space + text if is_right else text + space
