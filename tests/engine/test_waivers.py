"""Attestations and waivers: what they decide, and until when (scenarios: 2026-11-21)."""

from __future__ import annotations

import pytest

from peerlint.report.sentence import sentence
from peerlint.results import Outcome, Report, Severity
from peerlint.testing.notation import evaluate

#: The inventory does not declare whether ams-1 uses LACP.
OPEN = "connection ams-1 lacp=\n"
#: The inventory declares whether ams-1 uses LACP.
KNOWN = "connection ams-1 lacp={}\n"
#: One session prepends.
FAULT = (
    "registered 203.0.113.0/24\n"
    "ams-1 203.0.113.0/24 path 64500 64500 community 8075:8007\n"
    "ams-2 203.0.113.0/24 path 64500 community 8075:8007\n"
)


def labels(report: Report, rule: str) -> set[str]:
    """Return outcome, severity and subject of a rule's findings."""
    return {
        f"{one.outcome} {one.severity} {one.subject}" for one in report.findings if one.rule == rule
    }


@pytest.mark.parametrize(
    ("data", "statement", "is_reported"),
    [
        ("true", "attest topology.lacp ams-1", False),
        ("false", "attest topology.lacp ams-1 no", False),
        ("false", "attest topology.lacp ams-1", True),
        ("true", "attest topology.lacp ams-1 no", True),
        # nothing is known: the attestation decides, and contradicts nothing
        ("", "attest topology.lacp ams-1", False),
        ("", "attest topology.lacp ams-1 no", False),
    ],
)
def test_data_outrank_an_attestation(data: str, statement: str, *, is_reported: bool) -> None:
    """If there are data, an attestation decides nothing; a disagreement is a warning."""
    found = evaluate(KNOWN.format(data) + statement).findings

    outcomes = {one.outcome for one in found if one.rule == "topology.lacp" and not one.statement}
    contradicted = [one for one in found if "contradicted by data" in sentence(one)]
    assert is_reported == bool(contradicted)
    assert {Severity.WARNING} >= {one.severity for one in contradicted}
    if data:
        assert (Outcome.FAIL in outcomes) == (data == "false")


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("", {"unknown error contoso-ams ams-1 edge1.ams"}),
        # the scope is the connection, its router, or its peering
        ("attest topology.lacp ams-1", {"attested error contoso-ams ams-1 edge1.ams"}),
        ("attest topology.lacp edge1.ams", {"attested error contoso-ams ams-1 edge1.ams"}),
        ("attest topology.lacp contoso-ams", {"attested error contoso-ams ams-1 edge1.ams"}),
        ("attest topology.lacp ams-2", {"unknown error contoso-ams ams-1 edge1.ams"}),
        ("attest topology.bfd ams-1", {"unknown error contoso-ams ams-1 edge1.ams"}),
        # an attestation may be negative
        ("attest topology.lacp ams-1 no", {"fail error contoso-ams ams-1 edge1.ams"}),
        # the last day counts; after it the attestation is unknown, with a warning
        (
            "attest topology.lacp ams-1 until=2026-11-21",
            {"attested error contoso-ams ams-1 edge1.ams"},
        ),
        (
            "attest topology.lacp ams-1 until=2026-11-20",
            {"unknown error contoso-ams ams-1 edge1.ams", "fail warning ams-1"},
        ),
        # the first day counts; before it the rule is unknown, with a warning
        (
            "attest topology.lacp ams-1 on=2026-11-21",
            {"attested error contoso-ams ams-1 edge1.ams"},
        ),
        (
            "attest topology.lacp ams-1 on=2026-11-22",
            {"unknown error contoso-ams ams-1 edge1.ams", "fail warning ams-1"},
        ),
        (
            "attest topology.lacp ams-1 no on=2026-11-22",
            {"unknown error contoso-ams ams-1 edge1.ams", "fail warning ams-1"},
        ),
        # one that does not count today does not affect one that does
        (
            "attest topology.lacp ams-1 on=2026-11-22\nattest topology.lacp contoso-ams",
            {"attested error contoso-ams ams-1 edge1.ams"},
        ),
        (
            "attest topology.lacp ams-1 until=2026-11-20\nattest topology.lacp ams-1",
            {"attested error contoso-ams ams-1 edge1.ams"},
        ),
        # an unknown outcome can be waived too
        ("waive topology.lacp ams-1", {"waived error contoso-ams ams-1 edge1.ams"}),
    ],
)
def test_what_cannot_be_observed(statement: str, expected: set[str]) -> None:
    """What cannot be observed is unknown until it is attested."""
    assert expected == labels(evaluate(OPEN + statement), "topology.lacp")


def test_an_attestation_does_not_hide_data() -> None:
    """If the inventory declares that there is no LACP, an attestation cannot change that."""
    report = evaluate("connection ams-1 lacp=false\nattest topology.lacp ams-1")

    assert {"fail error contoso-ams ams-1 edge1.ams", "fail warning ams-1"} == labels(
        report, "topology.lacp"
    )


