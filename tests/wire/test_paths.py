"""Encoding of AS_PATH, and merging of AS4_PATH (paths#two-octet-paths)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import WireError
from peerlint.model import AsPath, Segment, SegmentType
from peerlint.testing import malformed, strategies
from peerlint.wire.attributes import Aggregator, Attributes, Form, decode_attributes
from peerlint.wire.paths import AS_TRANS, decode_path, encode_path, merge_as4_path

AssertParses = Callable[[Callable[[bytes], object], bytes, object], None]
ValueOrError = Callable[[Callable[[bytes], object], bytes], None]


@pytest.mark.parametrize(
    ("octets", "as4", "path"),
    [
        ("", True, ""),
        ("0201 0000fbf4", True, "64500"),
        ("0201 fbf4", False, "64500"),
        ("0202 0000fbf4 00030d41", True, "64500 200001"),
        ("0202 fbf4 5ba0", False, "64500 23456"),
        ("0201 0000fbf4 0102 0000fbf5 0000fbf6", True, "64500 {64501,64502}"),
        ("0301 fc00 0201 fbf4", False, "(64512) 64500"),
        ("0401 0000fc00", True, "[64512]"),
        ("0201 ffffffff", True, "4294967295"),
    ],
)
def test_octets(octets: str, path: str, assert_parses: AssertParses, *, as4: bool) -> None:
    """Type, count and members of each segment (RFC 4271 section 4.3, RFC 5065 section 3)."""
    expected = AsPath.parse(path)
    raw = bytes.fromhex(octets)

    assert_parses(partial(decode_path, as4=as4), raw, expected)
    assert raw == encode_path(expected, as4=as4)


@pytest.mark.parametrize(
    ("octets", "offset", "source"),
    [
        ("02", 0, "RFC 7606 section 7.2: half a header"),
        ("0200", 1, "RFC 7606 section 7.2: no members"),
        ("0201 0000fbf4 0200", 7, "no members, after a valid segment"),
        ("0201 0000fb", 1, "RFC 7606 section 7.2: overrun"),
        ("0202 0000fbf4", 1, "RFC 7606 section 7.2: overrun"),
        ("0001 0000fbf4", 0, "RFC 7606 section 7.2: unknown type"),
        ("0501 0000fbf4", 0, "RFC 7606 section 7.2: unknown type"),
        ("0201 0000fbf4 ff", 6, "one octet left over"),
    ],
)
def test_malformed(octets: str, offset: int, source: str) -> None:
    """A path that is malformed by RFC 7606 is an error at the offset of the segment."""
    with pytest.raises(WireError) as caught:
        decode_path(bytes.fromhex(octets), as4=True)

    assert offset == caught.value.offset, source


@given(strategies.paths())
def test_round_trip_in_four_octets(path: AsPath) -> None:
    """With four octets per AS, every path survives, also split sequences."""
    assert path == decode_path(encode_path(path, as4=True), as4=True)


@given(strategies.paths())
def test_two_octets_have_as_trans_for_large_numbers(path: AsPath) -> None:
    """With two octets per AS, large numbers become AS_TRANS (RFC 6793 section 9)."""
    found = decode_path(encode_path(path, as4=False), as4=False)

    assert [asn if asn <= 0xFFFF else AS_TRANS for asn in path.asns] == list(found.asns)
    assert [one.type for one in path.segments] == [one.type for one in found.segments]


@given(st.one_of(st.binary(max_size=40), malformed.path_octets()), st.booleans())
def test_any_octets_give_a_path_or_an_error(
    value_or_error: ValueOrError,
    octets: bytes,
    as4: bool,
) -> None:
    """Any octets decode to a path or raise a `WireError`; a path encodes to the same octets."""
    decode = partial(decode_path, as4=as4)
    value_or_error(decode, octets)
    with suppress(WireError):
        assert octets == encode_path(decode(octets), as4=as4)


@pytest.mark.parametrize(
    ("path", "as4_path", "expected", "source"),
    [
        # P is AS64500; large numbers are AS_TRANS in the path.
        (
            "64500 23456 23456",
            "200001 200002",
            "64500 200001 200002",
            "paths#two-octet-paths: length 3",
        ),
        ("64500 64501 23456", "200001", "64500 64501 200001", "paths#two-octet-paths"),
        ("64500 23456", "1 2 200001", "64500 23456", "paths#two-octet-paths: longer, ignored"),
        (
            "64500 23456",
            "200001 200002",
            "200001 200002",
            "paths#two-octet-paths: equal, all of AS4_PATH",
        ),
        ("64500 23456", "64500 200001", "64500 200001", "paths#two-octet-paths"),
        ("64500 {64501,23456}", "{64501,200001}", "64500 {64501,200001}", "a set counts 1"),
        ("64500 {64501} 23456", "200001", "64500 {64501} 200001", "a set is kept whole"),
        (
            "(64512) 64500 23456",
            "64500 200001",
            "(64512) 64500 200001",
            "paths#two-octet-paths: leads",
        ),
        (
            "64500 (64512) 23456",
            "200001",
            "64500 (64512) 200001",
            "paths#two-octet-paths: adjacent to what is kept",
        ),
        ("64500 (64512) 23456", "64500 200001", "64500 200001", "not adjacent: lost"),
        (
            "64500 23456",
            "(64512) 200001",
            "64500 200001",
            "paths#two-octet-paths: discarded inside AS4_PATH",
        ),
        ("(64512) 23456", "[64513] 200001", "(64512) 200001", "paths#two-octet-paths"),
        ("64500 64501", "", "64500 64501", "nothing to merge"),
        ("", "", "", "nothing at all"),
        ("", "200001", "", "longer, ignored"),
    ],
)
def test_merge(path: str, as4_path: str, expected: str, source: str) -> None:
    """The merged path of each example of paths#two-octet-paths (RFC 6793 section 4.2.3)."""
    found = merge_as4_path(AsPath.parse(path), AsPath.parse(as4_path))

    assert expected == str(found), source


