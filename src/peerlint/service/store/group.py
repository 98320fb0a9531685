"""What is committed together."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from concurrent.futures import Future

import attrs

from peerlint.monitor.alerts import Alert, Notice
from peerlint.monitor.transitions import Transition


def _pending() -> Future[None]:
    future: Future[None] = Future()
    # Several callers wait for it: none of them may cancel it.
    future.set_running_or_notify_cancel()
    return future


@attrs.define(eq=False)
class Group:
    """Changes that are saved in one transaction; all callers of `save` in it share one future.

    Many changes of an alert are one row, so a group that cannot be saved for an hour grows by
    notices only.

    Attributes:
        transitions: the newest ones, as many as are kept at all.
        alerts: the last version of each alert, by its id.
        notices: the notices, in order.
        state: the last state of the monitor; None if it has not changed.
        sinks: the names of the sinks from now on; None if they have not changed.
        done: notices that a sink has delivered or given up, by id: pairs of sink and notice.
        future: done when all of this is committed.
    """

    transitions: deque[Transition]
    alerts: dict[str, Alert] = attrs.field(factory=dict)
    notices: list[Notice] = attrs.field(factory=list)
    state: str | None = None
    sinks: tuple[str, ...] | None = None
    done: list[tuple[str, str]] = attrs.field(factory=list)
    future: Future[None] = attrs.field(factory=_pending)

    def add(
        self,
        alerts: Iterable[Alert],
        notices: Iterable[Notice],
        transitions: Iterable[Transition],
        state: str | None,
    ) -> None:
        """Add what one call of `save` was given."""
        for each in alerts:
            self.alerts[each.id] = each
        self.notices += notices
        self.transitions += transitions
        if state is not None:
            self.state = state
