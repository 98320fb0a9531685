"""Records that are not read: are they harmless, or may they hide an IPv4 unicast route?"""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import attrs
import pytest

from peerlint.bulk.kernel.lost_parts import LostParts
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump
from peerlint.wire import damage
from peerlint.wire.damage import KEPT_KINDS
from peerlint.wire.mrt import MrtType
from peerlint.wire.reader import Reader

Read = Callable[..., Any]

SESSION = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)
LINE = "203.0.113.0/24 path 64500 64501 community 8075:8007"


def table() -> bytes:
    """Return a RIB of one peer."""
    rib = RibDump()
    return rib.routes(rib.peer("192.0.2.1", 64500), LINE).octets()


def record(kind: int, subtype: int, body: str) -> bytes:
    """Return a record of any type."""
    octets = bytes.fromhex(body)
    return struct.pack(">IHHI", 1_795_219_200, kind, subtype, len(octets)) + octets


FEED = UpdateDump().announce(SESSION, LINE).octets()
GEO = "c00002ff 0000 42500000 40900000 0001 02 c0000201 c0000201 0000fbf4 42500000 40900000"
#: A route of peer 0, with nothing but its ORIGIN.
ENTRIES = "0001 0000 65000000 0004 40010100"
VPN = "70 000011 0000fbf400000001 c00002"
OLD_ENTRY = "fbf4 1f8b 0000 0001 c0000201 c0000202 0000 0001 65000000"
BGP4MP, ET, V2 = MrtType.BGP4MP, MrtType.BGP4MP_ET, MrtType.TABLE_DUMP_V2

#: Records that no kernel makes rows of; whether they may hide an IPv4 unicast route.
UNREAD = [
    # Other protocols (RFC 6396 sections 4.1, 4.5 to 4.7) and control types (appendix B.1).
    (MrtType.OSPFV2, 0, "00", False),
    (MrtType.OSPFV3, 0, "00", False),
    (MrtType.OSPFV3_ET, 0, "00000007", False),
    (MrtType.ISIS, 0, "00", False),
    (MrtType.ISIS_ET, 0, "00000007 00", False),
    (MrtType.OSPFV2, 77, "00", False),
    (1, 0, "", False),
    (6, 0, "00", False),
    (8, 0, "00", False),
    # Type BGP, of 1999 and 2000 (appendix B.2.1).
    (MrtType.BGP, 1, "00" * 20, True),
    (MrtType.BGP, 2, "00" * 20, True),
    (MrtType.BGP, 4, "00" * 20, True),
    (MrtType.BGP, 3, "00" * 20, False),
    (MrtType.BGP, 5, "00" * 20, False),
    (MrtType.BGP, 7, "00" * 20, False),
    # Subtypes and types that no RFC defines may hold anything.
    (9, 0, "00", True),
    (99, 3, "00" * 20, True),
    (MrtType.TABLE_DUMP, 3, "00" * 20, True),
    (V2, 0, "00", True),
    (V2, 13, "00", True),
    (BGP4MP, 12, "00", True),
    (ET, 63, "00000007", True),
    # RFC 6397: where peers are.
    (V2, 7, GEO, False),
    # RIB_GENERIC (RFC 6396 section 4.3.3, RFC 8050 section 4.2) by its family.
    (V2, 6, f"00000000 0001 01 18 cb0071 {ENTRIES}", True),
    (V2, 6, f"00000000 0001 02 18 cb0071 {ENTRIES}", False),
    (V2, 6, f"00000000 0002 01 20 20010db8 {ENTRIES}", False),
    (V2, 6, f"00000000 0001 80 {VPN} {ENTRIES}", False),
    (V2, 6, f"00000000 0019 46 00 {ENTRIES}", False),
    (V2, 12, "00000000 0001 01 18 cb0071 0001 0000 65000000 00000007 0004 40010100", True),
    (V2, 12, "00000000 0002 80 00", False),
    # BGP4MP_ENTRY and BGP4MP_SNAPSHOT (RFC 6396 appendix B.2.4).
    (BGP4MP, 2, f"{OLD_ENTRY} 0001 01 04 c0000201 18 cb0071 0004 40010100", True),
    (BGP4MP, 2, f"{OLD_ENTRY} 0001 02 04 c0000201 18 cb0071 0004 40010100", False),
    (BGP4MP, 2, f"{OLD_ENTRY} 0001 80 04 c0000201 {VPN} 0004 40010100", False),
    (ET, 2, f"00000007 {OLD_ENTRY} 0002 01 04 c0000201 20 20010db8 0004 40010100", False),
    (BGP4MP, 3, "0000 2f7400", False),
    (ET, 3, "00000007 0000 2f7400", False),
]


