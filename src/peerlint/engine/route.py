"""One route on its own: the rules that need nothing else."""

from __future__ import annotations

from datetime import date

from peerlint.engine.judge import Court
from peerlint.engine.statements import Statements
from peerlint.inventory import Connection, Inventory, Lab, Peering, RegisteredPrefix, Session
from peerlint.model import Asn, Criteria, Route, View
from peerlint.observe import Coverage, Observation, SessionCounts, SessionSource, sighting
from peerlint.profiles import Profile
from peerlint.rules import (
    CATALOGUE,
    Cell,
    Context,
    PrefixSubject,
    Presence,
    Scope,
    Subject,
    registrations,
)
from peerlint.verdicts import Finding

#: What the session and the dump of a route on its own are called.
_NAME = "route"


def check_route(
    route: Route,
    profile: Profile,
    *,
    view: View,
    asn: int,
    allow: frozenset[str],
    strict: bool = False,
) -> tuple[Finding, ...]:
    """Ask the rules about single routes of one route, as if its prefix were registered.

    Args:
        route: the route.
        profile: whose settings count.
        view: where it was seen.
        asn: P, the AS that announces it to AS8075.
        allow: see `peerlint.iana.ALLOWABLE`.
        strict: whether inferred passes count as unknown and mild readings as errors.
    """
    registered = RegisteredPrefix(str(route.prefix))
    peering = Peering(
        _NAME,
        profile.base,
        Asn(asn),
        connections=(Connection(_NAME, sessions=(Session(),)),),
        registered_prefixes=(registered,),
    )
    inventory = Inventory((peering,), lab=Lab(allow))
    criteria = Criteria(profile.community, profile.max_path, allow)
    (place,) = inventory.sessions
    seen = Observation.of(sighting(place, view), route, criteria, _NAME, 0)
    source = SessionSource(_NAME, view, Coverage.PARTIAL, SessionCounts(1), (seen,))
    prefix = route.prefix
    cell = Cell(peering, registered, prefix, place, Presence.PRESENT, source, routes=(seen,))
    about: dict[Scope, Subject] = {
        Scope.CELL: cell,
        Scope.PREFIX: PrefixSubject(peering, registered, prefix, (cell,)),
    }
    context = Context(inventory, registrations(inventory), criteria, profile.base)
    court = Court(profile, context, Statements(inventory, date.max), strict)
    rules = [rule for rule in CATALOGUE.values() if rule.masks is not None]
    return tuple(
        finding
        for scope, subject in about.items()
        for judgement in court.judge([rule for rule in rules if rule.scope is scope], subject)
        for finding in judgement.findings
    )
