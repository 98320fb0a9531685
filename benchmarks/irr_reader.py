"""`python -m benchmarks.irr_reader`: the reader of IRR dumps against splitting octets.

The dump is made with a seed: objects of RIPE's and of RADB's form, of about 350 octets, some with
comments, continuation lines and without `last-modified`. The limit is what any reader in Python
does at least: split the octets at blank lines, and find three attributes in each object. Both run
in the same process, in turn; the ratio is that of the medians of processor time.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import resource
import statistics
import sys
import time
from collections.abc import Iterator
from datetime import date
from ipaddress import IPv6Address
from pathlib import Path
from typing import Final

from benchmarks.ris_live import interpreter_speed
from peerlint.registry.irr import read_irr

#: The ratio should be at most so much.
AIM: Final = 2.0
_WANTED: Final = (b"\norigin:", b"\nsource:", b"\nlast-modified:")
_BLOCK: Final = 10_000


def objects(count: int, seed: int) -> Iterator[str]:
    """Yield objects as dumps have them, each with its blank line."""
    chooser = random.Random(seed)  # noqa: S311  # reproducible, not secret
    for number in range(count):
        kind = chooser.random()
        if kind < 0.85:
            yield _route(chooser, "route", _prefix4(chooser))
        elif kind < 0.97:
            yield _route(chooser, "route6", _prefix6(chooser))
        elif kind < 0.98:
            yield _aut_num(chooser, number)
        elif kind < 0.985:
            yield _as_set(chooser, number)
        else:
            yield _other(number)


def dump(count: int, seed: int) -> bytes:
    """Return a dump with a number of objects."""
    made, text = objects(count, seed), io.BytesIO()
    text.write(b"# The contents of this file are made up.\n\n")
    while block := "\n".join(each for each, _ in zip(made, range(_BLOCK), strict=False)):
        text.write(block.encode() + b"\n")
    text.write(b"# EOF\n")
    return text.getvalue()


def split_and_find(octets: bytes) -> int:
    """Return the number of objects after splitting and finding, and do nothing with either."""
    found = 0
    for each in octets.split(b"\n\n"):
        for name in _WANTED:
            each.find(name)
        found += 1
    return found


def _prefix4(chooser: random.Random) -> str:
    length = chooser.choice((16, 19, 20, 21, 22, 23, 24, 24, 24, 24))
    address = chooser.getrandbits(length) << 32 - length
    return f"{'.'.join(map(str, address.to_bytes(4)))}/{length}"


def _prefix6(chooser: random.Random) -> str:
    length = chooser.choice((29, 32, 36, 40, 44, 48, 48, 48))
    address = 0x2 << 124 | chooser.getrandbits(length - 4) << 128 - length
    return f"{IPv6Address(address)}/{length}"


def _time(chooser: random.Random) -> str:
    day = date.fromordinal(date(2008, 1, 1).toordinal() + chooser.randrange(6_500))
    return f"{day}T{chooser.randrange(24):02}:{chooser.randrange(60):02}:07Z"


def _route(chooser: random.Random, name: str, prefix: str) -> str:
    is_old = chooser.random() < 0.5
    lines = [
        f"{name + ':':<16}{prefix}",
        f"{'descr:':<16}Network {chooser.randrange(10**6)} of Contoso, Example Street",
    ]
    if is_old:
        lines.append(f"{'':<16}1234 AB Exampletown")
    comment = "  # Filtered" if chooser.random() < 0.01 else ""
    lines += [
        f"{'origin:':<16}AS{chooser.randrange(1, 400_000)}{comment}",
        f"{'remarks:':<16}{'-' * 40}",
        f"{'mnt-by:':<16}MAINT-EXAMPLE-{chooser.randrange(5_000)}",
    ]
    if is_old:
        changed = f"noc@contoso.example {20_080_101 + chooser.randrange(12) * 10_000}"
        lines.append(f"{'changed:':<16}{changed}")
    else:
        lines.append(f"{'created:':<16}2008-01-01T00:00:07Z")
    if not is_old or chooser.random() < 0.8:
        lines.append(f"{'last-modified:':<16}{_time(chooser)}")
    lines.append(f"{'source:':<16}{'RADB' if is_old else 'RIPE'}")
    return "\n".join(lines) + "\n"


def _aut_num(chooser: random.Random, number: int) -> str:
    lines = [f"{'aut-num:':<16}AS{number}", f"{'as-name:':<16}EXAMPLE-{number}"]
    for _ in range(chooser.randrange(40)):
        peer = f"AS{chooser.randrange(400_000)}"
        lines += [f"{'import:':<16}from {peer}", f"{'':<16}accept {peer}"]
    lines += [f"{'last-modified:':<16}{_time(chooser)}", f"{'source:':<16}RIPE"]
    return "\n".join(lines) + "\n"


def _as_set(chooser: random.Random, number: int) -> str:
    members = [f"AS{chooser.randrange(400_000)}" for _ in range(chooser.randrange(60))]
    lines = [f"{'as-set:':<16}AS{number}:AS-CUSTOMERS"]
    lines += [f"{'members:':<16}{', '.join(members[at : at + 5])}" for at in range(0, 60, 5)]
    lines += [f"{'last-modified:':<16}{_time(chooser)}", f"{'source:':<16}RADB"]
    return "\n".join(lines) + "\n"


def _other(number: int) -> str:
    lines = [
        f"{'mntner:':<16}MAINT-EXAMPLE-{number}",
        f"{'descr:':<16}a maintainer of nothing",
        f"{'auth:':<16}CRYPT-PW # Filtered",
        f"{'source:':<16}RIPE",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.irr_reader", description=__doc__)
    parser.add_argument("--objects", type=int, default=500_000)
    parser.add_argument("--seed", type=int, default=15)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--save", action="store_true", help="keep the figures in results/")
    arguments = parser.parse_args()
    octets = dump(arguments.objects, arguments.seed)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    limits, ours = list[float](), list[float]()
    rows = 0
    after = before
    for _ in range(arguments.runs):
        start = time.process_time()
        read = read_irr(io.BytesIO(octets), "made up")
        ours.append(time.process_time() - start)
        rows = len(read.routes) + len(read.aut_nums) + len(read.as_sets)
        del read
        # Splitting holds all objects, and would hide what the reader needs.
        after = after if limits else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        start = time.process_time()
        split_and_find(octets)
        limits.append(time.process_time() - start)
    limit, found = statistics.median(limits), statistics.median(ours)
    figures = {
        "objects": arguments.objects,
        "octets": len(octets),
        "rows": rows,
        "split_and_find_seconds": round(limit, 3),
        "read_irr_seconds": round(found, 3),
        "ratio": round(found / limit, 2),
        "mebibytes_more": (after - before) // 1024,
    }
    for name, value in figures.items():
        print(f"{name:<24}{value:>14,}")
    print(f"the aim of ratio is {AIM:g}")
    if arguments.save:
        version = ".".join(map(str, sys.version_info[:3]))
        result = {
            **figures,
            "nanoseconds_of_an_addition": round(interpreter_speed(), 1),
            "python": version,
        }
        name = f"{date.today()}-irr-reader.json"  # noqa: DTZ011  # of the machine
        (Path(__file__).parent / "results" / name).write_text(json.dumps(result, indent=2) + "\n")


if __name__ == "__main__":
    main()
