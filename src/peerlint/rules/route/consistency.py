"""Rules that compare the routes of several sessions."""

from __future__ import annotations

import operator
from collections.abc import Iterable, Iterator, Mapping

import attrs

from peerlint.observe import Observation
from peerlint.rules._declare import ON_THE_WIRE, Need, Problem, Scope, rule
from peerlint.rules._subject import (
    Cell,
    Context,
    Look,
    PrefixSubject,
    Presence,
    effective,
    is_same,
    origin_of,
)
from peerlint.verdicts import Severity
from peerlint.wording import NAMED, listed


@rule(
    "route.origin-inconsistent",
    "Origin AS differs",
    stages="R+O",
    step=9,
    severity=Severity.WARNING,
    scope=Scope.PREFIX,
    needs=(Need.ROUTES, Need.PATH),
    basis=("connection-telemetry.md",),
    portal=("PrefixOriginAsChangeEvent", "PrefixBackupRouteOriginAsChangeEvent"),
    word="origin",
    fix="announce the prefix from one AS everywhere, or correct `origin` in the inventory",
    fires_on=(
        "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 64501\n"
        "ams-2 203.0.113.0/24 path 64500 64502",
        "registered 203.0.113.0/24 origin 64500\nams-1 203.0.113.0/24 path 64500 64501",
        "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 64501\n"
        "azure ams-1 203.0.113.0/24 origin=Invalid",
    ),
    silent_on=(
        "registered 203.0.113.0/24 origin 64501\nams-1 203.0.113.0/24 path 64500 64501\n"
        "ams-2 203.0.113.0/24 path 64500 64501",
        "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 64501\n"
        "azure ams-1 203.0.113.0/24 origin=Unknown",
    ),
)
def origin_inconsistent(subject: PrefixSubject, context: Context) -> Iterator[Problem]:
    """One prefix has one origin, the declared one, on all sessions.

    Microsoft raises an event when the origin of a prefix changes. Origins that differ between
    sessions, and an origin that is not the one of the inventory, are two problems. A third one is
    Azure's own word: `originAsValidationState` of a received route is its information on changes
    of the origin AS. `Invalid` is a problem; what other words mean is not documented, so they say
    nothing. It may differ between two sessions.
    """
    looks: dict[int, list[Look]] = {}
    unmarked: list[str] = []
    for look in subject.looks:
        found = {origin_of(route) for route in look.routes}
        if len(found) > 1 and look.view.has_candidates:
            unmarked += look.sessions  # it is not known which of them is announced
            continue
        for origin in found:
            if origin is not None:
                looks.setdefault(origin, []).append(look)
    declared = subject.registered.origin
    if len(looks) > 1 or (declared is not None and not looks.keys() <= {declared}):
        # Otherwise, as nearly always, no route has to be looked at.
        seen = {
            origin: _Group.of(these, context, origin=origin)
            for origin, these in sorted(looks.items())
        }
        yield from _differing(seen, declared, unmarked)
    yield from _changed_for_azure(subject, context)


def _differing(
    seen: Mapping[int, _Group], declared: int | None, unmarked: Iterable[str]
) -> Iterator[Problem]:
    """Yield what is wrong with the origins of a prefix.

    Args:
        seen: the sessions of each origin.
        declared: the origin of the inventory; None without one.
        unmarked: the sessions of which the origin is not known.
    """
    left_out = _left_out(unmarked, "several origins, of which a dump does not mark the best")
    if len(seen) > 1:
        yield _of_origins(
            seen,
            f"origins differ: {{}}; wanted the same origin on all sessions{left_out}",
            "origins differ",
        )
    other = {origin: group for origin, group in seen.items() if origin != declared}
    if declared is not None and other:
        yield _of_origins(
            other,
            f"found origin {{}}, wanted AS{declared} as the inventory declares{left_out}",
            "wrong origin",
            about="declared",
        )


