"""Routes into files: Parquet, CSV, JSON lines."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

from peerlint.bulk import RouteBatch
from peerlint.bulk.columns import (
    KINDS,
    Coded,
    paths_and_communities,
    peer_asns,
    peers,
    prefixes,
)
from peerlint.cli.refusals import FULL
from peerlint.cli.signals import temporary_file
from peerlint.errors import InputError
from peerlint.model import Fact
from peerlint.wording import Words, open_failure

if TYPE_CHECKING:
    from peerlint.bulk.arrow import ArrowBuilder

#: Rows of a Parquet row group, at least: groups of one page would compress badly.
ROW_GROUP: Final = 1 << 17
#: Fewer, where paths and communities of so many rows take more octets than this.
MEMORY: Final = 64 << 20
#: Octets of distinct values of a column, above which Parquet would write each value out.
DICTIONARY: Final = 32 << 20
_COLUMNS: Final = (
    "timestamp", "kind", "peer", "peer_asn", "prefix", "path_id", "origin", "path_length", "facts",
)  # fmt: skip
_PATH_COLUMNS: Final = ("path", "communities")


class Writer(Protocol):
    """Takes batches; `close` completes the file."""

    def write(self, batch: RouteBatch) -> None:
        """Write every row of a batch."""

    def close(self) -> None:
        """Write what is still held back."""


@contextmanager
def out_file(name: str, *, paths: bool) -> Iterator[Writer]:
    """Give a writer for a file; the file turns up under its name when it is whole.

    Args:
        name: its ending says the format: .parquet, .csv or .jsonl.
        paths: whether to write AS paths and communities too.

    Raises:
        InputError: another ending, a file that exists, a place where none can be written, or
            pyarrow is missing.
    """
    path = Path(name)
    new = _WRITERS.get(path.suffix)
    if new is None:
        expected = "a name that ends with .parquet, .csv or .jsonl"
        raise InputError("--out", expected=expected, found=name)
    with ExitStack() as stack:
        try:
            is_there = path.exists()
            part = stack.enter_context(temporary_file(path))
            if not is_there:
                part.touch()  # each library says in another way that it cannot
        except (OSError, ValueError) as error:
            if isinstance(error, OSError) and error.errno in FULL:
                raise
            expected = "a folder that exists, where you may write"
            found = Words(f"{name}: {open_failure(error)}")
            raise InputError("--out", expected=expected, found=found) from None
        if is_there:
            raise InputError("--out", expected="a file that does not exist yet", found=name)
        writer = new(part, paths=paths)
        yield writer
        writer.close()
        part.replace(path)


class _Parquet:
    """Dictionaries and Zstandard: what most readers of Parquet know.

    A thread of its own makes a row group and writes it while the next one is gathered.
    """

    def __init__(self, path: Path, *, paths: bool) -> None:
        try:
            from pyarrow import Table, parquet  # noqa: PLC0415  # an extra

            from peerlint.bulk import arrow  # noqa: PLC0415  # it needs the extra
        except ImportError:
            expected = "pyarrow for Parquet: pip install 'peerlint[arrow]', or name a .csv"
            raise InputError("--out", expected=expected, found=Words("no pyarrow")) from None
        self._table = Table
        self._writer = parquet.ParquetWriter(
            path,
            arrow.coded_schema(paths=paths),
            compression="zstd",
            dictionary_pagesize_limit=DICTIONARY,
            # The least and the greatest path of a group say nothing, and take a third of the time.
            write_statistics=list(_COLUMNS),
            store_schema=False,
        )
        # Stored in its place: pyarrow writes lists of codes, and cannot read them (26.0).
        plain = base64.b64encode(arrow.schema(paths=paths).serialize())
        self._writer.add_key_value_metadata({"ARROW:schema": plain})
        self._gather = partial(arrow.ArrowBuilder, paths=paths)
        self._gathering = self._gather()
        self._thread = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None

    def write(self, batch: RouteBatch) -> None:
        self._gathering.add(batch)
        if len(self._gathering) >= ROW_GROUP or self._gathering.octets >= MEMORY:
            self._flush()

    def close(self) -> None:
        if len(self._gathering):
            self._flush()
        if self._writing is not None:
            self._writing.result()
        self._thread.shutdown()
        self._writer.close()

    def _flush(self) -> None:
        if self._writing is not None:
            self._writing.result()  # one at a time: a second one waiting takes memory, no time
        self._writing = self._thread.submit(self._write_group, self._gathering)
        self._gathering = self._gather()

    def _write_group(self, gathering: ArrowBuilder) -> None:
        group = gathering.take()
        self._writer.write_table(self._table.from_batches([group]), row_group_size=len(group))


class _Csv:
    """A head line; facts and communities are words with blanks between them."""

    def __init__(self, path: Path, *, paths: bool) -> None:
        self._paths = paths
        self._file = path.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        self._writer.writerow((*_COLUMNS, *_PATH_COLUMNS) if paths else _COLUMNS)

    def write(self, batch: RouteBatch) -> None:
        self._writer.writerows(
            [" ".join(cell) if isinstance(cell, tuple) else cell for cell in row]
            for row in _rows(batch, paths=self._paths)
        )

    def close(self) -> None:
        self._file.close()


class _JsonLines:
    """One object a line."""

    def __init__(self, path: Path, *, paths: bool) -> None:
        self._paths = paths
        self._file = path.open("w", encoding="utf-8")

    def write(self, batch: RouteBatch) -> None:
        names = (*_COLUMNS, *_PATH_COLUMNS) if self._paths else _COLUMNS
        for row in _rows(batch, paths=self._paths):
            self._file.write(json.dumps(dict(zip(names, row, strict=True))) + "\n")

    def close(self) -> None:
        self._file.close()


Cell = str | float | tuple[str, ...] | None


def _rows(batch: RouteBatch, *, paths: bool) -> Iterator[tuple[Cell, ...]]:
    """Yield rows in the order of the columns; the time in seconds since 1970."""
    rows = batch.rows
    words = Coded.of(rows["facts"].tolist())
    facts = Coded(words.codes, tuple(_names(word) for word in words.values))
    columns: list[list[Cell]] = [
        [micro / 1_000_000 for micro in rows["timestamp"].tolist()],
        [KINDS[kind] for kind in rows["kind"].tolist()],
        [*peers(batch).spread()],
        peer_asns(batch).tolist(),
        [*prefixes(batch).spread()],
        [None if each < 0 else each for each in rows["path_id"].tolist()],
        [None if each < 0 else each for each in rows["origin"].tolist()],
        rows["path_length"].tolist(),
        [facts.values[code] for code in facts.codes.tolist()],
    ]
    if paths:
        columns += ([*column.spread()] for column in paths_and_communities(batch))
    return zip(*columns, strict=True)


def _names(word: int) -> tuple[str, ...]:
    return tuple(fact.name or "" for fact in Fact if word & fact)


_WRITERS: Final[dict[str, Callable[..., Writer]]] = {
    ".parquet": _Parquet,
    ".csv": _Csv,
    ".jsonl": _JsonLines,
}
