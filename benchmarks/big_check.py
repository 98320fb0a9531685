"""`python -m benchmarks.big_check [--paths N] [--peerings N] [--save]`: a big partner's check.

There are 20 peerings with 10 sessions each and 5,000 registered prefixes. Each prefix is announced
on all 200 sessions, with the session's own next hop: this is a RIB of a million routes. The
benchmark times everything that `peerlint check` does: it reads the inventory and the dump,
evaluates the rules, and renders the report as text.
"""

from __future__ import annotations

import argparse
import json
import platform
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

import peerlint
from peerlint.model import Prefix, Route
from peerlint.report.text import render_text
from peerlint.testing.dumps import RibDump, route_attributes
from peerlint.wire.attributes import Form, encode_attributes

SESSIONS: Final = 10
PREFIXES: Final = 250
RESULTS: Final = Path(__file__).parent / "results"
#: Benchmarking space (RFC 2544) for prefixes, and its last part for sessions.
_FIRST: Final = int(IPv4Address("198.18.0.0"))
_LINKS: Final = int(IPv4Address("198.19.252.0"))
_ASN: Final = 64500
#: ASes for documentation (RFC 5398), that customers' prefixes come from.
_CUSTOMERS: Final = range(65536, 65552)


def main() -> None:
    """Time one check and print seconds of both clocks and peak memory."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--save", action="store_true", help="write results/DATE-big-check-N-paths.json"
    )
    parser.add_argument("--peerings", type=int, default=20, help="each with 10 sessions")
    parser.add_argument("--paths", type=int, default=16, help="AS paths per session, 256 at most")
    parser.add_argument("--make", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.make is not None:
        _make(arguments.make, arguments.peerings, arguments.paths)
        return
    with tempfile.TemporaryDirectory() as folder:
        # In a process of its own: what it takes to make a dump is not to be measured.
        options = ["--peerings", str(arguments.peerings), "--paths", str(arguments.paths)]
        make = [sys.executable, "-m", "benchmarks.big_check", "--make", folder, *options]
        subprocess.run(make, check=True)
        result = {"paths": arguments.paths, **_timed(Path(folder) / "peering.toml")}
    print(json.dumps(result, indent=2))
    if arguments.save:
        path = RESULTS / f"{datetime.now(UTC).date()}-big-check-{arguments.paths}-paths.json"
        path.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


def _timed(path: Path) -> dict[str, object]:
    start = _clocks()
    inventory = peerlint.load_inventory(path)
    loaded = read = _clocks()

    def note(_: object) -> None:
        nonlocal read
        read = _clocks()

    report = peerlint.check(inventory, on_chunk=note)
    checked = _clocks()
    text = render_text(report)
    rendered = _clocks()
    return {
        "routes": report.sources[0].quality.entries,
        "sessions": len(report.matrix().sessions),
        "prefixes": len(report.prefixes),
        "findings": len(report.findings),
        "lines": text.count("\n"),
        "seconds": _between(start, rendered)[0],
        "cpu": _between(start, rendered)[1],
        "cpu_of": {
            "load": _between(start, loaded)[1],
            "read": _between(loaded, read)[1],
            "evaluate": _between(read, checked)[1],
            "render": _between(checked, rendered)[1],
        },
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "kernel": report.kernel,
        "python": platform.python_version(),
    }


def _clocks() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def _between(one: tuple[float, float], other: tuple[float, float]) -> tuple[float, float]:
    return round(other[0] - one[0], 2), round(other[1] - one[1], 2)


# -- what is checked


def _make(folder: Path, peerings: int, paths: int) -> None:
    """Write an inventory and its dump."""
    text = ['ribs = ["rib.mrt"]\n[lab]\nallow = ["documentation", "benchmarking"]\nmax_age = "off"']
    for number in range(peerings):
        text += _peering(number)
    (folder / "peering.toml").write_text("\n".join(text) + "\n", encoding="utf-8")
    (folder / "rib.mrt").write_bytes(_rib(peerings, paths))


def _peering(number: int) -> Iterator[str]:
    yield f'[[peering]]\nname = "contoso-{number}"\nprofile = "maps"\nasn = {_ASN}'
    yield f'location = "metro {number}"'
    for each in range(SESSIONS):
        own = _address(number * SESSIONS + each)
        yield f'[[peering.connection]]\nname = "c{number}-{each}"\nrouter = "edge{number}-{each}"'
        yield 'bandwidth = "100G"\nstate = "Active"\n[[peering.connection.session]]'
        yield f'peer = "{own}"\nmicrosoft = "{own + 1}"'
    for each in range(PREFIXES):
        prefix = _prefix(number * PREFIXES + each)
        yield f'[[peering.registered_prefix]]\nprefix = "{prefix}"\nname = "sbc-{number}-{each}"'


def _rib(peerings: int, paths: int) -> bytes:
    rib = RibDump()
    peers = [
        (rib.peer(str(_address(each)), _ASN), [_octets(each, path) for path in range(paths)])
        for each in range(peerings * SESSIONS)
    ]
    for number in range(peerings * PREFIXES):
        for peer, attribute_sets in peers:
            rib.entry(peer, _prefix(number), attribute_sets[number % paths])
    return rib.octets()


def _octets(session: int, path: int) -> bytes:
    """Return the attributes of a route with a path of its own."""
    customer, second = path % len(_CUSTOMERS), path // len(_CUSTOMERS)
    customers = str(_CUSTOMERS[customer])
    if second:  # another AS, or it would be prepending
        customers += f" {_CUSTOMERS[(customer + second) % len(_CUSTOMERS)]}"
    route = Route.parse(
        f"{_prefix(0)} path {_ASN} {customers} community 8075:8007 next-hop {_address(session)}"
    )
    return encode_attributes(route_attributes(route, in_rib=True), Form(in_rib=True))


def _prefix(number: int) -> Prefix:
    """Return a /28: the space for benchmarks has 8,192 of them."""
    return Prefix(4, _FIRST + 16 * number, 28)


def _address(session: int) -> IPv4Address:
    return IPv4Address(_LINKS + 2 * session)


if __name__ == "__main__":
    main()
