"""`peerlint scan`: whole dumps, counted."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Annotated, Final, TypeVar

import attrs
from cyclopts import Parameter

from peerlint.api import scans
from peerlint.api.encoders import RouteEncoder
from peerlint.api.profiles import load_profile
from peerlint.bulk import Quality, Tally
from peerlint.cli.exits import Exit
from peerlint.cli.options import Allow, FollowRedirects, Format, Output, ProfileName, Quiet
from peerlint.cli.out import out_file
from peerlint.cli.output import STDOUT, be_sure_of, remark, remark_on, write
from peerlint.cli.progress import progress, progress_of
from peerlint.errors import FeedError, InputError, PeerlintError
from peerlint.feeds import OnChunk, is_descriptor
from peerlint.model import Asn, Community, Criteria, Prefix
from peerlint.model.times import from_microseconds
from peerlint.observations import Coverage, SourceSummary
from peerlint.profiles import Profile
from peerlint.report.scan import render_scan
from peerlint.wording import Words

USAGE: Final = "Usage: peerlint scan [OPTIONS] DUMP..."
EXAMPLE: Final = "peerlint scan rib.20261101.0000.bz2"
_Value = TypeVar("_Value")
_Asns = Annotated[list[str] | None, Parameter(negative="", metavar="ASN")]


def scan(
    *dumps: str,
    prefix: Annotated[list[str] | None, Parameter(negative="", metavar="PREFIX")] = None,
    community: Annotated[str | None, Parameter(metavar="COMMUNITY")] = None,
    origin_asn: _Asns = None,
    peer_asn: _Asns = None,
    rule: Annotated[list[str] | None, Parameter(negative="", metavar="RULE_ID")] = None,
    profile: ProfileName = None,
    allow: Allow = None,
    out: Annotated[str | None, Parameter(metavar="FILE")] = None,
    paths: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    jobs: Annotated[int, Parameter(metavar="N")] = 1,
    follow_redirects: FollowRedirects = False,
    format: Format = "text",  # noqa: A002  # the option's name
    output: Output = STDOUT,
    quiet: Quiet = False,
) -> Exit:
    """Count facts and rules over whole dumps, each peer's routes as received from it.

    An option given twice asks for either; different options must all hold. With --profile, the
    routes are counted that are faulty under it, and the peers and origins that have most of them.

    Parameters
    ----------
    dumps
        MRT files, plain or compressed; http:// and https:// URLs; - for standard input.
    prefix
        Only routes that overlap this prefix, in either direction.
    community
        The community that every route should carry; by default the profile's, 8075:8007.
    origin_asn
        Only routes whose path ends with this AS.
    peer_asn
        Only routes from this AS.
    rule
        Only routes of which this rule fires.
    out
        Write the routes to this new file: .parquet, .csv or .jsonl.
    paths
        Write AS paths and communities to it too.
    jobs
        Read so many dumps at once, each in a process of its own.
    """
    judged = None if profile is None else load_profile(profile)
    job = _Job(
        _criteria(community, judged, allow),
        _each(Prefix.parse, prefix),
        _each(Asn.parse, origin_asn),
        _each(Asn.parse, peer_asn),
        _each(scans.counted_rule, rule),
        None if judged is None else scans.errors_of(judged),
        follow_redirects=follow_redirects,
    )
    if not dumps:
        raise PeerlintError("expected one dump at least, found none")
    if jobs < 1:
        raise InputError("--jobs", expected="1 or more", found=jobs)
    if paths and out is None:
        raise InputError("--paths", expected="--out FILE, to write them to", found=Words("none"))
    if jobs > 1 and out is not None:
        raise InputError("--jobs", expected="1 with --out, which writes one file", found=jobs)
    be_sure_of(output, dumps)
    total: Tally | None = None
    sources: list[SourceSummary] = []
    for tally, source in _results(job, dumps, jobs, out, paths=paths, quiet=quiet):
        # Not from an empty tally on: adding compares a million prefixes.
        total = tally if total is None else total + tally
        sources.append(source)
    total = total or Tally()
    if format == "json":
        from peerlint.report.scan_json import render_scan_json  # noqa: PLC0415  # loads more modules

        text = render_scan_json(total, sources, job.attributed_to)
    else:
        text = render_scan(total, sources, _attributed_to(rule, judged), job.criteria, judged)
    write(text, output, dumps, form=format)
    remark_on(sources, quiet=quiet)
    return _exit(sources, quiet=quiet)


def _exit(sources: list[SourceSummary], *, quiet: bool) -> Exit:
    """Say which dumps have no route, and return what follows for the exit status."""
    for source in sources:
        for text in _nothing(source):
            remark(f"{source.name}: {text}", quiet=quiet)
    if not all(source.is_sound for source in sources):
        return Exit.SOURCES
    if all(any(_nothing(source)) for source in sources):
        remark("no route was read, so nothing was counted", quiet=quiet)
        return Exit.SOURCES
    return Exit.CLEAN


def _nothing(source: SourceSummary) -> Iterator[str]:
    """Say that a dump could be read and has no route, which is no success."""
    quality = source.quality
    if source.is_sound and not quality.entries and not quality.unsupported:
        yield "no route in it"


Result = tuple[Tally, SourceSummary]


@attrs.frozen
class _Job:
    """What is asked of every dump; a value that another process can be told."""

    criteria: Criteria
    prefixes: tuple[Prefix, ...] | None
    origin_asns: tuple[int, ...] | None
    peer_asns: tuple[int, ...] | None
    rules: tuple[str, ...] | None
    attribute_to_rule: tuple[str, ...] | None
    follow_redirects: bool = False

    @property
    def attributed_to(self) -> Collection[str]:
        """The rules that make a route faulty, see `scans.scan`."""
        if self.attribute_to_rule is not None:
            return self.attribute_to_rule
        return scans.BLAMED if self.rules is None else self.rules

    def run(
        self,
        dump: str,
        *,
        threads: int | None = None,
        on_chunk: OnChunk | None = None,
        writer: RouteEncoder | None = None,
    ) -> Result:
        """Scan one dump; one that cannot be read is a result too."""
        try:
            read = scans.scan(
                dump,
                community=self.criteria.community,
                max_path=self.criteria.max_path,
                prefixes=self.prefixes,
                origin_asns=self.origin_asns,
                peer_asns=self.peer_asns,
                rules=self.rules,
                attribute_to_rule=self.attribute_to_rule,
                allow=self.criteria.allow,
                rows=writer is not None,
                threads=threads,
                on_chunk=on_chunk,
                follow_redirects=self.follow_redirects,
            )
            for batch in read:
                if writer is not None:
                    writer.write(batch)
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


def _criteria(community: str | None, profile: Profile | None, allow: Allow) -> Criteria:
    """Return what is looked for: what the options say, else the profile, else the usual."""
    usual = Criteria(allow=frozenset(allow or ()))
    if profile is not None:
        usual = attrs.evolve(usual, community=profile.community, max_path=profile.max_path)
    if community is None:
        return usual
    return attrs.evolve(usual, community=Community.parse(community))


def _attributed_to(rules: list[str] | None, profile: Profile | None) -> str | None:
    """Name what makes a route faulty, see `scans.scan`; None if no rule was chosen."""
    if profile is not None:
        return f"a rule that is an error in the profile {profile.name}"
    return None if rules is None else " or ".join(dict.fromkeys(rules))


def _each(parse: Callable[[str], _Value], texts: list[str] | None) -> tuple[_Value, ...] | None:
    return None if texts is None else tuple(map(parse, texts))


def _results(
    job: _Job, dumps: tuple[str, ...], jobs: int, out: str | None, *, paths: bool, quiet: bool
) -> Iterator[Result]:
    """Yield what each dump gives, in their order."""
    if jobs > 1 and sum(not is_descriptor(dump) for dump in dumps) > 1:
        from peerlint.cli.jobs import in_processes  # noqa: PLC0415  # takes longer than a small dump

        # One thread each: with as many dumps as cores, a second thread has none to run on.
        run = partial(job.run, threads=1)
        with progress_of(dumps, quiet=quiet) as on_dump:
            others = in_processes(run, [dump for dump in dumps if not is_descriptor(dump)], jobs)
            for dump in dumps:
                # Another process has no standard input.
                yield run(dump) if is_descriptor(dump) else next(others)
                on_dump()
        return
    with ExitStack() as stack:
        writer = None if out is None else stack.enter_context(out_file(out, paths=paths))
        on_chunk = stack.enter_context(progress(quiet=quiet))
        for dump in dumps:
            yield job.run(dump, on_chunk=on_chunk, writer=writer)
