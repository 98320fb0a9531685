"""Files as octets, as text and, if they are dumps, as pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from peerlint.errors import FeedError, Mistake, MistakesError
from peerlint.feeds import Dump

OnDamage = Literal["keep", "raise"]
#: Called for every page of a dump that was read.
OnPage = Callable[[Dump], object]


def octets_of(path: Path) -> bytes:
    """Read a file.

    Raises:
        FeedError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except OSError as error:
        raise FeedError(str(path), f"cannot be read: {error.strerror}") from error


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
    try:
        return octets_of(path).decode()
    except UnicodeDecodeError as error:
        mistake = Mistake("the file", "", f"{form} in UTF-8", f"octet {error.start} that is not")
        raise error_of(str(path), (mistake,)) from None


def pages_of(dump: Dump, on_page: OnPage | None) -> Iterator[bytes]:
    """Yield the pages of a dump, and say so for each."""
    for page in dump.pages():
        if on_page is not None:
            on_page(dump)
        yield page
