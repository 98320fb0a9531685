"""Live feeds are sources of a check: what they may hide is unknown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, ip_address
from pathlib import Path
from socket import create_connection, create_server
from time import sleep, time_ns
from typing import Any, Final

import attrs
import pytest

import peerlint
from peerlint import FeedError, InputError, Inventory, Outcome, Report, Route, Severity, State
from peerlint.api.feeds import FeedInput, given_feeds
from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    FeedBack,
    FeedLost,
    Gap,
    SessionDown,
    SessionUp,
    Statistics,
    TableRef,
    Withdraw,
)
from peerlint.feeds.bmp import BmpListener
from peerlint.inventory import Connection
from peerlint.model import QuietTime, View
from peerlint.observations import Coverage
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.wire.bmp import Statistic

CONTOSO: Final = Path(__file__).resolve().parents[2] / "examples" / "contoso"
PREFIX: Final = "203.0.113.0/24"
GOOD: Final = f"{PREFIX} path 64500 community 8075:8007"
#: The sessions ams-1 and ams-2, with Microsoft's addresses and ours.
ENDS: Final = {"ams-1": ("192.0.2.1", "192.0.2.0"), "ams-2": ("192.0.2.3", "192.0.2.2")}
#: Microsoft's address and ours of all sessions of the example.
SESSIONS: Final = tuple((f"192.0.2.{2 * at + 1}", f"192.0.2.{2 * at}") for at in range(4))
NOW: Final = time_ns() // 1000


@pytest.fixture(scope="module")
def inventory() -> Inventory:
    """Return the inventory of the example, whose peering contoso-ams has ams-1 and ams-2."""
    return peerlint.load_inventory(CONTOSO / "peering.toml")


def table(session: str, view: str | None = "sent", distinguisher: int = 0) -> TableRef:
    """Return the table of routes that a router sends to Microsoft."""
    return TableRef(ENDS[session][0], 8075, view, distinguisher=distinguisher)


def place(ref: TableRef, router: str = "edge1") -> dict[str, Any]:
    """Return the arguments that all events of a table have."""
    return {"feed": "mine", "router": router, "table": ref, "time": NOW}


def up(session: str) -> SessionUp:
    """Return that a session with Microsoft is up."""
    local = ip_address(ENDS[session][1])
    return SessionUp(**place(table(session, None)), local=local)


def announce(session: str, text: str = GOOD) -> Announce:
    """Return that a route is sent on a session."""
    return Announce(**place(table(session)), route=Route.parse(text))


def ended(session: str) -> EndOfRib:
    """Return that all routes of a session were sent once."""
    return EndOfRib(**place(table(session)))


WHOLE: Final = (up("ams-1"), announce("ams-1"), ended("ams-1"))
OTHER: Final = (up("ams-2"), announce("ams-2"), ended("ams-2"))


async def feed(events: Iterable[Event]) -> AsyncIterator[Event]:
    """Yield events, as a user's own feed does."""
    for each in events:
        yield each


def checked(inventory: Inventory, *events: Event) -> Report:
    """Return the check of the events."""
    return peerlint.check(inventory, feeds=[feed(events)], wait="2s")


async def broken() -> AsyncIterator[Event]:
    """Fail before the first event."""
    for each in ():
        yield each
    raise FeedError("mine", "it broke")


def test_one_of_two_feeds_fails(inventory: Inventory) -> None:
    """The error of one feed of a user's own is not that of another."""
    report = peerlint.check(inventory, feeds=[feed(WHOLE), broken()], wait="2s")

    assert [None, "it broke"] == [source.error for source in report.sources]


def outcomes(report: Report, rule: str) -> dict[str | None, Outcome]:
    """Return the outcomes of a rule for the prefix, by session."""
    return {
        finding.subject.session: finding.outcome
        for finding in report.findings
        if finding.rule == rule and finding.subject.prefix == PREFIX
    }


def problems(report: Report) -> list[str]:
    """Return the rules that fail with severity error for the prefix."""
    return [
        finding.rule
        for finding in report.findings
        if finding.outcome is Outcome.FAIL
        and finding.severity is Severity.ERROR
        and finding.subject.prefix == PREFIX
    ]


def remarks(report: Report) -> str:
    """Return the remarks about all sources."""
    return "\n".join(text for each in report.sources for text in each.remarks)


