"""Damage is data: what cannot be read is accounted for to the octet, and the rest is read."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.bulk import Kind
from peerlint.errors import DamageError
from peerlint.model import Fact
from peerlint.testing.dumps import TIMESTAMP, FeedSession, RibDump, UpdateDump
from peerlint.wire.bgp import MessageType, encode_message
from peerlint.wire.damage import KEPT_DAMAGE
from peerlint.wire.mrt import MAX_RECORD, MrtType, decode_header

Read = Callable[..., Any]

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


def test_a_whole_dump_has_no_damage(read: Read) -> None:
    """A good dump is read to its last octet."""
    found = read(GOOD)

    assert (len(GOOD), 0, 0) == (found.quality.read, found.quality.skipped, found.quality.lost)
    assert len(STARTS) - 1 == found.quality.records
    assert len(PREFIXES) * 2 + 5 == found.quality.entries == len(found.rows)
    assert found.quality.is_complete
    assert not found.quality.is_damaged


def test_an_empty_dump_is_damaged(read: Read) -> None:
    """Nothing at all is not a dump."""
    assert read(b"").quality.is_damaged
    assert read([]).quality.is_damaged


@pytest.mark.slow
def test_every_cut(read: Read) -> None:
    """A dump cut at any octet gives the rows of the records before the cut, and says the rest."""
    whole = read(GOOD).rows
    for end in range(1, len(GOOD)):
        found = read(GOOD[:end])

        last = max(start for start in STARTS if start <= end)
        expected = whole[whole["record"] < last]
        assert expected.tolist() == found.rows.tolist()
        assert (end, end - last) == (found.quality.octets, found.quality.lost)
        assert int(end != last) == found.quality.damages
        assert [last] * found.quality.damages == [each.offset for each in found.quality.damage]


@pytest.mark.parametrize("seed", range(3))
def test_random_octets(read: Read, seed: int) -> None:
    """A hundred thousand random octets are damage and nothing else."""
    octets = random.Random(seed).randbytes(100_000)  # noqa: S311  # not for secrets

    quality = read(octets).quality

    assert len(octets) == quality.octets
    assert quality.is_damaged
    assert quality.read < 1000


def test_rib_without_peer_table(read: Read) -> None:
    """RIB records before a PEER_INDEX_TABLE are lost one by one; what follows is read."""
    rib = table(PREFIXES[:3]).octets()
    octets = rib[boundaries(rib)[1] :] + feed().octets()

    found = read(octets)

    assert found.quality.damages == 3
    assert 5 == len(found.rows)
    assert "PEER_INDEX_TABLE" in found.quality.damage[0].expected


def test_a_broken_peer_table_leaves_none_in_force(read: Read) -> None:
    """After a peer table that cannot be read, the one before it does not speak for its RIB."""
    first, second = table(PREFIXES[:2]).octets(), bytearray(table(PREFIXES[2:4]).octets())
    second[12 + 4 : 12 + 6] = b"\xff\xff"  # the length of the view's name

    found = read(first + bytes(second) + feed().octets())

    assert found.quality.damages == 3
    assert {str(route.prefix) for route in found.routes[:4]} == set(PREFIXES[:2])
    assert 4 + 5 == len(found.rows)


def test_peer_index_out_of_range_loses_one_entry(read: Read) -> None:
    """Only the entry is lost, and the record goes on."""
    rib = table(PREFIXES[:1])
    rib.entry(2, PREFIXES[0], b"\x40\x02\x00").routes(0, f"{PREFIXES[0]} path 64500")
    rib.entry(0xFFFF, PREFIXES[0], b"")

    found = read(rib.octets())

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
def test_attribute_lengths_that_lie(read: Read, entry: int, lie: int) -> None:
    """A length of attributes that lies costs at most the rest of its record."""
    octets = bytearray(GOOD)
    place = entry_lengths(GOOD)[entry]
    size = int.from_bytes(octets[place : place + 2])
    said = lie if lie in (0, 1000, 0xFFFF) else size + lie
    octets[place : place + 2] = said.to_bytes(2)

    found = read(bytes(octets))

    after = found.rows["record"] > STARTS[1]
    assert len(PREFIXES) * 2 - 2 + 5 == np.count_nonzero(after)
    assert found.quality.lost <= STARTS[2] - STARTS[1]
    assert found.quality.is_damaged or found.quality.malformed


@pytest.mark.parametrize("record", [1, 4, len(STARTS) - 4])
@pytest.mark.parametrize(
    "lie", [-1, -5, -20, 1, 5, 20, 1000, 1 << 20, MAX_RECORD, MAX_RECORD + 1, 0xFFFFFFFF]
)
def test_record_lengths_that_lie(read: Read, record: int, lie: int) -> None:
    """A record's length that lies costs that record and at most the next one."""
    octets = bytearray(GOOD)
    place = STARTS[record] + 8
    size = int.from_bytes(octets[place : place + 4])
    said = lie if lie > 1000 else size + lie
    octets[place : place + 4] = said.to_bytes(4)
    whole = read(GOOD).rows

    found = read(bytes(octets))

    far = set(STARTS[record + 2 :]) | set(STARTS[:record])
    records = set(found.rows["record"].tolist())
    assert {start for start in whole["record"].tolist() if start in far} <= records
    assert found.quality.is_damaged


