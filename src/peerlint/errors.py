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
    ├── FeedError       (also OSError)     a source that cannot be opened or read
    └── ConcurrentUseError (also RuntimeError) an object that another thread is using

A finding is not an error, and neither is a broken record inside a dump: that is data
(`peerlint.wire.damage`).
"""

from __future__ import annotations

from typing import Final, TypeVar, cast

import attrs

from peerlint.display import displayed, displayed_quote
from peerlint.redaction import redacted, without_credentials, without_keys
from peerlint.wording import Words, counted, shown

#: The mistakes of one file that a message lists, at most; the others are counted.
SHOWN_MISTAKES: Final = 50
_Value = TypeVar("_Value")


class PeerlintError(Exception):
    """Base class of everything that peerlint raises on purpose.

    The message is on one line; secrets of this run, secrets in URLs, and everything that looks like
    a key are masked in it (`peerlint.display`).

    Errors can be pickled and copied with all their attributes, whatever arguments their class
    takes: a worker process that raises one gives it to its parent.
    """

    def __init__(self, *args: object) -> None:
        """Keep the sentence, safe to show."""
        super().__init__(
            *(displayed_quote(each) if isinstance(each, str) else each for each in args)
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Return what pickle and copy need: the attributes, not the arguments of `__init__`.

        An attribute that cannot be pickled (`InputError.found` may be anything) becomes its text.
        """
        attributes = {name: _picklable(value) for name, value in vars(self).items()}
        return _restored, (type(self), _picklable_all(self.args), attributes)


class InputError(PeerlintError, ValueError):
    """A text or a value that an argument or a field does not allow.

    Attributes:
        what: what the text was read as ("prefix", "AS path").
        expected: what would have been right.
        found: the text or value, as given except for secrets.
        close: the allowed value that is most similar; None if none is.
        hint: what to do; None if that is clear from the rest.
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
        self.what = _without_secrets(what)
        self.expected = _without_secrets(expected)
        self.found = _without_secrets(found)
        self.close = _without_secrets(close)
        self.hint = _without_secrets(hint)
        sentence = _sentence(expected, shown(self.found), close)
        super().__init__(f"{_words(what)}: {sentence}{f'; {_words(hint)}' if hint else ''}")


@attrs.frozen
class Mistake:
    """One mistake in a file that a person wrote.

    Attributes:
        table: the table, with the name of the thing it declares where it has one.
        key: the key inside the table, or an empty string for the table as a whole.
        expected: what would have been right.
        found: what the file has there, or "nothing".
        close: the allowed value that is most similar; None if none is.
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
    """A file with mistakes, all of them at once; the message lists the first `SHOWN_MISTAKES`.

    Attributes:
        file: the file's name, as given.
        mistakes: at least one, in the order of the file.
    """

    def __init__(self, file: str, mistakes: tuple[Mistake, ...]) -> None:
        """Keep the mistakes and list them one a line, as compilers do."""
        for each in mistakes if isinstance(mistakes, tuple) else (mistakes,):
            if not isinstance(each, Mistake):
                raise TypeError(f"mistakes: expected a tuple of Mistake, found {shown(each)}")
        self.file = displayed_quote(_words(file))
        self.mistakes = tuple(map(_displayed, mistakes))
        super().__init__()
        first = self.mistakes[:SHOWN_MISTAKES]
        lines = [f"{_place(self.file, each.line)}: {each}" for each in first]
        if more := len(mistakes) - len(first):
            lines.append(f"{self.file}: and {counted(more, 'more mistake')}")
        # Each is on a line of its own.
        self.args = ("\n".join(lines),)


class InventoryError(MistakesError):
    """An inventory file that cannot be used."""


class ProfileError(MistakesError):
    """A profile file that cannot be used."""


class ReportError(MistakesError):
    """A JSON report that cannot be read back."""


class ExportError(MistakesError):
    """A JSON export of Azure that cannot be used."""