def test_what_is_sent_is_judged(inventory: Inventory) -> None:
    """Good routes on all sessions leave no problem of the prefix, and the router is the source."""
    report = checked(inventory, *WHOLE, *OTHER)

    assert report.prefix(PREFIX).state is not State.FAILED
    assert not problems(report)
    (source,) = report.sources
    assert source.name == "mine edge1"
    assert source.views == (("ams-1", View.SENT), ("ams-2", View.SENT))
    assert source.coverage is Coverage.COMPLETE
    assert report.is_readable


ABSENT: Final = {
    "all routes came": ((up("ams-1"), ended("ams-1")), Outcome.FAIL),
    "no End-of-RIB": ((up("ams-1"), announce("ams-1", "192.0.2.0/24 path 64500")), Outcome.UNKNOWN),
    "only the session": ((up("ams-1"),), Outcome.UNKNOWN),
    "End-of-RIB of IPv6": (
        (up("ams-1"), attrs.evolve(ended("ams-1"), family=6)),
        Outcome.UNKNOWN,
    ),
    "withdrawn after End-of-RIB": (
        (*WHOLE, Withdraw(**place(table("ams-1")), prefix=Route.parse(GOOD).prefix)),
        Outcome.FAIL,
    ),
    "session down": ((*WHOLE, SessionDown(**place(table("ams-1", None)))), Outcome.FAIL),
    "session again": ((*WHOLE, up("ams-1")), Outcome.UNKNOWN),
    "gap": ((up("ams-1"), ended("ams-1"), Gap(feed="mine", time=NOW, reason="x")), Outcome.UNKNOWN),
    "gap of another router": (
        (up("ams-1"), ended("ams-1"), Gap(feed="mine", router="edge2", time=NOW, reason="x")),
        Outcome.FAIL,
    ),
    "feed lost": (
        (up("ams-1"), ended("ams-1"), FeedLost(feed="mine", time=NOW, reason="x")),
        Outcome.UNKNOWN,
    ),
    "feed back": (
        (
            *WHOLE,
            FeedLost(feed="mine", time=NOW, reason="x"),
            FeedBack(feed="mine", time=NOW),
            up("ams-1"),
            announce("ams-1", "192.0.2.0/24 path 64500"),
            ended("ams-1"),
        ),
        Outcome.FAIL,
    ),
    "feed back with less": (
        (
            *WHOLE,
            FeedLost(feed="mine", time=NOW, reason="x"),
            FeedBack(feed="mine", time=NOW),
            up("ams-1"),
            ended("ams-1"),
        ),
        Outcome.UNKNOWN,
    ),
    "equal count": (
        (
            up("ams-1"),
            announce("ams-1", "192.0.2.0/24 path 64500"),
            Statistics(**place(table("ams-1", None)), statistics=[Statistic(15, 1)]),
        ),
        Outcome.FAIL,
    ),
    "other count": (
        (
            up("ams-1"),
            announce("ams-1", "192.0.2.0/24 path 64500"),
            Statistics(**place(table("ams-1", None)), statistics=[Statistic(15, 2)]),
        ),
        Outcome.UNKNOWN,
    ),
    "a malformed route": (
        (
            up("ams-1"),
            attrs.evolve(
                announce("ams-1"),
                route=attrs.evolve(Route.parse(GOOD), malformed="ORIGIN"),
            ),
            ended("ams-1"),
        ),
        Outcome.FAIL,
    ),
}


@pytest.mark.parametrize(("events", "expected"), ABSENT.values(), ids=ABSENT)
def test_absence_needs_all_routes(
    inventory: Inventory, events: tuple[Event, ...], expected: Outcome
) -> None:
    """A prefix that is not there is missing only if all routes of the session are known."""
    report = checked(inventory, *OTHER, *events)

    assert outcomes(report, "route.not-received").get("ams-1") is expected


GAPS: Final = {
    "before the route": ((Gap(feed="mine", time=NOW, reason="x"), *WHOLE), None),
    "of the feed": ((*WHOLE, Gap(feed="mine", time=NOW, reason="x")), Outcome.UNKNOWN),
    "of the router": (
        (*WHOLE, Gap(feed="mine", router="edge1", time=NOW, reason="x")),
        Outcome.UNKNOWN,
    ),
    "of the peer": (
        (*WHOLE, Gap(**place(table("ams-1", None)), reason="x")),
        Outcome.UNKNOWN,
    ),
    "of the table": ((*WHOLE, Gap(**place(table("ams-1")), reason="x")), Outcome.UNKNOWN),
    "of another peer": ((*WHOLE, Gap(**place(table("ams-2")), reason="x")), None),
    "of another view": ((*WHOLE, Gap(**place(table("ams-1", "advertised")), reason="x")), None),
    "and announced again": (
        (*WHOLE, Gap(feed="mine", time=NOW, reason="x"), announce("ams-1")),
        None,
    ),
    "the feed is lost": ((*WHOLE, FeedLost(feed="mine", time=NOW, reason="x")), None),
}


