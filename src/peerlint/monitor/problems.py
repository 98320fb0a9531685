"""The problems that the result of a subject shows, and what it leaves unknown."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import attrs

from peerlint.engine.prepare import SubjectKey
from peerlint.engine.state import UNKNOWN
from peerlint.engine.subject_result import SubjectResult
from peerlint.inventory import SessionRef
from peerlint.monitor.alerts import Resolution
from peerlint.monitor.problem_keys import FEED_SILENT, SESSION_DOWN, ProblemKey
from peerlint.results import (
    NOT_REQUIRED,
    CheckResult,
    Finding,
    Outcome,
    PrefixResult,
    ServicePrefixResult,
    Severity,
    SubjectRef,
)
from peerlint.rules import CATALOGUE, Need, Scope

#: The rules whose problems raise alerts: those that read routes. The report has the other ones.
ALERTED: Final = frozenset(
    rule.id for rule in CATALOGUE.values() if rule.needs & {Need.ROUTES, Need.COMMUNITIES}
)
#: The rule of each rule's problems: a diagnosis is the same problem as the rule that it explains.
_GENERAL: Final = {rule: CATALOGUE[rule].diagnoses or rule for rule in ALERTED}
NOT_RECEIVED: Final = "route.not-received"
_SERVICE_NOT_RECEIVED: Final = "activation.not-received"
#: See `peerlint.engine.findings.discriminator`.
_NUMBER: Final = re.compile(r"^number \d+ ")
#: The rules about a prefix that is missing on a session.
MISSING: Final = frozenset({NOT_RECEIVED, _SERVICE_NOT_RECEIVED})
#: About Microsoft's routes, which say nothing of the partner's.
_NOT_OF_PARTNER: Final = "ops.microsoft-routes"


@attrs.frozen
class Problem:
    """A problem as it is shown now.

    Attributes:
        key: what it is about.
        severity: error or warning.
        finding: the finding that reports it; None for a session or feed.
        reason: for a session or feed, what the feed said.
    """

    key: ProblemKey
    severity: Severity
    finding: Finding | None = None
    reason: str = ""


@attrs.frozen
class SubjectProblems:
    """What the result of a subject says of problems.

    Attributes:
        problems: the problems that it shows, by key.
        unknown: the findings that are not decided.
        waived: the keys of problems that are waived.
        missing: the ids of sessions on which the subject's prefix is known to be missing.
        words: for a prefix, its row of the matrix.
        is_row_unknown: whether routes leave the prefix's checks open, in part at least.
        is_withdrawn: whether the prefix is missing on all sessions that have to announce it.
        is_blind: for a session, whether not all of its routes are known.
    """

    problems: dict[ProblemKey, Problem]
    unknown: tuple[Finding, ...] = ()
    waived: frozenset[ProblemKey] = frozenset()
    missing: frozenset[str] = frozenset()
    words: Mapping[str, str] | None = None
    is_row_unknown: bool = False
    is_withdrawn: bool = False
    is_blind: bool = False

    @classmethod
    def of(cls, result: SubjectResult) -> SubjectProblems:
        """Return what the result of a subject says of problems."""
        problems: dict[ProblemKey, Problem] = {}
        unknown: list[Finding] = []
        waived: list[ProblemKey] = []
        missing: list[str] = []
        for finding in result.findings:
            if finding.outcome is Outcome.UNKNOWN or finding.need is not None:
                unknown.append(finding)
            elif finding.outcome is Outcome.WAIVED:
                waived.append(key := key_of(finding, result.subject))
                _note_missing(key, missing)
            elif finding.outcome is Outcome.FAIL and finding.rule in ALERTED:
                key = key_of(finding, result.subject)
                _note_missing(key, missing)
                # A warning about a statement, such as a waiver that ends, is not about routes.
                if finding.severity is not Severity.INFO and finding.statement is None:
                    _add(problems, key, finding)
        is_session = result.subject.scope is Scope.SESSION
        return cls(
            problems,
            tuple(unknown),
            frozenset(waived),
            frozenset(missing),
            result.words,
            _is_unknown(result.row, result.words),
            _is_withdrawn(result.words, missing),
            is_session and any(map(_hides_routes, unknown)),
        )

    def ending(self, key: ProblemKey, missing: frozenset[str]) -> Resolution | str:
        """Return how a problem that is not shown any more ended, or why that is not known.

        Silence proves nothing: a problem is over only if nothing hides it.

        Args:
            key: a problem that an earlier result of the same subject showed.
            missing: the ids of sessions on which the prefix was missing when it was last shown.
        """
        if key in self.waived:
            return Resolution.WAIVED
        for finding in self.unknown:
            if _overlaps(key, finding):
                return finding.found.text(finding.subject)
        if key.session:
            return self._ending_on_session(key)
        if self.is_row_unknown:
            return "not all routes of the prefix are known"
        is_shrunk = key.rule not in MISSING and not self.missing <= missing
        return Resolution.WITHDRAWN if is_shrunk else Resolution.COMPLIES

    def _ending_on_session(self, key: ProblemKey) -> Resolution | str:
        is_missing_rule = key.rule in MISSING
        if key.session in self.missing and not is_missing_rule:
            return Resolution.WITHDRAWN
        if self.is_blind:
            return f"not all routes of {key.session} are known"
        if self.words is None or not key.prefix:
            return Resolution.COMPLIES
        word = self.words.get(key.session, NOT_REQUIRED)
        if word.startswith(UNKNOWN):
            return f"the routes of {key.session} are not known"
        if word == NOT_REQUIRED:
            return Resolution.NOT_DECLARED if is_missing_rule else Resolution.WITHDRAWN
        return Resolution.COMPLIES


#: What is known of a session or feed: nothing is hidden.
NOTHING: Final = SubjectProblems({})


def key_of(finding: Finding, subject: SubjectKey) -> ProblemKey:
    """Return the key of a finding's problem.

    A diagnosis has the key of the rule that it explains: it is the same problem. A service prefix
    that is missing on a session has the session, which the finding has in `about` only.

    Args:
        finding: the finding.
        subject: the subject whose result has it.
    """
    key = ProblemKey.of(finding)
    general = _GENERAL.get(key.rule, key.rule)
    if general != key.rule:
        return attrs.evolve(key, rule=general)
    if key.rule == _SERVICE_NOT_RECEIVED:
        session = _NUMBER.sub("", key.about.removeprefix(f"{subject.owner} "))
        return attrs.evolve(key, session=session)
    return key


def session_problem(session: SessionRef, reason: str) -> Problem:
    """Return the problem that a session is down."""
    key = ProblemKey(
        SESSION_DOWN, session.peering.name, session.connection.name, session=session.id
    )
    return Problem(key, Severity.ERROR, reason=reason)


def feed_problem(feed: str, reason: str) -> Problem:
    """Return the problem that a feed is silent or lost."""
    return Problem(ProblemKey(FEED_SILENT, about=feed), Severity.WARNING, reason=reason)


def _add(problems: dict[ProblemKey, Problem], key: ProblemKey, finding: Finding) -> None:
    known = problems.get(key)
    if known is None or finding.severity.rank < known.severity.rank:
        problems[key] = Problem(key, finding.severity, finding)


def _note_missing(key: ProblemKey, missing: list[str]) -> None:
    if key.session and key.rule in MISSING:
        missing.append(key.session)


def _is_unknown(
    row: PrefixResult | ServicePrefixResult | None, words: Mapping[str, str] | None
) -> bool:
    """Whether routes leave a check of a prefix open, or a cell of its row."""
    if row is not None and any(
        check.result is CheckResult.UNKNOWN and check.name.is_decided_by_routes
        for check in row.checks
    ):
        return True
    return words is not None and any(word.startswith(UNKNOWN) for word in words.values())


def _is_withdrawn(words: Mapping[str, str] | None, missing: list[str]) -> bool:
    required = [session for session, word in (words or {}).items() if word != NOT_REQUIRED]
    return bool(required) and set(required) <= set(missing)


def _hides_routes(finding: Finding) -> bool:
    return finding.need == Need.ROUTES and finding.rule != _NOT_OF_PARTNER


def _overlaps(key: ProblemKey, finding: Finding) -> bool:
    """Whether an undecided finding may be about a problem: its names are equal or blank."""
    if _GENERAL.get(finding.rule, finding.rule) != key.rule:
        return False
    subject: SubjectRef = finding.subject
    pairs = (
        (subject.connection, key.connection),
        (subject.session, key.session),
        (subject.prefix, key.prefix),
        (finding.about, key.about),
    )
    return all(not name or name == own for name, own in pairs)
