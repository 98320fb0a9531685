"""The three views of the Contoso example: what each of them proves."""

from __future__ import annotations

from pathlib import Path

import pytest

import peerlint
from peerlint import Outcome, Severity

CONTOSO = Path(__file__).resolve().parents[2] / "examples" / "contoso"
DUMPS = CONTOSO / "dumps"
SENT = f"fra-1={DUMPS}/edge1.fra.sent.mrt.gz@sent"
OWN_RIBS = [
    f"{router}={DUMPS}/{router}.mrt.gz"
    for router in ("edge1.ams", "edge2.ams", "edge1.fra", "edge2.fra")
]


@pytest.fixture(name="inventory", scope="module")
def _inventory() -> peerlint.Inventory:
    return peerlint.load_inventory(CONTOSO / "peering.toml")


def errors(report: peerlint.Report) -> dict[tuple[str | None, str | None], tuple[str, str]]:
    """Return rule and confidence of each error, by prefix and session."""
    return {
        (finding.subject.prefix, finding.subject.session): (finding.rule, finding.confidence)
        for finding in report.failed(Severity.ERROR)
    }


def test_sent_messages_prove_faults_of_the_session(inventory: peerlint.Inventory) -> None:
    """OpenBGPD's messages to AS8075 show the faults of its session as observed."""
    found = errors(peerlint.check(inventory, [SENT]))

    assert {
        ("198.18.8.0/22", "fra-1"): ("route.prepending", "observed"),
        ("198.18.16.0/24", "fra-1"): ("route.covering-only", "observed"),
    } == found


def test_own_ribs_prove_faults_that_export_policy_cannot_change(
    inventory: peerlint.Inventory,
) -> None:
    """A router's own RIB shows missing prefixes and long paths, as inferred."""
    found = errors(peerlint.check(inventory, OWN_RIBS))

    assert {
        ("198.18.4.0/22", "ams-1"): ("route.as-path-length", "inferred"),
        ("198.18.4.0/22", "ams-2"): ("route.as-path-length", "inferred"),
        ("198.18.16.0/24", "fra-1"): ("route.covering-only", "inferred"),
        ("198.18.20.0/24", "ams-2"): ("route.not-received", "inferred"),
    } == found


@pytest.mark.parametrize(
    ("prefix", "session", "rule"),
    [
        ("198.51.100.0/24", "ams-2", "route.community-missing"),
        ("198.18.0.0/22", "ams-1", "route.community-wrong-type"),
        ("198.18.8.0/22", "fra-1", "route.prepending"),
        ("198.18.12.0/22", "fra-2", "route.private-asn"),
    ],
)
def test_own_ribs_do_not_prove_what_export_policy_may_change(
    inventory: peerlint.Inventory, prefix: str, session: str, rule: str
) -> None:
    """Communities, private AS numbers and prepending are unknown before export policy."""
    report = peerlint.check(inventory, OWN_RIBS)

    (finding,) = [
        each
        for each in report.findings
        if (each.subject.prefix, each.subject.session, each.rule) == (prefix, session, rule)
    ]
    assert Outcome.UNKNOWN is finding.outcome
    assert finding.missing


def test_without_dumps_everything_is_unknown(inventory: peerlint.Inventory) -> None:
    """Without any dump, no prefix passes and none fails."""
    report = peerlint.check(inventory, [])

    assert {"Unknown"} == {str(result.state) for result in report.prefixes}
    assert () == report.failed(Severity.ERROR)
