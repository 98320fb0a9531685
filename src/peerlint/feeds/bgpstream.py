"""Events from pybgpstream: its records or elements, or any objects that behave as they do.

What the library does not show is not made up:

- It drops large and extended communities: `Announce.shows_other_communities` is false.
- It drops the path identifiers of add-path: of several paths of a peer to one prefix, the last
  one read is what remains.
- It does not say that a table is complete, and a filter may leave anything out: there is no
  `EndOfRib`.

Times are those of the collector, which received the routes; they are the times of events too, so
that the past can be replayed.

pybgpstream 2.0.2, the version on PyPI, lets no other thread run while a live stream waits for data;
2.0.4 does. With 2.0.2, a live stream is best read in a process of its own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Protocol, Self, cast

import attrs

from peerlint.arguments import A_STRING, must_be
from peerlint.errors import FeedError, InputError
from peerlint.events import Event, FeedLost, Gap, TableRef
from peerlint.feeds.blocking import in_thread
from peerlint.feeds.damages import Damages
from peerlint.feeds.event_context import EventContext
from peerlint.feeds.json_values import microseconds
from peerlint.model import AsPath, Community, Prefix, Route, View

#: How to get the library, which needs another one that is not on PyPI.
HOW_TO_GET: Final = (
    "it is not installed: install CAIDA's libbgpstream "
    "(https://bgpstream.caida.org/docs/install/bgpstream), then pip install 'peerlint[bgpstream]'"
)
#: States of records in which nothing is lost; in all others, routes may be missing
#: (bgpstream_record.h).
_COMPLETE: Final = ("valid", "filtered-source", "empty-source", "outside-time-interval")
#: What pybgpstream says of the other states of libbgpstream: "outside-time-interval" is one.
_UNKNOWN: Final = "unknown"
#: Arguments of pybgpstream that are lists.
LIST_ARGUMENTS: Final = ("projects", "collectors", "record_types")
_ESTABLISHED: Final = "ESTABLISHED"


class _Stream(Protocol):
    """`pybgpstream.BGPStream`."""

    def records(self) -> Iterable[object]: ...


class _LowLevelStream(Protocol):
    """`_pybgpstream.BGPStream`, once started."""

    def get_next_record(self) -> object | None: ...


class _LowLevelRecord(Protocol):
    """`_pybgpstream.BGPRecord`."""

    def get_next_elem(self) -> object | None: ...


class BgpStreamFeed:
    """The events of a stream of pybgpstream, with `for` or with `async for`, once.

    With `async for`, the stream is read in a thread. If it fails before its first record, that is
    a `FeedError`.

    Attributes:
        damages: what cannot be read; each is in a `Gap` too.
    """

    def __init__(
        self, stream: Iterable[object], *, feed: str = "bgpstream", view: View = View.COLLECTOR
    ) -> None:
        """Prepare; nothing is read yet.

        Args:
            stream: a `BGPStream`, or any iterable of its records or elements. Those of the library
                are valid until the next one is read, so that a list of them is not.
            feed: the feed's name.
            view: where the routes are observed.
        """
        self.damages = Damages()
        self._until = stream.until if isinstance(stream, OpenedStream) else None
        self._has_begun = False
        self._feed, self._view = feed, view
        self._number = 0
        self._time = 0
        #: By router and peer: when the snapshot that is being read was taken; None for updates.
        self._peers: dict[tuple[str, TableRef], int | None] = {}
        self._events = self._read(stream)
        self._async: AsyncIterator[Event] | None = None

    def __iter__(self) -> Iterator[Event]:
        """Return the events; the stream is read in this thread."""
        return self._events

    def __aiter__(self) -> Self:
        """Return itself."""
        return self

    async def __anext__(self) -> Event:
        """Return the next event, when it is there."""
        if self._async is None:
            self._async = in_thread(self._events)
        return await anext(self._async)

    # -- reading

    def _read(self, stream: Iterable[object]) -> Iterator[Event]:
        try:
            for each in _parts(stream):
                self._has_begun = True
                if hasattr(each, "fields"):
                    yield from self._element(each, getattr(each, "record", None))
                else:
                    yield from self._record(each)
        except Exception as error:  # a library's; the feed ends and says why
            reason = f"{type(error).__name__}: {error}"
            if not self._has_begun:
                raise FeedError(self._feed, reason) from error
            yield FeedLost(feed=self._feed, time=self._time, reason=reason)

    def _record(self, record: object) -> Iterator[Event]:
        status = getattr(record, "status", "valid")
        if status not in _COMPLETE and not self._is_after_end(record, status):
            self._number += 1
            yield self._damage(f"record {status}", self._router(record))
        try:
            elements = _elements(record)
        except InputError as error:
            self._number += 1
            yield self._damage(str(error), None)
            return
        for element in elements:
            yield from self._element(element, record)

    def _is_after_end(self, record: object, status: object) -> bool:
        """Return whether a record is from after the interval, which its status does not say."""
        time = getattr(record, "time", None)
        return (
            status == _UNKNOWN
            and self._until is not None
            and isinstance(time, int | float)
            and time > self._until
        )

    def _element(self, element: object, record: object) -> Iterator[Event]:
        self._number += 1
        router, table = self._router(record), None
        try:
            table = self._table(element)
            self._time = _time(element, record)
            where = EventContext(
                self._feed, router, attrs.evolve(table, view=self._view), self._time
            )
            yield from self._change(element, record, where)
        except InputError as error:
            yield self._damage(str(error), router, table)
        except Exception as error:  # noqa: BLE001  # a library's, about one element
            yield self._damage(f"{type(error).__name__}: {error}", router, table)

    def _damage(self, reason: str, router: str | None, table: TableRef | None = None) -> Gap:
        named = f"message {self._number:,}: {reason}"
        self.damages.add(named)
        return Gap(feed=self._feed, router=router, table=table, time=self._time, reason=named)

    def _router(self, record: object) -> str:
        """Return the collector's name, or that of the router if the collector names it."""
        for name in ("router", "collector"):
            value = getattr(record, name, None)
            if isinstance(value, str) and value:
                return value
        return self._feed

    @staticmethod
    def _table(element: object) -> TableRef:
        """Return all tables of the peer."""
        address = getattr(element, "peer_address", None)
        must_be("peer_address", address, str, "an IP address")
        asn = getattr(element, "peer_asn", None)
        must_be("peer_asn", asn, int, "an AS number", or_none=True)
        return TableRef(cast("str", address), cast("int | None", asn))

    def _change(self, element: object, record: object, where: EventContext) -> Iterator[Event]:
        kind, fields = getattr(element, "type", None), getattr(element, "fields", None)
        if not isinstance(fields, Mapping):
            raise InputError("fields", expected="a dictionary", found=fields)
        if kind in ("R", "A"):
            route = _route(fields, where.time)
            yield from self._snapshot(record if kind == "R" else None, where)
            yield where.announce(route, shows_other_communities=False)
        elif kind == "W":
            yield where.withdraw(Prefix.parse_relaxed(_text(fields, "prefix")))
        elif kind == "S":
            yield from self._state(fields, where)
        else:
            raise InputError("type", expected="R, A, W or S", found=kind)

    def _snapshot(self, record: object, where: EventContext) -> Iterator[Event]:
        """Yield that a peer's table is empty if a later snapshot of it begins.

        Routes that the later snapshot does not have would otherwise stay for ever.
        """
        peer = where.router, where.table
        taken = getattr(record, "dump_time", None)
        if taken is None:
            self._peers.setdefault(peer, None)
            return
        if peer in self._peers and self._peers[peer] != taken:
            yield where.up()
        self._peers[peer] = taken

    def _state(self, fields: Mapping[object, object], where: EventContext) -> Iterator[Event]:
        """Yield what a state of the session means; states on the way up mean nothing."""
        peer = where.router, where.table
        old, new = _text(fields, "old-state").upper(), _text(fields, "new-state").upper()
        if new == _ESTABLISHED:
            self._peers[peer] = None
            yield where.up()
        elif old == _ESTABLISHED or peer in self._peers:
            self._peers.pop(peer, None)
            yield where.down(f"{old} to {new}")


