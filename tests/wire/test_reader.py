"""The reader of whole dumps: it reads every readable record and counts every octet."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import DamageError
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump
from peerlint.wire.attributes import Form
from peerlint.wire.bgp import MessageType, Update, encode_message
from peerlint.wire.damage import Quality
from peerlint.wire.messages import read_messages
from peerlint.wire.mrt import (
    MrtType,
    Rib,
    decode_header,
    encode_record,
)
from peerlint.wire.reader import Reader, Record

PEER, PEER6 = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075), "2001:db8::2"
ADD_PATH = attrs.evolve(PEER, add_path=True)
SECOND = 1_000_000
START = 1_795_219_200 * SECOND
RIB_FORM = Form(in_rib=True)


def read(chunks: bytes | Iterable[bytes]) -> tuple[list[Record], Quality]:
    """Return the records and the quality of a dump, after checking that octets add up."""
    reader = Reader([chunks] if isinstance(chunks, bytes) else chunks, source="test")
    records = list(reader)
    quality = reader.quality
    assert quality.octets == quality.read + quality.skipped + quality.lost
    assert min(quality.read, quality.skipped, quality.lost) >= 0
    return records, quality


def table() -> bytes:
    """Return a RIB of two peers, both families, with add-path records among the others."""
    rib = RibDump()
    first, second = rib.peer("192.0.2.1", 64500), rib.peer(PEER6, 200_001)
    rib.routes(first, "203.0.113.0/24 path 64500 64501 community 8075:8007")
    rib.routes(first, "203.0.113.0/24 path 64500 path-id 1")
    rib.routes(first, "203.0.113.0/24 path 64500 64502 path-id 2")
    rib.routes(second, "2001:db8::/32 path 200001", "2001:db8::/32 path 200001 path-id 7")
    return rib.octets()


def feed() -> bytes:
    """Return messages of every kind, some with microseconds, some with add-path."""
    dump = UpdateDump().state_change(PEER).open(PEER).message(PEER, KEEPALIVE)
    dump.announce(PEER, "203.0.113.0/24 path 64500 community 8075:8007")
    dump.at(START + 7)
    dump.announce(ADD_PATH, "198.51.100.0/24 path 64500 path-id 3")
    dump.announce(PEER, "2001:db8::/32 path 64500 next-hop 2001:db8::1")
    return dump.withdraw(PEER, "203.0.113.0/24").end_of_rib(PEER).octets()


def starts(octets: bytes) -> list[int]:
    """Return the offsets of the records, and the length of the dump."""
    found = [0]
    while found[-1] < len(octets):
        header = decode_header(octets, found[-1])
        found.append(found[-1] + header.octets + header.length)
    return found


KEEPALIVE = encode_message(MessageType.KEEPALIVE, b"")
GOOD = table() + feed()
STARTS = starts(GOOD)
WHOLE, WHOLE_QUALITY = read(GOOD)


def without_offsets(records: Iterable[Record]) -> list[Record]:
    """Return records without their offsets."""
    return [attrs.evolve(record, offset=0) for record in records]


def test_a_whole_dump() -> None:
    """Every record of a valid dump is read: 5 of the table, 8 of the feed."""
    expected = Quality(octets=len(GOOD), records=13, entries=5 + 4, read=len(GOOD))

    assert expected == WHOLE_QUALITY
    assert STARTS[:-1] == [record.offset for record in WHOLE]
    assert WHOLE_QUALITY.is_complete


def test_the_peers_of_a_rib() -> None:
    """RIB records have the peers of the preceding table; other records have none."""
    peers = {len(record.peers) for record in WHOLE if isinstance(record.body, Rib)}

    assert {2} == peers
    assert not any(record.peers for record in WHOLE if not isinstance(record.body, Rib))


def test_every_cut() -> None:
    """A dump cut at any octet gives the records before the cut; the rest is reported as lost."""
    for end in range(len(GOOD) + 1):
        records, quality = read(GOOD[:end])

        last = max(start for start in STARTS if start <= end)
        expected = [record for record in WHOLE if record.offset < last]
        assert expected == records
        assert (end, last, 0, end - last) == (
            quality.octets, quality.read, quality.skipped, quality.lost,
        )  # fmt: skip
        assert [last] * (end != last) == [each.offset for each in quality.damage]


@given(st.lists(st.integers(0, len(GOOD)), max_size=20))
def test_chunks_do_not_matter(cuts: list[int]) -> None:
    """Chunks of any size, also empty ones, give the same records and quality."""
    places = [0, *sorted(cuts), len(GOOD)]
    chunks = [GOOD[at:end] for at, end in pairwise(places)]

    assert (WHOLE, WHOLE_QUALITY) == read(chunks)


@given(st.integers(1, 40), st.sampled_from(STARTS[1:]), st.binary(min_size=1, max_size=40))
def test_chunks_do_not_matter_after_damage(size: int, at: int, junk: bytes) -> None:
    """The size of chunks does not change how garbage is passed."""
    octets = GOOD[:at] + junk + GOOD[at:]
    chunks = (octets[start : start + size] for start in range(0, len(octets), size))

    assert read(octets) == read(chunks)


JUNK = [b"\0", b"\xff", b"\0" * 100, b"\xff" * 100, b"GET / HTTP/1.1\r\n", GOOD[12:40]]


@pytest.mark.parametrize("junk", JUNK)
@pytest.mark.parametrize("record", range(len(STARTS) - 2))
def test_garbage_between_records(record: int, junk: bytes) -> None:
    """Records before and after garbage are read; exactly the garbage is lost."""
    at = STARTS[record]

    records, quality = read(GOOD[:at] + junk + GOOD[at:])

    assert without_offsets(WHOLE) == without_offsets(records)
    assert (len(GOOD), len(junk), 1) == (quality.read, quality.lost, quality.damages)
    assert at == quality.damage[0].offset


def test_an_empty_dump_is_damaged() -> None:
    """A file without octets is no dump."""
    assert ([], Quality()) == read([])
    assert read(b"")[1].is_damaged


def test_a_peer_index_out_of_range_loses_that_entry_only() -> None:
    """Exactly the entry with an invalid peer index is lost; the entries around it are read."""
    rib = RibDump()
    peer = rib.peer("192.0.2.1", 64500)
    rib.routes(peer, "203.0.113.0/24 path 64500")
    rib.entry(1, "203.0.113.0/24", bytes.fromhex("400200"))
    rib.routes(peer, "203.0.113.0/24 path 64500 64501")

    records, quality = read(rib.octets() + feed())

    body = records[1].body
    assert isinstance(body, Rib)
    assert [0, 0] == [entry.peer for entry in body.entries]
    # Peer index 2, originated 4, length 2, AS_PATH 3.
    assert (1, 11, 0) == (quality.damages, quality.lost, quality.skipped)
    assert ("a peer index below 1", "1") == (quality.damage[0].expected, quality.damage[0].found)
    assert without_offsets(WHOLE[5:]) == without_offsets(records[2:])


def test_a_rib_without_a_peer_table() -> None:
    """Without a PEER_INDEX_TABLE the peers are unknown: each record is damage."""
    octets = GOOD[STARTS[1] :]

    records, quality = read(octets)

    assert without_offsets(WHOLE[5:]) == without_offsets(records)
    assert quality.damages == 4
    assert {"a PEER_INDEX_TABLE before the first RIB record"} == {
        each.expected for each in quality.damage
    }


def test_a_broken_peer_table_drops_the_previous_one() -> None:
    """After an unreadable peer table, the previous one is not applied to the RIB records."""
    second = bytearray(table())
    second[12 + 4 : 12 + 6] = b"\xff\xff"  # the length of the view's name

    records, quality = read(GOOD + bytes(second) + feed())

    assert without_offsets([*WHOLE, *WHOLE[5:]]) == without_offsets(records)
    assert quality.damages == 1 + 4


def message(body: str) -> UpdateDump:
    """Return a dump of one UPDATE with any octets."""
    return UpdateDump().message(PEER, encode_message(MessageType.UPDATE, bytes.fromhex(body)))


def update(body: str) -> bytes:
    """Return the octets of a dump of one UPDATE with any octets."""
    return message(body).octets()


def record(kind: MrtType, subtype: int, body: str) -> UpdateDump:
    """Return a dump of one record of any type."""
    return UpdateDump().record(kind, subtype, bytes.fromhex(body))


def peered() -> RibDump:
    """Return a table of one peer, without routes."""
    rib = RibDump()
    rib.peer("192.0.2.1", 64500)
    return rib


FIRST4, SECOND4 = "203.0.113.0/24", "198.51.100.0/24"
PATH = "0009 400206 0201 0000fbf4"


@pytest.mark.parametrize(
    ("body", "withdrawn", "announced", "lost", "found"),
    [
        (f"0004 18c63364 {PATH} 18cb0071 21cb0071", [SECOND4], [FIRST4], 4, "33"),
        (f"0000 {PATH} 18cb0071 18cb00", [], [FIRST4], 3, "the end"),
        (f"0008 18c63364 21cb0071 {PATH} 18cb0071", [SECOND4], [FIRST4], 4, "33"),
        (
            "0004 18c63364 0014 400206 0201 0000fbf4 800f08 0002 01 81 20010db8 18cb0071",
            [SECOND4], [FIRST4], 5, "129",
        ),
        (
            "0004 18c63364 000b 800f09 0002 01 20 20010db8",
            [SECOND4], [], 11, "11 octets left",
        ),
    ],
    ids=[
        "a length of 33", "cut", "in the withdrawals", "in MP_UNREACH_NLRI",
        "MP_UNREACH_NLRI over the end",
    ],
)  # fmt: skip
def test_broken_nlri_keeps_what_can_be_read(
    body: str, withdrawn: list[str], announced: list[str], lost: int, found: str
) -> None:
    """Prefixes before an unreadable one are kept, and the rest of their field is lost."""
    records, quality = read(update(body) + feed())

    message = records[0].message
    assert isinstance(message, Update)
    assert withdrawn == [str(nlri.prefix) for nlri in message.withdrawn]
    assert announced == [str(nlri.prefix) for nlri in message.nlri]
    assert (1, lost, found) == (quality.damages, quality.lost, quality.damage[0].found)
    assert without_offsets(WHOLE[5:]) == without_offsets(records[1:])


UPDATE = encode_message(MessageType.UPDATE, bytes.fromhex("0004 18c63364 0000"))


@pytest.mark.parametrize(
    ("octets", "messages", "lost", "offset", "why"),
    [
        (UPDATE, 1, 0, None, "whole"),
        (UPDATE * 2, 2, 0, None, "two, each of them whole"),
        (UPDATE + KEEPALIVE + UPDATE, 3, 0, None, "three"),
        (UPDATE + b"junk", 1, 4, len(UPDATE), "octets after it"),
        (UPDATE + b"\xff" * 16, 1, 16, len(UPDATE), "a marker after it"),
        (UPDATE[:-2], 1, 2, 16, "cut between two fields: its length is what makes no sense"),
        (UPDATE[:-3], 1, 3, len(UPDATE) - 6, "cut inside a prefix"),
        (UPDATE + UPDATE[:-3], 2, 3, 2 * len(UPDATE) - 6, "the second one cut"),
        (KEEPALIVE[:16] + b"\0\x17\4", 0, 3, 16, "a KEEPALIVE that is cut"),
        (UPDATE[:16] + b"\0\x12" + UPDATE[18:], 0, len(UPDATE) - 16, 16, "shorter than a header"),
    ],
)
def test_messages_and_the_records_end(
    octets: bytes, messages: int, lost: int, offset: int | None, why: str
) -> None:
    """Complete messages are kept, whatever follows them; of a cut one, the missing part is lost."""
    dump = UpdateDump().message(PEER, octets).octets()
    start = len(dump) - len(octets)

    records, quality = read(dump + feed())

    assert without_offsets(WHOLE[5:]) == without_offsets(records[messages:]), why
    assert (1 + 8, lost) == (quality.records, quality.lost)
    places = [] if offset is None else [start + offset]
    assert places == [each.offset for each in quality.damage]


UNDECLARED = "0000 0014 40010100 400206 0201 0000fbf4 400304 c0000201 00000001 18cb0071"


def test_undeclared_path_identifiers_are_counted() -> None:
    """UPDATEs with path identifiers that their subtype excludes are counted, but are no damage."""
    records, quality = read(update(UNDECLARED) + GOOD)

    message = records[0].message
    assert isinstance(message, Update)
    assert [(FIRST4, 1)] == [(str(each.prefix), each.path_id) for each in message.nlri]
    assert (1, 0, 0) == (quality.undeclared_path_ids, quality.damages, quality.malformed)
    assert quality.is_complete


@pytest.mark.parametrize(
    ("kind", "subtype", "hides", "source"),
    [
        (MrtType.BGP, 1, 1, "RFC 6396 appendix B: BGP_UPDATE of 1999"),
        (MrtType.BGP, 7, 0, "RFC 6396 appendix B: BGP_KEEPALIVE"),
        (MrtType.OSPFV2, 0, 0, "RFC 6396 section 4.1"),
        (MrtType.ISIS_ET, 0, 0, "RFC 6396 section 4.6"),
        (MrtType.OSPFV3, 0, 0, "RFC 6396 section 4.7"),
    ],
)
def test_unsupported_types_are_no_damage(
    kind: MrtType, subtype: int, hides: int, source: str
) -> None:
    """Records of other protocols, and of the historical type 5, are skipped and counted."""
    other = encode_record(START, kind, subtype, bytes(20))

    for octets in (other + GOOD, GOOD + other, GOOD[: STARTS[2]] + other + GOOD[STARTS[2] :]):
        records, quality = read(octets)

        assert without_offsets(WHOLE) == without_offsets(records), source
        assert ((kind, subtype, 1),) == quality.unsupported
        assert (len(other), 0) == (quality.skipped, quality.lost)
        assert (False, hides) == (quality.is_damaged, quality.may_hide_routes)


EVPN = encode_record(START, MrtType.TABLE_DUMP_V2, 6, bytes.fromhex("00000001 0019 46 00 0000"))


@pytest.mark.parametrize(
    ("octets", "kind", "subtype"),
    [
        (EVPN, MrtType.TABLE_DUMP_V2, 6),
        (update("0000 0007 800e04 0019 46 00"), MrtType.BGP4MP, 4),
        (update("0000 0006 800f03 0001 80"), MrtType.BGP4MP, 4),
    ],
    ids=["RIB_GENERIC of EVPN", "an UPDATE of EVPN", "an UPDATE of labelled VPN"],
)  # fmt: skip
def test_other_families_are_no_damage(octets: bytes, kind: int, subtype: int) -> None:
    """Routes of an unsupported address family are skipped and counted."""
    records, quality = read(octets + GOOD)

    assert without_offsets(WHOLE) == without_offsets(records)
    assert (((kind, subtype, 1),), len(octets)) == (quality.unsupported, quality.skipped)
    assert not quality.is_damaged


@pytest.mark.parametrize(
    ("body", "withdrawn", "announced"),
    [
        (
            "0000 0024 40010100 400206 0201 0000fbf4 400304 c0000201"
            " 800e0d 0019 46 04 c0000201 00 f9026162 18cb0071",
            [], [FIRST4],
        ),
        ("0004 18c63364 0006 800f03 0001 80", [SECOND4], []),
        ("0004 18c63364 000b 800f08 0001 80 5812345678", [SECOND4], []),
    ],
    ids=["announced with EVPN", "withdrawn with VPNv4", "with a withdrawal of VPNv4"],
)  # fmt: skip
def test_prefixes_beside_another_family(
    body: str, withdrawn: list[str], announced: list[str]
) -> None:
    """RFC 4760 section 7 allows ignoring the other family, but not the other prefixes."""
    records, quality = read(update(body) + GOOD)

    message = records[0].message
    assert isinstance(message, Update)
    assert withdrawn == [str(nlri.prefix) for nlri in message.withdrawn]
    assert announced == [str(nlri.prefix) for nlri in message.nlri]
    assert (((16, 4, 1),), 0) == (quality.unsupported, quality.malformed)
    assert not quality.is_damaged


@pytest.mark.parametrize("at", STARTS[:-1])
def test_on_damage_raise(at: int) -> None:
    """With on_damage="raise", the first damage raises an error with source and offset."""
    reader = Reader([GOOD[:at] + b"\xff" * 30 + GOOD[at:]], source="test", on_damage="raise")
    records: list[Record] = []

    with pytest.raises(DamageError) as caught:
        records.extend(reader)

    assert ("test", at) == (caught.value.source, caught.value.offset)
    assert str(caught.value).startswith(f"test: octet {at}: expected an MRT record header")


def test_on_damage_raise_reads_good_dumps() -> None:
    """A valid dump raises nothing, nor does one with records that are skipped."""
    other = encode_record(START, MrtType.OSPFV2, 0, bytes(4))

    assert without_offsets(WHOLE) == without_offsets(
        Reader([other + GOOD], source="test", on_damage="raise")
    )


BAD_ORIGIN = "40010103"
OLD_PATH = "400204 0201 fbf4"
TABLE = "0000 0007 cb007100 18 01 65000000 c0000201 fbf4"
ENTRY = "fbf4 1f8b 0000 0001 c0000201 c0000202 0000 0001 65000000 0001 01 04 c0000201 18 cb0071"


@pytest.mark.parametrize(
    ("octets", "entries", "malformed"),
    [
        (RibDump().entry(0, FIRST4, bytes.fromhex(BAD_ORIGIN)), 0, 0),
        (peered().entry(0, FIRST4, bytes.fromhex(BAD_ORIGIN)), 1, 1),
        (peered().entry(0, FIRST4, bytes.fromhex("40050100")), 1, 0),
        (record(MrtType.TABLE_DUMP, 1, TABLE + "000b" + OLD_PATH + BAD_ORIGIN), 1, 1),
        (record(MrtType.TABLE_DUMP, 1, TABLE + "0007" + OLD_PATH), 1, 0),
        (record(MrtType.BGP4MP, 2, ENTRY + "000b" + OLD_PATH + BAD_ORIGIN), 1, 1),
        (record(MrtType.BGP4MP, 2, ENTRY + "0007" + OLD_PATH), 1, 0),
        (message("0004 18c63364 000d 400206 0201 0000fbf4 40010103 18cb0071 18c00002"), 3, 2),
        (message("0004 18c63364 0004 40010103"), 1, 0),
        (message("0000 0004 40010100 18cb0071"), 1, 1),
    ],
    ids=[
        "RIB without peers", "RIB", "discarded", "TABLE_DUMP", "TABLE_DUMP, valid",
        "BGP4MP_ENTRY", "BGP4MP_ENTRY, valid", "UPDATE", "withdrawal", "UPDATE without AS_PATH",
    ],
)  # fmt: skip
def test_malformed_routes_are_counted(
    octets: RibDump | UpdateDump, entries: int, malformed: int
) -> None:
    """Routes that RFC 7606 treats as withdrawn are counted in every record; withdrawals are not."""
    quality = read(octets.octets())[1]

    assert (entries, malformed) == (quality.entries, quality.malformed)


class Counted(bytes):
    """Octets that count how many of them are copied by slicing."""

    copied = 0

    def __getitem__(self, key: slice) -> bytes:  # type: ignore[override]  # only slices are asked for
        """Return a part and count it."""
        part = super().__getitem__(key)
        Counted.copied += len(part)
        return part


def test_many_messages_in_a_record_are_not_copied_over_and_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A record of 16 MiB may have 880,000 KEEPALIVEs: each is copied alone, without the rest."""
    monkeypatch.setattr(Counted, "copied", 0)
    octets = Counted(2_000 * (b"\xff" * 16 + b"\0\x13\4"))

    readings, error = read_messages(octets, Form(as4=True, in_rib=False))

    assert (2_000, None) == (len(readings), error)
    assert Counted.copied <= 2 * len(octets)
