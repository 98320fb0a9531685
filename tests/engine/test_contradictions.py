"""The findings where Microsoft's documents contradict each other, also with --strict.

Each row is a section of docs/explanation/contradictions.md, a scenario, and the results of the rule
in the profiles direct (000), partner (001), route-server (002), maps (003) and voice (004): the
severity of a failure, "unknown", or "" for no finding.
"""

from __future__ import annotations

from typing import Final

import pytest

from peerlint.inventory.peering import PROFILES
from peerlint.results import Outcome
from peerlint.rules import CATALOGUE
from peerlint.testing.notation import evaluate

TAG: Final = "community 8075:8007"
#: One peering with two connections; the test sets the profile.
HEAD: Final = "registered 203.0.113.0/24\n"
SERVICE: Final = f"{HEAD}service contoso-maps\nservice-prefix 203.0.113.0/24\n"
LONG: Final = f"registered 203.0.113.128/25\nams-1 203.0.113.128/25 path 64500 {TAG}"
#: The same result in every profile.
ERRORS: Final = ("error",) * 5
WARNINGS: Final = ("warning",) * 5
INFOS: Final = ("info",) * 5
NOTHING: Final = ("",) * 5


def labels(rule: str, scenario: str, profile: str, *, strict: bool = False) -> str:
    """Return the severities of a rule's failures, or "unknown"."""
    findings = [
        one
        for one in evaluate(scenario, profile=profile, strict=strict).findings
        if one.rule == rule
    ]
    words = {
        str(one.severity) if one.outcome is Outcome.FAIL else str(one.outcome) for one in findings
    }
    return " ".join(sorted(words))


