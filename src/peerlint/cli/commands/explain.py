"""`peerlint explain`: a rule's page, or every check of a prefix or an AS."""

from __future__ import annotations

from typing import Annotated, Final

from cyclopts import Parameter

from peerlint.api.reports import explain_subject, load_report
from peerlint.api.rules import explain_rule
from peerlint.cli.exits import Exit
from peerlint.cli.options import Output
from peerlint.cli.output import STDOUT, write
from peerlint.errors import PeerlintError

EXAMPLE: Final = "peerlint explain route.community-missing"


def explain(
    subject: Annotated[str, Parameter(metavar="RULE_ID|PREFIX|AS")],
    /,
    *,
    report: Annotated[str | None, Parameter(metavar="FILE")] = None,
    output: Output = STDOUT,
) -> Exit:
    """Print the page of a rule, or every check of a prefix or registered AS.

    Parameters
    ----------
    subject
        A rule's id, such as route.community-missing, a prefix that is registered or activated, or
        a registered AS such as AS64501.
    report
        For a prefix or an AS, the report that tells of it, as `peerlint check --format json` wrote
        it.
    """
    if report is not None:
        write(explain_subject(load_report(report), subject), output, (report,))
        return Exit.CLEAN
    if _is_of_a_report(subject):
        raise PeerlintError(
            f"a report tells of {subject}: write one with `peerlint check INVENTORY --format json "
            f"> report.json`, then ask `peerlint explain {subject} --report report.json`"
        )
    write(explain_rule(subject), output)
    return Exit.CLEAN


def _is_of_a_report(subject: str) -> bool:
    """Whether it is meant for a prefix, an address or an AS: rules have names of words."""
    return "/" in subject or ":" in subject or subject.casefold().removeprefix("as")[:1].isdigit()
