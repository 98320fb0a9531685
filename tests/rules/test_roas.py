"""`route.rpki-invalid` and `route.rpki-notfound`: what VRPs say of a route (RFC 6811)."""

from __future__ import annotations

from typing import Final

import pytest

from peerlint.report.sentence import sentence
from peerlint.results import Finding
from peerlint.testing.notation import evaluate

INVALID: Final = "route.rpki-invalid"
NOT_FOUND: Final = "route.rpki-notfound"
ROUTES: Final = """
registered 203.0.113.0/24
ams-1 203.0.113.0/24 path 64500 community 8075:8007
ams-2 203.0.113.0/24 path 64500 community 8075:8007
"""


def findings(text: str, rule: str, routes: str = ROUTES) -> list[Finding]:
    """Return the findings of a rule in a scenario."""
    return [each for each in evaluate(f"{routes}\n{text}").findings if each.rule == rule]


def outcomes(text: str, routes: str = ROUTES) -> tuple[str, str]:
    """Return the outcomes of both rules; "" without a finding."""
    found = (findings(text, rule, routes) for rule in (INVALID, NOT_FOUND))
    first, second = (" ".join(str(each.outcome) for each in one) for one in found)
    return first, second


@pytest.mark.parametrize(
    ("text", "invalid", "not_found"),
    [
        ("", "unknown", "unknown"),
        ("irr RADB aut-num 64500", "unknown", "unknown"),  # other registry data
        ("vrp 203.0.113.0/24 64500", "", ""),
        ("vrp 203.0.112.0/23-24 64500", "", ""),
        ("vrp 203.0.112.0/23 64500", "fail", ""),
        ("vrp 203.0.113.0/24 64501", "fail", ""),
        ("vrp 203.0.113.0/24 0", "fail", ""),
        ("vrp 203.0.113.0/24 64501\nvrp 203.0.113.0/24 64500", "", ""),
        ("vrp 203.0.112.0/23 0\nvrp 203.0.113.0/24 64500", "", ""),
        ("vrp 203.0.113.0/25 64501", "", "fail"),  # a longer prefix covers nothing
        ("vrp 198.51.100.0/24 64500", "", "fail"),
        ("registry vrps", "", "fail"),
        # VRPs that are old or cut: presence counts, absence is not known
        ("registry vrps age=25h\nvrp 203.0.113.0/24 64500", "", ""),
        ("registry vrps age=25h\nvrp 203.0.113.0/24 64501", "unknown", ""),
        ("registry vrps age=25h", "unknown", "unknown"),
        ("registry vrps cut\nvrp 203.0.113.0/24 64501", "unknown", ""),
        ("registry vrps age=\nvrp 203.0.113.0/24 64501", "unknown", ""),
        ("registry vrps age=24h\nvrp 203.0.113.0/24 64501", "fail", ""),
        # no VRP at all: a validator that has just begun, or has failed
        ("registry vrps empty", "unknown", "unknown"),
    ],
)
def test_states(text: str, invalid: str, not_found: str) -> None:
    """The states of RFC 6811, from VRPs that are whole and recent."""
    assert outcomes(text) == (invalid, not_found)


@pytest.mark.parametrize(
    ("vrp", "says"),
    [
        (
            "203.0.112.0/23 64500",
            "is longer than VRPs of this origin allow (VRP 203.0.112.0/23-23 AS64500 (ripe))",
        ),
        (
            "203.0.113.0/24 64501",
            "cover the prefix are of other origins (VRP 203.0.113.0/24-24 AS64501 (ripe))",
        ),
        ("203.0.113.0/24 0", "are of AS0, so that nobody may originate it"),
    ],
)
def test_reasons(vrp: str, says: str) -> None:
    """A finding says why a route is invalid, and names the VRPs that decide."""
    (found,) = findings(f"vrp {vrp}", INVALID)
    assert sentence(found).startswith("the route from AS64500 is RPKI invalid: ")
    assert says in sentence(found)
    assert found.severity == "error"


@pytest.mark.parametrize("path", [" path 64500 {64501,64502}", ""])
def test_routes_without_an_origin(path: str) -> None:
    """The route of an AS_SET or an empty path is never valid, where a VRP covers it."""
    routes = f"registered 203.0.113.0/24\nams-1 203.0.113.0/24{path}"
    text = "\n".join(f"vrp 203.0.113.0/24 {asn}" for asn in (64500, 64501, 64502))
    (found,) = findings(text, INVALID, routes)
    assert "the route without an origin is RPKI invalid" in sentence(found)
    assert not findings("vrp 198.51.100.0/24 64500", INVALID, routes)


