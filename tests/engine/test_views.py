"""What each view proves, and what a router's own RIB does not (docs/explanation/views.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs
import pytest

from peerlint.observations import Observations, SessionCounts
from peerlint.report.sentence import sentence
from peerlint.results import FailOn, Outcome
from peerlint.testing.notation import evaluate_routes as evaluate
from peerlint.testing.notation import scenario

Labels = Callable[..., set[str]]

ONE: Final = "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
REGISTERED: Final = f"{ONE}registered 203.0.113.0/24\n"
AS_IS: Final = (
    "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams as-is\n"
    "registered 203.0.113.0/24\n"
)
TAG: Final = "community 8075:8007"
VIEWS: Final = ("received", "sent", "advertised", "loc-rib", "adj-rib-in", "collector")


def shown(view: str, fields: str = "", stored: str = "64501") -> str:
    """Return a line for AS64501's route, with P prepended if the view shows the wire."""
    path = stored if view in ("advertised", "loc-rib", "adj-rib-in") else f"64500 {stored}".strip()
    return f"view ams-1 {view}\nams-1 203.0.113.0/24 path {path} {fields}"


@pytest.mark.parametrize(
    ("view", "absent", "present"),
    [
        # views#what-each-view-proves, first column
        ("received", {"error route.community-missing"}, set()),
        ("sent", {"error route.community-missing"}, set()),
        ("advertised", {"unknown route.community-missing"}, set()),
        ("loc-rib", {"unknown route.community-missing"}, set()),
        (
            "adj-rib-in",  # diagnosis only
            {"info route.community-missing", "unknown route.not-received"},
            {"unknown route.not-received"},
        ),
        (
            "collector",
            {"info route.community-missing", "unknown route.not-received"},
            {"unknown route.not-received"},
        ),
    ],
)
def test_communities(labels: Labels, view: str, absent: set[str], present: set[str]) -> None:
    """The absence of the community fails on the wire, and is unknown before export policy."""
    assert absent == labels(REGISTERED + shown(view))
    assert present == labels(REGISTERED + shown(view, TAG))


@pytest.mark.parametrize(
    ("view", "complete", "partial"),
    [
        # second column
        ("received", "error", "unknown"),
        ("sent", "error", "unknown"),
        ("advertised", "error", "unknown"),
        ("loc-rib", "error", "unknown"),
        ("adj-rib-in", "unknown", "unknown"),
        ("collector", "unknown", "unknown"),
    ],
)
def test_absence(labels: Labels, view: str, complete: str, partial: str) -> None:
    """Absence is a failure only in a complete source of a view that proves it."""
    text = f"{REGISTERED}view ams-1 {view}\n"

    assert {f"{complete} route.not-received"} == labels(text)
    assert {f"{partial} route.not-received"} == labels(f"{text}coverage ams-1 partial")


@pytest.mark.parametrize(
    ("view", "length", "private", "prepended"),
    [
        # third column: paths of 4, with 64512, and with 64501 twice
        ("received", "error", "error", "error"),
        ("sent", "error", "error", "error"),
        ("advertised", "error", "unknown", "unknown"),
        ("loc-rib", "error", "unknown", "unknown"),
        ("adj-rib-in", "info", "info", "info"),
        ("collector", "info", "info", "info"),
    ],
)
def test_paths(labels: Labels, view: str, length: str, private: str, prepended: str) -> None:
    """Path length is inferred before export policy; private AS and prepending are unknown."""
    hint = {"unknown route.not-received"} if view in ("adj-rib-in", "collector") else set()

    def found(stored: str) -> set[str]:
        return labels(REGISTERED + shown(view, TAG, stored)) - hint

    assert {f"{length} route.as-path-length"} == found("64501 64502 64503")
    assert {f"{private} route.private-asn"} == found("64512 64501")
    assert {f"{prepended} route.prepending"} == found("64501 64501")


@pytest.mark.parametrize("view", VIEWS)
def test_confidence(view: str) -> None:
    """Findings of `received` and `sent` are observed, all others inferred."""
    expected = "observed" if view in ("received", "sent") else "inferred"
    texts = (
        shown(view, TAG, "64501 64502 64503"),
        f"view ams-1 {view}",
        "view ams-1 received\ncoverage ams-1 partial" if expected == "observed" else shown(view),
    )

    for text in texts:
        found = [each.confidence for each in evaluate(REGISTERED + text).findings]
        assert found
        assert {expected} == set(map(str, found)), text


