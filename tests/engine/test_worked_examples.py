"""The worked examples of paths and life-cycle in docs/explanation, row by row.

Two-octet paths are in `tests/wire/test_paths.py`, AS numbers and address blocks in `tests/iana`,
activations in `test_life_cycle.py`, the columns of views#what-each-view-proves in `test_views.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs
import pytest

from peerlint import check_route
from peerlint.model import AsPath, Route, Segment, SegmentType
from peerlint.report.sentence import sentence
from peerlint.results import Finding, Outcome
from peerlint.testing.notation import evaluate as evaluate_all
from peerlint.testing.notation import evaluate_routes as evaluate
from peerlint.testing.notation import scenario

Labels = Callable[..., set[str]]

#: One session; AS64500 is P, C is 64501, T 64502, U 64503, private numbers are 64512 and 64513.
ONE: Final = "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
REGISTERED: Final = f"{ONE}registered 203.0.113.0/24\n"
BLOCK: Final = f"{ONE}registered 198.18.0.0/22\n"
#: A route server of an exchange, and the AS numbers of its customers.
SERVER: Final = (
    "peering contoso-rs route-server 64500 Amsterdam\nsession rs-1 rs1.ams\n"
    "asn 64501\nasn 64503\nasn 64504\n"
)
TAG: Final = "community 8075:8007"


def label_of(finding: Finding) -> str:
    """Return a label such as `error route.prepending`, or with `unknown` for the severity."""
    label = finding.severity if finding.outcome is Outcome.FAIL else finding.outcome
    return f"{label} {finding.rule}"


@pytest.mark.parametrize(
    ("view", "path", "expected"),
    [
        # paths#path-length
        ("loc-rib", "", set()),
        ("loc-rib", "64501", set()),
        ("received", "64500 64501 64502", set()),
        ("loc-rib", "64501 64502 64503", {"error route.as-path-length"}),
        ("received", "64500 64500 64500", {"error route.prepending"}),
        (
            "received",
            "64500 64500 64500 64500",
            {"error route.prepending", "error route.as-path-length"},
        ),
        ("received", "64500 64501 {64502,64503}", {"error route.as-set"}),  # paths#sets-and-origin
        ("received", "64500 {64501,64502,64503}", {"error route.as-set"}),
        ("received", "64500 {64501,64502} 64503", {"warning route.as-set"}),
        ("loc-rib", "(64512 64513) 64501", set()),
        ("received", "(64512) 64500 64501", {"error route.confed-leak", "error route.private-asn"}),
        ("received", "", {"error route.empty-path"}),
        ("received", "64500 8075 64501", {"error route.as-path-loop"}),
        ("received", "64500 64501 64500", {"warning route.as-path-loop"}),
        # paths#prepending
        ("received", "64500 {64500}", {"error route.as-set"}),
        ("received", "64500 64501 64501", {"error route.prepending"}),
        (
            "received",  # a real example, with documentation numbers
            "64500 64501 64501 64502",
            {"error route.prepending", "error route.as-path-length"},
        ),
        # paths#as-numbers, by class
        ("received", "64500 64512", {"error route.private-asn"}),
        ("received", "64500 65534", {"error route.private-asn"}),
        ("received", "64500 4200000000", {"error route.private-asn"}),
        ("received", "64500 4294967294", {"error route.private-asn"}),
        (
            "received",
            "64500 {64501,64512} 64502",
            {"error route.private-asn", "warning route.as-set"},
        ),
        ("received", "64500 0", {"error route.bogon-asn"}),
        ("received", "64500 23456", {"error route.bogon-asn"}),
        ("received", "64500 65535", {"error route.bogon-asn"}),
        ("received", "64500 65552", {"error route.bogon-asn"}),
        ("received", "64500 131071", {"error route.bogon-asn"}),
        ("received", "64500 4294967295", {"error route.bogon-asn"}),
        ("received", "64500 112", set()),  # RFC 7534
        ("received", "64500 64511", set()),  # documentation, which scenarios allow
        # both sides of each boundary; scenarios allow documentation (paths#as-numbers)
        *(
            ("received", f"64500 {asn}", {f"error route.{rule}"} if rule else set())
            for asn, rule in (
                (0, "bogon-asn"),
                (1, ""),
                (23455, ""),
                (23456, "bogon-asn"),
                (23457, ""),
                (64495, ""),
                (64496, ""),
                (64511, ""),
                (64512, "private-asn"),
                (65534, "private-asn"),
                (65535, "bogon-asn"),
                (65536, ""),
                (65551, ""),
                (65552, "bogon-asn"),
                (131071, "bogon-asn"),
                (131072, ""),
                (4199999999, ""),
                (4200000000, "private-asn"),
                (4294967294, "private-asn"),
                (4294967295, "bogon-asn"),
            )
        ),
        # sequences with a set between them are not adjacent (paths#prepending)
        (
            "received",
            "64500 {64501} 64500",
            {"warning route.as-set", "warning route.as-path-loop"},
        ),
        (
            "received",
            "64500 (64512) 64500",
            {"error route.confed-leak", "error route.private-asn", "error route.prepending"},
        ),
        # paths#first-as
        ("received", "64501", {"warning route.first-as"}),
        ("received", "{64500,64501}", {"warning route.first-as", "error route.as-set"}),
    ],
)
def test_paths(labels: Labels, view: str, path: str, expected: set[str]) -> None:
    """Each path has exactly these findings."""
    shown = f"path {path} {TAG}" if path else TAG

    found = labels(f"{REGISTERED}view ams-1 {view}\nams-1 203.0.113.0/24 {shown}")

    assert expected == found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("64500 64500 64501", "AS64500 x 2"),  # the peer
        ("64500 64501 64501 64501", "AS64501 x 3"),  # its customer
        ("64500 64501 64502 64502", "AS64502 x 2"),  # the origin
        ("64500 64500 64501 64501", "AS64500 x 2, AS64501 x 2"),
    ],
)
def test_who_prepends_is_named(path: str, expected: str) -> None:
    """The message names the AS that is prepended, with the length of the run (paths#prepending)."""
    report = evaluate(f"{REGISTERED}ams-1 203.0.113.0/24 path {path} {TAG}")

    (message,) = [sentence(one) for one in report.findings if one.rule == "route.prepending"]
    assert f"found {expected} in " in message


def test_a_split_sequence_is_prepending() -> None:
    """`SEQ[P] SEQ[P C]`, as an UPDATE may have it, is prepending (paths#prepending)."""
    sequence = SegmentType.AS_SEQUENCE
    path = AsPath((Segment(sequence, (64500,)), Segment(sequence, (64500, 64501))))
    route = attrs.evolve(Route.parse(f"203.0.113.0/24 {TAG}"), path=path)
    found = check_route(route, profile="maps", asn=64500, allow={"documentation"})

    assert ["route.prepending"] == [one.rule for one in found]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("64501 64502 64503", set()),
        ("64501 64502 64503 64504", {"error route.as-path-length"}),
    ],
)
def test_a_transparent_route_server(labels: Labels, path: str, expected: set[str]) -> None:
    """`C T U` in the RIB of a route server has length 3 (paths#effective-path)."""
    text = f"{SERVER}view rs-1 loc-rib\nrs-1 203.0.113.0/24 path {path} {TAG}"

    assert expected == labels(text, "rs-1")


