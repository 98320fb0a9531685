"""Events from pybgpstream."""

from __future__ import annotations

from collections.abc import Iterable

from peerlint.api.views import parse_view
from peerlint.arguments import A_STRING, must_be
from peerlint.feeds.bgpstream import BgpStreamFeed
from peerlint.model import View


def from_bgpstream(
    stream: Iterable[object], *, feed: str = "bgpstream", view: View | str = View.COLLECTOR
) -> BgpStreamFeed:
    """Return the events of a stream of pybgpstream, live or historic.

    ::

        stream = pybgpstream.BGPStream(collectors=["rrc00"], filter="prefix any 203.0.113.0/24")
        for event in peerlint.from_bgpstream(stream):
            print(event)

    The library shows no large and no extended communities, no path identifiers, and not that a
    table is complete.

    Args:
        stream: a `BGPStream`, or any iterable of records or elements that behave as its own do.
            Given the stream itself or records, damaged records are seen too.
        feed: the name of the feed in its events.
        view: where the routes were observed; for a dump of a router of yours another one than
            "collector".

    Returns:
        The events, for `for` or, read in a thread, for `async for`. What cannot be read is a `Gap`.

    Raises:
        InputError: an argument has the wrong type.
    """
    must_be("feed", feed, str, A_STRING)
    return BgpStreamFeed(stream, feed=feed, view=parse_view(view))
