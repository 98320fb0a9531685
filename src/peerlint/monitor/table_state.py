"""Whether the routes of one address family of one table are all known."""

from __future__ import annotations

from enum import Enum
from typing import Final

import attrs

from peerlint.model import Prefix
from peerlint.monitor.held_routes import HeldRoutes
from peerlint.observations import Coverage

#: How much longer than its hold time an End-of-RIB waits for a table that still grows.
_MAX_HOLDS: Final = 60
#: The number of differing reports after which a difference is a gap.
_REPORTS: Final = 2


class Proof(Enum):
    """What shows that all routes of a table are known; the value is a text."""

    END_OF_RIB = "End-of-RIB"
    COUNT = "the router counts as many routes"
    QUIET = "no changes for the time that the inventory says"
    DOWN = "the session is down"


@attrs.frozen
class TableState:
    """What is known of a table.

    Attributes:
        coverage: complete if absence can be evaluated, partial if only presence can, none if
            nothing is known of the table.
        proof: what makes it complete; None if it is not.
        reason: why it is not complete; empty if it is.
    """

    coverage: Coverage
    proof: Proof | None = None
    reason: str = ""


@attrs.define(eq=False)
class FamilyState:
    """One address family of one table, from the start of its session on.

    Attributes:
        held: the routes now that the feed has yielded.
        others: the number of those that it holds back; None if they are not counted.
        before: how many there were when the session ended last; 0 if that was resolved.
        proof: what showed that all routes are known; None until then.
        end_of_rib: when End-of-RIB came; None until then.
        grown: when the last new route came; None if there was none.
        differing: the number of reports in a row with another count.
        counted: what the last report counted, and what was held then; None if they agreed.
        tolerated: whether the differing reports began when all routes were known.
        reconnected_for: the difference for which the router was last asked to send all again.
    """

    held: HeldRoutes
    others: int | None = 0
    before: int = 0
    proof: Proof | None = None
    end_of_rib: int | None = None
    grown: int | None = None
    differing: int = 0
    counted: tuple[int, int] | None = None
    tolerated: bool = False
    reconnected_for: int | None = None

    # -- changes

    def restart(self) -> None:
        """Note that all routes are gone; those that still exist are announced again."""
        routes = self.routes or 0
        # Only a table that was known says how many routes there are to come again.
        self.before = routes if self.is_known else max(self.before, routes)
        self.held.clear()
        self.others = 0
        self.proof = self.end_of_rib = self.grown = self.counted = None
        self.differing, self.tolerated = 0, False

    def add(self, prefix: Prefix, path_id: int | None, time: int) -> None:
        """Note an announcement."""
        if self.held.add(prefix, path_id):
            self.grown = time

    def hold_back(self, routes: int | None, time: int, *, is_grown: bool) -> None:
        """Note how many routes the feed holds back, and whether one of them is new."""
        self.others = routes
        if is_grown:
            self.grown = time

    def settle(self, time: int, *, hold: int, is_unchanged: bool) -> None:
        """Note what the time that has passed proves.

        Args:
            time: the time until which all events are known, in microseconds.
            hold: how long End-of-RIB has to be over, in microseconds.
            is_unchanged: whether nothing changed for so long that this proves it.
        """
        if self.proof is not None or self.differing or self.has_fewer_routes:
            return
        if self.end_of_rib is not None:
            # Some routers send it before the last routes (FRRouting/frr pull request 22623).
            ready = max(self.end_of_rib, self.grown or 0) + hold
            if time >= min(ready, self.end_of_rib + _MAX_HOLDS * hold):
                self.proof = Proof.END_OF_RIB
        if self.proof is None and is_unchanged:
            self.proof = Proof.QUIET

    def agree(self) -> None:
        """Note a report that counts as many routes."""
        self.proof = Proof.COUNT
        self.differing, self.counted, self.tolerated = 0, None, False
        self.before, self.reconnected_for = 0, None

    def differ(self, routes: int, held: int) -> bool:
        """Note a report that counts another number of routes.

        While routes still come, each report differs by another number. A table that was known is
        not expected to grow, and any two differing reports in a row count.

        Args:
            routes: the number that the router counts.
            held: the number that is held, in the same families.

        Returns:
            Whether the router has to send everything again. That does not help if the difference
            was the same after the last time.
        """
        difference = routes - held
        before = None if self.counted is None else self.counted[0] - self.counted[1]
        if not self.differing:
            self.tolerated = self.is_known
        self.differing = self.differing + 1 if self.tolerated or before == difference else 1
        self.counted = (routes, held)
        if self.differing < _REPORTS:
            return False
        self.proof, self.tolerated = None, False
        return self.reconnected_for != difference

    def set_back(self, time: int) -> None:
        """Note that the clock was set back: what came after a time has come just now."""
        self.end_of_rib = None if self.end_of_rib is None else min(self.end_of_rib, time)
        self.grown = None if self.grown is None else min(self.grown, time)

    # -- queries

    @property
    def routes(self) -> int | None:
        """The number of routes now; None if it is not known."""
        if self.held.is_uncounted or self.others is None:
            return None
        return len(self.held) + self.others

    @property
    def is_known(self) -> bool:
        """Whether all routes are known; a single report that differs may be a matter of time."""
        return self.proof is not None and (not self.differing or self.tolerated)

    @property
    def has_fewer_routes(self) -> bool:
        """Whether there are fewer routes than before the session ended."""
        if not self.before:
            return False
        return self.routes is not None and self.routes < self.before

    @property
    def reason(self) -> str:
        """Why not all routes are known."""
        if self.counted is not None:
            counted, came = self.counted
            return f"the router counts {counted:,} routes, and {came:,} came"
        if self.has_fewer_routes:
            shown = f"{self.routes or 0:,}"
            return f"the session came back and shows {shown} routes, {self.before:,} before"
        if self.end_of_rib is not None:
            return "the hold time after End-of-RIB is not over"
        if self.routes is None:
            return "too many routes to count, and no End-of-RIB"
        return "no End-of-RIB, and no count of the router that agrees"
