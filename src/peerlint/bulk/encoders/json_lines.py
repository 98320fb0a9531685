"""Routes as JSON lines: one object a line."""

from __future__ import annotations

import json
from typing import BinaryIO

from peerlint.bulk.batch import RouteBatch
from peerlint.bulk.encoders.cells import column_names, rows_of


class JsonLinesEncoder:
    """See `RouteEncoder`."""

    def __init__(self, file: BinaryIO, *, paths: bool, states: tuple[str, ...] = ()) -> None:
        """Start without rows."""
        self._file, self._paths, self._states = file, paths, states
        self._names = column_names(paths=paths, states=states)

    def write(self, batch: RouteBatch) -> None:
        """Write every row of a batch."""
        names = self._names
        self._file.writelines(
            json.dumps(dict(zip(names, row, strict=True))).encode("ascii") + b"\n"
            for row in rows_of(batch, paths=self._paths, states=self._states)
        )

    def close(self) -> None:
        """Do nothing: no row is held back."""
