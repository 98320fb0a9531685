"""`python -m benchmarks.repeat OUT DUMP...`: repeat small dumps until there are enough routes."""

from __future__ import annotations

import argparse
from pathlib import Path

from peerlint.feeds import Dump
from peerlint.wire.reader import Reader


def main() -> None:
    """Write the records of small dumps, without compression, until there are enough routes."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.repeat", description=main.__doc__)
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument("dumps", nargs="+", help="MRT dumps that fit into memory")
    parser.add_argument("--routes", type=int, default=300_000, help="as many, or a few more")
    arguments = parser.parse_args()
    octets = b"".join(chunk for name in arguments.dumps for chunk in Dump(name).chunks())
    reader = Reader([octets], source="the dumps")
    for _ in reader:
        pass
    times = -(-arguments.routes // reader.quality.entries)
    arguments.out.write_bytes(octets * times)
    print(f"{arguments.out}: {times} times {reader.quality.entries:,} routes")


if __name__ == "__main__":
    main()
