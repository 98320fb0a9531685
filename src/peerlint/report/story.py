"""The story of one prefix or AS: its state, every check with its evidence, what to do next."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.errors import InputError
from peerlint.report.document import Document
from peerlint.report.words import cleaned, explained, label, where
from peerlint.rules import CATALOGUE, Scope
from peerlint.verdicts import (
    AsnVerdict,
    Finding,
    Outcome,
    PrefixVerdict,
    ServiceVerdict,
    Severity,
    State,
)

#: Steps of rules that a later version has renamed or dropped stand last.
_LAST: Final = 99
#: What is asked of a registered AS.
_OF_ASN: Final = (
    "asn.customer-public", "asn.duplicate-registration", "asn.customer-name",
    "registration.key-present",
)  # fmt: skip
_ANEW: Final = "have the prefix validated anew (Test-AzPeeringRegisteredPrefix)"


def render_story(document: Document, subject: str) -> str:
    """Return everything that a report says of a prefix, registered or activated, or of an AS.

    Args:
        document: the report.
        subject: a prefix as the inventory has it, or a registered AS such as AS64501.

    Raises:
        InputError: the report knows no such prefix and no such registered AS.
    """
    number = subject.casefold().removeprefix("as")
    chapters = [
        *(_registered(document, one) for one in document.prefixes if one.prefix == subject),
        *(_service(document, one) for one in document.service_prefixes if one.prefix == subject),
        *(_asn(document, one) for one in document.registered_asns if str(one.asn) == number),
    ]
    if not chapters:
        prefixes = [one.prefix for one in document.prefixes]
        prefixes += [one.prefix for one in document.service_prefixes]
        named = [*dict.fromkeys(prefixes), *(f"AS{one.asn}" for one in document.registered_asns)]
        more = ", ..." if len(named) > 5 else ""
        listed = ", ".join(named[:5]) or "it has none"
        expected = f"a prefix or a registered AS of the report: {listed}{more}"
        raise InputError("prefix", expected=expected, found=subject)
    return "\n".join("\n".join(chapter) + "\n" for chapter in chapters)


def _registered(document: Document, verdict: PrefixVerdict) -> Iterator[str]:
    services = {each.service for each in document.service_prefixes}
    findings = [
        cleaned(finding)
        for finding in document.findings
        if finding.subject.prefix == verdict.prefix
        and finding.subject.peering in (None, verdict.peering)
        and not (_is_of_service(finding) and services)
    ]
    findings.sort(key=lambda finding: _step(finding.rule))
    verdict = cleaned(verdict)
    name = f", {verdict.name}" if verdict.name else ""
    yield f"{verdict.prefix}{name}, registered with {verdict.peering}"
    yield f"seen by peerlint as {verdict.state}, by Azure as {verdict.azure_state or '(not known)'}"
    yield f"next: {_next(verdict, findings)}"
    yield from _checks(verdict.passed, findings)
    yield ""
    yield "Words of this prefix on its sessions:"
    row = document.matrix.rows.get(verdict.prefix, {})
    if not row:
        yield "  nothing is wrong on any of them"
    for session, word in row.items():
        yield f"  {session}: {word}"


def _service(document: Document, verdict: ServiceVerdict) -> Iterator[str]:
    findings = [
        cleaned(finding)
        for finding in document.findings
        if finding.subject.prefix == verdict.prefix
        and _is_of_service(finding)
        and f"{finding.about} ".startswith(f"{verdict.service} ")
    ]
    findings.sort(key=lambda finding: _step(finding.rule))
    verdict = cleaned(verdict)
    name = f", {verdict.name}" if verdict.name else ""
    yield f"{verdict.prefix}{name}, service prefix of {verdict.service}"
    learned = f", learned by {verdict.learned_type}" if verdict.learned_type else ""
    yield f"seen by Azure as {verdict.azure_state or '(not known)'}{learned}"
    yield f"next: {_next_of_service(verdict, findings)}"
    yield from _checks(verdict.passed, findings)


def _asn(document: Document, verdict: AsnVerdict) -> Iterator[str]:
    number = f"AS{verdict.asn}"
    findings = [
        cleaned(finding)
        for finding in document.findings
        if finding.about == number
        and finding.subject.peering == verdict.peering
        and finding.rule in _OF_ASN
    ]
    findings.sort(key=lambda finding: _step(finding.rule))
    verdict = cleaned(verdict)
    name = f", {verdict.name}" if verdict.name else ""
    key = "known" if verdict.has_key else "not known"
    yield f"{number}{name}, registered with {verdict.peering}"
    yield f"seen by Azure as {verdict.azure_state or '(not known)'}, its key is {key}"
    yield f"next: {_next_of_asn(verdict, findings)}"
    found = {finding.rule for finding in findings}
    # Azure validates no registered AS: its key is all that there is to wait for.
    yield from _checks(tuple(rule for rule in _OF_ASN if rule not in found), findings)


def _checks(passed: tuple[str, ...], findings: list[Finding]) -> Iterator[str]:
    yield ""
    yield "Every check, in Microsoft's order:"
    steps = {*passed, *(finding.rule for finding in findings)}
    for rule in sorted(steps, key=lambda rule: (_step(rule), rule)):
        own = [finding for finding in findings if finding.rule == rule]
        if not own:
            yield f"  {_number(rule)}  ok        {rule}"
        for finding in own:
            yield f"  {_number(rule)}  {label(finding):<9} {rule}  {where(finding)}".rstrip()
            yield from (f"      {line}" for line in explained(finding))
        if any(finding.outcome is Outcome.FAIL for finding in own) and (advice := _advice(rule)):
            yield f"      fix: {advice}"


def _is_of_service(finding: Finding) -> bool:
    rule = CATALOGUE.get(finding.rule)
    return rule is not None and rule.scope is Scope.SERVICE_PREFIX


def _next(verdict: PrefixVerdict, findings: list[Finding]) -> str:
    """Return what is missing for the next state (spec D2)."""
    first = _first_error(findings) or "what failed"
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


def _next_of_service(verdict: ServiceVerdict, findings: list[Finding]) -> str:
    """Return what is missing until it is activated (spec D4)."""
    azure = (verdict.azure_state or "").casefold()
    if first := _first_error(findings):
        return f"mend {first}; a service prefix cannot be edited, but deleted and created anew"
    if azure == "verified":
        learned = (verdict.learned_type or "").casefold()
        if learned == "none":
            return "Microsoft has to learn it from the provider: announce it in both locations"
        return "it is activated"
    if azure in ("failed", "invalid"):
        return "nothing to mend is seen here: read Azure's message, delete it and create it anew"
    return "Azure has to say Verified: create it with the key of its registration, or wait"


def _next_of_asn(verdict: AsnVerdict, findings: list[Finding]) -> str:
    """Return what is missing until the customer can activate prefixes (spec D3)."""
    azure = (verdict.azure_state or "").casefold()
    if first := _first_error(findings):
        return f"mend {first}"
    if azure in ("failed", "canceled"):
        return "register it anew: a connection is Active, and it is registered nowhere else"
    if azure != "succeeded":
        return "Azure has to say Succeeded: register it once a connection is Active, or wait"
    if not verdict.has_key:
        return "look its key up in the portal"
    return "it is registered: hand its key to the customer, for all prefixes of the AS"


def _first_error(findings: list[Finding]) -> str | None:
    return next(
        (
            finding.rule
            for finding in findings
            if finding.outcome is Outcome.FAIL
            and finding.severity is Severity.ERROR
            and finding.rule != "activation.state"  # Azure's word, nothing to mend
        ),
        None,
    )


def _when_good(azure: str) -> str:
    """Return what is missing where every check passes, by the state that Azure shows."""
    if azure == "verified":
        return "it is registered: hand its key to the customer, who activates it"
    if azure in ("failed", "invalid"):
        return f"nothing to mend is seen here: {_ANEW}"
    return "Azure has to say Verified: register it, or wait for its validation"


def _advice(rule: str) -> str | None:
    return CATALOGUE[rule].fix if rule in CATALOGUE else None


def _step(rule: str) -> int:
    return CATALOGUE[rule].step if rule in CATALOGUE else _LAST


def _number(rule: str) -> str:
    step = _step(rule)
    return " -" if step == _LAST else f"{step:>2}"
