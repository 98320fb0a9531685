"""Damage is data: what cannot be read is accounted for to the octet, and the rest is read."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import DamageError
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump
from peerlint.wire.bgp import MessageType, encode_message
from peerlint.wire.damage import KEPT_DAMAGE
from peerlint.wire.mrt import MAX_RECORD, MrtType, decode_header

Walk = Callable[..., Any]

SESSION = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)
PREFIXES = [f"203.0.113.{16 * index}/28" for index in range(8)]


def table(prefixes: list[str] = PREFIXES) -> RibDump:
    """Return a RIB with two peers and a route of each for every prefix."""
    rib = RibDump()
    peers = rib.peer("192.0.2.1", 64500), rib.peer("2001:db8::2", 64501)
    for prefix in prefixes:
        rib.routes(peers[0], f"{prefix} path 64500 64502 community 8075:8007")
        rib.routes(peers[1], f"{prefix} path 64501 64502 next-hop 2001:db8::2")
    return rib


def feed() -> UpdateDump:
    """Return messages of every kind."""
    dump = UpdateDump().state_change(SESSION).open(SESSION)
    for prefix in PREFIXES[:3]:
        dump.announce(SESSION, f"{prefix} path 64500 community 8075:8007")
    dump.at(1_795_219_200_000_007)
    dump.announce(SESSION, "2001:db8::/32 path 64500 next-hop 2001:db8::1")
    return dump.withdraw(SESSION, PREFIXES[0]).end_of_rib(SESSION).end_of_rib(SESSION, 6)


GOOD = table().octets() + feed().octets()


def boundaries(octets: bytes) -> list[int]:
    """Return where records start, and the end."""
    found = [0]
    while found[-1] < len(octets):
        header = decode_header(octets, found[-1])
        found.append(found[-1] + header.octets + header.length)
    return found


STARTS = boundaries(GOOD)


def test_a_whole_dump_has_no_damage(walk: Walk) -> None:
    """A good dump is read to its last octet."""
    found = walk(GOOD)

    assert (len(GOOD), 0, 0) == (found.quality.read, found.quality.skipped, found.quality.lost)
    assert len(STARTS) - 1 == found.quality.records
    assert len(PREFIXES) * 2 + 5 == found.quality.entries == len(found.rows)
    assert found.quality.is_complete
    assert not found.quality.is_damaged


def test_an_empty_dump_is_damaged(walk: Walk) -> None:
    """Nothing at all is not a dump."""
    assert walk(b"").quality.is_damaged
    assert walk([]).quality.is_damaged


def test_every_cut(walk: Walk) -> None:
    """A dump cut at any octet gives the rows of the records before the cut, and says the rest."""
    whole = walk(GOOD).rows
    for end in range(1, len(GOOD)):
        found = walk(GOOD[:end])

        last = max(start for start in STARTS if start <= end)
        expected = whole[whole["record"] < last]
        assert expected.tolist() == found.rows.tolist()
        assert (end, end - last) == (found.quality.octets, found.quality.lost)
        assert int(end != last) == found.quality.damages
        assert [last] * found.quality.damages == [each.offset for each in found.quality.damage]


@pytest.mark.parametrize("seed", range(3))
def test_random_octets(walk: Walk, seed: int) -> None:
    """A hundred thousand random octets are damage and nothing else."""
    octets = random.Random(seed).randbytes(100_000)  # noqa: S311  # not for secrets

    quality = walk(octets).quality

    assert len(octets) == quality.octets
    assert quality.is_damaged
    assert quality.read < 1000


def test_rib_without_peer_table(walk: Walk) -> None:
    """RIB records before a PEER_INDEX_TABLE are lost one by one; what follows is read."""
    rib = table(PREFIXES[:3]).octets()
    octets = rib[boundaries(rib)[1] :] + feed().octets()

    found = walk(octets)

    assert found.quality.damages == 3
    assert 5 == len(found.rows)
    assert "PEER_INDEX_TABLE" in found.quality.damage[0].expected


def test_a_broken_peer_table_leaves_none_in_force(walk: Walk) -> None:
    """After a peer table that cannot be read, the one before it does not speak for its RIB."""
    first, second = table(PREFIXES[:2]).octets(), bytearray(table(PREFIXES[2:4]).octets())
    second[12 + 4 : 12 + 6] = b"\xff\xff"  # the length of the view's name

    found = walk(first + bytes(second) + feed().octets())

    assert found.quality.damages == 3
    assert {str(route.prefix) for route in found.routes[:4]} == set(PREFIXES[:2])
    assert 4 + 5 == len(found.rows)


def test_peer_index_out_of_range_loses_one_entry(walk: Walk) -> None:
    """Only the entry is lost, and the record goes on."""
    rib = table(PREFIXES[:1])
    rib.entry(2, PREFIXES[0], b"\x40\x02\x00").routes(0, f"{PREFIXES[0]} path 64500")
    rib.entry(0xFFFF, PREFIXES[0], b"")

    found = walk(rib.octets())

    assert [0, 1, 0] == found.column("peer")
    assert [11, 8] == [damage.octets for damage in found.quality.damage]
    assert 19 == found.quality.lost
    assert ["2", "65535"] == [damage.found for damage in found.quality.damage]


def entry_lengths(octets: bytes) -> list[int]:
    """Return where the attribute lengths of the first RIB record stand."""
    at = boundaries(octets)[1] + 12 + 4 + 5 + 2
    found = []
    for _ in range(2):
        found.append(at + 6)
        at += 8 + int.from_bytes(octets[at + 6 : at + 8])
    return found


@pytest.mark.parametrize("entry", [0, 1])
@pytest.mark.parametrize("lie", [0, -1, 1, 1000, 0xFFFF])
def test_attribute_lengths_that_lie(walk: Walk, entry: int, lie: int) -> None:
    """A length of attributes that lies costs at most the rest of its record."""
    octets = bytearray(GOOD)
    place = entry_lengths(GOOD)[entry]
    size = int.from_bytes(octets[place : place + 2])
    said = lie if lie in (0, 1000, 0xFFFF) else size + lie
    octets[place : place + 2] = said.to_bytes(2)

    found = walk(bytes(octets))

    after = found.rows["record"] > STARTS[1]
    assert len(PREFIXES) * 2 - 2 + 5 == np.count_nonzero(after)
    assert found.quality.lost <= STARTS[2] - STARTS[1]
    assert found.quality.is_damaged or found.quality.malformed


@pytest.mark.parametrize("record", [1, 4, len(STARTS) - 4])
@pytest.mark.parametrize(
    "lie", [-1, -5, -20, 1, 5, 20, 1000, 1 << 20, MAX_RECORD, MAX_RECORD + 1, 0xFFFFFFFF]
)
def test_record_lengths_that_lie(walk: Walk, record: int, lie: int) -> None:
    """A record's length that lies costs that record and at most the next one."""
    octets = bytearray(GOOD)
    place = STARTS[record] + 8
    size = int.from_bytes(octets[place : place + 4])
    said = lie if lie > 1000 else size + lie
    octets[place : place + 4] = said.to_bytes(4)
    whole = walk(GOOD).rows

    found = walk(bytes(octets))

    far = set(STARTS[record + 2 :]) | set(STARTS[:record])
    records = set(found.rows["record"].tolist())
    assert {start for start in whole["record"].tolist() if start in far} <= records
    assert found.quality.is_damaged


