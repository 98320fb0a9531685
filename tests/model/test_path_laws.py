"""Exact properties of a path's text, and of the ends of segments."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError
from peerlint.model import AsPath, Segment, SegmentType
from peerlint.testing import strategies

SET, SEQUENCE = SegmentType.AS_SET, SegmentType.AS_SEQUENCE
CONFED_SEQUENCE, CONFED_SET = SegmentType.AS_CONFED_SEQUENCE, SegmentType.AS_CONFED_SET
FULL = 255


def normalised(path: AsPath) -> AsPath:
    """Return the path with each run of sequences split after every 255 members.

    Sets and confederation segments are kept, also adjacent ones of the same type.
    """
    segments: list[Segment] = []
    loose: list[int] = []
    for segment in (*path.segments, None):
        if segment is not None and segment.type is SEQUENCE:
            loose += segment.asns
            continue
        while loose:
            segments.append(Segment(SEQUENCE, tuple(loose[:FULL])))
            del loose[:FULL]
        if segment is not None:
            segments.append(segment)
    return AsPath(tuple(segments))


def is_greedy(path: AsPath) -> bool:
    """Return whether every sequence that is followed by another one is full."""
    return all(
        len(one.asns) == FULL
        for one, other in pairwise(path.segments)
        if one.type is other.type is SEQUENCE
    )


@given(strategies.paths())
def test_parse_of_print(path: AsPath) -> None:
    """`parse(str(path))` is the path with its sequences normalised, and nothing else changed."""
    assert normalised(path) == AsPath.parse(str(path))


@given(strategies.paths())
def test_print_loses_only_where_a_sequence_was_split(path: AsPath) -> None:
    """A path survives as text if and only if no sequence is split before its 255th member."""
    assert is_greedy(path) == (path == AsPath.parse(str(path)))


@given(st.lists(strategies.asns(), max_size=600))
def test_a_sequence_of_any_length_survives(asns: list[int]) -> None:
    """A path of one sequence of any length survives as text (RFC 4271 section 4.3)."""
    path = AsPath.sequence(*asns)

    assert path == AsPath.parse(str(path)) == AsPath.parse(" ".join(map(str, asns)))
    assert asns == list(path.asns)


@pytest.mark.parametrize(
    ("path", "source"),
    [
        (AsPath((Segment(CONFED_SEQUENCE, (64512,)),) * 2), "parentheses separate them"),
        (AsPath((Segment(CONFED_SET, (64512,)),) * 2), "brackets separate them"),
        (AsPath((Segment(SET, (64500,)),) * 2), "braces separate them"),
        (AsPath((Segment(SEQUENCE, (64500,) * 255), Segment(SEQUENCE, (64501,)))), "a full one"),
        (AsPath((Segment(SET, (64501, 64500, 64501)),)), "a set as sent: order, repeats"),
    ],
)
def test_what_text_keeps(path: AsPath, source: str) -> None:
    """Adjacent segments survive as text if brackets or the 255th member separate them."""
    assert path == AsPath.parse(str(path)), source


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [
        ((), [1]),
        ((1,), [2]),
        ((254,), [255]),
        ((255,), [255, 1]),
        ((255, 1), [255, 1, 1]),
        ((3, 3), [4, 3]),
    ],
)
def test_prepending_at_the_end_of_a_segment(sizes: tuple[int, ...], expected: list[int]) -> None:
    """A full first segment is split, later ones are unchanged (RFC 4271 section 5.1.2 b)."""
    path = AsPath(tuple(Segment(SEQUENCE, (64501,) * size) for size in sizes))
    longer = path.prepended_by(64500)

    assert expected == [len(segment.asns) for segment in longer.segments]
    assert [64500] + [64501] * sum(sizes) == list(longer.asns)


@given(strategies.paths(), strategies.asns())
def test_prepending_then_cutting(path: AsPath, asn: int) -> None:
    """Cutting before the AS that was just prepended cuts nothing."""
    longer = path.prepended_by(asn)

    assert longer == longer.cut_before(asn)


@pytest.mark.parametrize(
    ("sizes", "expected"),
    [((1, 2), {64500: 3}), ((255, 255), {64500: 510}), ((1, 1, 1, 1), {64500: 4}), ((1,), {})],
)
def test_prepends_run_through_segments(sizes: tuple[int, ...], expected: dict[int, int]) -> None:
    """A run continues in the next segment: sequences are split anywhere (paths#prepending)."""
    path = AsPath(tuple(Segment(SEQUENCE, (64500,) * size) for size in sizes))

    assert (expected, ()) == (path.prepends(), path.repeats())


@pytest.mark.parametrize(
    ("middle", "prepends", "repeats"),
    [
        ((), {64500: 2}, ()),
        ((Segment(CONFED_SEQUENCE, (64512,)),), {64500: 2}, ()),
        ((Segment(CONFED_SET, (64512,)),), {64500: 2}, ()),
        ((Segment(SET, (64501,)),), {}, (64500,)),
        ((Segment(SET, (64500,)),), {}, (64500,)),
        ((Segment(SEQUENCE, (64501,)),), {}, (64500,)),
    ],
)
def test_what_separates_two_sequences(
    middle: tuple[Segment, ...], prepends: dict[int, int], repeats: tuple[int, ...]
) -> None:
    """Sets and other ASes separate `P` and `P`, confederations do not (paths#prepending)."""
    end = Segment(SEQUENCE, (64500,))
    path = AsPath((end, *middle, end))

    assert (prepends, repeats) == (path.prepends(), path.repeats())


@pytest.mark.parametrize("asn", [-1, 1 << 32])
def test_members_have_32_bits(asn: int) -> None:
    """A member that no RFC 6793 speaker can send is an error, however the path is made."""
    for make in (AsPath.sequence, lambda bad: Segment(SET, (64500, bad)), AsPath().prepended_by):
        with pytest.raises(InputError, match="4294967295"):
            make(asn)


@pytest.mark.parametrize("text", ["{64500,,64501}", "{64500, ,64501}", "{,64500}", "{64500,}"])
def test_a_comma_separates_two_numbers(text: str) -> None:
    """A comma without a number on both sides is an error."""
    with pytest.raises(InputError):
        AsPath.parse(text)


@pytest.mark.parametrize("code", [0, 5, 255])
def test_unknown_segment_types(code: int) -> None:
    """A code that neither RFC 4271 nor RFC 5065 defines makes no segment."""
    with pytest.raises(ValueError, match="SegmentType"):
        Segment(code, (64500,))
