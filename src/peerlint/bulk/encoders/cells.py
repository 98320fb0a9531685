"""Rows as cells, for the formats of text."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Final

from peerlint.bulk.batch import RouteBatch
from peerlint.bulk.columns import (
    KINDS,
    Coded,
    paths_and_communities,
    peer_asns,
    peers,
    prefixes,
)
from peerlint.bulk.states import named_states
from peerlint.model import Fact

Cell = str | float | tuple[str, ...] | None

#: The columns of every format, and those that paths add.
COLUMNS: Final = (
    "timestamp", "kind", "peer", "peer_asn", "prefix", "path_id", "origin", "path_length", "facts",
)  # fmt: skip
PATH_COLUMNS: Final = ("path", "communities")


def column_names(*, paths: bool, states: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of the columns.

    Args:
        paths: whether AS paths and communities are among them.
        states: the names of the columns of states.
    """
    return (*COLUMNS, *states, *(PATH_COLUMNS if paths else ()))


def rows_of(
    batch: RouteBatch, *, paths: bool, states: Collection[str] = ()
) -> Iterator[tuple[Cell, ...]]:
    """Yield the cells of each row, in the order of `column_names`.

    Args:
        batch: the rows.
        paths: whether AS paths and communities are wanted.
        states: the names of the columns of states that are wanted.

    Raises:
        InputError: the batch lacks a column of states.

    Yields:
        Times in seconds since 1970; facts and communities as tuples of names.
    """
    rows = batch.rows
    words = Coded.of(rows["facts"].tolist())
    facts = Coded(words.codes, tuple(_names(word) for word in words.values))
    of_states: list[list[Cell]] = [[*each.texts()] for each in named_states(batch.states, states)]
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
        *of_states,
    ]
    if paths:
        columns += ([*column.spread()] for column in paths_and_communities(batch))
    return zip(*columns, strict=True)


def _names(word: int) -> tuple[str, ...]:
    return tuple(fact.name or "" for fact in Fact if word & fact)
