"""Batches: the routes of a dump as numpy columns."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from struct import Struct
from typing import TYPE_CHECKING, Final, cast

import attrs
import numpy as np
import numpy.typing as npt  # attrs reads annotations when the program runs

from peerlint.arguments import must_be
from peerlint.bulk.kernel import ANNOUNCE, RIB, ROW, WITHDRAW, attributes_of, nothing_is_missing
from peerlint.bulk.rows import Rows
from peerlint.bulk.states import States
from peerlint.errors import InputError
from peerlint.model import Prefix, Route
from peerlint.wire.nlri import Nlri

if TYPE_CHECKING:
    import pyarrow as pa

#: The columns that a route is decoded from.
_DECODED: Final = (
    "kind", "family", "length", "form", "timestamp", "prefix_hi", "prefix_lo", "path_id",
    "attr_at", "attr_len",
)  # fmt: skip
_TIME: Final = _DECODED.index("timestamp")
#: Family, the address in two halves, and length.
_PREFIX: Final = Struct(">BQQB")
#: Prefixes that are cached: a RIB has a prefix once for all of its peers.
_MEMO: Final = 1 << 13


class Kind(IntEnum):
    """The kinds of rows: the codes of the column `kind`."""

    RIB = RIB
    ANNOUNCE = ANNOUNCE
    WITHDRAW = WITHDRAW


@attrs.frozen(eq=False)
class RouteBatch(Rows):
    """Some routes of a dump, one in each row.

    The columns are attributes of their own: `kind` u8 (see `Kind`), `family` u8 (4, 6), `safi`
    u8, `length` u8, `form` u8, `peer` u32 (index into `peers`), `facts` u32 (see `Fact`),
    `path_length` u16 (effective), `timestamp` i64 (microseconds), `prefix_hi` and `prefix_lo`
    u64 (left-aligned; IPv4 in the top 32 bits of `prefix_hi`), `path_id` i64 (-1 none), `origin`
    i64 (-1 none), `record` u64 (offset in the decompressed stream), `attr_at` and `attr_len` u32
    (the attributes in `buffer`). Rows that withdraw a route have no facts. The columns of `states`
    are attributes too, as their codes (u8). A batch owns its buffer and is never changed: threads
    may share it.

    Attributes:
        rows: all columns, as a structured array of `ROW`.
        peers: what `peer` points into: all peers up to here, whether or not they have a row.
        buffer: the octets that the rows were read from.
        states: further columns, such as what registries say of the routes; empty without.
    """

    states: tuple[States, ...] = ()

    def __getattr__(self, name: str) -> npt.NDArray[np.int64]:
        """Return a column."""
        if name in (ROW.names or ()):
            column: npt.NDArray[np.int64] = self.rows[name]
            return column
        # A batch that is unpickled has no states at first.
        for each in () if name == "states" else self.states:
            if each.name == name:
                return cast("npt.NDArray[np.int64]", each.codes)
        raise AttributeError(name)

    def where(self, mask: npt.NDArray[np.bool_]) -> RouteBatch:
        """Return a batch of some rows.

        Args:
            mask: a boolean for each row.

        Raises:
            InputError: it is something else.
        """
        mask = self._mask(mask)
        states = tuple(each.take(mask) for each in self.states)
        return attrs.evolve(self, rows=self.rows[mask], states=states)

    def prefix(self, row: int) -> Prefix:
        """Return the prefix of one row."""
        must_be("row", row, (int, np.integer), "the number of a row")
        if not -len(self) <= row < len(self):
            raise InputError("row", expected=f"a number below {len(self)}", found=row)
        return _prefix(self.rows[row])

    def routes(
        self, mask: npt.NDArray[np.bool_] | None = None, *, time: int | None = None
    ) -> list[Route]:
        """Decode rows exactly, octet by octet.

        Args:
            mask: a boolean for each row; None for all rows.
            time: the time of all routes, in microseconds; None for those of the rows.

        Returns:
            One route for each chosen row; a withdrawal gives a route without a path.
        """
        chosen = self.rows if mask is None else self.rows[self._mask(mask)]
        # Columns are converted to Python's numbers first: reading numpy's one by one is slow.
        columns = [chosen[name].tolist() for name in _DECODED]
        if time is not None:
            columns[_TIME] = [time] * len(chosen)
        return [self._route(*values) for values in zip(*columns, strict=True)]

    def _mask(self, mask: object) -> npt.NDArray[np.bool_]:
        """Check that a mask has a boolean for each row.

        Raises:
            InputError: it is something else.
        """
        if isinstance(mask, np.ndarray) and mask.dtype == np.bool_ and mask.shape == (len(self),):
            return mask
        raise InputError("mask", expected="an array of a boolean for each row", found=mask)

    def _route(  # noqa: PLR0917  # the columns of a row
        self,
        kind: int,
        family: int,
        length: int,
        form_code: int,
        timestamp: int,
        prefix_hi: int,
        prefix_lo: int,
        path_id: int,
        attr_at: int,
        attr_len: int,
    ) -> Route:
        prefix = _prefix_of(family, prefix_hi, prefix_lo, length)
        nlri = Nlri(prefix, None if path_id < 0 else path_id)
        if kind == Kind.WITHDRAW:
            return Route(prefix, path_id=nlri.path_id, timestamp=timestamp)
        octets = self.buffer[attr_at : attr_at + attr_len]
        in_rib = nothing_is_missing(form_code)
        return attributes_of(octets, form_code).route(nlri, timestamp, in_rib=in_rib)

    def to_arrow(self, *, paths: bool = False) -> pa.RecordBatch:
        """Return the rows as an Arrow record batch; see `peerlint.bulk.arrow` for its columns.

        Args:
            paths: whether AS paths and communities are wanted too, which takes longer.

        Raises:
            ImportError: pyarrow, the extra `arrow`, is not installed.
        """
        from peerlint.bulk.arrow import record_batch  # noqa: PLC0415  # an extra

        return record_batch(self, paths=paths, states=self.states)


def _prefix(row: np.void) -> Prefix:
    return _prefix_of(*(int(row[name]) for name in ("family", "prefix_hi", "prefix_lo", "length")))


def _prefix_of(family: int, hi: int, lo: int, length: int) -> Prefix:
    # Packed, because Python hashes numbers without a key, see `siphash`.
    return _unpacked(_PREFIX.pack(family, hi, lo, length))


@lru_cache(_MEMO)
def _unpacked(octets: bytes) -> Prefix:
    family, hi, lo, length = _PREFIX.unpack(octets)
    if family == 4:
        return Prefix(4, hi >> 32, length)
    return Prefix(6, hi << 64 | lo, length)
