"""`peerlint route`: one route on its own."""

from __future__ import annotations

from typing import Annotated, Final

from cyclopts import Parameter

from peerlint.api import routes
from peerlint.cli.exits import Exit
from peerlint.cli.options import Allow, Format, Output, ProfileName, Strict
from peerlint.cli.output import STDOUT, write
from peerlint.errors import InputError
from peerlint.model import Asn, Route, View
from peerlint.report.finding_entry import rules_of
from peerlint.report.json import dumped
from peerlint.report.sentence import sentence
from peerlint.results import Finding, Outcome, Severity
from peerlint.rules import CATALOGUE

_ANNOUNCING: Final = "the AS that announces the route to AS8075"
EXAMPLE: Final = 'peerlint route 203.0.113.0/24 --path "64500 64501" --community 8075:8007'


def route(
    prefix: str,
    /,
    *,
    path: Annotated[str, Parameter(metavar="'ASN ASN ...'", show_default=False)] = "",
    community: Annotated[list[str] | None, Parameter(negative="", metavar="COMMUNITY")] = None,
    peer_asn: Annotated[str | None, Parameter(metavar="ASN")] = None,
    view: View = View.RECEIVED,
    profile: ProfileName = None,
    allow: Allow = None,
    strict: Strict = False,
    format: Format = "text",  # noqa: A002  # the option's name
    output: Output = STDOUT,
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
        A community of any kind: 8075:8007, 64500:1:2, rt:64500:1; several with blanks between
        them, or the option once for each.
    peer_asn
        The AS that announces the route to AS8075; by default the leftmost of the path.
    view
        Where the route was seen.
    """
    seen = Route.parse(prefix, path=path, communities=community or ())
    if peer_asn is None and (seen.path.first_as is None or not view.is_definite):
        raise InputError("peer AS", expected=_ANNOUNCING, found=None, hint=_hint(seen, view))
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
        rules = rules_of(finding.rule for finding in findings)
        told = {"route": str(seen), "profile": profile, "view": view}
        text = dumped({**told, "rules": rules, "findings": findings})
    else:
        text = "".join(_lines(seen, f"profile {profile}, view {view}", findings))
    write(text, output, form=format)
    failed = any(
        each.outcome is Outcome.FAIL and each.severity is Severity.ERROR for each in findings
    )
    return Exit.FINDINGS if failed else Exit.CLEAN


def _hint(seen: Route, view: View) -> str:
    """Return how to say which AS announces a route, where its path does not."""
    if not view.is_definite:
        return f"a path of the view {view} does not show it: give --peer-asn 64500"
    if not seen.path.segments:
        return 'give the path, leftmost that AS: --path "64500 64501"'
    return f"the path {seen.path} does not begin with one: give --peer-asn 64500"


def _lines(seen: Route, judged: str, findings: tuple[Finding, ...]) -> list[str]:
    lines = [f"{seen}\n", f"  {judged}\n"]
    for finding in findings:
        label = finding.severity if finding.outcome is Outcome.FAIL else finding.outcome
        lines.append(f"  {label:<8} {finding.rule}\n           {sentence(finding)}\n")
        lines += (f"           Microsoft says: {text}\n" for text in finding.portal[:1])
        lines += (f"           to decide it: {text}\n" for text in finding.missing_texts)
        if finding.outcome is Outcome.FAIL:
            lines.append(f"           fix: {CATALOGUE[finding.rule].fix}\n")
    if not findings:
        lines.append("  ok       passes every rule about a single route\n")
    return lines
