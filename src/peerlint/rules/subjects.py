"""What rules are asked about: prefixes, sessions, connections, peerings and the inventory.

Each kind of subject answers for itself what the engine asks of all of them, see `SubjectBase`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import ClassVar

import attrs

from peerlint.inventory import (
    Connection,
    Inventory,
    Peering,
    PeeringService,
    RegisteredPrefix,
    ServicePrefix,
    SessionRef,
)
from peerlint.model import Prefix, View
from peerlint.observations import Coverage, Observation, SessionSource
from peerlint.results import SubjectName, SubjectRef
from peerlint.rules._subject_base import SubjectBase, names_of
from peerlint.rules.cells import (
    AnnouncementGroup,
    Cell,
    Presence,
    metro_of,
    own_prefix,
    peer_of,
    ref_of,
)
from peerlint.rules.scopes import Scope


@attrs.frozen
class PrefixSubject(SubjectBase):
    """One registered prefix, as declared.

    Attributes:
        peering: that it is registered with.
        registered: as declared.
        prefix: the same with bits right of the mask cleared, None if it is no prefix.
    """

    peering: Peering
    registered: RegisteredPrefix
    prefix: Prefix | None

    scope: ClassVar[Scope] = Scope.PREFIX

    @property
    def own_prefix(self) -> SubjectName | str:
        """The prefix as a phrase says it: by its declared name, unless it is read as another."""
        return own_prefix(self.prefix, self.registered)

    @property
    def ref(self) -> SubjectRef:
        """The prefix, as its peering registers it."""
        return SubjectRef(self.peering.name, prefix=self.registered.prefix)

    @property
    def declared_prefix(self) -> RegisteredPrefix:
        """The prefix as declared."""
        return self.registered


@attrs.frozen
class ObservedPrefix(PrefixSubject):
    """One registered prefix, with its routes everywhere.

    Attributes:
        cells: one for each session of the peering, and for each other one that has routes for it,
            of which something may be said.
        groups: how it is announced, on all sessions.
        absent: the ids of the other sessions that certainly do not announce it.
        elsewhere: the ids of sessions that another row of the same prefix is about: at a route
            server each peering that announces it has one.
        passing: the ids of the peering's sessions that announce it and for which no rule has an
            answer, with the view of each; they have no cell.
    """

    cells: tuple[Cell, ...] = ()
    groups: tuple[AnnouncementGroup, ...] = ()
    absent: tuple[str, ...] = ()
    in_other_rows: frozenset[str] = frozenset()
    passing: Mapping[str, View] = attrs.field(factory=dict)

    has_routes: ClassVar[bool] = True

    @property
    def views(self) -> frozenset[View]:
        """Where its routes were seen, on all sessions."""
        return _views_of(self.cells) | {*self.passing.values()}

    @property
    def shown_routes(self) -> Iterable[Observation]:
        """The routes of its cells."""
        return [route for cell in self.cells for route in cell.routes]

    def is_undecided(self, *, applies: bool) -> bool:
        """Whether it is not known of some session whether it is announced there."""
        _ = applies
        return _is_some_unknown(self.cells)


@attrs.frozen
class SessionSubject(SubjectBase):
    """One session, as declared.

    Attributes:
        session: the session.
    """

    session: SessionRef

    scope: ClassVar[Scope] = Scope.SESSION

    @property
    def peering(self) -> Peering:
        """The peering that it belongs to."""
        return self.session.peering

    @property
    def ref(self) -> SubjectRef:
        """The session."""
        return ref_of(self.session)

    @property
    def location(self) -> str | None:
        """The metro of the session."""
        return metro_of(self.session.peering, self.session.connection)

    @property
    def peer(self) -> str | None:
        """The partner's address of the session."""
        return peer_of(self.session)


@attrs.frozen
class ObservedSession(SessionSubject):
    """One session, with what sources show of it.

    Attributes:
        sources: what was seen of it, the best view first.
        from_microsoft: how many routes AS8075 announces to the partner there; None if no whole
            dump shows it.
    """

    sources: tuple[SessionSource, ...] = ()
    from_microsoft: int | None = None

    has_routes: ClassVar[bool] = True

    @property
    def source(self) -> SessionSource | None:
        """The best source for it, None without any."""
        return self.sources[0] if self.sources else None

    @property
    def views(self) -> frozenset[View]:
        """The best view of it."""
        return frozenset() if self.source is None else frozenset({self.source.view})

    @property
    def shown_routes(self) -> Iterable[Observation]:
        """The routes of an export; a dump shows everything, and has too many to iterate over."""
        if self.source is None or self.source.observations.shows_all:
            return ()
        return self.source.observations

    @property
    def every_source(self) -> tuple[SessionSource, ...]:
        """What was seen of it."""
        return self.sources

    def without_old_sources(self) -> ObservedSession:
        """Return it without the sources that are too old."""
        fresh = tuple(each for each in self.sources if not each.is_too_old)
        return attrs.evolve(self, sources=fresh)

    def is_undecided(self, *, applies: bool) -> bool:
        """Whether no source shows the whole session."""
        _ = applies
        return self.source is None or self.source.coverage is not Coverage.COMPLETE


