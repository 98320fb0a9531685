"""The story of one prefix: where it stands, every check with its evidence, what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.errors import InputError
from peerlint.report.document import Document
from peerlint.report.words import cleaned, explained, label, where
from peerlint.rules import CATALOGUE
from peerlint.verdicts import Finding, Outcome, PrefixVerdict, Severity, State

#: Steps of rules that a later version has renamed or dropped stand last.
_LAST: Final = 99
_TO_DO: Final = "What to do: "
_ANEW: Final = "have the prefix validated anew (Test-AzPeeringRegisteredPrefix)"


def render_story(document: Document, prefix: str) -> str:
    """Return everything that a report says of a registered prefix.

    Args:
        document: the report.
        prefix: as the inventory has it.

    Raises:
        InputError: the report knows no such registered prefix.
    """
    verdicts = [verdict for verdict in document.prefixes if verdict.prefix == prefix]
    if not verdicts:
        known = ", ".join(verdict.prefix for verdict in document.prefixes[:5])
        more = ", ..." if len(document.prefixes) > 5 else ""
        expected = f"a registered prefix of the report: {known or 'it has none'}{more}"
        raise InputError("prefix", expected=expected, found=prefix)
    chapters = ("\n".join(_chapter(document, verdict)) + "\n" for verdict in verdicts)
    return "\n".join(chapters)


def _chapter(document: Document, verdict: PrefixVerdict) -> Iterator[str]:
    findings = [
        cleaned(finding)
        for finding in document.findings
        if finding.subject.prefix == verdict.prefix
        and finding.subject.peering in (None, verdict.peering)
    ]
    findings.sort(key=lambda finding: _step(finding.rule))
    verdict = cleaned(verdict)
    name = f", {verdict.name}" if verdict.name else ""
    yield f"{verdict.prefix}{name}, registered with {verdict.peering}"
    yield f"seen by peerlint as {verdict.state}, by Azure as {verdict.azure_state or '(not known)'}"
    yield f"next: {_next(verdict, findings)}"
    yield ""
    yield "Every check, in Microsoft's order:"
    steps = {*verdict.passed, *(finding.rule for finding in findings)}
    for rule in sorted(steps, key=lambda rule: (_step(rule), rule)):
        own = [finding for finding in findings if finding.rule == rule]
        if not own:
            yield f"  {_number(rule)}  ok        {rule}"
        for finding in own:
            yield f"  {_number(rule)}  {label(finding):<9} {rule}  {where(finding)}".rstrip()
            yield from (f"      {line}" for line in explained(finding))
        if any(finding.outcome is Outcome.FAIL for finding in own) and (advice := _advice(rule)):
            yield f"      what to do: {advice}"
    yield ""
    yield "Words of this prefix on its sessions:"
    row = document.matrix.rows.get(verdict.prefix, {})
    if not row:
        yield "  nothing is wrong on any of them"
    for session, word in row.items():
        yield f"  {session}: {word}"


def _next(verdict: PrefixVerdict, findings: list[Finding]) -> str:
    """Return what is missing for the next state (spec D2)."""
    failed = [
        finding
        for finding in findings
        if finding.outcome is Outcome.FAIL and finding.severity is Severity.ERROR
    ]
    first = failed[0].rule if failed else "what failed"
    match verdict.state:
        case State.INVALID:
            return (
                f"mend {first}; a registered prefix cannot be edited, and one that is created anew "
                "has another key"
            )
        case State.PENDING:
            return "a connection of the peering has to become Active; until then nothing is checked"
        case State.FAILED:
            return f"mend {first}, at which Azure stops; then {_ANEW}"
        case State.UNKNOWN:
            missing = [text for finding in findings for text in finding.missing]
            return f"find out: {missing[0] if missing else 'what is announced on every session'}"
        case _:
            return _when_good((verdict.azure_state or "").casefold())


def _when_good(azure: str) -> str:
    """Return what is missing where every check passes, by the state that Azure shows."""
    if azure == "verified":
        return "it is registered: hand its key to the customer, who activates it"
    if azure in ("failed", "invalid"):
        return f"nothing to mend is seen here: {_ANEW}"
    return "Azure has to say Verified: register it, or wait for its validation"


def _advice(rule: str) -> str | None:
    page = CATALOGUE[rule].page if rule in CATALOGUE else ""
    for paragraph in page.split("\n\n"):
        if paragraph.startswith(_TO_DO):
            return " ".join(paragraph.removeprefix(_TO_DO).split())
    return None


def _step(rule: str) -> int:
    return CATALOGUE[rule].step if rule in CATALOGUE else _LAST


def _number(rule: str) -> str:
    step = _step(rule)
    return " -" if step == _LAST else f"{step:>2}"
