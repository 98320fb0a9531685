"""The switch: which kernel reads the dumps."""

from __future__ import annotations

from typing import Final

from peerlint.bulk._kernel_py import Kernel

#: Whether the compiled kernel is in use.
COMPILED: Final = False

__all__ = ["COMPILED", "Kernel"]
