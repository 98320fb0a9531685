"""`topology.facility-valid`, `asn.peeringdb-profile` and `asn.own`: PeeringDB, delegations."""

from __future__ import annotations

from typing import Final

import pytest

from peerlint.report.sentence import sentence
from peerlint.results import Finding, Outcome
from peerlint.testing.notation import evaluate

MICROSOFT: Final = "peeringdb net 8075 Microsoft\npeeringdb facility 8075 58 Amsterdam"
CONTOSO: Final = "peeringdb net 64500 Contoso"
FACILITY: Final = "peeringdb facility 64500 58 Amsterdam"
NOC: Final = "peeringdb contact 64500 NOC contoso.example phone"


def findings(text: str, rule: str) -> list[Finding]:
    """Return the findings of a rule in a scenario."""
    return [each for each in evaluate(text).findings if each.rule == rule]


def only(text: str, rule: str) -> str:
    """Return outcome and severity of the only finding of a rule; "" without one."""
    return ", ".join(f"{each.outcome} {each.severity}" for each in findings(text, rule))


@pytest.mark.parametrize(
    ("text", "outcome", "says"),
    [
        (MICROSOFT, "", ""),
        (f"{MICROSOFT}\nregistry peeringdb age=60d", "", ""),  # presence counts
        (
            "connection ams-1 facility=59\n" + MICROSOFT,
            "fail warning",
            "facility 59 of ams-1 (edge1.ams) is no edge site of Microsoft; "
            "wanted the facility of net 694 in PeeringDB",
        ),
        (
            f"connection ams-1 facility=59\n{MICROSOFT}\n{CONTOSO}\npeeringdb facility 64500 59",
            "fail warning",
            "facility 59 (Facility 59) of ams-1 (edge1.ams) is no edge site of Microsoft",
        ),
        (
            f"connection ams-1 facility=59\n{MICROSOFT}\nregistry peeringdb age=31d",
            "unknown warning",
            "PeeringDB's data are too old (of 2026-10-21)",
        ),
        (
            f"connection ams-1 facility=59\n{MICROSOFT}\nregistry peeringdb cut",
            "unknown warning",
            "PeeringDB's data are cut in the middle",
        ),
        (
            "connection ams-1 facility=58\npeeringdb net 8075 Microsoft\n"
            "peeringdb facility 8075 58 Frankfurt",
            "fail info",
            "facility 58 (Facility 58) of ams-1 (edge1.ams) is in Frankfurt",
        ),
        ("registry peeringdb", "unknown warning", "no facility of Microsoft"),
        ("irr RADB aut-num 64500", "unknown warning", "is not known"),
        (f"connection ams-1 facility=0\n{MICROSOFT}", "fail warning", "no facility"),
    ],
)
def test_facilities(text: str, outcome: str, says: str) -> None:
    """A facility is one of those of net 694, as far as the data are whole and recent."""
    found = [each for each in findings(text, "topology.facility-valid") if names(each) == "ams-1"]
    assert ", ".join(f"{each.outcome} {each.severity}" for each in found) == outcome
    assert all(says in sentence(each) for each in found), sentence(found[0])


def names(finding: Finding) -> str | None:
    """Return the connection of a finding."""
    return finding.subject.connection


