"""The report as SARIF 2.1.0 (OASIS, errata 01), for code scanning and editors."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Final

from peerlint.display import escaped_json
from peerlint.report.phrases import cleaned, explained, place_of, source_remarks
from peerlint.results import Evidence, FilePosition, Finding, Outcome, Report, Severity
from peerlint.rules import CATALOGUE, Rule
from peerlint.rules.links import first_url

Json = dict[str, object]

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)
_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
#: SARIF section 3.27.9: a result of another kind than "fail" has the level "none". An attested
#: outcome is not "pass", because a person checked it, and not this tool.
_KINDS: Final = {Outcome.UNKNOWN: "open", Outcome.ATTESTED: "informational"}
#: The characters of a path that need no escape in a URI (RFC 3986 section 3.3), except the colon:
#: before the first slash it would end a scheme.
_KEPT: Final = frozenset(
    b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~/!$&'()*+,;=@"
)


def render_sarif(
    report: Report,
    inventory: str | None = None,
    line_of: Callable[[Finding], int] | None = None,
) -> str:
    """Return the report as SARIF.

    Args:
        report: the report.
        inventory: the name of the inventory file; code scanning shows only findings with a file.
            None without a file.
        line_of: returns the line on which a finding's subject is declared; code hosts show only
            findings with a line. None without a file.
    """
    lines = [line_of and line_of(finding) for finding in report.findings]
    report = cleaned(report)
    named = list(dict.fromkeys(finding.rule for finding in report.findings))
    run: Json = {
        "tool": {
            "driver": {
                "name": "peerlint",
                "version": report.version,
                "rules": [_rule(CATALOGUE[each]) for each in named],
            }
        },
        "invocations": [
            {
                "executionSuccessful": all(source.is_sound for source in report.sources),
                "endTimeUtc": report.now.strftime("%Y-%m-%dT%H:%M:%SZ"),
                "toolExecutionNotifications": list(_notifications(report)),
            }
        ],
        "results": [
            _result(each, named.index(each.rule), _location(each, inventory, line))
            for each, line in zip(report.findings, lines, strict=True)
        ],
        "columnKind": "unicodeCodePoints",
    }
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    return escaped_json(json.dumps(log, indent=2, ensure_ascii=False)) + "\n"


def _rule(rule: Rule) -> Json:
    return {
        "id": rule.id,
        "shortDescription": {"text": rule.title},
        "fullDescription": {"text": rule.page},
        "helpUri": first_url(rule.basis),
        "help": {
            "text": "\n".join(
                (rule.explanation, *(f"Microsoft says: {say}" for say in rule.portal))
            )
        },
        "defaultConfiguration": {"level": _LEVELS[rule.severity]},
        "properties": {"tags": [*(stage.name.lower() for stage in rule.stages), *rule.basis]},
    }


def _result(finding: Finding, index: int, location: Json) -> Json:
    failed = finding.outcome in (Outcome.FAIL, Outcome.WAIVED)
    result: Json = {
        "ruleId": finding.rule,
        "ruleIndex": index,
        "kind": "fail" if failed else _KINDS[finding.outcome],
        "level": _LEVELS[finding.severity] if failed else "none",
        "message": {"text": "\n".join(explained(finding))},
        "locations": [location],
        "partialFingerprints": {"peerlint/1": finding.id},
        "properties": {"confidence": finding.confidence, "stage": finding.stage},
    }
    if finding.outcome is Outcome.WAIVED:
        result["suppressions"] = [{"kind": "external", "status": "accepted"}]
    if finding.evidence:
        result["relatedLocations"] = [
            _related(number, seen) for number, seen in enumerate(finding.evidence)
        ]
    return result


def _related(number: int, seen: Evidence) -> Json:
    position = seen.position
    if not isinstance(position, FilePosition):
        return {"id": number, "message": {"text": f"{place_of(seen)}: {seen.route}"}}
    return {
        "id": number,
        "physicalLocation": {"artifactLocation": {"uri": _uri(position.file)}},
        "message": {"text": f"record at octet {position.octet:,}: {seen.route}"},
    }


def _location(finding: Finding, inventory: str | None, line: int | None) -> Json:
    subject = finding.subject
    parts = (subject.peering, subject.connection, subject.session, subject.prefix)
    name = subject.prefix or subject.session or subject.connection or subject.peering or "inventory"
    location: Json = {
        "logicalLocations": [
            {
                "name": name,
                "fullyQualifiedName": "/".join(part for part in parts if part) or name,
                "kind": "resource",
            }
        ]
    }
    if inventory is not None:
        physical: Json = {"artifactLocation": {"uri": _uri(inventory)}}
        if line is not None:
            physical["region"] = {"startLine": line}
        location["physicalLocation"] = physical
    return location


def _notifications(report: Report) -> Iterator[Json]:
    for source in report.sources:
        for remark in source_remarks(source):
            yield {
                "level": "warning" if source.is_sound else "error",
                "message": {"text": f"{source.name}: {remark}"},
            }


def _uri(path: str) -> str:
    """Return a path as a URI reference (RFC 3986 section 4.2)."""
    return "".join(
        chr(octet) if octet in _KEPT else f"%{octet:02X}"
        for octet in path.encode("utf-8", "surrogateescape")
    )
