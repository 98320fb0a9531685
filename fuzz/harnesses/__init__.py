"""What is fuzzed: one function per decoder, from octets to nothing.

A harness raises where an invariant does not hold. It catches `PeerlintError` only: every other
exception is a finding too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fuzz.harnesses.attributes import check_attributes
from fuzz.harnesses.mrt import check_mrt
from fuzz.harnesses.open import check_open
from fuzz.harnesses.program import check_program
from fuzz.harnesses.update import check_update

__all__ = ["HARNESSES"]

#: By the name of their corpus.
HARNESSES: Final[dict[str, Callable[[bytes], None]]] = {
    "mrt": check_mrt,
    "update": check_update,
    "attributes": check_attributes,
    "open": check_open,
    "program": check_program,
}
