"""What text encoders return: AS paths and communities as text, each text once."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import attrs
import numpy as np
import numpy.typing as npt

Codes = npt.NDArray[np.int32]
#: The code of an AS path that is missing or cannot be read.
NO_PATH: Final = -1


@attrs.frozen(eq=False)
class Texts:
    """Distinct texts, in the layout of Arrow.

    Attributes:
        offsets: where each starts, and where the last one ends.
        octets: all texts in ASCII, concatenated.
    """

    offsets: Codes
    octets: bytes

    def __len__(self) -> int:
        """Return how many texts there are."""
        return len(self.offsets) - 1

    def to_list(self) -> list[str]:
        """Return each text as a string."""
        text = self.octets.decode("ascii")
        return [text[start:end] for start, end in pairwise(self.offsets.tolist())]


@attrs.frozen(eq=False)
class EncodedText:
    """AS paths and communities of some rows; many rows share a list of attributes.

    Attributes:
        lists: for each row the number of its list of attributes.
        path_codes: for each list an index into `paths`, `NO_PATH` without one.
        paths: distinct AS paths.
        offsets: for each list where its communities start in `codes`; and where the last ends.
        codes: indexes into `communities`: standard, large, extended, in the order sent.
        communities: distinct communities of all types.
    """

    lists: Codes
    path_codes: Codes
    paths: Texts
    offsets: Codes
    codes: Codes
    communities: Texts
