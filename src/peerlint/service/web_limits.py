"""What the web server allows its readers."""

from __future__ import annotations

import attrs


@attrs.frozen
class WebLimits:
    """Limits of one web server. Times are in seconds.

    Attributes:
        requests: the number of pages, reports and metrics that are made or sent at a time; further
            requests are told to come again.
        streams: the number of open pages that are told of changes.
        stream_life: after what time such a page has to connect again, which it does by itself.
        sign_of_life: after what time an open page is told that nothing has changed.
        pause: the least time between two messages to an open page.
        slowest: the time in which a reader has to take a part of an answer.
        line: the longest line of a request, and the longest header, in octets.
        idle: after what time a connection without a request is closed.
    """

    requests: int = 16
    streams: int = 64
    stream_life: float = 3600.0
    sign_of_life: float = 15.0
    pause: float = 1.0
    slowest: float = 30.0
    line: int = 8190
    idle: float = 30.0
