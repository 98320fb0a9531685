"""Evidence of another session, of another time, or of a part of a table is not taken for more."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from socket import create_connection
from time import sleep, time_ns
from typing import Any, Final

import attrs
import pytest

import peerlint
from peerlint import FeedError, InputError, Inventory, Outcome, Report, Route, State
from peerlint.api.feeds import FeedInput
from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    FeedBack,
    FeedLost,
    Gap,
    OtherRoutes,
    SessionDown,
    SessionUp,
    Statistics,
    TableRef,
    Withdraw,
)
from peerlint.feeds.bmp import BmpListener
from peerlint.model import View
from peerlint.observations import Coverage, RibArgument
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.wire.bmp import Statistic

CONTOSO: Final = Path(__file__).resolve().parents[2] / "examples" / "contoso"
PREFIX: Final = "203.0.113.0/24"
GOOD: Final = f"{PREFIX} path 64500 community 8075:8007"
BAD: Final = f"{PREFIX} path 64500 64500 community 8075:8007"
ELSE: Final = "192.0.2.0/24 path 64500"
NOW: Final = time_ns() // 1000
#: The addresses of the session ams-1.
MICROSOFT: Final = "192.0.2.1"
OURS: Final = "192.0.2.0"
SENT: Final = TableRef(MICROSOFT, 8075, "sent")
RECEIVED: Final = TableRef(OURS, 64500, "adj-rib-in")
LOC_RIB: Final = TableRef(IPv4Address(0), 64500, "loc-rib")
OTHER_LOC_RIB: Final = attrs.evolve(LOC_RIB, distinguisher=2)


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    """Return the inventory of the example: ams-1 is on edge1.ams, ams-2 on edge2.ams."""
    return peerlint.load_inventory(CONTOSO / "peering.toml")


def place(ref: TableRef, router: str = "edge1") -> dict[str, Any]:
    """Return the arguments that all events of a table have."""
    return {"feed": "mine", "router": router, "table": ref, "time": NOW}


def up(ref: TableRef = SENT, router: str = "edge1", **said: Any) -> SessionUp:  # noqa: ANN401
    """Return that the session of a table is up, with what the feed says of it."""
    return SessionUp(**place(attrs.evolve(ref, view=None), router), **said)


def down(ref: TableRef = SENT, router: str = "edge1") -> SessionDown:
    """Return that the session of a table is down."""
    return SessionDown(**place(attrs.evolve(ref, view=None), router))


def shown(ref: TableRef, text: str, router: str = "edge1") -> tuple[Event, ...]:
    """Return that a table has one route and no other."""
    where = place(ref, router)
    return Announce(**where, route=Route.parse(text)), EndOfRib(**where)


async def feed(events: Iterable[Event]) -> AsyncIterator[Event]:
    """Yield events, as a user's own feed does."""
    for each in events:
        yield each


def checked(inventory: Inventory, *events: Event, names: Mapping[str, str] | None = None) -> Report:
    """Return the check of the events; `names` are the routers that the user names."""
    known = names or {}

    def argument_of(router: str) -> RibArgument:
        return RibArgument(router, router=known.get(router))

    source = FeedInput(feed(events), "the feed", argument_of)
    return peerlint.check(inventory, feeds=[source], wait="2s")


def received(report: Report) -> Outcome:
    """Return whether the prefix is there on ams-1, for the rule that asks it."""
    found = {
        each.outcome
        for each in report.findings
        if each.rule == "route.not-received"
        and (each.subject.prefix, each.subject.session) == (PREFIX, "ams-1")
    }
    (outcome,) = found or {Outcome.PASS}
    return outcome


def remarks(report: Report) -> str:
    """Return the remarks about all sources."""
    return "\n".join(text for each in report.sources for text in each.remarks)


PASS: Final = Outcome.PASS
FAIL: Final = Outcome.FAIL
UNKNOWN: Final = Outcome.UNKNOWN

IDENTITY: Final = {
    "all agrees": (SENT, {"local": OURS, "local_asn": 64500, "peer_asn": 8075}, PASS),
    "nothing else is said": (attrs.evolve(SENT, asn=None), {}, PASS),
    "AS 0": (attrs.evolve(SENT, asn=0), {}, PASS),
    "no local address": (SENT, {"local": 0}, PASS),
    "another AS in the header": (attrs.evolve(SENT, asn=64499), {}, UNKNOWN),
    "another AS in the peer's OPEN": (SENT, {"peer_asn": 64499}, UNKNOWN),
    "another AS in the router's OPEN": (SENT, {"local_asn": 64511}, UNKNOWN),
    "AS_TRANS for an AS of two octets": (SENT, {"local_asn": 23456}, UNKNOWN),
    "another local address": (SENT, {"local": "198.51.100.9"}, UNKNOWN),
    "received": (RECEIVED, {"local": MICROSOFT, "local_asn": 8075, "peer_asn": 64500}, PASS),
    "received, another AS": (attrs.evolve(RECEIVED, asn=64499), {}, UNKNOWN),
    "received, in our own AS": (RECEIVED, {"local_asn": 64500}, UNKNOWN),
    "received at another address": (RECEIVED, {"local": "198.51.100.9"}, UNKNOWN),
}


