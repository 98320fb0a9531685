"""Microsoft's validation checks of a prefix, and the state that Azure would show."""

from __future__ import annotations

from typing import Final, Never

import attrs

from peerlint.arguments import ArgumentEnum
from peerlint.errors import InputError


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
        """The position from the worst state to the best, 0 for the worst."""
        return list(State).index(self)


class CheckName(ArgumentEnum):
    """One of Microsoft's own validation checks of a prefix; only these decide its state."""

    PRIVATE_RANGE = "private-range"
    ORIGIN_REGISTERED = "origin-registered"
    CUSTOMER_REGISTERED = "customer-registered"  # at a route server
    ALL_SESSIONS = "all-sessions"
    COMMUNITY = "community"
    AS_PATH = "as-path"
    # For a service prefix only.
    REGISTERED_AND_KEY = "registered-and-key"
    PROVIDER_SESSIONS = "provider-sessions"
    NO_OVERLAP = "no-overlap"
    PROVIDER = "provider"

    @property
    def is_decided_by_routes(self) -> bool:
        """Whether routes decide the check; while it is unknown, the state cannot be predicted."""
        return self in _DECIDED_BY_ROUTES


#: While one of these is unknown, so is the state; the others need data that a partner may not have.
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
        name: the name of the check.
        result: pass, fail or unknown.
        by: what decided it; None for unknown.
        rules: the ids of the rules that gave this result.
        missing: for unknown, the data that would decide it.
        objects: for the check of the origin, the best evidence that registries have for each AS:
            an object with its registry, class, key and last change, a VRP or a delegation.
    """

    name: CheckName
    result: CheckResult
    by: DecidedBy | None = None
    rules: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
