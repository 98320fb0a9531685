"""`peerlint diff`: what changed between two reports."""

from __future__ import annotations

from typing import Final

from peerlint.api.reports import compare_reports, load_report, render_difference
from peerlint.cli.exits import Exit
from peerlint.cli.options import Format, Output
from peerlint.cli.output import STDOUT, write
from peerlint.results import FailOn

EXAMPLE: Final = "peerlint diff before.json after.json"


def diff(
    before: str,
    after: str,
    /,
    *,
    fail_on: FailOn = FailOn.OPEN,
    format: Format = "text",  # noqa: A002  # the option's name
    output: Output = STDOUT,
) -> Exit:
    """Compare two JSON reports: print what is new, changed, fixed or gone.

    Parameters
    ----------
    before
        The first report, as `peerlint check --format json` wrote it.
    after
        The second report.
    fail_on
        What makes the exit status 1, besides a prefix whose state or checks got worse. error: a
        new error. open: also a new prefix that is Unknown or Pending. unverified: also one with an
        undecided check. warning: a new error or warning. unknown: also a new unknown outcome.
        What was below the level and reaches it counts as new.
    """
    difference = compare_reports(load_report(before), load_report(after))
    text = render_difference(difference, format, fail_on=fail_on)
    write(text, output, (before, after), form=format)
    return Exit.FINDINGS if difference.failures(fail_on) else Exit.CLEAN
