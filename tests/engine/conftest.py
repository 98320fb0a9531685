"""Labels for the findings of a scenario, such as "error route.prepending"."""

from __future__ import annotations

from typing import Protocol

import pytest

from peerlint.results import Finding, Outcome
from peerlint.testing.notation import evaluate_routes as evaluate


class Labels(Protocol):
    """Evaluate a scenario, and return labels for the findings on one session."""

    def __call__(
        self,
        text: str,
        at: str | None = "ams-1",
        *,
        profile: str | None = None,
        strict: bool = False,
    ) -> set[str]:
        """Return labels such as "error route.prepending" and "unknown route.not-received"."""


def label_of(finding: Finding) -> str:
    """Return a label such as `error route.prepending`, or with `unknown` for the severity."""
    label = finding.severity if finding.outcome is Outcome.FAIL else finding.outcome
    return f"{label} {finding.rule}"


@pytest.fixture(scope="session")
def labels() -> Labels:
    """Label the findings of a scenario on a session, or those on no session (None)."""

    def evaluated(
        text: str,
        at: str | None = "ams-1",
        *,
        profile: str | None = None,
        strict: bool = False,
    ) -> set[str]:
        report = evaluate(text, profile=profile, strict=strict)
        return {label_of(found) for found in report.findings if found.subject.session == at}

    return evaluated
