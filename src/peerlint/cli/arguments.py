"""Arguments of the public functions, called by the names that the command line has for them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from peerlint.errors import InputError


@contextmanager
def named_options(**options: str) -> Iterator[None]:
    """Name the option in an error about an argument that is raised inside the block.

    Args:
        options: the name of the option, by the name of the argument.

    Raises:
        InputError: the same error, about the option.
    """
    try:
        yield
    except InputError as error:
        if error.what not in options:
            raise
        raise InputError(
            options[error.what],
            expected=error.expected,
            found=error.found,
            close=error.close,
            hint=error.hint,
        ) from None
