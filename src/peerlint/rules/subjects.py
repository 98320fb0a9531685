"""The subjects of rules: prefixes, sessions, connections, peerings and the inventory.

Their common interface is `SubjectBase`.
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
        peering: the peering that it is registered with.
        registered: the prefix as declared.
        prefix: the parsed prefix, with host bits cleared; None if the text is not a prefix.
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
        """The names of the peering and the prefix."""
        return SubjectRef(self.peering.name, prefix=self.registered.prefix)

    @property
    def declared_prefix(self) -> RegisteredPrefix:
        """The prefix as declared."""
        return self.registered


@attrs.frozen
class ObservedPrefix(PrefixSubject):
    """One registered prefix, with its routes on all sessions.

    Attributes:
        cells: the cells of the sessions for which a rule may have an answer: sessions of the
            peering, and other sessions with routes for the prefix.
        groups: the sessions that announce it, by equal announcements.
        absent: the ids of sessions of other peerings on which it is known to be absent.
        in_other_rows: the ids of sessions that belong to another row of the same prefix. At a route
            server, each peering that announces a prefix has a row for it.
        passing: the ids of the peering's sessions that announce it and for which no rule has an
            answer, with their views; they have no cell.
    """

    cells: tuple[Cell, ...] = ()
    groups: tuple[AnnouncementGroup, ...] = ()
    absent: tuple[str, ...] = ()
    in_other_rows: frozenset[str] = frozenset()
    passing: Mapping[str, View] = attrs.field(factory=dict)

    has_routes: ClassVar[bool] = True

    @property
    def announced(self) -> tuple[AnnouncementGroup, ...]:
        """The groups whose routes are announced to AS8075, and not only candidates elsewhere."""
        return tuple(each for each in self.groups if not each.view.is_hint)

    @property
    def views(self) -> frozenset[View]:
        """The views of its routes on all sessions."""
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
    """One session, with its sources.

    Attributes:
        sources: the sources of the session, the best view first.
        from_microsoft: the number of routes that AS8075 announces to the partner on the session;
            None if no complete dump shows it.
    """

    sources: tuple[SessionSource, ...] = ()
    from_microsoft: int | None = None

    has_routes: ClassVar[bool] = True

    @property
    def source(self) -> SessionSource | None:
        """The best source; None without a source."""
        return self.sources[0] if self.sources else None

    @property
    def views(self) -> frozenset[View]:
        """The view of the best source; empty without a source."""
        return frozenset() if self.source is None else frozenset({self.source.view})

    @property
    def shown_routes(self) -> Iterable[Observation]:
        """The routes of an export; empty for a dump, which shows all parts of very many routes."""
        if self.source is None or self.source.observations.shows_all:
            return ()
        return self.source.observations

    @property
    def every_source(self) -> tuple[SessionSource, ...]:
        """The sources of the session."""
        return self.sources

    def without_old_sources(self) -> ObservedSession:
        """Return the session without the sources that are too old."""
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
        peering: the peering that it belongs to.
        connection: the connection as declared.
    """

    peering: Peering
    connection: Connection

    scope: ClassVar[Scope] = Scope.CONNECTION

    def __str__(self) -> str:
        """Return the connection with its router: "ams-1 (edge1.ams)"."""
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
        peering: the peering whose profile is used: the one that registers the prefix, or else the
            first one in the service's primary location, or else the first one.
        service: the peering service that it belongs to.
        declared: the prefix as declared.
        prefix: the parsed prefix; None if the text is not a prefix.
    """

    peering: Peering
    service: PeeringService
    declared: ServicePrefix
    prefix: Prefix | None

    scope: ClassVar[Scope] = Scope.SERVICE_PREFIX

    @property
    def registered(self) -> ServicePrefix:
        """The prefix as declared, as in `PrefixSubject`."""
        return self.declared

    @property
    def own_prefix(self) -> SubjectName | str:
        """The prefix as a phrase says it: by its declared name, unless it is read as another."""
        return own_prefix(self.prefix, self.registered)

    @property
    def ref(self) -> SubjectRef:
        """The names of the prefix and of the peering whose profile is used."""
        return SubjectRef(self.peering.name, prefix=self.declared.prefix)

    @property
    def names(self) -> frozenset[str]:
        """The names of the subject, and that of the peering service."""
        return names_of(self.ref) | {self.service.name}

    @property
    def declared_prefix(self) -> ServicePrefix:
        """The prefix as declared."""
        return self.declared

    @property
    def owner(self) -> str:
        """The name of the peering service."""
        return self.service.name

    @property
    def discriminator(self) -> str:
        """The name of the peering service, because several services may have the prefix."""
        return self.service.name


@attrs.frozen
class ObservedServicePrefix(ServicePrefixSubject):
    """One service prefix, with its routes in the service's locations.

    Attributes:
        cells: the cells of the sessions in the service's primary and backup location.
        absent_elsewhere: the other sessions of the peering's AS on which it is known to be absent.
        required_by_registration: the ids of the sessions on which the registration already requires
            the prefix.
        groups: the sessions in those locations that announce it, by equal announcements.
    """

    cells: tuple[Cell, ...] = ()
    absent_elsewhere: tuple[SessionRef, ...] = ()
    required_by_registration: frozenset[str] = frozenset()
    groups: tuple[AnnouncementGroup, ...] = ()

    has_routes: ClassVar[bool] = True

    @property
    def views(self) -> frozenset[View]:
        """The views of its routes on all sessions of its locations."""
        return _views_of(self.cells)

    def is_undecided(self, *, applies: bool) -> bool:
        """Whether it is not known of some session whether it is announced there."""
        _ = applies
        return _is_some_unknown(self.cells)


@attrs.frozen
class InventorySubject(SubjectBase):
    """The whole inventory, evaluated with one of its profiles.

    Attributes:
        peering: the first peering with the profile.
        inventory: the inventory.
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
    """One peering, with the sources of its sessions.

    Attributes:
        sessions: the sessions of the peering.
    """

    sessions: tuple[ObservedSession, ...]

    has_routes: ClassVar[bool] = True

    @property
    def views(self) -> frozenset[View]:
        """The best view of each session."""
        return frozenset(view for session in self.sessions for view in session.views)

    @property
    def every_source(self) -> tuple[SessionSource, ...]:
        """The sources of its sessions."""
        return tuple(source for session in self.sessions for source in session.sources)

    def without_old_sources(self) -> ObservedPeering:
        """Return the peering without the sources that are too old."""
        fresh = tuple(session.without_old_sources() for session in self.sessions)
        return attrs.evolve(self, sessions=fresh)

    def is_undecided(self, *, applies: bool) -> bool:
        """Whether a session of the peering is not shown completely."""
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
