"""Statistics Reports (RFC 7854 section 4.8, RFC 8671 section 6.2, RFC 9972)."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import WireError
from peerlint.model import View
from peerlint.testing.bmp_messages import peer_headers, statistics
from peerlint.wire.bmp import (
    STATISTIC_TYPES,
    MessageType,
    PeerHeader,
    PeerType,
    RawStatistic,
    Statistic,
    StatisticKind,
    StatisticsReport,
    decode_body,
    encode_body,
    encode_peer_header,
    read_body,
)

PEER = PeerHeader(PeerType.GLOBAL, IPv4Address("192.0.2.1"), 64500)
HEADER = encode_peer_header(PEER)
COUNTER, GAUGE = StatisticKind.COUNTER, StatisticKind.GAUGE
IN, LOC_RIB = View.ADJ_RIB_IN, View.LOC_RIB


def report(octets: str) -> bytes:
    """Return the body of a report from the octets after its per-peer header."""
    return HEADER + bytes.fromhex(octets)


@pytest.mark.parametrize(
    ("octets", "expected", "source"),
    [
        ("0000 0004 00000005", Statistic(0, 5), "a counter"),
        ("0007 0008 0000000000000003", Statistic(7, 3), "a gauge"),
        ("0009 000b 0001 01 0000000000000003", Statistic(9, 3, 1, 1), "a gauge per family"),
        ("000f 0008 0000000000000003", Statistic(15, 3), "RFC 8671 section 6.2"),
        ("0011 000b 0002 01 0000000000000003", Statistic(17, 3, 2, 1), "RFC 8671 section 6.2"),
        ("0015 000b 0001 01 0000000000000003", Statistic(21, 3, 1, 1), "RFC 9972 section 3.2"),
        ("fffb 0004 00000005", RawStatistic(65531, b"\0\0\0\5"), "experimental: FRR's next hops"),
        ("002c 0000", RawStatistic(44, b""), "unassigned"),
    ],
)
def test_statistic(octets: str, expected: Statistic | RawStatistic, source: str) -> None:
    """A statistic is read by its number; those of unknown types are kept as octets."""
    body = report(f"00000001 {octets}")
    value = StatisticsReport(PEER, (expected,))

    assert value == decode_body(MessageType.STATISTICS_REPORT, body), source
    assert (MessageType.STATISTICS_REPORT, body) == encode_body(value)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        ("0007 0004 00000003", Statistic(7, 3)),
        ("0000 0008 0000000000000005", Statistic(0, 5)),
        ("0009 0007 0001 01 00000003", Statistic(9, 3, 1, 1)),
    ],
)
def test_other_widths_are_read(octets: str, expected: Statistic) -> None:
    """A number in four octets instead of eight, or in eight instead of four, is clear."""
    report_ = decode_body(MessageType.STATISTICS_REPORT, report(f"00000001 {octets}"))

    assert StatisticsReport(PEER, (expected,)) == report_


@pytest.mark.parametrize(
    ("octets", "kept", "lost", "expected"),
    [
        (
            "00000002 0007 0003 000003 0008 0008 0000000000000001",
            [Statistic(8, 1)], [(46, 53)], "a value of 8 octets",
        ),
        ("00000001 0009 0008 0000000000000003", [], [(46, 58)], "a value of 11 octets"),
        ("00000001 0007 0009 0000000000000003", [], [(46, 58)], "a statistic that ends inside"),
        ("00000001 0007", [], [(46, 48)], "a statistic that ends inside the report"),
        (
            "00000001 0000 0004 00000005 0001 0004 00000005",
            [Statistic(0, 5)], [(54, 62)], "the end of the report",
        ),
        ("00000003 0000 0004 00000005", [Statistic(0, 5)], [(42, 46)], "1 statistics"),
        ("ffffffff", [], [(42, 46)], "0 statistics"),
    ],
    ids=[
        "a length of 3", "no family", "over the end", "cut", "more than announced",
        "fewer than announced", "4,294,967,295 announced",
    ],
)  # fmt: skip
def test_wrong_lengths(
    octets: str, kept: list[Statistic], lost: list[tuple[int, int]], expected: str
) -> None:
    """What fits is kept; what does not is lost with its offset."""
    value, ranges = read_body(MessageType.STATISTICS_REPORT, report(octets))

    assert StatisticsReport(PEER, tuple(kept)) == value
    assert lost == [(each.at, each.end) for each in ranges]
    assert ranges[0].error.expected.startswith(expected)


def test_a_report_without_a_number_of_statistics() -> None:
    """A report that ends before its first statistic cannot be read."""
    with pytest.raises(WireError) as caught:
        read_body(MessageType.STATISTICS_REPORT, report("0000"))

    assert caught.value.offset == 42


@given(peer_headers(), st.lists(statistics(), max_size=4).map(tuple))
def test_round_trip(peer: PeerHeader, found: tuple[Statistic | RawStatistic, ...]) -> None:
    """Every report survives encoding and decoding."""
    value = StatisticsReport(peer, found)

    assert value == decode_body(*encode_body(value))


def test_a_counter_of_more_than_four_octets() -> None:
    """A counter that does not fit is written in eight octets."""
    value = StatisticsReport(PEER, (Statistic(0, 1 << 40),))

    assert value == decode_body(*encode_body(value))


def test_iana_numbers() -> None:
    """IANA lists the types from 0 to 43 without gaps (RFC 7854, 8671 and 9972)."""
    assert list(range(44)) == list(STATISTIC_TYPES)
    assert all(number == each.number for number, each in STATISTIC_TYPES.items())


@pytest.mark.parametrize(
    ("numbers", "kind", "per_family", "source"),
    [
        ([*range(7), 11, 12, 13], COUNTER, False, "RFC 7854 section 4.8"),
        ([7, 8], GAUGE, False, "RFC 7854 section 4.8"),
        ([9, 10], GAUGE, True, "RFC 7854 section 4.8"),
        ([14, 15], GAUGE, False, "RFC 8671 section 6.2"),
        ([16, 17], GAUGE, True, "RFC 8671 section 6.2"),
        ([18, 20, 29, 31, 33, 39], GAUGE, False, "RFC 9972 section 3"),
        (
            [19, 21, *range(22, 29), 30, 32, *range(34, 39), *range(40, 44)], GAUGE, True,
            "RFC 9972 section 3",
        ),
    ],
)  # fmt: skip
def test_kinds(numbers: list[int], kind: StatisticKind, source: str, *, per_family: bool) -> None:
    """Counters have four octets, gauges eight, those per family also AFI and SAFI."""
    width = 4 if kind is COUNTER else 11 if per_family else 8
    for number in numbers:
        each = STATISTIC_TYPES[number]
        assert (kind, per_family, width) == (each.kind, each.is_per_family, each.octets), source
        assert each.name.endswith(", per family") == per_family


@pytest.mark.parametrize(
    ("numbers", "view", "post_policy"),
    [
        ([7, 9], IN, None),
        ([18, 19], IN, False),
        ([20, 21], IN, True),
        ([8, 10], LOC_RIB, None),
        ([14, 16], View.ADVERTISED, None),
        ([15, 17], View.SENT, None),
    ],
)
def test_numbers_of_the_routes_of_a_table(
    numbers: list[int],
    view: View,
    post_policy: bool | None,
) -> None:
    """The routes of a table are compared with the statistic of its view."""
    found = [STATISTIC_TYPES[number] for number in numbers]

    assert [(view, post_policy)] * 2 == [(each.view, each.is_post_policy) for each in found]


def test_other_statistics_are_no_tables() -> None:
    """Twelve types are numbers of all routes of a table; the others are not compared."""
    assert {7, 8, 9, 10, *range(14, 22)} == {
        each.number for each in STATISTIC_TYPES.values() if each.view is not None
    }
