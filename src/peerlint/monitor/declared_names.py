"""What an inventory declares: whether the subject of a problem is among it."""

from __future__ import annotations

from collections import Counter

from peerlint.engine.prepare import SubjectKey
from peerlint.inventory import Inventory
from peerlint.monitor.problem_keys import ProblemKey
from peerlint.observations import ROUTE_SERVER
from peerlint.rules import Scope


class DeclaredNames:
    """The names of an inventory."""

    def __init__(self, inventory: Inventory) -> None:
        """Index the inventory."""
        self._peerings = {each.name for each in inventory.peerings}
        self._route_servers = {
            each.name for each in inventory.peerings if each.profile == ROUTE_SERVER
        }
        self._connections = {
            connection.name for each in inventory.peerings for connection in each.connections
        }
        self._sessions = {each.id for each in inventory.sessions}
        self._registered = Counter(
            (each.name, registered.prefix)
            for each in inventory.peerings
            for registered in each.registered_prefixes
        )
        self._activated = Counter(
            (each.name, activated.prefix)
            for each in inventory.peering_services
            for activated in each.service_prefixes
        )

    def has(self, key: ProblemKey, subject: SubjectKey | None) -> bool:
        """Return whether the inventory has everything that a problem names.

        Args:
            key: the problem.
            subject: the subject whose results show it; None for a session or feed.
        """
        names = (
            (key.peering, self._peerings),
            (key.connection, self._connections),
            (key.session, self._sessions),
        )
        if any(name and name not in known for name, known in names):
            return False
        return subject is None or self.has_subject(subject)

    def has_subject(self, subject: SubjectKey) -> bool:
        """Return whether the inventory has a subject; at a route server, routes add prefixes."""
        owner, name = subject.owner, subject.name
        if subject.scope is Scope.PREFIX:
            is_registered = self._registered[owner, name] >= subject.number
            return is_registered or owner in self._route_servers
        if subject.scope is Scope.SERVICE_PREFIX:
            return self._activated[owner, name] >= subject.number
        if subject.scope is Scope.SESSION:
            return name in self._sessions
        if subject.scope is Scope.CONNECTION:
            return name in self._connections
        return owner in self._peerings
