"""Messages of RIS Live (https://ris-live.ripe.net/manual/), decoded without a connection.

RIS Live shows no large and no extended communities: `Announce.shows_other_communities` is false.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from typing import Final

import attrs

from peerlint.errors import InputError
from peerlint.events import Announce, Event, Gap
from peerlint.feeds.damages import Damages
from peerlint.feeds.event_context import EventContext
from peerlint.feeds.json_values import Json, a_string, as_object, microseconds, parse_object
from peerlint.feeds.ris_order import KEPT, Age, MessageOrder
from peerlint.feeds.ris_updates import PublishedUpdates, RisPeer, RisUpdate, ris_update
from peerlint.model import Prefix, Route

_STATES: Final = frozenset({"RIS_PEER_STATE", "STATE"})
_IGNORED: Final = frozenset({"OPEN", "NOTIFICATION", "KEEPALIVE"})
_LATE: Final = "a state of its session came after later routes"


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


class RisStream:
    """What one server sends, in the order in which it was received there.

    A message that is older than what is known of the same route is left out, so that a server that
    repeats or reorders them changes nothing. So are prefixes that are not watched: they come along
    in UPDATEs of watched ones, and their withdrawals would not.

    Attributes:
        damages: the messages that cannot be read; a `Gap` says so for one or several in a row.
        outdated: how many events were left out because a later one came before them.
        others: how many announcements and withdrawals of other prefixes were left out.
    """

    def __init__(
        self,
        *,
        feed: str = "ris-live",
        kept: int = KEPT,
        watched: Iterable[Prefix] | None = None,
        more_specific: bool = True,
    ) -> None:
        """Start before the first message.

        Args:
            feed: the feed's name.
            kept: see `MessageOrder`.
            watched: the prefixes that are watched; None for all.
            more_specific: whether more specific prefixes are watched too.
        """
        self.damages = Damages()
        self.outdated = self.others = 0
        self._feed = feed
        self._number = 0
        self._is_damaged = False
        self._order = MessageOrder(kept)
        self._is_watched = (
            None if watched is None else _filter(tuple(watched), more_specific=more_specific)
        )
        self._published = PublishedUpdates(self._is_watched)

    def update(self, text: str, time: int) -> tuple[Event, ...] | None:
        """Return the events of a message that is an UPDATE in the published form.

        Args:
            text: the message.
            time: when it arrived, in microseconds since 1970.

        Returns:
            None if it is something else, or has to be parsed as a whole: see `message`.
        """
        found = self._published.read(text)
        if found is None:
            return None
        self._number += 1
        self._is_damaged = False
        return self._events(*found, time)

    def message(self, data: Json, time: int) -> Iterator[Event]:
        """Yield the events of a `ris_message`.

        Args:
            data: its content.
            time: when it arrived, in microseconds since 1970.
        """
        self._number += 1
        try:
            events = self._read(data, time)
        except InputError as error:
            yield from self._gap(str(error), time)
            return
        self._is_damaged = False
        yield from events

    def damage(self, reason: str, time: int) -> Iterator[Event]:
        """Yield a gap for what is no message, unless it follows another that is none."""
        self._number += 1
        yield from self._gap(reason, time)

    def _gap(self, reason: str, time: int) -> Iterator[Event]:
        named = f"message {self._number:,}: {reason}"
        self.damages.add(named)
        if not self._is_damaged:
            self._is_damaged = True
            yield Gap(feed=self._feed, time=time, reason=named)

    def _read(self, data: Json, time: int) -> tuple[Event, ...]:
        """Return the events of a message; it changes nothing if it cannot be read."""
        kind = a_string(data, "type")
        if kind in _IGNORED:
            return ()
        peer = RisPeer.of(data.get("peer"), data.get("peer_asn"), a_string(data, "host"))
        header_time = microseconds("timestamp", data.get("timestamp"))
        if kind in _STATES:
            return self._state(a_string(data, "state"), peer, header_time, time)
        if kind != "UPDATE":
            raise InputError("type", expected="a type of RIS Live", found=kind)
        return self._events(peer, header_time, ris_update(data, self._is_watched), time)

    def _events(
        self, peer: RisPeer, header_time: int, update: RisUpdate, time: int
    ) -> tuple[Event, ...]:
        """Return the events of an UPDATE.

        Withdrawals come first: a prefix in both fields is announced (RFC 4271 section 4.3).
        """
        is_new, events = self._order.is_new, list[Event]()
        if update.withdrawn:
            where = EventContext(self._feed, peer.host, peer.table, time, header_time)
            events += [
                where.withdraw(each)
                for each, text in update.withdrawn
                if is_new(peer, header_time, text)
            ]
        for route, text in update.announced:
            if is_new(peer, header_time, text):
                event = Announce(
                    feed=self._feed,
                    router=peer.host,
                    table=peer.table,
                    time=time,
                    header_time=header_time,
                    route=_at(route, time),
                    shows_other_communities=False,
                )
                events.append(event)
        self.others += update.others
        self.outdated += len(update.withdrawn) + len(update.announced) - len(events)
        return tuple(events)

    def _state(self, state: str, peer: RisPeer, header_time: int, time: int) -> tuple[Event, ...]:
        where = EventContext(self._feed, peer.host, peer.table, time, header_time)
        if state in ("connected", "up"):
            event: Event = where.up(peer_asn=peer.table.asn)
        elif state == "down":
            event = where.down()
        else:
            raise InputError("state", expected="connected or down", found=state)
        age = self._order.state(peer, header_time)
        if age is Age.NEW:
            return (event,)
        self.outdated += 1
        # It ended the routes before it, and it is not known which those are.
        return () if age is Age.OUTDATED else (where.gap(_LATE),)


def _at(route: Route, time: int) -> Route:
    """Return a route with its time; `attrs.evolve` takes several times as long."""
    return Route(
        route.prefix, route.path, route.communities, next_hop=route.next_hop, timestamp=time
    )


def _filter(watched: tuple[Prefix, ...], *, more_specific: bool) -> Callable[[str], bool]:
    """Return a function that says of a prefix, by its text, whether it is watched."""
    known = frozenset(watched)
    lengths = {(each.family, each.length) for each in watched}

    @lru_cache(1 << 12)
    def is_watched(text: str) -> bool:
        prefix = Prefix.parse(text)
        if not more_specific:
            return prefix in known
        return any(
            prefix.family == family and length <= prefix.length and _start(prefix, length) in known
            for family, length in lengths
        )

    return is_watched


def _start(prefix: Prefix, length: int) -> Prefix:
    """Return the less specific prefix of a length that covers a prefix."""
    right = (32 if prefix.family == 4 else 128) - length
    return Prefix(prefix.family, prefix.first >> right << right, length)
