"""`route.irr-route`: what route objects say of prefix and origin."""

from __future__ import annotations

from typing import Final

import pytest

from peerlint.report.sentence import sentence
from peerlint.results import Finding, State
from peerlint.rules.registry_criteria import NAMED
from peerlint.testing.notation import evaluate

ROUTES: Final = """
registered 203.0.113.0/24
ams-1 203.0.113.0/24 path 64500 community 8075:8007
ams-2 203.0.113.0/24 path 64500 community 8075:8007
"""


def findings(text: str, routes: str = ROUTES) -> list[Finding]:
    """Return the findings of the rule in a scenario."""
    report = evaluate(f"{routes}\n{text}")
    return [each for each in report.findings if each.rule == "route.irr-route"]


#: Registry data, outcome and severity of the finding ("" for none), and a part of the sentence.
ROWS: Final = {
    **{
        f"exact in {name}": (f"irr {name} route 203.0.113.0/24 64500", "", "")
        for name in (*NAMED, "NTTCOM", "JPIRR")
    },
    "exact, and of another origin": (
        "irr RADB route 203.0.113.0/24 64500\nirr RADB route 203.0.113.0/24 64501",
        "",
        "",
    ),
    "exact, in old data": (
        "registry irr RADB age=30d\nirr RADB route 203.0.113.0/24 64500",
        "",
        "",
    ),
    # the registry of the space
    "exact where the space is": (
        "delegated RIPE 203.0.113.0/24 assigned\nregistry named\n"
        "irr RIPE route 203.0.113.0/24 64500",
        "",
        "",
    ),
    "exact elsewhere": (
        "delegated RIPE 203.0.113.0/24 assigned\nregistry named\n"
        "irr RADB route 203.0.113.0/24 64500",
        "fail info",
        "route 203.0.113.0/24AS64500 of RADB exists, and none of RIPE, which holds the space",
    ),
    "exact elsewhere, the space's registry not loaded": (
        "delegated RIPE 203.0.113.0/24 assigned\nirr RADB route 203.0.113.0/24 64500",
        "",
        "",
    ),
    "exact, space of nobody": (
        "delegated RIPE 203.0.113.0/24 available\nregistry named\n"
        "irr RADB route 203.0.113.0/24 64500",
        "",
        "",
    ),
    # covering
    "covering with the origin": (
        "registry named\nirr RADB route 203.0.112.0/23 64500 modified=2026-03-01",
        "fail info",
        "only route 203.0.112.0/23AS64500 of RADB, last modified 2026-03-01, which covers "
        "203.0.113.0/24; wanted a route object for 203.0.113.0/24 and AS64500",
    ),
    "covering, and other data missing": (
        "irr RADB route 203.0.112.0/23 64500",
        "fail info",
        "are not loaded",
    ),
    # other origins
    "another origin": (
        "registry named\nirr RIPE route 203.0.113.0/24 64501",
        "fail warning",
        "only route 203.0.113.0/24AS64501 of RIPE, with another origin",
    ),
    "covering with another origin": (
        "registry named\nirr RIPE route 203.0.112.0/23 64501",
        "fail warning",
        "only route 203.0.112.0/23AS64501 of RIPE, with another origin",
    ),
    "another origin, other data missing": (
        "irr RIPE route 203.0.113.0/24 64501",
        "unknown warning",
        "are not loaded; found route 203.0.113.0/24AS64501 of RIPE",
    ),
    # objects that nobody confirms
    "RIPE-NONAUTH": (
        "registry named\nirr RIPE-NONAUTH route 203.0.113.0/24 64500",
        "fail warning",
        "only route 203.0.113.0/24AS64500 of RIPE-NONAUTH (no holder confirms its objects)",
    ),
    "RPKI": (
        "registry named\nirr RPKI route 203.0.113.0/24 64500",
        "fail warning",
        "only route 203.0.113.0/24AS64500 of RPKI (made of a ROA)",
    ),
    # none
    "none": (
        "registry named",
        "fail warning",
        "no route object for 203.0.113.0/24 and AS64500",
    ),
    "more specific": (
        "registry named\nirr RADB route 203.0.113.0/25 64500",
        "fail warning",
        "no route object for 203.0.113.0/24",
    ),
    "an aut-num is none": ("registry named\nirr RADB aut-num 64500", "fail warning", "no route"),
    "none, one missing": ("registry irr RADB", "unknown warning", "ALTDB are not loaded"),
    "none, one too old": (
        "registry named\nregistry irr RADB age=8d",
        "unknown warning",
        "RADB is too old (of 2026-11-13)",
    ),
    "none, one cut": ("registry named\nregistry irr RADB cut", "unknown warning", "RADB is cut"),
    "no data": ("", "unknown warning", "whether a route object for 203.0.113.0/24 exists"),
}


@pytest.mark.parametrize("row", ROWS)
def test_objects(row: str) -> None:
    """Each object has its finding, which names it."""
    text, outcome, says = ROWS[row]
    found = findings(text)
    assert [f"{each.outcome} {each.severity}" for each in found] == ([outcome] if outcome else [])
    assert all(says in sentence(each) for each in found), sentence(found[0])


def test_several_origins() -> None:
    """Each origin needs an object of its own."""
    routes = f"{ROUTES}ams-2 203.0.113.0/24 path 64500 64501\n".replace(
        "ams-2 203.0.113.0/24 path 64500 community 8075:8007\n", ""
    )
    (found,) = findings("registry named\nirr RADB route 203.0.113.0/24 64500", routes)
    assert found.about == "AS64501"


def test_no_route() -> None:
    """Without an origin, it is not known which object is wanted; a declared one is enough."""
    (found,) = findings("registry named", "registered 203.0.113.0/24")
    assert found.need == "path"
    (found,) = findings("registry named", "registered 203.0.113.0/24 origin 64501")
    assert found.about == "AS64501"


def test_state() -> None:
    """A missing route object changes no state: it is not one of Microsoft's checks."""
    report = evaluate(f"{ROUTES}\nregistry named\nirr RADB aut-num 64500")
    assert report.prefixes[0].state is State.VERIFIED
