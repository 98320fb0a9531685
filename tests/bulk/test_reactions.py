"""What a malformed UPDATE costs: RFC 7606 row by row, in `dump` and in both kernels of `scan`.

A row is what an UPDATE says beside what is sound, and the reaction that the RFC asks for:

- `keep`: it is no error.
- `discard`: the attribute does not count, the route does.
- `withdraw`: treat-as-withdraw; the prefix is shown, and marked.
- `reset`: session reset or AFI/SAFI disable; what can be read is marked, and there is damage.
"""

from __future__ import annotations

from typing import Any

import attrs
import pytest

from peerlint.bulk.kernel import attributes_of
from peerlint.bulk.kernel.contract import END_OF_RIB_4, UNWANTED, Stop
from peerlint.bulk.prefix_filter import PrefixFilter
from peerlint.elements import Element, elements_of
from peerlint.model import Criteria, Fact
from peerlint.model.viewpoint import Reading
from peerlint.testing.dumps import FeedSession, UpdateDump
from peerlint.wire.attributes import Treatment
from peerlint.wire.bgp import MessageType, encode_message
from peerlint.wire.damage import Quality
from peerlint.wire.reader import Reader

KERNELS = ["python", "compiled"]
SESSIONS = {
    "external": FeedSession("192.0.2.1", 64500, "192.0.2.0", 64501),
    "internal": FeedSession("192.0.2.1", 64500, "192.0.2.0", 64500),
    "two octets": FeedSession("192.0.2.1", 64500, "192.0.2.0", 64501, as4=False),
}
ORIGIN, PATH, HOP = "40010100", "400206 0201 0000fbf4", "400304 c0000201"
OLD_PATH = "400206 0202 fbf4 5ba0"
V6, NLRI6 = "20010db8" + "00" * 11 + "01", "20 20010db8"
GOOD, OLD = f"{ORIGIN} {PATH} {HOP} ", f"{ORIGIN} {OLD_PATH} {HOP} "
PREFIX = "18 cb0071"
REACH6 = "800e1a 0002 01 10" + V6 + "00" + NLRI6


def reach(hop: str, family: str = "0002 01", nlri: str = NLRI6) -> str:
    """Return an MP_REACH_NLRI with any next hop."""
    value = f"{family} {len(bytes.fromhex(hop)):02x} {hop} 00 {nlri}"
    return f"800e{len(bytes.fromhex(value)):02x} {value}"


