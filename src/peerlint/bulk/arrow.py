"""Batches as Arrow (the extra `arrow`).

Columns: `timestamp` (microseconds, UTC), `kind` (rib, announce, withdraw), `peer` (its address),
`peer_asn`, `prefix`, `path_id` (null without one), `origin` (null without one), `path_length`
(effective), `facts` (bits; the field's metadata names them); then the columns of states, if there
are any (words, null for a withdrawal); with paths also `path` and `communities`, standard, large
and extended.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from peerlint.bulk.columns import KINDS, Coded, peer_asns, peers, prefixes
from peerlint.bulk.kernel import NO_PATH, ROW, EncodedText, TextEncoder, Texts
from peerlint.bulk.peers import DumpPeer
from peerlint.bulk.rows import Rows
from peerlint.bulk.states import NO_STATE, States, named_states
from peerlint.model import Fact

_TEXT: Final = pa.dictionary(pa.int32(), pa.string())
#: Metadata of the column `facts`: the number of each fact, by name.
FACTS: Final = {"facts": json.dumps({fact.name: int(fact) for fact in Fact})}
_FIELDS: Final = (
    pa.field("timestamp", pa.timestamp("us", "UTC")),
    pa.field("kind", _TEXT),
    pa.field("peer", _TEXT),
    pa.field("peer_asn", pa.uint32()),
    pa.field("prefix", _TEXT),
    pa.field("path_id", pa.uint32()),
    pa.field("origin", pa.uint32()),
    pa.field("path_length", pa.uint16()),
    pa.field("facts", pa.uint32(), metadata=FACTS),
)
_PATH_FIELDS: Final = (
    pa.field("path", _TEXT),
    pa.field("communities", pa.list_(pa.string())),
)


def schema(*, paths: bool, states: Iterable[str] = ()) -> pa.Schema:
    """Return the columns of `record_batch`.

    Args:
        paths: whether AS paths and communities are among them.
        states: the names of the columns of states.
    """
    of_states = (pa.field(name, _TEXT) for name in states)
    return pa.schema([*_FIELDS, *of_states, *(_PATH_FIELDS if paths else ())])


def coded_schema(*, paths: bool, states: Iterable[str] = ()) -> pa.Schema:
    """Return the columns of `ArrowBuilder.take`: those of `schema`, communities as codes too."""
    whole = schema(paths=paths, states=states)
    if not paths:
        return whole
    return whole.set(len(whole) - 1, pa.field("communities", pa.list_(_TEXT)))


def record_batch(batch: Rows, *, paths: bool, states: tuple[States, ...] = ()) -> pa.RecordBatch:
    """Return the rows of a batch as an Arrow record batch.

    Args:
        batch: the rows.
        paths: whether AS paths and communities are wanted too.
        states: the columns of states.
    """
    names = tuple(each.name for each in states)
    builder = ArrowBuilder(paths=paths, states=names)
    builder.add(batch, states)
    built = builder.take()
    if not paths:
        return built
    *columns, communities = built.columns
    words = communities.values.dictionary_decode()
    texts = pa.ListArray.from_arrays(communities.offsets, words)
    whole = schema(paths=True, states=names)
    return pa.RecordBatch.from_arrays([*columns, texts], schema=whole)


class ArrowBuilder:
    """Rows of several batches, perhaps of several dumps, that become one record batch.

    The octets that they were read from are not kept.
    """

    def __init__(self, *, paths: bool, states: tuple[str, ...] = ()) -> None:
        """Start without rows.

        Args:
            paths: whether AS paths and communities are wanted too.
            states: the names of the columns of states that are wanted.
        """
        self._encoder = TextEncoder() if paths else None
        self._schema = coded_schema(paths=paths, states=states)
        self._names = states
        self._clear()

    def _clear(self) -> None:
        self._rows: list[npt.NDArray[np.void]] = []
        self._count = 0
        self._met: dict[DumpPeer, int] = {}
        self._states: list[tuple[States, ...]] = []

    def __len__(self) -> int:
        """Return the number of rows."""
        return self._count

    @property
    def octets(self) -> int:
        """About how much memory the paths and communities of these rows need, in octets."""
        return 0 if self._encoder is None else self._encoder.held

    def add(self, batch: Rows, states: Sequence[States] = ()) -> None:
        """Add the rows of a batch.

        Args:
            batch: the rows.
            states: their states, perhaps with others that are not wanted.

        Raises:
            InputError: a column of states is missing.
            OverflowError: paths or communities exceed 2 GiB of text.
        """
        self._states.append(named_states(states, self._names))
        index, met = batch.met_peers()
        numbers = [self._met.setdefault(peer, len(self._met)) for peer in met]
        rows = batch.rows.copy()
        rows["peer"] = np.array(numbers, np.uint32).take(index)
        self._rows.append(rows)
        self._count += len(rows)
        if self._encoder is not None:
            self._encoder.add(batch.rows, batch.buffer)

    def take(self) -> pa.RecordBatch:
        """Return the rows so far (see `coded_schema`), and start without rows again."""
        rows = np.concatenate(self._rows) if self._rows else np.zeros(0, ROW)
        met, states = tuple(self._met), self._states
        self._clear()
        columns = _columns(Rows(rows, met, b""))
        columns += map(_state_column, zip(*states, strict=True))
        if self._encoder is not None:
            columns += _path_columns(self._encoder.take())
        return pa.RecordBatch.from_arrays(columns, schema=self._schema)


def _columns(batch: Rows) -> list[pa.Array]:
    rows = batch.rows
    return [
        pa.array(_column(rows, "timestamp"), pa.timestamp("us", "UTC")),
        _text(Coded(_column(rows, "kind").astype(np.int32), KINDS)),
        _text(peers(batch)),
        pa.array(peer_asns(batch)),
        _text(prefixes(batch)),
        _optional(rows["path_id"]),
        _optional(rows["origin"]),
        pa.array(_column(rows, "path_length")),
        pa.array(_column(rows, "facts")),
    ]


def _state_column(parts: Sequence[States]) -> pa.Array:
    codes = np.concatenate([each.codes for each in parts])
    # A dictionary has no null value, so the index is null instead.
    index = pa.array(codes.astype(np.int32), mask=codes == NO_STATE)
    return pa.DictionaryArray.from_arrays(index, pa.array(parts[0].words, pa.string()))


def _path_columns(encoded: EncodedText) -> list[pa.Array]:
    """Return paths and communities; rows that share a list of attributes share its codes."""
    codes = encoded.path_codes.take(encoded.lists)
    # A dictionary has no null value, so the index is null instead.
    path = pa.array(codes, mask=codes == NO_PATH)
    members = pa.DictionaryArray.from_arrays(encoded.codes, _strings(encoded.communities))
    lists = pa.ListArray.from_arrays(pa.array(encoded.offsets), members)
    return [
        pa.DictionaryArray.from_arrays(path, _strings(encoded.paths)),
        lists.take(pa.array(encoded.lists)),
    ]


def _strings(texts: Texts) -> pa.StringArray:
    buffers = (pa.py_buffer(texts.offsets), pa.py_buffer(texts.octets))
    return pa.StringArray.from_buffers(len(texts), *buffers)


def _column(rows: npt.NDArray[np.void], name: str) -> npt.NDArray[np.generic]:
    return np.ascontiguousarray(rows[name])


def _text(column: Coded[str]) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(column.codes, pa.array(column.values, pa.string()))


def _optional(column: npt.NDArray[np.int64]) -> pa.Array:
    """Return numbers of 32 bits, null where there is -1."""
    return pa.array(column.astype(np.uint32), mask=column < 0)
