"""Every exception of peerlint.

::

    PeerlintError
    ├── InputError      (also ValueError)  a caller's text or value
    ├── MistakesError                      a file with mistakes; carries all of them
    │   ├── InventoryError
    │   ├── ProfileError
    │   ├── ReportError
    │   └── ExportError
    ├── WireError       (also ValueError)  octets that no RFC allows; carries the offset
    │   └── DamageError                    the same, in a dump read with on_damage="raise"
    └── FeedError       (also OSError)     a source that cannot be opened or read

A finding is not an error, and neither is a broken record inside a dump: that is data
(`peerlint.wire.damage`).
"""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.wording import counted, shown

#: So many mistakes of one file are said; the others are counted.
SHOWN_MISTAKES: Final = 50


class PeerlintError(Exception):
    """Anything that peerlint raises on purpose."""


class InputError(PeerlintError, ValueError):
    """A text or a value that cannot mean what it is meant to mean.

    Attributes:
        what: what the text was read as ("prefix", "AS path").
        expected: what would have been right.
        found: the text or value, as given.
        close: the one of the right values that is most like it; None if none is.
        hint: what to do; None if the rest says it.
    """

    def __init__(
        self,
        what: str,
        *,
        expected: str,
        found: object,
        close: str | None = None,
        hint: str | None = None,
    ) -> None:
        """Keep the parts and say them as one sentence."""
        self.what = what
        self.expected = expected
        self.found = found
        self.close = close
        self.hint = hint
        sentence = _sentence(expected, shown(found), close)
        super().__init__(f"{what}: {sentence}{f'; {hint}' if hint else ''}")


@attrs.frozen
class Mistake:
    """One mistake in a file that a person wrote.

    Attributes:
        table: the table, with the name of the thing it declares where it has one.
        key: the key inside the table, or an empty string for the table as a whole.
        expected: what would have been right.
        found: what the file has there, or "nothing".
        close: the one of the right values that is most like it; None if none is.
        path: the keys and numbers (from 0) that lead from the top of the file to the place.
        line: its line in the file, from 1; None if it is not known.
    """

    table: str
    key: str
    expected: str
    found: str
    close: str | None = None
    path: tuple[str | int, ...] = ()
    line: int | None = None

    def __str__(self) -> str:
        """Return the sentence that a person reads, without the line."""
        place = f"{self.table}, key {self.key}" if self.key else self.table
        return f"{place}: {_sentence(self.expected, self.found, self.close)}"


class MistakesError(PeerlintError):
    """A file with mistakes, all of them at once; of very many, the message says the first.

    Attributes:
        file: the file's name, as given.
        mistakes: at least one, in the order of the file.
    """

    def __init__(self, file: str, mistakes: tuple[Mistake, ...]) -> None:
        """Keep the mistakes and say them one a line, as compilers do."""
        self.file = file
        self.mistakes = mistakes
        first = mistakes[:SHOWN_MISTAKES]
        lines = [f"{_place(file, each.line)}: {each}" for each in first]
        if more := len(mistakes) - len(first):
            lines.append(f"{file}: and {counted(more, 'more mistake')}")
        super().__init__("\n".join(lines))


class InventoryError(MistakesError):
    """An inventory file that cannot be used."""


class ProfileError(MistakesError):
    """A profile file that cannot be used."""


class ReportError(MistakesError):
    """A JSON report that cannot be read back."""


class ExportError(MistakesError):
    """A JSON export of Azure that cannot be used."""


class WireError(PeerlintError, ValueError):
    """Octets that are not what they are meant to be.

    Attributes:
        offset: of the first octet that cannot be read on, from the start of the buffer.
        expected: what the format asks for there.
        found: what stands there.
    """

    def __init__(self, offset: int, *, expected: str, found: str) -> None:
        """Keep the parts and say them as one sentence."""
        self.offset = offset
        self.expected = expected
        self.found = found
        super().__init__(f"octet {offset}: expected {expected}, found {found}")

    def moved(self, octets: int) -> WireError:
        """Return the same error for a buffer that starts so many octets earlier."""
        return WireError(self.offset + octets, expected=self.expected, found=self.found)


class DamageError(WireError):
    """Damage in a dump that the caller asked not to pass over.

    Attributes:
        source: the dump's name, as given.
    """

    def __init__(self, source: str, offset: int, *, expected: str, found: str) -> None:
        """Name the dump before the place in it."""
        super().__init__(offset, expected=expected, found=found)
        self.source = source
        self.args = (f"{source}: {self.args[0]}",)


class FeedError(PeerlintError, OSError):
    """A source of octets that cannot be opened or read.

    Attributes:
        source: the file's name, as given.
        reason: why, and what to do.
    """

    def __init__(self, source: str, reason: str) -> None:
        """Keep the parts and say them as one sentence."""
        self.source = source
        self.reason = reason
        super().__init__(f"{source}: {reason}")

    def __str__(self) -> str:
        """Return the sentence (`OSError` would print the arguments)."""
        return f"{self.source}: {self.reason}"


def _sentence(expected: str, found: str, close: str | None) -> str:
    if close is not None:
        return f"found {found}; did you mean {close}?"
    return f"expected {expected}, found {found}"


def _place(file: str, line: int | None) -> str:
    return file if line is None else f"{file}:{line}"
