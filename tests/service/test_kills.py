"""`kill -9` at any moment: no notice is lost, and none gets another id."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Final

import pytest
from tests.service.doubles.watch import SINKS, ids_until

from peerlint.service.store import open_store

ROOT: Final = Path(__file__).resolve().parents[2]
#: How often a watch is killed; `nox -s long -- kills` does it 200 times.
KILLS: Final = int(os.environ.get("PEERLINT_KILLS", "10"))
#: Seconds of work after which a watch is killed, at most.
WORK: Final = 0.3
#: Seconds after which a watch counts as hanging.
LIMIT: Final = 120


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start a watch, and wait until it works."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.service.doubles.watch", str(folder), *words],
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"ready\n"
    return process


def finish(process: subprocess.Popen[bytes]) -> None:
    """Wait for the end of a watch."""
    process.communicate(timeout=LIMIT)

    assert process.returncode == 0


def delivered(folder: Path, sink: str) -> list[str]:
    """Return the ids of delivered notices, in order; a kill may have cut a line off."""
    found = []
    for line in (folder / f"{sink}.jsonl").read_text(encoding="utf-8").splitlines():
        try:
            found.append(str(json.loads(line)["id"]))
        except ValueError:
            continue
    return found


def steps_of(folder: Path) -> int:
    """Return how many steps the state file has."""
    with open_store(folder / "state.db") as store:
        return int(store.saved_state() or 0)


@pytest.mark.slow
def test_killed_watches_deliver_what_an_undisturbed_one_does(tmp_path: Path) -> None:
    """The ids are equal, for each sink; an opening is delivered before its resolution."""
    seed = int(os.environ.get("PEERLINT_SEED", str(random.randrange(2**32))))  # noqa: S311  # no secret
    print(f"PEERLINT_SEED={seed}")  # noqa: T201  # shown if the test fails
    rng = random.Random(seed)  # noqa: S311  # no secret
    killed, undisturbed = tmp_path / "killed", tmp_path / "undisturbed"
    killed.mkdir()
    undisturbed.mkdir()
    before = 0
    for _ in range(KILLS):
        process = start(killed)
        time.sleep(rng.uniform(0, WORK))
        process.kill()
        process.communicate()
        steps = steps_of(killed)
        assert steps >= before
        before = steps
    (killed / "enough").touch()
    finish(start(killed))
    steps = steps_of(killed)
    assert steps > KILLS
    finish(start(undisturbed, str(steps)))

    for sink in SINKS:
        found = delivered(killed, sink)
        assert ids_until(steps) == set(found) == set(delivered(undisturbed, sink))
        firsts = {name: at for at, name in reversed(list(enumerate(found)))}
        for name, at in firsts.items():
            if name.endswith("-2"):
                assert firsts[name.removesuffix("2") + "1"] < at
    assert len(delivered(undisturbed, "one")) == len(ids_until(steps))
