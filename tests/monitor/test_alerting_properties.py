"""Whatever happens, every problem that holds is in exactly one open alert, and no other one is."""

from __future__ import annotations

from collections import Counter
from itertools import product

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from peerlint.engine.prepare import SubjectKey
from peerlint.engine.subject_result import SubjectResult
from peerlint.monitor.alerting import Alerting
from peerlint.monitor.alerts import NoticeKind, Resolution
from peerlint.monitor.causes import causes_of
from peerlint.monitor.problem_keys import SESSION_DOWN, ProblemKey
from peerlint.observations import Confidence
from peerlint.profiles.hold_times import HoldTimes
from peerlint.results import Finding, Outcome, Severity, SubjectRef
from peerlint.rules import Scope
from peerlint.testing.notation import scenario

SECOND = 1_000_000
TIMES = HoldTimes(repeat=900 * SECOND, flapping_changes=10)
PEERING = "contoso-ams"
SESSIONS = ("ams-1", "ams-2")
PREFIXES = ("203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24")
MISSING, PREPENDED = "route.not-received", "route.prepending"
RULES = {"missing": MISSING, "prepended": PREPENDED}
WORDS = st.sampled_from(["ok", "missing", "prepended", "missing", "ok", "unknown"])
HOLD = {MISSING: 60, PREPENDED: 10, SESSION_DOWN: 0}
FINE = 10
INVENTORY = scenario("\n".join(f"registered {each}" for each in PREFIXES)).inventory


def finding(session: str, prefix: str, word: str) -> Finding | None:
    """Return the finding of a cell; None if it has none."""
    if word == "ok":
        return None
    return Finding(
        RULES.get(word, MISSING),
        Outcome.UNKNOWN if word == "unknown" else Outcome.FAIL,
        Severity.ERROR,
        Confidence.OBSERVED,
        SubjectRef(PEERING, session, session, prefix=prefix),
        f"it is {word}",
        "R",
        need="routes" if word == "unknown" else None,
    )


