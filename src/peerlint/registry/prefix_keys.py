"""Prefixes of one family as keys, whose order is that of address and length.

The key of an IPv4 prefix is an integer of 64 bits: the address, then the length in the lowest
octet. That of an IPv6 prefix is a text of 17 octets: the 16 of the address, then the length plus
one, because numpy ignores zero octets at the end of a text.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeAlias

import attrs
import numpy as np

from peerlint.registry.columns import Prefixes

if TYPE_CHECKING:
    import numpy.typing as npt

Keys: TypeAlias = "npt.NDArray[np.uint64] | npt.NDArray[np.bytes_]"
#: The types of keys in memory and in files, by family.
KEY_TYPES: Final = {4: np.dtype("<u8"), 6: np.dtype("S17")}
#: Higher than the length of any prefix.
_ABOVE: Final = 254
_FULL: Final = (1 << 64) - 1


def _masks(first_bit: int) -> npt.NDArray[np.uint64]:
    """Return the mask of 64 bits of an address for each prefix length, 0 to 128."""
    bits = (min(max(length - first_bit, 0), 64) for length in range(129))
    return np.array([_FULL << 64 - each & _FULL for each in bits], np.uint64)


MASK_HI: Final = _masks(0)
MASK_LO: Final = _masks(64)


@attrs.frozen(eq=False)
class Blocks:
    """Prefixes of one family as columns of equal length (see `Prefixes`)."""

    hi: npt.NDArray[np.uint64]
    lo: npt.NDArray[np.uint64]
    length: npt.NDArray[np.uint8]

    def cover(self, others: Blocks) -> npt.NDArray[np.bool_]:
        """Return, row by row, whether the other prefix is equal or more specific."""
        differs = (self.hi ^ others.hi) & MASK_HI[self.length]
        differs |= (self.lo ^ others.lo) & MASK_LO[self.length]
        are_covered: npt.NDArray[np.bool_] = (differs == 0) & (self.length <= others.length)
        return are_covered

    def take(self, rows: npt.NDArray[np.intp]) -> Blocks:
        """Return some rows."""
        return Blocks(self.hi[rows], self.lo[rows], self.length[rows])

    def ends(self, family: int) -> Keys:
        """Return keys that follow those of all prefixes inside, and precede all others."""
        hi, lo = self.hi | ~MASK_HI[self.length], self.lo | ~MASK_LO[self.length]
        return keys_of(family, Blocks(hi, lo, np.full(len(hi), _ABOVE, np.uint8)))


def keys_of(family: int, blocks: Blocks) -> Keys:
    """Return the keys of prefixes of a family."""
    if family == 4:
        return blocks.hi >> np.uint64(32) << np.uint64(8) | blocks.length
    octets = np.empty((len(blocks.hi), 17), np.uint8)
    octets[:, :8] = blocks.hi.astype(">u8").view(np.uint8).reshape(-1, 8)
    octets[:, 8:16] = blocks.lo.astype(">u8").view(np.uint8).reshape(-1, 8)
    octets[:, 16] = blocks.length + np.uint8(1)
    return octets.reshape(-1).view(KEY_TYPES[6])


def blocks_of(family: int, keys: Keys) -> Blocks:
    """Return the prefixes that keys stand for."""
    if family == 4:
        numbers = keys.astype(np.uint64, copy=False)
        hi = numbers >> np.uint64(8) << np.uint64(32)
        return Blocks(hi, np.zeros(len(hi), np.uint64), numbers.astype(np.uint8))
    octets = np.ascontiguousarray(keys).view(np.uint8).reshape(-1, 17)
    wide = np.ascontiguousarray(octets[:, :16]).view(">u8").astype(np.uint64).reshape(-1, 2)
    return Blocks(wide[:, 0], wide[:, 1], octets[:, 16] - np.uint8(1))


def is_sorted(keys: Keys) -> bool:
    """Return whether no key is smaller than the one in front of it."""
    return bool(np.all(keys[1:] >= keys[:-1]))  # type: ignore[operator]  # both are of one type


def lengths_of(family: int, keys: Keys) -> npt.NDArray[np.uint8]:
    """Return the lengths of the prefixes that keys stand for."""
    return keys.astype(np.uint8) if family == 4 else blocks_of(family, keys).length


def cover(family: int, keys: Keys, others: Keys) -> npt.NDArray[np.bool_]:
    """Return, row by row, whether the prefix of the other key is equal or more specific."""
    if family == 6:
        return blocks_of(family, keys).cover(blocks_of(family, others))
    numbers, other_numbers = (
        keys.astype(np.uint64, copy=False),
        others.astype(np.uint64, copy=False),
    )
    length = numbers & np.uint64(0xFF)
    differs = (numbers ^ other_numbers) >> (np.uint64(40) - length)
    is_longer = length <= other_numbers & np.uint64(0xFF)
    are_covered: npt.NDArray[np.bool_] = (differs == 0) & is_longer
    return are_covered


def prefixes_of(family: int, keys: Keys) -> Prefixes:
    """Return the prefixes that keys stand for, as columns of all families."""
    blocks = blocks_of(family, keys)
    return Prefixes(np.full(len(keys), family, np.uint8), blocks.hi, blocks.lo, blocks.length)


def family_keys(family: int, prefixes: Prefixes) -> Keys:
    """Return the keys of prefixes, all of one family."""
    return keys_of(family, Blocks(prefixes.prefix_hi, prefixes.prefix_lo, prefixes.length))
