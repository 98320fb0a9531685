"""Make the example's lab and the daemons importable, and skip lab tests that cannot run."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve().parent
sys.path[:0] = [
    str(_HERE.parents[1] / "examples" / "contoso" / "lab"),
    str(_HERE),
    str(_HERE.parent / "conformance"),  # for bmp_readers
]


@pytest.fixture(scope="session")
def daemons_available() -> None:
    """Skip the test if the lab cannot run, except in CI; see `lab.check_available`."""
    from errors import LabUnavailableError  # noqa: PLC0415  # the path is made above

    import lab  # noqa: PLC0415  # the path is made above

    try:
        lab.check_available()
    except LabUnavailableError as missing:
        _refuse(str(missing))
    if shutil.which("bgpdump") is None:
        _refuse("not installed: bgpdump")


@pytest.fixture(scope="session")
def bmp_daemons_available() -> None:
    """Skip the test if the lab with BMP, or a program that reads BMP, cannot run, except in CI."""
    from errors import LabUnavailableError  # noqa: PLC0415  # the path is made above

    import lab  # noqa: PLC0415  # the path is made above

    try:
        lab.check_available(lab.FOR_BMP)
    except LabUnavailableError as missing:
        _refuse(str(missing))
    for program in ("tshark", "pmbmpd"):
        if shutil.which(program) is None:
            _refuse(f"not installed: {program}")


def _refuse(why: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(f"the lab cannot run here: {why}")