#: Section, session (`any` is both with four octets), attributes, reaction; `+` stands for a sound
#: ORIGIN, AS_PATH and NEXT_HOP.
SOUND = [
    ("RFC 4271 5.1", "any", "+", "keep"),
    ("RFC 7606 3 c: Partial does not count", "any", "+e00804 1f8b1f47", "keep"),
    ("RFC 7606 4: empty AS_PATH", "any", f"{ORIGIN} 400200 {HOP}", "keep"),
    ("RFC 7606 4: empty ATOMIC_AGGREGATE", "any", "+400600", "keep"),
    ("RFC 4271 5: optional and unknown", "any", "+c06301aa", "keep"),
    ("RFC 7606 7.14: unknown type", "any", "+c01008 ffff000000000000", "keep"),
    ("RFC 8092 5: repeated", "any", f"+c02018 {'0000fbf40000000100000002' * 2}", "keep"),
    ("RFC 6368 5: without attributes", "any", "+c08004 0000fbf4", "keep"),
    ("RFC 5701 2", "any", f"+c01914 {'00' * 20}", "keep"),
]
FLAGS = [
    ("RFC 7606 3 c: ORIGIN", "any", f"c00101 00 {PATH} {HOP}", "withdraw"),
    ("RFC 7606 3 c: AS_PATH", "any", f"{ORIGIN} 000206 0201 0000fbf4 {HOP}", "withdraw"),
    ("RFC 7606 3 c: NEXT_HOP", "any", f"{ORIGIN} {PATH} 800304 c0000201", "withdraw"),
    ("RFC 7606 3 c: MULTI_EXIT_DISC", "any", "+c00404 00000001", "withdraw"),
    ("RFC 7606 3 c: ATOMIC_AGGREGATE", "any", "+c00600", "withdraw"),
    ("RFC 7606 3 c: AGGREGATOR", "any", "+800708 0000fbf4c0000201", "withdraw"),
    ("RFC 7606 3 c: COMMUNITIES", "any", "+800804 1f8b1f47", "withdraw"),
    ("RFC 7606 3 c: EXTENDED_COMMUNITIES", "any", "+801008 00021f8b00001f47", "withdraw"),
    ("RFC 7606 3 c: IPv6 communities", "any", f"+801914 {'00' * 20}", "withdraw"),
    ("RFC 7606 3 c: LARGE_COMMUNITIES", "any", "+80200c 0000fbf40000000100000002", "withdraw"),
    ("RFC 7606 3 c: ONLY_TO_CUSTOMER", "any", "+802304 0000fbf4", "withdraw"),
    ("RFC 7606 3 c: ATTR_SET", "any", "+408004 0000fbf4", "withdraw"),
    ("RFC 7606 3 c: LOCAL_PREF", "internal", "+800504 00000064", "withdraw"),
    ("RFC 7606 7.5", "external", "+800504 00000064", "discard"),
    ("RFC 7606 3 c: ORIGINATOR_ID", "internal", "+400904 c0000201", "withdraw"),
    ("RFC 7606 7.9", "external", "+400904 c0000201", "discard"),
    ("RFC 7606 3 c: CLUSTER_LIST", "internal", "+400a04 c0000201", "withdraw"),
    ("RFC 7606 7.10", "external", "+400a04 c0000201", "discard"),
    (
        "RFC 7606 5.3: MP_REACH_NLRI",
        "any",
        f"{ORIGIN} {PATH} {REACH6.replace('800e', 'c00e')}",
        "reset",
    ),
    ("RFC 7606 5.3: MP_UNREACH_NLRI", "any", "+c00f03 000201", "reset"),
    ("RFC 6793 6: AS4_PATH", "two octets", "+401106 0201 00030d41", "discard"),
    ("RFC 4271 6.3: not recognised", "any", "+406301aa", "reset"),
    ("RFC 4271 6.3: not recognised", "any", "+40c801aa", "reset"),
    ("RFC 4271 6.3: neither bit", "any", "+00ff00", "reset"),
    ("RFC 7606 3 g: not the first", "any", "+c06301aa 406301aa", "discard"),
]
MANDATORY = [
    ("RFC 7606 3 d: ORIGIN", "any", f"{PATH} {HOP}", "withdraw"),
    ("RFC 7606 3 d: AS_PATH", "any", f"{ORIGIN} {HOP}", "withdraw"),
    ("RFC 7606 3 d, RFC 4760 3: NEXT_HOP", "any", f"{ORIGIN} {PATH}", "withdraw"),
    ("RFC 7606 3 g: a second ORIGIN", "any", f"{ORIGIN} {ORIGIN} {PATH} {HOP}", "discard"),
    ("RFC 7606 3 g: a malformed second", "any", f"{ORIGIN} 40010109 {PATH} {HOP}", "discard"),
    ("RFC 7606 3 g: a malformed first", "any", f"40010109 {ORIGIN} {PATH} {HOP}", "withdraw"),
    ("RFC 7606 3 g: of an unknown type", "any", "+c06300 c06300", "discard"),
    ("RFC 7606 3 g: MP_REACH_NLRI", "any", f"{ORIGIN} {PATH} {REACH6} {REACH6}", "reset"),
    ("RFC 7606 3 g: MP_UNREACH_NLRI", "any", "+800f03 000201 800f03 000101", "reset"),
    ("RFC 7606 3 h: both", "any", f"40010109 {PATH} {HOP} 40060100", "withdraw"),
    ("RFC 7606 4: overrun", "any", "+c00808 1f8b1f47", "withdraw"),
    ("RFC 7606 4: two octets left", "any", "+c008", "withdraw"),
    ("RFC 7606 4: half a length", "any", "+d00800", "withdraw"),
]
VALUES = [
    ("RFC 7606 7.1: length", "any", f"40010200 00 {PATH} {HOP}", "withdraw"),
    ("RFC 7606 4: empty", "any", f"400100 {PATH} {HOP}", "withdraw"),
    ("RFC 7606 7.1: value", "any", f"40010103 {PATH} {HOP}", "withdraw"),
    ("RFC 7606 7.2: type", "any", f"{ORIGIN} 400206 0501 0000fbf4 {HOP}", "withdraw"),
    ("RFC 7606 7.2: type 0", "any", f"{ORIGIN} 400206 0001 0000fbf4 {HOP}", "withdraw"),
    ("RFC 7606 7.2: overrun", "any", f"{ORIGIN} 400206 0202 0000fbf4 {HOP}", "withdraw"),
    ("RFC 7606 7.2: underrun", "any", f"{ORIGIN} 400207 0201 0000fbf4 02 {HOP}", "withdraw"),
    ("RFC 7606 7.2: no members", "any", f"{ORIGIN} 400208 0201 0000fbf4 0200 {HOP}", "withdraw"),
    ("RFC 7607 2: AS 0", "any", f"{ORIGIN} 400206 0201 00000000 {HOP}", "withdraw"),
    (
        "RFC 7607 2: AS 0 in a set",
        "any",
        f"{ORIGIN} 40020c 0201 0000fbf4 0101 00000000 {HOP}",
        "withdraw",
    ),
    (
        "RFC 7607 2: in a confederation",
        "any",
        f"{ORIGIN} 40020c 0301 00000000 0201 0000fbf4 {HOP}",
        "withdraw",
    ),
    ("RFC 7607 2: two octets", "two octets", f"{ORIGIN} 400204 0201 0000 {HOP}", "withdraw"),
    ("RFC 7607 2: AGGREGATOR", "any", "+c00708 00000000c0000201", "discard"),
    ("RFC 7607 2: AS4_PATH", "two octets", "+c01106 0201 00000000", "discard"),
    ("RFC 7607 2: AS4_AGGREGATOR", "two octets", "+c01208 00000000c0000201", "discard"),
    ("RFC 7606 7.3: length", "any", f"{ORIGIN} {PATH} 400303 c00002", "withdraw"),
    ("RFC 7606 7.3: IPv6", "any", f"{ORIGIN} {PATH} 400310 {V6}", "withdraw"),
    ("RFC 7606 7.4: length", "any", "+800403 000001", "withdraw"),
    ("RFC 7606 7.5: well-formed", "internal", "+400504 00000064", "keep"),
    ("RFC 7606 7.5: well-formed", "external", "+400504 00000064", "discard"),
    ("RFC 7606 7.5: length", "internal", "+400503 000064", "withdraw"),
    ("RFC 7606 7.5: length", "external", "+400503 000064", "discard"),
    ("RFC 7606 7.6: length", "any", "+40060100", "discard"),
    ("RFC 7606 7.7: length", "any", "+c00706 fbf4c0000201", "discard"),
    ("RFC 7606 7.7: two octets", "two octets", "+c00708 0000fbf4c0000201", "discard"),
    ("RFC 7606 7.8: empty", "any", "+c00800", "withdraw"),
    ("RFC 7606 7.8: length", "any", "+c00805 1f8b1f4700", "withdraw"),
    ("RFC 7606 7.9: well-formed", "internal", "+800904 c0000201", "keep"),
    ("RFC 7606 7.9: well-formed", "external", "+800904 c0000201", "discard"),
    ("RFC 7606 7.9: length", "internal", "+800905 c000020100", "withdraw"),
    ("RFC 7606 7.9: length", "external", "+800905 c000020100", "discard"),
    ("RFC 7606 7.10: well-formed", "internal", "+800a08 c0000201c0000202", "keep"),
    ("RFC 7606 7.10: well-formed", "external", "+800a08 c0000201c0000202", "discard"),
    ("RFC 7606 7.10: length", "internal", "+800a06 c0000201c000", "withdraw"),
    ("RFC 7606 7.10: empty", "internal", "+800a00", "withdraw"),
    ("RFC 7606 7.10: empty", "external", "+800a00", "discard"),
    ("RFC 7606 7.14: empty", "any", "+c01000", "withdraw"),
    ("RFC 7606 7.14: length", "any", "+c01004 00021f8b", "withdraw"),
    ("RFC 7606 7.15: empty", "any", "+c01900", "withdraw"),
    ("RFC 7606 7.15: length", "any", f"+c01908 {'00' * 8}", "withdraw"),
    ("RFC 7606 7.16: length", "any", "+c08003 0000fb", "withdraw"),
    ("RFC 7606 7.16: overrun", "any", "+c08007 0000fbf4 400101", "withdraw"),
    ("RFC 8092 5: empty", "any", "+c02000", "withdraw"),
    ("RFC 8092 5: length", "any", "+c02008 0000fbf400000001", "withdraw"),
    ("RFC 9234 5: length", "any", "+c02302 fbf4", "withdraw"),
    ("RFC 6793 4.1: AS4_PATH", "any", "+c01106 0201 00030d41", "discard"),
    ("RFC 6793 6: AS4_PATH, empty", "two octets", "+c01100", "discard"),
    ("RFC 6793 6: AS4_PATH, overrun", "two octets", "+c01106 0202 00030d41", "discard"),
    ("RFC 6793 6: AS4_PATH, type", "two octets", "+c01106 0901 00030d41", "discard"),
    ("RFC 6793 6: AS4_AGGREGATOR", "two octets", "+c01206 fbf4c0000201", "discard"),
]
NEXT_HOPS = [
    ("RFC 2545 3", "any", f"{ORIGIN} {PATH} {reach(V6)}", "keep"),
    ("RFC 2545 3: link-local", "any", f"{ORIGIN} {PATH} {reach(V6 * 2)}", "keep"),
    ("RFC 4760 3", "any", f"{ORIGIN} {PATH} {reach('c0000201', '0001 01', PREFIX)}", "keep"),
    ("RFC 8950 3", "any", f"{ORIGIN} {PATH} {reach(V6, '0001 01', PREFIX)}", "keep"),
    (
        "RFC 8950 3: link-local",
        "any",
        f"{ORIGIN} {PATH} {reach(V6 * 2, '0001 01', PREFIX)}",
        "keep",
    ),
    ("RFC 7606 7.11: IPv4 for IPv6", "any", f"{ORIGIN} {PATH} {reach('c0000201')}", "reset"),
    (
        "RFC 7606 7.11: of multicast",
        "any",
        f"{ORIGIN} {PATH} {reach('c0000201', '0002 02')}",
        "reset",
    ),
    ("RFC 7606 7.11: none", "any", f"{ORIGIN} {PATH} {reach('')}", "reset"),
    ("RFC 7606 7.11: 24", "any", f"{ORIGIN} {PATH} {reach(V6 + '00' * 8)}", "reset"),
    (
        "RFC 7606 7.11: 5",
        "any",
        f"{ORIGIN} {PATH} {reach('c000020100', '0001 01', PREFIX)}",
        "reset",
    ),
    ("RFC 7606 5.3: over the end", "any", f"{ORIGIN} {PATH} 800e06 0002 01 10 20 01", "reset"),
    ("RFC 7606 5.3: four octets", "any", "+800e04 0002 01 00", "reset"),
    ("RFC 7606 5.3: two octets", "any", "+800f02 0002", "reset"),
    (
        "RFC 7606 5.3: longer than 128",
        "any",
        f"{ORIGIN} {PATH} {reach(V6, nlri='81' + '00' * 17)}",
        "reset",
    ),
    (
        "RFC 7606 5.3: IPv4 longer than 32",
        "any",
        f"{ORIGIN} {PATH} {reach(V6, '0001 01', '21 cb00710000')}",
        "reset",
    ),
    (
        "RFC 7606 5.3: breaks half way",
        "any",
        f"{ORIGIN} {PATH} {reach(V6, nlri=NLRI6 + '30 2001')}",
        "reset",
    ),
    ("RFC 7606 5.3: withdrawn, half way", "any", "+800f09 0002 01 20 20010db8 30", "reset"),
]
ROWS = [
    (why, session, octets.replace("+", OLD if session == "two octets" else GOOD), reaction)
    for why, sessions, octets, reaction in (*SOUND, *FLAGS, *MANDATORY, *VALUES, *NEXT_HOPS)
    for session in (("external", "internal") if sessions == "any" else (sessions,))
]
UNREACH6, NO_REACH6 = "800f08 0002 01 20 20010db8", reach(V6, nlri="")
VPN4, VPN4_GONE = "800e0d 0001 80 04 c0000201 00 00000000", "800f07 0001 80 00000000"
#: Section, session, attributes of an UPDATE that announces no prefix that is read, and what of
#: them is lost; nothing where no reset is asked for.
UNANNOUNCED = [
    ("RFC 7606 5.2: no error", "any", "+", ""),
    ("RFC 4271 5: nothing is mandatory", "any", PATH, ""),
    ("RFC 4271 5: nothing is mandatory", "any", f"{ORIGIN} {NO_REACH6}", ""),
    ("RFC 4724 2: End-of-RIB", "any", "800f03 000201", ""),
    ("RFC 7606 5.2: only MP_UNREACH_NLRI", "any", UNREACH6, ""),
    ("RFC 7606 5.2: ORIGIN", "any", "40010103", "40010103"),
    ("RFC 7606 5.2: behind others", "any", f"{PATH} 40010103 {HOP}", "40010103"),
    ("RFC 7606 5.2: beside MP_UNREACH_NLRI", "any", f"{UNREACH6} 40010103", "40010103"),
    ("RFC 7606 5.2: in front of it", "any", f"40010103 {UNREACH6}", "40010103"),
    ("RFC 7606 5.2: beside an End-of-RIB", "any", "800f03 000201 c00800", "c00800"),
    ("RFC 7606 3 g: beside MP_REACH_NLRI", "any", f"+40010103 {NO_REACH6}", ""),
    ("RFC 7606 5.2: no prefix in MP_REACH_NLRI", "any", f"{NO_REACH6} c00800", "c00800"),
    ("RFC 7606 5.2: one in MP_REACH_NLRI", "any", f"40010103 {REACH6}", ""),
    ("RFC 7606 5.2: may be VPNv4", "any", f"40010103 {VPN4}", ""),
    ("RFC 7606 5.2: may be VPNv4", "any", f"{VPN4} c008", ""),
    ("RFC 7606 5.2: only withdrawn of VPNv4", "any", f"{VPN4_GONE} 40010103", "40010103"),
    ("RFC 7606 5.2: only withdrawn of VPNv4", "any", f"{VPN4_GONE} c008", "c008"),
    ("RFC 7606 3 g: not the first", "any", f"{ORIGIN} 40010103", ""),
    ("RFC 7606 3 g: the first", "any", f"40010103 {ORIGIN}", "40010103"),
    ("RFC 7606 3 h: the first of two", "any", "40010103 c00800", "40010103"),
    ("RFC 7606 3 h: behind one that is discarded", "any", "40060100 40010103", "40010103"),
    ("RFC 7606 3 c: flags", "any", "c00101 00", "c0010100"),
    ("RFC 7606 3 c: ATOMIC_AGGREGATE", "any", "c00600", "c00600"),
    ("RFC 7606 7.6: ATOMIC_AGGREGATE", "any", "40060100", ""),
    ("RFC 7606 7.7: AGGREGATOR", "any", "c00701 00", ""),
    ("RFC 7606 7.2: AS_PATH", "any", "400206 0501 0000fbf4", "400206 0501 0000fbf4"),
    ("RFC 7607 2: AS 0", "any", "400206 0201 00000000", "400206 0201 00000000"),
    ("RFC 7607 2: AS 0", "two octets", "400204 0201 0000", "400204 0201 0000"),
    ("RFC 7606 7.2: four octets for two", "two octets", f"{PATH}", PATH),
    ("RFC 7606 7.3: NEXT_HOP", "any", "400303 c00002", "400303 c00002"),
    ("RFC 7606 7.4: MULTI_EXIT_DISC", "any", "800400", "800400"),
    ("RFC 7606 7.5: LOCAL_PREF", "external", "400500", ""),
    ("RFC 7606 7.5: LOCAL_PREF", "internal", "400500", "400500"),
    ("RFC 7606 7.5: flags of LOCAL_PREF", "external", "800504 00000064", ""),
    ("RFC 7606 3 c: flags of LOCAL_PREF", "internal", "800504 00000064", "800504 00000064"),
    ("RFC 7606 7.8: COMMUNITIES", "any", "c00803 1f8b1f", "c00803 1f8b1f"),
    ("RFC 7606 7.9: ORIGINATOR_ID", "external", "800900", ""),
    ("RFC 7606 7.9: ORIGINATOR_ID", "internal", "800900", "800900"),
    ("RFC 7606 7.10: CLUSTER_LIST", "external", "800a00", ""),
    ("RFC 7606 7.10: CLUSTER_LIST", "internal", "800a00", "800a00"),
    ("RFC 7606 7.14: EXTENDED_COMMUNITIES", "any", "c01000", "c01000"),
    ("RFC 7606 7.15: IPv6 communities", "any", "d0190000", "d0190000"),
    ("RFC 7606 7.16: ATTR_SET", "any", "c08003 0000fb", "c08003 0000fb"),
    ("RFC 6793 6: AS4_PATH", "two octets", "c01100", ""),
    ("RFC 6793 4.1: AS4_PATH", "any", "c01106 0201 00030d41", ""),
    ("RFC 8092 5: LARGE_COMMUNITIES", "any", "c02000", "c02000"),
    ("RFC 9234 5: ONLY_TO_CUSTOMER", "any", "c02302 fbf4", "c02302 fbf4"),
    ("RFC 4271 5: optional and unknown", "any", "c06301aa", ""),
    ("RFC 4271 6.3: not recognised", "any", "40010103 406301aa", "406301aa"),
    ("RFC 7606 4: overrun", "any", "c00808 1f8b1f47", "c00808 1f8b1f47"),
    ("RFC 7606 4: behind others", "any", "+c00808 1f8b1f47", "c00808 1f8b1f47"),
    ("RFC 7606 4: half a head", "any", "+40", "40"),
    ("RFC 7606 4: beside MP_UNREACH_NLRI", "any", f"{UNREACH6} c008", "c008"),
    ("RFC 7606 4: beside an End-of-RIB", "any", "800f03 000201 4001", "4001"),
    ("RFC 7606 4: no prefix in MP_REACH_NLRI", "any", f"{NO_REACH6} 4001", "4001"),
    ("RFC 7606 4: one in MP_REACH_NLRI", "any", f"{REACH6} 4001", ""),
    ("RFC 7606 3 j: MP_REACH_NLRI overruns", "any", "800e1a 0002 01 10", "800e1a 0002 01 10"),
]
#: With IPv4 prefixes withdrawn beside them, or none.
UNANNOUNCED_ROWS = [
    (why, session, octets.replace("+", OLD if session == "two octets" else GOOD), lost, withdrawn)
    for why, sessions, octets, lost in UNANNOUNCED
    for session in (("external", "internal") if sessions == "any" else (sessions,))
    for withdrawn in ("", PREFIX)
]
#: Withdrawn prefixes and announced ones, in the message's own fields (RFC 7606 section 5.3).
FIELDS = [
    ("3 i: longer than 32", "21 c633640000", PREFIX, 0, 1),
    ("3 i: over the end", "18 c63364 20 c633", PREFIX, 1, 1),
    ("5.3: longer than 32", "18 c63364", f"{PREFIX} 21 cb00720000", 1, 1),
    ("5.3: over the end", "18 c63364", f"{PREFIX} {PREFIX} 20 cb00", 1, 2),
    ("5.3: half a prefix", "", "18 cb00", 0, 0),
]


