"""What a registry file is built from, out of what readers of dumps give."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np

from peerlint.registry.build import RegistryInputs
from peerlint.registry.delegated import Delegations
from peerlint.registry.irr import IrrDump
from peerlint.registry.peeringdb import PeeringDbFile
from peerlint.registry.records import SourceInfo, SourceKind
from peerlint.registry.rpki import Slurm, VrpDump, apply_slurm


def inputs_of(
    now: int,
    *,
    irr: Sequence[IrrDump] = (),
    delegated: Sequence[Delegations] = (),
    vrps: Sequence[VrpDump] = (),
    slurm: Slurm | None = None,
    peeringdb: Sequence[PeeringDbFile] = (),
    times: Mapping[str, int] | None = None,
) -> RegistryInputs:
    """Return what a registry file is built from.

    Each registry (`source:`) in the IRR dumps is a source of its own; all other sources are files.

    Args:
        now: the time of the build, in microseconds since 1970.
        irr: dumps of IRRs; several files of one registry become one source.
        delegated: files of delegations.
        vrps: files of VRPs.
        slurm: local exceptions (RFC 8416), which are applied to each file of VRPs.
        peeringdb: files of PeeringDB.
        times: as of when files are, by name, in microseconds since 1970. Others are as old as what
            they say of themselves: for an IRR dump the latest `last-modified`, which is older.

    Raises:
        InputError: there are too many trust anchors (see `apply_slurm`).
    """
    known = times or {}
    columns = tuple(each.columns for each in vrps)
    if slurm is not None:
        columns = tuple(apply_slurm(each, slurm) for each in columns)
    return RegistryInputs(
        now,
        (
            *_irr_sources(irr, known),
            *(_delegated_source(each, known) for each in delegated),
            *(_vrp_source(each, known) for each in vrps),
            *(_peeringdb_source(each, known) for each in peeringdb),
        ),
        tuple(each.routes for each in irr),
        tuple(each.aut_nums for each in irr),
        columns,
        tuple(each.asns for each in delegated),
        tuple(each.addresses for each in delegated),
        tuple(peeringdb),
    )


def _irr_sources(dumps: Iterable[IrrDump], times: Mapping[str, int]) -> Iterator[SourceInfo]:
    """Yield the registries of some dumps.

    What was skipped in a dump counts for each registry in it: its registry may not be known.
    """
    found: dict[str, list[tuple[IrrDump, int]]] = {}
    for dump in dumps:
        for name, count in _counts(dump).items():
            found.setdefault(name, []).append((dump, count))
    for name, parts in sorted(found.items()):
        yield SourceInfo(
            SourceKind.IRR,
            name,
            _latest(times.get(dump.name, _microseconds(dump.newest)) for dump, _ in parts),
            sum(count for _, count in parts),
            sum(dump.skips.count for dump, _ in parts),
            any(dump.is_cut for dump, _ in parts),
        )


def _counts(dump: IrrDump) -> dict[str, int]:
    """Return the number of route and aut-num objects of each registry in a dump."""
    counts: dict[str, int] = {}
    for columns in (dump.routes, dump.aut_nums):
        numbers = np.bincount(columns.source, minlength=len(columns.sources)).tolist()
        for name, number in zip(columns.sources, numbers, strict=True):
            if number:
                counts[name] = counts.get(name, 0) + number
    return counts


def _delegated_source(file: Delegations, times: Mapping[str, int]) -> SourceInfo:
    return SourceInfo(
        SourceKind.DELEGATED,
        file.name,
        times.get(file.name, file.time),
        len(file.asns) + len(file.addresses),
        file.skips.count,
        file.is_cut,
    )


def _vrp_source(dump: VrpDump, times: Mapping[str, int]) -> SourceInfo:
    time = times.get(dump.name, dump.generated)
    return SourceInfo(SourceKind.VRPS, dump.name, time, len(dump.columns), dump.skips.count)


def _peeringdb_source(file: PeeringDbFile, times: Mapping[str, int]) -> SourceInfo:
    time = file.time if file.time is not None else _microseconds(file.newest)
    records = len(file.networks) + len(file.facilities) + len(file.links) + len(file.contacts)
    return SourceInfo(
        SourceKind.PEERINGDB, file.name, times.get(file.name, time), records, file.skips.count
    )


def _latest(times: Iterable[int | None]) -> int | None:
    return max((each for each in times if each is not None), default=None)


def _microseconds(seconds: int | None) -> int | None:
    return None if seconds is None or seconds < 0 else seconds * 1_000_000
