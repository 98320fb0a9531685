"""Runs: adjacent routes of one prefix and origin, which registries say the same of."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from peerlint.bulk.kernel.contract import RUN, WITHDRAW

#: The columns that are the same in all routes of a run.
_SAME: Final = ("family", "length", "prefix_hi", "prefix_lo", "origin")


def runs_of(rows: npt.NDArray[np.void]) -> npt.NDArray[np.void]:
    """Return the runs of some rows, as an array of `RUN`, in the order of the rows.

    Rows that withdraw a route are in no run.
    """
    routes = rows[rows["kind"] != WITHDRAW]
    is_first = np.ones(len(routes), np.bool_)
    is_first[1:] = False
    for name in _SAME:
        is_first[1:] |= routes[name][1:] != routes[name][:-1]
    first = np.flatnonzero(is_first)
    runs = np.empty(len(first), RUN)
    for name in _SAME:
        runs[name] = routes[name][first]
    runs["routes"] = np.diff(first, append=len(routes))
    return runs
