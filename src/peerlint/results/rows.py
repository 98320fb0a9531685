"""The rows of a report: prefixes, service prefixes, AS numbers, peerings, and the matrix."""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.results.checks import Check, CheckResult, State


@attrs.frozen
class PrefixResult:
    """The result for one registered prefix.

    Attributes:
        prefix: the prefix as declared.
        name: the name as declared; None without one.
        peering: the peering that the prefix is registered with; at a route server, the peering
            that announces it.
        state: the predicted state in Azure.
        passed: the ids of the rules that passed on every session that they apply to.
        azure_state: the state that Azure shows; None if it is not declared.
        checks: Microsoft's validation checks, in a fixed order.
        key: the peering and the prefix, and `#2` for the second registration of the same prefix
            with the peering; unique in a report.
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
    """The result for one service prefix.

    Attributes:
        prefix: the prefix as declared.
        name: the name as declared; None without one.
        service: the peering service that it belongs to.
        peering: the peering whose profile is used.
        passed: the ids of the rules about it that passed.
        azure_state: the state that Azure shows; None if it is not declared.
        learned_type: how Microsoft learned the prefix; None if it is not declared.
        state: the predicted state in Azure.
        checks: Microsoft's validation checks at activation, in a fixed order.
        key: the peering service and the prefix, and `#2` for the second activation of the same
            prefix by the service; unique in a report.
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
    """The result for one registered AS number.

    Attributes:
        asn: the customer's AS number.
        name: the customer's name; None if it is not declared.
        peering: the peering that it is registered with.
        has_key: whether its key is known.
        azure_state: the provisioning state of the resource; None if it is not known.
    """

    asn: int
    name: str | None
    peering: str
    has_key: bool
    azure_state: str | None = None


@attrs.frozen
class PeeringSummary:
    """A peering of the report.

    Attributes:
        name: the name as declared.
        profile: the name of the profile that is used.
        asn: the partner's AS number, which announces to AS8075.
        location: the metro; None if it is not declared.
        is_unseen: whether members of a route server may announce prefixes that no source shows:
            the report has no prefix of it, and not all of its sessions are shown completely.
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
        id: the id of the session.
        peering: the peering that it belongs to.
        router: the router at the partner's end; None if it is not declared.
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


#: The words of a cell without problems, and of one where the prefix is neither announced nor
#: required.
OK: Final = "ok"
NOT_REQUIRED: Final = "-"


@attrs.frozen
class Matrix:
    """A table of prefixes and sessions.

    Attributes:
        sessions: the columns.
        rows: by the key of the prefix, the word of each session: `OK`, `NOT_REQUIRED`, "unknown",
            "waived", or the word of the worst problem.
    """

    sessions: tuple[MatrixSession, ...]
    rows: dict[str, dict[str, str]]
