"""Events from ExaBGP's JSON.

The files of `tests/vectors/exabgp` are what ExaBGP 4.2.25 and 5.0.15 wrote: `session` to a process,
in a session with a peer that comes and goes; `updates` for UPDATEs that `decode` was given.
"""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.events import (
    Announce,
    EndOfRib,
    Event,
    Feed,
    FeedBack,
    FeedLost,
    Gap,
    SessionDown,
    SessionUp,
    TableRef,
    Withdraw,
)
from peerlint.feeds.exabgp import ExabgpFeed, ExabgpStream
from peerlint.feeds.json_values import MAX_LINE
from peerlint.model import View

VECTORS: Final = Path(__file__).parent.parent / "vectors" / "exabgp"
PEER: Final = TableRef("192.0.2.1", 64500)
Mend = Callable[[dict[str, Any]], object]


def _octets(name: str) -> bytes:
    return (VECTORS / name).read_bytes()


def _read(octets: bytes, stream: ExabgpStream | None = None) -> list[Event]:
    stream = stream or ExabgpStream()
    return [*stream.feed(octets, 7), *stream.end(8)]


def _said(event: Event) -> str:  # noqa: PLR0911  # one for each kind
    """Return an event in a few words."""
    match event:
        case Announce(route=route):
            return f"+ {route}"
        case Withdraw(prefix=prefix, path_id=None):
            return f"- {prefix}"
        case Withdraw(prefix=prefix, path_id=path_id):
            return f"- {prefix} {path_id}"
        case EndOfRib(family=family):
            return f"end {family}"
        case SessionUp():
            return "up"
        case SessionDown() | Gap() | FeedLost():
            return f"{type(event).__name__} {event.reason}"
        case _:
            return type(event).__name__


@pytest.mark.parametrize(
    ("version", "reason"),
    [
        (
            "4",
            "peer reset, message (notification received (6,2)) error(Cease / Administrative "
            "Shutdown)",
        ),
        ("5", "notification received (6,2)"),
    ],
)
def test_session(version: str, reason: str) -> None:
    """A session comes up, has a route, is complete, and goes down; then ExaBGP ends."""
    found = _read(_octets(f"session-{version}.jsonl"))
    said = [_said(each) for each in found]
    start = said.index("up")
    assert said[start : start + 4] == [
        "up",
        "+ 203.0.113.0/24 path 64500 community 8075:8007 65535:65281 large 64500:1:2"
        " next-hop 192.0.2.1",
        "end 4",
        f"SessionDown {reason}",
    ]
    assert said[-1] == "FeedLost ExaBGP ends: shutdown"
    assert {each.router for each in found} == {"collector1"}
    up = found[start]
    assert isinstance(up, SessionUp)
    assert (str(up.local), up.local_asn, up.peer_asn) == ("192.0.2.2", 64496, 64500)
    collected = TableRef("192.0.2.1", 64500, View.COLLECTOR)
    assert (collected, collected) == (up.table, found[start + 1].table)


#: Of UPDATEs with these attributes and prefixes, in this order.
_PLAIN: Final = (
    "path 64500 64501 community 8075:8007 65535:65281 large 64500:1:2 extended rt:64500:1"
    " next-hop 192.0.2.1"
)


@pytest.mark.parametrize(
    ("version", "path_with_set", "path_with_confederation"),
    [
        # Version 4 does not say where a set is; version 5 not what is of a confederation.
        ("4", "64500 64503 {64501,64502}", "(64510 64511) [64512,64513] 64500"),
        ("5", "64500 {64501,64502} 64503", "64510 64511 64500 64512 64513"),
    ],
)
def test_updates(version: str, path_with_set: str, path_with_confederation: str) -> None:
    """UPDATEs are the same events from both versions, except for what a version does not write."""
    assert [_said(each) for each in _read(_octets(f"updates-{version}.jsonl"))] == [
        f"+ 203.0.113.0/24 {_PLAIN}",
        f"+ 198.51.100.0/24 {_PLAIN}",
        f"+ 203.0.113.0/24 path {path_with_set} community 8075:8007 65535:65281 next-hop 192.0.2.1",
        f"+ 203.0.113.0/24 path {path_with_confederation} next-hop 192.0.2.1",
        "+ 203.0.113.0/24 next-hop 192.0.2.1",
        "- 198.18.4.0/22",
        "- 203.0.113.0/24",
        "- 198.18.4.0/22",
        "+ 203.0.113.0/24 path 64500 next-hop 192.0.2.1",
        "+ 2001:db8::/32 path 64500 next-hop 2001:db8::1",
        "- 2001:db8::/32",
        "end 4",
        "end 6",
        "+ 203.0.113.0/24 path 64500 next-hop 192.0.2.1 path-id 7",
        "- 203.0.113.0/24 7",
    ]


