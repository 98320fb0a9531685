"""Generated dumps like those of collectors and routers; the same seed gives the same octets.

Each file has the features of real ones (see docs/how-to/test-with-real-dumps.md): many peers,
prepended paths, sets, wide AS numbers on old sessions, every attribute. Addresses and AS numbers
are those of RFC 5737, RFC 3849, RFC 5398 and RFC 2544.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final

import attrs
import pytest

from peerlint.model import (
    AsPath,
    Community,
    ExtendedCommunity,
    LargeCommunity,
    Prefix,
    Segment,
    SegmentType,
)
from peerlint.testing.dumps import TIMESTAMP, FeedSession, OldRibDump, RibDump, UpdateDump
from peerlint.wire.attributes import (
    Aggregator,
    Attributes,
    Form,
    MpReach,
    MpUnreach,
    RawAttribute,
    encode_attributes,
)
from peerlint.wire.bgp import Keepalive, Notification, RouteRefresh, Update, encode
from peerlint.wire.nlri import Nlri
from peerlint.wire.paths import AS_TRANS

sys.path.insert(0, str(Path(__file__).parent))  # for bmp_readers

#: AS numbers of two and of four octets.
NARROW: Final = tuple(range(64496, 64512))
WIDE: Final = tuple(range(65536, 65552))
#: 9 peers: some with IPv6 addresses, some with wide AS numbers.
PEERS: Final = (
    *((f"192.0.2.{number}", 64496 + number) for number in range(1, 5)),
    *((f"192.0.2.{number}", 65536 + number) for number in range(5, 8)),
    ("2001:db8::8", 64505),
    ("2001:db8::9", 65540),
)
#: One session for each subtype of BGP4MP that has messages and that bgpdump reads as RFC 8050 does.
SESSIONS: Final = {
    "AS4": FeedSession("192.0.2.1", 65537, "192.0.2.0", 64500),
    "AS2": FeedSession("192.0.2.1", 64497, "192.0.2.0", 64500, as4=False),
    "AS4 of IPv6 peers": FeedSession("2001:db8::1", 65537, "2001:db8::2", 64500),
    "AS2 of IPv6 peers": FeedSession("2001:db8::1", 64497, "2001:db8::2", 64500, as4=False),
    "AS4 LOCAL": FeedSession("192.0.2.1", 65537, "192.0.2.0", 64500, sent=True),
    "AS2 LOCAL": FeedSession("192.0.2.1", 64497, "192.0.2.0", 64500, as4=False, sent=True),
    "AS4 ADDPATH": FeedSession("192.0.2.1", 65537, "192.0.2.0", 64500, add_path=True),
    "AS2 ADDPATH": FeedSession("192.0.2.1", 64497, "192.0.2.0", 64500, as4=False, add_path=True),
}
#: The two that it reads differently.
LOCAL_ADD_PATH: Final = {
    f"{name} LOCAL ADDPATH": attrs.evolve(SESSIONS[f"{name} ADDPATH"], sent=True)
    for name in ("AS4", "AS2")
}
WELL_KNOWN: Final = tuple(
    Community.parse(name) for name in ("no-export", "no-advertise", "no-export-subconfed")
)
#: Attributes that are not decoded: a future type, one for IPv6, and one of a virtual network.
UNDECODED: Final = (
    RawAttribute(0xC0, 99, b"\1\2\3"),
    RawAttribute(0xC0, 25, bytes(20)),
    RawAttribute(0xC0, 128, (64500).to_bytes(4) + bytes.fromhex("40010100")),
)


def prefix4(number: int) -> Prefix:
    """Return a prefix of RFC 2544's range, of 16 to 32 bits."""
    length = 16 + number % 17
    return Prefix(4, (0xC6120000 + number * 256) >> (32 - length) << (32 - length), length)


def prefix6(number: int) -> Prefix:
    """Return a prefix of RFC 3849's range, of 32 to 128 bits."""
    length = 32 + number * 7 % 97
    value = (0x20010DB8 << 96) | number << 84 | number
    return Prefix(6, value >> (128 - length) << (128 - length), length)


def path(dice: random.Random, first: int, *, sets: bool = True) -> AsPath:
    """Return a path as collectors see them: short, often prepended, rarely with a set."""
    middle = dice.choices(NARROW + WIDE, k=dice.randrange(5))
    origin = dice.choice(NARROW + WIDE)
    segments = [
        Segment(SegmentType.AS_SEQUENCE, (first, *middle, *[origin] * dice.choice((1, 1, 1, 2, 4))))
    ]
    if sets and dice.random() < 0.1:
        members = tuple(sorted(dice.sample(NARROW + WIDE, dice.randrange(1, 4))))
        segments.append(Segment(SegmentType.AS_SET, members))
    return AsPath(tuple(segments))


