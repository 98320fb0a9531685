"""Deliveries: at least once, in order, tried again with patience, and never held up for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Final

import pytest
from tests.service.doubles.alerts import NOON, SECOND, alert, opening, resolved, resolving
from tests.service.doubles.clock import FakeClock

from peerlint.monitor.alerts import Alert, Notice
from peerlint.service.delivery import MAX_REFUSALS, DeliveryTimes
from peerlint.service.dispatcher import Dispatcher
from peerlint.service.sinks import DeliveryError
from peerlint.service.store import Retention, Store, open_store

#: Seconds after which something that should happen at once counts as hanging.
LIMIT: Final = 60


class Receiver:
    """A sink in memory, which fails as it is told to.

    Attributes:
        heard: the ids of the notices of each delivery that succeeded.
        refreshed: the ids of the alerts of each refresh that succeeded.
        errors: what the next attempts raise, one after the other.
        refuses: ids of notices that it refuses whenever it gets them.
        attempts: the ids of each attempt.
    """

    def __init__(self, name: str = "one", *, batch: int = 1, interval: float | None = None) -> None:
        """Start with nothing heard."""
        self.name, self.batch, self.refresh_interval = name, batch, interval
        self.heard: list[list[str]] = []
        self.refreshed: list[list[str]] = []
        self.errors: list[Exception] = []
        self.refuses: set[str] = set()
        self.attempts: list[list[str]] = []
        self.is_down = self.is_closed = False

    async def deliver(self, notices: Sequence[Notice]) -> None:
        """Hear notices, or fail."""
        ids = [each.id for each in notices]
        self.attempts.append(ids)
        self._fail()
        if self.refuses.intersection(ids):
            raise DeliveryError("HTTP status 400", is_refused=True)
        self.heard.append(ids)

    async def refresh(self, alerts: Sequence[Alert]) -> None:
        """Hear open alerts, or fail."""
        self._fail()
        self.refreshed.append([each.id for each in alerts])

    async def close(self) -> None:
        """Note that it is closed."""
        self.is_closed = True

    def _fail(self) -> None:
        if self.errors:
            raise self.errors.pop(0)
        if self.is_down:
            raise DeliveryError("down")


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition."""

    async def look() -> None:
        while not condition():  # noqa: ASYNC110  # any condition
            await asyncio.sleep(0.001)

    await asyncio.wait_for(look(), LIMIT)


@pytest.fixture
def store() -> Iterator[Store]:
    """Give an empty store in memory."""
    with open_store() as opened:
        yield opened


def run(
    store: Store,
    story: Callable[[Dispatcher, FakeClock], Awaitable[object]],
    *receivers: Receiver,
    jitter: float = 1.0,
) -> list[str]:
    """Run a story with a dispatcher, and return what it warned of."""
    warnings: list[str] = []

    async def main() -> None:
        clock = FakeClock()
        dispatcher = Dispatcher(store, receivers, clock=clock.clock(jitter), warn=warnings.append)
        dispatcher.start()
        await story(dispatcher, clock)
        await dispatcher.stop(LIMIT)

    asyncio.run(main())
    assert all(each.is_closed for each in receivers)
    return warnings


def save(store: Store, *notices: Notice) -> None:
    """Save notices with their alerts, without waiting."""
    store.save([each.alert for each in notices], notices)


def test_notices_are_delivered_once_they_are_saved(store: Store) -> None:
    """Each sink gets each notice, in order, in deliveries of its size."""
    one, three = Receiver("one"), Receiver("three", batch=3)

    async def story(dispatcher: Dispatcher, _: FakeClock) -> None:
        save(store, *(opening(alert(f"a{each}")) for each in range(7)))
        save(store, resolving(alert("a0")))
        await until(lambda: all(each.delivered == 8 for each in dispatcher.status()))
        await until(lambda: not any(each.waiting for each in dispatcher.status()))
        found = {each.name: each for each in dispatcher.status()}
        assert (8, 0, NOON) == (
            found["one"].delivered, found["one"].failures, found["one"].last_delivery
        )  # fmt: skip

    assert [] == run(store, story, one, three)
    expected = [*(f"a{each}-1" for each in range(7)), "a0-2"]
    assert expected == [each for (each,) in one.heard]
    assert expected == [each for part in three.heard for each in part]
    assert max(map(len, three.heard)) <= 3
    assert {0} == {each.waiting for each in store.queues.values()}


