"""The switch: which kernel reads the dumps.

The compiled one, unless it was not built or `PEERLINT_PURE=1` asks for the one in Python.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from peerlint.bulk._kernel_py import Kernel

    #: Whether the compiled kernel is in use.
    COMPILED: bool
elif os.environ.get("PEERLINT_PURE") == "1":
    from peerlint.bulk._kernel_py import Kernel

    COMPILED = False
else:
    try:
        from peerlint.bulk._kernel_c import Kernel

        COMPILED = True
    except ImportError:
        from peerlint.bulk._kernel_py import Kernel

        COMPILED = False

__all__ = ["COMPILED", "Kernel"]
