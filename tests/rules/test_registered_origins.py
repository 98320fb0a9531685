"""`asn.origin-registered`: what the sentence "registered in a major routing registry" can mean."""

from __future__ import annotations

from typing import Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.profiles import parse_profile
from peerlint.report.sentence import sentence
from peerlint.results import Check, CheckName, CheckResult, DecidedBy, Finding, Report, State
from peerlint.rules.registry_criteria import LISTED, NAMED, WEAK
from peerlint.testing.notation import scenario

RULE: Final = "asn.origin-registered"
ROUTES: Final = """
registered 203.0.113.0/24
ams-1 203.0.113.0/24 path 64500 community 8075:8007
ams-2 203.0.113.0/24 path 64500 community 8075:8007
"""
ACCEPTING: Final = 'accept = ["irr", "rir"]'
ATTESTED: Final = "attest asn.origin-registered contoso-ams"
DENIED: Final = f"{ATTESTED} no"


def evaluate(text: str, registry: str = "", routes: str = ROUTES) -> Report:
    """Return the report of a scenario.

    Args:
        text: what registries say, in the notation of scenarios.
        registry: the table `[registry]` of the profile.
        routes: the routes of the scenario.
    """
    found = scenario(f"{routes}\n{text}")
    profile = parse_profile(f'extends = "maps"\n[registry]\n{registry}\n', "contoso.toml")
    profiles = dict.fromkeys(found.profiles, profile)
    return attrs.evolve(found, profiles=profiles).evaluate()


def findings(report: Report) -> list[Finding]:
    """Return the findings of the rule."""
    return [each for each in report.findings if each.rule == RULE]


def check_of(report: Report) -> Check:
    """Return the check of the only prefix."""
    (row,) = report.prefixes
    (check,) = (each for each in row.checks if each.name is CheckName.ORIGIN_REGISTERED)
    return check


