"""Print and keep the results of the benchmarks of BMP."""

from __future__ import annotations

import json
import platform
from collections.abc import Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

RESULTS: Final = Path(__file__).parent / "results"


def print_rows(seconds: Mapping[str, float], ratios: Mapping[str, float]) -> None:
    """Print processor seconds, and the ratios of the last of our own rows."""
    for label, value in seconds.items():
        print(f"{label:<50}{value:>8.3f} s")
    for label, value in ratios.items():
        print(f"ratio {label:<44}{value:>8.3f}")


def save(name: str, result: Mapping[str, Any]) -> None:
    """Write a result to the folder of results, by date and name."""
    date = datetime.now(UTC).date().isoformat()
    cpu = next(
        (
            line.partition(":")[2].split("-Core")[0].strip()
            for line in Path("/proc/cpuinfo").read_text(encoding="ascii").splitlines()
            if line.startswith("model name")
        ),
        platform.machine(),
    )
    found = {
        "date": date,
        "cpu": cpu,
        "python": platform.python_version(),
        "versions": {name: version(name) for name in ("peerlint", "numpy")},
        **result,
    }
    path = RESULTS / f"{date}-{name}.json"
    path.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
