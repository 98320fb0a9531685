"""Comparison of reports: fixed, new, changed and gone findings, and which prefixes got worse."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import Final

import attrs

from peerlint.results.checks import Check, CheckName, CheckResult, State
from peerlint.results.fail_on import FailOn
from peerlint.results.findings import Finding, Severity
from peerlint.results.report import Report, StoredReport
from peerlint.results.rows import PrefixResult, ServicePrefixResult
from peerlint.wording import counted

#: From the worst result of a check to the best.
_WORST_FIRST: Final = (CheckResult.FAIL, CheckResult.UNKNOWN, CheckResult.PASS)
#: States in which a prefix is not validated.
REFUSED: Final = frozenset({State.FAILED, State.INVALID, State.PENDING})
_Row = PrefixResult | ServicePrefixResult
#: Words of a sentence that stand for none of its parts.
_JOINING: Final = frozenset({"", "found", "wanted"})
#: What a person sees of a finding: outcome, severity and words.
_Face = tuple[str, Severity, tuple[str, ...]]


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
class CheckChange:
    """One of Microsoft's checks of a prefix that has another result.

    Attributes:
        name: of the check.
        before: its result in the first report.
        after: its result in the second.
    """

    name: CheckName
    before: CheckResult
    after: CheckResult

    @property
    def is_worse(self) -> bool:
        """Whether the result got worse: what passed does not any more, or what was open fails."""
        return _WORST_FIRST.index(self.after) < _WORST_FIRST.index(self.before)


@attrs.frozen
class RowChange:
    """A prefix or service prefix that would get another state, or of which a check changed.

    Attributes:
        key: of the prefix.
        peering: whose profile judges it.
        service: the peering service of a service prefix; None for a registered prefix.
        prefix: as declared.
        before: its state in the first report; None if it is not there.
        after: its state in the second; None if it is not there.
        checks: those that have another result, where both reports have the prefix.
        withdrawn: whether nothing announces it any more at a route server, whose prefixes are not
            declared, so that the second report does not have it.
    """

    key: str
    peering: str
    service: str | None
    prefix: str
    before: State | None
    after: State | None
    checks: tuple[CheckChange, ...] = ()
    withdrawn: bool = False

    @property
    def is_worse(self) -> bool:
        """Whether the state or a check of a prefix got worse, or a good one is not announced."""
        if self.before is None:
            return False
        if self.after is None:
            return self.withdrawn and self.before not in REFUSED
        return self.after.rank < self.before.rank or any(each.is_worse for each in self.checks)


@attrs.frozen
class Difference:
    """What changed from one report to another.

    Attributes:
        new: findings of the second report only.
        fixed: findings of the first only, about what the second report still looks at.
        gone: findings of the first only, about what the second does not know any more.
        changed: findings of both that are not the same.
        states: prefixes and service prefixes whose state or checks are not the same.
        matched: how many findings were matched by rule and subject, for their ids differ; None
            where reports have the same schema, so that ids tell.
        opened: keys of the prefixes that count as a failure at a level after and did not before,
            by level; the levels that look at findings only have none.
    """

    new: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    changed: tuple[Change, ...]
    states: tuple[RowChange, ...]
    matched: int | None = None
    opened: dict[FailOn, tuple[str, ...]] = attrs.field(factory=dict)

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

    def failures(self, fail_on: FailOn) -> tuple[str, ...]:
        """Return the reasons why the change fails at a level, none if it passes.

        Each is a count and a noun: "1 prefix that got worse".
        """
        findings = len(self.worse(fail_on))
        worse = {each.key for each in self.states if each.is_worse}
        opened = set(self.opened.get(fail_on, ())) - worse
        found = (
            (findings, "new finding", f" that --fail-on {fail_on} counts"),
            (len(worse), "prefix", " that got worse"),
            (len(opened), "new prefix", " not decided"),
        )
        return tuple(f"{counted(number, noun)}{more}" for number, noun, more in found if number)


def compare(before: StoredReport, after: StoredReport) -> Difference:
    """Compare two reports, finding by finding and prefix by prefix.

    Findings are the same if their ids are. Between reports of two schemas ids may differ: there,
    what is left without a partner is matched by rule and subject.
    """
    pairs, lost, new = _matched(
        before.report.findings, after.report.findings, lambda finding: finding.id
    )
    matched = None
    if before.schema != after.schema:
        more, lost, new = _matched(lost, new, lambda finding: (finding.rule, finding.subject))
        pairs += more
        matched = len(more)
    changed = [each for each in pairs if _face(each.before) != _face(each.after)]
    no_more = _names(before.report) - _names(after.report)
    return Difference(
        new=tuple(new),
        fixed=tuple(finding for finding in lost if not _subject(finding) & no_more),
        gone=tuple(finding for finding in lost if _subject(finding) & no_more),
        changed=tuple(changed),
        states=tuple(_states(before.report, after.report)),
        matched=matched,
        opened={
            level: keys
            for level in FailOn
            if (keys := tuple(_opened(before.report, after.report, level)))
        },
    )


# -- findings


def _matched(
    olds: Iterable[Finding], news: Iterable[Finding], key: Callable[[Finding], Hashable]
) -> tuple[list[Change], list[Finding], list[Finding]]:
    """Return pairs of findings with the same key, then the old and the new ones without partner.

    Of several with one key, those that are word for word the same belong together, then the rest
    in their order.
    """
    by_key: tuple[dict[Hashable, list[Finding]], dict[Hashable, list[Finding]]]
    by_key = (defaultdict(list), defaultdict(list))
    for found, findings in zip(by_key, (olds, news), strict=True):
        for finding in findings:
            found[key(finding)].append(finding)
    pairs: list[Change] = []
    lost: list[Finding] = []
    came: list[Finding] = []
    for each in dict.fromkeys((*by_key[0], *by_key[1])):
        old, now = by_key[0].get(each, []), by_key[1].get(each, [])
        same, old, now = _same_face(old, now)
        common = min(len(old), len(now))
        pairs += [*same, *map(Change, old[:common], now[:common])]
        lost += old[common:]
        came += now[common:]
    return pairs, lost, came


def _same_face(
    old: list[Finding], now: list[Finding]
) -> tuple[list[Change], list[Finding], list[Finding]]:
    """Take out what both lists have, as often as both have it."""
    places: defaultdict[_Face, list[int]] = defaultdict(list)
    for at, finding in enumerate(now):
        places[_face(finding)].append(at)
    pairs: list[Change] = []
    left: list[Finding] = []
    taken: set[int] = set()
    for finding in old:
        if same := places[_face(finding)]:
            taken.add(same[0])
            pairs.append(Change(finding, now[same.pop(0)]))
        else:
            left.append(finding)
    return pairs, left, [finding for at, finding in enumerate(now) if at not in taken]


def _face(finding: Finding) -> _Face:
    """Return what makes a finding another one; evidence moves from dump to dump."""
    return finding.outcome, finding.severity, _words(finding)


def _words(finding: Finding) -> tuple[str, ...]:
    """Return the words of a finding, without those that only join what was found and wanted.

    A report of an earlier version may not have what was found apart from what was wanted.
    """
    phrases = (finding.found, finding.wanted, finding.hint)
    text = " ".join(each.text(finding.subject) for each in phrases if each is not None)
    return tuple(word for each in text.split() if (word := each.strip(",;")) not in _JOINING)


def _names(report: Report) -> frozenset[tuple[str, str | None]]:
    """Return everything that a report looks at."""
    names: set[tuple[str, str | None]] = set()
    for row in _rows(report).values():
        names |= {("peering", row.peering), ("prefix", row.prefix), ("key", row.key)}
    for session in report.matrix().sessions:
        names |= {("peering", session.peering), ("session", session.id)}
    for peering in report.peerings:
        names.add(("peering", peering.name))
    return frozenset(names)


def _subject(finding: Finding) -> frozenset[tuple[str, str | None]]:
    """Return what a finding is about, in the terms of `_names`."""
    subject = finding.subject
    return frozenset(
        {
            ("peering", subject.peering),
            ("session", subject.session),
            ("prefix", subject.prefix),
            ("key", finding.key),
        }
    )


# -- prefixes


def _rows(report: Report) -> dict[str, _Row]:
    """Return the prefixes with their keys; those of services may have the same ones."""
    return {
        **{f"prefix {each.key}": each for each in report.prefixes},
        **{f"service prefix {each.key}": each for each in report.service_prefixes},
    }


def _state(row: _Row | None) -> State | None:
    """Return the predicted state; schema 1 has none of service prefixes."""
    if row is None or (isinstance(row, ServicePrefixResult) and not row.checks):
        return None
    return row.state


def _states(before: Report, after: Report) -> Iterator[RowChange]:
    olds, news = _rows(before), _rows(after)
    peerings = {each.name for each in after.peerings}
    for key in dict.fromkeys((*olds, *news)):
        old, now = olds.get(key), news.get(key)
        if old and now and None in (_state(old), _state(now)):
            continue  # one of the reports does not tell
        row = now or olds[key]
        change = RowChange(
            row.key,
            row.peering,
            row.service if isinstance(row, ServicePrefixResult) else None,
            row.prefix,
            _state(old),
            _state(now),
            tuple(_changed_checks(old.checks, now.checks)) if old and now else (),
            now is None and row.peering in peerings and _is_announced(row),
        )
        if change.before is not change.after or change.checks:
            yield change


def _is_announced(row: _Row) -> bool:
    """Whether a prefix is in a report because a member of a route server announces it."""
    return isinstance(row, PrefixResult) and any(
        check.name is CheckName.CUSTOMER_REGISTERED for check in row.checks
    )


def _changed_checks(before: Iterable[Check], after: Iterable[Check]) -> Iterator[CheckChange]:
    results = {check.name: check.result for check in before}
    for check in after:
        was = results.get(check.name, check.result)
        if was is not check.result:
            yield CheckChange(check.name, was, check.result)


def _opened(before: Report, after: Report, level: FailOn) -> Iterator[str]:
    """Yield the prefixes that count at a level and did not before, unless they got better."""
    olds = _rows(before)
    for key, row in _rows(after).items():
        old = olds.get(key)
        # Where the first report tells nothing of checks, what is open may have been so before.
        judged = row if old is None or old.checks else attrs.evolve(row, checks=())
        if not level.counts_row(judged) or (old is not None and _state(old) is None):
            continue
        if old is None or (not level.counts_row(old) and old.state.rank >= row.state.rank):
            yield row.key
