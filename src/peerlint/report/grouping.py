"""Findings grouped by cause: a cause that several prefixes and sessions share is shown once.

Grouping is presentation: the report keeps one finding for each subject. It takes linear time,
because each finding is put into its group by a key.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import partial
from typing import Final

import attrs

from peerlint.observations import Confidence
from peerlint.report.phrases import label
from peerlint.report.sentence import joined, sentence
from peerlint.results import (
    Finding,
    Outcome,
    Phrase,
    Report,
    RuleIds,
    Severity,
    SourceName,
    SubjectName,
)
from peerlint.rules import CATALOGUE

#: The order of groups: failures by severity, then waived findings.
_ORDER: Final = {**{str(each): each.rank for each in Severity}, str(Outcome.WAIVED): len(Severity)}
#: Rules that repeat what a worse rule reports of the same route, with the worse rules.
_SAME: Final = {"route.more-specific-unregistered": frozenset({"route.more-specifics-only"})}
#: Rules whose problem is caused by another one of the same prefix in the same location.
_SYMPTOMS: Final = frozenset({"route.asymmetric-local"})
#: The rule of a group of warnings about attestations and waivers, whichever rules they are for.
STATEMENTS: Final = "attestations and waivers"
FOLLOWS: Final = "for the reasons above"
#: Rules whose title and advice contain what was wanted, so that "wanted ..." is left out.
_OBVIOUS: Final = frozenset({
    "route.community-missing", "route.community-wrong-type", "route.as-path-length",
    "route.private-asn", "route.bogon-asn", "route.prepending", "route.covering-only",
    "route.more-specifics-only", "route.origin-inconsistent", "prefix.traffic-class",
    "registration.name",
})  # fmt: skip


@attrs.frozen
class Detail:
    """What was found, with all findings that share it.

    Attributes:
        message: what was found and wanted, without the names that the subjects have.
        brief: the same without what the rule's title and advice repeat.
        findings: the findings, in the order of the report.
    """

    message: str
    brief: str
    findings: tuple[Finding, ...]


@attrs.frozen
class Group:
    """The failed findings of one rule, or the findings that one waiver waives.

    Attributes:
        rule: the rule's id, or `STATEMENTS`.
        label: the worst severity of the findings, or "waived".
        details: the details; findings with equal messages about several subjects are one detail.
        statement: for waived findings, who waived them and until when.
        same: the findings of other rules that repeat the problem of the same routes.
    """

    rule: str
    label: str
    details: tuple[Detail, ...]
    statement: str | None = None
    same: tuple[Finding, ...] = ()

    @property
    def findings(self) -> Iterator[Finding]:
        """Yield the findings of all details."""
        for detail in self.details:
            yield from detail.findings

    @property
    def first(self) -> Finding:
        """The first finding; the texts of the rule are the same in all findings."""
        return self.details[0].findings[0]


@attrs.frozen
class _Cause:
    """What findings of one rule have in common.

    Attributes:
        found: what was found.
        wanted: what was wanted instead.
        hint: the hint.
        confidence: the confidence of the findings.
        rule: for a warning about a statement, the rule that the statement is about.
        follows: whether it follows from other findings of its prefix.
    """

    found: Phrase | None
    wanted: Phrase | None
    hint: Phrase | None
    confidence: Confidence
    rule: str | None = None
    follows: bool = False


#: The findings of a group by cause.
_Causes = dict[_Cause, list[Finding]]


def groups(report: Report) -> list[Group]:
    """Return the groups of a report: errors, warnings, information, then waived findings.

    Args:
        report: the report.
    """
    shown = [each for each in report.findings if each.outcome in (Outcome.FAIL, Outcome.WAIVED)]
    failed = _Failed.of(report, shown)
    found: dict[tuple[str, str | None], _Causes] = {}
    same: dict[str, list[Finding]] = {}
    for finding in shown:
        if (cause := failed.cause(finding)) is not None:
            same.setdefault(cause, []).append(finding)
            continue
        if _is_about_statement(finding):
            causes = found.setdefault((STATEMENTS, None), {})
            own = _cause(finding, rule=finding.rule)
        else:
            causes = found.setdefault((finding.rule, finding.statement), {})
            own = _cause(finding, follows=failed.has_symptom(finding))
        causes.setdefault(own, []).append(finding)
    grouped = [
        _group(rule, statement, causes, same.get(rule, ()))
        for (rule, statement), causes in found.items()
    ]
    return sorted(grouped, key=lambda group: _ORDER[group.label])


def _group(rule: str, statement: str | None, causes: _Causes, same: Iterable[Finding]) -> Group:
    details = tuple(_detail(cause, tuple(findings)) for cause, findings in causes.items())
    labels = {label(finding) for findings in causes.values() for finding in findings}
    return Group(rule, min(labels, key=_ORDER.__getitem__), details, statement, tuple(same))


def _is_about_statement(finding: Finding) -> bool:
    """Whether a finding is a warning about a statement, not a problem that the rule found."""
    return finding.outcome is Outcome.FAIL and finding.statement is not None


@attrs.frozen
class _Failed:
    """The rules that failed on each session.

    Attributes:
        rules: the ids of the rules, by peering, prefix and session.
        sessions: the sessions with an error or a warning, by peering and prefix.
        locations: the locations of the sessions.
    """

    rules: Mapping[Hashable, set[str]]
    sessions: Mapping[Hashable, set[str]]
    locations: Mapping[str, str | None]

    @classmethod
    def of(cls, report: Report, findings: Iterable[Finding]) -> _Failed:
        rules: dict[Hashable, set[str]] = {}
        sessions: dict[Hashable, set[str]] = {}
        for finding in findings:
            subject = finding.subject
            if finding.outcome is not Outcome.FAIL or subject.session is None:
                continue
            key = (subject.peering, subject.prefix)
            rules.setdefault((*key, subject.session), set()).add(finding.rule)
            if finding.severity is not Severity.INFO:
                sessions.setdefault(key, set()).add(subject.session)
        return cls(rules, sessions, {each.id: each.location for each in report.cells.sessions})

    def cause(self, finding: Finding) -> str | None:
        """Return the worse rule that reports the same problem of the same routes; None if none."""
        worse = _SAME.get(finding.rule)
        if worse is None:
            return None
        subject = finding.subject
        here = self.rules.get((subject.peering, subject.prefix, subject.session), set())
        return next((rule for rule in worse if rule in here), None)

    def has_symptom(self, finding: Finding) -> bool:
        """Whether a finding follows from another one of its prefix, in the same location."""
        if finding.rule not in _SYMPTOMS or finding.outcome is not Outcome.FAIL:
            return False
        about = finding.about or ""
        sessions = self.sessions.get((finding.subject.peering, finding.subject.prefix), ())
        return any(about.endswith(self.locations.get(each) or "") for each in sessions)


def _cause(finding: Finding, *, rule: str | None = None, follows: bool = False) -> _Cause:
    if follows:
        return _Cause(None, None, None, finding.confidence, follows=True)
    wanted, hint = (None if each is None else each.cause for each in (finding.wanted, finding.hint))
    return _Cause(finding.found.cause, wanted, hint, finding.confidence, rule)


def _detail(cause: _Cause, findings: tuple[Finding, ...]) -> Detail:
    unsure = "" if cause.confidence == "observed" else " (inferred)"
    first = findings[0]
    if cause.follows:
        return Detail(FOLLOWS + unsure, FOLLOWS + unsure, findings)
    if cause.rule is not None:
        message = f"{cause.rule}: {sentence(first)}"
        return Detail(message + unsure, message + unsure, findings)
    as_text = partial(_shared_text, findings)
    whole = joined(first.found, first.wanted, first.hint, as_text)
    brief = whole
    if first.wanted is not None and _is_obvious(first.wanted, first.rule):
        brief = joined(first.found, None, first.hint, as_text)
    return Detail(whole + unsure, brief + unsure, findings)


def _shared_text(findings: tuple[Finding, ...], shared: Phrase) -> str:
    """Return a phrase of findings as a text that follows the names of their subjects."""
    if any(isinstance(part, RuleIds) for part in shared.parts):
        rules = [part for one in findings for part in one.found.parts if isinstance(part, RuleIds)]
        ids = dict.fromkeys(rule for part in rules for rule in part.ids)
        every = RuleIds(tuple(ids), max(part.more for part in rules))
        shared = shared.with_parts(lambda part: every if isinstance(part, RuleIds) else part)
    return text_after_names(shared, findings, is_start=shared.is_clause)


def _is_obvious(wanted: Phrase, rule: str) -> bool:
    """Whether the rule's title and fix contain everything that is wanted."""
    if rule not in _OBVIOUS:
        return False
    rule_text = f"{CATALOGUE[rule].title} {CATALOGUE[rule].fix}"
    words = "".join(part for part in wanted.parts if isinstance(part, str))
    data = words.replace("(", " ").replace(")", " ").split()
    return all(word in rule_text for word in data if any(map(str.isdigit, word)))


