"""The life of a prefix, from the AS and the connection to registration and activation."""

from __future__ import annotations

from typing import Final

import pytest

from peerlint.report.sentence import sentence
from peerlint.results import Outcome
from peerlint.testing.notation import evaluate

TAG: Final = "community 8075:8007"
FRA: Final = "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
AMS: Final = (
    "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\nsession ams-2 edge2.ams\n"
    "registered 203.0.113.0/24\n"
)
#: Two locations; the prefix is registered in Amsterdam.
BOTH: Final = FRA + AMS
SERVICE: Final = "service contoso-maps backup=Frankfurt\nservice-prefix 203.0.113.0/24"
HERE: Final = f"\nams-1 203.0.113.0/24 path 64500 {TAG}\nams-2 203.0.113.0/24 path 64500 {TAG}"
THERE: Final = f"\nfra-1 203.0.113.0/24 path 64500 {TAG}"


def labels(rule: str, scenario: str) -> list[str]:
    """Return the severity of each failure of a rule, or "unknown"."""
    return sorted(
        str(one.severity) if one.outcome is Outcome.FAIL else str(one.outcome)
        for one in evaluate(scenario).findings
        if one.rule == rule
    )


@pytest.mark.parametrize(
    ("rule", "scenario", "expected"),
    [
        # the AS is associated and approved
        ("asn.approved", "", []),
        ("asn.approved", "peer-asn contoso64500 state=None", ["error"]),
        ("asn.approved", "peer-asn contoso64500 state=Pending", ["error"]),
        ("asn.approved", "peer-asn contoso64500 state=Failed", ["error"]),
        ("asn.approved", "peer-asn contoso64500 state=", ["unknown"]),
        # the peering is deployed
        ("topology.deployed", "peering contoso-ams provisioning_state=Updating", ["info"]),
        ("topology.deployed", "peering contoso-ams provisioning_state=Deleting", ["warning"]),
        ("topology.deployed", "peering contoso-ams provisioning_state=Canceled", ["error"]),
        # addresses are an error once the connection is in service
        ("topology.session-addresses", "session ams-1 peer=10.0.0.0 prefix=", ["error"]),
        (
            "topology.session-addresses",
            "connection ams-1 state=Validating\nsession ams-1 peer=10.0.0.0 prefix=",
            ["info"],
        ),
        (
            "topology.session-addresses",
            "connection ams-1 state=\nsession ams-1 peer=10.0.0.0 prefix=",
            ["error"],
        ),
        (
            "topology.session-addresses",
            "connection ams-1 state=Validating\nsession ams-1 peer= microsoft=",
            ["info"],
        ),
        # the connection is in service; the session state "Active" is not Established
        ("topology.connection-active", "connection ams-1 state=PendingApproval", ["warning"]),
        ("topology.connection-active", "connection ams-1 state=ProvisioningFailed", ["warning"]),
        ("topology.connection-active", "connection ams-1 state=active", []),
        ("topology.session-established", "session ams-1 state=Active", ["error"]),
        ("topology.session-established", "session ams-1 state=PendingAdd", ["error"]),
        ("topology.session-established", "session ams-1 state=established", []),
        ("topology.type-change", "connection ams-1 state=TypeChangeInProgress", ["warning"]),
        # addresses come by mail: missing ones are no error until the connection is in service
        (
            "topology.session-addresses",
            "connection ams-1 state=Approved\nsession ams-1 peer= microsoft= prefix=",
            ["info"],
        ),
        ("topology.session-addresses", "session ams-1 peer= microsoft= prefix=", ["error"]),
    ],
)
def test_prerequisites(rule: str, scenario: str, expected: list[str]) -> None:
    """The prerequisites of a registration (life-cycle#before-a-registration)."""
    assert expected == labels(rule, scenario)


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        ("Verified", []),
        ("verified", []),
        ("Pending", ["info"]),
        ("None", ["info"]),
        ("Warning", ["warning"]),
        ("Unknown", ["warning"]),
        ("Failed", ["error"]),
        ("Invalid", ["error"]),
        ("Superb", ["warning"]),  # enumerations of Azure's are open (contradictions#unknown-states)
    ],
)
def test_states(state: str, expected: list[str]) -> None:
    """Azure's states of a registered and of a service prefix (life-cycle#registered-prefix)."""
    unseen = "coverage ams-1 none\ncoverage ams-2 none"  # else Azure is compared with evidence
    service = f"{AMS}service contoso-maps\nservice-prefix 203.0.113.0/24 state={state}\n{unseen}"

    registered = f"registered 203.0.113.0/24 state {state}\n{unseen}"
    assert expected == labels("registration.state", registered)
    assert expected == labels("activation.state", service)


