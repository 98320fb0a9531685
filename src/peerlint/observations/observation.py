"""One route, seen on one session."""

from __future__ import annotations

from datetime import datetime

import attrs

from peerlint.model import AsPath, Criteria, Fact, Route, View, Viewpoint, facts
from peerlint.model.facts import community_facts, prefix_facts
from peerlint.model.times import from_microseconds
from peerlint.observations.sessions import SessionMatch


@attrs.frozen
class Validation:
    """What Azure's export of received routes says of a route besides the route itself.

    Attributes:
        rpki: rpkiValidationState, of the prefix and the origin AS; None if the
            export does not have it.
        origin: originAsValidationState, Azure's result for changes of the origin AS; None if the
            export does not have it.
    """

    rpki: str | None = None
    origin: str | None = None


@attrs.frozen
class Observation:
    """One route, seen on one session.

    Attributes:
        session: the session's id.
        route: what was seen.
        viewpoint: from where.
        facts: of the route, from there, under the criteria of the session's peering.
        source: the dump's name.
        record: offset of the record in the decompressed dump; of an export, of the row's prefix.
        shows_communities: whether the source would show communities if there were any.
        shows_path: whether the source tells the path; if it does not, that of `route` is empty
            and means nothing.
        validation: what Azure says of it; None where nothing is said.
    """

    session: str
    route: Route
    viewpoint: Viewpoint
    facts: Fact
    source: str
    record: int
    shows_communities: bool = True
    shows_path: bool = True
    validation: Validation | None = None

    @property
    def view(self) -> View:
        """Where the route was seen."""
        return self.viewpoint.view

    @property
    def time(self) -> datetime | None:
        """When the route was announced or recorded; None if the source does not tell."""
        if not self.route.timestamp:  # a writer that does not know it writes 0
            return None
        try:
            return from_microseconds(self.route.timestamp)
        except OverflowError:  # in no year that a calendar has
            return None

    @classmethod
    def of(
        cls, session_match: SessionMatch, route: Route, criteria: Criteria, source: str, record: int
    ) -> Observation:
        """Look at a route with the eyes of a session."""
        bits = facts(route, session_match.viewpoint, criteria)
        return cls(session_match.session.id, route, session_match.viewpoint, bits, source, record)

    def without_path(self, criteria: Criteria) -> Observation:
        """Return the same of a source that does not tell the path: facts about it do not hold."""
        bits = prefix_facts(self.route.prefix, criteria)
        if self.route.malformed:
            bits |= Fact.MALFORMED
        else:
            bits |= community_facts(self.route, criteria)
        route = attrs.evolve(self.route, path=AsPath())
        return attrs.evolve(self, route=route, facts=bits, shows_path=False)
