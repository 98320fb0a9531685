"""`peerlint scan`: whole dumps, counted."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import partial
from typing import Annotated, TypeVar

import attrs
from cyclopts import Parameter

from peerlint.api import scans
from peerlint.api.files import OnPage
from peerlint.bulk import Quality, Tally
from peerlint.cli.exits import Exit
from peerlint.cli.options import Allow, Format
from peerlint.cli.out import Writer, out_file
from peerlint.cli.progress import progress, progress_of
from peerlint.errors import FeedError, InputError
from peerlint.model import Asn, Community, Prefix
from peerlint.observe import Coverage, SourceSummary
from peerlint.report.scan import render_scan
from peerlint.report.words import source_remarks

_Value = TypeVar("_Value")
_Many = Annotated[list[str] | None, Parameter(negative="")]


def scan(
    *dumps: str,
    prefix: _Many = None,
    community: str = "8075:8007",
    origin_asn: _Many = None,
    peer_asn: _Many = None,
    rule: _Many = None,
    allow: Allow = None,
    out: str | None = None,
    paths: Annotated[bool, Parameter(negative="")] = False,
    jobs: int = 1,
    format: Format = "text",  # noqa: A002  # the option's name
) -> Exit:
    """Count facts and rules over whole dumps, each peer's routes as received from it.

    An option given twice asks for either; different options must all hold. A route is faulty if
    a rule of severity error fires, other than route.community-missing; with --rule, if one of
    these does.

    Parameters
    ----------
    dumps
        MRT files, plain or compressed; http:// and https:// URLs; - for standard input.
    prefix
        Only routes that overlap this prefix, in either direction.
    community
        The community that every route should carry.
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
    if not dumps:
        sys.stderr.write("peerlint: expected one dump at least, found none\n")
        return Exit.USAGE
    job = _Job(
        Community.parse(community),
        _each(Prefix.parse, prefix),
        _each(Asn.parse, origin_asn),
        _each(Asn.parse, peer_asn),
        _each(scans.counted_rule, rule),
        tuple(allow or ()),
    )
    if jobs < 1:
        raise InputError("--jobs", expected="1 or more", found=jobs)
    if paths and out is None:
        raise InputError("--paths", expected="--out FILE, to write them to", found="none")
    if jobs > 1 and out is not None:
        raise InputError("--jobs", expected="1 with --out, which writes one file", found=jobs)
    total: Tally | None = None
    sources: list[SourceSummary] = []
    for tally, source in _results(job, dumps, jobs, out, paths=paths):
        # Not from an empty tally on: adding compares a million prefixes.
        total = tally if total is None else total + tally
        sources.append(source)
    total = total or Tally()
    if format == "json":
        from peerlint.report.scan_json import render_scan_json  # noqa: PLC0415  # opens more rooms

        sys.stdout.write(render_scan_json(total, sources))
    else:
        sys.stdout.write(render_scan(total, sources, _blamed(rule)))
    for source in sources:
        for remark in source_remarks(source):
            sys.stderr.write(f"peerlint: {source.name}: {remark}\n")
    return Exit.CLEAN if all(source.is_sound for source in sources) else Exit.SOURCES


Result = tuple[Tally, SourceSummary]


@attrs.frozen
class _Job:
    """What is asked of every dump; a value that another process can be told."""

    community: Community
    prefixes: tuple[Prefix, ...] | None
    origin_asns: tuple[int, ...] | None
    peer_asns: tuple[int, ...] | None
    rules: tuple[str, ...] | None
    allow: tuple[str, ...]

    def run(
        self,
        dump: str,
        *,
        threads: int | None = None,
        on_page: OnPage | None = None,
        writer: Writer | None = None,
    ) -> Result:
        """Scan one dump; one that cannot be read is a result too."""
        tally = Tally()
        try:
            read = scans.scan(
                dump,
                community=self.community,
                prefixes=self.prefixes,
                origin_asns=self.origin_asns,
                peer_asns=self.peer_asns,
                rules=self.rules,
                allow=self.allow,
                rows=writer is not None,
                threads=threads,
                on_page=on_page,
            )
            for batch in read:
                if writer is not None:
                    writer.write(batch)
            tally, quality, error = read.tally, read.quality, None
        except FeedError as failure:
            quality, error = Quality(), failure.reason
        return tally, SourceSummary(dump, (), Coverage.NONE, quality, error=error)


def _blamed(rules: list[str] | None) -> str:
    """Name what makes a route faulty, see `scans.scan`."""
    if rules is None:
        return "a rule of severity error, other than route.community-missing,"
    return " or ".join(dict.fromkeys(rules))


def _each(parse: Callable[[str], _Value], texts: list[str] | None) -> tuple[_Value, ...] | None:
    return None if texts is None else tuple(map(parse, texts))


def _results(
    job: _Job, dumps: tuple[str, ...], jobs: int, out: str | None, *, paths: bool
) -> Iterator[Result]:
    """Yield what each dump gives, in their order."""
    if jobs > 1 and len(dumps) > 1:
        from peerlint.cli.jobs import in_processes  # noqa: PLC0415  # takes longer than a small dump

        # One thread each: with as many dumps as cores, a second thread has none to run on.
        with progress_of(dumps) as on_dump:
            for result in in_processes(partial(job.run, threads=1), dumps, jobs):
                on_dump()
                yield result
        return
    with ExitStack() as stack:
        writer = None if out is None else stack.enter_context(out_file(out, paths=paths))
        on_page = stack.enter_context(progress())
        for dump in dumps:
            yield job.run(dump, on_page=on_page, writer=writer)
