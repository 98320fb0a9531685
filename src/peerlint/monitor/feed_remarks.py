"""Remarks about what a router of a live feed shows."""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from itertools import islice
from typing import Final

import attrs

from peerlint.model import View
from peerlint.monitor.feed_tables import FeedTables
from peerlint.monitor.router_state import FeedRouterState, GapCounts
from peerlint.monitor.session_tables import SessionTable, SessionView
from peerlint.observations import UnmappedPeer
from peerlint.wording import counted, listed

#: How many peers with the address of a session are named that are not taken for it.
_MAX_NAMED: Final = 10
_POST_POLICY: Final = "only its table after import policy came: monitor it before policy too"


@attrs.frozen
class RouterRemarks:
    """Makes the remarks about one router and its sessions.

    Attributes:
        tables: the tables of all routers.
        feed: the feed's name.
        router: the router.
        state: what is known of the router.
    """

    tables: FeedTables
    feed: str
    router: str
    state: FeedRouterState

    def gaps(self) -> Iterator[str]:
        """Yield why the router is lost, and why its events may be missing."""
        lost = self.state.lost
        if lost is not None:
            yield f"lost: {lost}"
        for gaps in (self.state.gaps, self.tables.gaps):
            yield from gap_texts(gaps, except_for=lost)

    def down(self) -> Iterator[str]:
        """Yield which sessions the router says are down."""
        down = sorted({*self.tables.peers.down_sessions(self.feed, self.router)})
        if down:
            yield f"{listed(down)}: the router says that the session is down"

    def contradictions(self) -> Iterator[str]:
        """Yield why peers with addresses of sessions are not taken for them."""
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

    def post_policy(self, sessions: Container[str]) -> Iterator[str]:
        """Yield of which sessions only the table after import policy came.

        Args:
            sessions: the ids of the sessions of which another table came.
        """
        missing = {
            session
            for ref in (each.ref for each in self.state.tables.values())
            if ref.is_post_policy
            for session in self.tables.sessions_with_peer(ref)
            if session not in sessions
        }
        if missing:
            yield f"{listed(sorted(missing))}: {_POST_POLICY}"


def gap_texts(gaps: GapCounts, *, except_for: str | None = None) -> Iterator[str]:
    """Yield a text for each reason for which events may be missing.

    Args:
        gaps: the gaps.
        except_for: a reason that another remark has; None if there is none.
    """
    for reason, times in gaps.by_reason.items():
        if reason != except_for:
            again = "" if times == 1 else f" ({times:,} times)"
            yield f"events may be missing: {reason}{again}"
    if gaps.more:
        yield counted(gaps.more, "more gap")


def shown_elsewhere(others: Mapping[SessionView, list[str]]) -> Iterator[str]:
    """Yield which sessions are not evaluated here, because other routers show them too."""
    for (session, view), routers in others.items():
        yield (
            f"{session} is shown by {listed(routers)} too ({view}): not evaluated here, because "
            "it is not known to be on this router"
        )


def ambiguities(groups: Mapping[SessionView, list[SessionTable]]) -> Iterator[str]:
    """Yield which sessions are not evaluated, because several peers may be theirs."""
    for (session, view), group in groups.items():
        instances = sorted({one.table.ref.distinguisher for one in group})
        yield (
            f"{session} has its peer in {len(group)} tables of the view {view}, in the instances "
            f"{listed(map(str, instances))}: not evaluated, because neither is known to be it"
        )


def incomplete_tables(groups: Mapping[SessionView, list[SessionTable]]) -> Iterator[str]:
    """Yield why not all routes of sessions are known, each reason once."""
    by_reason: dict[SessionView, list[str]] = {}
    for (session, view), group in groups.items():
        for reason in dict.fromkeys(one.state.reason for one in group if one.state.reason):
            by_reason.setdefault((reason, view), []).append(session)
    for (reason, view), sessions in by_reason.items():
        if view is View.COLLECTOR:
            yield f"{reason}: absence is unknown"
        else:
            yield f"{listed(sessions)}: not all routes are known ({view}): {reason}"
