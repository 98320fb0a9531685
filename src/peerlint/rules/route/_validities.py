"""What VRPs say of the routes for a prefix (RFC 6811)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from peerlint.model import Fact, Prefix
from peerlint.observations import Observation
from peerlint.registry import OriginState, SourceKind, Validity, ValidityReason
from peerlint.results import Phrase, Severity, clause
from peerlint.rules._declare import unknown
from peerlint.rules._effective import origin_of
from peerlint.rules._registry_data import Gap, RegistryData, gaps_text, wanted_data
from peerlint.rules._registry_texts import vrps_text
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context
from peerlint.rules.subjects import ObservedPrefix

_WHY: Final = {
    ValidityReason.LENGTH: "the prefix is longer than VRPs of this origin allow",
    ValidityReason.AS: "VRPs that cover the prefix are of other origins",
    ValidityReason.AS0: "VRPs that cover the prefix are of AS0, so that nobody may originate it",
    ValidityReason.NO_ORIGIN: "VRPs cover the prefix, and the route has no origin",
}


@attrs.frozen
class RouteValidities:
    """What VRPs say of the routes for a prefix.

    Attributes:
        subject: the prefix, as declared and with its routes.
        prefix: the parsed prefix.
        data: the registry data, which have VRPs.
        routes: the routes by origin, None for routes without one; those of one session of each
            group. A declared origin may have none.
        sessions: the ids of the sessions with such routes, by origin.
    """

    subject: ObservedPrefix
    prefix: Prefix
    data: RegistryData
    routes: Mapping[int | None, tuple[Observation, ...]]
    sessions: Mapping[int | None, tuple[str, ...]]

    @classmethod
    def of(cls, subject: ObservedPrefix, context: Context) -> RouteValidities | None:
        """Return what VRPs say of a prefix; None without any VRPs."""
        data = context.registry_data
        if data is None or not data.has(SourceKind.VRPS) or subject.prefix is None:
            return None
        routes: dict[int | None, tuple[Observation, ...]] = {}
        sessions: dict[int | None, tuple[str, ...]] = {}
        if subject.registered.origin is not None:
            routes[subject.registered.origin] = ()
        for group in subject.groups:
            shown = [each for each in group.routes if each.shows_path]
            for each in shown:
                origin = _origin_of(each)
                routes[origin] = (*routes.get(origin, ()), each)
            for origin in {_origin_of(each) for each in shown}:
                sessions[origin] = (*sessions.get(origin, ()), *group.session_ids)
        return cls(subject, subject.prefix, data, routes, sessions)

    @property
    def gaps(self) -> tuple[Gap, ...]:
        """Why the VRPs may not be all that there are."""
        return self.data.gaps(SourceKind.VRPS)

    def invalid(self) -> dict[int | None, Problem]:
        """Return the problem of each origin whose routes are invalid, if the VRPs are complete."""
        if self.gaps:
            return {}
        found: dict[int | None, Problem] = {}
        for origin, routes in self.routes.items():
            validity = self.data.validity(self.prefix, origin)
            if validity.state is OriginState.INVALID:
                found[origin] = self._problem(validity, routes)
        return found

    def undecided(self, question: Phrase) -> Iterator[Unknown]:
        """Yield an unknown if VRPs are not complete and do not make the routes valid.

        Args:
            question: what is not known, as the subject of a sentence.
        """
        if not self.routes:
            yield Unknown(Need.PATH, unknown(question), "a route for the prefix")
        elif self.gaps and not all(
            self.data.validity(self.prefix, origin).state is OriginState.VALID
            for origin in self.routes
        ):
            yield self._open(question)

    def not_covered(self, question: Phrase) -> Iterator[Problem | Unknown]:
        """Yield the problem that no VRP covers the prefix.

        Args:
            question: what is not known, as the subject of a sentence.
        """
        if self.data.validity(self.prefix, None).state is not OriginState.NOT_FOUND:
            return
        if self.gaps:
            yield self._open(question)
        else:
            found = clause("no VRP covers ", self.subject.own_prefix, is_long=False)
            yield Problem(found, "one for prefix and origin")

    def _open(self, question: Phrase) -> Unknown:
        found = clause(unknown(question), f": {gaps_text(self.gaps)}")
        return Unknown(Need.VRPS, found, wanted_data(self.gaps))

    def _problem(self, validity: Validity, routes: tuple[Observation, ...]) -> Problem:
        origin = "without an origin" if validity.origin is None else f"from AS{validity.origin}"
        vrps = validity.unmatched_length or validity.unmatched_as
        sessions = self.sessions.get(validity.origin, ())
        return Problem(
            clause(
                f"the route {origin} is RPKI invalid: {_WHY[validity.reason]} ({vrps_text(vrps)})"
            ),
            "valid, or no VRP that covers it",
            routes,
            severity=severity_of(self.subject, sessions),
            about="no origin" if validity.origin is None else f"AS{validity.origin}",
            sessions=sessions,
        )


def _origin_of(route: Observation) -> int | None:
    """Return the origin of a route; None for an empty path, with which AS8075 receives none."""
    return None if route.facts & Fact.EMPTY_PATH else origin_of(route)


def severity_of(subject: ObservedPrefix, sessions: Iterable[str]) -> Severity | None:
    """Return a warning for a problem on other sessions than those that have to announce a prefix.

    Args:
        subject: the prefix.
        sessions: the ids of the sessions; none if the problem is about a declared origin.

    Returns:
        None for the severity of the rule.
    """
    every = {*sessions}
    own = {cell.session.id for cell in subject.cells if cell.is_required} | {*subject.passing}
    return None if not every or every & own else Severity.WARNING
