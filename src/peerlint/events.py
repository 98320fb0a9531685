"""What live feeds yield: sessions that come and go, routes, counts, and what was missed.

Every feed (BMP, RIS Live, BGPStream, ExaBGP, growing dumps, or one of your own) is an async
iterator of these values and of nothing else, so whatever follows routes reads all of them the same
way. A feed is often an async generator function::

    async def feed():
        table = TableRef("192.0.2.1", 8075, "sent")
        where = {"feed": "mine", "router": "edge1", "table": table}
        yield SessionUp(**where, time=1)
        yield Announce(**where, time=2, route=Route.parse("203.0.113.0/24 path 64500"))
        yield EndOfRib(**where, time=3)

A feed yields IPv4 and IPv6 unicast routes. Where it cannot know what it did not see, it says so by
a `Gap`; it never makes up a withdrawal.

Times are microseconds since 1970. `time` is when the event arrived, and what ages and the order of
events are computed from. `header_time` is what the sender says, which is evidence only: clocks of
routers that are 20 minutes off are normal.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final, Protocol, TypeVar, runtime_checkable

import attrs

from peerlint.arguments import A_STRING, AN_INTEGER, as_tuple, must_be
from peerlint.errors import InputError
from peerlint.model import Prefix, Route, View
from peerlint.wire.bmp import RawStatistic, Statistic
from peerlint.wire.nlri import FAMILIES

IPAddress = IPv4Address | IPv6Address
_UNICAST: Final = 1
_FAMILIES: Final = (4, 6)
#: The end of the year 9999, up to which there are dates.
_LAST_TIME: Final = 253_402_300_799_999_999
_Value = TypeVar("_Value")


def _address(value: IPAddress | str) -> IPAddress:
    if isinstance(value, IPv4Address | IPv6Address):
        return value
    must_be("peer", value, str, "an IP address")
    try:
        return ip_address(value)
    except ValueError:
        raise InputError("peer", expected="an IP address", found=value) from None


def _optional_address(value: IPAddress | str | None) -> IPAddress | None:
    return None if value is None else _address(value)


def _view(value: View | str | None) -> View | None:
    return None if value is None else View(value)


def _is(
    kind: type[_Value], expected: str
) -> Callable[[object, attrs.Attribute[_Value], _Value], None]:
    """Return a validator of a field's type; `expected` describes the type in the error."""

    def check(_: object, attribute: attrs.Attribute[_Value], value: _Value) -> None:
        if type(value) is not kind:  # there are millions of events
            must_be(attribute.name, value, kind, expected)

    return check


