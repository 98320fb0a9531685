"""The story of one prefix: its state, every check in Microsoft's order, what to do next."""

from __future__ import annotations

import pytest

from peerlint.errors import InputError
from peerlint.report.json import parse_report, render_json
from peerlint.report.story import render_story
from peerlint.testing.notation import judge

TAGGED = "path 64500 community 8075:8007"
BOTH = f"ams-1 203.0.113.0/24 {TAGGED}\nams-2 203.0.113.0/24 {TAGGED}"


def story(scene: str, prefix: str = "203.0.113.0/24") -> str:
    """Return the story of a prefix or an AS of a scene, by way of the report's JSON."""
    return render_story(parse_report(render_json(judge(scene)), "report.json"), prefix)


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        (f"registered 203.0.113.0/24\n{BOTH}", "hand its key to the customer"),
        (f"registered 203.0.113.0/24 state\n{BOTH}", "Azure has to say Verified"),
        (f"registered 203.0.113.0/24 state Failed\n{BOTH}", "nothing to mend is seen here"),
        (
            f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 {TAGGED}\n"
            "ams-2 203.0.113.0/24 path 64500 64501 64502 64503",
            "mend route.community-missing, at which Azure stops",
        ),
        ("registered 203.0.113.0/24\ncoverage ams-1 none\ncoverage ams-2 none", "find out: "),
        (
            "registered 203.0.113.0/24\nconnection ams-1 state=Validating\n"
            "connection ams-2 state=Validating",
            "has to become Active",
        ),
    ],
    ids=["verified", "not registered yet", "old answer", "failed", "unknown", "pending"],
)
def test_what_is_next(scene: str, said: str) -> None:
    """The third line says what is missing for the next state (spec D2)."""
    assert said in story(scene).splitlines()[2]


def test_checks_stand_in_microsofts_order() -> None:
    """Passed or not, every check has a line, and the numbers of the steps ascend."""
    lines = story(f"registered 203.0.113.0/24\n{BOTH}").splitlines()
    steps = [int(line[:4]) for line in lines if line[:4].strip().isdigit()]

    assert sorted(steps) == steps
    assert " 7  ok        route.community-missing" in "\n".join(lines)


def test_a_failure_has_its_evidence_and_its_advice() -> None:
    """What was found, what Microsoft says, where it was seen, who asks for it, what to do."""
    told = story(f"registered 203.0.113.0/24\n{BOTH.replace(' community 8075:8007', '', 1)}")

    start = told.index("error     route.community-missing  ams-1 (edge1.ams)")
    end = told.index("route.community-wrong-type")
    for part in ("wanted 8075:8007", "Microsoft says:", "record at octet", "basis:", "fix:"):
        assert part in told[start:end]
    assert "  ams-1: no community" in told


def test_a_prefix_of_two_peerings_has_two_chapters() -> None:
    """Registered twice, told twice."""
    told = story(
        "peering contoso-ams maps 64500 Amsterdam\nregistered 203.0.113.0/24\n"
        "peering contoso-fra maps 64500 Frankfurt\nregistered 203.0.113.0/24"
    )

    assert told.count("\nEvery check, in Microsoft's order:\n") == 2
    assert "registered with contoso-fra" in told


def test_no_key_is_shown() -> None:
    """A key has no place in a report, and none in a story."""
    key = "f1f1c0de-1111-2222-3333-444455556666"

    assert key not in story(f"registered 203.0.113.0/24 key {key}\n{BOTH}")


def test_a_prefix_that_is_not_registered() -> None:
    """The error names those that are."""
    with pytest.raises(
        InputError, match=r"a prefix or a registered AS of the report: 203\.0\.113\.0/24"
    ):
        story(f"registered 203.0.113.0/24\n{BOTH}", "198.51.100.0/24")


SERVICE = (
    f"registered 203.0.113.0/24\n{BOTH}\npeering contoso-fra maps 64500 Frankfurt\n"
    f"session fra-1 edge1.fra\nfra-1 203.0.113.0/24 {TAGGED}\n"
    "service fabrikam backup=Frankfurt\nservice-prefix 203.0.113.0/24"
)


@pytest.mark.parametrize(
    ("scene", "said"),
    [
        (SERVICE, "next: it is activated"),
        (f"{SERVICE} state=", "Azure has to say Verified: create it with the key"),
        (f"{SERVICE} state=Pending", "Azure has to say Verified: create it"),
        (f"{SERVICE} learned_type=None", "Microsoft has to learn it"),
        (f"{SERVICE} state=Failed", "nothing to mend is seen here"),
        (f"{SERVICE} key=another", "mend activation.key-mismatch; a service prefix cannot be"),
    ],
    ids=["activated", "not created", "pending", "not learned", "failed", "another key"],
)
def test_what_is_next_of_a_service_prefix(scene: str, said: str) -> None:
    """The second chapter tells of the service prefix: state, next state (spec D4), checks."""
    registered, _, service = story(f"connection ams-1 role=primary\n{scene}").partition(
        "203.0.113.0/24, 203.0.113.0/24, service prefix of fabrikam\n"
    )

    assert said in service.splitlines()[1]
    assert "activation.key-mismatch" in service
    assert "activation.key-mismatch" not in registered
    assert "route.not-received" not in service


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("", "it is registered: hand its key to the customer"),
        ("key=", "look its key up"),
        ("provisioning_state=Updating", "Azure has to say Succeeded"),
        ("provisioning_state=Failed", "register it anew"),
    ],
    ids=["registered", "no key", "waits", "failed"],
)
def test_what_is_next_of_a_registered_asn(keys: str, said: str) -> None:
    """A route server's partner registers AS numbers: their life is short (spec D3)."""
    head = "peering contoso-rs route-server 64500 Amsterdam\nsession rs-1 rs1.ams\n"
    told = story(f"{head}asn 64501 name=fabrikam {keys}", "AS64501")

    assert told.startswith("AS64501, fabrikam, registered with contoso-rs\n")
    assert said in told.splitlines()[2]
    assert "  5  ok        asn.customer-public" in told


def test_a_registered_asn_that_is_private() -> None:
    """What fails comes first."""
    head = "peering contoso-rs route-server 64500 Amsterdam\nsession rs-1 rs1.ams\n"

    assert "next: mend asn.customer-public\n" in story(f"{head}asn 64512", "AS64512")
