"""`python -m benchmarks.registry_build`: the command that builds a registry file, at full size.

Made with a seed: 2 million route objects (700 MB of RPSL in three files, one of them compressed),
900,000 VRPs in JSON, a delegated file for each RIR and PeeringDB's networks. The command runs in a
process of its own: its processor time, largest memory, and the size of the file that it writes.
Then the file is opened in new processes, from Python's call to the first answer.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Final

from benchmarks.irr_reader import objects
from benchmarks.ris_live import interpreter_speed

#: The aims: seconds on one core, octets of memory and of the file, milliseconds of opening.
AIMS: Final = {"build_seconds": 60, "memory_mb": 500, "file_mb": 120, "open_ms": 50}
NOW: Final = "2026-11-30T12:00:00Z"
#: Objects for each route object: dumps have others too.
_OTHERS: Final = 1.031
_BLOCK: Final = 10_000
_SPLIT: Final = (0.45, 0.45, 0.1)
_RIRS: Final = ("afrinic", "apnic", "arin", "lacnic", "ripencc")
#: Opens a file, and prints the milliseconds until then and until the first answer.
_OPEN: Final = """
import sys, time
from peerlint import Registry
start = time.perf_counter()
registry = Registry.open(sys.argv[1])
opened = time.perf_counter()
registry.validity("203.0.113.0/24", 64500)
registry.origin(64500)
print(1e3 * (opened - start), 1e3 * (time.perf_counter() - opened))
"""


def written_irrs(folder: Path, routes: int, seed: int) -> list[str]:
    """Write dumps of IRRs, and return their names; the last is compressed."""
    made = objects(int(routes * _OTHERS), seed)
    names = ["radb.db", "ripe.db", "other.db.gz"]
    for name, share in zip(names, _SPLIT, strict=True):
        opened = gzip.open if name.endswith(".gz") else open
        with opened(folder / name, "wb") as file:
            left = int(routes * _OTHERS * share)
            while left > 0 and (block := list(islice(made, min(left, _BLOCK)))):
                file.write(("\n".join(block) + "\n").encode())
                left -= len(block)
    return names


def written_vrps(folder: Path, count: int, seed: int) -> list[str]:
    """Write VRPs as rpki-client does, and return the name of the file."""
    chooser = random.Random(seed)  # noqa: S311  # reproducible, not secret
    with (folder / "vrps.json").open("w", encoding="ascii") as file:
        file.write('{"metadata": {"buildtime": "2026-11-30T11:00:00Z"},\n"roas": [\n')
        for number in range(count):
            end = "" if number == count - 1 else ","
            file.write(f"\t{_vrp(chooser)}{end}\n")
        file.write("]}\n")
    return ["vrps.json"]


def _vrp(chooser: random.Random) -> str:
    if chooser.random() < 0.8:
        length = chooser.choice((16, 20, 22, 23, 24, 24, 24))
        address = chooser.getrandbits(length) << 32 - length
        prefix, longest = f"{'.'.join(map(str, address.to_bytes(4)))}/{length}", 24
    else:
        groups = [f"{0x2000 | chooser.getrandbits(12):x}", f"{chooser.getrandbits(16):x}"]
        prefix, length, longest = f"{':'.join(groups)}::/32", 32, 48
    entry = {
        "asn": chooser.randrange(1, 400_000),
        "prefix": prefix,
        "maxLength": chooser.choice((length, longest)) if length <= longest else length,
        "ta": chooser.choice(("afrinic", "apnic", "arin", "lacnic", "ripe")),
        "expires": 1_796_100_000 + chooser.randrange(500_000),
    }
    return json.dumps(entry)


def written_delegated(folder: Path, records: int, seed: int) -> list[str]:
    """Write a delegated file for each RIR, and return their names."""
    chooser = random.Random(seed)  # noqa: S311  # as above
    names = []
    for rir in _RIRS:
        name = f"delegated-{rir}-extended-latest"
        lines = list(_delegations(chooser, rir, records // len(_RIRS)))
        head = f"2|{rir}|20261130|{len(lines)}|19840101|20261130|+0000"
        (folder / name).write_text("\n".join([head, *lines]) + "\n", encoding="ascii")
        names.append(name)
    return names


def _delegations(chooser: random.Random, rir: str, count: int) -> Iterator[str]:
    for number in range(count):
        date_text = f"20{chooser.randrange(26):02}0{chooser.randrange(1, 10)}15"
        if number % 3 == 0:
            kind, start, size = "asn", str(chooser.randrange(1, 400_000)), "1"
        elif number % 3 == 1:
            address = chooser.getrandbits(24) << 8
            kind, start, size = "ipv4", ".".join(map(str, address.to_bytes(4))), "256"
        else:
            kind, start, size = (
                "ipv6",
                f"2{chooser.getrandbits(12):03x}:{number & 0xFFFF:x}::",
                "32",
            )
        yield f"{rir}|NL|{kind}|{start}|{size}|{date_text}|allocated|{number:x}"


def written_peeringdb(folder: Path, networks: int) -> list[str]:
    """Write networks with facilities and contacts, and return the name of the file."""
    kinds = {
        "net": [{"id": n, "asn": n + 1, "name": f"Network {n}"} for n in range(1, networks)],
        "fac": [{"id": n, "name": f"DC {n}", "city": "X"} for n in range(1, networks // 6)],
        "netfac": [
            {"id": n, "net_id": 1 + n % (networks - 1), "fac_id": 1 + n % (networks // 6)}
            for n in range(1, 2 * networks)
        ],
        "poc": [{"id": n, "net_id": n, "role": "NOC"} for n in range(1, networks)],
    }
    text = json.dumps({kind: {"data": rows} for kind, rows in kinds.items()})
    (folder / "peeringdb.json").write_text(text, encoding="ascii")
    return ["peeringdb.json"]


def measured(arguments: argparse.Namespace, folder: Path) -> dict[str, float]:
    """Make the files, run the command, and return the figures."""
    seed = arguments.seed
    made = {
        "--irr": written_irrs(folder, arguments.objects, seed),
        "--vrps": written_vrps(folder, arguments.vrps, seed),
        "--delegated": written_delegated(folder, arguments.delegations, seed),
        "--peeringdb": written_peeringdb(folder, arguments.networks),
    }
    sizes = {name: (folder / name).stat().st_size for names in made.values() for name in names}
    words = [word for option, names in made.items() for word in (option, *names)]
    command = [sys.executable, "-m", "peerlint", "registry", "build", *words, "--now", NOW]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    subprocess.run(  # our own command
        [*command, "-o", "registry.peerlint", "--quiet"], cwd=folder, check=True
    )
    elapsed = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    opening = [
        subprocess.run(  # our own command
            [sys.executable, "-c", _OPEN, "registry.peerlint"],
            cwd=folder, check=True, capture_output=True, text=True,
        ).stdout.split()
        for _ in range(5)
    ]  # fmt: skip
    return {
        "route_objects": arguments.objects,
        "vrps": arguments.vrps,
        "octets_of_irrs": sum(sizes[each] for each in made["--irr"]),
        "octets_of_all_files": sum(sizes.values()),
        "build_seconds": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "build_elapsed_seconds": elapsed,
        "memory_mb": after.ru_maxrss * 1024 / 1e6,
        "file_mb": (folder / "registry.peerlint").stat().st_size / 1e6,
        "open_ms": min(float(each[0]) for each in opening),
        "first_answers_ms": min(float(each[1]) for each in opening),
    }


def main() -> int:
    """Measure, print the figures, and write them as JSON if a file is named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--objects", type=int, default=2_000_000)
    parser.add_argument("--vrps", type=int, default=900_000)
    parser.add_argument("--delegations", type=int, default=500_000)
    parser.add_argument("--networks", type=int, default=35_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path, help="where to make the files, 1.1 GB of them")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=arguments.folder) as folder:
        found = measured(arguments, Path(folder))
    for name, value in found.items():
        aim = f"  (aim: at most {AIMS[name]})" if name in AIMS else ""
        print(f"{name:24}{value:16,.2f}{aim}")
    if arguments.json is not None:
        machine = {
            "interpreter": interpreter_speed(),
            "cores": os.cpu_count(),
            "date": str(date.today()),  # noqa: DTZ011  # a day for people
        }
        text = json.dumps({"machine": machine, "figures": found}, indent=2) + "\n"
        arguments.json.write_text(text, encoding="utf-8")
    missed = [name for name, most in AIMS.items() if found[name] > most]
    if missed:
        print(f"missed: {', '.join(missed)}")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
