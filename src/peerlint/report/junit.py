"""The report as JUnit XML for CI servers: a suite for each peering, a case for each rule."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from xml.etree import ElementTree as ET

from peerlint.observe import SourceSummary
from peerlint.report.words import (
    cleaned,
    explained,
    findings_of,
    label,
    source_remarks,
    verdicts_of,
)
from peerlint.verdicts import FailOn, Finding, Outcome, PrefixVerdict, Report


def render_junit(report: Report, fail_on: FailOn = FailOn.ERROR) -> str:
    """Return the report as JUnit XML.

    Args:
        report: what was found out.
        fail_on: from which level on a finding is a `failure`, as for the exit status. What is
            below it passes, with its text in `system-out`; what is unknown or waived is `skipped`.
    """
    report = cleaned(report)
    found, verdicts = findings_of(report), verdicts_of(report)
    suites = [
        _suite(name, _cases(name, verdicts[name], found[name], fail_on))
        for name in (peering.name for peering in report.peerings)
    ]
    # A finding about the inventory as a whole belongs to no peering.
    rest = [finding for finding in report.findings if finding.subject.peering is None]
    if rest:
        suites.append(_suite("inventory", (_case("inventory", each, fail_on) for each in rest)))
    suites.append(_suite("dumps", map(_source, report.sources)))
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


def _cases(
    peering: str,
    verdicts: list[PrefixVerdict],
    found: dict[str | None, list[Finding]],
    fail_on: FailOn,
) -> Iterator[ET.Element]:
    """Yield what passed and what did not, prefix by prefix, then the rest."""
    for verdict in verdicts:
        for rule in verdict.passed:
            name = f"{verdict.prefix} {rule}"
            yield ET.Element("testcase", {"classname": peering, "name": name})
        for finding in found.get(verdict.prefix, ()):
            yield _case(peering, finding, fail_on)
    for finding in found.get(None, ()):
        yield _case(peering, finding, fail_on)


def _case(suite: str, finding: Finding, fail_on: FailOn) -> ET.Element:
    subject = finding.subject
    parts = (subject.prefix, finding.rule, subject.session or subject.connection)
    name = " ".join(part for part in parts if part)
    case = ET.Element("testcase", {"classname": suite, "name": name})
    text = "\n".join(explained(finding))
    if fail_on.counts(finding):
        kind = {"type": label(finding), "message": finding.message}
        ET.SubElement(case, "failure", kind).text = text
    elif finding.outcome in (Outcome.UNKNOWN, Outcome.WAIVED):
        message = f"{finding.outcome}: {finding.message}"
        ET.SubElement(case, "skipped", {"message": message}).text = text
    else:
        ET.SubElement(case, "system-out").text = f"{label(finding)}: {text}"
    return case


def _source(source: SourceSummary) -> ET.Element:
    case = ET.Element("testcase", {"classname": "dumps", "name": source.name})
    remarks = list(source_remarks(source))
    if not source.is_sound:
        kind = {"type": "damage", "message": remarks[0]}
        ET.SubElement(case, "error", kind).text = "\n".join(remarks)
    elif remarks:
        ET.SubElement(case, "system-out").text = "\n".join(remarks)
    return case
