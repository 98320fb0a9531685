"""BMP streams that peerlint makes and reads are read by tshark in the same way.

Differences that are known: tshark 4.0 reads the information TLVs of a Peer Up as BGP messages, and
calls them malformed; and it has no RFC 9972.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Final

import attrs
import pytest

from peerlint.model import View
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.wire.bgp import Notification
from peerlint.wire.bmp import (
    Initiation,
    PeerDown,
    PeerFlags,
    PeerHeader,
    PeerType,
    PeerUp,
    Reader,
    Record,
    RouteMonitoring,
    Statistic,
    StatisticsReport,
)
from peerlint.wire.nlri import Nlri
from peerlint.wire.reach import IPAddress

pytestmark = pytest.mark.skipif(shutil.which("tshark") is None, reason="tshark is not installed")

#: The port of BMP in the capture; IANA assigned none.
_PORT: Final = 1790
#: The link type of raw IP packets.
_RAW_IP: Final = 101
_ADDRESSES: Final = bytes((192, 0, 2, 1, 192, 0, 2, 2))
_PATH: Final = "bgp.update.path_attribute."
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
    *(f"{_PATH}as_path_segment.as2", f"{_PATH}as_path_segment.as4"),
    *(f"{_PATH}community_as", f"{_PATH}community_value"),
)
Shown = dict[str, list[str]]

SENT: Final = BmpPeer("192.0.2.1", 8075, "192.0.2.0", 64500, view="sent")
IN: Final = BmpPeer("192.0.2.3", 65550, "192.0.2.2", 64500, type=PeerType.RD, distinguisher=7)
IN6: Final = BmpPeer("2001:db8::3", 64501, "2001:db8::2", 64500)
OLD: Final = BmpPeer("192.0.2.5", 64502, "192.0.2.4", 64500, as4=False)
LOC_RIB: Final = BmpPeer("192.0.2.9", 64500, "192.0.2.9", 64500, view="loc-rib")
WAYS: Final = (
    SENT,
    attrs.evolve(SENT, view=View.ADVERTISED),
    IN,
    attrs.evolve(IN, post_policy=True),
    IN6,
    OLD,
    LOC_RIB,
)


def test_streams_that_we_make(tmp_path: Path) -> None:
    """Every field of every message that both programs read is equal, in all views."""
    stream = BmpStream("edge1")
    for peer in (SENT, IN, IN6, OLD, LOC_RIB):
        stream.up(peer)
    for peer in WAYS:
        stream.announce(peer, "203.0.113.0/24 path 64500 64501 community 8075:8007 64500:120")
        stream.announce(peer, "2001:db8:113::/48 path 64500 next-hop 2001:db8::1")
        stream.withdraw(peer, "203.0.113.0/24", "2001:db8:113::/48").end_of_rib(peer)
        stream.statistics(peer, Statistic(7, 1), Statistic(9, 1, 1, 1), Statistic(0, 2))
        stream.down(peer, Notification(6, 2)).down(peer)
    stream.at(None).announce(IN, "198.51.100.0/24 path 65550").terminate()

    assert_equal(stream.octets(), tmp_path)


@pytest.mark.samples
@pytest.mark.parametrize("name", ["bmp/edge2.ams.bmp", "bmp/edge2.fra.bmp"])
def test_streams_of_daemons(name: str, samples: Callable[[str], Path], tmp_path: Path) -> None:
    """What FRR and GoBGP sent is read as tshark reads it."""
    assert_equal(samples(name).read_bytes(), tmp_path)


def assert_equal(octets: bytes, folder: Path) -> None:
    """Check that peerlint reads all of a stream, and reads what tshark reads."""
    reader = Reader(source="test")
    records = list(reader.read([octets]))
    assert len(octets) == reader.quality.read

    messages = [octets[each.offset : each.offset + each.header.length] for each in records]

    assert [shown(record) for record in records] == shown_by_tshark(messages, folder)


def shown(record: Record) -> Shown:
    """Return the fields of a message as tshark names and prints them."""
    body = record.body
    found: Shown = {"bmp.type": [str(record.header.type)]}
    found["bmp.length"] = [str(record.header.length)]
    if isinstance(body, Initiation):
        found["bmp.init.info"] = [each.text for each in body.tlvs]
        return found
    peer = getattr(body, "peer", None)
    if isinstance(peer, PeerHeader):
        found |= _peer(peer)
    if isinstance(body, PeerUp):
        local = {
            "bmp.peer.up.port.local": body.local_port,
            "bmp.peer.up.port.remote": body.remote_port,
        }
        found |= {name: [str(port)] for name, port in local.items()}
        found |= _address("bmp.peer.up", body.local_address)
        found["bgp.open.myas"] = [str(each.my_as) for each in (body.sent, body.received) if each]
    elif isinstance(body, PeerDown):
        found["bmp.peer.down.reason"] = [str(body.reason)]
        if body.notification is not None:
            found["bgp.notify.major_error"] = [str(body.notification.code)]
    elif isinstance(body, StatisticsReport):
        found["bmp.stats.count"] = [str(len(body.statistics))]
        found["bmp.stats.type"] = [str(each.number) for each in body.statistics]
    elif isinstance(body, RouteMonitoring):
        found |= _update(record)
    return {name: values for name, values in found.items() if values}


def _peer(peer: PeerHeader) -> Shown:
    flags = peer.flags
    if peer.address.version == 6:
        flags |= PeerFlags.V
    seconds, fraction = divmod(peer.timestamp or 0, 1_000_000)
    return {
        "bmp.peer.type": [str(int(peer.type))],
        "bmp.peer.flags": [f"0x{flags:02x}"],
        "bmp.peer.distinguisher": [f"{peer.distinguisher:016x}"],
        "bmp.peer.asn": [str(peer.asn)],
        "bmp.peer.id": [str(peer.bgp_id)],
        "bmp.peer.timestamp.sec": [str(seconds)],
        "bmp.peer.timestamp.msec": [str(fraction)],
        **_address("bmp.peer", peer.address),
    }


def _address(name: str, address: IPAddress) -> Shown:
    kind = "ip" if address.version == 4 else "ipv6"
    return {f"{name}.{kind}.addr": [str(address)]}


def _update(record: Record) -> Shown:
    update, form = record.update, record.form
    assert update is not None
    assert form is not None
    attributes = update.attributes
    reach, unreach = attributes.mp_reach, attributes.mp_unreach
    own, own_withdrawn = _texts(update.nlri), _texts(update.withdrawn)
    mp_reach = () if reach is None else reach.nlri
    mp_unreach = () if unreach is None else unreach.nlri
    # The order in the message: withdrawals, attributes in the order of their types, prefixes.
    every = (*update.withdrawn, *mp_reach, *mp_unreach, *update.nlri)
    width = "as4" if form.as4 else "as2"
    path = attributes.as_path
    return {
        "bgp.withdrawn_prefix": own_withdrawn,
        "bgp.nlri_prefix": own,
        **_mp("bgp.mp_reach_nlri", mp_reach),
        **_mp("bgp.mp_unreach_nlri", mp_unreach),
        "bgp.prefix_length": [str(nlri.prefix.length) for nlri in every],
        f"{_PATH}as_path_segment.{width}": []
        if path is None
        else [str(int(asn)) for asn in path.asns],
        f"{_PATH}community_as": [str(each.asn) for each in attributes.communities],
        f"{_PATH}community_value": [str(each.value) for each in attributes.communities],
    }


def _mp(name: str, nlri: Iterable[Nlri]) -> Shown:
    return {
        f"{name}_ipv{family}_prefix": _texts(each for each in nlri if each.prefix.family == family)
        for family in (4, 6)
    }


def _texts(nlri: Iterable[Nlri]) -> list[str]:
    return [str(each.prefix).partition("/")[0] for each in nlri]


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
