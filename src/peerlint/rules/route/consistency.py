"""Rules that compare the routes of several sessions."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from peerlint.observations import Observation
from peerlint.results import Severity, SubjectName, clause, phrase
from peerlint.rules._declare import Family
from peerlint.rules._effective import effective, origin_of
from peerlint.rules._rule import ON_THE_WIRE
from peerlint.rules.answers import Need, Problem
from peerlint.rules.cells import AnnouncementGroup, Cell, Presence
from peerlint.rules.context import Context, is_same
from peerlint.rules.documents import ALL
from peerlint.rules.subjects import ObservedPrefix, PrefixSubject
from peerlint.wording import NAMED, listed

rule: Final = Family("O", step=9)


@rule(
    "route.origin-inconsistent",
    "Origin AS differs",
    stages="R+O",
    severity=Severity.WARNING,
    needs=(Need.PATH,),
    basis=("connection-telemetry.md",),
    portal=("PrefixOriginAsChangeEvent", "PrefixBackupRouteOriginAsChangeEvent"),
    word="origin",
)
def origin_inconsistent(subject: ObservedPrefix, context: Context) -> Iterator[Problem]:
    """A prefix has one origin on all sessions: the origin that the inventory declares.

    Microsoft raises an event when the origin of a prefix changes. There are three problems:

    - the origins of two sessions differ;
    - an origin is not the one that the inventory declares;
    - Azure's `originAsValidationState` of a received route, which is its information on changes of
      the origin AS, is `Invalid`. The meaning of other values is not documented, so they have no
      effect. The state may differ between two sessions.

    What to do: announce the prefix from one AS everywhere, or correct `origin` in the inventory.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501
        ams-2 203.0.113.0/24 path 64500 64502

        registered 203.0.113.0/24 origin 64500
        ams-1 203.0.113.0/24 path 64500 64501

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501
        azure ams-1 203.0.113.0/24 origin=Invalid

    Silent:
        registered 203.0.113.0/24 origin 64501
        ams-1 203.0.113.0/24 path 64500 64501
        ams-2 203.0.113.0/24 path 64500 64501

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501
        azure ams-1 203.0.113.0/24 origin=Unknown
    """
    groups: dict[int, list[AnnouncementGroup]] = {}
    unmarked: list[str] = []
    for group in subject.groups:
        found = {origin_of(route) for route in group.routes}
        if len(found) > 1 and group.view.has_candidates:
            unmarked += group.session_ids  # the dump does not tell which of them is announced
            continue
        for origin in found:
            if origin is not None:
                groups.setdefault(origin, []).append(group)
    declared = subject.registered.origin
    if len(groups) > 1 or (declared is not None and not groups.keys() <= {declared}):
        # Otherwise, which is the usual case, no observation has to be made.
        by_origin = {
            origin: _Group.of(same, context, origin=origin)
            for origin, same in sorted(groups.items())
        }
        yield from _differing(by_origin, declared, unmarked)
    yield from _changed_for_azure(subject, context)


def _differing(
    by_origin: Mapping[int, _Group], declared: int | None, unmarked: Iterable[str]
) -> Iterator[Problem]:
    """Yield a problem if origins differ, and one if an origin is not the declared one.

    Args:
        by_origin: the sessions of each origin, by the origin's AS number.
        declared: the origin of the inventory; None if it declares none.
        unmarked: the sessions whose origin is not known.
    """
    left_out = _left_out(unmarked, "several origins, of which a dump does not mark the best")
    if len(by_origin) > 1:
        yield Problem(
            clause(f"origins differ: {_origins(by_origin)}"),
            "the same origin on all sessions",
            _firsts(by_origin),
            hint=left_out,
            word="origins differ",
            sessions=_sessions_of(by_origin),
        )
    other = {origin: group for origin, group in by_origin.items() if origin != declared}
    if declared is not None and other:
        yield Problem(
            f"origin {_origins(other)}",
            f"AS{declared} as the inventory declares",
            _firsts(other),
            hint=left_out,
            word="wrong origin",
            about="declared",
            sessions=_sessions_of(other),
        )


def _changed_for_azure(subject: PrefixSubject, context: Context) -> Iterator[Problem]:
    """Yield a problem if Azure marks the origin of a received route as `Invalid`."""
    validated = () if subject.prefix is None else context.validated.get(subject.prefix, ())
    changed = [
        observation
        for observation in validated
        if observation.validation is not None and is_same(observation.validation.origin, "invalid")
    ]
    if not changed:
        return
    named = sorted({asn for observation in changed if (asn := origin_of(observation)) is not None})
    origins = f" from {listed(f'AS{asn}' for asn in named)}" if named else ""
    yield Problem(
        phrase(
            *("originAsValidationState Invalid for ", subject.own_prefix),
            f"{origins} on {_sessions(changed)}, Azure's word on changes of the origin AS",
            is_long=True,
        ),
        "Valid",
        tuple(changed),
        word="origin",
        about="as Azure says",
        sessions=_ids(changed),
    )


def _origins(by_origin: Mapping[int, _Group]) -> str:
    """Name each origin with its sessions."""
    return "; ".join(
        f"AS{origin} on {listed(group.sessions)}" for origin, group in by_origin.items()
    )


def _firsts(by_origin: Mapping[int, _Group]) -> tuple[Observation, ...]:
    """Return a route of each origin."""
    return tuple(group.first for group in by_origin.values())


def _sessions_of(by_origin: Mapping[int, _Group]) -> tuple[str, ...]:
    """Return the sessions of all origins, each once."""
    return tuple(
        dict.fromkeys(session for group in by_origin.values() for session in group.sessions)
    )


@rule(
    "route.inconsistent-locations",
    "Prefix is not announced in all locations",
    severity=Severity.WARNING,
    needs=(Need.ROUTES,),
    basis=("policy.md",),
    word="not everywhere",
)
def inconsistent_locations(subject: ObservedPrefix, context: Context) -> Iterator[Problem]:
    """Microsoft's peering policy asks for the same routes in all locations.

    A location counts as one without the prefix only if no session there announces the prefix and
    all of its sessions are covered.

    What to do: announce the prefix in every location where you peer with AS8075.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        fra-1 203.0.113.0/24 path 64500
    """
    present = {session for group in subject.groups for session in group.session_ids}
    absent = {cell.session.id for cell in subject.cells if cell.presence is Presence.ABSENT}
    absent.update(subject.absent)
    locations = context.locations.get(subject.peering.asn, {})

    def around(sessions: set[str]) -> list[str]:
        found = {context.sites[session] for session in sessions} & locations.keys()
        return sorted(found, key=lambda where: context.order[locations[where][0]])

    with_it = [each for each in around(present) if not present.isdisjoint(locations[each])]
    without = [each for each in around(absent) if absent.issuperset(locations[each])]
    if with_it and without:
        found = clause(f"announced in {listed(with_it)}, not in {listed(without)}")
        yield Problem(found, "in all")


@rule(
    "route.asymmetric-local",
    "Redundant sessions of a location announce different routes",
    severity=Severity.WARNING,
    needs=(Need.COMMUNITIES, Need.PATH),
    basis=(*ALL, "policy.md"),
    word="asymmetric",
)
def asymmetric_local(subject: ObservedPrefix, context: Context) -> Iterator[Problem]:
    """All sessions of one location are active, so they announce equal routes.

    A different path length or different communities on one of them would make it a backup session.
    The MED does not matter, because Microsoft overwrites it. Only routes on the wire are compared:
    routes before export policy may differ for good reasons.

    What to do: use the same export policy on all sessions of the location.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8007
        ams-2 203.0.113.0/24 path 64500 64500 community 8075:8007

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8007
        ams-2 203.0.113.0/24 path 64500 community 8075:8007
    """
    if len(subject.groups) < 2:
        return
    groups: dict[str, dict[str, list[AnnouncementGroup]]] = {}
    hidden: dict[str, list[str]] = {}
    for group in subject.groups:
        if not group.view.is_definite:
            for session in group.sessions:
                hidden.setdefault(context.sites[session.id], []).append(session.id)
        elif all(route.shows_path for route in group.routes):
            words = "; ".join(sorted({_compared(route) for route in group.routes}))
            for where in dict.fromkeys(context.sites[session.id] for session in group.sessions):
                groups.setdefault(where, {}).setdefault(words, []).append(group)
    for where, found in groups.items():
        by_words = {words: _Group.of(alike, context, where=where) for words, alike in found.items()}
        sessions = {session_id for group in by_words.values() for session_id in group.sessions}
        # Another row of the same prefix reports the problem for the sessions in `in_other_rows`.
        if len(found) > 1 and not subject.in_other_rows.issuperset(sessions):
            in_order = sorted(by_words.items(), key=lambda each: context.order[each[1].sessions[0]])
            message = ", but ".join(
                f"{words} on {listed(group.sessions)}" for words, group in in_order
            )
            left_out = _left_out(hidden.get(where, ()), "seen before export policy only")
            yield Problem(
                phrase(message, is_long=True),
                f"the same on all sessions of {where}",
                tuple(group.first for _, group in in_order),
                hint=left_out,
                about=where,
                sessions=tuple(
                    session_id for _, group in in_order for session_id in group.sessions
                ),
                is_symptom=True,
            )


@attrs.frozen
class _Group:
    """Sessions that announce a prefix in the same way.

    Attributes:
        sessions: their ids, in the order of the inventory.
        first: a route of the first session.
    """

    sessions: tuple[str, ...]
    first: Observation

    @classmethod
    def of(
        cls,
        groups: Iterable[AnnouncementGroup],
        context: Context,
        *,
        origin: int | None = None,
        where: str | None = None,
    ) -> _Group:
        """Join the sessions of some groups; an observation is made for the first one only.

        Args:
            groups: the groups.
            context: gives the order of the sessions.
            origin: take `first` from the routes of this origin; None for any origin.
            where: take only the sessions of this location; None for all.
        """
        sessions = [
            (context.order[session.id], session, group)
            for group in groups
            for session in group.sessions
            if where is None or context.sites[session.id] == where
        ]
        in_order = sorted(sessions, key=operator.itemgetter(0))
        _, session, group = in_order[0]
        routes = group.routes_of(session)
        first = next(each for each in routes if origin is None or origin_of(each) == origin)
        return cls(tuple(each.id for _, each, _ in in_order), first)


def _left_out(sessions: Iterable[str], why: str) -> str | None:
    """Return a text with the sessions that a comparison leaves out; None without any."""
    names = listed(sessions)
    return f"not compared: {names} ({why})" if names else None


def _ids(routes: Iterable[Observation]) -> tuple[str, ...]:
    """Return the ids of the routes' sessions, without duplicates."""
    return tuple(dict.fromkeys(route.session for route in routes))


