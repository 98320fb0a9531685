"""Names of registries, and the numbers that columns have instead of them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from peerlint.registry.irr.fields import is_end
from peerlint.registry.irr.words import start_with, words_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from peerlint.registry.irr.words import Octets, Offsets

#: Names that one file may have: a column has one octet for them. There are about 30 registries.
MOST: Final = 255
#: The number of no registry.
NONE: Final = -1
#: Names of a chunk that are looked for in all of its objects.
_NAMES: Final = 32
_NAME: Final = re.compile(rb"[A-Za-z][A-Za-z0-9_-]{0,15}")


@attrs.define
class Sources:
    """The registries that a file names.

    Attributes:
        names: in capitals, in the order in which they appeared.
    """

    names: list[str] = attrs.field(factory=list)
    _numbers: dict[str, int] = attrs.field(factory=dict, init=False)

    def number(self, name: str) -> int:
        """Return the number of a registry; `NONE` if there are too many."""
        number = self._numbers.get(name)
        if number is None:
            if len(self.names) == MOST:
                return NONE
            number = self._numbers[name] = len(self.names)
            self.names.append(name)
        return number

    def read(self, octets: Octets, at: Offsets) -> npt.NDArray[np.int16]:
        """Return the numbers of the names at offsets of a chunk; `NONE` for other values.

        Names that are longer than 16 octets are not read, and not all of a chunk that has very
        many.
        """
        numbers = np.full(len(at), NONE, np.int16)
        words = words_of(octets)
        heads, tails = words[at], words[at + 8]
        rest = np.arange(len(at))
        for _ in range(_NAMES):
            if not len(rest):
                break
            match = _NAME.match(octets.data, int(at[rest[0]]))
            if match is None:
                rest = rest[1:]
                continue
            name = match[0].lower()
            is_same = start_with(heads[rest], name[:8]) & start_with(tails[rest], name[8:])
            is_same &= is_end(octets, at[rest] + len(name))
            numbers[rest[is_same]] = self.number(name.decode().upper())
            # The first is not the same if something else is behind its name.
            is_same[0] = True
            rest = rest[~is_same]
        return numbers

    def used(self, numbers: npt.NDArray[np.int16]) -> tuple[npt.NDArray[np.uint8], tuple[str, ...]]:
        """Return indices into the names that a column uses, and these names, sorted."""
        names = [self.names[each] for each in np.unique(numbers)]
        places = {name: place for place, name in enumerate(sorted(names))}
        table = np.array([places.get(each, 0) for each in self.names], np.uint8)
        return table[numbers] if len(numbers) else np.zeros(0, np.uint8), tuple(sorted(names))