def test_a_sink_that_is_down_holds_up_no_other(store: Store) -> None:
    """Its notices wait in the store, and are delivered in order when it is there again."""
    good, bad = Receiver("good"), Receiver("bad")
    bad.is_down = True

    async def story(dispatcher: Dispatcher, clock: FakeClock) -> None:
        save(store, *(opening(alert(f"a{each}")) for each in range(5)))
        await until(lambda: len(good.heard) == 5)
        await until(lambda: len(clock.slept) == 1)
        status = dispatcher.status()[1]
        assert (5, 0, 1, "down") == (
            status.waiting, status.delivered, status.failures, status.last_error
        )  # fmt: skip
        bad.is_down = False
        clock.advance(1)
        await until(lambda: len(bad.heard) == 5)
        await until(lambda: not dispatcher.status()[1].waiting)

    warnings = run(store, story, good, bad)
    assert warnings == ["bad: down; tried again until it works", "bad: works again"]
    assert [f"a{each}-1" for each in range(5)] == [each for (each,) in bad.heard]


def test_attempts_become_rare(store: Store) -> None:
    """The time doubles from one second to five minutes; Retry-After is honoured up to an hour."""
    sink = Receiver()
    sink.errors = [DeliveryError("500") for _ in range(12)]
    sink.errors += [DeliveryError("429", retry_after=each) for each in (7.0, 1000.0, 1e9)]

    async def story(_: Dispatcher, clock: FakeClock) -> None:
        save(store, opening(alert()))
        for number in range(15):
            await until(lambda: len(clock.slept) > number)  # noqa: B023  # at once
            clock.advance(clock.slept[-1])
        await until(lambda: bool(sink.heard))
        assert [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300, 300, 1000, 3600] == clock.slept

    run(store, story, sink)


def test_jitter_halves_a_time_at_most(store: Store) -> None:
    """Several senders do not come back at once."""
    sink = Receiver()
    sink.errors = [DeliveryError("500")]

    async def story(_: Dispatcher, clock: FakeClock) -> None:
        save(store, opening(alert()))
        await until(lambda: len(clock.slept) == 1)
        assert clock.slept == [0.5]

    run(store, story, sink, jitter=0.0)


def test_a_message_that_is_refused_does_not_hold_up_the_others(store: Store) -> None:
    """It is tried three times, alone, given up and said; all others are delivered in order."""
    sink = Receiver(batch=10)
    sink.refuses = {"a2-1"}

    async def story(dispatcher: Dispatcher, clock: FakeClock) -> None:
        save(store, *(opening(alert(f"a{each}")) for each in range(5)))
        for number in range(MAX_REFUSALS - 1):
            await until(lambda: len(clock.slept) > number)  # noqa: B023  # at once
            clock.advance(clock.slept[-1])
        await until(lambda: sum(map(len, sink.heard)) == 4)
        await until(lambda: not dispatcher.status()[0].waiting)
        assert dispatcher.status()[0].undeliverable == 1
        save(store, *(opening(alert(f"b{each}")) for each in range(5)))
        await until(lambda: sum(map(len, sink.heard)) == 9)

    warnings = run(store, story, sink)
    assert "one: notice a2-1 is given up: HTTP status 400" in warnings
    expected = [f"{letter}{each}-1" for letter in "ab" for each in range(5)]
    expected.remove("a2-1")
    assert expected == [each for part in sink.heard for each in part]
    assert sink.attempts.count(["a2-1"]) == MAX_REFUSALS
    assert any(len(each) > 1 for each in sink.attempts[-2:])


