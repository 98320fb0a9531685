"""Lines of `bgpdump -m -v`, compared with its test files and with the program itself."""

from __future__ import annotations

import bz2
import gzip
import shutil
import subprocess
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

import attrs
import pytest

import peerlint
from peerlint.elements import bgpdump_line
from peerlint.model import AsPath, Community, LargeCommunity, Prefix, Segment, SegmentType
from peerlint.testing.dumps import TIMESTAMP, FeedSession, RibDump, UpdateDump
from peerlint.wire.attributes import (
    Aggregator,
    Attributes,
    Form,
    MpReach,
    MpUnreach,
    RawAttribute,
    encode_attributes,
)
from peerlint.wire.bgp import MessageType, Update, encode_message
from peerlint.wire.mrt import (
    Bgp4mpEntry,
    MrtType,
    TableDump,
    encode_bgp4mp_entry,
    encode_table_dump,
)
from peerlint.wire.nlri import Nlri

SAMPLES = (
    "bview.64k_stream_overflow",
    "bview.ipv4_unicast_add_path",
    "bview.ipv6_unicast_add_path",
    "updates.20020722.2238",
    "updates.20071015.1505",
    "updates.20100722.2015",
    "updates.long_withdrawal",
    "updates.nlri_mask_trailing_bits",
)
AS4 = FeedSession("192.0.2.1", 200_001, "192.0.2.0", 64500)
AS2 = FeedSession("192.0.2.1", 64501, "192.0.2.0", 64500, as4=False)
SESSION6 = FeedSession("2001:db8::1", 64501, "2001:db8::2", 64500)
DOC4, DOC6 = Nlri(Prefix.parse("203.0.113.0/24")), Nlri(Prefix.parse("2001:db8::/32"))
HOP4, HOP6 = IPv4Address("192.0.2.9"), IPv6Address("2001:db8::9")
NO_HOP = IPv4Address("255.255.255.255")
PATH = AsPath.sequence(64501, 64502)
PLAIN_OCTETS = "40010100 400206 0201 0000fbf4 400304c0000201"
PLAIN = Attributes(origin=0, as_path=PATH, next_hop=HOP4)


def lines(path: Path) -> list[str]:
    """Return a dump's elements as lines."""
    return [bgpdump_line(element) for element in peerlint.dump(path)]


@pytest.mark.samples
@pytest.mark.parametrize("name", SAMPLES)
def test_files_of_bgpdump(name: str, samples: Callable[[str], Path]) -> None:
    """The samples of bgpdump's tests give exactly the lines that they expect."""
    expected = gzip.decompress(samples(f"bgpdump/{name}.gz.expect.gz").read_bytes())

    found = "".join(f"{line}\n" for line in lines(samples(f"bgpdump/{name}.gz")))

    assert expected == found.encode("ascii")


# -- rows


def table_dump(attributes: Attributes = PLAIN, prefix: str = "203.0.113.0/24") -> bytes:
    """Return a dump of one TABLE_DUMP record."""
    place = Prefix.parse(prefix)
    peer = IPv4Address("192.0.2.1") if place.family == 4 else IPv6Address("2001:db8::1")
    record = TableDump(0, 1, place, 1_795_219_000, peer, 64501, attributes)
    return UpdateDump().record(MrtType.TABLE_DUMP, *encode_table_dump(record)).octets()


def rib(
    attributes: Attributes = PLAIN,
    prefix: str = "203.0.113.0/24",
    path_id: int | None = None,
    peer: str = "192.0.2.1",
) -> bytes:
    """Return a RIB of one entry."""
    dump = RibDump()
    index = dump.peer(peer, 200_001)
    octets = encode_attributes(attributes, Form(in_rib=True))
    return dump.entry(index, prefix, octets, path_id).octets()


def feed(*updates: Update, session: FeedSession = AS4, timestamp: int = TIMESTAMP) -> bytes:
    """Return a dump of UPDATEs."""
    dump = UpdateDump(timestamp=timestamp)
    for update in updates:
        dump.update(session, update)
    return dump.octets()


def announced(attributes: Attributes = PLAIN) -> Update:
    """Return an UPDATE that announces an IPv4 prefix."""
    return Update((), attributes, (DOC4,))


