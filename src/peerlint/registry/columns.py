"""What registries say, as columns: numpy arrays of equal length, one row an object."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt


@attrs.frozen(eq=False)
class Prefixes:
    """Prefixes as columns, as in `peerlint.registry.Announcements`.

    Attributes:
        family: 4 or 6.
        prefix_hi: the upper 64 bits of the address, left-aligned; IPv4 in the top 32 of them.
        prefix_lo: the lower 64 bits.
        length: in bits.
    """

    family: npt.NDArray[np.uint8]
    prefix_hi: npt.NDArray[np.uint64]
    prefix_lo: npt.NDArray[np.uint64]
    length: npt.NDArray[np.uint8]

    def __len__(self) -> int:
        """Return the number of prefixes."""
        return len(self.length)


@attrs.frozen(eq=False)
class RouteColumns:
    """Objects of the classes `route` and `route6` (RFC 2622 section 4, RFC 4012 section 3).

    Attributes:
        prefixes: what is registered.
        origin: the AS number.
        source: the index of the registry in `sources`.
        modified: when the object was changed last, in seconds since 1970; -1 if it is not known.
        is_route_object: False for a row that was made from something else.
        sources: names of registries, in capitals.
    """

    prefixes: Prefixes
    origin: npt.NDArray[np.uint32]
    source: npt.NDArray[np.uint8]
    modified: npt.NDArray[np.int64]
    is_route_object: npt.NDArray[np.bool_]
    sources: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.origin)


@attrs.frozen(eq=False)
class AutNumColumns:
    """Objects of the class `aut-num` (RFC 2622 section 6).

    Attributes:
        asn: the AS number.
        source: the index of the registry in `sources`.
        modified: when the object was changed last, in seconds since 1970; -1 if it is not known.
        sources: names of registries, in capitals.
    """

    asn: npt.NDArray[np.uint32]
    source: npt.NDArray[np.uint8]
    modified: npt.NDArray[np.int64]
    sources: tuple[str, ...]

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.asn)
