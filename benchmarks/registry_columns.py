"""Seeded columns of a registry: VRPs and route objects of holders of address space, and routes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from peerlint.registry import (
    AutNumColumns,
    Prefixes,
    RegistryInputs,
    RouteColumns,
    SourceInfo,
    SourceKind,
    VrpColumns,
)
from peerlint.registry.prefix_keys import MASK_HI, family_keys

if TYPE_CHECKING:
    import numpy.typing as npt

#: 2026-11-30 00:00:00 UTC in seconds.
NOW: Final = 1_796_000_000
REGISTRIES: Final = ("AFRINIC", "ALTDB", "APNIC", "ARIN", "LACNIC", "NTTCOM", "RADB", "RIPE")
ANCHORS: Final = ("afrinic", "apnic", "arin", "lacnic", "ripe")
#: Lengths of holders' blocks, and of what is announced of them, with how often they occur.
_BLOCKS: Final = {
    4: ((16, 18, 19, 20, 21, 22), (0.1, 0.1, 0.1, 0.2, 0.2, 0.3)),
    6: ((29, 32, 36, 40), (0.2, 0.6, 0.1, 0.1)),
}
_PARTS: Final = {
    4: ((0, 22, 23, 24), (0.25, 0.15, 0.1, 0.5)),
    6: ((0, 40, 44, 48), (0.3, 0.1, 0.1, 0.5)),
}
_FIRST: Final = {4: np.uint64(0), 6: np.uint64(1 << 61)}
_IPV6_SHARE: Final = 0.2
_HOLDERS: Final = 80_000


@attrs.frozen(eq=False)
class Space:
    """Blocks of address space and their holders.

    Attributes:
        prefixes: the blocks of one family.
        asn: the AS of each holder.
    """

    prefixes: Prefixes
    asn: npt.NDArray[np.uint32]


@attrs.frozen(eq=False)
class Routes:
    """Routes as columns.

    Attributes:
        prefixes: of the routes.
        origins: of the routes.
    """

    prefixes: Prefixes
    origins: npt.NDArray[np.int64]

    def take(self, rows: npt.NDArray[np.intp]) -> Routes:
        """Return some rows."""
        return Routes(self.prefixes.take(rows), self.origins[rows])


class Maker:
    """Make columns that depend on the seed alone."""

    def __init__(self, seed: int) -> None:
        """Give the address space to holders."""
        self._random = np.random.default_rng(seed)
        self._space = {family: self._make_space(family) for family in (4, 6)}

    def inputs(self, vrps: int, routes: int) -> RegistryInputs:
        """Return a registry with some VRPs and route objects."""
        sources = (
            *(SourceInfo(SourceKind.IRR, name, NOW * 1_000_000, routes) for name in REGISTRIES),
            SourceInfo(SourceKind.VRPS, "vrps.json", NOW * 1_000_000, vrps),
        )
        aut_nums = AutNumColumns(
            np.arange(1, _HOLDERS, dtype=np.uint32),
            self._random.integers(0, len(REGISTRIES), _HOLDERS - 1).astype(np.uint8),
            np.full(_HOLDERS - 1, NOW - 1_000, np.int64),
            REGISTRIES,
        )
        objects, payloads = (self._route_objects(routes),), (self._vrps(vrps),)
        return RegistryInputs(NOW * 1_000_000, sources, objects, (aut_nums,), payloads)

    def routes(self, count: int) -> Routes:
        """Return routes in the order of a dump: IPv4 first, by address and length."""
        found = self._announced(count)
        parts: list[npt.NDArray[np.intp]] = []
        for family in (4, 6):
            rows = np.flatnonzero(found.prefixes.family == family)
            parts.append(rows[np.argsort(family_keys(family, found.prefixes.take(rows)))])
        return found.take(np.concatenate(parts))

    def rib(self, routes: Routes, peers: int) -> Routes:
        """Return as many routes, in the order of a RIB: each prefix has one of each peer.

        Args:
            routes: the first of them give the prefixes, spread over all.
            peers: the number of peers. One route in fifty has another origin than its prefix.
        """
        count = len(routes.origins)
        rows = np.repeat(np.arange(0, count, peers), peers)[:count]
        other = self._random.integers(1, _HOLDERS, count)
        is_other = self._random.random(count) < 0.02
        origins = np.where(is_other, other, routes.origins[rows])
        return Routes(routes.prefixes.take(rows), origins)

    def _make_space(self, family: int) -> Space:
        lengths, shares = _BLOCKS[family]
        length = self._random.choice(lengths, _HOLDERS, p=shares).astype(np.uint8)
        asn = self._random.integers(1, _HOLDERS, _HOLDERS).astype(np.uint32)
        bits = self._random.integers(0, 1 << 61, _HOLDERS, dtype=np.uint64)
        hi = (_FIRST[family] | (bits << np.uint64(3) if family == 4 else bits)) & MASK_HI[length]
        return Space(_prefixes(family, hi, length), asn)

    def _announced(self, count: int) -> Routes:
        """Return prefixes and origins of holders, a few of them of others."""
        found = []
        for family, share in ((4, 1 - _IPV6_SHARE), (6, _IPV6_SHARE)):
            rows = self._random.integers(0, _HOLDERS, round(count * share))
            space, (lengths, shares) = self._space[family], _PARTS[family]
            length = self._random.choice(lengths, len(rows), p=shares).astype(np.uint8)
            length = np.maximum(length, space.prefixes.length[rows])
            bits = self._random.integers(0, 1 << 64, len(rows), dtype=np.uint64)
            inside = bits & ~MASK_HI[space.prefixes.length[rows]] & MASK_HI[length]
            asn = space.asn[rows].astype(np.int64)
            other = self._random.integers(1, _HOLDERS, len(rows))
            origins = np.where(self._random.random(len(rows)) < 0.1, other, asn)
            hi = space.prefixes.prefix_hi[rows] | inside
            found.append(Routes(_prefixes(family, hi, length), origins))
        return Routes(
            Prefixes.concatenated([each.prefixes for each in found]),
            np.concatenate([each.origins for each in found]),
        )

    def _vrps(self, count: int) -> VrpColumns:
        made = self._announced(count)
        longest = np.where(made.prefixes.family == 4, 24, 48).astype(np.uint8)
        is_longest = self._random.random(len(made.origins)) < 0.3
        return VrpColumns(
            made.prefixes,
            np.where(is_longest, longest, made.prefixes.length),
            made.origins.astype(np.uint32),
            self._random.integers(0, len(ANCHORS), len(made.origins)).astype(np.uint8),
            NOW + self._random.integers(3_600, 864_000, len(made.origins)),
            ANCHORS,
        )

    def _route_objects(self, count: int) -> RouteColumns:
        made = self._announced(count)
        return RouteColumns(
            made.prefixes,
            made.origins.astype(np.uint32),
            self._random.integers(0, len(REGISTRIES), len(made.origins)).astype(np.uint8),
            NOW - self._random.integers(0, 600_000_000, len(made.origins)),
            np.ones(len(made.origins), np.bool_),
            REGISTRIES,
        )


def _prefixes(family: int, hi: npt.NDArray[np.uint64], length: npt.NDArray[np.uint8]) -> Prefixes:
    """Return prefixes of a family, of at most 32 or 64 bits."""
    count = len(hi)
    return Prefixes(np.full(count, family, np.uint8), hi, np.zeros(count, np.uint64), length)
