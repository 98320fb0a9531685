"""`peerlint check`: an inventory against dumps."""

from __future__ import annotations

import sys
from typing import Annotated, Final, Literal

from cyclopts import Parameter

from peerlint.api import checks, inventories
from peerlint.cli.exits import Exit
from peerlint.cli.options import (
    Allow,
    Color,
    FollowRedirects,
    Limit,
    Now,
    Output,
    ProfileName,
    Quiet,
    Strict,
    Taken,
)
from peerlint.cli.output import STDOUT, be_sure_of, is_stdout, remark, remark_on, wants_color, write
from peerlint.cli.progress import progress
from peerlint.errors import InputError
from peerlint.inventory import Inventory
from peerlint.inventory.lines import LineIndex
from peerlint.inventory.unfilled import unfilled
from peerlint.model import MaxAge, parse_time
from peerlint.report.csv import render_csv
from peerlint.report.html import render_html
from peerlint.report.json import render_json
from peerlint.report.junit import render_junit
from peerlint.report.places import line_of
from peerlint.report.sarif import render_sarif
from peerlint.report.text import WIDTH, render_text
from peerlint.report.totals import render_totals
from peerlint.report.whatif import render_what_if_json, render_what_if_text
from peerlint.results import FailOn, Report, WhatIf

EXAMPLE: Final = "peerlint check peering.toml --rib edge1.ams=edge1.mrt.gz"


def _several(metavar: str) -> Parameter:
    """Return an option that takes several files, and may be given several times."""
    return Parameter(negative="", consume_multiple=(1, None), metavar=metavar)


CheckFormat = Annotated[
    Literal["text", "json", "junit", "sarif", "csv", "html"],
    Parameter(help="How to print the result."),
]


def check(
    inventory: str,
    /,
    *,
    rib: Annotated[list[str] | None, _several(r"\[NAME=]FILE\[@VIEW]")] = None,
    received: Annotated[list[str] | None, _several("FILE")] = None,
    without: Annotated[list[str] | None, Parameter(negative="", metavar="KIND=NAME")] = None,
    profile: ProfileName = None,
    strict: Strict = False,
    fail_on: FailOn = FailOn.OPEN,
    allow: Allow = None,
    plan: Annotated[str | None, Parameter(metavar="FILE")] = None,
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
    """Check an inventory against dumps: would every registered prefix pass, on every session?

    Parameters
    ----------
    inventory
        The inventory file (TOML).
    rib
        Dumps, each a file, with the SESSION or ROUTER in front that it belongs to, and the VIEW
        behind that it gives. Without them, those that the inventory names are read.
    received
        Routes that Microsoft says it received, as `az peering received-route list` prints them.
        They show no communities.
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
    verbose
        Show every place where something was seen, not only the first.
    """
    inputs = (inventory, *(rib or ()), *(received or ()), *((plan,) if plan else ()))
    be_sure_of(output, inputs)
    limit = None if max_age is None else MaxAge.parse(max_age, "--max-age")
    time = None if now is None else parse_time(now, "--now")
    taken_time = None if taken is None else parse_time(taken, "--taken")
    if without:
        if format not in ("text", "json"):
            raise InputError("--format", expected="text or json with --without", found=format)
        with progress(quiet=quiet) as on_chunk:
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
                on_chunk=on_chunk,
                follow_redirects=follow_redirects,
            )
        write(_rendered_what_if(found[1], format, quiet=quiet), output, inputs, form=format)
        _remark(found[0], quiet=quiet)
        return _exit_of_what_if(*found)
    with progress(quiet=quiet) as on_chunk:
        declared, lines = _declared(inventory, format)
        report = checks.check(
            declared,
            rib,
            received=received or (),
            profile=profile,
            strict=strict,
            allow=allow or (),
            now=time,
            max_age=limit,
            taken=taken_time,
            plan=None if plan is None else inventories.load_inventory(plan),
            on_chunk=on_chunk,
            follow_redirects=follow_redirects,
        )
    for place in unfilled(declared):
        remark(f"still to fill in: {place}", quiet=quiet)
    if not report.sources:
        remark("no dump was read: give --rib, or name some in the inventory", quiet=quiet)
    if lines is not None:
        text = render_sarif(report, inventory, line_of(declared, lines))
    elif format != "text":
        text = _rendered(report, format, fail_on)
    elif quiet:
        text = render_totals(report, fail_on, _width(output))
    else:
        colour = wants_color(color, output)
        text = render_text(
            report, fail_on=fail_on, verbose=verbose, width=_width(output), colour=colour
        )
    write(text, output, inputs, form=format)
    _remark(report, is_page=format == "text", quiet=quiet)
    return _exit(report, fail_on)


def _remark(report: Report, *, is_page: bool = False, quiet: bool) -> None:
    """Tell a person what to know about the report and its dumps, if no page says it."""
    if is_page:
        return
    for text in report.remarks:
        remark(text, quiet=quiet)
    remark_on(report.sources, quiet=quiet)


def _declared(inventory: str, form: str) -> tuple[Inventory, LineIndex | None]:
    """Return the inventory, and its lines if the format shows them: a pipe can be read once."""
    if form == "sarif":
        return inventories.load_with_lines(inventory)
    return inventories.load_inventory(inventory), None


def _rendered_what_if(result: WhatIf, form: str, *, quiet: bool) -> str:
    if form == "json":
        return render_what_if_json(result)
    return render_what_if_text(result, quiet=quiet)


def _exit_of_what_if(report: Report, result: WhatIf) -> Exit:
    if not report.is_readable:
        return Exit.SOURCES
    return Exit.CLEAN if result.ok else Exit.FINDINGS


def _exit(report: Report, fail_on: FailOn) -> Exit:
    if not report.is_readable:
        return Exit.SOURCES
    return Exit.FINDINGS if report.failures(fail_on) else Exit.CLEAN


def _rendered(report: Report, form: str, fail_on: FailOn) -> str:
    match form:
        case "json":
            return render_json(report)
        case "junit":
            return render_junit(report, fail_on)
        case "csv":
            return render_csv(report)
        case _:
            return render_html(report, fail_on)


def _width(output: str) -> int:
    if not is_stdout(output) or not sys.stdout.isatty():
        return WIDTH
    from shutil import get_terminal_size  # noqa: PLC0415  # not for pipes

    return max(80, get_terminal_size().columns)
