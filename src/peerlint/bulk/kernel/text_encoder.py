"""The text encoder in use: the compiled one, unless it was not built or is not wanted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from peerlint.bulk.kernel.implementation import implementation

if TYPE_CHECKING:
    from peerlint.bulk.kernel.python.text_encoder import TextEncoder
else:
    TextEncoder = implementation("text_encoder").TextEncoder

__all__ = ["TextEncoder"]
