"""Events: what live feeds yield."""

from __future__ import annotations

import asyncio
import copy
import pickle
from collections.abc import AsyncIterator
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final

import attrs
import pytest

from peerlint.errors import InputError
from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    Feed,
    FeedBack,
    FeedEvent,
    FeedLost,
    Gap,
    Heartbeat,
    OtherRoutes,
    RouteCount,
    SessionDown,
    SessionUp,
    Statistics,
    TableEvent,
    TableRef,
    Withdraw,
)
from peerlint.model import Prefix, Route, View
from peerlint.wire.bmp import RawStatistic, Statistic

SENT: Final = TableRef("192.0.2.1", 8075, "sent")
WHERE: Final[dict[str, Any]] = {"feed": "bmp", "router": "edge1", "table": SENT, "time": 2}
ROUTE: Final = Route.parse("203.0.113.0/24 path 64500 community 8075:8007")
PREFIX: Final = Prefix.parse("203.0.113.0/24")
EVENTS: Final[list[Event]] = [
    SessionUp(**WHERE, local=IPv4Address("192.0.2.0"), local_asn=64500, peer_asn=8075),
    Announce(**WHERE, route=ROUTE),
    Withdraw(**WHERE, prefix=PREFIX),
    EndOfRib(**WHERE),
    OtherRoutes(**WHERE, routes=900_000),
    Statistics(**WHERE, statistics=[Statistic(15, 1)]),
    Gap(**WHERE, reason="the session came back and shows less", since=1),
    SessionDown(**WHERE, reason="NOTIFICATION 6/2"),
    FeedLost(feed="bmp", router="edge1", time=3, reason="the connection is closed"),
    FeedBack(feed="bmp", router="edge1", time=4, header_time=1),
    Heartbeat(feed="bmp", router="edge1", time=5, interval=30_000_000),
]


def test_every_event_has_its_place_and_time() -> None:
    """Each event says which feed, router and table, when it arrived, and the sender's time."""
    for event in EVENTS:
        assert isinstance(event, FeedEvent)
        assert ("bmp", "edge1") == (event.feed, event.router)
        assert event.table in (SENT, None)
        assert event.time >= 2
        assert event.header_time in (None, 1)


def test_events_of_a_table_need_it() -> None:
    """Only gaps, and feeds that are lost, back or alive, may be about more than one peer."""
    wide = {type(event) for event in EVENTS if not isinstance(event, TableEvent)}

    assert {Gap, FeedLost, FeedBack, Heartbeat} == wide
    for name in ("router", "table"):
        with pytest.raises(InputError, match=name):
            EndOfRib(**{**WHERE, name: None})
    assert Gap(feed="ris", time=1, reason="the server closed the connection").router is None


@pytest.mark.parametrize("event", EVENTS, ids=lambda event: type(event).__name__)
def test_events_are_values(event: Event) -> None:
    """Events are immutable, compared by value, hashable, and survive pickle and copies."""
    assert event == pickle.loads(pickle.dumps(event))  # noqa: S301  # our own octets
    assert event == copy.deepcopy(event)
    assert {event} == {copy.copy(event)}
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        event.feed = "other"  # type: ignore[misc]


@pytest.mark.parametrize(
    ("kind", "name", "value"),
    [
        (Announce, "route", "203.0.113.0/24"),
        (Withdraw, "prefix", "203.0.113.0/24"),
        (EndOfRib, "feed", None),
        (EndOfRib, "time", "2026-11-21"),
        (EndOfRib, "time", True),
        (EndOfRib, "header_time", 1.5),
        (EndOfRib, "table", "192.0.2.1"),
        (Statistics, "statistics", [15]),
        (Statistics, "statistics", 15),
        (Gap, "reason", None),
        (FeedLost, "reason", 7),
        (Heartbeat, "interval", None),
        (Heartbeat, "interval", 0),
    ],
)
def test_wrong_types(kind: type[FeedEvent], name: str, value: object) -> None:
    """A feed that makes a wrong value is told where it makes it, by the name of the field."""
    extra: dict[type[FeedEvent], dict[str, object]] = {
        Announce: {"route": ROUTE},
        Withdraw: {"prefix": PREFIX},
    }

    with pytest.raises(InputError, match=name):
        kind(**{**WHERE, **extra.get(kind, {}), name: value})


# -- tables


def test_a_table_from_text() -> None:
    """Addresses and views are taken as text too."""
    table = TableRef("2001:db8::1", view="loc-rib", distinguisher=7)

    assert IPv6Address("2001:db8::1") == table.peer
    assert View.LOC_RIB is table.view
    assert table == TableRef(IPv6Address("2001:db8::1"), None, View.LOC_RIB, distinguisher=7)