@attrs.frozen
class ConnectionSubject(SubjectBase):
    """One connection.

    Attributes:
        peering: that it belongs to.
        connection: as declared.
    """

    peering: Peering
    connection: Connection

    scope: ClassVar[Scope] = Scope.CONNECTION

    def __str__(self) -> str:
        """Return the name that people know: connection and router."""
        router = self.connection.router
        return f"{self.connection.name} ({router})" if router else self.connection.name

    @property
    def ref(self) -> SubjectRef:
        """The connection and its router."""
        connection = self.connection
        return SubjectRef(self.peering.name, connection.name, router=connection.router)

    @property
    def location(self) -> str | None:
        """The metro of the connection."""
        return metro_of(self.peering, self.connection)


@attrs.frozen
class ServicePrefixSubject(SubjectBase):
    """One service prefix, as declared.

    Attributes:
        peering: whose profile judges it: where the prefix is registered, else the first that
            lies in the service's primary location, else the first.
        service: that it belongs to.
        declared: the prefix as it goes into the portal.
        prefix: the same, read; None if it is no prefix.
    """

    peering: Peering
    service: PeeringService
    declared: ServicePrefix
    prefix: Prefix | None

    scope: ClassVar[Scope] = Scope.SERVICE_PREFIX

    @property
    def registered(self) -> ServicePrefix:
        """What the portal is given: for texts that name the prefix."""
        return self.declared

    @property
    def own_prefix(self) -> SubjectName | str:
        """The prefix as a phrase says it: by its declared name, unless it is read as another."""
        return own_prefix(self.prefix, self.registered)

    @property
    def ref(self) -> SubjectRef:
        """The prefix, with the peering whose profile judges it."""
        return SubjectRef(self.peering.name, prefix=self.declared.prefix)

    @property
    def names(self) -> frozenset[str]:
        """Its names, and the peering service that it belongs to."""
        return names_of(self.ref) | {self.service.name}

    @property
    def declared_prefix(self) -> ServicePrefix:
        """The prefix as it goes into the portal."""
        return self.declared

    @property
    def owner(self) -> str:
        """The peering service."""
        return self.service.name

    @property
    def discriminator(self) -> str:
        """The peering service: several may have the prefix."""
        return self.service.name


@attrs.frozen
class ObservedServicePrefix(ServicePrefixSubject):
    """One service prefix, with its routes in the service's locations.

    Attributes:
        cells: one for each session in the service's primary and backup location.
        elsewhere: further sessions of the peering's AS that certainly do not announce it.
        asked: ids of the sessions on which the registration asks for the prefix already.
        groups: how it is announced in those locations.
    """

    cells: tuple[Cell, ...] = ()
    absent_elsewhere: tuple[SessionRef, ...] = ()
    required_by_registration: frozenset[str] = frozenset()
    groups: tuple[AnnouncementGroup, ...] = ()

    has_routes: ClassVar[bool] = True

    @property
    def views(self) -> frozenset[View]:
        """Where its routes were seen, on all sessions of its locations."""
        return _views_of(self.cells)

    def is_undecided(self, *, applies: bool) -> bool:
        """Whether it is not known of some session whether it is announced there."""
        _ = applies
        return _is_some_unknown(self.cells)


@attrs.frozen
class InventorySubject(SubjectBase):
    """The inventory as a whole, as one of its profiles sees it.

    Attributes:
        peering: the first peering, whose profile judges.
        inventory: everything.
    """

    peering: Peering
    inventory: Inventory

    scope: ClassVar[Scope] = Scope.INVENTORY

    @property
    def names(self) -> frozenset[str]:
        """The names of all peerings."""
        return frozenset(peering.name for peering in self.inventory.peerings)


@attrs.frozen
class PeeringSubject(SubjectBase):
    """One peering, as declared.

    Attributes:
        peering: the peering.
    """

    peering: Peering

    scope: ClassVar[Scope] = Scope.PEERING


@attrs.frozen
class ObservedPeering(PeeringSubject):
    """One peering, with what sources show of its sessions.

    Attributes:
        sessions: its sessions.
    """

    sessions: tuple[ObservedSession, ...]

    has_routes: ClassVar[bool] = True

    @property
    def views(self) -> frozenset[View]:
        """The best view of each session."""
        return frozenset(view for session in self.sessions for view in session.views)

    @property
    def every_source(self) -> tuple[SessionSource, ...]:
        """What was seen of its sessions."""
        return tuple(source for session in self.sessions for source in session.sources)

    def without_old_sources(self) -> ObservedPeering:
        """Return it without the sources that are too old."""
        fresh = tuple(session.without_old_sources() for session in self.sessions)
        return attrs.evolve(self, sessions=fresh)

    def is_undecided(self, *, applies: bool) -> bool:
        """Whether some session was not seen whole."""
        return any(session.is_undecided(applies=applies) for session in self.sessions)


Subject = (
    Cell
    | PrefixSubject
    | ServicePrefixSubject
    | SessionSubject
    | ConnectionSubject
    | PeeringSubject
    | InventorySubject
)
#: Subjects with routes.
ObservedSubject = ObservedPrefix | ObservedServicePrefix | ObservedSession | ObservedPeering


def _views_of(cells: Iterable[Cell]) -> frozenset[View]:
    return frozenset(cell.view for cell in cells if cell.view is not None)


def _is_some_unknown(cells: Iterable[Cell]) -> bool:
    return any(cell.presence is Presence.UNKNOWN for cell in cells)