@pytest.mark.parametrize("record", range(len(STARTS) - 2))
def test_a_record_that_swallows_the_next(read: Read, record: int) -> None:
    """No kind of record takes the one behind it for its own end: that is damage."""
    octets = bytearray(GOOD)
    start, after, end = STARTS[record : record + 3]
    octets[start + 8 : start + 12] = (end - start - 12).to_bytes(4)

    quality = read(bytes(octets)).quality

    assert start < quality.damage[0].offset <= after
    assert quality.octets > quality.read


@pytest.mark.parametrize("top", [1, 2, 0x80])
def test_all_four_octets_of_a_length_count(read: Read, top: int) -> None:
    """A length that is right but for its top octet is wrong: that record is lost, no other."""
    start, end = STARTS[3], STARTS[4]
    octets = bytearray(GOOD)
    octets[start + 8] = top

    found = read(bytes(octets))

    assert (1, end - start) == (found.quality.damages, found.quality.lost)
    assert [row for row in read(GOOD).column("record") if row != start] == found.column("record")


@pytest.mark.parametrize("record", [0, 1, 4, len(STARTS) - 4])
@pytest.mark.parametrize(
    "junk", [b"\0", b"\xff", b"\0" * 100, b"\xff" * 100, b"GET / HTTP/1.1\r\n", GOOD[12:40]]
)
def test_garbage_between_records(read: Read, record: int, junk: bytes) -> None:
    """Garbage is lost to the octet, and every record around it is read."""
    at = STARTS[record]

    found = read(GOOD[:at] + junk + GOOD[at:])

    assert read(GOOD).routes == found.routes
    assert (1, len(junk)) == (found.quality.damages, found.quality.lost)
    assert at == found.quality.damage[0].offset


@pytest.mark.parametrize(("family", "length"), [(4, 33), (4, 128), (4, 255), (6, 129), (6, 255)])
def test_prefix_lengths_beyond_the_family(read: Read, family: int, length: int) -> None:
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

        found = read(broken + GOOD)

        assert read(GOOD).routes == found.routes
        assert found.quality.damages == 1
        assert str(length) == found.quality.damage[0].found


ROUTE = "40010100 400206 0201 0000fbf4 400304 c0000201 c00804 1f8b1f47"
REACH = "800e1c 0002 01 10 20010db8 0000000000000000 00000001 00 30 20010db80001"
GOOD_FACTS, NO_FACTS = Fact.TAGGED, Fact(0)
A, W = Kind.ANNOUNCE, Kind.WITHDRAW
FIRST, SECOND, V6 = "203.0.113.0/24", "198.51.100.0/24", "2001:db8:1::/48"


