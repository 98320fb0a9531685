"""The report as a person reads it on a terminal: what is wrong first, and each cause once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from rich.cells import cell_len

from peerlint.report.grid import grid, states
from peerlint.report.grouping import Detail, Group, groups
from peerlint.report.paper import Page
from peerlint.report.sources import sources_text
from peerlint.report.subjects import Names, counted, listed
from peerlint.report.totals import first_line, last_line
from peerlint.report.unchecked import unchecked
from peerlint.report.words import cleaned, source_remarks, verdicts_of
from peerlint.rules import CATALOGUE
from peerlint.rules.documents import basis_text, with_titles
from peerlint.verdicts import FailOn, Finding, Outcome, Report, Severity

#: Columns of a page that is no terminal.
WIDTH: Final = 100
_COLOURS: Final = {
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.INFO: "blue",
}
#: So many details of one rule are told; the others are counted, and named in the matrix.
_DETAILS: Final = 8
#: So many addresses or names of one message of Microsoft's.
_ENDS: Final = 4


def render_text(
    report: Report,
    *,
    fail_on: FailOn = FailOn.OPEN,
    verbose: bool = False,
    width: int = WIDTH,
    colour: bool = False,
) -> str:
    """Return the report as text.

    The totals, the matrices of all peerings, then what failed, each cause once with all prefixes
    and sessions that share it, what was not checked, the sources, and what the program exits with.
    JSON has every finding by itself.

    Args:
        report: what was found out.
        fail_on: what counts as a failure, for the last line.
        verbose: whether to show evidence, documents, and every rule that was not checked.
        width: columns of the page.
        colour: whether to write terminal colours.
    """
    report = cleaned(report)
    page = Page(width, colour=colour)
    page.wrapped((first_line(report, width), "bold"))
    page.line()
    _matrices(page, report)
    names = Names.of(report)
    found = groups(report)
    for group in found:
        _group(page, group, names, verbose=verbose)
    if found:
        page.line()
    _left_open(page, report, verbose=verbose)
    page.wrapped((last_line(report, fail_on), "bold"))
    return page.text()


def _matrices(page: Page, report: Report) -> None:
    verdicts = verdicts_of(report)
    for peering in report.peerings:
        place = f", {peering.location}" if peering.location else ""
        title = f"{peering.name}  {peering.profile}, AS{peering.asn}{place}"
        if verdicts[peering.name]:
            for line in grid(title, report.cells, verdicts[peering.name], page.width):
                page.line(*line)
        else:
            page.wrapped((title, "bold"), (": no prefix is registered", ""))
        page.line()
    services = dict.fromkeys(each.service for each in report.service_prefixes)
    for service in services:
        rows = [each for each in report.service_prefixes if each.service == service]
        for line in states(f"{service}  service prefixes", rows, page.width):
            page.line(*line)
        page.line()


# -- what failed


def _group(page: Page, group: Group, names: Names, *, verbose: bool) -> None:
    """Write one rule's findings: what is wrong where, what was found, what to do."""
    is_waived = group.first.outcome is Outcome.WAIVED
    label = f"{group.label}  "
    colour = "magenta" if is_waived else _COLOURS[group.first.severity]
    room = page.width - len(label)
    lines = _with_id([*_lines(page, group, names, room, verbose=verbose)], group.rule, room)
    for number, line in enumerate(lines):
        if number:
            page.line((" " * len(label) + line, ""))
        else:
            page.line((label, colour), (line, ""))


def _lines(page: Page, group: Group, names: Names, room: int, *, verbose: bool) -> Iterator[str]:
    rule = CATALOGUE.get(group.rule)
    title = group.rule if rule is None else rule.title
    details = group.details if verbose else group.details[:_DETAILS]
    head = _head(title, group, names, room)
    if head is None:
        said = [title]
        said += [_told(each, names, verbose=verbose) for each in details]
        if rest := group.details[len(details) :]:
            subjects = names.subjects(one for each in rest for one in each.findings)
            said.append(f"{subjects}: {len(rest):,} more such")
    else:
        said = [head, _message(group.details[0], verbose=verbose)]
    for text in _with_microsoft(said, group, room):
        yield from page.broken(text, room)
    for text in _more(group, names, verbose=verbose):
        yield from page.broken(text, room)
    if rule is not None and rule.fix is not None and group.statement is None:
        yield from page.broken(f"fix: {rule.fix}", room)