@pytest.mark.parametrize(("kind", "subtype", "body", "hides"), UNREAD)
@pytest.mark.parametrize("count", [1, 3])
def test_unread_records(
    read: Read, kind: int, subtype: int, body: str, hides: bool, count: int
) -> None:
    """A record of which no rows are made is skipped and named; only some may hide a route."""
    if kind not in set(MrtType):
        count = 1  # several in a row cannot be told from damage
    skipped = count * record(kind, subtype, body)

    for octets in (table() + skipped + FEED, table() + FEED + skipped):
        found = read(octets)

        assert read(table() + FEED).routes == found.routes
        assert ((kind, subtype, count),) == found.quality.unsupported
        assert (len(skipped), 0) == (found.quality.skipped, found.quality.damages)
        assert (count * hides, not hides) == (
            found.quality.may_hide_routes, found.quality.is_complete,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "subtype", "body", "offset", "why"),
    [
        (V2, 7, GEO[:-9], 29, "its last peer is cut"),
        (V2, 7, f"{GEO} 00", 37, "it goes on"),
        (V2, 6, f"00000000 0001 01 21 cb00710000 {ENTRIES}", 7, "a length of 33"),
        (V2, 6, f"00000000 0001 01 18 cb0071 {ENTRIES[:-2]}", 13, "its route is cut"),
        (V2, 6, f"00000000 0001 01 18 cb0071 {ENTRIES} 00", 25, "it goes on"),
        (V2, 6, "00000000 00", 0, "no family"),
        (BGP4MP, 2, f"{OLD_ENTRY} 0001 01 04 c0000201 18 cb0071 0005 40010100", 38, "a length"),
        (BGP4MP, 3, "0000 2f74", 2, "a name without an end"),
        (MrtType.ISIS_ET, 0, "000000", 0, "no microseconds"),
        (MrtType.OSPFV3_ET, 0, "", 0, "no microseconds"),
    ],
)
def test_damage_in_unread_records(
    read: Read, kind: int, subtype: int, body: str, offset: int, why: str
) -> None:
    """What is not read may be damaged, and where is what the reader of all records says."""
    broken = record(kind, subtype, body)
    octets = table() + broken + FEED
    reader = Reader([octets], source="test")
    for _ in reader:
        pass

    quality = read(octets).quality

    assert (1, len(broken) - 12 - offset) == (quality.damages, quality.lost), why
    assert len(table()) + 12 + offset == quality.damage[0].offset
    assert len(table()) + 12 + offset == reader.quality.damage[0].offset
    assert (reader.quality.read, reader.quality.records) == (quality.read, quality.records)


def test_entries_of_a_generic_rib_that_name_no_peer(read: Read) -> None:
    """In a RIB_GENERIC too, an entry outside the peer table is lost and the record goes on."""
    entries = "0003 0001 65000000 0000 0000 65000000 0000 0009 65000000 0001 40"
    octets = table() + record(V2, 6, f"00000000 0001 01 18 cb0071 {entries}") + FEED
    reader = Reader([octets], source="test")
    for _ in reader:
        pass

    quality = read(octets).quality

    assert [8, 9] == [each.octets for each in quality.damage]
    assert reader.quality.damage == quality.damage
    assert quality.octets == quality.read + quality.skipped + quality.lost


#: Empty records, each of another subtype.
KINDS = b"".join(
    struct.pack(">IHHI", 1_795_219_200, MrtType.OSPFV2, subtype, 0) for subtype in range(1_000)
)


def test_many_kinds_are_counted(read: Read) -> None:
    """Of very many kinds of records a hundred are named, those with most records."""
    octets = FEED + KINDS + 2 * record(MrtType.OSPFV2, 999, "") + FEED

    quality = read(octets).quality
    reader = Reader([octets], source="test")
    assert 2 == sum(1 for _ in reader)

    assert KEPT_KINDS == len(quality.unsupported)
    assert (MrtType.OSPFV2, 999, 3) == quality.unsupported[-1]
    assert (900, 900, False) == (quality.other_kinds, quality.other_records, quality.kinds_full)
    assert attrs.evolve(reader.quality, records=quality.records) == quality


def test_kinds_beyond_those_that_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more kinds than are told apart, their records are counted, and that is said."""
    monkeypatch.setattr(damage, "KNOWN_KINDS", 200)
    kinds = damage.SkippedKinds()
    for subtype in range(300):
        kinds.add(11, subtype)
    kinds.add(11, 0)

    assert (100, 200, True) == kinds.others


@pytest.mark.parametrize("parts", [0, 99, 100, 101, 5_000])
def test_parts_that_are_lost_are_kept_in_bounded_memory(parts: int) -> None:
    """A chunk can lose a part every few octets: the first are described, all are counted."""
    lost = LostParts()
    for at in range(parts):
        lost.add(at, 8, "a peer index", "more")

    assert (parts, 8 * parts) == (lost.count, lost.octets)
    assert min(parts, damage.KEPT_DAMAGE) == len(lost.parts)
    lost.clear()
    assert LostParts() == lost
