"""A router's session with a cache: versions, serial numbers, and what makes data doubtful."""

from __future__ import annotations

import pytest
from tests.registry.rtr.rtr_cache import Cache, vrp
from tests.registry.rtr.rtr_link import Link

from peerlint.registry.rtr import CacheLost, CacheRemark, DataNumber, SessionLimits, VrpsReceived
from peerlint.wire.rtr import (
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

A, B, C = vrp("203.0.113.0/24 64500"), vrp("198.51.100.0/24 64501"), vrp("2001:db8::/32 64502")
TIMES = Timers(600, 60, 7200)


def _link(cache: Cache | None = None, limits: SessionLimits | None = None) -> Link:
    """Return a session that has what its cache has."""
    link = Link(cache or Cache({A, B}), limits)
    link.synchronise()
    return link


def _reason(link: Link) -> str:
    """Return why the last connection was lost."""
    return next(each.reason for each in reversed(link.events) if isinstance(each, CacheLost))


def _codes(link: Link) -> list[int]:
    """Return the codes of the Error Reports that the session sent."""
    return [pdu.code for _, pdu in link.sent if isinstance(pdu, ErrorReport)]


# -- data


def test_all_data_then_changes() -> None:
    """The first query is for all data, and the next ones are for what changed."""
    link = _link(Cache({A, B}, session_id=7, serial=3))
    link.feed(link.cache.update({B, C}))
    link.advance(1)
    assert [(1, ResetQuery()), (1, SerialQuery(7, 3))] == link.sent
    assert {B, C} == link.data
    assert DataNumber(1, 7, 4) == link.session.number
    assert [(True, True), (False, True)] == [(e.is_reset, e.is_changed) for e in link.received]


def test_nothing_changed() -> None:
    """An answer without changes is a sign of life, and says that nothing changed."""
    link = _link()
    link.advance(600)
    last = link.received[-1]
    assert (False, False, 2) == (last.is_reset, last.is_changed, last.before)
    assert link.received[0].vrps is link.session.vrps


def test_serial_numbers_wrap() -> None:
    """A serial number follows 4294967295 by 0 (RFC 1982)."""
    link = _link(Cache({A}, serial=0xFFFF_FFFF))
    link.feed(link.cache.update({B}))
    link.advance(1)
    assert DataNumber(1, 1, 0) == link.session.number
    assert {B} == link.data


def test_nothing_is_used_before_the_end() -> None:
    """Of an answer that is not complete nothing is used, and it is asked for again."""
    link = _link()
    link.cache.update({C})
    link.advance(599)
    link.session.tick(link.now)
    link.now += 1_000_000
    link.events += link.session.tick(link.now)
    link.feed(CacheResponse(1), C)
    link.lose()
    assert {A, B} == link.data
    link.synchronise()
    assert {C} == link.data
    assert (1, SerialQuery(1, 0)) == link.sent[-2]  # the last one checks, see below


def test_router_keys_are_counted() -> None:
    """Router Keys are not used, and the answer says how many there were."""
    link = Link(Cache())
    link.session.connect(link.now)
    key = RouterKey(64500, b"i" * 20, b"key")
    link.feed(CacheResponse(1), key, A, key, EndOfData(1, 0, TIMES))
    assert {A} == link.data
    assert 2 == link.received[0].router_keys
    assert "2 router keys" in link.received[0].remarks[0]


def test_duplicates_in_all_data() -> None:
    """A VRP that is sent twice in all data is there once, and that is said."""
    link = Link(Cache())
    link.session.connect(link.now)
    link.feed(CacheResponse(1), A, B, A, EndOfData(1, 0, TIMES))
    assert {A, B} == link.data
    assert ("the cache sent 1 VRPs more than once",) == link.received[0].remarks


@pytest.mark.parametrize(
    ("before", "after", "has_shrunk"),
    [(10, 9, False), (10, 8, True), (100, 90, False), (100, 89, True), (1, 0, True), (0, 0, False)],
)
@pytest.mark.parametrize("is_reset", [False, True])
def test_shrinking(before: int, after: int, has_shrunk: bool, is_reset: bool) -> None:
    """A set that loses more than a tenth at once is used, and that is said."""
    vrps = [vrp(f"192.0.2.{number}/32 64500") for number in range(100)]
    link = _link(Cache(vrps[:before]))
    if is_reset:
        link.lose()
        link.cache = Cache(vrps[:after], session_id=2)
        link.synchronise()
    else:
        link.feed(link.cache.update(vrps[:after]))
        link.advance(1)
    last = link.received[-1]
    assert set(vrps[:after]) == link.data
    assert (is_reset, has_shrunk) == (last.is_reset, last.has_shrunk)
    assert has_shrunk is any("shrank at once" in each for each in last.remarks)


# -- what drops the serial number, and not the data


def _restart(link: Link, cache: Cache) -> None:
    link.lose("restarted")
    link.cache = cache
    link.synchronise()


@pytest.mark.parametrize("is_like_stayrtr", [False, True])
def test_new_session_id(is_like_stayrtr: bool) -> None:
    """A restarted cache says Cache Reset or Error Report; the data is used until it is replaced."""
    link = _link()
    link.lose()
    link.cache = Cache({C}, session_id=2, is_like_stayrtr=is_like_stayrtr)
    link.connect()
    before = link.data
    link.deliver(8)  # a Cache Reset is complete; an Error Report is not
    assert {A, B} == before == link.data
    link.deliver()
    if is_like_stayrtr:
        assert "corrupt data: Session ID mismatch" in _reason(link)
        assert link.session.is_eager
        assert {A, B} == link.data
        link.synchronise()
    assert {C} == link.data
    assert [(1, SerialQuery(1, 0)), (1, ResetQuery())] == link.sent[1:]


def test_cache_response_of_another_session() -> None:
    """Changes of another session are never used: the connection ends, and all data is asked for."""
    link = _link(Cache({A, B}, session_id=1))
    link.lose()
    link.cache = Cache({C})
    link.session.connect(link.now)
    link.is_connected = True
    link.session.take_output()
    link.feed(b"".join(encode_pdu(p, 1) for p in (CacheResponse(2), C, EndOfData(2, 9, TIMES))))
    assert {A, B} == link.data
    assert link.session.number is None
    assert [ErrorCode.CORRUPT_DATA] == _codes(link)
    assert not link.is_connected
    assert "expected the session that was asked for" in _reason(link)
    link.synchronise()
    assert {C} == link.data


def test_end_of_data_of_another_session() -> None:
    """An answer that ends in another session than it began in is not used."""
    link = Link(Cache())
    link.connect()
    link.feed(CacheResponse(1), A, EndOfData(2, 9, TIMES))
    assert link.data is None
    assert [ErrorCode.CORRUPT_DATA] == _codes(link)
    assert "session 1, as in the Cache Response" in _reason(link)


@pytest.mark.parametrize("code", [0, 1, 3, 5, 99])
def test_error_report_to_a_serial_query(code: int) -> None:
    """Whatever is wrong with a Serial Query, the next one is a Reset Query, and soon."""
    link = _link()
    link.lose()
    link.connect()
    link.arriving = b""
    link.feed(ErrorReport(code, b"", "why"))
    assert {A, B} == link.data
    assert link.session.number is None
    assert link.session.is_eager
    link.synchronise()
    assert (1, ResetQuery()) == link.sent[-1]


def test_closed_instead_of_an_error_report() -> None:
    """A cache that closes when it is asked what changed is asked for all data next."""
    link = _link()
    link.lose()
    link.connect()
    link.lose("the cache closed the connection")
    assert (None, True, 1) == (link.session.number, link.session.is_eager, link.session.version)
    assert {A, B} == link.data


def test_notify_of_another_session() -> None:
    """A Serial Notify with a new session id has all data asked for."""
    link = _link()
    link.cache = Cache({C}, session_id=5)
    link.feed(SerialNotify(5, 0))
    assert {A, B} == link.data
    link.advance(1)
    assert {C} == link.data
    assert (1, ResetQuery()) == link.sent[-1]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ([A], ErrorCode.DUPLICATE_ANNOUNCEMENT),
        ([vrp("192.0.2.0/24 64496")] * 2, ErrorCode.DUPLICATE_ANNOUNCEMENT),
    ],
)
def test_changes_that_announce_twice(changes: list[Pdu], code: ErrorCode) -> None:
    """Changes that announce what is there are for other data than the router's."""
    link = _link()
    link.cache.update({C})
    link.feed(SerialNotify(1, 1))
    link.now += 1_000_000
    link.events += link.session.tick(link.now)
    link.session.take_output()
    link.feed(CacheResponse(1), *changes, EndOfData(1, 1, TIMES))
    assert {A, B} == link.data
    assert [code] == _codes(link)
    link.synchronise()
    assert {C} == link.data