def reached(
    hop: IPv6Address = HOP6, prefix: str = "2001:db8::/32", path_id: int | None = None
) -> Update:
    """Return an UPDATE that announces an IPv6 prefix."""
    reach = MpReach((hop,), 6, 1, (Nlri(Prefix.parse(prefix), path_id),))
    return Update((), Attributes(origin=0, as_path=PATH, mp_reach=reach))


def with_path(text: str, as4_path: str | None = None, **more: object) -> Attributes:
    """Return attributes with paths."""
    merged = None if as4_path is None else AsPath.parse(as4_path)
    return attrs.evolve(PLAIN, as_path=AsPath.parse(text), as4_path=merged, **more)  # type: ignore[arg-type]


def in_segments(*sequences: tuple[int, ...], as4_path: str) -> Attributes:
    """Return attributes whose path is split into sequences."""
    path = AsPath(tuple(Segment(SegmentType.AS_SEQUENCE, asns) for asns in sequences))
    return attrs.evolve(PLAIN, as_path=path, as4_path=AsPath.parse(as4_path))


def in_reach(reach: MpReach) -> Update:
    """Return an UPDATE that announces prefixes in MP_REACH_NLRI only."""
    return Update((), Attributes(origin=0, as_path=PATH, mp_reach=reach))


def multicast() -> bytes:
    """Return a RIB of multicast."""
    dump = RibDump(safi=2)
    index = dump.peer("192.0.2.1", 64501)
    return dump.routes(index, "203.0.113.0/24 path 64501").octets()


def feed_of(attributes: str, nlri: str = "18cb0071") -> bytes:
    """Return a dump of an UPDATE with any attributes and any IPv4 prefixes."""
    octets = bytes.fromhex(attributes)
    body = bytes(2) + len(octets).to_bytes(2) + octets + bytes.fromhex(nlri)
    return UpdateDump().message(AS4, encode_message(MessageType.UPDATE, body)).octets()


