"""UPDATEs of RIS Live: what they withdraw and announce.

A route that comes and goes is the same text each time, but for the time and the number of its
messages. That text is decoded once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import groupby
from typing import Final, TypeVar, cast

import attrs

from peerlint.errors import InputError
from peerlint.events import TableRef
from peerlint.feeds.json_values import (
    LAST_MICROSECOND,
    Json,
    a_list,
    a_number,
    a_string,
    an_address,
    as_list,
    as_object,
    numbers,
    parse_object,
)
from peerlint.model import AsPath, Community, Prefix, Route, View
from peerlint.model.aspath import MAX_SEGMENT, Segment, SegmentType

#: The number of texts that are kept, and the maximum length of one.
TEXTS: Final = 1 << 13
LONGEST: Final = 1 << 12
_HEAD_KEYS: Final = frozenset({"timestamp", "peer", "peer_asn", "id", "host", "type"})
#: The published form of an UPDATE. What is written otherwise is decoded as any JSON: each group is
#: a value of JSON without escapes, and the last one is the rest of the object, which has to be
#: members of JSON too.
_PUBLISHED: Final = re.compile(
    r'\{"type": ?"ris_message", ?"data": ?\{"timestamp": ?((?:0|[1-9][0-9]{0,9})(?:\.[0-9]{1,9})?)'
    r', ?"peer": ?"([^"\\\x00-\x1f]*)", ?"peer_asn": ?"([^"\\\x00-\x1f]*)"'
    r', ?"id": ?"[^"\\\x00-\x1f]*", ?"host": ?"([^"\\\x00-\x1f]*)", ?"type": ?"UPDATE", ?(.*)\}\}',
    re.DOTALL,
)
_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


@attrs.frozen
class RisUpdate:
    """What an UPDATE says of the prefixes that are watched.

    Attributes:
        withdrawn: the prefixes, each with its text.
        announced: the routes without their time, each with the text of its prefix.
        others: how many prefixes are left out, because they are not watched.
    """

    withdrawn: tuple[tuple[Prefix, str], ...]
    announced: tuple[tuple[Route, str], ...]
    others: int = 0


@attrs.frozen
class RisPeer:
    """A peer of a collector.

    Attributes:
        host: the collector.
        table: the table of what it received from the peer.
        peer: all tables of the peer.
        key: the collector and the address as text, by which peers are told apart.
    """

    host: str
    table: TableRef
    peer: TableRef
    key: tuple[str, str]

    @classmethod
    def of(cls, address: object, asn: object, host: str) -> RisPeer:
        """Make one of the values in a message.

        Raises:
            InputError: they are not as published.
        """
        peer = TableRef(an_address("peer", address), a_number("peer_asn", asn))
        table = attrs.evolve(peer, view=View.COLLECTOR)
        return cls(host, table, peer, (host, str(peer.peer)))


class Kept(dict[_Key, _Value]):
    """Values by key, made when they are asked for; above a limit, all of them are forgotten."""

    def __init__(self, make: Callable[[_Key], _Value], kept: int) -> None:
        """Begin without any.

        Args:
            make: returns the value of a key.
            kept: the number of values that are kept.
        """
        super().__init__()
        self._make, self._kept = make, kept

    def __missing__(self, key: _Key) -> _Value:
        """Make the value of a key."""
        value = self._make(key)
        if len(self) >= self._kept:
            # Taking the oldest out of a dictionary passes all those that were taken out before.
            self.clear()
        self[key] = value
        return value


class PublishedUpdates:
    """UPDATEs in the published form, decoded by their parts."""

    def __init__(self, is_watched: Callable[[str], bool] | None = None) -> None:
        """Begin without any.

        Args:
            is_watched: whether a prefix is watched, by its text; None if all are.
        """
        self._is_watched = is_watched
        self._peers = Kept[tuple[str, str, str], RisPeer](lambda key: RisPeer.of(*key), TEXTS)
        self._rests = Kept(self._rest, TEXTS)

    def read(self, text: str) -> tuple[RisPeer, int, RisUpdate] | None:
        """Return the peer, the time in microseconds, and what it says.

        Args:
            text: a message.

        Returns:
            None if the message is something else, or has to be decoded as a whole.
        """
        match = _PUBLISHED.fullmatch(text) if len(text) <= LONGEST else None
        if match is None:
            return None
        header_time = round(float(match[1]) * 1_000_000)
        if header_time > LAST_MICROSECOND:
            return None
        try:
            return self._peers[match[2], match[3], match[4]], header_time, self._rests[match[5]]
        except InputError:
            return None

    def _rest(self, text: str) -> RisUpdate:
        data = parse_object(f"{{{text}}}")
        if not _HEAD_KEYS.isdisjoint(data):
            raise InputError("JSON", expected="each key once", found=sorted(data))
        return ris_update(data, self._is_watched)


def ris_update(data: Json, is_watched: Callable[[str], bool] | None = None) -> RisUpdate:
    """Return what an UPDATE says.

    Args:
        data: the content of the message.
        is_watched: whether a prefix is watched, by its text; None if all are.

    Raises:
        InputError: it is not as published.
    """
    if "announcements" not in data and "withdrawals" not in data:
        expected = "announcements or withdrawals"
        raise InputError("UPDATE", expected=expected, found=sorted(data))
    withdrawn = tuple(map(_prefix, a_list(data, "withdrawals")))
    announced = tuple(_routes(data))
    if is_watched is None:
        return RisUpdate(withdrawn, announced)
    ours = tuple(each for each in withdrawn if is_watched(each[1]))
    routes = tuple(each for each in announced if is_watched(each[1]))
    others = len(withdrawn) - len(ours) + len(announced) - len(routes)
    return RisUpdate(ours, routes, others)


def _routes(data: Json) -> Iterator[tuple[Route, str]]:
    announcements = a_list(data, "announcements")
    if not announcements:
        return
    path = _path(as_list("path", data.get("path")))
    communities = frozenset(map(_community, a_list(data, "community")))
    for each in announcements:
        announcement = as_object("announcements", each)
        # For IPv6 a link-local address may follow, after a comma.
        address = a_string(announcement, "next_hop").partition(",")[0]
        next_hop = an_address("next_hop", address)
        for prefix, text in map(_prefix, a_list(announcement, "prefixes")):
            yield Route(prefix, path, communities, next_hop=next_hop), text


def _community(value: object) -> Community:
    """Return a community of two numbers."""
    if type(value) is list and len(value) == 2:
        asn, data = value
        is_integers = type(asn) is type(data) is int  # not true and false
        if is_integers and 0 <= asn <= 0xFFFF and 0 <= data <= 0xFFFF:
            return _community_of(asn << 16 | data)
    return Community.of(*numbers("community", value, 2))


@lru_cache(1 << 13)
def _community_of(number: int) -> Community:
    """Return a community; those that are in use are few."""
    return Community(number)


def _prefix(value: object) -> tuple[Prefix, str]:
    """Return a prefix, and its text as it is compared."""
    if not isinstance(value, str):
        raise InputError("prefix", expected="a string", found=value)
    return _prefix_of(value)


@lru_cache(1 << 12)
def _prefix_of(text: str) -> tuple[Prefix, str]:
    """Return a prefix; those that are watched are few."""
    prefix = Prefix.parse_relaxed(text)
    return prefix, str(prefix)


def _path(values: list[object]) -> AsPath:
    """Return a path; a list in it is an AS_SET."""
    if 0 < len(values) <= MAX_SEGMENT and set(map(type, values)) == {int}:
        return AsPath((Segment(SegmentType.AS_SEQUENCE, cast("tuple[int, ...]", tuple(values))),))
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
