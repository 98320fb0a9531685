"""Comparison of two reports: new, fixed, gone and changed findings, and changed states."""

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
NOT_VALIDATED: Final = frozenset({State.FAILED, State.INVALID, State.PENDING})
_Row = PrefixResult | ServicePrefixResult
#: Words of a sentence that connect its parts and belong to none of them.
_CONNECTIVES: Final = frozenset({"", "found", "wanted"})
#: The parts of a finding that are compared: outcome, severity and words.
_Content = tuple[str, Severity, tuple[str, ...]]


@attrs.frozen
class Change:
    """A finding that is in both reports, with a different outcome, severity or message.

    Attributes:
        before: the finding in the first report.
        after: the finding in the second report.
    """

    before: Finding
    after: Finding


@attrs.frozen
class CheckChange:
    """One of Microsoft's checks of a prefix whose result changed.

    Attributes:
        name: the name of the check.
        before: its result in the first report.
        after: its result in the second.
    """

    name: CheckName
    before: CheckResult
    after: CheckResult

    @property
    def is_worse(self) -> bool:
        """Whether the result got worse: from pass to unknown or fail, or from unknown to fail."""
        return _WORST_FIRST.index(self.after) < _WORST_FIRST.index(self.before)


@attrs.frozen
class RowChange:
    """A prefix or service prefix whose predicted state or checks changed.

    Attributes:
        key: the key of the prefix, see `PrefixResult.key`.
        peering: the name of the peering whose profile is used.
        service: the peering service of a service prefix; None for a registered prefix.
        prefix: the prefix as declared.
        before: its state in the first report; None if the report does not have the prefix.
        after: its state in the second report; None if the report does not have the prefix.
        checks: the checks whose result changed; empty if only one report has the prefix.
        withdrawn: whether the second report does not have the prefix because it is no longer
            announced. Only prefixes at route servers, which are not declared, can be withdrawn.
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
        """Whether the state or a check got worse, or a validated prefix was withdrawn."""
        if self.before is None:
            return False
        if self.after is None:
            return self.withdrawn and self.before not in NOT_VALIDATED
        return self.after.rank < self.before.rank or any(each.is_worse for each in self.checks)


@attrs.frozen
class Difference:
    """The difference between two reports.

    Attributes:
        new: the findings that are only in the second report.
        fixed: the findings that are only in the first report, about subjects of both reports.
        gone: the findings that are only in the first report, about subjects that the second report
            does not have.
        changed: the findings that are in both reports and differ.
        states: the prefixes and service prefixes whose state or checks differ.
        matched: the number of findings that were matched by rule and subject because their ids
            differ; None if both reports have the same schema, so that all are matched by id.
        opened: by level, the keys of the prefixes that count as a failure in the second report and
            did not in the first; empty for levels that depend on findings only.
    """

    new: tuple[Finding, ...]
    fixed: tuple[Finding, ...]
    gone: tuple[Finding, ...]
    changed: tuple[Change, ...]
    states: tuple[RowChange, ...]
    matched: int | None = None
    opened: dict[FailOn, tuple[str, ...]] = attrs.field(factory=dict)

    def worse(self, fail_on: FailOn) -> tuple[Finding, ...]:
        """Return the findings that count as a failure in the second report but not in the first.

        This includes findings of both reports that reach the level in the second one only.
        """
        raised = (
            change.after
            for change in self.changed
            if fail_on.counts(change.after) and not fail_on.counts(change.before)
        )
        return (*filter(fail_on.counts, self.new), *raised)

    def failures(self, fail_on: FailOn) -> tuple[str, ...]:
        """Return the reasons why the change fails at a level; empty if it passes.

        A reason is a count and a noun: "1 prefix that got worse".
        """
        findings = len(self.worse(fail_on))
        worse = {each.key for each in self.states if each.is_worse}
        undecided = set(self.opened.get(fail_on, ())) - worse
        found = (
            (findings, "new finding", f" that --fail-on {fail_on} counts"),
            (len(worse), "prefix", " that got worse"),
            (len(undecided), "new prefix", " not decided"),
        )
        return tuple(f"{counted(number, noun)}{more}" for number, noun, more in found if number)


def compare(before: StoredReport, after: StoredReport) -> Difference:
    """Return the difference between two reports.

    Findings with the same id are the same finding. Ids may differ between schemas, so that in
    reports of different schemas the remaining findings are matched by rule and subject.

    Args:
        before: the first report.
        after: the second report.
    """
    pairs, removed, new = _matched(
        before.report.findings, after.report.findings, lambda finding: finding.id
    )
    matched = None
    if before.schema != after.schema:
        more, removed, new = _matched(removed, new, lambda finding: (finding.rule, finding.subject))
        pairs += more
        matched = len(more)
    changed = [each for each in pairs if _content(each.before) != _content(each.after)]
    removed_names = _names(before.report) - _names(after.report)
    return Difference(
        new=tuple(new),
        fixed=tuple(finding for finding in removed if not _subject(finding) & removed_names),
        gone=tuple(finding for finding in removed if _subject(finding) & removed_names),
        changed=tuple(changed),
        states=tuple(_states(before.report, after.report)),
        matched=matched,
        opened={
            level: keys
            for level in FailOn
            if (keys := tuple(_newly_counted(before.report, after.report, level)))
        },
    )


# -- findings


def _matched(
    olds: Iterable[Finding], news: Iterable[Finding], key: Callable[[Finding], Hashable]
) -> tuple[list[Change], list[Finding], list[Finding]]:
    """Return pairs of findings with the same key, and the old and the new findings without a pair.

    If several findings have the same key, findings with equal content are paired first, then the
    others in their order.
    """
    by_key: tuple[dict[Hashable, list[Finding]], dict[Hashable, list[Finding]]]
    by_key = (defaultdict(list), defaultdict(list))
    for found, findings in zip(by_key, (olds, news), strict=True):
        for finding in findings:
            found[key(finding)].append(finding)
    pairs: list[Change] = []
    removed: list[Finding] = []
    added: list[Finding] = []
    for each in dict.fromkeys((*by_key[0], *by_key[1])):
        old, now = by_key[0].get(each, []), by_key[1].get(each, [])
        same, old, now = _with_equal_content(old, now)
        common = min(len(old), len(now))
        pairs += [*same, *map(Change, old[:common], now[:common])]
        removed += old[common:]
        added += now[common:]
    return pairs, removed, added


def _with_equal_content(
    old: list[Finding], now: list[Finding]
) -> tuple[list[Change], list[Finding], list[Finding]]:
    """Return pairs of findings with equal content, and the remaining old and new findings."""
    places: defaultdict[_Content, list[int]] = defaultdict(list)
    for at, finding in enumerate(now):
        places[_content(finding)].append(at)
    pairs: list[Change] = []
    left: list[Finding] = []
    taken: set[int] = set()
    for finding in old:
        if same := places[_content(finding)]:
            taken.add(same[0])
            pairs.append(Change(finding, now[same.pop(0)]))
        else:
            left.append(finding)
    return pairs, left, [finding for at, finding in enumerate(now) if at not in taken]


def _content(finding: Finding) -> _Content:
    """Return the parts of a finding that are compared; evidence differs from dump to dump."""
    return finding.outcome, finding.severity, _words(finding)


def _words(finding: Finding) -> tuple[str, ...]:
    """Return the words of a finding, without those that connect its parts.

    A report of an earlier version may have the message only, not its parts.
    """
    phrases = (finding.found, finding.wanted, finding.hint)
    text = " ".join(each.text(finding.subject) for each in phrases if each is not None)
    return tuple(word for each in text.split() if (word := each.strip(",;")) not in _CONNECTIVES)


def _names(report: Report) -> frozenset[tuple[str, str | None]]:
    """Return the names and keys of the peerings, sessions and prefixes in a report."""
    names: set[tuple[str, str | None]] = set()
    for row in _rows(report).values():
        names |= {("peering", row.peering), ("prefix", row.prefix), ("key", row.key)}
    for session in report.matrix().sessions:
        names |= {("peering", session.peering), ("session", session.id)}
    for peering in report.peerings:
        names.add(("peering", peering.name))
    return frozenset(names)


def _subject(finding: Finding) -> frozenset[tuple[str, str | None]]:
    """Return the names of a finding's subject, in the form of `_names`."""
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
    """Return the prefixes and service prefixes by key and kind: the two kinds may share a key."""
    return {
        **{f"prefix {each.key}": each for each in report.prefixes},
        **{f"service prefix {each.key}": each for each in report.service_prefixes},
    }


