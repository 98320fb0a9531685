"""Azure's messages, old wording and new, and the rules that they stand for.

See contradictions#portal-messages.

Each row names the page that has the wording: R is peering-registered-prefix-requirements.md (June
2023 to October 2024), S is peering-service-prefix-requirements.md (June 2023 to August 2026), P is
azure-portal.md (2019 to February 2026), API is what recordings of the service show.
"""

from __future__ import annotations

import pytest

from peerlint.rules import CATALOGUE
from peerlint.rules.messages import PATTERNS, rules_of, sessions_of

NOT_RECEIVED = ("route.not-received", "route.covering-only", "route.more-specifics-only")
COMMUNITY = ("route.community-missing", "route.community-wrong-type")
PATH = ("route.as-path-length", "route.private-asn", "route.prepending")
TEXT = ("prefix.valid", "prefix.ipv4-only", "prefix.host-bits")


SERVICE_TEXT = ("activation.fields", *TEXT)
NOT_ANNOUNCED = ("activation.not-received", *NOT_RECEIVED)
LENGTH = ("route.as-path-length",)
WRONG_TYPE = ("topology.use-for-peering-service", "topology.microsoft-network")
PRIVATE = ("route.private-asn",)
VARIANTS = [
    # the text of a prefix
    ("Peering service prefix is invalid", SERVICE_TEXT),  # S
    (  # P, 2020 on
        "Invalid Peering Service prefix, the prefix should be valid format, only IPv4 prefix is "
        "supported currently.",
        SERVICE_TEXT,
    ),
    (  # P, 2019
        "Invalid Peering Service prefix, the prefix should be valid format, only Ipv4 prefix is "
        "supported.",
        SERVICE_TEXT,
    ),
    ("Unrecognized routePrefix 203.0.113.0", TEXT),  # API
    # a private range: API, when a service prefix is created
    ("Invalid IP prefix 192.168.1.0/24", ("prefix.private-range", *SERVICE_TEXT)),
    # without a reason: R, S, API
    ("Internal server error", ("registration.internal-error",)),
    # not announced: R
    ("Prefix not received from IP", NOT_RECEIVED),
    ("Prefix not received from IP 192.0.2.0", NOT_RECEIVED),
    # no community: R; then S of August 2026 and of June 2023; then P
    ("Advertisement missing MAPS community", COMMUNITY),
    ("Advertisement missing Peering Service community", COMMUNITY),
    ("advertisement missing maps community for 203.0.113.0/24", COMMUNITY),
    ("Received route for prefix should have the Peering Service community 8075:8007", COMMUNITY),
    ("Received route for prefix should have the MAPS community 8075:8007", COMMUNITY),
    (
        "Prefix announcement doesn't have a valid BGP community, contact Peering Service provider.",
        COMMUNITY,
    ),
    (
        "Prefix announcement does not have a valid BGP community,  contact Peering Service "
        "provider.",
        COMMUNITY,
    ),
    # a long path: R; S; P of 2020 on and of 2019
    ("AS path isn't correct", PATH),
    ("AS path isn\u2019t correct", PATH),
    ("AS path length for prefix should be <=3 for prefix", LENGTH),
    ("Prefix received with longer AS path(>3), contact Peering Service provider.", LENGTH),
    ("Prefix received with longer AS path, please contact Peering Service provider.", LENGTH),
    # a private AS: S of June 2023 and of August 2026; P
    ("AS path for prefix shouldn't have any private ASN", PRIVATE),
    ("AS path for prefix can't include private ASNs", PRIVATE),
    ("AS path for prefix can\u2019t include private ASNs", PRIVATE),
    ("Prefix received with private AS in the path, contact Peering Service provider.", PRIVATE),
    # a service prefix not announced: S; P of 2021 on and of 2019
    ("Not receiving prefix advertisement from IP for prefix", NOT_ANNOUNCED),
    ("Not receiving prefix advertisement from IP 192.0.2.0 for prefix", NOT_ANNOUNCED),
    (
        "Prefix wasn't received from Peering Service provider, contact Peering Service provider.",
        NOT_ANNOUNCED,
    ),
    ("Prefix was not received from Peering Service provider.", NOT_ANNOUNCED),
    # sessions of the provider: S; P of 2019
    (
        "Provider has fewer than two sessions in its primary location",
        ("activation.primary-sessions", "topology.min-connections"),
    ),
    ("Provider has no sessions in its backup location", ("activation.backup-sessions",)),
    (
        "Backup route not found, please contact Peering Service provider.",
        ("activation.backup-sessions",),
    ),
    ("Backup route not found, contact Peering Service provider.", ("activation.backup-sessions",)),
    # overlaps: P; providers: S, API
    (
        "Prefix overlaps with an existing prefix, contact Peering Service provider",
        ("activation.overlap",),
    ),
    ("Peering service provider not found", ("activation.provider",)),
    # API
    ("OperationNotSupported", WRONG_TYPE),
    ("Operation is not supported for this peering type", WRONG_TYPE),
    # API, and unknown messages
    ("Deletion in progress", ()),
    ("The request was not approved by the peering team", ()),
    ("", ()),
]