ROWS: Final = [
    # registration "does not accept" prefixes longer than /24, and the FAQ says it does
    (
        "contradictions#prefixes-longer-than-24",
        "prefix.longer-than-24",
        LONG,
        ("info", "warning", "info", "info", "warning"),
    ),
    # less than four, for every mask
    (
        "contradictions#path-length",
        "route.as-path-length",
        f"asn 64503\n{HEAD}ams-1 203.0.113.0/24 path 64500 64501 64502 64503 {TAG}",
        ERRORS,
    ),
    # geo redundancy must be (001), should be (others)
    (
        "contradictions#geo-redundancy",
        "topology.geo-redundancy",
        "",
        ("warning", "error", "warning", "warning", "warning"),
    ),
    (  # a second metro in another region is a warning, in 001 too
        "contradictions#geo-redundancy",
        "topology.geo-redundancy",
        "peering contoso-ams geo_region=Europe\npeering contoso-iad maps 64500 Ashburn\n"
        "session iad-1 edge1.iad\npeering contoso-iad geo_region=America",
        WARNINGS,
    ),
    (
        "contradictions#geo-redundancy",
        "topology.geo-redundancy",
        "peering contoso-ams geo_region=Europe\npeering contoso-fra maps 64500 Frankfurt\n"
        "session fra-1 edge1.fra\npeering contoso-fra geo_region=Europe",
        NOTHING,
    ),
    (  # metros without a region are counted, with information
        "contradictions#geo-redundancy",
        "topology.geo-redundancy",
        "connection ams-1 role=primary\npeering contoso-fra maps 64500 Frankfurt\n"
        "session fra-1 edge1.fra",
        INFOS,
    ),
    # two different things: a local backup, and a standby session
    (
        "contradictions#backup-and-standby",
        "topology.backup-not-local",
        "connection ams-2 role=backup",
        ("error", "", "error", "error", "error"),
    ),
    (
        "contradictions#backup-and-standby",
        "topology.active-active",
        "connection ams-2 role=backup",
        ("info", "error", "info", "info", "info"),
    ),
    # one router for each circuit (001), no two of a location on one router (others)
    (
        "contradictions#routers-and-circuits",
        "topology.router-circuit-ratio",
        "connection ams-2 router=edge1.ams",
        ("", "error", "", "", ""),
    ),
    (
        "contradictions#routers-and-circuits",
        "topology.router-diversity",
        "connection ams-2 router=edge1.ams",
        ("error", "", "error", "error", "error"),
    ),
    # one key for each registered prefix
    (
        "contradictions#key-scope",
        "activation.key-scope",
        f"{HEAD}registered 198.51.100.0/24 key key-203.0.113.0/24",
        ("", "info", "", "warning", "info"),
    ),
    (
        "contradictions#key-scope",
        "activation.key-mismatch",
        f"{SERVICE}asn 64501 key=k",
        ("", "", "error", "", ""),
    ),
    # BFD is required in 004, and in the FAQ of 001
    (
        "contradictions#bfd",
        "topology.bfd",
        "connection ams-1 bfd=false",
        ("", "error", "", "", "error"),
    ),
    # IPv4 prefixes only; IPv6 sessions and routes are no error
    (
        "contradictions#ipv6",
        "prefix.ipv4-only",
        "registered 2001:db8::/32",
        ("error", "error", "", "error", "error"),
    ),
    ("contradictions#ipv6", "route.ipv6-ignored", "ams-1 2001:db8::/32 path 64500", INFOS),
    ("contradictions#ipv6", "ops.ipv6-session", "", INFOS),
    # none active is an error, some not active a warning
    (
        "contradictions#active-connections",
        "topology.connection-active",
        "connection ams-1 state=Validating\nconnection ams-2 state=Validating",
        ERRORS,
    ),
    (
        "contradictions#active-connections",
        "topology.connection-active",
        "connection ams-1 state=Validating",
        WARNINGS,
    ),
    # a key proves nothing; it may be missing while Pending, not once Verified
    (
        "contradictions#when-the-key-exists",
        "registration.key-present",
        "registered 203.0.113.0/24 key state Pending",
        NOTHING,
    ),
    (
        "contradictions#when-the-key-exists",
        "registration.key-present",
        "registered 203.0.113.0/24 key",
        WARNINGS,
    ),
    # 40 percent, not 50
    ("contradictions#utilisation", "ops.utilization", "connection ams-1 utilization=39", NOTHING),
    (
        "contradictions#utilisation",
        "ops.utilization",
        "connection ams-1 utilization=39.999",
        NOTHING,
    ),
    (
        "contradictions#utilisation",
        "ops.utilization",
        "connection ams-1 utilization=40.001",
        WARNINGS,
    ),
    ("contradictions#utilisation", "ops.utilization", "connection ams-1 utilization=40", WARNINGS),
    (
        "contradictions#utilisation",
        "ops.utilization",
        "connection ams-1 utilization=40 utilization_since=2026-09-21",
        ERRORS,  # the 61st day
    ),
    (
        "contradictions#utilisation",
        "ops.utilization",
        "connection ams-1 utilization=40 utilization_since=2026-09-22",
        WARNINGS,  # the 60th day
    ),
    # below 322 an error, below 400 a warning, below 2000 information
    ("contradictions#prefix-limit", "ops.max-prefix", "session ams-1 max_prefix=321", ERRORS),
    ("contradictions#prefix-limit", "ops.max-prefix", "session ams-1 max_prefix=322", WARNINGS),
    ("contradictions#prefix-limit", "ops.max-prefix", "session ams-1 max_prefix=399", WARNINGS),
    ("contradictions#prefix-limit", "ops.max-prefix", "session ams-1 max_prefix=400", INFOS),
    ("contradictions#prefix-limit", "ops.max-prefix", "session ams-1 max_prefix=1999", INFOS),
    ("contradictions#prefix-limit", "ops.max-prefix", "session ams-1 max_prefix=2000", NOTHING),
    ("contradictions#prefix-limit", "ops.max-prefix", "session ams-1 max_prefix=0", INFOS),
    # Premium Free, whatever old pages say
    ("contradictions#sku", "topology.sku", "peering contoso-ams sku=Basic_Direct_Free", ERRORS),
    # prepending fails everywhere, although the portal does not name it
    (
        "contradictions#prepending",
        "route.prepending",
        f"asn 64501\n{HEAD}ams-1 203.0.113.0/24 path 64500 64501 64501 {TAG}",
        ERRORS,
    ),
    # a foreign origin needs a PeerAsn of the same peer name; a warning before activation
    (
        "contradictions#foreign-origins",
        "asn.origin-not-associated",
        f"{HEAD}ams-1 203.0.113.0/24 path 64500 64501",
        ("warning", "warning", "", "warning", "warning"),
    ),
    (
        "contradictions#foreign-origins",
        "asn.origin-not-associated",
        f"{SERVICE}ams-1 203.0.113.0/24 path 64500 64501",
        ("error", "error", "", "error", "error"),
    ),
    (
        "contradictions#foreign-origins",
        "asn.origin-not-associated",
        f"{SERVICE}peer-asn x asn=64501 peer_name=cONTOSO\nams-1 203.0.113.0/24 path 64500 64501",
        NOTHING,
    ),
    # the PeerAsn is in the subscription of the peering service, whose PeerAsns may be unknown
    (
        "contradictions#foreign-origins",
        "asn.origin-not-associated",
        f"{HEAD}service contoso-maps subscription=theirs\nservice-prefix 203.0.113.0/24\n"
        "peer-asn contoso64500 subscription=ours\n"
        "peer-asn x asn=64501 peer_name=Contoso subscription=ours\n"
        "ams-1 203.0.113.0/24 path 64500 64501",
        ("unknown", "unknown", "", "unknown", "unknown"),
    ),
    (
        "contradictions#foreign-origins",
        "asn.origin-not-associated",
        f"{HEAD}service contoso-maps subscription=theirs\nservice-prefix 203.0.113.0/24\n"
        "peer-asn contoso64500 subscription=ours\n"
        "peer-asn x asn=64501 peer_name=Contoso subscription=theirs\n"
        "ams-1 203.0.113.0/24 path 64500 64501",
        NOTHING,
    ),
    # an unknown state is a warning
    (
        "contradictions#unknown-states",
        "topology.connection-active",
        "connection ams-1 state=PendingRemove",
        WARNINGS,
    ),
    # traffic class and endpoints
    (
        "contradictions#traffic-class",
        "prefix.traffic-class",
        "registered 203.0.113.0/24 traffic voice",
        ("info", "error", "", "error", "info"),
    ),
    # 10 Gbit/s, and 100 as context
    (
        "contradictions#link-speed",
        "topology.bandwidth-min",
        "connection ams-1 bandwidth=9999",
        ERRORS,
    ),
    (
        "contradictions#link-speed",
        "topology.bandwidth-min",
        "connection ams-1 bandwidth=10G",
        INFOS,
    ),
    (
        "contradictions#link-speed",
        "topology.bandwidth-min",
        "connection ams-1 bandwidth=100G",
        NOTHING,
    ),
    # who provides the addresses
    (
        "contradictions#session-addresses",
        "topology.session-address-provider",
        "connection ams-1 address_provider=Nobody",
        ("", "error", "error", "", "error"),
    ),
    # every announced prefix (001), or those that are tagged
    (
        "contradictions#prefixes-to-register",
        "registration.missing",
        "ams-1 203.0.113.0/24 path 64500",
        ("", "error", "", "", ""),
    ),
    (
        "contradictions#prefixes-to-register",
        "registration.missing",
        f"ams-1 203.0.113.0/24 path 64500 {TAG}",
        ("error", "error", "", "error", "error"),
    ),
    (
        "contradictions#prefixes-to-register",
        "registration.missing",
        "peering contoso-ams infrastructure=203.0.113.0/24\nams-1 203.0.113.0/24 path 64500",
        ("error", "error", "", "error", "error"),
    ),
]


