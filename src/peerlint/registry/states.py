"""What tables of VRPs and route objects say of announcements, for whole columns at once."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import TYPE_CHECKING, Final, TypeAlias

import attrs
import numpy as np

from peerlint.registry.columns import Prefixes
from peerlint.registry.prefix_keys import KEY_TYPES, Keys, family_keys, is_sorted, lengths_of
from peerlint.registry.table import CoveringEntries, PrefixTable

if TYPE_CHECKING:
    import numpy.typing as npt

#: The origin of a route without one: its path is empty or ends in an AS_SET.
NO_ORIGIN: Final = -1
#: The expiry of a VRP that never expires. No time of 32 bits is later.
NEVER: Final = (1 << 32) - 1
#: Gives the states of routes of a family, from sorted keys and from origins.
StatesOf: TypeAlias = "Callable[[int, Keys, npt.NDArray[np.int64]], npt.NDArray[np.uint8]]"
#: Rows that are handled at once: their columns fit into the caches of a processor.
_CHUNK: Final = 1 << 15


class OriginState(IntEnum):
    """What VRPs say of a route's prefix and origin (RFC 6811 section 2).

    Attributes:
        UNKNOWN: there are no VRPs at all.
        NOT_FOUND: no VRP covers the prefix.
        VALID: a VRP covers the prefix and matches origin and length.
        INVALID: VRPs cover the prefix, and none matches.
    """

    UNKNOWN = 0
    NOT_FOUND = 1
    VALID = 2
    INVALID = 3


class RouteObjectState(IntEnum):
    """What the route objects of IRRs say of a route's prefix and origin.

    Attributes:
        UNKNOWN: there are no route objects at all.
        NOT_FOUND: no route object covers the prefix.
        EXACT: a route object has the prefix and the origin.
        OTHER_ORIGIN: route objects cover the prefix, and none has the origin.
        COVERING: route objects of the origin cover the prefix, and none has the prefix itself.
    """

    UNKNOWN = 0
    NOT_FOUND = 1
    EXACT = 2
    OTHER_ORIGIN = 3
    COVERING = 4


@attrs.frozen(eq=False)
class VrpTable:
    """The VRPs of one family: entries beside a table of prefixes.

    Attributes:
        prefixes: the table.
        asn: of each entry; 0 for none.
        max_length: of each entry.
        source: of each entry, the trust anchor, as an index into the names of the registry.
        expires: of each entry, in seconds since 1970; `NEVER` for never.
        soonest: the time at which the first entry expires.
    """

    prefixes: PrefixTable
    asn: npt.NDArray[np.uint32]
    max_length: npt.NDArray[np.uint8]
    source: npt.NDArray[np.uint8]
    expires: npt.NDArray[np.uint32]
    soonest: int = attrs.field(init=False)

    @soonest.default
    def _soonest(self) -> int:
        return int(self.expires.min(initial=NEVER))

    def are_live(self, entries: npt.NDArray[np.int64], now: int) -> npt.NDArray[np.bool_]:
        """Return which entries have not expired at a time, in microseconds since 1970.

        An entry counts until the second in which it expires, as a certificate does
        (RFC 5280 section 4.1.2.5).
        """
        is_live: npt.NDArray[np.bool_] = self.expires[entries] >= -(-now // 1_000_000)
        return is_live

    def live_asns(self, now: int) -> npt.NDArray[np.uint32]:
        """Return the AS of each entry that has not expired, see `are_live`."""
        return self.asn[self.expires >= -(-now // 1_000_000)]


@attrs.frozen(eq=False)
class RouteTable:
    """The route objects of one family: entries beside a table of prefixes.

    Attributes:
        prefixes: the table.
        origin: of each entry.
        source: of each entry, the registry, as an index into the names of the registry.
        modified: of each entry, in seconds since 1970; 0 if unknown.
        by_origin: the indices of all entries, in the order of their origins.
    """

    prefixes: PrefixTable
    origin: npt.NDArray[np.uint32]
    source: npt.NDArray[np.uint8]
    modified: npt.NDArray[np.uint32]
    by_origin: npt.NDArray[np.uint32]


def origin_states(
    table: VrpTable, keys: Keys, origins: npt.NDArray[np.int64], now: int
) -> npt.NDArray[np.uint8]:
    """Return the `OriginState` of routes of one family.

    Args:
        table: the VRPs of the family.
        keys: of the routes' prefixes, best sorted.
        origins: their origins; -1 for none, which is never valid.
        now: the time, in microseconds since 1970: expired VRPs do not count.
    """
    states = np.full(len(keys), OriginState.NOT_FOUND, np.uint8)
    lengths = lengths_of(table.prefixes.family, keys)
    # AS 0 matches no route (RFC 6483 section 4), not even one whose origin is AS 0. No maximum
    # length allows the longest of all lengths.
    lengths = np.where(origins > 0, lengths, np.uint8(255))
    asns = origins.astype(np.uint32)
    visit = CoveringEntries(table.prefixes, keys)
    all_are_live = table.soonest >= -(-now // 1_000_000)
    if all_are_live:
        states[visit.rows] = OriginState.INVALID
    while len(visit.rows):
        rows, entries = visit.rows, visit.entries
        is_match = table.asn[entries] == asns[rows]
        is_match &= lengths[rows] <= table.max_length[entries]
        if not all_are_live:
            is_live = table.are_live(entries, now)
            is_match &= is_live
            # A valid route is visited no more, so that nothing overwrites its state.
            states[rows[is_live]] = OriginState.INVALID
        states[rows[is_match]] = OriginState.VALID
        visit.advance(~is_match)
    return states


def route_object_states(
    table: RouteTable, keys: Keys, origins: npt.NDArray[np.int64]
) -> npt.NDArray[np.uint8]:
    """Return the `RouteObjectState` of routes of one family.

    Args:
        table: the route objects of the family.
        keys: of the routes' prefixes, best sorted.
        origins: their origins; -1 for none, which no route object has.
    """
    states = np.full(len(keys), RouteObjectState.NOT_FOUND, np.uint8)
    visit = CoveringEntries(table.prefixes, keys)
    states[visit.rows] = RouteObjectState.OTHER_ORIGIN
    # Entries of covering prefixes precede those of the prefix itself.
    nodes = visit.nearest[visit.rows]
    is_own = table.prefixes.keys[nodes] == keys[visit.rows]
    exact_start = np.full(len(keys), len(table.origin), np.intp)
    exact_start[visit.rows[is_own]] = table.prefixes.first[nodes[is_own]]
    while len(visit.rows):
        rows, entries = visit.rows, visit.entries
        is_match = table.origin[entries] == origins[rows]
        is_exact = is_match & (entries >= exact_start[rows])
        states[rows[is_match]] = RouteObjectState.COVERING
        states[rows[is_exact]] = RouteObjectState.EXACT
        visit.advance(~is_match)
    return states


def by_family(
    prefixes: Prefixes, origins: npt.NDArray[np.int64], states_of: StatesOf
) -> npt.NDArray[np.uint8]:
    """Return the states of routes of both families, in their order.

    Args:
        prefixes: of the routes.
        origins: of the routes.
        states_of: gives the states of routes of a family, whose keys are sorted.
    """
    states = np.zeros(len(prefixes), np.uint8)
    for start in range(0, len(prefixes), _CHUNK):
        part = slice(start, start + _CHUNK)
        chunk, own = prefixes.take(part), origins[part]
        for family in KEY_TYPES:
            rows = np.flatnonzero(chunk.family == family)
            if len(rows) == len(own):
                states[part] = _chunk_states(family, family_keys(family, chunk), own, states_of)
            elif len(rows):
                keys = family_keys(family, chunk.take(rows))
                states[start + rows] = _chunk_states(family, keys, own[rows], states_of)
    return states


def _chunk_states(
    family: int, keys: Keys, origins: npt.NDArray[np.int64], states_of: StatesOf
) -> npt.NDArray[np.uint8]:
    """Return the states of some routes of a family, in any order."""
    if not is_sorted(keys):
        # A search for sorted keys stays in the processor's caches: it is ten times as fast.
        order = np.argsort(keys)
        states = np.empty(len(keys), np.uint8)
        states[order] = _chunk_states(family, keys[order], origins[order], states_of)
        return states
    # The prefixes of a dump come once for each peer, most of them with the same origin.
    is_new = np.ones(len(keys), np.bool_)
    is_new[1:] = (keys[1:] != keys[:-1]) | (origins[1:] != origins[:-1])
    states = states_of(family, keys[is_new], origins[is_new])
    return states.take(np.cumsum(is_new) - 1)
