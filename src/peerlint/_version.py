"""The version of peerlint: imports nothing, so that every module may import it."""

from typing import Final

__version__: Final = "0.1.0"