@attrs.frozen
class Found:
    """What is found of one UPDATE.

    Attributes:
        announced: how many prefixes.
        withdrawn: how many.
        marked: how many of those announced are treated as withdrawn.
        lost: offset and octets of each piece of damage.
    """

    announced: int
    withdrawn: int
    marked: int
    lost: tuple[tuple[int, int], ...]


def record(session: str, attributes: str, nlri: str = "", withdrawn: str = "") -> bytes:
    """Return a dump of one UPDATE."""
    fields = [bytes.fromhex(each) for each in (withdrawn, attributes, nlri)]
    body = b"".join(
        (len(fields[0]).to_bytes(2), fields[0], len(fields[1]).to_bytes(2), fields[1], fields[2])
    )
    message = encode_message(MessageType.UPDATE, body)
    return UpdateDump().message(SESSIONS[session], message).octets()


def by_dump(octets: bytes) -> tuple[list[Element], Quality]:
    """Return what `dump` shows."""
    reader = Reader([octets], source="test")
    shown = [element for each in reader for element in elements_of(each)]
    return shown, reader.quality


def as_found(shown: list[Element], quality: Quality) -> Found:
    """Return the numbers of what `dump` shows."""
    come = [element for element in shown if element.kind == "A"]
    lost = tuple((each.offset, each.octets) for each in quality.damage)
    marked = sum(bool(element.malformed) for element in come)
    return Found(len(come), len(shown) - len(come), marked, lost)


