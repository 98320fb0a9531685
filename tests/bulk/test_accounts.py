"""One account of a file: `dump` and `scan` read, lose and skip the same octets of it.

`scan` is what `read` of these tests asks of the kernel in use; that both kernels give the same is
shown by `test_kernels`.
"""

from __future__ import annotations

import bz2
import gzip
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from peerlint.testing import malformed_dumps
from peerlint.testing.dumps import FeedSession, OldRibDump, RibDump, UpdateDump
from peerlint.wire.bgp import Keepalive, Notification, RouteRefresh, encode
from peerlint.wire.damage import Quality
from peerlint.wire.mrt import (
    Bgp4mpEntry,
    Bgp4mpMessage,
    GeoPeerTable,
    MrtType,
    Rib,
    Snapshot,
)
from peerlint.wire.reader import Reader, Record

Read = Callable[..., Any]

#: What `dump` reads and `scan` skips, having looked into it.
ONLY_DUMP = (Bgp4mpEntry, GeoPeerTable, Snapshot)


def is_skipped_by_scan(record: Record) -> bool:
    """Whether a record has no rows, see `peerlint.bulk`."""
    match record.body:
        case Rib() as rib:
            return rib.generic
        case Bgp4mpMessage() as message:
            # Without addresses, `dump` shows its routes and `scan` has no session to give them
            # to: see `test_messages_without_addresses` for what is said of those.
            return int(message.local_address) == 0
    return isinstance(record.body, ONLY_DUMP)


def assert_same_account(read: Read, octets: bytes) -> None:
    """Compare what is said of the octets, but for the words that damage is described with."""
    reader = Reader([octets], source="test")
    only_dump = sum(is_skipped_by_scan(record) for record in reader)
    exact, fast = reader.quality, read(octets).quality

    def account(quality: Quality) -> Quality:
        """Return the quality without what differs for records that only `dump` reads."""
        damage = tuple(attrs.evolve(each, expected="", found="") for each in quality.damage)
        plain = attrs.evolve(quality, damage=damage)
        if not only_dump:
            return plain
        passed = quality.read + quality.skipped
        return attrs.evolve(
            plain, read=passed, skipped=0, entries=0, malformed=0, unsupported=(),
            may_hide_routes=0, undeclared_path_ids=0,
        )  # fmt: skip

    assert account(exact) == account(fast)


#: An UPDATE of no session, whose prefixes can be read as path identifiers only.
NO_ADDRESSES = bytes.fromhex(
    "6b00df00 0010 0004 00000024 0000fbf4 00001f8b ffff ffff"
    f"{'ff' * 16} 001c 02 0000 0000 0000000000"
)


@pytest.mark.slow
@settings(max_examples=settings().max_examples * 2)
@example(NO_ADDRESSES)
@given(malformed_dumps.dumps())
def test_dumps_that_lie(read: Read, octets: bytes) -> None:
    """Dumps of every kind of record, in which some numbers lie."""
    assert_same_account(read, octets)


SESSION = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)
IPV6 = FeedSession("2001:db8::1", 64501, "2001:db8::2", 8075)
LINE = "203.0.113.0/24 path 64500 64501 community 8075:8007"
PATH, IPV6_LINE = "40010100 400206 0201 0000fbf4", "2001:db8::/32 path 64501"


def message(kind: int, body: str) -> bytes:
    """Return a dump of one message, header and session included."""
    octets = bytes.fromhex(body)
    length = (19 + len(octets)).to_bytes(2)
    return UpdateDump().message(SESSION, b"\xff" * 16 + length + bytes((kind,)) + octets).octets()


def reach(hop: str) -> str:
    """Return the body of an UPDATE that announces an IPv6 prefix by a next hop of any length."""
    value = f"0002 01 {len(bytes.fromhex(hop)):02x} {hop} 00 30 20010db80001"
    octets = f"{PATH} 800e{len(bytes.fromhex(value)):02x} {value}"
    return f"0000 {len(bytes.fromhex(octets)):04x} {octets}"


