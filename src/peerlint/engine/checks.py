"""Microsoft's own validation checks of a prefix, decided by the answers of rules.

A check uses the answers of its rules with the severities of the shipped profile, because the user's
severities, `--strict` and waivers do not change Microsoft's checks. A check that no evidence
decides is unknown, never a pass.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Final

import attrs

from peerlint.engine.check_objects import with_objects
from peerlint.engine.evaluate import Evaluator
from peerlint.engine.evaluation import Answer, Evaluation
from peerlint.inventory import Connection, Metro
from peerlint.model import Fact
from peerlint.results import Check, CheckName, CheckResult, DecidedBy, Severity
from peerlint.rules import (
    CATALOGUE,
    Cell,
    ObservedPrefix,
    ObservedServicePrefix,
    Presence,
    effective,
)
from peerlint.wording import listed

FAIL, UNKNOWN, PASS = CheckResult.FAIL, CheckResult.UNKNOWN, CheckResult.PASS
_MISSING: Final = "activation.not-received"
_NOT_DOCUMENTED: Final = "what Microsoft makes of such a route: no document says it"
#: The missing data for checks of a text that is not an IPv4 prefix.
_NO_PREFIX: Final = "a valid IPv4 prefix"


def _any(_: Answer) -> bool:
    return True


def _is_error(answer: Answer) -> bool:
    return answer.severity is Severity.ERROR


def _holds_8075(answer: Answer) -> bool:
    return any(seen.facts & Fact.HAS_8075 for seen in answer.evidence)


def _holds_as0(answer: Answer) -> bool:
    return any(0 in effective(seen).asns for seen in answer.evidence)


def _has_no_origin(answer: Answer) -> bool:
    return any(seen.facts & Fact.NO_ORIGIN for seen in answer.evidence)


def _holds_inner_set(answer: Answer) -> bool:
    return any(not seen.facts & Fact.NO_ORIGIN for seen in answer.evidence)


@attrs.frozen
class _Definition:
    """The rules that decide one check.

    Attributes:
        rules: those that decide it, together with the diagnoses that explain them.
        fails_too: further rules by id, with a predicate for the answers that also fail this check.
        leaves_open: rules by id for whose problems Microsoft's reaction is not documented, with a
            predicate for the answers that leave the check undecided.
        of_routes: whether its rules are about routes, so that it is undecided without routes.
    """

    rules: tuple[str, ...]
    fails_too: Mapping[str, Callable[[Answer], bool]] = attrs.field(factory=dict)
    leaves_open: Mapping[str, Callable[[Answer], bool]] = attrs.field(factory=dict)
    of_routes: bool = False

    @cached_property
    def deciding(self) -> frozenset[str]:
        """The rules, and the diagnoses that explain them."""
        explaining = (rule.id for rule in CATALOGUE.values() if rule.diagnoses in self.rules)
        return frozenset((*self.rules, *explaining))

    @cached_property
    def relevant(self) -> frozenset[str]:
        """All rules whose answers may count."""
        return self.deciding | self.fails_too.keys() | self.leaves_open.keys()


_DEFINITIONS: Final = {
    CheckName.PRIVATE_RANGE: _Definition(("prefix.private-range",)),
    CheckName.ORIGIN_REGISTERED: _Definition(
        ("asn.origin-registered",),
        # A registry cannot confirm the origin of a route without one.
        fails_too={"route.as-set": _has_no_origin, "route.empty-path": _any},
    ),
    CheckName.CUSTOMER_REGISTERED: _Definition(("asn.customer-registered",)),
    CheckName.ALL_SESSIONS: _Definition(
        ("route.not-received",),
        # Routes that AS8075 discards: RFC 4271 section 9.1.2, RFC 5065 section 5, RFC 7607.
        fails_too={
            "route.as-path-loop": _holds_8075,
            "route.confed-leak": _any,
            "route.bogon-asn": _holds_as0,
        },
        leaves_open={"route.community-conflict": _is_error, "route.rs-blocked": _any},
    ),
    CheckName.COMMUNITY: _Definition(("route.community-missing",), of_routes=True),
    CheckName.AS_PATH: _Definition(
        ("route.as-path-length", "route.private-asn", "route.prepending"),
        # We assume that reserved numbers count as private ones; the rule's page says so.
        fails_too={"route.bogon-asn": _any},
        leaves_open={"route.as-set": _holds_inner_set},
        of_routes=True,
    ),
    CheckName.REGISTERED_AND_KEY: _Definition(
        ("activation.not-registered", "activation.key-mismatch")
    ),
    CheckName.PROVIDER_SESSIONS: _Definition(
        ("activation.primary-sessions", "activation.backup-sessions")
    ),
    CheckName.NO_OVERLAP: _Definition(("activation.overlap",)),
    CheckName.PROVIDER: _Definition(("activation.provider",)),
}
_REGISTRATION: Final = (
    CheckName.PRIVATE_RANGE,
    CheckName.ORIGIN_REGISTERED,
    CheckName.ALL_SESSIONS,
    CheckName.COMMUNITY,
    CheckName.AS_PATH,
)
_AT_ROUTE_SERVER: Final = (
    CheckName.PRIVATE_RANGE,
    CheckName.ORIGIN_REGISTERED,
    CheckName.CUSTOMER_REGISTERED,
    CheckName.ALL_SESSIONS,
    CheckName.COMMUNITY,
    CheckName.AS_PATH,
)
_ACTIVATION: Final = (
    *_REGISTRATION,
    CheckName.REGISTERED_AND_KEY,
    CheckName.PROVIDER_SESSIONS,
    CheckName.NO_OVERLAP,
    CheckName.PROVIDER,
)
#: The rules whose problems concern a prefix on every session.
PREFIX_WIDE: Final = frozenset(
    {"prefix.private-range", "asn.origin-registered", "asn.customer-registered"}
)


@attrs.frozen
class EvaluatedCell:
    """One prefix on one session, with the results of the rules about it.

    Attributes:
        cell: the cell.
        evaluations: the results of the evaluated rules; rules that cannot fire are left out.
    """

    cell: Cell
    evaluations: tuple[Evaluation, ...] = ()

    @cached_property
    def answered(self) -> tuple[Evaluation, ...]:
        """The results with an answer; only these decide checks."""
        return tuple(evaluation for evaluation in self.evaluations if evaluation.answers)


@attrs.frozen
class _Cells:
    """The sessions that have to announce a prefix.

    Attributes:
        number: the number of sessions.
        is_announced: whether the prefix is announced on at least one of them.
        deciding: the sessions with an answer of a rule, and those on which the prefix is not
            known to be announced; the other sessions pass.
        without_session: the names of connections that also have to announce it but have no session
            in the inventory.
    """

    number: int
    is_announced: bool
    deciding: tuple[EvaluatedCell, ...]
    without_session: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        cells: Iterable[EvaluatedCell],
        connections: Iterable[Connection] = (),
        *,
        passing: int = 0,
    ) -> _Cells:
        """Keep the sessions that can decide checks, and the connections without sessions.

        Args:
            cells: the cells of the sessions.
            connections: the connections that have to announce the prefix.
            passing: the number of further sessions that announce it and have no answer of a rule.
        """
        every = tuple(cells)
        return cls(
            len(every) + passing,
            passing > 0 or any(each.cell.presence is Presence.PRESENT for each in every),
            tuple(
                each
                for each in every
                if each.cell.presence is not Presence.PRESENT or each.answered
            ),
            tuple(each.name for each in connections if not each.sessions),
        )


@attrs.frozen
class _RuleResult:
    """The result of one rule for a check."""

    result: CheckResult
    rule: str
    by: DecidedBy = DecidedBy.DATA
    missing: tuple[str, ...] = ()


def registration_checks(
    evaluator: Evaluator,
    subject: ObservedPrefix,
    evaluations: Iterable[Evaluation],
    cells: Iterable[EvaluatedCell],
    *,
    at_route_server: bool,
) -> tuple[Check, ...]:
    """Return the checks of a registered prefix.

    Args:
        evaluator: the evaluator of the peering's profile.
        subject: the prefix.
        evaluations: the results of the rules about the prefix itself.
        cells: the cells of the sessions that have to announce it, except `subject.passing`.
        at_route_server: whether it is a member's prefix at a route server.
    """
    evaluated = [evaluation for evaluation in evaluations if evaluation.answers]
    asked = _Cells.of(cells, subject.peering.connections, passing=len(subject.passing))
    names = _AT_ROUTE_SERVER if at_route_server else _REGISTRATION
    if not asked.number and at_route_server:
        evaluated += _located(evaluator, subject)
    checks = tuple(_check(evaluator, name, evaluated, asked) for name in names)
    return with_objects(checks, evaluator.context, subject)


def activation_checks(
    evaluator: Evaluator,
    subject: ObservedServicePrefix,
    evaluations: Iterable[Evaluation],
    cells: Iterable[EvaluatedCell],
    *,
    at_route_server: bool,
) -> tuple[Check, ...]:
    """Return the checks of a service prefix.

    Args:
        evaluator: the evaluator of the peering's profile.
        subject: the service prefix.
        evaluations: the results of the rules about the service prefix and about the prefix itself.
        cells: the cells of the sessions in the chosen locations.
        at_route_server: whether the member's AS is registered instead of the prefix.
    """
    evaluated = [evaluation for evaluation in evaluations if evaluation.answers]
    asked = _Cells.of(cells, _without_session(evaluator, subject))
    checks = tuple(
        _check(evaluator, name, evaluated, asked, at_route_server=at_route_server, activation=True)
        for name in _ACTIVATION
    )
    return with_objects(checks, evaluator.context, subject)


def undecidable(*, at_route_server: bool = False, activation: bool = False) -> tuple[Check, ...]:
    """Return the checks of a text that is not an IPv4 prefix: Microsoft never runs them."""
    names = _AT_ROUTE_SERVER if at_route_server else _REGISTRATION
    return tuple(
        Check(name, UNKNOWN, missing=(_NO_PREFIX,))
        for name in (_ACTIVATION if activation else names)
    )


def _check(
    evaluator: Evaluator,
    name: CheckName,
    evaluations: list[Evaluation],
    cells: _Cells,
    *,
    at_route_server: bool = False,
    activation: bool = False,
) -> Check:
    definition = _DEFINITIONS[name]
    deciding = definition.deciding
    if name is CheckName.REGISTERED_AND_KEY and at_route_server:
        deciding |= {"asn.customer-registered"}
    if name is CheckName.ALL_SESSIONS and (activation or not cells.number):
        deciding |= {_MISSING}
    asked = (
        [*definition.rules] if not activation or name is not CheckName.ALL_SESSIONS else [_MISSING]
    )
    rule_results = [
        *_turned_off(evaluator, asked),
        *(
            rule_result
            for evaluation in evaluations
            for rule_result in _rule_results(definition, deciding, evaluation)
        ),
        *(
            rule_result
            for each in cells.deciding
            for rule_result in _cell_rule_results(definition, deciding, each)
        ),
    ]
    if definition.of_routes and not cells.is_announced:
        rule_results.append(
            _RuleResult(UNKNOWN, definition.rules[0], missing=("a route for the prefix",))
        )
    if name is CheckName.ALL_SESSIONS:
        rule_results += (
            _RuleResult(UNKNOWN, asked[0], missing=(f"the session of {name} in the inventory",))
            for name in cells.without_session
        )
        if not cells.number and not rule_results:
            rule_results.append(
                _RuleResult(UNKNOWN, asked[0], missing=("a session of the peering",))
            )
    return _decided(name, rule_results, asked)


def _decided(name: CheckName, rule_results: list[_RuleResult], asked: list[str]) -> Check:
    """Return the check with the worst of the results: a failure, then an unknown, then a pass."""
    for result in (FAIL, UNKNOWN):
        same = [rule_result for rule_result in rule_results if rule_result.result is result]
        if same:
            rules = tuple(dict.fromkeys(rule_result.rule for rule_result in same))
            missing = tuple(
                dict.fromkeys(text for rule_result in same for text in rule_result.missing)
            )
            return Check(name, result, _by(same) if result is FAIL else None, rules, missing)
    return Check(name, PASS, _by(rule_results), tuple(asked))


def _by(rule_results: list[_RuleResult]) -> DecidedBy:
    attested = any(rule_result.by is DecidedBy.ATTESTATION for rule_result in rule_results)
    return DecidedBy.ATTESTATION if attested else DecidedBy.DATA


def _turned_off(evaluator: Evaluator, rules: Iterable[str]) -> Iterator[_RuleResult]:
    """Yield an unknown for each rule that the user's profile turns off."""
    for rule in rules:
        if evaluator.is_off(CATALOGUE[rule]) and not evaluator.is_off_as_shipped(CATALOGUE[rule]):
            yield _RuleResult(UNKNOWN, rule, missing=(f"{rule}, which the profile turns off",))