def text_after_names(
    shared: Phrase, findings: tuple[Finding, ...], *, is_start: bool = True
) -> str:
    """Return a phrase as a text that follows the names of its subjects.

    Args:
        shared: the phrase, which all findings share.
        findings: the findings.
        is_start: whether the text begins a sentence.
    """
    text = ""
    pronoun = "it" if len(findings) == 1 else "each"
    for part in shared.parts:
        if isinstance(part, str):
            # "on ams-1: found ..." is no more than "found ..." behind the name.
            text = part.removeprefix(": ") if text == "on " and is_start else text + part
        elif isinstance(part, SourceName):
            continue  # evidence: each finding has its own
        elif not isinstance(part, SubjectName):
            text += part.text(findings[0].subject)
        elif is_start and not text:
            text = pronoun
        elif part is SubjectName.PREFIX:
            text += _only(each.subject.prefix or "" for each in findings) or "the prefix"
        elif not (is_start and text == "on "):
            text = _behind(text, findings)
    return text


def _behind(text: str, findings: tuple[Finding, ...]) -> str:
    """Return a text with the name of a place, unless the names before it already contain it."""
    for word in (" on session ", " of session ", " on ", " of "):
        if text.endswith(word):
            return text.removesuffix(word)
    if text.endswith("session "):
        return f"{text.removesuffix('session ')}the session"
    places = (each.subject.place or each.subject.peering or "" for each in findings)
    return text + (_only(places) or "each")


def _only(names: Iterable[str]) -> str | None:
    """Return the name if all names are equal; None otherwise."""
    every = {*names}
    return every.pop() if len(every) == 1 else None
