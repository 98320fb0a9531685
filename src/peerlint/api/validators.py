"""Checks of one prefix, path or set of communities on its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from peerlint import engine
from peerlint.api.profiles import load_profile
from peerlint.api.routes import announcing_asn
from peerlint.api.views import parse_view
from peerlint.arguments import as_tuple, must_be
from peerlint.errors import InputError
from peerlint.inventory import RegisteredPrefix
from peerlint.model import (
    Asn,
    AsPath,
    Community,
    Criteria,
    ExtendedCommunity,
    LargeCommunity,
    Prefix,
    Route,
    View,
)
from peerlint.model.foreign import network_text
from peerlint.results import Finding

if TYPE_CHECKING:
    from peerlint.model.foreign import PrefixLike

_COMMUNITY: Final = (str, Community, LargeCommunity, ExtendedCommunity)
#: The prefix of communities alone; it does not matter.
_ANY_PREFIX: Final = Prefix(4, 0, 24)
#: The AS of a service prefix without a route; no rule looks at it.
_ANY_ASN: Final = Asn(0)


def check_prefix(
    prefix: Prefix | PrefixLike,
    *,
    profile: str = "maps",
    allow: Iterable[str] = (),
    strict: bool = False,
) -> tuple[Finding, ...]:
    """Check a registered prefix with the rules that need nothing else.

    Args:
        prefix: the prefix. A text that is no prefix is a finding, not an error, as in an inventory.
        profile: see `load_profile`.
        allow: see `check_route`.
        strict: see `check`.

    Returns:
        What failed; empty if every rule passed. Its routes are not checked: see `check_route`.

    Raises:
        InputError: the prefix is of another type, or a name in `allow` does not exist.
    """
    return engine.check_prefix(
        _text(prefix), load_profile(profile), allow=_allowed(allow), strict=strict
    )


def check_path(
    path: AsPath | str,
    *,
    profile: str = "maps",
    view: View | str = View.RECEIVED,
    asn: int | str | None = None,
    allow: Iterable[str] = (),
    strict: bool = False,
) -> tuple[Finding, ...]:
    """Check the AS path of a route with the rules that need nothing else.

    The rules are applied as to a prefix of /24 or shorter: use `check_route` for a longer one.

    Args:
        path: the path, or its text.
        profile: see `load_profile`.
        view: see `check_route`.
        asn: see `check_route`.
        allow: see `check_route`.
        strict: see `check`.

    Returns:
        What failed or could not be decided; empty if every rule passed.

    Raises:
        InputError: the path cannot be parsed, there is no such view or it proves nothing about
            the path, a name in `allow` does not exist, or `asn` is needed.
    """
    must_be("path", path, (AsPath, str), "an AsPath, or its text")
    parsed = AsPath.parse(path) if isinstance(path, str) else path
    view = _conclusive_view(view)
    return engine.check_path(
        parsed,
        load_profile(profile),
        view=view,
        asn=announcing_asn((parsed,), view, asn),
        allow=_allowed(allow),
        strict=strict,
    )


def check_communities(
    communities: str | Iterable[str | Community | LargeCommunity | ExtendedCommunity],
    *,
    profile: str = "maps",
    view: View | str = View.RECEIVED,
    strict: bool = False,
) -> tuple[Finding, ...]:
    """Check the communities of a route with the rules that need nothing else.

    Args:
        communities: standard, large and extended ones; or one text, as in `Route.parse`.
        profile: see `load_profile`.
        view: see `check_route`.
        strict: see `check`.

    Returns:
        What failed or could not be decided; empty if every rule passed.

    Raises:
        InputError: a community cannot be parsed, or there is no such view or it proves
            nothing about the communities.
    """
    if isinstance(communities, str):
        communities = (communities,)
    given = as_tuple("communities", communities, _COMMUNITY, "communities, or their texts")
    # Parsed from text, which is one way for all kinds of communities.
    route = Route.parse(str(_ANY_PREFIX), communities=map(str, given))
    return engine.check_communities(
        route, load_profile(profile), view=_conclusive_view(view), strict=strict
    )


def check_service_prefix(
    prefix: Prefix | PrefixLike,
    routes: Iterable[Route],
    *,
    profile: str = "maps",
    view: View | str = View.RECEIVED,
    asn: int | str | None = None,
    allow: Iterable[str] = (),
    strict: bool = False,
) -> tuple[Finding, ...]:
    """Check a Peering Service prefix and its routes with the rules that need nothing else.

    These are the rules that Microsoft checks when a customer activates the prefix, but for those
    about its registration, key, origin and locations: `check` has them, with an inventory.

    Args:
        prefix: the prefix. A text that is no prefix is a finding, not an error, as in an inventory.
        routes: its routes, each from a session of its own; findings name the first `route`, the
            second `route/2`. Without a route, it is unknown whether the prefix is announced.
        profile: see `load_profile`.
        view: where the routes were seen.
        asn: the AS that announces them to AS8075; None for the leftmost of all paths, which is
            right for the views "received" and "sent" only.
        allow: see `check_route`.
        strict: see `check`.

    Returns:
        What failed or could not be decided; empty if every rule passed.

    Raises:
        InputError: a route is for another prefix, the view or a name in `allow` does not exist, or
            `asn` is needed.
    """
    text, view = _text(prefix), parse_view(view)
    given = as_tuple("routes", routes, Route, "Route values")
    registered = RegisteredPrefix(text).parsed
    others = [route.prefix for route in given if route.prefix != registered]
    if others:
        raise InputError("routes", expected=f"routes for {registered or text}", found=others[0])
    if not given and asn is None:
        asn = _ANY_ASN
    return engine.check_service_prefix(
        text,
        given,
        load_profile(profile),
        view=view,
        asn=announcing_asn([route.path for route in given], view, asn),
        allow=_allowed(allow),
        strict=strict,
    )


def _text(prefix: object) -> str:
    text = str(prefix) if isinstance(prefix, Prefix) else network_text(prefix)
    if not isinstance(text, str):
        expected = "a Prefix, a string, or a network of ipaddress or netaddr"
        raise InputError("prefix", expected=expected, found=prefix)
    return text


def _conclusive_view(view: View | str) -> View:
    """Return a view whose routes say what AS8075 receives.

    For other views, `check_route` says with a finding that the route is not known to be received;
    here, an empty result would look like a pass.
    """
    parsed = parse_view(view)
    if parsed.is_hint:
        views = ", ".join(each for each in View if not each.is_hint)
        raise InputError(
            "view",
            expected=f"one that tells what AS8075 receives: {views}",
            found=view,
            hint="use check_route",
        )
    return parsed


def _allowed(allow: Iterable[str]) -> frozenset[str]:
    return Criteria(allow=frozenset(as_tuple("allow", allow, str, "strings"))).allow
