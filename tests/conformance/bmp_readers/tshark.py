"""Run Debian's tshark on a capture of messages."""

from __future__ import annotations

import struct
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

import attrs

from bmp_readers.seen import SeenEvent
from peerlint.wire.bmp import Reader

#: The port of BMP in the capture; IANA assigned none.
_PORT: Final = 1790
#: The link type of raw IP packets.
_RAW_IP: Final = 101
_ADDRESSES: Final = bytes((192, 0, 2, 1, 192, 0, 2, 2))
PATH: Final = "bgp.update.path_attribute."
_FIELDS: Final = (
    *("bmp.type", "bmp.length", "bmp.peer.type", "bmp.peer.flags", "bmp.peer.distinguisher"),
    *("bmp.peer.ip.addr", "bmp.peer.ipv6.addr", "bmp.peer.asn", "bmp.peer.id"),
    *("bmp.peer.timestamp.sec", "bmp.peer.timestamp.msec", "bmp.peer.down.reason"),
    *("bmp.peer.up.ip.addr", "bmp.peer.up.ipv6.addr", "bmp.peer.up.port.local"),
    *("bmp.peer.up.port.remote", "bgp.open.myas", "bmp.stats.count", "bmp.stats.type"),
    *("bmp.init.info", "bgp.notify.major_error"),
    *("bgp.nlri_prefix", "bgp.withdrawn_prefix", "bgp.prefix_length"),
    *("bgp.mp_reach_nlri_ipv4_prefix", "bgp.mp_reach_nlri_ipv6_prefix"),
    *("bgp.mp_unreach_nlri_ipv4_prefix", "bgp.mp_unreach_nlri_ipv6_prefix"),
    *(f"{PATH}as_path_segment.as2", f"{PATH}as_path_segment.as4"),
    *(f"{PATH}community_as", f"{PATH}community_value", f"{PATH}community_wellknown"),
    *("bgp.large_communities.ga", "bgp.large_communities.ldp1", "bgp.large_communities.ldp2"),
    *("bgp.nlri_path_id", f"{PATH}origin", f"{PATH}next_hop"),
    *(f"{PATH}mp_reach_nlri.next_hop.ipv4", f"{PATH}mp_reach_nlri.next_hop.ipv6"),
)
#: The first half of well-known communities (RFC 1997), which tshark shows as one number.
RESERVED: Final = 65535
_OUT: Final = 0x10
_POST: Final = 0x40
_LOC_RIB: Final = 3
Shown = dict[str, list[str]]


def messages_of(octets: bytes) -> list[bytes]:
    """Return the messages of a stream."""
    records = Reader(source="test").read([octets])
    return [octets[each.offset : each.offset + each.header.length] for each in records]


def shown_by_tshark(messages: Iterable[bytes], folder: Path) -> list[Shown]:
    """Return the fields of each message as tshark shows them.

    Args:
        messages: whole BMP messages of up to 65,000 octets.
        folder: where the capture is written.
    """
    path = folder / "stream.pcap"
    path.write_bytes(b"".join(_capture(messages)))
    options = [word for name in _FIELDS for word in ("-e", name)]
    command = ["tshark", "-r", str(path), "-d", f"tcp.port=={_PORT},bmp", "-T", "fields"]
    command += ["-E", "separator=|", "-E", "aggregator=;", *options]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    lines = (zip(_FIELDS, line.split("|"), strict=True) for line in done.stdout.splitlines())
    return [{name: text.split(";") for name, text in line if text} for line in lines]


def _capture(messages: Iterable[bytes]) -> Iterator[bytes]:
    """Yield a pcap file with one message in each TCP segment."""
    yield struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 0xFFFF, _RAW_IP)
    sequence = 1
    for message in messages:
        tcp = struct.pack(">HHIIBBHHH", 40000, _PORT, sequence, 1, 5 << 4, 0x18, 0xFFFF, 0, 0)
        octets = len(message) + 20 + len(tcp)
        ip = struct.pack(">BBHHHBBH", 0x45, 0, octets, 0, 0, 64, 6, 0) + _ADDRESSES
        yield struct.pack("<IIII", 0, 0, octets, octets) + ip + tcp + message
        sequence += len(message)


