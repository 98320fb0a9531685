"""Routes as CSV: a header line; facts and communities are words with blanks between them."""

from __future__ import annotations

import csv
from io import TextIOWrapper
from typing import BinaryIO

from peerlint.bulk.batch import RouteBatch
from peerlint.bulk.encoders.cells import column_names, rows_of


class CsvEncoder:
    """See `RouteEncoder`."""

    def __init__(self, file: BinaryIO, *, paths: bool, states: tuple[str, ...] = ()) -> None:
        """Write the header line."""
        self._paths, self._states = paths, states
        self._text = TextIOWrapper(file, encoding="utf-8", newline="")
        self._writer = csv.writer(self._text, lineterminator="\n")
        self._writer.writerow(column_names(paths=paths, states=states))

    def write(self, batch: RouteBatch) -> None:
        """Write every row of a batch."""
        self._writer.writerows(
            [" ".join(cell) if isinstance(cell, tuple) else cell for cell in row]
            for row in rows_of(batch, paths=self._paths, states=self._states)
        )

    def close(self) -> None:
        """Write what is still held back; the file stays open."""
        self._text.detach()
