"""Columns from records that are values: a few VRPs of SLURM or a router, objects of a server."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from peerlint.registry.columns import (
    NO_TIME,
    AutNumColumns,
    Prefixes,
    RouteColumns,
    VrpColumns,
)
from peerlint.registry.records import AutNum, RouteObject, Vrp


def vrp_columns(vrps: Iterable[Vrp]) -> VrpColumns:
    """Return VRPs as columns, in their order."""
    rows = tuple(vrps)
    sources = tuple(sorted({each.source for each in rows}))
    return VrpColumns(
        Prefixes.of(each.prefix for each in rows),
        np.array([each.max_length for each in rows], np.uint8),
        np.array([each.asn for each in rows], np.uint32),
        np.array([sources.index(each.source) for each in rows], np.uint8),
        np.array([_time(each.expires) for each in rows], np.int64),
        sources,
    )


def route_columns(objects: Iterable[RouteObject]) -> RouteColumns:
    """Return route objects as columns, in their order."""
    rows = tuple(objects)
    sources = tuple(sorted({each.source for each in rows}))
    return RouteColumns(
        Prefixes.of(each.prefix for each in rows),
        np.array([each.origin for each in rows], np.uint32),
        np.array([sources.index(each.source) for each in rows], np.uint8),
        np.array([_time(each.modified) for each in rows], np.int64),
        np.array([each.is_route_object for each in rows], np.bool_),
        sources,
    )


def aut_num_columns(objects: Iterable[AutNum]) -> AutNumColumns:
    """Return aut-num objects as columns, in their order."""
    rows = tuple(objects)
    sources = tuple(sorted({each.source for each in rows}))
    return AutNumColumns(
        np.array([each.asn for each in rows], np.uint32),
        np.array([sources.index(each.source) for each in rows], np.uint8),
        np.array([_time(each.modified) for each in rows], np.int64),
        sources,
    )


def _time(seconds: int | None) -> int:
    return NO_TIME if seconds is None else seconds