@pytest.mark.parametrize(("events", "expected"), GAPS.values(), ids=GAPS)
def test_presence_before_a_gap(
    inventory: Inventory, events: tuple[Event, ...], expected: Outcome | None
) -> None:
    """A route that came before a gap may have been withdrawn in it."""
    report = checked(inventory, *events)

    assert outcomes(report, "route.not-received").get("ams-1") is expected


def test_presence_is_judged_at_once(inventory: Inventory) -> None:
    """A route that is there is judged before all others are known; the remark says what is not."""
    text = f"{PREFIX} path 64500 64500 64500"
    report = checked(inventory, up("ams-1"), announce("ams-1", text), *OTHER)

    assert outcomes(report, "route.prepending") == {"ams-1": Outcome.FAIL}
    assert outcomes(report, "route.community-missing") == {"ams-1": Outcome.FAIL}
    assert "ams-1: not all routes are known (sent): no End-of-RIB" in remarks(report)


def test_the_receiving_side(inventory: Inventory) -> None:
    """At a router that plays Microsoft's part, routes before its policy are what it received."""
    ours = TableRef(ENDS["ams-1"][1], 64500, "adj-rib-in")
    where = place(ours)
    events = (
        SessionUp(**place(attrs.evolve(ours, view=None)), local_asn=8075, peer_asn=64500),
        Announce(**where, route=Route.parse(f"{PREFIX} path 64500")),
        EndOfRib(**where),
    )
    report = checked(inventory, *events)

    assert report.sources[0].views == (("ams-1", View.RECEIVED),)
    assert outcomes(report, "route.community-missing") == {"ams-1": Outcome.FAIL}


def test_after_import_policy_nothing_is_judged(inventory: Inventory) -> None:
    """What the receiving router's own policy made of routes is not what was announced."""
    ours = TableRef(ENDS["ams-1"][1], 64500, "adj-rib-in", is_post_policy=True)
    report = checked(
        inventory, Announce(**place(ours), route=Route.parse(GOOD)), EndOfRib(**place(ours))
    )

    assert report.prefix(PREFIX).state is State.UNKNOWN
    assert "ams-1: only its table after import policy came" in remarks(report)


def test_another_router_of_ours(inventory: Inventory) -> None:
    """A session inside our own AS with the same address is not the session with Microsoft."""
    ours = TableRef(ENDS["ams-1"][1], 64500, "adj-rib-in")
    events = (
        SessionUp(**place(attrs.evolve(ours, view=None)), local_asn=64500, peer_asn=64500),
        Announce(**place(ours), route=Route.parse(GOOD)),
        EndOfRib(**place(ours)),
    )
    report = checked(inventory, *events)

    assert report.prefix(PREFIX).state is State.UNKNOWN
    assert not report.is_readable  # no session of the inventory is in it


def test_routes_from_microsoft_are_not_ours(inventory: Inventory) -> None:
    """What a router received from Microsoft is counted, and never judged as ours."""
    theirs = table("ams-1", "adj-rib-in")
    events = (
        up("ams-1"),
        Announce(**place(theirs), route=Route.parse(f"{PREFIX} path 8075")),
        EndOfRib(**place(theirs)),
    )
    report = checked(inventory, *events)

    (source,) = report.sources
    assert (source.views, source.microsoft, source.from_microsoft) == ((), 1, (("ams-1", 1),))
    assert report.prefix(PREFIX).state is State.UNKNOWN


def test_loc_rib_is_that_of_the_sessions_of_its_router(inventory: Inventory) -> None:
    """A Loc-RIB has no session: those whose Peer Up its router sent. Export policy is unknown."""
    loc_rib = TableRef(IPv4Address(0), 64500, "loc-rib")
    events = (
        up("ams-1"),
        Announce(**place(loc_rib), route=Route.parse(PREFIX)),
        EndOfRib(**place(loc_rib)),
    )
    report = checked(inventory, *events)

    assert report.sources[0].views == (("ams-1", View.LOC_RIB),)
    assert outcomes(report, "route.community-missing") == {"ams-1": Outcome.UNKNOWN}
    assert outcomes(report, "route.not-received") == {"ams-2": Outcome.UNKNOWN}