def _changed_for_azure(subject: PrefixSubject, context: Context) -> Iterator[Problem]:
    """Yield what Azure says of a changed origin."""
    validated = () if subject.prefix is None else context.validated.get(subject.prefix, ())
    changed = [
        seen
        for seen in validated
        if seen.validation is not None and is_same(seen.validation.origin, "invalid")
    ]
    if not changed:
        return
    named = sorted({asn for seen in changed if (asn := origin_of(seen)) is not None})
    origins = f" from {listed(f'AS{asn}' for asn in named)}" if named else ""
    yield Problem(
        f"found originAsValidationState Invalid for {subject.prefix}{origins} on "
        f"{_sessions(changed)}, Azure's word on changes of the origin AS; wanted Valid",
        tuple(changed),
        word="origin",
        about="as Azure says",
        sessions=_ids(changed),
    )


def _of_origins(
    seen: Mapping[int, _Group], message: str, word: str, about: str | None = None
) -> Problem:
    origins = "; ".join(f"AS{origin} on {listed(group.sessions)}" for origin, group in seen.items())
    return Problem(
        message.format(origins),
        tuple(group.first for group in seen.values()),
        word=word,
        about=about,
        sessions=tuple(
            dict.fromkeys(session for group in seen.values() for session in group.sessions)
        ),
    )


@rule(
    "route.inconsistent-locations",
    "Prefix is not announced in all locations",
    stages="O",
    step=9,
    severity=Severity.WARNING,
    scope=Scope.PREFIX,
    needs=(Need.ROUTES,),
    basis=("policy.md",),
    word="not everywhere",
    fix="announce the prefix in every location where you peer with AS8075",
    fires_on=(
        "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500\n"
        "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra",
    ),
    silent_on=(
        "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500\n"
        "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
        "fra-1 203.0.113.0/24 path 64500",
    ),
)
def inconsistent_locations(subject: PrefixSubject, context: Context) -> Iterator[Problem]:
    """Microsoft's peering policy asks for the same routes in all locations.

    A location counts as without the prefix only if no session there announces it and all of
    them are covered.
    """
    present = {session for look in subject.looks for session in look.sessions}
    absent = {cell.place.id for cell in subject.cells if cell.presence is Presence.ABSENT}
    absent.update(subject.absent)
    places = context.locations.get(subject.peering.asn, {})

    def around(sessions: set[str]) -> list[str]:
        found = {context.sites[session] for session in sessions} & places.keys()
        return sorted(found, key=lambda where: context.order[places[where][0]])

    with_it = [each for each in around(present) if not present.isdisjoint(places[each])]
    without = [each for each in around(absent) if absent.issuperset(places[each])]
    if with_it and without:
        yield Problem(f"announced in {listed(with_it)}, not in {listed(without)}; wanted in all")


@rule(
    "route.asymmetric-local",
    "Redundant sessions of a location announce different routes",
    stages="O",
    step=9,
    severity=Severity.WARNING,
    scope=Scope.PREFIX,
    needs=(Need.ROUTES, Need.COMMUNITIES, Need.PATH),
    basis=("000", "001", "002", "003", "004", "policy.md"),
    word="asymmetric",
    fix="use the same export policy on all sessions of the location",
    fires_on=(
        "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 community 8075:8007\n"
        "ams-2 203.0.113.0/24 path 64500 64500 community 8075:8007",
    ),
    silent_on=(
        "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 community 8075:8007\n"
        "ams-2 203.0.113.0/24 path 64500 community 8075:8007",
    ),
)
def asymmetric_local(subject: PrefixSubject, context: Context) -> Iterator[Problem]:
    """Inside one location all sessions are active/active, so their routes look alike.

    Another path length or other communities on one of them is what primary and backup look
    like. The MED does not matter: Microsoft overwrites it. Only routes on the wire are compared:
    what a router holds before export policy may differ for good reasons.
    """
    if len(subject.looks) < 2:
        return
    groups: dict[str, dict[str, list[Look]]] = {}
    hidden: dict[str, list[str]] = {}
    for look in subject.looks:
        if not look.view.is_definite:
            for place in look.places:
                hidden.setdefault(context.sites[place.id], []).append(place.id)
        elif all(route.shows_path for route in look.routes):
            words = "; ".join(sorted({_look(route) for route in look.routes}))
            for where in dict.fromkeys(context.sites[place.id] for place in look.places):
                groups.setdefault(where, {}).setdefault(words, []).append(look)
    for where, found in groups.items():
        these = {words: _Group.of(looks, context, where=where) for words, looks in found.items()}
        sessions = {session for group in these.values() for session in group.sessions}
        # Of the sessions that another row of the prefix looks at, that row says it.
        if len(found) > 1 and not subject.elsewhere.issuperset(sessions):
            in_order = sorted(these.items(), key=lambda each: context.order[each[1].sessions[0]])
            message = ", but ".join(
                f"{words} on {listed(group.sessions)}" for words, group in in_order
            )
            left_out = _left_out(hidden.get(where, ()), "seen before export policy only")
            yield Problem(
                f"found {message}; wanted the same on all sessions of {where}{left_out}",
                tuple(group.first for _, group in in_order),
                about=where,
                sessions=tuple(session for _, group in in_order for session in group.sessions),
                is_symptom=True,
            )


