"""The route kernel in use: the compiled one, unless it was not built or is not wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peerlint.bulk.kernel.implementation import implementation

if TYPE_CHECKING:
    from peerlint.bulk.kernel.python.route_kernel import Kernel

    #: Whether the compiled kernel is in use.
    COMPILED: bool
else:
    _module = implementation("route_kernel")
    Kernel = _module.Kernel
    COMPILED = ".compiled." in _module.__name__

__all__ = ["COMPILED", "Kernel"]
