"""One story gives the same transitions and alerts through every feed.

Each feed is told it by its real means, in its own form (`tests.feeds.doubles`): BMP over a socket,
ExaBGP through a pipe, MRT in a folder, RIS Live over a websocket, pybgpstream in a thread, an async
generator of a user's own. What the lab's router recorded is in `tests/examples/test_watch.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final

import attrs
import pytest

pytest.importorskip("aiohttp", reason="the extra `live`")
from tests.feeds.doubles.story import BEHIND, LOCAL, PEER, SECOND, Step, expected, time_of
from tests.feeds.doubles.tellers import TELLERS

import peerlint
from peerlint.api.archives import archive_input
from peerlint.api.replay_driver import ReplayDriver
from peerlint.api.watched import watched_of
from peerlint.monitor.changes import Changes
from peerlint.monitor.monitor import Monitor
from peerlint.monitor.watched import Watched
from peerlint.profiles.hold_times import HoldTimes

if TYPE_CHECKING:
    from tests.feeds.doubles.teller import Teller

PREFIX: Final = "203.0.113.0/24"
GOOD: Final = Step("announce", f"{PREFIX} path 64500 community 8075:8007 next-hop 192.0.2.1")
BAD: Final = Step("announce", f"{PREFIX} path 64500 community 64500:120 next-hop 192.0.2.1")
LONG: Final = Step("announce", f"{PREFIX} path 64500 64500 community 8075:8007 next-hop 192.0.2.1")
WAIT: Final = Step("wait")
COMES: Final = (Step("up"), GOOD, Step("complete", "4"), WAIT, WAIT, WAIT)
#: One step each second.
STORY: Final = (
    Step("begin"),
    *COMES,
    BAD, WAIT, WAIT, WAIT,
    GOOD, WAIT, WAIT, WAIT,
    Step("withdraw", PREFIX), WAIT, WAIT, WAIT, WAIT,
    GOOD, WAIT, WAIT, WAIT,
    LONG, GOOD, WAIT, WAIT, WAIT,  # it is over before it counts
    Step("down"), WAIT,
    *COMES,
    WAIT, WAIT,
)  # fmt: skip
HOLD: Final = HoldTimes(missing=3 * SECOND, session_down=0, other=2 * SECOND)
INVENTORY: Final = f"""
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500
location = "Amsterdam"
geo_region = "Europe"
sku = "Premium_Direct_Free"

[[peering.connection]]
name = "ams-1"
router = "edge1.ams"
role = "primary"
bandwidth = "100G"
state = "Active"

[[peering.connection.session]]
microsoft = "{LOCAL}"
peer = "{PEER}"
sync = "quiet:1s"

[[peering.registered_prefix]]
name = "sbc-1"
prefix = "{PREFIX}"
origin = 64500

[lab]
allow = ["documentation"]
max_age = "off"
"""
#: What happens when, in seconds of the story. A transition has the time since when it holds.
Line = tuple[int, str]
EVERYTHING: Final[list[Line]] = [
    (7, f"cell contoso-ams {PREFIX}: ok -> no community"),
    (7, f"prefix contoso-ams {PREFIX}: Verified -> Failed"),
    (7, "redundancy contoso-ams: 1 of 1 -> 0 of 1"),
    (9, "opened: route.community-missing"),
    (11, f"cell contoso-ams {PREFIX}: no community -> ok"),
    (11, f"prefix contoso-ams {PREFIX}: Failed -> Verified"),
    (11, "redundancy contoso-ams: 0 of 1 -> 1 of 1"),
    (13, "resolved: route.community-missing"),
    (15, f"cell contoso-ams {PREFIX}: ok -> missing"),
    (15, f"prefix contoso-ams {PREFIX}: Verified -> Failed"),
    (15, "redundancy contoso-ams: 1 of 1 -> 0 of 1"),
    (18, "opened: route.not-received"),
    (20, f"cell contoso-ams {PREFIX}: missing -> ok"),
    (20, f"prefix contoso-ams {PREFIX}: Failed -> Verified"),
    (20, "redundancy contoso-ams: 0 of 1 -> 1 of 1"),
    (22, "resolved: route.not-received"),
    (29, "session ams-1: up -> down"),
    (29, "opened: session.down"),
    (31, "session ams-1: down -> up"),
    (33, "resolved: session.down"),
]
#: A collector's feed shows no session of the inventory, so that nothing is known of it.
DIFFERENCES: Final[dict[str, list[Line]]] = {"ris-live": []}


def watched(folder: Path) -> Watched:
    """Return an inventory of one session, with short hold times."""
    file = folder / "peering.toml"
    file.write_text(INVENTORY, encoding="utf-8")
    found = watched_of(peerlint.load_inventory(file), profile=None, strict=False, allow=())
    return attrs.evolve(found, times={"contoso-ams": HOLD})


def lines(changes: Changes, begin: int) -> Iterator[tuple[int, str]]:
    """Yield what changed, and when in the story."""
    for each in changes.transitions:
        about = each.prefix or each.session or each.peering
        states = f"{each.before or 'nothing'} -> {each.after}"
        yield (each.time - begin) // SECOND, f"{each.kind} {about}: {states}"
    for notice in changes.notices:
        yield (notice.time - begin) // SECOND, f"{notice.kind}: {notice.alert.cause.rule}"


async def told(teller: Teller, watch: Watched) -> list[Line]:
    """Tell the story to a feed, and return what a monitor of its events says."""
    late = BEHIND if teller.its.time_is_header_time else 0
    begin = time_of(0) - late
    numbers = count(1)
    monitor = Monitor(watch, now=begin, new_id=lambda: f"alert-{next(numbers)}")
    feed = monitor.add_feed("story")
    found: list[Line] = []
    try:
        for number, step in enumerate(STORY):
            teller.number = number
            if step is not WAIT:
                await teller.tell(step)
                for _ in expected(step, number, teller.its):
                    monitor.add(feed, await asyncio.wait_for(anext(teller.feed), 20))
            monitor.advance(time_of(number) - late)
            found += lines(monitor.evaluate(), begin)
    finally:
        await teller.close()
    return found


@pytest.mark.parametrize("name", TELLERS)
def test_one_story(name: str, tmp_path: Path) -> None:
    """Every feed of a router gives the same transitions and alerts at the same times."""
    make: Callable[..., Teller] = TELLERS[name]
    teller = make(tmp_path, has_path_ids=False)

    found = asyncio.run(told(teller, watched(tmp_path)))

    assert DIFFERENCES.get(name, EVERYTHING) == found


def test_archive(tmp_path: Path) -> None:
    """A replay of the files that were followed gives the same."""
    watch = watched(tmp_path)
    asyncio.run(told(TELLERS["follow"](tmp_path, has_path_ids=False), watch))
    archives = archive_input(
        watch.inventory, [tmp_path / "mrt" / "rib", tmp_path / "mrt" / "updates"]
    )
    begin = time_of(0) - BEHIND
    numbers = count(1)
    monitor = Monitor(watch, now=begin, new_id=lambda: f"alert-{next(numbers)}")
    stepper = ReplayDriver(monitor, monitor.add_feed("archive", archives.argument_of))

    found = [*stepper.changes(archives.feed), *stepper.until(begin + len(STORY) * SECOND)]

    assert EVERYTHING == [line for each in found for line in lines(each, begin)]
