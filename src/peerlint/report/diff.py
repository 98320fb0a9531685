"""What changed between two reports: fixed, new, changed, gone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from peerlint.report.document import Document
from peerlint.report.json import dumped
from peerlint.report.words import cleaned, label
from peerlint.verdicts import FailOn, Finding, Severity, State

SCHEMA: Final = "peerlint/diff/1"


@attrs.frozen
class Change:
    """A finding that both reports have, with another outcome, severity or message.

    Attributes:
        before: as the first report has it.
        after: as the second has it.
    """

    before: Finding
    after: Finding


@attrs.frozen
class StateChange:
    """A prefix that would get another state.

    Attributes:
        peering: that it is registered with.
        prefix: as declared.
        before: its state in the first report; None if it was not declared.
        after: its state in the second; None if it is not declared any more.
    """

    peering: str
    prefix: str
    before: State | None
    after: State | None


@attrs.frozen
class Difference:
    """What changed from one report to another.

    Attributes:
        new: findings of the second report only.
        fixed: findings of the first only, about what the second report still looks at.
        gone: findings of the first only, about what the second does not know any more.
        changed: findings of both that are not the same.
        states: prefixes whose state is not the same.
    """

    new: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    changed: tuple[Change, ...]
    states: tuple[StateChange, ...]

    def worse(self, fail_on: FailOn) -> tuple[Finding, ...]:
        """Return what counts as a failure in the second report and did not in the first.

        A finding that was there and only now reaches the level is as new as any.
        """
        risen = (
            change.after
            for change in self.changed
            if fail_on.counts(change.after) and not fail_on.counts(change.before)
        )
        return (*filter(fail_on.counts, self.new), *risen)


def compare(before: Document, after: Document) -> Difference:
    """Compare two reports, finding by finding.

    Findings are the same if rule and subject are. Where a rule has several to say of one subject,
    those that are word for word the same belong together, then the rest in their order.
    """
    no_more = _names(before) - _names(after)
    new: list[Finding] = []
    lost: list[Finding] = []
    changed: list[Change] = []
    olds, news = _by_id(before.findings), _by_id(after.findings)
    for key in dict.fromkeys((*olds, *news)):
        old, now = _without_common(olds.get(key, []), news.get(key, []))
        pairs = min(len(old), len(now))
        changed += map(Change, old[:pairs], now[:pairs])
        lost += old[pairs:]
        new += now[pairs:]
    return Difference(
        new=tuple(new),
        fixed=tuple(finding for finding in lost if not _subject(finding) & no_more),
        gone=tuple(finding for finding in lost if _subject(finding) & no_more),
        changed=tuple(changed),
        states=tuple(_states(before, after)),
    )


def render_diff_json(difference: Difference) -> str:
    """Return the difference as indented JSON, schema `peerlint/diff/1`."""
    parts = {field.name: getattr(difference, field.name) for field in attrs.fields(Difference)}
    return dumped({"schema": SCHEMA, **parts})


def render_diff_text(difference: Difference) -> str:
    """Return the difference as a person reads it: what is worse first."""
    return "".join(f"{line}\n" for line in _lines(cleaned(difference)))


def _by_id(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    found: defaultdict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        found[finding.id].append(finding)
    return found


def _face(finding: Finding) -> tuple[str, Severity, str]:
    """Return what makes a finding another one; evidence moves from dump to dump."""
    return finding.outcome, finding.severity, finding.message


def _without_common(old: list[Finding], now: list[Finding]) -> tuple[list[Finding], list[Finding]]:
    """Take out what both lists have, as often as both have it."""
    rest = list(map(_face, now))
    left: list[Finding] = []
    for finding in old:
        if _face(finding) in rest:
            rest.remove(_face(finding))
        else:
            left.append(finding)
    came: list[Finding] = []
    for finding in reversed(now):
        if _face(finding) in rest:
            rest.remove(_face(finding))
            came.insert(0, finding)
    return left, came


def _names(document: Document) -> frozenset[tuple[str, str | None]]:
    """Return everything that a report looks at."""
    names: set[tuple[str, str | None]] = set()
    for verdict in document.prefixes:
        names |= {("peering", verdict.peering), ("prefix", verdict.prefix)}
    for session in document.matrix.sessions:
        names |= {("peering", session.peering), ("session", session.session)}
    return frozenset(names)


def _subject(finding: Finding) -> frozenset[tuple[str, str | None]]:
    """Return what a finding is about, in the terms of `_names`."""
    subject = finding.subject
    return frozenset(
        {
            ("peering", subject.peering),
            ("session", subject.session),
            ("prefix", subject.prefix),
        }
    )


def _states(before: Document, after: Document) -> Iterator[StateChange]:
    olds = {(each.peering, each.prefix): each.state for each in before.prefixes}
    news = {(each.peering, each.prefix): each.state for each in after.prefixes}
    for key in dict.fromkeys((*olds, *news)):
        if olds.get(key) != news.get(key):
            yield StateChange(*key, olds.get(key), news.get(key))


def _lines(difference: Difference) -> Iterator[str]:
    for change in difference.states:
        was, becomes = change.before or "not declared", change.after or "not declared"
        yield f"{change.prefix} ({change.peering}): {was} -> {becomes}"
    if difference.states:
        yield ""
    for finding in difference.new:
        yield from _told("new", finding)
    for pair in difference.changed:
        was = f" (was {label(pair.before)})" if label(pair.before) != label(pair.after) else ""
        yield from _told(f"changed{was}", pair.after)
    for finding in difference.fixed:
        yield from _told("fixed", finding)
    for finding in difference.gone:
        yield from _told("gone", finding)
    counts = ("new", "changed", "fixed", "gone")
    yield ", ".join(f"{len(getattr(difference, name))} {name}" for name in counts)


def _told(what: str, finding: Finding) -> Iterator[str]:
    yield f"{what}: {label(finding)} {finding.rule}  {finding.subject}"
    yield f"    {finding.message}"