@pytest.mark.parametrize("view", VIEWS)
def test_strict_does_not_accept_inferred_passes(view: str) -> None:
    """With `--strict` a pass counts only on the wire; elsewhere each `must` is unknown.

    Microsoft's own checks, and so the state, do not change; the exit status does.
    """
    text = REGISTERED + shown(view, TAG)

    lenient = evaluate(text).prefixes[0]
    report = evaluate(text, strict=True)
    strict = report.prefixes[0]

    definite = view in ("received", "sent")
    is_evidence = view not in ("adj-rib-in", "collector")
    assert ("Verified" if is_evidence else "Unknown") == strict.state == lenient.state
    assert definite == (report.failures(FailOn.OPEN) == ())
    assert {"route.community-missing", "route.as-path-length"} <= set(lenient.passed)
    of_routes = {rule for rule in strict.passed if rule.startswith("route.")}
    musts = {
        "route.not-received",
        "route.community-missing",
        "route.as-path-length",
        "route.private-asn",
        "route.prepending",
    }
    assert (musts if definite else set()) == musts & of_routes


def test_a_collectors_path_without_p(labels: Labels) -> None:
    """A collector's path without P is not used (paths#effective-path)."""
    text = f"{REGISTERED}view ams-1 collector\nams-1 203.0.113.0/24 path 64496 64512 64497"

    assert {"unknown route.not-received"} == labels(text)


def test_a_collectors_path_is_cut_before_p(labels: Labels) -> None:
    """AS numbers that other networks add left of P are removed (paths#effective-path)."""
    text = (
        f"{REGISTERED}view ams-1 collector\nams-1 203.0.113.0/24 path 64496 64497 64500 64501 {TAG}"
    )

    assert {"unknown route.not-received"} == labels(text)


@pytest.mark.parametrize("view", ["adj-rib-in", "collector"])
def test_hints_prove_no_absence(labels: Labels, view: str) -> None:
    """A view that gives hints only does not prove that a peering announces nothing."""
    found = labels(f"{REGISTERED}view ams-1 {view}", None)

    assert {"unknown prefix.own-routable"} == found


@pytest.mark.parametrize(
    ("line", "rule"),
    [
        ("path 64501", "route.community-missing"),
        ("path 64501 large 8075:8007:0", "route.community-wrong-type"),
        (f"path 64512 {TAG}", "route.private-asn"),
        (f"path 64501 64501 {TAG}", "route.prepending"),
        (f"path 64500 64501 {TAG}", "route.prepending"),  # paths#prepending: P P
    ],
)
def test_egress_as_is(labels: Labels, line: str, rule: str) -> None:
    """With `egress = "as-is"`, faults that export policy could change are no longer unknown."""
    text = f"view ams-1 loc-rib\nams-1 203.0.113.0/24 {line}"

    assert {f"unknown {rule}"} == labels(REGISTERED + text)
    assert {f"error {rule}"} == labels(AS_IS + text)


@pytest.mark.parametrize(
    ("view", "first", "second", "expected"),
    [
        # on the wire, with add-path, every path has to pass (paths#several-paths)
        ("received", f"64500 {TAG}", "64500", {"error route.community-missing"}),
        ("received", f"64500 {TAG}", f"64500 64501 64501 {TAG}", {"error route.prepending"}),
        ("sent", f"64500 {TAG}", "64500", {"error route.community-missing"}),
        ("received", f"64500 {TAG}", f"64500 64501 {TAG}", set()),
        # MRT does not mark the best path (views#several-routes-for-one-prefix)
        ("loc-rib", f"64501 {TAG}", f"64501 64502 64503 {TAG}", {"unknown route.as-path-length"}),
        (
            "loc-rib",
            f"64501 64502 64503 {TAG}",
            f"64502 64501 64503 {TAG}",
            {"error route.as-path-length"},
        ),
        ("loc-rib", f"64501 {TAG}", "64501", {"unknown route.community-missing"}),
        ("loc-rib", f"64501 {TAG}", f"64502 {TAG}", set()),
    ],
)
def test_several_paths(
    labels: Labels, view: str, first: str, second: str, expected: set[str]
) -> None:
    """Of several routes, all have to pass on the wire; in a RIB they have to agree."""
    text = (
        f"{REGISTERED}view ams-1 {view}\n"
        f"ams-1 203.0.113.0/24 path {first} path-id 1\n"
        f"ams-1 203.0.113.0/24 path {second} path-id 2"
    )

    assert expected == labels(text)


