"""Messages in a stream as it arrives: none is lost, none is made up."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import DamageError
from peerlint.wire.bmp import Framing, MessageType, encode_message
from peerlint.wire.damage import KEPT_DAMAGE, Damage

MESSAGES = [encode_message(MessageType.INITIATION, bytes(size)) for size in (0, 1, 40, 300)]
STREAM = b"".join(MESSAGES)
STARTS = [sum(map(len, MESSAGES[:count])) for count in range(len(MESSAGES) + 1)]


def frames(framing: Framing, pieces: Iterable[bytes]) -> list[tuple[int, bytes]]:
    """Feed pieces; return the offset and the octets of each message."""
    found = []
    for piece in pieces:
        framing.feed(piece)
        while (header := framing.next_header()) is not None:
            message = framing.buffer[framing.at : framing.at + header.length]
            found.append((framing.octets, message))
            framing.pass_message(header)
    return found


WHOLE = list(zip(STARTS, MESSAGES, strict=False))


@given(st.lists(st.integers(0, len(STREAM)), max_size=30))
def test_pieces_do_not_matter(cuts: list[int]) -> None:
    """Pieces of any size, also empty ones, give the same messages."""
    places = [0, *sorted(cuts), len(STREAM)]
    framing = Framing(source="test")

    assert WHOLE == frames(framing, (STREAM[at:end] for at, end in pairwise(places)))
    assert (len(STREAM), 0, 0) == (framing.octets, framing.pending, framing.damages)


def test_one_octet_at_a_time() -> None:
    """A message is there when its last octet is, not later."""
    framing = Framing(source="test")
    complete = []
    for at in range(len(STREAM)):
        complete += [at + 1] * len(frames(framing, [STREAM[at : at + 1]]))

    assert STARTS[1:] == complete


@pytest.mark.parametrize("size", [1, 7, 1000, 1 << 16])
def test_octets_are_copied_three_times_at_most(size: int) -> None:
    """The work for a message that arrives in small pieces is linear in its length."""
    stream = b"".join(
        encode_message(MessageType.INITIATION, bytes(size)) for size in (100_000, 5, 300_000, 9)
    )
    framing = Framing(source="test")

    frames(framing, (stream[at : at + size] for at in range(0, len(stream), size)))

    assert len(stream) == framing.octets
    assert framing.copied <= 3 * len(stream)


def test_a_piece_with_whole_messages_is_not_copied() -> None:
    """A piece that starts and ends with messages is the buffer itself."""
    framing = Framing(source="test")
    framing.feed(STREAM)

    assert framing.buffer is STREAM
    assert framing.copied == 0


@pytest.mark.parametrize("end", range(len(STREAM) + 1))
def test_every_cut(end: int) -> None:
    """A stream that ends anywhere gives the messages before; the rest is one damage."""
    framing = Framing(source="test")
    last = max(start for start in STARTS if start <= end)

    assert [each for each in WHOLE if each[0] < last] == frames(framing, [STREAM[:end]])
    framing.end()

    assert (end, end - last) == (framing.octets, framing.lost)
    assert [last] * (end != last) == [each.offset for each in framing.damage]
    assert not framing.is_lost


def test_the_end_says_what_is_missing() -> None:
    """The damage of an incomplete message has its length, if that has arrived."""
    short, longer = Framing(source="test"), Framing(source="test")
    for framing, octets in ((short, STREAM[:5]), (longer, MESSAGES[2][:20])):
        framing.feed(octets)
        framing.end()

    assert [
        Damage(0, 5, "6 octets of BMP message", "5 octets and the end of the stream")
    ] == short.damage
    assert [
        Damage(0, 20, "46 octets of BMP message", "20 octets and the end of the stream")
    ] == longer.damage


JUNK = [
    b"\0" * 6,
    b"\xff" * 40,
    b"GET / HTTP/1.1\r\n\r\n",
    b"\3\0\0\0\5\0",
    b"\3\xff\xff\xff\xff\0",
]


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("count", range(len(MESSAGES)))
@pytest.mark.parametrize("size", [1, 7, 1000])
def test_lost_framing_is_not_found_again(junk: bytes, count: int, size: int) -> None:
    """From a header that cannot be one on, everything is lost, also what arrives later."""
    start = STARTS[count]
    octets = STREAM[:start] + junk + STREAM[start:]
    framing = Framing(source="test")

    found = frames(framing, (octets[at : at + size] for at in range(0, len(octets), size)))
    framing.end()

    assert WHOLE[:count] == found
    assert framing.is_lost
    assert (len(octets), len(octets) - start, 1) == (
        framing.octets, framing.lost, framing.damages,
    )  # fmt: skip
    assert [(start, len(octets) - start)] == [(each.offset, each.octets) for each in framing.damage]


@given(st.binary(max_size=60), st.integers(1, 60))
def test_any_octets_are_all_counted(octets: bytes, size: int) -> None:
    """Every octet of any stream is in a message or lost, with pieces of any size."""
    framing = Framing(source="test")

    found = frames(framing, (octets[at : at + size] for at in range(0, len(octets), size)))
    framing.end()

    assert len(octets) == framing.octets == framing.lost + sum(len(each) for _, each in found)
    assert framing.pending == 0


def test_a_longer_message_than_allowed_ends_the_stream() -> None:
    """The owner of the stream sets the bound; a length beyond it is not waited for."""
    framing = Framing(source="test", max_message=45)

    assert WHOLE[:2] == frames(framing, [STREAM[: STARTS[2] + 6]])
    assert framing.is_lost
    assert framing.damage[0].expected == "a BMP message of 6 to 45 octets"


def test_half_a_message_is_pending() -> None:
    """What is incomplete is counted, so that its owner can give up waiting."""
    framing = Framing(source="test")
    frames(framing, [MESSAGES[3][:100]])

    assert (0, 100) == (framing.octets, framing.pending)


def test_a_lost_framing_can_be_raised() -> None:
    """With on_damage="raise", damage is an error with its offset and the source."""
    framing = Framing(source="edge1", on_damage="raise")
    frames(framing, [STREAM])

    with pytest.raises(DamageError) as caught:
        frames(framing, [b"junk octets"])

    assert ("edge1", len(STREAM)) == (caught.value.source, caught.value.offset)


def test_an_incomplete_message_can_be_raised() -> None:
    """With on_damage="raise", so is a message that the end of the stream cuts."""
    framing = Framing(source="edge1", on_damage="raise")
    frames(framing, [STREAM, MESSAGES[3][:100]])

    with pytest.raises(DamageError) as caught:
        framing.end()

    assert ("edge1", len(STREAM)) == (caught.value.source, caught.value.offset)


def test_further_damage_is_only_counted() -> None:
    """The memory for damage is bounded; a reader can count damage without offsets."""
    framing = Framing(source="test")
    for at in range(KEPT_DAMAGE + 1):
        framing.note(at, 2, "a", "b")
    framing.note_more(3, 4)
    framing.feed(b"junk octets")
    framing.next_header()
    framing.feed(b"more")

    assert (KEPT_DAMAGE + 5, KEPT_DAMAGE) == (framing.damages, len(framing.damage))
    assert 2 * (KEPT_DAMAGE + 1) + 4 + 11 + 4 == framing.lost
