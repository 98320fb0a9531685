"""What Azure says of received routes: `rpkiValidationState` and `originAsValidationState`.

The REST reference describes them as "the RPKI validation state for the prefix and origin AS that's
listed in the AS path" and "the origin AS change information for the prefix".
"""

from __future__ import annotations

from typing import Final

import pytest

from peerlint.report.sentence import sentence
from peerlint.results import Finding, Severity
from peerlint.testing.notation import judge

_PREFIX: Final = "203.0.113.0/24"
#: Both sessions announce the prefix.
BOTH: Final = (
    f"registered {_PREFIX}\n"
    f"ams-1 {_PREFIX} path 64500 64501 community 8075:8007\n"
    f"ams-2 {_PREFIX} path 64500 64501 community 8075:8007\n"
)
#: Only the first one does, and the other one certainly does not.
ONE: Final = f"registered {_PREFIX}\nams-1 {_PREFIX} path 64500 64501 community 8075:8007\n"


def said(text: str, rule: str) -> list[Finding]:
    """Return what a rule says of a scenario."""
    return [found for found in judge(text).findings if found.rule == rule]


def azure(session: str, **states: str) -> str:
    """Write a line of the notation."""
    words = " ".join(f"{key}={state}" for key, state in states.items())
    return f"azure {session} {_PREFIX} {words}\n"


@pytest.mark.parametrize(
    ("text", "invalid", "not_found"),
    [
        # nobody says anything
        (BOTH, "unknown", "unknown"),
        # every session
        (BOTH + azure("ams-1", rpki="Valid") + azure("ams-2", rpki="Valid"), "", ""),
        (BOTH + azure("ams-1", rpki="Valid") + azure("ams-2", rpki="Unknown"), "", "fail"),
        (BOTH + azure("ams-1", rpki="Unknown") + azure("ams-2", rpki="Unknown"), "", "fail"),
        (BOTH + azure("ams-1", rpki="Valid") + azure("ams-2", rpki="Invalid"), "fail", ""),
        (BOTH + azure("ams-1", rpki="Invalid") + azure("ams-2", rpki="Invalid"), "fail", ""),
        # one of two that announce it: the other may have another origin
        (BOTH + azure("ams-1", rpki="Valid"), "unknown", "unknown"),
        (BOTH + azure("ams-1", rpki="Unknown"), "unknown", "fail"),
        (BOTH + azure("ams-1", rpki="Invalid"), "fail", "unknown"),
        # the only one that announces it
        (ONE + azure("ams-1", rpki="Valid"), "", ""),
        (ONE + azure("ams-1", rpki="Invalid"), "fail", ""),
        # the other one may announce it: nobody looked
        (f"{ONE}coverage ams-2 none\n" + azure("ams-1", rpki="Valid"), "unknown", "unknown"),
        # words are compared whatever their case; others are no state of RFC 6811
        (ONE + azure("ams-1", rpki="INVALID"), "fail", ""),
        (ONE + azure("ams-1", rpki="notFound"), "", "fail"),
        (ONE + azure("ams-1", rpki="None"), "unknown", "unknown"),
        (ONE + azure("ams-1", rpki="Pending"), "unknown", "unknown"),
        # the other state says nothing of RPKI
        (ONE + azure("ams-1", origin="Invalid"), "unknown", "unknown"),
    ],
)
def test_rpki(text: str, invalid: str, not_found: str) -> None:
    """`Invalid` fails, `Unknown` is NotFound, and a pass needs a word for each session."""
    found = {
        rule: [str(each.outcome) for each in said(text, rule)]
        for rule in ("route.rpki-invalid", "route.rpki-notfound")
    }

    assert {
        "route.rpki-invalid": [invalid] * bool(invalid),
        "route.rpki-notfound": [not_found] * bool(not_found),
    } == found


def test_words_of_an_invalid_route() -> None:
    """The finding names prefix, origin and sessions, and shows the routes; it is an error."""
    (found,) = said(BOTH + azure("ams-2", rpki="Invalid"), "route.rpki-invalid")

    assert (
        f"found rpkiValidationState Invalid for {_PREFIX} from AS64501 on ams-2; wanted Valid"
        == sentence(found)
    )
    assert (Severity.ERROR, "observed") == (found.severity, found.confidence)
    assert [f"{_PREFIX} path 64500 64501 community 8075:8007"] == [
        each.route for each in found.evidence
    ]


def test_words_of_what_is_open() -> None:
    """What stays open names the sessions, and what would decide it."""
    (found,) = said(BOTH + azure("ams-1", rpki="Valid"), "route.rpki-invalid")

    assert f"whether a ROA contradicts {_PREFIX} on ams-2 is not known" == sentence(found)
    assert ("registry data (VRPs), or Azure's received routes of ams-2",) == found.what_is_missing


@pytest.mark.parametrize(("session", "severity"), [("ams-1", "error"), ("fra-1", "warning")])
def test_a_session_of_another_peering(session: str, severity: str) -> None:
    """Where the registration does not ask for the prefix, a contradiction is a warning."""
    text = (
        f"registered {_PREFIX}\npeering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
        f"ams-1 {_PREFIX} path 64500\nfra-1 {_PREFIX} path 64500\n"
    )

    found = said(text + azure(session, rpki="Invalid"), "route.rpki-invalid")

    assert [severity] == [str(each.severity) for each in found]


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ({"origin": "Invalid"}, ["warning"]),
        ({"origin": "invalid"}, ["warning"]),
        ({"origin": "Valid"}, []),
        ({"origin": "Unknown"}, []),
        ({"origin": "None"}, []),
        ({"rpki": "Invalid"}, []),
        ({}, []),
    ],
)
def test_a_changed_origin(states: dict[str, str], expected: list[str]) -> None:
    """`Invalid` of the origin AS is a warning of its own; no other word says anything."""
    found = said(BOTH + azure("ams-2", **states), "route.origin-inconsistent")

    assert expected == [str(each.severity) for each in found]
    assert [
        f"found originAsValidationState Invalid for {_PREFIX} from AS64501 on ams-2, Azure's word "
        "on changes of the origin AS; wanted Valid"
    ] * len(expected) == [sentence(each) for each in found]


def test_three_problems_of_an_origin() -> None:
    """Origins that differ, an origin that is not declared, and Azure's word are told apart."""
    text = (
        f"registered {_PREFIX} origin 64500\nams-1 {_PREFIX} path 64500 64501\n"
        f"ams-2 {_PREFIX} path 64500 64502\n" + azure("ams-1", origin="Invalid")
    )

    found = said(text, "route.origin-inconsistent")

    assert 3 == len({each.id for each in found}) == len(found)
