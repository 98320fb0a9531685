"""Records of registries as columns: numpy arrays of equal length, one element a record.

Readers make them, `peerlint.registry.build` sorts them into tables.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, Self

import attrs
import numpy as np

from peerlint.model import Prefix

if TYPE_CHECKING:
    import numpy.typing as npt

#: The value of a time that is absent, in seconds since 1970.
NO_TIME: Final = -1
_LOW: Final = (1 << 64) - 1


@attrs.frozen(eq=False)
class Prefixes:
    """Prefixes as columns of equal length, with no bit set right of the length.

    Attributes:
        family: 4 or 6.
        prefix_hi: the upper 64 bits of the address, left-aligned; IPv4 in the top 32 of them.
        prefix_lo: the lower 64 bits; 0 for IPv4.
        length: of the prefix, in bits.
    """

    family: npt.NDArray[np.uint8]
    prefix_hi: npt.NDArray[np.uint64]
    prefix_lo: npt.NDArray[np.uint64]
    length: npt.NDArray[np.uint8]

    @classmethod
    def of(cls, prefixes: Iterable[Prefix]) -> Self:
        """Return prefixes as columns, in their order."""
        rows = tuple(prefixes)
        # An IPv4 address fills the first 32 of 128 bits.
        wide = [each.first << 96 if each.family == 4 else each.first for each in rows]
        return cls(
            np.array([each.family for each in rows], np.uint8),
            np.array([each >> 64 for each in wide], np.uint64),
            np.array([each & _LOW for each in wide], np.uint64),
            np.array([each.length for each in rows], np.uint8),
        )

    @classmethod
    def concatenated(cls, parts: Sequence[Self]) -> Self:
        """Return the prefixes of several columns, one after the other."""
        return cls(
            np.concatenate([np.zeros(0, np.uint8), *(each.family for each in parts)]),
            np.concatenate([np.zeros(0, np.uint64), *(each.prefix_hi for each in parts)]),
            np.concatenate([np.zeros(0, np.uint64), *(each.prefix_lo for each in parts)]),
            np.concatenate([np.zeros(0, np.uint8), *(each.length for each in parts)]),
        )

    def __len__(self) -> int:
        """Return the number of prefixes."""
        return len(self.family)

    def __iter__(self) -> Iterator[Prefix]:
        """Yield the prefixes as values."""
        return (self.at(row) for row in range(len(self)))

    def at(self, row: int) -> Prefix:
        """Return the prefix of one row."""
        family = int(self.family[row])
        wide = int(self.prefix_hi[row]) << 64 | int(self.prefix_lo[row])
        return Prefix(family, wide >> 96 if family == 4 else wide, int(self.length[row]))

    def take(self, rows: npt.NDArray[np.intp] | npt.NDArray[np.bool_] | slice) -> Self:
        """Return some rows.

        Args:
            rows: their indices, or a mask of the same length; or a range, which is not copied.
        """
        return type(self)(
            self.family[rows], self.prefix_hi[rows], self.prefix_lo[rows], self.length[rows]
        )


@attrs.frozen(eq=False)
class RouteColumns:
    """`route` and `route6` objects (RFC 2622 section 4, RFC 4012 section 3).

    Attributes:
        prefixes: their prefixes.
        origin: their origin AS.
        source: the registry (`source:`), as an index into `sources`.
        modified: when the object was last modified, in seconds since 1970; -1 if unknown.
        is_route_object: False for an object that a mirror made from a ROA (the pseudo source
            RPKI), and that no registry has.
        sources: the names of registries, in upper case.
    """

    prefixes: Prefixes
    origin: npt.NDArray[np.uint32]
    source: npt.NDArray[np.uint8]
    modified: npt.NDArray[np.int64]
    is_route_object: npt.NDArray[np.bool_]
    sources: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of objects."""
        return len(self.origin)


@attrs.frozen(eq=False)
class VrpColumns:
    """Validated ROA payloads (VRPs, RFC 6811 section 2).

    Attributes:
        prefixes: their prefixes.
        max_length: the maximum length of a route's prefix that they match.
        asn: the AS that may originate the prefix; 0 for none (RFC 6483 section 4).
        source: the trust anchor, as an index into `sources`.
        expires: when the VRP expires, in seconds since 1970; -1 for never.
        sources: the names of trust anchors, as in the file.
    """

    prefixes: Prefixes
    max_length: npt.NDArray[np.uint8]
    asn: npt.NDArray[np.uint32]
    source: npt.NDArray[np.uint8]
    expires: npt.NDArray[np.int64]
    sources: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of VRPs."""
        return len(self.asn)


@attrs.frozen(eq=False)
class AutNumColumns:
    """`aut-num` objects (RFC 2622 section 6).

    Attributes:
        asn: their AS numbers.
        source: the registry (`source:`), as an index into `sources`.
        modified: when the object was last modified, in seconds since 1970; -1 if unknown.
        sources: the names of registries, in upper case.
    """

    asn: npt.NDArray[np.uint32]
    source: npt.NDArray[np.uint8]
    modified: npt.NDArray[np.int64]
    sources: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of objects."""
        return len(self.asn)
