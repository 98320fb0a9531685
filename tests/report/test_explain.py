"""The explanation of one prefix: its state, Microsoft's checks, rules, cells, the next step."""

from __future__ import annotations

import re

import pytest

from peerlint.errors import InputError
from peerlint.profiles import Requirement, shipped_profile
from peerlint.report.explain import render_explanation
from peerlint.report.json import parse_report, render_json
from peerlint.report.phrases import fix_of
from peerlint.rules import CHECKS, Scope
from peerlint.testing.notation import evaluate

TAGGED = "path 64500 community 8075:8007"
BOTH = f"ams-1 203.0.113.0/24 {TAGGED}\nams-2 203.0.113.0/24 {TAGGED}"


def explanation(scenario: str, prefix: str = "203.0.113.0/24") -> str:
    """Return the explanation of a prefix or an AS of a scenario, from the report's JSON."""
    return render_explanation(parse_report(render_json(evaluate(scenario)), "report.json"), prefix)


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        (f"registered 203.0.113.0/24\n{BOTH}", "hand its key to the customer"),
        (f"registered 203.0.113.0/24 state\n{BOTH}", "Azure has to say Verified"),
        (f"registered 203.0.113.0/24 state Failed\n{BOTH}", "peerlint finds nothing to fix"),
        (
            f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 {TAGGED}\n"
            "ams-2 203.0.113.0/24 path 64500 64501 64502 64503",
            "fix route.community-missing, at which Azure stops",
        ),
        ("registered 203.0.113.0/24\ncoverage ams-1 none\ncoverage ams-2 none", "find out: "),
        (
            "registered 203.0.113.0/24\nconnection ams-1 state=Validating\n"
            "connection ams-2 state=Validating",
            "has to become Active",
        ),
    ],
    ids=["verified", "not registered yet", "old answer", "failed", "unknown", "pending"],
)
def test_what_is_next(scenario: str, said: str) -> None:
    """The third line is the next step."""
    assert said in explanation(scenario).splitlines()[2]


def test_rules_stand_in_microsofts_order() -> None:
    """Passed or not, every rule has a line, and the numbers of the steps ascend."""
    lines = explanation(f"registered 203.0.113.0/24\n{BOTH}").splitlines()
    steps = [int(line[:4]) for line in lines if line[:4].strip().isdigit()]

    assert sorted(steps) == steps
    assert " 7  ok        route.community-missing" in "\n".join(lines)


def test_a_failure_has_its_evidence_and_its_advice() -> None:
    """A failure has its message, the portal's message, evidence, documents and the fix."""
    text = explanation(f"registered 203.0.113.0/24\n{BOTH.replace(' community 8075:8007', '', 1)}")

    start = text.index("error     route.community-missing  ams-1 (edge1.ams)")
    end = text.index("route.community-wrong-type")
    for part in ("wanted 8075:8007", "Microsoft says:", "record at octet", "basis:", "fix:"):
        assert part in text[start:end]
    assert "  ams-1: no community" in text


def test_microsofts_checks() -> None:
    """Each check has its result, what decided it, its rules and what would decide it."""
    lines = explanation(
        f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 {TAGGED}\ncoverage ams-2 none\n"
    ).splitlines()
    start = lines.index("Microsoft's checks:")

    assert [
        "  pass     private-range       by data: prefix.private-range",
        "  unknown  origin-registered   asn.origin-registered",
        "      to decide it: registry data (IRR), or an attestation",
        "  unknown  all-sessions        route.not-received",
    ] == lines[start + 1 : start + 5]
    assert lines[start + 5].startswith("      to decide it: ")
    assert "predicted state: Unknown, state in Azure: Verified" == lines[1]


def test_a_check_that_an_attestation_decides() -> None:
    """The label counts the decided checks, and an attested check is marked."""
    scenario = f"registered 203.0.113.0/24\n{BOTH}"
    before, after = (
        explanation(scenario),
        explanation(f"{scenario}\nattest asn.origin-registered contoso-ams"),
    )

    assert "predicted state: Verified (4 of 5 checks), state in Azure" in before
    assert "predicted state: Verified, state in Azure" in after
    assert "  pass     origin-registered   attested: asn.origin-registered\n" in after


def test_what_fails_a_check_is_next() -> None:
    """The rule at which Azure stops is one of a check, not an error that Azure does not look at."""
    text = explanation(
        "registered 203.0.113.0/24\nregistered 203.0.113.0/24 name two\n"
        + BOTH.replace(" community 8075:8007", "")
    )

    assert " 3  error     registration.single-peering" in text
    assert "next: fix route.community-missing, at which Azure stops" in text


