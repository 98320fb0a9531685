"""`peerlint check`: an inventory against dumps."""

from __future__ import annotations

import sys
from typing import Annotated, Literal

from cyclopts import Parameter

from peerlint import api
from peerlint.cli.exits import Exit
from peerlint.cli.options import Allow, Format, ProfileName, Strict
from peerlint.cli.progress import progress
from peerlint.report import render_json
from peerlint.report.text import WIDTH, render_text, source_remarks
from peerlint.verdicts import Outcome, Report, Severity

FailOn = Literal["error", "warning", "unknown"]


def check(
    inventory: str,
    *,
    rib: Annotated[list[str] | None, Parameter(negative="")] = None,
    profile: ProfileName = None,
    strict: Strict = False,
    fail_on: FailOn = "error",
    allow: Allow = None,
    plan: str | None = None,
    format: Format = "text",  # noqa: A002  # the option's name
) -> Exit:
    """Check an inventory against dumps: would every registered prefix pass, on every session?

    Parameters
    ----------
    inventory
        The inventory file (TOML).
    rib
        A dump as [SESSION|ROUTER=]FILE[@VIEW]; give it once for each dump. Without it, the dumps
        that the inventory names are read.
    plan
        The inventory as it is meant to become: says what of it cannot be changed in Azure.
    fail_on
        What makes the exit status 1: an error, a warning too, or an unknown outcome too.
    """
    with progress() as on_page:
        report = api.check(
            api.load_inventory(inventory),
            rib,
            profile=profile,
            strict=strict,
            allow=allow or (),
            plan=None if plan is None else api.load_inventory(plan),
            on_page=on_page,
        )
    if not report.sources:
        sys.stderr.write("peerlint: no dump was read: give --rib, or name some in the inventory\n")
    if format == "json":
        sys.stdout.write(render_json(report))
        _remarks(report)
    else:
        colour = sys.stdout.isatty()
        sys.stdout.write(render_text(report, width=_width(), colour=colour))
    return _exit(report, fail_on)


def _exit(report: Report, fail_on: FailOn) -> Exit:
    if not all(source.is_sound for source in report.sources):
        return Exit.DUMPS
    least = Severity.ERROR if fail_on == "error" else Severity.WARNING
    is_open = any(finding.outcome is Outcome.UNKNOWN for finding in report.findings)
    if report.failed(least) or (fail_on == "unknown" and is_open):
        return Exit.FINDINGS
    return Exit.CLEAN


def _remarks(report: Report) -> None:
    for source in report.sources:
        for remark in source_remarks(source):
            sys.stderr.write(f"peerlint: {source.name}: {remark}\n")


def _width() -> int:
    if not sys.stdout.isatty():
        return WIDTH
    from shutil import get_terminal_size  # noqa: PLC0415  # not for pipes

    return max(80, get_terminal_size().columns)
