"""Find the delegations of a number or a prefix.

Blocks of one file do not overlap. Those of several files do: IANA and an RIR both list some
reserved blocks, and the NRO's joint file repeats the RIRs'.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from peerlint.model import Prefix
from peerlint.registry.delegated.blocks import (
    AddressBlocks,
    AsnBlocks,
    BlockDetails,
    Delegation,
)

if TYPE_CHECKING:
    import numpy.typing as npt

_LOW: Final = (1 << 64) - 1


def sorted_asns(blocks: AsnBlocks) -> AsnBlocks:
    """Return the blocks by first number; a block precedes those inside it."""
    order = np.lexsort((~blocks.last, blocks.first))
    return AsnBlocks(blocks.first[order], blocks.last[order], blocks.details.take(order))


def sorted_addresses(blocks: AddressBlocks) -> AddressBlocks:
    """Return the blocks by family and first address; a block precedes those inside it."""
    keys = (~blocks.last_lo, ~blocks.last_hi, blocks.first_lo, blocks.first_hi, blocks.family)
    return blocks.take(np.lexsort(keys))


def delegations_of_asn(blocks: AsnBlocks, asn: int) -> tuple[Delegation, ...]:
    """Return the delegations whose blocks contain an AS number, those to a holder first.

    Args:
        blocks: in any order.
        asn: the number.
    """
    is_inside = (blocks.first <= asn) & (blocks.last >= asn)
    return _found(blocks.details, np.flatnonzero(is_inside))


def delegations_of_prefix(blocks: AddressBlocks, prefix: Prefix) -> tuple[Delegation, ...]:
    """Return the delegations whose blocks overlap a prefix, those to a holder first.

    More than one block may: a prefix can consist of several delegations.

    Args:
        blocks: in any order.
        prefix: the prefix.
    """
    shift = 96 if prefix.family == 4 else 0
    first = prefix.first << shift
    last = (prefix.last + 1 << shift) - 1
    is_overlapping = (
        (blocks.family == prefix.family)
        & _is_at_most(blocks.first_hi, blocks.first_lo, last)
        & ~_is_at_most(blocks.last_hi, blocks.last_lo, first - 1)
    )
    return _found(blocks.details, np.flatnonzero(is_overlapping))


@attrs.frozen(eq=False)
class AddressIndex:
    """Blocks of addresses of one family, found without looking at all of them.

    Attributes:
        blocks: sorted by first address.
        reach: of each block, the upper 64 bits of the largest last address up to it.
    """

    blocks: AddressBlocks
    reach: npt.NDArray[np.uint64]

    @classmethod
    def of(cls, blocks: AddressBlocks, family: int) -> AddressIndex:
        """Return the index of the blocks of a family.

        Args:
            blocks: of both families, in any order.
            family: 4 or 6.
        """
        own = sorted_addresses(blocks.take(np.flatnonzero(blocks.family == family)))
        return cls(own, np.maximum.accumulate(own.last_hi))

    def delegations(self, prefix: Prefix) -> tuple[Delegation, ...]:
        """Return the delegations whose blocks overlap a prefix (see `delegations_of_prefix`)."""
        shift = 96 if prefix.family == 4 else 0
        first, last = prefix.first << shift, (prefix.last + 1 << shift) - 1
        start = int(self.reach.searchsorted(np.uint64(first >> 64)))
        end = int(self.blocks.first_hi.searchsorted(np.uint64(last >> 64), "right"))
        return delegations_of_prefix(self.blocks.take(slice(start, max(start, end))), prefix)


def _is_at_most(
    high: npt.NDArray[np.uint64], low: npt.NDArray[np.uint64], address: int
) -> npt.NDArray[np.bool_]:
    if address < 0:
        return np.zeros(len(high), np.bool_)
    upper, lower = np.uint64(address >> 64), np.uint64(address & _LOW)
    is_at_most: npt.NDArray[np.bool_] = (high < upper) | ((high == upper) & (low <= lower))
    return is_at_most


def _found(details: BlockDetails, rows: npt.NDArray[np.intp]) -> tuple[Delegation, ...]:
    unique = dict.fromkeys(details.at(row) for row in rows.tolist())
    return tuple(sorted(unique, key=lambda each: each.status))
