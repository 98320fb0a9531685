"""Parse the lines of a scenario."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final, TypeVar

import attrs

from peerlint import engine
from peerlint.errors import InputError
from peerlint.iana import ALLOWABLE
from peerlint.inventory import (
    Attestation,
    Connection,
    Inventory,
    Key,
    Lab,
    PeerAsn,
    Peering,
    PeeringService,
    Provider,
    RegisteredPrefix,
    Waiver,
)
from peerlint.model import ANY_AGE, Asn, Fact, MaxAge, Prefix, Route, View, parse_time
from peerlint.observations import (
    Coverage,
    Observation,
    Observations,
    SessionCounts,
    SessionSource,
    Validation,
    session_match,
)
from peerlint.profiles import Profile, shipped_profile
from peerlint.testing import _defaults
from peerlint.testing._registry import RegistryReader
from peerlint.testing.scenario import NOW, Scenario

_SOURCE: Final = "scenario"
_FIELDS: Final = ("name", "origin", "traffic", "endpoints", "key", "state", "error", "unnamed")
_Named = TypeVar("_Named", Peering, PeerAsn, PeeringService)


def is_change(words: list[str]) -> bool:
    """Return whether a line changes a value that another line declares."""
    return len(words) > 2 and "=" in words[2]


class Reader:
    """The state of parsing a scenario."""

    def __init__(self) -> None:
        self._peerings: list[Peering] = []
        self._services: list[PeeringService] = []
        self._peer_asns: list[PeerAsn] = [_defaults.PEER_ASN]
        self._providers: list[Provider] = [_defaults.PROVIDER]
        self._attestations: list[Attestation] = []
        self._waivers: list[Waiver] = []
        self._plan: list[list[str]] | None = None
        self._routes: dict[str, list[Route]] = {}
        self._views: dict[str, View] = {}
        self._coverage: dict[str, Coverage] = {}
        self._truncated: set[str] = set()
        self._microsoft: dict[str, int] = {}
        self._taken: dict[str, datetime] = {}
        self._now, self._max_age = NOW, ANY_AGE
        self._validations: dict[tuple[str, Prefix], Validation] = {}
        self._sessions = 0
        self._registry = RegistryReader()

    def read(self, words: list[str]) -> None:
        readers = {
            "peering": self._peering,
            "connection": self._change_connection,
            "session": self._session,
            "registered": self._registered,
            "asn": self._asn,
            "service": self._service,
            "service-prefix": self._service_prefix,
            "peer-asn": self._peer_asn,
            "provider": self._provider,
            "no": self._nothing,
            "plan": self._planned,
            "attest": self._attest,
            "waive": self._waive,
            "view": self._view,
            "coverage": self._covered,
            "microsoft": self._from_microsoft,
            "taken": self._taken_at,
            "now": self._clock,
            "max-age": self._limit,
            "azure": self._validated,
            **dict.fromkeys(
                ("registry", "irr", "vrp", "delegated", "peeringdb"), self._registry.read
            ),
        }
        try:
            readers.get(words[0], self._route)(words)
        except (IndexError, KeyError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError("scenario", expected="a line of the notation", found=words) from None

    # -- peerings

    def _peering(self, words: list[str]) -> None:
        if is_change(words):
            self._peerings = _with_change(self._peerings, words[1:])
            return
        _, name, profile, asn, location = words
        self._peerings.append(_defaults.peering(name, profile, Asn.parse(asn), location))

    def _change(self, **changes: object) -> None:
        self._peerings[-1] = attrs.evolve(self._peerings[-1], **changes)  # type: ignore[arg-type]  # the fields of Peering

    def _session(self, words: list[str]) -> None:
        if is_change(words):
            self._change_connection(words, of_session=True)
            return
        connection = _defaults.connection(
            words[1],
            words[2],
            self._peerings[-1].profile,
            self._sessions,
            as_is="as-is" in words[3:],
        )
        self._sessions += 1
        self._change(connections=(*self._peerings[-1].connections, connection))

    def _change_connection(self, words: list[str], *, of_session: bool = False) -> None:
        for index, peering in enumerate(self._peerings):
            for number, connection in enumerate(peering.connections):
                if connection.name == words[1]:
                    new = _changed_connection(connection, words[2:], of_session=of_session)
                    connections = [*peering.connections]
                    connections[number] = new
                    self._peerings[index] = attrs.evolve(peering, connections=tuple(connections))
                    return
        raise InputError("scenario", expected="a connection of the scenario", found=words[1])

    def _registered(self, words: list[str]) -> None:
        fields: dict[str, list[str]] = {}
        current: list[str] = []
        for word in words[2:]:
            if word in _FIELDS and "error" not in fields:
                current = fields.setdefault(word, [])
            else:
                current.append(word)
        described = "traffic" in fields or "endpoints" in fields
        key = fields.get("key", [f"key-{words[1]}"])
        registered = RegisteredPrefix(
            words[1],
            None if "unnamed" in fields else " ".join(fields.get("name", [words[1]])),
            Asn.parse(fields["origin"][0]) if "origin" in fields else None,
            " ".join(fields.get("traffic", [] if described else ["voice"])) or None,
            tuple(fields.get("endpoints", [] if described else ["sbc"])),
            Key(key[0]) if key else None,
            " ".join(fields.get("state", ["Verified"])) or None,
            " ".join(fields.get("error", [])) or None,
        )
        self._change(registered_prefixes=(*self._peerings[-1].registered_prefixes, registered))

    def _asn(self, words: list[str]) -> None:
        registered = _defaults.registered_asn(words[1], words[2:])
        self._change(registered_asns=(*self._peerings[-1].registered_asns, registered))

    # -- services, AS numbers, statements

    def _service(self, words: list[str]) -> None:
        self._services.append(_defaults.service(words[1], words[2:]))

    def _service_prefix(self, words: list[str]) -> None:
        service = self._services[-1]
        prefix = _defaults.service_prefix(words[1], words[2:])
        self._services[-1] = attrs.evolve(
            service, service_prefixes=(*service.service_prefixes, prefix)
        )

    def _peer_asn(self, words: list[str]) -> None:
        if words[1] not in [each.name for each in self._peer_asns]:
            self._peer_asns.append(attrs.evolve(_defaults.PEER_ASN, name=words[1]))
        self._peer_asns = _with_change(self._peer_asns, words[1:])

    def _provider(self, words: list[str]) -> None:
        self._providers = [each for each in self._providers if each.name != words[1]]
        self._providers.append(Provider(words[1], tuple(words[2:])))

    def _nothing(self, words: list[str]) -> None:
        if words[1] == "peer-asn":
            self._peer_asns.clear()
        elif words[1] == "provider":
            self._providers.clear()
        else:
            raise InputError("scenario", expected="peer-asn or provider", found=words[1])

    def _planned(self, words: list[str]) -> None:
        self._plan = [*(self._plan or ()), words[1:]]

    def _attest(self, words: list[str]) -> None:
        _, rule, scope, *rest = words
        holds = rest[:1] != ["no"]
        base = Attestation(rule, scope, "noc@contoso.example", date(2026, 1, 31), None, holds)
        self._attestations.append(_defaults.changed(base, rest if holds else rest[1:]))

    def _waive(self, words: list[str]) -> None:
        _, rule, scope, *rest = words
        base = Waiver(rule, scope, "ticket 4711", "noc@contoso.example", date(2026, 12, 31))
        self._waivers.append(_defaults.changed(base, rest))

    # -- routes

    def _view(self, words: list[str]) -> None:
        self._views[words[1]] = View(words[2])

    def _covered(self, words: list[str]) -> None:
        self._coverage[words[1]] = Coverage(words[2])
        if words[3:] == ["truncated"]:
            self._truncated.add(words[1])

    def _from_microsoft(self, words: list[str]) -> None:
        self._microsoft[words[1]] = int(words[2])

    def _taken_at(self, words: list[str]) -> None:
        self._taken[words[1]] = parse_time(words[2])

    def _clock(self, words: list[str]) -> None:
        self._now = parse_time(words[1])

    def _limit(self, words: list[str]) -> None:
        self._max_age = MaxAge.parse(words[1])

    def _validated(self, words: list[str]) -> None:
        states = _defaults.pairs(words[3:])
        self._validations[words[1], Prefix.parse(words[2])] = Validation(
            states.get("rpki"), states.get("origin")
        )

    def _route(self, words: list[str]) -> None:
        self._routes.setdefault(words[0], []).append(Route.parse(" ".join(words[1:])))

    # -- the scenario

    def scenario(self, profile: str | None) -> Scenario:
        if profile is not None:
            self._peerings = [_defaults.under_profile(each, profile) for each in self._peerings]
        inventory = Inventory(
            tuple(self._peerings),
            tuple(self._attestations),
            Lab(ALLOWABLE, self._max_age),
            waivers=tuple(self._waivers),
            peer_asns=tuple(self._peer_asns),
            peering_services=tuple(self._services),
            providers=tuple(self._providers),
        )
        known = {session.id for session in inventory.sessions}
        for named in (self._routes, self._views, self._coverage, self._microsoft, self._taken):
            for session_id in named:
                if session_id not in known:
                    raise InputError(
                        "scenario", expected=f"one of {sorted(known)}", found=session_id
                    )
        profiles = {each.name: shipped_profile(each.profile) for each in self._peerings}
        sessions = self._sources(inventory, profiles)
        observations = Observations((), sessions, self._microsoft)
        plan = self._planned_inventory(inventory)
        registry = self._registry.registry(self._now)
        return Scenario(inventory, observations, profiles, plan, self._now, registry)

    def _sources(
        self, inventory: Inventory, profiles: dict[str, Profile]
    ) -> dict[str, tuple[SessionSource, ...]]:
        sessions: dict[str, tuple[SessionSource, ...]] = {}
        for session in inventory.sessions:
            coverage = self._coverage.get(session.id, Coverage.COMPLETE)
            if coverage is not Coverage.NONE:
                view = self._views.get(session.id, View.RECEIVED)
                criteria = engine.criteria_of(profiles[session.peering.name], inventory)
                seen = tuple(
                    attrs.evolve(
                        Observation.of(session_match(session, view), route, criteria, _SOURCE, 0),
                        validation=self._validations.get((session.id, route.prefix)),
                    )
                    for route in self._routes.get(session.id, ())
                )
                counts = SessionCounts(
                    len(seen),
                    sum(bool(one.facts & Fact.TAGGED) for one in seen),
                    sum(bool(one.facts & Fact.IPV6) for one in seen),
                )
                truncated = session.id in self._truncated
                source = SessionSource(
                    _SOURCE, view, coverage, counts, seen, truncated, self._taken.get(session.id)
                )
                sessions[session.id] = (source,)
        return sessions

    def _planned_inventory(self, inventory: Inventory) -> Inventory | None:
        if self._plan is None:
            return None
        peerings, services = [*inventory.peerings], [*inventory.peering_services]
        for kind, *words in filter(None, self._plan):
            if kind == "peering":
                peerings = _with_change(peerings, words)
            else:
                services = _with_change(services, words)
        return attrs.evolve(inventory, peerings=tuple(peerings), peering_services=tuple(services))


def _changed_connection(
    connection: Connection, words: list[str], *, of_session: bool
) -> Connection:
    if not of_session:
        return _defaults.changed(connection, words)
    first, *more = connection.sessions
    return attrs.evolve(connection, sessions=(_defaults.changed(first, words), *more))


def _with_change(values: list[_Named], words: list[str]) -> list[_Named]:
    """Return the values, one of them changed; `words` are its name and `key=value` words."""
    if words[0] not in [each.name for each in values]:
        raise InputError("scenario", expected="a name of the scenario", found=words[0])
    return [
        _defaults.changed(each, words[1:]) if each.name == words[0] else each for each in values
    ]
