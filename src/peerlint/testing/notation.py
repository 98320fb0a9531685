"""One line, one fact: scenarios for tests, examples and questions to colleagues.

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
[traffic WORDS] [endpoints WORDS] [key K] [state S]        above; described, with a key and
[unnamed] [error WORDS]``                                  Verified unless it says otherwise
``peering NAME PROFILE AS LOCATION``                       a peering; lines below belong to it
``session NAME ROUTER [as-is]``                            a session of the peering above
``asn NUMBER [KEY=VALUE ...]``                             a registered AS of the peering above
``service NAME [KEY=VALUE ...]``                           a peering service
``service-prefix PREFIX [KEY=VALUE ...]``                  a prefix of the peering service above
``peer-asn NAME [KEY=VALUE ...]``                          a PeerAsn; `noc=MAIL[,PHONE]` is its
                                                           contact; ``no peer-asn``: there is none
``provider NAME [METRO ...]``                              a provider; ``no provider``: none
``peering|connection|session NAME KEY=VALUE ...``          what else is declared of it, in the keys
                                                           of the inventory; no value: not known
``plan peering NAME KEY=VALUE ...``                        what a plan makes of it; ``plan``: the
                                                           plan leaves everything as it is
``attest RULE SCOPE [no] [on=DATE] [until=DATE]``          an attestation, or that it is not so
``waive RULE SCOPE [until=DATE]``                          a waiver
``view SESSION VIEW``                                      where the session's routes were seen
``coverage SESSION complete|partial|none [truncated]``     whether all of them were seen, and
                                                           whether an export of Azure's stops
``azure SESSION PREFIX [rpki=STATE] [origin=STATE]``       how Azure says that it validated the
                                                           session's routes for the prefix
``microsoft SESSION COUNT``                                so many routes from Microsoft
``taken SESSION TIME``                                     when that was, as in
                                                           2026-11-21T10:00:00Z
``now TIME``                                               the time of the check
``max-age 24h``                                            how old a source may be
=========================================================  ======================================

Without a `peering` line of its own the scenario is contoso-ams: profile maps, AS64500, Amsterdam,
sessions ams-1 and ams-2 on edge1.ams and edge2.ams. Everything that an export of Azure's would
tell is there and as it should be. Views are `received` and coverage is `complete` unless a line
says otherwise. Documentation and benchmarking space counts as public. Unless a line says
otherwise, it is 2026-11-21 00:00 UTC, and sources of any age count.

A scenario gives dumps too, for what only octets show: snapshots of different times, and updates::

    before, after = scenario("ams-1 203.0.113.0/24 path 64500"), scenario("")
    dump = before.rib(TIMESTAMP).octets() + after.rib(TIMESTAMP + 1_000_000).octets()
"""

from __future__ import annotations

from datetime import UTC, date, datetime
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
from peerlint.model import (
    ANY_AGE,
    MICROSOFT,
    Asn,
    Fact,
    MaxAge,
    Prefix,
    Route,
    View,
    parse_time,
)
from peerlint.observations import (
    Coverage,
    Observation,
    Observations,
    SessionCounts,
    SessionSource,
    Validation,
    aged,
    session_match,
)
from peerlint.profiles import Profile, shipped_profile
from peerlint.results import Report
from peerlint.rules import CATALOGUE, Need
from peerlint.testing import _declared
from peerlint.testing.dumps import TIMESTAMP, FeedSession, RibDump

_DEFAULT: Final = (
    "peering contoso-ams maps 64500 Amsterdam",
    "session ams-1 edge1.ams",
    "session ams-2 edge2.ams",
)
_SOURCE: Final = "scenario"
_FIELDS: Final = ("name", "origin", "traffic", "endpoints", "key", "state", "error", "unnamed")
_Named = TypeVar("_Named", Peering, PeerAsn, PeeringService)
_OF_ROUTES: Final = ("prefix", "registration", "route")
#: The time of every scenario.
NOW: Final = datetime(2026, 11, 21, tzinfo=UTC)


@attrs.frozen
class Scenario:
    """What a scenario declares and shows."""

    inventory: Inventory
    observations: Observations
    profiles: dict[str, Profile]
    plan: Inventory | None = None
    now: datetime = NOW

    def judge(self, *, strict: bool = False) -> Report:
        """Return what peerlint says of it."""
        limit = self.inventory.lab.max_age
        limits = {
            session.id: limit or self.profiles[session.peering.name].max_age
            for session in self.inventory.sessions
        }
        return engine.check(
            self.inventory,
            aged(self.observations, self.now, limits),
            self.profiles,
            now=self.now,
            version="0",
            kernel="python",
            strict=strict,
            plan=self.plan,
        )

    def rib(
        self, timestamp: int = TIMESTAMP, *, collector: str = "192.0.2.255", view: str = ""
    ) -> RibDump:
        """Return a table of all sessions, each with its routes, as received from its own side.

        Args:
            timestamp: as for `peerlint.testing.dumps.RibDump`.
            collector: as for `peerlint.testing.dumps.RibDump`.
            view: as for `peerlint.testing.dumps.RibDump`.
        """
        dump = RibDump(timestamp=timestamp, collector=collector, view=view)
        for session in self.inventory.sessions:
            number = dump.peer(str(session.declared.peer), int(session.peering.asn))
            for source in self.observations.of(session.id):
                dump.routes(number, *(seen.route for seen in source.observations))
        return dump

    def feed(self, session_id: str) -> FeedSession:
        """Return a session as messages name it that its own side sends to Microsoft.

        Raises:
            KeyError: no such session.
        """
        for session in self.inventory.sessions:
            if session.id == session_id:
                local = str(session.declared.microsoft)
                return FeedSession(
                    str(session.declared.peer), int(session.peering.asn), local, MICROSOFT
                )
        raise KeyError(session_id)