def test_a_waiver_is_not_microsofts() -> None:
    """A waived finding fails its check, and is listed with its fix and in its cell."""
    text = explanation(
        f"registered 203.0.113.0/24\n{BOTH.replace(' community 8075:8007', '', 1)}\n"
        "waive route.community-missing ams-1"
    )

    assert "predicted state: Failed" in text
    assert "  fail     community           by data: route.community-missing\n" in text
    assert "next: fix route.community-missing" in text
    start = text.index(" waived    route.community-missing")
    assert "fix: set 8075:8007" in text[start : text.index("route.community-wrong-type")]
    assert "  ams-1: waived\n  ams-2: ok\n" in text
    assert "nothing is wrong" not in text


def test_every_cell_has_its_word() -> None:
    """Sessions where all is well, and those where nothing is required, are named too."""
    text = explanation(
        f"peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 {TAGGED}\n"
        "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra"
    )

    assert text.endswith(
        "Words of this prefix on its sessions:\n  ams-1: ok\n"
        "  fra-1: -  (neither announced nor required there)\n"
    )


def test_a_prefix_of_two_peerings_has_two_chapters() -> None:
    """Each chapter has the findings and the cells of its own registration."""
    text = explanation(
        "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 64504 community 8075:8007\n"
        "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
        "registered 203.0.113.0/24\nfra-1 203.0.113.0/24 path 64500 64502 64503 64504"
    )

    ams, fra = text.split("203.0.113.0/24, 203.0.113.0/24, registered with contoso-fra\n")
    assert "registered with contoso-ams" in ams
    assert "predicted state: Verified" in ams
    assert "predicted state: Failed" in fra
    assert "  ams-1: ok\n  fra-1: no community +1\n" in ams
    assert "  ams-1: ok\n  fra-1: no community +1\n" in fra
    assert 1 == ams.count("Every rule, ") == fra.count("Every rule, ")


def test_two_registrations_of_one_peering_have_two_chapters() -> None:
    """The second registration is numbered, and each has its own findings once."""
    text = explanation(
        f"registered 203.0.113.0/24 name one state Failed\n"
        f"registered 203.0.113.0/24 name two key\n{BOTH}"
    )

    one, two = text.split("203.0.113.0/24, two, registered with contoso-ams, #2 of the same prefix")
    assert one.startswith("203.0.113.0/24, one, registered with contoso-ams\n")
    assert "state in Azure: Failed" in one
    assert "state in Azure: Verified" in two
    assert ("found Failed" in one, "found Failed" in two) == (True, False)
    assert ("found no key" in one, "found no key" in two) == (False, True)
    assert (
        1 == one.count(" registration.single-peering") == two.count(" registration.single-peering")
    )


def test_two_service_prefixes_of_one_service() -> None:
    """Each has its chapter with its own findings."""
    text = explanation(
        f"registered 203.0.113.0/24\n{BOTH}\nservice fabrikam\nservice-prefix 203.0.113.0/24\n"
        "service-prefix 203.0.113.0/24 key=another"
    )

    _, first, second = text.split(", service prefix of fabrikam")
    assert first.startswith("\n")
    assert second.startswith(", #2 of the same prefix there\n")
    assert ("found key" in first, "found key" in second) == (False, True)


def test_no_key_is_shown() -> None:
    """Keys are neither in a report nor in an explanation."""
    key = "f1f1c0de-1111-2222-3333-444455556666"

    assert key not in explanation(f"registered 203.0.113.0/24 key {key}\n{BOTH}")


def test_a_prefix_that_is_not_registered() -> None:
    """The error names those that are."""
    with pytest.raises(
        InputError, match=r"a prefix or a registered AS of the report: 203\.0\.113\.0/24"
    ):
        explanation(f"registered 203.0.113.0/24\n{BOTH}", "198.51.100.0/24")


SERVICE = (
    f"registered 203.0.113.0/24\n{BOTH}\npeering contoso-fra maps 64500 Frankfurt\n"
    f"session fra-1 edge1.fra\nfra-1 203.0.113.0/24 {TAGGED}\n"
    "service fabrikam backup=Frankfurt\nservice-prefix 203.0.113.0/24"
)


