"""Azure's states of received routes: `rpkiValidationState` and `originAsValidationState`.

The REST reference describes them as "the RPKI validation state for the prefix and origin AS that's
listed in the AS path" and "the origin AS change information for the prefix".
"""

from __future__ import annotations

from typing import Final

import pytest

from peerlint.report.sentence import sentence
from peerlint.results import Finding, Severity
from peerlint.testing.notation import evaluate

_PREFIX: Final = "203.0.113.0/24"
#: Both sessions announce the prefix.
BOTH: Final = (
    f"registered {_PREFIX}\n"
    f"ams-1 {_PREFIX} path 64500 64501 community 8075:8007\n"
    f"ams-2 {_PREFIX} path 64500 64501 community 8075:8007\n"
)
#: Only the first session announces it, and the other one certainly does not.
ONE: Final = f"registered {_PREFIX}\nams-1 {_PREFIX} path 64500 64501 community 8075:8007\n"


def findings(text: str, rule: str) -> list[Finding]:
    """Return the findings of a rule in a scenario."""
    return [found for found in evaluate(text).findings if found.rule == rule]


def azure(session: str, **states: str) -> str:
    """Return a line of the notation."""
    words = " ".join(f"{key}={state}" for key, state in states.items())
    return f"azure {session} {_PREFIX} {words}\n"


@pytest.mark.parametrize(
    ("text", "invalid", "not_found"),
    [
        # no state
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
        # the other one may announce it: it has no coverage
        (f"{ONE}coverage ams-2 none\n" + azure("ams-1", rpki="Valid"), "unknown", "unknown"),
        # case does not matter; other values are no state of RFC 6811
        (ONE + azure("ams-1", rpki="INVALID"), "fail", ""),
        (ONE + azure("ams-1", rpki="notFound"), "", "fail"),
        (ONE + azure("ams-1", rpki="None"), "unknown", "unknown"),
        (ONE + azure("ams-1", rpki="Pending"), "unknown", "unknown"),
        # the other state is not about RPKI
        (ONE + azure("ams-1", origin="Invalid"), "unknown", "unknown"),
    ],
)
def test_rpki(text: str, invalid: str, not_found: str) -> None:
    """`Invalid` fails, `Unknown` is NotFound, and a pass needs a state for each session."""
    found = {
        rule: [str(each.outcome) for each in findings(text, rule)]
        for rule in ("route.rpki-invalid", "route.rpki-notfound")
    }

    assert {
        "route.rpki-invalid": [invalid] * bool(invalid),
        "route.rpki-notfound": [not_found] * bool(not_found),
    } == found


def test_the_finding_of_an_invalid_route() -> None:
    """The finding is an error, names prefix, origin and sessions, and has the routes."""
    (found,) = findings(BOTH + azure("ams-2", rpki="Invalid"), "route.rpki-invalid")

    assert (
        f"found rpkiValidationState Invalid for {_PREFIX} from AS64501 on ams-2; wanted Valid"
        == sentence(found)
    )
    assert (Severity.ERROR, "observed") == (found.severity, found.confidence)
    assert [f"{_PREFIX} path 64500 64501 community 8075:8007"] == [
        each.route for each in found.evidence
    ]


def test_the_finding_of_sessions_without_a_state() -> None:
    """The unknown finding names the sessions and the missing data."""
    (found,) = findings(BOTH + azure("ams-1", rpki="Valid"), "route.rpki-invalid")

    assert f"whether a ROA contradicts {_PREFIX} on ams-2 is not known" == sentence(found)
    assert ("registry data (VRPs), or Azure's received routes of ams-2",) == found.missing_texts


@pytest.mark.parametrize(("session", "severity"), [("ams-1", "error"), ("fra-1", "warning")])
def test_a_session_of_another_peering(session: str, severity: str) -> None:
    """On a session of another peering, an invalid route is a warning."""
    text = (
        f"registered {_PREFIX}\npeering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
        f"ams-1 {_PREFIX} path 64500\nfra-1 {_PREFIX} path 64500\n"
    )

    found = findings(text + azure(session, rpki="Invalid"), "route.rpki-invalid")

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
    """`Invalid` of the origin AS is a warning of its own; other values have no effect."""
    found = findings(BOTH + azure("ams-2", **states), "route.origin-inconsistent")

    assert expected == [str(each.severity) for each in found]
    assert [
        f"found originAsValidationState Invalid for {_PREFIX} from AS64501 on ams-2, Azure's word "
        "on changes of the origin AS; wanted Valid"
    ] * len(expected) == [sentence(each) for each in found]


def test_three_problems_of_an_origin() -> None:
    """Different origins, an undeclared origin and Azure's state are three findings."""
    text = (
        f"registered {_PREFIX} origin 64500\nams-1 {_PREFIX} path 64500 64501\n"
        f"ams-2 {_PREFIX} path 64500 64502\n" + azure("ams-1", origin="Invalid")
    )

    found = findings(text, "route.origin-inconsistent")

    assert 3 == len({each.id for each in found}) == len(found)
