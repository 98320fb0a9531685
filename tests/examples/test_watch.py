"""The story of examples/watch: what the lab planted is what a watch says, from BMP and from MRT."""

from __future__ import annotations

import asyncio
import shutil
import subprocess
import sys
from collections.abc import Iterable
from functools import cache
from itertools import count
from pathlib import Path
from typing import Final

import attrs
import pytest
from tests.lab.planted_story import Raised, Subject, differences, planted, raised, sequences

import peerlint
from peerlint.api.replay_driver import ReplayDriver
from peerlint.api.replaying import replay
from peerlint.api.watched import watched_of
from peerlint.events import Event, Gap
from peerlint.feeds.follow import FolderFeed
from peerlint.monitor.alerts import Alert
from peerlint.monitor.changes import Changes
from peerlint.monitor.monitor import Monitor
from peerlint.monitor.problem_keys import SESSION_DOWN
from peerlint.monitor.transitions import Transition

WATCH: Final = Path(__file__).resolve().parents[2] / "examples" / "watch"
PLANTED: Final = WATCH / "planted.json"
GOLDEN: Final = Path(__file__).resolve().parents[1] / "golden" / "watch-story.txt"
STREAM: Final = WATCH / "story.bmp.gz"
TABLE: Final = WATCH / "mrt" / "rib.mrt.gz"
UPDATES: Final = WATCH / "mrt" / "updates.mrt.gz"
#: Seconds after which what the lab did has reached Microsoft's router.
LATE: Final = 2.5
INVENTORY: Final = peerlint.load_inventory(WATCH / "peering.toml")
WATCHED: Final = watched_of(INVENTORY, profile=None, strict=False, allow=())
TIMES: Final = WATCHED.times["contoso-ams"]
#: A table does not say what its sessions agreed about restarts: the first one is taken for the loss
#: of the session.
RESTARTED: Final = {Subject(SESSION_DOWN, "ams-1", ""), Subject(SESSION_DOWN, "fra-2", "")}
Said = tuple[tuple[Alert, ...], tuple[Transition, ...]]


@cache
def replayed(*archives: Path) -> Said:
    """Return the alerts and transitions of a replay."""
    found = replay(INVENTORY, archives)
    for _ in found:
        pass
    return found.summary.alerts, found.summary.transitions


def followed(folder: Path, *files: Path) -> Said:
    """Return the alerts and transitions of a watch that follows a folder with these files."""
    for each in files:
        shutil.copy(each, folder)
    events = asyncio.run(_events(FolderFeed(folder, view="adj-rib-in", settle=0, poll=0)))
    if isinstance(events[0], Gap):  # it is found now, and not when the messages came
        events[0] = attrs.evolve(events[0], time=events[1].time)
    numbers = count(1)
    monitor = Monitor(WATCHED, now=events[0].time, new_id=lambda: f"alert-{next(numbers)}")
    stepper = ReplayDriver(monitor, monitor.add_feed("follow"))
    found = [*stepper.changes(events), *stepper.until(monitor.now + TIMES.flapping_time)]
    return _said(found)


async def _events(feed: FolderFeed) -> list[Event]:
    """Return all events that are there: the feed waits for more after them."""
    found: list[Event] = []
    while True:
        try:
            found.append(await asyncio.wait_for(anext(feed), 1))
        except TimeoutError:
            feed.close()
            return found


def _said(changes: Iterable[Changes]) -> Said:
    every = tuple(changes)
    return (
        tuple(alert for each in every for alert in each.alerts),
        tuple(transition for each in every for transition in each.transitions),
    )


def wrong(found: Iterable[Raised]) -> list[str]:
    """Return how alerts differ from those that were planted."""
    return differences(planted(PLANTED), found, TIMES, LATE)


@pytest.mark.parametrize("archives", [(STREAM,), (TABLE, UPDATES)], ids=["bmp", "mrt"])
def test_archives(archives: tuple[Path, ...]) -> None:
    """Every planted problem is one alert, opened and resolved in its time, and nothing else is.

    Every subject goes through the states that the story gives it, and through no others.
    """
    alerts, transitions = replayed(*archives)

    assert not wrong(raised(alerts))
    assert GOLDEN.read_text(encoding="utf-8") == sequences(transitions, PLANTED)


@pytest.mark.slow
def test_a_folder_of_messages(tmp_path: Path) -> None:
    """Messages from the start of the sessions on are enough for the same alerts and states."""
    alerts, transitions = followed(tmp_path, UPDATES)

    assert not wrong(raised(alerts))
    assert GOLDEN.read_text(encoding="utf-8") == sequences(transitions, PLANTED)


@pytest.mark.slow
def test_a_folder_with_a_table(tmp_path: Path) -> None:
    """After a table, the first restart of a session is taken for its loss; all else is the same."""
    alerts, _ = followed(tmp_path, TABLE, UPDATES)
    found = raised(alerts)

    assert {each.subject for each in found if each.subject in RESTARTED} == RESTARTED
    assert not wrong(each for each in found if each.subject not in RESTARTED)


@pytest.mark.slow
def test_the_command_of_the_readme() -> None:
    """The one command prints the alerts, and ends with 1 because there are some."""
    command = [
        sys.executable,
        "-m",
        "peerlint",
        "replay",
        "--quiet",
        WATCH / "peering.toml",
        STREAM,
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert (1, "") == (done.returncode, done.stderr)
    assert (WATCH / "replay.txt").read_text(encoding="utf-8") == done.stdout