def test_two_instances_with_one_address(inventory: Inventory) -> None:
    """If two instances (VRFs) have the peer's address, neither is taken for the session."""
    one, two = (table("ams-1", distinguisher=number) for number in (1, 2))
    events = (
        Announce(**place(one), route=Route.parse(GOOD)),
        EndOfRib(**place(one)),
        EndOfRib(**place(two)),
        Announce(**place(two), route=Route.parse("192.0.2.0/24 path 64500")),
    )
    report = checked(inventory, *events, *OTHER)

    assert outcomes(report, "route.not-received") == {"ams-1": Outcome.UNKNOWN}
    assert "ams-1 has its peer in 2 tables of the view sent" in remarks(report)


def test_other_peers_are_counted(inventory: Inventory) -> None:
    """Routes of a peer that is no session's are not judged, and named with their number."""
    other = TableRef("198.51.100.9", 64499, "sent")
    report = checked(inventory, Announce(**place(other), route=Route.parse(GOOD)), *WHOLE)

    assert report.sources[0].unmapped_peers == (("198.51.100.9 AS64499", 1),)


def test_communities_that_a_feed_hides(inventory: Inventory) -> None:
    """Without large communities, it is unknown whether the community has the wrong form."""
    text = f"{PREFIX} path 64500"
    hidden = attrs.evolve(announce("ams-1", text), shows_other_communities=False)
    report = checked(inventory, up("ams-1"), hidden, ended("ams-1"), *OTHER)

    # The error is certain: a large community is not the standard one.
    assert outcomes(report, "route.community-missing") == {"ams-1": Outcome.FAIL}
    assert outcomes(report, "route.community-wrong-type") == {}

    shown = announce("ams-1", f"{text} large 8075:8007:0")
    report = checked(inventory, up("ams-1"), shown, ended("ams-1"), *OTHER)

    assert outcomes(report, "route.community-wrong-type") == {"ams-1": Outcome.FAIL}


def test_collectors_are_information(inventory: Inventory) -> None:
    """A collector proves neither presence nor absence, even with End-of-RIB."""
    seen = TableRef("198.51.100.9", 64499, "collector")
    route = Route.parse(f"{PREFIX} path 64499 64500")
    events = (
        Announce(**place(seen), route=route, shows_other_communities=False),
        EndOfRib(**place(seen)),
    )
    report = checked(inventory, *events)

    assert report.prefix(PREFIX).state is State.UNKNOWN
    assert not problems(report)


def test_a_collector_at_the_exchange(inventory: Inventory) -> None:
    """A collector that has our peering address as its peer did not receive what Microsoft does."""
    ours = TableRef(ENDS["ams-1"][1], 64500, "collector")
    report = checked(
        inventory, Announce(**place(ours), route=Route.parse(GOOD)), EndOfRib(**place(ours))
    )

    assert {view for _, view in report.sources[0].views} == {View.COLLECTOR}
    assert report.prefix(PREFIX).state is State.UNKNOWN


def test_quiet_time(inventory: Inventory) -> None:
    """`sync = "quiet:1s"` makes a session known that was quiet for so long."""
    inventory = _with_sync(inventory, QuietTime.parse("quiet:1s"))

    async def quiet() -> AsyncIterator[Event]:
        now = time_ns() // 1000
        route = Route.parse("192.0.2.0/24 path 64500")
        yield attrs.evolve(up("ams-1"), time=now)
        yield attrs.evolve(announce("ams-1"), time=now, route=route)
        await asyncio.sleep(60)

    report = peerlint.check(inventory, feeds=[quiet()], wait="2s")

    assert outcomes(report, "route.not-received")["ams-1"] is Outcome.FAIL


def _with_sync(inventory: Inventory, sync: QuietTime) -> Inventory:
    def changed(connection: Connection) -> Connection:
        sessions = tuple(attrs.evolve(each, sync=sync) for each in connection.sessions)
        return attrs.evolve(connection, sessions=sessions)

    return attrs.evolve(
        inventory,
        peerings=tuple(
            attrs.evolve(each, connections=tuple(map(changed, each.connections)))
            for each in inventory.peerings
        ),
    )


def test_no_message(inventory: Inventory) -> None:
    """A feed without a message is a source that could not be read."""
    report = checked(inventory)

    assert [each.error for each in report.sources] == ["no message came"]
    assert not report.is_readable


