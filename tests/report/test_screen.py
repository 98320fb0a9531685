"""The text report begins with what a person needs, and stays short."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache
from ipaddress import ip_address
from itertools import groupby
from pathlib import Path
from typing import Final

import pytest

import peerlint
from peerlint.report.text import WIDTH, render_text
from peerlint.results import Outcome, Report, Severity
from peerlint.rules import CATALOGUE
from peerlint.testing.dumps import RibDump

CONTOSO: Final = Path(__file__).resolve().parents[2] / "examples" / "contoso" / "peering.toml"
NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
TAG: Final = "community 8075:8007"
#: Each session with its router, peering and the partner's address.
SESSIONS: Final = {
    "ams-1": ("edge1.ams", "contoso-ams", "192.0.2.0"),
    "ams-2": ("edge2.ams", "contoso-ams", "192.0.2.2"),
    "fra-1": ("edge1.fra", "contoso-fra", "192.0.2.4"),
    "fra-2": ("edge2.fra", "contoso-fra", "192.0.2.6"),
}
#: What the routers hold of the prefixes 198.18.0.0/24 to 198.18.11.0/24, where it is not all well:
#: by number and session (None for all), the route, "" for none.
FAULTS: Final = {
    (0, "ams-2"): "",
    (1, None): f"path 64501 64502 64503 {TAG}",
    (2, "ams-1"): "path 64501 large 8075:8007:0",
    (3, "fra-2"): f"path 64501 64512 {TAG}",
    (8, None): f"path 64501 64501 {TAG}",
    (9, "fra-1"): f"path 64501 {TAG} no-export",
    (10, "ams-1"): f"path {{64501,64502}} {TAG}",
}


@cache
def contoso() -> Report:
    """Return the report on the example, at a time shortly after its dumps."""
    return peerlint.check(peerlint.load_inventory(CONTOSO), now=NOW)


@pytest.fixture
def loc_ribs(tmp_path: Path) -> Report:
    """Check four sessions, twelve prefixes and seven faults, seen in loc-ribs only."""
    lines = ["[lab]", 'allow = ["documentation", "benchmarking"]']
    for number, peering in enumerate(("contoso-ams", "contoso-fra")):
        lines += ["[[peering]]", f'name = "{peering}"', 'profile = "maps"', "asn = 64500"]
        lines.append(f'location = "{("Amsterdam", "Frankfurt")[number]}"')
        for session, (router, of, address) in SESSIONS.items():
            if of == peering:
                lines += ["[[peering.connection]]", f'name = "{session}"', f'router = "{router}"']
                lines += ["[[peering.connection.session]]", f'peer = "{address}"']
                lines.append(f'microsoft = "{ip_address(address) + 1}"')
        for prefix in range(6 * number, 6 * number + 6):
            lines += ["[[peering.registered_prefix]]", f'prefix = "198.18.{prefix}.0/24"']
            lines += [f'name = "sbc-{prefix}"', 'traffic_class = "voice"', 'endpoints = ["sbc"]']
    (tmp_path / "peering.toml").write_text("\n".join(lines))
    for session, (router, _, _) in SESSIONS.items():
        rib = RibDump()
        customer = rib.peer("192.0.2.129", 64501)
        for number in range(12):
            well = f"path 64501 {TAG}"
            said = FAULTS.get((number, session), FAULTS.get((number, None), well))
            if said:
                rib.routes(customer, f"198.18.{number}.0/24 {said}")
        (tmp_path / f"{router}.mrt").write_bytes(rib.octets())
    ribs = [f"{router}={tmp_path}/{router}.mrt" for router, _, _ in SESSIONS.values()]
    inventory = peerlint.load_inventory(tmp_path / "peering.toml")
    return peerlint.check(inventory, ribs, now=NOW)


def test_contoso_fits_on_a_screen() -> None:
    """Totals, both matrices and every error with its fix within 40 lines, all within 60."""
    report = contoso()
    lines = render_text(report).splitlines()
    errors = [each for each in report.failed() if each.severity is Severity.ERROR]
    first = "\n".join(lines[:40])

    assert lines[0].startswith(f"{len(errors)} errors on 7 of 9 prefixes; 0 of 9 Verified, 2 more ")
    for peering in report.peerings:
        assert f"\n{peering.name}  " in first
    for verdict in report.prefixes:
        assert f"\n{verdict.prefix} " in first
    for error in errors:
        assert error.rule in first
        assert f"fix: {CATALOGUE[error.rule].fix}" in first
    assert len(errors) >= 7
    assert len(lines) <= 60
    assert max(map(len, lines)) <= WIDTH


def test_loc_ribs_only_fit_on_a_screen(loc_ribs: Report) -> None:
    """Where most is unknown, the unknown does not hide what is known."""
    lines = render_text(loc_ribs).splitlines()
    text = "\n".join(lines)

    assert len(lines) <= 60
    assert max(map(len, lines)) <= WIDTH
    for failed in loc_ribs.failed():
        assert failed.rule in text
    for verdict in loc_ribs.prefixes:
        assert f"\n{verdict.prefix} " in text


def test_what_loc_ribs_leave_open_is_one_line(loc_ribs: Report) -> None:
    """Sessions seen before export policy are named together, with what would show the rest."""
    text = " ".join(render_text(loc_ribs).split())
    _, _, line = text.partition("ams-1, ams-2, fra-1, fra-2, seen before export policy only: ")
    open_ = {
        each.rule
        for each in loc_ribs.findings
        if each.outcome is Outcome.UNKNOWN and each.need == "routes" and each.subject.prefix
    }

    assert {"route.community-wrong-type", "route.private-asn", "route.prepending"} == open_
    assert 1 == text.count("seen before export policy only")
    assert open_ <= {*line.partition(" of 3 prefixes")[0].split(", ")}
    assert "what is received or sent, or egress" in line
    assert "(--rib SESSION=FILE@sent or FILE@received)" in line


def test_the_screen_has_an_order(loc_ribs: Report) -> None:
    """Totals, matrices, errors, warnings, information, what is open, sources, totals."""
    lines = render_text(loc_ribs).splitlines()
    wanted = ["contoso-ams", "contoso-fra", "error", "warning", "info", "Not", "Sources"]
    heads = [line.partition(" ")[0] for line in lines]

    assert wanted == [head for head in dict.fromkeys(heads) if head in wanted]
    assert ["error", "warning", "info"] == [
        head for head, _ in groupby(each for each in heads if each in wanted[2:5])
    ]
    assert lines[0].startswith("4 errors on 3 of 12 prefixes; 0 of 12 Verified, 7 more ")
    assert "4 errors, 4 warnings; exit 1 because of errors and 3 prefixes Unknown" == lines[-1]


@pytest.mark.parametrize("detail", ["record at octet", "basis: ", "documents differ: "])
def test_evidence_needs_verbose(detail: str) -> None:
    """Offsets, documents and their contradictions are shown only if verbose."""
    report = contoso()

    assert detail not in render_text(report)
    assert detail in render_text(report, verbose=True)


def test_documents_have_titles() -> None:
    """Documents have titles, because a number such as 003 has no meaning to users."""
    text = " ".join(render_text(contoso(), verbose=True).split())

    assert [] == re.findall(r"(?<!\()(?<!to )\b00[0-4]\b", text)
    assert "Internet peering for MAPS partner walkthrough (003)" in text
