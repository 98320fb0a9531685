"""Rules that compare the routes of several sessions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from peerlint.observe import Observation
from peerlint.rules._declare import ON_THE_WIRE, Need, Problem, Scope, rule
from peerlint.rules._subject import (
    Cell,
    Context,
    Look,
    PrefixSubject,
    Presence,
    effective,
    origin_of,
)
from peerlint.verdicts import Severity


@rule(
    "route.origin-inconsistent",
    "Origin AS differs",
    stages="R+O",
    step=9,
    severity=Severity.WARNING,
    scope=Scope.PREFIX,
    needs=(Need.ROUTES,),
    basis=("connection-telemetry.md",),
    portal=("PrefixOriginAsChangeEvent", "PrefixBackupRouteOriginAsChangeEvent"),
    word="origin",
    fires_on=(
        "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 64501\n"
        "ams-2 203.0.113.0/24 path 64500 64502",
        "registered 203.0.113.0/24 origin 64500\nams-1 203.0.113.0/24 path 64500 64501",
    ),
    silent_on=(
        "registered 203.0.113.0/24 origin 64501\nams-1 203.0.113.0/24 path 64500 64501\n"
        "ams-2 203.0.113.0/24 path 64500 64501",
    ),
)
def origin_inconsistent(subject: PrefixSubject, context: Context) -> Iterator[Problem]:
    """One prefix has one origin, the declared one, on all sessions.

    Microsoft raises an event when the origin of a prefix changes.

    What to do: announce it from one AS everywhere, or correct `origin` in the inventory.
    """
    seen: dict[int, list[Look]] = {}
    for look in subject.looks:
        found = {origin_of(route) for route in look.routes}
        if len(found) > 1 and look.view.has_candidates:
            continue  # which of them is announced, nobody knows
        for origin in found:
            if origin is not None:
                seen.setdefault(origin, []).append(look)
    declared = subject.registered.origin
    if len(seen) > 1 or (declared is not None and seen and declared not in seen):
        listed = "; ".join(
            f"AS{origin} on {', '.join(_in_order(looks, context))}"
            for origin, looks in sorted(seen.items())
        )
        wanted = "one origin" if declared is None else f"AS{declared}, as declared"
        evidence = tuple(_route_of(looks[0], origin) for origin, looks in sorted(seen.items()))
        yield Problem(f"found {listed}; wanted {wanted} everywhere", evidence)


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

    What to do: announce the prefix in every location where you peer with AS8075.
    """
    present = {session for look in subject.looks for session in look.sessions}
    absent = {cell.place.id for cell in subject.cells if cell.presence is Presence.ABSENT}
    absent.update(subject.absent)
    places = context.locations.get(subject.peering.asn, {})
    with_it = [where for where, sessions in places.items() if not present.isdisjoint(sessions)]
    without = [where for where, sessions in places.items() if absent.issuperset(sessions)]
    if with_it and without:
        yield Problem(
            f"announced in {', '.join(with_it)}, not in {', '.join(without)}; wanted in all"
        )


@rule(
    "route.asymmetric-local",
    "Redundant sessions of a location announce different routes",
    stages="O",
    step=9,
    severity=Severity.WARNING,
    scope=Scope.PREFIX,
    needs=(Need.ROUTES, Need.COMMUNITIES),
    basis=("000", "001", "002", "003", "004", "policy.md"),
    word="asymmetric",
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

    What to do: use the same export policy on all sessions of a location.
    """
    if len(subject.looks) < 2:
        return
    groups: dict[str, dict[str, list[tuple[str, Look]]]] = {}
    for look in subject.looks:
        if look.view.is_definite:
            words = "; ".join(sorted({_look(route) for route in look.routes}))
            for place in look.places:
                where = place.peering.location or place.peering.name
                groups.setdefault(where, {}).setdefault(words, []).append((place.id, look))
    for where, found in groups.items():
        if len(found) > 1:
            in_order = sorted(found.items(), key=lambda each: context.order[each[1][0][0]])
            listed = ", but ".join(
                f"{words} on {', '.join(session for session, _ in places)}"
                for words, places in in_order
            )
            yield Problem(
                f"found {listed}; wanted the same on all sessions of {where}",
                tuple(places[0][1].routes[0] for _, places in in_order),
                about=where,
            )


def _in_order(looks: Iterable[Look], context: Context) -> list[str]:
    sessions = {session for look in looks for session in look.sessions}
    return sorted(sessions, key=lambda session: context.order[session])


def _route_of(look: Look, origin: int) -> Observation:
    return next(route for route in look.routes if origin_of(route) == origin)


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
    fires_on=("registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 next-hop 198.51.100.77",),
    silent_on=("registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 next-hop 192.0.2.0",),
)
def next_hop(cell: Cell, _: Context) -> Iterator[Problem]:
    """A route's next hop is the partner's address on one of the peering's sessions.

    Azure's export of received routes has no other column that tells the session, so a route with
    a foreign next hop cannot be attributed. Only the sessions of the prefix's own peering are
    looked at.

    What to do: set the next hop to the session's own address on export.
    """
    if not cell.is_asked_for or _is_own(cell):
        return
    own = {place.session.peer for place in cell.place.peering.sessions}
    foreign = tuple(
        route
        for route in cell.routes
        if route.route.next_hop is not None and route.route.next_hop not in own
    )
    if foreign and None not in own:
        found = ", ".join(sorted({str(route.route.next_hop) for route in foreign}))
        wanted = ", ".join(sorted(map(str, own)))
        yield Problem(f"found {found} on {cell.place}, wanted {wanted}", foreign)


def _is_own(cell: Cell) -> bool:
    """Whether all routes have the session's own address, which is the common case."""
    return all(route.route.next_hop == cell.place.session.peer for route in cell.routes)
