"""A set of VRPs that a cache sends, and its changes.

The keys of `peerlint.wire.rtr` are kept sorted in one array: 24 octets a VRP. A set is immutable,
so whoever has one may go on using it while the next one is made.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, Self

import attrs
import numpy as np

from peerlint.errors import PeerlintError
from peerlint.wire.rtr import KEY, KEY_OCTETS, PrefixPdu, pdu_of

if TYPE_CHECKING:
    import numpy.typing as npt

    Keys = npt.NDArray[np.bytes_]

_NONE: Final = np.zeros(0, KEY)
#: Octets of a key that hold the family and most of an IPv4 address.
_FIRST: Final = 8


class DeltaError(PeerlintError):
    """A change does not fit the set.

    Attributes:
        row: the index of the first change that does not.
        is_announcement: whether it announces what the set has; if not, it withdraws what the set
            has not.
    """

    def __init__(self, row: int, *, is_announcement: bool) -> None:
        """Keep the parts."""
        self.row, self.is_announcement = row, is_announcement
        super().__init__(f"change {row}")


@attrs.frozen(eq=False)
class VrpSet:
    """VRPs, sorted by family, address, length, maximum length and AS; none is there twice.

    Attributes:
        keys: the VRPs, see `peerlint.wire.rtr.prefixes`.
    """

    keys: Keys = _NONE

    @classmethod
    def of(cls, keys: Keys) -> Self:
        """Return the set of keys in any order, of which some may be there several times."""
        ordered = _sorted(keys)
        if len(ordered) < 2:
            return cls(ordered)
        is_first = np.ones(len(ordered), np.bool_)
        is_first[1:] = ordered[1:] != ordered[:-1]
        return cls(ordered if is_first.all() else ordered[is_first])

    def __len__(self) -> int:
        """Return the number of VRPs."""
        return len(self.keys)

    def __eq__(self, other: object) -> bool:
        """Return whether the other one has the same VRPs."""
        if not isinstance(other, VrpSet):
            return NotImplemented
        # Compared as numbers, which takes a tenth of the time of strings.
        return self.keys is other.keys or np.array_equal(
            self.keys.view(np.uint64), other.keys.view(np.uint64)
        )

    __hash__ = None  # type: ignore[assignment]  # comparing takes as long as there are VRPs

    def __iter__(self) -> Iterator[PrefixPdu]:
        """Yield the VRPs as values."""
        rows = self._rows
        return (pdu_of(rows[row].tobytes()) for row in range(len(rows)))

    @property
    def _rows(self) -> npt.NDArray[np.uint8]:
        return self.keys.view(np.uint8).reshape(-1, KEY_OCTETS)

    @property
    def family(self) -> npt.NDArray[np.uint8]:
        """The family of each prefix, 4 or 6."""
        return self._rows[:, 0].copy()

    @property
    def prefix_hi(self) -> npt.NDArray[np.uint64]:
        """The upper 64 bits of each address; IPv4 in the top 32 of them."""
        return self._halves(1)

    @property
    def prefix_lo(self) -> npt.NDArray[np.uint64]:
        """The lower 64 bits of each address; 0 for IPv4."""
        return self._halves(9)

    @property
    def length(self) -> npt.NDArray[np.uint8]:
        """The length of each prefix, in bits."""
        return self._rows[:, 17].copy()

    @property
    def max_length(self) -> npt.NDArray[np.uint8]:
        """The maximum length of each VRP, in bits."""
        return self._rows[:, 18].copy()

    @property
    def asn(self) -> npt.NDArray[np.uint32]:
        """The AS of each VRP."""
        octets = np.ascontiguousarray(self._rows[:, 20:])
        return octets.view(">u4").ravel().astype(np.uint32)

    def _halves(self, at: int) -> npt.NDArray[np.uint64]:
        octets = np.ascontiguousarray(self._rows[:, at : at + 8])
        return octets.view(">u8").ravel().astype(np.uint64)

    def changed(self, keys: Keys, is_announcement: npt.NDArray[np.bool_]) -> Self:
        """Return the set after changes, one after the other; this one if nothing changes by them.

        Args:
            keys: the VRPs.
            is_announcement: for each whether it is announced; if not, it is withdrawn.

        Raises:
            DeltaError: what is announced is there, or what is withdrawn is not.
        """
        if not len(keys):
            return self
        order = np.argsort(keys, kind="stable")
        ordered, is_added = keys[order], is_announcement[order]
        places = np.searchsorted(self.keys, ordered)
        is_known = self._is_at(places, ordered)
        is_first = np.ones(len(keys), np.bool_)
        is_first[1:] = ordered[1:] != ordered[:-1]
        # Before a VRP's first change the set says whether it is there, later the change before.
        is_there = np.where(is_first, is_known, np.concatenate([[False], is_added[:-1]]))
        is_wrong = is_there == is_added
        if is_wrong.any():
            row = int(order[is_wrong].min())
            raise DeltaError(row, is_announcement=bool(is_announcement[row]))
        is_last = np.concatenate([is_first[1:], [True]])
        removed = places[is_last & is_known & ~is_added]
        added = is_last & ~is_known & is_added
        if not len(removed) and not added.any():
            return self
        return type(self)(_merged(self.keys, removed, places[added], ordered[added]))

    def _is_at(self, places: npt.NDArray[np.intp], keys: Keys) -> npt.NDArray[np.bool_]:
        """Return whether the set has each key where it would be."""
        if not len(self.keys):
            return np.zeros(len(keys), np.bool_)
        near = self.keys[np.minimum(places, len(self.keys) - 1)]
        found: npt.NDArray[np.bool_] = (places < len(self.keys)) & (near == keys)
        return found


def joined(parts: Sequence[Keys]) -> Keys:
    """Return the keys of several arrays in one."""
    return np.concatenate(parts) if parts else _NONE


def _merged(
    keys: Keys, removed: npt.NDArray[np.intp], places: npt.NDArray[np.intp], added: Keys
) -> Keys:
    """Return sorted keys without those at some places, and with others in front of places."""
    size = len(keys) - len(removed) + len(added)
    is_kept = np.ones(len(keys), np.bool_)
    is_kept[removed] = False
    # The new place of each new key: the old keys before it, without those that go, and new ones.
    before = np.searchsorted(removed, places)
    new = places - before + np.arange(len(added))
    is_old = np.ones(size, np.bool_)
    is_old[new] = False
    merged = np.empty(size, KEY)
    merged[new] = added
    merged[is_old] = keys[is_kept] if len(removed) else keys
    return merged


def _sorted(keys: Keys) -> Keys:
    """Return keys in order, as a new array or the same one.

    Comparing strings is slow in numpy, comparing integers is fast: keys are sorted by their first
    octets as integers, after which few are out of order.
    """
    if len(keys) < 2 or bool((keys[1:] >= keys[:-1]).all()):
        return keys
    rows = keys.view(np.uint8).reshape(-1, KEY_OCTETS)
    first = np.ascontiguousarray(rows[:, :_FIRST]).view(">u8").ravel().astype(np.uint64)
    return np.sort(keys[np.argsort(first)], kind="stable")
