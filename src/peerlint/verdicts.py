"""Verdicts: what was found out, as values."""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from typing import Final

import attrs

from peerlint.observe import Confidence, SourceSummary


class Severity(StrEnum):
    """How bad a problem is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Outcome(StrEnum):
    """What came out of a rule for one subject."""

    PASS = "pass"  # noqa: S105  # a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"
    ATTESTED = "attested"
    WAIVED = "waived"


class State(StrEnum):
    """The state that Azure would show for a registered prefix (PrefixValidationState)."""

    INVALID = "Invalid"
    PENDING = "Pending"
    FAILED = "Failed"
    UNKNOWN = "Unknown"
    WARNING = "Warning"
    VERIFIED = "Verified"


@attrs.frozen
class Subject:
    """What a finding is about; parts that do not apply are None."""

    peering: str | None = None
    connection: str | None = None
    session: str | None = None
    router: str | None = None
    prefix: str | None = None

    def __str__(self) -> str:
        """Return the parts that apply, from the outside in."""
        parts = (self.peering, self.session or self.connection, self.router, self.prefix)
        return " ".join(part for part in parts if part)


@attrs.frozen
class Evidence:
    """Where something was seen.

    Attributes:
        file: the dump's name.
        record: offset of the record in the decompressed dump.
        route: in the one-line notation.
    """

    file: str
    record: int
    route: str


@attrs.frozen
class Finding:
    """One rule's outcome for one subject, unless it passed.

    Attributes:
        rule: the rule's id.
        outcome: fail, unknown, waived or attested.
        severity: of the problem.
        confidence: of the outcome.
        subject: what it is about.
        message: what was found and what was wanted.
        stage: the stage of onboarding at which Microsoft checks it.
        portal: what Microsoft's portal would say.
        basis: the documents that ask for it.
        missing: for an unknown outcome, what would decide it.
        evidence: where it was seen.
        texts: what documents say, each with its source, where they contradict each other.
        need: for an unknown outcome, the kind of data that is missing.
        statement: for waived and attested, who said so and until when.
        about: what tells it from other findings of the rule about the same subject.
    """

    rule: str
    outcome: Outcome
    severity: Severity
    confidence: Confidence
    subject: Subject
    message: str
    stage: str
    portal: tuple[str, ...] = ()
    basis: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    texts: tuple[str, ...] = ()
    need: str | None = None
    statement: str | None = None
    about: str | None = None

    @property
    def id(self) -> str:
        """A short hash of rule and subject: the same problem has the same id tomorrow."""
        subject = attrs.astuple(self.subject)
        parts = [self.rule, *(part or "" for part in subject)]
        if self.about is not None:
            parts.append(self.about)
        return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


class FailOn(StrEnum):
    """What counts as a failure of the whole: see `--fail-on`."""

    ERROR = "error"
    WARNING = "warning"
    UNKNOWN = "unknown"

    def counts(self, finding: Finding) -> bool:
        """Whether a finding is at or above this level; waived and attested never are."""
        if finding.outcome is Outcome.UNKNOWN:
            return self is FailOn.UNKNOWN
        least = Severity.ERROR if self is FailOn.ERROR else Severity.WARNING
        return finding.outcome is Outcome.FAIL and finding.severity.rank <= least.rank


@attrs.frozen
class PrefixVerdict:
    """What would become of one prefix.

    Attributes:
        prefix: as declared.
        name: as declared.
        peering: that it is registered with.
        state: the state that Azure would show.
        passed: ids of the rules that passed on every session where they apply.
        azure_state: the state that Azure does show; None if nobody told us.
    """

    prefix: str
    name: str | None
    peering: str
    state: State
    passed: tuple[str, ...] = ()
    azure_state: str | None = None


@attrs.frozen
class ServiceVerdict:
    """Where one service prefix stands.

    Attributes:
        prefix: as declared.
        name: as declared.
        service: the peering service that it belongs to.
        peering: whose profile judges it.
        passed: ids of the rules about it that passed.
        azure_state: the state that Azure shows; None if nobody told us.
        learned_type: how Microsoft learned it; None likewise.
    """

    prefix: str
    name: str | None
    service: str
    peering: str
    passed: tuple[str, ...] = ()
    azure_state: str | None = None
    learned_type: str | None = None


@attrs.frozen
class AsnVerdict:
    """Where one registered AS number stands.

    Attributes:
        asn: the customer's AS.
        name: the customer's name.
        peering: that it is registered with.
        has_key: whether its key is known.
        azure_state: the resource's provisioning state; None if nobody told us.
    """

    asn: int
    name: str | None
    peering: str
    has_key: bool
    azure_state: str | None = None


@attrs.frozen
class PeeringSummary:
    """What a report says of a peering as such."""

    name: str
    profile: str
    asn: int
    location: str | None


@attrs.frozen
class MatrixSession:
    """A column of the matrix."""

    id: str
    peering: str
    router: str | None
    location: str | None


#: The words of a cell where all is well, and where the prefix neither is nor has to be.
OK: Final = "ok"
NOT_ASKED: Final = "-"


@attrs.frozen
class Matrix:
    """Prefixes against sessions.

    Attributes:
        sessions: the columns.
        rows: by peering and prefix, for each session a word: `OK`, `NOT_ASKED`, "unknown", or
            the worst of what is wrong.
    """

    sessions: tuple[MatrixSession, ...]
    rows: dict[tuple[str, str], dict[str, str]]


@attrs.frozen
class Report:
    """Everything that was found out.

    Attributes:
        now: when.
        version: of peerlint.
        kernel: "c" or "python".
        sources: every dump that was read.
        peerings: in the order of the inventory.
        prefixes: likewise.
        findings: by peering and prefix in the order of the inventory, then as Microsoft checks.
        cells: the matrix, see `matrix`.
        service_prefixes: by peering in the order of the inventory.
        registered_asns: in the order of the inventory.
    """

    now: datetime
    version: str
    kernel: str
    sources: tuple[SourceSummary, ...]
    peerings: tuple[PeeringSummary, ...]
    prefixes: tuple[PrefixVerdict, ...]
    findings: tuple[Finding, ...]
    cells: Matrix
    service_prefixes: tuple[ServiceVerdict, ...] = ()
    registered_asns: tuple[AsnVerdict, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether no rule failed with the severity "error", and every dump could be read."""
        return not self.failed(Severity.ERROR) and all(each.is_sound for each in self.sources)

    def failed(self, least: Severity = Severity.INFO) -> tuple[Finding, ...]:
        """Return the findings that failed with this severity or a worse one."""
        return tuple(
            finding
            for finding in self.findings
            if finding.outcome is Outcome.FAIL and finding.severity.rank <= least.rank
        )

    def prefix(self, prefix: str, peering: str | None = None) -> PrefixVerdict:
        """Return the verdict on a registered prefix.

        Args:
            prefix: as declared.
            peering: needed only if several peerings declare it.

        Raises:
            KeyError: no such prefix.
        """
        for verdict in self.prefixes:
            if verdict.prefix == prefix and peering in (None, verdict.peering):
                return verdict
        raise KeyError(prefix)

    def matrix(self) -> Matrix:
        """Return prefixes against sessions."""
        return self.cells