#: Registry data, the outcome and severity of the finding ("" for none), the result of the check,
#: and a part of the sentence, which names the object that decides.
ROWS: Final = {
    # an object in one of the seven
    **{
        f"aut-num in {name}": (f"irr {name} aut-num 64500", "", "pass", "")
        for name in ("ARIN", "APNIC", "AFRINIC", "LACNIC", "RIPE", "RADB", "ALTDB")
    },
    "route in one of them": ("irr RADB route 198.51.100.0/24 64500", "", "pass", ""),
    "in one of them and others": (
        "irr RADB aut-num 64500\nirr NTTCOM aut-num 64500\nirr RIPE-NONAUTH aut-num 64500",
        "",
        "pass",
        "",
    ),
    "in one of them, old data": (
        "registry irr RADB age=30d\nirr RADB aut-num 64500",
        "",
        "pass",
        "",
    ),
    "in one of them, cut data": ("registry irr RADB cut\nirr RADB aut-num 64500", "", "pass", ""),
    # another listed registry
    **{
        f"aut-num in {name}": (
            f"registry named\nirr {name} aut-num 64500 modified=2026-03-01",
            "fail info",
            "pass",
            f"aut-num AS64500 of {name}, last modified 2026-03-01",
        )
        for name in ("NTTCOM", "LEVEL3", "JPIRR", "IDNIC", "TC", "BELL", "BBOI", "CANARIE")
    },
    "route in a listed one": (
        "irr NTTCOM route 198.51.100.0/24 64500",
        "fail info",
        "pass",
        "route 198.51.100.0/24AS64500 of NTTCOM: Microsoft never names that registry",
    ),
    # what no document accepts
    "RIPE-NONAUTH": (
        "registry named\nirr RIPE-NONAUTH route 203.0.113.0/24 64500 modified=2019-05-01",
        "fail warning",
        "unknown",
        "AS64500 has only route 203.0.113.0/24AS64500 of RIPE-NONAUTH, last modified 2019-05-01: "
        "no holder confirms the objects of that registry",
    ),
    "RPKI": (
        "registry named\nirr RPKI route 203.0.113.0/24 64500",
        "fail warning",
        "unknown",
        "only route 203.0.113.0/24AS64500 of RPKI: a mirror made it of a ROA",
    ),
    "a registry that nobody lists": (
        "registry named\nirr ACME aut-num 64500",
        "fail warning",
        "unknown",
        "only aut-num AS64500 of ACME: that registry is not a well-known one",
    ),
    "a VRP": (
        "registry named\nvrp 203.0.113.0/24 64500",
        "fail warning",
        "unknown",
        "no object in a routing registry, only VRP 203.0.113.0/24-24 AS64500 (ripe)",
    ),
    "a VRP of another prefix": (
        "registry named\nvrp 198.51.100.0/24 64500",
        "fail warning",
        "unknown",
        "only 1 VRP for other prefixes",
    ),
    "a delegation": (
        "registry named\ndelegated RIPE 64500 allocated",
        "fail warning",
        "unknown",
        "the number is allocated by RIPE (NL, 2010-03-01)",
    ),
    # nothing
    "nothing": (
        "registry named",
        "fail error",
        "fail",
        "no aut-num of AS64500 and no route object with that origin in any registry",
    ),
    "objects of others": (
        "registry named\nirr RADB aut-num 64501\nirr RADB route 203.0.113.0/24 64501",
        "fail error",
        "fail",
        "no aut-num of AS64500",
    ),
    "VRPs and delegations of others": (
        "registry named\nvrp 203.0.113.0/24 64501\ndelegated RIPE 64501 allocated",
        "fail error",
        "fail",
        "no aut-num of AS64500",
    ),
    "a number that nobody holds": (
        "registry named\ndelegated RIPE 64500 available",
        "fail error",
        "fail",
        "in any registry; the number itself is listed as available by RIPE",
    ),
    # nothing, and no proof
    **{
        f"nothing, without {name}": (
            "\n".join(f"registry irr {each}" for each in NAMED if each != name),
            "unknown error",
            "unknown",
            f"whether AS64500 is registered is not known: {name} is not loaded",
        )
        for name in NAMED
    },
    "nothing, one cut": (
        "registry named\nregistry irr LACNIC cut",
        "unknown error",
        "unknown",
        "LACNIC is cut in the middle",
    ),
    "nothing, one too old": (
        "registry named\nregistry irr ALTDB age=8d",
        "unknown error",
        "unknown",
        "ALTDB is too old (of 2026-11-13)",
    ),
    "nothing, one seven days old": (
        "registry named\nregistry irr ALTDB age=7d",
        "fail error",
        "fail",
        "",
    ),
    "nothing, one of unknown age": (
        "registry named\nregistry irr ALTDB age=",
        "unknown error",
        "unknown",
        "ALTDB is of unknown age",
    ),
    "nothing, one without its file of a class": (
        "registry named\nregistry irr RIPE lacks=aut-num",
        "unknown error",
        "unknown",
        "RIPE is loaded without any aut-num object",
    ),
    "nothing, one without IPv6": (
        "registry named\nregistry irr RIPE lacks=route6",
        "unknown error",
        "unknown",
        "RIPE is loaded without any route6 object",
    ),
    "no IRR at all": (
        "vrp 198.51.100.0/24 64501",
        "unknown error",
        "unknown",
        "ARIN, APNIC, AFRINIC, LACNIC, RIPE, RADB, ALTDB are not loaded",
    ),
    "weak evidence, one missing": (
        "registry irr RADB\nirr RIPE-NONAUTH aut-num 64500",
        "unknown error",
        "unknown",
        "ALTDB are not loaded; found aut-num AS64500 of RIPE-NONAUTH",
    ),
    "only an old listed registry": (
        "registry named\nregistry irr TC age=9d\nirr TC aut-num 64500",
        "fail info",
        "pass",
        "aut-num AS64500 of TC, in data of 2026-11-12, which are too old",
    ),
    # said beside an object
    "an object of a number that is reserved": (
        "irr RADB aut-num 64500\ndelegated RIPE 64500 reserved",
        "fail info",
        "pass",
        "aut-num AS64500 of RADB; the number itself is listed as reserved by RIPE",
    ),
    "a weak object of a number that is available": (
        "registry named\nirr RPKI route 203.0.113.0/24 64500\ndelegated ARIN 64500 available",
        "fail warning",
        "unknown",
        "a mirror made it of a ROA; the number itself is listed as available by ARIN",
    ),
}