def test_merge_cuts_inside_a_segment() -> None:
    """The leading part may end inside a segment, and is joined with the AS4_PATH."""
    sequence = SegmentType.AS_SEQUENCE
    path = AsPath((Segment(sequence, (64500, 64501)), Segment(sequence, (64502, AS_TRANS))))

    merged = merge_as4_path(path, AsPath.sequence(200001))

    assert AsPath.sequence(64500, 64501, 64502, 200001) == merged


@pytest.mark.parametrize(
    ("aggregator", "as4_aggregator", "expected", "source"),
    [
        (64501, None, "64500 200001", "paths#two-octet-paths: AGGREGATOR alone"),
        (None, None, "64500 200001", "paths#two-octet-paths: none"),
        (None, 200001, "64500 200001", "paths#two-octet-paths: AS4_AGGREGATOR alone"),
        (23456, 200001, "64500 200001", "paths#two-octet-paths: both, and it is AS_TRANS"),
        (
            64501,
            200001,
            "64500 23456",
            "paths#two-octet-paths: both, and it is not: aggregated since",
        ),
    ],
)
def test_aggregators_decide(
    aggregator: int | None, as4_aggregator: int | None, expected: str, source: str
) -> None:
    """AS4_PATH is ignored only if both aggregators are present and AGGREGATOR is not AS_TRANS."""
    address = IPv4Address("192.0.2.1")
    attributes = Attributes(
        as_path=AsPath.parse("64500 23456"),
        as4_path=AsPath.parse("64500 200001"),
        aggregator=None if aggregator is None else Aggregator(aggregator, address),
        as4_aggregator=None if as4_aggregator is None else Aggregator(as4_aggregator, address),
    )

    assert expected == str(attributes.path), source


MANDATORY = "40010100 400304 c0000201"
#: A two-octet path of 64500 and AS_TRANS, with its AS4_PATH.
OLD = f"{MANDATORY} 400206 0202 fbf4 5ba0"
NEW = "c0110a 0202 0000fbf4 00030d41"


