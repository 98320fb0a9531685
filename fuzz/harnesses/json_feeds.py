"""The feeds of JSON: lines of ExaBGP, messages of RIS Live, elements of pybgpstream.

Whatever arrives gives events or is counted as damage, which a `Gap` says: a prefix that is not
announced, not withdrawn and not in a gap would be lost without a word. The prefixes are counted in
the JSON itself, apart from the feeds.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from types import SimpleNamespace
from typing import Any, Final

from fuzz.harnesses._laws import agree
from peerlint.errors import InputError
from peerlint.events import Announce, Event, Gap, Withdraw
from peerlint.feeds.bgpstream import BgpStreamFeed
from peerlint.feeds.exabgp import ExabgpStream
from peerlint.feeds.ris_messages import RisMessage, RisStream

_NOW: Final = 1_796_000_000_000_000
_ANSWERS: Final = (b"done", b"error", b"shutdown")
_UNICAST: Final = ("ipv4 unicast", "ipv6 unicast")
#: How many events an element of each type has at most, and at least if it is not damage.
_EVENTS_OF_ELEMENTS: Final = {"R": (2, 1), "A": (1, 1), "W": (1, 1), "S": (1, 0)}


def check_exabgp(octets: bytes) -> None:
    """Read the lines after the first octet, which is the size of their pieces; 0 means one piece.

    Raises:
        AssertionError: a prefix is lost, damage is not said, or the size of pieces changes
            something.
    """
    size, lines = int.from_bytes(octets[:1]), octets[1:]
    stream = ExabgpStream()
    found: list[Event] = []
    was_read = True
    for line in _lines(lines):
        before = stream.damages.count
        events = [*stream.feed(line, _NOW)]
        if not line.endswith(b"\n"):
            events += stream.end(_NOW)
        damages = stream.damages.count - before
        agree("damages of a line", expected=True, actual=damages in (0, 1))
        if line.strip() and (damages or not _is_answer(line)):
            _check(events, was_read=was_read, is_damaged=damages > 0)
            was_read = not damages
        if line.strip() and not damages:
            agree("prefixes of a line", _prefixes_of_exabgp(line), _prefixes(events))
        found += events
    again = ExabgpStream()
    step = size or max(1, len(lines))
    pieces = (lines[at : at + step] for at in range(0, len(lines), step))
    agree(
        "events of pieces",
        found,
        [*(each for piece in pieces for each in again.feed(piece, _NOW)), *again.end(_NOW)],
    )
    agree("damages of pieces", stream.damages, again.damages)


def _lines(lines: bytes) -> list[bytes]:
    """Return lines with their ends: line feeds alone, and not what else Python takes for one."""
    *ended, last = lines.split(b"\n")
    return [*(each + b"\n" for each in ended), *([last] if last else [])]


def check_ris(octets: bytes) -> None:
    """Read messages, one on a line, as a websocket brings them.

    Raises:
        AssertionError: a prefix is lost, damage is not said, or the quick way of UPDATEs in the
            published form reads something else.
    """
    stream = RisStream()
    was_read = True
    for text in octets.split(b"\n"):
        before, outdated = stream.damages.count, stream.outdated
        prefixes: int | None = 0
        try:
            message = RisMessage.parse(text)
        except InputError as error:
            events = list(stream.damage(str(error), _NOW))
        else:
            if message.type != "ris_message":
                continue
            events = list(stream.message(message.data, _NOW))
            prefixes = None if stream.damages.count > before else _prefixes_of_ris(message.data)
        damages = stream.damages.count - before
        agree("damages of a message", expected=True, actual=damages in (0, 1))
        _check(events, was_read=was_read, is_damaged=damages > 0)
        was_read = not damages
        _agree_quickly(text)
        if prefixes:
            skipped = stream.outdated - outdated
            agree("prefixes of a message", prefixes, _prefixes(events) + skipped)


def _agree_quickly(text: bytes) -> None:
    """Check that an UPDATE in the published form is the same events, decoded by its parts."""
    try:
        as_text = text.decode()
    except UnicodeDecodeError:
        return
    quick = RisStream().update(as_text, _NOW)
    if quick is not None:
        message = RisMessage.parse(text)
        agree("type of an UPDATE", "ris_message", message.type)
        agree("events of an UPDATE", list(RisStream().message(message.data, _NOW)), list(quick))


def check_elements(octets: bytes) -> None:
    """Read elements of pybgpstream, each written as an object on a line.

    Raises:
        AssertionError: an element is neither events nor a gap.
    """
    for text in octets.split(b"\n"):
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            continue
        element = _object(value)
        feed = BgpStreamFeed([element])
        events = list(feed)
        _check(events, was_read=True, is_damaged=feed.damages.count > 0)
        if not feed.damages.count and hasattr(element, "fields"):
            most, least = _EVENTS_OF_ELEMENTS[element.type]
            agree("events of an element", expected=True, actual=least <= len(events) <= most)


def _object(value: object) -> Any:  # noqa: ANN401  # what pybgpstream gives has no type
    """Return what an element is: an object with attributes, and communities as a set."""
    if not isinstance(value, dict):
        return value
    attributes: dict[str, Any] = dict(value)
    if isinstance(attributes.get("record"), dict):
        attributes["record"] = _object(attributes["record"])
    fields = attributes.get("fields")
    if isinstance(fields, dict) and isinstance(fields.get("communities"), list):
        with suppress(TypeError):  # lists in the list
            attributes["fields"] = {**fields, "communities": set(fields["communities"])}
    return SimpleNamespace(**attributes)


def _check(events: Iterable[Event], *, was_read: bool, is_damaged: bool) -> None:
    """Check the events of one line: a gap for damage, and values that can be shown and kept."""
    gaps = [each for each in events if isinstance(each, Gap)]
    if is_damaged:
        agree("no routes of damage", 0, _prefixes(events))
        agree(
            "a gap for damage after what was read", expected=True, actual=bool(gaps or not was_read)
        )
    for each in events:
        hash(each)
        if isinstance(each, Announce):
            str(each.route)


def _prefixes(events: Iterable[Event]) -> int:
    return sum(isinstance(each, Announce | Withdraw) for each in events)


def _is_answer(text: bytes) -> bool:
    """Return whether a line that was read is an answer to a command, which says nothing."""
    return text.strip() in _ANSWERS or "exabgp" not in json.loads(text)


def _prefixes_of_exabgp(text: bytes) -> int:
    """Count the prefixes of a line of ExaBGP that was read; answers to commands have none."""
    if _is_answer(text):
        return 0
    line = json.loads(text)
    if line["type"] != "update" or "update" not in line["neighbor"]["message"]:
        return 0
    if "eor" in line["neighbor"]["message"]:
        return 0
    update = line["neighbor"]["message"]["update"]
    return sum(map(len, _unicast(update.get("withdraw", {})))) + sum(
        len(nlris) for hops in _unicast(update.get("announce", {})) for nlris in hops.values()
    )


def _unicast(families: dict[str, Any]) -> Iterator[Any]:
    return (value for family, value in families.items() if family in _UNICAST)


def _prefixes_of_ris(data: Any) -> int:  # noqa: ANN401  # JSON
    """Count the prefixes of a message of RIS Live that was read."""
    if data["type"] != "UPDATE":
        return 0
    announced = sum(len(each.get("prefixes", [])) for each in data.get("announcements", []))
    return announced + len(data.get("withdrawals", []))
