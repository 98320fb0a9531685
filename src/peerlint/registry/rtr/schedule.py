"""When a session has to do what: times of queries, of answers, and of checks."""

from __future__ import annotations

from peerlint.registry.rtr.limits import SessionLimits, microseconds


class Schedule:
    """The times of one session; all are microseconds since 1970.

    Attributes:
        asked_at: when the last query was sent.
        heard_at: when the last PDU of its answer came.
        next_at: when the next query is due.
        begun_at: when the PDU that is incomplete began to arrive; None if none is.
        check_at: when all data has to be asked for, because changes are doubtful; None if they are
            not.
    """

    def __init__(self, limits: SessionLimits) -> None:
        """Start without queries."""
        self.asked_at = self.heard_at = self.next_at = 0
        self.begun_at: int | None = None
        self.check_at: int | None = None
        self._limits = limits
        self._last_check: int | None = None

    def ask(self, now: int) -> bool:
        """Note that a query is sent, and return whether it has to be a check."""
        self.asked_at = self.heard_at = now
        is_check = self.check_at is not None and now >= self.check_at
        if is_check:
            self._last_check = now
        return is_check

    def doubt(self, now: int) -> None:
        """Have the data checked as soon as the last check is long enough ago."""
        if self.check_at is None:
            last, interval = self._last_check, microseconds(self._limits.check)
            self.check_at = now if last is None else max(now, last + interval)

    def ask_soon(self) -> None:
        """Have the next query sent as soon as the last one is long enough ago."""
        self.next_at = min(self.next_at, self.asked_at + microseconds(self._limits.notify))

    def progress(self, pending: int, now: int, *, is_same: bool) -> None:
        """Note how much of the next PDU has arrived.

        Args:
            pending: its octets.
            now: when.
            is_same: whether it is the one that was incomplete before.
        """
        if not pending:
            self.begun_at = None
        elif self.begun_at is None or not is_same:
            self.begun_at = now

    @property
    def query_at(self) -> int:
        """When the next query or check is due."""
        return self.next_at if self.check_at is None else min(self.next_at, self.check_at)

    @property
    def answer_at(self) -> int:
        """When the answer, or the next PDU of it, is overdue."""
        return self.heard_at + microseconds(self._limits.answer)

    @property
    def whole_at(self) -> int:
        """When the end of the answer is overdue."""
        return self.asked_at + microseconds(self._limits.whole)

    @property
    def pdu_at(self) -> int | None:
        """When the end of an incomplete PDU is overdue; None if there is none."""
        return None if self.begun_at is None else self.begun_at + microseconds(self._limits.answer)
