"""The page on metrics names every state, and the pages on the web server its addresses."""

from __future__ import annotations

from pathlib import Path

from peerlint.report.prometheus import CELL_STATES
from peerlint.service.status_metrics import EVIDENCE, SESSION_STATES

DOCS = Path(__file__).resolve().parents[2] / "docs"


def test_every_state_is_on_the_page() -> None:
    """The page lists the values of labels; the tables of metrics are generated."""
    text = (DOCS / "reference" / "metrics.md").read_text(encoding="utf-8")

    for values in (CELL_STATES, SESSION_STATES, (*EVIDENCE.values(), "other")):
        assert ", ".join(f"`{each}`" for each in values) in text
