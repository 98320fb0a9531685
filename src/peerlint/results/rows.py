"""The rows of a report: prefixes, service prefixes, AS numbers, peerings, and the matrix."""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.results.checks import Check, CheckResult, State


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