def test_the_message_of_a_pending_prefix_may_be_old() -> None:
    """In state Pending, Azure still shows the last message (life-cycle#registered-prefix)."""
    text = "registered 203.0.113.0/24 state Pending error Advertisement missing MAPS community"

    (found,) = [one for one in evaluate(text).findings if one.rule == "registration.state"]

    assert sentence(found) == (
        "found Pending: Advertisement missing MAPS community (it may be an old one), "
        "wanted Verified"
    )


@pytest.mark.parametrize(
    ("rule", "scenario", "expected"),
    [
        # no problem
        ("activation.not-received", BOTH + SERVICE + HERE + THERE, []),
        ("activation.location-alignment", BOTH + SERVICE + HERE + THERE, []),
        ("activation.primary-sessions", BOTH + SERVICE, []),
        ("activation.backup-sessions", BOTH + SERVICE, []),
        # the backup location lacks the prefix: on its session, and as a location
        ("activation.not-received", BOTH + SERVICE + HERE, ["error"]),
        ("activation.location-alignment", BOTH + SERVICE + HERE, ["error"]),
        # a session in neither location lacks it (contradictions#all-sessions)
        (
            "activation.not-received",
            f"{BOTH}service contoso-maps\nservice-prefix 203.0.113.0/24{HERE}",
            ["warning"],
        ),
        # fewer than two in the primary location; two, of which one is being provisioned
        (
            "activation.primary-sessions",
            f"{BOTH}service contoso-maps primary=Frankfurt\nservice-prefix 203.0.113.0/24",
            ["error"],
        ),
        (
            "activation.primary-sessions",
            f"{BOTH}connection ams-1 state=Validating\n{SERVICE}",
            ["warning"],
        ),
        (
            "activation.backup-sessions",
            f"{BOTH}connection fra-1 state=Validating\n{SERVICE}",
            ["warning"],
        ),
        # the same, or no, backup location
        (
            "activation.backup-same-location",
            BOTH + SERVICE.replace("Frankfurt", "Amsterdam"),
            ["error"],
        ),
        ("activation.backup-none", f"{BOTH}service a\nservice-prefix 203.0.113.0/24", ["warning"]),
        # both of a pair, two providers, a prefix twice (life-cycle#duplicates-and-overlaps)
        ("activation.overlap", f"{AMS}{SERVICE}\nservice-prefix 203.0.112.0/23", ["error"] * 2),
        (
            "activation.multi-provider",
            f"{AMS}{SERVICE}\nservice b provider=Fabrikam\nservice-prefix 203.0.113.0/24",
            ["error"] * 2,
        ),
        (
            "activation.overlap",
            f"{AMS}{SERVICE}\nservice b provider=Fabrikam\nservice-prefix 203.0.113.0/24",
            [],
        ),
        (
            "activation.overlap",
            f"{AMS}{SERVICE}\nservice b provider=CONTOSO\nservice-prefix 203.0.113.0/24",
            ["error"] * 2,
        ),
        (
            "registration.single-peering",
            f"{BOTH}peering contoso-x maps 64500 Paris\nregistered 203.0.113.0/24",
            ["error"] * 2,
        ),
        (
            "asn.duplicate-registration",
            "peering a route-server 64500 Amsterdam\nasn 64501\n"
            "peering b route-server 64500 Paris\nasn 64501",
            ["error"] * 2,
        ),
        # keys: in another case, another key, no key
        ("activation.key-mismatch", f"{AMS}{SERVICE} key=KEY-203.0.113.0/24", []),
        ("activation.key-mismatch", f"{AMS}{SERVICE} key=another", ["error"]),
        ("activation.key-mismatch", f"{AMS}{SERVICE} key=", ["unknown"]),
        # at a route server the key is that of the AS that originates the prefix, of no other one
        *(
            (
                "activation.key-mismatch",
                "peering contoso-rs route-server 64500 Amsterdam\nsession rs-1 rs1.ams\n"
                "asn 64501\nasn 64502\nservice contoso-maps\n"
                f"service-prefix 203.0.113.0/24 key=key-AS{asn}\n"
                f"rs-1 203.0.113.0/24 path 64501 {TAG}",
                expected,
            )
            for asn, expected in ((64501, []), (64502, ["error"]))
        ),
        # another AS's session in the primary location is no session of this provider's
        (
            "activation.primary-sessions",
            "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
            "registered 203.0.113.0/24\npeering fabrikam-ams maps 64501 Amsterdam\n"
            f"session ams-9 edge9.ams\n{SERVICE}",
            ["error"],
        ),
        # a prefix that is not registered
        (
            "activation.not-registered",
            "service contoso-maps\nservice-prefix 203.0.113.0/24",
            ["error"],
        ),
        # learned type None; being deleted
        ("activation.state", f"{BOTH}{SERVICE} learned_type=None{HERE}{THERE}", ["warning"]),
        # the learned type is not known
        ("activation.state", f"{BOTH}{SERVICE} learned_type={HERE}{THERE}", ["unknown"]),
        (
            "activation.state",
            f"{AMS}{SERVICE} state=Pending error=Deletion in progress",
            ["info"],
        ),
    ],
)
def test_activation(rule: str, scenario: str, expected: list[str]) -> None:
    """Microsoft's checks when a customer activates a prefix (life-cycle#activation)."""
    assert expected == labels(rule, scenario)