def test_a_route_server_that_is_not_transparent(labels: Labels) -> None:
    """With `rs_transparent = false` the route server counts 1, as any AS (paths#effective-path)."""
    text = (
        f"{SERVER}peering contoso-rs rs_transparent=false\nview rs-1 loc-rib\n"
        f"rs-1 203.0.113.0/24 path 64501 64502 64503 {TAG}"
    )

    assert {"error route.as-path-length"} == labels(text, "rs-1")


@pytest.mark.parametrize("path", ["64501 {64502} 64503", "64500 64501 64502", "(64512) 64500"])
def test_lengths_that_pass(labels: Labels, path: str) -> None:
    """Sets count 1 and confederations 0, so none of these is too long (paths#path-length)."""
    found = labels(f"{REGISTERED}ams-1 203.0.113.0/24 path {path} {TAG}")

    assert "error route.as-path-length" not in found


@pytest.mark.parametrize(
    ("community", "received", "own"),
    [
        # on the wire, and before export policy (paths#communities-that-conflict)
        ("no-advertise", "error", "error"),
        ("no-export", "info", "error"),
        ("no-export-subconfed", "warning", "error"),
        ("nopeer", "info", "warning"),
        ("blackhole", "error", "error"),
        ("graceful-shutdown", "warning", "warning"),
        ("llgr-stale", "warning", "warning"),
        ("no-llgr", "info", "info"),
        ("0:8075", None, None),  # for a route server, see below
        ("8075:1007", None, None),  # unknown communities are never findings
        ("64500:666", None, None),
    ],
)
def test_communities_that_conflict(
    labels: Labels, community: str, received: str | None, own: str | None
) -> None:
    """The effect of a community depends on the view (paths#communities-that-conflict)."""
    route = f"ams-1 203.0.113.0/24 path {{}} {TAG} {community}"

    def expected(severity: str | None) -> set[str]:
        return set() if severity is None else {f"{severity} route.community-conflict"}

    for view, path, severity in (
        ("received", "64500", received),
        ("sent", "64500", received),
        ("loc-rib", "64501", own),
        ("advertised", "64501", own),
    ):
        text = f"{REGISTERED}view ams-1 {view}\n{route.format(path)}"
        assert expected(severity) == labels(text), view


