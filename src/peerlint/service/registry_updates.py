"""New registry data for a watch."""

from __future__ import annotations

import attrs

from peerlint.registry import Registry


@attrs.frozen
class RegistryUpdate:
    """Registry data, or why there are no newer ones.

    Attributes:
        registry: the data from now on; None to keep what is used.
        problem: why a source gives no newer data, in words; empty without a problem.
    """

    registry: Registry | None
    problem: str = ""
