"""Maintenance windows: which of an inventory covers a problem at a time."""

from __future__ import annotations

from collections.abc import Iterator

from peerlint.inventory import Inventory, MaintenanceWindow
from peerlint.inventory.statements import EVERYTHING
from peerlint.model.times import from_microseconds, to_microseconds
from peerlint.monitor.problem_keys import ProblemKey


class MaintenanceWindows:
    """The maintenance windows of an inventory, by their scopes."""

    def __init__(self, inventory: Inventory) -> None:
        """Index the windows, and the names above each session and connection."""
        self._by_scope: dict[str, list[MaintenanceWindow]] = {}
        for each in inventory.maintenance:
            self._by_scope.setdefault(each.scope, []).append(each)
        moments = {time for each in inventory.maintenance for time in (each.start, each.until)}
        self._moments = sorted(to_microseconds(each) for each in moments)
        self._above: dict[str, frozenset[str]] = {}
        if not self._by_scope:
            return
        for session in inventory.sessions:
            connection = session.connection
            above = {session.peering.name, connection.name, connection.router or ""}
            self._above[session.id] = frozenset(above - {""})

    def covering(self, key: ProblemKey, time: int, *, router: str = "") -> MaintenanceWindow | None:
        """Return the first window that covers a problem; None if none does.

        Args:
            key: what the problem is about.
            time: microseconds since 1970.
            router: the name of a router that the problem is about, which the key does not have.
        """
        if not self._moments or not self._moments[0] <= time < self._moments[-1]:
            return None
        names = {EVERYTHING, *self._names(key), router}
        moment = from_microseconds(time)
        return next(
            (
                each
                for scope in self._by_scope.keys() & names
                for each in self._by_scope[scope]
                if each.covers(names, moment)
            ),
            None,
        )

    def next_time(self, time: int) -> int | None:
        """Return when the next window begins or ends after a time; None if none does."""
        return next((each for each in self._moments if each > time), None)

    def _names(self, key: ProblemKey) -> Iterator[str]:
        yield from (key.peering, key.connection, key.session, key.prefix)
        yield from self._above.get(key.session or key.connection, ())