class OpenedStream:
    """A `pybgpstream.BGPStream`, and the end of its interval, which that does not tell.

    Attributes:
        until: the end, in seconds since 1970; None for a live stream.
    """

    def __init__(self, stream: Iterable[object], until: int | None) -> None:
        """Take the stream."""
        self.until, self._stream = until, stream

    def __iter__(self) -> Iterator[object]:
        """Yield the elements of all records."""
        return iter(self._stream)

    def __getattr__(self, name: str) -> object:
        """Return an attribute of the stream."""
        return getattr(self._stream, name)


def open_bgpstream(**arguments: object) -> OpenedStream:
    """Return a `pybgpstream.BGPStream`, live if it has no `until_time`.

    Args:
        arguments: those of `pybgpstream.BGPStream`: `from_time`, `until_time`, `data_interface`,
            `project`, `projects`, `collector`, `collectors`, `record_type`, `record_types` and
            `filter`.

    Raises:
        FeedError: the library is not installed, or refuses the arguments; the error says what to
            do.
    """
    try:
        import pybgpstream  # noqa: PLC0415  # an extra
    except ImportError as error:
        missing = "" if getattr(error, "name", None) == "pybgpstream" else f" ({error})"
        raise FeedError("pybgpstream", HOW_TO_GET + missing) from None
    for name in LIST_ARGUMENTS:
        # The library would take each letter for a value, and find nothing without an error.
        if isinstance(arguments.get(name), str):
            raise FeedError("pybgpstream", f"{name}: expected a list, found {arguments[name]!r}")
    try:
        stream: Iterable[object] = pybgpstream.BGPStream(**arguments)
        until = arguments.get("until_time")
        # Dates are read as the library reads them.
        read: Callable[[object], int]
        read = pybgpstream.BGPStream._datestr_to_epoch  # noqa: SLF001  # nothing else says it
        epoch = None if until is None else read(until)
    except Exception as error:  # a library's; it checks little itself
        raise FeedError("pybgpstream", str(error) or type(error).__name__) from error
    return OpenedStream(stream, epoch)


