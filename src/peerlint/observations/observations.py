"""The observations of all sources together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

import attrs

from peerlint.model import Prefix, View
from peerlint.observations.coverage import BEST_COVERAGE_FIRST, BEST_VIEW_FIRST, Coverage
from peerlint.observations.observation import Observation
from peerlint.observations.session_records import MergedInternTable, SessionRecords
from peerlint.observations.sources import SessionSource, SourceReading, SourceSummary
from peerlint.observations.timeline import sources_of

_OLDEST: Final = datetime.min.replace(tzinfo=UTC)


@attrs.frozen
class Observations:
    """The observations of all sources.

    Attributes:
        sources: a summary of each source.
        sessions: by session id, what the sources show of the session; sessions that no source
            shows are left out.
        microsoft: by session id, how many routes AS8075 announces on the session; only sessions
            for which a whole dump shows it.
    """

    sources: tuple[SourceSummary, ...] = ()
    sessions: Mapping[str, tuple[SessionSource, ...]] = attrs.field(factory=dict)
    microsoft: Mapping[str, int] = attrs.field(factory=dict)

    def of(self, session: str) -> tuple[SessionSource, ...]:
        """Return the sources of a session; the first one decides.

        The order: sources that are not too old come first, then the better view, then the newer
        source; a source of unknown time comes after those of the same view.
        """
        return tuple(sorted(self.sessions.get(session, ()), key=_rank))

    def validated(self, sessions: Collection[str]) -> dict[Prefix, tuple[Observation, ...]]:
        """Return the routes that have validation states of Azure's, by prefix.

        Args:
            sessions: the ids of the sessions to look at.

        Returns:
            The routes; those of sources that are too old are left out.
        """
        found: dict[Prefix, list[Observation]] = {}
        for session in sessions:
            for source in self.of(session):
                if source.is_too_old or not source.columns.shared.validations:
                    continue
                for each in source.columns:
                    if each.validation is not None:
                        found.setdefault(each.route.prefix, []).append(each)
        return {prefix: tuple(routes) for prefix, routes in found.items()}

    @classmethod
    def join(cls, read: Iterable[SourceReading]) -> Observations:
        """Join the sources; updates are applied to the table of their session."""
        summaries: list[SourceSummary] = []
        sessions: dict[str, tuple[SessionSource, ...]] = {}
        microsoft: dict[str, int] = {}
        for summary, by_session in read:
            summaries.append(summary)
            microsoft.update(summary.from_microsoft)
            for session, sources in by_session.items():
                sessions[session] = (*sessions.get(session, ()), *sources)
        joined, coverages = _joined(sessions)
        return cls(
            tuple(_covered(each, coverages) for each in summaries),
            joined,
            microsoft,
        )


def _rank(source: SessionSource) -> tuple[bool, int, float, int, int]:
    # The negated age sorts the newest first; 0 sorts an unknown time after every known one.
    age = 0.0 if source.last is None else -(source.last - _OLDEST).total_seconds()
    view = BEST_VIEW_FIRST.index(source.view)
    # What a router sends now is on the wire, as was what an older dump shows as received: of both
    # the newer one decides.
    is_on_the_wire = source.is_live and source.view.is_definite
    return (
        source.is_too_old,
        0 if is_on_the_wire else view,
        age,
        view,
        BEST_COVERAGE_FIRST.index(source.coverage),
    )


#: The coverage of a session by a dump once it is joined with others: by file, session and view.
_Coverages = dict[tuple[str, str, View], Coverage]


def _joined(
    sessions: Mapping[str, tuple[SessionSource, ...]],
) -> tuple[dict[str, tuple[SessionSource, ...]], _Coverages]:
    """Apply updates to tables where several dumps show one session in one view."""
    groups: dict[tuple[str, View], list[SessionRecords]] = {}
    for session, sources in sessions.items():
        for each in sources:
            if each.records is not None:
                groups.setdefault((session, each.view), []).append(each.records)
    several = {
        key: parts
        for key, parts in groups.items()
        if len(parts) > 1 and any(part.feed is not None for part in parts)
    }
    # One table for all sessions, because a million prefixes take much memory.
    merged = MergedInternTable.of(part for parts in several.values() for part in parts)
    coverages: _Coverages = {
        (each.source, session, each.view): each.coverage
        for session, sources in sessions.items()
        for each in sources
    }
    found: dict[str, tuple[SessionSource, ...]] = {}
    for session, sources in sessions.items():
        kept = [
            each for each in sources if each.records is None or (session, each.view) not in several
        ]
        for view in dict.fromkeys(each.view for each in sources if (session, each.view) in several):
            for source, parts in sources_of(several[session, view], merged):
                kept.append(source)
                coverages |= {(part.file, session, view): source.coverage for part in parts}
        found[session] = tuple(attrs.evolve(each, records=None) for each in kept)
    return found, coverages


def _covered(summary: SourceSummary, coverages: _Coverages) -> SourceSummary:
    """Return a summary with the coverage that the dump has once it is joined with others."""
    joined = [
        coverages.get((summary.name, session, view), Coverage.NONE)
        for session, view in summary.views
    ]
    best = min(joined, key=BEST_COVERAGE_FIRST.index, default=summary.coverage)
    return attrs.evolve(summary, coverage=best, coverages=tuple(joined))
