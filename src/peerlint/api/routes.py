"""One route on its own."""

from __future__ import annotations

from collections.abc import Iterable

from peerlint import engine
from peerlint.api.profiles import load_profile
from peerlint.arguments import AN_INTEGER, as_tuple, must_be
from peerlint.errors import InputError
from peerlint.model import Asn, Criteria, Route, View
from peerlint.results import Finding
from peerlint.wording import closest


def check_route(
    route: Route,
    *,
    profile: str = "maps",
    view: View | str = View.RECEIVED,
    asn: int | None = None,
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
    must_be("asn", asn, int, AN_INTEGER, or_none=True)
    view = _view(view)
    announcing = route.path.first_as if asn is None and view.is_definite else asn
    if announcing is None:
        expected = "the AS that announces the route to AS8075"
        hint = "name it, or give a path that begins with it" if view.is_definite else "name it"
        raise InputError("peer AS", expected=expected, found=asn, hint=hint)
    criteria = Criteria(allow=frozenset(as_tuple("allow", allow, str, "strings")))
    return engine.check_route(
        route,
        load_profile(profile),
        view=view,
        asn=Asn(announcing),
        allow=criteria.allow,
        strict=strict,
    )


def _view(view: View | str) -> View:
    must_be("view", view, str, ", ".join(View))
    try:
        return View(view)
    except ValueError:
        expected, close = ", ".join(View), closest(view, View)
        raise InputError("view", expected=expected, found=view, close=close) from None