def test_candidates_are_unknown_even_as_is(labels: Labels) -> None:
    """`egress = "as-is"` does not tell which of several routes is best."""
    text = (
        f"{AS_IS}view ams-1 loc-rib\nams-1 203.0.113.0/24 path 64501 {TAG} path-id 1\n"
        "ams-1 203.0.113.0/24 path 64502 path-id 2"
    )

    assert {"unknown route.community-missing"} == labels(text)


def test_candidates_do_not_make_the_origin_inconsistent(labels: Labels) -> None:
    """Routes of several origins in one RIB are candidates, not announcements."""
    text = (
        f"{REGISTERED}view ams-1 loc-rib\nams-1 203.0.113.0/24 path 64501 {TAG} path-id 1\n"
        f"ams-1 203.0.113.0/24 path 64502 {TAG} path-id 2"
    )

    assert set() == labels(text, None)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        # paths#effective-path, view `advertised`
        ("64501", set()),  # without P: it will be prepended
        ("64501 64502 64503", {"error route.as-path-length"}),
        # P is leftmost: already prepended, or still to be prepended?
        ("64500 64501", {"unknown route.prepending"}),
        ("64500 64501 64502", {"unknown route.prepending", "unknown route.as-path-length"}),
        (
            "64500 64501 64502 64503",  # too long in both readings
            {"unknown route.prepending", "error route.as-path-length"},
        ),
        (
            "64500 64501 64500",
            {
                "unknown route.prepending",
                "unknown route.as-path-length",
                "warning route.as-path-loop",
            },
        ),
        ("", set()),
    ],
)
def test_advertised_paths_are_read_both_ways(labels: Labels, path: str, expected: set[str]) -> None:
    """A problem in both readings is a finding, others are unknown (paths#effective-path)."""
    shown_path = f"path {path} {TAG}" if path else TAG

    assert expected == labels(
        f"{REGISTERED}view ams-1 advertised\nams-1 203.0.113.0/24 {shown_path}"
    )


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        # paths#treated-as-withdrawn
        ("path (64512) 64500", "AS_CONFED segments (RFC 5065 section 5)"),
        ("path 64500 {64501}", "an AS_SET (RFC 9774 section 3)"),
        ("path 64501", "a leftmost AS that is not the peer's (RFC 7606 section 7.2)"),
        ("path 64500 0", "AS 0 in the path (RFC 7607)"),
    ],
)
def test_withdrawn_when_sent(fields: str, reason: str) -> None:
    """In the view `sent` a route that AS8075 drops counts as not received, with the reason."""
    report = evaluate(f"{REGISTERED}view ams-1 sent\nams-1 203.0.113.0/24 {fields} {TAG}")

    (found,) = [each for each in report.findings if each.rule == "route.not-received"]
    assert sentence(found).endswith(f"treats it as withdrawn for {reason}")


@pytest.mark.parametrize("fields", ["path (64512) 64500", "path 64500 {64501}", "path 64501"])
def test_received_routes_were_not_dropped(labels: Labels, fields: str) -> None:
    """A route on the receiving side does not count as withdrawn."""
    found = labels(f"{REGISTERED}ams-1 203.0.113.0/24 {fields} {TAG}")

    assert "error route.not-received" not in found


@pytest.mark.parametrize("view", ["received", "sent", "advertised", "loc-rib"])
@pytest.mark.parametrize("coverage", ["complete", "partial"])
def test_malformed_routes_count_as_withdrawn(view: str, coverage: str) -> None:
    """A malformed attribute (RFC 7606) withdraws the route, in every view and coverage."""
    text = (
        f"view ams-1 {view}\ncoverage ams-1 {coverage}\nams-1 203.0.113.0/24 malformed COMMUNITIES"
    )

    (found,) = [
        each for each in evaluate(REGISTERED + text).findings if each.subject.session == "ams-1"
    ]

    assert ("route.not-received", Outcome.FAIL) == (found.rule, found.outcome)
    assert "treated as withdrawn for malformed COMMUNITIES" in sentence(found)


def test_a_sound_path_beside_a_malformed_one(labels: Labels) -> None:
    """With add-path, one sound route is enough for presence."""
    text = (
        f"{REGISTERED}ams-1 203.0.113.0/24 path-id 1 malformed AS_PATH\n"
        f"ams-1 203.0.113.0/24 path 64500 {TAG} path-id 2"
    )

    assert set() == labels(text)


