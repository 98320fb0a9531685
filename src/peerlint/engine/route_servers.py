"""The prefixes at route servers, where AS numbers are registered instead of prefixes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet

import attrs

from peerlint.engine.route_index import RouteIndex, deciding_source
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
class RequiredSessions:
    """The sessions on which a prefix has to be announced.

    Attributes:
        sessions: the sessions that are evaluated.
        required: the ids of those that have to announce it. At a route server these are all
            sessions of a location where one announces it, and those that may announce it.
        in_other_rows: the ids of sessions that another row of the same prefix evaluates.
    """

    sessions: tuple[SessionRef, ...]
    required: frozenset[str]
    in_other_rows: frozenset[str] = frozenset()


class RouteServers:
    """The members' prefixes of the route-server peerings of an inventory."""

    def __init__(self, inventory: Inventory, routes: RouteIndex) -> None:
        """Find the prefixes for which members use the service.

        A peering has a row for a prefix that it announces, if the prefix carries the community on a
        session of a route-server peering of the same AS, or is a service prefix. It also has a row
        for a service prefix that is activated in one of its locations and registered nowhere.
        """
        self._routes = routes
        peerings = [each for each in inventory.peerings if each.profile == ROUTE_SERVER]
        self._with_members = {each.asn for each in peerings if each.registered_asns}
        #: By id, in the order of the inventory.
        self._sessions = {
            session.id: _RouteServerSession(
                number, session, site(session.peering, session.connection)
            )
            for number, session in enumerate(
                session for peering in peerings for session in peering.sessions
            )
        }
        #: By AS and location, in the order of the inventory.
        self._in_site: dict[tuple[int, Metro], list[_RouteServerSession]] = {}
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
        """Add the prefixes that peerings announce, if they carry the community or are activated."""
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
        """Return the prefixes of a peering in order; empty if it is not one of a route server."""
        return self._rows.get(peering.name, ())

    def has_members(self, peering: Peering) -> bool:
        """Whether a route-server peering of the same AS has registered AS numbers."""
        return peering.asn in self._with_members

    def located(self, peering: Peering, prefix: Prefix) -> RequiredSessions:
        """Return where a prefix of a peering has to be announced."""
        with_row = {
            each.name: each
            for each in self._with_row.get((peering.asn, prefix), ())
            if each.name != peering.name
        }
        found = self._routes.routes(prefix)
        # An AS may have very many sessions, of which few show the prefix.
        showing = [
            each
            for name in self._routes.sessions(found)
            if (each := self._sessions.get(name)) is not None
            and each.session.peering.asn == peering.asn
            and each.session.peering.name not in with_row
        ]
        presence = {
            each.session.id: deciding_source(self._routes, each.session, found)[0]
            for each in showing
        }
        announced = {each.site for each in showing if presence[each.session.id] is Presence.PRESENT}
        own = {session.id: self._sessions[session.id] for session in peering.sessions}
        own |= {
            each.session.id: each
            for where in announced
            for each in self._in_site[peering.asn, where]
            if each.session.peering.name not in with_row
        }
        in_order = sorted(own.values(), key=lambda each: each.number)
        return RequiredSessions(
            tuple(each.session for each in in_order),
            frozenset(
                each.session.id
                for each in in_order
                # If only a source that is too old or a hint shows it, its presence is not known.
                if each.site in announced or presence.get(each.session.id) is Presence.UNKNOWN
            ),
            frozenset(session.id for each in with_row.values() for session in each.sessions),
        )


@attrs.frozen
class _RouteServerSession:
    """A session of a route-server peering.

    Attributes:
        number: the number of the session among all of them.
        session: the session.
        site: the location of the session.
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
    """Add prefixes whose activation chooses one of a peering's locations."""
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
    """Return the first peering with a row for each member's prefix."""
    found: dict[Prefix, Peering] = {}
    for peering in peerings:
        for prefix in servers.prefixes(peering):
            found.setdefault(prefix, peering)
    return found
