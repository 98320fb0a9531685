"""Azure's state and the evidence: each disagreement names the side to check.

See life-cycle#azures-state-and-the-evidence.
"""

from __future__ import annotations

from typing import Final

import pytest

from peerlint.report.sentence import sentence
from peerlint.results import Finding
from peerlint.testing.notation import evaluate

TAGGED = "path 64500 community 8075:8007"
GOOD = f"ams-1 203.0.113.0/24 {TAGGED}\nams-2 203.0.113.0/24 {TAGGED}"
#: ams-2 forgot the community.
BAD = f"ams-1 203.0.113.0/24 {TAGGED}\nams-2 203.0.113.0/24 path 64500"


def disagreements(scenario: str) -> list[Finding]:
    """Return the findings of registration.state that are about a disagreement."""
    found = evaluate(scenario).findings
    return [each for each in found if each.rule == "registration.state" and each.about]


@pytest.mark.parametrize(
    "scenario",
    [
        f"registered 203.0.113.0/24 state Verified\n{GOOD}",
        f"registered 203.0.113.0/24 state\n{BAD}",
        f"registered 203.0.113.0/24 state Pending\n{GOOD}",
        f"registered 203.0.113.0/24 state Failed error Advertisement missing MAPS community\n{BAD}",
        f"registered 203.0.113.0/24 state Failed error Something that nobody knows\n{BAD}",
        f"registered 203.0.113.0/24 state Failed error Prefix not received from IP 192.0.2.2\n"
        f"ams-1 203.0.113.0/24 {TAGGED}",
        f"registered 203.0.113.0/24 state Failed error Prefix not received from IP 192.0.2.2\n"
        f"ams-1 203.0.113.0/24 {TAGGED}\ncoverage ams-2 none",
        "registered 203.0.113.0/24 state Failed error Advertisement missing MAPS community\n"
        "coverage ams-1 none\ncoverage ams-2 none",
        f"registered 203.0.113.0/24 state Verified\nview ams-1 sent\nview ams-2 sent\n{GOOD}",
    ],
    ids=[
        "both pass",
        "no word",
        "waits",
        "both fail",
        "unknown words",
        "that session",
        "unseen session",
        "nobody looked",
        "sent",
    ],
)
def test_agreement(scenario: str) -> None:
    """If both agree, or one of them is unknown, there is no finding."""
    assert [] == disagreements(scenario)


@pytest.mark.parametrize(
    ("scenario", "words"),
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
        (  # as the service prefix page had it in June 2023, and has it since August 2026
            "registered 203.0.113.0/24 state Failed error Received route for prefix should have "
            f"the MAPS community 8075:8007\n{GOOD}",
            ("the MAPS community", "route.community-missing", "look at Azure's side"),
        ),
        (
            "registered 203.0.113.0/24 state Failed error AS path for prefix can't include "
            f"private ASNs\n{GOOD}",
            ("can't include private ASNs", "route.private-asn", "look at Azure's side"),
        ),
        (
            f"registered 203.0.113.0/24 state Failed error AS path isn't correct\n{BAD}",
            ("AS path isn't correct", "route.as-path-length", "look at Azure's side"),
        ),
        (
            f"registered 203.0.113.0/24 state Failed\n{GOOD}",
            (
                "Azure says Failed, but 4 of 5 checks pass ",
                "look at Azure's side",
            ),
        ),
        (
            f"registered 203.0.113.0/24 state Failed error Something that nobody knows\n{GOOD}",
            (
                "Failed (Something that nobody knows), but 4 of 5 checks pass ",
                "Azure's side",
            ),
        ),
        (
            f"registered 203.0.113.0/24 state Failed error Internal server error\n{GOOD}",
            (
                "Failed (Internal server error), but 4 of 5 checks pass ",
                "Azure's side",
            ),
        ),
        (
            f"registered 203.0.113.0/24 origin 64501 state Failed error Something\n{GOOD}",
            ("Failed (Something), but 4 of 5 checks pass", "Azure's side"),
        ),
        (  # another session than the one that Azure names lacks it
            "registered 203.0.113.0/24 state Failed error Prefix not received from IP 192.0.2.0\n"
            f"ams-1 203.0.113.0/24 {TAGGED}",
            ("announced on ams-1 (edge1.ams) (192.0.2.0)", "Azure's side"),
        ),
        (
            "registered 203.0.113.0/24 state Failed error Not receiving prefix advertisement from "
            f"IP 192.0.2.0, 192.0.2.2 for prefix 203.0.113.0/24\nams-2 203.0.113.0/24 {TAGGED}",
            ("announced on ams-2 (edge2.ams) (192.0.2.2) in",),
        ),
        (
            "registered 203.0.113.0/24 state Failed error Prefix not received from IP 192.0.2.99\n"
            f"ams-1 203.0.113.0/24 {TAGGED}",
            ("no session has 192.0.2.99", "look at the addresses in the inventory"),
        ),
    ],
    ids=[
        "we fail",
        "we pass what it names",
        "in the words of 2023",
        "in the words of 2026",
        "another rule failed",
        "no message",
        "unknown words",
        "no words",
        "warnings",
        "another session",
        "one of two sessions",
        "unknown session",
    ],
)
def test_disagreement(scenario: str, words: tuple[str, ...]) -> None:
    """The finding is a warning that quotes both and names the side to check."""
    (found,) = disagreements(scenario)

    assert "warning" == found.severity
    assert [] == [each for each in words if each not in sentence(found)]


SERVICE: Final = "registered 203.0.113.0/24\nservice contoso-maps backup=Frankfurt\n"


@pytest.mark.parametrize(
    ("scenario", "words"),
    [
        (
            f"{SERVICE}service-prefix 203.0.113.0/24 key=of-another\n{GOOD}",
            ("Azure says Verified", "activation.key-mismatch", "look at your side"),
        ),
        (
            f"{SERVICE}service-prefix 203.0.113.0/24 state=Failed "
            f"error=Provider has fewer than two sessions in its primary location\n{GOOD}",
            ("fewer than two sessions", "activation.primary-sessions passed", "Azure's side"),
        ),
        (
            f"{SERVICE}service-prefix 203.0.113.0/24 state=Failed error=Not receiving prefix "
            f"advertisement from IP 192.0.2.2 for prefix\n{GOOD}",
            ("announced on ams-2 (edge2.ams)", "Azure's side"),
        ),
    ],
    ids=["we fail", "we pass what it names", "a session"],
)
def test_service_prefix(scenario: str, words: tuple[str, ...]) -> None:
    """For a service prefix, the finding is one of activation.state."""
    found = evaluate(scenario).findings
    differ = [
        one for one in found if one.rule == "activation.state" and "against" in f"{one.about}"
    ]

    assert 1 == len(differ)
    assert [] == [each for each in words if each not in sentence(differ[0])]


def test_agreement_on_a_service_prefix() -> None:
    """There is no finding if both refuse the prefix, or both accept it."""
    failed = "state=Failed error=Provider has no sessions in its backup location"
    for scenario in (
        f"{SERVICE}service-prefix 203.0.113.0/24 {failed}\n{GOOD}",
        f"{SERVICE.replace('backup=Frankfurt', '')}service-prefix 203.0.113.0/24\n{GOOD}",
    ):
        found = evaluate(scenario).findings
        assert [] == [one for one in found if "against" in f"{one.about}"]
