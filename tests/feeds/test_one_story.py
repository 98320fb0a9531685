"""One story of announce, withdraw, loss and return gives the same events through every feed.

The story is data (`doubles.story`). Each feed is told it in its own form, by its real means: BMP
over a socket, RIS Live over a websocket, ExaBGP through a pipe, MRT in a folder, pybgpstream in a
thread (`doubles.tellers`). What a feed cannot say is a `Differences`, with the reason beside it;
everything else has to be equal.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

pytest.importorskip("aiohttp", reason="the extra `live`")
from tests.feeds.doubles.story import STORIES, Step, expected, plain
from tests.feeds.doubles.tellers import TELLERS

from peerlint.events import Event

if TYPE_CHECKING:
    from tests.feeds.doubles.teller import Teller


async def _told(teller: Teller, story: tuple[Step, ...]) -> list[list[Event]]:
    """Return the events of each step, which the feed has to give before the next one happens."""
    found: list[list[Event]] = []
    try:
        for number, step in enumerate(story):
            teller.number = number
            await teller.tell(step)
            count = len(expected(step, number, teller.its))
            events = [await asyncio.wait_for(anext(teller.feed), 20) for _ in range(count)]
            found.append([plain(each) for each in events])
    finally:
        await teller.close()
    return found


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("teller", TELLERS)
def test_one_story(tmp_path: Path, teller: str, story: str) -> None:
    """Each step gives the events that the feed can say, and nothing else."""
    make: Callable[..., Teller] = TELLERS[teller]
    told = make(tmp_path, has_path_ids=story == "several paths")
    steps = STORIES[story]

    found = asyncio.run(_told(told, steps))

    assert found == [expected(step, number, told.its) for number, step in enumerate(steps)]


@pytest.mark.parametrize("version", ["4", "5"])
def test_lines_are_as_exabgp_writes_them(tmp_path: Path, version: str) -> None:
    """The story has no key that ExaBGP itself did not write, at its place."""
    vectors = Path(__file__).parent.parent / "vectors" / "exabgp"
    written: set[str] = set()
    for kind in ("session", "updates"):
        for line in (vectors / f"{kind}-{version}.jsonl").read_bytes().splitlines():
            written |= _places(json.loads(line))
    teller: Any = TELLERS[f"exabgp {version}"]
    for name, story in STORIES.items():
        told = teller(tmp_path, has_path_ids=name == "several paths")
        for step in story:
            if step.kind not in ("begin", "lost", "back"):
                assert _places(told._line(step)) <= written


def _places(value: object, place: str = "") -> set[str]:
    """Return where the keys of objects are; all addresses are one key, and both families."""
    if isinstance(value, list):
        return set().union(*(_places(each, place) for each in value))
    if not isinstance(value, dict):
        return {place}
    keys = {key: "*" if key[0].isdigit() else key.removeprefix("ipv4 ") for key in value}
    return set().union(
        *(
            _places(each, f"{place}/{keys[key].removeprefix('ipv6 ')}")
            for key, each in value.items()
        )
    )
