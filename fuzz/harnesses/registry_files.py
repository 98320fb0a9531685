"""Files of registries: VRPs, local exceptions, delegations, PeeringDB.

Any octets give rows or a documented error. Nothing is lost without a word: an entry is a row, has
expired, or is counted as skipped. The entries are counted in the JSON itself.
"""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Final, TypeVar, cast

import numpy as np

from fuzz.harnesses._laws import agree
from peerlint.errors import InputError, MistakesError
from peerlint.registry.columns import Prefixes, VrpColumns
from peerlint.registry.delegated import (
    Delegations,
    delegations_of_asn,
    delegations_of_prefix,
    read_delegated,
    sorted_addresses,
    sorted_asns,
)
from peerlint.registry.peeringdb import MICROSOFT, PeeringDb, read_peeringdb
from peerlint.registry.prefix_texts import has_host_bits
from peerlint.registry.rpki import VrpDump, apply_slurm, read_slurm, read_vrps

_NOW: Final = 1_796_040_000_000_000
_NAME: Final = "file"
_Result = TypeVar("_Result")


class _Pieces(io.BytesIO):
    """A file that returns few octets at a time."""

    step = 1

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next octets, at most `step`."""
        return super().read(min(self.step, size) if size and size > 0 else self.step)


def check_vrps(octets: bytes) -> None:
    """Read what follows the first octet, which is the size of the pieces; 0 means one piece.

    Raises:
        AssertionError: an entry is lost, a row is no VRP, or the size of pieces changes something.
    """
    rest = octets[1:]
    dump = _agreed(octets, lambda file: read_vrps(file, _NAME, _NOW), _vrp_rows)
    if dump is None:
        return
    prefixes, length = dump.columns.prefixes, dump.columns.prefixes.length
    bits = np.where(prefixes.family == 4, 32, 128)
    is_valid = (length <= dump.columns.max_length) & (dump.columns.max_length <= bits)
    agree("maximum lengths", expected=True, actual=bool(is_valid.all()))
    agree("host bits", expected=False, actual=bool(has_host_bits(prefixes).any()))
    agree("sources", expected=True, actual=set(dump.columns.source) <= {*range(256)})
    entries = _entries(rest)
    if entries is not None:
        agree("entries", entries, len(dump.columns) + dump.expired + dump.skips.count)


def check_slurm(octets: bytes) -> None:
    """Read local exceptions, and apply them to a few VRPs.

    Raises:
        AssertionError: an assertion is not added.
    """
    try:
        slurm = read_slurm(io.BytesIO(octets), _NAME)
    except (InputError, MistakesError) as error:
        _named(error)
        return
    after = apply_slurm(_VRPS, slurm)
    added = [str(each.prefix) for each in slurm.assertions]
    agree("assertions", added, [*map(str, after.prefixes)][len(after) - len(added) :])
    agree("filters", expected=True, actual=len(after) - len(added) <= len(_VRPS))


def check_delegated(octets: bytes) -> None:
    """Read what follows the first octet, which is the size of the pieces; 0 means one piece.

    Raises:
        AssertionError: a block is not found again, or the size of pieces changes something.
    """
    found = _agreed(octets, lambda file: read_delegated(file, _NAME), _delegated_rows)
    if found is None:
        return
    asns, addresses = sorted_asns(found.asns), sorted_addresses(found.addresses)
    agree("ranges", expected=True, actual=bool((asns.first <= asns.last).all()))
    for row in range(min(5, len(asns))):
        hits = delegations_of_asn(asns, int(asns.last[row]))
        agree("a block of numbers", expected=True, actual=asns.details.at(row) in hits)
    lengths = np.where(addresses.family == 4, 32, 128).astype(np.uint8)
    firsts = Prefixes(addresses.family, addresses.first_hi, addresses.first_lo, lengths)
    for row in range(min(5, len(addresses))):
        near = delegations_of_prefix(addresses, firsts.at(row))
        agree("a block of addresses", expected=True, actual=addresses.details.at(row) in near)


def check_peeringdb(octets: bytes) -> None:
    """Read what follows the first octet, which is the size of the pieces; 0 means one piece.

    Raises:
        AssertionError: the size of pieces changes something.
    """
    found = _agreed(octets, lambda file: read_peeringdb(file, _NAME), lambda file: file.links)
    if found is not None:
        PeeringDb.of([found]).facilities_of(MICROSOFT)


def _agreed(
    octets: bytes, read: Callable[[io.BytesIO], _Result], rows: Callable[[_Result], object]
) -> _Result | None:
    """Read a file whole and in pieces; return what it says, None if it is an error."""
    step, rest = int.from_bytes(octets[:1]), octets[1:]
    pieces = _Pieces(rest)
    pieces.step = step or max(1, len(rest))
    results: list[_Result | None] = []
    for file in (io.BytesIO(rest), pieces):
        try:
            results.append(read(file))
        except InputError as error:
            _named(error)
            results.append(None)
    whole, other = results
    agree("pieces", *(None if each is None else rows(each) for each in (whole, other)))
    return whole


def _named(error: Exception) -> None:
    agree("the name in an error", expected=True, actual=str(error).startswith(_NAME))


def _vrp_rows(dump: VrpDump) -> object:
    columns = dump.columns
    return (
        [*map(str, columns.prefixes)],
        columns.max_length.tolist(),
        columns.asn.tolist(),
        columns.source.tolist(),
        columns.expires.tolist(),
        columns.sources,
        dump.expired,
        dump.skips.by_reason,
        dump.generated,
    )


def _delegated_rows(found: Delegations) -> object:
    asns = found.asns
    details = [asns.details.at(row) for row in range(len(asns))]
    addresses = len(found.addresses), found.addresses.last_lo.tolist()
    ranges = asns.first.tolist(), asns.last.tolist()
    return (*ranges, details, *addresses, found.is_cut, found.time, found.skips.by_reason)


def _entries(octets: bytes) -> int | None:
    """Return how many entries a file of VRPs has; None for CSV."""
    try:
        value = cast("object", json.loads(octets.decode("utf-8-sig", "replace")))
    except (ValueError, RecursionError):
        return None
    roas = value.get("roas") if isinstance(value, dict) else None
    return len(roas) if isinstance(roas, list) else None


def _vrps() -> VrpColumns:
    text = "AS64500,192.0.2.0/24\nAS0,203.0.113.0/24\nAS64501,2001:db8::/32,48\n"
    return read_vrps(io.BytesIO(text.encode()), _NAME, _NOW).columns


_VRPS: Final = _vrps()