def seen_by_tshark(messages: Iterable[bytes], folder: Path) -> list[SeenEvent]:
    """Return what tshark sees in messages: paths without types of segments, counts by number.

    Args:
        messages: whole BMP messages of up to 65,000 octets.
        folder: where the capture is written.
    """
    return [seen for shown in shown_by_tshark(messages, folder) for seen in _seen(shown)]


def _seen(shown: Shown) -> Iterator[SeenEvent]:
    kind = shown["bmp.type"][0]
    if "bmp.peer.asn" not in shown:
        return
    peer = SeenEvent(
        "", int(shown["bmp.peer.distinguisher"][0], 16), _only(shown, "bmp.peer.ip*.addr")
    )
    whole = attrs.evolve(peer, asn=int(shown["bmp.peer.asn"][0]))
    match kind:
        case "0":
            yield from _routes(shown, attrs.evolve(peer, table=_table(shown)))
        case "1":
            for number in shown["bmp.stats.type"]:
                yield attrs.evolve(whole, what="count", prefix=number)
        case "2":
            yield attrs.evolve(whole, what="down")
        case "3":
            yield attrs.evolve(whole, what="up", detail=_only(shown, "bmp.peer.up.ip*.addr"))


def _only(shown: Shown, name: str) -> str:
    """Return the address of one of two fields, which has `ip` or `ipv6` in its name."""
    ipv4, ipv6 = name.replace("*", ""), name.replace("*", "v6")
    return "".join(shown.get(ipv4, shown.get(ipv6, [])))


def _table(shown: Shown) -> str:
    if int(shown["bmp.peer.type"][0]) == _LOC_RIB:
        return "loc-rib pre"
    flags = int(shown["bmp.peer.flags"][0], 16)
    if flags & _OUT:
        return "sent pre" if flags & _POST else "advertised pre"
    return "adj-rib-in post" if flags & _POST else "adj-rib-in pre"


def _routes(shown: Shown, place: SeenEvent) -> Iterator[SeenEvent]:
    """Yield the routes of an UPDATE; tshark shows its prefixes in the order of the message."""
    lengths = iter(shown.get("bgp.prefix_length", []))
    path_ids = iter(shown.get("bgp.nlri_path_id", []))
    announced = attrs.evolve(
        place,
        what="announce",
        path=" ".join(
            shown.get(f"{PATH}as_path_segment.as4") or shown.get(f"{PATH}as_path_segment.as2", [])
        ),
        communities=_communities(shown),
    )
    withdrawn = attrs.evolve(place, what="withdraw")
    hop, reach = f"{PATH}next_hop", f"{PATH}mp_reach_nlri.next_hop."
    found = 0
    for name, seen, hops in (
        ("bgp.withdrawn_prefix", withdrawn, ()),
        ("bgp.mp_reach_nlri_ipv4_prefix", announced, (f"{reach}ipv4", f"{reach}ipv6")),
        ("bgp.mp_reach_nlri_ipv6_prefix", announced, (f"{reach}ipv6",)),
        ("bgp.mp_unreach_nlri_ipv4_prefix", withdrawn, ()),
        ("bgp.mp_unreach_nlri_ipv6_prefix", withdrawn, ()),
        ("bgp.nlri_prefix", announced, (hop,)),
    ):
        for prefix in shown.get(name, []):
            found += 1
            path_id = next(path_ids, None)
            yield attrs.evolve(
                seen,
                prefix=f"{prefix}/{next(lengths)}",
                path_id=None if path_id is None else int(path_id),
                next_hop="".join(each for key in hops for each in shown.get(key, [])),
            )
    if not found:
        yield attrs.evolve(place, what="end-of-rib")


def _communities(shown: Shown) -> tuple[str, ...]:
    """Return standard communities, those with reserved numbers last, and large ones."""
    pairs = zip(
        shown.get(f"{PATH}community_as", []),
        shown.get(f"{PATH}community_value", []),
        strict=True,
    )
    well_known = (
        divmod(int(each, 0), 65536) for each in shown.get(f"{PATH}community_wellknown", [])
    )
    large = zip(
        *(shown.get(f"bgp.large_communities.{part}", []) for part in ("ga", "ldp1", "ldp2")),
        strict=True,
    )
    return tuple(":".join(map(str, each)) for each in (*pairs, *well_known, *large))
