"""`peerlint route`: check a single route."""

from __future__ import annotations

from typing import Annotated, Final

from cyclopts import Parameter

from peerlint.api.routes import check_route, render_route
from peerlint.cli.exits import Exit
from peerlint.cli.options import Allow, Format, Output, ProfileName, Strict
from peerlint.cli.output import STDOUT, write
from peerlint.errors import InputError
from peerlint.model import Route, View
from peerlint.results import Outcome, Severity

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

    The findings are those of `peerlint check` with the same profile; without --profile, that is
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
        Where the route was observed.
    """
    checked = Route.parse(prefix, path=path, communities=community or ())
    if peer_asn is None and (checked.path.first_as is None or not view.is_definite):
        hint = _hint(checked, view)
        raise InputError("peer AS", expected=_ANNOUNCING, found=None, hint=hint)
    profile = profile or "maps"
    findings = check_route(
        checked, profile=profile, view=view, asn=peer_asn, allow=allow or (), strict=strict
    )
    text = render_route(checked, findings, format, profile=profile, view=view)
    write(text, output, form=format)
    failed = any(
        each.outcome is Outcome.FAIL and each.severity is Severity.ERROR for each in findings
    )
    return Exit.FINDINGS if failed else Exit.CLEAN


def _hint(route: Route, view: View) -> str:
    """Return how to say which AS announces a route, where its path does not."""
    if not view.is_definite:
        return f"a path of the view {view} does not show it: give --peer-asn 64500"
    if not route.path.segments:
        return 'give the path, leftmost that AS: --path "64500 64501"'
    return f"the path {route.path} does not begin with one: give --peer-asn 64500"