@pytest.mark.parametrize("version", ["4", "5"])
def test_cut_everywhere(version: str) -> None:
    """How the octets arrive makes no difference."""
    octets = _octets(f"session-{version}.jsonl")
    whole = list(ExabgpStream().feed(octets, 7))
    stream = ExabgpStream()
    assert [e for at in range(len(octets)) for e in stream.feed(octets[at : at + 1], 7)] == whole


def _line(mend: Mend | None = None) -> bytes:
    """Return the first UPDATE of version 5, mended."""
    message = json.loads(_octets("updates-5.jsonl").splitlines()[0])
    if mend is not None:
        mend(message)
    return json.dumps(message).encode() + b"\n"


def _update(message: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = message["neighbor"]["message"]["update"]
    return found


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"", "JSON: expected an object on one line"),
        (_line()[:200], "JSON: expected an object on one line"),
        (b"[]", "JSON: expected an object"),
        (b"\xff\xfe", "JSON: expected an object on one line"),
        (b"[" * 100_000, "JSON: expected an object on one line"),
        (b'{"exabgp": NaN}', "JSON: expected numbers of JSON"),
        (b"9" * 5000, "JSON: expected an object on one line"),
        # Exa-Networks/exabgp#473: version 3 repeats a prefix as a key.
        (b'{"a": 1, "a": 2}', "JSON: expected each key once"),
        (b'{"timestamp": 1, "data": {}}', "exabgp: expected a string"),
        (_line(lambda m: m.update(exabgp="3.4.8")), "exabgp: expected version 4 or 5"),
        (_line(lambda m: m.update(exabgp=5)), "exabgp: expected a string"),
        (_line(lambda m: m.update(time="now")), "time: expected seconds since 1970"),
        (_line(lambda m: m.update(time=1e300)), "time: expected seconds since 1970"),
        (_line(lambda m: m.update(time=10**400)), "time: expected seconds since 1970"),
        (_line(lambda m: m.update(type="table")), "type: expected a type of ExaBGP"),
        (_line(lambda m: m["neighbor"].update(direction="up")), "direction: expected receive"),
        (_line(lambda m: m["neighbor"].update(direction=[])), "direction: expected a string"),
        (_line(lambda m: _update(m).pop("attribute")), "attribute: expected an object"),
        (_line(lambda m: m.update(neighbor=[])), "neighbor: expected an object"),
        (_line(lambda m: m["neighbor"].pop("asn")), "asn: expected an object"),
        (_line(lambda m: m["neighbor"]["address"].update(peer=3221225985)), "peer: expected an IP"),
        (_line(lambda m: m["neighbor"].update(message={})), "update: expected an object"),
        (_line(lambda m: _update(m).update(other=1)), "update: expected attribute"),
        (_line(lambda m: _update(m).update(announce=[])), "announce: expected an object"),
        (_line(lambda m: _update(m).update(withdraw={"ipv4 unicast": {}})), "ipv4 unicast"),
        (_line(lambda m: _update(m).update(withdraw={"ipv4 unicast": [7]})), "nlri: expected"),
        (_line(lambda m: _update(m)["attribute"].update(community=[[8075]])), "2 numbers"),
        (_line(lambda m: _update(m)["attribute"].update(community=[[1 << 16, 0]])), "community"),
        (_line(lambda m: _update(m)["attribute"].update(community=["8075:8007"])), "a list"),
        (_line(lambda m: _update(m)["attribute"].update({"as-path": "64500"})), "a list"),
        (_line(lambda m: _update(m)["attribute"].update({"as-path": [-1]})), "a number"),
        (_line(lambda m: _update(m)["attribute"].update({"as-path": {"1": {}}})), "0: expected"),
        (_line(lambda m: _update(m)["attribute"].update({"as-path": {"0": {"element": "x"}}})), ""),
    ],
)  # fmt: skip
def test_damage(line: bytes, reason: str) -> None:
    """A line that cannot be read is named and counted, and gives no event but a gap."""
    stream = ExabgpStream()
    before = _read(_line(), stream)
    found = list(stream.feed((line or b"{") + b"\n", 9))
    assert [type(each) for each in found] == [Gap]
    assert isinstance(found[0], Gap)
    assert found[0].reason.startswith("line 2: ")
    assert reason in found[0].reason
    assert (stream.damages.count, stream.damages.first) == (1, (found[0].reason,))
    assert [type(each) for each in stream.feed(_line(), 10)] == [type(each) for each in before]


