"""Results of registered prefixes by their routes, for routes that change back and forth."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import Final

import attrs

from peerlint.engine.evaluation import Evaluation
from peerlint.engine.findings import evidence_of
from peerlint.engine.prepare import SubjectKey
from peerlint.engine.route_index import PrefixRoutes, RouteIndex, Routes
from peerlint.engine.subject_result import SubjectResult
from peerlint.observations import Observation
from peerlint.results import Finding

#: The most results that are kept.
_FULL: Final = 1 << 13


@attrs.frozen
class _Known:
    """A result, with the routes that are its evidence.

    Attributes:
        result: the result.
        evidence: for each finding, the indexes of its evidence among the routes of the prefix.
    """

    result: SubjectResult
    evidence: tuple[tuple[int, ...], ...]


class KnownResults:
    """The last results of registered prefixes, by the routes of the prefix.

    Only for prefixes whose result depends on their own routes and on nothing else that changes.
    Routes that are equal but for their times have the same result; as evidence, it shows the
    current ones.
    """

    def __init__(self, index: RouteIndex) -> None:
        """Start without results.

        Args:
            index: the index of all routes.
        """
        self._index = index
        self._known: dict[tuple[SubjectKey, Hashable, Hashable], _Known] = {}

    def get(self, subject: SubjectKey, routes: PrefixRoutes) -> SubjectResult | None:
        """Return the result of a prefix for these routes; None if it is not known."""
        known = self._known.get((subject, routes.pattern, routes.attribute_sets))
        if known is None or not any(known.evidence):
            return None if known is None else known.result
        every = self._index.every(routes)
        findings = tuple(
            attrs.evolve(finding, evidence=evidence_of(tuple(every[at] for at in indexes)))
            if indexes
            else finding
            for finding, indexes in zip(known.result.findings, known.evidence, strict=True)
        )
        return attrs.evolve(known.result, findings=findings)

    def add(
        self, result: SubjectResult, routes: PrefixRoutes, evaluations: Iterable[Evaluation]
    ) -> None:
        """Keep a result, unless its evidence is not among the routes.

        Args:
            result: the result for a prefix.
            routes: the routes of the prefix.
            evaluations: the results that its findings are from.
        """
        indexes = _indexes(result.findings, self._index.every(routes), evaluations)
        if indexes is None:
            return
        if len(self._known) >= _FULL:
            del self._known[next(iter(self._known))]
        key = (result.subject, routes.pattern, routes.attribute_sets)
        self._known[key] = _Known(result, indexes)

    def clear(self) -> None:
        """Discard all results."""
        self._known.clear()


def _indexes(
    findings: tuple[Finding, ...], routes: Routes, evaluations: Iterable[Evaluation]
) -> tuple[tuple[int, ...], ...] | None:
    """Return the indexes of the evidence of each finding; None if some of it is not found."""
    if not any(each.evidence for each in findings):
        return ((),) * len(findings)
    observed: dict[int, tuple[Observation, ...]] = {}
    for each in evaluations:
        if len(each.findings) == len(each.answers):
            pairs = zip(each.findings, each.answers, strict=True)
            observed.update((id(finding), answer.evidence) for finding, answer in pairs)
    at = {id(route): number for number, route in enumerate(routes)}
    found = []
    for finding in findings:
        seen = observed.get(id(finding), ())[: len(finding.evidence)]
        if len(seen) < len(finding.evidence) or any(id(route) not in at for route in seen):
            return None
        found.append(tuple(at[id(route)] for route in seen))
    return tuple(found)