#: Both sessions announce the registered prefix, and none does.
ANNOUNCED = (
    "registered 203.0.113.0/24\n"
    "ams-1 203.0.113.0/24 path 64500 community 8075:8007\n"
    "ams-2 203.0.113.0/24 path 64500 community 8075:8007\n"
)
SILENT = "registered 203.0.113.0/24\n"
#: A special-purpose block, which no partner holds.
PRIVATE = "ams-1 192.168.0.0/24 path 64500\n"
HELD = "attest prefix.own-routable contoso-ams"
NOTHING = "fail error contoso-ams"
UNSEEN = "unknown error contoso-ams"
UNHELD = "unknown warning contoso-ams"
VOUCHED = "attested warning contoso-ams"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # error (nothing announced), warning (holder unverified)
        (ANNOUNCED, {UNHELD}),
        (f"{ANNOUNCED}{HELD}", {VOUCHED}),
        (f"{ANNOUNCED}{HELD} no", {"fail warning contoso-ams"}),
        (f"{ANNOUNCED}{HELD} until=2026-11-20", {UNHELD, "fail warning contoso-ams"}),
        (f"{ANNOUNCED}waive prefix.own-routable contoso-ams", {"waived warning contoso-ams"}),
        # an attestation cannot replace an announcement
        (SILENT, {NOTHING, UNHELD}),
        (f"{SILENT}{HELD}", {NOTHING, VOUCHED}),
        (f"{SILENT}{PRIVATE}{HELD}", {NOTHING, VOUCHED}),
        (f"{SILENT}coverage ams-1 partial\n{HELD}", {UNSEEN, VOUCHED}),
        (f"{SILENT}coverage ams-1 partial\n{HELD} no", {UNSEEN, "fail warning contoso-ams"}),
        # announced space has a holder, registered or not; without any, the holder does not matter
        ("ams-1 203.0.113.0/24 path 64500", {UNHELD}),
        ("", {NOTHING}),
    ],
)
def test_whose_space_is_announced(text: str, expected: set[str]) -> None:
    """Announcements are observed; their holder is unknown until it is attested."""
    assert expected == labels(evaluate(text), "prefix.own-routable")


def test_registries_do_not_name_holders() -> None:
    """Only an attestation says who holds the space; the state does not depend on it."""
    report = evaluate(ANNOUNCED)

    (found,) = [one for one in report.findings if one.rule == "prefix.own-routable"]
    assert ("attestation", "an attestation that it is the partner's or its customers'") == (
        found.need,
        found.missing_texts[0],
    )
    assert "Verified" == report.prefixes[0].state


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("", "fail"),
        ("waive route.prepending ams-1", "waived"),
        ("waive route.prepending edge1.ams", "waived"),
        ("waive route.prepending 203.0.113.0/24", "waived"),
        ("waive route.prepending contoso-ams", "waived"),
        ("waive route.prepending ams-2", "fail"),
        ("waive route.prepending 198.51.100.0/24", "fail"),
        ("waive route.private-asn ams-1", "fail"),
        ("waive route.prepending ams-1 until=2026-11-21", "waived"),
    ],
)
def test_waivers(statement: str, expected: str) -> None:
    """A waiver holds for its rule and its scope, to the end of its last day."""
    report = evaluate(FAULT + statement)

    assert {expected} == {
        str(one.outcome) for one in report.findings if one.rule == "route.prepending"
    }


def test_an_expired_waiver_is_a_warning() -> None:
    """Its finding counts again, and the waiver itself is a warning."""
    report = evaluate(f"{FAULT}waive route.prepending ams-1 until=2026-11-20")

    assert {
        "fail error contoso-ams ams-1 edge1.ams 203.0.113.0/24",
        "fail warning ams-1",
    } == labels(report, "route.prepending")


def test_the_statement_of_a_waiver() -> None:
    """A waived finding has the waiver's author, reason and last day."""
    report = evaluate(f"{FAULT}waive route.prepending ams-1")

    (found,) = [one for one in report.findings if one.outcome is Outcome.WAIVED]
    assert found.statement == ("waived by noc@contoso.example until 2026-12-31: ticket 4711")


def test_azure_knows_no_waivers() -> None:
    """A waived error no longer counts, but Azure would still refuse the prefix."""
    plain, waived = evaluate(FAULT), evaluate(f"{FAULT}waive route.prepending ams-1")

    def errors(report: Report) -> set[str]:
        return {one.rule for one in report.failed(Severity.ERROR) if one.subject.prefix}

    assert ({"route.prepending"}, set()) == (errors(plain), errors(waived))
    assert {"Failed"} == {str(each.prefixes[0].state) for each in (plain, waived)}


