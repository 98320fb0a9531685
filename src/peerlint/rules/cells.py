"""Cells, each a prefix on a session, and groups of sessions with equal announcements."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import ClassVar

import attrs

from peerlint.inventory import (
    Connection,
    Peering,
    RegisteredPrefix,
    ServicePrefix,
    SessionRef,
    metro,
)
from peerlint.model import Prefix, View
from peerlint.observations import Observation, SessionSource
from peerlint.results import RouteCount, SubjectName, SubjectRef
from peerlint.rules._subject_base import SubjectBase, names_of
from peerlint.rules.scopes import Scope


class Presence(Enum):
    """Whether a prefix is announced on a session."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@attrs.frozen
class Cell(SubjectBase):
    """One prefix on one session.

    Attributes:
        peering: the peering that the prefix is registered with.
        registered: the prefix as declared.
        prefix: the parsed prefix.
        session: the session.
        presence: whether the prefix itself is announced on the session.
        source: the source that decides the presence, or the best source if none does; None if the
            session has no source.
        others: the other sources of the session.
        routes: the routes for the prefix in `source`.
        covering: the routes for less specific prefixes in `source`.
        more_specifics: the routes for more specific prefixes in `source`.
        firing: the routes among `routes` for which a rule's masks hold.
        is_required: whether the prefix has to be announced on the session. It has to be on the
            sessions of its own peering; at a route server, on those of a location where another
            session announces it.
        is_chosen: whether an activation of the prefix chooses the session's location.
    """

    peering: Peering
    registered: RegisteredPrefix
    prefix: Prefix
    session: SessionRef
    presence: Presence
    source: SessionSource | None = None
    others: tuple[SessionSource, ...] = ()
    routes: tuple[Observation, ...] = ()
    covering: tuple[Observation, ...] = ()
    more_specifics: tuple[Observation, ...] = ()
    firing: tuple[Observation, ...] = ()
    is_required: bool = attrs.field(
        default=attrs.Factory(
            lambda self: self.session.peering.name == self.peering.name, takes_self=True
        )
    )
    is_chosen: bool = False

    scope: ClassVar[Scope] = Scope.CELL
    has_routes: ClassVar[bool] = True
    depends_on_view: ClassVar[bool] = True

    @property
    def view(self) -> View | None:
        """The view of the routes; None without a source."""
        return None if self.source is None else self.source.view

    @property
    def is_absent(self) -> bool:
        """Whether the prefix is absent although it is required."""
        return self.is_required and self.presence is Presence.ABSENT

    @property
    def own_prefix(self) -> SubjectName | str:
        """The prefix as part of a phrase, see `own_prefix`."""
        return own_prefix(self.prefix, self.registered)

    @property
    def route_count(self) -> RouteCount | None:
        """The placeholder for the number of routes in `source`; None without a source."""
        source = self.source
        return None if source is None else RouteCount(self.session.id, source.source, source.view)

    @property
    def ref(self) -> SubjectRef:
        """The names of the session and the prefix."""
        connection = self.session.connection
        return SubjectRef(
            self.peering.name,
            connection.name,
            self.session.id,
            connection.router,
            self.registered.prefix,
        )

    @property
    def names(self) -> frozenset[str]:
        """The names of the subject, and that of the session's peering."""
        return names_of(self.ref) | {self.session.peering.name}

    @property
    def location(self) -> str | None:
        """The metro of the session."""
        return metro_of(self.session.peering, self.session.connection)

    @property
    def peer(self) -> str | None:
        """The partner's address of the session."""
        return peer_of(self.session)

    @property
    def declared_prefix(self) -> RegisteredPrefix | ServicePrefix:
        """The prefix as declared."""
        return self.registered

    @property
    def views(self) -> frozenset[View]:
        """The view of its routes; empty without a source."""
        return frozenset() if self.view is None else frozenset({self.view})

    @property
    def shown_routes(self) -> tuple[Observation, ...]:
        """The routes for the prefix."""
        return self.routes

    @property
    def is_hint(self) -> bool:
        """Whether its view is weak evidence, see `View.is_hint`."""
        return self.view is not None and self.view.is_hint

    @property
    def is_optional(self) -> bool:
        """Whether neither the registration nor an activation requires the prefix there."""
        return not (self.is_required or self.is_chosen)

    def is_undecided(self, *, applies: bool) -> bool:
        """Whether its routes do not decide a rule, or have a view that the rule does not use."""
        if applies:
            return self.presence is Presence.UNKNOWN
        return self.presence is not Presence.ABSENT


@attrs.frozen
class AnnouncementGroup:
    """Sessions with equal announcements of a prefix.

    Attributes:
        sessions: the sessions.
        routes: the routes of the first session.
        routes_of: returns the routes of a session; they differ only in parts that rules do not
            compare, such as the next hop.
    """

    sessions: tuple[SessionRef, ...]
    routes: tuple[Observation, ...]
    routes_of: Callable[[SessionRef], tuple[Observation, ...]] = attrs.field(eq=False, repr=False)

    @property
    def view(self) -> View:
        """The view of the routes."""
        return self.routes[0].view

    @property
    def session_ids(self) -> tuple[str, ...]:
        """The ids of the sessions."""
        return tuple([session.id for session in self.sessions])


def ref_of(session: SessionRef) -> SubjectRef:
    """Return the names of a session."""
    connection = session.connection
    return SubjectRef(session.peering.name, connection.name, session.id, connection.router)


def metro_of(peering: Peering, connection: Connection) -> str | None:
    """Return the name of the metro of a connection; None if it is not known."""
    found = metro(peering, connection)
    return None if found is None else found.name


def peer_of(session: SessionRef) -> str | None:
    """Return the partner's address of a session; None if it is not declared."""
    peer = session.declared.peer
    return None if peer is None else str(peer)


def own_prefix(
    prefix: Prefix | None, declared: RegisteredPrefix | ServicePrefix
) -> SubjectName | str:
    """Return a prefix as part of a phrase.

    Args:
        prefix: the parsed prefix.
        declared: its declaration.

    Returns:
        The placeholder for the declared text, or the parsed prefix if they differ.
    """
    return SubjectName.PREFIX if str(prefix) == declared.prefix else str(prefix)