LOCAL, ADD_PATH = attrs.evolve(AS4, sent=True), attrs.evolve(AS4, add_path=True)
LOCAL_ADD_PATH = attrs.evolve(LOCAL, add_path=True)
WELL_KNOWN = ("no-export", "no-advertise", "no-export-subconfed", "graceful-shutdown", "blackhole")
WITH_ID = Update((), PLAIN, (Nlri(DOC4.prefix, 7),))
#: Dumps by their contents.
DUMPS = {
    "TABLE_DUMP": table_dump(),
    "TABLE_DUMP of IPv6": table_dump(
        Attributes(origin=0, as_path=PATH, mp_reach=MpReach((HOP6,))), "2001:db8::/32"
    ),
    "TABLE_DUMP with AS4_PATH": table_dump(with_path("64501 23456", "200002")),
    "TABLE_DUMP2": rib(),
    "TABLE_DUMP2 of IPv6": rib(
        Attributes(origin=0, as_path=PATH, mp_reach=MpReach((HOP6,))), "2001:db8::/32"
    ),
    "TABLE_DUMP2 with a link-local hop": rib(
        Attributes(
            origin=0, as_path=PATH, mp_reach=MpReach((HOP6, IPv6Address("fe80::1")))
        ),
        "2001:db8::/32",
    ),
    "TABLE_DUMP2 of an IPv6 peer": rib(peer="2001:db8::1"),
    "TABLE_DUMP2_AP": rib(path_id=7),
    "TABLE_DUMP2_AP with 0": rib(path_id=0),
    "BGP4MP": feed(announced()),
    "BGP4MP of two octets": feed(announced(), session=AS2),
    "BGP4MP of IPv6 peers": feed(announced(), reached(), session=SESSION6),
    "BGP4MP_ET": feed(announced(), timestamp=TIMESTAMP + 7),
    "BGP4MP_LOCAL": feed(announced(), session=LOCAL),
    "BGP4MP_AP": feed(WITH_ID, session=ADD_PATH),
    "BGP4MP_AP of IPv6": feed(reached(path_id=7), session=ADD_PATH),
    "withdrawal": feed(Update((DOC4, Nlri(Prefix.parse("198.51.100.0/24"))))),
    "withdrawal with add-path": feed(Update((Nlri(DOC4.prefix, 7),)), session=ADD_PATH),
    "withdrawal of IPv6": feed(Update((), Attributes(mp_unreach=MpUnreach(6, 1, (DOC6,))))),
    "both ways and both families": feed(
        Update(
            (Nlri(Prefix.parse("198.51.100.0/24")),),
            attrs.evolve(
                PLAIN,
                mp_reach=MpReach((HOP6,), 6, 1, (DOC6,)),
                mp_unreach=MpUnreach(6, 1, (Nlri(Prefix.parse("2001:db8:1::/48")),)),
            ),
            (DOC4,),
        )
    ),
    "End-of-RIB": UpdateDump().end_of_rib(AS4).end_of_rib(AS4, 6).octets(),
    "OPEN": UpdateDump().open(AS4).octets(),
    "STATE": UpdateDump().state_change(AS4).state_change(AS2, 6, 1).octets(),
    "STATE with microseconds": UpdateDump(timestamp=TIMESTAMP + 7).state_change(AS4).octets(),
    "an empty path": feed(announced(attrs.evolve(PLAIN, as_path=AsPath()))),
    "AS_SET": feed(announced(with_path("64501 {64502,64503}"))),
    "AS_SET of one": feed(announced(with_path("64501 {64502}"))),
    "AS_SET first": feed(announced(with_path("{64502,64503} 64501"))),
    "AS_CONFED_SEQUENCE": feed(announced(with_path("(64512 64513) 64501"))),
    "AS_CONFED_SET": feed(announced(with_path("[64512,64513] 64501"))),
    "a wide AS number": feed(announced(with_path("200001 4200000000"))),
    "AS4_PATH": feed(announced(with_path("64501 23456 64503", "200002 64503")), session=AS2),
    "AS4_PATH that is longer": feed(
        announced(with_path("64501", "200002 200003")), session=AS2
    ),
    "AS4_PATH of an old aggregate": feed(
        announced(
            with_path(
                "64501 23456", "200002",
                aggregator=Aggregator(64501, HOP4), as4_aggregator=Aggregator(200_002, HOP4),
            )
        ),
        session=AS2,
    ),
    "MED and LOCAL_PREF": feed(announced(attrs.evolve(PLAIN, med=100, local_pref=200))),
    "the largest MED": feed(announced(attrs.evolve(PLAIN, med=0xFFFFFFFF, local_pref=0))),
    "EGP": feed(announced(attrs.evolve(PLAIN, origin=1))),
    "INCOMPLETE": feed(announced(attrs.evolve(PLAIN, origin=2))),
    "atomic": feed(announced(attrs.evolve(PLAIN, atomic_aggregate=True))),
    "aggregator": feed(
        announced(
            attrs.evolve(PLAIN, atomic_aggregate=True, aggregator=Aggregator(200_001, HOP4))
        )
    ),
    "AS4_AGGREGATOR": feed(
        announced(
            attrs.evolve(
                PLAIN,
                aggregator=Aggregator(23456, HOP4),
                as4_aggregator=Aggregator(200_001, HOP4),
            )
        ),
        session=AS2,
    ),
    "communities": feed(
        announced(attrs.evolve(PLAIN, communities=(Community.of(8075, 8007), Community.of(1, 0))))
    ),
    "well-known communities": feed(
        announced(attrs.evolve(PLAIN, communities=tuple(map(Community.parse, WELL_KNOWN))))
    ),
    "large communities": feed(
        announced(attrs.evolve(PLAIN, large_communities=(LargeCommunity(64500, 1, 2),)))
    ),
    "an unknown attribute": feed(
        announced(attrs.evolve(PLAIN, others=(RawAttribute(0xC0, 99, b"\1\2"),)))
    ),
    "a RIB without next hop": rib(attrs.evolve(PLAIN, next_hop=None)),
    "a RIB without path": rib(attrs.evolve(PLAIN, as_path=None)),
    "a RIB without anything": rib(Attributes()),
    "an UPDATE without next hop": feed(announced(attrs.evolve(PLAIN, next_hop=None))),
    "a default route": feed(Update((), PLAIN, (Nlri(Prefix.parse("0.0.0.0/0")),))),
    "a default route of IPv6": feed(reached(prefix="::/0")),
    "an empty table": RibDump().octets(),
    "BGP4MP_LOCAL of IPv6 peers": feed(
        announced(), reached(), session=attrs.evolve(SESSION6, sent=True)
    ),
    "IPv4 over IPv6": feed(in_reach(MpReach((HOP6,), 4, 1, (DOC4,)))),
    "MP_REACH_NLRI of multicast": feed(in_reach(MpReach((HOP6,), 6, 2, (DOC6,)))),
    "MP_UNREACH_NLRI of IPv4": feed(Update((), Attributes(mp_unreach=MpUnreach(4, 1, (DOC4,))))),
    "AS4_PATH with a set": feed(
        announced(with_path("64501 23456 {64503,64504}", "200002 {64503,64504}")), session=AS2
    ),
    "several segments": feed(announced(with_path("64501 {64502} 64503 {64504,64505}"))),
    "a path of 300": feed(announced(attrs.evolve(PLAIN, as_path=AsPath.sequence(*[64501] * 300)))),
    "a path that is cut": feed_of("40010100 400202 0201 400304c0000201"),
    "a path of type 9": feed_of("40010100 400206 0901 0000fbf4 400304c0000201"),
    "an ORIGIN of 7": feed_of("40010107 400206 0201 0000fbf4 400304c0000201"),
    "no path": feed_of("40010100 400304c0000201"),
    "STATE of Quagga": UpdateDump().state_change(AS4, 7, 8).octets(),
    "STATE of IPv6 peers": UpdateDump().state_change(SESSION6, 1, 2).octets(),
    "a RIB with MP_REACH_NLRI in full": rib(
        Attributes(origin=0, as_path=PATH, mp_reach=MpReach((HOP6,), 6, 1, (DOC6,))),
        "2001:db8::/32",
    ),
}  # fmt: skip
#: IPv6 addresses by how they are shortened.
SPELLINGS = (
    "2001:db8:0:1:1:1:1:1",
    "2001:db8::1:0:0:1",
    "2001:db8:0:0:1::1",
    "2001:db8:1:1:1:1:1:0",
    "::ffff:192.0.2.1",
    "::192.0.2.1",
    "::1",
    "::",
    "::2",
    "::170",
    "::ffff",
    "::1:0",
    "::1:2",
    "::ffff:0:0",
    "::1:0:0",
    "fe80::1",
    "64:ff9b::192.0.2.1",
    "2001:0db8:0000:0000:0000:0000:0000:0000",
)
ENTRY = Bgp4mpEntry(
    64501, 64500, 0, IPv4Address("192.0.2.1"), IPv4Address("192.0.2.0"),
    0, 1, 1, 1, (HOP4,), DOC4, PLAIN,
)  # fmt: skip
HOPS = {f"next hop {text}": feed(reached(IPv6Address(text))) for text in SPELLINGS}
PREFIXES = {f"prefix {text}": feed(reached(prefix=f"{text}/128")) for text in SPELLINGS}
ALIKE = DUMPS | HOPS | PREFIXES


