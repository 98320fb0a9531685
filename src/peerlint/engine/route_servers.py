"""The prefixes of a route server, where AS numbers are registered instead of prefixes."""

from __future__ import annotations

from collections.abc import Mapping

import attrs

from peerlint.engine.route_index import RouteIndex, best
from peerlint.inventory import Inventory, Metro, Peering, SessionRef, site
from peerlint.model import Prefix
from peerlint.observations import ROUTE_SERVER
from peerlint.rules import Presence, activations, registrations


@attrs.frozen
class Located:
    """Where a member's prefix has to be announced.

    Attributes:
        sessions: the sessions that are looked at.
        asked: the ids of those that have to announce it: every session of a location where one
            announces it, else those that may do so.
        elsewhere: the ids of those that another row of the same prefix looks at.
    """

    sessions: tuple[SessionRef, ...]
    asked: frozenset[str]
    elsewhere: frozenset[str] = frozenset()


class RouteServers:
    """The members' prefixes of the route-server peerings of an inventory."""

    def __init__(self, inventory: Inventory, routes: RouteIndex) -> None:
        """Look for the prefixes that a member's customer asks the service for.

        They are tagged on a session of a route-server peering of the same AS, whoever originates
        them, or a service prefix names them. A prefix that is registered elsewhere belongs there.
        """
        self._routes = routes
        self._peerings = [each for each in inventory.peerings if each.profile == ROUTE_SERVER]
        self._registered = registrations(inventory)
        self._activated = activations(inventory)
        tagged = {asn: self._tagged(asn) for asn in {each.asn for each in self._peerings}}
        self._rows: dict[str, tuple[Prefix, ...]] = {
            peering.name: tuple(sorted(self._prefixes(peering, tagged[peering.asn])))
            for peering in self._peerings
        }

    def prefixes(self, peering: Peering) -> tuple[Prefix, ...]:
        """Return the prefixes of one peering in order; none of another profile's."""
        return self._rows.get(peering.name, ())

    def has_members(self, peering: Peering) -> bool:
        """Whether an AS number is registered whose prefixes the peering may announce."""
        return any(each.registered_asns for each in self._of(peering.asn))

    def located(self, peering: Peering, prefix: Prefix) -> Located:
        """Return where a prefix of a peering has to be announced."""
        with_row = [
            each
            for each in self._of(peering.asn)
            if each.name != peering.name and prefix in self._rows[each.name]
        ]
        sessions = [
            session
            for each in self._of(peering.asn)
            if each not in with_row
            for session in each.sessions
        ]
        found = self._routes.routes(prefix)
        shown = self._routes.sessions(found)
        sites = {session.id: site(session.peering, session.connection) for session in sessions}
        presence = {session.id: best(self._routes, session, found)[0] for session in sessions}
        announced = {sites[each] for each, seen in presence.items() if seen is Presence.PRESENT}
        # A source that is too old, or whose view proves nothing, shows it: that is not known.
        doubtful = {
            each for each, seen in presence.items() if seen is Presence.UNKNOWN and each in shown
        }
        own = [
            session
            for session in sessions
            if session.peering.name == peering.name or sites[session.id] in announced
        ]
        return Located(
            tuple(own),
            frozenset(
                session.id
                for session in own
                if sites[session.id] in announced or session.id in doubtful
            ),
            frozenset(session.id for each in with_row for session in each.sessions),
        )

    def _of(self, asn: int) -> list[Peering]:
        return [each for each in self._peerings if each.asn == asn]

    def _tagged(self, asn: int) -> set[Prefix]:
        """Return the IPv4 prefixes that carry the community on a session of an AS."""
        return {
            prefix
            for peering in self._of(asn)
            for session in peering.sessions
            for prefix in self._routes.tagged(session)
        }

    def _prefixes(self, peering: Peering, tagged: set[Prefix]) -> set[Prefix]:
        sessions = {session.id for session in peering.sessions}
        named = {prefix for prefix in self._activated if prefix.family == 4}
        announced = {
            prefix
            for prefix in tagged | named
            if self._routes.sessions(self._routes.routes(prefix)) & sessions
        }
        located = {prefix for prefix in named if self._is_located(peering, prefix)}
        return announced | (located - self._registered.keys())

    def _is_located(self, peering: Peering, prefix: Prefix) -> bool:
        """Whether an activation of a prefix chooses a location of a peering."""
        own = {site(peering, connection) for connection in peering.connections}
        return any(
            Metro(name) in own
            for service, _ in self._activated[prefix]
            for name in (service.primary, service.backup)
            if name
        )


def registered_by(servers: RouteServers, peerings: tuple[Peering, ...]) -> Mapping[Prefix, Peering]:
    """Return the first peering of each member's prefix."""
    found: dict[Prefix, Peering] = {}
    for peering in peerings:
        for prefix in servers.prefixes(peering):
            found.setdefault(prefix, peering)
    return found