@pytest.mark.parametrize(
    ("octets", "lost", "damages", "why"),
    [
        (message(2, reach("00" * 24)), 37, 1, "a next hop of 24 octets (RFC 4760 section 3)"),
        (message(2, reach("")), 13, 1, "a next hop of 0 octets"),
        (message(1, "03" + "00" * 9), 10, 1, "an OPEN of version 3 (RFC 4271 section 6.2)"),
        (message(1, "04 fbf4 00b4 c0000201 01"), 1, 1, "an OPEN without its parameters"),
        (message(1, "04 0000 00b4 c0000201 00"), 9, 1, "an OPEN of AS 0 (RFC 7607 section 2)"),
        (message(3, ""), 0, 1, "a NOTIFICATION without a body (RFC 4271 section 4.5)"),
        (message(3, "06"), 0, 1, "a NOTIFICATION without a subcode"),
        (message(4, "00"), 1, 1, "a KEEPALIVE with a body (RFC 4271 section 4.4)"),
        (message(5, "000100"), 0, 1, "a ROUTE-REFRESH without SAFI (RFC 2918 section 3)"),
        (message(1, "04 fbf4 00b4 c0000201 00"), 0, 0, "an OPEN"),
        (message(3, "0602"), 0, 0, "a NOTIFICATION"),
        (message(4, ""), 0, 0, "a KEEPALIVE"),
        (message(5, "00010001"), 0, 0, "a ROUTE-REFRESH"),
        (message(5, "00010201"), 0, 0, "the end of one (RFC 7313 section 3.2)"),
        (message(6, "00010001"), 0, 0, "a CAPABILITY, as FRR's dynamic capability sends"),
        (message(128, "00010001"), 0, 0, "Cisco's ROUTE-REFRESH from before RFC 2918"),
        (message(0, ""), 0, 0, "a type that is reserved"),
        (message(255, "00"), 0, 0, "a type that nobody has defined"),
        (message(6, "00010001")[:-1], 12 + 20 + 22, 1, "one that is cut with the dump"),
    ],
)
def test_messages(read: Read, octets: bytes, lost: int, damages: int, why: str) -> None:
    """Messages other than UPDATEs are checked as `dump` checks them, whatever becomes of them."""
    assert_same_account(read, octets)
    quality = read(octets).quality
    assert (lost, damages) == (quality.lost, quality.damages), why
    assert not quality.may_hide_routes, why


@pytest.mark.parametrize(("kind", "unsupported"), [(4, ()), (6, ((16, 4, 1),))])
def test_messages_of_other_types_are_skipped(
    read: Read, kind: int, unsupported: tuple[tuple[int, int, int], ...]
) -> None:
    """A message of a type that is not read is skipped and named, and covers up nothing."""
    update = UpdateDump().announce(SESSION, LINE).octets()

    found = read(message(kind, "") + update)

    assert unsupported == found.quality.unsupported
    assert found.quality.is_complete
    assert 1 == len(found.rows)


def old_zebra(subtype: int, asns: str, kind: int, body: str) -> bytes:
    """Return a message whose session has no addresses."""
    octets = bytes.fromhex(body)
    head = b"\xff" * 16 + (19 + len(octets)).to_bytes(2) + bytes((kind,))
    return (
        UpdateDump().record(MrtType.BGP4MP, subtype, bytes.fromhex(asns) + head + octets).octets()
    )


@pytest.mark.parametrize(
    ("kind", "body", "lost", "hides", "why"),
    [
        (1, "04 fbf4 00b4 c0000201 00", 0, 0, "an OPEN"),
        (1, "03 fbf4 00b4 c0000201 00", 10, 0, "an OPEN of version 3"),
        (4, "", 0, 0, "a KEEPALIVE"),
        (6, "00", 0, 0, "a message of another type"),
        (2, "0000 0000", 0, 0, "an End-of-RIB"),
        (2, "0000 0000 18cb0071", 0, 1, "a route"),
        (2, "0000 0000 18cb0071 21", 1, 1, "a route in front of damage"),
        (2, "0000 0006 800f03 000180", 0, 0, "another family"),
    ],
)
@pytest.mark.parametrize(("subtype", "asns"), [(1, "fbf4 1f8b"), (4, "0000fbf4 00001f8b")])
def test_messages_without_addresses(
    read: Read, subtype: int, asns: str, kind: int, body: str, lost: int, hides: int, why: str
) -> None:
    """What an old Zebra left the addresses out of is looked into: no session may have it."""
    octets = old_zebra(subtype, asns, kind, body) + UpdateDump().announce(SESSION, LINE).octets()
    reader = Reader([octets], source="test")
    for _ in reader:
        pass

    quality = read(octets).quality

    assert (lost, hides) == (quality.lost, quality.may_hide_routes), why
    assert [(each.offset, each.octets) for each in reader.quality.damage] == [
        (each.offset, each.octets) for each in quality.damage
    ]


def records(octets: bytes) -> list[bytes]:
    """Cut a dump into its records."""
    found = []
    while octets:
        size = 12 + int.from_bytes(octets[8:12])
        found.append(octets[:size])
        octets = octets[size:]
    return found