def test_several_origins() -> None:
    """Each origin is judged, and a finding names the sessions of its own."""
    routes = (
        "registered 203.0.113.0/24\n"
        "ams-1 203.0.113.0/24 path 64500\n"
        "ams-2 203.0.113.0/24 path 64500 64501\n"
    )
    (found,) = findings("vrp 203.0.113.0/24 64500", INVALID, routes)
    assert found.about == "AS64501"
    assert [str(each.route) for each in found.evidence] == ["203.0.113.0/24 path 64500 64501"]


def test_declared_origin() -> None:
    """An origin that is declared is judged without a route; without any, it is not known."""
    text = "vrp 203.0.113.0/24 64500"
    (found,) = findings(text, INVALID, "registered 203.0.113.0/24 origin 64501")
    assert found.outcome == "fail"
    (found,) = findings(text, INVALID, "registered 203.0.113.0/24")
    assert (found.outcome, found.need) == ("unknown", "path")


@pytest.mark.parametrize(
    ("azure", "vrp", "expected"),
    [
        ("Valid", "64500", ("", "")),
        ("Valid", "64501", ("fail", "")),  # VRPs may be newer than Azure's export
        ("Invalid", "64500", ("fail", "")),
        ("Invalid", "64501", ("fail", "")),  # one finding, not two
        ("Unknown", "64500", ("", "fail")),
    ],
)
def test_azure(azure: str, vrp: str, expected: tuple[str, str]) -> None:
    """Azure's states and VRPs count both: either of them shows that a route is invalid."""
    states = "".join(f"azure ams-{n} 203.0.113.0/24 rpki={azure}\n" for n in (1, 2))
    assert outcomes(f"{states}vrp 203.0.113.0/24 {vrp}") == expected


def test_azure_with_a_reason() -> None:
    """If Azure says that a route is invalid, the VRPs say why."""
    azure = "azure ams-1 203.0.113.0/24 rpki=Invalid"
    (found,) = findings(f"{azure}\nvrp 203.0.113.0/24 64501", INVALID)
    assert "rpkiValidationState Invalid" in sentence(found)
    assert "VRP 203.0.113.0/24-24 AS64501" in sentence(found)


def test_azure_beside_old_vrps() -> None:
    """Azure's states of all sessions decide what old VRPs do not."""
    old = "registry vrps age=3d\nvrp 203.0.113.0/24 64501"
    states = "".join(f"azure ams-{n} 203.0.113.0/24 rpki=Valid\n" for n in (1, 2))
    assert outcomes(f"{states}{old}") == ("", "")
    (found,) = findings(old, INVALID)
    assert "VRPs are too old (of 2026-11-18)" in sentence(found)


def test_other_sessions() -> None:
    """On a session that does not have to announce the prefix, it is a warning."""
    routes = (
        "peering contoso-ams maps 64500 Amsterdam\n"
        "session ams-1 edge1.ams\n"
        "registered 203.0.113.0/24\n"
        "ams-1 203.0.113.0/24 path 64500\n"
        "peering contoso-fra maps 64500 Frankfurt\n"
        "session fra-1 edge1.fra\n"
        "fra-1 203.0.113.0/24 path 64500 64501\n"
    )
    (found,) = findings("vrp 203.0.113.0/24 64500", INVALID, routes)
    assert (found.outcome, found.severity) == ("fail", "warning")


@pytest.mark.parametrize(
    ("vrps", "outcome"),
    [
        (("64500", "64501"), ""),
        (("64500",), "unknown"),
        (("64502",), "fail fail"),
    ],
)
def test_candidates(vrps: tuple[str, ...], outcome: str) -> None:
    """A dump does not mark the best of several candidates: an invalid one may not be announced."""
    routes = (
        "registered 203.0.113.0/24\nview ams-1 loc-rib\n"
        "ams-1 203.0.113.0/24\nams-1 203.0.113.0/24 path 64501\n"
    )
    text = "\n".join(f"vrp 203.0.113.0/24 {asn}" for asn in vrps)
    assert outcomes(text, routes)[0] == outcome
