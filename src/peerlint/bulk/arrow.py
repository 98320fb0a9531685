"""Batches as Arrow (the extra `arrow`).

Columns: `timestamp` (microseconds, UTC), `kind` (rib, announce, withdraw), `peer` (its address),
`peer_asn`, `prefix`, `path_id` (null without one), `origin` (null without one), `path_length`
(effective), `facts` (bits; the field's metadata names them); with paths also `path` and
`communities`, standard, large and extended.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from peerlint.bulk.batch import RouteBatch
from peerlint.bulk.columns import (
    KINDS,
    Coded,
    paths_and_communities,
    peer_asns,
    peers,
    prefixes,
)
from peerlint.model import Fact

_TEXT: Final = pa.dictionary(pa.int32(), pa.string())
#: Metadata of the column `facts`: the number of each bit's name.
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


def schema(*, paths: bool) -> pa.Schema:
    """Return the columns of `record_batch`."""
    return pa.schema([*_FIELDS, *_PATH_FIELDS] if paths else _FIELDS)


def record_batch(batch: RouteBatch, *, paths: bool) -> pa.RecordBatch:
    """Return the rows of a batch as an Arrow record batch.

    Args:
        batch: the rows.
        paths: whether AS paths and communities are wanted too.
    """
    rows = batch.rows
    columns: list[pa.Array] = [
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
    if paths:
        path, communities = paths_and_communities(batch)
        lists = pa.array(map(list, communities.values), pa.list_(pa.string()))
        columns += [_text(path), lists.take(pa.array(communities.codes))]
    return pa.RecordBatch.from_arrays(columns, schema=schema(paths=paths))


def _column(rows: npt.NDArray[np.void], name: str) -> npt.NDArray[np.generic]:
    return np.ascontiguousarray(rows[name])


def _text(column: Coded[str] | Coded[str | None]) -> pa.DictionaryArray:
    values: Sequence[str | None] = column.values
    # A dictionary has no null among its values: the index is null instead.
    missing = values.index(None) if None in values else None
    codes = pa.array(column.codes, mask=None if missing is None else column.codes == missing)
    known = ["" if value is None else value for value in values]
    return pa.DictionaryArray.from_arrays(codes, pa.array(known, pa.string()))


def _optional(column: npt.NDArray[np.int64]) -> pa.Array:
    """Return numbers of 32 bits, null where there is -1."""
    return pa.array(column.astype(np.uint32), mask=column < 0)