def walked(
    name: str, octets: bytes, watch: PrefixFilter | None = None, reading: int = Reading.AS_IS
) -> Any:  # noqa: ANN401  # either kernel
    """Return a kernel that has read a dump to its end."""
    module: Any = pytest.importorskip(f"peerlint.bulk.kernel.{name}.route_kernel")
    kernel = module.Kernel(Criteria(allow={"documentation"}), watch, tagged_too=False)
    at, stop = kernel.read(octets, 0, 0)
    while stop is Stop.PEERS:
        kernel.set_viewpoint(0, reading, 64500)
        at, stop = kernel.read(octets, at, 0)
    assert (len(octets), Stop.END) == (at, stop)
    return kernel


def by_kernel(name: str, octets: bytes) -> tuple[Found, list[tuple[bytes, int]]]:
    """Return what a kernel finds, and the attributes of its announced rows with their form."""
    kernel = walked(name, octets)
    rows = kernel.take_rows()
    come = rows[rows["kind"] == 1]
    lost = tuple((offset, size) for offset, size, _, _ in kernel.lost.parts)
    found = Found(
        len(come), len(rows) - len(come), int(sum(come["facts"] & Fact.MALFORMED != 0)), lost
    )
    lists = [
        (octets[row["attr_at"] : row["attr_at"] + row["attr_len"]], int(row["form"]))
        for row in come
    ]
    return found, lists


