"""The store: what is saved is there again, each sink gets each notice, and old rows go."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from concurrent.futures import CancelledError
from pathlib import Path
from threading import Event, Thread
from typing import Final

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.service.doubles.alerts import (
    DAY,
    NOON,
    SECOND,
    alert,
    opening,
    resolved,
    resolving,
    transition,
)

from peerlint.errors import StateError
from peerlint.monitor.alerts import Alert, Notice, NoticeKind
from peerlint.service.store import Retention, Store, open_store
from peerlint.service.store.database import Database
from peerlint.service.store.file import StateFile
from peerlint.service.store.group import Group
from peerlint.service.store.values import alert_of, alert_text, transition_of, transition_text

TEXTS: Final = st.text(max_size=8)


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Give an empty store, once in a file and once in memory."""
    with open_store(tmp_path / "state.db" if request.param == "file" else None) as opened:
        yield opened


def ids(store: Store, sink: str) -> list[str]:
    """Return the ids of what waits for a sink."""
    return [each.id for each in store.undelivered(sink).result()]


# -- what is saved


def test_what_is_saved_is_there(store: Store) -> None:
    """Alerts, transitions and the monitor's state are read as they were given."""
    first, second = alert("a"), alert("b", opened=NOON + SECOND)
    store.save([first, second], [], [transition(1), transition(2)], '{"a": 1}')
    store.save([resolved(first)], [], [transition(3)], None).result()

    assert (second, resolved(first)) == store.alerts(10).result()
    assert (second,) == store.open_alerts().result()
    assert (transition(3), transition(2)) == store.transitions(2).result()
    assert store.saved_state() == '{"a": 1}'


def test_an_empty_store_has_nothing(store: Store) -> None:
    """Before the first save there is no state, no alert and no sink."""
    assert store.saved_state() is None
    assert store.alerts(10).result() == store.transitions(10).result() == ()
    assert store.undelivered("a sink").result() == ()
    assert {} == store.queues
    assert store.problem == ""
    assert not store.is_behind


def test_what_is_saved_is_there_at_the_next_start(tmp_path: Path) -> None:
    """A new process finds what the last one saved, and what it did not deliver."""
    path = tmp_path / "state.db"
    with open_store(path) as store:
        store.set_sinks(["one", "two"])
        store.save([alert()], [opening(alert())], [transition()], "{}").result()
        store.delivered("one", ["a-1"]).result()

    with open_store(path) as store:
        assert {"one": 0, "two": 1} == {name: each.waiting for name, each in store.queues.items()}
        assert (opening(alert()),) == store.undelivered("two").result()
        assert (alert(),) == store.alerts(1).result()
        assert (transition(),) == store.transitions(1).result()
        assert store.saved_state() == "{}"


@given(texts=st.lists(TEXTS, min_size=5, max_size=5), more=st.integers(0, 2**40))
def test_values_survive_being_text(texts: list[str], more: int) -> None:
    """Any text, also one that UTF-8 cannot hold, and any number is read as it was written."""
    given_alert = attrs.evolve(
        resolved(alert(texts[0], opened=more)),
        title=texts[1] + "\udc80",
        evidence=tuple(texts),
        unknown=texts[2],
        more=more,
    )

    assert given_alert == alert_of(alert_text(given_alert))
    assert alert_text(given_alert).isascii()
    assert transition(more, texts[3]) == transition_of(transition_text(transition(more, texts[3])))


# -- sinks


def test_each_sink_gets_each_notice_in_order(store: Store) -> None:
    """What one sink has delivered still waits for the other."""
    store.set_sinks(["one", "two"])
    ends = resolving(alert())
    store.save([alert()], [opening(alert())])
    store.save([ends.alert], [ends]).result()
    store.delivered("one", ["a-1"]).result()

    assert ids(store, "one") == ["a-2"]
    assert ids(store, "two") == ["a-1", "a-2"]
    assert [ends] == list(store.undelivered("one").result())
    assert [opening(alert())] == list(store.undelivered("two", 1).result())
    assert {"one": 1, "two": 2} == {name: each.waiting for name, each in store.queues.items()}