@pytest.mark.parametrize(
    ("scenario", "said"),
    [
        (SERVICE, "next: it is activated"),
        (f"{SERVICE} state=", "Azure has to say Verified: create it with the key"),
        (f"{SERVICE} state=Pending", "Azure has to say Verified: create it"),
        (f"{SERVICE} learned_type=None", "Microsoft has to learn it"),
        (f"{SERVICE} state=Failed", "peerlint finds nothing to fix"),
        (f"{SERVICE} key=another", "fix activation.key-mismatch; a service prefix cannot be"),
    ],
    ids=["activated", "not created", "pending", "not learned", "failed", "another key"],
)
def test_what_is_next_of_a_service_prefix(scenario: str, said: str) -> None:
    """The second chapter tells of the service prefix: state, next state, checks."""
    registered, _, service = explanation(f"connection ams-1 role=primary\n{scenario}").partition(
        "203.0.113.0/24, 203.0.113.0/24, service prefix of fabrikam\n"
    )

    assert said in service.splitlines()[1]
    assert "activation.key-mismatch" in service
    assert "activation.key-mismatch" not in registered
    assert service.startswith("predicted state: ")
    assert "  registered-and-key  " in service


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("", "it is registered: hand its key to the customer"),
        ("key=", "look its key up"),
        ("provisioning_state=Updating", "Azure has to say Succeeded"),
        ("provisioning_state=Failed", "register it anew"),
    ],
    ids=["registered", "no key", "waits", "failed"],
)
def test_what_is_next_of_a_registered_asn(keys: str, said: str) -> None:
    """A route server's partner registers AS numbers: their life is short."""
    head = "peering contoso-rs route-server 64500 Amsterdam\nsession rs-1 rs1.ams\n"
    text = explanation(f"{head}asn 64501 name=fabrikam {keys}", "AS64501")

    assert text.startswith("AS64501, fabrikam, registered with contoso-rs\n")
    assert said in text.splitlines()[2]
    assert "  5  ok        asn.customer-public" in text


def test_a_registered_asn_that_is_private() -> None:
    """What fails comes first."""
    head = "peering contoso-rs route-server 64500 Amsterdam\nsession rs-1 rs1.ams\n"

    assert "next: fix asn.customer-public\n" in explanation(f"{head}asn 64512", "AS64512")


# -- at a route server

SERVER = "peering contoso-rs route-server 64500 Amsterdam\nsession rs-1 rs1.ams\nasn 64501\n"


@pytest.mark.parametrize(
    ("routes", "said"),
    [
        (f"rs-1 203.0.113.0/24 {TAGGED.replace('64500', '64501')}", "it can be activated"),
        ("rs-1 203.0.113.0/24 path 64502 community 8075:8007", "fix asn.customer-registered"),
        (
            "rs-1 203.0.113.0/25 path 64501 community 8075:8007\n"
            "rs-1 203.0.113.0/24 path 64501 64502 64503 64504",
            "fix ",
        ),
        ("view rs-1 loc-rib\nrs-1 203.0.113.0/24 path 64501 community 8075:8007", ""),
    ],
    ids=["verified", "another origin", "failed", "inferred"],
)
def test_a_members_prefix_is_never_registered(routes: str, said: str) -> None:
    """AS numbers are registered at a route server: a prefix is announced and activated."""
    text = explanation(f"{SERVER}service fabrikam\nservice-prefix 203.0.113.0/24\n{routes}")

    assert text.startswith("203.0.113.0/24, announced on contoso-rs\n")
    assert said in text.splitlines()[2]
    for line in text.splitlines():
        if line.startswith("next: ") or "fix: " in line:
            assert "register it" not in line
            assert "the registered prefix" not in line
            assert "register the prefix" not in line
            assert "Test-AzPeeringRegisteredPrefix" not in line
    assert "the key of its registration" not in text


def test_what_to_do_at_a_route_server() -> None:
    """No rule that is asked of a prefix there advises to register a prefix."""
    profile = shipped_profile("route-server")
    of_prefixes = (Scope.PREFIX, Scope.CELL, Scope.SERVICE_PREFIX)
    asked = [
        rule.id
        for rule in CHECKS.values()
        if rule.scope in of_prefixes and profile.setting(rule).level is not Requirement.OFF
    ]

    found = {
        rule: fix
        for rule in asked
        if re.search(
            r"\bregister\b(?! the (origin )?AS)", fix := fix_of(rule, at_route_server=True) or ""
        )
    }

    # What is no IPv4 prefix is not announced: these two are never asked of a member's.
    assert {"prefix.ipv4-only", "prefix.host-bits"} == set(found)


def test_a_service_with_the_name_of_its_peering() -> None:
    """Findings about the service prefix are not listed for the registration, nor vice versa."""
    text = explanation(
        f"registered 203.0.113.0/24 state Failed\n{BOTH}\nservice contoso-ams\n"
        "service-prefix 203.0.113.0/24 key=another"
    )

    registered, service = text.split(", service prefix of contoso-ams\n")
    assert ("found key" in registered, "found key" in service) == (False, True)
    assert ("found Failed" in registered, "found Failed" in service) == (True, False)
