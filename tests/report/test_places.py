"""Where in the inventory a finding's subject is declared."""

from __future__ import annotations

from typing import Final

import attrs
import pytest

import peerlint
from peerlint.inventory.lines import LineIndex
from peerlint.inventory.toml import parse_inventory
from peerlint.observations import Confidence
from peerlint.report.places import line_of
from peerlint.results import Finding, Outcome, Severity, SubjectRef

TEXT: Final = """\
[lab]
allow = ["documentation"]

[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500

[[peering.connection]]
name = "ams-1"

[[peering.connection.session]]
peer = "192.0.2.0"

[[peering.connection.session]]
peer = "192.0.2.2"

[[peering.connection]]
name = "ams-2"
session = [{ peer = "192.0.2.4" }]

[[peering.registered_prefix]]
name = "a"
prefix = "203.0.113.0/24"

[[peering.registered_prefix]]
prefix = "203.0.113.0/24"
name = "b"

[[peering_service]]
name = "fabrikam"

[[peering_service.service_prefix]]
prefix = "203.0.113.0/24"

[[waiver]]
rule = "route.prepending"
scope = "ams-1"
reason = "x"
by = "noc"
until = 2026-11-30

[[peering]]
name = "contoso-ix"
profile = "route-server"
asn = 64500

[[peering.registered_asn]]
asn = 64501
"""
INVENTORY: Final = parse_inventory(TEXT, "peering.toml")
PREFIX: Final = "203.0.113.0/24"


def finding(rule: str, subject: SubjectRef, about: str | None = None) -> Finding:
    """Return a finding about a subject."""
    return Finding(
        rule, Outcome.FAIL, Severity.ERROR, Confidence.OBSERVED, subject, "found", "R", about=about
    )


AMS: Final = SubjectRef("contoso-ams")


@pytest.mark.parametrize(
    ("found", "line"),
    [
        # a registered prefix, alone and on a session; of two that are spelled alike, the second
        (finding("prefix.valid", attrs.evolve(AMS, prefix=PREFIX)), 24),
        (
            finding("route.prepending", SubjectRef("contoso-ams", "ams-1", "ams-1", None, PREFIX)),
            24,
        ),
        (finding("prefix.valid", attrs.evolve(AMS, prefix=PREFIX), "number 2"), 27),
        # a service prefix
        (finding("activation.missing", attrs.evolve(AMS, prefix=PREFIX)), 24),
        (finding("activation.key-mismatch", attrs.evolve(AMS, prefix=PREFIX), "fabrikam"), 34),
        # a registered AS
        (finding("asn.customer-public", SubjectRef("contoso-ix"), "AS64501"), 49),
        # sessions, the second of a connection and one in an inline table, and connections
        (finding("topology.md5-set", SubjectRef("contoso-ams", "ams-1", "ams-1")), 12),
        (finding("topology.md5-set", SubjectRef("contoso-ams", "ams-1", "ams-1/2")), 15),
        (finding("topology.md5-set", SubjectRef("contoso-ams", "ams-2", "ams-2")), 20),
        (finding("topology.bfd", SubjectRef("contoso-ams", "ams-2")), 18),
        # a prefix that nobody registered is shown at its session
        (finding("route.first-as", SubjectRef("contoso-ams", "ams-2", "ams-2", None, "x")), 20),
        # the peering; a statement; and what is about nothing in the file
        (finding("topology.sku", AMS), 4),
        (finding("route.prepending", SubjectRef("ams-1"), "waiver"), 36),
        (finding("route.prepending", SubjectRef("elsewhere")), 1),
        (finding("route.prepending", SubjectRef()), 1),
    ],
)
def test_lines(found: Finding, line: int) -> None:
    """The prefix comes first, then the AS, the session, the connection and the peering."""
    assert line == line_of(INVENTORY, LineIndex.of(TEXT))(found)


def test_every_finding_of_a_check_has_a_line_of_its_subject() -> None:
    """The line of a finding about a prefix has the prefix, of one about a session something."""
    text = TEXT.replace('name = "b"\n', "")
    report = peerlint.check(parse_inventory(text, "peering.toml"), [])
    line = line_of(parse_inventory(text, "peering.toml"), LineIndex.of(text))
    lines = text.splitlines()

    assert report.findings
    for each in report.findings:
        shown = lines[line(each) - 1]
        if each.subject.prefix is not None:
            assert each.subject.prefix in shown
        elif each.subject.session is not None:
            assert "session" in shown
