"""Sort columns of records into the arrays of a registry file. Equal records become one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from peerlint.errors import InputError
from peerlint.registry.columns import NO_TIME, AutNumColumns, Prefixes, RouteColumns, VrpColumns
from peerlint.registry.prefix_keys import KEY_TYPES, Keys, family_keys
from peerlint.registry.states import NEVER
from peerlint.registry.table import PrefixTable

if TYPE_CHECKING:
    import numpy.typing as npt

    from peerlint.registry.file import Array

    Indices = npt.NDArray[np.int64]
    Mask = npt.NDArray[np.bool_]
    Times = npt.NDArray[np.uint32]
    Numbers = npt.NDArray[np.uint64]

#: Sources are numbered in one octet.
_MAX_NAMES: Final = 256


@attrs.frozen
class Names:
    """The names of all sources of one kind, sorted, so that the order of inputs does not count."""

    names: tuple[str, ...]

    @classmethod
    def of(cls, what: str, parts: Iterable[Sequence[str]]) -> Names:
        """Return the names of several columns.

        Args:
            what: what the names are of, for messages.
            parts: the names of each.

        Raises:
            InputError: there are more than 256.
        """
        names = tuple(sorted({name for part in parts for name in part}))
        if len(names) > _MAX_NAMES:
            expected = f"at most {_MAX_NAMES} different names"
            raise InputError(what, expected=expected, found=f"{len(names)} of them")
        return cls(names)

    def renumbered(self, source: npt.NDArray[np.uint8], names: Sequence[str]) -> Numbers:
        """Return indices into these names instead of `names`."""
        numbers = np.array([self.names.index(name) for name in names], np.uint64)
        return numbers[source] if len(source) else np.zeros(0, np.uint64)


def vrp_arrays(parts: Sequence[VrpColumns], names: Names, now: int) -> dict[str, Array]:
    """Return the arrays of VRPs, without those that have expired.

    Args:
        parts: the VRPs of each file.
        names: the names of trust anchors.
        now: the time, in microseconds since 1970.
    """
    seconds = -(-now // 1_000_000)
    arrays: dict[str, Array] = {}
    for family in KEY_TYPES:
        chosen = [
            (
                each,
                (each.prefixes.family == family)
                & ((each.expires == NO_TIME) | (each.expires >= seconds)),
            )
            for each in parts
        ]
        entries = _Entries.of(
            family,
            _keys(family, (each.prefixes.take(own) for each, own in chosen)),
            _numbers(_vrp_rest(each, own, names) for each, own in chosen),
            _times(
                np.where(each.expires[own] == NO_TIME, NEVER, each.expires[own])
                for each, own in chosen
            ),
        )
        at = f"vrps.{family}"
        arrays |= _table_arrays(at, entries.table)
        arrays[f"{at}.asn"] = (entries.rest >> np.uint64(16)).astype("<u4")
        arrays[f"{at}.max_length"] = (entries.rest >> np.uint64(8)).astype(np.uint8)
        arrays[f"{at}.source"] = entries.rest.astype(np.uint8)
        arrays[f"{at}.expires"] = entries.times.astype("<u4")
    return arrays


def _vrp_rest(vrps: VrpColumns, rows: Mask, names: Names) -> Numbers:
    """Return AS, maximum length and source of VRPs in one number, in this order."""
    source = names.renumbered(vrps.source[rows], vrps.sources)
    asn, max_length = vrps.asn[rows].astype(np.uint64), vrps.max_length[rows].astype(np.uint64)
    return asn << np.uint64(16) | max_length << np.uint64(8) | source


def route_arrays(parts: Sequence[RouteColumns], names: Names) -> dict[str, Array]:
    """Return the arrays of route objects, and how many each origin has in each registry.

    Args:
        parts: the objects of each dump.
        names: the names of registries (see `registry_names`).
    """
    arrays: dict[str, Array] = {}
    rests, times = [], []
    for family in KEY_TYPES:
        chosen = [(each, each.prefixes.family == family) for each in parts]
        # Nothing else holds the columns: they go when they are sorted, and memory with them.
        entries = _Entries.of(
            family,
            _keys(family, (each.prefixes.take(own) for each, own in chosen)),
            _numbers(_route_rest(each, own, names) for each, own in chosen),
            _times(each.modified[own] for each, own in chosen),
        )
        at = f"routes.{family}"
        arrays |= _table_arrays(at, entries.table)
        arrays[f"{at}.origin"] = (entries.rest >> np.uint64(8)).astype("<u4")
        arrays[f"{at}.source"] = entries.rest.astype(np.uint8)
        arrays[f"{at}.modified"] = entries.times.astype("<u4")
        arrays[f"{at}.by_origin"] = np.argsort(entries.rest, kind="stable").astype("<u4")
        rests.append(entries.rest)
        times.append(entries.times)
    return arrays | _origin_arrays(np.concatenate(rests), np.concatenate(times))


def _route_rest(routes: RouteColumns, rows: Mask, names: Names) -> Numbers:
    """Return origin and source of route objects in one number, in this order."""
    source, own_names = _flagged(routes)
    origin = routes.origin[rows].astype(np.uint64)
    return origin << np.uint64(8) | names.renumbered(source[rows], own_names)


def _origin_arrays(rest: Numbers, modified: Times) -> dict[str, Array]:
    """Return the number of route objects, and when the last was modified, by origin and source."""
    order = np.argsort(rest, kind="stable")
    starts = _starts(rest[order])
    unique = rest[order][starts]
    return {
        "origins.asn": (unique >> np.uint64(8)).astype("<u4"),
        "origins.source": unique.astype(np.uint8),
        "origins.count": np.diff(np.append(starts, len(rest))).astype("<u4"),
        "origins.modified": _maxima(modified[order], starts).astype("<u4"),
    }


def aut_num_arrays(parts: Sequence[AutNumColumns], names: Names) -> dict[str, Array]:
    """Return the arrays of aut-num objects, sorted by AS number and registry.

    Args:
        parts: the objects of each dump.
        names: the names of registries (see `registry_names`).
    """
    asn = _numbers(each.asn for each in parts)
    flagged = [tuple(map(with_flag, each.sources)) for each in parts]
    sources = zip(parts, flagged, strict=True)
    source = _numbers(names.renumbered(each.source, named) for each, named in sources)
    modified = _times(each.modified for each in parts)
    rest = asn << np.uint64(8) | source
    order = np.argsort(rest, kind="stable")
    starts = _starts(rest[order])
    unique = rest[order][starts]
    return {
        "aut_nums.asn": (unique >> np.uint64(8)).astype("<u4"),
        "aut_nums.source": unique.astype(np.uint8),
        "aut_nums.modified": _maxima(modified[order], starts).astype("<u4"),
    }


def registry_names(routes: Iterable[RouteColumns], aut_nums: Iterable[AutNumColumns]) -> Names:
    """Return the names of registries, each with a flag (see `with_flag`).

    Raises:
        InputError: there are more than 256.
    """
    of_routes = (_flagged(each)[1] for each in routes)
    of_aut_nums = (tuple(map(with_flag, each.sources)) for each in aut_nums)
    return Names.of("registries", (*of_routes, *of_aut_nums))


def with_flag(name: str, *, is_route_object: bool = True) -> str:
    """Return the name of a registry with a flag: `=RADB`, or `~RPKI` for objects of a mirror."""
    return ("=" if is_route_object else "~") + name


def _flagged(routes: RouteColumns) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
    """Return the sources of route objects as indices into names with a flag, and these names.

    A registry has either objects of its own or made ones, nearly always; names that no object uses
    are left out, so that they do not depend on the reader.
    """
    count = len(routes.sources)
    flagged = np.where(routes.is_route_object, 0, count) + routes.source
    used = np.flatnonzero(np.bincount(flagged, minlength=2 * count))
    names = tuple(
        with_flag(routes.sources[each % count], is_route_object=bool(each < count)) for each in used
    )
    index = np.zeros(2 * count, np.uint8)
    index[used] = np.arange(len(used))
    return index[flagged], names


@attrs.frozen(eq=False)
class _Entries:
    """Entries sorted by prefix and by a number; of those that are equal in both, one is kept.

    Attributes:
        table: the table of their prefixes.
        rest: the number of each.
        times: the latest time of those that were equal.
    """

    table: PrefixTable
    rest: Numbers
    times: Times

    @classmethod
    def of(cls, family: int, keys: Keys, rest: Numbers, times: Times) -> _Entries:
        """Sort entries of a family, in any order."""
        order = np.argsort(rest, kind="stable")
        order = order[np.argsort(keys[order], kind="stable")]
        keys = keys[order]
        rest = rest[order]
        times = times[order]
        del order
        is_first = np.ones(len(keys), np.bool_)
        is_first[1:] = (keys[1:] != keys[:-1]) | (rest[1:] != rest[:-1])
        starts = np.flatnonzero(is_first)
        table = PrefixTable.of(family, keys[starts])
        return cls(table, rest[starts], _maxima(times, starts))


def _table_arrays(at: str, table: PrefixTable) -> dict[str, Array]:
    return {
        f"{at}.keys": table.keys.astype(KEY_TYPES[table.family], copy=False),
        f"{at}.parent": table.parent.astype("<i4"),
        f"{at}.first": table.first.astype("<u4"),
    }


def _starts(values: Numbers) -> Indices:
    """Return the index of the first of each group of equal values, which are sorted."""
    is_first = np.ones(len(values), np.bool_)
    is_first[1:] = values[1:] != values[:-1]
    return np.flatnonzero(is_first)


def _maxima(values: Times, starts: Indices) -> Times:
    """Return the largest value of each group."""
    return np.maximum.reduceat(values, starts) if len(starts) else values[:0]


def _keys(family: int, parts: Iterable[Prefixes]) -> Keys:
    """Return the keys of prefixes, all of one family."""
    keys: Keys = np.concatenate(
        [np.zeros(0, KEY_TYPES[family]), *(family_keys(family, each) for each in parts)]
    )
    return keys


def _times(parts: Iterable[Indices]) -> Times:
    """Return columns of times as one, as a file has them: 0 if unknown, at most 32 bits."""
    return np.concatenate(
        [
            np.zeros(0, np.uint32),
            *(np.clip(each, 0, NEVER).astype(np.uint32) for each in parts),
        ]
    )


def _numbers(parts: Iterable[npt.NDArray[np.unsignedinteger]]) -> Numbers:
    """Return columns of unsigned integers as one."""
    return np.concatenate([np.zeros(0, np.uint64), *(each.astype(np.uint64) for each in parts)])
