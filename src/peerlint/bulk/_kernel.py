"""The switch: which kernel reads the dumps, which speller makes text of them.

The compiled ones, unless they were not built or `PEERLINT_PURE=1` asks for those in Python.
"""

from __future__ import annotations

import os
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

from peerlint.bulk import _kernel_py, _spell_py

if TYPE_CHECKING:
    from peerlint.bulk._kernel_py import Kernel
    from peerlint.bulk._spell_py import Speller

    #: Whether the compiled kernel is in use.
    COMPILED: bool
else:

    def _chosen(name: str, in_python: ModuleType) -> ModuleType:
        """Return the compiled module of this name where there is one and it is wanted."""
        if os.environ.get("PEERLINT_PURE") == "1":
            return in_python
        try:
            # Imported by name: what reads import statements finds no source of it.
            return import_module(f"peerlint.bulk.{name}")
        except ModuleNotFoundError:
            return in_python

    Kernel = _chosen("_kernel_c", _kernel_py).Kernel
    Speller = _chosen("_spell_c", _spell_py).Speller
    COMPILED = Kernel is not _kernel_py.Kernel

__all__ = ["COMPILED", "Kernel", "Speller"]
