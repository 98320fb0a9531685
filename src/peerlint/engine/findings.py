"""The parts of a finding that the engine adds to an answer: evidence, key, confidence, portal."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import Final

import attrs

from peerlint.inventory import Inventory, RegisteredPrefix, ServicePrefix
from peerlint.model import View
from peerlint.observations import Confidence, Observation
from peerlint.results import (
    Evidence,
    FeedPosition,
    FilePosition,
    Finding,
    Outcome,
    PhrasePart,
    RouteCount,
    SubjectRef,
)
from peerlint.rules import AnyRule, Need, Problem, Subject, Unknown
from peerlint.wording import counted

#: The most routes that one finding has as evidence.
_MAX_EVIDENCE: Final = 3


def evidence_of(routes: tuple[Observation, ...]) -> tuple[Evidence, ...]:
    """Return the first routes as evidence."""
    return tuple(
        Evidence(route.source, _position(route), str(route.route), route.time)
        for route in routes[:_MAX_EVIDENCE]
    )


def _position(route: Observation) -> FilePosition | FeedPosition:
    if route.router is None or route.time is None:
        return FilePosition(route.source, route.record)
    return FeedPosition(route.router.feed, route.router.router, route.time)


#: The number of a declaration among those of the same prefix in one peering or service, from 1,
#: by `id()`. Prefixes that are declared once are left out.
Numbers = Mapping[int, int]


def numbers_of(inventory: Inventory) -> Numbers:
    """Number the prefixes that a peering registers, or a service activates, more than once."""
    owners: list[tuple[RegisteredPrefix | ServicePrefix, ...]] = [
        *(peering.registered_prefixes for peering in inventory.peerings),
        *(service.service_prefixes for service in inventory.peering_services),
    ]
    found: dict[int, int] = {}
    for declared in owners:
        by_prefix: dict[str, list[RegisteredPrefix | ServicePrefix]] = {}
        for each in declared:
            by_prefix.setdefault(each.prefix, []).append(each)
        for same in by_prefix.values():
            if len(same) > 1:
                found.update({id(each): number for number, each in enumerate(same, start=1)})
    return found


def discriminator(subject: Subject, answer: Problem | Unknown, numbers: Numbers) -> str | None:
    """Return the text that distinguishes a finding from others of its rule about the same subject.

    Args:
        subject: the subject of the rule.
        answer: the answer of the rule.
        numbers: see `Numbers`.

    Returns:
        The text, or None if there is nothing to distinguish.
    """
    number = _number(subject, answer, numbers)
    words = [
        subject.discriminator,
        None if number is None else f"number {number}",
        answer.about,
    ]
    return " ".join(word for word in words if word) or None


def key(subject: Subject, answer: Problem | Unknown, numbers: Numbers) -> str | None:
    """Return the key of the prefix that a finding is about, see `PrefixResult.key`.

    It is None if the finding is about no prefix. The report may have no prefix with that key, see
    `with_unique_ids`.
    """
    if subject.declared_prefix is not None:
        owner, prefix = subject.owner, subject.declared_prefix.prefix
    elif isinstance(answer, Problem) and answer.prefix is not None:
        owner, prefix = subject.peering.name, answer.prefix
    else:
        return None
    return key_of(owner, prefix, _number(subject, answer, numbers) or 1)


def key_of(owner: str, prefix: str, number: int) -> str:
    """Return the key of a prefix.

    Args:
        owner: the name of the peering or peering service.
        prefix: the prefix as declared.
        number: the number among the owner's declarations of the same prefix, from 1.
    """
    return f"{owner} {prefix}" if number == 1 else f"{owner} {prefix} #{number}"


def _number(subject: Subject, answer: Problem | Unknown, numbers: Numbers) -> int | None:
    if subject.declared_prefix is not None:
        return numbers.get(id(subject.declared_prefix))
    return answer.number if isinstance(answer, Problem) else None


def with_unique_ids(findings: Iterable[Finding], keys: Container[str]) -> tuple[Finding, ...]:
    """Make the ids of findings unique, and remove keys that the report does not have.

    Findings that would have the same id are numbered. Failures are numbered first, so that their
    ids do not depend on unknown outcomes.

    Args:
        findings: all findings of a report.
        keys: the keys of its prefixes and service prefixes.
    """
    found = [
        finding if finding.key is None or finding.key in keys else attrs.evolve(finding, key=None)
        for finding in findings
    ]
    groups: dict[tuple[str, SubjectRef, str | None], list[int]] = {}
    for at, finding in enumerate(found):
        groups.setdefault((finding.rule, finding.subject, finding.about), []).append(at)
    for (_, _, own), indexes in groups.items():
        failed_first = sorted(indexes, key=lambda at: _is_open(found[at]))
        for number, at in enumerate(failed_first[1:], start=2):
            words = f"#{number}" if own is None else f"{own} #{number}"
            found[at] = attrs.evolve(found[at], about=words)
    return tuple(found)


def with_counts(
    findings: Iterable[Finding], counts: Mapping[tuple[str, str, View], int]
) -> Iterator[Finding]:
    """Yield findings with the numbers of routes filled in, see `RouteCount`.

    Args:
        findings: the findings.
        counts: the number of routes, by session, source and view.
    """

    def with_number(part: PhrasePart) -> PhrasePart:
        return counted(counts.get(part.key, 0), "route") if isinstance(part, RouteCount) else part

    for each in findings:
        if each.found.count is None:
            yield each
        else:
            yield attrs.evolve(each, found=each.found.with_parts(with_number))


def _is_open(finding: Finding) -> bool:
    """Whether a finding is unknown, or would be without an attestation or a waiver."""
    return finding.need is not None or finding.outcome in (Outcome.UNKNOWN, Outcome.ATTESTED)


def confidence(rule: AnyRule, subject: Subject, evidence: tuple[Observation, ...]) -> Confidence:
    """Return the lowest confidence of the evidence; declared facts count as observed."""
    views = {route.view for route in evidence}
    if subject.depends_on_view or (not evidence and Need.ROUTES in rule.needs):
        views |= subject.views
    if all(Confidence.of(view) is Confidence.OBSERVED for view in views):
        return Confidence.OBSERVED
    return Confidence.INFERRED


def portal(rule: AnyRule, subject: Subject) -> tuple[str, ...]:
    """Return the messages that Microsoft's portal would show."""
    if not rule.portal:
        return ()
    peer, prefix = subject.peer or "(no address declared)", subject.ref.prefix or ""
    return tuple(text.format(peer=peer, prefix=prefix) for text in rule.portal)
