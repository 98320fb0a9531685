"""Checks of a single route, prefix, path or set of communities, without an inventory.

Only rules that need no other data are evaluated.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Final, Self

import attrs

from peerlint.engine.evaluate import Evaluator
from peerlint.engine.evaluated_prefix import evaluate_gates
from peerlint.engine.findings import with_counts
from peerlint.engine.waivers import Statements
from peerlint.inventory import (
    Connection,
    Inventory,
    Lab,
    Peering,
    RegisteredPrefix,
    Session,
    SessionRef,
)
from peerlint.model import Asn, AsPath, Criteria, Prefix, Route, View
from peerlint.observations import Coverage, Observation, SessionCounts, SessionSource, session_match
from peerlint.profiles import Profile
from peerlint.results import Finding
from peerlint.rules import (
    AnyRule,
    Cell,
    Context,
    Need,
    ObservedPrefix,
    Presence,
    Scope,
    Stage,
    registrations,
)

#: The name of the peering, session and source of a single route.
_NAME: Final = "route"
_NOT_RECEIVED: Final = "route.not-received"
#: Further rules that a single route decides, besides those with masks.
_WITHOUT_MASKS: Final = frozenset({_NOT_RECEIVED, "prefix.too-short"})
#: Further rules that the text of a prefix decides.
_OF_TEXTS: Final = frozenset({"prefix.valid", "prefix.host-bits"})
#: The prefix of a path or of communities alone; no rule about them looks at it.
_ANY_PREFIX: Final = Prefix(4, 0, 24)
#: The AS of the peering where no rule looks at it.
_ANY_ASN: Final = Asn(0)


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
    alone = _Alone.of(str(route.prefix), profile, asn, allow, strict=strict)
    return alone.findings(alone.cells((route,), view), view, _is_decided_by_route)


def check_prefix(
    text: str, profile: Profile, *, allow: frozenset[str], strict: bool = False
) -> tuple[Finding, ...]:
    """Evaluate the rules that the text of a registered prefix decides.

    Args:
        text: the prefix as a user writes it, which may be invalid.
        profile: as for `check_route`.
        allow: as for `check_route`.
        strict: as for `check_route`.
    """
    alone = _Alone.of(text, profile, _ANY_ASN, allow, strict=strict)
    return alone.findings((), View.RECEIVED, _is_decided_by_text)


def check_path(
    path: AsPath,
    profile: Profile,
    *,
    view: View,
    asn: int,
    allow: frozenset[str],
    strict: bool = False,
) -> tuple[Finding, ...]:
    """Evaluate the rules that the path of a route decides.

    Args:
        path: the path.
        profile: as for `check_route`.
        view: as for `check_route`.
        asn: as for `check_route`.
        allow: as for `check_route`.
        strict: as for `check_route`.
    """
    alone = _Alone.of(str(_ANY_PREFIX), profile, asn, allow, strict=strict)
    return _of_attribute(alone, Route(_ANY_PREFIX, path), view, Need.PATH)


def check_communities(
    route: Route, profile: Profile, *, view: View, strict: bool = False
) -> tuple[Finding, ...]:
    """Evaluate the rules that the communities of a route decide.

    Args:
        route: a route with the communities; its other attributes do not matter.
        profile: as for `check_route`.
        view: as for `check_route`.
        strict: as for `check_route`.
    """
    # The path names the AS, so that a collector's view is read.
    whole = attrs.evolve(route, prefix=_ANY_PREFIX, path=AsPath.sequence(_ANY_ASN))
    alone = _Alone.of(str(_ANY_PREFIX), profile, _ANY_ASN, frozenset(), strict=strict)
    return _of_attribute(alone, whole, view, Need.COMMUNITIES)


def check_service_prefix(
    text: str,
    routes: Sequence[Route],
    profile: Profile,
    *,
    view: View,
    asn: int,
    allow: frozenset[str],
    strict: bool = False,
) -> tuple[Finding, ...]:
    """Evaluate the rules of activation that a service prefix and its routes decide.

    Args:
        text: the prefix as a user writes it, which may be invalid.
        routes: its routes, each on a session of its own; without one, it is unknown whether the
            prefix is announced.
        profile: as for `check_route`.
        view: as for `check_route`.
        asn: as for `check_route`.
        allow: as for `check_route`.
        strict: as for `check_route`.
    """
    sessions = max(1, len(routes))
    alone = _Alone.of(text, profile, asn, allow, strict=strict, sessions=sessions)
    return alone.findings(alone.cells(routes, view), view, _is_decided_for_service)


def _of_attribute(alone: _Alone, route: Route, view: View, need: Need) -> tuple[Finding, ...]:
    """Evaluate the rules about one attribute; the findings name no prefix and no route."""
    found = alone.findings(
        alone.cells((route,), view),
        view,
        lambda rule: rule.scope is Scope.CELL and rule.masks is not None and need in rule.needs,
    )
    return tuple(
        attrs.evolve(each, subject=attrs.evolve(each.subject, prefix=None), evidence=())
        for each in found
    )


@attrs.frozen
class _Alone:
    """A registered prefix in an inventory that has nothing else.

    Attributes:
        peering: its peering.
        registered: the prefix.
        sessions: the sessions of the peering, one for each route.
        evaluator: evaluates the rules.
    """

    peering: Peering
    registered: RegisteredPrefix
    sessions: tuple[SessionRef, ...]
    evaluator: Evaluator

    @classmethod
    def of(
        cls,
        text: str,
        profile: Profile,
        asn: int,
        allow: frozenset[str],
        *,
        strict: bool,
        sessions: int = 1,
    ) -> Self:
        """Make the inventory around a prefix."""
        registered = RegisteredPrefix(text)
        peering = Peering(
            _NAME,
            profile.base,
            Asn(asn),
            connections=(Connection(_NAME, sessions=(Session(),) * sessions),),
            registered_prefixes=(registered,),
        )
        inventory = Inventory((peering,), lab=Lab(allow))
        criteria = Criteria(profile.community, profile.max_path, allow)
        context = Context(inventory, registrations(inventory), criteria, profile.base)
        evaluator = Evaluator(profile, context, Statements(inventory, date.max), strict)
        return cls(peering, registered, tuple(inventory.sessions), evaluator)

    def cells(self, routes: Sequence[Route], view: View) -> tuple[Cell, ...]:
        """Return each route on a session of its own; without routes, one session without data.

        There are none if the prefix is no IPv4 prefix: no rule about routes applies then.
        """
        prefix = self.registered.parsed
        if prefix is None or prefix.family != 4:
            return ()
        if not routes:
            (session,) = self.sessions
            return (Cell(self.peering, self.registered, prefix, session, Presence.UNKNOWN, None),)
        found = []
        for session, route in zip(self.sessions, routes, strict=True):
            match = session_match(session, view)
            seen = Observation.of(match, route, self.evaluator.context.criteria, _NAME, 0)
            source = SessionSource(_NAME, view, Coverage.PARTIAL, SessionCounts(1), (seen,))
            found.append(
                Cell(
                    self.peering,
                    self.registered,
                    prefix,
                    session,
                    _presence(route, view),
                    source,
                    routes=(seen,),
                )
            )
        return tuple(found)

    def findings(
        self, cells: tuple[Cell, ...], view: View, is_decided: Callable[[AnyRule], bool]
    ) -> tuple[Finding, ...]:
        """Evaluate rules.

        Args:
            cells: the routes.
            view: their view.
            is_decided: returns whether a rule is to be evaluated.
        """
        prefix = self.registered.parsed
        as_a_whole = ObservedPrefix(self.peering, self.registered, prefix, cells)
        if prefix is None or prefix.family != 4:
            evaluations = evaluate_gates(self.evaluator, as_a_whole)
        else:
            evaluate, rules = self.evaluator.evaluate, self.evaluator.rules
            of_cells = tuple(filter(is_decided, rules(Cell)))
            evaluations = [evaluation for each in cells for evaluation in evaluate(of_cells, each)]
            evaluations += evaluate(tuple(filter(is_decided, rules(ObservedPrefix))), as_a_whole)
        findings = (finding for evaluation in evaluations for finding in evaluation.findings)
        counts = {(session.id, _NAME, view): 1 for session in self.sessions}
        return tuple(with_counts(findings, counts))


def _presence(route: Route, view: View) -> Presence:
    """Return whether the route counts as announced: a malformed one is withdrawn (RFC 7606)."""
    if view.is_hint:
        return Presence.UNKNOWN
    return Presence.ABSENT if route.malformed else Presence.PRESENT


def _is_decided_by_route(rule: AnyRule) -> bool:
    return rule.masks is not None or rule.id in _WITHOUT_MASKS


def _is_decided_by_text(rule: AnyRule) -> bool:
    return rule.scope is Scope.PREFIX and (_is_decided_by_route(rule) or rule.id in _OF_TEXTS)


def _is_decided_for_service(rule: AnyRule) -> bool:
    # Whether it is announced is a rule of registration for one session, and decided here as well.
    is_decided = _is_decided_by_text(rule) or _is_decided_by_route(rule)
    return is_decided and (Stage.ACTIVATION in rule.stages or rule.id == _NOT_RECEIVED)
