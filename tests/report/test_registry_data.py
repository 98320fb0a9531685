"""Registry data in reports: a screen for every meaning of "registered", and sources with ages."""

from __future__ import annotations

import json
from typing import Final, Protocol

import attrs
import pytest

from peerlint.profiles import parse_profile
from peerlint.report.explain import render_explanation
from peerlint.report.html import render_html
from peerlint.report.json import parse_report, render_json
from peerlint.report.text import render_text
from peerlint.results import RegistrySource, Report, StoredReport
from peerlint.testing.notation import scenario


class Golden(Protocol):
    """See conftest.py."""

    def __call__(self, name: str, text: str) -> None:
        """Compare."""


ROUTES: Final = """
registered 203.0.113.0/24 name sbc-1
ams-1 203.0.113.0/24 path 64500 community 8075:8007
ams-2 203.0.113.0/24 path 64500 community 8075:8007
"""
#: For each meaning, registry data with which the prefix passes, and with which it does not.
SCREENS: Final = {
    "an object in a registry that Microsoft names": "irr RADB aut-num 64500",
    "an object in another well-known registry": (
        "registry named\nirr NTTCOM route 203.0.113.0/24 64500 modified=2026-03-01"
    ),
    "only RIPE-NONAUTH": (
        "registry named\nirr RIPE-NONAUTH route 203.0.113.0/24 64500 modified=2019-05-01"
    ),
    "only the pseudo source RPKI": "registry named\nirr RPKI route 203.0.113.0/24 64500",
    "only a valid VRP": "registry named\nvrp 203.0.113.0/24 64500",
    "only a delegation": "registry named\ndelegated RIPE 64500 allocated",
    "only a delegation, which the profile accepts": (
        "registry named\ndelegated RIPE 64500 allocated"
    ),
    "nothing, all loaded and fresh": "registry named",
    "nothing, one missing": "\n".join(
        f"registry irr {name}" for name in ("ARIN", "APNIC", "AFRINIC", "LACNIC", "RIPE", "RADB")
    ),
    "nothing, one cut": "registry named\nregistry irr RIPE cut",
    "nothing, one too old": "registry named\nregistry irr RIPE age=12d",
    "an object of a number that is reserved": (
        "registry named\nirr RADB aut-num 64500\ndelegated RIPE 64500 reserved"
    ),
    "a number of nobody": "registry named\nirr RADB aut-num 64512",
}
#: What the screens show of the findings.
SHOWN: Final = ("asn.origin-registered",)


def evaluate(text: str, *, accept: bool = False, routes: str = ROUTES) -> Report:
    """Return the report of a scenario."""
    found = scenario(f"{routes}\n{text}")
    if accept:
        extended = 'extends = "maps"\n[registry]\naccept = ["irr", "rir"]'
        profile = parse_profile(extended, "contoso.toml")
        found = attrs.evolve(found, profiles=dict.fromkeys(found.profiles, profile))
    return found.evaluate()


def screen(report: Report) -> str:
    """Return the page of a report with the findings about the origin only."""
    kept = tuple(each for each in report.findings if each.rule in SHOWN)
    return render_text(attrs.evolve(report, findings=kept))


def test_screens(golden: Golden) -> None:
    """Each line of the table has a screen."""
    parts = []
    for name, text in SCREENS.items():
        routes = ROUTES.replace("64500 ", "64500 64512 ") if "of nobody" in name else ROUTES
        page = screen(evaluate(text, accept="accepts" in name, routes=routes))
        parts.append(f"# {name}\n\n{page}")
    golden("registry-origins.txt", "\n".join(parts))


def test_screens_of_routes(golden: Golden) -> None:
    """Route objects and ROAs that do not fit the route have a screen."""
    text = (
        "registry named\n"
        "irr RADB aut-num 64500\n"
        "irr RIPE route 203.0.113.0/24 64501 modified=2026-03-01\n"
        "vrp 203.0.113.0/24 64501\n"
        "registry vrps age=3h\n"
    )
    report = evaluate(text)
    rules = ("route.irr-route", "route.rpki-invalid")
    kept = tuple(each for each in report.findings if each.rule in rules)
    golden("registry-routes.txt", render_text(attrs.evolve(report, findings=kept)))


AGES: Final = (
    "registry named\nregistry irr RADB age=12d\nregistry irr RIPE cut\nregistry vrps age=3h"
)


