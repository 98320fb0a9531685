"""A feed as an argument: its events, and how to start, choose, reopen and close it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import attrs

from peerlint.observations import RibArgument

if TYPE_CHECKING:
    from peerlint.events import Feed, TableRef
    from peerlint.inventory import Inventory
    from peerlint.monitor import KeptRoutes


def _no_remarks() -> Mapping[str, Sequence[str]]:
    return {}


def _nothing_came() -> str:
    return "no message came"


def _yields_all(_kept: KeptRoutes, _watches: Callable[[str, TableRef], bool]) -> None:
    """Do nothing: most feeds yield all routes that they get."""


def _cannot_reconnect(_router: str, _reason: str) -> None:
    """Do nothing: most feeds cannot ask for everything again."""


@attrs.frozen(eq=False)
class FeedInput:
    """A feed as a source of a check, or of a monitor.

    Attributes:
        feed: its events.
        name: what is read, for messages.
        argument_of: returns a router of the events as the user names it.
        is_live: whether events have the time of their arrival; else that of the past.
        is_endless: whether it waits for more when all that is there was read.
        silence: returns why there are no events, if none came in the time.
        remarks: returns what is unusual, by router.
        notes: returns what is unusual about no router in particular.
        select: called before the feed begins, with the routes that are needed, and with a function
            that returns whether a table of a router is. The feed may yield other routes too.
        unwatched: returns the number of updates of tables that are not needed, by router and
            table; None as a table stands for those that are not counted apart.
        reconnect: called with a router and a reason; closes its connection, so that it sends all
            of its routes again.
        close: ends the feed.
        has_heartbeat: whether its silence means something, once it or its routers have given signs
            of life regularly: a `Heartbeat`, or Statistics again and again.
        start: begins to listen before the first event is asked for, and returns what is read, as
            `name`; raises `FeedError` if it cannot. None if there is nothing to begin before.
        reopen: returns the same feed, not begun, for an inventory that may have changed; None if
            it cannot be opened twice. The old one is closed before.
    """

    feed: Feed
    name: str
    argument_of: Callable[[str], RibArgument] = RibArgument
    is_live: bool = True
    is_endless: bool = False
    silence: Callable[[], str] = _nothing_came
    remarks: Callable[[], Mapping[str, Sequence[str]]] = _no_remarks
    notes: Callable[[], Sequence[str]] = tuple
    select: Callable[[KeptRoutes, Callable[[str, TableRef], bool]], object] = _yields_all
    unwatched: Callable[[], Mapping[str, Mapping[TableRef | None, int]]] = dict
    reconnect: Callable[[str, str], object] = _cannot_reconnect
    close: Callable[[], Awaitable[object] | None] | None = None
    has_heartbeat: bool = False
    start: Callable[[], Awaitable[str]] | None = None
    reopen: Callable[[Inventory], FeedInput] | None = None
