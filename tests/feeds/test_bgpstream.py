"""Events from pybgpstream, by doubles that behave as pybgpstream 2.0.2 was seen to.

Tests marked `bgpstream` use the real library.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

import peerlint
from peerlint.errors import FeedError, InputError
from peerlint.events import (
    Announce,
    Event,
    Feed,
    FeedLost,
    Gap,
    SessionDown,
    SessionUp,
    TableRef,
    Withdraw,
)
from peerlint.feeds.bgpstream import BgpStreamFeed, open_bgpstream
from peerlint.model import View

TABLE: Final = TableRef("192.0.2.1", 64500, View.COLLECTOR)
ROUTE: Final[dict[str, object]] = {
    "next-hop": "192.0.2.1",
    "as-path": "64500 64501",
    "communities": {"8075:8007", "65535:65281"},
    "prefix": "203.0.113.0/24",
}


class Elem:
    """`pybgpstream.BGPElem`: what it lacks is looked up in its record, its time above all."""

    def __init__(self, kind: str, fields: object, **changes: object) -> None:
        """Take the attributes that the recordings have."""
        self.record: Record | None = None
        self.type, self.fields = kind, fields
        self.peer_address: object = "192.0.2.1"
        self.peer_asn: object = 64500
        vars(self).update(changes)

    def __getattr__(self, name: str) -> object:
        """Return an attribute of the record."""
        return getattr(self.record, name)


class Record:
    """`pybgpstream.BGPRecord`: iterating it yields its elements."""

    def __init__(self, *elems: Elem, **changes: object) -> None:
        """Take the attributes that the recordings have."""
        self._elems = elems
        self.project, self.collector, self.router = "ris", "rrc00", None
        self.type, self.status, self.dump_position = "update", "valid", "middle"
        self.time, self.dump_time = 1795239651.132985, 1795239600
        vars(self).update(changes)
        for each in elems:
            each.record = self

    def __iter__(self) -> Iterator[Elem]:
        """Yield the elements."""
        return iter(self._elems)


class Stream:
    """`pybgpstream.BGPStream`: iterating it yields the elements of all records."""

    def __init__(self, *records: Record) -> None:
        """Take the records."""
        self._records = records

    def records(self) -> Iterator[Record]:
        """Yield the records."""
        return iter(self._records)

    def __iter__(self) -> Iterator[Elem]:
        """Yield the elements."""
        return (elem for record in self.records() for elem in record)


def _low_level(*records: Record) -> Any:  # noqa: ANN401  # it is what it has
    """Return a `_pybgpstream.BGPStream`: without iterators, and its elements without a time."""

    def elem(of: Elem) -> SimpleNamespace:
        names = "type", "fields", "peer_address", "peer_asn"
        return SimpleNamespace(**{name: getattr(of, name) for name in names})

    found = [
        SimpleNamespace(
            get_next_elem=iter([*map(elem, record), None]).__next__,
            project=record.project,
            collector=record.collector,
            router=record.router,
            router_ip=None,
            type=record.type,
            dump_time=record.dump_time,
            time=record.time,
            status=record.status,
            dump_position=record.dump_position,
        )
        for record in records
    ]
    return SimpleNamespace(get_next_record=iter([*found, None]).__next__)


def _events(*elems: Elem) -> list[Event]:
    return list(peerlint.from_bgpstream([Record(*elems)]))


def test_announce() -> None:
    """An announcement has its collector, its peer, and the collector's time."""
    (found,) = _events(Elem("A", ROUTE))
    assert isinstance(found, Announce)
    assert (found.feed, found.router, found.table) == ("bgpstream", "rrc00", TABLE)
    assert (found.time, found.header_time) == (1_795_239_651_132_985, None)
    assert found.route.timestamp == found.time
    assert str(found.route) == (
        "203.0.113.0/24 path 64500 64501 community 8075:8007 65535:65281 next-hop 192.0.2.1"
    )
    assert not found.shows_other_communities


@pytest.mark.parametrize(
    "path",
    [
        "",  # of an internal session
        "64500 {64501,64502}",
        "64500 (64510 64511) 64501",
        "64500 [64510,64511]",
        "64500 65540",
    ],
)
def test_paths(path: str) -> None:
    """Paths are as libbgpstream writes them."""
    (found,) = _events(Elem("R", {**ROUTE, "as-path": path}))
    assert isinstance(found, Announce)
    assert str(found.route.path) == path