def _is_time(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    must_be(attribute.name, value, int, AN_INTEGER)
    if not 0 <= value <= _LAST_TIME:
        expected = "microseconds since 1970, until the year 9999"
        raise InputError(attribute.name, expected=expected, found=value)


def _is_family(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    if value not in _FAMILIES:
        raise InputError(attribute.name, expected="4 or 6", found=value)


def _is_number_or_none(
    _: object, attribute: attrs.Attribute[int | None], value: int | None
) -> None:
    must_be(attribute.name, value, int, AN_INTEGER, or_none=True)
    if value is not None and value < 0:
        raise InputError(attribute.name, expected="a number of routes", found=value)


def _is_interval(_: object, attribute: attrs.Attribute[int], value: int) -> None:
    must_be(attribute.name, value, int, AN_INTEGER)
    if value <= 0:
        raise InputError(attribute.name, expected="microseconds, more than 0", found=value)


def _is_or_none(
    kind: type[_Value], expected: str
) -> Callable[[object, attrs.Attribute[_Value | None], _Value | None], None]:
    """Return a validator of a field's type that allows None too."""

    def check(_: object, attribute: attrs.Attribute[_Value | None], value: _Value | None) -> None:
        if value is not None and type(value) is not kind:
            must_be(attribute.name, value, kind, expected)

    return check


def _statistics(
    values: Iterable[Statistic | RawStatistic],
) -> tuple[Statistic | RawStatistic, ...]:
    return as_tuple("statistics", values, (Statistic, RawStatistic), "statistics")


@attrs.frozen(cache_hash=True)
class TableRef:
    """One table of a peer of a router, or all tables of the peer.

    A router may show several tables of one peer. They are apart: the same prefix may be announced
    in one of them and withdrawn in another.

    Attributes:
        peer: the peer's address; 0.0.0.0 or :: for a router's own routes and its Loc-RIB.
        asn: the peer's AS number; None if the feed does not say it.
        view: where its routes are observed; None for all tables of the peer.
        is_post_policy: for the view adj-rib-in, whether it is the table after policy. FRR shows
            both tables, and withdraws a prefix from one that it announces in the other.
        distinguisher: the number of the router's instance (VRF) that the peer belongs to.
    """

    peer: IPAddress = attrs.field(converter=_address)
    asn: int | None = attrs.field(default=None, validator=_is_or_none(int, AN_INTEGER))
    view: View | None = attrs.field(default=None, converter=_view)
    is_post_policy: bool = attrs.field(default=False, kw_only=True)
    distinguisher: int = attrs.field(default=0, kw_only=True, validator=_is(int, AN_INTEGER))

    def covers(self, table: TableRef) -> bool:
        """Return whether a table is this one, or one of this peer's if the view is None.

        AS numbers are not compared: peers with one address in one instance are one peer.
        """
        if (self.peer, self.distinguisher) != (table.peer, table.distinguisher):
            return False
        if self.view is None:
            return True
        return (self.view, self.is_post_policy) == (table.view, table.is_post_policy)


@attrs.frozen(kw_only=True)
class FeedEvent:
    """What all events have.

    Attributes:
        feed: the feed's name.
        router: the router's name or address; for a collector's feed the collector. None only if an
            event is about all routers of the feed.
        table: the table; None if an event is about all tables of the router.
        time: when the event arrived.
        header_time: when it happened by the sender's clock; None if the sender does not say it.
    """

    feed: str = attrs.field(validator=_is(str, A_STRING))
    router: str | None = attrs.field(default=None, validator=_is_or_none(str, A_STRING))
    table: TableRef | None = attrs.field(
        default=None, validator=_is_or_none(TableRef, "a TableRef")
    )
    time: int = attrs.field(validator=_is_time)
    header_time: int | None = attrs.field(default=None, validator=_is_or_none(int, AN_INTEGER))


@attrs.frozen(kw_only=True)
class TableEvent(FeedEvent):
    """An event of one table, or of one peer: `router` and `table` are not None."""

    router: str = attrs.field(validator=_is(str, A_STRING))
    table: TableRef = attrs.field(validator=_is(TableRef, "a TableRef"))


@attrs.frozen(kw_only=True)
class SessionUp(TableEvent):
    """A session is established; its tables are empty, and what they hold comes next.

    Its table has no view, as all tables of the peer begin; but that of a collector has its view:
    the session is the collector's own, and none of the peer's with Microsoft.

    Attributes:
        local: the router's address; None if the feed does not say it.
        local_asn: the router's AS number, from its OPEN; None if the feed does not say it.
        peer_asn: the peer's AS number, from its OPEN; None if the feed does not say it.
        name: the name of the router's instance or table; None if there is none.
        is_filtered: whether the router says that it does not send all routes of the table.
        restart_time: for how many seconds the router keeps the peer's routes while the peer
            restarts, as both agreed (RFC 4724); None if they did not, or the feed does not say it.
    """

    local: IPAddress | None = attrs.field(default=None, converter=_optional_address)
    local_asn: int | None = None
    peer_asn: int | None = None
    name: str | None = None
    is_filtered: bool = False
    restart_time: int | None = None


@attrs.frozen(kw_only=True)
class SessionDown(TableEvent):
    """A session ended: its routes are withdrawn.

    Attributes:
        reason: why; empty if the feed does not say it.
        is_restart_possible: whether a graceful restart of the peer may have begun. It has not if
            an administrator ended the session, or one side by a NOTIFICATION, unless both agreed
            that one may begin a restart (RFC 8538).
    """

    reason: str = ""
    is_restart_possible: bool = True


@attrs.frozen(kw_only=True)
class Announce(TableEvent):
    """A route is announced; it replaces the one with its prefix and path identifier.

    Attributes:
        route: the route as observed. One that is malformed is treated as withdrawn (RFC 7606).
        shows_other_communities: whether the feed shows large and extended communities; if not, the
            route has none, and that means nothing.
    """

    route: Route = attrs.field(validator=_is(Route, "a Route"))
    shows_other_communities: bool = True


@attrs.frozen(kw_only=True)
class Withdraw(TableEvent):
    """A route is withdrawn.

    Attributes:
        prefix: its prefix.
        path_id: its add-path identifier; None if there is none.
    """

    prefix: Prefix = attrs.field(validator=_is(Prefix, "a Prefix"))
    path_id: int | None = None


@attrs.frozen(kw_only=True)
class EndOfRib(TableEvent):
    """All routes of a table were announced once (RFC 4724 section 2).

    Attributes:
        family: the address family, 4 or 6.
    """

    family: int = attrs.field(default=4, validator=_is_family)


@attrs.frozen(kw_only=True)
class OtherRoutes(TableEvent):
    """How many routes of a table a feed holds back: they are announced, and are no events.

    A feed that only yields routes that somebody asks for counts the other ones, so that the number
    of all routes can be compared with the router's. What it has yielded and what it holds back are
    apart: a route is in one of both from its announcement to its withdrawal. A route that was held
    back and is asked for now is yielded, and is not among the other ones any more; one that was
    yielded stays an event until it is withdrawn.

    A feed yields this before each Statistics and each EndOfRib of the table, and each time that it
    has read what had arrived, if a message was about such a route since the last one.

    Attributes:
        family: the address family, 4 or 6.
        routes: the number of routes now; None if there are too many to count.
        is_grown: whether one of them was new since the last event of this kind.
    """

    family: int = attrs.field(default=4, validator=_is_family)
    routes: int | None = attrs.field(validator=_is_number_or_none)
    is_grown: bool = True


@attrs.frozen
class RouteCount:
    """The number of routes of a table, as its router counts them.

    Attributes:
        view: the view of the table.
        routes: the number of routes.
        family: 4 or 6 for the unicast routes of one family; None for all routes.
        is_post_policy: for the view adj-rib-in, whether it is the table after policy; None if that
            is not known.
    """

    view: View
    routes: int
    family: int | None = None
    is_post_policy: bool | None = None


@attrs.frozen(kw_only=True)
class Statistics(TableEvent):
    """What a router counts of a peer, in all of its tables.

    Attributes:
        statistics: the statistics of BMP by number; see `peerlint.wire.bmp.STATISTIC_TYPES`.
    """

    statistics: tuple[Statistic | RawStatistic, ...] = attrs.field(converter=_statistics)

    @property
    def route_counts(self) -> tuple[RouteCount, ...]:
        """The numbers of routes of tables; those of other families than unicast are left out."""
        return tuple(
            RouteCount(
                each.type.view,
                each.value,
                None if each.afi is None else FAMILIES[each.afi],
                each.type.is_post_policy,
            )
            for each in self.statistics
            if isinstance(each, Statistic)
            and each.type.view is not None
            and (each.afi is None or (each.afi in FAMILIES and each.safi == _UNICAST))
        )


@attrs.frozen(kw_only=True)
class Gap(FeedEvent):
    """Events may be missing: what is known of these tables may be old or incomplete.

    It lasts until the tables are complete again. It is about all tables of the feed if `router` is
    None, and about all of a router if `table` is None.

    Attributes:
        reason: why.
        since: from when on events may be missing; None if that is not known.
    """

    reason: str = attrs.field(validator=_is(str, A_STRING))
    since: int | None = None


@attrs.frozen(kw_only=True)
class FeedLost(FeedEvent):
    """The feed, or the connection of one router, is lost; a gap begins.

    Attributes:
        reason: why.
    """

    reason: str = attrs.field(validator=_is(str, A_STRING))


@attrs.frozen(kw_only=True)
class FeedBack(FeedEvent):
    """The feed, or the connection of one router, is there again after it was lost."""


@attrs.frozen(kw_only=True)
class Heartbeat(FeedEvent):
    """The feed, or the connection of one router, is alive; nothing else is known to have happened.

    Only a feed that knows that it gives such signs again and again yields it: their end means that
    nothing is known any more. Every other event is a sign of life too.

    Attributes:
        interval: after how many microseconds at most the next one comes.
    """

    interval: int = attrs.field(validator=_is_interval)


Event = (
    SessionUp
    | SessionDown
    | Announce
    | Withdraw
    | EndOfRib
    | OtherRoutes
    | Statistics
    | Gap
    | FeedLost
    | FeedBack
    | Heartbeat
)


@runtime_checkable
class Feed(Protocol):
    """An async iterator of events, and of nothing else.

    What an async generator function returns is one. Its end is the end of the feed. A feed does not
    drop events: where it has to, or cannot know whether it did, it yields a `Gap`. It raises
    `peerlint.errors.FeedError` if it cannot start, and `FeedLost` is an event, not an error.
    """

    def __aiter__(self) -> AsyncIterator[Event]:
        """Return itself."""
        ...

    def __anext__(self) -> Awaitable[Event]:
        """Return the next event, when it is there."""
        ...
