"""Files as octets, as text and, if they are dumps, as pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, Literal, get_args

from peerlint.arguments import must_be_callable, must_be_one_of
from peerlint.errors import FeedError, MistakesError
from peerlint.feeds import Dump
from peerlint.texts import decoded
from peerlint.wording import open_failure

#: Octets of a file that is read as a whole: more than any inventory, export or report has, and
#: an end for devices that have none.
LARGEST: Final = 1 << 30
OnDamage = Literal["keep", "raise"]
#: Called for every page of a dump that was read.
OnChunk = Callable[[Dump], object]


def check_reading(on_damage: object, on_chunk: object) -> None:
    """Refuse what a reading of a dump cannot be asked for.

    Raises:
        InputError: another word than "keep" or "raise", or something that cannot be called.
    """
    must_be_one_of("on_damage", on_damage, get_args(OnDamage))
    must_be_callable("on_chunk", on_chunk)


def octets_of(path: Path) -> bytes:
    """Read a file.

    Raises:
        FeedError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            octets = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise FeedError(str(path), f"cannot be read: {open_failure(error)}") from error
    if len(octets) > LARGEST:
        raise FeedError(str(path), f"it does not end within {LARGEST >> 20} MiB")
    return octets


def is_there(path: Path) -> bool:
    """Whether there is something of this name.

    Raises:
        FeedError: the folder may not be looked into.
    """
    try:
        return path.exists()
    except (OSError, ValueError) as error:
        raise FeedError(str(path), f"cannot be read: {open_failure(error)}") from error


def text_of(path: Path, error_of: type[MistakesError], form: str) -> str:
    """Read a file of text.

    Args:
        path: the file.
        error_of: what to raise where it is no text.
        form: what the text is, for that error.

    Raises:
        FeedError: it cannot be read.
        MistakesError: it is not UTF-8.
    """
    return decoded(octets_of(path), str(path), error_of, form)


def pages_of(dump: Dump, on_chunk: OnChunk | None) -> Iterator[bytes]:
    """Yield the pages of a dump, and say so for each."""
    for page in dump.pages():
        if on_chunk is not None:
            on_chunk(dump)
        yield page