@pytest.mark.parametrize(("ref", "said", "expected"), IDENTITY.values(), ids=IDENTITY)
def test_whose_table(
    inventory: Inventory, ref: TableRef, said: dict[str, Any], expected: Outcome
) -> None:
    """A peer is a session's only if nothing that the feed says contradicts it."""
    said = {name: ip_address(it) if name == "local" else it for name, it in said.items()}
    report = checked(inventory, up(ref, **said), *shown(ref, GOOD))

    assert received(report) is expected
    is_told = f"peer {ref.peer} is not taken for ams-1" in remarks(report)
    assert is_told is (expected is UNKNOWN)


def test_many_peers_with_one_address(inventory: Inventory) -> None:
    """Peers that are not taken for a session are named up to ten, and counted beyond that."""
    events = [
        event
        for number in range(15)
        for ref in [attrs.evolve(SENT, distinguisher=number)]
        for event in (up(ref, local=IPv4Address(number + 1)), *shown(ref, GOOD))
    ]
    report = checked(inventory, *events)

    assert remarks(report).count("is not taken for ams-1") == 10
    assert "5 more peers with addresses of sessions, not taken for them" in remarks(report)


EDGE1: Final = {"edge1": "edge1.ams"}
EDGE2: Final = {"edge2": "edge1.ams"}
ROUTERS: Final = {
    "nobody is named": ({}, UNKNOWN),
    "the one that has it": (EDGE1, PASS),
    "the one that has it not": (EDGE2, FAIL),
    "both": (EDGE1 | EDGE2, UNKNOWN),
    "the router of another session": ({"edge1": "edge2.ams"}, UNKNOWN),
}


@pytest.mark.parametrize("is_reversed", [False, True])
@pytest.mark.parametrize(("names", "expected"), ROUTERS.values(), ids=ROUTERS)
def test_two_routers_with_one_session(
    inventory: Inventory, names: dict[str, str], expected: Outcome, *, is_reversed: bool
) -> None:
    """Of two routers that show a session the named one counts, and never the first one."""
    both = [shown(SENT, GOOD), shown(SENT, ELSE, "edge2")]
    if is_reversed:
        both.reverse()
    report = checked(inventory, *both[0], *both[1], names=names)

    assert received(report) is expected
    assert "ams-1 is shown by edge" in remarks(report)


VRF: Final = attrs.evolve(SENT, distinguisher=2)
HERE: Final = up(local=ip_address(OURS))
INSTANCES: Final = {
    "the session's": ((HERE, *shown(LOC_RIB, PREFIX)), {}, PASS),
    "the session's, without the prefix": ((HERE, *shown(LOC_RIB, ELSE)), {}, FAIL),
    "of another instance": ((HERE, *shown(OTHER_LOC_RIB, PREFIX)), {}, UNKNOWN),
    "the session's beside another": (
        (HERE, *shown(LOC_RIB, ELSE), *shown(OTHER_LOC_RIB, PREFIX)),
        {},
        FAIL,
    ),
    "named": (shown(LOC_RIB, PREFIX), EDGE1, PASS),
    "named, without the prefix": (shown(LOC_RIB, ELSE), EDGE1, FAIL),
    "named, of two instances": (
        (*shown(LOC_RIB, ELSE), *shown(OTHER_LOC_RIB, PREFIX)),
        EDGE1,
        UNKNOWN,
    ),
    "named, the session is in another": ((up(VRF), *shown(LOC_RIB, ELSE)), EDGE1, UNKNOWN),
    "named, the session is in it": (
        (up(VRF), *shown(LOC_RIB, ELSE), *shown(OTHER_LOC_RIB, PREFIX)),
        EDGE1,
        PASS,
    ),
    "the session is down": ((HERE, *shown(LOC_RIB, PREFIX), down()), {}, UNKNOWN),
    "named, the session is down": ((HERE, *shown(LOC_RIB, PREFIX), down()), EDGE1, UNKNOWN),
    "the session is up again": ((HERE, *shown(LOC_RIB, PREFIX), down(), HERE), {}, PASS),
    "the router was away": (
        (
            HERE,
            FeedLost(feed="mine", router="edge1", time=NOW, reason="x"),
            FeedBack(feed="mine", router="edge1", time=NOW),
            *shown(LOC_RIB, ELSE),
        ),
        {},
        UNKNOWN,
    ),
    "the session of another AS": ((up(peer_asn=64499), *shown(LOC_RIB, PREFIX)), {}, UNKNOWN),
}


