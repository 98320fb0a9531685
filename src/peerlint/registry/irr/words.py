"""Eight octets of a chunk at a time, as integers: many names are compared at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Self

import attrs
import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Octets = npt.NDArray[np.uint8]
    Offsets = npt.NDArray[np.intp]
    Flags = npt.NDArray[np.bool_]
    Words = npt.NDArray[np.uint64]


#: Octets of a word.
WORD: Final = 8
#: The bits that an octet of a form requires, and the bit that 6 more than its digit must not have.
_MASKS: Final = bytes({ord("0"): 0xF0, ord(" "): 0}.get(each, 0xFF) for each in range(256))
_TENS: Final = bytes(0x10 if each == ord("0") else 0 for each in range(256))


def words_of(octets: Octets) -> Words:
    """Return the 8 octets at each offset as an integer, without a copy; the first is the lowest."""
    return np.ndarray((len(octets) - 7,), "<u8", octets.data, strides=(1,))


@attrs.frozen
class NameForm:
    """What words have in common that start with a name, in capitals or not.

    Attributes:
        mask: the bits of the name's octets.
        case: the bits that capitals do not have. Digits and signs have to be the same.
        name: the name in lower case.
    """

    mask: int
    case: int
    name: int

    @classmethod
    def of(cls, name: bytes) -> Self:
        """Return the form of a name.

        Args:
            name: 8 octets at most, in lower case.
        """
        mask, case = b"\xff" * len(name), bytes(32 * chr(each).isalpha() for each in name)
        return cls(*(int.from_bytes(each, "little") for each in (mask, case, name)))


def start_with(words: Words, name: bytes) -> Flags:
    """Return whether words start with a name, in capitals or not.

    Args:
        words: of `words_of`.
        name: 8 octets at most, in lower case.
    """
    form = NameForm.of(name)
    wanted = np.uint64(form.name)
    is_name: Flags = ((words & np.uint64(form.mask)) | np.uint64(form.case)) == wanted
    return is_name


def pairs_of_digits(words: Words, form: bytes) -> tuple[Words, Flags]:
    """Read numbers of two digits.

    Args:
        words: of `words_of`.
        form: of the 8 octets: 0 for a digit, a blank for any octet, or the octet itself.

    Returns:
        In each octet the number that it and the next one are; and whether words have the form.
    """
    mask = form.translate(_MASKS)
    wanted = form.replace(b" ", b"\0")
    digits = words & np.uint64(0x0F0F0F0F0F0F0F0F)
    has_form = (words & _word(mask)) == _word(wanted)
    # 6 more than a digit is less than 16.
    tens = _word(form.translate(_TENS))
    has_form &= ((digits + np.uint64(0x0606060606060606)) & tens) == 0
    return digits * np.uint64(10) + (digits >> np.uint64(8)), has_form


def _word(octets: bytes) -> np.uint64:
    return np.uint64(int.from_bytes(octets, "little"))
