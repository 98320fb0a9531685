"""`python -m benchmarks.check_engine [--save]`: how long the engine's part of a big check takes.

20 peerings with 10 sessions each, 5,000 registered prefixes, each announced on every one of the 200
sessions: a million routes, already read. What is timed is `peerlint.engine.check` alone.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import time
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

import peerlint
from peerlint import engine
from peerlint.iana import ALLOWABLE
from peerlint.inventory import Connection, Inventory, Lab, Peering, RegisteredPrefix, Session
from peerlint.inventory.peering import Role
from peerlint.model import Asn, AsPath, Community, Prefix, Route, View
from peerlint.observe import (
    Coverage,
    Observation,
    Observations,
    SessionCounts,
    SessionSource,
    sighting,
)
from peerlint.profiles import shipped_profile

PEERINGS: Final = 20
SESSIONS: Final = 10
PREFIXES: Final = 250
RESULTS: Final = Path(__file__).parent / "results"
#: Benchmarking space (RFC 2544) for prefixes, shared space for sessions.
_FIRST: Final = int(IPv4Address("198.18.0.0"))
_LINKS: Final = int(IPv4Address("192.0.2.0"))


def main() -> None:
    """Time the engine once and print processor seconds and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--save", action="store_true", help="write results/DATE-engine.json")
    save = parser.parse_args().save
    inventory = _inventory()
    observations = _observations(inventory)
    profiles = {peering.name: shipped_profile("maps") for peering in inventory.peerings}
    before = _peak()
    start = time.process_time()
    report = engine.check(
        inventory,
        observations,
        profiles,
        now=datetime(2026, 11, 21, tzinfo=UTC),
        version=peerlint.__version__,
        kernel="python",
    )
    result = {
        "routes": sum(
            len(one.observations) for each in observations.sessions.values() for one in each
        ),
        "prefixes": len(report.prefixes),
        "findings": len(report.findings),
        "seconds": round(time.process_time() - start, 2),
        "mib_before": before,
        "mib_more": _peak() - before,
        "python": platform.python_version(),
    }
    print(json.dumps(result, indent=2))
    if save:
        path = RESULTS / f"{datetime.now(UTC).date()}-engine.json"
        path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def _inventory() -> Inventory:
    return Inventory(
        tuple(_peering(number) for number in range(PEERINGS)), lab=Lab(frozenset(ALLOWABLE))
    )


def _peering(number: int) -> Peering:
    connections = []
    for session in range(SESSIONS):
        at = IPv4Address(_LINKS + (2 * (number * SESSIONS + session)) % 256)
        connections.append(
            Connection(
                f"c{number}-{session}",
                f"edge{number}-{session}",
                Role.PRIMARY,
                100_000,
                "Active",
                (Session(at + 1, at),),
            )
        )
    registered = tuple(
        RegisteredPrefix(str(_prefix(number * PREFIXES + each)), f"prefix-{each}", Asn(64501))
        for each in range(PREFIXES)
    )
    return Peering(
        f"contoso-{number}",
        "maps",
        Asn(64500),
        f"metro {number}",
        connections=tuple(connections),
        registered_prefixes=registered,
    )


def _prefix(number: int) -> Prefix:
    """Return a /28: 198.18.0.0/15 has 8,192 of them."""
    return Prefix(4, _FIRST + 16 * number, 28)


def _observations(inventory: Inventory) -> Observations:
    criteria = engine.criteria_of(shipped_profile("maps"), inventory)
    path = AsPath.parse("64500 64501")
    communities = frozenset({Community.parse("8075:8007")})
    prefixes = [_prefix(number) for number in range(PEERINGS * PREFIXES)]
    sessions = {}
    for place in inventory.sessions:
        seen = sighting(place, View.RECEIVED)
        routes = (
            Route(prefix=prefix, path=path, communities=communities, next_hop=place.session.peer)
            for prefix in prefixes
        )
        observations = tuple(Observation.of(seen, route, criteria, "rib", 0) for route in routes)
        counts = SessionCounts(len(observations), len(observations))
        source = SessionSource("rib", View.RECEIVED, Coverage.COMPLETE, counts, observations)
        sessions[place.id] = (source,)
    return Observations((), sessions)


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


if __name__ == "__main__":
    main()
