"""The report as text for a terminal: problems first, and each cause once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from rich.cells import cell_len

from peerlint.report.grouping import STATEMENTS, Detail, Group, groups
from peerlint.report.matrix import matrix_lines, state_lines
from peerlint.report.phrases import (
    cleaned,
    label,
    no_prefix,
    place_of,
    results_by_peering,
    source_remarks,
)
from peerlint.report.registry_lines import registry_text
from peerlint.report.sources import is_told, sources_text
from peerlint.report.subjects import Names
from peerlint.report.terminal import TextOutput
from peerlint.report.totals import first_line, last_line
from peerlint.report.unchecked import unchecked
from peerlint.results import FailOn, Finding, Outcome, Report, Severity
from peerlint.rules import CATALOGUE
from peerlint.rules.documents import basis_text, with_titles
from peerlint.wording import counted, listed

#: The width of an output that is not a terminal, in columns.
WIDTH: Final = 100
_COLOURS: Final = {
    Severity.ERROR: "red",
    Severity.WARNING: "yellow",
    Severity.INFO: "blue",
}
#: The most details of one rule that are shown; the others are counted.
_DETAILS: Final = 8
#: The most addresses or names in one message of Microsoft's.
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

    It has the totals, the matrices of all peerings, the failures by cause with their prefixes and
    sessions, what was not checked, the sources, and the exit status.

    Args:
        report: the report.
        fail_on: the level of failure, for the last line.
        verbose: whether to show evidence, documents, and all rules that were not checked.
        width: the width of the text, in columns.
        colour: whether to write terminal colours.
    """
    report = cleaned(report)
    page = TextOutput(width, colour=colour)
    page.wrapped((first_line(report, width), "bold"))
    page.line()
    _matrices(page, report, is_full=verbose)
    names = Names.of(report, is_full=verbose)
    found = groups(report)
    for group in found:
        _group(page, group, names, verbose=verbose)
    if found:
        page.line()
    _left_open(page, report, verbose=verbose)
    page.wrapped((last_line(report, fail_on), "bold"))
    return page.text()


def _matrices(page: TextOutput, report: Report, *, is_full: bool) -> None:
    results = results_by_peering(report)
    for peering in report.peerings:
        place = f", {peering.location}" if peering.location else ""
        title = f"{peering.name}  {peering.profile}, AS{peering.asn}{place}"
        if results[peering.name]:
            registered = results[peering.name]
            for line in matrix_lines(title, report.cells, registered, page.width, is_full=is_full):
                page.line(*line)
        else:
            page.wrapped((title, "bold"), (f": {no_prefix(peering)}", ""))
        page.line()
    services = dict.fromkeys(each.service for each in report.service_prefixes)
    for service in services:
        rows = [each for each in report.service_prefixes if each.service == service]
        for line in state_lines(f"{service}  service prefixes", rows, page.width):
            page.line(*line)
        page.line()


# -- what failed


def _group(page: TextOutput, group: Group, names: Names, *, verbose: bool) -> None:
    """Write the findings of a group: title and subjects, what was found, what to do."""
    is_waived = group.first.outcome is Outcome.WAIVED
    label = f"{group.label}  "
    colour = "magenta" if is_waived else _COLOURS[group.first.severity]
    room = page.width - len(label)
    lines = [*_lines(page, group, names, room, verbose=verbose)]
    if group.rule != STATEMENTS:
        lines = _with_id(lines, group.rule, room)
    for number, line in enumerate(lines):
        if number:
            page.line((" " * len(label) + line, ""))
        else:
            page.line((label, colour), (line, ""))


def _lines(
    page: TextOutput, group: Group, names: Names, room: int, *, verbose: bool
) -> Iterator[str]:
    details = group.details if verbose else group.details[:_DETAILS]
    head = _head(group, names, room)
    if len(details) == 1 and group.label == Severity.INFO and not verbose:
        # The title of an information adds little to the message.
        texts = [f"{names.subjects(group.findings, group.label)}: {details[0].brief}"]
    elif head is not None:
        texts = [head, _message(group.details[0], verbose=verbose)]
    elif group.rule == STATEMENTS:
        texts = [cause_title(group), *(each.message for each in group.details)]
    else:
        texts = [cause_title(group)]
        for each in details:
            subjects = names.subjects(each.findings, group.label)
            texts.append(f"{subjects}: {_message(each, verbose=verbose)}")
        if rest := group.details[len(details) :]:
            found = (one for each in rest for one in each.findings)
            subjects = names.subjects(found, group.label)
            texts.append(f"{subjects}: {len(rest):,} more such")
    if group.label != Severity.INFO or verbose:
        texts = _with_portal_text(texts, group, room)
    for text in texts:
        yield from page.broken(text, room)
    for text in _more(group, names, verbose=verbose):
        yield from page.broken(text, room)
    if fix := cause_fix(group):
        yield from page.broken(f"fix: {fix}", room)


