"""Golden files: expected outputs are in tests/golden, so that changes show in a diff."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Protocol

import pytest

GOLDEN = Path(__file__).resolve().parents[1] / "golden"
#: Set to 1 to write the golden files anew; then read the diff.
REGENERATE = "PEERLINT_REGENERATE"


class Golden(Protocol):
    """Compare a text with a file of tests/golden."""

    def __call__(self, name: str, text: str) -> None:
        """Fail if they differ, with the command that rewrites the file."""


@pytest.fixture(scope="session")
def golden() -> Golden:
    """Compare a text with a golden file."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if os.environ.get(REGENERATE):
            path.write_text(text, encoding="utf-8")
        expected = path.read_text(encoding="utf-8") if path.exists() else ""
        hint = f"tests/golden/{name} differs; if that is right: {REGENERATE}=1 pytest tests/report"
        assert expected == text, hint

    return compare
