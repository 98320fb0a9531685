"""Transitions: states of cells, prefixes, sessions and peerings that changed and held."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

import attrs

from peerlint.engine.prepare import SubjectKey
from peerlint.engine.state import UNKNOWN, WAIVED
from peerlint.engine.subject_result import SubjectResult
from peerlint.inventory import Inventory
from peerlint.monitor.damping import Holds, SteadyTime
from peerlint.monitor.transitions import Transition, TransitionKind
from peerlint.profiles.hold_times import HoldTimes
from peerlint.results import NOT_REQUIRED, OK
from peerlint.rules import CATALOGUE

UP: Final = "up"
DOWN: Final = "down"
#: The number of transitions that are kept.
_KEPT: Final = 200
_MISSING: Final = CATALOGUE["route.not-received"].word
_FINE: Final = (OK, NOT_REQUIRED, WAIVED)

#: A subject and a session of its row, a subject alone, or a session alone.
_StateKey = tuple[SubjectKey | None, str]


@attrs.define(eq=False)
class _Row:
    """The states of a prefix.

    Attributes:
        peering: the name of the peering.
        key: the key of its row in the report.
        words: the settled words of the matrix, by session; words that were never known are absent.
        unseen: the sessions of words that were never known.
        shown: the words as last shown.
        state: its settled predicted state; empty if it was never known.
    """

    peering: str
    key: str = ""
    words: Mapping[str, str] = attrs.Factory(dict)
    unseen: set[str] = attrs.Factory(set)
    shown: Mapping[str, str] | None = None
    state: str = ""


class StateChanges:
    """The settled states, and those that have to hold until they count."""

    def __init__(self, clock: SteadyTime, inventory: Inventory) -> None:
        """Start without states: the first state of anything is no transition.

        Args:
            clock: the clock, which the owner advances.
            inventory: the peerings and sessions.
        """
        self._clock = clock
        self._holds: Holds[_StateKey, str] = Holds(clock)
        self._rows: dict[SubjectKey, _Row] = {}
        self._sessions: dict[str, str] = {}
        #: How long sessions that may be restarting have to be down.
        self._restarts: dict[str, int] = {}
        #: By session, how many prefixes of its peering have a problem there, or are unknown.
        self._failed: Counter[str] = Counter()
        self._unknown: Counter[str] = Counter()
        #: By peering, how many prefixes have been seen.
        self._prefixes: Counter[str] = Counter()
        self._redundancy: dict[str, str] = {}
        #: The peerings whose words have settled, with the time of the last change.
        self._changed: dict[str, int] = {}
        self.last: deque[Transition] = deque(maxlen=_KEPT)
        self.reload(inventory)

    def reload(self, inventory: Inventory, gone: Iterable[SubjectKey] = ()) -> None:
        """Go on with another inventory.

        Args:
            inventory: the peerings and sessions.
            gone: the subjects that it does not have any more.
        """
        self._peering_of = {each.id: each.peering.name for each in inventory.sessions}
        self._members = {
            each.name: tuple(session.id for session in each.sessions) for each in inventory.peerings
        }
        for key in gone:
            self.forget(key)
        for session in self._sessions.keys() - self._peering_of.keys():
            del self._sessions[session]
            self._restarts.pop(session, None)
            self._holds.cancel((None, session))
        self._redundancy = {
            name: before for name, before in self._redundancy.items() if name in self._members
        }
        # What changes with the inventory is no transition.
        for name in self._redundancy:
            self._redundancy[name] = self._redundancy_of(name) or self._redundancy[name]

    def forget(self, key: SubjectKey) -> None:
        """Forget a subject."""
        row = self._rows.pop(key, None)
        if row is None:
            return
        self._prefixes[key.owner] -= 1
        for session in row.unseen:
            self._count(key, session, UNKNOWN, -1, self._clock.wall)
        for session, word in row.words.items():
            self._count(key, session, word, -1, self._clock.wall)
            self._holds.cancel((key, session))
        self._holds.cancel((key, ""))

    def observe(self, result: SubjectResult, times: HoldTimes) -> None:
        """Note the state and the words of a prefix."""
        if result.row is None:
            return
        row = self._rows.get(result.subject)
        if row is None:
            row = self._rows[result.subject] = _Row(result.peering, result.row.key)
            self._prefixes[result.subject.owner] += 1
        words = result.words
        if words is not None and words is not row.shown and words != row.shown:
            self._observe_words(result.subject, row, words, times)
        state = result.row.state
        hold = times.other
        for session, word in (words or {}).items():
            if word.startswith(_MISSING):
                hold = max(hold, self._missing_hold(session, times))
        if state is not None:
            known = "" if str(state) == "Unknown" else str(state)
            self._observe((result.subject, ""), row.state, str(state), hold, first=known)

    def _observe_words(
        self, key: SubjectKey, row: _Row, words: Mapping[str, str], times: HoldTimes
    ) -> None:
        row.shown = words
        settled = row.words
        for session, word in words.items():
            before = settled.get(session, "")
            is_missing = word.startswith(_MISSING)
            hold = self._missing_hold(session, times) if is_missing else times.other
            first = "" if word.startswith(UNKNOWN) else word
            if not (first or before or session in row.unseen):
                row.unseen.add(session)
                self._count(key, session, UNKNOWN, 1, self._clock.wall)
            self._observe((key, session), before, word, hold, first=first)

    def _observe(self, place: _StateKey, before: str, after: str, hold: int, *, first: str) -> None:
        """Note a state: the first one that is known counts at once."""
        if before == after:
            self._holds.cancel(place)
        elif before:
            self._holds.start(place, after, hold)
        elif first:
            self._set(place, first, self._clock.wall)

    def session(self, session: str, state: str, hold: int, *, is_restart: bool = False) -> None:
        """Note the state of a session.

        Args:
            session: its id.
            state: the state.
            hold: how long it has to hold.
            is_restart: whether a graceful restart may be going on for this time: then what is
                missing on the session counts after it.
        """
        first = "" if state == UNKNOWN else state
        self._observe((None, session), self._sessions.get(session, ""), state, hold, first=first)
        if is_restart and (None, session) in self._holds:
            self._restarts[session] = hold
        else:
            self._restarts.pop(session, None)

    def may_restart(self, session: str) -> bool:
        """Return whether a session is down, and may come back with the routes that it had."""
        return session in self._restarts

    def _missing_hold(self, session: str, times: HoldTimes) -> int:
        return max(times.missing, self._restarts.get(session, 0))

    def settle(self, *, is_whole: bool = True) -> list[Transition]:
        """Return the states that have held for their time.

        Args:
            is_whole: whether no subject has to be evaluated again: only then it is known on how
                many sessions all prefixes are fine.
        """
        found = []
        for place, wait in self._holds.take_due():
            if place[1] and place[1] not in self._peering_of:
                continue  # the inventory does not have the session any more
            before = self._set(place, wait.value, wait.seen)
            found.append(self._transition(place, wait.seen, before, wait.value))
        if is_whole:
            found += self._settle_redundancy()
        self.last.extendleft(found)
        return found

    def next_due(self) -> int | None:
        """Return when a state may settle, in steady time; None if none waits."""
        return self._holds.next_due()

    def _set(self, place: _StateKey, after: str, time: int) -> str:
        """Set the settled state of a place, and return the one before."""
        key, session = place
        if key is None:
            before = self._sessions.get(session, "")
            self._sessions[session] = after
            self._restarts.pop(session, None)
            return before
        row = self._rows[key]
        if not session:
            before, row.state = row.state, after
            return before
        before = row.words.get(session, "")
        row.words = {**row.words, session: after}
        if session in row.unseen:
            row.unseen.discard(session)
            self._count(key, session, UNKNOWN, -1, time)
        if before:
            self._count(key, session, before, -1, time)
        self._count(key, session, after, 1, time)
        return before

    def _transition(self, place: _StateKey, time: int, before: str, after: str) -> Transition:
        key, session = place
        if key is None:
            peering = self._peering_of.get(session, "")
            return Transition(time, TransitionKind.SESSION, before, after, peering, "", session)
        row = self._rows[key]
        kind = TransitionKind.CELL if session else TransitionKind.PREFIX
        return Transition(time, kind, before, after, row.peering, row.key, session)

    # -- redundancy

    def _count(self, key: SubjectKey, session: str, word: str, change: int, time: int) -> None:
        if self._peering_of.get(session) != key.owner:
            return
        self._changed[key.owner] = max(time, self._changed.get(key.owner, time))
        if word.startswith(UNKNOWN):
            self._unknown[session] += change
        elif not word.startswith(_FINE):
            self._failed[session] += change

    def _settle_redundancy(self) -> Iterator[Transition]:
        changed, self._changed = self._changed, {}
        for name, time in changed.items():
            after = self._redundancy_of(name)
            before = self._redundancy.get(name, "")
            if after is None or before == after:
                continue
            self._redundancy[name] = after
            if before:
                yield Transition(time, TransitionKind.REDUNDANCY, before, after, name)

    def _redundancy_of(self, peering: str) -> str | None:
        """Return on how many sessions all prefixes are fine; None while that is not known."""
        members = self._members.get(peering, ())
        if not self._prefixes[peering]:
            return None  # no prefix, as at a route server whose sessions are all down
        fine = [each for each in members if not self._failed[each]]
        if not members or any(self._unknown[each] for each in fine):
            return None
        return f"{len(fine)} of {len(members)}"
