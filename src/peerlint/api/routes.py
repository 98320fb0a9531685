"""One route on its own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from peerlint import engine
from peerlint.api.profiles import load_profile
from peerlint.api.views import parse_view
from peerlint.arguments import A_STRING, as_tuple, must_be, must_be_one_of
from peerlint.errors import InputError
from peerlint.model import Asn, AsPath, Criteria, Route, View
from peerlint.report import route as route_report
from peerlint.results import Finding


def check_route(
    route: Route,
    *,
    profile: str = "maps",
    view: View | str = View.RECEIVED,
    asn: int | str | None = None,
    allow: Iterable[str] = (),
    strict: bool = False,
) -> tuple[Finding, ...]:
    """Check one route with the rules that need nothing else.

    Args:
        route: the route.
        profile: see `load_profile`.
        view: where it was seen.
        asn: the AS that announces it to AS8075; None for the leftmost of its path, which is
            right for the view "received" only.
        allow: special-purpose space that counts as public ("documentation", "benchmarking").
        strict: see `check`.

    Returns:
        What failed or could not be decided; empty if every rule passed.

    Raises:
        InputError: the view or a name in `allow` does not exist, or `asn` is needed.
    """
    must_be("route", route, Route, "a Route")
    view = parse_view(view)
    announcing = announcing_asn((route.path,), view, asn)
    criteria = Criteria(allow=frozenset(as_tuple("allow", allow, str, "strings")))
    return engine.check_route(
        route,
        load_profile(profile),
        view=view,
        asn=announcing,
        allow=criteria.allow,
        strict=strict,
    )


def announcing_asn(paths: Sequence[AsPath], view: View, asn: int | str | None) -> Asn:
    """Return the AS that announces routes to AS8075.

    Args:
        paths: the paths of the routes.
        view: where they were seen.
        asn: the AS as the caller gives it; None for the leftmost of the paths.

    Raises:
        InputError: `asn` is no AS number, or it is None and the paths do not tell the AS.
    """
    must_be("asn", asn, (int, str), "an AS number", or_none=True)
    if asn is not None:
        return Asn.parse(asn) if isinstance(asn, str) else Asn(asn)
    leftmost = {path.first_as for path in paths} if view.is_definite else {None}
    if len(leftmost) == 1 and (announcing := leftmost.pop()) is not None:
        return announcing
    expected = "the AS that announces the route to AS8075"
    is_enough = view.is_definite and len(paths) == 1
    hint = "name it, or give a path that begins with it" if is_enough else "name it"
    raise InputError("peer AS", expected=expected, found=asn, hint=hint)


def render_route(
    route: Route,
    findings: Sequence[Finding],
    form: str = "text",
    *,
    profile: str = "maps",
    view: View | str = View.RECEIVED,
) -> str:
    """Return the findings of one route as text or JSON.

    Args:
        route: the route.
        findings: as `check_route` returns them.
        form: "text" or "json".
        profile: that the route was checked with.
        view: where it was seen.

    Raises:
        InputError: there is no such format or view.
    """
    must_be("route", route, Route, "a Route")
    must_be("profile", profile, str, A_STRING)
    findings = as_tuple("findings", findings, Finding, "findings")
    must_be_one_of("form", form, ("text", "json"))
    render = route_report.render_route_json if form == "json" else route_report.render_route
    return render(route, findings, profile=profile, view=parse_view(view))
