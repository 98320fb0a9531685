"""Results: findings, checks and states of prefixes, and the report, as values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Final, Never

import attrs

from peerlint.arguments import ArgumentEnum, must_be
from peerlint.errors import InputError
from peerlint.model import Prefix, View
from peerlint.observations import Confidence, SourceSummary
from peerlint.wording import counted


class Severity(ArgumentEnum):
    """How bad a problem is."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise InputError("severity", expected=" or ".join(cls), found=value) from None

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(Severity).index(self)


class Outcome(ArgumentEnum):
    """What came out of a rule for one subject."""

    PASS = "pass"  # noqa: S105  # a verdict, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"
    NOT_APPLICABLE = "not-applicable"
    ATTESTED = "attested"
    WAIVED = "waived"

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise InputError("outcome", expected=" or ".join(cls), found=value) from None


class State(ArgumentEnum):
    """The state that Azure would show for a prefix (PrefixValidationState).

    `WARNING` is one of Azure's words and is read from reports of schema 1; it is never predicted:
    no document says when Azure shows it.
    """

    INVALID = "Invalid"
    PENDING = "Pending"
    FAILED = "Failed"
    UNKNOWN = "Unknown"
    WARNING = "Warning"
    VERIFIED = "Verified"

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise InputError("state", expected=" or ".join(cls), found=value) from None

    @property
    def rank(self) -> int:
        """0 for the worst."""
        return list(State).index(self)


class CheckName(ArgumentEnum):
    """One of Microsoft's own validation checks of a prefix; only these decide its state."""

    PRIVATE_RANGE = "private-range"
    ORIGIN_REGISTERED = "origin-registered"
    CUSTOMER_REGISTERED = "customer-registered"  # at a route server
    ALL_SESSIONS = "all-sessions"
    COMMUNITY = "community"
    AS_PATH = "as-path"
    # Of a service prefix only.
    REGISTERED_AND_KEY = "registered-and-key"
    PROVIDER_SESSIONS = "provider-sessions"
    NO_OVERLAP = "no-overlap"
    PROVIDER = "provider"

    @property
    def is_decided_by_routes(self) -> bool:
        """Whether routes decide the check: while it is undecided, the state cannot be predicted."""
        return self in _DECIDED_BY_ROUTES


#: An open one of these leaves the state open; the others need data that a partner may not have.
_DECIDED_BY_ROUTES: Final = frozenset(
    {CheckName.PRIVATE_RANGE, CheckName.ALL_SESSIONS, CheckName.COMMUNITY, CheckName.AS_PATH}
)


class CheckResult(ArgumentEnum):
    """The result of a check."""

    PASS = "pass"  # noqa: S105  # a result, not a password
    FAIL = "fail"
    UNKNOWN = "unknown"


class DecidedBy(ArgumentEnum):
    """What decided a check."""

    DATA = "data"
    ATTESTATION = "attestation"


