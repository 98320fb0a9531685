"""What cannot be saved is kept, said, and saved when that is possible again."""

from __future__ import annotations

import os
import sqlite3
import subprocess
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import suppress
from pathlib import Path
from threading import Event
from typing import Final

import pytest
from tests.service.doubles.alerts import alert, opening, resolved, transition

from peerlint.errors import StateError
from peerlint.service.store import RetryTimes, Store, open_store
from peerlint.service.store.group import Group
from peerlint.service.store.store import MAX_PENDING
from peerlint.service.store.writer import Writer

#: Seconds after which something that should happen at once counts as hanging.
LIMIT: Final = 60
FAST: Final = RetryTimes(0.001, 0.002)


def full() -> sqlite3.OperationalError:
    """Return what SQLite raises when the disk is full."""
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


class Disk:
    """Takes groups; fails while it is told to.

    Attributes:
        groups: what was committed.
        error: what the next attempts raise; None if they succeed.
        attempts: the number of attempts.
    """

    def __init__(self, error: Exception | None = None) -> None:
        """Start empty."""
        self.groups: list[Group] = []
        self.error = error
        self.attempts = 0
        self.tried = Event()

    def write(self, group: Group) -> None:
        """Commit a group, or fail."""
        self.attempts += 1
        self.tried.set()
        if self.error is not None:
            raise self.error
        self.groups.append(group)


def writer(disk: Disk, problems: list[str], retry: RetryTimes = FAST) -> Writer:
    """Return a running writer that appends its problems to a list."""
    return Writer(
        "state.db",
        disk.write,
        new_group=lambda: Group(deque(maxlen=100)),
        retry=retry,
        on_problem=problems.append,
    )


def save(given: Writer, name: str) -> Future[None]:
    """Save an alert with its opening."""
    one = alert(name)
    return given.add(lambda group: group.add([one], [opening(one)], [], name))


def test_what_fails_is_tried_again_in_order() -> None:
    """While the disk is full, everything waits in memory; then it is saved in its order."""
    disk, problems = Disk(full()), list[str]()
    given = writer(disk, problems)
    futures = [save(given, "a")]
    assert disk.tried.wait(LIMIT)
    futures += [save(given, each) for each in ("b", "c", "b")]
    assert given.pending() == 4
    assert given.ask(lambda: 7).result(LIMIT) == 7
    assert not any(each.done() for each in futures)

    disk.error = None
    for each in futures:
        each.result(LIMIT)
    given.close(0)

    assert [["a"], ["b", "c"]] == [list(each.alerts) for each in disk.groups]
    assert ["a", "b"] == [each.state for each in disk.groups]
    assert [["a-1"], ["b-1", "c-1", "b-1"]] == [
        [each.id for each in group.notices] for group in disk.groups
    ]
    assert len(problems) == 2
    assert problems[0].startswith("the disk of the state file is full; what cannot be saved is")
    assert problems[1] == given.problem == ""


def test_other_errors_are_said_in_the_words_of_sqlite() -> None:
    """Each reason is said once; a callback that fails ends nothing."""
    disk, problems = Disk(sqlite3.OperationalError("disk I/O error")), list[str]()
    given = writer(disk, problems)
    first = save(given, "a")
    assert disk.tried.wait(LIMIT)
    disk.error = sqlite3.DatabaseError("database disk image is malformed")
    while len(problems) < 2:
        given.ask(lambda: 0).result(LIMIT)

    disk.error = None
    first.result(LIMIT)
    given.close(0)

    assert ["disk I/O error", "database disk image is malformed", ""] == [
        each.removeprefix("the state file cannot be written: ").partition(";")[0]
        for each in problems
    ]


@pytest.mark.parametrize(
    "error",
    [sqlite3.ProgrammingError("a bug"), sqlite3.IntegrityError("a bug"), TypeError("a bug")],
)
def test_a_bug_fails_the_group_and_not_the_store(error: Exception) -> None:
    """Trying again would not help; who waits gets the error, and the next group is saved."""
    disk, problems = Disk(error), list[str]()
    given = writer(disk, problems)

    with pytest.raises(type(error), match="a bug"):
        save(given, "a").result(LIMIT)
    disk.error = None
    save(given, "b").result(LIMIT)
    given.close(0)

    assert [["b"]] == [list(each.alerts) for each in disk.groups]
    assert problems == []


