"""Make the example's lab and the daemons importable, and skip lab tests that cannot run."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

_HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(_HERE.parents[1] / "examples" / "contoso" / "lab"), str(_HERE)]


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


def _refuse(why: str) -> None:
    if os.environ.get("CI"):
        pytest.fail(why)
    pytest.skip(f"the lab cannot run here: {why}")