def test_sources_on_screen() -> None:
    """Every source is listed with its age, and what is wrong with it."""
    page = " ".join(render_text(evaluate(AGES)).split())
    assert (
        "Registry data: IRR ARIN, APNIC, AFRINIC, LACNIC, ALTDB: 2026-11-21 00:00 UTC (0 min"
        in (
            page.replace(
                "AFRINIC, ALTDB, APNIC, ARIN, LACNIC", "ARIN, APNIC, AFRINIC, LACNIC, ALTDB"
            )
        )
    )
    assert "IRR RADB: 2026-11-09 00:00 UTC (12 days old), too old" in page
    assert "IRR RIPE: 2026-11-21 00:00 UTC (0 min old), cut in the middle" in page
    assert "VRPs vrps.json: 2026-11-20 21:00 UTC (3 h old)" in page
    assert "8 records, 0 skipped" in page
    assert "Remark: registry data too old: RADB (of 2026-11-09 00:00 UTC)." in page
    assert "Registry data" not in render_text(evaluate(""))


def test_unknown_ages() -> None:
    """A source without a time of its own says so."""
    page = " ".join(render_text(evaluate("registry irr RADB age=")).split())
    assert "IRR RADB: time not known" in page
    assert "registry data of unknown age: RADB." in page


def test_json() -> None:
    """The JSON has every source, and is read back."""
    report = evaluate(AGES)
    text = render_json(report)
    by_name = {each["name"]: each for each in json.loads(text)["registry_sources"]}
    assert by_name["RADB"] == {
        "kind": "irr",
        "name": "RADB",
        "time": "2026-11-09T00:00:00+00:00",
        "age_seconds": 12 * 86_400,
        "records": 1,
        "skipped": 0,
        "is_cut": False,
        "is_too_old": True,
        "server": "",
    }
    assert parse_report(text, "report.json").report.registry_sources == report.registry_sources
    without = json.loads(text)
    del without["registry_sources"]  # of an earlier version
    assert parse_report(json.dumps(without), "report.json").report.registry_sources == ()


def test_html() -> None:
    """The page has a table of the sources."""
    page = render_html(evaluate(AGES))
    assert "registry data" in page
    assert "2026-11-09 00:00 UTC (12 days old)" in page
    assert "registry data</th>" not in render_html(evaluate(""))


@pytest.mark.parametrize(
    ("profile", "is_too_old"),
    [("", True), ('max_age_irr = "14d"', False), ('named = ["RIPE"]', True)],
)
def test_limits(profile: str, *, is_too_old: bool) -> None:
    """Whether a source is too old is a question of the profile."""
    found = scenario("registry irr RADB age=12d")
    own = parse_profile(f'extends = "maps"\n[registry]\n{profile}', "contoso.toml")
    found = attrs.evolve(found, profiles=dict.fromkeys(found.profiles, own))
    (source,) = found.evaluate().registry_sources
    assert isinstance(source, RegistrySource)
    assert source.is_too_old is is_too_old


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        ("irr RADB aut-num 64500 modified=2026-03-01", "aut-num AS64500 of RADB, last modified 20"),
        ("irr RADB route 203.0.113.0/24 64500", "route 203.0.113.0/24AS64500 of RADB"),
        ("registry named\nvrp 203.0.113.0/24 64500", "VRP 203.0.113.0/24-24 AS64500 (ripe)"),
        ("registry named\ndelegated RIPE 64500 allocated", "allocated by RIPE (NL, 2010-03-01)"),
        ("registry named", None),
        ("", None),
    ],
)
def test_deciding_objects(text: str, objects: str | None) -> None:
    """A check that passes names the object that decides it too."""
    report = evaluate(text)
    (check,) = (each for each in report.prefixes[0].checks if each.name == "origin-registered")
    found = parse_report(render_json(report), "report.json").report.prefixes[0].checks
    assert check in found
    explained = "\n".join(explain_prefix(report))
    if objects is None:
        assert check.objects == ()
    else:
        (shown,) = check.objects
        assert shown.startswith(f"AS64500: {objects}")
        assert shown in explained
        assert shown in render_html(report)


def explain_prefix(report: Report) -> list[str]:
    """Return the explanation of the prefix."""
    return render_explanation(StoredReport(report), "203.0.113.0/24").splitlines()