@pytest.mark.parametrize(
    ("octets", "as4", "path", "malformed", "faults"),
    [
        (f"{MANDATORY} 40020a 0202 0000fbf4 00000000", True, "", ("AS_PATH",), ["AS_PATH"]),
        (f"{MANDATORY} 40020a 0102 00000000 0000fbf4", True, "", ("AS_PATH",), ["AS_PATH"]),
        (f"{MANDATORY} 40020a 0302 0000fbf4 00000000", True, "", ("AS_PATH",), ["AS_PATH"]),
        (f"{MANDATORY} 400206 0202 fbf4 0000 {NEW}", False, "64500 200001", ("AS_PATH",),
         ["AS_PATH"]),
        (f"{OLD} c01106 0201 00000000", False, "64500 23456", (), ["AS4_PATH"]),
        (f"{OLD} {NEW} c00706 0000 c0000209", False, "64500 200001", (), ["AGGREGATOR"]),
        (f"{OLD} {NEW} c00706 fbf5 c0000209 c01208 00000000 c0000209", False, "64500 200001", (),
         ["AS4_AGGREGATOR"]),
        (f"{OLD} {NEW} c00706 fbf5 c0000209 c01208 0000fbf5 c0000209", False, "64500 23456", (),
         []),
        (f"{MANDATORY} 400206 0201 0000fbf4 c00708 00000000 c0000209", True, "64500", (),
         ["AGGREGATOR"]),
        (f"{MANDATORY} 400206 0201 0000fbf4 c02304 00000000", True, "64500", (), []),
    ],
    ids=[
        "AS_PATH", "in a set", "in a confederation", "in two octets", "AS4_PATH",
        "AGGREGATOR with AS4_PATH", "AS4_AGGREGATOR", "aggregated since",
        "AGGREGATOR of four octets", "ONLY_TO_CUSTOMER: RFC 7607 does not name it",
    ],
)  # fmt: skip
def test_as_0_in_an_update(
    octets: str, as4: bool, path: str, malformed: tuple[str, ...], faults: list[str]
) -> None:
    """AS 0 in AS_PATH withdraws the route; other attributes with it are discarded (RFC 7607).

    RFC 7606 sections 7.2 and 7.7, RFC 6793 section 6.
    """
    found = decode_attributes(bytes.fromhex(octets), Form(as4=as4))

    assert (malformed, faults) == (found.malformed, [fault.attribute for fault in found.faults])
    if not malformed:
        assert path == str(found.path)
    assert found.best_aggregator is None or found.best_aggregator.asn


def test_as_0_in_a_rib() -> None:
    """RFC 7607 applies to UPDATEs: AS 0 in a router's table is read."""
    octets = bytes.fromhex(f"{MANDATORY} 40020a 0202 0000fbf4 00000000 c00708 00000000 c0000209")

    found = decode_attributes(octets, Form(in_rib=True))

    assert (str(found.path), found.faults) == ("64500 0", ())
    assert found.aggregator == Aggregator(0, IPv4Address("192.0.2.9"))


@pytest.mark.parametrize(
    ("as4_path", "source"),
    [
        ("", "RFC 6793 section 6: shorter than 6, nothing at all"),
        ("0201 0003", "the same"),
        ("0201 00030d", "odd"),
        ("0200", "a segment without members"),
        ("0202 00030d41", "overrun"),
        ("0501 00030d41", "unknown type"),
    ],
)
def test_malformed_as4_path_is_discarded(as4_path: str, source: str) -> None:
    """A malformed AS4_PATH is no reason to withdraw the route (RFC 6793 section 6)."""
    raw = bytes.fromhex(as4_path)
    octets = bytes.fromhex("400206 0202 fbf4 5ba0 c011") + bytes((len(raw),)) + raw

    found = decode_attributes(octets, Form(as4=False))

    assert str(found.path) == "64500 23456", source
    assert found.malformed == ()
    assert found.as4_path is None
    assert ["AS4_PATH"] == [fault.attribute for fault in found.faults]


def test_four_octet_sources_discard_as4_path() -> None:
    """In a source with four-octet AS numbers, AS4_PATH is discarded (RFC 6793 section 4.1)."""
    octets = bytes.fromhex("400206 0201 0000fbf4 c01106 0201 00030d41")

    found = decode_attributes(octets, Form(as4=True))

    assert (None, "64500") == (found.as4_path, str(found.path))


@given(strategies.paths(), strategies.paths())
def test_merged_length(path: AsPath, as4_path: AsPath) -> None:
    """Merging never changes the length, and uses either all or nothing of the AS4_PATH."""
    merged = merge_as4_path(path, as4_path)
    tail = list(as4_path.without_confederations().asns)

    assert path.length == merged.length
    if as4_path.length > path.length:
        assert path == merged
    else:
        assert tail == list(merged.asns)[len(list(merged.asns)) - len(tail) :]


@given(strategies.paths(confederations=False))
def test_as4_path_restores_the_path(path: AsPath) -> None:
    """AS4_PATH restores the path of a two-octet speaker, except how sequences are split."""
    narrow = decode_path(encode_path(path, as4=False), as4=False)

    assert path.joined() == merge_as4_path(narrow, path)
