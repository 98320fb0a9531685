"""`python -m benchmarks.scan_registry [DUMP]`: a scan with registry data against a plain one.

The registry has 900,000 VRPs and 2 million route objects, made with a seed, and beside them a VRP
and a route object of half of the prefixes of the dump, of which a tenth have another origin. Both
scans count routes only, at a time at which some VRPs have expired, each in processes of its own, in
turn, start-up included. What counts is the median of the ratios of a scan with registry data to the
plain one right before it: other work on the machine then disturbs both.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from statistics import median
from typing import Final

import attrs
import numpy as np

from benchmarks.make_dumps import make_dump
from benchmarks.registry_columns import NOW, Maker
from benchmarks.ris_live import interpreter_speed
from peerlint import scan
from peerlint.feeds.registry_file import build_registry
from peerlint.registry import Prefixes, RegistryInputs, RouteColumns, VrpColumns

#: The ratio of the processor times that is the aim.
AIM: Final = 1.15
#: How many seconds after the build the registry is asked.
_LATER: Final = 43_200
_COLUMNS: Final = ("family", "prefix_hi", "prefix_lo", "length")


def with_routes_of(dump: str, inputs: RegistryInputs, seed: int) -> RegistryInputs:
    """Add VRPs and route objects of half of the prefixes of a dump."""
    parts = []
    for batch in scan(dump):
        is_first = np.ones(len(batch), np.bool_)
        is_first[1:] = batch.rows["record"][1:] != batch.rows["record"][:-1]
        parts.append(batch.rows[is_first & (batch.rows["origin"] > 0)])
    rows = np.concatenate(parts)
    random = np.random.default_rng(seed)
    rows = rows[random.random(len(rows)) < 0.5]  # half
    prefixes = Prefixes(*(np.ascontiguousarray(rows[name]) for name in _COLUMNS))
    is_other = random.random(len(rows)) < 0.1  # a tenth
    origins = np.where(is_other, rows["origin"] ^ 1, rows["origin"]).astype(np.uint32)
    (vrps,), (routes,) = inputs.vrps, inputs.routes
    none = np.zeros(len(rows), np.uint8)
    more_vrps = VrpColumns(
        prefixes,
        prefixes.length,
        origins,
        none,
        np.full(len(rows), NOW + 86_400, np.int64),
        vrps.sources,
    )
    more_routes = RouteColumns(
        prefixes,
        origins,
        none,
        np.full(len(rows), NOW - 86_400, np.int64),
        np.ones(len(rows), np.bool_),
        routes.sources,
    )
    return attrs.evolve(inputs, vrps=(vrps, more_vrps), routes=(routes, more_routes))


def timed(arguments: Sequence[str]) -> tuple[float, float]:
    """Return the processor time and the time of a run of the program, in seconds."""
    before, start = os.times(), time.perf_counter()
    command = [sys.executable, "-m", "peerlint", "scan", *arguments, "--quiet"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    used = after.children_user + after.children_system
    return used - before.children_user - before.children_system, time.perf_counter() - start


def measured(dump: str, registry: str, runs: int) -> dict[str, float]:
    """Return the median times of both scans, and those of the ratios of each turn."""
    now = datetime.fromtimestamp(NOW + _LATER, UTC).isoformat()
    scans = {"plain": [dump], "registry": [dump, "--registry", registry, "--now", now]}
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in scans}
    for _ in range(runs):
        for name, arguments in scans.items():
            times[name].append(timed(arguments))
    found: dict[str, float] = {}
    for place, kind in enumerate(("cpu", "wall")):
        of_kind = {name: [each[place] for each in times[name]] for name in scans}
        found |= {f"{name}_{kind}_seconds": median(of_kind[name]) for name in scans}
        pairs = zip(of_kind["registry"], of_kind["plain"], strict=True)
        ratios = [with_data / plain for with_data, plain in pairs]
        found |= {
            f"{kind}_ratio": median(ratios),
            f"least_{kind}_ratio": min(ratios),
            f"greatest_{kind}_ratio": max(ratios),
        }
    return found


def main() -> None:
    """Print how long both scans take."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scan_registry", description=__doc__)
    parser.add_argument("dump", nargs="?", help="an MRT dump; without it, one is made")
    parser.add_argument("--prefixes", type=int, default=100_000, help="of the dump that is made")
    parser.add_argument("--vrps", type=int, default=900_000)
    parser.add_argument("--objects", type=int, default=2_000_000, help="route objects")
    parser.add_argument("--runs", type=int, default=9, help="of each scan; medians count")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--save", action="store_true", help="keep the figures in results/")
    arguments = parser.parse_args()
    speed = interpreter_speed()
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"Python {version}: {speed:.1f} ns for an addition in a loop")
    with tempfile.TemporaryDirectory() as folder:
        dump, registry = arguments.dump, str(Path(folder) / "registry.peerlint")
        if dump is None:
            dump = str(Path(folder) / "seeded.mrt.gz")
            make_dump(Path(dump), prefixes=arguments.prefixes, peers=30)
        made = Maker(arguments.seed).inputs(arguments.vrps, arguments.objects)
        build_registry(with_routes_of(dump, made, arguments.seed), registry)
        found = measured(dump, registry, arguments.runs)
    for name, value in found.items():
        aim = f"   the aim is {AIM}" if name == "cpu_ratio" else ""
        print(f"{name:<24}{value:>10.3f}{aim}")
    if arguments.save:
        rounded = {name: round(value, 3) for name, value in found.items()}
        result = {**rounded, "nanoseconds_of_an_addition": round(speed, 1), "python": version}
        name = f"{date.today()}-scan-registry.json"  # noqa: DTZ011  # of the machine
        (Path(__file__).parent / "results" / name).write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
