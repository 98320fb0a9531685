"""Everything that was seen, of all sources together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime
from typing import Final

import attrs

from peerlint.model import Prefix, View
from peerlint.observations.coverage import BEST_VIEW_FIRST, Coverage
from peerlint.observations.observation import Observation
from peerlint.observations.session_records import MergedInternTable, SessionRecords
from peerlint.observations.sources import SessionSource, SourceReading, SourceSummary
from peerlint.observations.timeline import sources_of

_BEST_FIRST: Final = list(Coverage)
_OLDEST: Final = datetime.min.replace(tzinfo=UTC)


@attrs.frozen
class Observations:
    """Everything that was seen.

    Attributes:
        sources: every dump.
        sessions: what the sources say of each session; sessions that none shows are left out.
        microsoft: how many routes AS8075 announces on a session, where a whole dump shows it.
    """

    sources: tuple[SourceSummary, ...] = ()
    sessions: Mapping[str, tuple[SessionSource, ...]] = attrs.field(factory=dict)
    microsoft: Mapping[str, int] = attrs.field(factory=dict)

    def of(self, session: str) -> tuple[SessionSource, ...]:
        """Return what the sources say of a session, the one that decides first.

        One that is too old yields to any that is not, then the best view stands first; among equal
        views the newer, one of unknown time last.
        """
        return tuple(sorted(self.sessions.get(session, ()), key=_rank))

    def validated(self, sessions: Collection[str]) -> dict[Prefix, tuple[Observation, ...]]:
        """Return the routes of which Azure says how it validated them, by prefix.

        Args:
            sessions: ids of those that are asked about.

        Returns:
            What no source that is too old says.
        """
        found: dict[Prefix, list[Observation]] = {}
        for session in sessions:
            for source in self.of(session):
                if source.is_too_old or not source.columns.shared.validations:
                    continue
                for seen in source.columns:
                    if seen.validation is not None:
                        found.setdefault(seen.route.prefix, []).append(seen)
        return {prefix: tuple(these) for prefix, these in found.items()}

    @classmethod
    def join(cls, read: Iterable[SourceReading]) -> Observations:
        """Put the sources together; updates are applied to the table of their session."""
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


def _rank(source: SessionSource) -> tuple[bool, int, float, int]:
    # Before every known time, where it is not known.
    age = 0.0 if source.last is None else -(source.last - _OLDEST).total_seconds()
    return (
        source.is_too_old,
        BEST_VIEW_FIRST.index(source.view),
        age,
        _BEST_FIRST.index(source.coverage),
    )


#: What dumps cover of a session in one view once they are joined: by name, session and view.
_Coverages = dict[tuple[str, str, View], Coverage]


def _joined(
    sessions: Mapping[str, tuple[SessionSource, ...]],
) -> tuple[dict[str, tuple[SessionSource, ...]], _Coverages]:
    """Apply updates to tables where several dumps speak of one session in one view."""
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
    # All sessions point into the same prefixes: one million of them is large enough once.
    shares = MergedInternTable.of(part for parts in several.values() for part in parts)
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
            for source, parts in sources_of(several[session, view], shares):
                kept.append(source)
                coverages |= {(part.file, session, view): source.coverage for part in parts}
        found[session] = tuple(attrs.evolve(each, records=None) for each in kept)
    return found, coverages


def _covered(summary: SourceSummary, coverages: _Coverages) -> SourceSummary:
    """Return a summary that says what the dump covers once it is joined with others."""
    joined = [
        coverages.get((summary.name, session, view), Coverage.NONE)
        for session, view in summary.views
    ]
    best = min(joined, key=_BEST_FIRST.index, default=summary.coverage)
    return attrs.evolve(summary, coverage=best, coverages=tuple(joined))
