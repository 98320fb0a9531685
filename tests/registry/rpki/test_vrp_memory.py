"""Files of VRPs larger than the memory."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Iterator
from itertools import chain, repeat

import pytest

from peerlint.registry.rpki import VrpDump, read_vrps

MEGABYTE = 1 << 20


class GeneratedFile(io.RawIOBase):
    """A file that is made while it is read."""

    def __init__(self, parts: Iterator[bytes]) -> None:
        """Start at the first part."""
        self._parts = parts
        self.size = 0

    def read(self, _size: int = -1, /) -> bytes:
        """Return a part."""
        part = next(self._parts, b"")
        self.size += len(part)
        return part


def peak_of(first: bytes, part: bytes, count: int, last: bytes) -> tuple[VrpDump, int, int]:
    """Return the VRPs of a file, its size, and the peak of memory in octets."""
    file = GeneratedFile(chain([first], repeat(part, count), [last]))
    tracemalloc.start()
    try:
        dump = read_vrps(file, "vrps.json", 0)  # type: ignore[arg-type]
        return dump, file.size, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


VRP = b'{"asn":64500,"prefix":"192.0.2.0/24","maxLength":24,"ta":"ripe"}'


@pytest.mark.slow
@pytest.mark.parametrize(
    ("first", "part", "last"),
    [
        pytest.param(b'{"x":[', b'{"a":["%s"]},' % (b"x]" * 9999), b'0],"roas":[%s]}', id="list"),
        pytest.param(b'{"roas":[%s],"x":{', b'"k":[1,2,"\\""],' * 30_000, b'"z":0}}', id="object"),
        pytest.param(b'{"roas":[%s', b',"%s"' % (b"x" * MEGABYTE), b"]}", id="entries"),
        pytest.param(b'{"roas":[%s]', b" " * MEGABYTE, b"}", id="blanks"),
    ],
)
def test_memory_does_not_grow_with_what_is_no_vrp(first: bytes, part: bytes, last: bytes) -> None:
    """16 MB of it need a few chunks of 1 MB, and so do 2 GB."""
    whole = tuple(each.replace(b"%s", VRP) for each in (first, last))
    dump, size, peak = peak_of(whole[0], part, 16 * MEGABYTE // len(part), whole[1])

    assert 1 == len(dump.columns)
    assert size > 15 * MEGABYTE
    assert peak < 12 * MEGABYTE


@pytest.mark.slow
def test_memory_of_vrps_is_that_of_their_columns() -> None:
    """32 octets each, and as much again while batches are joined."""
    count = 50_000
    dump, _, peak = peak_of(b'{"roas":[' + VRP, (b"," + VRP) * 100, count // 100, b"]}")

    assert count + 1 == len(dump.columns)
    assert peak < 2 * 32 * count + 20 * MEGABYTE
