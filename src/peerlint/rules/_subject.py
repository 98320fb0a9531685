"""What rules are asked about: prefixes, sessions, and cells where the two meet."""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum

import attrs

from peerlint.inventory import Inventory, Peering, RegisteredPrefix, SessionPlace
from peerlint.model import AsPath, Criteria, Prefix, View
from peerlint.observe import Observation, SessionSource


class Presence(Enum):
    """Whether a prefix is announced on a session."""

    PRESENT = "present"
    ABSENT = "absent"
    UNKNOWN = "unknown"


@attrs.frozen
class Cell:
    """One prefix on one session.

    Attributes:
        peering: that the prefix is registered with.
        registered: the prefix as declared.
        prefix: the same, read.
        place: the session.
        presence: whether the prefix itself is announced there.
        source: the source that the presence was read from, None without any.
        others: what further sources say of the session.
        routes: the routes for the prefix, in that source.
        covering: routes for less specific prefixes.
        more_specifics: routes for more specific prefixes.
        firing: the routes among `routes` that a rule's masks hold for.
    """

    peering: Peering
    registered: RegisteredPrefix
    prefix: Prefix
    place: SessionPlace
    presence: Presence
    source: SessionSource | None = None
    others: tuple[SessionSource, ...] = ()
    routes: tuple[Observation, ...] = ()
    covering: tuple[Observation, ...] = ()
    more_specifics: tuple[Observation, ...] = ()
    firing: tuple[Observation, ...] = ()

    @property
    def is_asked_for(self) -> bool:
        """Whether the prefix has to be announced there: only within its own peering."""
        return self.place.peering == self.peering

    @property
    def view(self) -> View | None:
        """Where the routes were seen."""
        return None if self.source is None else self.source.view

    @property
    def is_absent(self) -> bool:
        """Whether the prefix is missing where it has to be."""
        return self.is_asked_for and self.presence is Presence.ABSENT


@attrs.frozen
class PrefixSubject:
    """One registered prefix, everywhere.

    Attributes:
        peering: that it is registered with.
        registered: as declared.
        prefix: the same with bits right of the mask cleared, None if it is no prefix.
        cells: one for each session of the inventory.
    """

    peering: Peering
    registered: RegisteredPrefix
    prefix: Prefix | None
    cells: tuple[Cell, ...] = ()

    @property
    def present(self) -> tuple[Cell, ...]:
        """The cells where the prefix is announced."""
        return tuple(cell for cell in self.cells if cell.presence is Presence.PRESENT)


@attrs.frozen
class SessionSubject:
    """One session.

    Attributes:
        place: the session.
        source: the best source for it, None without any.
    """

    place: SessionPlace
    source: SessionSource | None


@attrs.frozen
class PeeringSubject:
    """One peering.

    Attributes:
        peering: as declared.
        sessions: its sessions.
    """

    peering: Peering
    sessions: tuple[SessionSubject, ...]


Subject = Cell | PrefixSubject | SessionSubject | PeeringSubject


@attrs.frozen
class Context:
    """What every rule may know besides its subject.

    Attributes:
        inventory: all of it.
        registered: see `registrations`.
        criteria: of the peering's profile.
        profile: the shipped one that it is or extends.
        all_routes: whether every route is the service's business (profile `partner`), not only
            those that carry the community.
    """

    inventory: Inventory
    registered: Mapping[Prefix, list[tuple[Peering, RegisteredPrefix]]]
    criteria: Criteria
    profile: str
    all_routes: bool = False


def registrations(inventory: Inventory) -> dict[Prefix, list[tuple[Peering, RegisteredPrefix]]]:
    """Return every registered prefix that can be read, with the peerings that declare it."""
    found: dict[Prefix, list[tuple[Peering, RegisteredPrefix]]] = {}
    for peering in inventory.peerings:
        for registered in peering.registered_prefixes:
            if (prefix := registered.parsed) is not None:
                found.setdefault(prefix, []).append((peering, registered))
    return found


def effective(observation: Observation) -> AsPath:
    """Return the path as AS8075 receives it; empty where the view does not tell."""
    return observation.viewpoint.effective(observation.route.path) or AsPath()