def _parts(stream: Iterable[object]) -> Iterable[object]:
    """Return the records of a stream, also those without elements, or whatever it iterates."""
    if callable(getattr(stream, "records", None)):
        return cast("_Stream", stream).records()
    if callable(getattr(stream, "get_next_record", None)):
        return iter(cast("_LowLevelStream", stream).get_next_record, None)
    return stream


def _elements(record: object) -> Iterable[object]:
    if isinstance(record, Iterable):
        return record
    if callable(getattr(record, "get_next_elem", None)):
        return iter(cast("_LowLevelRecord", record).get_next_elem, None)
    raise InputError("stream", expected="records or elements of pybgpstream", found=record)


def _time(element: object, record: object) -> int:
    """Return the time of an element in microseconds; the low-level module has it in the record."""
    time = getattr(element, "time", None)
    if time is None:
        time = getattr(record, "time", None)
    return microseconds("time", time)


def _text(fields: Mapping[object, object], name: str) -> str:
    value = fields.get(name)
    must_be(name, value, str, A_STRING)
    return cast("str", value)


def _route(fields: Mapping[object, object], time: int) -> Route:
    communities = fields.get("communities")
    if isinstance(communities, str | bytes) or not isinstance(communities, Iterable):
        raise InputError("communities", expected="a set of strings", found=communities)
    return Route(
        Prefix.parse_relaxed(_text(fields, "prefix")),
        AsPath.parse(_text(fields, "as-path")),
        frozenset(map(Community.parse, cast("Iterable[str]", communities))),
        next_hop=_next_hop(fields.get("next-hop")),
        timestamp=time,
    )


def _next_hop(value: object) -> IPv4Address | IPv6Address | None:
    if value is None or value == "":
        return None
    try:
        return ip_address(cast("str", value))
    except ValueError:
        raise InputError("next-hop", expected="an IP address", found=value) from None
