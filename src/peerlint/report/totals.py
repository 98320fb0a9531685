"""The first and the last line of the text report: totals, and the exit status with its reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from peerlint.report.phrases import cleaned
from peerlint.results import (
    Check,
    FailOn,
    Outcome,
    PrefixResult,
    Report,
    ServicePrefixResult,
    Severity,
    State,
)
from peerlint.rules import CATALOGUE, Need
from peerlint.wording import counted

_Row = PrefixResult | ServicePrefixResult
#: Returns the text for an undecided check; None to give no text.
_NameOf = Callable[[Check], str] | None
#: The undecided states, in the order in which they are counted.
_UNDECIDED: Final = (State.UNKNOWN, State.PENDING)
_ONE: Final = {str(Severity.ERROR): "an error", str(Severity.WARNING): "a warning"}
#: The beginning of the missing data of a check for which there are no registry data at all.
_REGISTRY: Final = "registry data (IRR)"
_OPTION: Final = "--registry"
_ATTESTED: Final = ", or an attestation"
#: The most unusable sources that are named.
_NAMED: Final = 3


def render_totals(report: Report, fail_on: FailOn, width: int) -> str:
    """Return the first and the last line, which `--quiet` prints instead of the whole report.

    Args:
        report: the report.
        fail_on: the level of failure.
        width: the width of the text, in columns.
    """
    report = cleaned(report)
    return f"{first_line(report, width)}\n{last_line(report, fail_on)}\n"


def first_line(report: Report, width: int) -> str:
    """Return the totals: errors, and states of prefixes.

    Args:
        report: the report.
        width: the width of the text, in columns. If the line is longer, undecided checks are named
            without advice, or only counted.
    """
    errors = _errors(report)
    forms: tuple[_NameOf, ...] = (_brief_advice, lambda check: check.name, None)
    line = ""
    for name_of in forms:
        line = "; ".join((errors, *_states(report, name_of)))
        if len(line) <= width:
            break
    return line


def last_line(report: Report, fail_on: FailOn) -> str:
    """Return the number of findings, and the exit status with its reason.

    Args:
        report: the report.
        fail_on: the level of failure.
    """
    severities = Counter(
        finding.severity for finding in report.findings if finding.outcome is Outcome.FAIL
    )
    errors = counted(severities[Severity.ERROR], "error")
    warnings = counted(severities[Severity.WARNING], "warning")
    return f"{errors}, {warnings}; {_exit(report, fail_on)}"


def advice(check: Check) -> str:
    """Return the data or attestation that would decide an undecided check."""
    rule, missing = _attestable(check), "; ".join(check.missing)
    if rule is None:
        return missing or "data of its rule"
    if not missing or missing.startswith(_REGISTRY):
        return f"give {_OPTION}, or attest {rule}" if missing else f"attest {rule}"
    return f"{missing.removesuffix(_ATTESTED)}, or attest {rule}"


def _brief_advice(check: Check) -> str:
    rule = _attestable(check)
    if rule is not None and "; ".join(check.missing).startswith(_REGISTRY):
        return f"{check.name}: give {_OPTION}"
    return advice(check) if rule is None else f"attest {rule}"


def _attestable(check: Check) -> str | None:
    """Return the rule of a check that an attestation can decide; None without one."""
    known = [each for each in check.rules if each in CATALOGUE]
    return next((each for each in known if Need.ATTESTATION in CATALOGUE[each].needs), None)


def _errors(report: Report) -> str:
    rows = {(row.peering, row.prefix) for row in report.prefixes}
    errors = [each for each in report.failed(Severity.ERROR) if each.severity is Severity.ERROR]
    hit = [key for each in errors if (key := (each.subject.peering, each.subject.prefix)) in rows]
    number = counted(len(errors), "error")
    if not hit:
        return number
    prefixes = f"{len(set(hit)):,} of {counted(len(rows), 'prefix', 'prefixes')}"
    if len(hit) == len(errors):
        return f"{number} on {prefixes}"
    return f"{number}, {len(hit):,} of them on {prefixes}"


def _states(report: Report, name_of: _NameOf) -> Iterator[str]:
    if not report.prefixes and not report.service_prefixes:
        yield "no prefix to verify"
    if report.prefixes:
        yield _verified(report.prefixes, "", name_of)
    if report.service_prefixes:
        yield _verified(report.service_prefixes, "service prefixes ", name_of)


def _verified(rows: Sequence[_Row], noun: str, name_of: _NameOf) -> str:
    verified = [row for row in rows if row.state is State.VERIFIED]
    partly = [row for row in verified if row.undecided]
    parts = [f"{len(verified) - len(partly):,} of {len(rows):,} {noun}Verified"]
    if partly:
        undecided = [check for row in partly for check in row.undecided]
        named = "" if name_of is None else f" ({', '.join(dict.fromkeys(map(name_of, undecided)))})"
        parts.append(f"{len(partly):,} more with checks undecided{named}")
    states = Counter(row.state for row in rows)
    parts += [f"{states[state]:,} {state}" for state in _UNDECIDED if states[state]]
    return ", ".join(parts)


def _exit(report: Report, fail_on: FailOn) -> str:
    if not report.is_readable:
        return f"exit 3 because {_listed([*_unreadable(report)])}"
    reasons = report.failures(fail_on)
    if not reasons:
        return "exit 0"
    words = [_without_number(each) for each in reasons]
    is_open = any(word == reason for word, reason in zip(words, reasons, strict=True))
    why = "" if report.sources or not is_open else ": no source was given"
    return f"exit 1 because of {' and '.join(words)}{why}"


def _unreadable(report: Report) -> Iterator[str]:
    for source in report.sources:
        if source.error is not None:
            yield f"{source.name} could not be read"
        elif not source.is_sound:
            yield f"{source.name} is {'damaged' if source.quality.octets else 'empty'}"
        elif not source.shows_a_session:
            yield f"{source.name} shows no session of the inventory"


def _listed(reasons: Sequence[str]) -> str:
    more = len(reasons) - _NAMED
    return ", ".join([*reasons[:_NAMED], *([f"and {more:,} more"] if more > 0 else [])])


def _without_number(reason: str) -> str:
    """Return a reason without the number of errors or warnings, which the line already has."""
    number, _, noun = reason.partition(" ")
    one = _ONE.get(noun.removesuffix("s"))
    if one is None:
        return reason
    return one if number == "1" else noun