def test_evidence(inventory: Inventory, tmp_path: Path) -> None:
    """The evidence of a finding is the feed, the router and the time, not an octet of a file."""
    report = checked(inventory, up("ams-1"), announce("ams-1", f"{PREFIX} path 64500 64500"))
    (finding,) = (
        each
        for each in report.findings
        if each.rule == "route.prepending" and each.subject.prefix == PREFIX
    )

    (evidence,) = finding.evidence
    assert evidence.position == peerlint.results.FeedPosition("mine", "edge1", evidence.time)
    text = peerlint.render_report(report, "text", verbose=True)
    assert "mine, from edge1 at " in text
    file = tmp_path / "report.json"
    file.write_text(peerlint.render_report(report, "json"))
    assert "mine, from edge1 at " in peerlint.explain_subject(peerlint.load_report(file), PREFIX)


async def _not_events() -> AsyncIterator[Any]:
    yield "203.0.113.0/24"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"feeds": [3]}, "feeds: expected async iterators of events, found 3"),
        ({"feeds": [_not_events()]}, "feeds: expected events, see peerlint.events"),
        ({"wait": "5s"}, "wait: expected `feeds` with it"),
        ({"feeds": [feed(())], "wait": "soon"}, "wait: expected a duration"),
        ({"feeds": [feed(())], "wait": "off"}, "wait: expected a duration"),
        ({"feeds": [feed(())], "wait": 5}, "wait: expected a duration"),
    ],
)
def test_mistakes(inventory: Inventory, options: dict[str, Any], expected: str) -> None:
    """A wrong argument is named, with what was expected."""
    with pytest.raises(InputError) as error:
        peerlint.check(inventory, **options)
    assert str(error.value).startswith(expected)


def test_a_running_event_loop(inventory: Inventory) -> None:
    """In an event loop the check would stand still: the error says what to do."""

    async def run() -> None:
        peerlint.check(inventory, feeds=[feed(WHOLE)])

    with pytest.raises(InputError, match=r"asyncio\.to_thread"):
        asyncio.run(run())


def test_a_feed_of_the_past(inventory: Inventory) -> None:
    """Events of the past have their own times, and are too old if they are."""
    yesterday = NOW - 2 * 86_400_000_000
    events = [attrs.evolve(each, time=yesterday) for each in (*WHOLE, *OTHER)]
    source = FeedInput(feed(events), "the past", is_live=False)

    report = peerlint.check(inventory, feeds=[source], wait="2s", max_age="24h")

    assert report.sources[0].is_too_old
    assert report.prefix(PREFIX).state is State.UNKNOWN


def _checked_over_tcp(
    inventory: Inventory, source: FeedInput, listener: BmpListener, octets: bytes, *, wait: str
) -> Report:
    """Return the check of a stream that one router sends, and does not end."""

    def send() -> None:
        while not listener.port:
            sleep(0.01)
        with create_connection(("127.0.0.1", listener.port)) as connection:
            connection.sendall(octets)
            connection.recv(1)  # the listener ends it

    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(send)
        report = peerlint.check(inventory, feeds=[source], wait=wait)
        sent.result(10)
    return report


def test_bmp(inventory: Inventory) -> None:
    """Routers that connect to the listener are sources; the check ends when all is known."""
    source = peerlint.bmp_feed(inventory, "127.0.0.1:0")
    listener = source.feed
    assert isinstance(listener, BmpListener)
    stream = BmpStream()
    for microsoft, ours in SESSIONS:
        peer = BmpPeer(microsoft, 8075, ours, 64500, view=View.SENT)
        stream.up(peer).announce(peer, GOOD).statistics(peer, Statistic(15, 1))

    report = _checked_over_tcp(inventory, source, listener, stream.octets(), wait="60s")

    (found,) = report.sources
    assert found.name == "bmp 127.0.0.1"
    assert found.coverage is Coverage.COMPLETE
    assert "it calls itself edge1" in found.remarks
    assert not problems(report)


