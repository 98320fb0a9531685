"""The explanation of one prefix or AS: its state, Microsoft's checks, its rules, the next step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from peerlint.errors import InputError
from peerlint.report.phrases import cleaned, explained, fix_of, label, where
from peerlint.results import (
    NOT_REQUIRED,
    AsnResult,
    Check,
    CheckName,
    CheckResult,
    DecidedBy,
    Finding,
    MatrixSession,
    Outcome,
    PrefixResult,
    Report,
    ServicePrefixResult,
    Severity,
    State,
    StoredReport,
)
from peerlint.rules import CATALOGUE, Scope

#: The step of unknown rules, from reports of other versions: they are listed last.
_LAST: Final = 99
#: The rules about a registered AS.
_OF_ASN: Final = (
    "asn.customer-public", "asn.duplicate-registration", "asn.customer-name",
    "registration.key-present",
)  # fmt: skip
_ANEW: Final = "have the prefix validated anew (Test-AzPeeringRegisteredPrefix)"
_ROUTE_SERVER: Final = "route-server"


def render_explanation(stored: StoredReport, subject: str) -> str:
    """Return everything in a report about a prefix, registered or activated, or about an AS.

    Args:
        stored: the report.
        subject: a prefix as in the inventory, or a registered AS such as "AS64501".

    Raises:
        InputError: the report does not have the prefix or registered AS.
    """
    report = stored.report
    number = subject.casefold().removeprefix("as")
    sections = [
        *(_registered(stored, one) for one in report.prefixes if one.prefix == subject),
        *(_service(report, one) for one in report.service_prefixes if one.prefix == subject),
        *(_asn(report, one) for one in report.registered_asns if str(one.asn) == number),
    ]
    if not sections:
        prefixes = [one.prefix for one in report.prefixes]
        prefixes += [one.prefix for one in report.service_prefixes]
        named = [*dict.fromkeys(prefixes), *(f"AS{one.asn}" for one in report.registered_asns)]
        more = ", ..." if len(named) > 5 else ""
        listed = ", ".join(named[:5]) or "it has none"
        expected = f"a prefix or a registered AS of the report: {listed}{more}"
        raise InputError("prefix", expected=expected, found=subject)
    return "\n".join("\n".join(section) + "\n" for section in sections)


# -- the sections


def _registered(stored: StoredReport, result: PrefixResult) -> Iterator[str]:
    report = stored.report
    at_route_server = result.peering in _route_servers(report)
    findings = _in_order(
        finding
        for finding in report.findings
        if not _is_of_service(finding)
        and (
            finding.key == result.key
            or (finding.key is None and _is_about(finding, result.prefix, result.peering))
        )
    )
    words = report.matrix().rows.get(result.key)
    same = (
        each.key
        for each in report.prefixes
        if (each.peering, each.prefix) == (result.peering, result.prefix)
    )
    which = _which(result.key, same)
    result = cleaned(result)
    how = "announced on" if at_route_server else "registered with"
    yield f"{_head(result)}, {how} {result.peering}{which}"
    yield f"predicted state: {result.label}, state in Azure: {result.azure_state or '(not known)'}"
    yield f"next: {_next(result, findings, at_route_server=at_route_server)}"
    yield from _checks(result.checks)
    yield from _rules(result.passed, findings, at_route_server=at_route_server)
    yield from _words(report.matrix().sessions, words, stored.schema)


def _service(report: Report, result: ServicePrefixResult) -> Iterator[str]:
    at_route_server = result.peering in _route_servers(report)
    named = {rule for check in result.checks for rule in check.rules}
    registered = {each.key for each in report.prefixes}
    findings = _in_order(
        finding
        for finding in report.findings
        if (
            finding.key == result.key
            if _is_of_service(finding)
            # Findings of the registration, or without one, count for the activation too.
            else (finding.rule in named or finding.key not in registered)
            and _is_about(finding, result.prefix, result.peering)
        )
    )
    same = (
        each.key
        for each in report.service_prefixes
        if (each.service, each.prefix) == (result.service, result.prefix)
    )
    which = _which(result.key, same)
    result = cleaned(result)
    yield f"{_head(result)}, service prefix of {result.service}{which}"
    predicted = f"predicted state: {result.label}, " if result.checks else ""
    learned = f", learned by {result.learned_type}" if result.learned_type else ""
    yield f"{predicted}state in Azure: {result.azure_state or '(not known)'}{learned}"
    yield f"next: {_next_of_service(result, findings, at_route_server=at_route_server)}"
    yield from _checks(result.checks)
    yield from _rules(result.passed, findings, at_route_server=at_route_server)


def _asn(report: Report, result: AsnResult) -> Iterator[str]:
    number = f"AS{result.asn}"
    findings = _in_order(
        finding
        for finding in report.findings
        if f"{finding.about} ".startswith(f"{number} ")
        and finding.subject.peering == result.peering
        and finding.rule in _OF_ASN
    )
    result = cleaned(result)
    name = f", {result.name}" if result.name else ""
    key = "known" if result.has_key else "not known"
    yield f"{number}{name}, registered with {result.peering}"
    yield f"state in Azure: {result.azure_state or '(not known)'}, its key is {key}"
    yield f"next: {_next_of_asn(result, findings)}"
    found = {finding.rule for finding in findings}
    # Azure does not validate a registered AS: only its key is needed.
    passed = tuple(rule for rule in _OF_ASN if rule not in found)
    yield from _rules(passed, findings, at_route_server=True)


def _route_servers(report: Report) -> set[str]:
    """Return the names of peerings of route servers, where AS numbers are registered."""
    return {
        *(each.name for each in report.peerings if each.profile == _ROUTE_SERVER),
        *(each.peering for each in report.registered_asns),
        *(
            each.peering
            for each in report.prefixes
            if any(check.name is CheckName.CUSTOMER_REGISTERED for check in each.checks)
        ),
    }


def _is_about(finding: Finding, prefix: str, peering: str) -> bool:
    return finding.subject.prefix == prefix and finding.subject.peering in (None, peering)


def _is_of_service(finding: Finding) -> bool:
    """Whether a finding is about a service prefix; its peering may have the service's name."""
    rule = CATALOGUE.get(finding.rule)
    return rule is not None and rule.scope is Scope.SERVICE_PREFIX