@pytest.mark.parametrize(
    ("view", "community", "expected"),
    [
        # a route server may pass routes on (paths#communities-that-conflict)
        ("loc-rib", "0:8075", {"warning route.rs-blocked"}),
        ("received", "0:8075", set()),
        # the leftmost AS is the member's: no reason to drop it (paths#treated-as-withdrawn)
        ("sent", "64500:1", set()),
        ("loc-rib", "no-export", {"unknown route.community-conflict"}),
        ("loc-rib", "no-advertise", {"unknown route.community-conflict"}),
    ],
)
def test_communities_of_route_servers(
    labels: Labels, view: str, community: str, expected: set[str]
) -> None:
    """An exchange has its own communities, and may ignore well-known ones."""
    text = f"{SERVER}view rs-1 {view}\nrs-1 203.0.113.0/24 path 64501 {TAG} {community}"

    assert expected == labels(text, "rs-1")


@pytest.mark.parametrize("order", ["8075:8007 64500:1", "64500:1 8075:8007", "8075:8007 8075:8007"])
def test_communities_are_a_set(labels: Labels, order: str) -> None:
    """Order and repetitions do not matter (RFC 1997, paths#communities)."""
    assert set() == labels(f"{REGISTERED}ams-1 203.0.113.0/24 path 64500 community {order}")


@pytest.mark.parametrize("text", ["8075:8007", "(8075,8007)", "529211207", "0x1F8B1F47"])
def test_every_spelling_of_the_community(labels: Labels, text: str) -> None:
    """Each way to write 8075:8007 is the value (paths#communities)."""
    assert set() == labels(f"{REGISTERED}ams-1 203.0.113.0/24 path 64500 community {text}")


@pytest.mark.parametrize(
    "near",
    [
        "large 8075:8007:0",
        "large 8075:8007:4294967295",
        "large 64500:8075:8007",
        "extended rt:8075:8007",
        "extended ro:8075:8007",
        "extended rt:8075L:8007",  # RFC 5668
        "community 8007:8075",
        "community 8075:8000",
        "community 8075:8009",
    ],
)
def test_near_misses_are_named(labels: Labels, near: str) -> None:
    """The value in another form has a rule of its own (paths#near-misses)."""
    found = labels(f"{REGISTERED}ams-1 203.0.113.0/24 path 64500 {near}")

    assert {"error route.community-wrong-type"} == found


@pytest.mark.parametrize(
    "far", ["community 8075:8010", "large 1:2:8075", "community 64500:8007", ""]
)
def test_other_communities_are_no_near_miss(labels: Labels, far: str) -> None:
    """A community that is not similar counts as missing."""
    found = labels(f"{REGISTERED}ams-1 203.0.113.0/24 path 64500 {far}")

    assert {"error route.community-missing"} == found


