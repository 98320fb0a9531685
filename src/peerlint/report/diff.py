"""The difference between two reports, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.report.finding_entry import rules_of
from peerlint.report.json import dumped
from peerlint.report.phrases import cleaned, label
from peerlint.report.sentence import sentence
from peerlint.results import Difference, FailOn, Finding, RowChange
from peerlint.wording import counted

SCHEMA: Final = "peerlint/diff/2"


def render_diff_json(difference: Difference) -> str:
    """Return the difference as indented JSON, schema `peerlint/diff/2`."""
    return dumped({"schema": SCHEMA, **diff_parts(difference)})


def diff_parts(difference: Difference) -> dict[str, object]:
    """Return the fields of a difference for JSON, with the texts of its rules."""
    findings = (
        *difference.new,
        *difference.fixed,
        *difference.gone,
        *(each for change in difference.changed for each in (change.before, change.after)),
    )
    names = ("new", "fixed", "gone", "changed", "states", "matched")
    parts = {name: getattr(difference, name) for name in names}
    return {"rules": rules_of(finding.rule for finding in findings), **parts}


def render_diff_text(difference: Difference, fail_on: FailOn | None = None) -> str:
    """Return the difference as text, beginning with states that got worse.

    Args:
        difference: the difference.
        fail_on: the level for the line with the reasons of a failure; None to leave the line out.
    """
    reasons = () if fail_on is None else difference.failures(fail_on)
    return "".join(f"{line}\n" for line in _lines(cleaned(difference), reasons))


def _lines(difference: Difference, reasons: tuple[str, ...]) -> Iterator[str]:
    for change in sorted(difference.states, key=lambda change: not change.is_worse):
        yield _row_change_line(change)
        for check in change.checks:
            yield f"    {check.name}: {check.before} -> {check.after}"
    if difference.states:
        yield ""
    for finding in difference.new:
        yield from _finding_lines("new", finding)
    for pair in difference.changed:
        was = f" (was {label(pair.before)})" if label(pair.before) != label(pair.after) else ""
        yield from _finding_lines(f"changed{was}", pair.after)
    for finding in difference.fixed:
        yield from _finding_lines("fixed", finding)
    for finding in difference.gone:
        yield from _finding_lines("gone", finding)
    if difference.matched is not None:
        number = difference.matched
        yield (
            f"The reports have different schemas: {counted(number, 'finding')} with another id "
            f"{'was' if number == 1 else 'were'} matched by rule and subject."
        )
    if reasons:
        yield f"Exit status 1 because of {', '.join(reasons)}."
    counts = ("new", "changed", "fixed", "gone")
    yield ", ".join(f"{len(getattr(difference, name))} {name}" for name in counts)


def _row_change_line(change: RowChange) -> str:
    was = change.before or "not declared"
    becomes = change.after or ("not announced any more" if change.withdrawn else "not declared")
    number = change.key.partition(" #")[2]
    which = f" #{number}" if number else ""
    owner = change.peering if change.service is None else f"service prefix of {change.service}"
    return f"{change.prefix}{which} ({owner}): {was} -> {becomes}"


def _finding_lines(head: str, finding: Finding) -> Iterator[str]:
    yield f"{head}: {label(finding)} {finding.rule}  {finding.subject}"
    yield f"    {sentence(finding)}"
