"""Routes as Parquet, with dictionaries and Zstandard: what most readers of Parquet know.

Needs pyarrow (the extra `arrow`).
"""

from __future__ import annotations

import base64
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Final

from peerlint.bulk.batch import RouteBatch
from peerlint.bulk.encoders.cells import COLUMNS
from peerlint.errors import InputError
from peerlint.wording import Words

if TYPE_CHECKING:
    from peerlint.bulk.arrow import ArrowBuilder

#: Rows of a row group, at least: groups of one chunk would compress badly.
ROW_GROUP: Final = 1 << 17
#: Fewer, where paths and communities of so many rows take more octets than this.
MEMORY: Final = 64 << 20
#: Octets of distinct values of a column, above which Parquet would write each value out.
DICTIONARY: Final = 32 << 20


class ParquetEncoder:
    """See `RouteEncoder`.

    A thread of its own makes a row group and writes it while the rows of the next are collected.
    """

    def __init__(self, file: BinaryIO, *, paths: bool, states: tuple[str, ...] = ()) -> None:
        """Write the head of the file.

        Raises:
            InputError: pyarrow is not installed.
        """
        try:
            from pyarrow import Table, parquet  # noqa: PLC0415  # an extra

            from peerlint.bulk import arrow  # noqa: PLC0415  # it needs the extra
        except ImportError:
            expected = "pyarrow for Parquet: pip install 'peerlint[arrow]', or choose csv"
            raise InputError("format", expected=expected, found=Words("no pyarrow")) from None
        self._table = Table
        self._writer = parquet.ParquetWriter(
            file,
            arrow.coded_schema(paths=paths, states=states),
            compression="zstd",
            dictionary_pagesize_limit=DICTIONARY,
            # The least and the greatest path of a group are of no use, and take a third of the
            # time.
            write_statistics=[*COLUMNS, *states],
            store_schema=False,
        )
        # Stored instead: pyarrow writes lists of codes, and cannot read them (26.0).
        plain = base64.b64encode(arrow.schema(paths=paths, states=states).serialize())
        self._writer.add_key_value_metadata({"ARROW:schema": plain})
        self._new_builder = partial(arrow.ArrowBuilder, paths=paths, states=states)
        self._builder = self._new_builder()
        self._thread = ThreadPoolExecutor(1)
        self._writing: Future[None] | None = None

    def write(self, batch: RouteBatch) -> None:
        """Collect the rows of a batch; write a row group if there are enough."""
        self._builder.add(batch, batch.states)
        if len(self._builder) >= ROW_GROUP or self._builder.octets >= MEMORY:
            self._flush()

    def close(self) -> None:
        """Write the last row group and the foot of the file."""
        if len(self._builder):
            self._flush()
        if self._writing is not None:
            self._writing.result()
        self._thread.shutdown()
        self._writer.close()

    def _flush(self) -> None:
        if self._writing is not None:
            self._writing.result()  # one at a time: a second one waiting takes memory, no time
        self._writing = self._thread.submit(self._write_group, self._builder)
        self._builder = self._new_builder()

    def _write_group(self, builder: ArrowBuilder) -> None:
        group = builder.take()
        self._writer.write_table(self._table.from_batches([group]), row_group_size=len(group))
