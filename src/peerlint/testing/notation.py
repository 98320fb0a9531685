"""One line, one fact: scenes for tests, examples and questions to colleagues.

::

    registered 203.0.113.0/24 origin 64500
    ams-1 203.0.113.0/24 path 64500 community 8075:8007
    ams-2 203.0.113.0/24 path 64500

reads: one prefix is registered, two sessions announce it, and one of them forgot the community.

=========================================================  ======================================
line                                                       fact
=========================================================  ======================================
``SESSION PREFIX path ... community ...``                  a route seen on a session, see
                                                           `peerlint.Route.parse`
``registered PREFIX [name N] [origin AS]                   a registered prefix of the peering
[traffic WORDS] [endpoints WORDS] [unnamed]``              above; described unless it says how
``peering NAME PROFILE AS LOCATION``                       a peering; lines below belong to it
``session NAME ROUTER [as-is]``                            a session of the peering above
``asn NUMBER``                                             a registered AS of the peering above
``view SESSION VIEW``                                      where the session's routes were seen
``coverage SESSION complete|partial|none``                 whether all of them were seen
=========================================================  ======================================

Without a `peering` line the scene is contoso-ams: profile maps, AS64500, Amsterdam, sessions
ams-1 and ams-2 on edge1.ams and edge2.ams. Views are `received` and coverage is `complete`
unless a line says otherwise. Documentation and benchmarking space counts as public.
"""

from __future__ import annotations

from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import Final

import attrs

from peerlint import engine
from peerlint.errors import InputError
from peerlint.iana import ALLOWABLE
from peerlint.inventory import (
    Connection,
    Inventory,
    Lab,
    Peering,
    RegisteredAsn,
    RegisteredPrefix,
    Session,
)
from peerlint.inventory.peering import Egress
from peerlint.model import Asn, Fact, Route, View
from peerlint.observe import (
    Coverage,
    Observation,
    Observations,
    SessionCounts,
    SessionSource,
    sighting,
)
from peerlint.profiles import Profile, shipped_profile
from peerlint.verdicts import Report

_DEFAULT: Final = (
    "peering contoso-ams maps 64500 Amsterdam",
    "session ams-1 edge1.ams",
    "session ams-2 edge2.ams",
)
_SOURCE: Final = "scene"
#: The time of every scene.
NOW: Final = datetime(2026, 11, 21, tzinfo=UTC)


@attrs.frozen
class Scene:
    """What a scene declares and shows."""

    inventory: Inventory
    observations: Observations
    profiles: dict[str, Profile]

    def judge(self, *, strict: bool = False) -> Report:
        """Return what peerlint says of it."""
        return engine.check(
            self.inventory,
            self.observations,
            self.profiles,
            now=NOW,
            version="0",
            kernel="python",
            strict=strict,
        )


