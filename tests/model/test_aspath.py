"""AS paths: notation, length, runs, origin (docs/explanation/paths.md).

Properties of their text are in `test_path_laws.py`.
"""

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


def split(*sequences: tuple[int, ...]) -> AsPath:
    """Return a path whose one sequence is split over several segments."""
    return AsPath(tuple(Segment(SEQUENCE, asns) for asns in sequences))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("64500", (Segment(SEQUENCE, (64500,)),)),
        ("AS64500 1.10", (Segment(SEQUENCE, (64500, 65546)),)),
        ("64500 {64501,64502}", (Segment(SEQUENCE, (64500,)), Segment(SET, (64501, 64502)))),
        ("64500{64501 , 64502}", (Segment(SEQUENCE, (64500,)), Segment(SET, (64501, 64502)))),
        ("{64501 64502}", (Segment(SET, (64501, 64502)),)),
        (
            "(64512 64513) 64500",
            (Segment(CONFED_SEQUENCE, (64512, 64513)),) + (split((64500,)).segments),
        ),
        ("[64512,64513]", (Segment(CONFED_SET, (64512, 64513)),)),
        ("{64501} {64502}", (Segment(SET, (64501,)), Segment(SET, (64502,)))),
        ("  64500\t64501 ", (Segment(SEQUENCE, (64500, 64501)),)),
    ],
)
def test_parse(text: str, expected: tuple[Segment, ...]) -> None:
    """Sequences have no brackets, sets have braces, confederations parentheses and brackets."""
    assert AsPath(expected) == AsPath.parse(text)


@pytest.mark.parametrize(
    "text",
    ["{", "}", "{}", "( )", "[]", "{64500", "64500}", "{64500)", "(64500}", "{{64500}}"]
    + ["64500,64501", "x", "64500 -1", "4294967296", "{64500,,x}", "64500;"],
)
def test_invalid_texts(text: str) -> None:
    """Unbalanced brackets, empty sets and words that are not AS numbers are errors."""
    with pytest.raises(InputError):
        AsPath.parse(text)


@pytest.mark.parametrize("count", [0, 256])
def test_segment_counts_in_one_octet(count: int) -> None:
    """A segment has 1 to 255 members (RFC 4271 section 4.3, RFC 7606 section 7.2)."""
    with pytest.raises(InputError):
        Segment(SEQUENCE, (64500,) * count)


@pytest.mark.parametrize(
    ("count", "expected"), [(0, []), (255, [255]), (256, [255, 1]), (600, [255, 255, 90])]
)
def test_long_sequences_are_split(count: int, expected: list[int]) -> None:
    """A sequence of any length consists of segments of at most 255 members (paths#prepending)."""
    path = AsPath.sequence(*range(1, count + 1))

    assert expected == [len(segment.asns) for segment in path.segments]
    assert count == path.length
    assert path == AsPath.parse(str(path))


@pytest.mark.parametrize(
    ("path", "expected", "source"),
    [
        ("", 0, "paths#path-length: empty"),
        ("64500 64501 64502", 3, "paths#path-length"),
        ("64500 64500 64500", 3, "paths#path-length: repeats count"),
        ("64500 64501 {64502,64503}", 3, "RFC 4271 section 9.1.2.2 a: a set is 1"),
        ("64500 {64501,64502,64503}", 2, "paths#path-length"),
        ("{64501} {64502}", 2, "two sets"),
        ("(64512 64513) 64501", 1, "RFC 5065 section 5.3: a confederation is 0"),
        ("(64512) 64500 64501", 2, "paths#path-length"),
        ("[64512,64513]", 0, "RFC 5065 section 5.3"),
    ],
)
def test_length(path: str, expected: int, source: str) -> None:
    """The length is that of route selection."""
    assert expected == AsPath.parse(path).length, source


@pytest.mark.parametrize(
    ("path", "prepends", "repeats", "source"),
    [
        ("64500 64501 64502", {}, (), "plain"),
        ("64500 64500", {64500: 2}, (), "paths#prepending: the peer prepends"),
        ("64500 64501 64501 64501", {64501: 3}, (), "paths#prepending: whoever prepends counts"),
        ("64500 64496 64496 64497", {64496: 2}, (), "paths#prepending: the live example"),
        ("64500 64501 64500", {}, (64500,), "paths#loops: a loop, not prepending"),
        ("64500 64500 64501 64500 64500 64500", {64500: 3}, (64500,), "both; the longest run"),
        ("64500 {64500}", {}, (), "paths#prepending: only a set"),
        ("64500 {64501,64501}", {}, (), "paths#prepending: twice inside one set"),
        ("64500 {64501} 64500", {}, (64500,), "paths#prepending: a set breaks adjacency"),
        (
            "64500 (64512) 64500",
            {64500: 2},
            (),
            "paths#prepending: confederations are dropped first",
        ),
        ("(64512 64512) 64500", {}, (), "inside a confederation nothing counts"),
        ("(64500) 64500", {}, (), "inside a confederation nothing counts: one AS"),
        ("64500 8075 64501", {}, (), "a loop for AS8075 only, by its number"),
    ],
)
def test_runs(path: str, prepends: dict[int, int], repeats: tuple[int, ...], source: str) -> None:
    """Prepending is an AS number that follows itself; a loop is one that occurs again later."""
    read = AsPath.parse(path)

    assert (prepends, repeats) == (read.prepends(), read.repeats()), source


def test_split_sequence_is_no_gap() -> None:
    """`SEQ[P] SEQ[P C]` is prepending (paths#prepending)."""
    assert split((64500,), (64500, 64501)).prepends() == {64500: 2}