@pytest.mark.parametrize(
    ("text", "outcome", "says"),
    [
        (f"{CONTOSO}\n{FACILITY}\n{NOC}", "", ""),
        ("registry peeringdb", "fail warning", "no network AS64500 in PeeringDB"),
        ("registry peeringdb age=31d", "unknown warning", "too old"),
        (f"{CONTOSO}\n{NOC}", "fail warning", "has no facility"),
        (
            f"{CONTOSO}\n{FACILITY}\npeeringdb contact 64500 NOC - phone",
            "fail warning",
            "has no NOC contact with mail and phone",
        ),
        (
            f"{CONTOSO}\n{FACILITY}\npeeringdb contact 64500 noc gmail.com phone",
            "fail warning",
            "has a NOC address at gmail.com",
        ),
        (
            f"{CONTOSO}\npeeringdb contact 64500 NOC contoso.example",
            "fail warning",
            "has no facility and no NOC contact with mail and phone",
        ),
        # without a login, only public contacts are shown
        (f"{CONTOSO}\n{FACILITY}", "unknown warning", "a NOC contact, which may not be public"),
        (
            f"{CONTOSO}\n{FACILITY}\npeeringdb contact 64500 Policy contoso.example phone",
            "unknown warning",
            "a NOC contact",
        ),
        # one that is complete is enough
        (f"{CONTOSO}\n{FACILITY}\n{NOC}\npeeringdb contact 64500 NOC gmail.com", "", ""),
        ("irr RADB aut-num 64500", "unknown warning", "whether the profile of AS64500 is complete"),
    ],
)
def test_profiles(text: str, outcome: str, says: str) -> None:
    """A profile has facilities, and a NOC contact with mail and phone at the company's domain."""
    assert only(text, "asn.peeringdb-profile") == outcome
    assert all(says in sentence(each) for each in findings(text, "asn.peeringdb-profile"))


@pytest.mark.parametrize(
    ("attestation", "text", "expected"),
    [
        ("", f"{CONTOSO}\n{FACILITY}", "attested"),
        ("", f"{CONTOSO}\n{FACILITY}\n{NOC}", ""),
        (" no", f"{CONTOSO}\n{FACILITY}\n{NOC}", "contradicted"),
        ("", "registry peeringdb", "contradicted"),
        (" no", "registry peeringdb", ""),
    ],
)
def test_attested_profiles(attestation: str, text: str, expected: str) -> None:
    """Data outrank an attestation; a disagreement is a warning."""
    statement = f"attest asn.peeringdb-profile contoso-ams{attestation}"
    found = findings(f"{statement}\n{text}", "asn.peeringdb-profile")
    assert any(each.outcome is Outcome.ATTESTED for each in found) is (expected == "attested")
    contradicted = [each for each in found if "contradicted by data" in sentence(each)]
    assert bool(contradicted) is (expected == "contradicted")


@pytest.mark.parametrize(
    ("text", "outcome", "says"),
    [
        ("", "unknown warning", "who holds AS64500 is not known"),
        (
            "delegated RIPE 64500 allocated",
            "unknown warning",
            "who holds AS64500 is not known (the number is allocated by RIPE (NL, 2010-03-01))",
        ),
        (
            f"delegated RIPE 64500 assigned\n{CONTOSO}",
            "unknown warning",
            "; PeeringDB names it 'Contoso')",
        ),
        (
            "delegated RIPE 64500 reserved",
            "fail warning",
            "AS64500 is listed as reserved by RIPE (NL, 2010-03-01): nobody holds it",
        ),
        ("delegated APNIC 64500 available", "fail warning", "listed as available by APNIC"),
        ("delegated IANA 64500 reserved", "unknown warning", "who holds"),  # for documents
        ("delegated RIPE 64501 reserved", "unknown warning", "who holds"),
    ],
)
def test_holders(text: str, outcome: str, says: str) -> None:
    """Delegated files show that nobody holds a number; who holds it is to be attested."""
    assert only(text, "asn.own") == outcome
    assert all(says in sentence(each) for each in findings(text, "asn.own"))


def test_an_attested_holder() -> None:
    """An attestation decides who holds a number, unless nobody does."""
    attested = "attest asn.own contoso-ams\n"
    assert only(f"{attested}delegated RIPE 64500 allocated", "asn.own") == "attested warning"
    found = findings(f"{attested}delegated RIPE 64500 available", "asn.own")
    assert [each.outcome for each in found] == [Outcome.FAIL, Outcome.FAIL]
    assert any("contradicted by data" in sentence(each) for each in found)
