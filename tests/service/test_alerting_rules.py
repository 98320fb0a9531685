"""The alerting rules that are shipped: promtool takes them, and they are about our metrics."""

from __future__ import annotations

import re
import subprocess
from importlib.resources import files
from pathlib import Path
from shutil import which
from typing import Final

import pytest

from peerlint.report.prometheus import REPORT_METRICS
from peerlint.service.status_metrics import STATUS_METRICS

RULES: Final = files("peerlint.service").joinpath("alerting_rules.yml")
CASES: Final = Path(__file__).with_name("alerting_rules_test.yml")
PROMTOOL: Final = which("promtool")
NEEDS_PROMTOOL: Final = pytest.mark.skipif(PROMTOOL is None, reason="promtool is not installed")


def test_rules_are_about_metrics_that_exist() -> None:
    """Every metric in a rule is one that peerlint writes."""
    text = RULES.read_text(encoding="utf-8")
    known = {each.name for each in (*REPORT_METRICS, *STATUS_METRICS)}

    assert known >= set(re.findall(r"\bpeerlint_\w+", text))


def test_every_rule_is_tested() -> None:
    """The cases for promtool name every rule."""
    names = re.findall(r"alert: (\w+)", RULES.read_text(encoding="utf-8"))

    assert len(names) == 17
    assert [] == [name for name in names if name not in CASES.read_text(encoding="utf-8")]


@pytest.mark.slow
@NEEDS_PROMTOOL
def test_promtool_takes_the_rules(tmp_path: Path) -> None:
    """Promtool finds no mistake in the rules, and what fires in its cases is what should."""
    (tmp_path / "alerting_rules.yml").write_text(RULES.read_text(encoding="utf-8"))
    (tmp_path / CASES.name).write_text(CASES.read_text(encoding="utf-8"))

    for words in (("check", "rules", "alerting_rules.yml"), ("test", "rules", CASES.name)):
        done = subprocess.run(
            [str(PROMTOOL), *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert 0 == done.returncode, done.stdout + done.stderr
