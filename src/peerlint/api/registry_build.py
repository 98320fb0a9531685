"""Build a registry file from files of registries."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import attrs

from peerlint.api.registry import Registry
from peerlint.arguments import A_PATH, PATH, as_tuple, must_be
from peerlint.errors import InputError
from peerlint.feeds import OnChunk
from peerlint.feeds import registry_dumps as files
from peerlint.feeds.dumps import Dump
from peerlint.feeds.registry_file import build_registry as write_registry
from peerlint.feeds.registry_file import check_target
from peerlint.model.times import time_text, to_microseconds, utc
from peerlint.registry import SourceInfo
from peerlint.registry.delegated import Delegations
from peerlint.registry.dumps import inputs_of
from peerlint.registry.irr import IrrDump, repeated
from peerlint.registry.peeringdb import PeeringDbFile
from peerlint.registry.rpki import Slurm, VrpDump, merge_slurm
from peerlint.registry.skips import Skips
from peerlint.report.registry_build import BuildSummary
from peerlint.rules import RegistryCriteria
from peerlint.rules.registry_sources import registry_sources
from peerlint.wording import Words, counted, listed


@attrs.frozen(eq=False)
class RegistryDumps:
    """What the files of registries have.

    Attributes:
        irr: dumps of IRRs.
        delegated: files of delegations.
        vrps: files of VRPs.
        slurm: local exceptions; None without any.
        peeringdb: files of PeeringDB.
    """

    irr: tuple[IrrDump, ...]
    delegated: tuple[Delegations, ...]
    vrps: tuple[VrpDump, ...]
    slurm: Slurm | None
    peeringdb: tuple[PeeringDbFile, ...]

    @property
    def cut(self) -> tuple[str, ...]:
        """The names of the files that end in the middle."""
        irr = [each.name for each in self.irr if each.is_cut]
        return (*irr, *(each.name for each in self.delegated if each.is_cut))

    @property
    def skips(self) -> Skips:
        """What was skipped in all files, by reason."""
        joined = Skips()
        skips = [each.skips for each in self.irr]
        skips += [each.skips for each in self.delegated]
        skips += [each.skips for each in self.vrps]
        skips += [each.skips for each in self.peeringdb]
        for each in skips:
            joined.merge(each)
        return joined


@attrs.frozen(eq=False)
class RegistryPaths:
    """The files of registries, checked: all of them can be opened."""

    _irr: tuple[Dump, ...]
    _delegated: tuple[Dump, ...]
    _vrps: tuple[Dump, ...]
    _slurm: tuple[Dump, ...]
    _peeringdb: tuple[Dump, ...]

    @classmethod
    def of(
        cls,
        *,
        irr: Iterable[str] = (),
        delegated: Iterable[str] = (),
        vrps: Iterable[str] = (),
        slurm: Iterable[str] = (),
        peeringdb: Iterable[str] = (),
    ) -> RegistryPaths:
        """Look for the files.

        Args:
            irr: dumps of IRRs, plain or compressed, as all of them.
            delegated: delegated files of the RIRs or the NRO.
            vrps: files of VRPs.
            slurm: files of local exceptions (RFC 8416).
            peeringdb: dumps of PeeringDB, or files of its API.

        Raises:
            InputError: a name is a URL.
            FeedError: a file is missing, a directory or not readable.
        """
        return cls(
            tuple(files.open_dump(each, files.IRR) for each in irr),
            tuple(files.open_dump(each, files.DELEGATED) for each in delegated),
            tuple(files.open_dump(each, files.VRPS) for each in vrps),
            tuple(files.open_dump(each, files.SLURM) for each in slurm),
            tuple(files.open_dump(each, files.PEERINGDB) for each in peeringdb),
        )

    def read(self, now: datetime, on_chunk: OnChunk | None = None) -> RegistryDumps:
        """Read all files.

        Args:
            now: VRPs that have expired by then are left out.
            on_chunk: called for every chunk.

        Raises:
            FeedError: a file cannot be read, is empty, or is cut and must not be.
            InputError: a file is something else.
            MistakesError: a SLURM file is not what RFC 8416 demands.
        """
        time = to_microseconds(now)
        # The small files first: what is wrong in them is said at once.
        slurm = tuple(files.read_slurm_file(each) for each in self._slurm)
        return RegistryDumps(
            slurm=merge_slurm(slurm) if slurm else None,
            delegated=tuple(files.read_delegated_file(each, on_chunk) for each in self._delegated),
            peeringdb=tuple(files.read_peeringdb_file(each, on_chunk) for each in self._peeringdb),
            vrps=tuple(files.read_vrp_file(each, time, on_chunk) for each in self._vrps),
            irr=tuple(files.read_irr_dump(each, on_chunk) for each in self._irr),
        )


def check_registry_target(path: str) -> None:
    """Check that a registry file can get a name, before its sources are read.

    Raises:
        FeedError: a folder, a device or a pipe has the name.
    """
    check_target(path)


def build_registry_file(
    dumps: RegistryDumps,
    path: str,
    *,
    now: datetime,
    taken: datetime | None = None,
    criteria: RegistryCriteria | None = None,
) -> BuildSummary:
    """Write a registry file, which replaces the one of its name when it is complete.

    Args:
        dumps: what the files of registries have.
        path: the file.
        now: the time of the build.
        taken: when the files were fetched that say no time of themselves; None if not known.
        criteria: how old sources may be, and which registries are asked; None for the defaults.

    Raises:
        FeedError: the file cannot be written.
        InputError: the dumps cannot be stored, or a time is before 1970 or `taken` after `now`.
    """
    limits = RegistryCriteria() if criteria is None else criteria
    if taken is not None and taken > now:
        found = Words(f"{time_text(taken)}, which is later")
        expected = f"a time before that of the build, {time_text(now)}"
        raise InputError("taken", expected=expected, found=found)
    inputs = inputs_of(
        to_microseconds(now),
        irr=dumps.irr,
        delegated=dumps.delegated,
        vrps=dumps.vrps,
        slurm=dumps.slurm,
        peeringdb=dumps.peeringdb,
        taken=None if taken is None else to_microseconds(taken),
    )
    octets = write_registry(inputs, path)
    registry = Registry.open(path, now)
    return BuildSummary(
        path,
        octets,
        now,
        registry_sources(registry, (limits,)),
        dumps.skips.by_reason,
        tuple(_remarks(dumps, registry.sources, limits, now, has_taken=taken is not None)),
    )


def build_registry(
    path: str | os.PathLike[str],
    *,
    irr: Iterable[str | Path] = (),
    delegated: Iterable[str | Path] = (),
    vrps: Iterable[str | Path] = (),
    slurm: Iterable[str | Path] = (),
    peeringdb: Iterable[str | Path] = (),
    now: datetime | None = None,
    taken: datetime | None = None,
) -> BuildSummary:
    """Build a registry file from files of registries, plain or compressed.

    The file is written beside the old one and replaces it when it is complete. The same files and
    the same time give the same octets.

    Args:
        path: the registry file.
        irr: dumps of IRRs in RPSL.
        delegated: delegated-extended files of the RIRs, or the NRO's joint one.
        vrps: validated ROA payloads: JSON of rpki-client, Routinator or StayRTR, or CSV.
        slurm: local exceptions to them (RFC 8416).
        peeringdb: dumps of PeeringDB, or files of its API.
        now: the time of the build, with its zone; None for the clock's. VRPs that have expired by
            then are left out.
        taken: when the files were fetched that say no time of themselves, as dumps of IRRs do not.

    Returns:
        What the file has, what was skipped, and remarks. Print it with `render_registry`.

    Raises:
        FeedError: a file cannot be read, or the registry file cannot be written.
        InputError: a file is something else, or an argument is invalid.
        MistakesError: a SLURM file is not what RFC 8416 demands.
    """
    must_be("path", path, PATH, A_PATH)
    given = {
        "irr": irr,
        "delegated": delegated,
        "vrps": vrps,
        "slurm": slurm,
        "peeringdb": peeringdb,
    }
    names = {
        kind: [os.fspath(each) for each in as_tuple(kind, files_of, PATH, A_PATH)]
        for kind, files_of in given.items()
    }
    check_target(path)
    time = datetime.now(UTC) if now is None else utc(now, "now")
    fetched = None if taken is None else utc(taken, "taken")
    dumps = RegistryPaths.of(**names).read(time)
    return build_registry_file(dumps, os.fspath(path), now=time, taken=fetched)


def _remarks(
    dumps: RegistryDumps,
    sources: tuple[SourceInfo, ...],
    criteria: RegistryCriteria,
    now: datetime,
    *,
    has_taken: bool,
) -> Iterator[str]:
    """Yield what a user has to know beside the table of sources."""
    for name in dumps.cut:
        yield f"{name}: it is cut: its end is missing, so that what it lacks is not known"
    yield from _about_irrs(dumps.irr, sources, criteria, has_taken=has_taken)
    for vrp_dump in dumps.vrps:
        if vrp_dump.expired:
            expired = counted(vrp_dump.expired, "VRP")
            yield f"{vrp_dump.name}: left out: {expired} that had expired by {time_text(now)}"
        if not len(vrp_dump.columns):
            yield f"{vrp_dump.name}: no VRP is left, so that what ROAs say is unknown"
    yield from _repeated_anchors(dumps.vrps)
    old = [each for each in sources if criteria.is_too_old(each, to_microseconds(now))]
    for kind in dict.fromkeys(each.kind for each in old):
        names = listed([each.name for each in old if each.kind is kind], len(old))
        limit = criteria.max_age(kind)
        yield f"{kind} {names}: too old (limit {limit}): get newer files, then build it again"
    ageless = [f"{each.kind} {each.name}" for each in sources if each.time is None]
    if ageless:
        yield f"{listed(ageless)}: age not known: give --taken TIME, at which you fetched the files"


def _about_irrs(
    dumps: tuple[IrrDump, ...],
    sources: tuple[SourceInfo, ...],
    criteria: RegistryCriteria,
    *,
    has_taken: bool,
) -> Iterator[str]:
    """Yield what dumps of IRRs do not have, or have twice."""
    for dump in dumps:
        if not dump.objects:
            unused = counted(dump.other_objects, "object")
            yield f"{dump.name}: {unused}, none of them a route, route6, aut-num or as-set"
    yield from map(str, repeated(dumps))
    if not dumps:
        return
    found = {each.name: each for each in sources if each.kind == "irr"}
    for name in criteria.named:
        if name in found and found[name].lacks:
            lacks = listed(found[name].lacks)
            yield f"{name}: no {lacks} objects; if it has a file of them, give that too"
    missing = [each for each in criteria.named if each not in found]
    if missing:
        yield (
            f"no data of {listed(missing)}: an origin AS that is in no registry is unknown, not "
            "an error, until they are given"
        )
    if not has_taken:
        yield (
            "dumps of IRRs say no time, and count as old as their newest object: give --taken "
            "TIME, at which you fetched them"
        )


def _repeated_anchors(dumps: tuple[VrpDump, ...]) -> Iterator[str]:
    names: dict[str, list[str]] = {}
    for dump in dumps:
        used = set(dump.columns.source.tolist())
        for number in sorted(used):
            names.setdefault(dump.columns.sources[number], []).append(dump.name)
    for anchor, found in sorted(names.items()):
        if len(found) > 1:
            yield (
                f"VRPs of trust anchor {anchor} are in several files, and those that the newer "
                f"one has no longer still count: {', '.join(found)}; give one of them"
            )
