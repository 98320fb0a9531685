"""`peerlint route` and `peerlint check` agree on a route, for each profile and view."""

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
from peerlint.testing.notation import evaluate

#: P, the AS that announces to AS8075.
ASN: Final = 64500
ROUTE_SERVER: Final = "route-server"
#: Rules that one route cannot decide: they need registries, the addresses of a peering's sessions,
#: other sessions, or the inventory.
ELSEWHERE: Final = {
    "route.irr-route", "route.rpki-invalid", "route.rpki-notfound", "route.next-hop",
    "route.origin-inconsistent", "prefix.traffic-class", "prefix.own-routable",
}  # fmt: skip
TAG: Final = "community 8075:8007"


def label_of(finding: Finding) -> str:
    """Return a label such as `error route.prepending`, or with `unknown` for the severity."""
    label = finding.severity if finding.outcome is Outcome.FAIL else finding.outcome
    return f"{label} {finding.rule}"


def alone(
    route: Route, profile: str, view: View = View.RECEIVED, *, strict: bool = False
) -> set[str]:
    """Return labels for the findings of `check_route`."""
    found = check_route(route, profile=profile, view=view, asn=ASN, allow=ALLOWABLE, strict=strict)
    return {label_of(one) for one in found}


def checked(
    route: Route, profile: str, view: View = View.RECEIVED, *, strict: bool = False
) -> set[str]:
    """Return labels for the findings of `check` if one session has the route."""
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
    report = evaluate("\n".join(lines), strict=strict)
    return {
        label_of(one)
        for one in report.findings
        if one.rule.partition(".")[0] in ("route", "prefix")
        and one.rule not in ELSEWHERE
        and one.subject.prefix is not None
    }


def origin(route: Route, view: View) -> int | None:
    """Return the origin of the route at a transparent route server; None without one."""
    path = Viewpoint(view, ASN, transparent=True).effective(route.path)
    return None if path is None else path.origin(ASN)


@given(
    route=strategies.routes(family=4, path_id=False, malformed=True),
    profile=st.sampled_from([name for name in PROFILES if name != ROUTE_SERVER]),
    view=st.sampled_from(list(View)),
    strict=st.booleans(),
)
def test_a_single_route_has_the_same_findings(
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
def test_a_single_route_of_a_member(route: Route, view: View, *, strict: bool) -> None:
    """At a route server, the findings of a tagged route of a registered AS agree too."""
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
    """It is a warning in 001 and 004, which say that registration does not accept them."""
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
        # too large for one holder
        (f"32.0.0.0/6 path {ASN} {TAG}", "maps", View.RECEIVED, {"warning prefix.too-short"}),
        # 0:8075 has a meaning only at the route server of an exchange
        (f"203.0.113.0/24 path 64501 {TAG} 0:8075", "maps", View.LOC_RIB, set()),
        (
            f"203.0.113.0/24 path 64501 {TAG} 0:8075", ROUTE_SERVER, View.LOC_RIB,
            {"warning route.rs-blocked"},
        ),
    ],
)  # fmt: skip
def test_other_findings_of_one_route(
    text: str, profile: str, view: View, expected: set[str]
) -> None:
    """Routes that AS8075 discards, a wrong length, and rules that the profile turns off."""
    assert expected == alone(Route.parse(text), profile, view)


@given(route=strategies.routes(family=6, path_id=False), profile=st.sampled_from(PROFILES))
def test_an_ipv6_route_has_no_other_finding(route: Route, profile: str) -> None:
    """The service is for IPv4 only, so path and communities of IPv6 routes do not matter."""
    assert {"error prefix.ipv4-only"} == alone(route, profile)