def bgpdump(path: Path) -> list[str]:
    """Return the output of the program, or skip the test if it is not installed."""
    program = shutil.which("bgpdump")
    if program is None:
        pytest.skip("bgpdump is not installed")
    command = [program, "-m", "-v", str(path)]
    done = subprocess.run(command, capture_output=True, check=True, text=True, timeout=60)
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", ALIKE)
def test_the_program_agrees(name: str, tmp_path: Path) -> None:
    """Debian's bgpdump 1.6.2 prints the same lines for generated dumps."""
    path = tmp_path / "dump"
    path.write_bytes(ALIKE[name])

    assert bgpdump(path) == lines(path)


@pytest.mark.samples
@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("rib.20080501.0644_firstMB.bz2", "TABLE_DUMP"),
        ("rib.20140523.0600_firstMB.bz2", "TABLE_DUMP2"),
        ("rib6.20151101.0600_firstMB.bz2", "TABLE_DUMP2"),
    ],
)
def test_real_tables(name: str, kind: str, samples: Callable[[str], Path], tmp_path: Path) -> None:
    """Both print the same lines for the first megabyte of a real table, whose end is cut off."""
    path = tmp_path / "dump"
    octets = bz2.BZ2Decompressor().decompress(samples(name).read_bytes(), 1 << 20)
    path.write_bytes(octets)
    expected = bgpdump(path)

    assert expected == lines(path)
    assert {kind} == {line.partition("|")[0] for line in expected}
    assert len(expected) > 10_000