def test_a_bug_that_one_notice_shows_does_not_hold_up_the_others(store: Store) -> None:
    """It counts as refused."""
    sink = Receiver()
    sink.errors = [KeyError("a") for _ in range(MAX_REFUSALS)]

    async def story(_: Dispatcher, clock: FakeClock) -> None:
        save(store, opening(alert("a")), opening(alert("b")))
        for number in range(MAX_REFUSALS - 1):
            await until(lambda: len(clock.slept) > number)  # noqa: B023  # at once
            clock.advance(clock.slept[-1])
        await until(lambda: sink.heard == [["b-1"]])

    warnings = run(store, story, sink)
    assert "one: notice a-1 is given up: a bug in peerlint: KeyError('a')" in warnings


def test_open_alerts_are_sent_again(store: Store) -> None:
    """At the start, and then at each interval; not those that are resolved."""
    sink = Receiver(interval=100.0)
    store.save([alert("old")]).result()

    async def story(_: Dispatcher, clock: FakeClock) -> None:
        await until(lambda: sink.refreshed == [["old"]])
        save(store, opening(alert("a")), opening(alert("b", opened=NOON + SECOND)))
        await until(lambda: len(sink.heard) == 2)
        store.save([resolved(alert("old"))]).result()
        await until(lambda: clock.slept[-1] == 100.0)
        clock.advance(60.0)
        await asyncio.sleep(0.01)
        assert len(sink.refreshed) == 1
        sleeps = len(clock.slept)
        clock.advance(40.0)
        await until(lambda: len(sink.refreshed) == 2)
        await until(lambda: len(clock.slept) > sleeps and clock.slept[-1] == 100.0)
        sink.errors = [DeliveryError("500")]
        clock.advance(100.0)
        await until(lambda: clock.slept[-1] == 1.0)
        clock.advance(1.0)
        await until(lambda: len(sink.refreshed) == 3)

    run(store, story, sink)
    assert [["old"], ["a", "b"], ["a", "b"]] == sink.refreshed


@pytest.mark.parametrize("jump", [-86_400 * SECOND, 86_400 * SECOND])
def test_a_clock_that_jumps_changes_no_interval(store: Store, jump: int) -> None:
    """Intervals are those of a clock that never goes back."""
    sink = Receiver(interval=100.0)

    async def story(_: Dispatcher, clock: FakeClock) -> None:
        save(store, opening(alert()))
        await until(lambda: len(sink.heard) == 1)
        await until(lambda: len(sink.refreshed) == 1)
        clock.now += jump
        await until(lambda: clock.slept != [])
        clock.advance(99.0)
        await asyncio.sleep(0.01)
        assert len(sink.refreshed) == 1
        clock.advance(1.0)
        await until(lambda: len(sink.refreshed) == 2)

    run(store, story, sink)


def test_the_end_delivers_what_waits(store: Store) -> None:
    """What was saved before is delivered; a sink that fails gets one last attempt."""
    good, bad = Receiver("good"), Receiver("bad")
    bad.is_down = True

    async def story(_: Dispatcher, clock: FakeClock) -> None:
        save(store, opening(alert("a")))
        await until(lambda: len(clock.slept) == 1)
        store.save([alert("b")], [opening(alert("b"))]).result()

    run(store, story, good, bad)
    assert good.heard == [["a-1"], ["b-1"]]
    assert bad.attempts == [["a-1"], ["a-1"]]
    assert store.queues["bad"].waiting == 2


