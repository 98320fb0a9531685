"""Messages about invalid command lines."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cyclopts import CoercionError, MissingArgumentError, UnusedCliTokensError

if TYPE_CHECKING:
    from cyclopts import CycloptsError

_KINDS: Final = {int: "a whole number", float: "a number"}


def plain_message(error: CycloptsError) -> str:
    """Return the message of an error, without terms of Python."""
    argument = error.argument
    if isinstance(error, MissingArgumentError) and argument is not None:
        name = error.keyword or argument.name
        if not name.startswith("-"):
            return f"{name} is missing"
        wanted = (argument.parameter.metavar or "a value").replace("\\[", "[")
        return f"{name}: expected {wanted} behind it, found nothing"
    if isinstance(error, UnusedCliTokensError):
        return f"expected no further arguments, found {' '.join(error.unused_tokens or ())}"
    if isinstance(error, CoercionError) and error.token is not None:
        kind = _KINDS.get(error.target_type) if error.target_type is not None else None
        if kind is not None:
            return f"{error.token.keyword}: expected {kind}, found {error.token.value!r}"
    return str(error)
