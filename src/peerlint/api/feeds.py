"""Live feeds as arguments of a check."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import attrs

from peerlint.arguments import must_be
from peerlint.errors import InputError
from peerlint.model.times import MaxAge
from peerlint.observations import RibArgument

if TYPE_CHECKING:
    from peerlint.events import Feed, TableRef
    from peerlint.monitor import KeptRoutes

#: How long a check listens by default.
DEFAULT_WAIT: Final = "60s"


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
    """A feed as a source of a check.

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


def wait_of(text: str | timedelta | None) -> timedelta:
    """Return how long to listen.

    Args:
        text: a text such as "60s", or a duration; None for `DEFAULT_WAIT`.

    Raises:
        InputError: the value is no duration.
    """
    must_be("wait", text, (str, timedelta), 'a duration such as "60s"', or_none=True)
    if isinstance(text, timedelta):
        return text
    limit = MaxAge.parse(DEFAULT_WAIT if text is None else text, "wait").limit
    if limit is None:
        raise InputError("wait", expected='a duration such as "60s" or "10m"', found=text)
    return limit


def given_feeds(feeds: Iterable[Feed | FeedInput]) -> tuple[FeedInput, ...]:
    """Return the feeds of a caller as sources.

    Raises:
        InputError: one is no async iterator of events.
    """
    must_be("feeds", feeds, Iterable, "feeds")
    found = []
    for each in feeds:
        if isinstance(each, FeedInput):
            found.append(each)
            continue
        for name in ("__aiter__", "__anext__"):
            if not hasattr(each, name):
                raise InputError("feeds", expected="async iterators of events", found=each)
        is_live = bool(getattr(each, "is_live", True))
        has_heartbeat = bool(getattr(each, "has_heartbeat", False))
        found.append(FeedInput(each, "the feed", is_live=is_live, has_heartbeat=has_heartbeat))
    return tuple(found)