def test_a_thousand_prepends_are_counted() -> None:
    """A run over several full segments is one run."""
    assert AsPath.sequence(*[64500] * 1000).prepends() == {64500: 1000}


@pytest.mark.parametrize(
    ("path", "speaker", "expected", "source"),
    [
        ("64500 64501", 64500, 64501, "RFC 6811 section 2"),
        ("64500 {64501,64502}", 64500, None, "RFC 6811 section 2: a set at the end"),
        ("64500 {64501}", 64500, None, "RFC 6811 section 2: a set of one at the end"),
        ("", 64500, 64500, "RFC 6811 section 2: empty"),
        ("(64512)", 64500, 64500, "RFC 6811 section 2: ends in a confederation"),
        ("64501 [64512]", 64500, 64500, "RFC 6811 section 2: ends in a confederation set"),
        ("", None, None, "the speaker is not known"),
        ("{64501} 64502", 64500, 64502, "the last segment counts"),
        ("0", 64500, 0, "AS 0 is a number, not nothing"),
    ],
)
def test_origin(path: str, speaker: int | None, expected: int | None, source: str) -> None:
    """The origin is that of RFC 6811 (paths#sets-and-origin)."""
    assert expected == AsPath.parse(path).origin(speaker), source


@pytest.mark.parametrize(
    ("path", "first", "cut", "prepended"),
    [
        ("64500 64501", 64500, "64500 64501", "64499 64500 64501"),
        ("64501 64500 64500 64502", 64501, "64500 64500 64502", "64499 64501 64500 64500 64502"),
        ("64501", 64501, None, "64499 64501"),
        ("{64500} 64501", None, None, "64499 {64500} 64501"),
        ("(64500) 64501", 64501, None, "64499 (64500) 64501"),
        (
            "64501 (64512) 64500 {64502}",
            64501,
            "64500 {64502}",
            "64499 64501 (64512) 64500 {64502}",
        ),
        ("", None, None, "64499"),
    ],
)
def test_ends(path: str, first: int | None, cut: str | None, prepended: str) -> None:
    """Each path has this first AS, this path cut before AS64500, and this one with AS64499."""
    read = AsPath.parse(path)
    found = read.cut_before(64500)

    assert first == read.first_as
    assert cut == (None if found is None else str(found))
    assert prepended == str(read.prepended_by(64499))


def test_prepending_to_a_full_segment_starts_another() -> None:
    """A segment never grows over 255 members (RFC 4271 section 5.1.2 b)."""
    path = AsPath.sequence(*[64501] * 255).prepended_by(64500)

    assert [255, 1] == [len(segment.asns) for segment in path.segments]
    assert [64500] + [64501] * 255 == list(path.asns)


@given(strategies.paths())
def test_text_is_a_fixed_point(path: AsPath) -> None:
    """Printing a path that was parsed from a printed path gives the same text."""
    assert str(path) == str(AsPath.parse(str(path)))


@given(strategies.paths())
def test_joining_changes_nothing_that_counts(path: AsPath) -> None:
    """Joining a path twice changes nothing, and does not change its text."""
    joined = path.joined()

    assert joined == joined.joined()
    assert list(path.asns) == list(joined.asns)
    for question in ("length", "has_set", "has_confederation", "first_as"):
        assert getattr(path, question) == getattr(joined, question)
    assert (path.runs(), path.origin(64500)) == (joined.runs(), joined.origin(64500))


@given(strategies.paths(), strategies.asns())
def test_prepending_adds_one(path: AsPath, asn: int) -> None:
    """Prepending an AS number increases the length by one and keeps the rest."""
    longer = path.prepended_by(asn)

    assert path.length + 1 == longer.length
    assert [asn, *path.asns] == list(longer.asns)
    assert asn == longer.first_as


@given(strategies.paths(), strategies.asns())
def test_cut_path_is_a_tail_that_starts_with_the_as(path: AsPath, asn: int) -> None:
    """A cut path is the end of the path, starts with the AS, and is the longest such end."""
    cut = path.cut_before(asn)
    inside = [each for one in path.segments if one.type is SEQUENCE for each in one.asns]

    assert (asn in inside) == (cut is not None)
    if cut is not None:
        kept = list(cut.asns)
        assert kept == list(path.asns)[-len(kept) :]
        assert asn == cut.first_as
        assert cut == cut.cut_before(asn)


@given(strategies.paths(confederations=False))
def test_runs_against_brute_force(path: AsPath) -> None:
    """Without sets, prepends and repeats are those of the plain list of AS numbers."""
    plain = AsPath(tuple(one for one in path.segments if one.type is SEQUENCE))
    asns = list(plain.asns)
    doubled = {one for one, other in pairwise(asns) if one == other}
    heads = [asn for at, asn in enumerate(asns) if at == 0 or asns[at - 1] != asn]

    assert doubled == set(plain.prepends())
    assert tuple(sorted({asn for asn in heads if heads.count(asn) > 1})) == plain.repeats()


@given(strategies.paths())
def test_without_confederations(path: AsPath) -> None:
    """Without confederation segments, a path has the same length and none of them."""
    outside = path.without_confederations()

    assert not outside.has_confederation
    assert path.length == outside.length


@given(st.lists(strategies.paths(), min_size=2, max_size=2))
def test_equality_and_hash(pair: list[AsPath]) -> None:
    """Equal paths have equal hashes; a path equals its copy."""
    one, other = pair

    assert AsPath(tuple(one.segments)) == one
    assert one != other or hash(one) == hash(other)
