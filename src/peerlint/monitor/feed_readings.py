"""What the tables of live feeds show, as the sources of a check."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Final

import attrs

from peerlint.bulk import Quality
from peerlint.events import IPAddress, TableRef
from peerlint.model import Criteria, Fact, View
from peerlint.model.facts import facts
from peerlint.model.times import from_microseconds
from peerlint.monitor.feed_claims import Claims
from peerlint.monitor.feed_tables import (
    MAX_KEPT,
    FeedRouterState,
    FeedTable,
    FeedTables,
    GapCounts,
)
from peerlint.monitor.table_state import TableState
from peerlint.observations import (
    Coverage,
    FeedRouter,
    Observation,
    SessionCounts,
    SessionMatch,
    SessionSource,
    SourceReading,
    SourceSummary,
    UnmappedPeer,
)
from peerlint.observations.coverage import BEST_COVERAGE_FIRST
from peerlint.observations.sources import kept_unmapped_peers
from peerlint.wording import counted, listed

#: How many peers with the address of a session are named that are not taken for it.
_MAX_NAMED: Final = 10
_COLLECTOR: Final = "a collector does not show all routes"
_TOO_MANY: Final = f"more than {MAX_KEPT:,} routes to check: not all of them were kept"
_CONTRADICTION: Final = "its table after import policy has more routes than the one before it"
_POST_POLICY: Final = "only its table after import policy came: monitor it before policy too"


@attrs.frozen
class _Shown:
    """A table of a router that belongs to a session, and what is known of it."""

    match: SessionMatch
    table: FeedTable
    state: TableState


def feed_readings(
    tables: FeedTables,
    criteria: Mapping[str, Criteria],
    *,
    is_live: bool,
    remarks: Mapping[str, Iterable[str]],
    unwatched: Mapping[str, Mapping[TableRef | None, int]],
) -> tuple[SourceReading, ...]:
    """Return one source for each router of the feeds.

    Args:
        tables: the tables.
        criteria: what routes are measured against, by the name of the peering.
        is_live: whether a router that is connected would have said what changed until now; else
            its routes are as old as its last event.
        remarks: further remarks, by router.
        unwatched: the number of updates of tables without events, by router and table.
    """
    claims = Claims(tables)
    return tuple(
        _Reading(
            tables,
            feed,
            router,
            state,
            criteria,
            unwatched.get(router, {}),
            claims,
            is_live=is_live,
        ).reading(remarks.get(router, ()))
        for (feed, router), state in tables.routers.items()
    )


@attrs.frozen
class _Reading:
    """What one router shows."""

    tables: FeedTables
    feed: str
    router: str
    state: FeedRouterState
    criteria: Mapping[str, Criteria]
    unwatched: Mapping[TableRef | None, int]
    claims: Claims
    is_live: bool = attrs.field(kw_only=True)

    @property
    def name(self) -> str:
        """The name of the source."""
        return f"{self.feed} {self.router}"

    def reading(self, remarks: Iterable[str]) -> SourceReading:
        """Return the source."""
        shown, unmapped, from_microsoft, microsoft = self._mapped()
        groups: dict[tuple[str, View], list[_Shown]] = {}
        for each in shown:
            key = (each.match.session.id, each.match.viewpoint.view)
            groups.setdefault(key, []).append(each)
        others = {key: found for key in groups if (found := self.claims.others(self.router, *key))}
        ambiguous = {
            key: each for key, each in groups.items() if key not in others and _is_ambiguous(each)
        }
        sources: dict[str, tuple[SessionSource, ...]] = {}
        for (session, view), group in groups.items():
            if (session, view) not in ambiguous and (session, view) not in others:
                made = self._source(view, group)
                sources[session] = (*sources.get(session, ()), made)
        every = [source for found in sources.values() for source in found]
        peers, more_peers = kept_unmapped_peers(unmapped)
        said = [
            *self._gaps(),
            *self._down(),
            *self._contradictions(),
            *_ambiguities(ambiguous),
            *_claims(others),
            *self._post_policy(sources),
            *_reasons(
                {
                    key: each
                    for key, each in groups.items()
                    if key not in ambiguous and key not in others
                }
            ),
            *remarks,
        ]
        summary = SourceSummary(
            self.name,
            tuple((session, each.view) for session, found in sources.items() for each in found),
            min(
                (each.coverage for each in every),
                key=BEST_COVERAGE_FIRST.index,
                default=Coverage.NONE,
            ),
            Quality(
                records=self.state.events,
                entries=self._entries,
                malformed=self.state.malformed,
            ),
            microsoft=microsoft,
            from_microsoft=tuple(from_microsoft.items()),
            unmapped_peers=peers,
            more_unmapped_peers=more_peers,
            remarks=tuple(said),
            first=from_microseconds(self.state.first),
            last=from_microseconds(self._last),
            coverages=tuple(each.coverage for each in every),
            is_live=True,
        )
        return SourceReading(summary, sources)

    @property
    def _entries(self) -> int:
        """The number of routes of tables that are counted, and of updates of the others."""
        return sum(self.unwatched.values()) + sum(
            each.announced if held is None else sum(held.values())
            for each in self.state.tables.values()
            for held in [self.tables.synchronisation.held(self.feed, self.router, each.ref)]
        )

    def _unwatched_peers(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for ref, number in self.unwatched.items():
            name = "other peers" if ref is None else _peer_name(ref)
            found[name] = found.get(name, 0) + number
        return found

    @property
    def _last(self) -> int:
        if self.is_live and self.state.lost is None:
            return max(self.state.last, self.tables.synchronisation.time)
        return self.state.last

    def _mapped(self) -> tuple[list[_Shown], dict[str, int], dict[str, int], int]:
        """Return the tables of sessions, and what is counted of the others.

        Returns:
            The tables of sessions; the number of announcements of each other peer; the number of
            routes from Microsoft of each session that all of them are known of; the number of
            announcements from Microsoft.
        """
        shown: list[_Shown] = []
        unmapped = self._unwatched_peers()
        from_microsoft: dict[str, int] = {}
        microsoft: dict[IPAddress, int] = {}
        for table in self.state.tables.values():
            ref = table.ref
            found = self.tables.sessions_of(self.feed, self.router, ref)
            if found is UnmappedPeer.MICROSOFT:
                microsoft[ref.peer] = max(microsoft.get(ref.peer, 0), table.announced)
                from_microsoft |= self._from_microsoft(ref)
            elif isinstance(found, UnmappedPeer):
                if table.announced and not self._is_of_session(ref):
                    name = _peer_name(ref)
                    unmapped[name] = unmapped.get(name, 0) + table.announced
            else:
                state = self._table_state(ref)
                shown += (_Shown(each, table, state) for each in found)
        return shown, unmapped, from_microsoft, sum(microsoft.values())

    def _table_state(self, ref: TableRef) -> TableState:
        if ref.view is View.COLLECTOR:
            return TableState(Coverage.PARTIAL, reason=_COLLECTOR)
        state = self.tables.synchronisation.state(self.feed, self.router, ref)
        if state.coverage is Coverage.COMPLETE and self._contradicts_post_policy(ref):
            return TableState(Coverage.PARTIAL, reason=_CONTRADICTION)
        if self.tables.is_full and state.coverage is Coverage.COMPLETE:
            return TableState(Coverage.PARTIAL, reason=_TOO_MANY)
        return state

    def _contradicts_post_policy(self, ref: TableRef) -> bool:
        """Whether the table after import policy has more routes than the one before it.

        Policy makes no routes. FRR withdraws each prefix from the table before policy that it
        announces in the table after it (FRRouting/frr issues 13903 and 18070).
        """
        if ref.view is not View.ADJ_RIB_IN or ref.is_post_policy:
            return False
        after = attrs.evolve(ref, is_post_policy=True)
        both = [
            self.tables.synchronisation.held(self.feed, self.router, each) for each in (ref, after)
        ]
        before, behind = both
        if before is None or behind is None:
            return False
        return any(behind[family] > before[family] for family in before)

    def _is_of_session(self, ref: TableRef) -> bool:
        """Whether a table after import policy is of a session, which a remark says."""
        return ref.is_post_policy and bool(self.tables.sessions_with_peer(ref))

    def _from_microsoft(self, ref: TableRef) -> dict[str, int]:
        """Return the number of routes from Microsoft, if they are known and of one session."""
        sessions = self.tables.peers.sessions_with_microsoft(self.feed, self.router, ref)
        is_known = self._table_state(ref).coverage is Coverage.COMPLETE
        if len(sessions) != 1 or not is_known or ref.is_post_policy:
            return {}
        held = self.tables.synchronisation.held(self.feed, self.router, ref)
        return {} if held is None else {sessions[0]: sum(held.values())}

    def _source(self, view: View, group: list[_Shown]) -> SessionSource:
        """Return what the router shows of a session in one view."""
        session = group[0].match.session
        criteria = self.criteria[session.peering.name]
        router = FeedRouter(self.feed, self.router)
        routes = tuple(
            Observation(
                session.id,
                each.route,
                one.match.viewpoint,
                facts(each.route, one.match.viewpoint, criteria),
                self.name,
                each.record,
                shows_other_communities=each.shows_other_communities,
                router=router,
            )
            for one in group
            for each in one.table.certain_routes
        )
        worst = max((one.state.coverage for one in group), key=BEST_COVERAGE_FIRST.index)
        return SessionSource(
            self.name,
            view,
            worst,
            self._counts(group, routes),
            routes,
            last=from_microseconds(self._last),
        )

    def _counts(self, group: list[_Shown], routes: tuple[Observation, ...]) -> SessionCounts:
        """Return the number of routes; of uncounted tables, that of announcements."""
        tagged = sum(bool(each.facts & Fact.TAGGED) for each in routes)
        number = ipv6 = 0
        is_counted = True
        for one in group:
            held = self.tables.synchronisation.held(self.feed, self.router, one.table.ref)
            if held is None:
                is_counted = False
                number += one.table.announced
            else:
                number += sum(held.values())
                ipv6 += held[6]
        return SessionCounts(max(number, len(routes)), tagged, ipv6, is_counted)

    # -- remarks

    def _gaps(self) -> Iterator[str]:
        lost = self.state.lost
        if lost is not None:
            yield f"lost: {lost}"
        for gaps in (self.state.gaps, self.tables.gaps):
            yield from gap_texts(gaps, but=lost)

    def _down(self) -> Iterator[str]:
        down = sorted({*self.tables.peers.down_sessions(self.feed, self.router)})
        if down:
            yield f"{listed(down)}: the router says that the session is down"

    def _contradictions(self) -> Iterator[str]:
        """Yield why tables are of no session, whose peers have addresses of sessions."""
        found: dict[str, None] = {}
        for ref in (each.ref for each in self.state.tables.values()):
            if self.tables.sessions_of(self.feed, self.router, ref) is not UnmappedPeer.UNKNOWN:
                continue
            reasons = self.tables.peers.contradictions(self.feed, self.router, ref)
            for session, each in reasons.items():
                found[f"peer {ref.peer} is not taken for {session}: {'; '.join(each)}"] = None
        yield from islice(found, _MAX_NAMED)
        if len(found) > _MAX_NAMED:
            more = counted(len(found) - _MAX_NAMED, "more peer")
            yield f"{more} with addresses of sessions, not taken for them"

    def _post_policy(self, sources: Mapping[str, object]) -> Iterator[str]:
        """Yield the sessions of which only the table after import policy came."""
        missing = {
            session
            for ref in (each.ref for each in self.state.tables.values())
            if ref.is_post_policy
            for session in self.tables.sessions_with_peer(ref)
            if session not in sources
        }
        if missing:
            yield f"{listed(sorted(missing))}: {_POST_POLICY}"


def gap_texts(gaps: GapCounts, *, but: str | None = None) -> Iterator[str]:
    """Yield what is said about gaps.

    Args:
        gaps: the gaps.
        but: a reason that was said already; None without one.
    """
    for reason, times in gaps.by_reason.items():
        if reason != but:
            again = "" if times == 1 else f" ({times:,} times)"
            yield f"events may be missing: {reason}{again}"
    if gaps.more:
        yield counted(gaps.more, "more gap")


def _peer_name(ref: TableRef) -> str:
    asn = "AS not known" if ref.asn is None else f"AS{ref.asn}"
    return f"{ref.peer} {asn}"


def _is_ambiguous(group: list[_Shown]) -> bool:
    """Whether several peers, or the Loc-RIBs of several instances, seem to be a session's."""
    view = group[0].match.viewpoint.view
    if view is View.LOC_RIB:
        return len({one.table.ref.distinguisher for one in group}) > 1
    if not (view.is_definite or view is View.ADVERTISED):
        return False
    return len({(one.table.ref.peer, one.table.ref.distinguisher) for one in group}) > 1