class WireError(PeerlintError, ValueError):
    """Octets that their format does not allow.

    Attributes:
        offset: of the first octet that is wrong, from the start of the buffer.
        expected: what the format asks for there.
        found: what is there.
    """

    def __init__(self, offset: int, *, expected: str, found: str) -> None:
        """Keep the parts and say them as one sentence."""
        self.offset = offset
        self.expected = expected
        self.found = found
        super().__init__()
        # Not masked as other errors are: octets in hexadecimal look like keys.
        sentence = f"octet {_words(offset)}: expected {_words(expected)}, found {_words(found)}"
        self.args = (displayed(sentence),)

    def moved(self, octets: int) -> WireError:
        """Return the same error with its offset counted from so many octets earlier."""
        return WireError(self.offset + octets, expected=self.expected, found=self.found)


class DamageError(WireError):
    """Damage in a dump that is read with on_damage="raise".

    Attributes:
        source: the dump's name, as given.
    """

    def __init__(self, source: str, offset: int, *, expected: str, found: str) -> None:
        """Name the dump before the place in it."""
        super().__init__(offset, expected=expected, found=found)
        self.source = displayed_quote(without_credentials(_words(source)))
        self.args = (f"{self.source}: {self.args[0]}",)


class ConcurrentUseError(PeerlintError, RuntimeError):
    """An object that only one thread at a time may use is being used by another thread.

    Attributes:
        name: of the object's class.
    """

    def __init__(self, name: str) -> None:
        """Say what to do instead."""
        self.name = name
        super().__init__(
            f"{_words(name)}: another thread is using it; make one for each thread, or let one "
            "thread iterate and hand over what it gets"
        )


class FeedError(PeerlintError, OSError):
    """A source of octets that cannot be opened or read.

    Attributes:
        source: the file's name, as given.
        reason: why, and what to do.
    """

    def __init__(self, source: str, reason: str) -> None:
        """Keep the parts and say them as one sentence."""
        self.source = displayed_quote(without_credentials(_words(source)))
        self.reason = displayed_quote(_words(reason))
        super().__init__(f"{self.source}: {self.reason}")

    def __str__(self) -> str:
        """Return the sentence (`OSError` would print the arguments)."""
        return f"{_words(self.source)}: {_words(self.reason)}"


def _restored(
    cls: type[PeerlintError], arguments: tuple[object, ...], attributes: dict[str, object]
) -> PeerlintError:
    """Return an error as it was when it was pickled."""
    error = cls.__new__(cls)
    error.args = arguments
    vars(error).update(attributes)
    return error


def _picklable_all(values: tuple[object, ...]) -> tuple[object, ...]:
    return tuple(map(_picklable, values))


def _picklable(value: object) -> object:
    """Return the value, or its text where it cannot be pickled or read back."""
    import pickle  # noqa: PLC0415  # few errors leave their process

    try:
        pickle.loads(pickle.dumps(value))  # noqa: S301  # our own octets
    except Exception:  # noqa: BLE001  # any class may refuse in a way of its own
        return Words(shown(value))
    return value


def _words(value: object) -> str:
    """Return a text as it is; an error must not fail for a value where a text should be."""
    return value if isinstance(value, str) else shown(value)


def _sentence(expected: str, found: str, close: str | None) -> str:
    if close is not None:
        return f"found {found}; did you mean {_words(close)}?"
    return f"expected {_words(expected)}, found {found}"


def _without_secrets(value: _Value) -> _Value:
    """Return a text without secrets; itself where it has none, and any other value."""
    if not isinstance(value, str):
        return value
    shown = redacted(without_keys(value))
    return value if shown == value else cast("_Value", shown)


def _displayed(mistake: Mistake) -> Mistake:
    return attrs.evolve(
        mistake,
        table=displayed_quote(_words(mistake.table)),
        key=displayed_quote(_words(mistake.key)),
        expected=displayed_quote(_words(mistake.expected)),
        found=displayed_quote(_words(mistake.found)),
        close=None if mistake.close is None else displayed_quote(_words(mistake.close)),
    )


def _place(file: str, line: int | None) -> str:
    return file if line is None else f"{file}:{line}"
