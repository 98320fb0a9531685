"""The check of a single route, by the rules that need no other data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from peerlint.engine.evaluate import Evaluator, S
from peerlint.engine.findings import with_counts
from peerlint.engine.waivers import Statements
from peerlint.inventory import Connection, Inventory, Lab, Peering, RegisteredPrefix, Session
from peerlint.model import Asn, Criteria, Route, View
from peerlint.observations import Coverage, Observation, SessionCounts, SessionSource, session_match
from peerlint.profiles import Profile
from peerlint.results import Finding
from peerlint.rules import (
    Cell,
    Context,
    ObservedPrefix,
    Presence,
    Rule,
    registrations,
)

#: The name of the peering, session and source of a single route.
_NAME = "route"
#: Further rules that a single route decides, besides those with masks.
_WITHOUT_MASKS: Final = frozenset({"route.not-received", "prefix.too-short"})
#: The only rules for an IPv6 route, which the service does not support.
_IPV6: Final = frozenset({"prefix.ipv4-only"})


def check_route(
    route: Route,
    profile: Profile,
    *,
    view: View,
    asn: int,
    allow: frozenset[str],
    strict: bool = False,
) -> tuple[Finding, ...]:
    """Evaluate the rules about single routes, as if the prefix of the route were registered.

    `check` returns the same findings with the same severities for a session that shows this route,
    except for rules that need an inventory or registries.

    Args:
        route: the route.
        profile: the profile, with severities and parameters.
        view: the view in which the route was seen.
        asn: the partner's AS, which announces the route to AS8075.
        allow: special-purpose blocks and AS numbers that are allowed, see
            `peerlint.iana.ALLOWABLE`.
        strict: whether inferred passes count as unknown, and the stricter reading of contradicting
            documents as an error.
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
    (session,) = inventory.sessions
    seen = Observation.of(session_match(session, view), route, criteria, _NAME, 0)
    source = SessionSource(_NAME, view, Coverage.PARTIAL, SessionCounts(1), (seen,))
    prefix = route.prefix
    presence = _presence(route, view)
    cell = Cell(peering, registered, prefix, session, presence, source, routes=(seen,))
    as_a_whole = ObservedPrefix(peering, registered, prefix, (cell,))
    context = Context(inventory, registrations(inventory), criteria, profile.base)
    evaluator = Evaluator(profile, context, Statements(inventory, date.max), strict)
    evaluations = (
        *evaluator.evaluate(tuple(_answered(evaluator.rules(Cell), route)), cell),
        *evaluator.evaluate(tuple(_answered(evaluator.rules(ObservedPrefix), route)), as_a_whole),
    )
    findings = (finding for evaluation in evaluations for finding in evaluation.findings)
    return tuple(with_counts(findings, {(_NAME, _NAME, view): 1}))


def _presence(route: Route, view: View) -> Presence:
    """Return whether the route counts as announced: a malformed one is withdrawn (RFC 7606)."""
    if view.is_hint:
        return Presence.UNKNOWN
    return Presence.ABSENT if route.malformed else Presence.PRESENT


def _answered(rules: Iterable[Rule[S]], route: Route) -> Iterator[Rule[S]]:
    """Yield the rules that a single route decides."""
    for rule in rules:
        if route.prefix.family == 6:
            if rule.id in _IPV6:
                yield rule
        elif rule.masks is not None or rule.id in _WITHOUT_MASKS:
            yield rule
