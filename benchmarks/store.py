"""`python -m benchmarks.store [--rate N] [--seconds N]`: saves of a watch, until they are on disk.

A paced producer saves changes at a rate, as a monitor does: most saves have a transition, some an
alert with a notice. The time of a save is that from the call to the end of its commit, with
`synchronous=FULL`, in the folder that is given. A second run is not paced, and says how many saves
a second are possible with a bounded number that is not committed yet. A third one only writes two
pages to the same disk again and again, and synchronises them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections import deque
from concurrent.futures import Future
from datetime import date
from pathlib import Path
from typing import Final

from benchmarks.ris_live import interpreter_speed
from peerlint.monitor.alerts import Affected, Alert, Cause, Notice, NoticeKind
from peerlint.monitor.transitions import Transition, TransitionKind
from peerlint.results import Severity
from peerlint.service.store import Store, open_store

#: 2026-11-24 00:00:00 UTC in microseconds.
START: Final = 1_795_478_400_000_000
#: Milliseconds that 99 of 100 saves should take at most.
AIM: Final = 50.0
#: One save of so many has an alert and a notice.
ALERTS: Final = 10
#: Saves that are not committed yet, at most, in the run without a pace.
AHEAD: Final = 5_000
_PAGE: Final = 4096
_PLACES: Final = 100
_SYNCS: Final = 2_000
_SINKS: Final = ("jsonl:alerts.jsonl", "webhook:https://noc.example/")


def disk(folder: Path) -> list[float]:
    """Return the seconds of writing and synchronising two pages of a file, sorted.

    It is what a commit cannot do without, and says how busy the disk and the machine are.
    """
    took: list[float] = []
    descriptor = os.open(folder / "pages", os.O_RDWR | os.O_CREAT, 0o600)
    os.write(descriptor, b"x" * 2 * _PAGE * _PLACES)
    os.fsync(descriptor)
    for number in range(_SYNCS):
        start = time.perf_counter()
        os.pwrite(descriptor, b"y" * 2 * _PAGE, number % _PLACES * 2 * _PAGE)
        os.fdatasync(descriptor)
        took.append(time.perf_counter() - start)
        time.sleep(0.002)
    os.close(descriptor)
    return sorted(took)


def make_alert(number: int) -> Alert:
    """Return an alert as a check makes it."""
    return Alert(
        id=f"{number:016x}",
        cause=Cause("route.missing", "contoso-ams", f"ams-{number % 8}", "203.0.113.0/24"),
        severity=Severity.ERROR,
        title=f"203.0.113.0/24 is missing on ams-{number % 8}",
        reason="the session announces no route for the prefix, which is registered; " * 4,
        fix="announce the prefix on every session of the peering; " * 2,
        portal=("Prefix is not received from the peer",),
        events=("PrefixWithdrawalEvent",),
        affected=tuple(Affected("203.0.113.0/24", f"ams-{each}") for each in range(4)),
        evidence=("withdrawn at 2026-11-24 00:00:00 by 192.0.2.1",) * 3,
        basis=("001", "002"),
        first_seen=START + number,
        opened=START + number,
        last_seen=START + number,
        link=f"#alert-{number:016x}",
    )


def save(store: Store, number: int) -> Future[None]:
    """Save one change."""
    transition = Transition(
        START + number,
        TransitionKind.CELL,
        "ok",
        "missing",
        "contoso-ams",
        "203.0.113.0/24",
        f"ams-{number % 8}",
    )
    if number % ALERTS:
        return store.save((), (), (transition,))
    alert = make_alert(number)
    notice = Notice(1, NoticeKind.OPENED, alert.opened, alert)
    return store.save((alert,), (notice,), (transition,))


def paced(store: Store, rate: int, seconds: float) -> list[float]:
    """Save at a rate, and return the seconds that each save took, sorted."""
    took: list[float] = []
    count, start = int(rate * seconds), time.perf_counter()
    last: Future[None] | None = None
    for number in range(count):
        due = start + number / rate
        # Later than the end of the sleep is no pause of the store's: the time counts from `due`.
        while (wait := due - time.perf_counter()) > 0:
            time.sleep(min(wait, 0.001))
        last = save(store, number)
        last.add_done_callback(lambda _, due=due: took.append(time.perf_counter() - due))  # type: ignore[misc]
    if last is not None:
        last.result()
    return sorted(took)


def unpaced(store: Store, seconds: float) -> float:
    """Save as fast as possible, and return the saves in a second."""
    waiting: deque[Future[None]] = deque()
    start, number = time.perf_counter(), 0
    while time.perf_counter() - start < seconds:
        waiting.append(save(store, 1_000_000_000 + number))
        number += 1
        if len(waiting) > AHEAD:
            waiting.popleft().result()
    waiting[-1].result()
    return number / (time.perf_counter() - start)


def main() -> None:
    """Print the saves in a second, and how long a save takes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__)
    parser.add_argument("--rate", type=int, default=5_000, help="saves in a second")
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--folder", type=Path, help="where the state file is made")
    parser.add_argument("--save", action="store_true", help="keep the figures in results/")
    arguments = parser.parse_args()
    speed = interpreter_speed()
    version = ".".join(map(str, sys.version_info[:3]))
    print(f"Python {version}: {speed:.1f} ns for an addition in a loop")
    with tempfile.TemporaryDirectory(dir=arguments.folder or Path.cwd()) as folder:
        path = Path(folder) / "state.db"
        with open_store(path) as store:
            store.set_sinks(_SINKS).result()
            before = time.process_time()
            took = paced(store, arguments.rate, arguments.seconds)
            cpu = (time.process_time() - before) / len(took)
            fastest = unpaced(store, arguments.seconds / 4)
        octets = path.stat().st_size
        alone = disk(Path(folder))
    found = {
        "saves": len(took),
        "rate": arguments.rate,
        "p50_ms": round(took[len(took) // 2] * 1e3, 2),
        "p99_ms": round(took[len(took) * 99 // 100] * 1e3, 2),
        "longest_ms": round(took[-1] * 1e3, 2),
        "disk_alone_p50_ms": round(alone[len(alone) // 2] * 1e3, 2),
        "disk_alone_p99_ms": round(alone[len(alone) * 99 // 100] * 1e3, 2),
        "cpu_us_a_save": round(cpu * 1e6, 1),
        "unpaced_saves_a_second": round(fastest),
        "octets_of_the_file": octets,
    }
    for name, value in found.items():
        print(f"{name:<26}{value:>14,}")
    print(f"the aim of p99_ms is {AIM:g}")
    if arguments.save:
        result = {**found, "nanoseconds_of_an_addition": round(speed, 1), "python": version}
        name = f"{date.today()}-store.json"  # noqa: DTZ011  # of the machine
        (Path(__file__).parent / "results" / name).write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