def test_changes_that_withdraw_what_is_not_there() -> None:
    """Changes that withdraw what is not there are for other data than the router's."""
    link = _link()
    link.feed(SerialNotify(1, 1))
    link.now += 1_000_000
    link.events += link.session.tick(link.now)
    link.session.take_output()
    gone = vrp("192.0.2.0/24-25 64509")
    octets = encode_pdu(gone, 1)
    link.feed(CacheResponse(1), octets[:8] + b"\0" + octets[9:], EndOfData(1, 1, TIMES))
    assert {A, B} == link.data
    assert [ErrorCode.WITHDRAWAL_OF_UNKNOWN_RECORD] == _codes(link)
    assert "192.0.2.0/24 up to /25 of AS64509 was withdrawn" in _reason(link)


def test_older_serial_number() -> None:
    """Changes that lead to an older serial number are those of a cache that began again."""
    link = _link(Cache({A}, serial=9))
    link.feed(SerialNotify(1, 10))
    link.now += 1_000_000
    link.events += link.session.tick(link.now)
    link.session.take_output()
    link.feed(CacheResponse(1), B, EndOfData(1, 8, TIMES))
    assert {A} == link.data
    assert "serial number 9 or a newer one" in _reason(link)


# -- session ids that a restarted cache has again


def test_nothing_changed_after_a_reconnect_is_checked() -> None:
    """A cache that restarts with the same session id and serial number is found out at once."""
    link = _link(Cache({A, B}, session_id=7))
    _restart(link, Cache({C}, session_id=7))
    assert {C} == link.data
    assert [(1, SerialQuery(7, 0)), (1, ResetQuery())] == link.sent[1:]
    assert [False, True] == [each.is_reset for each in link.received[1:]]


