"""Which version a cache is asked in, and what it may not change (RFC 8210 section 7)."""

from __future__ import annotations

import pytest
from tests.registry.rtr.rtr_cache import Cache, Refusal, vrp
from tests.registry.rtr.rtr_link import Link

from peerlint.registry.rtr import DataNumber
from peerlint.wire.rtr import (
    CacheResponse,
    ErrorCode,
    ErrorReport,
    SerialNotify,
    SerialQuery,
    Timers,
    encode_pdu,
)

A, B, C = vrp("203.0.113.0/24 64500"), vrp("198.51.100.0/24 64501"), vrp("2001:db8::/32 64502")


def _link(cache: Cache | None = None) -> Link:
    """Return a session that has what its cache has."""
    link = Link(cache or Cache({A, B}))
    link.synchronise()
    return link


def _codes(link: Link) -> list[int]:
    """Return the codes of the Error Reports that the session sent."""
    return [pdu.code for _, pdu in link.sent if isinstance(pdu, ErrorReport)]


@pytest.mark.parametrize("refusal", list(Refusal))
def test_fallback(refusal: Refusal) -> None:
    """A cache that only knows version 0 is asked in it, whatever it says to version 1."""
    link = _link(Cache({A}, version=0, refusal=refusal))
    assert {A} == link.data
    assert DataNumber(0, 1, 0) == link.session.number
    link.advance(3600)
    assert (0, SerialQuery(1, 0)) == link.sent[-1]


@pytest.mark.parametrize("refusal", list(Refusal))
def test_fallback_with_data(refusal: Refusal) -> None:
    """Data of version 1 is no base for changes of version 0, and is used until it is replaced."""
    link = _link()
    link.lose()
    link.cache = Cache({C}, version=0, refusal=refusal)
    for _ in range(4):
        if not link.is_connected:
            assert {A, B} == link.data
            link.synchronise()
    assert {C} == link.data
    assert 0 == link.session.version


def test_version_0_has_no_timers() -> None:
    """In version 0 the suggested timers of RFC 8210 section 6 count."""
    link = _link(Cache({A}, version=0))
    assert Timers(3600, 600, 7200) == link.session.timers


def test_back_to_version_1() -> None:
    """A cache that does not answer in version 0 either is asked in version 1 again."""
    link = Link(Cache())
    versions = []
    for _ in range(4):
        link.connect()
        versions.append(link.sent[-1][0])
        link.lose("the cache closed the connection")
    assert [1, 0, 1, 0] == versions


def test_a_cache_that_spoke_version_1_may_restart() -> None:
    """A cache that closes while it starts is not taken for one of version 0 at once."""
    link = _link()
    link.lose()
    for _ in range(3):
        link.connect()
        assert 1 == link.sent[-1][0]
        link.lose("the cache closed the connection")


@pytest.mark.parametrize("version", [0, 1, 2, 9])
def test_notify_before_the_version_is_agreed(version: int) -> None:
    """A Serial Notify before the first answer is ignored in every version (RFC 8210 section 7)."""
    link = Link(Cache({A}))
    link.connect()
    notify = bytes((version,)) + encode_pdu(SerialNotify(9, 9), 1)[1:]
    link.arriving = notify + link.arriving
    link.deliver()
    assert {A} == link.data
    assert 1 == link.session.version


@pytest.mark.parametrize(
    ("octets", "code"),
    [
        (encode_pdu(A, 0), ErrorCode.UNEXPECTED_VERSION),
        (encode_pdu(SerialNotify(1, 1), 0), ErrorCode.UNEXPECTED_VERSION),
        (b"\2" + encode_pdu(A, 1)[1:], ErrorCode.UNSUPPORTED_VERSION),
    ],
)
def test_version_that_changes(octets: bytes, code: ErrorCode) -> None:
    """A cache that goes on in another version is not listened to (RFC 8210 section 7)."""
    link = Link(Cache({A}))
    link.connect()
    link.feed(CacheResponse(1), octets)
    assert [code] == _codes(link)
    assert link.data is None


def test_newer_version_than_asked_for() -> None:
    """An answer in a newer version than that of the query is refused."""
    link = _link(Cache({A}, version=0))
    link.feed(encode_pdu(SerialNotify(1, 1), 1))
    assert [ErrorCode.UNEXPECTED_VERSION] == _codes(link)
