"""Lines of files of any size."""

from __future__ import annotations

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.registry import lines as lines_module
from peerlint.registry.lines import line_batches
from peerlint.registry.skips import Skips


class SmallReads:
    """A file that returns a few octets at a time."""

    def __init__(self, octets: bytes, size: int) -> None:
        """Return `size` octets at a time."""
        self._file = io.BytesIO(octets)
        self._size = size

    def read(self, _size: int, /) -> bytes:
        """Return the next octets."""
        return self._file.read(self._size)


def numbered(octets: bytes, size: int, skips: Skips) -> list[tuple[int, str]]:
    """Return the lines of a file with their numbers."""
    batches = line_batches(SmallReads(octets, size), "file", skips)
    return [row for first, lines in batches for row in enumerate(lines, first)]


@given(
    st.lists(st.text("ab€", max_size=6), max_size=12), st.booleans(), st.booleans(),
    st.integers(1, 40),
)  # fmt: skip
def test_lines_are_those_of_the_text(
    lines: list[str], is_windows: bool, is_ended: bool, size: int
) -> None:
    """Wherever a read ends, with both kinds of line ends, with or without the last one."""
    end = "\r\n" if is_windows else "\n"
    text = end.join(lines) + (end if is_ended else "")
    expected = text.replace("\r\n", "\n").split("\n")
    if not expected[-1]:
        expected.pop()
    skips = Skips()

    assert list(enumerate(expected, 1)) == numbered(text.encode(), size, skips)
    assert 0 == skips.count


@given(st.lists(st.integers(0, 20), max_size=10), st.integers(1, 40))
def test_lines_that_are_too_long_are_empty_and_counted(lengths: list[int], size: int) -> None:
    """The numbers of the others do not change."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lines_module, "MAX_LINE", 8)
        skips = Skips()
        octets = b"".join(b"x" * each + b"\n" for each in lengths)
        found = numbered(octets, size, skips)

    assert ["x" * each if each <= 8 else "" for each in lengths] == [line for _, line in found]
    assert list(range(1, len(lengths) + 1)) == [number for number, _ in found]
    too_long = [number for number, each in enumerate(lengths, 1) if each > 8]
    assert len(too_long) == skips.count
    assert too_long[:5] == [place.number for each in skips.by_reason for place in each.first]


def test_octets_that_are_not_utf_8_are_replaced() -> None:
    """A name in Latin-1 does not cost the line, and no octets join two lines."""
    assert [(1, "caf\ufffd"), (2, "a")] == numbered(b"caf\xe9\na\n", 100, Skips())
