"""Flapping: problems that come and go too often."""

from __future__ import annotations

from peerlint.monitor.damping import Holds, SteadyTime
from peerlint.monitor.problem_keys import ProblemKey
from peerlint.monitor.saved_alerts import SavedChanges
from peerlint.profiles.hold_times import HoldTimes


class UnstableProblems:
    """The last changes of problems, and which of them flap."""

    def __init__(self, clock: SteadyTime) -> None:
        """Start without changes."""
        self._clock = clock
        #: The steady times of the last changes.
        self._changes: dict[ProblemKey, list[int]] = {}
        self._flapping: set[ProblemKey] = set()
        self._quiet: Holds[ProblemKey, bool] = Holds(clock)

    def add(self, key: ProblemKey, times: HoldTimes) -> bool:
        """Count a change of a problem, and return whether the problem flaps from now on."""
        most = max(1, times.flapping_changes)
        now = self._clock.now
        changes = self._changes.setdefault(key, [])
        changes.append(now)
        del changes[:-most]
        self._quiet.start(key, value=True, hold=times.flapping_time, since=now)
        is_often = len(changes) == most and now - changes[0] <= times.flapping_time
        if not is_often or key in self._flapping:
            return False
        self._flapping.add(key)
        return True

    def wait_again(self, key: ProblemKey, times: HoldTimes) -> None:
        """Wait once more for the time in which a problem has to be unchanged."""
        self._quiet.start(key, value=True, hold=times.flapping_time, since=self._clock.now)

    def take_quiet(self) -> list[ProblemKey]:
        """Return the problems that have not changed for their time."""
        return [key for key, _ in self._quiet.take_due()]

    def forget(self, key: ProblemKey) -> None:
        """Forget the changes of a problem."""
        self._quiet.cancel(key)
        self._changes.pop(key, None)
        self._flapping.discard(key)

    def next_due(self) -> int | None:
        """Return when the next problem may be stable, in steady time; None if none is unstable."""
        return self._quiet.next_due()

    def saved(self) -> tuple[SavedChanges, ...]:
        """Return the changes of all problems."""
        return tuple(
            SavedChanges(key, tuple(changes), key in self._flapping)
            for key, changes in self._changes.items()
        )

    def restore(self, saved: SavedChanges, times: HoldTimes) -> None:
        """Go on with the changes of a problem."""
        key = saved.key
        self._changes[key] = [*saved.times]
        if saved.is_flapping:
            self._flapping.add(key)
        last = saved.times[-1] if saved.times else self._clock.now
        self._quiet.start(key, value=True, hold=times.flapping_time, since=last)