@pytest.mark.parametrize("row", ROWS)
def test_evidence(row: str) -> None:
    """Each evidence has its finding and its result of the check, and is named."""
    text, outcome, result, says = ROWS[row]
    report = evaluate(text)
    found = findings(report)
    assert [f"{each.outcome} {each.severity}" for each in found] == ([outcome] if outcome else [])
    assert all(says in sentence(each) for each in found), sentence(found[0])
    check = check_of(report)
    assert check.result == result
    assert bool(check.missing) is (result == "unknown")


@pytest.mark.parametrize(
    ("text", "outcome", "result"),
    [
        ("registry named\ndelegated RIPE 64500 allocated", "fail info", "pass"),
        ("registry named\ndelegated RIPE 64500 assigned", "fail info", "pass"),
        # it is enough without any IRR, and whatever else there is
        ("delegated RIPE 64500 allocated", "fail info", "pass"),
        (
            "delegated RIPE 64500 allocated\nirr RPKI aut-num 64500\nvrp 203.0.113.0/24 64500",
            "fail info",
            "pass",
        ),
        # what a registry that counts has is better
        ("delegated RIPE 64500 allocated\nirr RADB aut-num 64500", "", "pass"),
        # nobody holds a reserved number
        ("registry named\ndelegated RIPE 64500 reserved", "fail error", "fail"),
        ("registry named\nvrp 203.0.113.0/24 64500", "fail warning", "unknown"),
    ],
)
def test_accepted_delegations(text: str, outcome: str, result: str) -> None:
    """With `accept = ["irr", "rir"]`, the delegation of a number is enough."""
    report = evaluate(text, ACCEPTING)
    assert [f"{each.outcome} {each.severity}" for each in findings(report)] == (
        [outcome] if outcome else []
    )
    assert check_of(report).result == result


@pytest.mark.parametrize(
    ("registry", "text", "result"),
    [
        ('named = ["RADB"]', "registry irr RADB", "fail"),
        ('named = ["RADB"]', "registry irr RIPE", "unknown"),
        ('named = ["acme"]', "irr ACME aut-num 64500", "pass"),
        ('weak = ["NTTCOM"]\nlisted = []', "registry named\nirr NTTCOM aut-num 64500", "unknown"),
        ('listed = ["ACME"]', "registry named\nirr ACME aut-num 64500", "pass"),
        ('max_age_irr = "12h"', "registry named\nregistry irr RADB age=13h", "unknown"),
        ('max_age_irr = "90d"', "registry named\nregistry irr RADB age=60d", "fail"),
        ('max_age_irr = "off"', "registry named\nregistry irr RADB age=", "fail"),
    ],
)
def test_profiles(registry: str, text: str, result: str) -> None:
    """The registries and ages are those of the profile."""
    assert check_of(evaluate(text, registry)).result == result


