"""Batches: the routes of a dump as numpy columns."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from functools import cache, lru_cache
from struct import Struct
from typing import TYPE_CHECKING, Final, overload

import attrs
import numpy as np
import numpy.typing as npt  # attrs reads annotations when the program runs

from peerlint.arguments import must_be
from peerlint.bulk import _contract as contract
from peerlint.bulk._contract import ROW
from peerlint.errors import InputError
from peerlint.model import Prefix, Route
from peerlint.wire.attributes import Attributes, Form, read_attributes
from peerlint.wire.cut_attributes import read_cut_attributes
from peerlint.wire.mrt import Peer
from peerlint.wire.nlri import Nlri

if TYPE_CHECKING:
    import pyarrow as pa

#: The columns that a route is decoded from.
_DECODED: Final = (
    "kind", "family", "length", "form", "timestamp", "prefix_hi", "prefix_lo", "path_id",
    "attr_at", "attr_len",
)  # fmt: skip
#: Family, the address in two halves, and length.
_PREFIX: Final = Struct(">BQQB")
#: Prefixes that are remembered: a RIB names a prefix once for all of its peers.
_MEMO: Final = 1 << 13
#: Attribute lists that are remembered: 200 sessions with hundreds of paths each, in about 40 MB.
_WORDINGS: Final = 1 << 16
#: Up to so many rows, Python is faster than numpy.
_FEW: Final = 32
#: Octets of the longest list of attributes that is remembered.
_LONGEST: Final = 1 << 10


class Kind(IntEnum):
    """What a row is: the codes of the column `kind`."""

    RIB = contract.RIB
    ANNOUNCE = contract.ANNOUNCE
    WITHDRAW = contract.WITHDRAW


@attrs.frozen
class DumpPeer:
    """A peer as a dump names it.

    Attributes:
        peer: address, AS number and BGP identifier of the other side.
        local_asn: this side's AS number; None in a RIB, which does not tell.
        sent: whether its messages were sent to it, not received from it.
    """

    peer: Peer
    local_asn: int | None = None
    sent: bool = False


@attrs.frozen
class AttributeSet:
    """The attributes of a row as octets of the dump; equal ones are decoded once.

    Attributes:
        octets: the list.
        form: the row's column of that name.
        family: of the prefix, which tells the next hop.
    """

    octets: bytes
    form: int
    family: int

    def route(self) -> Route:
        """Return the decoded route, with the default route as its prefix."""
        # Long lists rarely repeat, and remembering them could take gigabytes.
        said = _said if len(self.octets) <= _LONGEST else _said.__wrapped__
        return said(self.octets, self.form, self.family)


class MetPeers(Sequence[DumpPeer]):
    """The peers of a dump up to some batch.

    All batches of a dump share one list of peers, which only grows; each batch uses its first
    part. A tuple for each batch would take time and memory of peers times batches.
    """

    __slots__ = ("_count", "_known")

    def __init__(self, known: Sequence[DumpPeer]) -> None:
        """Take the present length of a list that only grows."""
        self._known = known
        self._count = len(known)

    def __len__(self) -> int:
        """Return how many peers there are."""
        return self._count

    @overload
    def __getitem__(self, index: int) -> DumpPeer: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[DumpPeer, ...]: ...
    def __getitem__(self, index: int | slice) -> DumpPeer | tuple[DumpPeer, ...]:
        """Return a peer, or some of them.

        Raises:
            IndexError: the index is out of range.
        """
        places = range(self._count)[index]
        if isinstance(places, range):
            return tuple(self._known[place] for place in places)
        return self._known[places]

    def __eq__(self, other: object) -> bool:
        """Whether the other has the same peers, in any sequence."""
        return isinstance(other, MetPeers | tuple) and tuple(self) == tuple(other)

    def __hash__(self) -> int:
        """Return the hash of the peers as a tuple."""
        return hash(tuple(self))

    def __repr__(self) -> str:
        """Return the peers as a tuple is shown."""
        return repr(tuple(self))

    def __reduce__(self) -> tuple[type[MetPeers], tuple[tuple[DumpPeer, ...]]]:
        """Pickle these peers alone."""
        return MetPeers, (tuple(self),)


@attrs.frozen(eq=False)
class RouteBatch:
    """Some of a dump's routes, one a row.

    The columns are attributes of their own: `kind` u8 (see `Kind`), `family` u8 (4, 6), `safi`
    u8, `length` u8, `form` u8, `peer` u32 (index into `peers`), `facts` u32 (see `Fact`),
    `path_length` u16 (effective), `timestamp` i64 (microseconds), `prefix_hi` and `prefix_lo`
    u64 (left-aligned; IPv4 in the top 32 bits of `prefix_hi`), `path_id` i64 (-1 none), `origin`
    i64 (-1 none), `record` u64 (offset in the decompressed stream), `attr_at` and `attr_len` u32
    (the attributes in `buffer`). Rows that withdraw a route have no facts. A batch owns its buffer
    and is never written to after it was made: threads may share it.

    Attributes:
        rows: all columns, as a structured array of `ROW`.
        peers: what `peer` points into: all peers up to here, whether or not they have a row.
        buffer: the octets that the rows were read from.
    """

    # Both may be megabytes.
    rows: npt.NDArray[np.void] = attrs.field(repr=lambda rows: f"<{len(rows)} rows>")
    peers: Sequence[DumpPeer]
    buffer: bytes = attrs.field(repr=lambda octets: f"<{len(octets)} octets>")

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    def __getattr__(self, name: str) -> npt.NDArray[np.int64]:
        """Return a column."""
        if name not in (ROW.names or ()):
            raise AttributeError(name)
        column: npt.NDArray[np.int64] = self.rows[name]
        return column

    def turned_up(self) -> tuple[npt.NDArray[np.intp], list[DumpPeer]]:
        """Return the peers that occur in the rows, and for each row its index into them.

        Work for each of these peers is bounded by the rows, however many peers the dump has.
        """
        column = self.rows["peer"]
        if len(column) <= _FEW:  # numpy's overhead would be larger
            values = column.tolist()
            few = sorted(set(values))
            place = {peer: number for number, peer in enumerate(few)}
            codes = np.array([place[value] for value in values], np.intp)
            return codes, [self.peers[peer] for peer in few]
        if len(self.peers) > len(column):
            met, index = np.unique(column, return_inverse=True)
        else:  # marking them is faster than sorting the rows
            is_met = np.zeros(len(self.peers), np.bool_)
            is_met[column] = True
            met = np.flatnonzero(is_met)
            index = (np.cumsum(is_met) - 1)[column]
        return index, [self.peers[place] for place in met.tolist()]

    def prefix(self, row: int) -> Prefix:
        """Return the prefix of one row."""
        must_be("row", row, (int, np.integer), "the number of a row")
        if not -len(self) <= row < len(self):
            raise InputError("row", expected=f"a number below {len(self)}", found=row)
        return _prefix(self.rows[row])

    def routes(self, mask: npt.NDArray[np.bool_] | None = None) -> list[Route]:
        """Decode rows exactly, octet by octet.

        Args:
            mask: a boolean for each row; None for all rows.

        Returns:
            One route for each chosen row; a withdrawal gives a route without a path.
        """
        chosen = self.rows if mask is None else self.rows[self._mask(mask)]
        # Python's own numbers, a column at a time: numpy's, one by one, take most of the time.
        columns = (chosen[name].tolist() for name in _DECODED)
        return [self._route(*values) for values in zip(*columns, strict=True)]

    def _mask(self, mask: object) -> npt.NDArray[np.bool_]:
        """Refuse what is no boolean for each row.

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
        in_rib = not form_code & contract.FORM_UPDATE
        return attributes_of(octets, form_code).route(nlri, timestamp, in_rib=in_rib)

    def to_arrow(self, *, paths: bool = False) -> pa.RecordBatch:
        """Return the rows as an Arrow record batch; see `peerlint.bulk.arrow` for its columns.

        Args:
            paths: whether AS paths and communities are wanted too, which takes longer.

        Raises:
            ImportError: pyarrow, the extra `arrow`, is not installed.
        """
        from peerlint.bulk.arrow import record_batch  # noqa: PLC0415  # an extra

        return record_batch(self, paths=paths)