def test_a_malformed_path_beside_a_dropped_one(labels: Labels) -> None:
    """If AS8075 drops the only sound path, the prefix is not received."""
    text = (
        f"{REGISTERED}view ams-1 sent\nams-1 203.0.113.0/24 path-id 1 malformed AS_PATH\n"
        f"ams-1 203.0.113.0/24 path 64500 {{64501}} {TAG} path-id 2"
    )

    assert "error route.not-received" in labels(text)


def test_the_best_view_counts() -> None:
    """Next hops and first AS are checked on the wire only."""
    wire = f"{REGISTERED}ams-1 203.0.113.0/24 path 64500 {TAG} next-hop 198.51.100.77"
    own = f"{REGISTERED}view ams-1 loc-rib\nams-1 203.0.113.0/24 {TAG} next-hop 198.51.100.77"

    assert ["route.next-hop"] == [each.rule for each in evaluate(wire).findings]
    assert [] == [each.rule for each in evaluate(own).findings]


def test_one_sure_failure_is_enough_on_an_advertised_session() -> None:
    """Every path has to pass: one that certainly fails outweighs an ambiguous one."""
    text = (
        "registered 198.18.0.0/22\nview ams-1 advertised\n"
        "ams-1 198.18.0.0/22 path 64501 64502 64503 community 8075:8007 path-id 1\n"
        "ams-1 198.18.0.0/22 path 64500 64501 64502 community 8075:8007 path-id 2\n"
    )

    found = {
        (finding.rule, str(finding.outcome))
        for finding in evaluate(text).findings
        if finding.subject.session == "ams-1"
    }

    assert ("route.as-path-length", "fail") in found


TWO: Final = f"{ONE}ams-1 203.0.113.0/24 path 64500\nams-1 198.51.100.0/24 path 64500\n"
LIMIT: Final = "session ams-1 max_advertised={}\n"


def labels_of_the_limit(text: str, counts: SessionCounts | None = None) -> set[str]:
    """Return the outcomes of the rule about the number of routes of ams-1."""
    found = scenario(text)
    if counts is not None:
        sources = {
            session: tuple(attrs.evolve(each, counts=counts) for each in sources)
            for session, sources in found.observations.sessions.items()
        }
        found = attrs.evolve(found, observations=Observations((), sources))
    findings = found.evaluate().findings
    return {str(each.outcome) for each in findings if "max-prefixes" in each.rule}


@pytest.mark.parametrize(
    ("limit", "lines", "expected"),
    [
        # more than `maxPrefixesAdvertisedV4`
        (2, "", set()),
        (1, "", {"fail"}),
        # a partial dump proves too many routes, but not few enough
        (2, "coverage ams-1 partial", {"unknown"}),
        (1, "coverage ams-1 partial", {"fail"}),
        (1, "coverage ams-1 partial truncated", {"fail"}),
        (1, "coverage ams-1 none", {"unknown"}),
        # export policy announces the routes of the router, or fewer (views#before-export-policy)
        (2, "view ams-1 loc-rib", set()),
        (1, "view ams-1 loc-rib", {"unknown"}),
        (1, "view ams-1 advertised", {"unknown"}),
        (1, "view ams-1 sent", {"fail"}),
        (1, "view ams-1 collector", {"unknown"}),
        # IPv6 routes do not count
        (2, "ams-1 2001:db8::/32 path 64500", set()),
    ],
)
def test_too_many_routes(limit: int, lines: str, expected: set[str]) -> None:
    """A session announces at most as many routes as Microsoft accepts."""
    assert expected == labels_of_the_limit(TWO + LIMIT.format(limit) + lines)


def test_too_many_routes_of_a_router_that_exports_all() -> None:
    """With `as-is`, the routes of the router's RIB count as announced."""
    text = TWO.replace("edge1.ams\n", "edge1.ams as-is\n")

    assert {"fail"} == labels_of_the_limit(f"{text}{LIMIT.format(1)}view ams-1 loc-rib")


@pytest.mark.parametrize(
    ("limit", "coverage", "expected"),
    [
        (5, "complete", set()),
        (4, "complete", {"unknown"}),  # the same route may have been announced five times
        (4, "partial", {"unknown"}),
    ],
)
def test_announcements_of_a_feed_are_not_routes(
    limit: int, coverage: str, expected: set[str]
) -> None:
    """A repeated announcement in a feed is no further route."""
    text = f"{TWO}{LIMIT.format(limit)}coverage ams-1 {coverage}"

    assert expected == labels_of_the_limit(text, SessionCounts(5, once=False))