@pytest.mark.parametrize(
    ("kind", "fields", "events"),
    [
        ("R", ROUTE, [Announce]),
        ("A", ROUTE, [Announce]),
        ("A", {**ROUTE, "communities": set()}, [Announce]),
        ("A", {**ROUTE, "prefix": "2001:db8::/32", "next-hop": "2001:db8::1"}, [Announce]),
        ("W", {"prefix": "203.0.113.0/24"}, [Withdraw]),
        ("S", {"old-state": "OPENCONFIRM", "new-state": "ESTABLISHED"}, [SessionUp]),
        ("S", {"old-state": "ESTABLISHED", "new-state": "IDLE"}, [SessionDown]),
        ("S", {"old-state": "ACTIVE", "new-state": "OPENSENT"}, []),
    ],
)
def test_types(kind: str, fields: dict[str, object], events: list[type]) -> None:
    """What each element is."""
    assert [type(each) for each in _events(Elem(kind, fields))] == events


def test_missed_end() -> None:
    """A state that is not established ends a session that had routes, also if its end is missed."""
    active = {"old-state": "IDLE", "new-state": "ACTIVE"}
    found = _events(Elem("A", ROUTE), Elem("S", active), Elem("S", active))
    assert [type(each) for each in found] == [Announce, SessionDown]


def test_later_snapshot() -> None:
    """A later snapshot of a peer replaces the one before: what it has no more is gone."""
    records = [
        Record(Elem("R", ROUTE), Elem("R", ROUTE), type="rib", dump_time=taken)
        for taken in (1795239600, 1795268400)
    ]
    kinds = [type(each) for each in peerlint.from_bgpstream(records)]
    assert kinds == [Announce, Announce, SessionUp, Announce, Announce]


def test_forms_of_streams() -> None:
    """The stream, its records, its elements and the low-level module give the same events."""

    def records() -> list[Record]:
        return [Record(Elem("A", ROUTE), Elem("W", {"prefix": "203.0.113.0/24"}))]

    streams: list[Iterable[object]] = [
        Stream(*records()), records(), list(Stream(*records())), _low_level(*records())
    ]  # fmt: skip
    first, *others = [list(peerlint.from_bgpstream(each)) for each in streams]
    assert [type(each) for each in first] == [Announce, Withdraw]
    assert others == [first] * 3


def test_router() -> None:
    """A router that the collector names is apart from others."""
    (found,) = peerlint.from_bgpstream([Record(Elem("A", ROUTE), router="edge1")])
    assert found.router == "edge1"


@pytest.mark.parametrize("status", ["corrupted-record", "corrupted-source", "unknown"])
def test_bad_records(status: str) -> None:
    """A record that cannot be read is a gap of its collector."""
    feed = peerlint.from_bgpstream(Stream(Record(status=status)))
    (gap,) = feed
    assert isinstance(gap, Gap)
    assert (gap.router, gap.table, gap.reason) == ("rrc00", None, f"message 1: record {status}")
    assert feed.damages.count == 1


@pytest.mark.parametrize("status", ["filtered-source", "empty-source"])
def test_empty_records(status: str) -> None:
    """A record without elements because of filters or times is nothing."""
    assert not list(peerlint.from_bgpstream(Stream(Record(status=status))))


@pytest.mark.parametrize(
    ("elem", "reason"),
    [
        (Elem("X", ROUTE), "type: expected R, A, W or S"),
        (Elem("A", None), "fields: expected a dictionary"),
        (Elem("A", {}), "communities: expected a set"),
        (Elem("A", {**ROUTE, "prefix": "banana"}), "prefix"),
        (Elem("A", {**ROUTE, "as-path": "64500 {"}), "AS path"),
        (Elem("A", {**ROUTE, "as-path": None}), "as-path: expected a string"),
        (Elem("A", {**ROUTE, "communities": "8075:8007"}), "communities: expected a set"),
        (
            Elem("A", {k: ROUTE[k] for k in ROUTE if k != "communities"}),
            "communities: expected a set",
        ),
        (Elem("A", {**ROUTE, "communities": {1}}), "text: expected a string"),
        (Elem("A", {**ROUTE, "next-hop": "here"}), "next-hop: expected an IP address"),
        (Elem("A", ROUTE, time=float("nan")), "time: expected seconds"),
        (Elem("A", ROUTE, time=10**400), "time: expected seconds"),
        (Elem("A", ROUTE, time="now"), "time: expected seconds"),
        (Elem("A", ROUTE, peer_address="router"), "peer: expected an IP address"),
        (Elem("A", ROUTE, peer_asn="64500"), "peer_asn: expected an AS number"),
        (Elem("S", {"old-state": "IDLE"}), "new-state: expected a string"),
    ],
)
def test_damage(elem: Elem, reason: str) -> None:
    """An element that cannot be read is a gap, named and counted; the next one is read."""
    feed = peerlint.from_bgpstream([Record(elem, Elem("A", ROUTE))])
    gap, announce = feed
    assert isinstance(gap, Gap)
    assert gap.reason.startswith("message 1: ")
    assert reason in gap.reason
    assert feed.damages.first == (gap.reason,)
    assert isinstance(announce, Announce)


