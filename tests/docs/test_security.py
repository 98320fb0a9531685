"""SECURITY.md: every promise names a test that exists."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[2]
PAGE: Final = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
#: A row of a table, without its head.
ROWS: Final = [
    (promise, tests)
    for promise, tests in re.findall(r"^\| (.+?) \| (.+) \|$", PAGE, re.MULTILINE)
    if promise != "promise"
]
#: `tests/file.py` or `tests/file.py::test_name`.
TEST: Final = re.compile(r"`(tests/[\w/]+\.py)(?:::(test_\w+))?`")
SUITE: Final = "python -m benchmarks --suite hostile"


def test_there_are_promises() -> None:
    """The tables of the page have rows."""
    assert len(ROWS) > 20


@pytest.mark.parametrize(("promise", "tests"), ROWS)
def test_a_promise_names_its_tests(promise: str, tests: str) -> None:
    """The second cell of a row has tests only, and each of them exists."""
    named = tests.split(", ")
    assert named == [each for each in named if TEST.fullmatch(each)], promise
    for file, name in TEST.findall(tests):
        text = (ROOT / file).read_text(encoding="utf-8")
        assert re.search(rf"^def {name or 'test_'}", text, re.MULTILINE), f"{file}::{name}"


def test_costs_are_counted_on_every_change() -> None:
    """The gate's step `benchmarks` runs the suite that the page names."""
    assert SUITE in PAGE
    words = ", ".join(f'"{word}"' for word in SUITE.split()[1:])
    assert f"python(session, {words})" in (ROOT / "noxfile.py").read_text(encoding="utf-8")