def attributes(dice: random.Random, first: int, *, as4: bool = True) -> Attributes:
    """Return attributes without a next hop; every type occurs in some routes.

    Args:
        dice: where chance comes from.
        first: the AS number that comes first in the path.
        as4: whether AS numbers have four octets; if not, AS4_PATH and AS4_AGGREGATOR carry what
            two octets cannot say (RFC 6793 section 4.2.2).
    """
    sent = path(dice, first)
    chosen = [*(Community.of(64500, number) for number in range(40)), *WELL_KNOWN]
    carried = Attributes(
        origin=dice.choice((0, 0, 0, 1, 2)),
        as_path=sent,
        as4_path=None if as4 or max(sent.asns) <= 0xFFFF else sent,
        communities=tuple(dice.sample(chosen, dice.choice((0, 0, 1, 3, 8)))),
    )
    optional: dict[str, object] = {
        "med": dice.randrange(1 << 31),
        "local_pref": dice.randrange(1 << 31),
        "atomic_aggregate": True,
        "extended_communities": (ExtendedCommunity(0x0002FBF400000001), ExtendedCommunity(1)),
        "large_communities": (LargeCommunity(64500, 1, 2), LargeCommunity(65550, 0, 0xFFFFFFFF)),
        "originator_id": IPv4Address("192.0.2.77"),
        "cluster_list": (IPv4Address("192.0.2.78"), IPv4Address("192.0.2.79")),
        "only_to_customer": 65536,
        "others": UNDECODED,
    }
    if dice.random() < 0.3:
        optional |= aggregator(dice.choice(NARROW + WIDE), as4=as4)
    return attrs.evolve(
        carried,
        **{  # type: ignore[arg-type]  # names and types of the table above
            name: value
            for name, value in optional.items()
            if "aggregator" in name or dice.random() < 0.25
        },
    )


def aggregator(asn: int, *, as4: bool) -> dict[str, object]:
    """Return AGGREGATOR, and AS4_AGGREGATOR if it is needed (RFC 6793 section 4.2.3)."""
    wide = Aggregator(asn, IPv4Address("192.0.2.80"))
    if as4 or asn <= 0xFFFF:
        return {"aggregator": wide}
    return {"aggregator": attrs.evolve(wide, asn=AS_TRANS), "as4_aggregator": wide}


def reach6(dice: random.Random, *prefixes: Nlri) -> MpReach:
    """Return an MP_REACH_NLRI; a third of them have a link-local next hop too."""
    local = (IPv6Address("fe80::1"),) if dice.random() < 0.3 else ()
    hops = (IPv6Address("2001:db8::9"), *local)
    return MpReach(hops, 6, 1, prefixes) if prefixes else MpReach(hops)


# -- tables


def old_table(family: int) -> bytes:
    """Return a TABLE_DUMP, with AS numbers of two octets."""
    dice, dump = random.Random(family), OldRibDump()  # noqa: S311  # no secret
    form = Form(as4=False, in_rib=True)
    peers = [(address, asn) for address, asn in PEERS if (":" in address) == (family == 6)]
    for number in range(60):
        for address, asn in peers:
            carried = attributes(dice, asn, as4=False)
            prefix = prefix4(number) if family == 4 else prefix6(number)
            hop = with_hop(dice, carried, family)
            dump.entry(address, asn, prefix, encode_attributes(hop, form))
    return dump.octets()


def with_hop(dice: random.Random, carried: Attributes, family: int, *prefixes: Nlri) -> Attributes:
    """Add the next hop of a family; for IPv6 in MP_REACH_NLRI, in full if prefixes are given."""
    if family == 4:
        return attrs.evolve(carried, next_hop=IPv4Address("192.0.2.9"))
    return attrs.evolve(carried, mp_reach=reach6(dice, *prefixes))


def table(
    family: int, *, paths: int = 1, full_reach: bool = False, prefixes: int = 40
) -> Callable[[], bytes]:
    """Return a function that makes a TABLE_DUMP_V2.

    Args:
        family: 4 or 6.
        paths: of each peer for each prefix; more than one with path identifiers (RFC 8050).
        full_reach: whether MP_REACH_NLRI is written in full, as RouteViews does.
        prefixes: how many.
    """

    def octets() -> bytes:
        dice, dump = random.Random(paths), RibDump(view="made")  # noqa: S311  # no secret
        for address, asn in PEERS:
            dump.peer(address, asn)
        for number in range(prefixes):
            prefix = prefix4(number) if family == 4 else prefix6(number)
            for index, (_, asn) in enumerate(PEERS):
                for path_id in range(paths):
                    nlri = (Nlri(prefix),) if full_reach else ()
                    carried = with_hop(dice, attributes(dice, asn), family, *nlri)
                    encoded = encode_attributes(carried, Form(in_rib=True))
                    dump.entry(index, prefix, encoded, path_id if paths > 1 else None)
        return dump.octets()

    return octets


# -- messages


