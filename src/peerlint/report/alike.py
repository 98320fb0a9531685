"""Findings that say the same of many sessions or prefixes are said once."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from typing import Final, TypeVar

from peerlint.report.words import where
from peerlint.verdicts import Finding, PrefixVerdict

Value = TypeVar("Value")
#: So many are said once; fewer are read faster one by one.
MANY: Final = 3
#: A prefix of the report with those of its findings that are shown.
Story = tuple[PrefixVerdict, list[Finding]]


def stories(found: Iterable[Story]) -> list[list[Story]]:
    """Put prefixes together of which the same is said, in the order of the first of them."""
    return _together(found, _story)


def sayings(findings: Iterable[Finding]) -> list[list[Finding]]:
    """Put findings together that differ in their session or connection only, likewise."""
    return _together(findings, lambda finding: _saying(finding, place=None))


def _together(values: Iterable[Value], key: Callable[[Value], Hashable]) -> list[list[Value]]:
    """Return groups of many as they are met, and each of those that are few by itself."""
    keyed = [(key(value), value) for value in values]
    groups: dict[Hashable, list[Value]] = {}
    for said, value in keyed:
        groups.setdefault(said, []).append(value)
    found = []
    for said, value in keyed:
        group = groups[said]
        if len(group) < MANY:
            found.append([value])
        elif group[0] is value:
            found.append(group)
    return found


def _story(story: Story) -> Hashable:
    verdict, findings = story
    said = tuple([_saying(finding, place=where(finding)) for finding in findings])
    return verdict.state, said


def _saying(finding: Finding, *, place: str | None) -> Hashable:
    """Return what is said but for the prefix and the record, and but for the place if None."""
    names = [finding.subject.prefix]
    if place is None:
        # The longest first: a session's name may be a part of the words for its place.
        names += [where(finding), finding.subject.session, finding.subject.connection]
    return (
        finding.rule,
        finding.outcome,
        finding.severity,
        finding.confidence,
        place,
        _without(finding.message, names),
        finding.portal if place is not None else len(finding.portal),
        finding.basis,
        finding.texts,
        finding.statement,
        tuple(_without(each, names) for each in finding.missing),
        finding.need,
        tuple(each.file for each in finding.evidence[:1]),
    )


def _without(text: str, names: Iterable[str | None]) -> str:
    for name in names:
        if name:
            text = text.replace(name, "\0")
    return text
