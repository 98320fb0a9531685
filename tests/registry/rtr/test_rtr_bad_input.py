"""What a cache must not do: the connection ends with a reason, and the data stays in use."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.registry.rtr.rtr_cache import Cache, vrp
from tests.registry.rtr.rtr_link import SECOND, Link

from peerlint.registry.rtr import CacheLost, SessionLimits, VrpsExpired
from peerlint.wire.rtr import (
    CacheReset,
    CacheResponse,
    EndOfData,
    ErrorCode,
    ErrorReport,
    Pdu,
    ResetQuery,
    RouterKey,
    SerialNotify,
    SerialQuery,
    Timers,
    encode_pdu,
)

A, B = vrp("203.0.113.0/24 64500"), vrp("2001:db8::/32-48 64501")
TIMES = Timers(600, 60, 7200)


def _link(limits: SessionLimits | None = None) -> Link:
    """Return a session that has what its cache has."""
    link = Link(Cache({A}), limits)
    link.synchronise()
    return link


def _asking(limits: SessionLimits | None = None) -> Link:
    """Return such a session, which has asked what changed and got no answer yet."""
    link = _link(limits)
    link.now += 600 * SECOND
    link.events += link.session.tick(link.now)
    link.sent.clear()
    assert b"\1\1\0\1" == link.session.take_output()[:4]
    return link


def _end(link: Link) -> tuple[list[int], str]:
    """Return the codes of the Error Reports sent, and why the connection was lost."""
    codes = [pdu.code for _, pdu in link.sent if isinstance(pdu, ErrorReport)]
    lost = [each.reason for each in link.events if isinstance(each, CacheLost)]
    assert not link.is_connected
    return codes, lost[-1]


@pytest.mark.parametrize("pdu", [A, B, EndOfData(1, 1, TIMES), RouterKey(64500, b"i" * 20, b"")])
def test_in_front_of_a_cache_response(pdu: Pdu) -> None:
    """What comes before the Cache Response is no part of an answer, and never used."""
    link = _asking()
    link.feed(pdu, CacheResponse(1), B, EndOfData(1, 1, TIMES))
    codes, reason = _end(link)
    assert [ErrorCode.CORRUPT_DATA] == codes
    assert "expected a Cache Response, found" in reason
    assert {A} == link.data


@pytest.mark.parametrize(
    "pdu",
    [A, EndOfData(1, 1, TIMES), CacheResponse(1), CacheReset(), RouterKey(64500, b"i" * 20, b"")],
)
def test_that_nobody_asked_for(pdu: Pdu) -> None:
    """A cache must not send an answer without a query."""
    link = _link()
    link.feed(pdu)
    codes, reason = _end(link)
    assert [ErrorCode.CORRUPT_DATA] == codes
    assert "expected a Serial Notify, as nothing was asked" in reason
    assert {A} == link.data


@pytest.mark.parametrize("pdu", [CacheResponse(1), CacheReset()])
def test_inside_of_an_answer(pdu: Pdu) -> None:
    """An answer does not begin in the middle of another one."""
    link = _asking()
    link.feed(CacheResponse(1), B, pdu, EndOfData(1, 1, TIMES))
    assert "expected the rest of an answer" in _end(link)[1]
    assert {A} == link.data


@pytest.mark.parametrize("pdu", [ResetQuery(), SerialQuery(1, 2)])
def test_queries(pdu: Pdu) -> None:
    """A cache does not ask."""
    link = _link()
    link.feed(pdu)
    assert [ErrorCode.INVALID_REQUEST] == _end(link)[0]


def test_cache_reset_to_a_reset_query() -> None:
    """A cache that wants to be asked for all data, when it is, would be asked for ever."""
    link = Link(Cache())
    link.connect()
    link.feed(CacheReset())
    assert [ErrorCode.CORRUPT_DATA] == _end(link)[0]


def test_withdrawal_in_all_data() -> None:
    """There is nothing to withdraw where all data is sent."""
    link = Link(Cache())
    link.connect()
    octets = encode_pdu(A, 1)
    link.feed(CacheResponse(1), octets, octets[:8] + b"\0" + octets[9:], EndOfData(1, 0, TIMES))
    codes, reason = _end(link)
    assert [ErrorCode.WITHDRAWAL_OF_UNKNOWN_RECORD] == codes
    assert "octet 36: expected announcements only" in reason
    assert link.data is None


@pytest.mark.parametrize(
    ("octets", "code", "reason"),
    [
        ("0104000000000018", 0, "octet 96: expected 20 octets of IPv4 Prefix PDU, found 24"),
        ("01040000ffffffff", 0, "found 4,294,967,295"),
        ("0106000000000014", 0, "expected 32 octets of IPv6 Prefix PDU, found 20"),
        ("0107000100000000", 0, "expected 24 octets of End of Data PDU, found 0"),
        ("010a0000ffffffff", None, "expected 16 to 65,536 octets of Error Report PDU"),
        ("010a000000000010 00000005 00000000", None, "expected 0 octets of erroneous PDU"),
        ("010b000000000008", 5, "expected a PDU type of RTR version 1, found 11"),
        (
            "0104000000000014 01211800 cb007100 0000fbf4",
            0,
            "expected a maximum length of 33 to 32, found 24",
        ),
        (
            "0104000000000014 01181800 cb0071ff 0000fbf4",
            0,
            "octet 104: expected an address of 32 bits with none set right of /24",
        ),
    ],
)
def test_lying_octets(octets: str, code: int | None, reason: str) -> None:
    """A PDU that lies is refused at once, without waiting for what it promises.

    An Error Report is never answered by one (RFC 8210 section 5.11).
    """
    link = _asking()
    link.feed(CacheResponse(1), B)
    link.feed(bytes.fromhex(octets))
    codes, found = _end(link)
    assert ([] if code is None else [code]) == codes
    assert reason in found
    assert {A} == link.data


def test_error_report_quotes_the_pdu() -> None:
    """The Error Report holds the PDU that is wrong; only its header if its length is a lie."""
    wrong = bytes.fromhex("0104000000000014 01181800 cb0071ff 0000fbf4")
    link = _asking()
    link.feed(CacheResponse(1), encode_pdu(B, 1) + wrong + encode_pdu(B, 1))
    assert [wrong] == [pdu.pdu for _, pdu in link.sent if isinstance(pdu, ErrorReport)]
    link = _asking()
    link.feed(CacheResponse(1), bytes.fromhex("01040000ffffffff") + bytes(99))
    reports = [pdu.pdu for _, pdu in link.sent if isinstance(pdu, ErrorReport)]
    assert [bytes.fromhex("01040000ffffffff")] == reports


def test_text_of_an_error_report_is_shown_safely() -> None:
    """What a cache says is cut short and shown without control characters."""
    link = _link()
    link.feed(ErrorReport(1, b"", "\x1b[31m::error::" + "x" * 10_000))
    reason = _end(link)[1]
    assert "internal error" in reason
    assert "\x1b" not in reason
    assert 400 > len(reason)


# -- time


def _limits() -> SessionLimits:
    return SessionLimits(answer=60, whole=900)


def test_never_answers() -> None:
    """A cache that is asked and says nothing is given up after a minute."""
    link = _asking(_limits())
    link.advance(59)
    assert link.is_connected
    link.advance(1)
    assert "the cache did not answer in 60 seconds" == _end(link)[1]
    assert {A} == link.data


def test_notifications_are_no_answer() -> None:
    """A cache that notifies again and again, and does not answer, is given up too."""
    link = _asking(_limits())
    for _ in range(60):
        link.feed(SerialNotify(1, 1))
        link.now += SECOND
    link.advance(0)
    assert "the cache did not answer in 60 seconds" == _end(link)[1]


def test_stops_in_an_answer() -> None:
    """A cache that does not go on with its answer is given up after a minute without a PDU."""
    link = _asking(_limits())
    link.feed(CacheResponse(1))
    for _ in range(3):
        link.advance(59)
        link.feed(vrp(f"192.0.2.{_}/32 64496"))
    link.advance(59)
    assert link.is_connected
    link.advance(1)
    assert "the cache did not go on with its answer in 60 seconds" == _end(link)[1]


def test_answers_for_ever() -> None:
    """An answer that does not end is given up, although it goes on."""
    link = _asking(_limits())
    link.feed(CacheResponse(1))
    for number in range(31):
        if link.is_connected:
            link.feed(vrp(f"192.0.2.{number}/32 64496"))
            link.advance(30)
    assert "an answer was not complete after 900 seconds" == _end(link)[1]


def test_half_a_pdu() -> None:
    """A PDU that begins and does not end is given up, although nothing was asked."""
    link = _link(_limits())
    octets = encode_pdu(SerialNotify(1, 1), 1)
    for each in octets[:6]:
        link.feed(bytes((each,)))
        link.advance(9)
    link.advance(6)
    assert "a PDU was not complete after 60 seconds" == _end(link)[1]


def test_too_many() -> None:
    """A cache that sends more than the limit does not fill the memory."""
    link = Link(Cache(), SessionLimits(vrps=3))
    link.connect()
    link.feed(CacheResponse(1), *(vrp(f"192.0.2.{number}/32 64496") for number in range(4)))
    codes, reason = _end(link)
    assert [ErrorCode.INTERNAL_ERROR] == codes
    assert "the cache sent more than 3 VRPs in one answer" == reason


def test_too_many_by_changes() -> None:
    """Changes do not make a set larger than the limit either."""
    link = _asking(SessionLimits(vrps=2))
    link.feed(CacheResponse(1), B, vrp("192.0.2.0/24 64496"), EndOfData(1, 1, TIMES))
    assert "the cache has more than 2 VRPs" == _end(link)[1]
    assert {A} == link.data


def test_expiry_without_a_connection() -> None:
    """Old data is used until the Expire Interval is over, and then no more; both are said."""
    link = _link()
    received = link.now
    link.lose("gone")
    lost = link.events[-1]
    assert isinstance(lost, CacheLost)
    assert received + 7200 * SECOND == lost.expires == link.session.deadline
    link.advance(7199)
    assert {A} == link.data
    link.advance(1)
    assert link.data is None
    assert VrpsExpired(time=link.now, received=received, reason="gone") == link.events[-1]
    link.synchronise()
    assert {A} == link.data


def test_expiry_while_changes_are_asked_for() -> None:
    """Changes to data that has expired meanwhile are not waited for: all data is asked for."""
    link = _asking(SessionLimits(answer=9_000, whole=9_000))
    link.feed(CacheResponse(1), B)
    link.advance(6600)
    assert link.data is None
    assert "the data expired while the cache was asked what changed" == _end(link)[1]
    assert link.session.is_eager


@pytest.mark.parametrize(
    ("sent", "used"),
    [
        (Timers(0, 0, 0), Timers(1, 1, 600)),
        (Timers(0xFFFF_FFFF, 0xFFFF_FFFF, 0xFFFF_FFFF), Timers(86_400, 7_200, 172_800)),
        (Timers(86_400, 600, 600), Timers(86_400, 600, 86_401)),
        (Timers(1, 7_200, 600), Timers(1, 7_200, 7_201)),
    ],
)
def test_timers_out_of_bounds(sent: Timers, used: Timers) -> None:
    """Timers count within the bounds of RFC 8210 section 6, and data outlives both others."""
    link = Link(Cache())
    link.connect()
    link.arriving = b""
    link.feed(CacheResponse(1), EndOfData(1, 0, sent))
    assert used == link.session.timers


def test_notifications_do_not_set_the_pace() -> None:
    """A cache that notifies all the time is asked once a second at most."""
    link = _link()
    for _ in range(100):
        link.feed(link.cache.update({A, B} if len(link.cache.vrps) == 1 else {A}))
        link.advance(0.1)
    assert 11 >= len(link.sent)


@given(st.data())
def test_any_octets(data: st.DataObject) -> None:
    """Whatever a cache sends, the session goes on or ends with a reason, and keeps its data."""
    link = _asking()
    good = b"".join(encode_pdu(p, 1) for p in (CacheResponse(1), B, EndOfData(1, 1, TIMES)))
    octets = bytearray(good)
    for at, value in data.draw(
        st.lists(st.tuples(st.integers(0, len(good) - 1), st.integers(0, 255)), min_size=1)
    ):
        octets[at] = value
    rest = bytes(octets) + data.draw(st.binary(max_size=40))
    while rest and link.is_connected:
        size = data.draw(st.integers(1, len(rest)))
        link.feed(rest[:size])
        rest = rest[size:]
    assert link.data in ({A}, {A, B}) or link.received[-1].serial != 0
    assert link.data is not None
    assert link.is_connected or _end(link)[1]
