"""The program `peerlint scan`, its start-up included."""

import json
import subprocess
import sys

LABEL = "peerlint scan, the whole program"


def run(path: str) -> int:
    """Count the routes of a dump."""
    command = [sys.executable, "-m", "peerlint", "scan", path, "--format", "json"]
    done = subprocess.run(command, check=True, capture_output=True)
    routes: int = json.loads(done.stdout)["routes"]
    return routes