#: Deviations: the dump, bgpdump's lines, peerlint's lines, and the RFC that decides.
#: Lines without the fields up to the time, which all records share.
DIFFERENCES = [
    (
        feed(WITH_ID, session=LOCAL_ADD_PATH),
        "A|192.0.2.0|64500|203.0.113.0/24|7|64501 64502|IGP|192.0.2.9|0|0||NAG||",
        "A|192.0.2.1|200001|203.0.113.0/24|7|64501 64502|IGP|192.0.2.9|0|0||NAG||",
        "RFC 8050 section 3: laid out and meant as RFC 6396 section 4.4.3",
    ),
    (
        feed(Update((), Attributes(mp_unreach=MpUnreach(6, 1, (DOC6,)))), session=LOCAL),
        "W|c000:201::|200001|2001:db8::/32",
        "W|192.0.2.1|200001|2001:db8::/32",
        "RFC 6396 section 4.4.2: the family of the peers is not that of the prefixes",
    ),
    (
        feed(
            Update(
                (),
                Attributes(
                    origin=0,
                    as_path=PATH,
                    med=0xFFFFFFFF,
                    local_pref=1 << 31,
                    mp_reach=MpReach((HOP4,), 4, 1, (DOC4,)),
                ),
            )
        ),
        "A|192.0.2.1|200001|203.0.113.0/24|64501 64502|IGP|192.0.2.9|-2147483648|-1||NAG||",
        "A|192.0.2.1|200001|203.0.113.0/24|64501 64502|IGP|192.0.2.9|2147483648|4294967295||NAG||",
        "RFC 4271 section 4.3: unsigned",
    ),
    (
        feed(announced(with_path("(64512 64513) 64501 23456 64503", "200002 64503")), session=AS2),
        "A|192.0.2.1|64501|203.0.113.0/24|(64512 64513) (64512) 200002 64503|IGP|192.0.2.9"
        "|0|0||NAG||",
        "A|192.0.2.1|64501|203.0.113.0/24|(64512 64513) 64501 200002 64503|IGP|192.0.2.9"
        "|0|0||NAG||",
        "RFC 6793 section 4.2.3: confederations do not count, and stay where they lead",
    ),
    (
        feed(announced(in_segments((64501,), (64502, 23456), as4_path="200002")), session=AS2),
        "A|192.0.2.1|64501|203.0.113.0/24|64501 64501 200002|IGP|192.0.2.9|0|0||NAG||",
        "A|192.0.2.1|64501|203.0.113.0/24|64501 64502 200002|IGP|192.0.2.9|0|0||NAG||",
        "RFC 6793 section 4.2.3: what is prepended goes over several segments",
    ),
    (
        feed(announced(with_path("64501 23456", "(64512) 200002")), session=AS2),
        "A|192.0.2.1|64501|203.0.113.0/24|(64512) 200002|IGP|192.0.2.9|0|0||NAG||",
        "A|192.0.2.1|64501|203.0.113.0/24|64501 200002|IGP|192.0.2.9|0|0||NAG||",
        "RFC 6793 section 6: confederations in AS4_PATH are discarded",
    ),
    (
        feed(announced(with_path("64501", aggregator=Aggregator(64501, NO_HOP)))),
        "A|192.0.2.1|200001|203.0.113.0/24|64501|IGP|192.0.2.9|0|0||NAG||",
        "A|192.0.2.1|200001|203.0.113.0/24|64501|IGP|192.0.2.9|0|0||NAG|64501 255.255.255.255|",
        "RFC 4271 section 5.1.7: an AGGREGATOR of any address",
    ),
    (
        rib(Attributes(origin=0, as_path=PATH, mp_reach=MpReach((HOP6,), 6, 2)), "2001:db8::/32"),
        "B|192.0.2.1|200001|2001:db8::/32|64501 64502|IGP|255.255.255.255|0|0||NAG||",
        "B|192.0.2.1|200001|2001:db8::/32|64501 64502|IGP|2001:db8::9|0|0||NAG||",
        "RFC 6396 section 4.3.4: of MP_REACH_NLRI in a RIB the next hop counts",
    ),
    (
        multicast(),
        None,
        "B|192.0.2.1|64501|203.0.113.0/24|64501|IGP|192.0.2.1|0|0||NAG||",
        "RFC 6396 section 4.3.2: RIB_IPV4_MULTICAST",
    ),
    (
        UpdateDump().record(MrtType.BGP4MP, 2, encode_bgp4mp_entry(ENTRY)).octets(),
        None,
        "B|192.0.2.1|64501|203.0.113.0/24|64501 64502|IGP|192.0.2.9|0|0||NAG||",
        "RFC 6396 appendix B: BGP4MP_ENTRY",
    ),
    (
        feed_of("40010100 400206 0201 0000fbf4 400304c0000201", "19cb0071ff"),
        "A|192.0.2.1|200001|203.0.113.255/25|64500|IGP|192.0.2.1|0|0||NAG||",
        "A|192.0.2.1|200001|203.0.113.128/25|64500|IGP|192.0.2.1|0|0||NAG||",
        "RFC 4271 section 4.3: bits right of the length are irrelevant",
    ),
    (
        feed_of("40010100 400206 0201 0000fbf4 400303c00002"),
        "A|192.0.2.1|200001|203.0.113.0/24|64500|IGP|192.0.2.0|0|0||NAG||",
        "A|192.0.2.1|200001|203.0.113.0/24|64500|IGP|255.255.255.255|0|0||NAG||",
        "RFC 7606 section 7.3: NEXT_HOP of three octets",
    ),
    (
        feed_of(PLAIN_OCTETS + "800403000001"),
        "A|192.0.2.1|200001|203.0.113.0/24|64500|IGP|192.0.2.1|0|256||NAG||",
        "A|192.0.2.1|200001|203.0.113.0/24|64500|IGP|192.0.2.1|0|0||NAG||",
        "RFC 7606 section 7.4: MULTI_EXIT_DISC of three octets",
    ),
    (
        feed_of(PLAIN_OCTETS + "c00805 1f8b1f4700"),
        "A|192.0.2.1|200001|203.0.113.0/24|64500|IGP|192.0.2.1|0|0|8075:8007|NAG||",
        "A|192.0.2.1|200001|203.0.113.0/24|64500|IGP|192.0.2.1|0|0||NAG||",
        "RFC 7606 section 7.8: COMMUNITIES of five octets",
    ),
    (
        feed_of(PLAIN_OCTETS + "c00706 fbf4c0000201"),
        "A|192.0.2.1|200001|203.0.113.0/24|64500|IGP|192.0.2.1|0|0||NAG|4227121152 2.1.0.0|",
        "A|192.0.2.1|200001|203.0.113.0/24|64500|IGP|192.0.2.1|0|0||NAG||",
        "RFC 7606 section 7.7: AGGREGATOR of six octets",
    ),
    (
        feed_of(PLAIN_OCTETS + "40060100"),
        "A|192.0.2.1|200001|203.0.113.0/24|64500|IGP|192.0.2.1|0|0||AG||",
        "A|192.0.2.1|200001|203.0.113.0/24|64500|IGP|192.0.2.1|0|0||NAG||",
        "RFC 7606 section 7.6: ATOMIC_AGGREGATE with a value",
    ),
    (
        feed_of("c0010100 400206 0201 0000fbf4 400304c0000201"),
        "A|192.0.2.1|200001|203.0.113.0/24|64500|IGP|192.0.2.1|0|0||NAG||",
        "A|192.0.2.1|200001|203.0.113.0/24|64500|INCOMPLETE|192.0.2.1|0|0||NAG||",
        "RFC 7606 section 3 c: flags that conflict with the type",
    ),
]