def _rule_results(
    definition: _Definition, deciding: frozenset[str], evaluation: Evaluation
) -> Iterator[_RuleResult]:
    rule = evaluation.rule.id
    if rule not in deciding and rule not in definition.relevant:
        return
    for answer in evaluation.answers:
        rule_result = _RuleResult(answer.result, rule, answer.by, answer.missing)
        fails = definition.fails_too.get(rule)
        opens = definition.leaves_open.get(rule)
        if rule in deciding or (fails is not None and answer.result is not PASS and fails(answer)):
            yield rule_result
        elif opens is not None and answer.severity is not Severity.INFO and opens(answer):
            yield _RuleResult(UNKNOWN, rule, missing=answer.missing or (_NOT_DOCUMENTED,))


def _cell_rule_results(
    definition: _Definition, deciding: frozenset[str], evaluated: EvaluatedCell
) -> Iterator[_RuleResult]:
    for evaluation in evaluated.answered:
        yield from _rule_results(definition, deciding, evaluation)
    if definition.of_routes and evaluated.cell.presence is Presence.UNKNOWN:
        missing = f"what is received or sent on {evaluated.cell.session.id}"
        yield _RuleResult(UNKNOWN, definition.rules[0], missing=(missing,))


def _without_session(evaluator: Evaluator, subject: ObservedServicePrefix) -> Iterator[Connection]:
    """Yield the AS's connections without sessions in the locations that an activation chooses."""
    known = evaluator.context.index.without_session
    for session in dict.fromkeys((subject.service.primary, subject.service.backup)):
        if session is not None:
            yield from known.get((subject.peering.asn, Metro(session)), ())


def _located(evaluator: Evaluator, subject: ObservedPrefix) -> Iterator[Evaluation]:
    """Yield the result for a member's prefix that is not known to be announced where it is chosen.

    It fails only if complete tables of all sessions in the chosen locations lack the prefix.
    """
    chosen = [cell for cell in subject.cells if cell.is_chosen]
    if chosen and all(cell.presence is Presence.ABSENT for cell in chosen):
        answer = Answer(FAIL, Severity.ERROR)
    else:
        names = (
            listed(cell.session.id for cell in chosen if cell.presence is not Presence.ABSENT)
            or "every session"
        )
        answer = Answer(UNKNOWN, None, missing=(f"a whole dump of {names}",))
    yield evaluator.without_finding(CATALOGUE[_MISSING], answer)
