"""The report as a person reads it: golden files of a few scenarios, and what is never on a page."""

from __future__ import annotations

from typing import Final, Protocol

import attrs
import pytest

from peerlint.bulk import Quality
from peerlint.model import View
from peerlint.observations import Coverage, SourceSummary
from peerlint.report.text import WIDTH, render_text
from peerlint.results import Report
from peerlint.testing.notation import evaluate_routes as evaluate
from peerlint.wire.damage import Damage


class Golden(Protocol):
    """See conftest.py."""

    def __call__(self, name: str, text: str) -> None:
        """Compare."""


TAG: Final = "community 8075:8007"
ALL_IS_WELL: Final = f"""
registered 203.0.113.0/24 name sbc-1
ams-1 203.0.113.0/24 path 64500 {TAG}
ams-2 203.0.113.0/24 path 64500 {TAG}
"""
EVERY_STATE: Final = f"""
peering contoso-ams maps 64500 Amsterdam
session ams-1 edge1.ams
session ams-2 edge2.ams
registered 203.0.113.0/24 name verified
registered 198.51.100.0/24 name warned
registered 198.18.0.0/22 name failed
registered 198.18.4.0/22 name open
registered 203.0.113.300/24 name invalid
view ams-2 loc-rib
ams-1 203.0.113.0/24 path 64500 {TAG}
ams-2 203.0.113.0/24 {TAG}
ams-1 198.51.100.0/24 path 64500 {TAG} graceful-shutdown
ams-2 198.51.100.0/24 {TAG}
ams-1 198.18.0.0/22 path 64500 64512 64512 64512 large 8075:8007:0
ams-2 198.18.0.0/21 path 64501 {TAG}
ams-1 198.18.4.0/22 path 64500 {TAG}
ams-2 198.18.4.0/22
peering contoso-fra maps 64500 Frankfurt
session fra-1 edge1.fra
coverage fra-1 none
registered 198.18.8.0/22 name unseen
"""
ROUTE_SERVER: Final = f"""
peering contoso-ix route-server 64500 Amsterdam
session rs-1 rs1.ix
asn 64501
view rs-1 loc-rib
rs-1 203.0.113.0/24 path 64502 64501 {TAG} no-export
rs-1 198.51.100.0/24 path 64501
"""
SCENES: Final = {
    "report-all-is-well.txt": ALL_IS_WELL,
    "report-every-state.txt": EVERY_STATE,
    "report-route-server.txt": ROUTE_SERVER,
    "report-nothing.txt": "",
}
#: Every way in which a dump can be less than whole.
SOURCES: Final = (
    SourceSummary(
        "a.mrt",
        (("ams-1", View.RECEIVED), ("ams-2", View.RECEIVED)),
        Coverage.COMPLETE,
        Quality(octets=100, read=100, records=3, entries=2000, malformed=2),
        unmapped_peers=tuple((f"198.51.100.{n} AS64502", 1000 * n) for n in range(1, 8)),
    ),
    SourceSummary(
        "b.mrt",
        (("ams-1", View.SENT),),
        Coverage.PARTIAL,
        Quality(
            octets=5000,
            read=1000,
            skipped=1600,
            lost=2400,
            damages=4,
            damage=tuple(Damage(1000 * n, 600, "a record", "junk") for n in range(1, 5)),
            unsupported=((13, 7, 2),),
            cut="the gzip stream ends before its end",
        ),
    ),
    SourceSummary("c.mrt", (), Coverage.NONE, Quality()),
    SourceSummary("d.mrt", (), Coverage.NONE, Quality(), error="no such file"),
)


@pytest.mark.parametrize("name", SCENES)
def test_scenarios(golden: Golden, name: str) -> None:
    """A scenario's page is the golden one."""
    golden(name, render_text(evaluate(SCENES[name])))


def test_remarks_about_dumps(golden: Golden) -> None:
    """Damage, cuts, skipped records and unknown peers are listed below the findings."""
    report = attrs.evolve(evaluate(ALL_IS_WELL), sources=SOURCES)

    golden("report-dumps.txt", render_text(report))


@pytest.mark.parametrize("name", SCENES)
@pytest.mark.parametrize("width", [80, WIDTH, 160])
def test_lines_end_in_time(name: str, width: int) -> None:
    """No line ends in blanks, and none but a table's is longer than the page."""
    lines = render_text(evaluate(SCENES[name]), width=width).splitlines()

    assert [] == [line for line in lines if line != line.rstrip()]
    assert [] == [line for line in lines if len(line) > width]


@pytest.mark.parametrize("name", SCENES)
def test_colours_are_optional(name: str) -> None:
    """Terminal colours are written only where they are asked for, and change no word."""
    report = evaluate(SCENES[name])

    plain, coloured = render_text(report), render_text(report, colour=True)

    assert "\x1b" not in plain
    assert ("\x1b" in coloured) == bool(report.peerings)


def expected_texts(report: Report) -> set[str]:
    """Return what a page must not leave out."""
    return {
        part
        for found in report.findings
        for part in (found.rule, found.subject.prefix, found.subject.session)
        if part is not None
    }


@pytest.mark.parametrize("name", SCENES)
def test_nothing_is_left_out(name: str) -> None:
    """Every rule, prefix and session of a finding is on the page."""
    report = evaluate(SCENES[name])

    page = render_text(report, verbose=True)

    assert [] == sorted(part for part in expected_texts(report) if part not in page)


def test_more_prefixes_than_one_screen() -> None:
    """A matrix keeps prefixes and states whole, however many sessions there are."""
    sessions = "\n".join(f"session session-{n} router-{n}.ams" for n in range(12))
    text = f"peering contoso-ams maps 64500 Amsterdam\n{sessions}\nregistered 203.0.113.0/24"

    page = render_text(evaluate(text))

    assert any(line.startswith("203.0.113.0/24  Failed") for line in page.splitlines())


def test_a_name_writes_no_line_of_its_own() -> None:
    """A line feed in a name of the inventory starts no line: CI takes "::error" for a command."""
    name = "x\n::error::forged\nVerified"
    report = evaluate(ALL_IS_WELL)
    peering = attrs.evolve(report.peerings[0], location=name)
    verdict = attrs.evolve(report.prefixes[0], prefix=name)
    report = attrs.evolve(report, peerings=(peering,), prefixes=(verdict,), remarks=(name,))

    lines = render_text(report).splitlines()

    assert [] == [line for line in lines if line.lstrip().startswith(("::error", "Verified"))]
