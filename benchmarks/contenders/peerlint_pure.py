"""peerlint's scan with the kernel in Python."""

import os

LABEL = "peerlint.scan: Python kernel"


def run(path: str) -> int:
    """Count the routes of a dump."""
    os.environ["PEERLINT_PURE"] = "1"
    # Which kernel it is, is decided when it is imported.
    from benchmarks.contenders import peerlint_scan  # noqa: PLC0415

    return peerlint_scan.run(path)