def test_a_session_that_sends_no_communities_is_named() -> None:
    """If all routes of a session lack the community, the message asks for send-community."""
    text = f"{REGISTERED}ams-1 203.0.113.0/24 path 64500\nams-1 198.51.100.0/24 path 64500"

    (message,) = [
        sentence(found)
        for found in evaluate(text).findings
        if found.rule == "route.community-missing"
    ]

    expected = "no route of ams-1 (edge1.ams) carries 8075:8007: is send-community off?"
    assert expected == message


def test_one_tagged_route_shows_that_communities_are_sent() -> None:
    """If another route of the session has the community, the message does not suspect it."""
    text = f"{REGISTERED}ams-1 203.0.113.0/24 path 64500\nams-1 198.51.100.0/24 path 64500 {TAG}"

    messages = [sentence(found) for found in evaluate(text).findings]

    assert [] == [message for message in messages if "send-community" in message]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # paths#exact-match
        (f"{BLOCK}ams-1 198.18.0.0/22 path 64500 {TAG}", set()),
        (f"{BLOCK}ams-1 198.18.0.0/21 path 64500 {TAG}", {"error route.covering-only"}),
        (
            BLOCK + "\n".join(f"ams-1 198.18.{n}.0/24 path 64500 {TAG}" for n in range(4)),
            {"error route.more-specifics-only", "warning route.more-specific-unregistered"},
        ),
        (
            f"{BLOCK}ams-1 198.18.0.0/22 path 64500 {TAG}\nams-1 198.18.1.0/24 path 64500",
            {"warning route.more-specific-unregistered"},
        ),
        (
            f"{ONE}registered 198.18.1.128/25\nams-1 198.18.1.0/24 path 64500 {TAG}",
            {"error route.covering-only"},
        ),
        (f"{BLOCK}coverage ams-1 partial", {"unknown route.not-received"}),
        (f"{BLOCK}coverage ams-1 none", {"unknown route.not-received"}),
        (
            f"{BLOCK}coverage ams-1 partial truncated",
            {"unknown route.not-received", "info route.export-truncated"},
        ),
        (
            f"{BLOCK}ams-1 198.18.0.0/23 path 64500 {TAG}",
            {"error route.more-specifics-only", "warning route.more-specific-unregistered"},
        ),
        (BLOCK, {"error route.not-received"}),
        # a default route covers nothing
        (f"{BLOCK}ams-1 0.0.0.0/0 path 64500", {"error route.not-received"}),
        # both: the covering route takes precedence
        (
            f"{BLOCK}ams-1 198.18.0.0/21 path 64500 {TAG}\nams-1 198.18.1.0/24 path 64500 {TAG}",
            {"error route.covering-only", "warning route.more-specific-unregistered"},
        ),
        # a partial dump that shows the prefix proves its presence
        (f"{BLOCK}coverage ams-1 partial\nams-1 198.18.0.0/22 path 64500 {TAG}", set()),
        # /32 and /31 are legal
        (f"{ONE}registered 198.18.0.1/32\nams-1 198.18.0.1/32 path 64500 {TAG}", set()),
    ],
)
def test_presence(labels: Labels, text: str, expected: set[str]) -> None:
    """A route matches only if its prefix is the registered one (paths#exact-match)."""
    found = {each for each in labels(text) if "registration.missing" not in each}

    assert expected == found


def test_one_of_two_sessions_is_named() -> None:
    """A prefix on one of two sessions fails for the other, by session, router and address."""
    text = f"registered 198.18.0.0/22\nams-1 198.18.0.0/22 path 64500 {TAG}"

    (finding,) = [each for each in evaluate(text).findings if each.rule == "route.not-received"]

    assert ("ams-2", "edge2.ams") == (finding.subject.session, finding.subject.router)
    assert "Prefix not received from IP 192.0.2.2" == finding.portal[0]


def test_more_specifics_that_fill_the_prefix() -> None:
    """The message says whether more specific routes fill the prefix."""

    def message(count: int) -> str:
        routes = "\n".join(f"ams-1 198.18.{n}.0/24 path 64500 {TAG}" for n in range(count))
        return next(
            sentence(each)
            for each in evaluate(BLOCK + routes).findings
            if each.rule == "route.more-specifics-only"
        )

    assert ", which fill it," in message(4)
    assert ", which fill it," not in message(3)


