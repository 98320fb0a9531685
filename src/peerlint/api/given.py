"""The arguments of `check` that are sources: dumps, exports, and routes from memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import attrs

from peerlint.api.feeds import FeedInput, given_feeds, wait_of
from peerlint.api.views import parse_view
from peerlint.arguments import A_PATH, PATH, as_tuple, must_be, must_be_one_of
from peerlint.errors import InputError
from peerlint.inventory import Inventory
from peerlint.model import Criteria, Route, View
from peerlint.observations import Coverage, SourceReading, given_routes
from peerlint.wording import closest, listed

if TYPE_CHECKING:
    from peerlint.events import Feed


@attrs.frozen
class GivenSources:
    """The arguments of `check` that are sources.

    Attributes:
        ribs: the dumps; None for those of the inventory.
        received: the exports of received routes.
        routes: the routes from memory, by the session's id.
        view: the view of `routes`.
        coverage: whether `routes` are all routes of their sessions.
        feeds: the live feeds.
        wait: how long to listen to them.
    """

    ribs: tuple[str | Path, ...] | None
    received: tuple[str | Path, ...]
    routes: Mapping[str, tuple[Route, ...]]
    view: View
    coverage: Coverage
    feeds: tuple[FeedInput, ...]
    wait: timedelta

    @classmethod
    def of(
        cls,
        ribs: Iterable[str | Path] | None,
        received: Iterable[str | Path],
        routes: Mapping[str, Iterable[Route]] | None,
        view: View | str | None,
        coverage: str | None,
        *,
        feeds: Iterable[Feed | FeedInput],
        wait: str | timedelta | None,
    ) -> GivenSources:
        """Check the arguments.

        Raises:
            InputError: one has the wrong type, there is no such view, or a view or coverage is
                given without routes: those of dumps are in their names and records.
        """
        must_be("routes", routes, Mapping, "routes by session", or_none=True)
        for name, value in (("view", view), ("coverage", coverage)):
            if routes is None and value is not None:
                hint = "the view of a dump is part of its name, as in ams-1=FILE@sent"
                raise InputError(name, expected="`routes` with it", found=value, hint=hint)
        if coverage is not None:
            must_be_one_of("coverage", coverage, ("complete", "partial"))
        by_session = {}
        for session, values in (routes or {}).items():
            must_be("routes", session, str, "ids of sessions")
            by_session[session] = as_tuple(f"routes of {session}", values, Route, "Route values")
        live = given_feeds(feeds)
        if wait is not None and not live:
            raise InputError("wait", expected="`feeds` with it", found=wait)
        has_others = routes is not None or live
        dumps = () if ribs is None and has_others else ribs
        return cls(
            None if dumps is None else as_tuple("ribs", dumps, PATH, A_PATH),
            as_tuple("received", received, PATH, A_PATH),
            by_session,
            parse_view(View.SENT if view is None else view),
            Coverage(coverage or "complete"),
            live,
            wait_of(wait),
        )

    @property
    def names(self) -> tuple[str | Path, ...]:
        """The names of dumps and exports, as the caller gives them."""
        return (*(self.ribs or ()), *self.received)

    def from_memory(
        self, inventory: Inventory, criteria: Mapping[str, Criteria]
    ) -> Iterator[SourceReading]:
        """Yield the routes of each session that the caller has in memory.

        Args:
            inventory: the sessions.
            criteria: the limits that routes are compared with, by the name of the peering.

        Raises:
            InputError: the inventory has no session of that name.
        """
        sessions = {session.id: session for session in inventory.sessions}
        ids = listed(sessions) if sessions else "the inventory has none"
        for name, routes in self.routes.items():
            if name not in sessions:
                expected, close = f"the id of a session ({ids})", closest(name, sessions)
                raise InputError("routes", expected=expected, found=name, close=close)
            yield given_routes(
                sessions[name],
                routes,
                view=self.view,
                coverage=self.coverage,
                criteria=criteria[sessions[name].peering.name],
            )