def feed(**sessions: FeedSession) -> Callable[[], bytes]:
    """Return a function that makes a BGP4MP dump of messages and state changes of sessions."""

    def octets() -> bytes:
        dice, dump = random.Random(len(sessions)), UpdateDump()  # noqa: S311  # no secret
        for number in range(40):
            for session in sessions.values():
                # Half of the records have microseconds: BGP4MP_ET (RFC 6396 section 3).
                dump.at(TIMESTAMP + number * 1_000_000 + number % 2 * 7)
                if number in (0, 1):
                    dump.state_change(session).open(session)
                    dump.message(session, encode(Keepalive(), session.form))
                dump.update(session, update(dice, session, number))
        for session in sessions.values():
            dump.end_of_rib(session).end_of_rib(session, 6)
            dump.message(session, encode(RouteRefresh(1, 1), session.form))
            dump.message(session, encode(Notification(6, 2), session.form))
            dump.state_change(session, 6, 1)
        return dump.octets()

    return octets


def update(dice: random.Random, session: FeedSession, number: int) -> Update:
    """Return an UPDATE with some withdrawals, IPv4 routes and IPv6 routes."""

    def some(make: Callable[[int], Prefix], most: int) -> tuple[Nlri, ...]:
        chosen = dice.sample(range(100), dice.randrange(most))
        identifier = number if session.add_path else None
        return tuple(Nlri(make(each), identifier) for each in chosen)

    asn = session.local_asn if session.sent else session.peer_asn
    # Of a LOCAL session bgpdump prints the address of an IPv6 withdrawal wrongly (deviations).
    gone6 = () if session.sent and session.peer.version == 4 else some(prefix6, 3)
    routes4, routes6 = some(prefix4, 4), some(prefix6, 4)
    carried = Attributes(mp_unreach=MpUnreach(6, 1, gone6) if gone6 else None)
    if routes4 or routes6:
        carried = attrs.evolve(
            attributes(dice, asn, as4=session.as4), mp_unreach=carried.mp_unreach
        )
    if routes4:
        carried = with_hop(dice, carried, 4)
    if routes6:
        carried = with_hop(dice, carried, 6, *routes6)
    return Update(some(prefix4, 3), carried, routes4)


def long_withdrawals() -> bytes:
    """Return UPDATEs of nearly 4,096 octets that only withdraw."""
    dump = UpdateDump()
    for session in (SESSIONS["AS4"], SESSIONS["AS2"]):
        gone = tuple(Nlri(Prefix(4, 0xC6120000 + number * 4, 30)) for number in range(800))
        dump.update(session, Update(gone))
        gone6 = tuple(Nlri(Prefix(6, (0x20010DB8 << 96) + number, 128)) for number in range(230))
        dump.update(session, Update((), Attributes(mp_unreach=MpUnreach(6, 1, gone6))))
    return dump.octets()


def trailing_bits() -> bytes:
    """Return UPDATEs whose prefixes have bits set right of their length."""
    dump, session = UpdateDump(), SESSIONS["AS4"]
    for number in range(50):
        octets = encode(update(random.Random(number), session, number), session.form)  # noqa: S311
        nlri = bytes((25, 198, 18, number, 0xFF))
        length = int.from_bytes(octets[16:18]) + len(nlri)
        dump.message(session, octets[:16] + length.to_bytes(2) + octets[18:] + nlri)
    return dump.octets()


#: Files by their contents. For the last three, bgpdump's output differs (deviations).
MADE: Final[dict[str, Callable[[], bytes]]] = {
    "TABLE_DUMP of IPv4": lambda: old_table(4),
    "TABLE_DUMP of IPv6": lambda: old_table(6),
    "TABLE_DUMP_V2 of IPv4": table(4),
    "TABLE_DUMP_V2 of IPv6": table(6),
    "TABLE_DUMP_V2 of IPv6, MP_REACH_NLRI in full": table(6, full_reach=True),
    "TABLE_DUMP_V2 of IPv4 with add-path": table(4, paths=3),
    "TABLE_DUMP_V2 of IPv6 with add-path": table(6, paths=3),
    "TABLE_DUMP_V2 with records of more than 64 KiB": table(4, paths=100, prefixes=2),
    "BGP4MP of every subtype that is alike": feed(**SESSIONS),
    "BGP4MP with long withdrawals": long_withdrawals,
    "BGP4MP_LOCAL with add-path": feed(**LOCAL_ADD_PATH),
    "BGP4MP with bits behind a prefix's length": trailing_bits,
}


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Return a function that writes a file of `MADE` once, and returns its path."""
    folder = tmp_path_factory.mktemp("made")

    def find(name: str) -> Path:
        path = folder / name.replace(" ", "-")
        if not path.exists():
            path.write_bytes(MADE[name]())
        return path

    return find


@pytest.fixture(params=MADE)
def made_file(request: pytest.FixtureRequest, made: Callable[[str], Path]) -> Path:
    """Return the path of each file."""
    return made(request.param)
