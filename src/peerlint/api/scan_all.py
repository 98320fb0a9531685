"""Several whole dumps, counted together: one after another, or each in a process of its own."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from time import time_ns
from typing import TypeVar

import attrs

from peerlint.api.encoders import RouteEncoder
from peerlint.api.profiles import load_profile
from peerlint.api.reading import check_reading
from peerlint.api.registry_states import (
    A_REGISTRY,
    GivenRegistry,
    RegistryFile,
    RegistryFileError,
    opened_once,
)
from peerlint.api.scans import VIOLATIONS, counted_rule, errors_of, scan
from peerlint.arguments import AN_INTEGER, PATH, as_tuple, must_be, must_be_callable, must_be_one_of
from peerlint.bulk import Quality, Tally
from peerlint.errors import FeedError, InputError, PeerlintError
from peerlint.feeds import OnChunk, is_descriptor
from peerlint.feeds.registry_file import open_registry
from peerlint.model import Asn, Community, Criteria, Prefix
from peerlint.model.times import from_microseconds, parse_time, to_microseconds, utc
from peerlint.observations import Coverage, SourceSummary
from peerlint.profiles import Profile
from peerlint.registry import Registry
from peerlint.report import scan as scan_report
from peerlint.results import RegistrySource
from peerlint.rules import RegistryCriteria
from peerlint.rules.registry_sources import registry_remarks, registry_sources
from peerlint.wording import Words

_Value = TypeVar("_Value")
_Result = tuple[Tally, SourceSummary]


@attrs.frozen
class ScanResult:
    """What was counted over several dumps.

    Attributes:
        tally: the counts.
        sources: what became of each dump.
        criteria: what routes were measured against.
        profile: that says which rules are errors; None if none was given.
        rules: the rules that were asked for; None for all of them.
        attributed_to: the rules that make a route a violating one.
        registry_sources: the sources of the registry data, with their ages; empty without any.
    """

    tally: Tally
    sources: tuple[SourceSummary, ...]
    criteria: Criteria
    profile: Profile | None
    rules: tuple[str, ...] | None
    attributed_to: frozenset[str]
    registry_sources: tuple[RegistrySource, ...] = ()

    @property
    def remarks(self) -> tuple[str, ...]:
        """Remarks about sources of the registry data that are too old, cut, or of unknown age."""
        return tuple(registry_remarks(self.registry_sources))

    @property
    def without_routes(self) -> tuple[SourceSummary, ...]:
        """The dumps that could be read and have no route, which is no success."""
        return tuple(
            each
            for each in self.sources
            if each.is_sound and not each.quality.entries and not each.quality.unsupported
        )

    @property
    def is_readable(self) -> bool:
        """Whether every dump could be read, and at least one of them has a route."""
        return all(each.is_sound for each in self.sources) and not self.is_empty

    @property
    def is_empty(self) -> bool:
        """Whether no dump has a route."""
        return len(self.without_routes) == len(self.sources)


def scan_all(
    paths: Iterable[str | Path],
    *,
    prefixes: Iterable[str | Prefix] | None = None,
    community: str | Community | None = None,
    origin_asns: Iterable[int | str] | None = None,
    peer_asns: Iterable[int | str] | None = None,
    rules: Iterable[str] | None = None,
    profile: str | None = None,
    allow: Iterable[str] = (),
    registry: GivenRegistry | None = None,
    now: datetime | str | None = None,
    encoder: RouteEncoder | None = None,
    jobs: int = 1,
    on_chunk: OnChunk | None = None,
    on_dump: Callable[[], object] | None = None,
    follow_redirects: bool = False,
) -> ScanResult:
    """Count facts and rules over whole dumps, each peer's routes as received from it.

    A dump that cannot be read is a source with an error, and does not stop the others.

    Args:
        paths: the dumps; `-` for standard input, http:// and https:// for URLs.
        prefixes: see `scan`.
        community: the community that every route should carry; None for the profile's, else
            8075:8007.
        origin_asns: see `scan`.
        peer_asns: see `scan`.
        rules: see `scan`.
        profile: whose errors make a route a violating one (see `load_profile`); None for `rules`,
            or for those rules that are errors by default.
        allow: see `scan`.
        registry: see `scan`; which registries count is said by the profile.
        now: the time for which the registry answers, with its zone, as a datetime or as text; None
            for the clock's, or that of the `Registry`.
        encoder: writes the routes, see `route_encoder`; None if they are only counted.
        jobs: how many dumps to read at once, each in a process of its own; 1 with an encoder.
        on_chunk: called for every chunk read in this process.
        on_dump: called after every dump.
        follow_redirects: see `scan`.

    Raises:
        InputError: an argument is invalid.
        FeedError: the profile file or the registry file cannot be read, or another registry file
            gets its name while other processes open it.
        ProfileError: it has mistakes.
        PeerlintError: no dump is given, or a process was killed or could not start.
    """
    checked = None if profile is None else load_profile(profile)
    registries = RegistryCriteria() if checked is None else checked.registries
    job = _Job(
        _criteria(community, checked, allow),
        _each(_prefix, "prefixes", prefixes, (str, Prefix)),
        _each(_asn, "origin_asns", origin_asns, (str, int)),
        _each(_asn, "peer_asns", peer_asns, (str, int)),
        _each(counted_rule, "rules", rules, str),
        None if checked is None else errors_of(checked),
        registries=registries,
        follow_redirects=follow_redirects,
    )
    dumps = tuple(map(str, as_tuple("paths", paths, PATH, "paths")))
    if not dumps:
        raise PeerlintError("expected one dump at least, found none")
    must_be("jobs", jobs, int, AN_INTEGER)
    if jobs < 1:
        raise InputError("jobs", expected="1 or more", found=jobs)
    if jobs > 1 and encoder is not None:
        found = Words(str(jobs))
        raise InputError("jobs", expected="1 with an encoder, which writes one file", found=found)
    must_be("encoder", encoder, RouteEncoder, "a RouteEncoder", or_none=True)
    check_reading("keep", on_chunk)
    must_be_callable("on_dump", on_dump)
    given = _registry(registry, now, jobs)
    job = attrs.evolve(job, registry=given)
    total: Tally | None = None
    sources: list[SourceSummary] = []
    for tally, source in _results(job, dumps, jobs, encoder, on_chunk):
        # Not from an empty tally on: adding compares a million prefixes.
        total = tally if total is None else total + tally
        sources.append(source)
        if on_dump is not None:
            on_dump()
    return ScanResult(
        total or Tally(),
        tuple(sources),
        job.criteria,
        checked,
        job.rules,
        job.attributed_to,
        _sources(given, registries),
    )


def render_scan(result: ScanResult, form: str = "text") -> str:
    """Return counts as text or JSON.

    Args:
        result: as `scan_all` returns it.
        form: "text" or "json".

    Raises:
        InputError: there is no such format.
    """
    must_be("result", result, ScanResult, "a ScanResult")
    must_be_one_of("form", form, ("text", "json"))
    if form == "json":
        from peerlint.report.scan_json import render_scan_json  # noqa: PLC0415  # loads more modules

        return render_scan_json(
            result.tally, result.sources, result.attributed_to, result.registry_sources
        )
    return scan_report.render_scan(
        result.tally,
        result.sources,
        _attributed_to(result),
        result.criteria,
        result.profile,
        registry=result.registry_sources,
    )


def _attributed_to(result: ScanResult) -> str | None:
    """Return which rules make a route a violating one; None if none were chosen."""
    if result.profile is not None:
        return f"a rule that is an error in the profile {result.profile.name}"
    return None if result.rules is None else " or ".join(dict.fromkeys(result.rules))


@attrs.frozen
class _Job:
    """What is done with every dump; another process can be given it."""

    criteria: Criteria
    prefixes: tuple[Prefix, ...] | None
    origin_asns: tuple[int, ...] | None
    peer_asns: tuple[int, ...] | None
    rules: tuple[str, ...] | None
    attribute_to_rule: tuple[str, ...] | None
    registry: Registry | RegistryFile | None = None
    registries: RegistryCriteria = RegistryCriteria()
    follow_redirects: bool = False

    @property
    def attributed_to(self) -> frozenset[str]:
        """The rules that make a route a violating one, see `scan`."""
        if self.attribute_to_rule is not None:
            return frozenset(self.attribute_to_rule)
        return VIOLATIONS if self.rules is None else frozenset(self.rules)

    def run(
        self,
        dump: str,
        *,
        threads: int | None = None,
        on_chunk: OnChunk | None = None,
        encoder: RouteEncoder | None = None,
    ) -> _Result:
        """Scan one dump; one that cannot be read is a result too.

        Raises:
            FeedError: the registry file cannot be read, or was overwritten.
        """
        file = self.registry
        registry = opened_once(file) if isinstance(file, RegistryFile) else file
        try:
            read = scan(
                dump,
                community=self.criteria.community,
                max_path=self.criteria.max_path,
                prefixes=self.prefixes,
                origin_asns=self.origin_asns,
                peer_asns=self.peer_asns,
                rules=self.rules,
                attribute_to_rule=self.attribute_to_rule,
                allow=self.criteria.allow,
                registry=registry,
                registries=self.registries,
                rows=encoder is not None,
                threads=threads,
                on_chunk=on_chunk,
                follow_redirects=self.follow_redirects,
            )
            for batch in read:
                if encoder is not None:
                    encoder.write(batch)
        except RegistryFileError:
            raise
        except FeedError as failure:
            return Tally(), SourceSummary(dump, (), Coverage.NONE, Quality(), error=failure.reason)
        span, snapshots = read.times.span, len(read.times.snapshots)
        first, last = (None, None) if span is None else map(from_microseconds, span)
        return read.tally, SourceSummary(
            dump,
            (),
            Coverage.NONE,
            read.quality,
            first=first,
            last=last,
            snapshots=snapshots,
        )


def _criteria(
    community: str | Community | None, profile: Profile | None, allow: Iterable[str]
) -> Criteria:
    """Return what is looked for: what the arguments say, else the profile, else the default."""
    must_be("community", community, (str, Community), "a Community, or its text", or_none=True)
    criteria = Criteria(allow=frozenset(as_tuple("allow", allow, str, "strings")))
    if profile is not None:
        criteria = attrs.evolve(criteria, community=profile.community, max_path=profile.max_path)
    if community is None:
        return criteria
    wanted = Community.parse(community) if isinstance(community, str) else community
    return attrs.evolve(criteria, community=wanted)


def _sources(
    registry: Registry | RegistryFile | None, criteria: RegistryCriteria
) -> tuple[RegistrySource, ...]:
    """Return the sources of the registry data with their ages; none without any."""
    content = registry.open() if isinstance(registry, RegistryFile) else registry
    return registry_sources(content, (criteria,))


def _registry(
    registry: GivenRegistry | None, now: datetime | str | None, jobs: int
) -> Registry | RegistryFile | None:
    """Return the registry data, or their file if processes are to open it themselves."""
    must_be("registry", registry, (str, os.PathLike, Registry), A_REGISTRY, or_none=True)
    must_be("now", now, (datetime, str), "a time with its zone", or_none=True)
    if now is not None and registry is None:
        raise InputError("now", expected="registry data with it", found=now)
    time = None
    if now is not None:
        at = parse_time(now, "now") if isinstance(now, str) else utc(now, "now")
        time = to_microseconds(at)
    if isinstance(registry, Registry):
        if jobs > 1:
            expected = "1 with a Registry, which other processes cannot use; give the file's path"
            raise InputError("jobs", expected=expected, found=jobs)
        return registry if time is None else registry.at(time)
    if registry is None:
        return None
    path, time = os.fspath(registry), time_ns() // 1_000 if time is None else time
    return RegistryFile.of(path, time) if jobs > 1 else open_registry(path, time)


def _prefix(value: str | Prefix) -> Prefix:
    return Prefix.parse(value) if isinstance(value, str) else value


def _asn(value: int | str) -> int:
    return Asn.parse(value) if isinstance(value, str) else value


def _each(
    parse: Callable[..., _Value],
    name: str,
    values: Iterable[object] | None,
    kinds: type | tuple[type, ...],
) -> tuple[_Value, ...] | None:
    if values is None:
        return None
    return tuple(map(parse, as_tuple(name, values, kinds, "texts or values")))


def _results(
    job: _Job,
    dumps: tuple[str, ...],
    jobs: int,
    encoder: RouteEncoder | None,
    on_chunk: OnChunk | None,
) -> Iterator[_Result]:
    """Yield what each dump gives, in their order."""
    files = [dump for dump in dumps if not is_descriptor(dump)]
    if jobs == 1 or len(files) < 2:
        for dump in dumps:
            yield job.run(dump, on_chunk=on_chunk, encoder=encoder)
        return
    from peerlint.api.processes import in_processes  # noqa: PLC0415  # takes longer than a small dump

    # One thread each: with as many dumps as cores, a second thread has none to run on.
    run = partial(job.run, threads=1)
    others = in_processes(run, files, jobs)
    for dump in dumps:
        # Another process has no standard input.
        yield run(dump) if is_descriptor(dump) else next(others)
