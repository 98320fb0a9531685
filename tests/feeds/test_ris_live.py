"""Events from RIS Live: its messages, and the connection to a server that behaves as published.

The forms of messages are those of https://ris-live.ripe.net/manual/.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import Coroutine
from typing import Any, Final, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import FeedError, InputError
from peerlint.events import (
    Announce,
    Event,
    Feed,
    FeedBack,
    FeedLost,
    Gap,
    Heartbeat,
    SessionDown,
    SessionUp,
    TableRef,
    Withdraw,
)
from peerlint.feeds.ris_live import RisLiveFeed, RisLiveLimits
from peerlint.feeds.ris_messages import RisMessage, RisStream, subscription
from peerlint.feeds.ris_updates import LONGEST
from peerlint.model import Prefix, View

pytest.importorskip("aiohttp", reason="the extra `live`")
from tests.feeds.doubles.ris_server import Server, Step, close, message, say, text

TABLE: Final = TableRef("192.0.2.1", 64500, View.COLLECTOR)
UPDATE: Final[dict[str, Any]] = {
    "timestamp": 1590569894.28,
    "peer": "192.0.2.1",
    "peer_asn": "64500",
    "id": "24-192-0-2-1-59041686",
    "host": "rrc24",
    "type": "UPDATE",
    "path": [64500, 64501, [64502, 64503]],
    "community": [[8075, 8007], [65535, 65281]],
    "origin": "igp",
    "announcements": [{"next_hop": "192.0.2.1", "prefixes": ["203.0.113.0/24"]}],
    "withdrawals": ["198.51.100.0/24"],
}
_Value = TypeVar("_Value")


def _with(**changes: object) -> dict[str, Any]:
    return {**UPDATE, **changes}


def _events(data: dict[str, Any], time: int) -> list[Event]:
    return list(RisStream().message(data, time))


def _run(main: Coroutine[object, object, _Value]) -> _Value:
    return asyncio.run(asyncio.wait_for(main, 120))


# -- messages


def test_update() -> None:
    """An UPDATE is its withdrawals, then its announcements; a list in a path is an AS_SET."""
    withdraw, announce = _events(UPDATE, 7)
    assert isinstance(withdraw, Withdraw)
    assert isinstance(announce, Announce)
    assert str(withdraw.prefix) == "198.51.100.0/24"
    assert str(announce.route) == (
        "203.0.113.0/24 path 64500 64501 {64502,64503} community 8075:8007 65535:65281"
        " next-hop 192.0.2.1"
    )
    assert not announce.shows_other_communities
    for each in (withdraw, announce):
        assert (each.feed, each.router, each.table) == ("ris-live", "rrc24", TABLE)
        assert (each.time, each.header_time) == (7, 1_590_569_894_280_000)


@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_published_form(separators: tuple[str, str]) -> None:
    """An UPDATE as it is published is decoded by its parts, of which most come again."""
    stream = RisStream()
    for time in (UPDATE["timestamp"], 1590569895, 1590569896.5):
        data = _with(timestamp=time)
        text = json.dumps({"type": "ris_message", "data": data}, separators=separators)
        assert stream.update(text, 7) == tuple(_events(data, 7))


@pytest.mark.parametrize(
    "data",
    [
        {key: UPDATE[key] for key in sorted(UPDATE)},  # in another order
        _with(type="RIS_PEER_STATE", state="down"),
        _with(host="rrc\n24"),
        _with(timestamp="1590569894"),
        _with(timestamp=9999999999),
        _with(peer=None),
        _with(more={"peer": 1}),
        _with(path=[[]]),
        {**UPDATE, "withdrawals": ["x" * (LONGEST - 500)]},
    ],
)
def test_other_forms(data: dict[str, Any]) -> None:
    """Whatever is written otherwise, or cannot be read, is decoded as a whole."""
    quick = RisStream().update(json.dumps({"type": "ris_message", "data": data}), 7)
    assert quick is None or quick == tuple(_events(data, 7))


def test_a_key_in_both_parts() -> None:
    """A key of the first part that comes again in the rest is damage, as in any JSON."""
    text = json.dumps({"type": "ris_message", "data": UPDATE})
    text = text.removesuffix("}}") + ', "host": "rrc01"}}'
    assert RisStream().update(text, 7) is None
    with pytest.raises(InputError, match="each key once"):
        RisMessage.parse(text)


@pytest.mark.parametrize(
    ("watched", "more_specific", "kinds"),
    [
        ("203.0.113.0/24", True, [Announce]),
        ("203.0.113.0/24", False, [Announce]),
        ("203.0.112.0/22", True, [Announce]),
        ("203.0.112.0/22", False, []),
        ("203.0.113.0/25", True, []),
        ("0.0.0.0/0", True, [Withdraw, Announce]),
        ("::/0", True, []),
        ("198.51.100.0/24 203.0.113.0/24", True, [Withdraw, Announce]),
    ],
)
def test_prefixes_that_are_not_watched(
    watched: str, kinds: list[type], *, more_specific: bool
) -> None:
    """What comes along with a watched prefix is left out: its withdrawal would not come."""
    prefixes = map(Prefix.parse, watched.split())
    stream = RisStream(watched=prefixes, more_specific=more_specific)
    assert [type(each) for each in stream.message(UPDATE, 7)] == kinds
    assert stream.others == 2 - len(kinds)


@pytest.mark.parametrize(
    ("data", "kinds"),
    [
        (_with(type="RIS_PEER_STATE", state="connected"), [SessionUp]),
        (_with(type="RIS_PEER_STATE", state="down"), [SessionDown]),
        (_with(type="KEEPALIVE"), []),
        (_with(type="OPEN"), []),
        (_with(type="NOTIFICATION"), []),
        (_with(announcements=[]), [Withdraw]),
        ({key: UPDATE[key] for key in UPDATE if key != "withdrawals"}, [Announce]),
    ],
)
def test_types(data: dict[str, Any], kinds: list[type]) -> None:
    """What each type of message is."""
    assert [type(each) for each in _events(data, 7)] == kinds


def test_ipv6() -> None:
    """Of two next hops of IPv6, the global one comes first (RFC 2545 section 3)."""
    announcements = [{"next_hop": "2001:db8::1,fe80::1", "prefixes": ["2001:db8::/32"]}]
    (found,) = _events(_with(announcements=announcements, withdrawals=[]), 7)
    assert isinstance(found, Announce)
    assert str(found.route.next_hop) == "2001:db8::1"


@pytest.mark.parametrize(
    "data",
    [
        {},
        _with(type="UPDATES"),
        _with(type=7),
        _with(timestamp="1590569894.28"),
        _with(timestamp=-1),
        _with(peer="router"),
        _with(peer_asn="AS64500"),
        _with(host=None),
        _with(path="64500 64501"),
        {key: UPDATE[key] for key in UPDATE if key != "path"},
        {key: UPDATE[key] for key in UPDATE if key not in ("announcements", "withdrawals")},
        _with(path=[64500, "x"]),
        _with(path=[[]]),
        _with(community=[[8075]]),
        _with(community=["8075:8007"]),
        _with(announcements={}),
        _with(announcements=[{"next_hop": "192.0.2.1", "prefixes": ["banana"]}]),
        _with(announcements=[{"next_hop": "", "prefixes": []}]),
        _with(withdrawals=[7]),
        _with(type="RIS_PEER_STATE", state="sleepy"),
    ],
)
def test_other_schema(data: dict[str, Any]) -> None:
    """A message that is not as published is a gap, named and counted, and nothing else."""
    stream = RisStream()
    (gap,) = stream.message(data, 7)
    assert isinstance(gap, Gap)
    assert stream.damages.first == (gap.reason,)


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x, max_size=3)))
def test_any_values(value: object) -> None:
    """Whatever a key holds: events or a gap, and no other error."""
    for key in UPDATE:
        stream = RisStream()
        list(stream.message(_with(**{key: value}), 7))
        assert stream.damages.count <= 1


def test_repeated_and_reordered() -> None:
    """A message older than what is known of its route or session is left out, and counted."""
    stream = RisStream()
    announce = _with(withdrawals=[])
    withdraw = _with(announcements=[], withdrawals=["203.0.113.0/24"], timestamp=1590569895.0)
    down = _with(type="RIS_PEER_STATE", state="down", timestamp=1590569900.0)
    kinds = [
        [type(each) for each in stream.message(data, 7)]
        for data in (announce, announce, withdraw, announce, down, withdraw)
    ]
    assert kinds == [[Announce], [Announce], [Withdraw], [], [SessionDown], []]
    assert stream.outdated == 2


def test_bounded() -> None:
    """Only so many times of routes are kept."""
    stream = RisStream(kept=10)
    for number in range(100):
        list(stream.message(_with(withdrawals=[f"203.0.{number}.0/24"], announcements=[]), 7))
    assert len(stream._order) == 11  # and one peer


def test_subscription() -> None:
    """A subscription names one prefix and asks for an acknowledgement."""
    assert json.loads(subscription(Prefix.parse("203.0.113.0/24"))) == {
        "type": "ris_subscribe",
        "data": {
            "type": "UPDATE",
            "prefix": "203.0.113.0/24",
            "moreSpecific": True,
            "socketOptions": {"acknowledge": True, "includeRaw": False},
        },
    }


def test_no_message() -> None:
    """A message has a type."""
    with pytest.raises(InputError, match="type: expected a string"):
        RisMessage.parse('{"data": {}}')


# -- connection


def _feed(
    server: Server, slept: list[float] | None = None, limits: RisLiveLimits | None = None
) -> RisLiveFeed:
    times = itertools.count(1)

    async def sleep(seconds: float) -> None:
        if slept is not None:
            slept.append(seconds)

    return RisLiveFeed(
        ["203.0.113.0/24", "198.51.100.0/24"],
        url=server.url,
        limits=limits,
        now=lambda: next(times),
        sleep=sleep,
        jitter=lambda: 1.0,
    )


async def _take(feed: RisLiveFeed, count: int) -> list[Event]:
    assert isinstance(feed, Feed)
    found = [await anext(feed) for _ in range(count)]
    await feed.close()
    return found


def test_connection() -> None:
    """Each prefix is subscribed to; events begin with what is not known."""

    async def main() -> tuple[list[Event], Server]:
        async with Server([message(UPDATE)]) as server:
            return await _take(_feed(server), 3), server

    found, server = _run(main())
    assert [type(each) for each in found] == [Gap, Withdraw, Announce]
    assert [each.get("prefix") for each in server.asked[0]] == [
        "203.0.113.0/24",
        "198.51.100.0/24",
        None,
    ]


def test_reconnect() -> None:
    """After a loss: connect and subscribe again, and a gap since the last message."""
    slept: list[float] = []

    async def main() -> tuple[list[Event], Server]:
        async with Server([message(UPDATE), close], [message(UPDATE)]) as server:
            return await _take(_feed(server, slept), 8), server

    found, server = _run(main())
    assert [type(each) for each in found] == [
        *(Gap, Withdraw, Announce),
        *(FeedLost, FeedBack, Gap, Withdraw, Announce),
    ]
    gap = found[5]
    assert isinstance(gap, Gap)
    assert (gap.router, gap.since) == (None, found[2].time)
    assert server.asked[0] == server.asked[1]
    assert slept == [1.0]


def test_a_server_that_hangs() -> None:
    """A server that keeps the connection open, says nothing and answers nothing is lost."""

    async def main() -> list[Event]:
        async with Server([message(UPDATE)], answers=False) as server:
            return await _take(_feed(server, limits=RisLiveLimits(heartbeat=0.2)), 4)

    *found, lost = _run(main())
    assert [type(each) for each in found] == [Gap, Withdraw, Announce]
    assert isinstance(lost, FeedLost)
    assert lost.reason


def test_signs_of_life() -> None:
    """A server is asked again and again, and each of its answers is an event."""

    async def main() -> list[Event]:
        async with Server([message(UPDATE)]) as server:
            return await _take(_feed(server, limits=RisLiveLimits(ping=0.1)), 5)

    *found, first, second = _run(main())
    assert [type(each) for each in found] == [Gap, Withdraw, Announce]
    for each in (first, second):
        assert isinstance(each, Heartbeat)
        assert (each.router, each.interval) == (None, 100_000)


def test_too_slow() -> None:
    """A server that says why it cuts the connection is quoted."""

    async def main() -> list[Event]:
        reason = {"message": "client is too slow"}
        async with Server([say("ris_error", reason)], []) as server:
            return await _take(_feed(server), 4)

    found = _run(main())
    assert [type(each) for each in found] == [Gap, FeedLost, FeedBack, Gap]
    assert isinstance(found[1], FeedLost)
    assert found[1].reason == "the server says: client is too slow"


def test_back_off() -> None:
    """Attempts that fail are further and further apart, up to the maximum."""
    slept: list[float] = []

    async def main() -> list[Event]:
        async with Server([close]) as server:
            return await _take(_feed(server, slept, RisLiveLimits(longest_delay=5.0)), 6)

    assert [type(each) for each in _run(main())] == [Gap, *[FeedLost] * 5]
    assert slept == [1.0, 2.0, 4.0, 5.0]


@pytest.mark.parametrize(
    ("steps", "reason"),
    [
        ([text("{")], "JSON: expected an object on one line"),
        ([text('{"type": "ris_mess')], "JSON: expected an object on one line"),
        ([text("[]")], "JSON: expected an object"),
        ([say("ris_table", {})], "type: expected a type of RIS Live"),
        ([say("ris_message", [])], "data: expected an object"),
        ([message({"type": "UPDATE"})], "host: expected a string"),
        ([text("{")] * 50, "JSON: expected an object on one line"),
    ],
)
def test_damage(steps: list[Step], reason: str) -> None:
    """A message that cannot be read is a gap, and those after it are read."""

    async def main() -> tuple[list[Event], RisLiveFeed]:
        async with Server([*steps, say("pong", None), message(UPDATE)]) as server:
            feed = _feed(server)
            return await _take(feed, 5), feed

    found, feed = _run(main())
    assert [type(each) for each in found] == [Gap, Gap, Heartbeat, Withdraw, Announce]
    assert isinstance(found[1], Gap)
    assert reason in found[1].reason
    assert feed.stream.damages.count == len(steps)


def test_too_long() -> None:
    """A message beyond the limit ends the connection; it is not kept."""

    async def main() -> list[Event]:
        async with Server([text("x" * 5000)], []) as server:
            return await _take(_feed(server, limits=RisLiveLimits(message=4096)), 4)

    assert [type(each) for each in _run(main())] == [Gap, FeedLost, FeedBack, Gap]


def test_not_acknowledged() -> None:
    """Without acknowledgements nothing is known to be subscribed to, so the feed cannot start."""

    async def main() -> list[Event]:
        async with Server([], acknowledges=False) as server:
            return await _take(_feed(server, limits=RisLiveLimits(acknowledge=0.0)), 1)

    with pytest.raises(FeedError, match="did not acknowledge all subscriptions"):
        _run(main())


def test_no_server() -> None:
    """A first connection that fails is an error that names the server."""

    async def main() -> list[Event]:
        async with Server() as server:
            return await _take(_feed(server), 1)

    with pytest.raises(FeedError, match=r"127\.0\.0\.1.*503"):
        _run(main())


def test_nothing_is_read_ahead() -> None:
    """While nobody asks for events the server has to wait, as TCP does it; nothing is dropped."""
    count = 3000

    async def main() -> list[Event]:
        steps = [message(_with(timestamp=each, withdrawals=[])) for each in range(count)]
        async with Server(steps) as server:
            feed = _feed(server)
            await anext(feed)
            await asyncio.sleep(0)
            return await _take(feed, count)

    found = _run(main())
    assert [each.header_time for each in found] == [each * 1_000_000 for each in range(count)]


def test_prefixes() -> None:
    """One prefix at least, and prefixes only."""
    with pytest.raises(InputError, match="prefixes: expected one at least"):
        RisLiveFeed([])
    with pytest.raises(InputError, match="prefix"):
        RisLiveFeed(["banana"])
