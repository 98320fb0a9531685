"""`python -m benchmarks [DUMP] [--suite NAME] [--save]`: time and memory of readers of MRT."""

from __future__ import annotations

import argparse
import ast
import importlib
import importlib.util
import json
import platform
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any, Final

#: The contenders of each suite; ratios are to the first one.
SUITES: Final = {
    "columns": (
        "zlib_ng_alone",
        "peerlint_scan",
        "peerlint_rows",
        "peerlint_filter",
        "peerlint_check",
        "peerlint_kernel",
        "peerlint_program",
        "gzip_dc",
    ),
    "files": ("peerlint_program", "peerlint_parquet", "peerlint_parquet_paths"),
    "bzip2": ("lbzip2_dc", "peerlint_scan"),
    "others": (
        "peerlint_scan",
        "peerlint_pure",
        "bgpdump_m",
        "ftlbgp_routes",
        "pybgpkit_routes",
        "mrtparse_routes",
    ),
    "objects": ("ftlbgp_routes", "peerlint_records", "peerlint_dump", "mrtparse_routes"),
}
#: The suite that counts the costs of crafted input; it has no contenders and no times.
HOSTILE: Final = "hostile"
PACKAGES: Final = (
    "peerlint", "ftlbgp", "mrtparse", "numpy", "pyarrow", "pybgpkit-parser", "rapidgzip", "zlib-ng",
)  # fmt: skip
RESULTS: Final = Path(__file__).parent / "results"


def main() -> None:
    """Time every contender in its own process and print times, memory and ratios."""
    arguments = _arguments()
    if arguments.one:
        _run_one(arguments.one, arguments.dump)
        return
    if arguments.suite == HOSTILE:
        from benchmarks.hostile import print_rows  # noqa: PLC0415  # what it imports, as below

        sys.exit(0 if print_rows() else 1)
    with tempfile.TemporaryDirectory() as folder:
        dump = arguments.dump
        if dump is None:
            # Imported here, because contenders take longer after its imports.
            from benchmarks.make_dumps import make_dump  # noqa: PLC0415

            dump = str(Path(folder) / "seeded.mrt.gz")
            make_dump(Path(dump), prefixes=arguments.prefixes, peers=30)
        rows = [
            _time(name, dump, arguments.runs) for name in SUITES[arguments.suite] if _is_here(name)
        ]
    _print(rows)
    if arguments.save:
        _save(rows, arguments.dump, arguments.suite)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=main.__doc__)
    parser.add_argument("dump", nargs="?", help="an MRT dump; without it, one is made")
    parser.add_argument(
        "--suite", choices=(*SUITES, HOSTILE), default="columns", help="who is compared"
    )
    parser.add_argument("--prefixes", type=int, default=5_000, help="of the dump that is made")
    parser.add_argument("--runs", type=int, default=3, help="of each contender; the median counts")
    parser.add_argument("--save", action="store_true", help="write results/DATE.json")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    return parser.parse_args()


def _run_one(name: str, dump: str) -> None:
    contender = _contender(name)
    if hasattr(contender, "prepare"):
        dump = contender.prepare(dump)
    busy, started = _processor(), time.perf_counter()
    routes = contender.run(dump)
    seconds, busy = time.perf_counter() - started, _processor() - busy
    # A program that the contender started has its own memory.
    peak = max(
        resource.getrusage(who).ru_maxrss / 1024
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(json.dumps({"routes": routes, "seconds": seconds, "cpu": busy, "peak_mib": peak}))


def _processor() -> float:
    """Return the seconds of processor time so far, those of finished programs included."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(each.ru_utime + each.ru_stime for each in used)


def _contender(name: str) -> ModuleType:
    return importlib.import_module(f"benchmarks.contenders.{name}")


def _is_here(name: str) -> bool:
    """Return whether everything that a contender needs is installed; print what is missing."""
    source = (Path(__file__).parent / "contenders" / f"{name}.py").read_text(encoding="utf-8")
    found = re.search(r"^NEEDS = (\(.*\))$", source, re.MULTILINE)
    for need in ast.literal_eval(found[1]) if found is not None else ():
        if shutil.which(need) is None and importlib.util.find_spec(need) is None:
            print(f"left out: {name}, which needs {need}")
            return False
    return True


def _time(name: str, dump: str, runs: int) -> dict[str, Any]:
    """Run one contender several times; keep the median time and the largest memory."""
    results = []
    for _ in range(runs):
        command = [sys.executable, "-m", "benchmarks", "--one", name, dump]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        results.append(json.loads(done.stdout))
    return {
        "label": _contender(name).LABEL,
        "routes": results[0]["routes"],
        "seconds": median(result["seconds"] for result in results),
        "cpu": median(result["cpu"] for result in results),
        "peak_mib": max(result["peak_mib"] for result in results),
    }


def _print(rows: list[dict[str, Any]]) -> None:
    first = rows[0]["seconds"]
    print(
        f"{'contender':<48}{'routes':>12}{'seconds':>9}{'ratio':>7}{'cpu':>8}"
        f"{'per second':>13}{'peak MiB':>10}"
    )
    for row in rows:
        print(
            f"{row['label']:<48}{row['routes']:>12,}{row['seconds']:>9.2f}"
            f"{row['seconds'] / first:>7.2f}{row['cpu']:>8.2f}"
            f"{row['routes'] / row['seconds']:>13,.0f}{row['peak_mib']:>10.0f}"
        )


def _save(rows: list[dict[str, Any]], dump: str | None, suite: str) -> None:
    now = datetime.now(UTC)
    cpu = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    result = {
        "date": now.date().isoformat(),
        "dump": Path(dump).name if dump is not None else "seeded",
        "cpu": cpu,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in PACKAGES},
        "rows": rows,
    }
    RESULTS.mkdir(exist_ok=True)
    file = RESULTS / f"{now.date().isoformat()}-{suite}-{result['dump']}.json"
    file.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    print(f"wrote {file.relative_to(Path.cwd())}")


if __name__ == "__main__":
    main()
