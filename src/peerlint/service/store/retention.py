"""How long the store keeps what nobody waits for."""

from __future__ import annotations

from typing import Final

import attrs

_DAY: Final = 24 * 3600 * 1_000_000


@attrs.frozen
class Retention:
    """What is deleted. Open alerts, and what is needed to announce them, never are.

    Attributes:
        age: after how many microseconds resolved alerts, transitions, and notices that every sink
            has are deleted. Ages are compared with the newest time in the store, not with a clock.
        rows: how many resolved alerts, transitions and notices are kept of each. Notices that wait
            for a sink are kept as long as they are among this many; then the oldest are dropped.
        absence: after how many microseconds a sink that is not given any more is forgotten, with
            what waits for it.
    """

    age: int = 30 * _DAY
    rows: int = 100_000
    absence: int = _DAY