def test_damage_of_one_peer() -> None:
    """If the peer of a damaged line can be read, the gap is of its tables alone."""
    (gap,) = _read(_line(lambda m: _update(m).update(announce=[])))
    assert (gap.router, gap.table) == ("collector1", PEER)


def test_much_damage() -> None:
    """Lines of garbage in a row are one gap, and all of them are counted."""
    stream = ExabgpStream()
    assert len(_read(b"garbage\n" * 1000, stream)) == 1
    assert (stream.damages.count, len(stream.damages.first)) == (1000, 100)


def test_half_a_line() -> None:
    """A stream that ends inside a line has a gap."""
    *_, gap = _read(_line() + _line()[:-20])
    assert isinstance(gap, Gap)
    assert gap.reason == "line 2: the stream ends before the line does"


def test_a_line_without_end() -> None:
    """No more than a line of the maximum length is kept; the next line is read again."""
    stream = ExabgpStream()
    chunk = b"x" * (1 << 16)
    for _ in range(3 * MAX_LINE // len(chunk)):
        assert not list(stream.feed(chunk, 7))
        assert len(stream._lines.pending) <= MAX_LINE
    found = list(stream.feed(b"\n" + _line(), 7))
    assert [type(each) for each in found] == [Gap, Announce, Announce]
    assert stream.damages.first == ("line 1: too long",)


def test_started_again() -> None:
    """An ExaBGP with another process number was started again: what it held is gone."""
    lost, back, *_ = _read(_line() + _line(lambda m: m.update(pid=4712)))[2:]
    assert isinstance(lost, FeedLost)
    assert isinstance(back, FeedBack)
    assert (lost.router, lost.table, lost.reason) == (
        "collector1",
        None,
        "ExaBGP was started again",
    )
    assert (back.router, back.table) == ("collector1", None)


def test_two_instances() -> None:
    """Two that write to one pipe have different process numbers: neither was started again."""
    other = _line(lambda m: m.update(pid=4712, host="collector2"))
    found = {type(each) for each in _read(_line() + other + _line() + other)}
    assert found == {Announce}


@pytest.mark.parametrize("answer", [b"done", b"error", b'{ "answer": "done", "message": "x" }'])
def test_answers(answer: bytes) -> None:
    """Answers to commands of the process that reads have no routes in them."""
    assert not _read(answer + b"\n")


def test_sent() -> None:
    """What ExaBGP sends is in the view `sent`, apart from what it receives."""
    found = _read(_line(lambda m: m["neighbor"].update(direction="send")))
    assert {each.table for each in found} == {TableRef("192.0.2.1", 64500, View.SENT)}


def test_compact() -> None:
    """With `compact`, ExaBGP writes an NLRI as a string."""
    announced = {"ipv4 unicast": {"null": ["203.0.113.0/24"]}}
    (found,) = _read(_line(lambda m: _update(m).update(announce=announced)))
    assert isinstance(found, Announce)
    assert (str(found.route.prefix), found.route.next_hop) == ("203.0.113.0/24", None)


def test_other_families() -> None:
    """Other families than IPv4 and IPv6 unicast are left out."""
    announced = {"ipv4 flow": {"no-nexthop": [{"destination-ipv4": ["203.0.113.0/24"]}]}}
    assert not _read(_line(lambda m: _update(m).update(announce=announced)))


@given(st.data())
def test_any_octets(data: st.DataObject) -> None:
    """Whatever octets replace others: no error, and lines are read or counted."""
    octets = bytearray(_octets(data.draw(st.sampled_from(["updates-4.jsonl", "session-5.jsonl"]))))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(octets) - 1))
        octets[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    stream = ExabgpStream()
    gaps = sum(isinstance(each, Gap) for each in _read(bytes(octets), stream))
    assert (stream.damages.count > 0) <= (gaps > 0)


@pytest.mark.parametrize("is_pipe", [True, False])
def test_feed(tmp_path: Path, *, is_pipe: bool) -> None:
    """A pipe, as standard input is, and a file are read to their end, which is an event."""
    octets = _octets("session-5.jsonl")

    async def main() -> list[Event]:
        if is_pipe:
            descriptor, end = os.pipe()
            os.write(end, octets)
            os.close(end)
        else:
            (tmp_path / "out.jsonl").write_bytes(octets)
            descriptor = os.open(tmp_path / "out.jsonl", os.O_RDONLY)
        feed = ExabgpFeed(descriptor, now=lambda: 7)
        assert isinstance(feed, Feed)
        found = [each async for each in feed]
        os.close(descriptor)
        return found

    *found, last = asyncio.run(asyncio.wait_for(main(), 20))
    assert found == _read(octets)
    assert last == FeedLost(feed="exabgp", time=7, reason="the stream ended")
