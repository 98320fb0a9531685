"""The program `peerlint scan`, its start-up included."""

import json
import os
import subprocess
import sys

LABEL = "peerlint scan, the whole program"


def run(path: str) -> int:
    """Count the routes of a dump."""
    command = [sys.executable, "-m", "peerlint", "scan", path, "--format", "json"]
    # As it runs where it is installed: compiled to bytecode once, not every time.
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": ""}
    done = subprocess.run(command, check=True, capture_output=True, env=environment)
    routes: int = json.loads(done.stdout)["routes"]
    return routes