@pytest.mark.parametrize(
    ("address", "routers", "expected"),
    [
        ("11019", (), "address: expected an address and a port"),
        ("127.0.0.1:", (), "address: expected an address and a port"),
        ("127.0.0.1:65536", (), "address: expected an address and a port"),
        ("127.0.0.1:1e3", (), "address: expected an address and a port"),
        ("192.0.2.10:11019", (), "routers: expected the addresses of the routers that may"),
        (":11019", (), "routers: expected the addresses of the routers that may connect"),
        ("127.0.0.1:0", ("edge1",), "routers: expected an address or network of routers"),
        ("127.0.0.1:0", ("core=192.0.2.1",), "routers: expected a router of the inventory"),
        ("127.0.0.1:0", ("edge1.amz=192.0.2.1",), "routers: found 'edge1.amz'; did you mean"),
    ],
)
def test_mistakes_of_bmp(
    inventory: Inventory, address: str, routers: tuple[str, ...], expected: str
) -> None:
    """An address that is none, or that strangers could reach, is refused before listening."""
    with pytest.raises(InputError) as error:
        peerlint.bmp_feed(inventory, address, routers=routers)
    assert str(error.value).startswith(expected)


def test_an_address_in_use(inventory: Inventory) -> None:
    """If the address cannot be listened on, the source says why."""
    with create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        report = peerlint.check(inventory, feeds=[peerlint.bmp_feed(inventory, address)])

    assert [(each.name, each.error) for each in report.sources] == [
        (address, "Address already in use")
    ]
    assert not report.is_readable


def test_only_what_cannot_be_read(inventory: Inventory) -> None:
    """A feed of which nothing could be read says so, and what."""
    report = checked(inventory, Gap(feed="mine", time=NOW, reason="line 1: no JSON"))

    assert [each.error for each in report.sources] == [
        "no message came; events may be missing: line 1: no JSON"
    ]


def test_gaps_before_the_first_router(inventory: Inventory) -> None:
    """A gap of the whole feed is said of routers that come later too."""
    report = checked(inventory, Gap(feed="mine", time=NOW, reason="changes only"), *WHOLE, *OTHER)

    assert "events may be missing: changes only" in remarks(report)


def test_frr_with_both_policies(inventory: Inventory) -> None:
    """A table before policy with less routes than the one after it is not known.

    FRR withdraws each prefix from the first that it announces in the second
    (FRRouting/frr issues 13903 and 18070).
    """
    before = TableRef(ENDS["ams-1"][1], 64500, "adj-rib-in")
    after = attrs.evolve(before, is_post_policy=True)
    route = Route.parse(GOOD)
    events = (
        Announce(**place(after), route=route),
        Withdraw(**place(before), prefix=route.prefix),
        EndOfRib(**place(before)),
        EndOfRib(**place(after)),
    )
    report = checked(inventory, *events)

    assert outcomes(report, "route.not-received")["ams-1"] is Outcome.UNKNOWN
    assert "its table after import policy has more routes" in remarks(report)


def test_bmp_counts_what_nobody_asks_about(inventory: Inventory) -> None:
    """Routes outside the inventory become no events; they count, and so do those of other peers."""
    source = peerlint.bmp_feed(inventory, "127.0.0.1:0")
    listener = source.feed
    assert isinstance(listener, BmpListener)
    microsoft, ours = SESSIONS[0]
    peer = BmpPeer(microsoft, 8075, ours, 64500, view=View.SENT)
    other = BmpPeer("198.51.100.9", 64499, "198.51.100.8", 64500)
    more = [f"192.0.2.{number}/32 path 64500" for number in range(7)]
    stream = BmpStream().up(other).announce(other, *more)
    stream.up(peer).announce(peer, GOOD, *more).end_of_rib(peer).withdraw(peer, more[0])
    stream.statistics(peer, Statistic(15, 7))

    report = _checked_over_tcp(inventory, source, listener, stream.octets(), wait="2s")

    (found,) = report.sources
    assert found.views == (("ams-1", View.SENT),)
    assert found.coverage is Coverage.COMPLETE
    assert found.quality.entries == 14
    assert found.unmapped_peers == (("198.51.100.9 AS64499", 7),)
    assert "ams-1" not in outcomes(report, "route.not-received")


def test_which_feeds_give_signs_of_life(inventory: Inventory) -> None:
    """Silence of BMP and RIS Live means something; that of one's own feed if it says so."""

    class OwnFeed:
        has_heartbeat = True

        def __aiter__(self) -> AsyncIterator[Event]:
            return feed(())

        async def __anext__(self) -> Event:
            raise StopAsyncIteration

    sources = (
        peerlint.bmp_feed(inventory, "127.0.0.1:0"),
        peerlint.ris_live_feed(inventory),
        peerlint.folder_feed(inventory, "folder"),
        OwnFeed(),
        feed(()),
    )

    found = [each.has_heartbeat for each in given_feeds(sources)]

    assert [True, True, False, True, False] == found