def test_the_end_delivers_what_is_saved_while_the_store_is_asked(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A question to the store that is answered with nothing right before is asked again."""
    sink = Receiver()
    read = store.undelivered
    asked: list[str] = []
    dispatchers: list[Dispatcher] = []

    def nothing_at_first(name: str, limit: int) -> Future[tuple[Notice, ...]]:
        asked.append(name)
        if len(asked) > 1:
            return read(name, limit)
        store.save([alert()], [opening(alert())]).result(LIMIT)
        dispatchers[0]._deliveries[0].stop()
        nothing: Future[tuple[Notice, ...]] = Future()
        nothing.set_result(())
        return nothing

    monkeypatch.setattr(store, "undelivered", nothing_at_first)

    async def main() -> None:
        dispatchers.append(Dispatcher(store, [sink]))
        dispatchers[0].start()
        await until(lambda: bool(sink.heard))
        await dispatchers[0].stop(LIMIT)

    asyncio.run(main())
    assert sink.heard == [["a-1"]]


def test_the_end_does_not_wait_for_a_receiver_that_never_answers(store: Store) -> None:
    """After the limit the delivery is cancelled; its notice waits for the next start."""

    class Hanging(Receiver):
        async def deliver(self, notices: Sequence[Notice]) -> None:
            self.attempts.append([each.id for each in notices])
            await asyncio.sleep(10 * LIMIT)

    sink = Hanging()

    async def main() -> None:
        dispatcher = Dispatcher(store, [sink])
        dispatcher.start()
        save(store, opening(alert()))
        await until(lambda: bool(sink.attempts))
        await dispatcher.stop(0.01)

    asyncio.run(main())
    assert sink.is_closed
    assert store.queues["one"].waiting == 1


def test_a_notice_is_repeated_under_its_id(store: Store) -> None:
    """If the mark is lost after a delivery, the next start delivers the same again."""
    sink = Receiver()
    store.set_sinks(["one"])
    store.save([alert()], [opening(alert())]).result()

    async def story(dispatcher: Dispatcher, _: FakeClock) -> None:
        await until(lambda: not dispatcher.status()[0].waiting)

    run(store, story, sink)
    assert sink.heard == [["a-1"]]
    assert () == store.undelivered("one").result()


def test_dropped_notices_are_said() -> None:
    """More than the store keeps: the oldest go, and the user hears of it."""
    sink = Receiver()
    sink.is_down = True

    async def story(dispatcher: Dispatcher, clock: FakeClock) -> None:
        for each in range(10):
            one = alert(f"a{each}")
            save(store, opening(one), resolving(one))
            store.save().result()
        store._database._cleaned = 0.0
        store.save().result()
        await until(lambda: bool(clock.slept))
        sink.is_down = False
        clock.advance(1.0)
        await until(lambda: not dispatcher.status()[0].waiting)
        assert dispatcher.status()[0].dropped == 17

    with open_store(retention=Retention(rows=3)) as store:
        warnings = run(store, story, sink)

    assert "one: 17 notices dropped, too many waited" in warnings
    assert [["a8-2"], ["a9-1"], ["a9-2"]] == sink.heard


def test_sinks_of_one_name_are_one(store: Store) -> None:
    """The first one counts."""
    first, second = Receiver("one"), Receiver("one")

    async def story(dispatcher: Dispatcher, _: FakeClock) -> None:
        save(store, opening(alert()))
        await until(lambda: bool(first.heard))
        assert len(dispatcher.status()) == 1

    second.is_closed = True
    run(store, story, first, second)
    assert second.attempts == []


def test_a_state_that_cannot_be_read_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """The delivery goes on when it can be read again."""
    sink = Receiver()
    read = store._database.undelivered
    is_damaged = [True]

    def damaged(name: str, limit: int) -> tuple[Notice, ...]:
        if is_damaged[0]:
            raise ValueError("no JSON")
        return read(name, limit)

    monkeypatch.setattr(store._database, "undelivered", damaged)

    async def story(_: Dispatcher, clock: FakeClock) -> None:
        save(store, opening(alert()))
        await until(lambda: bool(clock.slept))
        is_damaged[0] = False
        clock.advance(1.0)
        await until(lambda: bool(sink.heard))

    warnings = run(store, story, sink)
    assert "found ValueError: no JSON" in warnings[0]


def test_times_are_those_that_the_page_has() -> None:
    """A second, five minutes, an hour."""
    assert DeliveryTimes(1.0, 300.0, 3600.0) == DeliveryTimes()