def scene(text: str, *, profile: str | None = None) -> Scene:
    """Read a scene.

    Args:
        text: one fact a line; blank lines and lines that start with `#` are nothing.
        profile: instead of the one that each `peering` line names.

    Raises:
        InputError: a line cannot be read, or names a session that no line declares.
    """
    lines = [line.split() for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
    reader = _Reader()
    if not any(words[0] == "peering" for words in lines[:1]):
        for line in _DEFAULT:
            reader.read(line.split())
    for words in lines:
        reader.read(words)
    return reader.scene(profile)


def judge(text: str, *, profile: str | None = None, strict: bool = False) -> Report:
    """Read a scene and return what peerlint says of it."""
    return scene(text, profile=profile).judge(strict=strict)


class _Reader:
    def __init__(self) -> None:
        self._peerings: list[Peering] = []
        self._routes: dict[str, list[Route]] = {}
        self._views: dict[str, View] = {}
        self._coverage: dict[str, Coverage] = {}
        self._sessions = 0

    def read(self, words: list[str]) -> None:
        readers = {
            "peering": self._peering,
            "session": self._session,
            "registered": self._registered,
            "asn": self._asn,
            "view": self._view,
            "coverage": self._covered,
        }
        try:
            readers.get(words[0], self._route)(words)
        except (IndexError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                "scene", expected="a line as the notation has it", found=words
            ) from None

    def _peering(self, words: list[str]) -> None:
        _, name, profile, asn, location = words
        self._peerings.append(Peering(name, profile, Asn.parse(asn), location))

    def _change(self, **changes: object) -> None:
        self._peerings[-1] = attrs.evolve(self._peerings[-1], **changes)  # type: ignore[arg-type]  # the fields of Peering

    def _session(self, words: list[str]) -> None:
        """Give each session a /31 of 192.0.2.0/24: the partner has the even address."""
        egress = Egress.AS_IS if "as-is" in words[3:] else None
        first = int(IPv4Address("192.0.2.0")) + 2 * self._sessions
        self._sessions += 1
        session = Session(IPv4Address(first + 1), IPv4Address(first), egress)
        connection = Connection(words[1], words[2], state="Active", sessions=(session,))
        self._change(connections=(*self._peerings[-1].connections, connection))

    def _registered(self, words: list[str]) -> None:
        fields: dict[str, list[str]] = {}
        current: list[str] = []
        for word in words[2:]:
            if word in ("name", "origin", "traffic", "endpoints", "unnamed"):
                current = fields.setdefault(word, [])
            else:
                current.append(word)
        described = "traffic" in fields or "endpoints" in fields
        registered = RegisteredPrefix(
            words[1],
            None if "unnamed" in fields else " ".join(fields.get("name", [words[1]])),
            Asn.parse(fields["origin"][0]) if "origin" in fields else None,
            " ".join(fields.get("traffic", [] if described else ["voice"])) or None,
            tuple(fields.get("endpoints", [] if described else ["sbc"])),
        )
        self._change(registered_prefixes=(*self._peerings[-1].registered_prefixes, registered))

    def _asn(self, words: list[str]) -> None:
        registered = RegisteredAsn(Asn.parse(words[1]))
        self._change(registered_asns=(*self._peerings[-1].registered_asns, registered))

    def _view(self, words: list[str]) -> None:
        self._views[words[1]] = View(words[2])

    def _covered(self, words: list[str]) -> None:
        self._coverage[words[1]] = Coverage(words[2])

    def _route(self, words: list[str]) -> None:
        self._routes.setdefault(words[0], []).append(Route.parse(" ".join(words[1:])))

    def scene(self, profile: str | None) -> Scene:
        if profile is not None:
            self._peerings = [attrs.evolve(each, profile=profile) for each in self._peerings]
        inventory = Inventory(tuple(self._peerings), lab=Lab(ALLOWABLE))
        known = {place.id for place in inventory.sessions}
        for named in (self._routes, self._views, self._coverage):
            for session in named:
                if session not in known:
                    raise InputError("scene", expected=f"one of {sorted(known)}", found=session)
        profiles = {each.name: shipped_profile(each.profile) for each in self._peerings}
        sessions = {}
        for place in inventory.sessions:
            coverage = self._coverage.get(place.id, Coverage.COMPLETE)
            if coverage is not Coverage.NONE:
                view = self._views.get(place.id, View.RECEIVED)
                criteria = engine.criteria_of(profiles[place.peering.name], inventory)
                seen = tuple(
                    Observation.of(sighting(place, view), route, criteria, _SOURCE, 0)
                    for route in self._routes.get(place.id, ())
                )
                counts = SessionCounts(
                    len(seen),
                    sum(bool(one.facts & Fact.TAGGED) for one in seen),
                    sum(bool(one.facts & Fact.IPV6) for one in seen),
                )
                sessions[place.id] = (SessionSource(_SOURCE, view, coverage, counts, seen),)
        return Scene(inventory, Observations((), sessions), profiles)