def update(withdrawn: str = "", attributes: str = "", nlri: str = "") -> bytes:
    """Return an UPDATE with its header."""
    fields = [bytes.fromhex(each) for each in (withdrawn, attributes, nlri)]
    body = b"".join(
        (len(fields[0]).to_bytes(2), fields[0], len(fields[1]).to_bytes(2), fields[1], fields[2])
    )
    return encode_message(MessageType.UPDATE, body)


WHOLE = update("18c63364", ROUTE, "18cb0071 18c00002")


@pytest.mark.parametrize(
    ("octets", "expected", "lost", "why"),
    [
        (WHOLE, [(W, SECOND, NO_FACTS), (A, FIRST, GOOD_FACTS), (A, "192.0.2.0/24", GOOD_FACTS)],
         0, "whole"),
        (WHOLE[:-4], [(W, SECOND, NO_FACTS), (A, FIRST, GOOD_FACTS)], 2,
         "cut between two prefixes: only its length makes no sense"),
        (WHOLE[:-3], [(W, SECOND, NO_FACTS), (A, FIRST, GOOD_FACTS)], 1, "cut inside a prefix"),
        (WHOLE[:-9], [(W, SECOND, NO_FACTS)], 6, "cut inside the communities"),
        (update("", ROUTE + REACH)[:-1], [], 6, "cut in the only prefix of MP_REACH_NLRI"),
        (update("", ROUTE + REACH.replace("800e1c", "800e20") + "18 2001 0d")[:-1],
         [(A, V6, GOOD_FACTS | Fact.IPV6)], 3, "cut behind its first prefix"),
        (update("18c63364", ROUTE, "18cb0071 21cb0071"),
         [(W, SECOND, NO_FACTS), (A, FIRST, Fact.MALFORMED)], 4, "a prefix length of 33"),
        (update("18c63364 18", ROUTE, "18cb0071"),
         [(W, SECOND, NO_FACTS), (A, FIRST, Fact.MALFORMED)], 1, "withdrawals over their end"),
        (update("", ROUTE + REACH.replace("800e1c", "800e1d") + "31", "18cb0071"),
         [(A, FIRST, Fact.MALFORMED), (A, V6, Fact.MALFORMED | Fact.IPV6)], 1,
         "MP_REACH_NLRI over its end"),
        (update("", ROUTE + REACH + REACH, "18cb0071"),
         [(A, FIRST, Fact.MALFORMED), (A, V6, Fact.MALFORMED | Fact.IPV6)], 31, "and twice"),
        (WHOLE[:19] + b"\x7f" + WHOLE[20:], [], len(WHOLE) - 19, "a length that lies"),
        (WHOLE[:25] + b"\x7f" + WHOLE[26:], [(W, SECOND, NO_FACTS)], len(WHOLE) - 25,
         "one behind the withdrawals"),
        (WHOLE + b"junk", [(W, SECOND, NO_FACTS), (A, FIRST, GOOD_FACTS),
                           (A, "192.0.2.0/24", GOOD_FACTS)], 4, "octets behind it"),
        (update("18c63364") * 2, [(W, SECOND, NO_FACTS)] * 2, 0, "another one behind it"),
        (update("", ROUTE, "000000"), [], 3 + 4 + 27, "default routes that make no sense"),
    ],
)  # fmt: skip
def test_what_can_be_read_of_an_update(
    read: Read, octets: bytes, expected: list[tuple[Kind, str, Fact]], lost: int, why: str
) -> None:
    """What is there to the octet has a row; if prefixes break half way, those announced withdraw.

    RFC 7606 section 5.3; what a writer cut off is no fault of the UPDATE.
    """
    found = read(UpdateDump().message(SESSION, octets).octets() + GOOD)

    rows = found.rows[: len(expected)]
    routes = [str(route.prefix) for route in found.routes]
    assert [(Kind(row["kind"]), Fact(int(row["facts"]))) for row in rows] == [
        (kind, facts) for kind, _, facts in expected
    ], why
    assert [prefix for _, prefix, _ in expected] == routes[: len(expected)]
    assert [str(route.prefix) for route in read(GOOD).routes] == routes[len(expected) :]
    assert (lost, int(lost > 0)) == (found.quality.lost, found.quality.damages)
    malformed = [bool(facts & Fact.MALFORMED) for *_, facts in expected]
    assert malformed == [bool(route.malformed) for route in found.routes[: len(expected)]]
    assert sum(malformed) == found.quality.malformed


