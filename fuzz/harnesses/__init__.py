"""The harnesses: one function for each decoder, which takes octets.

A harness raises an exception if an invariant is violated. It catches only `PeerlintError`: every
other exception is a finding.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from fuzz.harnesses.attributes import check_attributes
from fuzz.harnesses.bmp import check_bmp
from fuzz.harnesses.irr import check_irr
from fuzz.harnesses.json_feeds import check_elements, check_exabgp, check_ris
from fuzz.harnesses.mrt import check_mrt
from fuzz.harnesses.open import check_open
from fuzz.harnesses.program import check_program
from fuzz.harnesses.registry import check_registry
from fuzz.harnesses.registry_files import (
    check_delegated,
    check_peeringdb,
    check_slurm,
    check_vrps,
)
from fuzz.harnesses.rtr import check_rtr
from fuzz.harnesses.update import check_update

__all__ = ["HARNESSES"]

#: The harnesses by the name of their corpus.
HARNESSES: Final[dict[str, Callable[[bytes], None]]] = {
    "mrt": check_mrt,
    "bmp": check_bmp,
    "update": check_update,
    "attributes": check_attributes,
    "open": check_open,
    "exabgp": check_exabgp,
    "ris": check_ris,
    "elements": check_elements,
    "irr": check_irr,
    "delegated": check_delegated,
    "vrps": check_vrps,
    "slurm": check_slurm,
    "peeringdb": check_peeringdb,
    "registry": check_registry,
    "rtr": check_rtr,
    "program": check_program,
}
