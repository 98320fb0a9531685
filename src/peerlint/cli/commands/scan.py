"""`peerlint scan`: whole dumps, counted."""

from __future__ import annotations

from contextlib import ExitStack
from typing import Annotated, Final

from cyclopts import Parameter

from peerlint.api.scan_all import ScanResult, render_scan, scan_all
from peerlint.cli.arguments import named_options
from peerlint.cli.exits import Exit
from peerlint.cli.options import Allow, FollowRedirects, Format, Output, ProfileName, Quiet
from peerlint.cli.out import out_file
from peerlint.cli.output import STDOUT, check_writable, remark, remark_on, write
from peerlint.cli.progress import progress, progress_of
from peerlint.errors import InputError, PeerlintError
from peerlint.wording import Words

USAGE: Final = "Usage: peerlint scan [OPTIONS] DUMP..."
EXAMPLE: Final = "peerlint scan rib.20261101.0000.bz2"
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
    registry: Annotated[str | None, Parameter(metavar="FILE")] = None,
    now: Annotated[str | None, Parameter(metavar="TIME")] = None,
    out: Annotated[str | None, Parameter(metavar="FILE")] = None,
    paths: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    jobs: Annotated[int, Parameter(metavar="N")] = 1,
    follow_redirects: FollowRedirects = False,
    format: Format = "text",  # noqa: A002  # the option's name
    output: Output = STDOUT,
    quiet: Quiet = False,
) -> Exit:
    """Count facts and rules over whole dumps, each peer's routes as received from it.

    An option given twice selects either; different options must all hold. With --profile, routes
    that violate it are counted, with the peers and origins that have most of them.

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
        Only routes on which this rule fires.
    registry
        Count what this file of registry data says of the routes: RPKI origin validation, and where
        the origin is registered. With --out, write it too.
    now
        The time for which the registry data answer, such as 2026-11-21T10:00:00Z, instead of the
        present.
    out
        Write the routes to this new file: .parquet, .csv or .jsonl.
    paths
        Write AS paths and communities to it too.
    jobs
        Read this many dumps at once, each in a process of its own.
    """
    if not dumps:
        raise PeerlintError("expected one dump at least, found none")
    if paths and out is None:
        raise InputError("--paths", expected="--out FILE, to write them to", found=Words("none"))
    if jobs > 1 and out is not None:
        raise InputError("--jobs", expected="1 with --out, which writes one file", found=jobs)
    check_writable(output, [*dumps, *([] if registry is None else [registry])])
    with ExitStack() as stack:
        encoder = (
            None
            if out is None
            else stack.enter_context(out_file(out, paths=paths, registry=registry is not None))
        )
        on_chunk, on_dump = None, None
        if jobs > 1 and len(dumps) > 1:
            on_dump = stack.enter_context(progress_of(dumps, quiet=quiet))
        else:
            on_chunk = stack.enter_context(progress(quiet=quiet))
        stack.enter_context(named_options(jobs="--jobs", now="--now", registry="--registry"))
        result = scan_all(
            dumps,
            prefixes=prefix,
            community=community,
            origin_asns=origin_asn,
            peer_asns=peer_asn,
            rules=rule,
            profile=profile,
            allow=allow or (),
            registry=registry,
            now=now,
            encoder=encoder,
            jobs=jobs,
            on_chunk=on_chunk,
            on_dump=on_dump,
            follow_redirects=follow_redirects,
        )
    write(render_scan(result, format), output, dumps, form=format)
    remark_on(result.sources, quiet=quiet)
    for text in result.remarks:
        remark(text, quiet=quiet)
    return _exit(result, quiet=quiet)


def _exit(result: ScanResult, *, quiet: bool) -> Exit:
    """Write which dumps have no route, and return the exit status."""
    for source in result.without_routes:
        remark(f"{source.name}: no route in it", quiet=quiet)
    if all(source.is_sound for source in result.sources) and result.is_empty:
        remark("no route was read, so nothing was counted", quiet=quiet)
    return Exit.CLEAN if result.is_readable else Exit.SOURCES
