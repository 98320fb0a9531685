"""What every function that reads a dump shares."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, get_args

from peerlint.arguments import must_be_callable, must_be_one_of
from peerlint.feeds import Dump

OnDamage = Literal["keep", "raise"]


def check_reading(on_damage: object, on_chunk: object) -> None:
    """Check the arguments `on_damage` and `on_chunk`.

    Raises:
        InputError: the first is neither "keep" nor "raise", or the second cannot be called.
    """
    must_be_one_of("on_damage", on_damage, get_args(OnDamage))
    must_be_callable("on_chunk", on_chunk)


def size_of(path: str | Path) -> int | None:
    """Return how many octets a dump has as it is stored; None if that is not known.

    Raises:
        FeedError: it cannot be read.
    """
    return Dump(str(path)).size
