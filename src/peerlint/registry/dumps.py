"""What a registry file is built from, out of what readers of dumps give."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from peerlint.registry.build import RegistryInputs
from peerlint.registry.delegated import RIRS, Delegations
from peerlint.registry.irr import IrrDump
from peerlint.registry.peeringdb import PeeringDbFile
from peerlint.registry.records import SourceInfo, SourceKind
from peerlint.registry.rpki import Slurm, VrpDump, apply_slurm

if TYPE_CHECKING:
    import numpy.typing as npt

#: The classes of objects that decide about a route and its origin.
CLASSES: Final = ("aut-num", "route", "route6")
#: The name of a class in the name of a file, such as `ripe.db.route6.gz`.
_OF_CLASS: Final = re.compile(r"(?:^|[/._-])(?:aut-num|route6?)(?=[._-]|$)", re.IGNORECASE)
#: Objects of a registry that has some of each class.
_LARGE: Final = 1_000
#: Microseconds without any change in a large registry that is still maintained.
_QUIET: Final = 30 * 86_400_000_000
#: How much later than the build a time may be, in microseconds: clocks differ, and a registry may
#: name its day in its own zone.
_TOLERANCE: Final = 86_400_000_000


def inputs_of(
    now: int,
    *,
    irr: Sequence[IrrDump] = (),
    delegated: Sequence[Delegations] = (),
    vrps: Sequence[VrpDump] = (),
    slurm: Slurm | None = None,
    peeringdb: Sequence[PeeringDbFile] = (),
    taken: int | None = None,
) -> RegistryInputs:
    """Return what a registry file is built from.

    Each registry (`source:`) in the IRR dumps and each RIR in the files of delegations is a source
    of its own, whichever files it is in; of VRPs and PeeringDB each file is. A source is as old as
    its data say; a time of more than a day after the build is an error in them and does not count.

    Args:
        now: the time of the build, in microseconds since 1970.
        irr: dumps of IRRs; several files of one registry become one source.
        delegated: files of delegations.
        vrps: files of VRPs.
        slurm: local exceptions (RFC 8416), which are applied to each file of VRPs.
        peeringdb: files of PeeringDB.
        taken: when files that say no time of themselves were fetched, in microseconds since 1970.
            None if that is not known: they are as old as their newest record then, which is older.

    Raises:
        InputError: there are too many trust anchors (see `apply_slurm`).
    """
    columns = tuple(each.columns for each in vrps)
    if slurm is not None:
        columns = tuple(apply_slurm(each, slurm) for each in columns)
    sources = (
        *_irr_sources(irr, taken),
        *_delegated_sources(delegated, taken),
        *(_vrp_source(each, taken) for each in vrps),
        *(_peeringdb_source(each, taken) for each in peeringdb),
    )
    return RegistryInputs(
        now,
        tuple(_without_later_time(each, now + _TOLERANCE) for each in sources),
        tuple(each.routes for each in irr),
        tuple(each.aut_nums for each in irr),
        columns,
        tuple(delegated),
        tuple(peeringdb),
    )


def _irr_sources(dumps: Iterable[IrrDump], taken: int | None) -> Iterator[SourceInfo]:
    """Yield the registries of some dumps.

    What was skipped in a dump counts for each registry in it: its registry may not be known.
    """
    found: dict[str, list[_Part]] = {}
    for dump in dumps:
        counts = _counts(dump)
        most = max((sum(each.values()) for each in counts.values()), default=0)
        for name, own in counts.items():
            is_beside = sum(own.values()) < most
            found.setdefault(name, []).append(_Part(dump, own, is_beside=is_beside))
    for name, parts in sorted(found.items()):
        totals = {each: sum(part.counts[each] for part in parts) for each in CLASSES}
        yield SourceInfo(
            SourceKind.IRR,
            name,
            _irr_time(parts, totals, taken),
            sum(totals.values()),
            sum(each.dump.skips.count for each in parts),
            any(each.dump.is_cut for each in parts),
            _lacks(parts, totals),
        )


@attrs.frozen
class _Part:
    """What a dump has of a registry.

    Attributes:
        dump: the dump.
        counts: the number of the registry's objects, by class.
        is_beside: whether the dump has more objects of another registry.
    """

    dump: IrrDump
    counts: dict[str, int]
    is_beside: bool


def _irr_time(parts: Sequence[_Part], totals: Mapping[str, int], taken: int | None) -> int | None:
    """Return how new the data of a registry are: as its newest object, or its oldest large class.

    Args:
        parts: its dumps.
        totals: the number of its objects, by class.
        taken: when files were fetched that say no time; None if it is not known.
    """
    every = [_latest(_microseconds(each.dump.newest) for each in parts)]
    # A class of few objects may be quiet for years.
    every += [
        _latest(_microseconds(each.dump.newest) for each in parts if each.counts[kind])
        for kind in CLASSES
        if totals[kind] >= _LARGE
    ]
    newest = None if None in every else min(each for each in every if each is not None)
    if taken is None or newest is None:
        return newest if taken is None else taken
    # Where nothing has changed in a large registry for a month, a mirror has stopped.
    has_stopped = sum(totals.values()) >= _LARGE and taken - newest > _QUIET
    return newest if has_stopped else taken


def _lacks(parts: Iterable[_Part], totals: Mapping[str, int]) -> tuple[str, ...]:
    """Return the classes of which a registry has no object because they are in another file.

    RIPE and APNIC have a file for each class, and name it so. A file may be renamed, but a registry
    of a thousand objects has some of each class; a small one may really have none. A few objects in
    the dump of another registry are not all that their registry has.

    Args:
        parts: the registry's dumps.
        totals: the number of its objects, by class.
    """
    is_divided = sum(totals.values()) >= _LARGE or any(
        each.is_beside or _OF_CLASS.search(each.dump.name) for each in parts
    )
    return tuple(each for each in CLASSES if not totals[each]) if is_divided else ()


def _counts(dump: IrrDump) -> dict[str, dict[str, int]]:
    """Return the number of objects of each class of each registry in a dump."""
    counts: dict[str, dict[str, int]] = {}
    is_ipv4 = dump.routes.prefixes.family == 4
    routes = dump.routes
    for kind, numbers, names in (
        ("aut-num", dump.aut_nums.source, dump.aut_nums.sources),
        ("route", routes.source[is_ipv4], routes.sources),
        ("route6", routes.source[~is_ipv4], routes.sources),
    ):
        for name, number in zip(names, _histogram(numbers, len(names)), strict=True):
            if number:
                counts.setdefault(name, dict.fromkeys(CLASSES, 0))[kind] = number
    return counts


def _histogram(numbers: npt.NDArray[np.uint8], size: int) -> list[int]:
    return [int(each) for each in np.bincount(numbers, minlength=size)]


def _delegated_sources(files: Iterable[Delegations], taken: int | None) -> Iterator[SourceInfo]:
    """Yield the RIRs of some files; the NRO's joint one has all of them."""
    found: dict[str, list[tuple[Delegations, int]]] = {}
    for file in files:
        numbers = np.concatenate([file.asns.details.rir, file.addresses.details.rir])
        for name, count in zip(RIRS, _histogram(numbers, len(RIRS)), strict=True):
            if count:
                found.setdefault(name, []).append((file, count))
    for name, parts in sorted(found.items()):
        yield SourceInfo(
            SourceKind.DELEGATED,
            name,
            _latest(taken if file.time is None else file.time for file, _ in parts),
            sum(count for _, count in parts),
            sum(file.skips.count for file, _ in parts),
            # A whole file says everything, even if another one is cut.
            all(file.is_cut for file, _ in parts),
        )


def _vrp_source(dump: VrpDump, taken: int | None) -> SourceInfo:
    time = taken if dump.generated is None else dump.generated
    return SourceInfo(SourceKind.VRPS, dump.name, time, len(dump.columns), dump.skips.count)


def _peeringdb_source(file: PeeringDbFile, taken: int | None) -> SourceInfo:
    time = file.time if file.time is not None else taken
    records = len(file.networks) + len(file.facilities) + len(file.links) + len(file.contacts)
    return SourceInfo(
        SourceKind.PEERINGDB,
        file.name,
        time if time is not None else _microseconds(file.newest),
        records,
        file.skips.count,
    )


def _without_later_time(source: SourceInfo, latest: int) -> SourceInfo:
    if source.time is None or source.time <= latest:
        return source
    return attrs.evolve(source, time=None)


def _latest(times: Iterable[int | None]) -> int | None:
    return max((each for each in times if each is not None), default=None)


def _microseconds(seconds: int | None) -> int | None:
    return None if seconds is None or seconds < 0 else seconds * 1_000_000
