"""Validators of one thing find what the check of a whole route or inventory finds of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_interface, ip_network
from typing import Any, Final

import netaddr
import pytest
from hypothesis import given
from hypothesis import strategies as st

import peerlint
from peerlint import Finding, InputError, Route, View
from peerlint.inventory.peering import PROFILES
from peerlint.model import AsPath, Prefix
from peerlint.rules import CATALOGUE, Need, Scope
from peerlint.testing import strategies
from peerlint.testing.notation import evaluate

TAG: Final = "8075:8007"
PREFIX: Final = "203.0.113.0/24"
ALLOW: Final = ("documentation",)
HEAD: Final = "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
TELLING: Final = [view for view in View if not view.is_hint]


def labels(findings: Iterable[Finding]) -> set[str]:
    """Return the outcome, severity and rule of each finding."""
    return {f"{each.outcome} {each.severity} {each.rule}" for each in findings}


def about(findings: Iterable[Finding], need: Need) -> set[str]:
    """Return the labels of the findings of rules about one attribute."""
    return labels(
        each
        for each in findings
        if CATALOGUE[each.rule].scope is Scope.CELL
        and CATALOGUE[each.rule].masks is not None
        and need in CATALOGUE[each.rule].needs
    )


# -- one prefix


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (PREFIX, set()),
        ("203.0.113.0/33", {"fail error prefix.valid"}),
        ("203.0.113.0", {"fail error prefix.valid"}),
        ("203.0.113.5/24", {"fail error prefix.host-bits"}),
        ("2001:db8::/32", {"fail error prefix.ipv4-only"}),
        ("10.1.0.0/16", {"fail error prefix.private-range"}),
        ("172.16.0.0/12", {"fail error prefix.private-range"}),
        ("192.168.1.0/24", {"fail error prefix.private-range"}),
        ("172.32.0.0/12", set()),
        ("203.0.113.128/25", {"fail info prefix.longer-than-24"}),
        ("32.0.0.0/6", {"fail warning prefix.too-short"}),
    ],
)
def test_prefixes(text: str, expected: set[str]) -> None:
    """Peering registered prefix requirements; RFC 1918, RFC 4632."""
    assert labels(peerlint.check_prefix(text, allow=ALLOW)) == expected


@given(st.from_regex(r"[0-9a-f.:]{0,12}(/[0-9]{1,3})?", fullmatch=True), strategies.prefixes())
def test_prefixes_are_evaluated_as_in_an_inventory(text: str, prefix: Prefix) -> None:
    """A prefix that is registered has the same findings in `check`."""
    for each in (text, str(prefix)):
        if not each:
            continue
        whole = evaluate(f"{HEAD}registered {each}\n").findings
        rules = {rule for rule in CATALOGUE if rule.startswith("prefix.")}
        rules -= {"prefix.traffic-class", "prefix.own-routable"}
        assert labels(peerlint.check_prefix(each, allow=ALLOW)) == labels(
            finding for finding in whole if finding.rule in rules
        )


@pytest.mark.parametrize("make", [str, Prefix.parse, ip_network, ip_interface, netaddr.IPNetwork])
def test_prefixes_of_any_type(make: Callable[[str], Any]) -> None:
    """Texts, our own values, and those of `ipaddress` and `netaddr` are equal."""
    assert labels(peerlint.check_prefix(make("10.0.0.0/8"))) == {"fail error prefix.private-range"}


@pytest.mark.parametrize("make", [ip_interface, netaddr.IPNetwork])
def test_bits_right_of_the_mask_are_a_finding(make: Callable[[str], Any]) -> None:
    """Types that keep them do not hide them."""
    found = labels(peerlint.check_prefix(make("203.0.113.5/24"), allow=ALLOW))

    assert found == {"fail error prefix.host-bits"}


# -- one path, one set of communities


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("64500 64501 64502", set()),
        ("64500 64501 64502 64503", {"fail error route.as-path-length"}),
        ("64500 64512", {"fail error route.private-asn"}),
        ("64500 4200000000", {"fail error route.private-asn"}),
        ("64500 64500", {"fail error route.prepending"}),
        ("64500 64501 64501", {"fail error route.prepending"}),
    ],
)
def test_paths(path: str, expected: set[str]) -> None:
    """Source documents 000, 003, 004: at most 3, no private ASN (RFC 6996), no prepending."""
    assert labels(peerlint.check_path(path, allow=ALLOW)) == expected
    assert labels(peerlint.check_path(AsPath.parse(path), allow=ALLOW)) == expected


@given(
    strategies.routes(), st.sampled_from(sorted(PROFILES)), st.sampled_from(TELLING), st.booleans()
)
def test_paths_and_communities_are_evaluated_as_in_a_route(
    route: Route, profile: str, view: View, strict: bool
) -> None:
    """`check_route` has the same findings of the path and the communities."""
    clean = Route(
        Prefix.parse(PREFIX),
        route.path,
        route.communities,
        route.large_communities,
        route.extended_communities,
    )
    whole = peerlint.check_route(clean, profile=profile, view=view, asn=64500, strict=strict)
    path = peerlint.check_path(route.path, profile=profile, view=view, asn=64500, strict=strict)
    communities = peerlint.check_communities(
        [*route.communities, *route.large_communities, *route.extended_communities],
        profile=profile,
        view=view,
        strict=strict,
    )

    assert labels(path) == about(whole, Need.PATH)
    assert labels(communities) == about(whole, Need.COMMUNITIES)
    assert not any(each.subject.prefix or each.evidence for each in (*path, *communities))


@pytest.mark.parametrize(
    ("communities", "expected"),
    [
        (TAG, set()),
        ([TAG], set()),
        ([peerlint.Community.of(8075, 8007)], set()),
        ("64500:1 8075:8007", set()),
        ("", {"fail error route.community-missing"}),
        ([], {"fail error route.community-missing"}),
        ("64500:1", {"fail error route.community-missing"}),
        ("8007:8075", {"fail error route.community-wrong-type"}),
        ("64500:8075:8007", {"fail error route.community-wrong-type"}),
        ("rt:8075:8007", {"fail error route.community-wrong-type"}),
        ([TAG, "no-export"], {"fail info route.community-conflict"}),
    ],
)
def test_communities(communities: Any, expected: set[str]) -> None:  # noqa: ANN401  # a row
    """Routes carry the standard community 8075:8007 (RFC 1997; documents 000 to 004)."""
    assert labels(peerlint.check_communities(communities)) == expected


@pytest.mark.parametrize("view", [view for view in View if view.is_hint])
def test_views_that_prove_nothing_are_errors(view: View) -> None:
    """An empty result would look like a pass."""
    for check in (
        lambda: peerlint.check_path("64500", view=view, asn=64500),
        lambda: peerlint.check_communities(TAG, view=view),
    ):
        with pytest.raises(InputError) as caught:
            check()
        assert (caught.value.what, caught.value.found) == ("view", view)


# -- a service prefix


@pytest.mark.parametrize(
    ("prefix", "routes", "expected"),
    [
        (PREFIX, [f"path 64500 64501 64502 community {TAG}"], set()),
        (PREFIX, [], {"unknown error route.not-received"}),
        (PREFIX, ["path 64500"], {"fail error route.community-missing"}),
        (PREFIX, [f"path 64500 1 2 3 community {TAG}"], {"fail error route.as-path-length"}),
        (PREFIX, [f"path 64500 65001 community {TAG}"], {"fail error route.private-asn"}),
        (PREFIX, [f"path 64500 64500 community {TAG}"], {"fail error route.prepending"}),
        (
            PREFIX,
            [f"path 64500 community {TAG}", "path 64500 malformed COMMUNITIES"],
            {"fail error route.not-received"},
        ),
        (
            "10.1.0.0/16",
            [f"path 64500 community {TAG}"],
            {"fail error prefix.private-range"},
        ),
        ("203.0.113.0/33", [], {"fail error prefix.valid"}),
        ("2001:db8::/32", [], {"fail error prefix.ipv4-only"}),
        # A rule of registration only.
        ("203.0.113.128/25", [f"path 64500 community {TAG}"], set()),
    ],
)
def test_service_prefixes(prefix: str, routes: list[str], expected: set[str]) -> None:
    """Peering Service prefix requirements, document 004."""
    given_routes = [Route.parse(f"{prefix} {each}") for each in routes]

    assert labels(peerlint.check_service_prefix(prefix, given_routes, allow=ALLOW)) == expected


def test_routes_of_a_service_prefix_are_on_sessions_of_their_own() -> None:
    """A finding names the route: the first `route`, the second `route/2`."""
    good = Route.parse(f"{PREFIX} path 64500 community {TAG}")
    bad = Route.parse(f"{PREFIX} path 64500")

    (finding,) = peerlint.check_service_prefix(PREFIX, [good, bad], allow=ALLOW)

    assert finding.subject.session == "route/2"
    assert finding.evidence[0].route == str(bad)


def test_a_hint_does_not_prove_that_a_service_prefix_is_announced() -> None:
    """A route that a collector saw is not known to reach AS8075."""
    route = Route.parse(f"{PREFIX} path 64500 community {TAG}")
    found = peerlint.check_service_prefix(PREFIX, [route], view="collector", asn=64500, allow=ALLOW)

    assert "unknown error route.not-received" in labels(found)


# -- mistakes


@pytest.mark.parametrize(
    ("check", "what"),
    [
        (lambda: peerlint.check_prefix(None), "prefix"),  # type: ignore[arg-type]
        (lambda: peerlint.check_prefix(netaddr.IPAddress("192.0.2.1")), "prefix"),  # type: ignore[arg-type]
        (lambda: peerlint.check_prefix(PREFIX, allow=["private"]), "allow"),
        (lambda: peerlint.check_path(64500), "path"),  # type: ignore[arg-type]
        (lambda: peerlint.check_path("64500 x"), "AS number"),
        (lambda: peerlint.check_path(""), "peer AS"),
        (lambda: peerlint.check_path("64500", view="loc-rib"), "peer AS"),
        (lambda: peerlint.check_path("64500", view="send"), "view"),
        (lambda: peerlint.check_communities([8075]), "communities"),  # type: ignore[list-item]
        (lambda: peerlint.check_communities("8075:80070"), "community"),
        (lambda: peerlint.check_service_prefix(PREFIX, [PREFIX]), "routes"),  # type: ignore[list-item]
        (
            lambda: peerlint.check_service_prefix(PREFIX, [Route.parse("203.0.112.0/24")]),
            "routes",
        ),
        (
            lambda: peerlint.check_service_prefix(
                PREFIX, [Route.parse(f"{PREFIX} path 64500"), Route.parse(f"{PREFIX} path 64501")]
            ),
            "peer AS",
        ),
    ],
)
def test_mistakes_name_the_argument(check: Callable[[], object], what: str) -> None:
    """A wrong type, a text that cannot be parsed, and a missing AS are errors."""
    with pytest.raises(InputError) as caught:
        check()

    assert caught.value.what == what