@pytest.mark.parametrize("record", range(len(STARTS) - 2))
def test_a_record_that_swallows_the_next(walk: Walk, record: int) -> None:
    """No kind of record takes the one behind it for its own end: that is damage."""
    octets = bytearray(GOOD)
    start, after, end = STARTS[record : record + 3]
    octets[start + 8 : start + 12] = (end - start - 12).to_bytes(4)

    quality = walk(bytes(octets)).quality

    assert start < quality.damage[0].offset <= after
    assert quality.octets > quality.read


@pytest.mark.parametrize("top", [1, 2, 0x80])
def test_all_four_octets_of_a_length_count(walk: Walk, top: int) -> None:
    """A length that is right but for its top octet is wrong: that record is lost, no other."""
    start, end = STARTS[3], STARTS[4]
    octets = bytearray(GOOD)
    octets[start + 8] = top

    found = walk(bytes(octets))

    assert (1, end - start) == (found.quality.damages, found.quality.lost)
    assert [row for row in walk(GOOD).column("record") if row != start] == found.column("record")


@pytest.mark.parametrize("record", [0, 1, 4, len(STARTS) - 4])
@pytest.mark.parametrize(
    "junk", [b"\0", b"\xff", b"\0" * 100, b"\xff" * 100, b"GET / HTTP/1.1\r\n", GOOD[12:40]]
)
def test_garbage_between_records(walk: Walk, record: int, junk: bytes) -> None:
    """Garbage is lost to the octet, and every record around it is read."""
    at = STARTS[record]

    found = walk(GOOD[:at] + junk + GOOD[at:])

    assert walk(GOOD).routes == found.routes
    assert (1, len(junk)) == (found.quality.damages, found.quality.lost)
    assert at == found.quality.damage[0].offset


@pytest.mark.parametrize(("family", "length"), [(4, 33), (4, 128), (4, 255), (6, 129), (6, 255)])
def test_prefix_lengths_beyond_the_family(walk: Walk, family: int, length: int) -> None:
    """A prefix longer than its family's addresses is damage in a RIB and in an UPDATE."""
    prefix = "203.0.113.0/24" if family == 4 else "2001:db8::/32"
    hop = "192.0.2.1" if family == 4 else "2001:db8::1"
    line = f"{prefix} path 64500 next-hop {hop}"
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.1", 64500), line)
    for octets in (rib.octets(), UpdateDump().announce(SESSION, line).octets()):
        needle = b"\x18\xcb\x00\x71" if family == 4 else b"\x20\x20\x01\x0d\xb8"
        at = octets.rindex(needle)
        broken = octets[:at] + bytes((length,)) + octets[at + 1 :]

        found = walk(broken + GOOD)

        assert walk(GOOD).routes == found.routes
        assert found.quality.damages == 1
        assert str(length) == found.quality.damage[0].found