@pytest.mark.parametrize(("subtype", "undeclared"), [(4, 1), (9, 0)])
def test_path_identifiers_that_the_subtype_denies(
    read: Read, subtype: int, undeclared: int
) -> None:
    """FRR before 8 writes them under BGP4MP_MESSAGE_AS4: rows as under its add-path form."""
    head = bytes.fromhex("0000fbf4 00001f8b 0000 0001 c0000201 c0000202")
    message = update("", ROUTE, "00000001 18cb0071 00000002 18c63364")

    found = read(UpdateDump().record(MrtType.BGP4MP, subtype, head + message).octets())

    assert [FIRST, SECOND] == [str(route.prefix) for route in found.routes]
    assert [1, 2] == found.column("path_id")
    assert (undeclared, 0) == (found.quality.undeclared_path_ids, found.quality.damages)
    assert found.quality.is_complete


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        (update("", ROUTE + "800e0d 0019 46 04 c0000201 00 f9026162", "18cb0071"),
         [(A, FIRST, GOOD_FACTS)]),
        (update("18c63364", "800f03 0001 80"), [(W, SECOND, NO_FACTS)]),
        (update("", "40010100 400206 0201 0000fbf4 800e0d 0019 46 04 c0000201 00 f9026162",
                "18cb0071"), [(A, FIRST, Fact.MALFORMED)]),
    ],
    ids=["announced beside EVPN", "withdrawn beside VPNv4", "its next hop is EVPN's alone"],
)  # fmt: skip
def test_prefixes_beside_another_family(
    read: Read, message: bytes, expected: list[tuple[Kind, str, Fact]]
) -> None:
    """Prefixes beside a family that is not read have rows (RFC 4760 section 7)."""
    found = read(UpdateDump().message(SESSION, message).octets())

    rows = [(Kind(row["kind"]), Fact(int(row["facts"]))) for row in found.rows]
    assert [(kind, facts) for kind, _, facts in expected] == rows
    assert [prefix for _, prefix, _ in expected] == [str(route.prefix) for route in found.routes]
    assert (((16, 4, 1),), False) == (found.quality.unsupported, found.quality.is_damaged)


@pytest.mark.parametrize("days", [1, 2, 400])
def test_a_quiet_feed(read: Read, days: int) -> None:
    """One unreadable record costs itself, however long the session is quiet."""
    records = [
        UpdateDump(timestamp=TIMESTAMP + days * number * 86_400_000_000)
        .announce(SESSION, f"{prefix} path 64500")
        .octets()
        for number, prefix in enumerate(PREFIXES)
    ]
    cut = UpdateDump().message(SESSION, b"\xff" * 16 + b"\1\0\1").octets()

    found = read(records[0] + cut + b"".join(records[1:]))

    assert PREFIXES == [str(route.prefix) for route in found.routes]
    assert 1 == found.quality.damages


