"""Which of the two implementations of a kernel module is in use."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import ModuleType


def implementation(name: str) -> ModuleType:
    """Import the compiled module of a name, or the one in Python.

    The one in Python is used if the extension was not built, or if the environment says
    `PEERLINT_PURE=1`. Both are imported by name, because tools that read import statements find no
    source of a compiled module.

    Args:
        name: of the module in `compiled` and in `python`.
    """
    compiled = f"{__package__}.compiled.{name}"
    if os.environ.get("PEERLINT_PURE") != "1":
        try:
            return import_module(compiled)
        except ModuleNotFoundError as error:
            if error.name != compiled:  # it was built, and needs something that is missing
                raise
    return import_module(f"{__package__}.python.{name}")