def test_an_update_appears_whole_or_not_at_all(walk: Walk) -> None:
    """An UPDATE whose last prefix is broken gives none of its rows."""
    body = bytes.fromhex("0004 18cb0071 0009 400206 0201 0000fbf4 18cb0071 21cb0071")
    dump = UpdateDump().message(SESSION, encode_message(MessageType.UPDATE, body))

    found = walk(dump.octets())

    assert (0, 0, 1) == (len(found.rows), found.quality.entries, found.quality.damages)


@pytest.mark.parametrize("at", STARTS[:-1])
def test_on_damage_raise(walk: Walk, at: int) -> None:
    """With on_damage="raise" the first damage ends the walk, with source and offset."""
    broken = GOOD[:at] + b"\xff" * 30 + GOOD[at:]

    with pytest.raises(DamageError) as caught:
        walk(broken, on_damage="raise")

    assert ("test", at) == (caught.value.source, caught.value.offset)
    assert str(caught.value).startswith(f"test: octet {at}: expected")


def test_on_damage_raise_reads_good_dumps(walk: Walk) -> None:
    """A good dump raises nothing, nor does one with records that are skipped."""
    octets = UpdateDump().record(MrtType.OSPFV2, 0, bytes(4)).octets() + GOOD

    assert walk(GOOD).routes == walk(octets, on_damage="raise").routes


def test_damage_is_kept_within_bounds(walk: Walk) -> None:
    """The first pieces of damage are kept with their place, the rest is counted."""
    rib = RibDump()
    rib.peer("192.0.2.1", 64500)
    for _ in range(KEPT_DAMAGE + 50):
        rib.entry(7, PREFIXES[0], b"")

    quality = walk(rib.octets()).quality

    assert (KEPT_DAMAGE + 50, KEPT_DAMAGE) == (quality.damages, len(quality.damage))
    assert 8 * (KEPT_DAMAGE + 50) == quality.lost


mutations = st.lists(
    st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=6
)


def mutated(changes: list[tuple[int, int]], cut: int) -> bytes:
    """Return the good dump with octets changed, cut at the end."""
    octets = bytearray(GOOD)
    for at, value in changes:
        octets[at] = value
    return bytes(octets[: len(octets) - cut])


@given(mutations, st.integers(0, 50))
def test_every_octet_is_accounted_for(walk: Walk, changes: list[tuple[int, int]], cut: int) -> None:
    """Whatever octets change, read + skipped + lost is the length, and damage sums up."""
    octets = mutated(changes, cut)
    quality = walk(octets).quality

    assert len(octets) == quality.octets == quality.read + quality.skipped + quality.lost
    assert quality.lost == sum(damage.octets for damage in quality.damage)
    offsets = [damage.offset for damage in quality.damage]
    assert sorted(offsets) == offsets
    assert all(0 <= damage.offset < len(octets) for damage in quality.damage)


@given(mutations, st.integers(0, 50), st.lists(st.integers(1, 80), min_size=1, max_size=4))
def test_pages_never_matter(
    walk: Walk, changes: list[tuple[int, int]], cut: int, sizes: list[int]
) -> None:
    """A dump, good or damaged, gives the same rows and quality in pages of any sizes."""
    octets = mutated(changes, cut)
    pages, at, turn = [], 0, 0
    while at < len(octets):
        size = sizes[turn % len(sizes)]
        pages.append(octets[at : at + size])
        at, turn = at + size, turn + 1

    whole, found = walk(octets), walk(pages)

    assert whole.rows.tolist() == found.rows.tolist()
    assert whole.routes == found.routes
    assert (whole.quality, whole.counts) == (found.quality, found.counts)


def test_pages_of_every_size(walk: Walk) -> None:
    """From one octet up, the size of pages changes nothing; empty pages neither."""
    whole = walk(GOOD)
    for size in [*range(1, 80), *range(80, len(GOOD) + 50, 37)]:
        pages = [GOOD[at : at + size] for at in range(0, len(GOOD), size)]

        found = walk([b"", *(part for page in pages for part in (page, b""))])

        assert whole.rows.tolist() == found.rows.tolist()
        assert whole.routes == found.routes
        assert (whole.quality, whole.counts) == (found.quality, found.counts)


@pytest.mark.parametrize(
    ("afi", "safi"),
    [(25, 70), (1, 128), (1, 133), (2, 4)],
    ids=["EVPN", "VPNv4", "FlowSpec", "6PE"],
)
def test_other_address_families_are_unsupported(walk: Walk, afi: int, safi: int) -> None:
    """An UPDATE of another address family is skipped and said, and is no damage."""
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)
    reach = b"\x80\x0e\x09" + afi.to_bytes(2) + bytes((safi, 4, 192, 0, 2, 1, 0))
    body = bytes(2) + len(reach).to_bytes(2) + reach
    dump = UpdateDump().message(session, encode_message(MessageType.UPDATE, body))
    octets = dump.announce(session, "203.0.113.0/24 path 64500").octets()

    found = walk(octets)

    assert found.quality.damages == 0
    assert [1] == [records for _, _, records in found.quality.unsupported]
    assert found.quality.entries == 1