@pytest.mark.parametrize(("events", "names", "expected"), INSTANCES.values(), ids=INSTANCES)
def test_whose_loc_rib(
    inventory: Inventory, events: tuple[Event, ...], names: dict[str, str], expected: Outcome
) -> None:
    """A Loc-RIB is that of the sessions that are up in its instance, which the router says."""
    assert received(checked(inventory, *events, names=names)) is expected


def test_a_session_that_is_down(inventory: Inventory) -> None:
    """That a session is down is said, whatever its tables show."""
    report = checked(inventory, HERE, *shown(LOC_RIB, PREFIX), down())

    assert "ams-1: the router says that the session is down" in remarks(report)


@pytest.mark.parametrize("asn", [None, 0, 64499])
def test_one_peer_has_one_table(inventory: Inventory, asn: int | None) -> None:
    """What is withdrawn with or without the AS number of its announcement is gone."""
    ref = attrs.evolve(SENT, asn=asn)
    gone = Withdraw(**place(ref), prefix=Route.parse(GOOD).prefix)

    assert received(checked(inventory, *shown(SENT, GOOD), gone)) is not PASS


def test_filtered_before_its_first_route(inventory: Inventory) -> None:
    """A session whose router says that it does not send all routes is never complete."""
    report = checked(inventory, up(is_filtered=True), *shown(SENT, ELSE))

    assert received(report) is UNKNOWN


COUNTS: Final = {
    "equal": ((Statistic(15, 1),), FAIL),
    "another number": ((Statistic(15, 2),), UNKNOWN),
    "two that differ": ((Statistic(15, 2), Statistic(15, 1)), UNKNOWN),
    "two that differ, the other way round": ((Statistic(15, 1), Statistic(15, 2)), UNKNOWN),
    "two of one family that differ": (
        (Statistic(17, 1, 1, 1), Statistic(17, 2, 1, 1)),
        UNKNOWN,
    ),
    "of one family, which says more than that of all": (
        (Statistic(15, 7), Statistic(17, 1, 1, 1)),
        FAIL,
    ),
    "more than 32 bits": ((Statistic(15, (1 << 64) - 1),), UNKNOWN),
    "0": ((Statistic(15, 0),), UNKNOWN),
}


@pytest.mark.parametrize(("statistics", "expected"), COUNTS.values(), ids=COUNTS)
def test_counts(inventory: Inventory, statistics: tuple[Statistic, ...], expected: Outcome) -> None:
    """A router's count proves that all routes came only if it says one number, and that."""
    (route, _) = shown(SENT, ELSE)
    counts = Statistics(**place(attrs.evolve(SENT, view=None)), statistics=statistics)

    assert received(checked(inventory, route, counts)) is expected


def test_a_path_from_before_a_gap(inventory: Inventory) -> None:
    """If one of several paths is from before a gap, the other ones do not decide."""
    where = place(SENT)
    paths = [attrs.evolve(Route.parse(text), path_id=at) for at, text in enumerate((BAD, GOOD))]
    first, second = (Announce(**where, route=route) for route in paths)
    gap = Gap(feed="mine", router="edge1", time=NOW, reason="x")

    assert received(checked(inventory, first, gap, second)) is UNKNOWN
    assert received(checked(inventory, gap, second)) is PASS


@pytest.mark.parametrize(
    ("kind", "changes", "expected"),
    [
        (EndOfRib, {"family": 9}, "family: expected 4 or 6"),
        (EndOfRib, {"family": "4"}, "family: expected 4 or 6"),
        (OtherRoutes, {"family": 0, "routes": 1}, "family: expected 4 or 6"),
        (OtherRoutes, {"routes": -1}, "routes: expected a number of routes"),
        (EndOfRib, {"time": -1}, "time: expected microseconds since 1970"),
        (EndOfRib, {"time": 1 << 62}, "time: expected microseconds since 1970"),
    ],
)
def test_events_that_cannot_be(
    kind: type[EndOfRib | OtherRoutes], changes: dict[str, Any], expected: str
) -> None:
    """A mistake in a feed of one's own is an error where it is made, and not later."""
    with pytest.raises(InputError, match=expected):
        kind(**(place(SENT) | changes))