def _sessions(routes: Iterable[Observation]) -> str:
    return listed(_ids(routes))


def _compared(observation: Observation) -> str:
    route = observation.route
    words = [
        *map(str, sorted(route.communities)),
        *(f"large {large}" for large in sorted(route.large_communities)),
        *(f"extended {extended}" for extended in sorted(route.extended_communities)),
    ]
    return f"length {effective(observation).length} with {' '.join(words) or 'no community'}"


@rule(
    "route.next-hop",
    "Next hop is no address of the peering",
    stages="R",
    step=6,
    severity=Severity.WARNING,
    basis=("Azure's received routes name a session by its next hop only",),
    views=ON_THE_WIRE,
)
def next_hop(cell: Cell, context: Context) -> Iterator[Problem]:
    """A route's next hop is the partner's address on one of the peering's sessions.

    Azure's export of received routes has no other column that identifies the session, so a route
    with a foreign next hop cannot be attributed. The rule checks the sessions of the prefix's own
    peering only.

    What to do: set the next hop to the session's own address on export.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 next-hop 198.51.100.77

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 next-hop 192.0.2.0
    """
    if not cell.is_required or _is_own(cell):
        return
    own = context.next_hops[cell.session.peering.name]
    foreign = tuple(
        route
        for route in cell.routes
        if route.route.next_hop is not None and route.route.next_hop not in own
    )
    if foreign and None not in own:
        found = listed(sorted({str(route.route.next_hop) for route in foreign}))
        wanted = (
            listed(sorted(map(str, own)))
            if len(own) <= NAMED
            else f"one of {cell.session.peering.name}'s {len(own):,} addresses"
        )
        yield Problem(phrase(f"{found} on ", SubjectName.PLACE), wanted, foreign)


def _is_own(cell: Cell) -> bool:
    """Return whether all routes have the session's own address as next hop, or no next hop."""
    own = (None, cell.session.declared.peer)
    return all(route.route.next_hop in own for route in cell.routes)
