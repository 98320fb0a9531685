"""Messages of RIS Live (https://ris-live.ripe.net/manual/), decoded without a connection.

RIS Live shows no large and no extended communities: `Announce.shows_other_communities` is false.
"""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

import attrs

from peerlint.errors import InputError
from peerlint.events import Announce, Event, Gap, TableRef, Withdraw
from peerlint.feeds.damages import Damages
from peerlint.feeds.event_context import EventContext
from peerlint.feeds.json_values import (
    Json,
    a_list,
    a_number,
    a_string,
    an_address,
    as_list,
    as_object,
    microseconds,
    numbers,
    parse_object,
)
from peerlint.model import AsPath, Community, Prefix, Route, View
from peerlint.model.aspath import MAX_SEGMENT, Segment, SegmentType

#: The number of routes and peers whose latest time is kept.
KEPT: Final = 1 << 16
_STATES: Final = frozenset({"RIS_PEER_STATE", "STATE"})
_IGNORED: Final = frozenset({"OPEN", "NOTIFICATION", "KEEPALIVE"})
_ANY: Final = Prefix.parse("0.0.0.0/0")
_Key = tuple[str, TableRef, Prefix | None]


@attrs.frozen
class RisMessage:
    """One message of the server.

    Attributes:
        type: such as "ris_message", "ris_subscribe_ok", "ris_error", "pong".
        data: its content; empty if there is none.
    """

    type: str
    data: Json

    @classmethod
    def parse(cls, text: str | bytes) -> RisMessage:
        """Parse a message.

        Raises:
            InputError: it is none.
        """
        message = parse_object(text)
        data = message.get("data")
        return cls(a_string(message, "type"), {} if data is None else as_object("data", data))


def subscription(prefix: Prefix | None, *, more_specific: bool = True) -> str:
    """Return the request for the UPDATEs of a prefix, which the server is to acknowledge.

    Args:
        prefix: the prefix; None for the changes of all peers' states, which say when routes go with
            their session.
        more_specific: whether to ask for more specific prefixes too.
    """
    options = {"acknowledge": True, "includeRaw": False}
    data: dict[str, object] = {"type": "RIS_PEER_STATE", "socketOptions": options}
    if prefix is not None:
        data |= {"type": "UPDATE", "prefix": str(prefix), "moreSpecific": more_specific}
    return json.dumps({"type": "ris_subscribe", "data": data})


def ris_events(data: Json, time: int, feed: str = "ris-live") -> tuple[Event, ...]:
    """Return the events of a `ris_message`.

    Args:
        data: its content.
        time: when it arrived, in microseconds since 1970.
        feed: the feed's name.

    Raises:
        InputError: it is not as published.
    """
    kind = a_string(data, "type")
    if kind in _IGNORED:
        return ()
    where = _context(data, time, feed)
    if kind in _STATES:
        return (_state(data, where),)
    if kind != "UPDATE":
        raise InputError("type", expected="a type of RIS Live", found=kind)
    return tuple(_update(data, where))