def _head(title: str, group: Group, names: Names, room: int) -> str | None:
    """Return title and subjects, if all findings say one thing and their names fit in the line."""
    if len(group.details) == 1:
        for short in (False, True):
            head = f"{title}: {names.subjects(group.findings, short=short)}"
            if cell_len(head) <= room:
                return head
    return None


def _told(detail: Detail, names: Names, *, verbose: bool) -> str:
    return f"{names.subjects(detail.findings)}: {_message(detail, verbose=verbose)}"


def _message(detail: Detail, *, verbose: bool) -> str:
    return detail.message if verbose else detail.brief


def _with_microsoft(said: list[str], group: Group, room: int) -> list[str]:
    """Return paragraphs with what Microsoft would say: behind the first that has room for it."""
    words = _microsoft(group.findings)
    if words is None:
        return said
    for number in (len(said) - 1, 0):
        text = said[number]
        joined = f"{text}{'' if text.endswith(('?', '.')) else '.'} {words}"
        if cell_len(joined) <= room:
            return [*said[:number], joined, *said[number + 1 :]]
    return [*said, words]


def _microsoft(findings: Iterable[Finding]) -> str | None:
    """Return what the portal would say; of texts that differ in their last word, all of these."""
    texts = dict.fromkeys(each.portal[0] for each in findings if each.portal)
    if not texts:
        return None
    heads = dict.fromkeys(text.rpartition(" ")[0] for text in texts)
    if len(texts) == 1 or len(heads) > 1:
        text = next(iter(texts))
        # What stands in brackets at the end is our remark.
        return f"Microsoft says: {text if text.startswith('(') else text.partition(' (')[0]}"
    ends = listed([text.rpartition(" ")[2] for text in texts], _ENDS)
    return f"Microsoft says: {next(iter(heads))} {ends}"


def _more(group: Group, names: Names, *, verbose: bool) -> Iterator[str]:
    """Yield what stands behind a finding: other rules, statements, and if wanted the evidence."""
    for rule in dict.fromkeys(each.rule for each in group.same):
        these = [each for each in group.same if each.rule == rule]
        yield f"{rule} says the same of {names.subjects(these)}"
    if group.statement:
        yield group.statement
    if not verbose:
        return
    first = group.first
    if first.texts:
        yield f"documents differ: {'; but '.join(map(with_titles, first.texts))}"
    for detail in group.details:
        for seen in detail.findings[0].evidence:
            yield f"seen in {seen.file}, record at octet {seen.record:,}: {seen.route}"
    if first.basis:
        yield f"basis: {basis_text(first.basis)}"


def _with_id(lines: list[str], rule: str, room: int) -> list[str]:
    """Return lines with a rule's id at the right margin of the last one that has room for it."""
    for number in reversed(range(len(lines))):
        blanks = room - cell_len(lines[number]) - len(rule)
        if blanks >= 2:
            return [*lines[:number], f"{lines[number]}{' ' * blanks}{rule}", *lines[number + 1 :]]
    return [*lines, rule.rjust(room)]


# -- what is left


def _left_open(page: Page, report: Report, *, verbose: bool) -> None:
    """Name what was not checked, what people vouch for, and what was read."""
    _listed(page, "Not checked: ", [*unchecked(report, verbose=verbose)])
    _listed(page, "Attested: ", [*_attested(report, verbose=verbose)])
    _listed(page, "Remark: ", [*report.remarks])
    page.hanging(sources_text(report.sources), "  ")
    for source in report.sources:
        for text in source_remarks(source):
            page.hanging(f"  {source.name}: {text}", "    ")


def _attested(report: Report, *, verbose: bool) -> Iterator[str]:
    rules: dict[str, dict[str, None]] = {}
    for finding in report.findings:
        if finding.outcome is Outcome.ATTESTED:
            said = (finding.statement or "").removeprefix("attested ")
            rules.setdefault(said, {})[finding.rule] = None
    if verbose:
        yield from (f"{', '.join(found)} {said}" for said, found in rules.items())
    elif rules:
        (said, first), *others = rules.items()
        rest = "".join(f", {len(found):,} {said}" for said, found in others)
        yield f"{counted(len(first), 'rule')} {said}{rest}"


def _listed(page: Page, head: str, lines: list[str]) -> None:
    """Write a paragraph for each line; the head stands in front of the first one."""
    for number, line in enumerate(lines):
        page.hanging(f"{'  ' if number else head}{line}", "    " if number else "  ")