def test_a_notice_is_the_same_when_it_is_saved_or_delivered_again(store: Store) -> None:
    """Saving a notice twice gives one delivery; so does marking it twice."""
    store.set_sinks(["one"])
    store.save([alert()], [opening(alert())])
    store.save([alert()], [opening(alert())]).result()
    assert ids(store, "one") == ["a-1"]

    store.delivered("one", ["a-1", "a-1"])
    store.delivered("one", ["a-1", "unknown-7"])
    store.delivered("unknown", ["a-1"]).result()

    assert ids(store, "one") == []
    assert store.queues["one"].waiting == 0


def test_a_new_sink_hears_of_open_alerts_only(store: Store) -> None:
    """It gets the opening of each, under the id that other sinks got it under."""
    store.set_sinks(["one"])
    later = Notice(2, NoticeKind.REPEATED, NOON + SECOND, alert("b"))
    store.save([alert("a"), alert("b")], [opening(alert("a")), opening(alert("b")), later])
    store.save([resolved(alert("a"))], [resolving(alert("a"))]).result()

    store.set_sinks(["one", "two"]).result()

    assert ids(store, "two") == ["b-1"]
    assert ids(store, "one") == ["a-1", "b-1", "b-2", "a-2"]
    assert store.queues["two"].waiting == 1


def test_a_sink_that_is_left_out_for_a_while_misses_nothing(tmp_path: Path) -> None:
    """What is saved while it is not given waits for it, for a day."""
    path = tmp_path / "state.db"
    with open_store(path) as store:
        store.set_sinks(["one", "two"])
        store.save([alert()], [opening(alert())]).result()
    with open_store(path) as store:
        store.set_sinks(["one"])
        store.save([resolved(alert())], [resolving(alert())]).result()
    with open_store(path) as store:
        store.set_sinks(["two"]).result()

        assert ids(store, "two") == ["a-1", "a-2"]


def test_a_sink_that_is_gone_for_long_is_forgotten(tmp_path: Path) -> None:
    """After a day nothing waits for it; if it comes back, it is a new sink."""
    path = tmp_path / "state.db"
    with open_store(path) as store:
        store.set_sinks(["one"])
        store.save([alert()], [opening(alert())]).result()
    for time in (NOON + SECOND, NOON + DAY, NOON + 2 * DAY, NOON + 2 * DAY):
        with open_store(path) as store:
            store.set_sinks([])
            store.save([], [], [transition(time)]).result()
            found = dict(store.queues)
    with open_store(path) as store:
        store.set_sinks(["one"]).result()

        assert {} == found
        assert ids(store, "one") == ["a-1"]


# -- several callers


def test_saves_are_committed_together() -> None:
    """What is saved during a commit is the next commit, with one future."""
    store = open_store()
    go = Event()
    store.listen(go.wait)
    store.save([alert()], [opening(alert())])
    futures = {store.save([], [], [transition(NOON + each)]) for each in range(100)}

    go.set()
    for each in futures:
        each.result()

    assert len(futures) <= 2
    assert len(store.transitions(1000).result()) == 100
    store.close()


def test_nobody_can_cancel_what_others_wait_for() -> None:
    """Cancelling one waiting task of asyncio does not cancel the commit."""

    async def main(store: Store) -> None:
        waiting = asyncio.wrap_future(store.save([alert()]))
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await asyncio.wrap_future(store.save([alert("b")]))

    with open_store() as store:
        asyncio.run(main(store))

        assert len(store.alerts(10).result()) == 2
        assert not store.save([]).cancel()