@given(st.dictionaries(st.sampled_from(list(ROUTE)), st.none() | st.integers() | st.text()))
def test_any_fields(fields: dict[str, object]) -> None:
    """Whatever the fields hold: an announcement or a gap."""
    (found,) = _events(Elem("A", {**ROUTE, **fields}))
    assert isinstance(found, Announce | Gap)


def test_no_elements() -> None:
    """An iterable of something else is damage, not an error."""
    assert [type(each) for each in peerlint.from_bgpstream([7, None, "text"])][:2] == [Gap, Gap]


def test_error_of_the_library() -> None:
    """An error of the library ends the feed, by an event that quotes it."""

    def records() -> Iterator[Record]:
        yield Record(Elem("A", ROUTE))
        raise RuntimeError("Could not get next record (is the stream started?)")

    _, lost = peerlint.from_bgpstream(records())
    assert isinstance(lost, FeedLost)
    assert lost.reason == "RuntimeError: Could not get next record (is the stream started?)"


@pytest.mark.parametrize("is_async", [False, True])
def test_no_start(*, is_async: bool) -> None:
    """A stream that fails before its first record cannot start, which is an error."""

    class Broken(Stream):
        def records(self) -> Iterator[Record]:
            raise RuntimeError("Could not start stream")

    async def first() -> Event:
        return await anext(peerlint.from_bgpstream(Broken()))

    def run() -> object:
        return asyncio.run(first()) if is_async else list(peerlint.from_bgpstream(Broken()))

    with pytest.raises(FeedError, match="RuntimeError: Could not start stream"):
        run()


def test_error_of_an_element() -> None:
    """An element whose attributes the library cannot give is a gap; the next one is read."""

    class Broken(Elem):
        @property
        def peer_asn(self) -> int:
            raise SystemError("returned NULL without setting an exception")

        @peer_asn.setter
        def peer_asn(self, _: object) -> None:
            pass

    gap, announce = peerlint.from_bgpstream([Record(Broken("A", ROUTE), Elem("A", ROUTE))])
    assert isinstance(gap, Gap)
    assert gap.reason == ("message 1: SystemError: returned NULL without setting an exception")
    assert isinstance(announce, Announce)


def test_async() -> None:
    """With `async for`, the same events, and the stream is read in another thread."""
    threads = set()

    def records() -> Iterator[Record]:
        for _ in range(3000):
            threads.add(threading.get_ident())
            yield Record(Elem("A", ROUTE))

    async def main() -> list[Event]:
        feed = peerlint.from_bgpstream(records())
        assert isinstance(feed, Feed)
        return [each async for each in feed]

    assert asyncio.run(main()) == list(peerlint.from_bgpstream(records()))
    assert len(threads) == 2


def test_async_of_a_stream_that_waits() -> None:
    """An event is there at once, although the library waits for the next one."""
    go_on = threading.Event()

    def records() -> Iterator[Record]:
        yield Record(Elem("A", ROUTE))
        go_on.wait(20)

    async def main() -> Event:
        return await anext(peerlint.from_bgpstream(records()))

    assert isinstance(asyncio.run(asyncio.wait_for(main(), 10)), Announce)
    go_on.set()


def test_arguments() -> None:
    """Arguments are checked at once."""
    with pytest.raises(InputError, match="view"):
        peerlint.from_bgpstream([], view="everywhere")
    (found,) = peerlint.from_bgpstream([Elem("A", ROUTE, time=7)], feed="mine", view="sent")
    assert found.table == TableRef("192.0.2.1", 64500, View.SENT)
    assert (found.feed, found.router) == ("mine", "mine")