@pytest.mark.parametrize(
    ("octets", "theirs", "ours", "source"), DIFFERENCES, ids=[row[3] for row in DIFFERENCES]
)
def test_where_we_differ(
    octets: bytes, theirs: str | None, ours: str | None, source: str, tmp_path: Path
) -> None:
    """Debian's bgpdump 1.6.2 is wrong for these dumps; peerlint's lines follow the RFC."""
    path = tmp_path / "dump"
    path.write_bytes(octets)
    expected = [[] if line is None else [line] for line in (ours, theirs)]

    assert expected[0] == [line.split("|", 2)[2] for line in lines(path)], source
    assert expected[1] == [line.split("|", 2)[2] for line in bgpdump(path)]


@pytest.mark.parametrize("again", ["40010102", "c008041f8b1f47 c0080400010001"])
def test_a_repeated_attribute(again: str, tmp_path: Path) -> None:
    """The first one counts (RFC 7606 section 3 g); an assertion aborts bgpdump."""
    path = tmp_path / "dump"
    path.write_bytes(feed_of(PLAIN_OCTETS + again))
    words = "8075:8007" if "c008" in again else ""

    assert lines(path) == [
        f"BGP4MP|1795219200|A|192.0.2.1|200001|203.0.113.0/24|64500|IGP|192.0.2.1|0|0|{words}|NAG||"
    ]
