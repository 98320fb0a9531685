"""Ids of findings: unique in a report, and for ever those of rule and subject."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

import peerlint
from peerlint.inventory import RegisteredPrefix
from peerlint.inventory.peering import PROFILES
from peerlint.inventory.toml import parse_inventory
from peerlint.report.document import Document
from peerlint.report.json import parse_report
from peerlint.results import Finding, Report
from peerlint.rules import CATALOGUE, Scope
from peerlint.testing.notation import evaluate, scenario

ROOT: Final = Path(__file__).resolve().parents[2]
EXAMPLES: Final = sorted((ROOT / "examples").rglob("peering.toml"))
OLD: Final = sorted((ROOT / "tests" / "vectors" / "reports").glob("schema-1-*.json"))
#: A prefix that an export of Azure's lists twice, under two names, without keys.
TWICE: Final = """
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500
location = "Amsterdam"
[[peering.connection]]
name = "ams-1"
state = "Active"
[[peering.connection.session]]
microsoft = "192.0.2.6"
peer = "192.0.2.5"
[[peering.registered_prefix]]
prefix = "198.51.100.0/24"
name = "one"
state = "Verified"
[[peering.registered_prefix]]
prefix = "198.51.100.0/24"
name = "two"
state = "Verified"
"""
SERVER: Final = "peering contoso-rs route-server 64500 Oslo\nsession rs-1 rs1.osl\n"
SERVICES: Final = (
    "service contoso-maps\nservice-prefix 203.0.113.0/24\n"
    "service contoso-2\nservice-prefix 203.0.113.0/24\n"
)
#: Scenarios in which a rule has several things to say of one subject.
SEVERAL: Final = {
    "registered twice": "registered 203.0.113.0/24 key\n" * 2,
    "registered three times, one Failed": "registered 203.0.113.0/24\n" * 2
    + "registered 203.0.113.0/24 state Failed",
    "activated twice by one service": "registered 203.0.113.0/24\nservice contoso-maps\n"
    + "service-prefix 203.0.113.0/24\n" * 2,
    "activated by two services, registered nowhere": SERVICES,
    "the same, announced without the community": f"{SERVICES}ams-1 203.0.113.0/24 path 64500\n",
    "the same, at a route server": f"{SERVER}{SERVICES}rs-1 203.0.113.0/24 path 64502",
    "one state not known, one not active": "connection ams-1 state=Validating\n"
    "connection ams-2 state=",
    "routers not known in two metros": "session ams-3 edge3.ams\nsession ams-4 edge4.ams\n"
    "connection ams-1 router=\nconnection ams-3 location=Oslo router=\n"
    "connection ams-4 location=Oslo",
    "an AS registered twice without a name": SERVER + "asn 64501 name=\n" * 2,
    "Verified with a message, learned by nobody knows what": "registered 203.0.113.0/24\n"
    "service contoso-maps\nservice-prefix 203.0.113.0/24 learned_type= error=Something",
    "statements that end on one day": "waive route.prepending contoso-ams until=2026-01-01\n" * 2
    + "attest topology.lacp contoso-ams until=2026-02-01\n" * 2,
}


def repeated(report: Report) -> list[tuple[str, str, str | None]]:
    """Return the findings whose id a report has more than once."""
    counted = Counter(finding.id for finding in report.findings)
    return [
        (finding.rule, str(finding.subject), finding.about)
        for finding in report.findings
        if counted[finding.id] > 1
    ]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("strict", [False, True])
def test_unique_in_every_example(path: Path, strict: bool) -> None:
    """No two findings of an example have one id."""
    now = datetime(2026, 11, 21, tzinfo=UTC)

    assert [] == repeated(peerlint.check(peerlint.load_inventory(path), strict=strict, now=now))


@pytest.mark.slow
@pytest.mark.parametrize("rule", CATALOGUE.values(), ids=lambda rule: str(rule.id))
def test_unique_in_every_scenario(rule: peerlint.rules.Rule) -> None:
    """No two findings of a scenario of any rule have one id, whatever the profile."""
    found = [
        (text, profile, each)
        for text in (*rule.fires_on, *rule.silent_on)
        for profile in (None, *PROFILES)
        for each in repeated(evaluate(text, profile=profile))
    ]

    assert [] == found


@pytest.mark.parametrize("text", SEVERAL.values(), ids=SEVERAL)
@pytest.mark.parametrize("profile", [None, *PROFILES])
def test_unique_with_many_findings(text: str, profile: str | None) -> None:
    """Several problems of one rule with one subject have an id each."""
    assert [] == repeated(evaluate(text, profile=profile))


def test_unique_where_azure_lists_a_prefix_twice() -> None:
    """Two registrations without a key are two findings, about the first and the second."""
    report = peerlint.check(parse_inventory(TWICE, "peering.toml"), ribs=[])

    assert [] == repeated(report)
    assert [
        ("number 1", "contoso-ams 198.51.100.0/24"),
        ("number 2", "contoso-ams 198.51.100.0/24 #2"),
    ] == [
        (finding.about, finding.key)
        for finding in report.findings
        if finding.rule == "registration.key-present"
    ]


def test_unique_with_a_repeated_declaration() -> None:
    """An inventory made in Python may hold one object twice."""
    one = scenario("registered 203.0.113.0/24 key\nams-1 203.0.113.0/24 path 64500")
    (peering,) = one.inventory.peerings
    twice = attrs.evolve(
        peering,
        registered_prefixes=(RegisteredPrefix("203.0.113.0/24"),) * 2,
    )
    inventory = attrs.evolve(one.inventory, peerings=(twice,))

    assert [] == repeated(attrs.evolve(one, inventory=inventory).evaluate())


LINES: Final = sorted(
    {
        line
        for text in (*SEVERAL.values(), *(text for rule in CATALOGUE.values()
                                           for text in rule.fires_on))
        for line in text.splitlines()
        if line.split()[:1] in (["registered"], ["service-prefix"], ["waive"], ["attest"], ["asn"])
    }
)  # fmt: skip


@given(lines=st.lists(st.sampled_from(LINES), max_size=8))
def test_unique_whatever_is_declared(lines: list[str]) -> None:
    """Whatever is declared however often, no two findings have one id."""
    head = "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\nservice contoso-maps"

    assert [] == repeated(evaluate("\n".join((head, *lines))))


@given(
    lines=st.lists(st.sampled_from(LINES), max_size=8),
    service=st.sampled_from(["contoso-maps", "contoso-ams"]),
)
def test_keys_are_those_of_rows(lines: list[str], service: str) -> None:
    """A finding names a row of the report or none, and the row is about the finding's prefix.

    A peering service may have the name of a peering.
    """
    head = "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams"
    report = evaluate("\n".join((head, f"service {service}", *lines)))
    prefixes = {
        **{each.key: each.prefix for each in report.prefixes},
        **{each.key: each.prefix for each in report.service_prefixes},
    }

    assert len(prefixes) == len(report.prefixes) + len(report.service_prefixes)
    services = {each.key for each in report.service_prefixes}
    registered = {each.prefix for each in report.prefixes}
    for finding in report.findings:
        if finding.key is None:
            continue
        assert prefixes[finding.key] == finding.subject.prefix
        if CATALOGUE[finding.rule].scope is Scope.SERVICE_PREFIX:
            assert finding.key in services
        else:
            assert (finding.key in services) == (finding.subject.prefix not in registered)


# -- ids stay


def unique(findings: tuple[Finding, ...]) -> dict[str, Finding]:
    """Return the findings whose id is theirs alone."""
    counted = Counter(finding.id for finding in findings)
    return {finding.id: finding for finding in findings if counted[finding.id] == 1}


@pytest.mark.parametrize("path", OLD, ids=lambda path: path.stem)
def test_ids_of_schema_1(path: Path) -> None:
    """An id that a report of schema 1 has is the one that rule and subject have today."""
    text = path.read_text(encoding="utf-8")

    assert [each["id"] for each in json.loads(text)["findings"]] == [
        finding.id for finding in parse_report(text, path.name).report.findings
    ]


def test_ids_are_the_same_today() -> None:
    """Ids that were unique in schema 1 are the same, if the rule still has the finding."""
    text = (OLD[-1]).read_text(encoding="utf-8")
    tagged = "path 64500 community 8075:8007"
    now = evaluate(
        "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
        "session ams-2 edge2.ams\n"
        "registered 203.0.113.0/24 name one key\nregistered 203.0.113.0/24 name two key\n"
        "registered 198.51.100.0/24\npeering contoso-fra maps 64500 Frankfurt\n"
        "session fra-1 edge1.fra\nregistered 198.51.100.0/24\n"
        f"ams-1 203.0.113.0/24 {tagged}\nams-2 203.0.113.0/24 path 64500\n"
        f"ams-1 198.51.100.0/24 {tagged}\nams-2 198.51.100.0/24 {tagged}\n"
    )
    before = unique(parse_report(text, "old.json").report.findings)
    after = {(finding.rule, finding.subject, finding.about) for finding in now.findings}

    same = {id_ for id_, f in before.items() if (f.rule, f.subject, f.about) in after}
    assert len(same) > 50
    assert same <= {finding.id for finding in now.findings}
    assert same <= {finding.id for finding in Document.of(now).findings}


def test_a_failure_keeps_its_id() -> None:
    """What failed has the id of rule and subject, whether or not something is unknown beside."""
    alone = evaluate("connection ams-1 state=Validating")
    beside = evaluate("connection ams-1 state=Validating\nconnection ams-2 state=")

    def ids(report: Report) -> list[tuple[str, str]]:
        return [
            (finding.outcome, finding.id)
            for finding in report.findings
            if finding.rule == "topology.connection-active"
        ]

    ((_, wanted),) = ids(alone)
    assert ("fail", wanted) in ids(beside)
    assert 2 == len(set(ids(beside)))