def test_closing_tries_once_more_and_says_what_is_lost() -> None:
    """A store that cannot save does not hold up the end of the program."""
    disk, problems = Disk(full()), list[str]()
    given = writer(disk, problems, RetryTimes(1000, 1000))
    first = save(given, "a")
    while not problems:
        given.ask(lambda: 0).result(LIMIT)
    second = save(given, "b")

    with pytest.raises(StateError, match="found 2 notices that could not be: the disk"):
        given.close(0.01)

    assert disk.attempts == 2
    for each in (first, second):
        with pytest.raises(StateError, match="alerts that are still open are opened again"):
            each.result(LIMIT)


def test_closing_waits_for_a_disk_that_has_room_again() -> None:
    """What is saved within the time of closing is no error."""
    disk, problems = Disk(full()), list[str]()
    given = writer(disk, problems)
    future = save(given, "a")
    assert disk.tried.wait(LIMIT)

    def heal(problem: str) -> None:
        assert problem
        disk.error = None

    given._on_problem = heal
    disk.error = sqlite3.OperationalError("still not")
    given.close(LIMIT)

    assert future.result(0) is None


def test_a_store_that_is_behind_says_so() -> None:
    """The monitor can wait before memory grows."""
    store = open_store()
    go, in_commit = Event(), Event()

    def wait() -> None:
        in_commit.set()
        go.wait(LIMIT)

    store.listen(wait)
    store.save([], [opening(alert())])
    assert in_commit.wait(LIMIT)
    store.save([], [opening(alert(str(each))) for each in range(MAX_PENDING)])

    assert store.is_behind
    go.set()
    store.save().result(LIMIT)
    assert not store.is_behind
    store.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a file system of a megabyte, in memory."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a file system")
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)  # noqa: S607


def fill(folder: Path) -> Path:
    """Write a file until the disk is full."""
    path = folder / "big"
    with suppress(OSError), path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 512)
    return path


def test_a_full_disk_loses_nothing(small_disk: Path) -> None:
    """Alerts of the time in which the disk is full are saved, and delivered, when it is not."""
    problems: list[str] = []
    said = Event()

    def say(problem: str) -> None:
        problems.append(problem)
        said.set()

    path = small_disk / "state.db"
    with open_store(path, retry=FAST, on_problem=say) as store:
        store.set_sinks(["one"]).result(LIMIT)
        store.save([alert("a")], [opening(alert("a"))], [transition()], "before").result(LIMIT)
        big = fill(small_disk)
        waiting = _save_until(store, said)

        assert "the disk of the state file is full" in store.problem
        assert store.saved_state() is not None
        assert len(store.open_alerts().result(LIMIT)) >= 1
        assert not waiting[-1].endswith("-2")
        big.unlink()
        store.save([resolved(alert("a"))], [], [], "after").result(LIMIT)

    assert problems[-1] == ""
    with open_store(path) as store:
        assert store.saved_state() == "after"
        found = [each.id for each in store.undelivered("one", 100_000).result(LIMIT)]
        assert ["a-1", *waiting] == found


def _save_until(store: Store, said: Event) -> list[str]:
    """Save alerts until that fails, and some more; return the ids of their notices."""
    found: list[str] = []
    more = 50
    while more:
        more -= said.is_set()
        one = alert(f"b{len(found)}")
        future = store.save([one], [opening(one)], [], "meanwhile")
        found.append(opening(one).id)
        while not (future.done() or said.wait(0.001)):
            pass
    return found


def test_a_new_state_file_on_a_full_disk_is_an_error(small_disk: Path) -> None:
    """The message says that there is no room."""
    fill(small_disk)

    with pytest.raises(StateError, match=r"full disk; make room|No space left on device"):
        open_store(small_disk / "state.db")
