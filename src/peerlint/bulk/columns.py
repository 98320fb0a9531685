"""Columns as text: prefixes, peers, AS paths and communities.

Each distinct value is made once: a RIB has a prefix once for all its peers.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from ipaddress import IPv6Address
from itertools import pairwise
from typing import Generic, TypeVar

import attrs
import numpy as np
import numpy.typing as npt

from peerlint.bulk.kernel import NO_PATH, Codes, TextEncoder
from peerlint.bulk.rows import Rows

Value = TypeVar("Value", bound=Hashable)
#: The names of `RouteBatch.kind`, by its codes.
KINDS = ("rib", "announce", "withdraw")


@attrs.frozen
class Coded(Generic[Value]):
    """A column as indexes into its distinct values.

    Attributes:
        codes: for each row an index into `values`.
        values: each once.
    """

    codes: Codes
    values: tuple[Value, ...]

    @classmethod
    def of(cls, column: Iterable[Value]) -> Coded[Value]:
        """Number the distinct values of a column."""
        numbers: dict[Value, int] = {}
        codes = [numbers.setdefault(value, len(numbers)) for value in column]
        return Coded(np.array(codes, np.int32), tuple(numbers))

    def spread(self) -> list[Value]:
        """Return the value of each row."""
        return [self.values[code] for code in self.codes.tolist()]


def prefixes(batch: Rows) -> Coded[str]:
    """Return the prefix of each row, in canonical text."""
    rows = batch.rows
    starts = np.ones(len(rows), np.bool_)
    starts[1:] = False
    for name in ("family", "length", "prefix_hi", "prefix_lo"):
        starts[1:] |= rows[name][1:] != rows[name][:-1]
    runs = Coded.of(_prefix_texts(rows[starts]))
    return Coded(runs.codes[np.cumsum(starts) - 1], runs.values)


def _prefix_texts(rows: npt.NDArray[np.void]) -> Iterator[str]:
    """Yield prefixes as text, those of IPv4, of which there are a million, without objects."""
    columns = (rows[name].tolist() for name in ("family", "prefix_hi", "prefix_lo", "length"))
    for family, hi, lo, length in zip(*columns, strict=True):
        if family == 4:
            yield f"{hi >> 56}.{hi >> 48 & 255}.{hi >> 40 & 255}.{hi >> 32 & 255}/{length}"
        else:
            yield f"{IPv6Address(hi << 64 | lo)}/{length}"


def peers(batch: Rows) -> Coded[str]:
    """Return the address of each row's peer."""
    index, met = batch.met_peers()
    addresses = Coded.of(str(each.peer.address) for each in met)
    return Coded(addresses.codes[index], addresses.values)


def peer_asns(batch: Rows) -> npt.NDArray[np.uint32]:
    """Return the AS number of each row's peer."""
    index, met = batch.met_peers()
    return np.array([each.peer.asn for each in met], np.uint32).take(index)


def paths_and_communities(
    batch: Rows,
) -> tuple[Coded[str | None], Coded[tuple[str, ...]]]:
    """Return the AS path of each row, None without one, and its communities of all types."""
    encoder = TextEncoder()
    encoder.add(batch.rows, batch.buffer)
    encoded = encoder.take()
    paths: list[str | None] = [*encoded.paths.to_list(), None]  # NO_PATH is the last one
    texts = encoded.communities.to_list()
    words, offsets = [texts[code] for code in encoded.codes.tolist()], encoded.offsets.tolist()
    lists = Coded.of(tuple(words[start:end]) for start, end in pairwise(offsets))
    codes = encoded.path_codes.take(encoded.lists)
    codes[codes == NO_PATH] = len(paths) - 1
    return Coded(codes, tuple(paths)), Coded(lists.codes.take(encoded.lists), lists.values)
