"""`python -m benchmarks.rov_states`: the states of routes by another program, rov 0.6.0.

Both read the same files, made with a seed: a dump of an IRR, and VRPs in JSON, some of which have
expired, are of AS 0, or have a maximum length that no prefix can have. Pairs of a prefix and an
origin are then asked about: prefixes of the files, their parents and children, and any others. Each
difference has to have a reason below; any other ends the program with status 1. Times are seconds
of processor time.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import redirect_stderr
from importlib import import_module
from io import BytesIO, StringIO
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final

import attrs

from benchmarks.irr_reader import dump
from peerlint.model import Prefix
from peerlint.registry import OriginState, Prefixes, Registry, RouteObjectState
from peerlint.registry.dumps import inputs_of
from peerlint.registry.irr import read_irr
from peerlint.registry.rpki import read_vrps

#: 2026-11-30 00:00:00 UTC in seconds.
NOW: Final = 1_796_000_000
_Network = IPv4Network | IPv6Network
#: Why rov gives another state for VRPs, by the name of the reason.
REASONS: Final = {
    "expired": "rov counts VRPs that have expired",
    "AS 0": "rov takes AS 0 for an origin, which no route can have (RFC 6483 section 4)",
    "maximum length": "rov counts a VRP whose maximum length is less than its prefix's",
}
_VRP_STATES: Final = {
    "NotFound": OriginState.NOT_FOUND,
    "Valid": OriginState.VALID,
    "Invalid": OriginState.INVALID,
    "Invalid,more-specific": OriginState.INVALID,
}
_OBJECT_STATES: Final = {
    "NotFound": RouteObjectState.NOT_FOUND,
    "Valid": RouteObjectState.EXACT,
    "Invalid": RouteObjectState.OTHER_ORIGIN,
    "Invalid,more-specific": RouteObjectState.COVERING,
}


@attrs.frozen
class Roa:
    """A VRP as it is in the file.

    Attributes:
        prefix: its prefix.
        asn: its AS.
        longest: its maximum length.
        expires: when it expires, in seconds since 1970.
    """

    prefix: _Network
    asn: int
    longest: int
    expires: int

    @property
    def reason(self) -> str | None:
        """Why rov reads it in another way; None if it does not."""
        if self.expires < NOW:
            return "expired"
        if self.asn == 0:
            return "AS 0"
        return "maximum length" if self.longest < self.prefix.prefixlen else None


def roas(chooser: random.Random, prefixes: list[_Network], count: int) -> Iterator[Roa]:
    """Yield VRPs: half of them for prefixes that are in the dump, and a few odd ones."""
    for _ in range(count):
        prefix = chooser.choice(prefixes)
        if chooser.random() < 0.5:
            prefix = _near(chooser, prefix)
        bits = prefix.max_prefixlen
        longest = min(bits, prefix.prefixlen + chooser.choice((0, 0, 0, 1, 2, 4)))
        kind = chooser.random()
        expires = NOW - 3600 if kind < 0.02 else NOW + 86_400
        asn = 0 if 0.02 < kind < 0.04 else chooser.randrange(1, 400_000)
        if 0.04 < kind < 0.06:
            longest = max(0, prefix.prefixlen - 1)
        yield Roa(prefix, asn, longest, expires)


def _near(chooser: random.Random, prefix: _Network) -> _Network:
    """Return a parent or a child of a prefix."""
    if chooser.random() < 0.5 and prefix.prefixlen > 8:
        return prefix.supernet(chooser.randrange(1, 5))
    more = min(prefix.max_prefixlen - prefix.prefixlen, chooser.randrange(1, 5))
    child = ip_network((prefix.network_address, prefix.prefixlen + more))
    step = chooser.randrange(1 << more) << child.max_prefixlen - child.prefixlen
    return ip_network((child.network_address + step, child.prefixlen))


def pairs(
    chooser: random.Random, known: list[tuple[_Network, int]], count: int
) -> Iterator[tuple[_Network, int]]:
    """Yield prefixes with origins; a third of them as a record has them."""
    for _ in range(count):
        prefix, asn = chooser.choice(known)
        if chooser.random() < 0.5:
            prefix = _near(chooser, prefix)
        elif chooser.random() < 0.1:
            prefix = ip_network((chooser.getrandbits(24) << 8, 24))
        kind = chooser.random()
        if kind < 0.3:
            asn = chooser.randrange(1, 400_000)
        yield prefix, 0 if kind > 0.98 else asn


def rov_states(rov: Any, wanted: list[tuple[_Network, int]]) -> tuple[list[tuple[int, int]], float]:  # noqa: ANN401  # it has no types
    """Return what rov says of VRPs and of route objects, and the seconds that it takes."""
    texts = [(str(prefix), asn) for prefix, asn in wanted]
    start = time.process_time()
    answers = [rov.check(*each) for each in texts]
    took = time.process_time() - start
    return [
        (_VRP_STATES[each["rpki"]["status"]], _OBJECT_STATES[each["irr"]["status"]])
        for each in answers
    ], took


def reasons(odd: list[Roa], prefix: _Network) -> set[str]:
    """Return why rov may give another state of a prefix."""
    return {
        str(each.reason)
        for each in odd
        if each.prefix.version == prefix.version and prefix.subnet_of(each.prefix)  # type: ignore[arg-type]  # of one version
    }


def compared(arguments: argparse.Namespace, folder: Path) -> bool:
    """Print the differences by their reasons; return whether each has one."""
    chooser = random.Random(arguments.seed)  # noqa: S311  # reproducible, not secret
    octets = dump(arguments.objects, arguments.seed)
    (folder / "irr").mkdir()
    (folder / "irr" / "made.db.gz").write_bytes(gzip.compress(octets, 1))
    irr = read_irr(BytesIO(octets), "made.db")
    routes = irr.routes
    known = [
        (ip_network(str(prefix)), asn)
        for prefix, asn in zip(routes.prefixes, routes.origin.tolist(), strict=True)
    ]
    made = [*roas(chooser, [prefix for prefix, _ in known], arguments.vrps)]
    (folder / "rpki").mkdir()
    file = folder / "rpki" / "vrps.json"
    entries = [
        {"asn": each.asn, "prefix": str(each.prefix), "maxLength": each.longest,
         "ta": "made", "expires": each.expires}
        for each in made
    ]  # fmt: skip
    file.write_text(json.dumps({"roas": entries}))
    with file.open("rb") as opened:
        vrps = read_vrps(opened, file.name, NOW * 1_000_000)
    registry = Registry.of(inputs_of(NOW * 1_000_000, irr=[irr], vrps=[vrps]))
    wanted = [*pairs(chooser, known + [(each.prefix, each.asn) for each in made], arguments.pairs)]
    prefixes, origins = [str(prefix) for prefix, _ in wanted], [asn for _, asn in wanted]
    columns = Prefixes.of(map(Prefix.parse, prefixes))
    start = time.process_time()
    ours = registry.judge(columns, origins).tolist()
    took = time.process_time() - start
    objects = registry.judge_route_objects(prefixes, origins).tolist()
    with redirect_stderr(StringIO()):
        rov = import_module("rov").ROV([], [], [], f"{folder}/irr/", f"{folder}/rpki/", "")
        rov.load_irr()
        rov.load_rpki()
    theirs, their_time = rov_states(rov, wanted)
    odd = [each for each in made if each.reason is not None]
    differences: Counter[str] = Counter()
    unexplained = []
    for (prefix, asn), vrp_state, object_state, (their_vrp, their_object) in zip(
        wanted, ours, objects, theirs, strict=True
    ):
        if object_state != their_object:
            unexplained.append(f"{prefix} AS{asn}: route objects {object_state} {their_object}")
        if vrp_state == their_vrp:
            continue
        found = reasons(odd, prefix)
        differences.update(found)
        if not found:
            unexplained.append(f"{prefix} AS{asn}: VRPs {vrp_state} {their_vrp}")
    print(f"{len(wanted):,} pairs: {_counted(Counter(map(OriginState, ours)))}")
    print(f"route objects: {_counted(Counter(map(RouteObjectState, objects)))}")
    print(f"rov's check {their_time:.3f} s, judge of columns {took:.3f} s (VRPs alone)")
    for name, count in differences.items():
        print(f"{count:>8,}  {REASONS[name]}")
    print(f"{len(unexplained):>8,}  without a reason")
    for each in unexplained[:20]:
        print(f"          {each}")
    return not unexplained


def _counted(states: Counter[Any]) -> str:
    return ", ".join(f"{count:,} {state.name}" for state, count in states.most_common())


def main() -> int:
    """Compare, if rov is installed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.rov_states", description=__doc__)
    parser.add_argument("--objects", type=int, default=200_000, help="objects of the IRR")
    parser.add_argument("--vrps", type=int, default=50_000)
    parser.add_argument("--pairs", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=15)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        return int(not compared(arguments, Path(folder)))


if __name__ == "__main__":
    sys.exit(main())