@pytest.mark.parametrize("asn", [0, 23456, 64512, 65534, 65535, 65552, 4200000000, 4294967295])
def test_numbers_of_nobody(asn: int) -> None:
    """AS 0, 23456, 65535, private and reserved numbers register nobody, whatever objects exist."""
    routes = f"registered 203.0.113.0/24 origin {asn}"
    objects = f"irr RADB aut-num {asn}\nirr RIPE route 203.0.113.0/24 {asn}"
    for text in ("registry named", objects, f"{objects}\ndelegated RIPE {asn} allocated"):
        report = evaluate(text, routes=routes)
        (finding,) = findings(report)
        assert f"AS{asn} (" in sentence(finding)
        assert "can be registered to nobody" in sentence(finding)
        assert ("although there is aut-num" in sentence(finding)) is ("irr" in text)
        assert check_of(report).result is CheckResult.FAIL


def test_documentation_numbers() -> None:
    """Numbers of documents register nobody, unless the lab of the inventory allows them."""
    found = scenario(f"{ROUTES}\nirr RADB aut-num 64500")
    lab = attrs.evolve(found.inventory.lab, allow=frozenset())
    outside = attrs.evolve(found, inventory=attrs.evolve(found.inventory, lab=lab)).evaluate()
    assert check_of(outside).result is CheckResult.FAIL
    assert check_of(found.evaluate()).result is CheckResult.PASS
    # IANA reserves them for documents, which is no contradiction in a lab
    listed = scenario(f"{ROUTES}\nirr RADB aut-num 64500\ndelegated IANA 64500 reserved")
    assert not findings(listed.evaluate())


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("irr RADB aut-num 64501", "pass"),
        ("", "fail"),
        ("irr NTTCOM aut-num 64501", "pass"),
        ("irr RIPE-NONAUTH aut-num 64501", "unknown"),
        ("irr RIPE-NONAUTH aut-num 64501\nams-1 203.0.113.0/24 path 64500 64502", "fail"),
    ],
)
def test_several_origins(text: str, result: str) -> None:
    """Of several origins of one prefix the worst decides, and each has its finding."""
    routes = (
        "registered 203.0.113.0/24\n"
        "ams-1 203.0.113.0/24 path 64500\n"
        "ams-2 203.0.113.0/24 path 64500 64501\n"
        "registry named\nirr RADB aut-num 64500\n"
    )
    report = evaluate(text, routes=routes)
    assert check_of(report).result == result
    named = {each.about for each in findings(report)}
    assert "AS64500" not in named
    assert len({each.key for each in findings(report)}) <= 1


@pytest.mark.parametrize(
    ("view", "text", "result"),
    [
        ("loc-rib", "irr RADB aut-num 64501", "pass"),
        ("loc-rib", "", "unknown"),
        ("loc-rib", "irr NTTCOM aut-num 64501", "pass"),
        ("loc-rib", "irr RPKI route 203.0.113.0/24 64501", "unknown"),
        # both routes of a session are announced
        ("sent", "", "fail"),
        # the other session announces the route for certain
        ("loc-rib", "ams-2 203.0.113.0/24 path 64500 64501", "fail"),
    ],
)
def test_candidates(view: str, text: str, result: str) -> None:
    """A dump does not mark the best of several candidates: not each origin is announced."""
    routes = (
        "registered 203.0.113.0/24\n"
        f"view ams-1 {view}\n"
        "ams-1 203.0.113.0/24\n"
        "ams-1 203.0.113.0/24 path 64501\n"
        "registry named\nirr RADB aut-num 64500\n"
    ).replace("ams-1 203.0.113.0/24\n", f"ams-1 203.0.113.0/24{' path 64500' * (view == 'sent')}\n")
    report = evaluate(text, routes=routes)
    assert check_of(report).result == result


def test_candidates_that_agree() -> None:
    """If no candidate has an origin that is registered, that is certain."""
    routes = (
        "registered 203.0.113.0/24\nview ams-1 loc-rib\n"
        "ams-1 203.0.113.0/24\nams-1 203.0.113.0/24 path 64501\n"
    )
    assert check_of(evaluate("registry named", routes=routes)).result is CheckResult.FAIL