@pytest.mark.parametrize(("message", "rules"), VARIANTS)
def test_rules_of(message: str, rules: tuple[str, ...]) -> None:
    """Every wording of a page or a recording is known; an unknown text matches no rule."""
    assert rules == rules_of(message)


@pytest.mark.parametrize(("message", "rules"), [row for row in VARIANTS if row[1]])
def test_variants_of_a_message(message: str, rules: tuple[str, ...]) -> None:
    """Case, blanks, apostrophes and trailing text do not matter."""
    variant = message.upper().replace(" ", "  ").replace("'", "\u2019")

    assert (rules, rules) == (rules_of(variant), rules_of(f"{message} (203.0.113.0/24)"))


@pytest.mark.parametrize("rules", {rules for _, rules in VARIANTS if rules})
def test_the_catalogue_quotes_what_it_recognises(rules: tuple[str, ...]) -> None:
    """A rule that a message matches quotes such a message on its page."""
    quoted = [text for rule in rules for text in CATALOGUE[rule].portal]

    assert rules in [rules_of(text) for text in quoted]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        # S of June 2023 and of August 2026
        (
            "Received route for prefix should have the MAPS community 8075:8007",
            "route.community-missing",
        ),
        ("AS path for prefix can't include private ASNs", "route.private-asn"),
        ("AS path for prefix shouldn't have any private ASN", "route.private-asn"),
        # a message about service prefixes only says so
        ("Invalid IP prefix {prefix} (the API's answer for a service prefix)",
         "prefix.private-range"),
        ("Peering service prefix is invalid (of a service prefix)", "prefix.valid"),
    ],
)  # fmt: skip
def test_messages_on_the_page_of_a_rule(text: str, rule: str) -> None:
    """The page of a rule has Microsoft's messages of every year, and their subject."""
    assert text in CATALOGUE[rule].portal


def test_every_rule_exists() -> None:
    """A pattern names rules of the catalogue only."""
    named = {rule for _, rules in PATTERNS for rule in rules}

    assert named <= set(CATALOGUE)


@pytest.mark.parametrize("rule", [rule for rule in CATALOGUE.values() if rule.portal])
def test_messages_of_the_catalogue_are_recognised(rule: object) -> None:
    """Every message that a rule quotes matches the rule, unless it is a remark in brackets."""
    for text in rule.portal:  # type: ignore[attr-defined]  # a Rule
        if rules_of(text):
            assert rule.id in rules_of(text)  # type: ignore[attr-defined]  # a Rule


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
    """The portal lists one or several sessions without the prefix by their addresses."""
    assert addresses == sessions_of(message)