@pytest.mark.parametrize(("why", "session", "attributes", "reaction"), ROWS)
def test_attributes(why: str, session: str, attributes: str, reaction: str) -> None:
    """Each error has the reaction that its section asks for, by the session that it came over."""
    octets = record(session, attributes, PREFIX)
    shown, quality = by_dump(octets)
    found = as_found(shown, quality)
    faults = [
        fault for element in shown if element.attributes for fault in element.attributes.faults
    ]
    treatments = {fault.treatment for fault in faults}

    assert (reaction in {"withdraw", "reset"}) == (found.marked == found.announced > 0), why
    assert (reaction == "reset") == bool(found.lost), why
    if reaction == "keep":
        assert not treatments, why
    elif reaction == "discard":
        assert {Treatment.DISCARD} == treatments, why
    else:
        assert found.marked, why


@pytest.mark.parametrize("kernel", KERNELS)
@pytest.mark.parametrize(("why", "session", "attributes", "reaction"), ROWS)
def test_kernels_do_the_same(
    why: str, session: str, attributes: str, reaction: str, kernel: str
) -> None:
    """A kernel counts what `dump` shows; rows are decoded to routes as malformed as they are."""
    octets = record(session, attributes, PREFIX)
    found, lists = by_kernel(kernel, octets)

    assert as_found(*by_dump(octets)) == found, (why, reaction)
    decoded = [attributes_of(*each).withdrawn_for(in_rib=False) for each in lists]
    assert found.marked == sum(map(bool, decoded)), why


