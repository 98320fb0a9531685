"""Look up single prefixes and AS numbers in the tables of a registry file."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING

import numpy as np

from peerlint.model import Prefix
from peerlint.registry.columns import Prefixes
from peerlint.registry.contents import Contents
from peerlint.registry.delegated import Delegation, delegations_of_asn
from peerlint.registry.prefix_keys import KEY_TYPES, family_keys, prefixes_of
from peerlint.registry.records import AutNum, OriginRecords, OriginRoutes, RouteObject, Vrp
from peerlint.registry.states import NEVER
from peerlint.registry.table import PrefixTable

if TYPE_CHECKING:
    import numpy.typing as npt


def vrps_of(contents: Contents, prefix: Prefix, now: int) -> tuple[Vrp, ...]:
    """Return the VRPs that cover a prefix and have not expired, the longest prefix first.

    Args:
        contents: the tables.
        prefix: the prefix.
        now: the time, in microseconds since 1970.
    """
    table = contents.vrps(prefix.family)
    names = contents.header.trust_anchors
    entries = _covering_entries(table.prefixes, prefix)
    entries = entries[table.are_live(entries, now)]
    found = tuple(
        Vrp(
            own,
            int(table.max_length[entry]),
            int(table.asn[entry]),
            names[table.source[entry]],
            None if table.expires[entry] == NEVER else int(table.expires[entry]),
        )
        for own, entry in zip(_prefixes(table.prefixes, entries), entries, strict=True)
    )
    contents.file.check_unchanged()
    return found


def route_objects(contents: Contents, prefix: Prefix) -> tuple[RouteObject, ...]:
    """Return the route objects of a prefix and of all that cover it, the longest prefix first."""
    table = contents.routes(prefix.family).prefixes
    return _route_objects(contents, prefix.family, _covering_entries(table, prefix))


def route_objects_of(contents: Contents, asn: int, limit: int | None) -> tuple[RouteObject, ...]:
    """Return the route objects of an origin.

    Args:
        contents: the tables.
        asn: the origin.
        limit: the maximum number of objects of each family; None for all.
    """
    found: list[RouteObject] = []
    for family in KEY_TYPES:
        table = contents.routes(family)
        rows = _equal(table.origin, asn, table.by_origin)
        found += _route_objects(contents, family, table.by_origin[rows][:limit].astype(np.int64))
    return tuple(found)


def origin_records(contents: Contents, asn: int, now: int) -> OriginRecords:
    """Return what each source says of an AS number as an origin.

    Args:
        contents: the tables.
        asn: the AS number.
        now: the time, in microseconds since 1970.
    """
    header = contents.header
    aut_nums, origins = contents.aut_nums(), contents.origins()
    objects = tuple(
        AutNum(asn, header.registries[aut_nums.source[row]], _known(int(aut_nums.modified[row])))
        for row in _rows(_equal(aut_nums.asn, asn))
    )
    routes = tuple(
        OriginRoutes(
            header.registries[origins.source[row]],
            int(origins.count[row]),
            _known(int(origins.modified[row])),
            not header.are_made[origins.source[row]],
        )
        for row in _rows(_equal(origins.asn, asn))
    )
    vrps = sum(_count_vrps(contents, family, asn, now) for family in KEY_TYPES)
    delegations = delegations_of(contents, asn)
    network = contents.peeringdb().networks.get(asn)
    contents.file.check_unchanged()
    return OriginRecords(asn, objects, routes, vrps, delegations, network)


def delegations_of(contents: Contents, asn: int) -> tuple[Delegation, ...]:
    """Return what RIRs say of the blocks that contain an AS number, those to a holder first."""
    found = delegations_of_asn(contents.asn_blocks(), asn)
    contents.file.check_unchanged()
    return found


def holder(contents: Contents, prefix: Prefix) -> tuple[Delegation, ...]:
    """Return what RIRs say of the blocks that overlap a prefix, those to a holder first."""
    found = contents.addresses(prefix.family).delegations(prefix)
    contents.file.check_unchanged()
    return found


def _count_vrps(contents: Contents, family: int, asn: int, now: int) -> int:
    table = contents.vrps(family)
    entries = np.flatnonzero(table.asn == asn)
    return int(np.count_nonzero(table.are_live(entries, now)))


def _route_objects(
    contents: Contents, family: int, entries: npt.NDArray[np.int64]
) -> tuple[RouteObject, ...]:
    table, header = contents.routes(family), contents.header
    found = tuple(
        RouteObject(
            prefix,
            int(table.origin[entry]),
            header.registries[table.source[entry]],
            _known(int(table.modified[entry])),
            not header.are_made[table.source[entry]],
        )
        for prefix, entry in zip(_prefixes(table.prefixes, entries), entries, strict=True)
    )
    contents.file.check_unchanged()
    return found


def _covering_entries(table: PrefixTable, prefix: Prefix) -> npt.NDArray[np.int64]:
    """Return the entries of all prefixes that cover a prefix, the longest first."""
    node = int(table.nearest(family_keys(prefix.family, Prefixes.of([prefix])))[0])
    parts = [np.zeros(0, np.int64)]
    while node >= 0:
        parts.append(np.arange(table.first[node], table.first[node + 1], dtype=np.int64))
        node = int(table.parent[node])
    return np.concatenate(parts)


def _prefixes(table: PrefixTable, entries: npt.NDArray[np.int64]) -> Prefixes:
    return prefixes_of(table.family, table.entry_keys(entries))


def _equal(
    values: npt.NDArray[np.uint32], value: int, order: npt.NDArray[np.uint32] | None = None
) -> slice:
    """Return the range of rows with a value.

    Args:
        values: the values, sorted by `order`.
        value: the value.
        order: the indices of the values in their order; None if they are sorted.
    """
    rows = range(len(values))

    # Python's search reads a few elements; numpy's would convert the whole order first.
    def at(row: int) -> int:
        return int(values[row if order is None else order[row]])

    return slice(bisect_left(rows, value, key=at), bisect_right(rows, value, key=at))


def _rows(rows: slice) -> range:
    return range(rows.start, rows.stop)


def _known(seconds: int) -> int | None:
    """Return a time of a file; 0 is unknown there."""
    return seconds or None
