"""Results of registered prefixes by their routes, for routes that change back and forth."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from typing import Final

import attrs

from peerlint.engine.evaluation import Evaluation
from peerlint.engine.findings import evidence_of
from peerlint.engine.prepare import SubjectKey
from peerlint.engine.route_index import PrefixRoutes, RouteIndex, Routes
from peerlint.engine.subject_result import SubjectResult
from peerlint.inventory import SessionRef
from peerlint.observations import Observation
from peerlint.results import Finding

#: The most results that are kept.
_FULL: Final = 1 << 13
#: The session of a route, and its index among the session's routes for the same prefix.
_Place = tuple[str, int]


@attrs.frozen
class _Known:
    """A result, with the routes that are its evidence.

    Attributes:
        result: the result.
        evidence: for each finding, the places of its evidence.
    """

    result: SubjectResult
    evidence: tuple[tuple[_Place, ...], ...]


class KnownResults:
    """The last results of registered prefixes, by the routes of the prefix.

    Only for prefixes whose result depends on their own routes and on nothing else that changes.
    Routes that are equal but for their times have the same result; as evidence, it shows the
    current ones.
    """

    def __init__(self, index: RouteIndex, sessions: Mapping[str, SessionRef]) -> None:
        """Start without results.

        Args:
            index: the index of all routes.
            sessions: all sessions by id.
        """
        self._index, self._sessions = index, sessions
        self._known: dict[tuple[SubjectKey, Hashable, Hashable], _Known] = {}

    def get(self, subject: SubjectKey, routes: PrefixRoutes) -> SubjectResult | None:
        """Return the result of a prefix for these routes; None if it is not known."""
        known = self._known.get((subject, routes.pattern, routes.attribute_sets))
        if known is None:
            return None
        if not any(known.evidence):
            return known.result
        findings = tuple(
            attrs.evolve(
                finding, evidence=evidence_of(tuple(self._route(routes, *each) for each in places))
            )
            if places
            else finding
            for finding, places in zip(known.result.findings, known.evidence, strict=True)
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
        evidence = self._places(result.findings, routes, evaluations)
        if evidence is None:
            return
        if len(self._known) >= _FULL:
            del self._known[next(iter(self._known))]
        key = (result.subject, routes.pattern, routes.attribute_sets)
        self._known[key] = _Known(result, evidence)

    def clear(self) -> None:
        """Discard all results."""
        self._known.clear()

    def _places(
        self,
        findings: tuple[Finding, ...],
        routes: PrefixRoutes,
        evaluations: Iterable[Evaluation],
    ) -> tuple[tuple[_Place, ...], ...] | None:
        """Return the places of the evidence of each finding; None if some has no place."""
        if not any(each.evidence for each in findings):
            return ((),) * len(findings)
        observed: dict[int, Routes] = {}
        for each in evaluations:
            if each.findings and len(each.findings) == len(each.answers):
                pairs = zip(each.findings, each.answers, strict=True)
                observed.update((id(finding), answer.evidence) for finding, answer in pairs)
        found = []
        for finding in findings:
            seen = observed.get(id(finding), ())[: len(finding.evidence)]
            places = tuple(place for each in seen for place in self._place(routes, each))
            if len(places) < len(finding.evidence):
                return None
            found.append(places)
        return tuple(found)

    def _place(self, routes: PrefixRoutes, route: Observation) -> Iterator[_Place]:
        """Yield the place of a route; nothing if it is none of these routes."""
        for at, each in enumerate(self._on(routes, route.session)):
            if each is route:
                yield route.session, at

    def _route(self, routes: PrefixRoutes, session: str, at: int) -> Observation:
        return self._on(routes, session)[at]

    def _on(self, routes: PrefixRoutes, session: str) -> Routes:
        """Return the routes of a prefix on a session."""
        sources = self._index.sources(self._sessions[session])
        return tuple(route for each in sources for route in routes.routes(each))