def test_threads_may_share_a_store() -> None:
    """Many threads save and ask at the same time; nothing is lost."""

    def save(number: int) -> None:
        for each in range(50):
            store.save([alert(f"{number}.{each}")]).result(60)
            store.alerts(1).result(60)

    with open_store() as store:
        threads = [Thread(target=save, args=(number,)) for number in range(4)]
        for each in threads:
            each.start()
        for each in threads:
            each.join(60)

        assert len(store.alerts(1000).result()) == 200


def test_a_listener_hears_of_notices_and_may_fail() -> None:
    """It is called after the commit; an exception of it ends nothing."""
    heard: list[int] = []

    def listener() -> None:
        heard.append(1)
        raise RuntimeError("the event loop is closed")

    with open_store() as store:
        store.listen(listener)
        store.save([alert()], [opening(alert())]).result()
        store.save([alert()]).result()
        store.save([resolved(alert())], [resolving(alert())]).result()

    assert heard == [1, 1]


def test_a_closed_store_takes_nothing() -> None:
    """Closing twice is fine; saving or asking afterwards is an error."""
    store = open_store()
    store.save([alert()])
    store.close()
    store.close()

    for call in (store.save, store.saved_state, store.open_alerts):
        with pytest.raises(StateError, match="found one that is closed"):
            call()


def test_a_store_is_closed_when_its_block_fails(tmp_path: Path) -> None:
    """The error of the block is the one that is raised, and the file is free again."""
    path = tmp_path / "state.db"
    with pytest.raises(CancelledError), open_store(path):
        raise CancelledError

    open_store(path).close()


# -- retention


def database(**limits: int) -> tuple[Database, list[float]]:
    """Return an empty database in memory with a retention, and its clock."""
    clock = [0.0]
    file = StateFile.in_memory()
    return Database(file.connection, Retention(**limits), clock=lambda: clock[0]), clock


def write(given_database: tuple[Database, list[float]], *notices: Notice, **others: object) -> None:
    """Commit a group, ten seconds after the last one."""
    base, clock = given_database
    clock[0] += 10.0
    group = Group(**{"transitions": (), **others})  # type: ignore[arg-type]
    group.notices += notices
    for each in notices:
        group.alerts[each.alert.id] = each.alert
    base.write(group)


def count(base: Database, table: str) -> int:
    """Return the number of rows of a table."""
    (found,) = base._connection.execute(
        f"SELECT count(*) FROM {table}"  # noqa: S608  # a table of ours
    ).fetchone()
    return int(found)


def test_what_is_old_and_done_is_deleted() -> None:
    """Resolved alerts, delivered notices and transitions of 30 days ago go; open alerts stay."""
    given_database = base, _ = database()
    write(given_database, opening(alert("open")), opening(alert("a")), transitions=[transition()])
    write(given_database, resolving(alert("a")))
    write(given_database, transitions=[transition(NOON + 31 * DAY)])
    write(given_database)

    assert [each.id for each in base.alerts(10)] == ["open"]
    assert count(base, "notices") == 1
    assert (transition(NOON + 31 * DAY),) == base.transitions(10)


def test_what_waits_is_kept_however_old_it_is() -> None:
    """A sink that is down for a year misses nothing, as long as its notices are few."""
    given_database = base, _ = database()
    write(given_database, sinks=("one",))
    write(given_database, opening(alert("a")), resolving(alert("a")))
    write(given_database, transitions=[transition(NOON + 365 * DAY)])
    write(given_database)

    assert [each.id for each in base.undelivered("one", 10)] == ["a-1", "a-2"]
    assert base.alerts(10) == ()