def test_activation_follows_microsofts_order() -> None:
    """Findings of a service prefix are in the order of life-cycle#order-of-checks."""
    text = (
        f"{AMS}service contoso-maps provider=Fabrikam primary=Frankfurt location=\n"
        "service-prefix 203.0.113.0/24 key=another state=Failed\n"
        "service-prefix 203.0.112.0/23"
    )

    found = [
        one.rule
        for one in evaluate(text).findings
        if one.rule.startswith("activation.")
        and one.subject.prefix == "203.0.113.0/24"
        and one.severity == "error"
        and one.outcome is Outcome.FAIL
    ]

    assert [
        "activation.fields",
        "activation.overlap",
        "activation.provider",
        "activation.primary-sessions",
        "activation.key-mismatch",
        "activation.location-alignment",
        "activation.state",
    ] == list(dict.fromkeys(found))


def test_no_text_of_a_report_shows_a_key() -> None:
    """Messages about keys that differ, are reused or are missing have their last characters."""
    text = (
        f"{AMS}registered 198.51.100.0/24 key key-203.0.113.0/24\n"
        "service contoso-maps\nservice-prefix 203.0.113.0/24 key=22222222-4444-abcd"
    )

    messages = "\n".join(sentence(one) for one in evaluate(text).findings)

    assert "...abcd" in messages
    assert "22222222" not in messages
    assert "key-203" not in messages


@pytest.mark.parametrize("key", ["f1f1c0de-1111-2222-3333-44445555abcd", "my/own+key-of-abcd"])
@pytest.mark.parametrize(
    "scenario",
    [
        "registered 203.0.113.0/24 key {key} state Failed error The key {shown}. is of another",
        "registered 203.0.113.0/24 key {key} state {shown}",
        "registered 203.0.113.0/24 key {key}\nservice contoso-maps\n"
        "service-prefix 203.0.113.0/24 key={key} state=Failed error=no_prefix_for_'{shown}'",
        "registered 203.0.113.0/24 key {key}\nconnection ams-1 state=Validating error={shown}",
        "registered 203.0.113.0/24 key {key}\npeer-asn contoso64500 state=Failed error={shown}",
    ],
    ids=["registered", "state", "service", "connection", "peer-asn"],
)
def test_no_message_of_azures_shows_a_key(scenario: str, key: str) -> None:
    """Azure may quote a key in any case: a report quotes the message, but not the key."""
    report = evaluate(scenario.format(key=key, shown=key.upper()))

    assert "...ABCD" in str(report)
    assert key not in str(report).casefold()


def test_azures_message_is_shown_whatever_the_state() -> None:
    """A message in state Verified is reported too, with severity information."""
    text = (
        f"{BOTH.replace('203.0.113.0/24', '203.0.113.0/24 error Look at me')}"
        f"{SERVICE} error=Look_at_me{HERE}{THERE}"
    )

    found = {one.rule: one for one in evaluate(text).findings if one.rule.endswith(".state")}

    assert {"registration.state", "activation.state"} == set(found)
    assert {"info"} == {str(one.severity) for one in found.values()}
    assert "found Verified, and beside it: Look at me" == sentence(found["registration.state"])
    assert "found Verified, and beside it: Look_at_me" == sentence(found["activation.state"])


def test_an_unknown_state() -> None:
    """Azure may add states; the message says "an unknown state" (contradictions#unknown-states)."""
    text = (
        f"{AMS.replace('203.0.113.0/24', '203.0.113.0/24 state Superb')}"
        "service contoso-maps\nservice-prefix 203.0.113.0/24 state=Superb"
    )

    found = [sentence(one) for one in evaluate(text).findings if one.rule.endswith(".state")]

    assert ["found Superb (an unknown state), wanted Verified"] * 2 == found


@pytest.mark.parametrize("backup", ["ams-1", "fra-1"])
def test_a_backup_has_the_bandwidth_of_its_primary(backup: str) -> None:
    """In whichever of two metros the backup is, both peerings have a finding."""
    text = (
        f"{FRA}{AMS}connection {backup} role=backup\n"
        "connection ams-1 bandwidth=10G provisioned_bandwidth=10G\n"
        "connection ams-2 bandwidth=10G provisioned_bandwidth=10G"
    )

    found = {
        one.subject.peering
        for one in evaluate(text).findings
        if one.rule == "topology.bandwidth-equal"
    }

    assert {"contoso-ams", "contoso-fra"} == found
