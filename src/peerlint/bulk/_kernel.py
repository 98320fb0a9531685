"""The switch: which kernel reads the dumps, which encoder makes text of them.

The compiled ones, unless they were not built or `PEERLINT_PURE=1` asks for those in Python.
"""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peerlint.bulk._kernel_py import Kernel
    from peerlint.bulk._text_py import TextEncoder

    #: Whether the compiled kernel is in use.
    COMPILED: bool
else:

    def _chosen(name: str) -> ModuleType:
        """Return the compiled module of this name where there is one and it is wanted."""
        # Imported by name: what reads import statements finds no source of the compiled ones.
        if os.environ.get("PEERLINT_PURE") != "1":
            try:
                return import_module(f"peerlint.bulk.{name}_c")
            except ModuleNotFoundError:
                pass
        return import_module(f"peerlint.bulk.{name}_py")

    Kernel = _chosen("_kernel").Kernel
    TextEncoder = _chosen("_text").TextEncoder
    COMPILED = Kernel.__module__ == "peerlint.bulk._kernel_c"

__all__ = ["COMPILED", "Kernel", "TextEncoder"]