async def _fails() -> AsyncIterator[Event]:
    for each in shown(SENT, ELSE):
        yield each
    raise FeedError("mine", "it broke")


def test_a_feed_that_fails(inventory: Inventory) -> None:
    """After an error, time proves nothing any more: a feed that is dead is silent."""
    report = peerlint.check(inventory, feeds=[_fails()], wait="2s")

    assert received(report) is UNKNOWN
    assert "lost: it broke" in remarks(report)


LONGEST: Final = {
    "the longest network": (("edge1.ams=127.0.0.0/8", "edge2.ams=127.0.0.1"), "edge2.ams"),
    "in any order": (("edge2.ams=127.0.0.1", "edge1.ams=127.0.0.0/8"), "edge2.ams"),
    "another one": (("edge1.ams=127.0.0.0/8", "edge2.ams=127.0.0.2"), "edge1.ams"),
    "none": (("127.0.0.0/8",), None),
}


@pytest.mark.parametrize(("routers", "expected"), LONGEST.values(), ids=LONGEST)
def test_names_of_routers(
    inventory: Inventory, routers: tuple[str, ...], expected: str | None
) -> None:
    """The longest network that has a router's address gives it its name."""
    source = peerlint.bmp_feed(inventory, "127.0.0.1:0", routers=routers)

    assert source.argument_of("127.0.0.1").router == expected


def test_one_network_of_two_routers(inventory: Inventory) -> None:
    """Addresses with two names are refused."""
    routers = "edge1.ams=127.0.0.1", "edge2.ams=127.0.0.1"
    with pytest.raises(InputError, match=r"routers: expected another network than that of edge1"):
        peerlint.bmp_feed(inventory, "127.0.0.1:0", routers=routers)


def test_the_end_is_not_later(inventory: Inventory) -> None:
    """The end of a feed does not make what came before it any newer."""
    (source,) = checked(inventory, *shown(SENT, GOOD)).sources

    assert source.last is not None
    assert source.last.timestamp() * 1e6 < time_ns() / 1000


# -- feeds from the past


async def _stalled(events: Iterable[Event]) -> AsyncIterator[Event]:
    for each in events:
        yield each
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("is_endless", "expected"), [(False, Coverage.PARTIAL), (True, Coverage.COMPLETE)]
)
def test_more_than_there_is_time_for(
    inventory: Inventory, expected: Coverage, *, is_endless: bool
) -> None:
    """If a feed from the past was not read to its end, nothing proves that all came."""
    source = FeedInput(
        _stalled(shown(SENT, ELSE)), "the past", is_live=False, is_endless=is_endless
    )
    report = peerlint.check(inventory, feeds=[source], wait="2s")

    assert report.sources[0].coverage is expected
    is_cut = "the time was over before all of it was read" in remarks(report)
    assert is_cut is not is_endless


# -- BMP


def _bmp(inventory: Inventory, stream: BmpStream) -> Report:
    source = peerlint.bmp_feed(inventory, "127.0.0.1:0")
    listener = source.feed
    assert isinstance(listener, BmpListener)

    def send() -> None:
        while not listener.port:
            sleep(0.01)
        with create_connection(("127.0.0.1", listener.port)) as connection:
            connection.sendall(stream.octets())
            connection.recv(1)  # the listener ends it

    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(send)
        report = peerlint.check(inventory, feeds=[source], wait="1s")
        sent.result(10)
    return report


AMS_1: Final = BmpPeer(MICROSOFT, 8075, OURS, 64500, view=View.SENT)
BEFORE_POLICY: Final = attrs.evolve(AMS_1, view=View.ADVERTISED)
PATHS: Final = attrs.evolve(AMS_1, add_path=True)


def _with_id(text: str, path_id: int) -> Route:
    return attrs.evolve(Route.parse(text), path_id=path_id)