@attrs.frozen
class Check:
    """One of Microsoft's validation checks of one prefix.

    Attributes:
        name: of the check.
        result: pass, fail or unknown.
        by: what decided it; None for unknown.
        rules: ids of the rules that gave this result.
        missing: for unknown, what would decide it.
    """

    name: CheckName
    result: CheckResult
    by: DecidedBy | None = None
    rules: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()


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
        time: of the route, with its zone; None if the dump does not tell.
    """

    file: str
    record: int
    route: str
    time: datetime | None = None


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
        location: the metro of the session or connection that it is about; None if it is about
            neither, or the metro is not known.
        key: of the prefix or service prefix of the report that it is about; None if it is about
            none of them.
        routes_of: until the report is assembled, the session, source and view whose number of
            routes is still to be filled into the message.
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
    location: str | None = None
    key: str | None = None
    routes_of: tuple[str, str, View] | None = None

    @property
    def id(self) -> str:
        """A short hash of rule, subject and `about`: unique in a report, the same tomorrow."""
        subject = attrs.astuple(self.subject)
        parts = [self.rule, *(part or "" for part in subject)]
        if self.about is not None:
            parts.append(self.about)
        # A report that is read back may have halves of characters: JSON can spell them.
        octets = "\0".join(parts).encode("utf-8", "surrogatepass")
        return hashlib.sha256(octets).hexdigest()[:12]


class FailOn(ArgumentEnum):
    """What counts as a failure of the whole report: see `--fail-on`.

    ==========  ===================================================================
    error       a finding of severity error
    open        that, or a prefix whose state is Unknown or Pending, or a route server
                without a prefix whose sessions were not all seen whole
    unverified  that, or a prefix with an undecided check, or no prefix at all
    warning     a finding of severity error or warning
    unknown     that, or an unknown outcome
    ==========  ===================================================================
    """

    ERROR = "error"
    OPEN = "open"
    UNVERIFIED = "unverified"
    WARNING = "warning"
    UNKNOWN = "unknown"

    @classmethod
    def _missing_(cls, value: object) -> Never:
        raise InputError("fail_on", expected=" or ".join(cls), found=value) from None

    def counts(self, finding: Finding) -> bool:
        """Whether a finding is at or above this level; waived and attested never are."""
        if finding.outcome is Outcome.UNKNOWN:
            return self is FailOn.UNKNOWN
        with_warnings = self in (FailOn.WARNING, FailOn.UNKNOWN)
        least = Severity.WARNING if with_warnings else Severity.ERROR
        return finding.outcome is Outcome.FAIL and finding.severity.rank <= least.rank

    def counts_row(self, row: PrefixResult | ServicePrefixResult) -> bool:
        """Whether the state or a check of a prefix counts, beside the findings about it."""
        if self is FailOn.UNVERIFIED:
            return row.state is not State.VERIFIED or bool(row.undecided)
        return self is FailOn.OPEN and row.state in (State.UNKNOWN, State.PENDING)


@attrs.frozen
class PrefixResult:
    """What would become of one prefix.

    Attributes:
        prefix: as declared.
        name: as declared.
        peering: that it is registered with, or at a route server announced on.
        state: the state that Azure would show.
        passed: ids of the rules that passed on every session where they apply.
        azure_state: the state that Azure shows; None if it is not declared.
        checks: Microsoft's validation checks, in the order in which they are listed everywhere.
        key: peering and prefix, and `#2` for the second registration of the same prefix there:
            unique in a report.
    """

    prefix: str
    name: str | None
    peering: str
    state: State
    passed: tuple[str, ...] = ()
    azure_state: str | None = None
    checks: tuple[Check, ...] = ()
    key: str = attrs.field()

    @key.default
    def _key(self) -> str:
        return f"{self.peering} {self.prefix}"

    @property
    def undecided(self) -> tuple[Check, ...]:
        """The checks that nothing decided."""
        return _undecided(self.checks)

    @property
    def label(self) -> str:
        """The state, with the number of checks that decide it where some are open."""
        return _label(self.state, self.checks)


@attrs.frozen
class ServicePrefixResult:
    """What would become of one service prefix.

    Attributes:
        prefix: as declared.
        name: as declared.
        service: the peering service that it belongs to.
        peering: whose profile judges it.
        passed: ids of the rules about it that passed.
        azure_state: the state that Azure shows; None if it is not declared.
        learned_type: how Microsoft learned it; None if it is not declared.
        state: the state that Azure would show.
        checks: Microsoft's validation checks at activation.
        key: peering service and prefix, and `#2` for the second one of the same service: unique
            in a report.
    """

    prefix: str
    name: str | None
    service: str
    peering: str
    passed: tuple[str, ...] = ()
    azure_state: str | None = None
    learned_type: str | None = None
    state: State = State.UNKNOWN
    checks: tuple[Check, ...] = ()
    key: str = attrs.field()

    @key.default
    def _key(self) -> str:
        return f"{self.service} {self.prefix}"

    @property
    def undecided(self) -> tuple[Check, ...]:
        """The checks that nothing decided."""
        return _undecided(self.checks)

    @property
    def label(self) -> str:
        """The state, with the number of checks that decide it where some are open."""
        return _label(self.state, self.checks)


def _undecided(checks: tuple[Check, ...]) -> tuple[Check, ...]:
    return tuple(check for check in checks if check.result is CheckResult.UNKNOWN)


def _label(state: State, checks: tuple[Check, ...]) -> str:
    undecided = _undecided(checks)
    if state is not State.VERIFIED or not undecided:
        return state
    return f"{state} ({len(checks) - len(undecided)} of {len(checks)} checks)"


@attrs.frozen
class AsnResult:
    """Where one registered AS number stands.

    Attributes:
        asn: the customer's AS.
        name: the customer's name.
        peering: that it is registered with.
        has_key: whether its key is known.
        azure_state: the resource's provisioning state; None if it is not known.
    """

    asn: int
    name: str | None
    peering: str
    has_key: bool
    azure_state: str | None = None


@attrs.frozen
class PeeringSummary:
    """What a report says of a peering as such.

    Attributes:
        name: as declared.
        profile: the name of the one that judges it.
        asn: of the partner, that announces to AS8075.
        location: the metro; None if it is not declared.
        is_unseen: whether members of a route server may ask for prefixes that no source shows:
            it has none, and not all of its sessions were seen whole.
    """

    name: str
    profile: str
    asn: int
    location: str | None
    is_unseen: bool = False


@attrs.frozen
class MatrixSession:
    """A column of the matrix.

    Attributes:
        id: of the session.
        peering: that it belongs to.
        router: at the partner's end; None if it is not declared.
        location: the metro; None if it is not declared.
        peer: the partner's address; None if it is not declared.
        microsoft: Microsoft's address; None if it is not declared.
    """

    id: str
    peering: str
    router: str | None
    location: str | None
    peer: str | None = None
    microsoft: str | None = None


#: The words of a cell where all is well, and where the prefix neither is nor has to be.
OK: Final = "ok"
NOT_ASKED: Final = "-"


@attrs.frozen
class Matrix:
    """Prefixes against sessions.

    Attributes:
        sessions: the columns.
        rows: by the key of the prefix, for each session a word: `OK`, `NOT_ASKED`, "unknown",
            "waived", or the worst of what is wrong.
    """

    sessions: tuple[MatrixSession, ...]
    rows: dict[str, dict[str, str]]


@attrs.frozen
class Report:
    """Everything that was found out. It never changes: threads may share it.

    Attributes:
        now: the time of the check.
        version: of peerlint.
        kernel: "c" or "python".
        sources: every dump that was read.
        peerings: in the order of the inventory.
        prefixes: by peering in the order of the inventory.
        findings: by peering and prefix in the order of the inventory, then as Microsoft checks.
        cells: the matrix, see `matrix`.
        service_prefixes: by peering in the order of the inventory.
        registered_asns: in the order of the inventory.
        remarks: what else a user has to know about the inventory or its profiles.
        strict: whether what is only inferred counts as unknown; see `check`.
    """

    now: datetime
    version: str
    kernel: str
    sources: tuple[SourceSummary, ...]
    peerings: tuple[PeeringSummary, ...]
    prefixes: tuple[PrefixResult, ...]
    findings: tuple[Finding, ...]
    cells: Matrix
    service_prefixes: tuple[ServicePrefixResult, ...] = ()
    registered_asns: tuple[AsnResult, ...] = ()
    remarks: tuple[str, ...] = ()
    strict: bool = False

    @property
    def ok(self) -> bool:
        """Whether nothing failed and nothing that routes decide is open.

        No rule failed with the severity "error", no prefix is Unknown or Pending, every source
        could be read, and one of them shows a session: the exit status of `peerlint check` is 0.
        """
        return self.is_readable and not self.failures(FailOn.OPEN)

    @property
    def is_readable(self) -> bool:
        """Whether every source could be read without damage, and one of them shows a session."""
        shows_one = any(each.shows_a_session for each in self.sources)
        return all(each.is_sound for each in self.sources) and (shows_one or not self.sources)

    def failures(self, fail_on: FailOn) -> tuple[str, ...]:
        """Return the reasons why the report fails at a level, none if it passes.

        Each is a count and a noun: "3 errors", "1 prefix Unknown".
        """
        must_be("fail_on", fail_on, str, " or ".join(FailOn))
        return tuple(_reasons(self, FailOn(fail_on)))

    def failed(self, least: Severity = Severity.INFO) -> tuple[Finding, ...]:
        """Return the findings that failed with this severity or a worse one."""
        must_be("least", least, str, " or ".join(Severity))
        rank = Severity(least).rank
        return tuple(
            finding
            for finding in self.findings
            if finding.outcome is Outcome.FAIL and finding.severity.rank <= rank
        )

    def prefix(self, prefix: str, peering: str | None = None) -> PrefixResult:
        """Return the verdict on a registered prefix.

        Args:
            prefix: as declared.
            peering: needed only if several peerings declare it.

        Raises:
            KeyError: no such prefix.
        """
        must_be("prefix", prefix, (str, Prefix), "a prefix as a string")
        must_be("peering", peering, str, "the name of a peering", or_none=True)
        prefix = str(prefix)
        for result in self.prefixes:
            if result.prefix == prefix and peering in (None, result.peering):
                return result
        raise KeyError(prefix)

    def matrix(self) -> Matrix:
        """Return prefixes against sessions."""
        return self.cells


def _reasons(report: Report, fail_on: FailOn) -> Iterator[str]:
    counting = [finding for finding in report.findings if fail_on.counts(finding)]
    for severity in Severity:
        number = sum(
            finding.outcome is Outcome.FAIL and finding.severity is severity for finding in counting
        )
        if number:
            yield counted(number, severity)
    if report.strict and fail_on in (FailOn.OPEN, FailOn.UNVERIFIED):
        inferred = sum(_is_only_inferred(finding) for finding in report.findings)
        if inferred:
            yield f"{counted(inferred, 'outcome')} only inferred"
    if unknown := sum(finding.outcome is Outcome.UNKNOWN for finding in counting):
        yield counted(unknown, "unknown outcome")
    yield from _open_reasons(report, fail_on)


def _open_reasons(report: Report, fail_on: FailOn) -> Iterator[str]:
    """Yield what is not decided, beside the findings."""
    rows: tuple[PrefixResult | ServicePrefixResult, ...]
    rows = (*report.prefixes, *report.service_prefixes)
    open_rows = [row for row in rows if fail_on.counts_row(row)]
    for state in dict.fromkeys(row.state for row in open_rows):
        if state is not State.VERIFIED:
            yield f"{counted(sum(row.state is state for row in open_rows), 'prefix')} {state}"
    if undecided := sum(row.state is State.VERIFIED for row in open_rows):
        yield f"{counted(undecided, 'prefix')} with undecided checks"
    if fail_on in (FailOn.OPEN, FailOn.UNVERIFIED):
        unseen = sum(peering.is_unseen for peering in report.peerings)
        if unseen:
            yield f"{counted(unseen, 'route server')} not seen whole"
    if fail_on is FailOn.UNVERIFIED and not rows:
        yield "no prefix to verify"


def _is_only_inferred(finding: Finding) -> bool:
    """Whether routes leave an outcome open that were seen elsewhere than on the wire."""
    is_unknown = finding.outcome is Outcome.UNKNOWN and finding.need in (
        "routes",
        "communities",
        "path",
    )
    return is_unknown and finding.confidence is Confidence.INFERRED
