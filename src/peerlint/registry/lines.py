"""Lines of text files of any size, in batches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.registry.json_stream import CHUNK, Readable
from peerlint.registry.skips import Place, Skips

#: The maximum length of a line, in octets; longer ones are skipped.
MAX_LINE: Final = 1 << 16
_TOO_LONG: Final = f"a line of more than {MAX_LINE:,} octets"


def line_batches(file: Readable, name: str, skips: Skips) -> Iterator[tuple[int, list[str]]]:
    """Yield lines without their ends, and the number of the first of them, from 1.

    A line that is too long is an empty string, and is counted.

    Args:
        file: text in UTF-8; other octets become U+FFFD.
        name: the file's name, as given.
        skips: where lines that are too long are counted.
    """
    number = 1
    pending, is_skipped = b"", False
    while octets := file.read(CHUNK):
        *ended, pending = (pending + octets).split(b"\n")
        if is_skipped and ended:
            ended[0], is_skipped = b"", False
        if ended:
            yield number, _texts(ended, number, name, skips)
            number += len(ended)
        if len(pending) > MAX_LINE:
            if not is_skipped:
                skips.add(_TOO_LONG, Place(name, number))
            pending, is_skipped = b"", True
        elif is_skipped:
            pending = b""
    if pending:
        yield number, _texts([pending], number, name, skips)


def _texts(lines: list[bytes], number: int, name: str, skips: Skips) -> list[str]:
    for index, line in enumerate(lines):
        if len(line) > MAX_LINE:
            skips.add(_TOO_LONG, Place(name, number + index))
            lines[index] = b""
    # Decoded together, which is faster.
    text = str(b"\n".join(lines), "utf-8", "replace").replace("\r\n", "\n")
    if number == 1:
        text = text.removeprefix("\ufeff")  # a byte order mark
    return text.removesuffix("\r").split("\n")
