"""bgpdump, one line per route."""

import subprocess

LABEL = "bgpdump -m, its lines counted"
NEEDS = ("bgpdump",)


def run(path: str) -> int:
    """Count the lines."""
    with subprocess.Popen(["bgpdump", "-m", "-v", path], stdout=subprocess.PIPE) as program:
        output = program.stdout
        if output is None:
            raise AssertionError(program)
        lines = 0
        while octets := output.read(1 << 20):
            lines += octets.count(b"\n")
    return lines
