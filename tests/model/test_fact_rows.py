"""Every fact: a route that has it, and a similar route that does not."""

from __future__ import annotations

import pytest

from peerlint.model import Criteria, Fact, Route, Viewpoint, facts

#: Documentation and benchmarking space counts as public here, as in a lab.
LAB = Criteria(allow={"documentation", "benchmarking"})

#: (fact, view, a route with it, a similar route without it, source)
ROWS = [
    (
        "TAGGED",
        "received",
        "path 64500 community 8075:8007",
        "path 64500 community 8075:8017",
        "paths#communities",
    ),
    (
        "NEAR_LARGE",
        "received",
        "path 64500 large 8075:8007:0",
        "path 64500 large 8075:0:8007",
        "paths#near-misses",
    ),
    (
        "NEAR_EXTENDED",
        "received",
        "path 64500 extended ro:8075:8007",
        "path 64500 extended rt:8007:8075",
        "paths#near-misses",
    ),
    (
        "NEAR_SWAPPED",
        "received",
        "path 64500 community 8007:8075",
        "path 64500 community 8007:8076",
        "paths#near-misses",
    ),
    (
        "NEAR_VALUE",
        "received",
        "path 64500 community 8075:8000",
        "path 64500 community 8075:7999",
        "paths#near-misses",
    ),
    (
        "NO_ADVERTISE",
        "received",
        "path 64500 community 65535:65282",
        "path 64500 community 65534:65282",
        "RFC 1997",
    ),
    (
        "NO_EXPORT",
        "received",
        "path 64500 community 65535:65281",
        "path 64500 community 65535:65280",
        "RFC 1997",
    ),
    (
        "NO_EXPORT_SUBCONFED",
        "received",
        "path 64500 community 65535:65283",
        "path 64500 community 65283:65535",
        "RFC 1997",
    ),
    (
        "NOPEER",
        "received",
        "path 64500 community 65535:65284",
        "path 64500 community 65535:65285",
        "RFC 3765",
    ),
    (
        "BLACKHOLE",
        "received",
        "path 64500 community 65535:666",
        "path 64500 community 64500:666",
        "RFC 7999: only with 65535 as the AS",
    ),
    (
        "GRACEFUL_SHUTDOWN",
        "received",
        "path 64500 community 65535:0",
        "path 64500 community 65535:1",
        "RFC 8326",
    ),
    (
        "LLGR_STALE",
        "received",
        "path 64500 community 65535:6",
        "path 64500 community 65535:5",
        "RFC 9494",
    ),
    (
        "NO_LLGR",
        "received",
        "path 64500 community 65535:7",
        "path 64500 community 65535:8",
        "RFC 9494",
    ),
    (
        "BLOCKED_8075",
        "received",
        "path 64500 community 0:8075",
        "path 64500 community 8075:0 large 0:8075:0",
        "paths#communities-that-conflict: IXP guides",
    ),
    (
        "LONG_PATH",
        "received",
        "path 64500 64501 64502 64503",
        "path 64500 64501 {64502,64503,64504,64505}",
        "paths#path-length: a set is 1",
    ),
    (
        "PRIVATE_ASN",
        "received",
        "path 64500 64512",
        "path 64500 64511",
        "paths#as-numbers: 64511/64512",
    ),
    (
        "BOGON_ASN",
        "received",
        "path 64500 131071",
        "path 64500 131072",
        "paths#as-numbers: 131071/131072",
    ),
    ("PREPENDED", "received", "path 64500 64500", "path 64500 {64500,64500}", "paths#prepending"),
    (
        "LOOP",
        "received",
        "path 64500 64501 64500",
        "path 64500 8075 64501 8075",
        "paths#loops: 8075 is a fact of its own",
    ),
    (
        "HAS_8075",
        "received",
        "path 64500 8075",
        "path 64500 8076 community 8075:8007",
        "paths#loops",
    ),
    ("HAS_12076", "received", "path 64500 12076", "path 64500 12077", "policy.md: ExpressRoute"),
    (
        "AS_SET",
        "received",
        "path 64500 {64501}",
        "path 64500 64501",
        "RFC 9774: one member is enough",
    ),
    ("CONFED", "received", "path 64500 [64501]", "path 64500 {64501}", "RFC 5065 section 5"),
    ("EMPTY_PATH", "received", "", "path (64512)", "paths#first-as"),
    (
        "FIRST_AS_OTHER",
        "received",
        "path 64501 64500",
        "path (64512) 64500",
        "RFC 7606 section 7.2: outside confederations",
    ),
    (
        "NO_ORIGIN",
        "received",
        "path 64500 {64501}",
        "path {64501} 64500",
        "paths#sets-and-origin, RFC 6811 section 2",
    ),
    ("IPV6", "received", "2001:db8::/32 path 64500", "192.0.2.0/24 path 64500", "family"),
    (
        "SPECIAL_PREFIX",
        "received",
        "172.31.255.255/32 path 64500",
        "172.32.0.0/32 path 64500",
        "paths#special-prefixes: RFC 1918",
    ),
    (
        "LONGER_THAN_24",
        "received",
        "198.18.0.0/25 path 64500",
        "198.18.0.0/24 path 64500",
        "paths#prefix-texts",
    ),
    (
        "MALFORMED",
        "received",
        "path 64500 malformed AS_PATH",
        "path {64500} (0) community 0",
        "RFC 7606: what is decoded is not malformed",
    ),
    (
        "NO_STATEMENT",
        "collector",
        "path 64496 64497",
        "path 64496 64500 64497",
        "paths#effective-path: P in the middle is enough",
    ),
]


def seen(line: str, view: str) -> Fact:
    """Return the facts of a route of AS64500 in a lab."""
    whole = line if "/" in line else f"192.0.2.0/24 {line}"
    return facts(Route.parse(whole), Viewpoint(view, 64500), LAB)


def test_every_bit_has_a_row() -> None:
    """Every fact has a row, and the rows are in the order of the bits."""
    assert [fact.name for fact in Fact] == [row[0] for row in ROWS]


@pytest.mark.parametrize(("name", "view", "line", "near", "source"), ROWS)
def test_routes_with_and_without_a_fact(
    name: str, view: str, line: str, near: str, source: str
) -> None:
    """The first route has the fact; the second, which is similar, does not."""
    fact = Fact[name]

    assert (fact, Fact(0)) == (fact & seen(line, view), fact & seen(near, view)), source
