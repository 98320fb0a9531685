"""The exceptions of peerlint.

::

    PeerlintError
    ├── InputError      (also ValueError)  an invalid argument
    ├── MistakesError                      a file with mistakes; it carries all of them
    │   ├── InventoryError
    │   ├── ProfileError
    │   ├── ReportError
    │   └── ExportError
    ├── WireError       (also ValueError)  octets that no RFC allows; it carries the offset
    │   └── DamageError                    damage in a dump that is read with on_damage="raise"
    ├── FeedError       (also OSError)     a source that cannot be opened or read
    ├── StateError      (also OSError)     a state file that cannot be used
    └── ConcurrentUseError (also RuntimeError) an object that another thread uses

Findings are not errors. Broken records inside a dump are not errors either, but data
(`peerlint.wire.damage`).
"""

from __future__ import annotations

from typing import Final, TypeVar, cast

import attrs

from peerlint.display import displayed, displayed_quote
from peerlint.redaction import redacted, without_credentials, without_keys
from peerlint.wording import Words, counted, shown

#: The maximum number of mistakes that a message lists; the others are counted.
SHOWN_MISTAKES: Final = 50
_Value = TypeVar("_Value")


class PeerlintError(Exception):
    """The base class of the exceptions that peerlint raises.

    The message is on one line. The secrets of this run, secrets in URLs, and everything that looks
    like a key are masked in it (`peerlint.display`).

    Errors can be pickled and copied with all their attributes, so that a worker process can pass
    them to its parent.
    """

    def __init__(self, *args: object) -> None:
        """Keep the message in a form that is safe for output."""
        super().__init__(
            *(displayed_quote(each) if isinstance(each, str) else each for each in args)
        )

    def __reduce__(self) -> tuple[object, ...]:
        """Return the attributes for pickle and copy, instead of the arguments of `__init__`.

        An attribute that cannot be pickled is replaced by its text: `InputError.found` may be any
        object.
        """
        attributes = {name: _picklable(value) for name, value in vars(self).items()}
        return _restored, (type(self), _picklable_all(self.args), attributes)


class InputError(PeerlintError, ValueError):
    """An argument or a field with an invalid value.

    Attributes:
        what: the name of the argument, or the kind of value ("prefix", "AS path").
        expected: a description of valid values.
        found: the value as given, except for secrets.
        close: the valid value that is most similar; None if none is.
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
        """Keep the parts and make the message from them."""
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
        table: the table, with the name that it declares if it has one.
        key: the key in the table; an empty string for the table as a whole.
        expected: a description of valid values.
        found: the value in the file, or "nothing".
        close: the valid value that is most similar; None if none is.
        path: the keys and indices (from 0) that lead from the top of the file to the mistake.
        line: the line in the file, from 1; None if it is not known.
    """

    table: str
    key: str
    expected: str
    found: str
    close: str | None = None
    path: tuple[str | int, ...] = ()
    line: int | None = None

    def __str__(self) -> str:
        """Return the mistake as a sentence, without its line."""
        place = f"{self.table}, key {self.key}" if self.key else self.table
        return f"{place}: {_sentence(self.expected, self.found, self.close)}"


class MistakesError(PeerlintError):
    """A file with mistakes. The message lists the first `SHOWN_MISTAKES`.

    Attributes:
        file: the file's name, as given.
        mistakes: all mistakes, at least one, in the order of the file.
    """

    def __init__(self, file: str, mistakes: tuple[Mistake, ...]) -> None:
        """Keep the mistakes and list each on its own line, as compilers do."""
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
        # Set after `super().__init__`, which would put the message on one line.
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
        offset: the offset of the first invalid octet, from the start of the buffer.
        expected: what the format requires there.
        found: what the buffer has there.
    """

    def __init__(self, offset: int, *, expected: str, found: str) -> None:
        """Keep the parts and make the message from them."""
        self.offset = offset
        self.expected = expected
        self.found = found
        super().__init__()
        # Possible keys are not masked, because hexadecimal octets look like keys.
        sentence = f"octet {_words(offset)}: expected {_words(expected)}, found {_words(found)}"
        self.args = (displayed(sentence),)

    def moved(self, octets: int) -> WireError:
        """Return the same error with its offset increased by `octets`."""
        return WireError(self.offset + octets, expected=self.expected, found=self.found)


class DamageError(WireError):
    """Damage in a dump that is read with on_damage="raise".

    Attributes:
        source: the dump's name, as given.
    """

    def __init__(self, source: str, offset: int, *, expected: str, found: str) -> None:
        """Put the name of the dump before the message."""
        super().__init__(offset, expected=expected, found=found)
        self.source = displayed_quote(without_credentials(_words(source)))
        self.args = (f"{self.source}: {self.args[0]}",)


class ConcurrentUseError(PeerlintError, RuntimeError):
    """An object that only one thread may use at a time is in use by another thread.

    Attributes:
        name: the name of the object's class.
    """

    def __init__(self, name: str) -> None:
        """Make the message, which says what to do instead."""
        self.name = name
        super().__init__(
            f"{_words(name)}: another thread is using it; make one for each thread, or let one "
            "thread iterate and hand over what it gets"
        )


class FeedError(PeerlintError, OSError):
    """A file or URL that cannot be opened or read.

    Attributes:
        source: the name of the file or the URL, as given except for secrets.
        reason: why it cannot be read, and what to do.
    """

    def __init__(self, source: str, reason: str) -> None:
        """Keep the parts and make the message from them."""
        self.source = displayed_quote(without_credentials(_words(source)))
        self.reason = displayed_quote(_words(reason))
        super().__init__(f"{self.source}: {self.reason}")

    def __str__(self) -> str:
        """Return the message (`OSError` would print its arguments)."""
        return f"{_words(self.source)}: {_words(self.reason)}"


class StateError(PeerlintError, OSError):
    """A state file of a watch that cannot be used, or no longer.

    Attributes:
        file: the name of the file, as given.
        expected: what was expected there.
        found: what was found instead.
        hint: what to do.
    """

    def __init__(self, file: str, *, expected: str, found: str, hint: str) -> None:
        """Keep the parts and make the message from them."""
        self.file = displayed_quote(_words(file))
        self.expected = displayed_quote(_words(expected))
        self.found = displayed_quote(_words(found))
        self.hint = displayed_quote(_words(hint))
        super().__init__(f"{self.file}: expected {self.expected}, found {self.found}; {self.hint}")

    def __str__(self) -> str:
        """Return the message (`OSError` would print its arguments)."""
        return str(self.args[0])


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
    """Return the value, or its text if it cannot be pickled and unpickled."""
    import pickle  # noqa: PLC0415  # few errors leave their process

    try:
        pickle.loads(pickle.dumps(value))  # noqa: S301  # our own octets
    except Exception:  # noqa: BLE001  # pickling a class may raise anything
        return Words(shown(value))
    return value


def _words(value: object) -> str:
    """Return a string unchanged, and the text of any other value: making an error never fails."""
    return value if isinstance(value, str) else shown(value)


def _sentence(expected: str, found: str, close: str | None) -> str:
    if close is not None:
        return f"found {found}; did you mean {_words(close)}?"
    return f"expected {_words(expected)}, found {found}"


def _without_secrets(value: _Value) -> _Value:
    """Return a string without secrets; any other value, and a string without any, unchanged."""
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
