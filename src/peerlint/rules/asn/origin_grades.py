"""Where many origins are registered, for whole columns: what `registration` says of each."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

import numpy as np

from peerlint.iana.asns import RANGES, AsnClass
from peerlint.registry import OriginEvidence, Registry
from peerlint.rules._registry_data import RegistryData
from peerlint.rules.asn.registration import Grade, grade_of
from peerlint.rules.registry_criteria import RIR, RegistryCriteria

if TYPE_CHECKING:
    import numpy.typing as npt

#: An origin without any evidence, while data of a named registry are missing, cut or too old.
UNKNOWN: Final = "unknown"
#: The states of origins, by their codes: the grades, from the best to none, and unknown.
ORIGIN_WORDS: Final = (*(str(grade.value) for grade in Grade), UNKNOWN)
_CODES: Final = {grade: code for code, grade in enumerate(Grade)}
_NONE: Final = _CODES[Grade.NONE]
_FIRSTS: Final = np.array([first for first, _, _ in RANGES], np.int64)
#: AS numbers below have their state in an array: nearly all that are in use.
_SMALL: Final = 1 << 19


class OriginGrades:
    """Tells the states of origins."""

    def __init__(
        self, registry: Registry, criteria: RegistryCriteria, allow: Collection[str] = ()
    ) -> None:
        """Collect the evidence for all AS numbers.

        Args:
            registry: what registries say, at the time for which they are asked.
            criteria: which of them count, and how old their data may be.
            allow: special-purpose numbers that count as public ("documentation").
        """
        self._evidence = registry.origin_evidence()
        self._delegated = _CODES[Grade.ACCEPTED if RIR in criteria.accept else Grade.DELEGATED]
        gaps = RegistryData(registry, criteria).irr_gaps("aut-num", "route")
        # A server was asked about some origins only.
        self._absent = _NONE + (bool(gaps) or registry.asked is not None)
        self._is_public = np.array(
            [kind is AsnClass.PUBLIC or kind in allow for _, kind, _ in RANGES], np.bool_
        )
        codes, asns = _graded_objects(self._evidence, criteria)
        is_large = asns >= _SMALL
        # The best grade is the lowest code.
        self._large, first = np.unique(asns[is_large], return_index=True)
        self._of_large = codes[is_large][first]
        of_small = np.full(_SMALL, _NONE, np.uint8)
        of_small[asns[~is_large][::-1]] = codes[~is_large][::-1]
        self._of_small = self._states(np.arange(_SMALL), of_small)

    def codes(self, origins: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """Return the state of each origin, as an index into `ORIGIN_WORDS`.

        Args:
            origins: AS numbers; -1 for none, which is never registered.
        """
        codes = self._of_small.take(origins, mode="clip")
        codes[origins < 0] = _NONE
        rows = np.flatnonzero(origins >= _SMALL)
        if len(rows):
            large = origins[rows]
            at = np.searchsorted(self._large, large)
            found = np.full(len(rows), _NONE, np.uint8)
            is_inside = at < len(self._large)
            is_found = is_inside.copy()
            is_found[is_inside] = self._large[at[is_inside]] == large[is_inside]
            found[is_found] = self._of_large[at[is_found]]
            codes[rows] = self._states(large, found)
        return codes

    def _states(
        self, asns: npt.NDArray[np.int64], best: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.uint8]:
        """Return the states of AS numbers.

        Args:
            asns: the numbers.
            best: the best grade of each among objects and VRPs.
        """
        codes = best.copy()
        is_delegated = self._evidence.are_delegated(asns)
        codes[is_delegated] = np.minimum(codes[is_delegated], self._delegated)
        codes[codes == _NONE] = self._absent
        # Registered to nobody, whatever objects there are.
        codes[~self._is_public[np.searchsorted(_FIRSTS, asns, "right") - 1]] = _NONE
        return codes


def _graded_objects(
    evidence: OriginEvidence, criteria: RegistryCriteria
) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint32]]:
    """Return grades and AS numbers of objects and VRPs, the best grade first."""
    of_registry = [_CODES[grade_of(criteria, name)] for name in evidence.registries]
    codes = np.array([*of_registry, _NONE], np.uint8)[evidence.registry]
    codes[evidence.is_made] = _CODES[Grade.MADE]
    found = {code: [evidence.asn[codes == code]] for code in sorted(_CODES.values())}
    found[_CODES[Grade.VRP]].append(evidence.vrps)
    by_grade = {code: np.concatenate(parts) for code, parts in found.items()}
    lengths = [len(asns) for asns in by_grade.values()]
    return (
        np.repeat(np.array([*by_grade], np.uint8), lengths),
        np.concatenate([*by_grade.values()]),
    )