def cause_title(group: Group) -> str:
    """Return the title of a group's rule."""
    if group.rule == STATEMENTS:
        return "An attestation or a waiver does not count, or concerns nothing"
    return CATALOGUE[group.rule].title if group.rule in CATALOGUE else group.rule


def cause_fix(group: Group) -> str | None:
    """Return what to do about a group; None if it is waived."""
    if group.rule == STATEMENTS:
        return "correct it in the inventory, or delete it"
    is_waived = group.statement is not None
    return None if is_waived or group.rule not in CATALOGUE else CATALOGUE[group.rule].fix


def _head(group: Group, names: Names, room: int) -> str | None:
    """Return title and subjects on one line; None if there are several details or no room."""
    if len(group.details) == 1 and group.rule != STATEMENTS:
        for short in (False, True):
            head = (
                f"{cause_title(group)}: {names.subjects(group.findings, group.label, short=short)}"
            )
            if cell_len(head) <= room:
                return head
    return None


def _message(detail: Detail, *, verbose: bool) -> str:
    return detail.message if verbose else detail.brief


def _with_portal_text(texts: list[str], group: Group, room: int) -> list[str]:
    """Return paragraphs with the portal's message, in the last or first line if it has room."""
    message = portal_text(group.findings)
    if message is None:
        return texts
    for number in (len(texts) - 1, 0):
        text = texts[number]
        joined = f"{text}{'' if text.endswith(('?', '.')) else '.'} {message}"
        if cell_len(joined) <= room:
            return [*texts[:number], joined, *texts[number + 1 :]]
    return [*texts, message]


def portal_text(findings: Iterable[Finding]) -> str | None:
    """Return the message that the portal would show; None without one.

    Messages that differ in their last word only are merged.
    """
    # A text in brackets, alone or at the end, is a remark of peerlint's.
    messages = (each.portal[0].partition("(")[0].rstrip() for each in findings if each.portal)
    texts = dict.fromkeys(message for message in messages if message)
    if not texts:
        return None
    heads = dict.fromkeys(text.rpartition(" ")[0] for text in texts)
    if len(texts) == 1 or len(heads) > 1:
        return f"Microsoft says: {next(iter(texts))}"
    ends = listed([text.rpartition(" ")[2] for text in texts], _ENDS)
    return f"Microsoft says: {next(iter(heads))} {ends}"


def _more(group: Group, names: Names, *, verbose: bool) -> Iterator[str]:
    """Yield the further lines of a group: other rules, statements, and if verbose the evidence."""
    for rule in dict.fromkeys(each.rule for each in group.same):
        these = [each for each in group.same if each.rule == rule]
        yield f"{rule} says the same of {names.subjects(these, label(these[0]))}"
    if group.statement:
        yield group.statement
    if not verbose:
        return
    first = group.first
    if first.texts:
        yield f"documents differ: {'; but '.join(map(with_titles, first.texts))}"
    for detail in group.details:
        for seen in detail.findings[0].evidence:
            yield f"seen in {place_of(seen)}: {seen.route}"
    if first.basis:
        yield f"basis: {basis_text(first.basis)}"


def _with_id(lines: list[str], rule: str, room: int) -> list[str]:
    """Return lines with a rule's id at the right margin of the last line that has room for it."""
    for number in reversed(range(len(lines))):
        blanks = room - cell_len(lines[number]) - len(rule)
        if blanks >= 2:
            return [*lines[:number], f"{lines[number]}{' ' * blanks}{rule}", *lines[number + 1 :]]
    return [*lines, rule.rjust(room)]


# -- what is left


def _left_open(page: TextOutput, report: Report, *, verbose: bool) -> None:
    """Write what was not checked, the attestations, the remarks and the sources."""
    _listed(page, "Not checked: ", [*unchecked(report, verbose=verbose)])
    _listed(page, "Attested: ", [*_attested(report, verbose=verbose)])
    _listed(page, "Remark: ", [*report.remarks])
    page.hanging(sources_text(report.sources), "  ")
    if report.registry_sources:
        page.hanging(registry_text(report.registry_sources), "  ")
    for source in report.sources:
        for text in source_remarks(source):
            if not is_told(source, text):
                page.hanging(f"  {source.name}: {text}", "    ")


def _attested(report: Report, *, verbose: bool) -> Iterator[str]:
    rules: dict[str, dict[str, None]] = {}
    for finding in report.findings:
        if finding.outcome is Outcome.ATTESTED:
            author = (finding.statement or "").removeprefix("attested ")
            rules.setdefault(author, {})[finding.rule] = None
    if verbose:
        yield from (f"{', '.join(found)} {author}" for author, found in rules.items())
    elif rules:
        (author, first), *others = rules.items()
        rest = "".join(f", {len(found):,} {other}" for other, found in others)
        yield f"{counted(len(first), 'rule')} {author}{rest}"


def _listed(page: TextOutput, head: str, lines: list[str]) -> None:
    """Write a paragraph for each line, with the head before the first one."""
    for number, line in enumerate(lines):
        page.hanging(f"{'  ' if number else head}{line}", "    " if number else "  ")
