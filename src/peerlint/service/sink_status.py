"""How the deliveries of alerts to a receiver go."""

from __future__ import annotations

import attrs


@attrs.frozen
class SinkStatus:
    """How the deliveries to a sink go. Numbers count from the start of the program.

    Attributes:
        name: the name of the sink, without secrets.
        delivered: the number of delivered notices.
        waiting: the number of notices that wait.
        undeliverable: the number of notices that the sink refused for good.
        dropped: the number of notices that were dropped because too many waited.
        failures: the number of attempts that failed.
        last_error: why the last attempt failed; empty if it did not.
        last_delivery: when a notice was delivered last, in microseconds since 1970; None if none
            was.
    """

    name: str
    delivered: int = 0
    waiting: int = 0
    undeliverable: int = 0
    dropped: int = 0
    failures: int = 0
    last_error: str = ""
    last_delivery: int | None = None
