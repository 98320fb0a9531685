"""Observations: one route, seen on one session."""

from __future__ import annotations

from datetime import datetime

import attrs

from peerlint.model import AsPath, Criteria, Fact, Route, View, Viewpoint, facts
from peerlint.model.facts import community_facts, prefix_facts
from peerlint.model.times import from_microseconds
from peerlint.observations.sessions import SessionMatch


@attrs.frozen
class Validation:
    """The validation states of a route in Azure's export of received routes.

    Attributes:
        rpki: rpkiValidationState, for the prefix and the origin AS; None if the export does not
            have it.
        origin: originAsValidationState, Azure's result for changes of the origin AS; None if the
            export does not have it.
    """

    rpki: str | None = None
    origin: str | None = None


@attrs.frozen
class FeedRouter:
    """A router whose messages came from a live feed, which cannot be read again.

    Attributes:
        feed: the name of the feed.
        router: the name or address of the router.
    """

    feed: str
    router: str


@attrs.frozen
class Observation:
    """One route, seen on one session.

    Attributes:
        session: the session's id.
        route: the route.
        viewpoint: where it was seen, and how its path is read.
        facts: the facts of the route, for this viewpoint and the criteria of the session's peering.
        source: the name of the dump, export or feed.
        record: the offset of the record in the decompressed dump, in octets; in an export, the
            offset of the row's prefix; in a live feed, the number of the event.
        shows_communities: whether the source shows communities.
        shows_path: whether the source tells the path; if not, the path of `route` is empty and
            means nothing.
        validation: Azure's validation states; None if the source has none.
        shows_other_communities: whether the source shows large and extended communities; if not,
            the route has none, and that means nothing.
        router: the router that sent it over a live feed; None for a route from a file.
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
    shows_other_communities: bool = True
    router: FeedRouter | None = None

    @property
    def view(self) -> View:
        """The view in which the route was seen."""
        return self.viewpoint.view

    @property
    def time(self) -> datetime | None:
        """When the route was announced or recorded; None if the source does not tell."""
        if not self.route.timestamp:  # a writer that does not know the time writes 0
            return None
        try:
            return from_microseconds(self.route.timestamp)
        except OverflowError:  # beyond the last year of `datetime`
            return None

    @classmethod
    def of(
        cls, session_match: SessionMatch, route: Route, criteria: Criteria, source: str, record: int
    ) -> Observation:
        """Return a route as an observation on a session.

        Args:
            session_match: the session, and the viewpoint of its routes.
            route: the route.
            criteria: the criteria of the session's peering.
            source: the name of the dump or export.
            record: the offset of the record, in octets.
        """
        bits = facts(route, session_match.viewpoint, criteria)
        return cls(session_match.session.id, route, session_match.viewpoint, bits, source, record)

    def without_path(self, criteria: Criteria) -> Observation:
        """Return the observation as a source without paths has it: without facts about the path."""
        bits = prefix_facts(self.route.prefix, criteria)
        if self.route.malformed:
            bits |= Fact.MALFORMED
        else:
            bits |= community_facts(self.route, criteria)
        route = attrs.evolve(self.route, path=AsPath())
        return attrs.evolve(self, route=route, facts=bits, shows_path=False)
