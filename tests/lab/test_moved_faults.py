"""Findings follow the faults of the example to other prefixes, sessions and daemons."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import peerlint
from peerlint import Severity

ROOT = Path(__file__).resolve().parents[2]
CONTOSO = ROOT / "examples" / "contoso"
MOVED = Path(__file__).with_name("moved.toml")
#: The rule of each kind of fault.
RULES = {
    "community-missing": "route.community-missing",
    "large-only": "route.community-wrong-type",
    "prepended": "route.prepending",
    "private-asn": "route.private-asn",
    "path-of-four": "route.as-path-length",
    "covering-only": "route.covering-only",
    "missing": "route.not-received",
}


def planted(faults: Path) -> set[tuple[str | None, str | None, str]]:
    """Return (prefix, session, rule) of every fault of a table."""
    table = tomllib.loads(faults.read_text(encoding="utf-8"))
    return {
        (row["prefix"], session, RULES[row["kind"]])
        for row in table["route"]
        for session in row.get("sessions", ())
    }


def found(report: peerlint.Report) -> set[tuple[str | None, str | None, str]]:
    """Return (prefix, session, rule) of every error of a report."""
    return {
        (finding.subject.prefix, finding.subject.session, finding.rule)
        for finding in report.failed(Severity.ERROR)
    }


def test_committed_dumps_show_the_faults_of_the_table() -> None:
    """The errors in the example are exactly those of the planted faults."""
    report = peerlint.check(peerlint.load_inventory(CONTOSO / "peering.toml"))

    assert planted(CONTOSO / "lab" / "faults.toml") == found(report)


@pytest.mark.lab
def test_moved_faults_move_the_findings(tmp_path: Path) -> None:
    """With another table of faults in real daemons, the errors are exactly those of that table."""
    lab = [sys.executable, str(CONTOSO / "lab"), "--faults", str(MOVED), "--out", str(tmp_path)]

    done = subprocess.run(lab, check=False, capture_output=True, text=True, timeout=300)

    if done.returncode == 2 and not os.environ.get("CI"):
        pytest.skip(f"the lab cannot run here: {done.stderr.strip()}")
    assert (0, "") == (done.returncode, done.stderr)
    inventory = peerlint.load_inventory(CONTOSO / "peering.toml")
    ribs = [rib.replace("dumps/", f"{tmp_path}/") for rib in inventory.ribs]
    report = peerlint.check(inventory, ribs)
    assert planted(MOVED) == found(report)
    assert all(source.is_sound for source in report.sources)