@pytest.mark.parametrize(("why", "session", "attributes", "lost", "withdrawn"), UNANNOUNCED_ROWS)
def test_where_no_prefix_is_announced(
    why: str, session: str, attributes: str, lost: str, withdrawn: str
) -> None:
    """The first malformed attribute is lost, the withdrawn prefixes count (RFC 7606 section 5.2).

    All three say so with the same words, the kernels whichever peers and prefixes are asked for.
    """
    octets = record(session, attributes, withdrawn=withdrawn)
    listed, part = bytes.fromhex(attributes), bytes.fromhex(lost)
    start = len(octets) - len(listed) + listed.rindex(part)
    shown, quality = by_dump(octets)
    found = as_found(shown, quality)
    said = [(each.offset, each.octets, each.expected, each.found) for each in quality.damage]

    assert ([(start, len(part))] if lost else []) == list(found.lost), why
    assert (1 if withdrawn else 0) + attributes.count(UNREACH6) == found.withdrawn, why
    for kernel in KERNELS:
        assert found == by_kernel(kernel, octets)[0], why
        for watch, reading in ((None, UNWANTED), (PrefixFilter.of([]), Reading.AS_IS)):
            one = walked(kernel, octets, watch, reading)
            assert (said, quality.lost) == (one.lost.parts, one.lost.octets), why
            assert (quality.read, quality.skipped) == (one.octets_read, one.octets_skipped), why


