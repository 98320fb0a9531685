"""AS paths and communities from octets to text, in plain Python: the encoder's specification.

Each attribute list of a batch is encoded once, and each text is stored once: most rows repeat the
attributes of another row.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, cast

import numpy as np
import numpy.typing as npt

from peerlint.bulk.kernel.attribute_lists import attributes_of, form_of
from peerlint.bulk.kernel.contract import FORM_AS4
from peerlint.bulk.kernel.texts import NO_PATH, Codes, EncodedText, Texts
from peerlint.errors import WireError
from peerlint.wire.attribute_types import AttributeType
from peerlint.wire.memo import memoized
from peerlint.wire.values import CODECS

#: How many attribute lists, and values of attributes, are remembered as text.
MEMO: Final = 1 << 15

_PATH: Final = int(AttributeType.AS_PATH)
_COMMUNITIES: Final = (
    int(AttributeType.COMMUNITIES),
    int(AttributeType.LARGE_COMMUNITIES),
    int(AttributeType.EXTENDED_COMMUNITIES),
)
#: The AS path, None without one that can be read, and the communities.
_Words = tuple[str | None, tuple[str, ...]]


class TextEncoder:
    """Encodes batch after batch; `take` returns the result.

    Attributes:
        held: octets of text so far, and four for each community of each row.
    """

    def __init__(self) -> None:
        """Start without rows."""
        self.held = 0
        self._lists: list[int] = []
        self._path_codes: list[int] = []
        self._offsets = [0]
        self._codes: list[int] = []
        self._paths: dict[str, int] = {}
        self._communities: dict[str, int] = {}

    def add(self, rows: npt.NDArray[np.void], buffer: bytes) -> None:
        """Encode the attributes of every row.

        Args:
            rows: of `ROW`.
            buffer: the octets that their `attr_at` and `attr_len` point into.
        """
        places = (rows[name].tolist() for name in ("attr_at", "attr_len", "form"))
        numbers: dict[tuple[bytes, int], int] = {}
        for at, size, form in zip(*places, strict=True):
            key = (buffer[at : at + size], form)
            number = numbers.get(key)
            if number is None:
                number = numbers[key] = self._add_list(*key)
            self._lists.append(number)
            self.held += 4 * (self._offsets[number + 1] - self._offsets[number])

    def _add_list(self, octets: bytes, form: int) -> int:
        path, communities = _words(octets, form)
        code = NO_PATH if path is None else self._code(self._paths, path)
        self._path_codes.append(code)
        self._codes += [self._code(self._communities, each) for each in communities]
        self._offsets.append(len(self._codes))
        return len(self._path_codes) - 1

    def _code(self, known: dict[str, int], text: str) -> int:
        if text not in known:
            known[text] = len(known)
            self.held += len(text)
        return known[text]

    def take(self) -> EncodedText:
        """Return the texts of the rows so far, and start without rows again."""
        encoded = EncodedText(
            _codes(self._lists),
            _codes(self._path_codes),
            _texts(self._paths),
            _codes(self._offsets),
            _codes(self._codes),
            _texts(self._communities),
        )
        TextEncoder.__init__(self)
        return encoded


def _codes(numbers: list[int]) -> Codes:
    return np.array(numbers, np.int32)


def _texts(known: Iterable[str]) -> Texts:
    texts = tuple(known)
    offsets = np.cumsum([0, *map(len, texts)]).astype(np.int32)
    return Texts(offsets, "".join(texts).encode("ascii"))


def path_of(octets: bytes, form: int) -> str | None:
    """Return the AS path of an attribute list; None without one that can be read."""
    return _words(octets, form)[0]


@memoized(MEMO)  # the same attributes come back with prefix after prefix
def _words(octets: bytes, code: int) -> _Words:
    if code == FORM_AS4:
        try:
            values = _values(octets)
            if AttributeType.AS4_PATH not in values:
                return _words_by_value(values)
        except WireError:  # whether it is malformed depends on the list as a whole
            pass
    attributes = attributes_of(octets, code)
    communities = (
        *attributes.communities,
        *attributes.large_communities,
        *attributes.extended_communities,
    )
    path = None if attributes.as_path is None else str(attributes.path)
    return path, tuple(map(str, communities))


def _words_by_value(values: dict[int, bytes]) -> _Words:
    """Encode the attributes of a RIB value by value: paths and communities repeat too."""
    path = values.get(_PATH)
    communities: tuple[str, ...] = ()
    for kind in _COMMUNITIES:
        if kind in values:
            communities += _community_texts(values[kind], kind)
    return None if path is None else _path_text(path, _PATH), communities


def _values(octets: bytes) -> dict[int, bytes]:
    """Return the values of a list by type.

    Raises:
        WireError: the list does not end with an attribute, or has one twice.
    """
    values: dict[int, bytes] = {}
    at, size = 0, len(octets)
    while at < size:
        if octets[at] & 0x10:  # extended length, RFC 4271 section 4.3
            start = at + 4
            end = start + int.from_bytes(octets[at + 2 : start])
        else:
            start = at + 3
            end = start + int.from_bytes(octets[at + 2 : start])
        if start > size or end > size or octets[at + 1] in values:
            raise WireError(at, expected="one whole attribute", found="none")
        values[octets[at + 1]] = octets[start:end]
        at = end
    return values


@memoized(MEMO)
def _path_text(octets: bytes, kind: int) -> str:
    return str(CODECS[kind].decode(octets, form_of(FORM_AS4)))


@memoized(MEMO)
def _community_texts(octets: bytes, kind: int) -> tuple[str, ...]:
    decoded = CODECS[kind].decode(octets, form_of(FORM_AS4))
    return tuple(map(str, cast("Iterable[object]", decoded)))
