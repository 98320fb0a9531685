"""The pages: links lead to files, examples run, and set-up is two commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
#: Pages whose every Python example runs without changes.
RUNNING = ROOT / "docs" / "how-to" / "test-with-peerlint.md"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_to_files(page: Path) -> None:
    """Every relative link leads to a file of the repository."""
    targets = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))

    missing = [target for target in targets if not (page.parent / target).exists()]

    assert [] == missing


def test_examples_for_tests_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The Python examples of "Write tests with peerlint" run, and their assertions hold."""
    monkeypatch.chdir(tmp_path)
    examples = re.findall(r"```python\n(.*?)```", RUNNING.read_text(encoding="utf-8"), re.DOTALL)

    for example in examples:
        exec(compile(example, str(RUNNING), "exec"), {})  # noqa: S102  # our own page

    assert len(examples) == 3
    assert (tmp_path / "received.mrt.gz").exists()


def test_set_up_is_two_commands() -> None:
    """The README has exactly two set-up commands."""
    lines = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()

    assert 2 == sum(line.startswith("python3 -m venv") for line in lines)
