"""What a report says of one cell, in words that an operator can read."""

from __future__ import annotations

from typing import Protocol

import pytest

from peerlint.results import Finding, Outcome
from peerlint.testing.notation import judge_routes as judge


class Said(Protocol):
    """Judge a scenario; return what is said at one place."""

    def __call__(
        self,
        text: str,
        at: str | None = "ams-1",
        *,
        profile: str | None = None,
        strict: bool = False,
    ) -> set[str]:
        """Return words such as "error route.prepending" and "unknown route.not-received"."""


def word(finding: Finding) -> str:
    """Return `error route.prepending`, or `unknown` instead of the severity."""
    label = finding.severity if finding.outcome is Outcome.FAIL else finding.outcome
    return f"{label} {finding.rule}"


@pytest.fixture(scope="session")
def said() -> Said:
    """Judge a scenario; return what is said on a session, or of prefixes as a whole (None)."""

    def judged(
        text: str,
        at: str | None = "ams-1",
        *,
        profile: str | None = None,
        strict: bool = False,
    ) -> set[str]:
        report = judge(text, profile=profile, strict=strict)
        return {word(found) for found in report.findings if found.subject.session == at}

    return judged