@pytest.mark.parametrize(
    ("prefix", "expected"),
    [
        # paths#prefix-texts, paths#special-prefixes
        ("192.0.2.5/24", {"error prefix.host-bits"}),
        ("192.0.2.0/33", {"error prefix.valid"}),
        ("192.0.2.0", {"error prefix.valid"}),
        ("192.0.2/24", {"error prefix.valid"}),
        ("010.0.0.0/8", {"error prefix.valid"}),
        ("192.0.2.0/", {"error prefix.valid"}),
        ("0.0.0.0/8", {"error prefix.private-range"}),
        ("203.0.113.7/32", {"info prefix.longer-than-24"}),
        ("203.0.113.0/25", {"info prefix.longer-than-24"}),
        ("2001:db8::1/32", {"error prefix.ipv4-only"}),
        ("nonsense", {"error prefix.valid"}),
        ("2001:db8::/32", {"error prefix.ipv4-only"}),
        ("0.0.0.0/0", {"error prefix.private-range", "warning prefix.too-short"}),
        ("10.0.0.0/8", {"error prefix.private-range"}),
        ("10.0.0.0/7", {"error prefix.private-range", "warning prefix.too-short"}),
        ("172.0.0.0/8", {"error prefix.private-range"}),
        ("192.0.0.0/16", {"error prefix.private-range"}),
        ("100.64.0.0/10", {"error prefix.private-range"}),
        ("240.0.0.0/24", {"error prefix.private-range"}),
        ("224.0.0.0/24", {"error prefix.private-range"}),
        ("192.0.0.9/32", {"info prefix.longer-than-24"}),  # a reachable exception
        ("192.175.48.0/24", {"warning prefix.private-range"}),
        ("192.31.196.0/24", {"warning prefix.private-range"}),
        ("192.52.193.0/24", {"warning prefix.private-range"}),
        ("203.0.113.0/31", {"info prefix.longer-than-24"}),
        ("203.0.113.0/24", set()),
    ],
)
def test_registered_texts(labels: Labels, prefix: str, expected: set[str]) -> None:
    """A registered prefix is checked as a text, then as address space (paths#prefix-texts)."""
    assert expected == labels(f"{ONE}registered {prefix}", None) - {"error prefix.own-routable"}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("192.0.2.0", "192.0.2.0/32"),  # paths#prefix-texts: a bare address
        ("203.0.113.0/33", "203.0.113.0/24"),
        (" 203.0.113.0/24", "203.0.113.0/24"),  # blanks at any position
        ("203.0.113.0/24 ", "203.0.113.0/24"),
        ("203.0.113.0 /24", "203.0.113.0/24"),
        (" 192.0.2.0 ", "192.0.2.0/32"),
    ],
)
def test_texts_that_are_no_prefix(text: str, wanted: str) -> None:
    """The message suggests the prefix that was probably meant (paths#prefix-texts)."""
    found = scenario(f"{ONE}registered 203.0.113.0/24")
    (peering,) = found.inventory.peerings
    (registered,) = peering.registered_prefixes
    peering = attrs.evolve(peering, registered_prefixes=(attrs.evolve(registered, prefix=text),))
    inventory = attrs.evolve(found.inventory, peerings=(peering,))
    report = attrs.evolve(found, inventory=inventory).evaluate()

    (message,) = [sentence(one) for one in report.findings if one.rule == "prefix.valid"]
    assert f"found {text!r}, wanted a prefix such as {wanted}" == message


#: An origin that is not P, on both sessions.
FOREIGN: Final = (
    "registered 203.0.113.0/24\nservice contoso-maps\nservice-prefix 203.0.113.0/24\n"
    f"ams-1 203.0.113.0/24 path {{path}} {TAG}\nams-2 203.0.113.0/24 path {{path}} {TAG}"
)


