"""`kill -9` of `peerlint watch` at any moment: no alert is lost, and none gets another id."""

from __future__ import annotations

import os
import random
from contextlib import closing
from pathlib import Path
from signal import Signals
from time import sleep
from typing import Final

import pytest
from tests.cli.doubles.watching import Router, Watching, wait_for, watching_in

#: How often the watch is killed; `nox -s long -- kills` does it 200 times.
KILLS: Final = int(os.environ.get("PEERLINT_KILLS", "10"))
#: Seconds of work after which the watch is killed, at most.
WORK: Final = 0.5
SEED: Final = 20261130


def by_alert(watching: Watching) -> dict[str, list[dict[str, object]]]:
    """Return what was delivered of each alert, each delivery once, in order."""
    found: dict[str, dict[str, dict[str, object]]] = {}
    for each in watching.alerts:
        known = found.setdefault(each["id"], {}).setdefault(each["delivery"], each)
        assert known == each, "a delivery that is repeated has other contents"
    return {alert: [*each.values()] for alert, each in found.items()}


def open_alerts(watching: Watching) -> list[str]:
    """Return the ids of the alerts of which no resolution was delivered."""
    found = by_alert(watching)
    return [alert for alert, each in found.items() if each[-1]["kind"] != "resolved"]


@pytest.mark.slow
def test_kills(tmp_path: Path) -> None:
    """Each alert is delivered from its opening to its resolution, whenever the watch is killed."""
    rng = random.Random(SEED)  # noqa: S311  # no secret
    with watching_in(tmp_path) as watching:
        for _ in range(KILLS):
            watching.start()
            with closing(Router(watching.port)) as router:
                work(router, rng)
                watching.end(Signals.SIGKILL)
        watching.start()
        with closing(Router(watching.port)):
            wait_for(lambda: watching.alerts and not open_alerts(watching), "that all is fine")
            watching.end()

    found = by_alert(watching)
    causes: dict[tuple[object, ...], list[str]] = {}
    for alert, each in found.items():
        assert [*range(1, len(each) + 1)] == [one["number"] for one in each], "one is lost"
        assert [one["kind"] for one in each].count("opened") == 1
        first = each[0]
        cause = tuple(first[name] for name in ("rule", "peering", "session", "prefix", "about"))
        causes.setdefault(cause, []).append(alert)
    for alerts in causes.values():
        spans = [(found[each][0]["opened"], found[each][-1]["resolved"]) for each in alerts]
        ends = [str(end) for _, end in spans[:-1]]
        assert all(end <= str(begin) for end, (begin, _) in zip(ends, spans[1:], strict=True)), (
            "two alerts of one cause are open at a time"
        )


def work(router: Router, rng: random.Random) -> None:
    """Let states change for a random time."""
    actions = (router.down, router.up, router.withdraw, router.announce)
    left = rng.random() * WORK
    while left > 0:
        rng.choice(actions)()
        pause = rng.random() * 0.05
        sleep(pause)
        left -= pause
