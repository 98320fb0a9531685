"""What Azure says against what was seen: each disagreement names the side to look at (D2, 11)."""

from __future__ import annotations

import pytest

from peerlint.testing.notation import judge
from peerlint.verdicts import Finding

TAGGED = "path 64500 community 8075:8007"
GOOD = f"ams-1 203.0.113.0/24 {TAGGED}\nams-2 203.0.113.0/24 {TAGGED}"
#: ams-2 forgot the community.
BAD = f"ams-1 203.0.113.0/24 {TAGGED}\nams-2 203.0.113.0/24 path 64500"


def disagreements(scene: str) -> list[Finding]:
    """Return what the scene says under registration.state about more than Azure's state."""
    found = judge(scene).findings
    return [each for each in found if each.rule == "registration.state" and each.about]


@pytest.mark.parametrize(
    "scene",
    [
        f"registered 203.0.113.0/24 state Verified\n{GOOD}",
        f"registered 203.0.113.0/24 state\n{BAD}",
        f"registered 203.0.113.0/24 state Pending\n{GOOD}",
        f"registered 203.0.113.0/24 state Failed error Advertisement missing MAPS community\n{BAD}",
        f"registered 203.0.113.0/24 state Failed error Something that nobody knows\n{GOOD}",
        "registered 203.0.113.0/24 state Failed error Advertisement missing MAPS community\n"
        "coverage ams-1 none\ncoverage ams-2 none",
        f"registered 203.0.113.0/24 state Verified\nview ams-1 sent\nview ams-2 sent\n{GOOD}",
    ],
    ids=["both pass", "no word", "waits", "both fail", "unknown words", "nobody looked", "sent"],
)
def test_agreement(scene: str) -> None:
    """Where both say the same, or one says nothing, there is nothing to reconcile."""
    assert [] == disagreements(scene)


@pytest.mark.parametrize(
    ("scene", "words"),
    [
        (
            f"registered 203.0.113.0/24 state Verified\n{BAD}",
            ("Azure says Verified", "route.community-missing", "look at your side"),
        ),
        (
            f"registered 203.0.113.0/24 state Failed error Advertisement missing MAPS community\n"
            f"{GOOD}",
            ("missing MAPS community", "route.community-missing", "look at Azure's side"),
        ),
        (
            f"registered 203.0.113.0/24 state Failed error AS path isn't correct\n{BAD}",
            ("AS path isn't correct", "route.as-path-length", "look at Azure's side"),
        ),
        (
            f"registered 203.0.113.0/24 state Failed\n{GOOD}",
            ("Azure says Failed, but every check passes", "look at Azure's side"),
        ),
    ],
    ids=["we fail", "we pass what it names", "another rule failed", "no message"],
)
def test_disagreement(scene: str, words: tuple[str, ...]) -> None:
    """It is a warning that quotes both and says where to look."""
    (found,) = disagreements(scene)

    assert "warning" == found.severity
    assert [] == [each for each in words if each not in found.message]
