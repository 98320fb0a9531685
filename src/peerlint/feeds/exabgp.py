"""Events from ExaBGP: the JSON of its versions 4 and 5, one object a line.

ExaBGP writes it to the standard input of a process of its configuration (`encoder json`, with
`neighbor-changes` and `receive { parsed; update; }`).

What ExaBGP does not write cannot be known:

- Version 4 does not say where in a path a set was: it is read as its end, where aggregation puts
  it. Confederation segments are read as its start (RFC 5065 section 4).
- Version 5 writes confederation segments as sequences.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Final, Self

import attrs

from peerlint.errors import InputError
from peerlint.events import Event, FeedBack, FeedLost, Gap, TableRef
from peerlint.feeds.clock import microseconds_now
from peerlint.feeds.damages import Damages
from peerlint.feeds.event_context import EventContext
from peerlint.feeds.exabgp_restarts import RestartOffers, is_restart_possible
from peerlint.feeds.json_values import (
    Json,
    Lines,
    a_list,
    a_number,
    a_string,
    an_address,
    an_object,
    as_list,
    as_object,
    microseconds,
    numbers,
    parse_object,
)
from peerlint.model import (
    AsPath,
    Community,
    ExtendedCommunity,
    LargeCommunity,
    Prefix,
    Route,
    View,
)
from peerlint.model.aspath import MAX_SEGMENT, Segment, SegmentType

_ANY: Final = Prefix.parse("0.0.0.0/0")
#: Answers to commands, which ExaBGP writes to the process that sends them.
_ANSWERS: Final = (b"done", b"error", b"shutdown")
_CHUNK: Final = 1 << 16
_VERSIONS: Final = ("4", "5")
#: What has no routes in it.
_IGNORED: Final = frozenset(
    {"open", "keepalive", "negotiated", "fsm", "signal", "refresh", "operational", "notification"}
)
#: By direction, as sessions and as `decode` call it: whether ExaBGP sends the message.
_DIRECTIONS: Final = {"receive": False, "in": False, "send": True, "out": True}
_FAMILIES: Final = {"ipv4 unicast": 4, "ipv6 unicast": 6}
#: The keys of a path of version 4, in the order in which they are read.
_PARTS_OF_4: Final = {
    "confederation-path": SegmentType.AS_CONFED_SEQUENCE,
    "confederation-set": SegmentType.AS_CONFED_SET,
    "as-path": SegmentType.AS_SEQUENCE,
    "as-set": SegmentType.AS_SET,
}
_ELEMENTS_OF_5: Final = {"as-sequence": SegmentType.AS_SEQUENCE, "as-set": SegmentType.AS_SET}


class ExabgpStream:
    """What one ExaBGP writes, as events; without reading it.

    Attributes:
        damages: the lines that cannot be read; a `Gap` says so for one or several in a row.
    """

    def __init__(self, *, feed: str = "exabgp", view: View = View.COLLECTOR) -> None:
        """Start before the first line.

        Args:
            feed: the feed's name.
            view: where the routes that ExaBGP receives are observed. Those that it sends are
                observed as sent.
        """
        self.damages = Damages()
        self._feed, self._view = feed, view
        self._lines = Lines()
        self._number = 0
        #: The process numbers, by router.
        self._pids: dict[str, int] = {}
        self._restarts = RestartOffers()
        #: What the last gap was about, until a line can be read.
        self._gap: tuple[str | None, TableRef | None] | None = None

    def feed(self, octets: bytes, time: int) -> Iterator[Event]:
        """Yield the events of the lines that end in these octets.

        Args:
            octets: the octets that arrived.
            time: when, in microseconds since 1970.
        """
        for line in self._lines.feed(octets):
            self._number += 1
            if line is None:
                yield from self._damage("too long", time)
            elif line.strip() not in _ANSWERS:
                yield from self._line(line, time)

    def end(self, time: int) -> Iterator[Event]:
        """Yield a gap if the last line is not complete."""
        if self._lines.pending.strip():
            self._number += 1
            yield from self._damage("the stream ends before the line does", time)

    def _damage(
        self, reason: str, time: int, router: str | None = None, table: TableRef | None = None
    ) -> Iterator[Event]:
        named = f"line {self._number:,}: {reason}"
        self.damages.add(named)
        if self._gap != (router, table):
            self._gap = (router, table)
            yield Gap(feed=self._feed, router=router, table=table, time=time, reason=named)

    def _line(self, line: bytes, time: int) -> Iterator[Event]:
        router = table = None
        try:
            message = parse_object(line)
            if "answer" in message and "exabgp" not in message:
                return
            _check_version(a_string(message, "exabgp"))
            router = a_string(message, "host")
            kind = a_string(message, "type")
            header_time = microseconds("time", message.get("time"))
            yield from self._process(message, router, time)
            if kind == "notification" and "neighbor" not in message:
                reason = f"ExaBGP ends: {a_string(message, 'notification')}"
                yield FeedLost(
                    feed=self._feed,
                    router=router,
                    time=time,
                    header_time=header_time,
                    reason=reason,
                )
            elif kind not in _IGNORED:
                neighbor = an_object(message, "neighbor")
                where = self._context(neighbor, router, time, header_time)
                table = attrs.evolve(where.table, view=None)
                # All of a line is read before its first event: damage leaves no half of it.
                yield from tuple(self._events(kind, neighbor, where))
            elif kind == "open":
                self._restarts.note(router, message)
            self._gap = None
        except InputError as error:
            yield from self._damage(str(error), time, router, table)

    def _events(self, kind: str, neighbor: Json, where: EventContext) -> Iterator[Event]:
        if kind == "state":
            yield from self._state(neighbor, where)
        elif kind == "update":
            message = an_object(neighbor, "message")
            if "eor" in message:
                family = _FAMILIES.get(_family(an_object(message, "eor")))
                if family is not None:
                    yield where.end_of_rib(family)
            else:
                yield from _update(an_object(message, "update"), where)
        else:
            raise InputError("type", expected="a type of ExaBGP", found=kind)

    def _state(self, neighbor: Json, where: EventContext) -> Iterator[Event]:
        state = a_string(neighbor, "state")
        if state == "up":
            yield where.up(
                local=an_address("local", an_object(neighbor, "address").get("local")),
                local_asn=a_number("local", an_object(neighbor, "asn").get("local")),
                peer_asn=where.table.asn,
                restart_time=self._restarts.take(where.router, neighbor),
            )
        elif state == "down":
            reason = a_string(neighbor, "reason")
            yield where.down(reason, is_restart_possible=is_restart_possible(reason))
        elif state != "connected":
            raise InputError("state", expected="up, connected or down", found=state)

    def _process(self, message: Json, router: str, time: int) -> Iterator[Event]:
        """Yield that everything comes again if ExaBGP was started again.

        Its sessions ended without a word, and what they had is not there any more.
        """
        pid, before = a_number("pid", message.get("pid")), self._pids.get(router)
        self._pids[router] = pid
        if before not in (None, pid):
            reason = "ExaBGP was started again"
            yield FeedLost(feed=self._feed, router=router, time=time, reason=reason)
            yield FeedBack(feed=self._feed, router=router, time=time)

    def _context(self, neighbor: Json, router: str, time: int, header_time: int) -> EventContext:
        address = an_address("peer", an_object(neighbor, "address").get("peer"))
        asn = a_number("peer", an_object(neighbor, "asn").get("peer"))
        table = TableRef(address, asn, View.SENT if _is_sent(neighbor) else self._view)
        return EventContext(self._feed, router, table, time, header_time)


class ExabgpFeed:
    """The events of what an ExaBGP writes to a pipe, or wrote to a file.

    While nobody asks for events nothing is read, and ExaBGP waits.

    Attributes:
        stream: what is read, with its damages.
    """

    def __init__(
        self,
        descriptor: int = 0,
        *,
        feed: str = "exabgp",
        view: View = View.COLLECTOR,
        now: Callable[[], int] = microseconds_now,
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            descriptor: the file descriptor; it is not closed.
            feed: the feed's name.
            view: as for `ExabgpStream`.
            now: the clock, in microseconds since 1970.
        """
        self.stream = ExabgpStream(feed=feed, view=view)
        self._descriptor, self._feed, self._now = descriptor, feed, now
        self._events = self._read()

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    async def __anext__(self) -> Event:
        """Return the next event, when it is there."""
        return await anext(self._events)

    async def _read(self) -> AsyncIterator[Event]:
        while True:
            try:
                octets = await _read_some(self._descriptor)
            except OSError as error:
                reason = str(error.strerror or error)
                break
            if not octets:
                reason = "the stream ended"
                break
            for event in self.stream.feed(octets, self._now()):
                yield event
        for event in self.stream.end(self._now()):
            yield event
        yield FeedLost(feed=self._feed, time=self._now(), reason=reason)