@attrs.frozen
class _Group:
    """Sessions that announce a prefix in the same way.

    Attributes:
        sessions: their ids, in the order of the inventory.
        first: a route of the first of them.
    """

    sessions: tuple[str, ...]
    first: Observation

    @classmethod
    def of(
        cls,
        looks: Iterable[Look],
        context: Context,
        *,
        origin: int | None = None,
        where: str | None = None,
    ) -> _Group:
        """Put sessions together; of their routes, only one is made.

        Args:
            looks: of the sessions.
            context: which knows their order.
            origin: only routes of this origin; None for all.
            where: only the sessions of this location; None for all.
        """
        places = [
            (context.order[place.id], place, look)
            for look in looks
            for place in look.places
            if where is None or context.sites[place.id] == where
        ]
        in_order = sorted(places, key=operator.itemgetter(0))
        _, place, look = in_order[0]
        routes = look.of(place)
        first = next(each for each in routes if origin is None or origin_of(each) == origin)
        return cls(tuple(each.id for _, each, _ in in_order), first)


def _left_out(sessions: Iterable[str], why: str) -> str:
    """Name the sessions that a comparison leaves out, and why."""
    names = listed(sessions)
    return f"; not compared: {names} ({why})" if names else ""


def _ids(routes: Iterable[Observation]) -> tuple[str, ...]:
    """Return the sessions that routes were seen on, each once."""
    return tuple(dict.fromkeys(route.session for route in routes))


def _sessions(routes: Iterable[Observation]) -> str:
    return listed(_ids(routes))


def _look(observation: Observation) -> str:
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
    scope=Scope.CELL,
    needs=(Need.ROUTES,),
    basis=("Azure's received routes name a session by its next hop only",),
    views=ON_THE_WIRE,
    word="next hop",
    fix="set the next hop to the session's own address on export",
    fires_on=("registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 next-hop 198.51.100.77",),
    silent_on=("registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 next-hop 192.0.2.0",),
)
def next_hop(cell: Cell, context: Context) -> Iterator[Problem]:
    """A route's next hop is the partner's address on one of the peering's sessions.

    Azure's export of received routes has no other column that tells the session, so a route with
    a foreign next hop cannot be attributed. Only the sessions of the prefix's own peering are
    looked at.
    """
    if not cell.is_asked_for or _is_own(cell):
        return
    own = context.next_hops[cell.place.peering.name]
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
            else f"one of {cell.place.peering.name}'s {len(own):,} addresses"
        )
        yield Problem(f"found {found} on {cell.place}, wanted {wanted}", foreign)


def _is_own(cell: Cell) -> bool:
    """Whether all routes have the session's own address or none, which is the common case."""
    own = (None, cell.place.session.peer)
    return all(route.route.next_hop in own for route in cell.routes)