def _in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return findings in the order of Microsoft's checks, with texts that are safe to print."""
    return sorted(map(cleaned, findings), key=lambda finding: _step(finding.rule))


def _head(result: PrefixResult | ServicePrefixResult) -> str:
    return f"{result.prefix}, {result.name}" if result.name else result.prefix


def _which(key: str, same: Iterable[str]) -> str:
    """Return the number of a registration as a text; empty for the first one.

    Args:
        key: the key of the registration.
        same: the keys of all registrations of the prefix.
    """
    number = [*same].index(key) + 1
    return f", #{number} of the same prefix there" if number > 1 else ""


# -- the parts of all sections


def _checks(checks: tuple[Check, ...]) -> Iterator[str]:
    """Yield Microsoft's checks; a report of schema 1 has none."""
    if not checks:
        return
    yield ""
    yield "Microsoft's checks:"
    for check in checks:
        by = {None: "", DecidedBy.DATA: "by data: ", DecidedBy.ATTESTATION: "attested: "}[check.by]
        yield f"  {check.result:<7}  {check.name:<19} {by}{', '.join(check.rules)}".rstrip()
        yield from (f"      {text}" for text in check.objects)
        yield from (f"      to decide it: {text}" for text in check.missing)


def _rules(
    passed: tuple[str, ...], findings: list[Finding], *, at_route_server: bool
) -> Iterator[str]:
    yield ""
    yield "Every rule, in the order in which Microsoft looks:"
    steps = {*passed, *(finding.rule for finding in findings)}
    for rule in sorted(steps, key=lambda rule: (_step(rule), rule)):
        own = [finding for finding in findings if finding.rule == rule]
        if not own:
            yield f"  {_number(rule)}  ok        {rule}"
        for finding in own:
            yield f"  {_number(rule)}  {label(finding):<9} {rule}  {where(finding)}".rstrip()
            yield from (f"      {line}" for line in explained(finding, verbose=True))
        advice = fix_of(rule, at_route_server=at_route_server)
        if advice and any(_has_fix(finding) for finding in own):
            yield f"      fix: {advice}"


def _has_fix(finding: Finding) -> bool:
    """Whether the fix of the rule applies: not to warnings about statements, nor to unknowns."""
    if finding.outcome is Outcome.WAIVED:
        return finding.need is None
    return finding.outcome is Outcome.FAIL and finding.statement is None


