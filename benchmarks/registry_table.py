"""`python -m benchmarks.registry_table`: build a registry file, open it, and ask it about routes.

The registry has 900,000 VRPs and 2 million route objects, made with a seed. The states of a million
routes are asked in the order of prefixes, in that of a RIB, where each prefix has routes of several
peers, and in any order; if pytricia is installed, also in the loop
that a user would write with it, whose states have to be the same. Times are seconds of
processor time of this process.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from functools import partial
from importlib import import_module
from pathlib import Path
from socket import AF_INET, AF_INET6
from typing import Any, Final, TypeVar

import numpy as np

from benchmarks.registry_columns import NOW, Maker, Routes
from benchmarks.ris_live import interpreter_speed
from peerlint.feeds.registry_file import build_registry, open_registry
from peerlint.registry import OriginState, Registry, VrpColumns

Value = TypeVar("Value")
#: The routes of one prefix in a RIB.
PEERS: Final = 20
#: The aims: seconds of a build, octets of a file, milliseconds of opening, and the loop's ratio.
AIMS: Final = {
    "build_seconds": 60,
    "octets_of_the_file": 120_000_000,
    "open_ms": 50,
    "ratio_of_a_rib": 25,
}
#: The names of the trees, by family.
_FAMILIES: Final = {4: (32, AF_INET), 6: (128, AF_INET6)}


def timed(run: Callable[[], Value], times: int = 1) -> tuple[float, Value]:
    """Return the least seconds of processor time of some runs, and the result of the last."""
    took = []
    for _ in range(times):
        start = time.process_time()
        value = run()
        took.append(time.process_time() - start)
    return min(took), value


class Loop:
    """Origin validation as a user writes it with pytricia: a tree for each family, and a loop."""

    def __init__(self, pytricia: Any) -> None:  # noqa: ANN401  # it has no types
        """Make empty trees."""
        self._trees = {
            family: pytricia.PyTricia(*arguments) for family, arguments in _FAMILIES.items()
        }

    def fill(self, vrps: VrpColumns) -> None:
        """Add VRPs, of which none has expired."""
        for prefix, asn, longest in zip(
            map(str, vrps.prefixes), vrps.asn.tolist(), vrps.max_length.tolist(), strict=True
        ):
            tree = self._trees[6 if ":" in prefix else 4]
            if tree.has_key(prefix):
                tree[prefix].append((asn, longest))
            else:
                tree[prefix] = [(asn, longest)]

    def states(self, prefixes: list[tuple[str, int]], origins: list[int]) -> list[int]:
        """Return the state of each route."""
        return [self._state(*each, origin) for each, origin in zip(prefixes, origins, strict=True)]

    def _state(self, prefix: str, length: int, origin: int) -> int:
        tree = self._trees[6 if ":" in prefix else 4]
        key = tree.get_key(prefix)
        if key is None:
            return OriginState.NOT_FOUND
        while key is not None:
            for asn, longest in tree[key]:
                if asn == origin and length <= longest and asn:
                    return OriginState.VALID
            key = tree.parent(key)
        return OriginState.INVALID


def compared(registry: Registry, vrps: VrpColumns, orders: dict[str, Routes]) -> dict[str, float]:
    """Return the figures of the loop over pytricia, which gets the routes as texts.

    Args:
        registry: the registry, whose states the loop has to give.
        vrps: its VRPs.
        orders: routes by the name of their order.

    Raises:
        ValueError: a state differs.
    """
    try:
        pytricia = import_module("pytricia")  # optional, and without types
    except ImportError:
        print("pytricia is not installed: no loop to compare with")
        return {}
    loop = Loop(pytricia)
    filled, _ = timed(lambda: loop.fill(vrps))
    found = {"pytricia_fill_seconds": filled}
    for order, routes in orders.items():
        prefixes = [(str(each), each.length) for each in routes.prefixes]
        origins = routes.origins.tolist()
        seconds, states = timed(partial(loop.states, prefixes, origins))
        if states != registry.judge(routes.prefixes, routes.origins).tolist():
            raise ValueError("the loop over pytricia gives other states")
        found[f"pytricia_{order}_seconds"] = seconds
    return found


def measured(arguments: argparse.Namespace, path: Path) -> dict[str, float]:
    """Return the figures."""
    maker = Maker(arguments.seed)
    inputs, routes = maker.inputs(arguments.vrps, arguments.objects), maker.routes(arguments.routes)
    random = np.random.default_rng(arguments.seed)
    orders = {
        # One route for each prefix, and the order of a RIB, with a route of each peer.
        "in_order": routes,
        "of_a_rib": maker.rib(routes, PEERS),
        "in_any_order": routes.take(random.permutation(len(routes.origins))),
    }
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    build, octets = timed(lambda: build_registry(inputs, path))
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    opened, registry = timed(lambda: open_registry(path, now=NOW * 1_000_000), 5)
    first, _ = timed(lambda: registry.validity("203.0.113.0/24", 64500))
    took = {
        order: timed(partial(registry.judge, each.prefixes, each.origins), 3)
        for order, each in orders.items()
    }
    objects, _ = timed(lambda: registry.judge_route_objects(routes.prefixes, routes.origins), 3)
    counts = np.bincount(took["in_order"][1], minlength=len(OriginState)).tolist()
    found: dict[str, float] = {
        "vrps": arguments.vrps,
        "route_objects": arguments.objects,
        "routes": len(routes.origins),
        **{state.name.lower(): counts[state] for state in OriginState},
        "build_seconds": build,
        "columns_mib": before / 1024,
        "build_peak_mib": after / 1024,
        "octets_of_the_file": octets,
        "open_ms": opened * 1e3,
        "first_answer_ms": first * 1e3,
        **{f"routes_{order}_seconds": seconds for order, (seconds, _) in took.items()},
        "route_objects_in_order_seconds": objects,
    }
    found |= compared(registry, inputs.vrps[0], orders)
    for order, (seconds, _) in took.items():
        if f"pytricia_{order}_seconds" in found:
            found[f"ratio_{order}"] = found[f"pytricia_{order}_seconds"] / seconds
    return found


def main() -> None:
    """Print how long a build and questions take."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.registry_table", description=__doc__
    )
    parser.add_argument("--vrps", type=int, default=900_000)
    parser.add_argument("--objects", type=int, default=2_000_000, help="route objects")
    parser.add_argument("--routes", type=int, default=1_000_000, help="routes to ask about")
    parser.add_argument(
        "--loop", type=int, default=100_000, help="how many pytricia is asked about"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", action="store_true", help="keep the figures in results/")
    arguments = parser.parse_args()
    speed = interpreter_speed()
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"Python {version}: {speed:.1f} ns for an addition in a loop")
    with tempfile.TemporaryDirectory() as folder:
        found = measured(arguments, Path(folder) / "registry.peerlint")
    for name, value in found.items():
        aim = f"   the aim is {AIMS[name]:,}" if name in AIMS else ""
        print(f"{name:<32}{round(value, 3):>14,}{aim}")
    if arguments.save:
        rounded = {name: round(value, 3) for name, value in found.items()}
        result = {**rounded, "nanoseconds_of_an_addition": round(speed, 1), "python": version}
        name = f"{date.today()}-registry-table.json"  # noqa: DTZ011  # of the machine
        (Path(__file__).parent / "results" / name).write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
