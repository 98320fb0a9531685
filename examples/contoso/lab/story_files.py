"""The files of a story: BMP and MRT of Microsoft's router, and what was planted."""

import gzip
import json
import struct
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from story import Story
from story_lab import FOR_STORY, StoryLab
from topology import ONE_ROUTER

from lab import check_available

#: Version, length and type (RFC 7854 section 4.1).
_HEADER = struct.Struct("!BIB")
#: Where the seconds of the header of a peer are, and the microseconds behind them (section 4.2).
_TIME_AT = 40
_TIME = struct.Struct("!II")
#: Messages without the header of a peer: initiation and termination.
_WITHOUT_PEER = (4, 5)
_MICROSECONDS = 1_000_000


def run_story(story: Story, out: Path) -> None:
    """Tell a story with real daemons, and write its files to a folder."""
    check_available(FOR_STORY)
    with ExitStack() as cleanup:
        lab = StoryLab(story, cleanup)
        station = lab.start()
        lab.write_table()
        (link,) = ONE_ROUTER.station_links
        station.start()
        station.wait_for_statistics([link.address])
        planted = lab.tell()
        # all that it had sent at the first look has a time at the second
        octets = station.stream(link.address)
        stream = with_arrival_times(octets, station.arrivals(link.address))
        mrt = {file.name: file.read_bytes() for file in sorted(lab.mrt.iterdir())}
    write_story(out, planted, stream, mrt)


def write_story(out: Path, planted: dict[str, Any], stream: bytes, mrt: dict[str, bytes]) -> None:
    """Write the files of a story."""
    (out / "mrt").mkdir(parents=True, exist_ok=True)
    (out / "planted.json").write_text(f"{json.dumps(planted, indent=2)}\n", encoding="utf-8")
    (out / "story.bmp.gz").write_bytes(gzip.compress(stream, 9, mtime=0))
    for name, octets in mrt.items():
        (out / "mrt" / f"{name}.gz").write_bytes(gzip.compress(octets, 9, mtime=0))


def with_arrival_times(octets: bytes, arrivals: list[tuple[int, int]]) -> bytes:
    """Return a stream whose messages say when they arrived.

    The time in the header of each peer becomes that of the arrival, because FRRouting 8.4 gives
    the start and the end of a session times of another clock.

    Args:
        octets: a stream of complete messages.
        arrivals: how many octets had arrived, and when in microseconds since 1970.
    """
    found = bytearray(octets)
    reached = iter(arrivals)
    until, time = next(reached)
    for kind, start, end in _messages(octets):
        while until < end:
            until, time = next(reached)
        if kind not in _WITHOUT_PEER:
            _TIME.pack_into(found, start + _TIME_AT, *divmod(time, _MICROSECONDS))
    return bytes(found)


def _messages(octets: bytes) -> Iterator[tuple[int, int, int]]:
    """Yield type, start and end of every message."""
    at = 0
    while at < len(octets):
        _, length, kind = _HEADER.unpack_from(octets, at)
        yield kind, at, at + length
        at += length
