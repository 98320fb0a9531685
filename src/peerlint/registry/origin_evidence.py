"""What a registry file has of all AS numbers as origins, as columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
import numpy as np

from peerlint.registry.contents import Contents
from peerlint.registry.delegated.blocks import AsnBlocks, DelegationStatus
from peerlint.registry.prefix_keys import KEY_TYPES

if TYPE_CHECKING:
    import numpy.typing as npt


@attrs.frozen(eq=False)
class OriginEvidence:
    """Which sources have records of which AS numbers, in columns of equal length for each kind.

    Attributes:
        asn: the AS number of an aut-num object, or the origin of route objects.
        registry: their registry, as an index into `registries`.
        is_made: whether they are route objects that a mirror made from ROAs.
        registries: the names of the registries, in upper case.
        vrps: the AS numbers of VRPs that have not expired, in any order, perhaps repeated.
        first: the first AS number of each block that is delegated to a holder, ascending.
        last: the greatest last AS number of this block and those before it.
    """

    asn: npt.NDArray[np.uint32]
    registry: npt.NDArray[np.uint8]
    is_made: npt.NDArray[np.bool_]
    registries: tuple[str, ...]
    vrps: npt.NDArray[np.uint32]
    first: npt.NDArray[np.uint32]
    last: npt.NDArray[np.uint32]

    @classmethod
    def of(cls, contents: Contents, now: int) -> OriginEvidence:
        """Collect the columns.

        Args:
            contents: the tables.
            now: the time, in microseconds since 1970: expired VRPs do not count.
        """
        header, aut_nums, origins = contents.header, contents.aut_nums(), contents.origins()
        are_made = np.array([*header.are_made, False], np.bool_)
        vrps = [contents.vrps(family).live_asns(now) for family in KEY_TYPES]
        first, last = _delegated(contents.asn_blocks())
        found = cls(
            np.concatenate([aut_nums.asn, origins.asn]),
            np.concatenate([aut_nums.source, origins.source]),
            np.concatenate([np.zeros(len(aut_nums.asn), np.bool_), are_made[origins.source]]),
            header.registries,
            np.concatenate(vrps),
            first,
            last,
        )
        contents.file.check_unchanged()
        return found

    def are_delegated(self, asns: npt.NDArray[np.int64]) -> npt.NDArray[np.bool_]:
        """Return which AS numbers a regional registry has delegated to a holder."""
        if not len(self.first):
            return np.zeros(len(asns), np.bool_)
        block = np.searchsorted(self.first, asns, "right") - 1
        are_inside: npt.NDArray[np.bool_] = (block >= 0) & (self.last[block] >= asns)
        return are_inside


def _delegated(blocks: AsnBlocks) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Return the blocks with a holder; blocks of several files may overlap."""
    rows = np.flatnonzero(blocks.details.status <= DelegationStatus.ASSIGNED)
    rows = rows[np.argsort(blocks.first[rows], kind="stable")]
    return blocks.first[rows], np.maximum.accumulate(blocks.last[rows])
