"""The subjects that rules are asked about, made from sessions and their sources."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet

import attrs

from peerlint.engine.index import Found, Numbered, Routes, Seen, Shown
from peerlint.engine.route_servers import Located, RouteServers, registered_by
from peerlint.inventory import (
    Inventory,
    Metro,
    Peering,
    PeeringService,
    RegisteredPrefix,
    ServicePrefix,
    SessionPlace,
    metro,
)
from peerlint.model import Fact, Prefix, View, Viewpoint
from peerlint.observe import ROUTE_SERVER, Observations
from peerlint.rules import (
    Cell,
    ConnectionSubject,
    Look,
    PrefixSubject,
    Presence,
    ServicePrefixSubject,
    SessionSubject,
    activations,
    registrations,
)

#: Whether no rule can fire on routes with a viewpoint and these facts.
Quiet = Callable[[Viewpoint, Iterable[Fact]], bool]

#: Whether no rule gives an answer for a cell, nor for one that differs only in its prefix.
Silent = Callable[[Cell], bool]


def never(_: Viewpoint, __: Iterable[Fact]) -> bool:
    """Evaluate every cell."""
    return False


def loud(_: Cell) -> bool:
    """Make a cell for each session that has to announce a prefix."""
    return False


class Subjects:
    """The subjects of one inventory with its observations."""

    def __init__(self, inventory: Inventory, observations: Observations) -> None:
        """Index the observations."""
        self._inventory = inventory
        self._places = inventory.sessions
        self._from_microsoft = observations.microsoft
        self._seen = Seen(self._places, observations)
        self._order = {place.id: (at, place) for at, place in enumerate(self._places)}
        #: By AS and metro, in the order of the inventory.
        self._in_metro: dict[tuple[int, Metro | None], list[SessionPlace]] = {}
        for place in self._places:
            where = (place.peering.asn, metro(place.peering, place.connection))
            self._in_metro.setdefault(where, []).append(place)
        self._nearby: dict[str, Peering] = {}
        for each in inventory.peerings:
            if each.location is not None:
                self._nearby.setdefault(each.location.casefold(), each)
        self._activated = activations(inventory)
        self._servers = RouteServers(inventory, self._seen)
        self._located = {
            each.name: Located(places := tuple(each.sessions), frozenset(one.id for one in places))
            for each in inventory.peerings
        }
        self.validated = observations.validated([place.id for place in self._places])
        #: Asked once: every one of very many peerings looks at the sessions of all others.
        self._never_there = [
            place.id
            for place in self._places
            if self._seen.best(place, Found())[0] is Presence.ABSENT
        ]
        self._never_in: dict[int, list[SessionPlace]] = {}
        for session in self._never_there:
            place = self._order[session][1]
            self._never_in.setdefault(place.peering.asn, []).append(place)

    def registered(self) -> dict[Prefix, list[tuple[Peering, RegisteredPrefix]]]:
        """Return every prefix that counts as registered, with the peerings that register it.

        A route server registers AS numbers; there it is every prefix that asks for the service, and
        whether its origin is registered is a separate check.
        """
        found = registrations(self._inventory)
        for prefix, peering in registered_by(self._servers, self._inventory.peerings).items():
            found.setdefault(prefix, [(peering, RegisteredPrefix(str(prefix)))])
        return found

    def is_unseen(self, peering: Peering) -> bool:
        """Whether members of a route server may have prefixes that no source shows."""
        if peering.profile != ROUTE_SERVER or self._servers.prefixes(peering):
            return False
        sessions = [*peering.sessions]
        seen = [self._seen.best(place, Found())[0] is Presence.ABSENT for place in sessions]
        return self._servers.has_members(peering) and not (seen and all(seen))

    def prefixes(
        self, peering: Peering, quiet: Quiet = never, silent: Silent = loud
    ) -> Iterator[PrefixSubject]:
        """Yield the prefixes of a peering, one at a time: there may be many with many cells.

        Args:
            peering: that they are registered with.
            quiet: whether a cell on a session of another peering can be left out.
            silent: whether a cell on one of the peering's own sessions can be left out.
        """
        if peering.profile == ROUTE_SERVER:
            registered = [RegisteredPrefix(str(each)) for each in self._servers.prefixes(peering)]
        else:
            registered = [*peering.registered_prefixes]
        here = self._located[peering.name].asked
        never_there = [each for each in self._never_there if each not in here]
        #: By pattern: other sessions show the same for all prefixes of one pattern.
        known: dict[tuple[tuple[bytes, bytes], bool], _Elsewhere] = {}
        alike = _Alike(silent)
        for each in registered:
            prefix = each.parsed
            if prefix is None or prefix.family != 4:
                yield PrefixSubject(peering, each, prefix)
                continue
            seen = self._seen.routes(prefix)
            around = _Around.of(self._seen, prefix)
            key = (seen.pattern, bool(around.inside))
            if key not in known:
                known[key] = self._elsewhere(seen, here, quiet, inside=key[1])
            found = known[key]
            own = self._own(peering, prefix)
            chosen = self._chosen_metros(prefix)
            # Declarations and Azure's messages about a prefix are compared cell by cell.
            is_plain = not (
                around
                or chosen
                or each.error is not None
                or prefix in self._activated
                or prefix in self.validated
                or peering.profile == ROUTE_SERVER
            )
            row = alike.row(seen) if is_plain else None
            if row is None:
                row = self._row(
                    peering, each, own, seen, elsewhere=found, alike=alike if is_plain else None
                )
            cells = self._cells(
                peering,
                each,
                prefix,
                row.places,
                seen,
                around=around,
                asked=own.asked,
                chosen=chosen,
            )
            absent = (*found.absent, *(name for name in never_there if name not in found.seen))
            yield PrefixSubject(
                peering,
                each,
                prefix,
                tuple(cells),
                row.looks.found(seen),
                absent,
                own.elsewhere,
                row.silent,
            )

    def _row(
        self,
        peering: Peering,
        registered: RegisteredPrefix,
        own: Located,
        seen: Found,
        *,
        elsewhere: _Elsewhere,
        alike: _Alike | None,
    ) -> _Row:
        """Return the sessions that rules may have an answer for; the others need no cell.

        Args:
            peering: whose profile is used.
            registered: the prefix.
            own: the sessions that may have to announce it.
            seen: its routes.
            elsewhere: the sessions of other peerings.
            alike: results for prefixes with equal routes; None to evaluate every cell.
        """
        taken = own.elsewhere | {place.id for place in own.places}
        others = [place for place in elsewhere.judged if place.id not in taken]
        row = _Row([], {}, elsewhere.looks.copy())
        for place in (*own.places, *others):
            presence, source = self._seen.best(place, seen)
            if source is None or presence is not Presence.PRESENT:
                row.places.append(place)
                continue
            row.looks.add(place, source, seen.shown[source.number])
            if (
                alike is not None
                and place.id in own.asked
                and self._is_silent(peering, registered, seen, alike, place=place, source=source)
            ):
                row.silent[place.id] = source.source.view
            else:
                row.places.append(place)
        if alike is not None:
            alike.rows[seen.pattern, seen.wordings] = row
        return row

    def _is_silent(
        self,
        peering: Peering,
        registered: RegisteredPrefix,
        seen: Found,
        alike: _Alike,
        *,
        place: SessionPlace,
        source: Numbered,
    ) -> bool:
        """Evaluate a session once for all prefixes with equal routes there."""
        key = (source.number, seen.shown[source.number], seen.said[source.number])
        if key not in alike.cells:
            prefix = registered.parsed
            if prefix is None:
                raise AssertionError("routes for a text that is not a prefix")
            (cell,) = self._cells(
                peering,
                registered,
                prefix,
                (place,),
                seen,
                around=_Around(),
                asked=frozenset({place.id}),
                chosen=frozenset(),
            )
            alike.cells[key] = alike.is_silent(cell)
        return alike.cells[key]

    def _own(self, peering: Peering, prefix: Prefix) -> Located:
        """Return the sessions that have to announce a prefix, and those that may."""
        if peering.profile == ROUTE_SERVER:
            return self._servers.located(peering, prefix)
        return self._located[peering.name]

    def _chosen_metros(self, prefix: Prefix) -> frozenset[Metro]:
        """Return the locations that activations of a prefix choose."""
        return frozenset(
            place for service, _ in self._activated.get(prefix, ()) for place in _chosen(service)
        )

    def sessions(self, peering: Peering) -> tuple[SessionSubject, ...]:
        """Return the sessions of a peering."""
        return tuple(
            SessionSubject(
                place,
                tuple(each.source for each in self._seen.sources(place)),
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
                peering = judges[0] if judges else self._nearest(service)
                subject = self._service_subject(peering, service, declared, prefix)
                found.setdefault(peering.name, []).append(subject)
        return found

    def _nearest(self, service: PeeringService) -> Peering:
        nearby = self._nearby.get((service.primary or "").casefold())
        return nearby or self._inventory.peerings[0]

    def _inside(self, asn: int, chosen: frozenset[Metro]) -> list[SessionPlace]:
        """Return the sessions of an AS in some metros."""
        there = (place for each in chosen for place in self._in_metro.get((asn, each), ()))
        return sorted(there, key=lambda place: self._order[place.id][0])

    def _missing_outside(
        self, asn: int, chosen: frozenset[Metro], routes: Found
    ) -> tuple[SessionPlace, ...]:
        """Return the sessions of an AS outside of some metros that certainly have no such route."""
        seen = self._seen.sessions(routes)
        candidates = [place for place in self._never_in.get(asn, ()) if place.id not in seen]
        for session in seen:
            place = self._order[session][1]
            if place.peering.asn == asn and self._seen.best(place, routes)[0] is Presence.ABSENT:
                candidates.append(place)
        outside = (
            each for each in candidates if metro(each.peering, each.connection) not in chosen
        )
        return tuple(sorted(outside, key=lambda place: self._order[place.id][0]))

    def _service_subject(
        self,
        peering: Peering,
        service: PeeringService,
        declared: ServicePrefix,
        prefix: Prefix | None,
    ) -> ServicePrefixSubject:
        if prefix is None or prefix.family != 4:
            return ServicePrefixSubject(peering, service, declared, prefix)
        chosen = _chosen(service)
        inside = self._inside(peering.asn, chosen)
        registered = RegisteredPrefix(declared.prefix, declared.name)
        routes = self._seen.routes(prefix)
        looks = Looks()
        for place in inside:
            presence, source = self._seen.best(place, routes)
            if source is not None and presence is Presence.PRESENT:
                looks.add(place, source, routes.shown[source.number])
        return ServicePrefixSubject(
            peering,
            service,
            declared,
            prefix,
            tuple(
                self._cells(
                    peering,
                    registered,
                    prefix,
                    inside,
                    routes,
                    around=_Around.of(self._seen, prefix),
                    asked=frozenset(),
                    chosen=chosen,
                )
            ),
            self._missing_outside(peering.asn, chosen, routes),
            looks=looks.found(routes),
        )

    # -- cells

    def _elsewhere(
        self, routes: Found, here: AbstractSet[str], quiet: Quiet, *, inside: bool
    ) -> _Elsewhere:
        """Return what sessions of other peerings show of a prefix.

        Args:
            routes: for the prefix.
            here: the ids of the sessions of the prefix's own peering.
            quiet: whether a cell can be left out.
            inside: whether there are more specific routes, which have to be evaluated.
        """
        found = _Elsewhere(self._seen.sessions(routes) - here)
        silent: dict[Shown, bool] = {}
        for _, place in sorted(
            (self._order[each] for each in found.seen), key=lambda each: each[0]
        ):
            session = place.id
            presence, chosen = self._seen.best(place, routes)
            shown = None if chosen is None else routes.shown.get(chosen.number)
            if presence is Presence.ABSENT:
                found.absent.append(session)
            if chosen is None or shown is None:
                continue
            if shown not in silent:
                silent[shown] = not inside and quiet(shown.viewpoint, shown.facts)
            if not silent[shown] or not chosen.source.observations.shows_all:
                found.judged.append(place)
            elif presence is Presence.PRESENT:
                found.looks.add(place, chosen, shown)
        return found

    def _cells(
        self,
        peering: Peering,
        registered: RegisteredPrefix,
        prefix: Prefix,
        places: Iterable[SessionPlace],
        found: Found,
        *,
        around: _Around,
        asked: frozenset[str],
        chosen: AbstractSet[Metro],
    ) -> Iterator[Cell]:
        """Make the cells of a prefix on some sessions.

        Args:
            peering: whose profile is used.
            registered: the prefix as declared.
            prefix: the same, read.
            places: the sessions.
            found: the routes for the prefix.
            around: those for prefixes that share addresses with it.
            asked: the ids of the sessions that have to announce it.
            chosen: the locations that an activation chooses.
        """
        for place in places:
            presence, source = self._seen.best(place, found)
            routes = () if source is None else found.routes(source)
            sound = tuple(seen for seen in routes if not seen.route.malformed)
            yield Cell(
                peering,
                registered,
                prefix,
                place,
                presence,
                None if source is None else source.source,
                others=tuple(
                    each.source for each in self._seen.sources(place) if each is not source
                ),
                routes=sound or routes,
                covering=() if source is None else _among(around.covering, source),
                more_specifics=() if source is None else _among(around.inside, source),
                is_asked_for=place.id in asked,
                is_chosen=bool(chosen)
                and place.peering.asn == peering.asn
                and metro(place.peering, place.connection) in chosen,
            )


def _chosen(service: PeeringService) -> frozenset[Metro]:
    """Return the locations that a service chooses."""
    return frozenset(Metro(name) for name in (service.primary, service.backup) if name)


class Looks:
    """The different ways in which one prefix is announced."""

    def __init__(self) -> None:
        """Start with none."""
        self._places: dict[tuple[int, ...], dict[str, tuple[SessionPlace, Numbered]]] = {}
        self._in_order: (
            list[tuple[tuple[SessionPlace, ...], dict[str, tuple[SessionPlace, Numbered]]]] | None
        ) = None

    def add(self, place: SessionPlace, source: Numbered, shown: Shown) -> None:
        """Add a session to those that announce the prefix in the same way."""
        self._in_order = None
        self._places.setdefault(shown.looks, {})[place.id] = (place, source)

    def copy(self) -> Looks:
        """Return a copy."""
        other = Looks()
        other._places = {looks: places.copy() for looks, places in self._places.items()}
        return other

    def found(self, routes: Found) -> tuple[Look, ...]:
        """Return each way with its sessions."""
        if self._in_order is None:
            self._in_order = [
                (tuple([place for place, _ in places.values()]), places)
                for places in self._places.values()
            ]
        return tuple(_look(in_order, places, routes) for in_order, places in self._in_order)


def _look(
    in_order: tuple[SessionPlace, ...],
    places: Mapping[str, tuple[SessionPlace, Numbered]],
    routes: Found,
) -> Look:
    def of(place: SessionPlace) -> Routes:
        seen = routes.routes(places[place.id][1])
        return tuple(each for each in seen if not each.route.malformed)

    return Look(in_order, of(in_order[0]), of)


@attrs.frozen
class _Elsewhere:
    """What sessions of other peerings show of one prefix.

    Attributes:
        seen: the ids of those that have routes for it.
        judged: those that rules may have an answer for.
        absent: the ids of those that do not announce it although they have routes for it.
        looks: of those that announce it without an answer of any rule.
    """

    seen: set[str]
    judged: list[SessionPlace] = attrs.field(factory=list)
    absent: list[str] = attrs.field(factory=list)
    looks: Looks = attrs.field(factory=Looks)


@attrs.frozen(eq=False)
class _Around:
    """The routes for prefixes that share addresses with one.

    Attributes:
        covering: for less specific ones.
        inside: for more specific ones.
    """

    covering: tuple[Found, ...] = ()
    inside: tuple[Found, ...] = ()

    @classmethod
    def of(cls, seen: Seen, prefix: Prefix) -> _Around:
        """Look for them."""
        return cls(
            tuple(seen.routes(each) for each in seen.space.covering(prefix)),
            tuple(seen.routes(each) for each in seen.space.more_specifics(prefix)),
        )

    def __bool__(self) -> bool:
        """Whether there are any."""
        return bool(self.covering or self.inside)


@attrs.frozen(eq=False)
class _Row:
    """The sessions of one prefix, and of all prefixes with equal routes.

    Attributes:
        places: the sessions that need a cell.
        silent: those for which no rule has an answer, by id, with the view.
        looks: the ways in which the prefix is announced.
    """

    places: list[SessionPlace]
    silent: dict[str, View]
    looks: Looks


@attrs.frozen(eq=False)
class _Alike:
    """Results for a peering's prefixes with equal routes.

    Attributes:
        is_silent: whether no rule has an answer for a cell.
        cells: its results, by the number of the source, the key and the wordings of the routes.
        rows: by the pattern and the wordings of the routes.
    """

    is_silent: Silent
    cells: dict[tuple[int, Shown, tuple[int, ...]], bool] = attrs.field(factory=dict)
    rows: dict[tuple[tuple[bytes, bytes], bytes], _Row] = attrs.field(factory=dict)

    def row(self, seen: Found) -> _Row | None:
        """Return the row of prefixes with such routes, None if there is none yet."""
        return self.rows.get((seen.pattern, seen.wordings))


def _among(found: tuple[Found, ...], chosen: Numbered) -> Routes:
    return tuple(route for each in found for route in each.routes(chosen))
