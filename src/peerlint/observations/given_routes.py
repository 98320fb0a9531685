"""Routes that a program has in memory as a source."""

from __future__ import annotations

from collections.abc import Sequence

from peerlint.inventory import SessionRef
from peerlint.model import Criteria, Fact, Route, View
from peerlint.observations.coverage import Coverage
from peerlint.observations.observation import Observation
from peerlint.observations.session_routes import SessionCounts
from peerlint.observations.sessions import session_match
from peerlint.observations.sources import SessionSource, SourceReading, SourceSummary
from peerlint.wire.damage import Quality


def given_routes(
    session: SessionRef,
    routes: Sequence[Route],
    *,
    view: View,
    coverage: Coverage,
    criteria: Criteria,
) -> SourceReading:
    """Return the routes of one session, which the caller has in memory, as a source.

    Its time is not known. Its octets are those of a text with a line for the session and one for
    each route, in the one-line notation; `Observation.record` is the offset of the route's line.

    Args:
        session: the session.
        routes: its routes; several for one prefix are several paths.
        view: the view in which they were seen.
        coverage: whether they are all routes of the session.
        criteria: the criteria of the session's peering.
    """
    name = f"routes of {session.id}"
    match = session_match(session, view)
    octets = _size(session.id)
    seen = []
    for route in routes:
        seen.append(Observation.of(match, route, criteria, name, octets))
        octets += _size(str(route))
    counts = SessionCounts(
        len(routes),
        tagged=sum(bool(each.facts & Fact.TAGGED) for each in seen),
        ipv6=sum(route.prefix.family == 6 for route in routes),
    )
    source = SessionSource(name, view, coverage, counts, tuple(seen))
    quality = Quality(
        octets=octets,
        records=len(routes),
        entries=len(routes),
        malformed=sum(bool(route.malformed) for route in routes),
        read=octets,
    )
    summary = SourceSummary(name, ((session.id, view),), coverage, quality, coverages=(coverage,))
    return SourceReading(summary, {session.id: (source,)})


def _size(line: str) -> int:
    return len(line.encode(errors="surrogatepass")) + 1
