"""Azure's messages, old wording and new, and the rules that they stand for (spec B25)."""

from __future__ import annotations

import pytest

from peerlint.rules import CATALOGUE
from peerlint.rules.messages import PATTERNS, rules_of, sessions_of

NOT_RECEIVED = ("route.not-received", "route.covering-only", "route.more-specifics-only")
COMMUNITY = ("route.community-missing", "route.community-wrong-type")
PATH = ("route.as-path-length", "route.private-asn", "route.prepending")
TEXT = ("prefix.valid", "prefix.ipv4-only", "prefix.host-bits")


@pytest.mark.parametrize(
    ("message", "rules"),
    [
        ("Prefix not received from IP 192.0.2.0", NOT_RECEIVED),
        (
            "Not receiving prefix advertisement from IP 192.0.2.0 for prefix",
            ("activation.not-received", *NOT_RECEIVED),
        ),
        (
            "Prefix wasn't received from Peering Service provider, contact your provider.",
            ("activation.not-received", *NOT_RECEIVED),
        ),
        ("Advertisement missing MAPS community", COMMUNITY),
        ("advertisement missing maps community for 203.0.113.0/24", COMMUNITY),
        (
            "Received route for prefix should have the Peering Service community 8075:8007",
            COMMUNITY,
        ),
        ("Prefix announcement doesn't have a valid BGP community, contact provider.", COMMUNITY),
        ("AS path isn't correct", PATH),
        ("AS path isn\u2019t correct", PATH),
        ("AS path length for prefix should be <=3 for prefix", ("route.as-path-length",)),
        ("Prefix received with longer AS path(>3), contact provider.", ("route.as-path-length",)),
        ("AS path for prefix shouldn't have any private ASN", ("route.private-asn",)),
        ("AS path can't include private ASNs", ("route.private-asn",)),
        ("Prefix received with private AS in the path, contact provider.", ("route.private-asn",)),
        ("Invalid IP prefix 192.168.1.0/24", ("prefix.private-range", *TEXT)),
        ("Peering service prefix is invalid", TEXT),
        ("Unrecognized routePrefix 203.0.113.0", TEXT),
        ("Internal server error", ("registration.internal-error",)),
        ("Peering service provider not found", ("activation.provider",)),
        (
            "Prefix overlaps with an existing prefix, contact Peering Service provider",
            ("activation.overlap",),
        ),
        (
            "Provider has fewer than two sessions in its primary location",
            ("activation.primary-sessions", "topology.min-connections"),
        ),
        ("Provider has no sessions in its backup location", ("activation.backup-sessions",)),
        (
            "Backup route not found, please contact Peering Service provider.",
            ("activation.backup-sessions",),
        ),
        (
            "Operation is not supported for this peering type",
            ("topology.use-for-peering-service",),
        ),
        ("Deletion in progress", ()),
        ("", ()),
    ],
)
def test_rules_of(message: str, rules: tuple[str, ...]) -> None:
    """Case, apostrophes and what stands around do not count; unknown text stands for no rule."""
    assert rules == rules_of(message)


def test_every_rule_exists() -> None:
    """A pattern names rules of the catalogue only."""
    named = {rule for _, rules in PATTERNS for rule in rules}

    assert named <= set(CATALOGUE)


@pytest.mark.parametrize("rule", [rule for rule in CATALOGUE.values() if rule.portal])
def test_wording_of_the_catalogue_is_found(rule: object) -> None:
    """Every message that a rule quotes leads back to it, unless it is a remark in brackets."""
    for text in rule.portal:  # type: ignore[attr-defined]  # a Rule
        if rules_of(text):
            assert rule.id in rules_of(text)  # type: ignore[attr-defined]  # likewise


@pytest.mark.parametrize(
    ("message", "addresses"),
    [
        ("Prefix not received from IP 192.0.2.0", ("192.0.2.0",)),
        (
            "Prefix not received from IP: 192.0.2.0, 192.0.2.2 and 192.0.2.0",
            ("192.0.2.0", "192.0.2.2"),
        ),
        (
            "Not receiving prefix advertisement from IP 192.0.2.2 for prefix 203.0.113.240/28",
            ("192.0.2.2",),
        ),
        ("Prefix not received from IP for prefix", ()),
        ("AS path isn't correct", ()),
    ],
)
def test_sessions_of(message: str, addresses: tuple[str, ...]) -> None:
    """The portal lists the sessions that lack a prefix by their addresses, of one or of many."""
    assert addresses == sessions_of(message)