async def _read_some(descriptor: int) -> bytes:
    """Return the next octets, when they are there; none at the end."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    try:
        loop.add_reader(descriptor, lambda: None if ready.done() else ready.set_result(None))
    except PermissionError:  # epoll takes no files, and reading them does not wait for anybody
        return os.read(descriptor, _CHUNK)
    try:
        await ready
    finally:
        loop.remove_reader(descriptor)
    return os.read(descriptor, _CHUNK)


# -- one line


def _check_version(version: str) -> None:
    if version.partition(".")[0] not in _VERSIONS:
        raise InputError("exabgp", expected="version 4 or 5", found=version)


def _is_sent(neighbor: Json) -> bool:
    """Return whether ExaBGP sends a message; changes of state have no direction."""
    if "direction" not in neighbor:
        return False
    direction = a_string(neighbor, "direction")
    if direction not in _DIRECTIONS:
        raise InputError("direction", expected=" or ".join(_DIRECTIONS), found=direction)
    return _DIRECTIONS[direction]


def _family(of: Json) -> str:
    return f"{a_string(of, 'afi')} {a_string(of, 'safi')}"


def _update(update: Json, where: EventContext) -> Iterator[Event]:
    """Yield the events of an UPDATE.

    Withdrawals come first: a prefix in both fields is announced (RFC 4271 section 4.3).
    """
    unknown = update.keys() - {"attribute", "announce", "withdraw"}
    if unknown:
        raise InputError("update", expected="attribute, announce, withdraw", found=sorted(unknown))
    for family, nlris in _optional(update, "withdraw").items():
        if family in _FAMILIES:
            for each in as_list(family, nlris):
                yield where.withdraw(*_nlri(each))
    announced = _optional(update, "announce")
    attributes = _attributes(an_object(update, "attribute"), where.time) if announced else None
    for family, by_next_hop in announced.items():
        if attributes is None or family not in _FAMILIES:
            continue
        for text, nlris in as_object(family, by_next_hop).items():
            next_hop = None if text == "null" else an_address("next hop", text)
            for each in as_list(text, nlris):
                prefix, path_id = _nlri(each)
                yield where.announce(
                    attrs.evolve(attributes, prefix=prefix, path_id=path_id, next_hop=next_hop)
                )


def _optional(of: Json, name: str) -> Json:
    return an_object(of, name) if name in of else {}


def _nlri(value: object) -> tuple[Prefix, int | None]:
    """Return the prefix and path identifier of an NLRI; a string if ExaBGP writes compactly."""
    if isinstance(value, str):
        return Prefix.parse_relaxed(value), None
    nlri = as_object("nlri", value)
    path_id = nlri.get("path-information")
    return (
        Prefix.parse_relaxed(a_string(nlri, "nlri")),
        None if path_id is None else int(an_address("path-information", path_id)),
    )


def _attributes(of: Json, time: int) -> Route:
    """Return a route with the attributes, for any prefix."""
    extended = (as_object("extended-community", each) for each in a_list(of, "extended-community"))
    return Route(
        _ANY,
        _path(of),
        frozenset(Community.of(*numbers("community", each, 2)) for each in a_list(of, "community")),
        frozenset(
            LargeCommunity(*numbers("large-community", each, 3))
            for each in a_list(of, "large-community")
        ),
        frozenset(ExtendedCommunity(_value(each)) for each in extended),
        timestamp=time,
    )


def _value(community: Json) -> int:
    value = community.get("value")
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError("extended-community", expected="a value", found=value)
    return value


def _path(of: Json) -> AsPath:
    found = of.get("as-path", [])
    if isinstance(found, dict):
        return _path_of_5(found)
    return AsPath(
        tuple(each for name, kind in _PARTS_OF_4.items() for each in _segments(of, name, kind))
    )


def _segments(of: Json, name: str, kind: SegmentType) -> Iterator[Segment]:
    asns = numbers(name, a_list(of, name))
    for start in range(0, len(asns), MAX_SEGMENT):
        yield Segment(kind, asns[start : start + MAX_SEGMENT])


def _path_of_5(path: Json) -> AsPath:
    """Return the path that is an object of segments, by their positions."""
    segments: list[Segment] = []
    for position in range(len(path)):
        segment = an_object(path, str(position))
        kind = _ELEMENTS_OF_5.get(a_string(segment, "element"))
        if kind is None:
            expected = " or ".join(_ELEMENTS_OF_5)
            raise InputError("element", expected=expected, found=segment["element"])
        segments += _segments(segment, "value", kind)
    return AsPath(tuple(segments))
