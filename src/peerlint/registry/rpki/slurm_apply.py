"""Apply local exceptions to VRPs (RFC 8416 section 4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, TypeVar

import numpy as np

from peerlint.errors import InputError
from peerlint.model import Prefix
from peerlint.registry.columns import NO_TIME, Prefixes, VrpColumns
from peerlint.registry.rpki.slurm import PrefixAssertion, PrefixFilter, Slurm
from peerlint.wording import Words

if TYPE_CHECKING:
    import numpy.typing as npt

#: The name of the trust anchor of VRPs that were added.
SOURCE: Final = "slurm"
_MAX_SOURCES: Final = 256
_LOW: Final = (1 << 64) - 1
_Number = TypeVar("_Number", bound=np.integer)


def apply_slurm(columns: VrpColumns, slurm: Slurm) -> VrpColumns:
    """Return VRPs without those that a filter matches, and with those that are asserted.

    Filters do not remove assertions. Assertions never expire; their trust anchor is `SOURCE`.

    Args:
        columns: the VRPs of relying-party software.
        slurm: the exceptions; those of several files are merged first (`merge_slurm`).

    Raises:
        InputError: the VRPs have 256 trust anchors already.
    """
    kept = ~_filtered(columns, slurm.filters)
    added = slurm.assertions
    sources, source = _sources(columns, added)
    count = len(added)
    return VrpColumns(
        Prefixes.concatenated(
            [columns.prefixes.take(kept), Prefixes.of(each.prefix for each in added)]
        ),
        _joined(columns.max_length[kept], [each.max_length for each in added]),
        _joined(columns.asn[kept], [each.asn for each in added]),
        _joined(columns.source[kept], [source] * count),
        _joined(columns.expires[kept], [NO_TIME] * count),
        sources,
    )


def _joined(column: npt.NDArray[_Number], values: list[int]) -> npt.NDArray[_Number]:
    return np.concatenate([column, np.array(values, column.dtype)])


def _sources(
    columns: VrpColumns, added: tuple[PrefixAssertion, ...]
) -> tuple[tuple[str, ...], int]:
    """Return the names of trust anchors, and the index of `SOURCE` if anything is added."""
    if not added:
        return columns.sources, 0
    if SOURCE in columns.sources:
        return columns.sources, columns.sources.index(SOURCE)
    if len(columns.sources) >= _MAX_SOURCES:
        expected, found = f"fewer than {_MAX_SOURCES} trust anchors", Words("all of them")
        raise InputError("VRPs", expected=expected, found=found)
    return (*columns.sources, SOURCE), len(columns.sources)


def _filtered(columns: VrpColumns, filters: tuple[PrefixFilter, ...]) -> npt.NDArray[np.bool_]:
    """Return for each VRP whether a filter matches it."""
    asns = [each.asn for each in filters if each.prefix is None and each.asn is not None]
    matched = np.isin(columns.asn, np.array(asns, np.uint32))
    by_prefix = [each for each in filters if each.prefix is not None]
    if not by_prefix:
        return matched
    prefixes = columns.prefixes
    order = np.lexsort((prefixes.prefix_lo, prefixes.prefix_hi, prefixes.family))
    ordered = prefixes.take(order)
    for each in by_prefix:
        if each.prefix is None:
            continue
        # What a prefix covers is in one piece of the sorted VRPs.
        start, end = _piece(ordered, each.prefix)
        rows = order[start:end]
        is_matched = ordered.length[start:end] >= each.prefix.length
        if each.asn is not None:
            is_matched = is_matched & (columns.asn[rows] == each.asn)
        matched[rows[is_matched]] = True
    return matched


def _piece(ordered: Prefixes, prefix: Prefix) -> tuple[int, int]:
    """Return the first row and the row behind the last whose address is in a prefix."""
    shift = 96 if prefix.family == 4 else 0
    first, last = prefix.first << shift, prefix.last << shift
    low, high = _span(ordered.family, prefix.family, 0, len(ordered))
    start, _ = _at(ordered, first, low, high)
    _, end = _at(ordered, last, low, high)
    return start, end


def _at(ordered: Prefixes, address: int, low: int, high: int) -> tuple[int, int]:
    """Return where an address starts and ends among sorted rows of its family."""
    low, high = _span(ordered.prefix_hi, address >> 64, low, high)
    return _span(ordered.prefix_lo, address & _LOW, low, high)


def _span(
    column: npt.NDArray[np.unsignedinteger], value: int, low: int, high: int
) -> tuple[int, int]:
    part = column[low:high]
    key = part.dtype.type(value)
    return low + int(part.searchsorted(key)), low + int(part.searchsorted(key, "right"))