def _words(
    sessions: Iterable[MatrixSession], words: dict[str, str] | None, schema: int
) -> Iterator[str]:
    """Yield the cells of a prefix; a report of schema 1 has only cells that do not pass."""
    yield ""
    if words is None:
        yield "Words of this prefix on its sessions: the report does not have them."
        return
    yield "Words of this prefix on its sessions:"
    for session in sessions:
        if session.id in words:
            word = words[session.id]
            free = "  (neither announced nor required there)" if word == NOT_REQUIRED else ""
            yield cleaned(f"  {session.id}: {word}{free}")
    if schema == 1:
        yield "  (the report is of schema 1, which leaves out the sessions where all is well)"


# -- the next step


def _next(result: PrefixResult, findings: list[Finding], *, at_route_server: bool) -> str:
    """Return the next step for a registered prefix."""
    first = _first_failed(result.checks) or _first_error(findings) or "what failed"
    again = "have it activated again with the key of its AS" if at_route_server else _ANEW
    match result.state:
        case State.INVALID:
            return (
                f"fix {_first_error(findings) or 'the prefix'}; a registered prefix cannot be "
                "edited, and one that is created anew has another key"
            )
        case State.PENDING:
            return "a connection of the peering has to become Active; until then nothing is checked"
        case State.FAILED:
            return f"fix {first}, at which Azure stops; then {again}"
        case State.UNKNOWN:
            return f"find out: {_first_missing(result.checks, findings)}"
        case _ if at_route_server:
            return "it can be activated: the customer does that with the key of its registered AS"
        case _:
            return _when_good((result.azure_state or "").casefold())


def _next_of_service(
    result: ServicePrefixResult, findings: list[Finding], *, at_route_server: bool
) -> str:
    """Return the next step for a service prefix."""
    azure = (result.azure_state or "").casefold()
    if first := _first_failed(result.checks) or _first_error(findings):
        return f"fix {first}; a service prefix cannot be edited, but deleted and created anew"
    if azure == "verified":
        learned = (result.learned_type or "").casefold()
        if learned == "none":
            return "Microsoft has to learn it from the provider: announce it in both locations"
        return "it is activated"
    if azure in ("failed", "invalid"):
        return "peerlint finds nothing to fix: read Azure's message, delete it and create it anew"
    key = "the key of its AS" if at_route_server else "the key of its registration"
    return f"Azure has to say Verified: create it with {key}, or wait"


def _next_of_asn(result: AsnResult, findings: list[Finding]) -> str:
    """Return the next step for a registered AS."""
    azure = (result.azure_state or "").casefold()
    if first := _first_error(findings):
        return f"fix {first}"
    if azure in ("failed", "canceled"):
        return "register it anew: a connection is Active, and it is registered nowhere else"
    if azure != "succeeded":
        return "Azure has to say Succeeded: register it once a connection is Active, or wait"
    if not result.has_key:
        return "look its key up in the portal"
    return "it is registered: hand its key to the customer, for all prefixes of the AS"


def _first_failed(checks: Iterable[Check]) -> str | None:
    """Return the rule at which Azure stops: the first of those that fail a check."""
    rules = [rule for check in checks if check.result is CheckResult.FAIL for rule in check.rules]
    return min(rules, key=_step, default=None)


def _first_missing(checks: Iterable[Check], findings: Iterable[Finding]) -> str:
    """Return the data that would decide the first undecided check that routes decide."""
    missing = [
        text
        for check in checks
        if check.result is CheckResult.UNKNOWN and check.name.is_decided_by_routes
        for text in check.missing
    ]
    missing += [text for finding in findings for text in finding.missing_texts]
    return missing[0] if missing else "what is announced on every session"


def _first_error(findings: list[Finding]) -> str | None:
    return next(
        (
            finding.rule
            for finding in findings
            if finding.outcome is Outcome.FAIL
            and finding.severity is Severity.ERROR
            and finding.rule != "activation.state"  # Azure's state: there is nothing to fix
        ),
        None,
    )


def _when_good(azure: str) -> str:
    """Return the next step if every check passes.

    Args:
        azure: the state that Azure shows, in lower case.
    """
    if azure == "verified":
        return "it is registered: hand its key to the customer, who activates it"
    if azure in ("failed", "invalid"):
        return f"peerlint finds nothing to fix: {_ANEW}"
    return "Azure has to say Verified: register it, or wait for its validation"


def _step(rule: str) -> int:
    return CATALOGUE[rule].step if rule in CATALOGUE else _LAST


def _number(rule: str) -> str:
    step = _step(rule)
    return " -" if step == _LAST else f"{step:>2}"
