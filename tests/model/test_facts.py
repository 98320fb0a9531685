"""Facts: their numbers, and the routes that have them (docs/explanation/paths.md)."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given

from peerlint.model import (
    AsPath,
    Community,
    Criteria,
    ExtendedCommunity,
    Fact,
    Route,
    Viewpoint,
    facts,
)
from peerlint.testing import strategies

#: Numbers never change: exported columns and saved tallies depend on them. Only append.
NUMBERS = {
    "TAGGED": 0,
    "NEAR_LARGE": 1,
    "NEAR_EXTENDED": 2,
    "NEAR_SWAPPED": 3,
    "NEAR_VALUE": 4,
    "NO_ADVERTISE": 5,
    "NO_EXPORT": 6,
    "NO_EXPORT_SUBCONFED": 7,
    "NOPEER": 8,
    "BLACKHOLE": 9,
    "GRACEFUL_SHUTDOWN": 10,
    "LLGR_STALE": 11,
    "NO_LLGR": 12,
    "BLOCKED_8075": 13,
    "LONG_PATH": 14,
    "PRIVATE_ASN": 15,
    "BOGON_ASN": 16,
    "PREPENDED": 17,
    "LOOP": 18,
    "HAS_8075": 19,
    "HAS_12076": 20,
    "AS_SET": 21,
    "CONFED": 22,
    "EMPTY_PATH": 23,
    "FIRST_AS_OTHER": 24,
    "NO_ORIGIN": 25,
    "IPV6": 26,
    "SPECIAL_PREFIX": 27,
    "LONGER_THAN_24": 28,
    "MALFORMED": 29,
    "NO_STATEMENT": 30,
}
ALLOW = frozenset({"documentation", "benchmarking"})


def test_numbers_are_final() -> None:
    """Every fact has the bit that it had when it was first written."""
    assert {name: 1 << bit for name, bit in NUMBERS.items()} == {
        fact.name: fact.value for fact in Fact
    }


def seen(
    line: str, view: str = "received", asn: int | None = 64500, **criteria: object
) -> set[str]:
    """Return the names of the facts of a route in a lab that allows documentation space."""
    wanted = Criteria(**{"allow": ALLOW, **criteria})  # type: ignore[arg-type]
    found = facts(Route.parse(line), Viewpoint(view, asn), wanted)
    return {fact.name or "" for fact in Fact if fact in found}


@pytest.mark.parametrize(
    ("path", "view", "expected", "source"),
    [
        # C, T, U are AS64501 to AS64503, r is AS64512.
        ("", "loc-rib", set(), "paths#effective-path: own prefix"),
        ("64501", "loc-rib", set(), "paths#effective-path"),
        ("64500 64501 64502", "received", set(), "paths#path-length"),
        ("64501 64502 64503", "loc-rib", {"LONG_PATH"}, "paths#effective-path"),
        ("64500 64500 64500", "received", {"PREPENDED"}, "paths#path-length"),
        ("64500 64500 64500 64500", "received", {"PREPENDED", "LONG_PATH"}, "paths#path-length"),
        ("64500 64501 {64502,64503}", "received", {"AS_SET", "NO_ORIGIN"}, "paths#path-length"),
        ("64500 {64501,64502,64503}", "received", {"AS_SET", "NO_ORIGIN"}, "paths#path-length"),
        (
            "(64512 64513) 64501",
            "loc-rib",
            set(),
            "paths#effective-path: private inside a confederation",
        ),
        ("(64512) 64500 64501", "received", {"CONFED", "PRIVATE_ASN"}, "paths#path-length"),
        ("", "received", {"EMPTY_PATH"}, "paths#first-as"),
        ("64496 64497 64500 64501", "collector", set(), "paths#effective-path"),
        ("64496 64497", "collector", {"NO_STATEMENT"}, "paths#effective-path"),
        ("64500 8075 64501", "received", {"HAS_8075"}, "paths#loops: AS8075 drops it as a loop"),
        ("64500 64501 64500", "received", {"LOOP"}, "paths#loops: not prepending"),
        ("64500 12076 64501", "received", {"HAS_12076"}, "policy.md: peers filter it"),
        ("64501 64502", "received", {"FIRST_AS_OTHER"}, "RFC 7606 section 7.2"),
        ("{64500} 64501", "received", {"FIRST_AS_OTHER", "AS_SET"}, "a set is no first AS"),
        ("64500 64512", "received", {"PRIVATE_ASN"}, "paths#as-numbers"),
        ("64500 65534", "received", {"PRIVATE_ASN"}, "paths#as-numbers"),
        ("64500 65535", "received", {"BOGON_ASN"}, "paths#as-numbers"),
        ("64500 23456", "received", {"BOGON_ASN"}, "paths#as-numbers"),
        ("64500 0", "received", {"BOGON_ASN"}, "paths#as-numbers"),
        ("64500 65552", "received", {"BOGON_ASN"}, "paths#as-numbers"),
        ("64500 65551", "received", set(), "paths#as-numbers: documentation, allowed here"),
        ("64500 4200000000", "received", {"PRIVATE_ASN"}, "paths#as-numbers"),
        ("64500 4294967295", "received", {"BOGON_ASN"}, "paths#as-numbers"),
        (
            "64500 {64512,64501}",
            "received",
            {"PRIVATE_ASN", "AS_SET", "NO_ORIGIN"},
            "paths#as-numbers: members of sets count",
        ),
        ("64500 {64500}", "received", {"AS_SET", "NO_ORIGIN"}, "paths#prepending: no prepending"),
        ("64500 64501", "loc-rib", {"PREPENDED"}, "paths#prepending: P P after egress"),
        ("8075 64501 8075", "received", {"FIRST_AS_OTHER", "HAS_8075"}, "LOOP is of others"),
        ("64500 (64501)", "received", {"CONFED"}, "paths#sets-and-origin: the origin is P"),
    ],
)
def test_path(path: str, view: str, expected: set[str], source: str) -> None:
    """Each path has exactly these facts."""
    line = f"192.0.2.0/24 path {path}" if path else "192.0.2.0/24"

    assert expected == seen(line, view), source


@pytest.mark.parametrize(
    ("communities", "expected", "source"),
    [
        ("community 8075:8007", {"TAGGED"}, "paths#communities"),
        ("community 8075:8007 8075:8007", {"TAGGED"}, "paths#communities: a set"),
        ("", set(), "paths#communities"),
        ("large 8075:8007:0", {"NEAR_LARGE"}, "paths#near-misses: RFC 8092"),
        ("large 64500:8075:8007", {"NEAR_LARGE"}, "paths#near-misses: RFC 8092"),
        ("large 8075:1:8007", set(), "paths#near-misses: not side by side"),
        ("extended rt:8075:8007", {"NEAR_EXTENDED"}, "paths#near-misses: RFC 4360 type 0x00"),
        ("extended ro:8075:8007", {"NEAR_EXTENDED"}, "paths#near-misses: RFC 4360 subtype 0x03"),
        ("extended rt:8075L:8007", {"NEAR_EXTENDED"}, "paths#near-misses: RFC 5668 type 0x02"),
        ("extended 0x00041F8B00001F47", set(), "another subtype"),
        ("extended 0x40021F8B00001F47", set(), "another type"),
        ("community 8007:8075", {"NEAR_SWAPPED"}, "paths#near-misses"),
        ("community 8075:8000", {"NEAR_VALUE"}, "paths#near-misses: 8075:800x"),
        ("community 8075:8009", {"NEAR_VALUE"}, "paths#near-misses: 8075:800x"),
        ("community 8075:7999", set(), "not 8075:800x"),
        ("community 8075:8010", set(), "not 8075:800x"),
        ("community 8074:8007", set(), "the low half alone is not near"),
        ("community 8075:1007", set(), "paths#communities: unknown communities are nothing"),
        ("community 8075:8007 8075:8006", {"TAGGED", "NEAR_VALUE"}, "each counts"),
        ("community NO_ADVERTISE", {"NO_ADVERTISE"}, "RFC 1997"),
        ("community NO_EXPORT", {"NO_EXPORT"}, "RFC 1997"),
        ("community NO_EXPORT_SUBCONFED", {"NO_EXPORT_SUBCONFED"}, "RFC 1997"),
        ("community NOPEER", {"NOPEER"}, "RFC 3765"),
        ("community BLACKHOLE", {"BLACKHOLE"}, "RFC 7999"),
        ("community GRACEFUL_SHUTDOWN", {"GRACEFUL_SHUTDOWN"}, "RFC 8326"),
        ("community LLGR_STALE", {"LLGR_STALE"}, "RFC 9494"),
        ("community NO_LLGR", {"NO_LLGR"}, "RFC 9494"),
        ("community 0:8075", {"BLOCKED_8075"}, "paths#communities-that-conflict: IXP guides"),
    ],
)
def test_communities(communities: str, expected: set[str], source: str) -> None:
    """Each community has exactly these facts."""
    assert expected == seen(f"192.0.2.0/24 path 64500 {communities}"), source


@pytest.mark.parametrize(
    ("prefix", "expected", "source"),
    [
        ("192.0.2.0/24", set(), "allowed in a lab"),
        ("192.0.2.0/25", {"LONGER_THAN_24"}, "paths#prefix-texts"),
        ("192.0.2.1/32", {"LONGER_THAN_24"}, "paths#prefix-texts"),
        ("10.0.0.0/8", {"SPECIAL_PREFIX"}, "paths#special-prefixes"),
        ("10.0.0.0/25", {"SPECIAL_PREFIX", "LONGER_THAN_24"}, "paths#special-prefixes"),
        ("0.0.0.0/0", {"SPECIAL_PREFIX"}, "paths#special-prefixes"),
        ("2001:db8::/32", {"IPV6"}, "allowed in a lab"),
        ("fc00::/7", {"IPV6", "SPECIAL_PREFIX"}, "paths#special-prefixes"),
        ("2001:db8::/64", {"IPV6"}, "paths#prefix-texts: /24 is of IPv4"),
    ],
)
def test_prefix(prefix: str, expected: set[str], source: str) -> None:
    """Each prefix has exactly these facts."""
    assert expected == seen(f"{prefix} path 64500"), source


def test_documentation_space_is_no_public_space_outside_labs() -> None:
    """Without the test switch every documentation number is a bogon (paths#as-numbers)."""
    assert {"BOGON_ASN", "SPECIAL_PREFIX"} == seen("192.0.2.0/24 path 64500", allow=())


def test_criteria_change_community_and_length() -> None:
    """Criteria change the required community and the maximum length."""
    line = "192.0.2.0/24 path 64500 64501 community 64500:7"

    assert {"TAGGED", "LONG_PATH"} == seen(line, community=Community.of(64500, 7), max_path=1)


@pytest.mark.parametrize(
    ("wanted", "carried", "expected", "why"),
    [
        ("100:100", "100:100", "TAGGED", "its own swap"),
        ("100:101", "101:100", "NEAR_SWAPPED", "the swap"),
        ("101:100", "100:101", "NEAR_SWAPPED", "the swap"),
        ("100:100", "100:101", "NEAR_VALUE", "the last digit"),
        ("65535:65535", "65535:65530", "NEAR_VALUE", "a full ten would be too far"),
    ],
)
def test_near_misses_exclude_each_other(wanted: str, carried: str, expected: str, why: str) -> None:
    """A community is the required one, its swap, or a similar one: never two of these."""
    found = seen(f"192.0.2.0/24 path 64500 community {carried}", community=Community.parse(wanted))

    assert {expected} == found, why


@given(strategies.routes(), strategies.viewpoints(), strategies.criteria())
def test_malformed_routes_have_no_facts_but_the_prefixes(
    route: Route, viewpoint: Viewpoint, criteria: Criteria
) -> None:
    """A route that is treated as withdrawn only has facts about its prefix (RFC 7606)."""
    broken = attrs.evolve(route, malformed=("AS_PATH",))
    prefix_only = Fact.IPV6 | Fact.SPECIAL_PREFIX | Fact.LONGER_THAN_24

    found = facts(broken, viewpoint, criteria)

    assert Fact.MALFORMED | facts(route, viewpoint, criteria) & prefix_only == found


@given(strategies.routes(), strategies.viewpoints(), strategies.criteria())
def test_facts_do_not_contradict_each_other(
    route: Route, viewpoint: Viewpoint, criteria: Criteria
) -> None:
    """`NO_STATEMENT` excludes all facts about the path; an empty path has only `NO_ORIGIN`."""
    found = facts(route, viewpoint, criteria)
    on_path = Fact(sum(1 << bit for bit in range(14, 26)))

    if Fact.NO_STATEMENT in found:
        assert not found & on_path
    if Fact.EMPTY_PATH in found:
        assert found & on_path in (Fact.EMPTY_PATH, Fact.EMPTY_PATH | Fact.NO_ORIGIN)
    assert not (Fact.IPV6 in found and Fact.LONGER_THAN_24 in found)


@given(strategies.routes(), strategies.viewpoints(), strategies.criteria())
def test_splitting_and_order_never_matter(
    route: Route, viewpoint: Viewpoint, criteria: Criteria
) -> None:
    """Facts do not depend on how a sequence is split into segments (paths#prepending)."""
    joined = attrs.evolve(route, path=route.path.joined())

    assert facts(route, viewpoint, criteria) == facts(joined, viewpoint, criteria)


def test_extended_targets_need_both_halves() -> None:
    """A target that shares only the low half is not similar."""
    other = ExtendedCommunity.parse("rt:8074:8007")
    route = attrs.evolve(
        Route.parse("192.0.2.0/24"), extended_communities=frozenset({other}), path=AsPath()
    )

    assert Fact.NEAR_EXTENDED not in facts(route, Viewpoint("received", 64500), Criteria())