def scenario(text: str, *, profile: str | None = None) -> Scenario:
    """Read a scenario.

    Args:
        text: one fact a line; blank lines and lines that start with `#` are nothing.
        profile: instead of the one that each `peering` line names.

    Raises:
        InputError: a line cannot be read, or names a session that no line declares.
    """
    lines = [line.split() for line in text.splitlines() if line.strip() and line.strip()[0] != "#"]
    reader = _Reader()
    if not any(words[0] == "peering" and not _is_change(words) for words in lines[:1]):
        for line in _DEFAULT:
            reader.read(line.split())
    for words in lines:
        reader.read(words)
    return reader.scenario(profile)


def judge(text: str, *, profile: str | None = None, strict: bool = False) -> Report:
    """Read a scenario and return what peerlint says of it."""
    return scenario(text, profile=profile).judge(strict=strict)


def judge_routes(text: str, *, profile: str | None = None, strict: bool = False) -> Report:
    """Judge a scenario, but only by what its routes and registrations show.

    What the set-up, Azure's exports, registries and people would have to tell is left out.
    """
    report = judge(text, profile=profile, strict=strict)
    kept = (
        finding
        for finding in report.findings
        if is_about_routes(finding.rule) and (finding.need is None or Need(finding.need).is_seen)
    )
    return attrs.evolve(report, findings=tuple(kept))


def is_about_routes(rule: str) -> bool:
    """Whether routes and registrations answer a rule, if not all that it asks.

    What people and registries tell is asked beside it; what an export of Azure's tells is what
    routes would be compared with.
    """
    needs = CATALOGUE[rule].needs
    is_answered = not needs or any(need.is_seen for need in needs)
    return rule.partition(".")[0] in _OF_ROUTES and is_answered and Need.AZURE not in needs


def _is_change(words: list[str]) -> bool:
    """Whether a line says more of something that another one declares."""
    return len(words) > 2 and "=" in words[2]


class _Reader:
    def __init__(self) -> None:
        self._peerings: list[Peering] = []
        self._services: list[PeeringService] = []
        self._peer_asns: list[PeerAsn] = [_declared.PEER_ASN]
        self._providers: list[Provider] = [_declared.PROVIDER]
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
        }
        try:
            readers.get(words[0], self._route)(words)
        except (IndexError, KeyError, ValueError) as error:
            if isinstance(error, InputError):
                raise
            raise InputError(
                "scenario", expected="a line as the notation has it", found=words
            ) from None

    # -- peerings

    def _peering(self, words: list[str]) -> None:
        if _is_change(words):
            self._peerings = _with_change(self._peerings, words[1:])
            return
        _, name, profile, asn, location = words
        self._peerings.append(_declared.peering(name, profile, Asn.parse(asn), location))

    def _change(self, **changes: object) -> None:
        self._peerings[-1] = attrs.evolve(self._peerings[-1], **changes)  # type: ignore[arg-type]  # the fields of Peering

    def _session(self, words: list[str]) -> None:
        if _is_change(words):
            self._change_connection(words, of_session=True)
            return
        connection = _declared.connection(
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
                    all_of_it = [*peering.connections]
                    all_of_it[number] = new
                    self._peerings[index] = attrs.evolve(peering, connections=tuple(all_of_it))
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
        registered = _declared.registered_asn(words[1], words[2:])
        self._change(registered_asns=(*self._peerings[-1].registered_asns, registered))

    # -- services, AS numbers, statements

    def _service(self, words: list[str]) -> None:
        self._services.append(_declared.service(words[1], words[2:]))

    def _service_prefix(self, words: list[str]) -> None:
        service = self._services[-1]
        prefix = _declared.service_prefix(words[1], words[2:])
        self._services[-1] = attrs.evolve(
            service, service_prefixes=(*service.service_prefixes, prefix)
        )

    def _peer_asn(self, words: list[str]) -> None:
        if words[1] not in [each.name for each in self._peer_asns]:
            self._peer_asns.append(attrs.evolve(_declared.PEER_ASN, name=words[1]))
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
        self._attestations.append(_declared.changed(base, rest if holds else rest[1:]))

    def _waive(self, words: list[str]) -> None:
        _, rule, scope, *rest = words
        base = Waiver(rule, scope, "ticket 4711", "noc@contoso.example", date(2026, 12, 31))
        self._waivers.append(_declared.changed(base, rest))

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
        said = _declared.pairs(words[3:])
        self._validations[words[1], Prefix.parse(words[2])] = Validation(
            said.get("rpki"), said.get("origin")
        )

    def _route(self, words: list[str]) -> None:
        self._routes.setdefault(words[0], []).append(Route.parse(" ".join(words[1:])))

    # -- the scenario

    def scenario(self, profile: str | None) -> Scenario:
        if profile is not None:
            self._peerings = [_declared.under_profile(each, profile) for each in self._peerings]
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
        return Scenario(inventory, observations, profiles, plan, self._now)

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
        return _declared.changed(connection, words)
    first, *more = connection.sessions
    return attrs.evolve(connection, sessions=(_declared.changed(first, words), *more))


def _with_change(values: list[_Named], words: list[str]) -> list[_Named]:
    """Return the values with one of them changed: its name, then `key=value` words."""
    if words[0] not in [each.name for each in values]:
        raise InputError("scenario", expected="a name of the scenario", found=words[0])
    return [
        _declared.changed(each, words[1:]) if each.name == words[0] else each for each in values
    ]
