"""`peerlint route`: one route on its own."""

from __future__ import annotations

import sys
from typing import Annotated

from cyclopts import Parameter

from peerlint.api import routes
from peerlint.cli.exits import Exit
from peerlint.cli.options import Allow, Format, ProfileName, Strict
from peerlint.model import Asn, Route, View
from peerlint.report.json import dumped
from peerlint.rules import CATALOGUE
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

    It weighs the same as in `peerlint check`, under the same profile; without --profile that is
    maps.

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
    profile = profile or "maps"
    findings = routes.check_route(
        seen,
        profile=profile,
        view=view,
        asn=None if peer_asn is None else Asn.parse(peer_asn),
        allow=allow or (),
        strict=strict,
    )
    if format == "json":
        sys.stdout.write(
            dumped({"route": str(seen), "profile": profile, "view": view, "findings": findings})
        )
    else:
        sys.stdout.write("".join(_lines(seen, f"profile {profile}, view {view}", findings)))
    failed = any(
        each.outcome is Outcome.FAIL and each.severity is Severity.ERROR for each in findings
    )
    return Exit.FINDINGS if failed else Exit.CLEAN


def _lines(seen: Route, judged: str, findings: tuple[Finding, ...]) -> list[str]:
    lines = [f"{seen}\n", f"  {judged}\n"]
    for finding in findings:
        label = finding.severity if finding.outcome is Outcome.FAIL else finding.outcome
        lines.append(f"  {label:<8} {finding.rule}\n           {finding.message}\n")
        lines += (f"           Microsoft says: {text}\n" for text in finding.portal[:1])
        lines += (f"           to decide it: {text}\n" for text in finding.missing)
        if finding.outcome is Outcome.FAIL:
            lines.append(f"           fix: {CATALOGUE[finding.rule].fix}\n")
    if not findings:
        lines.append("  ok       passes every rule about a single route\n")
    return lines
