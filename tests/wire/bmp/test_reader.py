"""The reader of BMP streams: it reads every readable message and counts every octet."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice, pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import DamageError
from peerlint.model import View
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.testing.bmp_messages import bodies
from peerlint.wire.attributes import Attributes, Form, RawAttribute
from peerlint.wire.bgp import Keepalive, Notification, Update, encode
from peerlint.wire.bmp import (
    Body,
    Initiation,
    MessageType,
    PeerDown,
    PeerUp,
    Reader,
    Record,
    RouteMirroring,
    RouteMonitoring,
    Statistic,
    StatisticsReport,
    Termination,
    Tlv,
    encode_body,
    encode_message,
)
from peerlint.wire.damage import Quality

SENT = BmpPeer("192.0.2.1", 8075, "192.0.2.0", 64500, view="sent")
BEFORE = attrs.evolve(SENT, view=View.ADVERTISED)
IN = BmpPeer("192.0.2.3", 64501, "192.0.2.2", 64500)
AFTER = attrs.evolve(IN, post_policy=True)
IN6 = BmpPeer("2001:db8::3", 64501, "2001:db8::2", 64500, as4=False)
LOC_RIB = BmpPeer("192.0.2.9", 64500, "192.0.2.9", 64500, view="loc-rib")
MAPS = "203.0.113.0/24 path 64500 community 8075:8007"
FORM = Form()


def story() -> BmpStream:
    """Return a stream with messages of every type and view."""
    stream = BmpStream("edge1").up(SENT).up(IN).up(IN6).up(LOC_RIB, table_name="global")
    stream.announce(SENT, MAPS).announce(BEFORE, MAPS).end_of_rib(SENT)
    stream.announce(AFTER, "198.51.100.0/24 path 64501").withdraw(IN, "198.51.100.0/24")
    stream.announce(IN6, "2001:db8:113::/48 path 64501").withdraw(IN6, "2001:db8:113::/48")
    stream.at(None).announce(LOC_RIB, "203.0.113.0/24 path 64501").end_of_rib(LOC_RIB, 6)
    stream.statistics(SENT, Statistic(15, 1), Statistic(17, 1, 1, 1))
    stream.body(RouteMirroring(IN.header(), (Tlv(0, encode(Keepalive(), FORM)),)))
    return stream.down(IN, Notification(6, 2)).down(SENT).terminate(2)


def read(chunks: bytes | Iterable[bytes]) -> tuple[list[Record], Quality]:
    """Return the messages and the quality of a stream, after checking that octets add up."""
    reader = Reader(source="test")
    records = list(reader.read([chunks] if isinstance(chunks, bytes) else chunks))
    quality = reader.quality
    assert quality.octets == quality.read + quality.skipped + quality.lost
    assert min(quality.read, quality.skipped, quality.lost) >= 0
    assert reader.pending == 0
    return records, quality


GOOD = story().octets()
STARTS = [sum(map(len, story().messages[:count])) for count in range(len(story().messages) + 1)]
WHOLE, WHOLE_QUALITY = read(GOOD)


def test_a_whole_stream() -> None:
    """Every message of a valid stream is read, and nothing is lost."""
    expected = Quality(octets=len(GOOD), records=19, entries=7, read=len(GOOD))

    assert expected == WHOLE_QUALITY
    assert WHOLE_QUALITY.is_complete
    assert STARTS[:-1] == [record.offset for record in WHOLE]
    kinds = (Initiation, PeerUp, RouteMonitoring, StatisticsReport, PeerDown, RouteMirroring,
             Termination)  # fmt: skip
    assert set(kinds) == {type(record.body) for record in WHOLE}


def test_routes_with_their_table() -> None:
    """A Route Monitoring message says which table of which peer an UPDATE is of."""
    found = [
        (
            record.body.peer.view,
            record.body.peer.is_post_policy,
            [str(nlri.prefix) for nlri, _ in record.update.announced],
            [str(nlri.prefix) for nlri, _ in record.update.all_withdrawn],
        )
        for record in WHOLE
        if isinstance(record.body, RouteMonitoring) and record.update is not None
    ]

    assert [
        (View.SENT, True, ["203.0.113.0/24"], []),
        (View.ADVERTISED, False, ["203.0.113.0/24"], []),
        (View.SENT, True, [], []),
        (View.ADJ_RIB_IN, True, ["198.51.100.0/24"], []),
        (View.ADJ_RIB_IN, False, [], ["198.51.100.0/24"]),
        (View.ADJ_RIB_IN, False, ["2001:db8:113::/48"], []),
        (View.ADJ_RIB_IN, False, [], ["2001:db8:113::/48"]),
        (View.LOC_RIB, False, ["203.0.113.0/24"], []),
        (View.LOC_RIB, False, [], []),
    ] == found


def test_every_cut() -> None:
    """A stream cut at any octet gives the messages before the cut; the rest is lost."""
    for end in range(len(GOOD) + 1):
        records, quality = read(GOOD[:end])

        last = max(start for start in STARTS if start <= end)
        assert [record for record in WHOLE if record.offset < last] == records
        assert (end, last, 0, end - last) == (
            quality.octets, quality.read, quality.skipped, quality.lost,
        )  # fmt: skip


@given(st.lists(st.integers(0, len(GOOD)), max_size=20))
def test_pieces_do_not_matter(cuts: list[int]) -> None:
    """Pieces of any size give the same messages and quality."""
    places = [0, *sorted(cuts), len(GOOD)]

    assert (WHOLE, WHOLE_QUALITY) == read(GOOD[at:end] for at, end in pairwise(places))


@given(st.lists(bodies(), max_size=5))
def test_any_messages(found: list[Body]) -> None:
    """Messages of any kind are read one after the other; there is no damage but in UPDATEs."""
    octets = [encode_message(*encode_body(body)) for body in found]

    records, quality = read(b"".join(octets))

    others = [body for body in found if not isinstance(body, RouteMonitoring)]
    assert others == [
        record.body for record in records if not isinstance(record.body, RouteMonitoring)
    ]
    assert len(found) == quality.records


@given(st.binary(max_size=40), st.sampled_from(STARTS), st.integers(1, 50))
def test_any_octets_are_counted(junk: bytes, at: int, size: int) -> None:
    """Whatever is in a stream, every octet is read, skipped or lost, in pieces of any size."""
    octets = GOOD[:at] + junk + GOOD[at:]

    whole = read(octets)

    assert whole == read(octets[start : start + size] for start in range(0, len(octets), size))
    assert [record for record in WHOLE if record.offset < at] == [
        record for record in whole[0] if record.offset < at
    ]


def test_a_stream_that_lost_its_framing_is_over() -> None:
    """After octets that are no message nothing is read, and the owner is told."""
    reader = Reader(source="test")
    before = list(reader.feed(GOOD + b"GET / HTTP/1.1\r\n"))
    after = list(reader.feed(GOOD))

    assert WHOLE == before
    assert [] == after
    assert reader.is_lost
    assert (len(GOOD), 16 + len(GOOD)) == (reader.quality.read, reader.quality.lost)
    assert ("BMP version 3", "71") == (
        reader.quality.damage[0].expected, reader.quality.damage[0].found,
    )  # fmt: skip


def after_good(octets: bytes) -> tuple[list[Record], Quality]:
    """Return the messages of octets between two whole streams, and the quality."""
    records, quality = read(GOOD + octets + GOOD)
    count = len(WHOLE)
    assert WHOLE == records[:count]
    shift = len(GOOD) + len(octets)
    moved = [attrs.evolve(record, offset=record.offset - shift) for record in records[-count:]]
    assert WHOLE == moved
    return records[count:-count], quality


def test_version_4_is_skipped() -> None:
    """Messages of version 4 are skipped by their length, counted by type, and may hide routes."""
    body = bytes(50)
    four = b"".join(
        b"\4" + encode_message(kind, body)[1:]
        for kind in (MessageType.ROUTE_MONITORING, MessageType.INITIATION, MessageType.INITIATION)
    )

    records, quality = after_good(four)

    assert [] == records
    assert (3 * 56, 0, 1) == (quality.skipped, quality.damages, quality.may_hide_routes)
    assert ((4, 0, 1), (4, 4, 2)) == quality.unsupported
    assert not quality.is_complete


def monitoring(peer: BmpPeer, octets: bytes) -> bytes:
    """Return a Route Monitoring message with any octets in place of the UPDATE."""
    return encode_message(*encode_body(RouteMonitoring(peer.header(), octets)))


def mp_reach(family: str) -> Update:
    """Return an UPDATE with an MP_REACH_NLRI of a family that is not read."""
    return Update((), Attributes(others=(RawAttribute(0x80, 14, bytes.fromhex(family)),)))


UPDATE = encode(Update(), FORM)
KEEPALIVE = encode(Keepalive(), FORM)
HEADER = 6
PEER_HEADER = 42
LOSSES = [
    ("an unknown type", encode_message(7, bytes(50)), 5, 51, "a BMP message type from 0 to 6", "7"),  # type: ignore[arg-type]
    (
        "an unknown peer type", encode_message(MessageType.ROUTE_MONITORING, b"\7" + bytes(60)),
        HEADER, 61, "a peer type from 0 to 3", "7",
    ),
    (
        "a short per-peer header", encode_message(MessageType.PEER_DOWN, bytes(41)),
        HEADER, 41, "42 octets", "41",
    ),
    (
        "no UPDATE at all", monitoring(IN, b""),
        HEADER + PEER_HEADER, 0, "a BGP marker of 16 octets 0xff", "",
    ),
    (
        "another message", monitoring(IN, KEEPALIVE),
        HEADER + PEER_HEADER + 18, 1, "an UPDATE", "type 4",
    ),
    (
        "no marker", monitoring(IN, bytes(23)),
        HEADER + PEER_HEADER, 23, "a BGP marker of 16 octets 0xff", "00" * 16,
    ),
    (
        "a broken TLV", encode_message(MessageType.INITIATION, b"\0\2\0\7edge"),
        HEADER, 8, "a TLV that ends inside the message", "8 octets to its end",
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("octets", "offset", "lost", "expected", "found"),
    [row[1:] for row in LOSSES],
    ids=[row[0] for row in LOSSES],
)
def test_a_broken_message_is_lost_alone(
    octets: bytes, offset: int, lost: int, expected: str, found: str
) -> None:
    """Damage has its offset; the message's length is valid, so the next one is read."""
    _, quality = after_good(octets)

    (damage,) = quality.damage
    assert (len(GOOD) + offset, lost, expected, found) == (
        damage.offset, damage.octets, damage.expected, damage.found,
    )  # fmt: skip
    assert not quality.is_complete


