"""The report as a person reads it on a terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from peerlint.observe import SourceSummary
from peerlint.report.alike import Story, sayings, stories
from peerlint.report.grid import grid, state_style
from peerlint.report.paper import Page
from peerlint.report.words import (
    cleaned,
    explained,
    findings_of,
    label,
    source_remarks,
    verdicts_of,
    where,
)
from peerlint.verdicts import (
    Finding,
    Outcome,
    PeeringSummary,
    PrefixVerdict,
    Report,
    Severity,
    State,
)
from peerlint.wording import counted

#: Columns of a page that is no terminal.
WIDTH: Final = 100
_SEVERITY_COLOURS: Final = {
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.INFO: "blue",
}
_INDENT: Final = " " * 11
_DUMPS: Final = ("routes", "communities", "path")
#: What is missing where something was not checked, by the need of the rule.
_WANTED: Final = {
    "routes": "dumps",
    "communities": "dumps",
    "path": "dumps",
    "azure": "Azure's exports, or keys of the inventory",
    "attestation": "attestations, or keys of the inventory",
    "irr": "registry data (IRR)",
    "vrps": "registry data (VRPs)",
    "peeringdb": "PeeringDB's data",
    "plan": "a plan",
}


def render_text(
    report: Report, *, verbose: bool = False, width: int = WIDTH, colour: bool = False
) -> str:
    """Return the report as text.

    What is said of many prefixes or sessions is said once; JSON has every finding by itself.

    Args:
        report: what was found out.
        verbose: whether to name every place where something was seen, not only the first.
        width: columns of the page.
        colour: whether to write terminal colours.
    """
    report = cleaned(report)
    page = Page(width, colour=colour)
    page.verbose = verbose
    found, verdicts = findings_of(report), verdicts_of(report)
    for peering in report.peerings:
        _peering(page, report, peering, verdicts[peering.name], found[peering.name])
    _left_over(page, report)
    if report.failed():
        page.line(("What a rule asks for, and what to do: peerlint explain RULE_ID", ""))
        page.line()
    _sources(page, report.sources)
    return page.text()


def _peering(
    page: Page,
    report: Report,
    peering: PeeringSummary,
    verdicts: list[PrefixVerdict],
    findings: dict[str | None, list[Finding]],
) -> None:
    verified = sum(verdict.state is State.VERIFIED for verdict in verdicts)
    place = f", {peering.location}" if peering.location else ""
    head = f"{peering.name}  profile {peering.profile}, AS{peering.asn}{place}"
    count = f"{verified} of {counted(len(verdicts), 'prefix')} would be Verified"
    room = page.width - len(head)
    tail = count.rjust(room) if room >= len(count) + 2 else f"\n{count}"
    page.wrapped((head + tail, "bold"))
    page.line()
    if verdicts:
        for line in grid(report.matrix(), verdicts, page.width):
            page.line(*line)
        page.line()
    found = {
        prefix: shown
        for prefix, each in findings.items()
        if (shown := [finding for finding in each if _is_shown(finding)])
    }
    told = ((each, found[each.prefix]) for each in verdicts if each.prefix in found)
    for group in stories(told):
        _story(page, group)
    if rest := found.get(None):
        page.wrapped((f"{peering.name}, its set-up and its sessions:", "bold"))
        _findings(page, rest)
        page.line()


def _story(page: Page, group: list[Story]) -> None:
    """Say once what is to be said of some prefixes, with the first as the example."""
    verdict, findings = group[0]
    more = f" and {len(group) - 1} more" if len(group) > 1 else ""
    name = f"  {verdict.name}" if verdict.name else ""
    state = (verdict.state, state_style(verdict.state))
    page.wrapped((f"{verdict.prefix}{name}{more}: ", "bold"), state)
    if more:
        page.indented(", ".join(_named(each) for each, _ in group[1:]), "  ")
    _findings(page, findings)
    page.line()


def _named(verdict: PrefixVerdict) -> str:
    return f"{verdict.prefix} ({verdict.name})" if verdict.name else verdict.prefix


def _is_shown(finding: Finding) -> bool:
    """Whether a finding stands by itself; what nobody could look at is named once at the end."""
    if finding.outcome is Outcome.UNKNOWN:
        return finding.need in _DUMPS and finding.subject.prefix is not None
    return finding.outcome is not Outcome.ATTESTED


def _left_over(page: Page, report: Report) -> None:
    """Name statements about other things than peerings, what was not checked, what is attested."""
    names = {peering.name for peering in report.peerings}
    stray = [one for one in report.findings if one.subject.peering not in names]
    if stray:
        page.line(("Attestations and waivers:", "bold"))
        _findings(page, stray)
        page.line()
    wanting: dict[str, dict[str, None]] = {}
    attested: dict[str, dict[str, None]] = {}
    for finding in report.findings:
        if finding.outcome is Outcome.ATTESTED:
            attested.setdefault(finding.statement or "", {})[finding.rule] = None
        elif finding.outcome is Outcome.UNKNOWN and not _is_shown(finding):
            wanting.setdefault(_WANTED[finding.need or ""], {})[finding.rule] = None
    for head, found in (
        *((f"Not checked, for want of {what}", rules) for what, rules in wanting.items()),
        *((f"{said[:1].upper()}{said[1:]}", rules) for said, rules in attested.items()),
    ):
        page.hanging(f"{head}: {', '.join(found)}", "  ")
    if wanting or attested:
        page.line()


def _findings(page: Page, findings: list[Finding]) -> None:
    for group in sayings(findings):
        finding = group[0]
        failed = finding.outcome is Outcome.FAIL
        colour = _SEVERITY_COLOURS[finding.severity] if failed else "magenta"
        rest = f"{finding.rule:<31} {where(finding)}"
        page.wrapped(("  ", ""), (f"{label(finding):<9}", colour), (rest, ""))
        for text in explained(finding, verbose=page.verbose):
            page.indented(text, _INDENT)
        if len(group) > 1:
            others = ", ".join(_other(finding, each) for each in group[1:])
            page.indented(f"likewise, of {len(group) - 1} more: {others}", _INDENT)


def _other(first: Finding, other: Finding) -> str:
    """Name what a finding is about beside one that says the same of something else."""
    place, prefix = where(other), other.subject.prefix
    if prefix is None or prefix == first.subject.prefix:
        return place
    return prefix if place == where(first) else f"{prefix} on {place}"


def _sources(page: Page, sources: Iterable[SourceSummary]) -> None:
    sources = list(sources)
    for source in sources:
        for text in source_remarks(source):
            page.line((f"{source.name}: {text}", ""))
    routes = sum(source.quality.entries for source in sources)
    lost = sum(source.quality.lost for source in sources)
    unread = sum(source.error is not None for source in sources)
    dumps = f"{len(sources) - unread} of {len(sources)}" if unread else f"{len(sources)}"
    dumps += " dump" if len(sources) == 1 else " dumps"
    read = f"Read {dumps}, {counted(routes, 'route')}, {counted(lost, 'octet')} lost"
    page.wrapped((read, ""))
    for source in sources:
        if source.view is not None:
            sessions = ", ".join(dict.fromkeys(session for session, _ in source.views))
            page.line((f"  {source.name}: {source.view}, {source.coverage}, of {sessions}", ""))