def test_more_rows_than_the_limit_are_deleted() -> None:
    """The newest stay; notices that wait longest are dropped, and counted."""
    given_database = base, _ = database(rows=5)
    write(given_database, opening(alert("open")))
    write(given_database, sinks=("one",))
    for number in range(10):
        one = alert(f"a{number}", opened=NOON + number * SECOND)
        write(given_database, opening(one), resolving(one), transitions=[transition(NOON + number)])
    write(given_database)

    assert [transition(NOON + each) for each in (9, 8, 7, 6, 5)] == list(base.transitions(100))
    assert [each.id for each in base.undelivered("one", 100)] == [
        "open-1", "a7-2", "a8-1", "a8-2", "a9-1", "a9-2",
    ]  # fmt: skip
    assert (6, 15) == (base.queues["one"].waiting, base.queues["one"].dropped)
    assert {"open", "a5", "a6", "a7", "a8", "a9"} == {each.id for each in base.alerts(100)}
    assert count(base, "notices") == 6


def test_a_clock_that_goes_back_deletes_nothing() -> None:
    """What is older than the rows before it is kept like them."""
    given_database = base, _ = database()
    write(given_database, transitions=[transition(NOON)])
    write(given_database, transitions=[transition(NOON - 20 * DAY)])
    write(given_database, opening(alert("a", opened=NOON - 40 * DAY)))
    write(given_database)

    assert len(base.transitions(10)) == 2
    assert len(base.alerts(10)) == 1


def test_a_group_keeps_no_more_transitions_than_the_store() -> None:
    """What would be deleted at once is not written, so a group that waits does not grow."""
    with open_store(retention=Retention(rows=3)) as store:
        store.save([], [], [transition(each) for each in range(10)]).result()

        assert [9, 8, 7] == [each.time for each in store.transitions(10).result()]


def test_a_sink_that_goes_before_the_first_alert_is_kept_for_its_day(tmp_path: Path) -> None:
    """The store knows no time yet: its absence begins with the first one."""
    with open_store(tmp_path / "state.db") as store:
        store.set_sinks(("one",)).result()
        store.set_sinks(("two",)).result()
    with open_store(tmp_path / "state.db") as store:
        store.save([alert()], [opening(alert())]).result()

        assert ["a-1"] == ids(store, "one")


STEPS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.integers(0, 3)),
        st.tuples(st.just("resolve"), st.integers(0, 3)),
        st.tuples(st.just("deliver"), st.integers(0, 1)),
        st.tuples(st.just("sinks"), st.integers(1, 3)),
        st.tuples(st.just("reopen"), st.just(0)),
    ),
    max_size=30,
)


@given(steps=STEPS)
def test_every_sink_hears_of_everything_since_it_is_there(
    steps: list[tuple[str, int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A list for each sink, which is appended to, has what the store says at every moment."""
    path = tmp_path_factory.mktemp("state") / "state.db"
    names = ("one", "two")
    store = open_store(path)
    opened: dict[int, Alert] = {}
    expected: dict[str, list[str]] = {}
    given_names: tuple[str, ...] = ()
    made = 0
    for step, number in steps:
        if step == "open" and number not in opened:
            made += 1
            opened[number] = alert(f"a{made}", opened=NOON + made)
            store.save([opened[number]], [opening(opened[number])]).result()
            for waiting in expected.values():
                waiting.append(f"a{made}-1")
        elif step == "resolve" and number in opened:
            ends = resolving(opened.pop(number))
            store.save([ends.alert], [ends]).result()
            for waiting in expected.values():
                waiting.append(ends.id)
        elif step == "deliver" and expected.get(names[number]):
            store.delivered(names[number], [expected[names[number]].pop(0)]).result()
        elif step == "sinks":
            given_names = tuple(each for at, each in enumerate(names) if number & 1 << at)
            store.set_sinks(given_names).result()
            for name in given_names:
                each = sorted(opened.values(), key=lambda one: one.opened)
                expected.setdefault(name, [f"{one.id}-1" for one in each])
        elif step == "reopen":
            store.close()
            store = open_store(path)
        assert expected == {name: ids(store, name) for name in store.queues}
        assert {name: len(each) for name, each in expected.items()} == {
            name: each.waiting for name, each in store.queues.items()
        }
    store.close()