class Alarms(RuleBasedStateMachine):
    """Cells, sessions, time, restarts and reloads in any order."""

    def __init__(self) -> None:
        """Start with prefixes that comply."""
        super().__init__()
        self.ids = iter(map(str, range(1_000_000)))
        self.now = 1_000
        self.alerting = Alerting(INVENTORY, {PEERING: TIMES}, new_id=self.ids.__next__)
        self.cells = dict.fromkeys(product(SESSIONS, PREFIXES), "ok")
        self.up: dict[str, bool | None] = dict.fromkeys(SESSIONS)
        #: For each problem, since when it has been there, fine or unknown.
        self.states: dict[ProblemKey, tuple[str, int]] = {}
        self.declared = set(PREFIXES)
        self.last: dict[str, tuple[int, NoticeKind]] = {}
        self.shown: set[str] = set()

    # -- what happens

    @rule(prefix=st.sampled_from(PREFIXES), words=st.tuples(WORDS, WORDS))
    def cells_change(self, prefix: str, words: tuple[str, str]) -> None:
        """The routes of a prefix change."""
        for session, word in zip(SESSIONS, words, strict=True):
            self.cells[session, prefix] = word
        self.show(prefix)
        self.settle()

    @rule(session=st.sampled_from(SESSIONS), word=WORDS)
    def session_changes(self, session: str, word: str) -> None:
        """All routes of a session change."""
        for prefix in PREFIXES:
            self.cells[session, prefix] = word
            self.show(prefix)
        self.settle()

    @rule(
        session=st.sampled_from(SESSIONS),
        is_up=st.sampled_from([True, False, None]),
        is_with_routes=st.booleans(),
    )
    def session_goes(self, session: str, *, is_up: bool | None, is_with_routes: bool) -> None:
        """A session goes up, down, or is unknown; its routes may follow."""
        self.alerting.session(self.now * SECOND, session, is_up)
        before, self.up[session] = self.up[session], is_up
        key = ProblemKey(SESSION_DOWN, PEERING, session, session)
        self.note(key, {True: "fine", False: "there", None: "unknown"}[is_up])
        if is_up and before is not True:
            for prefix in PREFIXES:
                key = ProblemKey(MISSING, PEERING, session, session, prefix)
                if self.states.get(key, ("", 0))[0] == "there":
                    self.states[key] = ("there", self.now)
        self.settle()
        if is_with_routes:
            word = {True: "ok", False: "missing", None: "unknown"}[is_up]
            self.session_changes(session, word)

    @rule(seconds=st.sampled_from([1, 9, 10, 11, 50, 60, 61, 300, 1000]))
    def time_passes(self, seconds: int) -> None:
        """Nothing happens for a time."""
        end = self.now + seconds
        while (due := self.alerting.next_time()) is not None and due <= end * SECOND:
            assert due > self.now * SECOND - 1
            self.now = max(self.now, due // SECOND)
            self.take(due)
        self.now = end
        self.settle()

    @rule()
    def restart(self) -> None:
        """The program starts again; everything is shown again later."""
        saved = self.alerting.saved()
        before = {each.cause: each.id for each in self.alerting.open_alerts()}
        self.alerting = Alerting(INVENTORY, {PEERING: TIMES}, new_id=self.ids.__next__, saved=saved)
        assert {each.cause: each.id for each in self.alerting.open_alerts()} == before
        self.states = dict.fromkeys(self.states, ("unknown", self.now))
        self.up = dict.fromkeys(SESSIONS)
        self.shown.clear()
        self.settle()

    @rule(prefix=st.sampled_from(PREFIXES))
    def reload(self, prefix: str) -> None:
        """The inventory loses a prefix, or has it again."""
        self.declared ^= {prefix}
        lines = "\n".join(f"registered {each}" for each in sorted(self.declared))
        inventory = scenario(lines).inventory
        self.alerting.reload(inventory, {PEERING: TIMES}, self.now * SECOND)
        if prefix in self.declared:
            self.show(prefix)
        else:
            self.states = {key: each for key, each in self.states.items() if key.prefix != prefix}
        self.settle()

    # -- the naive model

    def show(self, prefix: str) -> None:
        """Evaluate a prefix."""
        if prefix not in self.declared:
            return
        self.shown.add(prefix)
        words = {session: self.cells[session, prefix] for session in SESSIONS}
        found = [finding(session, prefix, word) for session, word in words.items()]
        result = SubjectResult(
            SubjectKey(Scope.PREFIX, PEERING, prefix),
            PEERING,
            tuple(each for each in found if each is not None),
            words=words,
        )
        self.alerting.update(self.now * SECOND, result)
        for session, word in words.items():
            for name, each in RULES.items():
                key = ProblemKey(each, PEERING, session, session, prefix)
                state = "there" if word == name else "unknown" if word == "unknown" else "fine"
                self.note(key, state)

    def note(self, key: ProblemKey, state: str) -> None:
        """Note the state of a problem, and since when it has it."""
        if self.states.get(key, ("", 0))[0] != state:
            self.states[key] = (state, self.now)

    def settle(self) -> None:
        """Settle now."""
        self.take(self.now * SECOND)

    def take(self, time: int) -> None:
        """Settle, and check the notices."""
        members = {alert.id: set(alert.members) for alert in self.alerting._alerts.all()}
        changes = self.alerting.settle(time)
        for notice in changes.notices:
            number, kind = self.last.get(notice.alert.id, (0, None))
            assert notice.number == number + 1
            assert (notice.kind is NoticeKind.OPENED) is (number == 0)
            assert kind is not NoticeKind.RESOLVED
            self.last[notice.alert.id] = notice.number, notice.kind
            if notice.alert.resolution in (Resolution.COMPLIES, Resolution.WITHDRAWN):
                for key in members[notice.alert.id]:
                    assert self.states[key][0] == "fine" or self.tracked(key) is not None
        assert not set(members) - {each.id for each in self.alerting.open_alerts()} - set(self.last)

    def tracked(self, key: ProblemKey) -> object:
        """Return the alert that a problem belongs to; None for none."""
        found = self.alerting._tracker.index.get(key)
        return None if found is None else found.alert

    def is_flapping(self, key: ProblemKey) -> bool:
        """Whether a problem belongs to an alert about flapping, or its session does."""
        session = ProblemKey(SESSION_DOWN, PEERING, key.session, key.session)
        found = [self.alerting._tracker.index.get(each) for each in (key, session)]
        return any(each is not None and each.is_flapping for each in found)

    # -- invariants

    @invariant()
    def what_holds_is_in_an_alert(self) -> None:
        """A problem that has been there for its time is in an alert."""
        for key, (state, since) in self.states.items():
            if state == "there" and self.now - since >= HOLD[key.rule]:
                assert self.tracked(key) is not None, key

    @invariant()
    def what_is_fine_is_in_no_alert(self) -> None:
        """A problem that has been fine for its time is in no alert, unless it flaps."""
        for key, (state, since) in self.states.items():
            if state == "fine" and self.now - since >= FINE and not self.is_flapping(key):
                assert self.tracked(key) is None, key

    @invariant()
    def causes_differ(self) -> None:
        """Two open alerts never have equal causes, and each has a problem."""
        alerts = [*self.alerting._alerts.all()]
        causes = Counter(each.cause for each in alerts)
        assert not causes or max(causes.values()) == 1
        assert len({each.id for each in alerts}) == len(alerts)
        for alert in alerts:
            assert alert.members
            for key, tracked in alert.members.items():
                assert tracked.alert is alert
                assert self.alerting._tracker.index.get(key) is tracked

    @invariant()
    def counts_are_right(self) -> None:
        """What is counted while things change equals what is counted at once."""
        expected: Counter[object] = Counter()
        for tracked in self.alerting._tracker.index:
            if tracked.is_shown and tracked.alert is None:
                expected.update(causes_of(tracked.key))
        assert self.alerting._tracker.index.counts == expected
        for alert in self.alerting._alerts.all():
            members = alert.members.values()
            assert alert.unknown == sum(bool(each.unknown) for each in members)
            assert alert.ended == sum(not each.is_there for each in members)

    @invariant()
    def nothing_is_due_now(self) -> None:
        """Time passes until something settles: the owner does not have to ask at once again."""
        due = self.alerting.next_time()
        assert due is None or due > self.now * SECOND

    @invariant()
    def sessions_lead(self) -> None:
        """What is missing on a session whose alert is open belongs to that alert."""
        for session in SESSIONS:
            found = self.tracked(ProblemKey(SESSION_DOWN, PEERING, session, session))
            for prefix in PREFIXES if found is not None else ():
                alert = self.tracked(ProblemKey(MISSING, PEERING, session, session, prefix))
                key = ProblemKey(MISSING, PEERING, session, session, prefix)
                assert alert in (None, found) or self.is_flapping(key)


TestAlarms = Alarms.TestCase
TestAlarms.settings = settings(stateful_step_count=40, deadline=None)