class RisStream:
    """What one server sends, in the order in which it was received there.

    A message that is older than what is known of the same route is left out, so that a server that
    repeats or reorders them changes nothing.

    Attributes:
        damages: the messages that cannot be read; a `Gap` says so for one or several in a row.
        outdated: how many events were left out because a later one came before them.
    """

    def __init__(self, *, feed: str = "ris-live", kept: int = KEPT) -> None:
        """Start before the first message.

        Args:
            feed: the feed's name.
            kept: the number of routes and peers whose latest time is kept; beyond that, the one
                that changed least recently is forgotten.
        """
        self.damages = Damages()
        self.outdated = 0
        self._feed, self._kept = feed, kept
        self._number = 0
        self._is_damaged = False
        self._latest: OrderedDict[_Key, int] = OrderedDict()

    def message(self, data: Json, time: int) -> Iterator[Event]:
        """Yield the events of a `ris_message`.

        Args:
            data: its content.
            time: when it arrived, in microseconds since 1970.
        """
        self._number += 1
        try:
            events = ris_events(data, time, self._feed)
        except InputError as error:
            yield from self._gap(str(error), time)
            return
        self._is_damaged = False
        for each in events:
            if self._is_new(each):
                yield each
            else:
                self.outdated += 1

    def damage(self, reason: str, time: int) -> Iterator[Event]:
        """Yield a gap for a message that is none, unless the message before was none either."""
        self._number += 1
        yield from self._gap(reason, time)

    def _gap(self, reason: str, time: int) -> Iterator[Event]:
        named = f"message {self._number:,}: {reason}"
        self.damages.add(named)
        if not self._is_damaged:
            self._is_damaged = True
            yield Gap(feed=self._feed, time=time, reason=named)

    def _is_new(self, event: Event) -> bool:
        router, table, said = event.router, event.table, event.header_time
        if router is None or table is None or said is None:
            return True
        peer = attrs.evolve(table, view=None)
        prefix = None
        if isinstance(event, Announce):
            prefix = event.route.prefix
        elif isinstance(event, Withdraw):
            prefix = event.prefix
        session: _Key = (router, peer, None)
        key: _Key = (router, peer, prefix)
        if any(said < self._latest.get(each, said) for each in (session, key)):
            return False
        self._latest[key] = said
        self._latest.move_to_end(key)
        if len(self._latest) > self._kept:
            self._latest.popitem(last=False)
        return True


def _context(data: Json, time: int, feed: str) -> EventContext:
    table = TableRef(
        an_address("peer", data.get("peer")),
        a_number("peer_asn", data.get("peer_asn")),
        View.COLLECTOR,
    )
    said = microseconds("timestamp", data.get("timestamp"))
    return EventContext(feed, a_string(data, "host"), table, time, said)


def _state(data: Json, where: EventContext) -> Event:
    state = a_string(data, "state")
    if state in ("connected", "up"):
        return where.up(peer_asn=where.table.asn)
    if state == "down":
        return where.down()
    raise InputError("state", expected="connected or down", found=state)


def _update(data: Json, where: EventContext) -> Iterator[Event]:
    """Yield withdrawals first: a prefix that is in both is announced (RFC 4271 section 4.3)."""
    if "announcements" not in data and "withdrawals" not in data:
        expected = "announcements or withdrawals"
        raise InputError("UPDATE", expected=expected, found=sorted(data))
    for prefix in _prefixes(a_list(data, "withdrawals")):
        yield where.withdraw(prefix)
    announcements = a_list(data, "announcements")
    if not announcements:
        return
    attributes = Route(
        _ANY,
        _path(as_list("path", data.get("path"))),
        frozenset(
            Community.of(*numbers("community", each, 2)) for each in a_list(data, "community")
        ),
        timestamp=where.time,
    )
    for each in announcements:
        announcement = as_object("announcements", each)
        # For IPv6 a link-local address may follow, after a comma.
        text = a_string(announcement, "next_hop").partition(",")[0]
        next_hop = an_address("next_hop", text)
        for prefix in _prefixes(a_list(announcement, "prefixes")):
            route = attrs.evolve(attributes, prefix=prefix, next_hop=next_hop)
            yield where.announce(route, shows_other_communities=False)


def _prefixes(texts: Iterable[object]) -> Iterator[Prefix]:
    for text in texts:
        if not isinstance(text, str):
            raise InputError("prefix", expected="a string", found=text)
        yield Prefix.parse_relaxed(text)


def _path(values: list[object]) -> AsPath:
    """Return a path; a list in it is an AS_SET."""
    segments: list[Segment] = []
    for is_set, group in groupby(values, key=lambda each: isinstance(each, list)):
        if is_set:
            segments += (Segment(SegmentType.AS_SET, numbers("path", each)) for each in group)
            continue
        asns = tuple(a_number("path", each) for each in group)
        segments += (
            Segment(SegmentType.AS_SEQUENCE, asns[at : at + MAX_SEGMENT])
            for at in range(0, len(asns), MAX_SEGMENT)
        )
    return AsPath(tuple(segments))