#: The route is right on both sessions.
GOOD = FAULT.replace("64500 64500", "64500")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # a waiver is for a finding
        (f"{FAULT}waive route.prepending ams-1", []),
        (f"{FAULT}waive route.prepending contoso-ams", []),
        (f"{FAULT}waive route.prepending ams-2", ["waiver for ams-2"]),
        (f"{GOOD}waive route.prepending contoso-ams", ["waiver for contoso-ams"]),
        (f"{GOOD}waive route.prepending 203.0.113.0/24", ["waiver for 203.0.113.0/24"]),
        (f"{GOOD}waive registration.missing contoso-ams", ["waiver for contoso-ams"]),
        ("waive topology.lacp ams-1", ["waiver for ams-1"]),
        (f"{OPEN}waive topology.lacp ams-1", []),
        # no document of this profile requires BFD, and a hint cannot be violated
        ("waive topology.bfd ams-1", ["waiver for ams-1"]),
        ("waive ops.lead-time contoso-ams", ["waiver for contoso-ams"]),
        # the finding may exist, but the dumps cannot show it
        ("registered 203.0.113.0/24\ncoverage ams-1 none\nwaive route.prepending ams-1", []),
        ("registered 203.0.113.0/24\ncoverage ams-1 none\nwaive route.not-received ams-1", []),
        (f"{GOOD}coverage ams-2 partial\nwaive registration.missing contoso-ams", []),
        (f"{GOOD}view ams-2 loc-rib\nwaive route.first-as ams-2", []),
        # but a session that certainly does not announce the prefix has no route to waive
        (
            "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500\n"
            "waive route.prepending ams-2",
            ["waiver for ams-2"],
        ),
        # an attestation is for a subject of its rule, whether it is needed or not
        ("attest topology.lacp ams-1", []),
        ("attest topology.lacp ams-1 on=2026-11-22", []),
        (f"{OPEN}attest topology.lacp ams-1", []),
        ("attest topology.bfd ams-1", ["attestation for ams-1"]),
        ("attest topology.router-diversity ams-1", ["attestation for ams-1"]),
        ("attest activation.customer-eligibility contoso-ams", ["attestation for contoso-ams"]),
        # each gives a warning of its own, also if two are equal
        (
            "waive topology.lacp ams-1\nwaive topology.lacp ams-1\nattest topology.bfd ams-1",
            ["attestation for ams-1", "waiver for ams-1", "waiver for ams-1"],
        ),
    ],
)
def test_a_statement_without_effect_is_a_warning(text: str, expected: list[str]) -> None:
    """This reveals a wrong scope, a problem that was corrected, or a rule that is off."""
    report = evaluate(text)
    found = [one for one in report.findings if (one.about or "").startswith(("attest", "waiver"))]

    assert expected == [f"{str(one.about).split()[0]} for {one.subject}" for one in found]
    assert all("concerns nothing" in sentence(one) for one in found)
    assert {"fail warning"} >= {f"{one.outcome} {one.severity}" for one in found}
    assert len(report.findings) == len({one.id for one in report.findings})


def test_a_waiver_that_another_replaces_is_no_warning() -> None:
    """Of two waivers for one finding, one of which has ended, the other is enough."""
    both = "waive route.prepending ams-1 until=2026-11-20\nwaive route.prepending ams-1"

    assert {"waived error contoso-ams ams-1 edge1.ams 203.0.113.0/24"} == labels(
        evaluate(FAULT + both), "route.prepending"
    )


def test_a_warning_about_a_statement_has_its_author() -> None:
    """The warning has the author and the last day of the statement."""
    report = evaluate(f"{GOOD}waive route.prepending ams-1")

    (found,) = [one for one in report.findings if one.rule == "route.prepending"]
    assert (
        "the waiver of noc@contoso.example for ams-1 concerns nothing: its rule found nothing "
        "there",
        "waived by noc@contoso.example until 2026-12-31: ticket 4711",
    ) == (sentence(found), found.statement)


@pytest.mark.parametrize(
    ("outcome", "warnings", "statements"),
    [
        ("attested", 0, "attest topology.lacp ams-1"),
        ("fail", 0, "attest topology.lacp ams-1 no"),
        # neither the first nor the narrower one takes precedence
        ("unknown", 2, "attest topology.lacp ams-1\nattest topology.lacp ams-1 no"),
        ("unknown", 2, "attest topology.lacp ams-1 no\nattest topology.lacp contoso-ams"),
        # one that has ended contradicts nothing
        (
            "attested",
            0,
            "attest topology.lacp ams-1\nattest topology.lacp ams-1 no until=2026-11-20",
        ),
    ],
)
def test_attestations_that_contradict_each_other_decide_nothing(
    outcome: str, warnings: int, statements: str
) -> None:
    """The outcome is unknown, and each of the two attestations is a warning."""
    found = evaluate(OPEN + statements).findings

    lacp = [one for one in found if one.rule == "topology.lacp" and one.subject.session is None]
    about_attestations = [
        one for one in lacp if "contradicted by another attestation" in sentence(one)
    ]
    assert warnings == len(about_attestations)
    assert {Severity.WARNING} >= {one.severity for one in about_attestations}
    assert {outcome} == {
        one.outcome
        for one in lacp
        if one.subject.connection == "ams-1" and one not in about_attestations
    }


def test_contradicting_attestations_of_an_origin() -> None:
    """Two attestations that contradict each other leave Microsoft's check undecided."""
    report = evaluate(
        "registered 203.0.113.0/24\nattest asn.origin-registered contoso-ams\n"
        "attest asn.origin-registered 203.0.113.0/24 no"
    )

    (row,) = report.prefixes
    assert "origin-registered" in {check.name for check in row.undecided}
