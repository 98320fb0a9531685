"""`peerlint check`: an inventory against dumps."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

from cyclopts import Parameter

from peerlint.api import checks, inventories
from peerlint.cli.exits import Exit
from peerlint.cli.options import Allow, Limit, Now, ProfileName, Strict, Taken
from peerlint.cli.progress import progress
from peerlint.errors import InputError
from peerlint.model import MaxAge, parse_time
from peerlint.report.csv import render_csv
from peerlint.report.html import render_html
from peerlint.report.json import render_json
from peerlint.report.junit import render_junit
from peerlint.report.sarif import render_sarif
from peerlint.report.text import WIDTH, render_text
from peerlint.report.whatif import WhatIf, render_what_if_json, render_what_if_text
from peerlint.report.words import source_remarks
from peerlint.verdicts import FailOn, Report

CheckFormat = Annotated[
    Literal["text", "json", "junit", "sarif", "csv", "html"],
    Parameter(help="How to print the result."),
]


def check(
    inventory: str,
    /,
    *,
    rib: Annotated[list[str] | None, Parameter(negative="")] = None,
    received: Annotated[list[str] | None, Parameter(negative="")] = None,
    without: Annotated[list[str] | None, Parameter(negative="")] = None,
    profile: ProfileName = None,
    strict: Strict = False,
    fail_on: FailOn = FailOn.OPEN,
    allow: Allow = None,
    plan: str | None = None,
    max_age: Limit = None,
    now: Now = None,
    taken: Taken = None,
    format: CheckFormat = "text",  # noqa: A002  # the option's name
) -> Exit:
    """Check an inventory against dumps: would every registered prefix pass, on every session?

    Parameters
    ----------
    inventory
        The inventory file (TOML).
    rib
        A dump as [SESSION|ROUTER=]FILE[@VIEW]; give it once for each dump. Without it, the dumps
        that the inventory names are read.
    received
        Routes that Microsoft says it received, as `az peering received-route list` prints them;
        give it once for each file. They show no communities.
    without
        What fails, as router=NAME, connection=NAME, facility=NUMBER or location=NAME: says which
        prefixes lose redundancy or would not be validated any more. Exit status 1 if one would
        not. As text or JSON.
    plan
        The inventory as it is meant to become: says what of it cannot be changed in Azure.
    fail_on
        What makes the exit status 1. error: an error. open: also a prefix that is Unknown or
        Pending. unverified: also a prefix with an undecided check, and no prefix at all. warning:
        an error or a warning. unknown: also an unknown outcome. A waived finding never counts,
        but a waiver decides no state.
    """
    limit = None if max_age is None else MaxAge.parse(max_age, "--max-age")
    time = None if now is None else parse_time(now, "--now")
    taken_time = None if taken is None else parse_time(taken, "--taken")
    if without:
        if format not in ("text", "json"):
            raise InputError("--format", expected="text or json with --without", found=format)
        with progress() as on_page:
            found = checks.check_without(
                inventories.load_inventory(inventory),
                without,
                rib,
                received=received or (),
                profile=profile,
                strict=strict,
                allow=allow or (),
                now=time,
                max_age=limit,
                taken=taken_time,
                on_page=on_page,
            )
        return _print_what_if(*found, form=format)
    with progress() as on_page:
        report = checks.check(
            inventories.load_inventory(inventory),
            rib,
            received=received or (),
            profile=profile,
            strict=strict,
            allow=allow or (),
            now=time,
            max_age=limit,
            taken=taken_time,
            plan=None if plan is None else inventories.load_inventory(plan),
            on_page=on_page,
        )
    if not report.sources:
        sys.stderr.write("peerlint: no dump was read: give --rib, or name some in the inventory\n")
    sys.stdout.write(_rendered(report, format, inventory, fail_on))
    if format != "text":
        _remarks(report)
    return _exit(report, fail_on)


def _print_what_if(report: Report, result: WhatIf, *, form: str) -> Exit:
    render = render_what_if_json if form == "json" else render_what_if_text
    sys.stdout.write(render(result))
    _remarks(report)
    if not report.is_readable:
        return Exit.SOURCES
    return Exit.CLEAN if result.ok else Exit.FINDINGS


def _exit(report: Report, fail_on: FailOn) -> Exit:
    if not report.is_readable:
        return Exit.SOURCES
    return Exit.FINDINGS if report.failures(fail_on) else Exit.CLEAN


def _rendered(report: Report, form: str, inventory: str, fail_on: FailOn) -> str:
    match form:
        case "json":
            return render_json(report)
        case "junit":
            return render_junit(report, fail_on)
        case "sarif":
            return render_sarif(report, inventory)
        case "csv":
            return render_csv(report)
        case "html":
            return render_html(report)
        case _:
            return render_text(report, fail_on=fail_on, width=_width(), colour=sys.stdout.isatty())


def _remarks(report: Report) -> None:
    for remark in report.remarks:
        sys.stderr.write(f"peerlint: {remark}\n")
    for source in report.sources:
        for remark in source_remarks(source):
            sys.stderr.write(f"peerlint: {source.name}: {remark}\n")


def _width() -> int:
    if not sys.stdout.isatty():
        return WIDTH
    from shutil import get_terminal_size  # noqa: PLC0415  # not for pipes

    return max(80, get_terminal_size().columns)