@lru_cache(_WORDINGS)
def _said(octets: bytes, form_code: int, family: int) -> Route:
    in_rib = not form_code & contract.FORM_UPDATE
    return attributes_of(octets, form_code).route(Nlri(Prefix(family, 0, 0)), in_rib=in_rib)


def attributes_of(octets: bytes, code: int) -> Attributes:
    """Return the attributes of a row; `code` is its column `form`."""
    if code & contract.FORM_CUT:
        attributes = read_cut_attributes(octets, form_of(code)).attributes
    else:
        attributes, _ = read_attributes(octets, form_of(code))
    return attributes.with_broken_prefixes() if code & contract.FORM_BROKEN else attributes


@cache
def form_of(code: int) -> Form:
    """Return the form of a row's attributes that its column `form` encodes."""
    in_rib = not code & contract.FORM_UPDATE
    return Form(
        as4=bool(code & contract.FORM_AS4),
        in_rib=in_rib,
        # In a RIB the identifier is in the entry, not in its attributes.
        add_path=bool(code & contract.FORM_ADD_PATH) and not in_rib,
        # External sessions and those of unknown kind have the same code: for both, the same
        # attributes are discarded, and rows hold none of them.
        internal=True if code & contract.FORM_INTERNAL else None,
    )


def _prefix(row: np.void) -> Prefix:
    return _prefix_of(*(int(row[name]) for name in ("family", "prefix_hi", "prefix_lo", "length")))


def _prefix_of(family: int, hi: int, lo: int, length: int) -> Prefix:
    # Packed, because Python hashes numbers without a key, see `_siphash`.
    return _unpacked(_PREFIX.pack(family, hi, lo, length))


@lru_cache(_MEMO)
def _unpacked(octets: bytes) -> Prefix:
    family, hi, lo, length = _PREFIX.unpack(octets)
    if family == 4:
        return Prefix(4, hi >> 32, length)
    return Prefix(6, hi << 64 | lo, length)
