"""Blocks of AS numbers and of addresses as columns."""

from __future__ import annotations

from collections.abc import Sequence
from enum import IntEnum
from typing import TYPE_CHECKING, Final, Self

import attrs
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

#: Who delegates. The RIRs have the names of their own IRRs, which are where objects of their space
#: are expected.
RIRS: Final = ("IANA", "AFRINIC", "APNIC", "ARIN", "LACNIC", "RIPE")
#: The registry column of the files. NIRs delegate for their RIR, in whose IRR and files their
#: members are.
RIR_OF: Final = {
    "iana": "IANA",
    "afrinic": "AFRINIC",
    "apnic": "APNIC",
    "arin": "ARIN",
    "lacnic": "LACNIC",
    "ripencc": "RIPE",
    "ripe": "RIPE",
    # Asia and the Pacific
    "cnnic": "APNIC",
    "idnic": "APNIC",
    "apjii": "APNIC",
    "irinn": "APNIC",
    "jpnic": "APNIC",
    "krnic": "APNIC",
    "kisa": "APNIC",
    "twnic": "APNIC",
    "vnnic": "APNIC",
    # Latin America
    "nicbr": "LACNIC",
    "registrobr": "LACNIC",
    "nicmx": "LACNIC",
}


class DelegationStatus(IntEnum):
    """What a registry says of a block.

    Attributes:
        ALLOCATED: to a member that may assign parts of it.
        ASSIGNED: to an organisation for its own use. The NRO's file calls all delegations so.
        AVAILABLE: not delegated; it can be.
        RESERVED: not delegated; it cannot be, such as returned space in quarantine.
    """

    ALLOCATED = 1
    ASSIGNED = 2
    AVAILABLE = 3
    RESERVED = 4

    @property
    def is_delegated(self) -> bool:
        """Whether somebody holds the block."""
        return self <= DelegationStatus.ASSIGNED


@attrs.frozen
class Delegation:
    """One block, without its range.

    Attributes:
        rir: one of `RIRS`.
        status: whether the block is delegated.
        country: the code of the holder's country (ISO 3166); empty if there is none.
        date: when it was delegated first, in seconds since 1970; None if the file does not say.
    """

    rir: str
    status: DelegationStatus
    country: str
    date: int | None


@attrs.frozen(eq=False)
class BlockDetails:
    """What both kinds of blocks have, as columns of equal length.

    Attributes:
        status: a `DelegationStatus`.
        rir: the index of the registry in `RIRS`.
        country: two octets; empty if there is none.
        date: when it was delegated first, in seconds since 1970; -1 if the file does not say.
    """

    status: npt.NDArray[np.uint8]
    rir: npt.NDArray[np.uint8]
    country: npt.NDArray[np.bytes_]
    date: npt.NDArray[np.int64]

    def __len__(self) -> int:
        """Return the number of blocks."""
        return len(self.status)

    def at(self, row: int) -> Delegation:
        """Return one row."""
        date = int(self.date[row])
        return Delegation(
            RIRS[self.rir[row]],
            DelegationStatus(int(self.status[row])),
            bytes(self.country[row]).decode("ascii"),
            None if date < 0 else date,
        )

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice) -> Self:
        """Return some rows; a range is not copied."""
        return type(self)(self.status[rows], self.rir[rows], self.country[rows], self.date[rows])

    @classmethod
    def concatenated(cls, parts: Sequence[Self]) -> Self:
        """Return the rows of several columns, one after the other."""
        return cls(
            np.concatenate([np.zeros(0, np.uint8), *(each.status for each in parts)]),
            np.concatenate([np.zeros(0, np.uint8), *(each.rir for each in parts)]),
            np.concatenate([np.zeros(0, "S2"), *(each.country for each in parts)]),
            np.concatenate([np.zeros(0, np.int64), *(each.date for each in parts)]),
        )


@attrs.frozen(eq=False)
class AsnBlocks:
    """Blocks of AS numbers.

    Attributes:
        first: the first number.
        last: the last number, inclusive.
        details: status, registry, country and date.
    """

    first: npt.NDArray[np.uint32]
    last: npt.NDArray[np.uint32]
    details: BlockDetails

    def __len__(self) -> int:
        """Return the number of blocks."""
        return len(self.first)

    @classmethod
    def concatenated(cls, parts: Sequence[Self]) -> Self:
        """Return the blocks of several files, one after the other."""
        return cls(
            np.concatenate([np.zeros(0, np.uint32), *(each.first for each in parts)]),
            np.concatenate([np.zeros(0, np.uint32), *(each.last for each in parts)]),
            BlockDetails.concatenated([each.details for each in parts]),
        )


@attrs.frozen(eq=False)
class AddressBlocks:
    """Blocks of addresses: of IPv4 any range, of IPv6 a prefix.

    Addresses are 128 bits, left-aligned as in `peerlint.registry.columns.Prefixes`; bits that an
    IPv4 address does not have are 0 in the first address and 1 in the last.

    Attributes:
        family: 4 or 6.
        first_hi: the upper 64 bits of the first address.
        first_lo: the lower 64 bits.
        last_hi: the upper 64 bits of the last address, inclusive.
        last_lo: the lower 64 bits.
        details: status, registry, country and date.
    """

    family: npt.NDArray[np.uint8]
    first_hi: npt.NDArray[np.uint64]
    first_lo: npt.NDArray[np.uint64]
    last_hi: npt.NDArray[np.uint64]
    last_lo: npt.NDArray[np.uint64]
    details: BlockDetails

    def __len__(self) -> int:
        """Return the number of blocks."""
        return len(self.family)

    def take(self, rows: npt.NDArray[np.intp] | slice) -> Self:
        """Return some rows; a range is not copied."""
        return type(self)(
            self.family[rows],
            self.first_hi[rows],
            self.first_lo[rows],
            self.last_hi[rows],
            self.last_lo[rows],
            self.details.take(rows),
        )

    @classmethod
    def concatenated(cls, parts: Sequence[Self]) -> Self:
        """Return the blocks of several files, one after the other."""
        none = np.zeros(0, np.uint64)
        return cls(
            np.concatenate([np.zeros(0, np.uint8), *(each.family for each in parts)]),
            np.concatenate([none, *(each.first_hi for each in parts)]),
            np.concatenate([none, *(each.first_lo for each in parts)]),
            np.concatenate([none, *(each.last_hi for each in parts)]),
            np.concatenate([none, *(each.last_lo for each in parts)]),
            BlockDetails.concatenated([each.details for each in parts]),
        )
