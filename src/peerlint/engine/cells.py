"""From sessions and their sources to the subjects that rules are asked about."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from peerlint.engine.index import SourceIndex, Space
from peerlint.inventory import (
    Inventory,
    Peering,
    PeeringService,
    RegisteredPrefix,
    ServicePrefix,
    SessionPlace,
)
from peerlint.model import Fact, Prefix
from peerlint.observe import ROUTE_SERVER, Observations
from peerlint.rules import (
    Cell,
    ConnectionSubject,
    PrefixSubject,
    Presence,
    ServicePrefixSubject,
    SessionSubject,
    metro,
    registrations,
)


class Subjects:
    """The subjects of one inventory under what was observed."""

    def __init__(self, inventory: Inventory, observations: Observations) -> None:
        """Index the observations."""
        self._inventory = inventory
        self._places = inventory.sessions
        self._from_microsoft = observations.microsoft
        self._indexes = {
            place.id: tuple(SourceIndex.of(source) for source in observations.of(place.id))
            for place in self._places
        }
        self._space = Space(
            prefix
            for indexes in self._indexes.values()
            for index in indexes
            for prefix in index.by_prefix
        )
        self._announced = {
            peering.name: tuple(self._originated(peering))
            for peering in inventory.peerings
            if peering.profile == ROUTE_SERVER
        }

    def registered(self) -> dict[Prefix, list[tuple[Peering, RegisteredPrefix]]]:
        """Return every prefix that counts as registered, with the peerings that do it.

        At a route server, which registers AS numbers, it is every announced prefix that one of
        them originates.
        """
        found = registrations(self._inventory)
        for peering in self._inventory.peerings:
            for prefix in self._announced.get(peering.name, ()):
                found.setdefault(prefix, [(peering, RegisteredPrefix(str(prefix)))])
        return found

    def prefixes(self, peering: Peering) -> Iterator[PrefixSubject]:
        """Yield the prefixes of a peering, one at a time: there may be many with many cells."""
        if peering.profile == ROUTE_SERVER:
            for prefix in self._announced[peering.name]:
                yield self._subject(peering, RegisteredPrefix(str(prefix)))
        else:
            for registered in peering.registered_prefixes:
                yield self._subject(peering, registered)

    def sessions(self, peering: Peering) -> tuple[SessionSubject, ...]:
        """Return the sessions of a peering."""
        return tuple(
            SessionSubject(
                place,
                tuple(index.source for index in self._indexes[place.id]),
                self._from_microsoft.get(place.id),
            )
            for place in peering.sessions
        )

    def connections(self, peering: Peering) -> tuple[ConnectionSubject, ...]:
        """Return the connections of a peering."""
        return tuple(ConnectionSubject(peering, each) for each in peering.connections)

    def service_prefixes(
        self, registered: dict[Prefix, list[tuple[Peering, RegisteredPrefix]]]
    ) -> dict[str, list[ServicePrefixSubject]]:
        """Return the service prefixes, by the name of the peering whose profile judges them."""
        found: dict[str, list[ServicePrefixSubject]] = {}
        for service in self._inventory.peering_services if self._inventory.peerings else ():
            for declared in service.service_prefixes:
                prefix = declared.parsed
                judges = [] if prefix is None else [each for each, _ in registered.get(prefix, ())]
                peering = (judges or self._nearby(service))[0]
                subject = self._service_subject(peering, service, declared, prefix)
                found.setdefault(peering.name, []).append(subject)
        return found

    def _nearby(self, service: PeeringService) -> list[Peering]:
        peerings = self._inventory.peerings
        return [each for each in peerings if each.location == service.primary] or [*peerings]

    def _service_subject(
        self,
        peering: Peering,
        service: PeeringService,
        declared: ServicePrefix,
        prefix: Prefix | None,
    ) -> ServicePrefixSubject:
        if prefix is None:
            return ServicePrefixSubject(peering, service, declared, None)
        chosen = {
            place.casefold() for place in (service.primary, service.backup) if place is not None
        }
        own = [place for place in self._places if place.peering.asn == peering.asn]
        inside = [place for place in own if _metro(place) in chosen]
        outside = [place for place in own if _metro(place) not in chosen]
        registered = RegisteredPrefix(declared.prefix, declared.name)
        return ServicePrefixSubject(
            peering,
            service,
            declared,
            prefix,
            tuple(self._cells(peering, registered, prefix, inside)),
            tuple(self._cells(peering, registered, prefix, outside)),
        )

    def _originated(self, peering: Peering) -> list[Prefix]:
        asns = {registered.asn for registered in peering.registered_asns}
        found: set[Prefix] = set()
        for place in peering.sessions:
            for index in self._indexes[place.id]:
                for observation in index.source.observations:
                    path = observation.viewpoint.effective(observation.route.path)
                    origin = None if path is None else path.origin(observation.viewpoint.asn)
                    if origin in asns and not observation.facts & Fact.IPV6:
                        found.add(observation.route.prefix)
        return sorted(found)

    # -- cells

    def _subject(self, peering: Peering, registered: RegisteredPrefix) -> PrefixSubject:
        prefix = registered.parsed
        if prefix is None:
            return PrefixSubject(peering, registered, None)
        judged, absent = [], []
        for place in self._places:
            if place.peering.name == peering.name or self._has(place, prefix):
                judged.append(place)
            elif self._lacks(place, prefix):
                absent.append(place)
        cells = tuple(self._cells(peering, registered, prefix, judged))
        return PrefixSubject(peering, registered, prefix, cells, tuple(absent))

    def _has(self, place: SessionPlace, prefix: Prefix) -> bool:
        return any(prefix in index.by_prefix for index in self._indexes[place.id])

    def _lacks(self, place: SessionPlace, prefix: Prefix) -> bool:
        """Whether a session certainly does not announce a prefix."""
        seen = [index.presence(prefix) for index in self._indexes[place.id]]
        known = [each for each in seen if each is not Presence.UNKNOWN]
        return known[:1] == [Presence.ABSENT]

    def _cells(
        self,
        peering: Peering,
        registered: RegisteredPrefix,
        prefix: Prefix,
        places: Iterable[SessionPlace],
    ) -> Iterator[Cell]:
        """Read the presence off the first source that can tell, the best view first."""
        covering = self._space.covering(prefix)
        inside = self._space.more_specifics(prefix)
        for place in places:
            indexes = self._indexes[place.id]
            presence, chosen = Presence.UNKNOWN, indexes[0] if indexes else None
            for index in indexes:
                found = index.presence(prefix)
                if found is not Presence.UNKNOWN:
                    presence, chosen = found, index
                    break
            if chosen is None:
                yield Cell(peering, registered, prefix, place, presence)
                continue
            routes = chosen.by_prefix.get(prefix, ())
            sound = tuple(route for route in routes if not route.facts & Fact.MALFORMED)
            yield Cell(
                peering,
                registered,
                prefix,
                place,
                presence,
                chosen.source,
                others=tuple(index.source for index in indexes if index is not chosen),
                routes=sound or routes,
                covering=chosen.among(covering) if covering else (),
                more_specifics=chosen.among(inside) if inside else (),
            )


def _metro(place: SessionPlace) -> str | None:
    found = metro(place.peering, place.connection)
    return None if found is None else found.casefold()