@pytest.mark.parametrize(
    ("profile", "path", "expected"),
    [
        # P is associated; whether it is registered needs registry data (paths#origins)
        *(
            (profile, "64500", {"unknown asn.origin-registered"})
            for profile in ("direct", "partner", "maps", "voice")
        ),
        *(
            (
                profile,
                "64500 64501",
                {"error asn.origin-not-associated", "unknown asn.origin-registered"},
            )
            for profile in ("direct", "partner", "maps", "voice")
        ),
        # at a route server, the origin has to be registered
        (
            "route-server",
            "64501",
            {"error asn.customer-registered", "unknown asn.origin-registered"},
        ),
        ("route-server", "64501\nasn 64501", {"unknown asn.origin-registered"}),
    ],
)
def test_foreign_origins(profile: str, path: str, expected: set[str]) -> None:
    """An origin other than P is associated, or registered at a route server (paths#origins)."""
    path, _, more = path.partition("\n")
    report = evaluate_all(f"{FOREIGN.format(path=path)}\n{more}", profile=profile)

    asked = {"asn.origin-not-associated", "asn.origin-registered", "asn.customer-registered"}
    assert expected == {label_of(one) for one in report.findings if one.rule in asked}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # paths#origins
        ("ams-1 203.0.113.0/24 path 64500", set()),
        ("ams-1 203.0.113.0/24 path 64500 64501\nams-2 203.0.113.0/24 path 64500 64501", set()),
        (
            "ams-1 203.0.113.0/24 path 64500\nams-2 203.0.113.0/24 path 64500 64501",
            {"warning route.origin-inconsistent"},
        ),
        # a path with an AS_SET at the end has no origin (paths#sets-and-origin)
        ("ams-1 203.0.113.0/24 path 64500\nams-2 203.0.113.0/24 path 64500 {64501}", set()),
        # Loc-RIB [] and (r1) both have origin P (paths#sets-and-origin)
        (
            "view ams-1 loc-rib\nview ams-2 loc-rib\n"
            "ams-1 203.0.113.0/24\nams-2 203.0.113.0/24 path (64512)",
            set(),
        ),
    ],
)
def test_origins(labels: Labels, text: str, expected: set[str]) -> None:
    """One prefix has one origin on all sessions (paths#origins)."""
    found = labels(f"registered 203.0.113.0/24\n{text}", None)

    assert expected == {each for each in found if "origin" in each}


def test_the_declared_origin_counts(labels: Labels) -> None:
    """A route from another AS than the declared one is inconsistent."""
    text = (
        f"{ONE}registered 203.0.113.0/24 origin {{}}\nams-1 203.0.113.0/24 path 64500 64501 {TAG}"
    )

    assert {"warning route.origin-inconsistent"} == labels(text.format(64502), None)
    assert set() == labels(text.format(64501), None)


OTHER: Final = "\npeering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra"


@pytest.mark.parametrize(
    ("text", "rule", "prefixes"),
    [
        # two peerings, equal as numbers, one peering (life-cycle#duplicates-and-overlaps)
        (
            f"{ONE}registered 203.0.113.0/24{OTHER}\nregistered 203.0.113.0/24",
            "registration.single-peering",
            ["203.0.113.0/24", "203.0.113.0/24"],
        ),
        (
            f"{ONE}registered 203.0.113.9/24{OTHER}\nregistered 203.0.113.0/24",
            "registration.single-peering",
            ["203.0.113.9/24", "203.0.113.0/24"],
        ),
        (
            f"{ONE}registered 203.0.113.0/24 name a\nregistered 203.0.113.0/24 name b",
            "registration.single-peering",
            ["203.0.113.0/24", "203.0.113.0/24"],
        ),
        (
            f"{ONE}registered 198.18.0.0/22{OTHER}\nregistered 198.18.1.0/24",
            "registration.overlap",
            ["198.18.0.0/22", "198.18.1.0/24"],
        ),
        (f"{ONE}registered 198.18.0.0/24\nregistered 198.18.1.0/24", "registration.overlap", []),
    ],
)
def test_registrations(text: str, rule: str, prefixes: list[str]) -> None:
    """Both prefixes have a finding (life-cycle#duplicates-and-overlaps)."""
    found = [
        each.subject.prefix
        for each in evaluate(text).findings
        if each.rule == rule and each.outcome is Outcome.FAIL
    ]

    assert prefixes == found
