"""Reports of schema `peerlint/report/1`, which earlier versions wrote.

Schema 1 does not have Microsoft's checks, states of service prefixes, peerings, addresses of
sessions, times of sources, and cells that pass. The report does not have them either.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator
from datetime import datetime
from typing import Final

import attrs

from peerlint.model import View
from peerlint.observations import Confidence, Coverage, SourceSummary
from peerlint.report.document import Tool
from peerlint.report.sentence import SentenceParts
from peerlint.report.source_entry import OtherPeer, QualityEntry
from peerlint.results import (
    AsnResult,
    Evidence,
    FilePosition,
    Finding,
    Matrix,
    MatrixSession,
    Outcome,
    Phrase,
    PrefixResult,
    Report,
    ServicePrefixResult,
    Severity,
    State,
    SubjectRef,
)

SCHEMA: Final = "peerlint/report/1"
#: The text in schema 1 that distinguishes findings about several registrations of a prefix.
_NUMBERED: Final = re.compile(r"number ([0-9]+)(?: .*)?", re.DOTALL)


@attrs.frozen
class Source:
    """A dump; `sessions` has the views of the sessions."""

    name: str
    view: View | None
    sessions: dict[str, View]
    coverage: Coverage
    quality: QualityEntry
    error: str | None
    from_microsoft: int
    other_peers: tuple[OtherPeer, ...]

    def summary(self) -> SourceSummary:
        """Return the source, with the fields of schema 1."""
        return SourceSummary(
            self.name,
            tuple(self.sessions.items()),
            self.coverage,
            self.quality.quality(),
            microsoft=self.from_microsoft,
            unmapped_peers=tuple((each.peer, each.entries) for each in self.other_peers),
            error=self.error,
        )


@attrs.frozen
class Prefix:
    """The result for one registered prefix."""

    prefix: str
    name: str | None
    peering: str
    state: State
    azure_state: str | None
    passed: tuple[str, ...] = ()


@attrs.frozen
class ServicePrefix:
    """The result for one service prefix."""

    prefix: str
    name: str | None
    service: str
    peering: str
    passed: tuple[str, ...] = ()
    azure_state: str | None = None
    learned_type: str | None = None


@attrs.frozen
class Place:
    """A route that supports a finding, and where it was seen."""

    file: str
    record: int
    route: str

    def evidence(self) -> Evidence:
        """Return the piece of evidence."""
        return Evidence(self.file, FilePosition(self.file, self.record), self.route)


@attrs.frozen
class Found:
    """The outcome of one rule for one subject, with the texts of the rule."""

    rule: str
    outcome: Outcome
    severity: Severity
    confidence: Confidence
    subject: SubjectRef
    message: str
    stage: str
    portal: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    evidence: tuple[Place, ...] = ()
    texts: tuple[str, ...] = ()
    need: str | None = None
    statement: str | None = None
    about: str | None = None

    def finding(self, location: str | None, key: str | None) -> Finding:
        """Return the finding.

        Args:
            location: the location of its session or connection; None if it is not known.
            key: the key of the prefix that it is about; None without one.
        """
        texts = SentenceParts.of(self.message, None, None, None)
        return Finding(
            rule=self.rule,
            outcome=self.outcome,
            severity=self.severity,
            confidence=self.confidence,
            subject=self.subject,
            found=Phrase((texts.found,), is_clause=texts.is_clause, is_long=texts.is_long),
            wanted=texts.wanted,
            hint=texts.hint,
            stage=self.stage,
            portal=self.portal,
            basis=self.basis,
            missing=self.missing,
            evidence=tuple(each.evidence() for each in self.evidence),
            texts=self.texts,
            need=self.need,
            statement=self.statement,
            about=self.about,
            location=location,
            key=key,
        )


@attrs.frozen
class Column:
    """A session of the matrix."""

    session: str
    peering: str
    router: str | None
    location: str | None


@attrs.frozen
class Cells:
    """The matrix; `rows` has the cells that do not pass, by prefix."""

    sessions: tuple[Column, ...]
    rows: dict[str, dict[str, str]]


@attrs.frozen
class Document:
    """A report in the form of its JSON."""

    schema: str
    now: datetime
    tool: Tool
    sources: tuple[Source, ...]
    prefixes: tuple[Prefix, ...]
    findings: tuple[Found, ...]
    matrix: Cells
    service_prefixes: tuple[ServicePrefix, ...] = ()
    registered_asns: tuple[AsnResult, ...] = ()

    def report(self) -> Report:
        """Return the report, with the fields of schema 1."""
        prefixes = tuple(self._prefixes())
        services = tuple(self._service_prefixes())
        keys = _Keys(prefixes, services)
        # The first session of a connection has the connection's name.
        locations: dict[str | None, str | None] = {
            each.session: each.location for each in self.matrix.sessions
        }
        return Report(
            now=self.now,
            version=self.tool.version,
            kernel=self.tool.kernel,
            sources=tuple(each.summary() for each in self.sources),
            peerings=(),
            prefixes=prefixes,
            findings=tuple(
                each.finding(
                    locations.get(each.subject.session or each.subject.connection), keys.of(each)
                )
                for each in self.findings
            ),
            cells=Matrix(
                tuple(
                    MatrixSession(each.session, each.peering, each.router, each.location)
                    for each in self.matrix.sessions
                ),
                dict(self._rows(prefixes)),
            ),
            service_prefixes=services,
            registered_asns=self.registered_asns,
        )

    def _prefixes(self) -> Iterator[PrefixResult]:
        keys = _numbered((each.peering, each.prefix) for each in self.prefixes)
        for each, key in zip(self.prefixes, keys, strict=True):
            yield PrefixResult(**attrs.asdict(each, recurse=False), key=key)

    def _service_prefixes(self) -> Iterator[ServicePrefixResult]:
        keys = _numbered((each.service, each.prefix) for each in self.service_prefixes)
        for each, key in zip(self.service_prefixes, keys, strict=True):
            yield ServicePrefixResult(**attrs.asdict(each, recurse=False), key=key)

    def _rows(self, prefixes: Iterable[PrefixResult]) -> Iterator[tuple[str, dict[str, str]]]:
        """Yield the rows, except those of prefixes that are registered more than once."""
        declared = Counter(each.prefix for each in prefixes)
        for each in prefixes:
            if declared[each.prefix] == 1 and each.prefix in self.matrix.rows:
                yield each.key, self.matrix.rows[each.prefix]


def _numbered(declared: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Yield the keys of prefixes.

    Args:
        declared: the owner and the prefix of each.
    """
    numbers: Counter[tuple[str, str]] = Counter()
    for owner, prefix in declared:
        numbers[owner, prefix] += 1
        number = numbers[owner, prefix]
        yield f"{owner} {prefix}" if number == 1 else f"{owner} {prefix} #{number}"


@attrs.frozen
class _Keys:
    """The keys of prefixes, which can be looked up by finding."""

    prefixes: tuple[PrefixResult, ...]
    services: tuple[ServicePrefixResult, ...]
    _known: Container[str] = attrs.field(
        default=attrs.Factory(lambda self: {each.key for each in self.prefixes}, takes_self=True),
        init=False,
    )

    def of(self, found: Found) -> str | None:
        subject, about = found.subject, found.about or ""
        if subject.prefix is None:
            return None
        if found.rule.startswith("activation."):
            for each in self.services:
                if each.prefix == subject.prefix and f"{about} ".startswith(f"{each.service} "):
                    return each.key
        number = _NUMBERED.fullmatch(about)
        suffix = f" #{number[1]}" if number and number[1] != "1" else ""
        key = f"{subject.peering} {subject.prefix}{suffix}"
        return key if key in self._known else None