def every_kind() -> list[bytes]:
    """Return a record of each kind, the peer table first."""
    rib, feed = RibDump(), UpdateDump()
    peer, other = rib.peer("192.0.2.1", 64500), rib.peer("2001:db8::2", 64501)
    rib.routes(peer, LINE, "0.0.0.0/0 path 64500", f"{LINE} path-id 1")
    rib.routes(other, f"{IPV6_LINE} next-hop 2001:db8::1")
    old = OldRibDump(together=2).routes("192.0.2.1", 64500, *[LINE] * 3)
    old.routes("2001:db8::1", 64501, IPV6_LINE)
    two, with_ids = attrs.evolve(SESSION, as4=False), attrs.evolve(SESSION, add_path=True)
    for session in (SESSION, two, with_ids):
        feed.state_change(session).open(session).end_of_rib(session).end_of_rib(session, 6)
        feed.announce(session, LINE, f"{IPV6_LINE} next-hop 2001:db8::1")
        feed.withdraw(session, "203.0.113.0/24", "2001:db8::/32")
        for said in (Keepalive(), Notification(6, 2, b"x"), RouteRefresh(1, 1)):
            feed.message(session, encode(said, session.form))
    feed.announce(IPV6, f"{LINE} next-hop 192.0.2.1").record(MrtType.OSPFV2, 0, bytes(4))
    feed.at(1_795_219_200_000_007).announce(SESSION, LINE)
    return records(rib.octets() + old.octets() + feed.octets() + message(6, "00010001"))


KINDS = every_kind()
#: Octets that are likely to mean something where they stand.
TELLING = (0, 1, 2, 3, 4, 14, 15, 16, 24, 33, 128, 255)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """Return some records in which octets are changed, added or missing."""
    chosen = draw(st.lists(st.sampled_from(KINDS), min_size=1, max_size=4))
    octets = b"".join((KINDS[0], *chosen))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(octets) - 1))
        kept = draw(st.sampled_from((0, 1, 1, 1, 3)))
        octet = bytes((draw(st.sampled_from(TELLING)),))
        octets = octets[:at] + octet + octets[at + kept :]
    return octets


@settings(max_examples=settings().max_examples * 4)
@given(mutated())
def test_mutated_dumps(read: Read, octets: bytes) -> None:
    """Dumps of every kind of record with octets changed, added or missing."""
    assert_same_account(read, octets)


# -- real dumps

SAMPLES = (
    "rib.20080501.0644_firstMB.bz2",
    "rib.20140523.0600_firstMB.bz2",
    "rib6.20151101.0600_firstMB.bz2",
    "damaged/updates.20000102.2014.gz",
    "damaged/updates.20000325.0345.gz",
    "damaged/updates.20001104.0124.gz",
    "bgpdump/bview.64k_stream_overflow.gz",
    "bgpdump/bview.ipv4_unicast_add_path.gz",
    "bgpdump/bview.ipv6_unicast_add_path.gz",
    "bgpdump/updates.20020722.2238.gz",
    "bgpdump/updates.20071015.1505.gz",
    "bgpdump/updates.20100722.2015.gz",
    "bgpdump/updates.long_withdrawal.gz",
    "bgpdump/updates.nlri_mask_trailing_bits.gz",
)
#: As much of a sample as is mutated: damage is near, and it is read many times.
PART = 40_000


def sample(path: Path) -> bytes:
    """Return the octets of a sample, of which the end may be missing."""
    packed = path.read_bytes()
    if path.suffix == ".gz":
        return gzip.decompress(packed)
    return bz2.BZ2Decompressor().decompress(packed)


@pytest.mark.samples
@pytest.mark.parametrize("name", SAMPLES)
def test_samples(name: str, samples: Callable[[str], Path], read: Read) -> None:
    """Whole files of collectors and routers."""
    assert_same_account(read, sample(samples(name)))


@pytest.mark.samples
@pytest.mark.parametrize("name", SAMPLES)
def test_mutated_samples(name: str, samples: Callable[[str], Path], read: Read) -> None:
    """The beginning of each with octets changed, added or missing, and cut."""
    chance = random.Random(name)  # noqa: S311  # not for secrets
    whole = sample(samples(name))[:PART]
    for _ in range(12):
        octets = whole
        for _ in range(chance.randint(1, 8)):
            at = chance.randrange(len(octets))
            octet = bytes((chance.choice(TELLING),))
            octets = octets[:at] + octet + octets[at + chance.choice((0, 1, 1, 1, 5)) :]

        assert_same_account(read, octets[: len(octets) - chance.choice((0, 1, 100))])