def _state(row: _Row | None) -> State | None:
    """Return the predicted state; None for service prefixes of schema 1, which has no states."""
    if row is None or (isinstance(row, ServicePrefixResult) and not row.checks):
        return None
    return row.state


def _states(before: Report, after: Report) -> Iterator[RowChange]:
    """Yield the prefixes and service prefixes whose state or checks differ."""
    olds, news = _rows(before), _rows(after)
    peerings = {each.name for each in after.peerings}
    for key in dict.fromkeys((*olds, *news)):
        old, now = olds.get(key), news.get(key)
        if old and now and None in (_state(old), _state(now)):
            continue  # one of the reports has no state
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
    """Whether a prefix is in the report because a member announces it at a route server."""
    return isinstance(row, PrefixResult) and any(
        check.name is CheckName.CUSTOMER_REGISTERED for check in row.checks
    )


def _changed_checks(before: Iterable[Check], after: Iterable[Check]) -> Iterator[CheckChange]:
    results = {check.name: check.result for check in before}
    for check in after:
        was = results.get(check.name, check.result)
        if was is not check.result:
            yield CheckChange(check.name, was, check.result)


def _newly_counted(before: Report, after: Report, level: FailOn) -> Iterator[str]:
    """Yield the keys of prefixes that count at a level only after, unless their state improved."""
    olds = _rows(before)
    for key, row in _rows(after).items():
        old = olds.get(key)
        # If the first report has no checks, an unknown check may have been unknown before.
        comparable = row if old is None or old.checks else attrs.evolve(row, checks=())
        if not level.counts_row(comparable) or (old is not None and _state(old) is None):
            continue
        if old is None or (not level.counts_row(old) and old.state.rank >= row.state.rank):
            yield row.key
