"""Where many origins are registered, for whole columns: what `registration` says of each."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Final

import numpy as np

from peerlint.iana.asns import RANGES, AsnClass
from peerlint.registry import Registry
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
#: AS numbers below have their code in an array, once they were asked for: nearly all that are used.
_KEPT: Final = 1 << 19
_NOT_ASKED: Final = 255


class OriginGrades:
    """Tells the states of origins, and keeps those of most numbers."""

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
        self._accepts_rir = RIR in criteria.accept
        gaps = RegistryData(registry, criteria).irr_gaps("aut-num", "route")
        self._absent = _NONE + bool(gaps)
        self._is_public = np.array(
            [kind is AsnClass.PUBLIC or kind in allow for _, kind, _ in RANGES], np.bool_
        )
        self._asns, self._codes = self._objects(criteria)
        self._kept = np.full(_KEPT, _NOT_ASKED, np.uint8)

    def codes(self, origins: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        """Return the state of each origin, as an index into `ORIGIN_WORDS`.

        Args:
            origins: AS numbers; -1 for none, which is never registered.
        """
        codes = self._kept.take(origins, mode="clip")
        is_kept = (origins >= 0) & (origins < _KEPT)
        is_missing = (codes == _NOT_ASKED) & is_kept
        if is_missing.any():
            new = np.unique(origins[is_missing])
            self._kept[new] = self._graded(new)
            codes[is_missing] = self._kept[origins[is_missing]]
        others = np.flatnonzero(~is_kept)
        codes[others] = self._graded(origins[others])
        return codes

    def _graded(self, origins: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
        codes = np.full(len(origins), _NONE, np.uint8)
        if len(self._asns):
            at = np.minimum(np.searchsorted(self._asns, origins), len(self._asns) - 1)
            is_found = self._asns[at] == origins
            codes[is_found] = self._codes[at[is_found]]
        is_delegated = self._evidence.are_delegated(origins)
        best = _CODES[Grade.ACCEPTED if self._accepts_rir else Grade.DELEGATED]
        codes[is_delegated] = np.minimum(codes[is_delegated], best)
        codes[codes == _NONE] = self._absent
        # Registered to nobody, whatever objects there are.
        is_public = self._is_public[np.searchsorted(_FIRSTS, origins, "right") - 1]
        codes[~is_public | (origins < 0)] = _NONE
        return codes

    def _objects(
        self, criteria: RegistryCriteria
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
        """Return the AS numbers with objects or VRPs, ascending, and the best grade of each."""
        evidence = self._evidence
        of_registry = [_CODES[grade_of(criteria, name)] for name in evidence.registries]
        codes = np.array([*of_registry, _NONE], np.uint8)[evidence.registry]
        codes[evidence.is_made] = _CODES[Grade.MADE]
        asns = np.concatenate([evidence.asn, evidence.vrps]).astype(np.int64)
        of_vrps = np.full(len(evidence.vrps), _CODES[Grade.VRP], np.uint8)
        codes = np.concatenate([codes, of_vrps])
        # The best one of each number comes first.
        order = np.lexsort((codes, asns))
        asns, first = np.unique(asns[order], return_index=True)
        return asns, codes[order][first]
