"""What is said of a command line that makes no sense."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cyclopts import CoercionError, MissingArgumentError, UnusedCliTokensError

if TYPE_CHECKING:
    from cyclopts import CycloptsError
    from cyclopts.argument import Argument

_KINDS: Final = {int: "a whole number", float: "a number"}


def plainly(error: CycloptsError) -> str:
    """Return what is wrong, in words that need no knowledge of Python."""
    argument = error.argument
    if isinstance(error, MissingArgumentError) and argument is not None:
        name = error.keyword or argument.name
        wanted = _wanted(argument)
        if name.startswith("-"):
            return f"{name}: expected {wanted} behind it, found nothing"
        return f"{name} is missing: expected {wanted}"
    if isinstance(error, UnusedCliTokensError):
        words = error.unused_tokens or []
        return f"expected no further arguments, found {', '.join(words)}"
    if isinstance(error, CoercionError) and error.token is not None:
        kind = _KINDS.get(error.target_type) if error.target_type is not None else None
        if kind is not None:
            return f"{error.token.keyword}: expected {kind}, found {error.token.value!r}"
    return str(error)


def _wanted(argument: Argument) -> str:
    """Return what an argument is for: what its help says first, else its placeholder."""
    parameter = argument.parameter
    if parameter.help:
        first = parameter.help.split(". ", maxsplit=1)[0].split(": ", maxsplit=1)[0]
        return f"{first[:1].lower()}{first[1:]}".rstrip(".")
    return parameter.metavar or "a value"