@pytest.mark.parametrize(
    ("name", "value"),
    [("peer", "edge1"), ("peer", 1), ("view", "transmitted"), ("asn", "8075"),
     ("distinguisher", None)],
)  # fmt: skip
def test_no_table(name: str, value: object) -> None:
    """What is no address, view or number is refused by its name."""
    arguments: dict[str, Any] = {"peer": "192.0.2.1", name: value}

    with pytest.raises(InputError, match=name):
        TableRef(**arguments)


@pytest.mark.parametrize(
    ("event", "table", "covers"),
    [
        (SENT, SENT, True),
        (SENT, attrs.evolve(SENT, view=View.ADVERTISED), False),
        (SENT, attrs.evolve(SENT, view=None), False),
        (attrs.evolve(SENT, view=None), SENT, True),
        (attrs.evolve(SENT, view=None, asn=None), SENT, True),
        (attrs.evolve(SENT, view=None), attrs.evolve(SENT, distinguisher=1), False),
        (attrs.evolve(SENT, view=None), attrs.evolve(SENT, peer="192.0.2.3"), False),
        (
            TableRef("192.0.2.1", 64501, "adj-rib-in", is_post_policy=True),
            TableRef("192.0.2.1", 64501, "adj-rib-in"),
            False,
        ),
    ],
    ids=[
        "itself", "another view", "all tables", "one of them", "unknown AS", "another instance",
        "another peer", "before policy",
    ],
)  # fmt: skip
def test_covers(event: TableRef, table: TableRef, *, covers: bool) -> None:
    """A session that goes down takes all tables of its peer along; an End-of-RIB is of one."""
    assert covers == event.covers(table)


# -- statistics


def test_route_counts() -> None:
    """Numbers of routes are compared by view, family and policy; other statistics are not."""
    found = Statistics(
        **WHERE,
        statistics=[
            Statistic(0, 9),
            Statistic(7, 1),
            Statistic(8, 2),
            Statistic(9, 3, 1, 1),
            Statistic(10, 4, 2, 1),
            Statistic(14, 5),
            Statistic(17, 6, 1, 1),
            Statistic(19, 7, 1, 1),
            Statistic(20, 8),
            Statistic(9, 9, 1, 128),
            Statistic(9, 9, 25, 70),
            Statistic(22, 9, 1, 1),
            RawStatistic(65531, b"\0\0\0\1"),
        ],
    )

    assert (
        RouteCount(View.ADJ_RIB_IN, 1),
        RouteCount(View.LOC_RIB, 2),
        RouteCount(View.ADJ_RIB_IN, 3, 4),
        RouteCount(View.LOC_RIB, 4, 6),
        RouteCount(View.ADVERTISED, 5),
        RouteCount(View.SENT, 6, 4),
        RouteCount(View.ADJ_RIB_IN, 7, 4, is_post_policy=False),
        RouteCount(View.ADJ_RIB_IN, 8, is_post_policy=True),
    ) == found.route_counts


# -- feeds


async def lines(octets: bytes) -> AsyncIterator[Event]:
    """Yield events from lines such as `1 up` and `2 203.0.113.0/24 path 64500`: a user's feed."""
    for line in octets.decode().splitlines():
        time, _, text = line.partition(" ")
        where: dict[str, Any] = {
            "feed": "lines", "router": "edge1", "table": SENT, "time": int(time),
        }  # fmt: skip
        if text == "up":
            yield SessionUp(**where)
        elif text == "down":
            yield SessionDown(**where)
        elif text.startswith("-"):
            yield Withdraw(**where, prefix=Prefix.parse(text[1:]))
        else:
            yield Announce(**where, route=Route.parse(text))


async def collected(feed: Feed) -> list[Event]:
    """Return the events of a feed that ends."""
    return [event async for event in feed]


def test_an_async_generator_is_a_feed() -> None:
    """A feed is an async iterator of events, and nothing else is needed to write one."""
    feed = lines(b"1 up\n2 203.0.113.0/24 path 64500\n3 -203.0.113.0/24\n4 down")
    assert isinstance(feed, Feed)

    events = asyncio.run(collected(feed))

    assert [SessionUp, Announce, Withdraw, SessionDown] == [type(event) for event in events]
    assert [1, 2, 3, 4] == [event.time for event in events]


def test_a_list_is_no_feed() -> None:
    """Events that are all there already are not a feed."""
    assert not isinstance(EVENTS, Feed)
