"""The interface of registry data."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Protocol, runtime_checkable

import attrs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


class OriginState(IntEnum):
    """What a registry says of an announcement's origin (RFC 6811 section 2).

    Attributes:
        UNKNOWN: nothing: it has no data of this kind, or the announcement has no origin.
        NOT_FOUND: no record covers the prefix.
        VALID: a record covers the prefix and matches the origin.
        INVALID: records cover the prefix, and none matches the origin.
    """

    UNKNOWN = 0
    NOT_FOUND = 1
    VALID = 2
    INVALID = 3


@attrs.frozen(eq=False)
class Announcements:
    """Announcements as columns of equal length.

    Attributes:
        family: 4 or 6.
        prefix_hi: the upper 64 bits of the address, left-aligned; IPv4 in the top 32 of them.
        prefix_lo: the lower 64 bits.
        length: of the prefix, in bits.
        origin: the origin AS; -1 for none.
    """

    family: npt.NDArray[np.uint8]
    prefix_hi: npt.NDArray[np.uint64]
    prefix_lo: npt.NDArray[np.uint64]
    length: npt.NDArray[np.uint8]
    origin: npt.NDArray[np.int64]


@runtime_checkable
class Registry(Protocol):
    """Registry data of one point in time."""

    def states(self, columns: Announcements) -> npt.NDArray[np.uint8]:
        """Return the `OriginState` of each announcement, as one column."""