def test_declared_origin() -> None:
    """An origin that the inventory declares counts without a route, as an origin of routes does."""
    text = "registered 203.0.113.0/24 origin 64501"
    assert check_of(evaluate("irr RADB aut-num 64501", routes=text)).result is CheckResult.PASS
    assert check_of(evaluate("registry named", routes=text)).result is CheckResult.FAIL


@pytest.mark.parametrize(
    "routes",
    [
        "registered 203.0.113.0/24",
        "registered 203.0.113.0/24\ncoverage ams-1 none",
        # what others see is no statement about AS8075
        "registered 203.0.113.0/24\nview ams-1 collector\nams-1 203.0.113.0/24 path 64500 64501",
    ],
)
def test_no_origin_known(routes: str) -> None:
    """Without a route and a declared origin, registry data decide nothing."""
    report = evaluate("registry named", routes=routes)
    (finding,) = findings(report)
    assert finding.need == "attestation"
    assert check_of(report).missing == ("a route for the prefix, or an attestation",)


@pytest.mark.parametrize("path", ["64500 {64501,64502}", ""])
def test_routes_without_an_origin(path: str) -> None:
    """No registry confirms a route whose path is empty or ends in an AS_SET: the check fails."""
    routes = f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 path {path}".rstrip()
    report = evaluate("irr RADB aut-num 64500\nirr RADB aut-num 64501", routes=routes)
    assert check_of(report).result is CheckResult.FAIL


# -- all five checks


def test_all_checks_are_decided() -> None:
    """With registry data, all five checks of a registered prefix are decided."""
    (row,) = evaluate("irr RADB aut-num 64500").prefixes
    assert row.state is State.VERIFIED
    assert {each.result for each in row.checks} == {CheckResult.PASS}
    assert {each.by for each in row.checks} == {DecidedBy.DATA}


def test_service_prefixes() -> None:
    """The check is one of a service prefix too."""
    text = "service contoso-maps\nservice-prefix 203.0.113.0/24\nregistry named"
    (service,) = evaluate(text).service_prefixes
    (check,) = (each for each in service.checks if each.name is CheckName.ORIGIN_REGISTERED)
    assert check.result is CheckResult.FAIL
    assert service.state is State.FAILED


def test_route_servers() -> None:
    """At a route server, the origin of a customer's prefix is looked up."""
    routes = (
        "peering contoso-rs route-server 64500 Amsterdam\n"
        "session rs-1 rs1.ams\n"
        "asn 64501\n"
        "rs-1 203.0.113.0/24 path 64501 community 8075:8007\n"
    )
    assert check_of(evaluate("registry named", routes=routes)).result is CheckResult.FAIL
    assert check_of(evaluate("irr RADB aut-num 64501", routes=routes)).result is CheckResult.PASS


# -- attestations


@pytest.mark.parametrize(
    ("attestation", "text", "result", "by", "contradicted"),
    [
        # data decide, and a disagreement is a warning
        (ATTESTED, "irr RADB aut-num 64500", "pass", "data", False),
        (DENIED, "irr RADB aut-num 64500", "pass", "data", True),
        (ATTESTED, "registry named", "fail", "data", True),
        (DENIED, "registry named", "fail", "data", False),
        # information is no disagreement
        (ATTESTED, "irr NTTCOM aut-num 64500", "pass", "data", False),
        (DENIED, "irr NTTCOM aut-num 64500", "pass", "data", True),
        # data leave it open: the attestation decides
        (ATTESTED, "registry irr RADB", "pass", "attestation", False),
        (DENIED, "registry irr RADB", "fail", "attestation", False),
        (ATTESTED, "registry named\nvrp 203.0.113.0/24 64500", "pass", "attestation", False),
        (DENIED, "registry named\nvrp 203.0.113.0/24 64500", "fail", "attestation", False),
        # a route without a mark, of which it is not known whether it is announced
        (
            ATTESTED,
            "registry named\nirr RADB aut-num 64500\nview ams-1 loc-rib\nview ams-2 loc-rib\n"
            "ams-1 203.0.113.0/24 path 64501\nams-2 203.0.113.0/24 path 64501",
            "pass",
            "attestation",
            False,
        ),
        # without data
        (ATTESTED, "", "pass", "attestation", False),
        (DENIED, "", "fail", "attestation", False),
    ],
)
def test_attestations(
    attestation: str, text: str, result: str, by: str, contradicted: bool
) -> None:
    """Data outrank an attestation, which decides only what they leave open."""
    report = evaluate(f"{attestation}\n{text}")
    check = check_of(report)
    assert (check.result, check.by) == (result, by)
    warnings = [each for each in report.findings if "contradicted by data" in sentence(each)]
    assert len(warnings) == contradicted


