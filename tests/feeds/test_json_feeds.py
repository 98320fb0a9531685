"""What no JSON feed may do, whatever arrives: fail, or lose a message without a word.

Messages are read, or counted as damage behind a gap. The same laws are those of the harnesses in
`fuzz/harnesses/json_feeds.py`, which the fuzzer runs for longer.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError
from peerlint.events import Announce, Event, Gap, SessionDown, SessionUp, TableRef, Withdraw
from peerlint.feeds.exabgp import ExabgpStream
from peerlint.feeds.json_values import Lines, parse_object
from peerlint.feeds.ris_messages import RisMessage, RisStream
from peerlint.model import View

ROOT: Final = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # fuzz/ is run from the tree; it is not installed

from fuzz.harnesses import HARNESSES  # noqa: E402
from fuzz.json_corpus import element_seeds, exabgp_seeds, ris_seeds  # noqa: E402

SEEDS: Final = {
    name: sorted(make().values())
    for name, make in (
        ("exabgp", exabgp_seeds), ("ris", ris_seeds), ("elements", element_seeds)
    )
}  # fmt: skip
#: Values of JSON, and those that Python adds to it.
VALUES: Final = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([-1, 1 << 16, 1 << 32, 1 << 64, 10**400])
    | st.floats()
    | st.text(st.characters())  # lone surrogates too
    | st.sampled_from(["\ud800", "203.0.113.0/24", "203.0.113.1/24", "fe80::1%eth0", "::/0"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)


def _places(value: object) -> list[tuple[Any, Any]]:
    """Return the objects and lists in a value, with each key or index."""
    if isinstance(value, dict):
        items: list[tuple[Any, Any]] = list(value.items())
    elif isinstance(value, list):
        items = list(enumerate(value))
    else:
        return []
    return [(value, key) for key, _ in items] + [p for _, each in items for p in _places(each)]


@pytest.mark.parametrize("harness", SEEDS)
@given(st.data())
def test_any_value_anywhere(harness: str, data: st.DataObject) -> None:
    """A value of another type, size or form, in any place of a message, is read or a gap."""
    seed = data.draw(st.sampled_from(SEEDS[harness]))
    head, lines = (seed[:1], seed[1:]) if harness == "exabgp" else (b"", seed)
    first, *others = lines.split(b"\n")
    try:
        message = json.loads(first)
    except ValueError:
        message = {}
    places = _places(message)
    if places:
        holder, key = data.draw(st.sampled_from(places))
        if data.draw(st.booleans()):
            holder[key] = data.draw(VALUES)
        else:
            del holder[key]
    HARNESSES[harness](head + b"\n".join([json.dumps(message).encode(), *others]))


@pytest.mark.parametrize("harness", SEEDS)
@given(st.data())
def test_any_octets(harness: str, data: st.DataObject) -> None:
    """Octets that are replaced, left out or added anywhere are read or a gap."""
    octets = bytearray(data.draw(st.sampled_from(SEEDS[harness])))
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(octets) - 1))
        octets[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    HARNESSES[harness](bytes(octets))


@pytest.mark.parametrize("harness", SEEDS)
def test_cut_at_every_octet(harness: str) -> None:
    """Half a message, cut anywhere, is a gap; what is before it is read."""
    for seed in SEEDS[harness]:
        for end in range(len(seed)):
            HARNESSES[harness](seed[:end])


def test_a_cut_stream_of_exabgp_gives_the_beginning_of_its_events() -> None:
    """Whatever octet a stream ends at: the events of its whole lines, and a gap for half a one."""
    lines = next(each for name, each in exabgp_seeds().items() if name == "session-5")[1:]
    whole = list(ExabgpStream().feed(lines, 7))
    for end in range(len(lines)):
        stream = ExabgpStream()
        found = [*stream.feed(lines[:end], 7), *stream.end(7)]
        is_half = end > 0 and lines[end - 1 : end] != b"\n"
        if is_half:
            assert isinstance(found.pop(), Gap)
        assert found == whole[: len(found)]
        assert len(found) == len(
            list(ExabgpStream().feed(lines[: lines.rfind(b"\n", 0, end) + 1], 7))
        )


@pytest.mark.parametrize(
    "text",
    [
        '{"a": NaN}',
        '{"a": Infinity}',
        '{"a": -Infinity}',
        '{"a": 1, "a": 1}',
        '{"a": {"b": 1, "b": 2}}',
        '{"a": ' + "9" * 5000 + "}",
        "[" * 5000 + "]" * 5000,
        '{"a":' * 5000 + "1" + "}" * 5000,
        '{"a": 1}{',
        '{"a": 1',
        "{'a': 1}",
        '{"a": 01}',
        '{"a": "\t"}',
        "",
        "null",
        "[]",
        '"a"',
    ],
)
def test_not_an_object(text: str) -> None:
    """What is no object of JSON (RFC 8259), or has a key twice, is refused."""
    for each in (text, text.encode()):
        with pytest.raises(InputError, match="JSON"):
            parse_object(each)


@given(st.lists(st.binary(max_size=12)), st.integers(1, 9), st.integers(1, 20))
def test_lines_of_any_pieces(lines: list[bytes], longest: int, size: int) -> None:
    """Each line comes once, or as one that is too long, however its octets arrive."""
    stream = b"".join(each.replace(b"\n", b"") + b"\n" for each in lines)
    reader = Lines(longest)
    found = [
        each for at in range(0, len(stream), size) for each in reader.feed(stream[at : at + size])
    ]
    expected = [
        None if len(each) > longest else each
        for each in stream.split(b"\n")
        if len(each) > longest or each.strip()
    ]
    assert found == expected
    assert len(reader.pending) <= longest


def _ris(kind: str, number: int, time: float, **content: object) -> str:
    data = {"timestamp": time, "peer": f"192.0.2.{number}", "peer_asn": "64500", "host": "rrc24"}
    return json.dumps({"type": "ris_message", "data": {**data, "type": kind, **content}})


def _held(events: list[Event]) -> set[tuple[object, ...]]:
    """Return the routes that are left at the end."""
    held: set[tuple[object, ...]] = set()
    for each in events:
        assert each.table is not None
        peer = each.table.peer
        if isinstance(each, Gap):
            continue
        if isinstance(each, Announce):
            held.add((peer, each.route.prefix))
        elif isinstance(each, Withdraw):
            held.discard((peer, each.prefix))
        else:
            assert isinstance(each, SessionUp | SessionDown)
            held = {route for route in held if route[0] != peer}
    return held


@st.composite
def _messages(draw: Callable[..., Any]) -> list[str]:
    """Draw messages of two peers, each a second after the one before it."""
    found = []
    for time in range(draw(st.integers(1, 12))):
        peer, prefixes = draw(st.integers(1, 2)), [f"203.0.{draw(st.integers(113, 114))}.0/24"]
        match draw(st.sampled_from(["announce", "withdraw", "connected", "down"])):
            case "announce":
                announcements = [{"next_hop": "192.0.2.9", "prefixes": prefixes}]
                found.append(_ris("UPDATE", peer, time, path=[64500], announcements=announcements))
            case "withdraw":
                found.append(_ris("UPDATE", peer, time, withdrawals=prefixes))
            case state:
                found.append(_ris("RIS_PEER_STATE", peer, time, state=state))
    return found


def _read(messages: list[str]) -> list[Event]:
    stream = RisStream()
    return [event for each in messages for event in stream.message(RisMessage.parse(each).data, 7)]


@given(_messages(), st.data())
def test_a_server_that_repeats_and_reorders(messages: list[str], data: st.DataObject) -> None:
    """Messages that come again, or in another order, leave the routes of the right order.

    The times in them decide. A route that is older than the state of its session is left out; a
    state that comes after later routes of its session is a gap of this peer.
    """
    mixed = data.draw(st.permutations([*messages, *data.draw(st.lists(st.sampled_from(messages)))]))
    found = _read(mixed)
    doubtful = {each.table.peer for each in found if isinstance(each, Gap) and each.table}

    def certain(events: list[Event]) -> set[tuple[object, ...]]:
        return {route for route in _held(events) if route[0] not in doubtful}

    assert certain(found) == certain(_read(messages))


def test_a_state_that_comes_late() -> None:
    """A state that is older than routes of its session does not end them, but the older ones."""
    announcements = [{"next_hop": "192.0.2.9", "prefixes": ["203.0.113.0/24"]}]
    route = _ris("UPDATE", 1, 7, path=[64500], announcements=announcements)
    late = _ris("RIS_PEER_STATE", 1, 5, state="down")
    announce, gap = _read([route, late, late])
    assert isinstance(announce, Announce)
    assert isinstance(gap, Gap)
    assert gap.table == TableRef("192.0.2.1", 64500, View.COLLECTOR)
