"""`peerlint route`: one route on its own."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from peerlint.api import routes
from peerlint.cli.exits import Exit
from peerlint.cli.options import Allow, Format, ProfileName, Strict
from peerlint.model import Asn, Route, View
from peerlint.report.finding_entry import rules_of
from peerlint.report.json import dumped
from peerlint.verdicts import Finding, Outcome, Severity


def route(
    prefix: str,
    /,
    *,
    path: str = "",
    community: Annotated[list[str] | None, Parameter(negative="")] = None,
    peer_asn: str | None = None,
    view: View = View.RECEIVED,
    profile: ProfileName = None,
    allow: Allow = None,
    strict: Strict = False,
    format: Format = "text",  # noqa: A002  # the option's name
) -> Exit:
    """Check one route with the rules that need nothing else.

    Parameters
    ----------
    prefix
        The route's prefix.
    path
        Its AS path, as in "64500 64501 {64502,64503}".
    community
        A community of any kind: 8075:8007, 64500:1:2, rt:64500:1; give it once for each.
    peer_asn
        The AS that announces the route to AS8075; by default the leftmost of the path.
    view
        Where the route was seen.
    """
    seen = Route.parse(prefix, path=path, communities=community or [])
    findings = routes.check_route(
        seen,
        profile=profile or "maps",
        view=view,
        asn=None if peer_asn is None else Asn.parse(peer_asn),
        allow=allow or (),
        strict=strict,
    )
    if format == "json":
        rules = rules_of(finding.rule for finding in findings)
        sys.stdout.write(dumped({"route": str(seen), "rules": rules, "findings": findings}))
    else:
        sys.stdout.write("".join(_lines(seen, findings)))
    failed = any(
        each.outcome is Outcome.FAIL and each.severity is Severity.ERROR for each in findings
    )
    return Exit.FINDINGS if failed else Exit.CLEAN


def _lines(seen: Route, findings: tuple[Finding, ...]) -> list[str]:
    lines = [f"{seen}\n"]
    for finding in findings:
        label = finding.severity if finding.outcome is Outcome.FAIL else finding.outcome
        lines.append(f"  {label:<8} {finding.rule}\n           {finding.message}\n")
        lines += (f"           Microsoft says: {text}\n" for text in finding.portal[:1])
        lines += (f"           to decide it: {text}\n" for text in finding.missing)
    if not findings:
        lines.append("  ok       passes every rule about a single route\n")
    return lines
