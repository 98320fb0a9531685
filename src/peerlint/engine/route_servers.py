"""The prefixes of a route server, where AS numbers are registered instead of prefixes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

import attrs

from peerlint.engine.route_index import RouteIndex, best
from peerlint.inventory import (
    Inventory,
    Metro,
    Peering,
    PeeringService,
    ServicePrefix,
    SessionRef,
    site,
)
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
        peerings = [each for each in inventory.peerings if each.profile == ROUTE_SERVER]
        self._with_members = {each.asn for each in peerings if each.registered_asns}
        #: By id, in the order of the inventory.
        self._sessions = {
            session.id: _Sited(number, session, site(session.peering, session.connection))
            for number, session in enumerate(
                session for peering in peerings for session in peering.sessions
            )
        }
        #: By AS and location, in the order of the inventory.
        self._in_site: dict[tuple[int, Metro], list[_Sited]] = {}
        for each in self._sessions.values():
            where = (each.session.peering.asn, each.site)
            self._in_site.setdefault(where, []).append(each)
        activated = {
            prefix: services
            for prefix, services in activations(inventory).items()
            if prefix.family == 4
        }
        rows: dict[str, set[Prefix]] = {each.name: set() for each in peerings}
        self._add_announced(rows, activated.keys())
        _add_located(rows, peerings, activated, registrations(inventory).keys())
        self._rows = {name: tuple(sorted(prefixes)) for name, prefixes in rows.items()}
        #: The peerings that have a row of a prefix, by AS and prefix.
        self._with_row: dict[tuple[int, Prefix], list[Peering]] = {}
        for peering in peerings:
            for prefix in self._rows[peering.name]:
                self._with_row.setdefault((peering.asn, prefix), []).append(peering)

    def _add_announced(self, rows: Mapping[str, set[Prefix]], named: AbstractSet[Prefix]) -> None:
        """Give peerings the prefixes that they announce, if they are tagged or named."""
        tagged: dict[Prefix, set[int]] = {}
        for each in self._sessions.values():
            for prefix in self._routes.tagged(each.session):
                tagged.setdefault(prefix, set()).add(each.session.peering.asn)
        for prefix in tagged.keys() | named:
            asns = tagged.get(prefix, ())
            for session in self._routes.sessions(self._routes.routes(prefix)):
                found = self._sessions.get(session)
                if found is not None and (prefix in named or found.session.peering.asn in asns):
                    rows[found.session.peering.name].add(prefix)

    def prefixes(self, peering: Peering) -> tuple[Prefix, ...]:
        """Return the prefixes of one peering in order; none of another profile's."""
        return self._rows.get(peering.name, ())

    def has_members(self, peering: Peering) -> bool:
        """Whether an AS number is registered whose prefixes the peering may announce."""
        return peering.asn in self._with_members

    def located(self, peering: Peering, prefix: Prefix) -> Located:
        """Return where a prefix of a peering has to be announced."""
        with_row = {
            each.name: each
            for each in self._with_row.get((peering.asn, prefix), ())
            if each.name != peering.name
        }
        found = self._routes.routes(prefix)
        # Of very many sessions of an AS, few show the prefix.
        showing = [
            each
            for name in self._routes.sessions(found)
            if (each := self._sessions.get(name)) is not None
            and each.session.peering.asn == peering.asn
            and each.session.peering.name not in with_row
        ]
        presence = {each.session.id: best(self._routes, each.session, found)[0] for each in showing}
        announced = {each.site for each in showing if presence[each.session.id] is Presence.PRESENT}
        own = {session.id: self._sessions[session.id] for session in peering.sessions}
        own |= {
            each.session.id: each
            for where in announced
            for each in self._in_site[peering.asn, where]
            if each.session.peering.name not in with_row
        }
        in_order = sorted(own.values(), key=lambda each: each.number)
        return Located(
            tuple(each.session for each in in_order),
            frozenset(
                each.session.id
                for each in in_order
                # A source that is too old, or whose view proves nothing, shows it: that is not
                # known.
                if each.site in announced or presence.get(each.session.id) is Presence.UNKNOWN
            ),
            frozenset(session.id for each in with_row.values() for session in each.sessions),
        )


@attrs.frozen
class _Sited:
    """A session of a route-server peering.

    Attributes:
        number: its place among them.
        session: the session.
        site: its location.
    """

    number: int
    session: SessionRef
    site: Metro


def _add_located(
    rows: Mapping[str, set[Prefix]],
    peerings: Iterable[Peering],
    activated: Mapping[Prefix, list[tuple[PeeringService, ServicePrefix]]],
    registered: AbstractSet[Prefix],
) -> None:
    """Give peerings the prefixes whose activation chooses one of their locations."""
    names: dict[Metro, list[str]] = {}
    for peering in peerings:
        for where in {site(peering, each) for each in peering.connections}:
            names.setdefault(where, []).append(peering.name)
    for prefix in activated.keys() - registered:
        for service, _ in activated[prefix]:
            for location in (service.primary, service.backup):
                for name in names.get(Metro(location), ()) if location else ():
                    rows[name].add(prefix)


def registered_by(servers: RouteServers, peerings: tuple[Peering, ...]) -> Mapping[Prefix, Peering]:
    """Return the first peering of each member's prefix."""
    found: dict[Prefix, Peering] = {}
    for peering in peerings:
        for prefix in servers.prefixes(peering):
            found.setdefault(prefix, peering)
    return found