def test_an_update_with_a_broken_prefix_keeps_the_others() -> None:
    """As in MRT, prefixes before one that cannot be read are kept, and treated as withdrawn."""
    octets = bytearray(encode(Update((), Attributes(origin=0)), FORM)) + b"\x18\xcb\0\x71\x21\1\2"
    octets[16:18] = len(octets).to_bytes(2)

    (record,), quality = after_good(monitoring(IN, bytes(octets)))

    assert record.is_damaged
    assert record.update is not None
    assert ["203.0.113.0/24"] == [str(nlri.prefix) for nlri in record.update.nlri]
    assert "NLRI" in record.update.attributes.malformed
    assert (3, 1, 1) == (quality.lost, quality.damages, quality.malformed)


def test_several_updates_in_one_message() -> None:
    """RFC 7854 section 4.6 allows one UPDATE; others after it are read too, and junk is lost."""
    records, quality = after_good(monitoring(IN, UPDATE + UPDATE + b"junk"))

    assert [UPDATE, UPDATE] == [
        record.body.message for record in records if isinstance(record.body, RouteMonitoring)
    ]
    assert (4, 1) == (quality.lost, quality.damages)


def test_another_family_is_skipped() -> None:
    """UPDATEs of VPNs, EVPN and the like are unsupported, not damage, and hide no IPv4 route."""
    records, quality = after_good(monitoring(IN, encode(mp_reach("0019 46 00 00"), FORM)))

    assert [] == records
    assert quality.is_complete
    assert ((3, 0, 1),) == quality.unsupported


