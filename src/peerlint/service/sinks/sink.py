"""What every sink does, and how a delivery fails."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol

from peerlint.monitor.alerts import Alert, Notice

#: Returns the document of a notice, as it is delivered.
DocumentOf = Callable[[Notice], Mapping[str, object]]


class DeliveryError(Exception):
    """A delivery that failed.

    Attributes:
        reason: why, without secrets.
        retry_after: for how many seconds the receiver wants no other delivery; None if it does not
            say.
        is_refused: whether the receiver refuses this message and may accept others; else it is the
            receiver that is not ready, and nothing else would be delivered either.
    """

    def __init__(
        self, reason: str, *, retry_after: float | None = None, is_refused: bool = False
    ) -> None:
        """Keep the parts."""
        super().__init__(reason)
        self.reason, self.retry_after, self.is_refused = reason, retry_after, is_refused


class Sink(Protocol):
    """A receiver of notices. One task calls its methods, one after the other."""

    @property
    def name(self) -> str:
        """Its name in messages, metrics and the state file, without secrets."""
        ...

    @property
    def batch(self) -> int:
        """How many notices one delivery may have."""
        ...

    @property
    def refresh_interval(self) -> float | None:
        """After how many seconds open alerts are sent again; None for never."""
        ...

    def deliver(self, notices: Sequence[Notice]) -> Awaitable[None]:
        """Deliver notices, in order.

        Raises:
            DeliveryError: some of them may not be delivered; all of them will be repeated.
        """
        ...

    def refresh(self, alerts: Sequence[Alert]) -> Awaitable[None]:
        """Send the open alerts again.

        Raises:
            DeliveryError: they may not be sent.
        """
        ...

    def close(self) -> Awaitable[None]:
        """Close connections and files."""
        ...
