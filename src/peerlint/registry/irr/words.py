"""Eight octets of a chunk at a time, as integers: many names are compared at once."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

    Octets = npt.NDArray[np.uint8]
    Offsets = npt.NDArray[np.intp]
    Flags = npt.NDArray[np.bool_]
    Words = npt.NDArray[np.uint64]


def words_of(octets: Octets) -> Words:
    """Return the 8 octets at each offset as an integer, without a copy; the first is the lowest."""
    return np.ndarray((len(octets) - 7,), "<u8", octets.data, strides=(1,))


def start_with(words: Words, name: bytes) -> Flags:
    """Return whether words start with a name, in capitals or not.

    Args:
        words: of `words_of`.
        name: 8 octets at most, in lower case.
    """
    mask = int.from_bytes(b"\xff" * len(name), "little")
    # The bit that capitals do not have. Digits and signs have to be the same.
    case = int.from_bytes(bytes(0x20 if chr(each).isalpha() else 0 for each in name), "little")
    wanted = np.uint64(int.from_bytes(name, "little"))
    is_name: Flags = ((words & np.uint64(mask)) | np.uint64(case)) == wanted
    return is_name