@pytest.mark.parametrize(
    ("rule", "scenario", "expected"),
    [row[1:] for row in ROWS],
    ids=[f"{row[0]} {row[1]} {number}" for number, row in enumerate(ROWS)],
)
def test_defaults(rule: str, scenario: str, expected: tuple[str, ...]) -> None:
    """The five profiles have the results of the page."""
    columns = ("direct", "partner", "route-server", "maps", "voice")

    assert expected == tuple(labels(rule, scenario, profile) for profile in columns)


@pytest.mark.parametrize(
    ("rule", "scenario", "expected"),
    [
        # at a route server one connection is enough, and lack of redundancy a warning
        ("topology.min-connections", "", ""),
        ("topology.local-redundancy", "", "warning"),
        ("topology.router-diversity", "", ""),
    ],
)
def test_one_connection_at_a_route_server(rule: str, scenario: str, expected: str) -> None:
    """The Azure resource does not have the sessions of the mesh, so one connection is no error."""
    head = "peering contoso-rs route-server 64500 Amsterdam\nsession rs-1 rs1.ams\n"

    assert expected == labels(rule, head + scenario, "route-server")


def test_each_profile_applies_to_its_own_asns() -> None:
    """Geo-redundancy is evaluated once for each profile, for the AS numbers of its peerings."""
    text = (
        "peering a maps 64500 Amsterdam\nsession a-1 edge1.ams\n"
        "peering b partner 64501 Frankfurt\nsession b-1 edge1.fra"
    )

    found = {
        (str(one.subject.peering), str(one.severity), one.about)
        for one in evaluate(text).findings
        if one.rule == "topology.geo-redundancy"
    }

    assert {("a", "warning", "AS64500"), ("b", "error", "AS64501")} == found