@pytest.mark.parametrize("at", STARTS[:-1])
def test_on_damage_raise(read: Read, at: int) -> None:
    """With on_damage="raise" the first damage ends the walk, with source and offset."""
    broken = GOOD[:at] + b"\xff" * 30 + GOOD[at:]

    with pytest.raises(DamageError) as caught:
        read(broken, on_damage="raise")

    assert ("test", at) == (caught.value.source, caught.value.offset)
    assert str(caught.value).startswith(f"test: octet {at}: expected")


def test_on_damage_raise_reads_good_dumps(read: Read) -> None:
    """A good dump raises nothing, nor does one with records that are skipped."""
    octets = UpdateDump().record(MrtType.OSPFV2, 0, bytes(4)).octets() + GOOD

    assert read(GOOD).routes == read(octets, on_damage="raise").routes


def test_damage_is_kept_within_bounds(read: Read) -> None:
    """The first pieces of damage are kept with their place, the rest is counted."""
    rib = RibDump()
    rib.peer("192.0.2.1", 64500)
    for _ in range(KEPT_DAMAGE + 50):
        rib.entry(7, PREFIXES[0], b"")

    quality = read(rib.octets()).quality

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
def test_every_octet_is_accounted_for(read: Read, changes: list[tuple[int, int]], cut: int) -> None:
    """Whatever octets change, read + skipped + lost is the length, and damage sums up."""
    octets = mutated(changes, cut)
    quality = read(octets).quality

    assert len(octets) == quality.octets == quality.read + quality.skipped + quality.lost
    assert quality.lost == sum(damage.octets for damage in quality.damage)
    offsets = [damage.offset for damage in quality.damage]
    assert sorted(offsets) == offsets
    assert all(0 <= damage.offset < len(octets) for damage in quality.damage)


@given(mutations, st.integers(0, 50), st.lists(st.integers(1, 80), min_size=1, max_size=4))
def test_chunks_never_matter(
    read: Read, changes: list[tuple[int, int]], cut: int, sizes: list[int]
) -> None:
    """A dump, good or damaged, gives the same rows and quality in chunks of any sizes."""
    octets = mutated(changes, cut)
    chunks, at, turn = [], 0, 0
    while at < len(octets):
        size = sizes[turn % len(sizes)]
        chunks.append(octets[at : at + size])
        at, turn = at + size, turn + 1

    whole, found = read(octets), read(chunks)

    assert whole.rows.tolist() == found.rows.tolist()
    assert whole.routes == found.routes
    assert (whole.quality, whole.counts) == (found.quality, found.counts)


def test_chunks_of_every_size(read: Read) -> None:
    """From one octet up, the size of chunks changes nothing; empty chunks neither."""
    whole = read(GOOD)
    for size in [*range(1, 80), *range(80, len(GOOD) + 50, 37)]:
        chunks = [GOOD[at : at + size] for at in range(0, len(GOOD), size)]

        found = read([b"", *(part for chunk in chunks for part in (chunk, b""))])

        assert whole.rows.tolist() == found.rows.tolist()
        assert whole.routes == found.routes
        assert (whole.quality, whole.counts) == (found.quality, found.counts)


@pytest.mark.parametrize(
    ("afi", "safi"),
    [(25, 70), (1, 128), (1, 133), (2, 4)],
    ids=["EVPN", "VPNv4", "FlowSpec", "6PE"],
)
def test_other_address_families_are_unsupported(read: Read, afi: int, safi: int) -> None:
    """An UPDATE of another address family is skipped and said, and is no damage."""
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)
    reach = b"\x80\x0e\x09" + afi.to_bytes(2) + bytes((safi, 4, 192, 0, 2, 1, 0))
    body = bytes(2) + len(reach).to_bytes(2) + reach
    dump = UpdateDump().message(session, encode_message(MessageType.UPDATE, body))
    octets = dump.announce(session, "203.0.113.0/24 path 64500").octets()

    found = read(octets)

    assert found.quality.damages == 0
    assert [1] == [records for _, _, records in found.quality.unsupported]
    assert found.quality.entries == 1
