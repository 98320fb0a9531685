"""`peerlint check`: check an inventory against dumps and live feeds."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Annotated, Final, Literal, TypedDict

from cyclopts import Parameter

from peerlint.api import checks
from peerlint.api.feeds import DEFAULT_WAIT, FeedInput
from peerlint.api.inventories import (
    load_inventory,
    load_inventory_lines,
    unfilled_places,
)
from peerlint.api.registry import Registry
from peerlint.api.registry_servers import RegistryServerError
from peerlint.api.rendering import WIDTH, render_report, render_what_if
from peerlint.cli.arguments import named_options
from peerlint.cli.exits import Exit
from peerlint.cli.feeds import LiveOptions
from peerlint.cli.options import (
    Allow,
    Color,
    FollowRedirects,
    Limit,
    Now,
    Output,
    ProfileName,
    Quiet,
    RegistryOption,
    RtrOption,
    Strict,
    Taken,
    WhoisOption,
    several,
)
from peerlint.cli.output import (
    STDOUT,
    check_writable,
    is_stdout,
    remark,
    remark_on,
    wants_color,
    write,
)
from peerlint.cli.progress import progress
from peerlint.errors import InputError
from peerlint.results import FailOn, Report

EXAMPLE: Final = "peerlint check peering.toml --rib edge1.ams=edge1.mrt.gz"


#: The options whose names differ from those of the arguments of `checks.check`.
_NAMES: Final = {"now": "--now", "max_age": "--max-age", "taken": "--taken", "wait": "--for"}
#: The same of servers of registry data.
_SERVERS: Final = {"rtr": "--rtr", "whois": "--whois", "whois server": "--whois"}


class _Options(TypedDict):
    """Arguments that `checks.check` and `checks.check_without` share."""

    received: Sequence[str]
    feeds: Sequence[FeedInput]
    wait: str | None
    profile: str | None
    strict: bool
    allow: Sequence[str]
    now: str | None
    max_age: str | None
    taken: str | None
    follow_redirects: bool
    registry: Registry | None
    rtr: str | None
    whois: Sequence[str]


CheckFormat = Annotated[
    Literal["text", "json", "junit", "sarif", "csv", "html", "prometheus"],
    Parameter(help="How to print the result."),
]


def check(
    inventory: str,
    /,
    *,
    rib: Annotated[list[str] | None, several(r"\[NAME=]FILE\[@VIEW]")] = None,
    received: Annotated[list[str] | None, several("FILE")] = None,
    without: Annotated[list[str] | None, Parameter(negative="", metavar="KIND=NAME")] = None,
    bmp: Annotated[str | None, Parameter(metavar="HOST:PORT")] = None,
    bmp_from: Annotated[list[str] | None, several(r"\[ROUTER=]NETWORK")] = None,
    ris_live: Annotated[bool, Parameter(negative="", show_default=False)] = False,
    bgpstream: Annotated[list[str] | None, several("KEY=VALUE")] = None,
    exabgp: Annotated[str | None, Parameter(metavar=r"\[NAME=]FILE\[@VIEW]")] = None,
    follow: Annotated[list[str] | None, several(r"\[NAME=]FOLDER\[@VIEW]")] = None,
    wait: Annotated[str | None, Parameter(name="--for", metavar="TIME")] = None,
    profile: ProfileName = None,
    strict: Strict = False,
    fail_on: FailOn = FailOn.OPEN,
    allow: Allow = None,
    plan: Annotated[str | None, Parameter(metavar="FILE")] = None,
    registry: RegistryOption = None,
    rtr: RtrOption = None,
    whois: WhoisOption = None,
    max_age: Limit = None,
    now: Now = None,
    taken: Taken = None,
    follow_redirects: FollowRedirects = False,
    format: CheckFormat = "text",  # noqa: A002  # the option's name
    output: Output = STDOUT,
    color: Color = "auto",
    verbose: Annotated[
        bool, Parameter(name=("--verbose", "-v"), negative="", show_default=False)
    ] = False,
    quiet: Annotated[Quiet, Parameter(help="Only the totals; no remarks and no progress.")] = False,
) -> Exit:
    """Check an inventory against dumps or live feeds: would every prefix pass, on every session?

    Parameters
    ----------
    inventory
        The inventory file (TOML).
    rib
        Dumps: each a file, preceded by the SESSION or ROUTER that it belongs to and followed by
        the VIEW that it shows. Without this option, the dumps that the inventory names are read.
    received
        Routes that Microsoft says it received, as `az peering received-route list` prints them.
        They show no communities.
    bmp
        Listen on this address for routers that speak BMP, until all of their routes are known or
        the time is over: what they say now instead of a dump.
    bmp_from
        The addresses of the routers that may connect, each preceded by its ROUTER in the
        inventory, which says whose sessions its Loc-RIB is of. Needed unless --bmp is a loopback
        address.
    ris_live
        Listen to RIS Live for changes of the inventory's prefixes. What collectors see elsewhere
        is information only.
    bgpstream
        Read a stream of pybgpstream, with arguments of its BGPStream, such as
        collectors=rrc00,rrc01 from_time=... until_time=... filter="prefix any 203.0.113.0/24".
    exabgp
        Read what an ExaBGP writes as JSON from a pipe or file, or with - from standard input.
    follow
        Read the MRT files of a folder from the newest table on, and those that are dropped into it
        meanwhile.
    wait
        How long to listen, such as 60s or 5m. By default 60s.
    without
        What fails, as router=NAME, connection=NAME, facility=NUMBER or location=NAME: prints
        which prefixes lose redundancy or would no longer be validated. Exit status 1 if one would
        not. As text or JSON.
    plan
        The inventory as it is planned: prints which changes Azure does not allow.
    fail_on
        What makes the exit status 1. error: an error. open: also a prefix that is Unknown or
        Pending. unverified: also a prefix with an undecided check, and no prefix at all. warning:
        an error or a warning. unknown: also an unknown outcome. A waived finding never counts,
        but a waiver changes no state.
    verbose
        Show every place where something was observed, not only the first.
    """
    live = LiveOptions(bmp, bmp_from, ris_live, bgpstream, exabgp, follow)
    named = (each for each in (plan, registry) if each is not None)
    inputs = (inventory, *(rib or ()), *(received or ()), *named, *live.files)
    check_writable(output, inputs)
    if without and format not in ("text", "json"):
        raise InputError("--format", expected="text or json with --without", found=format)
    # A pipe can be read once.
    lines = load_inventory_lines(inventory) if format == "sarif" else None
    declared = load_inventory(inventory) if lines is None else lines.inventory
    feeds = live.feeds(declared)
    if feeds:
        names = ", ".join(each.name for each in feeds)
        remark(f"{names}: listening for up to {wait or DEFAULT_WAIT}", quiet=quiet)
    elif wait is not None:
        raise InputError("--for", expected="a live feed with it, such as --bmp", found=wait)
    options = _Options(
        received=received or (),
        feeds=feeds,
        wait=wait,
        profile=profile,
        strict=strict,
        allow=allow or (),
        now=now,
        max_age=max_age,
        taken=taken,
        follow_redirects=follow_redirects,
        registry=None if registry is None else Registry.open(registry),
        rtr=rtr,
        whois=whois or (),
    )
    try:
        with progress(quiet=quiet) as on_chunk, named_options(**_NAMES, **_SERVERS):
            if without:
                report, what_if = checks.check_without(
                    declared, without, rib, on_chunk=on_chunk, **options
                )
            else:
                what_if = None
                report = checks.check(
                    declared,
                    rib,
                    plan=None if plan is None else load_inventory(plan),
                    on_chunk=on_chunk,
                    **options,
                )
    except RegistryServerError as error:
        remark(str(error))
        return Exit.SOURCES
    if what_if is not None:
        text = render_what_if(what_if, format, totals_only=quiet)
        write(text, output, inputs, form=format)
        _remark(report, quiet=quiet)
        return _exit(report, is_clean=what_if.ok)
    for place in unfilled_places(declared):
        remark(f"still to fill in: {place}", quiet=quiet)
    if not report.sources:
        remark("no dump was read: give --rib, or name some in the inventory", quiet=quiet)
    text = render_report(
        report,
        format,
        fail_on=fail_on,
        lines=lines,
        verbose=verbose,
        totals_only=quiet,
        width=_width(output),
        color=wants_color(color, output),
    )
    write(text, output, inputs, form=format)
    _remark(report, is_page=format == "text", quiet=quiet)
    return _exit(report, is_clean=not report.failures(fail_on))


def _remark(report: Report, *, is_page: bool = False, quiet: bool) -> None:
    """Write remarks about the report and its sources, unless they are on the page."""
    if is_page:
        return
    for text in report.remarks:
        remark(text, quiet=quiet)
    remark_on(report.sources, quiet=quiet)


def _exit(report: Report, *, is_clean: bool) -> Exit:
    if not report.is_readable:
        return Exit.SOURCES
    return Exit.CLEAN if is_clean else Exit.FINDINGS


def _width(output: str) -> int:
    if not is_stdout(output) or not sys.stdout.isatty():
        return WIDTH
    from shutil import get_terminal_size  # noqa: PLC0415  # not for pipes

    return max(80, get_terminal_size().columns)
