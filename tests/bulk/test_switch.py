"""Which kernel is in use."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from peerlint.bulk import COMPILED
from peerlint.bulk.kernel import TextEncoder

PRINT_COMPILED = "import peerlint; print(peerlint.COMPILED)"


def in_use(pure: str) -> str:
    """Say whether a new process uses the compiled kernel."""
    env = {**os.environ, "PEERLINT_PURE": pure}
    command = [sys.executable, "-c", PRINT_COMPILED]
    return subprocess.run(command, env=env, check=True, capture_output=True, text=True).stdout


@pytest.mark.skipif("CI" not in os.environ, reason="elsewhere a compiler may be missing")
def test_the_compiled_kernel_is_in_use() -> None:
    """Falling back on the Python kernel is silent: not here."""
    assert COMPILED == (os.environ.get("PEERLINT_PURE") != "1")
    assert "True\n" == in_use("0")


def test_pure() -> None:
    """`PEERLINT_PURE=1` asks for the Python kernel."""
    assert "False\n" == in_use("1")


@pytest.mark.skipif("CI" not in os.environ, reason="elsewhere a compiler may be missing")
def test_the_compiled_encoder_is_in_use() -> None:
    """The encoder follows the kernel."""
    compiled = ".compiled." in TextEncoder.__module__

    assert COMPILED == compiled
