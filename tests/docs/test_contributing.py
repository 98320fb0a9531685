"""CONTRIBUTING.md, the sessions of nox and the gate agree."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PAGES: Final = [
    *(ROOT / name for name in ("CONTRIBUTING.md", "README.md", "SECURITY.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
NOXFILE: Final = (ROOT / "noxfile.py").read_text(encoding="utf-8")
GATE: Final = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
#: A session's name is its function's, or is given.
SESSIONS: Final = {
    given or function
    for given, function in re.findall(
        r'^@(?:here|nox\.session)(?:\((?:name="(\w+)")?.*\))?\ndef (\w+)\(',
        NOXFILE,
        re.MULTILINE,
    )
}
#: The gate runs the tests by the README's command; the others take hours, other Pythons, or IRRd.
BY_HAND: Final = {"tests", "pythons", "irrd", "long"}


def test_the_gate_runs_every_session() -> None:
    """Each step is defined once, in noxfile.py, and the gate calls it by its name."""
    called = set(re.findall(r"^(?:session|beside) (\w+)", GATE, re.MULTILINE))
    for names in re.findall(r"^for name in (.+); do$", GATE, re.MULTILINE):
        called |= set(names.split())

    assert SESSIONS - BY_HAND == called
    assert BY_HAND <= SESSIONS


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_sessions_on_pages_exist(page: Path) -> None:
    """Every `nox -s NAME` of a page can be run."""
    named = set(re.findall(r"nox -s (\w+)", page.read_text(encoding="utf-8"))) - {"NAME"}

    assert set() == named - SESSIONS


def test_pythons_are_those_of_the_classifiers() -> None:
    """The session `pythons` has each Python of the classifiers."""
    promised = re.findall(
        r'"Programming Language :: Python :: (3\.\d+)"',
        (ROOT / "pyproject.toml").read_text(encoding="utf-8"),
    )

    assert f"PYTHONS: Final = {tuple(promised)}".replace("'", '"') in NOXFILE


def test_every_directory_is_described() -> None:
    """The table has all directories of the repository, and no others."""
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    section = text.partition("\n## Layout of the repository\n")[2].partition("\n## ")[0]
    described = set(re.findall(r"^\| `([\w./]+)` \| ", section, re.MULTILINE))
    files = subprocess.run(
        ["git", "ls-files"], cwd=ROOT, check=False, capture_output=True, text=True  # noqa: S607  # found on the PATH
    )  # fmt: skip
    if files.returncode:
        pytest.skip("not a clone")
    directories = {name.partition("/")[0] for name in files.stdout.splitlines() if "/" in name}

    assert {name.partition("/")[0] for name in described} == directories - {".github"}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "selected", "left_out"),
    [
        ([], {"test_fast"}, "Left out: tests marked slow or lab (2); properties had 6 examples"),
        (["--full"], {"test_fast", "test_slow", "test_lab"}, None),
        (["--full", "-m", "not lab"], {"test_fast", "test_slow"}, None),
        (["-m", "slow"], {"test_slow"}, "Left out: tests marked slow or lab (1)"),
    ],
    ids=["plain", "full", "full without the lab", "by marker"],
)
def test_tests_that_are_left_out_are_counted(
    options: list[str], selected: set[str], left_out: str | None, tmp_path: Path
) -> None:
    """By default, pytest leaves out slow tests and those of the lab, and says how to run them."""
    (tmp_path / "pyproject.toml").write_bytes((ROOT / "pyproject.toml").read_bytes())
    (tmp_path / "tests").mkdir()
    conftest = (ROOT / "tests" / "conftest.py").read_bytes()
    (tmp_path / "tests" / "conftest.py").write_bytes(conftest)
    (tmp_path / "tests" / "test_it.py").write_text(
        "import pytest\n\ndef test_fast(): pass\n\n"
        "@pytest.mark.slow\ndef test_slow(): pass\n\n"
        "@pytest.mark.lab\ndef test_lab(): pass\n"
    )

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", *options],
        cwd=tmp_path, check=False, capture_output=True, text=True,
    )  # fmt: skip

    assert selected == set(re.findall(r"::(\w+) PASSED", done.stdout))
    assert (left_out is None) == ("Left out" not in done.stdout)
    assert (left_out or "") in done.stdout
