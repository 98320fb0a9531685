"""VRPs from the real StayRTR: RTR 1 and 0, restarted, with a file that changes."""

from __future__ import annotations

import asyncio
import json
import subprocess
from collections.abc import Coroutine
from pathlib import Path
from typing import TypeVar

import pytest
from tests.feeds.rtr.stayrtr import StayRtr, free_port, skip_without_stayrtr, write_json
from tests.registry.rtr.rtr_cache import vrp

from peerlint.feeds.rtr import RtrFeed, RtrLimits
from peerlint.registry.rtr import CacheLost, RtrEvent, VrpsReceived
from peerlint.wire.rtr import PrefixPdu

pytestmark = pytest.mark.lab

A = [vrp(f"192.0.2.{number}/32 {64496 + number % 16}") for number in range(200)]
B = [vrp(f"2001:db8:{number:x}::/48-56 {65536 + number % 16}") for number in range(100)]
_Value = TypeVar("_Value")


@pytest.fixture(name="file")
def _file(tmp_path: Path) -> Path:
    skip_without_stayrtr()
    path = tmp_path / "vrps.json"
    write_json(path, A + B)
    return path


def _run(main: Coroutine[object, object, _Value]) -> _Value:
    return asyncio.run(asyncio.wait_for(main, 300))


def _feed(port: int) -> RtrFeed:
    return RtrFeed("127.0.0.1", port, limits=RtrLimits(delay=0.2, longest_delay=0.5))


async def _until(feed: RtrFeed, vrps: list[PrefixPdu]) -> list[RtrEvent]:
    """Return the events up to the answer after which the feed has these VRPs, and no other."""
    events: list[RtrEvent] = []
    while (
        not events or not isinstance(events[-1], VrpsReceived) or set(events[-1].vrps) != set(vrps)
    ):
        events.append(await anext(feed))
    return events


@pytest.mark.parametrize(("highest", "expected"), [(None, 1), (1, 1), (0, 0)])
def test_versions_and_changes(file: Path, highest: int | None, expected: int) -> None:
    """In both versions all data comes, and then what changes in the file."""

    async def main() -> None:
        with StayRtr(file, free_port(), version=highest) as server:
            feed = _feed(server.port)
            (first,) = await _until(feed, A + B)
            write_json(file, A[10:] + B)
            second = (await _until(feed, A[10:] + B))[-1]
            write_json(file, A[:30])
            third = (await _until(feed, A[:30]))[-1]
            await feed.close()
        found = [each for each in (first, second, third) if isinstance(each, VrpsReceived)]
        assert [expected] * 3 == [each.version for each in found]
        assert [True, False, False] == [each.is_reset for each in found]
        assert [False, False, True] == [each.has_shrunk for each in found]

    _run(main())


@pytest.mark.parametrize("highest", [1, 0])
def test_restart(file: Path, highest: int) -> None:
    """A restarted StayRTR refuses the old session; the data is used until all of it came again."""

    async def main() -> None:
        port = free_port()
        with StayRtr(file, port, version=highest):
            feed = _feed(port)
            await _until(feed, A + B)
        write_json(file, A)
        with StayRtr(file, port, version=highest):
            events = await _until(feed, A)
            await feed.close()
        lost = [each for each in events if isinstance(each, CacheLost)]
        assert all(each.expires is not None for each in lost)
        last = events[-1]
        assert isinstance(last, VrpsReceived)
        assert (True, highest, len(A + B)) == (last.is_reset, last.version, last.before)

    _run(main())


def test_downgrade(file: Path) -> None:
    """A StayRTR that comes back with version 0 only replaces the data of version 1."""

    async def main() -> None:
        port = free_port()
        with StayRtr(file, port, version=1):
            feed = _feed(port)
            await _until(feed, A + B)
        write_json(file, B)
        with StayRtr(file, port, version=0):
            last = (await _until(feed, B))[-1]
            await feed.close()
        assert isinstance(last, VrpsReceived)
        assert (0, True) == (last.version, last.is_reset)

    _run(main())


@pytest.mark.parametrize("version", [0, 1])
def test_as_rtrdump(file: Path, version: int) -> None:
    """StayRTR's own client, in another language, gets the same VRPs."""

    async def main() -> set[tuple[str, int, int]]:
        feed = _feed(server.port)
        (event,) = await _until(feed, A + B)
        await feed.close()
        assert isinstance(event, VrpsReceived)
        return {(str(each.prefix), each.max_length, each.asn) for each in event.vrps}

    with StayRtr(file, free_port(), version=version) as server:
        ours = _run(main())
        out = file.with_name("rtrdump.json")
        command = ["rtrdump", "-connect", f"127.0.0.1:{server.port}", "-file", str(out)]
        subprocess.run(
            [*command, "-rtr.version", str(version)], check=True, capture_output=True, timeout=60
        )
    roas = json.loads(out.read_text())["roas"]
    assert ours == {(each["prefix"], each["maxLength"], int(each["asn"])) for each in roas}
