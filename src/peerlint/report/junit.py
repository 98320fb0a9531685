"""The report as JUnit XML for CI servers, with a suite for each peering."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final
from xml.etree import ElementTree as ET

import attrs

from peerlint.observations import SourceSummary
from peerlint.report.phrases import cleaned, explained, label, source_remarks
from peerlint.report.rows import Row, RowKey, Rows, row_key
from peerlint.report.sentence import sentence
from peerlint.results import (
    Check,
    CheckResult,
    DecidedBy,
    FailOn,
    Finding,
    Outcome,
    Report,
    State,
)

#: States that count as a failure only if a finding of the prefix does.
_WRONG: Final = (State.FAILED, State.INVALID)


def render_junit(report: Report, fail_on: FailOn = FailOn.ERROR) -> str:
    """Return the report as JUnit XML.

    Each prefix has a case for its state, for each of Microsoft's checks, for each rule that passed
    and for each finding. An undecided outcome never passes. One further case is the result of
    `--fail-on` for the whole report.

    Args:
        report: the report.
        fail_on: the level at which a finding, a check with such a finding, or the state of a prefix
            is a `failure`, as for the exit status. Below the level, a failed finding is a case with
            its text in `system-out`, and a failed check is `skipped`. Unknown and waived findings
            are `skipped`.
    """
    report = cleaned(report)
    cases = _Cases.of(report, fail_on)
    suites = [_suite(each.name, cases.of_peering(each.name)) for each in report.peerings]
    suites += [
        _suite(f"peering service {name}", cases.of_service(name))
        for name in dict.fromkeys(each.service for each in report.service_prefixes)
    ]
    # A finding about the whole inventory belongs to no peering.
    if None in cases.others:
        suites.append(_suite("inventory", cases.of_others("inventory", None)))
    suites.append(_suite("dumps", map(_source, report.sources)))
    suites.append(_suite("peerlint", [_whole(report, fail_on)]))
    root = ET.Element("testsuites", {"name": "peerlint", **_counts(suites)})
    root.extend(suites)
    for suite in suites:
        suite.set("timestamp", report.now.isoformat())
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, "unicode") + "\n"


def _suite(name: str, cases: Iterable[ET.Element]) -> ET.Element:
    suite = ET.Element("testsuite", {"name": name})
    suite.extend(cases)
    for word, count in _counts([suite]).items():
        suite.set(word, count)
    return suite


def _counts(suites: list[ET.Element]) -> dict[str, str]:
    found = {"tests": "testcase", "failures": "failure", "errors": "error", "skipped": "skipped"}
    return {
        word: str(sum(1 for suite in suites for _ in suite.iter(tag)))
        for word, tag in found.items()
    }


@attrs.frozen
class _Cases:
    """The findings of a report by suite and prefix.

    Attributes:
        report: the report.
        fail_on: the level of failure.
        findings: the findings about prefixes, by row.
        others: all other findings, by peering.
    """

    report: Report
    fail_on: FailOn
    findings: dict[RowKey, list[Finding]]
    others: dict[str | None, list[Finding]]

    @classmethod
    def of(cls, report: Report, fail_on: FailOn) -> _Cases:
        rows = Rows.of(report)
        findings: dict[RowKey, list[Finding]] = {}
        others: dict[str | None, list[Finding]] = {}
        for finding in report.findings:
            row = rows.row(finding)
            if row is None:
                others.setdefault(finding.subject.peering, []).append(finding)
            else:
                findings.setdefault(row_key(row), []).append(finding)
        return cls(report, fail_on, findings, others)

    def of_peering(self, name: str) -> Iterator[ET.Element]:
        """Yield the cases of a peering: by prefix, then the others."""
        for row in self.report.prefixes:
            if row.peering == name:
                yield from self._of_row(name, row.key.removeprefix(f"{name} "), row)
        yield from self.of_others(name, name)

    def of_service(self, name: str) -> Iterator[ET.Element]:
        """Yield the cases of a peering service's prefixes."""
        for row in self.report.service_prefixes:
            if row.service == name:
                prefix = row.key.removeprefix(f"{name} ")
                yield from self._of_row(f"peering service {name}", prefix, row)

    def of_others(self, suite: str, peering: str | None) -> Iterator[ET.Element]:
        """Yield the cases of findings that are not about a declared prefix."""
        for finding in self.others.get(peering, ()):
            yield _finding(suite, finding, self.fail_on)

    def _of_row(self, suite: str, prefix: str, row: Row) -> Iterator[ET.Element]:
        findings = self.findings.get(row_key(row), [])
        yield self._state(_case(suite, f"{prefix} state"), row, findings)
        for check in row.checks:
            yield self._check(_case(suite, f"{prefix} check {check.name}"), row, check, findings)
        for rule in row.passed:
            yield _case(suite, f"{prefix} {rule}")
        for finding in findings:
            yield _finding(suite, finding, self.fail_on)

    def _state(self, case: ET.Element, row: Row, findings: list[Finding]) -> ET.Element:
        text = f"Azure would show {row.label}"
        if row.azure_state is not None:
            text += f", and shows {row.azure_state}"
        is_wrong = row.state in _WRONG and any(map(self.fail_on.counts, findings))
        if is_wrong or self.fail_on.counts_row(row):
            return _failed(case, str(row.state), text, [text, *_left_open(row)])
        if row.state is not State.VERIFIED or row.undecided:
            return _skipped(case, text, [text, *_left_open(row)])
        return case

    def _check(
        self, case: ET.Element, row: Row, check: Check, findings: list[Finding]
    ) -> ET.Element:
        # Findings about the peering count for a prefix only if there are none about the prefix.
        concerned = [each for each in findings if each.rule in check.rules] or [
            each for each in self.others.get(row.peering, ()) if each.rule in check.rules
        ]
        texts = [line for each in concerned for line in explained(each)]
        if check.result is CheckResult.UNKNOWN:
            return _skipped(case, f"unknown: {_wanted(check)}", texts)
        if check.result is CheckResult.FAIL:
            rules = ", ".join(check.rules) or "no rule named"
            if self.fail_on.counts_row(row) or any(map(self.fail_on.counts, concerned)):
                return _failed(case, "fail", f"Microsoft's check fails: {rules}", texts)
            statements = dict.fromkeys(
                each.statement
                for each in concerned
                if each.outcome is Outcome.WAIVED and each.statement is not None
            )
            why = "; ".join(statements) or f"it does not count with --fail-on {self.fail_on}"
            return _skipped(case, f"Microsoft's check fails ({rules}); {why}", texts)
        if check.by is DecidedBy.ATTESTATION:
            own_statements = [each.statement for each in concerned if each.statement is not None]
            text = "; ".join(dict.fromkeys(own_statements)) or "attested"
            ET.SubElement(case, "system-out").text = text
        return case


