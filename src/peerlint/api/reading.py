"""Arguments of every function that reads a dump."""

from __future__ import annotations

from typing import Literal, get_args

from peerlint.arguments import must_be_callable, must_be_one_of

OnDamage = Literal["keep", "raise"]


def check_reading(on_damage: object, on_chunk: object) -> None:
    """Check the arguments `on_damage` and `on_chunk`.

    Raises:
        InputError: the first is neither "keep" nor "raise", or the second cannot be called.
    """
    must_be_one_of("on_damage", on_damage, get_args(OnDamage))
    must_be_callable("on_chunk", on_chunk)
