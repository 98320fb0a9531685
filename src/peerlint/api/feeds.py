"""Live feeds as arguments of a check or a monitor."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from peerlint.arguments import must_be
from peerlint.errors import InputError
from peerlint.model.times import MaxAge
from peerlint.service.feed_input import FeedInput

if TYPE_CHECKING:
    from peerlint.events import Feed

__all__ = ["DEFAULT_WAIT", "FeedInput", "given_feeds", "wait_of"]

#: How long a check listens by default.
DEFAULT_WAIT: Final = "60s"


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