@pytest.mark.parametrize(
    ("attributes", "ended", "why"),
    [
        ("800f03 000101", END_OF_RIB_4, "RFC 4724 section 2"),
        ("800f03 000101 4001", 0, "RFC 7606 section 5.2: a list that overruns"),
        ("40010103 800f03 000101", 0, "RFC 7606 section 5.2: a malformed attribute"),
    ],
)
@pytest.mark.parametrize("kernel", KERNELS)
def test_a_reset_ends_no_rib(attributes: str, ended: int, why: str, kernel: str) -> None:
    """An UPDATE for which the session is reset is no End-of-RIB."""
    assert ended == walked(kernel, record("external", attributes)).count(0)[4], why


@pytest.mark.parametrize("cut", [1, 4, 7])
def test_what_is_cut_may_announce(cut: int) -> None:
    """Behind the writer's cut a prefix may have stood: its malformed attributes cost nothing."""
    message = encode_message(
        MessageType.UPDATE, bytes.fromhex("0000 0011 40010103 800f03 000201 c00804 1f8b1f47")
    )
    octets = UpdateDump().message(SESSIONS["external"], message[:-cut]).octets()
    found = as_found(*by_dump(octets))

    assert [(len(octets) - 7 + cut, 7 - cut) if cut < 7 else (48, 2)] == list(found.lost)
    for kernel in KERNELS:
        assert found == by_kernel(kernel, octets)[0]