def _claims(others: Mapping[tuple[str, View], list[str]]) -> Iterator[str]:
    for (session, view), routers in others.items():
        yield (
            f"{session} is shown by {listed(routers)} too ({view}): not evaluated here, because "
            "it is not known to be on this router"
        )


def _ambiguities(groups: Mapping[tuple[str, View], list[_Shown]]) -> Iterator[str]:
    for (session, view), group in groups.items():
        instances = sorted({one.table.ref.distinguisher for one in group})
        yield (
            f"{session} has its peer in {len(group)} tables of the view {view}, in the instances "
            f"{listed(map(str, instances))}: not evaluated, because neither is known to be it"
        )


def _reasons(groups: Mapping[tuple[str, View], list[_Shown]]) -> Iterator[str]:
    """Yield why not all routes of sessions are known, each reason once."""
    by_reason: dict[tuple[str, View], list[str]] = {}
    for (session, view), group in groups.items():
        for reason in dict.fromkeys(one.state.reason for one in group if one.state.reason):
            by_reason.setdefault((reason, view), []).append(session)
    for (reason, view), sessions in by_reason.items():
        if view is View.COLLECTOR:
            yield f"{reason}: absence is unknown"
        else:
            yield f"{listed(sessions)}: not all routes are known ({view}): {reason}"
