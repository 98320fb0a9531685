"""The value of a scenario, see `peerlint.testing.notation`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import attrs

from peerlint import engine
from peerlint.inventory import Inventory
from peerlint.model import MICROSOFT
from peerlint.observations import Observations, aged
from peerlint.profiles import Profile
from peerlint.registry import Registry
from peerlint.results import Report
from peerlint.testing.dumps import TIMESTAMP, FeedSession, RibDump

#: The default time of a scenario.
NOW: Final = datetime(2026, 11, 21, tzinfo=UTC)


@attrs.frozen
class Scenario:
    """The inventory, the observations, the profiles and the registry data of a scenario."""

    inventory: Inventory
    observations: Observations
    profiles: dict[str, Profile]
    plan: Inventory | None = None
    now: datetime = NOW
    registry: Registry | None = None

    def evaluate(self, *, strict: bool = False) -> Report:
        """Check the scenario with all rules, and return the report."""
        limit = self.inventory.lab.max_age
        limits = {
            session.id: limit or self.profiles[session.peering.name].max_age
            for session in self.inventory.sessions
        }
        return engine.check(
            self.inventory,
            aged(self.observations, self.now, limits),
            self.profiles,
            now=self.now,
            version="0",
            kernel="python",
            strict=strict,
            plan=self.plan,
            registry=self.registry,
        )

    def rib(
        self, timestamp: int = TIMESTAMP, *, collector: str = "192.0.2.255", view: str = ""
    ) -> RibDump:
        """Return a dump of the routes of all sessions, with the partner's side of each as the peer.

        Args:
            timestamp: as for `peerlint.testing.dumps.RibDump`.
            collector: as for `peerlint.testing.dumps.RibDump`.
            view: as for `peerlint.testing.dumps.RibDump`.
        """
        dump = RibDump(timestamp=timestamp, collector=collector, view=view)
        for session in self.inventory.sessions:
            number = dump.peer(str(session.declared.peer), int(session.peering.asn))
            for source in self.observations.of(session.id):
                dump.routes(number, *(each.route for each in source.observations))
        return dump

    def feed(self, session_id: str) -> FeedSession:
        """Return the session of messages that the partner's side sends to Microsoft.

        Raises:
            KeyError: there is no such session.
        """
        for session in self.inventory.sessions:
            if session.id == session_id:
                local = str(session.declared.microsoft)
                return FeedSession(
                    str(session.declared.peer), int(session.peering.asn), local, MICROSOFT
                )
        raise KeyError(session_id)