@pytest.mark.parametrize("session", ["external", "internal"])
@pytest.mark.parametrize(("why", "withdrawn", "nlri", "gone", "come"), FIELDS)
def test_prefixes_that_break_half_way(
    why: str, withdrawn: str, nlri: str, gone: int, come: int, session: str
) -> None:
    """What is announced is treated as withdrawn, all of it, and what shows of it is marked."""
    octets = record(session, f"{ORIGIN} {PATH} {HOP}", nlri, withdrawn)
    found = as_found(*by_dump(octets))

    assert (come, gone, come, 1) == (
        found.announced, found.withdrawn, found.marked, len(found.lost)
    ), why  # fmt: skip
    for kernel in KERNELS:
        assert found == by_kernel(kernel, octets)[0], why


@pytest.mark.parametrize(
    ("peer", "local", "reaction", "why"),
    [
        (64500, 64500, "withdraw", "RFC 4271 section 1.1: one AS"),
        (64500, 64501, "keep", "two"),
        (23456, 23456, "keep", "AS_TRANS stands for any number (RFC 6793 section 9)"),
        (0, 0, "keep", "AS 0 is none"),
        (200001, 200001, "withdraw", "one AS of four octets"),
    ],
)
@pytest.mark.parametrize("sent", [False, True])
def test_what_is_internal(
    peer: int, local: int, reaction: str, why: str, monkeypatch: pytest.MonkeyPatch, *, sent: bool
) -> None:
    """Both AS numbers of a record decide, whoever sent the message."""
    session = FeedSession("192.0.2.1", peer, "192.0.2.0", local, sent=sent)
    monkeypatch.setitem(SESSIONS, "external", session)
    octets = record("external", GOOD + "400503 000064", PREFIX)
    found = as_found(*by_dump(octets))

    assert (reaction == "withdraw") == bool(found.marked), why
    for kernel in KERNELS:
        assert found == by_kernel(kernel, octets)[0], why


def test_more_well_known_types_cost_one_place() -> None:
    """A receiver resets the session at the first; the list is read once, however long it is."""
    many = "406300" + "c0c800" + "40c800" * 9_000 + "40c900" * 9_000
    octets = record("external", GOOD + many, PREFIX)
    found = as_found(*by_dump(octets))

    assert [3] == [size for _, size in found.lost]
    for kernel in KERNELS:
        assert found == by_kernel(kernel, octets)[0]
