"""Two kernels, one answer: the compiled one against the one in Python, on octets that lie."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from peerlint.bulk import PrefixFilter
from peerlint.bulk.kernel import contract
from peerlint.bulk.kernel.contract import ROW, Fault, Stop
from peerlint.bulk.kernel.counts import Counts
from peerlint.bulk.kernel.python import route_kernel as python
from peerlint.bulk.kernel.runs import runs_of
from peerlint.model import MICROSOFT, Asn, Criteria, Fact, Prefix, View, Viewpoint
from peerlint.model.viewpoint import Reading
from peerlint.testing import malformed_dumps, strategies
from peerlint.testing.dumps import FeedSession, OldRibDump, RibDump, UpdateDump
from peerlint.wire.attribute_types import AttributeType
from peerlint.wire.bgp import MessageType, encode_message
from peerlint.wire.mrt import MAX_RECORD
from peerlint.wire.paths import AS_TRANS

compiled = pytest.importorskip("peerlint.bulk.kernel.compiled.route_kernel")
KernelClass = Callable[..., Any]
FAULTS = ((int(Fact.LOOP | Fact.LONG_PATH), 0), (0, int(Fact.TAGGED | Fact.IPV6)))


@attrs.frozen
class Asked:
    """What is asked of a kernel."""

    seen: list[Viewpoint | None]
    criteria: Criteria
    watch: PrefixFilter | None
    tagged_too: bool
    limits: tuple[int, int, int] = contract.LIMITS
    writing: bool = True
    chunk: int = 0
    runs: bool = False


@st.composite
def questions(draw: st.DrawFn) -> Asked:
    """Return a question: some peers without a viewpoint, tables that may be tiny."""
    views = [strategies.viewpoints()] * 4
    seen = draw(st.lists(st.one_of(*views, st.none()), min_size=1, max_size=3))
    prefixes = st.one_of(strategies.prefixes(), st.sampled_from(malformed_dumps.PREFIXES))
    nothing = [st.none()] * 4
    watched = draw(st.one_of(*nothing, st.lists(prefixes, max_size=3)))
    small = st.integers(0, 3)
    return Asked(
        seen,
        draw(strategies.criteria()),
        None if watched is None else PrefixFilter.of(watched),
        draw(st.booleans()),
        draw(st.one_of(st.just(contract.LIMITS), st.tuples(small, small, small))),
        draw(st.booleans()),
        draw(st.integers(0, 400)),
        draw(st.booleans()),
    )


def answer(kernel_class: KernelClass, octets: bytes, asked: Asked) -> list[object]:
    """Walk over octets; return everything that a kernel says, in its order."""
    kernel = kernel_class(
        asked.criteria,
        asked.watch,
        tagged_too=asked.tagged_too,
        writing=asked.writing,
        runs=asked.runs,
        violations=FAULTS,
        limits=asked.limits,
    )
    said: list[object] = []
    at, met = 0, 0
    for buffer in (octets[: asked.chunk], octets):
        while True:
            at, stop = kernel.read(buffer, at, 1 << 33)
            said.append((at, Stop(stop), attrs.astuple(kernel.lost)))
            kernel.lost.clear()
            if stop is Stop.PEERS:
                for index in range(met, len(kernel.peers)):
                    viewpoint = asked.seen[index % len(asked.seen)]
                    if viewpoint is not None:
                        own = -1 if viewpoint.asn is None else viewpoint.asn
                        kernel.set_viewpoint(index, viewpoint.reading, own)
                met = len(kernel.peers)
            elif stop is Stop.BROKEN:
                said.append((kernel.broken_at, kernel.record_end, kernel.expected, kernel.found))
                at = kernel.record_end
            else:
                break
    said += (kernel.peers, [kernel.count(peer) for peer in range(met)])
    said += (kernel.snapshot_of, [kernel.moments(peer) for peer in range(met)])
    said += (list(kernel.snapshots()), kernel.messages)
    rows = kernel.take_rows()
    said += (rows.dtype, *rows.tolist())
    runs = kernel.take_runs()
    said += (runs.dtype, *runs.tolist())
    if asked.runs and asked.writing:
        assert runs.tolist() == runs_of(rows).tolist()
    counts: Counts = kernel.counts()
    said += (kernel.records, kernel.octets_read, kernel.octets_skipped, kernel.malformed)
    said += (
        kernel.unsupported,
        kernel.may_hide,
        sorted(counts.prefixes.tolist()),
        *attrs.astuple(counts, recurse=False)[:7],
    )
    return [*said, counts.prefixes_full]


@settings(max_examples=settings().max_examples * 6)
@given(malformed_dumps.dumps(), questions())
def test_same_answer(octets: bytes, asked: Asked) -> None:
    """Both give the same rows, counts, peers, lost parts and reasons to stop, in the same order."""
    expected = answer(python.Kernel, octets, asked)

    assert expected == answer(compiled.Kernel, octets, asked)


@pytest.mark.parametrize("kernel_class", [python.Kernel, compiled.Kernel], ids=["py", "compiled"])
@pytest.mark.parametrize("writing", [True, False])
def test_runs(kernel_class: KernelClass, writing: bool) -> None:
    """A run ends where prefix or origin change in any part; a withdrawal is in none."""
    feed, session = UpdateDump(), FeedSession("2001:db8::1", 64500, "2001:db8::2", 8075)
    routes = (
        *("0.0.0.0/0 64500", "0.0.0.0/0 64500", "::/0 64500", "::/0 64501", "::/1 64501"),
        *("2001:db8::/64 64501", "2001:db8:1::/64 64501", "2001:db8:1::/64 64501"),
        *("2001:db8::1/128 64501", "2001:db8::2/128 64501", "2001:db8::1/128 64501"),
    )
    for prefix, origin in map(str.split, routes):
        feed.announce(session, f"{prefix} path 64500 {origin} next-hop 2001:db8::1")
        feed.withdraw(session, prefix)
    kernel = kernel_class(Criteria(), None, tagged_too=False, writing=writing, runs=True)
    at, _ = kernel.read(feed.octets(), 0, 0)
    kernel.set_viewpoint(0, 0, 64500)
    kernel.read(feed.octets(), at, 0)
    rows, runs = kernel.take_rows(), kernel.take_runs()

    assert (22 if writing else 0) == len(rows)
    assert [2, 1, 1, 1, 1, 2, 1, 1, 1] == runs["routes"].tolist()
    assert [4, 6, 6, 6, 6, 6, 6, 6, 6] == runs["family"].tolist()
    assert [64500, 64500, *[64501] * 7] == runs["origin"].tolist()
    assert [0, 0, 0, 1, 64, 64, 128, 128, 128] == runs["length"].tolist()
    assert [0, 0, 0, 0, 0, 0, 1, 2, 1] == runs["prefix_lo"].tolist()
    assert [] == kernel.take_runs().tolist()


@pytest.mark.parametrize("length", [3, 23, 24, 25, 26, 60, 255])
@pytest.mark.parametrize("loop", [None, 0, 1, -1])
def test_long_paths(length: int, loop: int | None) -> None:
    """An AS that returns is found however many stand between, and none where none does."""
    path = list(range(64512, 64512 + length))
    if loop is not None:
        path += [64500, path[loop]]
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.1", 64500), f"203.0.113.0/24 path {' '.join(map(str, path))}")
    asked = Asked([Viewpoint("received", 64500)], Criteria(), None, tagged_too=False)
    octets = rib.octets()
    kernel = compiled.Kernel(Criteria(), None, tagged_too=False)
    at, _ = kernel.read(octets, 0, 0)
    kernel.set_viewpoint(0, 0, 64500)
    kernel.read(octets, at, 0)

    assert answer(python.Kernel, octets, asked) == answer(compiled.Kernel, octets, asked)
    assert (loop is not None) == bool(kernel.take_rows()["facts"][0] & Fact.LOOP)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("64500", Fact(0)),
        ("64500 65551", Fact(0)),
        ("64500 4200000000", Fact.PRIVATE_ASN),
        ("64500 64500", Fact.PREPENDED),
        ("64500 65551 64500", Fact.LOOP),
        ("64500 65551 65550", Fact(0)),
        ("64500 65551 65551 64500", Fact.LONG_PATH | Fact.PREPENDED | Fact.LOOP),
        ("64500 64500 65551 64500", Fact.LONG_PATH | Fact.PREPENDED | Fact.LOOP),
        (
            "64500 8075 65551 8075",
            Fact.LONG_PATH,
        ),  # a loop of AS8075 is not LOOP
        ("64500 65551 65550 65549 65548 65547 65546 65551", Fact.LONG_PATH | Fact.LOOP),
        ("64500 65551 65550 65549 65548 65547 65546 64512", Fact.LONG_PATH | Fact.PRIVATE_ASN),
        ("64500 65551 65550 65549 65548 65547 65546 65545 64500", Fact.LONG_PATH | Fact.LOOP),
    ],
)
def test_short_paths(path: str, expected: Fact) -> None:
    """Paths of one AS_SEQUENCE are read without being cut into segments, with the same result."""
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.1", 64500), f"203.0.113.0/24 path {path}")
    asked = Asked([Viewpoint("received", 64500)], Criteria(), None, tagged_too=False)
    judged = Fact.LONG_PATH | Fact.PREPENDED | Fact.LOOP | Fact.PRIVATE_ASN

    found = answer(compiled.Kernel, rib.octets(), asked)

    assert found == answer(python.Kernel, rib.octets(), asked)
    (row,) = (each for each in found if isinstance(each, tuple) and len(each) == len(ROW))
    assert expected == Fact(row[6]) & judged
    assert int(path.rsplit(maxsplit=1)[-1]) == row[ROW.names.index("origin")]


ORIGIN, PATH = b"\x40\x01\x01\0", b"\x40\x02\x06\x02\x01\0\0\xfb\xf4"
OTHER_PATH = b"\x40\x02\x06\x02\x01\0\0\xfb\xf5"
TAG = b"\xc0\x08\x04\x1f\x8b\x1f\x47"
TWO = [ORIGIN + PATH, ORIGIN + PATH + TAG]


@pytest.mark.parametrize(
    ("lists", "prefix", "lost", "why"),
    [
        ([ORIGIN + PATH + OTHER_PATH], "203.0.113.0/24", 0, "the first of a type counts"),
        (TWO, "203.0.113.0/24", 0, "an equal start, and more after it"),
        (TWO[::-1], "203.0.113.0/24", 0, "an equal start, and less"),
        ([ORIGIN + PATH, ORIGIN + OTHER_PATH], "203.0.113.0/24", 0, "as long, and another"),
        ([TWO[1], TWO[1]], "203.0.113.0/24", 0, "the same twice"),
        (TWO, "2001:db8::1/128", 0, "the last address of a watched range"),
        (TWO, "2001:db8::/128", 0, "the address before it"),
        (TWO, "203.0.113.0/24", 1, "a peer index as large as the table"),
    ],
)
def test_entries(lists: list[bytes], prefix: str, lost: int, why: str) -> None:
    """Entries of one peer that are alike, and edges of tables."""
    rib = RibDump()
    peer = rib.peer("192.0.2.1", 64500)
    for octets in lists:
        rib.entry(peer, Prefix.parse(prefix), octets)
    dump = rib.octets()
    if lost:
        index = dump.rindex(len(lists[0]).to_bytes(2) + lists[0]) - 6
        dump = dump[:index] + b"\0\1" + dump[index + 2 :]
    watched = PrefixFilter.of(map(Prefix.parse, ("203.0.113.0/24", "2001:db8::1/128")))
    asked = Asked([Viewpoint("received", 64500)], Criteria(), watched, tagged_too=False)

    expected = answer(python.Kernel, dump, asked)

    assert expected == answer(compiled.Kernel, dump, asked), why


@pytest.mark.parametrize(
    "path",
    [
        "0001 0000fbf4",
        "0002",
        "0200",
        "0201 0000fb",
        "0501 0000fbf4",
        "0601 0000fbf4",
        "ff01 0000fbf4",
        "0201 0000fbf4 0501 0000fbf5",
        "0201 0000fbf4 02",
        "0301 0000fbf4",
        "0101 0000fbf4",
        "0401 0000fbf4 0201 0000fbf5",
        "0201 0000fbf4 0201 fa56ea01",
    ],
)
def test_segments(path: str) -> None:
    """Types 1 to 4 with members are segments; anything else is malformed (RFC 7606 section 7.2)."""
    value = bytes.fromhex(path)
    rib = RibDump()
    edge = rib.peer("192.0.2.0", 64500)
    rib.entry(edge, "203.0.113.0/24", bytes((0x40, 2, len(value))) + value)
    asked = Asked([Viewpoint(View.RECEIVED, Asn(64500))], Criteria(), None, tagged_too=False)
    expected = answer(python.Kernel, rib.octets(), asked)

    assert expected == answer(compiled.Kernel, rib.octets(), asked)
    is_good = 1 <= value[0] <= 4 and len(value) in (6, 12) and value[6:7] in (b"", b"\2")
    (row,) = (each for each in expected if isinstance(each, tuple) and len(each) == len(ROW))
    assert is_good == (not Fact(row[6]) & Fact.MALFORMED)


LIST = "40010100 400206 0201 0000fbf4 400304 c0000201 c00804 1f8b1f47"
REACH = "800e23 0002 01 10 20010db8 0000000000000000 00000001 00 30 20010db80001 30 20010db80002"
UNREACH = "800f11 0002 01 30 20010db80001 30 20010db80002"


def update(withdrawn: str = "", attributes: str = LIST, nlri: str = "") -> bytes:
    """Return an UPDATE with its header."""
    fields = [bytes.fromhex(each) for each in (withdrawn, attributes, nlri)]
    sizes = [len(each).to_bytes(2) for each in fields[:2]]
    body = b"".join((sizes[0], fields[0], sizes[1], fields[1], fields[2]))
    return encode_message(MessageType.UPDATE, body)


WHOLE = update("18c63364", nlri="18cb0071 18c00002")
UPDATES = [
    (WHOLE, "whole"),
    *((WHOLE[:-cut], f"cut by {cut} octets") for cut in (1, 4, 5, 8, 9, 20, 35, 37, 38, 43)),
    *((update("", LIST + REACH)[:-cut], f"by {cut}, MP_REACH_NLRI") for cut in (1, 7, 8, 14, 15)),
    (update("", REACH + LIST)[:-1], "behind MP_REACH_NLRI"),
    (update("", REACH + LIST)[:-30], "in it, and attributes were to follow"),
    *((update("", UNREACH + LIST)[:-cut], f"by {cut}, MP_UNREACH_NLRI") for cut in (1, 27, 30, 36)),
    (update("", nlri="18cb0071 21cb0071"), "a prefix length of 33"),
    (update("18c63364 18", nlri="18cb0071"), "withdrawals over their end"),
    (update("", LIST + REACH.replace("01 30", "01 81"), "18cb0071"), "a length of 129"),
    (update("", LIST + UNREACH * 2, "18cb0071"), "MP_UNREACH_NLRI twice"),
    (update("", LIST + "800e00", "18cb0071"), "an MP_REACH_NLRI without octets"),
    (WHOLE[:19] + b"\x7f" + WHOLE[20:], "withdrawals that lead over the end"),
    (WHOLE[:25] + b"\x7f" + WHOLE[26:], "attributes that do"),
    (update("", LIST, "00000001 18cb0071"), "a path identifier"),
    (update("", LIST, "00000100 18cb0071"), "one of two default routes"),
    (update("", LIST, "00010a00 18cb0071"), "one of one, and bits behind a length"),
    (update("", LIST, "000000"), "default routes"),
    (update("", LIST, "0000"), "two of them"),
    (update("", LIST, "00 17cb0071"), "one, and bits behind a length"),
    (update("", LIST, "17cb0071"), "bits alone"),
    (update("", LIST + "800e09 0019 46 04 c0000201 00", "18cb0071"), "beside EVPN"),
    (update("", "800f03 0001 80"), "End-of-RIB of VPNv4"),
    (update("", LIST + "c00808 1f8b1f47"), "a list that overruns, and no prefixes"),
    (update("", "c00808 1f8b1f47"), "nothing but an attribute that overruns"),
    (update("18c63364", LIST + "c00808 1f8b1f47"), "one that overruns beside withdrawals"),
    (update("", LIST + "40"), "half a head of an attribute, and no prefixes"),
    (update("", "800f03 000201 c00808 1f8b1f47"), "one that overruns beside an End-of-RIB"),
    (update("", UNREACH + "40010103 c00800"), "malformed ones beside withdrawals of IPv6"),
    (update("18c63364", LIST + "40060100 40010103"), "one that is discarded, one that repeats"),
    (update("", "40010103 800e09 0001 80 04 c0000201 00"), "malformed beside VPNv4, announced"),
    (update("", "40010103 800f03 0001 80"), "malformed beside VPNv4, withdrawn"),
    (update("", LIST.replace("fbf4", "0000")), "AS 0, and no prefixes"),
    (update("00000001 18cb0071", "40010103"), "a path identifier, and no announced prefix"),
    *((update("", LIST.replace(octets, ""), "18cb0071"), f"no {name} (RFC 7606 section 3 d)")
      for name, octets in {"ORIGIN": "40010100", "AS_PATH": "400206 0201 0000fbf4",
                           "NEXT_HOP": "400304 c0000201"}.items()),
    (WHOLE * 2, "two messages"),
    (WHOLE + b"junk", "octets behind a message"),
    (WHOLE + b"\xff" * 18, "half a head behind a message"),
    (update("", LIST.replace("0000fbf4", "00000000"), "18cb0071"), "AS 0"),
    (update("", LIST.replace("400206 0201", "400206 0301").replace("fbf4", "0000"), "18cb0071"),
     "in a confederation"),
]  # fmt: skip


@pytest.mark.parametrize("add_path", [False, True])
@pytest.mark.parametrize(("message", "why"), UPDATES, ids=[why for _, why in UPDATES])
def test_updates(message: bytes, why: str, add_path: bool) -> None:
    """UPDATEs that are cut, break half way or have something beside or behind them."""
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075, add_path=add_path)
    octets = UpdateDump().message(session, message).open(session).octets()
    asked = Asked([Viewpoint("received", 64500)], Criteria(), None, tagged_too=False)

    expected = answer(python.Kernel, octets, asked)

    assert expected == answer(compiled.Kernel, octets, asked), why


@pytest.mark.parametrize("family", [4, 6])
def test_end_of_rib(family: int) -> None:
    """The start of a session and each End-of-RIB are noted alike."""
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)
    octets = UpdateDump().open(session).end_of_rib(session, family).octets()
    asked = Asked([Viewpoint("received", 64500)], Criteria(), None, tagged_too=False)

    assert answer(python.Kernel, octets, asked) == answer(compiled.Kernel, octets, asked)


def test_multicast_ends_no_unicast_rib() -> None:
    """An MP_UNREACH_NLRI without prefixes is of its own SAFI (RFC 4724 section 2)."""
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", 8075)
    seen = []
    for safi in (1, 2):
        body = bytes.fromhex(f"0000 0006 800f03 0002{safi:02x}")
        octets = UpdateDump().message(session, encode_message(MessageType.UPDATE, body)).octets()
        kernel = compiled.Kernel(Criteria(), None, tagged_too=False)
        at, _ = kernel.read(octets, 0, 0)
        kernel.set_viewpoint(0, 0, 64500)
        kernel.read(octets, at, 0)
        seen.append(kernel.count(0)[4])

    assert seen == [contract.END_OF_RIB_6, 0]


def test_chunks_of_the_same_layout() -> None:
    """What stood at the same place of the chunk before is not taken for what stands there now."""
    dumps = []
    for path in (PATH, OTHER_PATH):
        rib = RibDump()
        rib.entry(rib.peer("192.0.2.1", 64500), Prefix.parse("203.0.113.0/24"), ORIGIN + path)
        dumps.append(rib.octets())
    for kernel_class in (python.Kernel, compiled.Kernel):
        kernel = kernel_class(Criteria(), None, tagged_too=False)
        at, _ = kernel.read(dumps[0], 0, 0)
        kernel.set_viewpoint(0, Reading.AS_IS, 64500)
        for dump in dumps:
            kernel.read(dump, at, 0)

        assert [64500, 64501] == kernel.take_rows()["origin"].tolist()


def test_a_new_reading_counts_from_then_on() -> None:
    """Facts computed under one reading are not used for another."""
    rib = RibDump()
    peer = rib.peer("192.0.2.1", 64500)
    rib.routes(peer, "203.0.113.0/25 path 64500", "203.0.113.128/25 path 64500")
    octets = rib.octets()
    kernel = compiled.Kernel(Criteria(), None, tagged_too=False)
    at, _ = kernel.read(octets, 0, 0)
    kernel.set_viewpoint(0, Reading.AS_IS, 64500)
    kernel.read(octets, at, 0)
    kernel.set_viewpoint(0, Reading.OWN_ADDED, 64500)
    kernel.read(octets, at, 0)

    assert [1, 1, 2, 2] == kernel.take_rows()["path_length"].tolist()


def test_codes() -> None:
    """The numbers that the compiled kernel has for itself are those of the contract."""
    expected = {fact.name: int(fact) for fact in Fact}
    expected |= {f"FAULT_{fault.name}": int(fault) for fault in Fault}
    expected |= {f"STOP_{stop.name}": int(stop) for stop in Stop}
    expected |= {f"READING_{reading.name}": int(reading) for reading in Reading}
    expected |= {f"TYPE_{kind.name}": int(kind) for kind in AttributeType}
    expected |= {
        name: getattr(contract, name)
        for name in (
            *("RIB", "ANNOUNCE", "WITHDRAW", "FORM_AS4", "FORM_ADD_PATH", "FORM_UPDATE"),
            "FORM_LOC_RIB",
            *("FORM_BROKEN", "FORM_CUT"),
            *("IPV4_RECORDS", "IPV6_RECORDS", "STARTED", "DOWN", "ENDED", "HEARD"),
            *(
                "LONGEST_PAUSE",
                "LEFT_OUT",
                "ASKED",
                "MONITORED_HEAD",
                "TABLE_HEAD",
                "ALL_FAMILY_BITS",
                "NOT_PLAIN",
            ),
        )
    }
    expected |= {"OPENED": 1, "END_OF_RIB_4": 2, "END_OF_RIB_6": 4, "MAX_RECORD": MAX_RECORD}
    expected |= {"ROW": contract.ROW.itemsize, "RUN": contract.RUN.itemsize}
    expected |= {"MICROSOFT": MICROSOFT, "AS_TRANS": AS_TRANS}

    codes = compiled.codes()

    assert codes == {name: expected[name] for name in codes}
    assert len(codes) > 60


@pytest.mark.parametrize("kernel_class", [python.Kernel, compiled.Kernel])
def test_long_prefixes_of_an_old_table(kernel_class: KernelClass) -> None:
    """A TABLE_DUMP has all 16 octets of an IPv6 prefix (RFC 6396 section 4.2)."""
    prefix = Prefix.parse("2001:db8::113:0:0:1/128")
    octets = OldRibDump().entry("2001:db8::1", 64500, prefix, ORIGIN + PATH).octets()
    kernel = kernel_class(Criteria(), None, tagged_too=False)
    at, stop = kernel.read(octets, 0, 0)
    assert Stop.PEERS is stop
    kernel.set_viewpoint(0, Reading.AS_IS, 64500)
    kernel.read(octets, at, 0)

    (row,) = kernel.take_rows()
    assert prefix.first == int(row["prefix_hi"]) << 64 | int(row["prefix_lo"])