@pytest.mark.skipif(
    importlib.util.find_spec("pybgpstream") is not None, reason="pybgpstream is installed"
)
def test_not_installed() -> None:
    """Where the library is missing, the error says how to get it."""
    with pytest.raises(FeedError, match=r"libbgpstream.*pip install 'peerlint\[bgpstream\]'"):
        open_bgpstream(filter="prefix any 203.0.113.0/24")


class Opened(Stream):
    """`pybgpstream.BGPStream` with the arguments of version 2."""

    made: ClassVar[list[Record]] = []
    names: Final = {
        *("from_time", "until_time", "data_interface", "project", "projects", "collector"),
        *("collectors", "record_type", "record_types", "filter"),
    }

    def __init__(self, **arguments: object) -> None:
        """Refuse what the library refuses."""
        super().__init__(*self.made)
        for name in arguments.keys() - self.names:
            raise TypeError(f"got an unexpected keyword argument {name!r}")
        self._datestr_to_epoch(arguments.get("until_time"))
        if arguments.get("filter") == "banana":
            raise ValueError("Invalid filter string: banana")

    @staticmethod
    def _datestr_to_epoch(datestr: object) -> int:
        if not isinstance(datestr, str | None):
            raise AssertionError  # noqa: TRY004  # as the library does
        return 0 if datestr is None else int(datestr)


@pytest.fixture(name="opened")
def _opened(monkeypatch: pytest.MonkeyPatch) -> type[Opened]:
    monkeypatch.setitem(sys.modules, "pybgpstream", SimpleNamespace(BGPStream=Opened))
    monkeypatch.setattr(Opened, "made", [])
    return Opened


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ({"filter": "banana"}, "Invalid filter string: banana"),
        ({"from": "yesterday"}, "unexpected keyword argument 'from'"),
        ({"until_time": []}, "AssertionError"),
        # It would filter for the collectors r, r, c, 0 and 0.
        ({"collectors": "rrc00"}, "collectors: expected a list, found 'rrc00'"),
        ({"projects": "ris"}, "projects: expected a list"),
        ({"record_types": "ribs"}, "record_types: expected a list"),
    ],
)
@pytest.mark.usefixtures("opened")
def test_bad_arguments(arguments: dict[str, object], reason: str) -> None:
    """Arguments that the library refuses, or would misread, are an error."""
    with pytest.raises(FeedError, match=reason):
        open_bgpstream(**arguments)


@pytest.mark.parametrize(
    ("until_time", "time", "events"),
    [
        ("1795239700", 1795239701.0, []),
        ("1795239700", 1795239699.0, [Gap]),
        (None, 1795239701.0, [Gap]),
    ],
)
def test_behind_the_interval(
    opened: type[Opened], until_time: str | None, time: float, events: list[type]
) -> None:
    """The record behind the interval, which ends each dump, hides nothing.

    pybgpstream says "unknown" of it, as of records that it cannot decode.
    """
    opened.made.append(Record(status="unknown", time=time))
    stream = open_bgpstream(until_time=until_time)
    assert [type(each) for each in peerlint.from_bgpstream(stream)] == events


@pytest.mark.bgpstream
def test_real(tmp_path: Path) -> None:
    """The real library reads a dump as peerlint does, except for what it drops."""
    pytest.importorskip("pybgpstream", reason="needs pybgpstream and libbgpstream")
    dump = tmp_path / "dump.mrt"
    lines = (
        "203.0.113.0/24 path 64500 {64501,64502} community 8075:8007 next-hop 192.0.2.1",
        "198.51.100.0/24 path 64500 65540 community 65535:65281 next-hop 192.0.2.1",
    )
    from peerlint.testing import RibDump  # noqa: PLC0415  # only where the library is

    made = RibDump()
    peer = made.peer("192.0.2.1", 64500)
    for line in lines:
        made.route(peer, line)
    dump.write_bytes(made.octets())
    stream = open_bgpstream(data_interface="singlefile")
    setting: Any = stream
    setting.set_data_interface_option("singlefile", "rib-file", os.fspath(dump))
    found = list(BgpStreamFeed(stream))
    assert sorted(str(e.route) for e in found if isinstance(e, Announce)) == sorted(lines)
    assert all(isinstance(each, Announce) for each in found)