def test_an_attestation_without_a_route() -> None:
    """Without a route, registry data decide nothing, and an attestation does."""
    report = evaluate(f"{ATTESTED}\nregistry named", routes="registered 203.0.113.0/24")
    assert check_of(report).by is DecidedBy.ATTESTATION


def test_a_warning_stays_beside_an_attestation() -> None:
    """An attestation that decides the check does not hide how weak the data are."""
    (finding,) = findings(evaluate(f"{ATTESTED}\nregistry named\nvrp 203.0.113.0/24 64500"))
    assert f"{finding.outcome} {finding.severity}" == "fail warning"


# -- invariants

#: Evidence from the best to none.
TIERS: Final = (
    tuple(f"irr {name} aut-num 64500" for name in NAMED),
    tuple(f"irr {name} route 203.0.113.0/24 64500" for name in LISTED),
    (
        *(f"irr {name} route 203.0.113.0/24 64500" for name in WEAK),
        "vrp 203.0.113.0/24 64500",
        "delegated RIPE 64500 allocated",
    ),
)
#: Which result is worse.
RANKS: Final = (CheckResult.FAIL, CheckResult.UNKNOWN, CheckResult.PASS)
evidence = st.lists(st.sampled_from([line for tier in TIERS for line in tier]), max_size=4)
conditions = st.lists(
    st.builds(
        "registry irr {} {}".format,
        st.sampled_from(NAMED),
        st.sampled_from(["cut", "age=8d", "age=", "age=6d", ""]),
    ),
    max_size=3,
)


@given(evidence, conditions, st.sampled_from([line for tier in TIERS for line in tier]))
def test_more_evidence_is_never_worse(lines: list[str], sources: list[str], more: str) -> None:
    """More evidence never makes the result of the check worse."""
    text = "\n".join(("registry named", *sources, *lines))
    before, after = check_of(evaluate(text)), check_of(evaluate(f"{text}\n{more}"))
    assert RANKS.index(after.result) >= RANKS.index(before.result)


@given(
    evidence, st.sets(st.sampled_from(NAMED), min_size=1), st.sampled_from(["", "cut", "age=8d"])
)
def test_absence_needs_all_registries(lines: list[str], gaps: set[str], how: str) -> None:
    """Whatever else there is, a registry that is missing, cut or too old never lets it fail."""
    loaded = [f"registry irr {name}" for name in NAMED if name not in gaps]
    broken = [f"registry irr {name} {how}" for name in sorted(gaps)] if how else []
    report = evaluate("\n".join((*loaded, *broken, "registry vrps", *lines)))
    assert check_of(report).result is not CheckResult.FAIL
    assert not [each for each in report.failed() if each.severity == "error" and each.rule == RULE]


@given(evidence)
def test_the_best_evidence_decides(lines: list[str]) -> None:
    """The result is that of the best evidence, in whatever order it is found."""
    best = next((tier for tier in range(3) if {*TIERS[tier]} & {*lines}), 3)
    expected = ("pass", "pass", "unknown", "fail")[best]
    assert check_of(evaluate("\n".join(("registry named", *lines)))).result == expected
