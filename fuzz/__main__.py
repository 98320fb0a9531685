"""`python -m fuzz [HARNESS ...] [--seconds N]`: run random octets through every decoder."""

from __future__ import annotations

import argparse
import importlib
import subprocess
import sys
from pathlib import Path
from typing import Final

from fuzz.mutate import mutator

NAMES: Final = (
    *("mrt", "bmp", "update", "attributes", "open"),
    *("exabgp", "ris", "elements"),
    *("irr", "delegated", "vrps", "slurm", "peeringdb", "registry", "rtr"),
    "program",
)
FOLDER: Final = Path(__file__).parent
#: Limits of seconds for one input, and of megabytes; exceeding one is a finding.
TIMEOUT: Final = 5
MEMORY: Final = 300
#: Limits for the whole program, which loads its libraries and starts slowly.
PROGRAM_TIMEOUT: Final = 30
PROGRAM_MEMORY: Final = 1000
#: Modules that compare arrays: atheris keeps every array that instrumented code compares.
ARRAYS: Final = [
    *(f"peerlint.registry.irr.{name}" for name in ("chunk", "fields", "lines", "reader", "usual")),
    *(f"peerlint.registry.{name}" for name in ("irr.words", "rtr.answer", "rtr.vrps")),
    *(f"peerlint.registry.{name}" for name in ("contents", "lookup", "prefix_keys", "sorting")),
    *(f"peerlint.registry.{name}" for name in ("states", "stored_blocks", "table")),
    "peerlint.wire.rtr.prefixes",
]
#: The maximum length of an input, in octets.
LONGEST: Final = 2048


def main() -> int:
    """Run each harness in its own process; exit status 1 after a finding."""
    arguments = _arguments()
    if arguments.one:
        _fuzz(arguments.one, arguments.seconds, arguments.work)
    failed = 0
    for name in arguments.harness or NAMES:
        print(f"==> {name}, {arguments.seconds} seconds", flush=True)  # noqa: T201  # its screen
        command = [sys.executable, "-m", "fuzz", "--one", name]
        options = ["--seconds", str(arguments.seconds), "--work", str(arguments.work)]
        done = subprocess.run([*command, *options], check=False, stdin=subprocess.DEVNULL)  # noqa: S603
        failed += done.returncode != 0
    return int(failed > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=main.__doc__)
    parser.add_argument("harness", nargs="*", choices=(*NAMES, []), help="all without any")
    parser.add_argument("--seconds", type=int, default=60, help="for each harness")
    parser.add_argument(
        "--work", type=Path, default=FOLDER / "work", help="where new inputs and findings go"
    )
    parser.add_argument("--one", choices=NAMES, help=argparse.SUPPRESS)
    return parser.parse_args()


def _fuzz(name: str, seconds: int, work: Path) -> None:
    """Fuzz until the time is over or there is a finding, then end the process."""
    atheris = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["peerlint"], exclude=ARRAYS):
        harnesses = importlib.import_module("fuzz.harnesses")
    # atheris replaces its own `Mutate` when the fuzzing starts.
    mutate = mutator(name, lambda octets, most: atheris.Mutate(octets, most))  # noqa: PLW0108
    timeout, memory = TIMEOUT, MEMORY
    if name == "program":
        timeout, memory = PROGRAM_TIMEOUT, PROGRAM_MEMORY
    grown = work.resolve() / name
    grown.mkdir(parents=True, exist_ok=True)
    atheris.Setup(
        [
            f"fuzz-{name}",
            f"-max_total_time={seconds}",
            f"-timeout={timeout}",
            f"-rss_limit_mb={memory}",
            f"-max_len={LONGEST}",
            f"-artifact_prefix={work}/{name}-",
            "-print_final_stats=1",
            "-verbosity=0",
            str(grown),
            str(FOLDER / "corpus" / name),
        ],
        harnesses.HARNESSES[name],
        custom_mutator=mutate,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    sys.exit(main())
