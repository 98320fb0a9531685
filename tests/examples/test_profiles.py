"""One example for each set-up: it passes, and one fault gives its rule and what follows from it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

import peerlint
from peerlint.rules import CATALOGUE
from peerlint.testing.dumps import RibDump
from peerlint.verdicts import Report, Severity

EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples"
NOW: Final = datetime(2026, 11, 21, tzinfo=UTC)
ALL: Final = ("direct", "partner", "route-server", "maps", "voice")
#: A route server registers AS numbers, the others prefixes.
PREFIXES: Final = ("direct", "partner", "maps", "voice")
ADDRESSES: Final = ("192.0.2.0", "192.0.2.2", "192.0.2.4", "192.0.2.6")
GOOD: Final = "203.0.113.0/24 path {origin} community 8075:8007"
#: What nothing in an inventory or a dump can tell.
ELSEWHERE: Final = {"irr", "vrps", "peeringdb", "plan", "attestation"}
#: Azure still says Verified, and the next look will find the fault.
STATE: Final = "registration.state"


def origin(profile: str) -> int:
    """Return who originates the prefix: at a route server a customer, else the partner."""
    return 64501 if profile == "route-server" else 64500


def dump(profile: str, *routes: str) -> bytes:
    """Return what Microsoft received; `routes` are those of the first session."""
    rib = RibDump()
    for address in ADDRESSES:
        seen = routes if address == ADDRESSES[0] and routes != () else (GOOD,)
        peer = rib.peer(address, 64500)
        rib.routes(peer, *(text.format(origin=origin(profile)) for text in seen if text))
    return rib.octets()


def judged(folder: Path) -> Report:
    """Return the report of an example."""
    return peerlint.check(peerlint.load_inventory(folder / "peering.toml"), now=NOW)


def failed(report: Report) -> set[str]:
    """Return the rules that failed with an error or a warning."""
    return {finding.rule for finding in report.failed(Severity.WARNING)}


@pytest.mark.parametrize("profile", ALL)
def test_the_example_passes(profile: str) -> None:
    """No error and no warning; unknown is only what stands elsewhere."""
    report = judged(EXAMPLES / profile)

    assert set() == failed(report)
    left = {each.rule for each in report.findings if each.need and each.need not in ELSEWHERE}
    # Azure has no message about a prefix that only its AS is registered for.
    by_asn = {"registration.internal-error"} if profile == "route-server" else set()
    assert {"ops.microsoft-routes"} | by_asn == left
    assert {"Verified"} >= {verdict.state for verdict in report.prefixes}
    assert profile == report.peerings[0].profile


@pytest.mark.parametrize("profile", ALL)
def test_the_dump_is_what_it_says(profile: str) -> None:
    """The dump of an example can be made again: four sessions, one route each."""
    assert dump(profile) == (EXAMPLES / profile / "microsoft.mrt").read_bytes()


PRIMARY = "activation.primary-sessions"
REGISTERED = 'prefix = "203.0.113.0/24"\nname = "sbc'
#: A prefix that is no longer registered as announced: it is announced and activated without.
UNREGISTERED = ("activation.missing", "activation.not-registered", "registration.missing", STATE)


@pytest.mark.parametrize(
    ("profiles", "rule", "old", "new", "consequences"),
    [
        (ALL, "topology.peering-type", 'kind = "Direct"', 'kind = "Exchange"', ()),
        (ALL, "topology.microsoft-network", 'network = "', 'network = "Cdn', ()),
        (ALL, "topology.sku", '"Premium_Direct_Free"', '"Basic_Direct_Free"', ()),
        (
            PREFIXES, "topology.use-for-peering-service",
            "peering_service = true", "peering_service = false",
            ("topology.min-connections", PRIMARY),
        ),
        (
            ("route-server",), "topology.use-for-peering-service",
            "peering_service = true", "peering_service = false", (PRIMARY,),
        ),
        (
            ALL, "topology.deployed",
            'provisioning_state = "Succeeded"', 'provisioning_state = "Failed"', (),
        ),
        (
            ("direct", "route-server", "maps", "voice"), "topology.router-diversity",
            'router = "edge2.ams"', 'router = "edge1.ams"', (PRIMARY,),
        ),
        (
            ("partner",), "topology.router-circuit-ratio",
            'router = "edge2.ams"', 'router = "edge1.ams"', (PRIMARY,),
        ),
        (ALL, "topology.bandwidth-equal", '\nbandwidth = "100G"', '\nbandwidth = "40G"', ()),
        (ALL, "topology.lacp", "lacp = true", "lacp = false", ()),
        (("partner", "voice"), "topology.bfd", "bfd = true", "bfd = false", ()),
        (
            ALL, "topology.stateful-firewall",
            "stateful_firewall = false", "stateful_firewall = true", (),
        ),
        (ALL, "topology.rate-limit", "rate_limit = false", "rate_limit = true", ()),
        (ALL, "topology.session-addresses", '"192.0.2.0/31"', '"192.0.2.8/31"', ()),
        (
            ALL, "topology.connection-active",
            'state = "Active"', 'state = "ProvisioningFailed"', (PRIMARY,),
        ),
        (ALL, "topology.session-established", 'state = "Established"', 'state = "Idle"', ()),
        (
            ("direct", "route-server", "maps", "voice"), "topology.backup-not-local",
            'role = "primary"', 'role = "backup"', (),
        ),
        (("partner",), "topology.active-active", 'role = "primary"', 'role = "backup"', ()),
        (ALL, "asn.approved", 'state = "Approved"', 'state = "Failed"', ()),
        (ALL, "asn.associated", 'peer_asn = "contoso64500"', 'peer_asn = "fabrikam"', ()),
        (ALL, "asn.noc-contact", 'role = "Noc"', 'role = "Policy"', ()),
        (
            ("route-server",), "asn.customer-public",
            "asn = 64501", "asn = 65001", ("asn.customer-registered",),
        ),
        (
            PREFIXES, "prefix.valid",
            REGISTERED, 'prefix = "203.0.113/24"\nname = "sbc', UNREGISTERED,
        ),
        (
            PREFIXES, "prefix.host-bits",
            REGISTERED, 'prefix = "203.0.113.1/24"\nname = "sbc', (STATE,),
        ),
        (
            PREFIXES, "prefix.ipv4-only",
            REGISTERED, 'prefix = "2001:db8::/32"\nname = "sbc',
            ("route.not-received", *UNREGISTERED),
        ),
        (
            PREFIXES, "prefix.private-range",
            REGISTERED, 'prefix = "10.0.0.0/24"\nname = "sbc',
            ("route.not-received", *UNREGISTERED),
        ),
        (("partner", "maps"), "prefix.traffic-class", 'traffic_class = "voice"\n', "", (STATE,)),
        (PREFIXES, STATE, 'state = "Verified"', 'state = "Failed"', ()),
        (ALL, "activation.fields", 'location = "Netherlands"\n', "", ()),
        (
            ALL, "activation.key-mismatch",
            'aaaa"\nstate = "Verified"\nlearned', 'bbbb"\nstate = "Verified"\nlearned', (),
        ),
        (ALL, "activation.state", 'state = "Verified"\nlearned', 'state = "Failed"\nlearned', ()),
        (ALL, "activation.provider", 'provider = "Contoso"', 'provider = "Woodgrove"', ()),
        (
            ALL, "activation.location-alignment",
            'primary = "Amsterdam"', 'primary = "Osaka"', ("activation.provider", PRIMARY),
        ),
        (
            ALL, "activation.backup-same-location",
            'backup = "Frankfurt"', 'backup = "Amsterdam"', (),
        ),
        (ALL, "activation.backup-none", 'backup = "Frankfurt"\n', "", ()),
        (ALL, "ops.max-prefix", "max_prefix = 2000", "max_prefix = 300", ()),
        (ALL, "ops.utilization", "utilization = 20", "utilization = 60", ()),
    ],
)  # fmt: skip
def test_a_fault_of_the_set_up(
    tmp_path: Path,
    profiles: tuple[str, ...],
    rule: str,
    old: str,
    new: str,
    consequences: tuple[str, ...],
) -> None:
    """One change of the inventory fails its rule and what the row names, and nothing else."""
    for profile in profiles:
        text = (EXAMPLES / profile / "peering.toml").read_text(encoding="utf-8")
        assert old in text
        (tmp_path / "peering.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
        (tmp_path / "microsoft.mrt").write_bytes(dump(profile))

        assert {rule, *consequences} == failed(judged(tmp_path)), profile


#: Another origin than on the other sessions, which nobody associated.
ORIGIN = ("asn.origin-not-associated", "route.origin-inconsistent")
ASYMMETRIC = ("route.asymmetric-local", STATE)
PREFIX = "203.0.113.0/24"


@pytest.mark.parametrize(
    ("rule", "routes", "consequences"),
    [
        ("route.not-received", ("",), ("activation.not-received", STATE)),
        ("route.community-missing", (f"{PREFIX} path 64500",), ASYMMETRIC),
        (
            "route.community-wrong-type",
            (f"{PREFIX} path 64500 large 8075:8007:0",),
            ASYMMETRIC,
        ),
        (
            "route.as-path-length",
            (f"{PREFIX} path 64500 64502 64503 64504 community 8075:8007",),
            (*ORIGIN, *ASYMMETRIC),
        ),
        (
            "route.private-asn",
            (f"{PREFIX} path 64500 64512 community 8075:8007",),
            (*ORIGIN, *ASYMMETRIC),
        ),
        (
            "route.bogon-asn",
            (f"{PREFIX} path 64500 23456 community 8075:8007",),
            (*ORIGIN, *ASYMMETRIC),
        ),
        ("route.prepending", (f"{PREFIX} path 64500 64500 community 8075:8007",), ASYMMETRIC),
        ("route.empty-path", (f"{PREFIX} community 8075:8007",), ASYMMETRIC),
        ("route.confed-leak", (f"{PREFIX} path (64502) 64500 community 8075:8007",), (STATE,)),
        (
            "route.covering-only",
            ("203.0.112.0/23 path 64500 community 8075:8007",),
            ("activation.not-received", "registration.missing", STATE),
        ),
        (
            "route.more-specifics-only",
            ("203.0.113.0/25 path 64500 community 8075:8007",),
            (
                "route.more-specific-unregistered",
                "activation.not-received",
                "registration.missing",
                STATE,
            ),
        ),
        (
            "registration.missing",
            (GOOD, "198.51.100.0/24 path 64500 community 8075:8007"),
            (),
        ),
    ],
)
@pytest.mark.parametrize("profile", PREFIXES)
def test_a_fault_of_the_routes(
    tmp_path: Path, profile: str, rule: str, routes: tuple[str, ...], consequences: tuple[str, ...]
) -> None:
    """One session's routes fail their rule and what the row names, and nothing else."""
    inventory = (EXAMPLES / profile / "peering.toml").read_bytes()
    (tmp_path / "peering.toml").write_bytes(inventory)
    (tmp_path / "microsoft.mrt").write_bytes(dump(profile, *routes))

    assert {rule, *consequences} == failed(judged(tmp_path))
    assert rule in CATALOGUE
