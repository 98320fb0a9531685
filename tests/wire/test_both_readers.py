"""The record reader, old dumps, and the fast path: both readers agree on every octet."""

from __future__ import annotations

import bz2
import gzip
import struct
from collections.abc import Callable, Iterable
from pathlib import Path

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import peerlint
from peerlint.model import Prefix
from peerlint.testing import malformed, records
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump
from peerlint.wire.attributes import Form
from peerlint.wire.bgp import MessageType, encode_message
from peerlint.wire.damage import Quality
from peerlint.wire.mrt import (
    MrtType,
    encode_bgp4mp_message,
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


KEEPALIVE = encode_message(MessageType.KEEPALIVE, b"")
GOOD = table() + feed()


def message(body: str) -> UpdateDump:
    """Return a dump of one UPDATE with any octets."""
    return UpdateDump().message(PEER, encode_message(MessageType.UPDATE, bytes.fromhex(body)))


def update(body: str) -> bytes:
    """Return the octets of a dump of one UPDATE with any octets."""
    return message(body).octets()


# -- files of the year 2000


@pytest.mark.samples
@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # Headers follow one another from octet 0 to the end: 3,818 of subtype 1 (BGP_UPDATE),
        # 16 of 3 (state change) and 123 of 7 (BGP_KEEPALIVE), all of type 5.
        (
            "updates.20000102.2014.gz",
            Quality(
                octets=226_019, records=3_957, skipped=226_019,
                unsupported=((5, 1, 3_818), (5, 3, 16), (5, 7, 123)), may_hide_routes=3_818,
            ),
        ),
        # Five records up to octet 14,756, 27 octets that are no record (the middle of one
        # whose beginning is missing), then 2,212 that follow one another to the end.
        (
            "updates.20000325.0345.gz",
            Quality(
                octets=151_804, records=5 + 2_212, skipped=151_777, lost=27, damages=1,
                unsupported=((5, 1, 2_083), (5, 3, 102), (5, 7, 32)), may_hide_routes=2_083,
            ),
        ),
        # 922 messages and 364 changes of state of type 16, those of old Zebra without addresses
        # among them; bgpdump prints 883 lines, the changes of state and 519 others.
        (
            "updates.20001104.0124.gz",
            Quality(octets=64_458, records=922 + 364, entries=883 - 364, read=64_458),
        ),
    ],
)  # fmt: skip
def test_files_of_2000(name: str, expected: Quality, samples: Callable[[str], Path]) -> None:
    """Dumps with old or damaged framing: a loop over the lengths of headers gives these numbers."""
    octets = gzip.decompress(samples(f"damaged/{name}").read_bytes())
    records, quality = read(octets)

    assert expected == attrs.evolve(quality, damage=())
    assert expected.records - sum(count for *_, count in expected.unsupported) == len(records)
    assert (
        by_hand(octets, [each.offset + each.octets for each in quality.damage]) == quality.records
    )


def by_hand(octets: bytes, resumed: list[int]) -> int:
    """Count the records of types 5 and 16 that follow one another from offset 0 and others."""
    count = 0
    for at in (0, *resumed):
        place = at
        while place < len(octets):
            kind, length = struct.unpack_from(">4xHxxI", octets, place)
            if kind not in (5, 16):
                break
            count += 1
            place += 12 + length
    return count


# -- the fast path


def fast_quality(path: Path) -> Quality:
    """Return the quality of a dump as the fast path reports it."""
    scan = peerlint.scan(path)
    for _ in scan:
        pass
    return scan.quality


@pytest.mark.samples
@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("rib.20140523.0600_firstMB.bz2", 270_005),
        ("rib6.20151101.0600_firstMB.bz2", 149_578),
    ],
)
def test_the_kernel_agrees_on_real_dumps(
    name: str, entries: int, samples: Callable[[str], Path], tmp_path: Path
) -> None:
    """Both readers give the same quality for real tables, whose last record is cut off."""
    path = tmp_path / "dump"
    octets = bz2.BZ2Decompressor().decompress(samples(name).read_bytes())
    path.write_bytes(octets)
    reader = Reader([octets], source="test")
    for _ in reader:  # a list of them all would be large
        pass
    quality = reader.quality

    assert fast_quality(path) == quality
    assert (entries, 1, 0) == (quality.entries, quality.damages, quality.malformed)


@pytest.mark.samples
def test_the_kernel_agrees_on_real_updates(samples: Callable[[str], Path], tmp_path: Path) -> None:
    """Both readers give the same quality for real UPDATEs and add-path tables."""
    folder = samples("bgpdump")
    for path in sorted(folder.glob("*.gz")):
        if path.name.endswith(".expect.gz"):
            continue
        octets = gzip.decompress(path.read_bytes())
        plain = tmp_path / path.stem
        plain.write_bytes(octets)

        fast, exact = fast_quality(plain), read(octets)[1]
        assert without_words(fast) == without_words(exact), path.name


def without_words(quality: Quality) -> Quality:
    """Return a quality whose damage has offsets and sizes only."""
    damage = (attrs.evolve(each, expected="", found="") for each in quality.damage)
    return attrs.evolve(quality, damage=tuple(damage))


@st.composite
def malformed_ribs(draw: st.DrawFn) -> bytes:
    """Return a table with malformed attributes and, sometimes, invalid peer indexes."""
    rib = RibDump()
    rib.peer("192.0.2.1", 64500)
    rib.peer(PEER6, 64501)
    for _ in range(draw(st.integers(0, 4))):
        prefix = draw(st.sampled_from(("203.0.113.0/24", "2001:db8::/32", "198.51.100.0/24")))
        path_id = draw(st.none() | st.integers(0, 0xFFFFFFFF))
        octets = draw(malformed.attribute_octets(RIB_FORM))
        rib.entry(draw(st.sampled_from((0, 1, 1, 0, 2))), Prefix.parse(prefix), octets, path_id)
    return rib.octets()


@st.composite
def messages(draw: st.DrawFn) -> bytes:
    """Return well-formed BGP4MP records with UPDATEs."""
    updates = records.bgp4mp_messages().filter(
        lambda record: record.message[18] == MessageType.UPDATE
    )
    kind = draw(st.sampled_from((MrtType.BGP4MP, MrtType.BGP4MP_ET)))
    return encode_record(START + 7, kind, *encode_bgp4mp_message(draw(updates)))


@given(parts=st.lists(st.one_of(malformed_ribs(), messages(), st.just(feed())), max_size=4))
@settings(max_examples=settings().max_examples * 3 // 5)
def test_the_kernel_agrees(tmp_path_factory: pytest.TempPathFactory, parts: list[bytes]) -> None:
    """Both readers give the same quality, including the text of the damage."""
    octets = b"".join(parts)
    path = tmp_path_factory.mktemp("dump") / "dump"
    path.write_bytes(octets)

    assert fast_quality(path) == read(octets)[1]


@given(body=malformed.attribute_octets(Form()), after=st.binary(max_size=6))
@settings(max_examples=settings().max_examples * 3 // 5)
def test_the_kernel_loses_the_same_octets_of_malformed_updates(
    tmp_path_factory: pytest.TempPathFactory, body: bytes, after: bytes
) -> None:
    """Both readers keep, lose and skip the same octets of a malformed UPDATE."""
    octets = update((bytes(2) + len(body).to_bytes(2) + body + after).hex()) + GOOD
    path = tmp_path_factory.mktemp("dump") / "dump"
    path.write_bytes(octets)
    fast, exact = fast_quality(path), read(octets)[1]

    assert without_words(fast) == without_words(exact)