def test_too_many_peers() -> None:
    """The number of peers that are up is bounded; a Peer Up beyond it is damage."""
    peers = [attrs.evolve(IN, distinguisher=number) for number in range(3)]
    reader = Reader(source="test", max_peers=2)
    stream = BmpStream().up(peers[0]).up(peers[1]).up(peers[1]).up(peers[2])
    stream.down(peers[0]).up(peers[2])

    records = list(reader.read([stream.octets()]))

    assert [True] * 3 + [False] + [True] == [
        isinstance(record.body, PeerUp) for record in records if record.offset
    ]
    (damage,) = reader.quality.damage
    assert ("at most 2 peers", "more") == (damage.expected, damage.found)


def test_damage_can_be_raised() -> None:
    """With on_damage="raise", messages before the damage are read, then there is an error."""
    reader = Reader(source="edge1", on_damage="raise")
    records = reader.feed(GOOD + monitoring(IN, b""))

    assert WHOLE == list(islice(records, len(WHOLE)))
    with pytest.raises(DamageError) as caught:
        next(records)

    assert ("edge1", len(GOOD) + 48) == (caught.value.source, caught.value.offset)


def test_an_empty_stream_is_damaged() -> None:
    """A recording without octets proves nothing."""
    assert read(b"")[1].is_damaged