STREAMS: Final[dict[str, tuple[Callable[[BmpStream], object], Outcome]]] = {
    "good": (lambda s: s.up(AMS_1).announce(AMS_1, GOOD), PASS),
    "the peer has another AS": (
        lambda s: s.up(attrs.evolve(AMS_1, asn=64499)).announce(
            attrs.evolve(AMS_1, asn=64499), GOOD
        ),
        UNKNOWN,
    ),
    "path identifiers that no OPEN says, behind a good route": (
        lambda s: s.up(AMS_1).announce(AMS_1, GOOD).withdraw(PATHS, _with_id(GOOD, 1)),
        UNKNOWN,
    ),
    "after export policy it is gone": (
        lambda s: (
            s.up(AMS_1)
            .announce(BEFORE_POLICY, GOOD)
            .announce(AMS_1, ELSE)
            .statistics(AMS_1, Statistic(15, 1))
        ),
        FAIL,
    ),
    "a count of the table before policy": (
        lambda s: s.up(AMS_1).announce(AMS_1, ELSE).statistics(AMS_1, Statistic(14, 1)),
        UNKNOWN,
    ),
    "a count of IPv6": (
        lambda s: s.up(AMS_1).announce(AMS_1, ELSE).statistics(AMS_1, Statistic(17, 1, 2, 1)),
        UNKNOWN,
    ),
    "a count of another SAFI": (
        lambda s: s.up(AMS_1).announce(AMS_1, ELSE).statistics(AMS_1, Statistic(17, 1, 1, 128)),
        UNKNOWN,
    ),
    "End-of-RIB of IPv6": (
        lambda s: s.up(AMS_1).announce(AMS_1, ELSE).end_of_rib(AMS_1, 6),
        UNKNOWN,
    ),
    "the session ended": (lambda s: s.up(AMS_1).announce(AMS_1, GOOD).down(AMS_1), FAIL),
    "the session came back": (
        lambda s: s.up(AMS_1).announce(AMS_1, GOOD).down(AMS_1).up(AMS_1),
        UNKNOWN,
    ),
    "a table that nothing was about": (
        lambda s: s.up(AMS_1).statistics(AMS_1, Statistic(15, 0)),
        UNKNOWN,
    ),
}


@pytest.mark.parametrize(("build", "expected"), STREAMS.values(), ids=STREAMS)
def test_streams_of_bmp(
    inventory: Inventory, build: Callable[[BmpStream], object], expected: Outcome
) -> None:
    """What a router's messages prove of a prefix on a session."""
    stream = BmpStream()
    build(stream)

    assert received(_bmp(inventory, stream)) is expected


def test_one_path_of_several_is_bad(inventory: Inventory) -> None:
    """Of several paths to a prefix (RFC 7911), each one is judged."""
    stream = BmpStream().up(PATHS).announce(PATHS, _with_id(GOOD, 1), _with_id(BAD, 2))

    assert _bmp(inventory, stream).prefix(PREFIX).state is State.FAILED


# -- ExaBGP


def _line(direction: str, prefix: str = PREFIX, **changes: object) -> str:
    neighbor = {
        "address": {"local": OURS, "peer": MICROSOFT},
        "asn": {"local": 64500, "peer": 8075},
        "direction": direction,
        "message": {
            "update": {
                "attribute": {"as-path": [64500], "community": [[8075, 8007]]},
                "announce": {"ipv4 unicast": {OURS: [{"nlri": prefix}]}},
            }
        },
    }
    of_line = {"exabgp": "4.2.22", "time": 1.5, "host": "h", "pid": 1, "type": "update"}
    return json.dumps({**of_line, "neighbor": neighbor, **changes})


EXABGP: Final = {
    "sent": ("{}", [_line("send")], PASS),
    "received from Microsoft": ("{}", [_line("receive")], UNKNOWN),
    "received, and said to be sent": ("ams-1={}@sent", [_line("receive")], UNKNOWN),
    "received, and said to be advertised": ("ams-1={}@advertised", [_line("receive")], UNKNOWN),
    "sent, and said to be received": ("ams-1={}@received", [_line("send")], UNKNOWN),
    "sent, and said to be sent": ("ams-1={}@sent", [_line("send")], PASS),
    "received beside what was sent": (
        "ams-1={}@sent",
        [_line("receive"), _line("send", "192.0.2.0/24")],
        UNKNOWN,
    ),
    "started again": (
        "{}",
        [_line("send"), _line("send", "192.0.2.0/24", pid=2)],
        UNKNOWN,
    ),
}


@pytest.mark.parametrize(("argument", "lines", "expected"), EXABGP.values(), ids=EXABGP)
def test_exabgp(
    inventory: Inventory, tmp_path: Path, argument: str, lines: list[str], expected: Outcome
) -> None:
    """The direction that ExaBGP says counts, and what it held before it was started again not."""
    file = tmp_path / "exabgp.json"
    file.write_text("\n".join((*lines, "done", "")))
    source = peerlint.exabgp_feed(inventory, argument.format(file))
    report = peerlint.check(inventory, feeds=[source], wait="2s")

    assert received(report) is expected
    assert "no JSON" not in remarks(report)
