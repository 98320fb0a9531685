"""Findings grouped by cause: a cause that several prefixes and sessions share is shown once.

Grouping is presentation: the report keeps one finding for each subject. It takes linear time,
because each finding is put into its group by a key.
"""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Final

import attrs

from peerlint.observations import Confidence
from peerlint.report.phrases import label, where
from peerlint.results import Finding, Outcome, Report, Severity
from peerlint.rules import CATALOGUE

#: The order of the screen: what failed by severity, then what is waived.
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
#: Placeholders of names in a message: the prefix; the session, connection or peering; rules.
_PREFIX, _PLACE, _RULE = "\x01", "\x02", "\x03"
_ID: Final = rf"(?:{'|'.join(map(re.escape, sorted(CATALOGUE, key=len, reverse=True)))})"
_FAMILIES: Final = tuple({f"{rule.partition('.')[0]}." for rule in CATALOGUE})
_RULES: Final = re.compile(rf"\b{_ID}(?:, {_ID})*")
#: The words in front of a place.
_BEFORE_PLACES: Final = ("on", "of", "session", "what")
#: The name of a place in a message whose subject names it already.
_REDUNDANT: Final = re.compile(f"^on {_PLACE}: | (?:on|of) (?:session )?{_PLACE}")
_WANTED: Final = re.compile("[,;] wanted [^;]*")
_DATA: Final = re.compile(r"(?<![^\s()])[^\s()]*\d[^\s()]*")


@attrs.frozen
class Detail:
    """What was found, with all findings that share it.

    Attributes:
        message: what was found and wanted, without the names of subjects.
        brief: the same without what the rule's title and advice repeat.
        findings: the findings, in the order of the report.
    """

    message: str
    brief: str
    findings: tuple[Finding, ...]


@attrs.frozen
class Group:
    """What failed by one rule, or is waived by one waiver.

    Attributes:
        rule: the rule's id, or `STATEMENTS`.
        label: the worst severity of the findings, or "waived".
        details: what was found; equal messages about several subjects are one detail.
        statement: for waived findings, who waived them and until when.
        same: findings of other rules that repeat the problem of the same routes.
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
        """The first finding; texts of the rule are the same in all of them."""
        return self.details[0].findings[0]


#: The findings of a group by message template and confidence.
_Said = dict[tuple[str, Confidence], list[Finding]]


def groups(report: Report) -> list[Group]:
    """Return what failed and what is waived: errors, warnings, information, then waived.

    Args:
        report: whose findings are grouped.
    """
    shown = [each for each in report.findings if each.outcome in (Outcome.FAIL, Outcome.WAIVED)]
    failed = _Failed.of(report, shown)
    messages = _Messages(tuple(source.name for source in report.sources))
    found: dict[tuple[str, str | None], _Said] = {}
    same: dict[str, list[Finding]] = {}
    for finding in shown:
        if (cause := failed.cause(finding)) is not None:
            same.setdefault(cause, []).append(finding)
            continue
        if _is_about_statement(finding):
            said = found.setdefault((STATEMENTS, None), {})
            template = f"{finding.rule}: {finding.message}"
        else:
            said = found.setdefault((finding.rule, finding.statement), {})
            template = FOLLOWS if failed.has_symptom(finding) else messages.template(finding)
        said.setdefault((template, finding.confidence), []).append(finding)
    grouped = [
        _group(rule, statement, said, same.get(rule, ()))
        for (rule, statement), said in found.items()
    ]
    return sorted(grouped, key=lambda group: _ORDER[group.label])


def _group(rule: str, statement: str | None, said: _Said, same: Iterable[Finding]) -> Group:
    details = tuple(_detail(template, tuple(these)) for (template, _), these in said.items())
    labels = {label(finding) for these in said.values() for finding in these}
    return Group(rule, min(labels, key=_ORDER.__getitem__), details, statement, tuple(same))


def _is_about_statement(finding: Finding) -> bool:
    """Whether it is a warning about a statement, not a problem that the rule found."""
    return finding.outcome is Outcome.FAIL and finding.statement is not None


@attrs.frozen
class _Failed:
    """Which rules failed where.

    Attributes:
        rules: by peering, prefix and session.
        sessions: with an error or a warning, by peering and prefix.
        locations: of the sessions.
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
        """Return the rule that reports the same problem of the same routes; None without one."""
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
        where_ = finding.about or ""
        sessions = self.sessions.get((finding.subject.peering, finding.subject.prefix), ())
        return any(where_.endswith(self.locations.get(each) or "") for each in sessions)