def _left_open(row: Row) -> Iterator[str]:
    for check in row.undecided:
        yield f"{check.name} is not decided: {_wanted(check)}"


def _wanted(check: Check) -> str:
    return "; ".join(check.missing) or "nothing decides it"


def _case(suite: str, name: str) -> ET.Element:
    return ET.Element("testcase", {"classname": suite, "name": name})


def _failed(case: ET.Element, kind: str, message: str, lines: Iterable[str]) -> ET.Element:
    failure = ET.SubElement(case, "failure", {"type": kind, "message": message})
    failure.text = "\n".join(lines)
    return case


def _skipped(case: ET.Element, message: str, lines: Iterable[str]) -> ET.Element:
    ET.SubElement(case, "skipped", {"message": message}).text = "\n".join(lines)
    return case


def _finding(suite: str, finding: Finding, fail_on: FailOn) -> ET.Element:
    subject = finding.subject
    parts = (subject.prefix, finding.rule, subject.session or subject.connection)
    case = _case(suite, " ".join(part for part in parts if part))
    lines = list(explained(finding))
    if fail_on.counts(finding):
        return _failed(case, label(finding), sentence(finding), lines)
    if finding.outcome is Outcome.WAIVED:
        statement = finding.statement or "waived"
        return _skipped(case, f"{statement} ({sentence(finding)})", lines)
    if finding.outcome is Outcome.UNKNOWN:
        return _skipped(case, f"unknown: {sentence(finding)}", lines)
    if finding.outcome is Outcome.ATTESTED:
        # The message is about the missing data; the statement of the person is what counts.
        lines = [finding.statement or "attested", *lines[1:]]
    ET.SubElement(case, "system-out").text = f"{label(finding)}: " + "\n".join(lines)
    return case


def _source(source: SourceSummary) -> ET.Element:
    case = _case("dumps", source.name)
    remarks = list(source_remarks(source))
    if not source.is_sound:
        kind = {"type": "damage", "message": remarks[0]}
        ET.SubElement(case, "error", kind).text = "\n".join(remarks)
    elif remarks:
        ET.SubElement(case, "system-out").text = "\n".join(remarks)
    return case


def _whole(report: Report, fail_on: FailOn) -> ET.Element:
    """Return the case that fails if the exit status is 1, whatever the reason."""
    case = _case("peerlint", f"--fail-on {fail_on}")
    reasons = report.failures(fail_on)
    return _failed(case, fail_on, "; ".join(reasons), reasons) if reasons else case
