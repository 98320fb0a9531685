"""The switch: which kernel reads the dumps.

The compiled one, unless it was not built or `PEERLINT_PURE=1` asks for the one in Python.
"""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

from peerlint.bulk import _kernel_py

if TYPE_CHECKING:
    from peerlint.bulk._kernel_py import Kernel

    #: Whether the compiled kernel is in use.
    COMPILED: bool
else:
    try:
        module = _kernel_py if os.environ.get("PEERLINT_PURE") == "1" else None
        # Imported by name: what reads import statements finds no source of it.
        module = module or import_module("peerlint.bulk._kernel_c")
    except ModuleNotFoundError:
        module = _kernel_py
    Kernel = module.Kernel
    COMPILED = module is not _kernel_py

__all__ = ["COMPILED", "Kernel"]
