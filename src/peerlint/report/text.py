"""The report as a person reads it on a terminal."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from typing import Final

from rich.console import Console
from rich.table import Table
from rich.text import Text

from peerlint.observe import SourceSummary
from peerlint.verdicts import (
    NOT_ASKED,
    OK,
    Finding,
    Outcome,
    PeeringSummary,
    PrefixVerdict,
    Report,
    Severity,
    State,
)

#: Columns of a page that is no terminal.
WIDTH: Final = 100
_COLOURS: Final = {
    State.VERIFIED: "green",
    State.WARNING: "yellow",
    State.UNKNOWN: "magenta",
    State.PENDING: "cyan",
    State.FAILED: "red",
    State.INVALID: "red",
}
_SEVERITY_COLOURS: Final = {
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.INFO: "blue",
}
_INDENT: Final = " " * 11
_DUMPS: Final = ("routes", "communities")
#: What is missing where something was not checked, by the need of the rule.
_WANTED: Final = {
    "routes": "dumps",
    "communities": "dumps",
    "azure": "Azure's exports, or keys of the inventory",
    "attestation": "attestations, or keys of the inventory",
    "irr": "registry data (IRR)",
    "vrps": "registry data (VRPs)",
    "peeringdb": "PeeringDB's data",
    "plan": "a plan",
}


def render_text(report: Report, *, width: int = WIDTH, colour: bool = False) -> str:
    """Return the report as text.

    Args:
        report: what was found out.
        width: columns of the page.
        colour: whether to write terminal colours.
    """
    out = io.StringIO()
    console = Console(
        file=out, width=width, force_terminal=colour, no_color=not colour, highlight=False
    )
    for peering in report.peerings:
        _peering(console, report, peering)
    _left_over(console, report)
    _sources(console, report.sources)
    return out.getvalue()


def _peering(console: Console, report: Report, peering: PeeringSummary) -> None:
    verdicts = [verdict for verdict in report.prefixes if verdict.peering == peering.name]
    verified = sum(verdict.state is State.VERIFIED for verdict in verdicts)
    place = f", {peering.location}" if peering.location else ""
    head = f"{peering.name}  profile {peering.profile}, AS{peering.asn}{place}"
    count = f"{verified} of {len(verdicts)} prefixes would be Verified"
    room = console.width - len(head)
    tail = count.rjust(room) if room >= len(count) + 2 else f"\n{count}"
    console.print(Text(head + tail, style="bold"))
    console.print()
    if verdicts:
        _print_table(console, _matrix(report, verdicts))
        console.print()
    about: dict[str | None, list[Finding]] = {}
    for finding in report.findings:
        if finding.subject.peering == peering.name and _is_shown(finding):
            about.setdefault(finding.subject.prefix, []).append(finding)
    for verdict in verdicts:
        findings = about.pop(verdict.prefix, [])
        if findings:
            name = f"  {verdict.name}" if verdict.name else ""
            title = Text(f"{verdict.prefix}{name}: ", style="bold")
            console.print(title.append(verdict.state, style=_COLOURS[verdict.state]))
            _findings(console, findings)
            console.print()
    rest = [finding for findings in about.values() for finding in findings]
    if rest:
        console.print(Text(f"{peering.name}, its set-up and its sessions:", style="bold"))
        _findings(console, rest)
        console.print()


def _is_shown(finding: Finding) -> bool:
    """Whether a finding stands by itself; what nobody could look at is named once at the end."""
    if finding.outcome is Outcome.UNKNOWN:
        return finding.need in _DUMPS and finding.subject.prefix is not None
    return finding.outcome is not Outcome.ATTESTED


def _left_over(console: Console, report: Report) -> None:
    """Name statements about other things than peerings, what was not checked, what is attested."""
    names = {peering.name for peering in report.peerings}
    stray = [one for one in report.findings if one.subject.peering not in names]
    if stray:
        console.print(Text("Attestations and waivers:", style="bold"))
        _findings(console, stray)
        console.print()
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
        _list(console, f"{head}: {', '.join(found)}")
    if wanting or attested:
        console.print()


def _list(console: Console, text: str) -> None:
    first, *rest = Text(text).wrap(console, console.width - 2)
    console.print(Text(first.plain.rstrip()))
    for line in rest:
        console.print(Text("  ").append(line.plain.rstrip()))


def _matrix(report: Report, verdicts: list[PrefixVerdict]) -> Table:
    matrix = report.matrix()
    table = Table(box=None, pad_edge=False, padding=(0, 3, 0, 0), header_style="")
    table.add_column("prefix", no_wrap=True)
    table.add_column("state", no_wrap=True)
    for session in matrix.sessions:
        table.add_column(f"{session.id}\n{session.router or ''}".rstrip())
    for verdict in verdicts:
        row = matrix.rows[verdict.peering, verdict.prefix]
        cells = [row.get(session.id, NOT_ASKED) for session in matrix.sessions]
        table.add_row(
            Text(verdict.prefix),
            Text(verdict.state, style=_COLOURS[verdict.state]),
            *(Text(cell, style=_cell_colour(cell)) for cell in cells),
        )
    return table


def _cell_colour(word: str) -> str:
    return {OK: "green", NOT_ASKED: "dim", "unknown": "magenta"}.get(word, "red")


def _print_table(console: Console, table: Table) -> None:
    """Print without blanks at the ends of lines, which a table pads to its width."""
    with console.capture() as capture:
        console.print(table)
    for line in capture.get().splitlines():
        console.out(line.rstrip(), highlight=False)


def _findings(console: Console, findings: list[Finding]) -> None:
    for finding in findings:
        is_open = finding.outcome is Outcome.UNKNOWN
        label = str(finding.severity if finding.outcome is Outcome.FAIL else finding.outcome)
        colour = "magenta" if is_open else _SEVERITY_COLOURS[finding.severity]
        line = Text("  ").append(f"{label:<9}", style=colour).append(f"{finding.rule:<31} ")
        line.append(_where(finding)).rstrip()
        console.print(line)
        for text in _lines(finding):
            _wrapped(console, text)


def _where(finding: Finding) -> str:
    subject = finding.subject
    name = subject.session or subject.connection
    if name is None:
        return ""
    return f"{name} ({subject.router})" if subject.router else name


def _lines(finding: Finding) -> Iterator[str]:
    sure = "" if finding.confidence == "observed" else " (inferred: seen before export policy)"
    yield finding.message + sure
    if finding.portal:
        yield f"Microsoft says: {finding.portal[0]}"
    if finding.texts:
        yield f"documents differ: {'; but '.join(finding.texts)}"
    if finding.statement:
        yield finding.statement
    if finding.missing:
        yield f"to decide it: {'; '.join(finding.missing)}"
    seen = "; ".join(f"{e.file}, record at octet {e.record:,}" for e in finding.evidence[:1])
    basis = f"basis: {', '.join(finding.basis)}" if finding.basis else ""
    yield from filter(None, ["; ".join(filter(None, (f"seen in {seen}" if seen else "", basis)))])


def _wrapped(console: Console, text: str) -> None:
    for line in Text(text).wrap(console, console.width - len(_INDENT)):
        console.print(Text(_INDENT).append(line.plain.rstrip()))


def _sources(console: Console, sources: Iterable[SourceSummary]) -> None:
    sources = list(sources)
    for source in sources:
        for text in source_remarks(source):
            console.print(Text(f"{source.name}: {text}"), soft_wrap=True)
    routes = sum(source.quality.entries for source in sources)
    lost = sum(source.quality.lost for source in sources)
    console.print(
        f"Read {len(sources)} {'dump' if len(sources) == 1 else 'dumps'}, {routes:,} routes, "
        f"{lost:,} octets lost"
    )
    for source in sources:
        if source.view is not None:
            sessions = ", ".join(dict.fromkeys(session for session, _ in source.views))
            line = f"  {source.name}: {source.view}, {source.coverage}, of {sessions}"
            console.print(Text(line), soft_wrap=True)


def source_remarks(source: SourceSummary) -> Iterator[str]:
    """Yield what a user has to know about a dump: damage, what was skipped, who is unknown."""
    quality = source.quality
    if source.error is not None:
        yield source.error
        return
    if quality.octets == 0:
        yield "it is empty"
    if quality.cut is not None:
        yield quality.cut
    for damage in quality.damage[:3]:
        yield f"damaged at {damage}"
    if quality.damages > 3:
        more = quality.damages - 3
        yield f"{more:,} more damaged {'place' if more == 1 else 'places'}"
    for kind, subtype, records in quality.unsupported:
        yield f"{records:,} records of MRT type {kind}, subtype {subtype} skipped: not supported"
    if quality.malformed:
        yield f"{quality.malformed:,} routes treated as withdrawn for malformed attributes"
    if source.strangers:
        named = ", ".join(f"{peer} ({count:,} routes)" for peer, count in source.strangers[:5])
        more = len(source.strangers) - 5
        yield f"not judged, no session: {named}{f' and {more} more' if more > 0 else ''}"
