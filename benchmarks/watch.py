"""`python -m benchmarks.watch [PART ...] [--small] [--save]`: what `peerlint watch` costs.

The inventory has 8 sessions with 5,000 prefixes each, or with --small 2 with 50. Parts:

- `changes`: changed routes that a monitor takes and evaluates in a second of processor time. In the
  first round every route has a path that it never had before; in the second one it has the one
  before that, so that results are known.
- `memory`: memory of a process that has all routes (peak RSS).
- `start`: seconds from the start of the program, with 1,000 open alerts in its state file, to the
  moment when it listens.
- `latency`: a router sends 5,000 updates a second by BMP, of which one in a hundred changes a
  state; the time from the arrival of an update to the moment when its transition is committed, as
  median and 99th percentile.

Times that are no processor time depend on what else the machine does.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Final

import attrs

from benchmarks.bmp_results import save
from benchmarks.watch_inventory import good_route, warned_route, write_inventory
from benchmarks.watch_latency import latencies
from benchmarks.watch_monitor import changes_per_second, peak_memory
from benchmarks.watch_start import seconds_to_start


@attrs.frozen
class Size:
    """How much is measured.

    Attributes:
        prefixes: the number of prefixes.
        sessions: the number of sessions, each with all prefixes.
        alerts: the number of open alerts in the state file.
        changes: the number of changes that are timed.
        rate: the number of updates a second.
        seconds: for how many seconds they are sent.
    """

    prefixes: int = 5_000
    sessions: int = 8
    alerts: int = 1_000
    changes: int = 20_000
    rate: int = 5_000
    seconds: int = 10


_SMALL: Final = Size(prefixes=50, sessions=2, alerts=20, changes=200, rate=200, seconds=2)
Result = dict[str, float]
Part = Callable[[Path, Size], Result]


def main() -> None:
    """Measure the parts, and print the results."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.watch", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", default=[*_PARTS])
    parser.add_argument("--small", action="store_true", help="only see that it runs")
    parser.add_argument("--save", action="store_true", help="write results/DATE-watch.json")
    arguments = parser.parse_args()
    size = _SMALL if arguments.small else Size()
    found: Result = {}
    with tempfile.TemporaryDirectory() as folder:
        inventory = write_inventory(Path(folder), size.prefixes, size.sessions)
        for part in arguments.parts:
            for label, value in _alone(_PARTS[part], inventory, size).items():
                found[label] = value
                print(f"{label:<60}{value:>12,.1f}")
    if arguments.save:
        save("watch", {**attrs.asdict(size), "results": found})


def _alone(part: Part, inventory: Path, size: Size) -> Result:
    """Measure a part in a process of its own: the objects of one part slow the next one down."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=context) as processes:
        return processes.submit(part, inventory, size).result()


def _changes(inventory: Path, size: Size) -> Result:
    found: Result = {}
    for what, route_of in (("that comply", good_route), ("with a warning", warned_route)):
        new, known = changes_per_second(
            inventory, size.prefixes, size.sessions, size.changes, route_of
        )
        found[f"changes {what}, a second (aim: 20,000)"] = new
        found[f"changes {what}, with known results"] = known
    return found


def _memory(inventory: Path, size: Size) -> Result:
    found = peak_memory(inventory, size.prefixes, size.sessions)
    return {"memory with all routes, MB (aim: below 200)": found}


def _start(inventory: Path, size: Size) -> Result:
    return {"start, s (aim: 3)": seconds_to_start(inventory, size.alerts)}


def _latency(inventory: Path, size: Size) -> Result:
    half, most, count = latencies(inventory, size.prefixes, size.sessions, size.rate, size.seconds)
    return {
        "committed transitions": count,
        "from arrival to commit, median, ms": half,
        "from arrival to commit, 99th percentile, ms (aim: below 50)": most,
    }


_PARTS: Final[dict[str, Part]] = {
    "changes": _changes,
    "memory": _memory,
    "start": _start,
    "latency": _latency,
}

if __name__ == "__main__":
    main()