class _Messages:
    """Turns messages into templates without the names of their subjects."""

    def __init__(self, sources: tuple[str, ...]) -> None:
        """Take the names of the sources, which are left out as well: they are evidence."""
        names = "|".join(map(re.escape, sorted(sources, key=len, reverse=True)))
        self._sources = re.compile(rf" \((?:{names})\)") if sources else None

    def template(self, finding: Finding) -> str:
        """Return a finding's message with placeholders for the names of its subject."""
        text = without_names(finding.message, finding)
        if self._sources is not None and " (" in text:
            text = self._sources.sub("", text)
        # Searching for the ids of all rules is slow, and few messages name any.
        return _RULES.sub(_RULE, text) if any(map(text.__contains__, _FAMILIES)) else text


def without_names(text: str, finding: Finding) -> str:
    """Return a text with placeholders for the names of a finding's subject."""
    subject = finding.subject
    if subject.prefix is not None and subject.prefix in text:
        text = _name(subject.prefix).sub(_PREFIX, text)
    place = subject.session or subject.connection
    if place is None:
        place = subject.peering if subject.prefix is None else None
    elif subject.router is not None and (name := where(finding)) in text:
        text = text.replace(name, _PLACE)
    if place is not None and place in text:
        text = _place(place).sub(_PLACE, text)
    return text


def spoken(template: str, findings: tuple[Finding, ...]) -> str:
    """Return a template as a sentence that follows the names of its subjects.

    Args:
        template: what `without_names` returned for each of the findings.
        findings: all that share it.
    """
    text = _REDUNDANT.sub("", template).replace(f"session {_PLACE}", "the session")
    if text.startswith((_PREFIX, _PLACE)):
        text = ("it" if len(findings) == 1 else "each") + text[1:]
    prefixes = {each.subject.prefix for each in findings}
    prefix = prefixes.pop() if len(prefixes) == 1 else "the prefix"
    text = text.replace(_PREFIX, prefix or "")
    if _RULE in text:
        lists = (found for each in findings for found in _RULES.findall(each.message))
        rules = dict.fromkeys(rule for found in lists for rule in found.split(", "))
        text = text.replace(_RULE, ", ".join(rules))
    if _PLACE not in text:
        return text
    places = {where(each) or each.subject.peering or "" for each in findings}
    return text.replace(_PLACE, places.pop() if len(places) == 1 else "each")


@lru_cache(1 << 14)
def _name(name: str) -> re.Pattern[str]:
    """Return a pattern of a name as a whole word: ams-1 is neither in ams-10 nor in ams-1/2."""
    return re.compile(rf"(?<![\w/:-])(?<!\w\.){re.escape(name)}(?![\w/-]|[.:]\w)")


@lru_cache(1 << 14)
def _place(name: str) -> re.Pattern[str]:
    """Return a pattern of a place after the words before one: a session may be called "found"."""
    before = "|".join(rf"(?<=\b{word} )" for word in _BEFORE_PLACES)
    return re.compile(rf"(?:{before}){_name(name).pattern}")


def _detail(template: str, findings: tuple[Finding, ...]) -> Detail:
    first = findings[0]
    unsure = "" if first.confidence == "observed" else " (inferred)"
    brief = spoken(_brief(template, first.rule), findings)
    return Detail(spoken(template, findings) + unsure, brief + unsure, findings)


def _brief(template: str, rule: str) -> str:
    """Leave out what is wanted if the rule says it and the message adds no data."""
    match = _WANTED.search(template)
    if match is None or rule not in _OBVIOUS:
        return template
    said = f"{CATALOGUE[rule].title} {CATALOGUE[rule].fix}"
    if any(data not in said for data in _DATA.findall(match[0])):
        return template
    return template[: match.start()] + template[match.end() :]
