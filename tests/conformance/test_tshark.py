"""BMP streams that peerlint makes and reads are read by tshark in the same way.

Differences that are known: tshark 4.0 reads the information TLVs of a Peer Up as BGP messages, and
calls them malformed; and it has no RFC 9972.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from bmp_readers.differences import expected_of_tshark
from bmp_readers.streams import CAPTURED, MADE, octets_of
from bmp_readers.tshark import PATH, RESERVED, Shown, messages_of, seen_by_tshark, shown_by_tshark

from peerlint.model import AsPath
from peerlint.wire.attributes import Attributes
from peerlint.wire.bmp import (
    Initiation,
    PeerDown,
    PeerFlags,
    PeerHeader,
    PeerUp,
    Reader,
    Record,
    RouteMonitoring,
    StatisticsReport,
)
from peerlint.wire.nlri import Nlri
from peerlint.wire.reach import IPAddress

pytestmark = pytest.mark.skipif(
    shutil.which("tshark") is None and not os.environ.get("CI"), reason="tshark is not installed"
)


@pytest.mark.parametrize("name", [*MADE, *CAPTURED])
def test_stream(name: str, tmp_path: Path) -> None:
    """Every field of every message that both programs read is equal, in all views."""
    assert_equal(octets_of(name), tmp_path)


@pytest.mark.parametrize("name", [*MADE, *CAPTURED])
def test_events(name: str, tmp_path: Path) -> None:
    """Peerlint's events are what tshark reads, except for `bmp_readers.differences`."""
    octets = octets_of(name)

    assert expected_of_tshark(name, octets) == seen_by_tshark(messages_of(octets), tmp_path)


@pytest.mark.samples
@pytest.mark.parametrize("name", ["bmp/edge2.ams.bmp", "bmp/edge2.fra.bmp"])
def test_streams_of_daemons(name: str, samples: Callable[[str], Path], tmp_path: Path) -> None:
    """Likewise for what FRR and GoBGP sent, in files that are not part of the project."""
    assert_equal(samples(name).read_bytes(), tmp_path)


def assert_equal(octets: bytes, folder: Path) -> None:
    """Check that peerlint reads all of a stream, and reads what tshark reads."""
    reader = Reader(source="test")
    records = list(reader.read([octets]))
    assert len(octets) == reader.quality.read

    assert [shown(record) for record in records] == shown_by_tshark(messages_of(octets), folder)


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
    return {
        "bgp.withdrawn_prefix": own_withdrawn,
        "bgp.nlri_prefix": own,
        **_mp("bgp.mp_reach_nlri", mp_reach),
        **_mp("bgp.mp_unreach_nlri", mp_unreach),
        "bgp.prefix_length": [str(nlri.prefix.length) for nlri in every],
        f"{PATH}as_path_segment.as2": [] if form.as4 else _asns(attributes.as_path),
        f"{PATH}as_path_segment.as4": [
            *(_asns(attributes.as_path) if form.as4 else []),
            *_asns(attributes.as4_path),
        ],
        **_communities(attributes),
        **_large(attributes),
        "bgp.nlri_path_id": [str(nlri.path_id) for nlri in every if nlri.path_id is not None],
        f"{PATH}origin": [] if attributes.origin is None else [str(attributes.origin)],
        f"{PATH}next_hop": [] if attributes.next_hop is None else [str(attributes.next_hop)],
        **_next_hops(() if reach is None else reach.next_hops),
    }


def _asns(path: AsPath | None) -> list[str]:
    return [] if path is None else [str(int(asn)) for asn in path.asns]


def _communities(attributes: Attributes) -> Shown:
    every = attributes.communities
    numbered = [each for each in every if each.asn != RESERVED]
    return {
        f"{PATH}community_wellknown": [hex(each.number) for each in every if each.asn == RESERVED],
        f"{PATH}community_as": [str(each.asn) for each in numbered],
        f"{PATH}community_value": [str(each.value) for each in numbered],
    }


def _large(attributes: Attributes) -> Shown:
    every = attributes.large_communities
    return {
        "bgp.large_communities.ga": [str(each.administrator) for each in every],
        "bgp.large_communities.ldp1": [str(each.data1) for each in every],
        "bgp.large_communities.ldp2": [str(each.data2) for each in every],
    }


def _next_hops(addresses: Iterable[IPAddress]) -> Shown:
    return {
        f"{PATH}mp_reach_nlri.next_hop.ipv{family}": [
            str(each) for each in addresses if each.version == family
        ]
        for family in (4, 6)
    }


def _mp(name: str, nlri: Iterable[Nlri]) -> Shown:
    return {
        f"{name}_ipv{family}_prefix": _texts(each for each in nlri if each.prefix.family == family)
        for family in (4, 6)
    }


def _texts(nlri: Iterable[Nlri]) -> list[str]:
    return [str(each.prefix).partition("/")[0] for each in nlri]
