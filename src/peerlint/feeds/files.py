"""Small files, read as a whole: inventories, profiles, exports, reports."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from peerlint.errors import FeedError, MistakesError
from peerlint.texts import decoded
from peerlint.wording import open_failure

#: Octets of a file that is read as a whole: more than any inventory, export or report has, and
#: an end for devices that have none.
LARGEST: Final = 1 << 30


def read_octets(path: Path) -> bytes:
    """Return the octets of a file.

    Raises:
        FeedError: it cannot be read, or is larger than `LARGEST`.
    """
    try:
        with path.open("rb") as file:
            octets = file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise FeedError(str(path), f"cannot be read: {open_failure(error)}") from error
    if len(octets) > LARGEST:
        raise FeedError(str(path), f"it does not end within {LARGEST >> 20} MiB")
    return octets


def read_text(path: Path, error_of: type[MistakesError], form: str) -> str:
    """Return the text of a file.

    Args:
        path: the file.
        error_of: the error to raise if the file is not text.
        form: what the text is ("TOML", "JSON"), for that error.

    Raises:
        FeedError: the file cannot be read.
        MistakesError: it is not UTF-8.
    """
    return decoded(read_octets(path), str(path), error_of, form)


def open_descriptor(file: str) -> int:
    """Open a file or pipe for reading, and return its descriptor, which the caller closes.

    Raises:
        FeedError: it cannot be opened.
    """
    try:
        return os.open(file, os.O_RDONLY)
    except (OSError, ValueError) as error:
        raise FeedError(file, open_failure(error)) from error


def exists(path: Path) -> bool:
    """Whether a file of this name exists.

    Raises:
        FeedError: the folder may not be searched.
    """
    try:
        return path.exists()
    except (OSError, ValueError) as error:
        raise FeedError(str(path), f"cannot be read: {open_failure(error)}") from error
