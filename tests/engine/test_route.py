"""`peerlint route` and `peerlint check`: the same route, profile and view, the same verdict."""

from __future__ import annotations

from typing import Final

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from peerlint import check_route
from peerlint.iana import ALLOWABLE
from peerlint.inventory.peering import PROFILES
from peerlint.model import MAPS_COMMUNITY, Route, View, Viewpoint
from peerlint.results import Finding, Outcome
from peerlint.testing import strategies
from peerlint.testing.notation import judge

#: P, the AS that announces to AS8075.
ASN: Final = 64500
ROUTE_SERVER: Final = "route-server"
#: What one route does not answer: these need registries, the addresses of a peering's sessions,
#: or what other sessions and the inventory say.
ELSEWHERE: Final = {
    "route.irr-route", "route.rpki-invalid", "route.rpki-notfound", "route.next-hop",
    "route.origin-inconsistent", "prefix.traffic-class", "prefix.own-routable",
}  # fmt: skip
TAG: Final = "community 8075:8007"


def word(finding: Finding) -> str:
    """Return `error route.prepending`, or `unknown` instead of the severity."""
    label = finding.severity if finding.outcome is Outcome.FAIL else finding.outcome
    return f"{label} {finding.rule}"


def alone(
    route: Route, profile: str, view: View = View.RECEIVED, *, strict: bool = False
) -> set[str]:
    """Return what is said of a route on its own."""
    found = check_route(route, profile=profile, view=view, asn=ASN, allow=ALLOWABLE, strict=strict)
    return {word(one) for one in found}


def checked(
    route: Route, profile: str, view: View = View.RECEIVED, *, strict: bool = False
) -> set[str]:
    """Return what `check` says of the route where one session shows it, by the rules of a route."""
    lines = [
        f"peering contoso-ams {profile} {ASN} Amsterdam",
        "session ams-1 edge1.ams",
        f"view ams-1 {view}",
        f"ams-1 {route}",
    ]
    if profile == ROUTE_SERVER:
        lines.insert(2, f"asn {origin(route, view)}")
    else:
        lines.insert(2, f"registered {route.prefix}")
    report = judge("\n".join(lines), strict=strict)
    return {
        word(one)
        for one in report.findings
        if one.rule.partition(".")[0] in ("route", "prefix")
        and one.rule not in ELSEWHERE
        and one.subject.prefix is not None
    }


def origin(route: Route, view: View) -> int | None:
    """Return the AS that a transparent route server takes the route from, None if it has none."""
    path = Viewpoint(view, ASN, transparent=True).effective(route.path)
    return None if path is None else path.origin(ASN)


@given(
    route=strategies.routes(family=4, path_id=False, malformed=True),
    profile=st.sampled_from([name for name in PROFILES if name != ROUTE_SERVER]),
    view=st.sampled_from(list(View)),
    strict=st.booleans(),
)
def test_a_route_weighs_the_same_alone(
    route: Route, profile: str, view: View, *, strict: bool
) -> None:
    """Rules, outcomes and severities agree under every profile, in every view."""
    assert checked(route, profile, view, strict=strict) == alone(
        route, profile, view, strict=strict
    )


@given(
    route=strategies.routes(family=4, path_id=False), view=st.sampled_from(list(View)),
    strict=st.booleans(),
)  # fmt: skip
def test_a_member_s_route_weighs_the_same_alone(route: Route, view: View, *, strict: bool) -> None:
    """At a route server a tagged route of a registered AS is judged likewise."""
    tagged = attrs.evolve(route, communities=route.communities | {MAPS_COMMUNITY})
    assume(view is not View.COLLECTOR and origin(tagged, view))

    assert checked(tagged, ROUTE_SERVER, view, strict=strict) == (
        alone(tagged, ROUTE_SERVER, view, strict=strict)
    )


@pytest.mark.parametrize(
    ("profile", "severity"),
    [
        ("direct", "info"),
        ("partner", "warning"),
        ("route-server", "info"),
        ("maps", "info"),
        ("voice", "warning"),
    ],
)
def test_longer_than_24(profile: str, severity: str) -> None:
    """001 and 004 say that registration takes none: a warning there, in both."""
    route = Route.parse(f"203.0.113.0/25 path {ASN} {TAG}")
    expected = {f"{severity} prefix.longer-than-24"}

    assert (expected, expected) == (alone(route, profile), checked(route, profile))


@pytest.mark.parametrize(
    ("text", "profile", "view", "expected"),
    [
        # AS8075 treats these as withdrawn (RFC 9774, RFC 5065 section 5, RFC 7607, RFC 7606)
        (
            f"203.0.113.0/24 path {ASN} {{64501}} {TAG}", "maps", View.SENT,
            {"error route.as-set", "error route.not-received"},
        ),
        (
            f"203.0.113.0/24 path {ASN} 0 {TAG}", "maps", View.SENT,
            {"error route.bogon-asn", "error route.not-received"},
        ),
        (
            f"203.0.113.0/24 path {ASN} {TAG} malformed COMMUNITIES", "maps", View.RECEIVED,
            {"error route.not-received"},
        ),
        (
            f"203.0.113.0/24 path {ASN} {TAG} malformed COMMUNITIES", "maps", View.COLLECTOR,
            {"unknown route.not-received"},
        ),
        # nobody has a /6
        (f"32.0.0.0/6 path {ASN} {TAG}", "maps", View.RECEIVED, {"warning prefix.too-short"}),
        # 0:8075 means something at an exchange's route server only
        (f"203.0.113.0/24 path 64501 {TAG} 0:8075", "maps", View.LOC_RIB, set()),
        (
            f"203.0.113.0/24 path 64501 {TAG} 0:8075", ROUTE_SERVER, View.LOC_RIB,
            {"warning route.rs-blocked"},
        ),
    ],
)  # fmt: skip
def test_what_else_one_route_shows(text: str, profile: str, view: View, expected: set[str]) -> None:
    """Whether AS8075 discards it, a mistyped length; and no rule that the profile turns off."""
    assert expected == alone(Route.parse(text), profile, view)


@given(route=strategies.routes(family=6, path_id=False), profile=st.sampled_from(PROFILES))
def test_an_ipv6_route_is_not_judged_further(route: Route, profile: str) -> None:
    """The service takes IPv4 only: nothing else is said of its path and communities."""
    assert {"error prefix.ipv4-only"} == alone(route, profile)