def test_checks_are_an_hour_apart() -> None:
    """Connections that are lost again and again have all data sent only once an hour."""
    link = _link()
    for _ in range(5):
        _restart(link, link.cache)
        link.advance(60)
    assert 2 == sum(pdu == ResetQuery() for _, pdu in link.sent)
    link.advance(3299)
    assert 2 == sum(pdu == ResetQuery() for _, pdu in link.sent)
    link.advance(1)
    assert 3 == sum(pdu == ResetQuery() for _, pdu in link.sent)
    link.advance(7200)
    assert 3 == sum(pdu == ResetQuery() for _, pdu in link.sent)


def test_changes_in_one_connection_are_not_checked() -> None:
    """A cache that was there all the time needs no check."""
    link = _link()
    link.advance(86_400)
    assert 1 == sum(pdu == ResetQuery() for _, pdu in link.sent)
    assert {A, B} == link.data


# -- no data yet


def test_no_data_available() -> None:
    """A cache without data is asked again after the Retry Interval, in the same connection."""
    link = Link(Cache({A}))
    link.connect()
    link.arriving = b""
    link.feed(ErrorReport(ErrorCode.NO_DATA_AVAILABLE, b"", "starting"))
    remarks = [each.text for each in link.events if isinstance(each, CacheRemark)]
    assert [
        "the cache sent an Error Report, no data available: starting; it is asked again later"
    ] == remarks
    link.advance(599)
    assert link.data is None
    link.advance(1)
    assert {A} == link.data
    assert link.is_connected


def test_no_data_available_any_more() -> None:
    """A cache that has lost its data is asked for all of it; the old data is used until then."""
    link = _link()
    link.lose()
    link.connect()
    link.arriving = b""
    link.feed(ErrorReport(ErrorCode.NO_DATA_AVAILABLE))
    assert {A, B} == link.data
    assert link.session.number is None


def test_received_is_an_event_of_each_answer() -> None:
    """What an answer says of itself: session, serial number and version."""
    link = _link(Cache({A}, session_id=3, serial=4))
    found = link.received[0]
    assert isinstance(found, VrpsReceived)
    assert (link.now, 3, 4, 1) == (found.time, found.session_id, found.serial, found.version)


def test_cache_reset() -> None:
    """A Cache Reset has all data asked for in the same connection."""
    link = _link(Cache({A}, serial=5))
    link.cache = Cache({B}, serial=8)
    link.advance(600)
    assert {B} == link.data
    assert link.is_connected
