"""The systemd unit: systemd accepts it, and finds it well enclosed."""

from __future__ import annotations

import re
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path

import pytest

UNIT = files("peerlint.service") / "peerlint.service"
ANALYZE = shutil.which("systemd-analyze") or ""
needs_systemd = pytest.mark.skipif(not ANALYZE, reason="needs systemd-analyze")


@pytest.fixture(name="unit")
def _unit(tmp_path: Path) -> Path:
    """Return the unit with a program that exists."""
    unit = tmp_path / "peerlint.service"
    unit.write_text(UNIT.read_text().replace("/usr/local/bin/peerlint", "/bin/true"))
    return unit


@needs_systemd
def test_systemd_accepts_it(unit: Path) -> None:
    """There is no unknown setting, and no bad value."""
    found = subprocess.run(
        [ANALYZE, "verify", str(unit)], capture_output=True, text=True, check=False
    )

    assert (found.returncode, found.stderr) == (0, "")


@needs_systemd
def test_it_is_enclosed(unit: Path) -> None:
    """The exposure that systemd computes, from 0 to 10, is below 2."""
    found = subprocess.run(
        [ANALYZE, "security", "--offline=true", str(unit)],
        capture_output=True,
        text=True,
        check=False,
    )
    exposure = re.search(r"Overall exposure level for peerlint.service: ([\d.]+)", found.stdout)

    assert exposure is not None
    assert float(exposure[1]) < 2


def test_what_it_starts() -> None:
    """It starts a watch with a state file, and listens on this host only."""
    text = UNIT.read_text()

    assert "ExecStart=/usr/local/bin/peerlint watch /etc/peerlint/peering.toml" in text
    assert "--state ${STATE_DIRECTORY}/watch.db" in text
    assert set(re.findall(r"--\w+ (\S+):\d+", text)) == {"127.0.0.1"}
