"""A large inventory, and the BMP stream of its router, for the benchmark of `watch`."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

from peerlint.testing.bmp import BmpPeer, BmpStream

#: Benchmarking space (RFC 2544): 8,192 prefixes of length 28.
_FIRST: Final = int(IPv4Address("198.18.0.0"))
TAG: Final = "community 8075:8007"
PROFILE: Final = """\
extends = "direct"

[watch]
missing = "0s"
session_down = "0s"
other = "0s"
restart = "0s"
flapping_changes = 1000
"""
_PEERING: Final = """\
[lab]
allow = ["documentation", "benchmarking"]
max_age = "off"

[[peering]]
name = "large"
profile = "direct"
asn = 64500
location = "Amsterdam"
geo_region = "Europe"
sku = "Premium_Direct_Free"
kind = "Direct"
network = "Edge"
provisioning_state = "Succeeded"
peer_asn = "large64500"
"""
_CONNECTION: Final = """
[[peering.connection]]
name = "s{number}"
router = "edge1"
role = "primary"
bandwidth = "100G"
state = "Active"
provisioned_bandwidth = "100G"
address_provider = "Microsoft"
peering_service = true
facility = 58
lacp = true
bfd = true
stateful_firewall = false
rate_limit = false
utilization = 20

[[peering.connection.session]]
microsoft = "192.0.2.{theirs}"
peer = "192.0.2.{ours}"
state = "Established"
prefix = "192.0.2.{ours}/31"
max_advertised = 20000
max_prefix = 20000
md5_set = false
"""
_PREFIX: Final = """
[[peering.registered_prefix]]
prefix = "{prefix}"
name = "p{number}"
origin = 64500
traffic_class = "voice"
endpoints = ["sbc"]
state = "Verified"
"""


def prefixes(number: int) -> list[str]:
    """Return so many prefixes, 8,192 at most."""
    return [f"{IPv4Address(_FIRST + 16 * each)}/28" for each in range(number)]


def write_inventory(folder: Path, number: int, sessions: int) -> Path:
    """Write an inventory with a profile without hold times, and return its path.

    Args:
        folder: where the files are written.
        number: the number of prefixes.
        sessions: the number of sessions.
    """
    (folder / "profile.toml").write_text(PROFILE, encoding="utf-8")
    parts = [_PEERING]
    parts += [
        _CONNECTION.format(number=each, theirs=2 * each + 1, ours=2 * each)
        for each in range(sessions)
    ]
    parts += [
        _PREFIX.format(prefix=prefix, number=at) for at, prefix in enumerate(prefixes(number))
    ]
    path = folder / "peering.toml"
    path.write_text("".join(parts), encoding="utf-8")
    return path


def peer(session: int) -> BmpPeer:
    """Return the table of routes that are sent on a session."""
    theirs, ours = f"192.0.2.{2 * session + 1}", f"192.0.2.{2 * session}"
    return BmpPeer(theirs, 8075, ours, 64500, view="sent")


def good_route(prefix: str, mark: int = 0) -> str:
    """Return a route that complies, with any mark, if all sessions announce the same one."""
    return f"{prefix} path 64500 {TAG} large 64500:0:{mark}"


def warned_route(prefix: str, mark: int = 0) -> str:
    """Return a route with a next hop that is a warning, and stays one with another mark.

    A change on one session is evaluated anew, and changes no state.
    """
    return f"{prefix} path 64500 {TAG} large 64500:0:0 next-hop 192.0.2.{100 + mark}"


def bad_route(prefix: str) -> str:
    """Return a route without the community that it needs."""
    return f"{prefix} path 64500"


def whole_tables(number: int, sessions: int) -> Iterator[bytes]:
    """Yield the octets of the router: its name, then each session with its whole table."""
    stream = BmpStream("edge1")
    for session in range(sessions):
        of = peer(session)
        stream.up(of).announce(of, *map(good_route, prefixes(number))).end_of_rib(of)
        yield stream.octets()
        stream.messages.clear()