@pytest.mark.parametrize(
    ("rule", "scenario", "profile"),
    [
        ("prefix.longer-than-24", LONG, "voice"),
        ("topology.geo-redundancy", "", "maps"),
        ("prefix.traffic-class", "registered 203.0.113.0/24 traffic voice", "direct"),
        (
            "route.as-set",
            f"{HEAD}ams-1 203.0.113.0/24 path 64500 {{64501,64502}} 64503 {TAG}",
            "maps",
        ),
    ],
)
def test_strict(rule: str, scenario: str, profile: str) -> None:
    """`--strict` turns the finding of a milder reading into an error."""
    assert labels(rule, scenario, profile) in ("warning", "info")
    assert "error" == labels(rule, scenario, profile, strict=True)


#: Rules whose documents contradict each other, by section of the page.
BOTH_TEXTS: Final = {
    "contradictions#prefixes-longer-than-24": "prefix.longer-than-24",
    "contradictions#path-length": "route.as-path-length",
    "contradictions#geo-redundancy": "topology.geo-redundancy",
    "contradictions#backup-and-standby": "topology.active-active",
    "contradictions#routers-and-circuits": "topology.router-circuit-ratio",
    "contradictions#key-scope": "activation.key-scope",
    "contradictions#bfd": "topology.bfd",
    "contradictions#ipv6": "ops.ipv6-session",
    "contradictions#active-connections": "topology.connection-active",
    "contradictions#when-the-key-exists": "registration.key-present",
    "contradictions#utilisation": "ops.utilization",
    "contradictions#prefix-limit": "ops.max-prefix",
    "contradictions#sku": "topology.sku",
    "contradictions#prepending": "route.prepending",
    "contradictions#routing-registries": "asn.origin-registered",
    "contradictions#traffic-class": "prefix.traffic-class",
    "contradictions#link-speed": "topology.bandwidth-min",
    "contradictions#session-addresses": "topology.session-address-provider",
    "contradictions#prefixes-to-register": "registration.missing",
}


@pytest.mark.parametrize("item", BOTH_TEXTS)
def test_findings_carry_both_texts(item: str) -> None:
    """A finding has the texts of both documents, so that the NOC can quote them."""
    rule = CATALOGUE[BOTH_TEXTS[item]]
    scenario = (*rule.fires_on, *rule.silent_on)[0]

    texts = {
        one.texts
        for profile in PROFILES
        for one in evaluate(scenario, profile=profile).findings
        # A finding about a statement has no texts of documents.
        if one.rule == rule.id and not (one.statement and one.about == "attestation")
    }
    assert {rule.texts} == texts
    assert len(rule.texts) >= 2
