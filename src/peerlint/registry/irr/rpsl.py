"""The attributes of one RPSL object (RFC 2622 section 2)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

import attrs

#: What a line starts with that continues the one before it.
CONTINUATION: Final = b" \t+"
#: What a line starts with that is a comment as a whole. The `%` is used by servers and dumps.
COMMENT: Final = b"#%"
#: Octets around a value that do not belong to it.
BLANKS: Final = b" \t\r"
_NAME: Final = re.compile(rb"([A-Za-z][A-Za-z0-9_-]*):")


@attrs.frozen
class Attribute:
    """An attribute of an object.

    Attributes:
        name: in lower case; empty for a line that is no attribute.
        value: without comments; the lines of a continued value are joined by a blank.
        line: the number of its first line in the object, from 0.
    """

    name: bytes
    value: bytes
    line: int


def attributes(octets: bytes) -> tuple[Attribute, ...]:
    """Return the attributes of an object, in order; none if there are only comments.

    Args:
        octets: the lines of the object, which may have empty lines before and behind them.
    """
    return tuple(_attributes(octets.split(b"\n")))


def _attributes(lines: Sequence[bytes]) -> Iterator[Attribute]:
    name, values, first = b"", list[bytes](), 0
    for number, line in enumerate(lines):
        if not line or line[0] in COMMENT:
            continue
        if line[0] in CONTINUATION and values:
            values.append(_value(line[1:]))
            continue
        if values:
            yield Attribute(name, _joined(values), first)
        match = _NAME.match(line)
        name = b"" if match is None else match[1].lower()
        values = [_value(line if match is None else line[match.end() :])]
        first = number
    if values:
        yield Attribute(name, _joined(values), first)


def _joined(values: list[bytes]) -> bytes:
    return values[0] if len(values) == 1 else b" ".join(filter(None, values))


def _value(text: bytes) -> bytes:
    if b"#" in text:
        text = text[: text.index(b"#")]
    return text.strip(BLANKS)
