"""`python -m fuzz.make_corpus`: write the seeds with peerlint's encoders.

The seeds are the same each time. Files whose name starts with `find-` are inputs that found a bug;
they are not changed.
"""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Final

from fuzz.bmp_corpus import bmp_seeds
from fuzz.harnesses import HARNESSES
from fuzz.harnesses._laws import octet_of
from fuzz.harnesses.open import CAPABILITIES, MESSAGE
from fuzz.harnesses.program import COMMANDS
from fuzz.json_corpus import element_seeds, exabgp_seeds, ris_seeds
from fuzz.registry_corpus import (
    delegated_seeds,
    irr_seeds,
    peeringdb_seeds,
    registry_seeds,
    slurm_seeds,
    vrp_seeds,
)
from fuzz.rtr_corpus import rtr_seeds
from peerlint.model import AsPath, Community, ExtendedCommunity, LargeCommunity, Prefix
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
from peerlint.wire.bgp import (
    Keepalive,
    Message,
    MessageType,
    Notification,
    Open,
    RouteRefresh,
    Update,
    encode,
    encode_update,
)
from peerlint.wire.capabilities import (
    AddPath,
    Capability,
    Direction,
    ExtendedMessage,
    FourOctetAs,
    GracefulRestart,
    Multiprotocol,
    RawCapability,
    RestartFlag,
    encode_capability,
)
from peerlint.wire.capabilities import RouteRefresh as RouteRefreshCapability
from peerlint.wire.mrt import (
    Bgp4mpEntry,
    Body,
    GeoPeer,
    GeoPeerTable,
    Peer,
    Rib,
    RibEntry,
    Snapshot,
    StateChange,
    TableDump,
    encode_body,
    encode_record,
)
from peerlint.wire.nlri import Nlri

CORPUS: Final = Path(__file__).parent / "corpus"
_HOP4, _HOP6 = IPv4Address("192.0.2.1"), IPv6Address("2001:db8::1")
_LINK_LOCAL: Final = IPv6Address("fe80::1")
_DOC4, _DOC6 = Prefix.parse("203.0.113.0/24"), Prefix.parse("2001:db8:113::/48")
_WIDE: Final = AsPath.parse("64500 64501 65550 {64502,64503}")
_NARROW: Final = AsPath.parse("(64512) 64500 23456 64501")
_FORMS: Final = {
    "as4": Form(),
    "as2": Form(as4=False),
    "add-path": Form(add_path=True),
    "add-path-ipv6": Form(add_path=frozenset({(6, 1)})),
    "rib": Form(in_rib=True),
    "rib-as2": Form(as4=False, in_rib=True),
}


def seeds() -> dict[str, dict[str, bytes]]:
    """Return the octets of every seed, by harness and name."""
    return {
        "mrt": _mrt(),
        "bmp": bmp_seeds(),
        "update": _updates(),
        "attributes": {
            name: bytes((octet_of(form),)) + encode_attributes(_attributes(form), form)
            for name, form in _FORMS.items()
        },
        "open": _messages(),
        "exabgp": exabgp_seeds(),
        "ris": ris_seeds(),
        "elements": element_seeds(),
        "irr": irr_seeds(),
        "delegated": delegated_seeds(),
        "vrps": vrp_seeds(),
        "slurm": slurm_seeds(),
        "peeringdb": peeringdb_seeds(),
        "registry": registry_seeds(),
        "rtr": rtr_seeds(),
        "program": {
            "-".join(("run", *command)).replace("/", "_"): bytes((number,))
            for number, command in enumerate(COMMANDS)
        },
    }


def main() -> None:
    """Write every seed."""
    for harness, named in seeds().items():
        folder = CORPUS / harness
        folder.mkdir(parents=True, exist_ok=True)
        for name, octets in named.items():
            HARNESSES[harness](octets)  # a seed must not be a finding
            (folder / name).write_bytes(octets)


def _nlri(form: Form, prefix: Prefix) -> Nlri:
    return Nlri(prefix, 7 if (prefix.family, 1) in form.add_path else None)


def _attributes(form: Form) -> Attributes:
    """Return one of each attribute."""
    short = form.in_rib
    reach = MpReach((_HOP6, _LINK_LOCAL), 6, 1, (_nlri(form, _DOC6),))
    return Attributes(
        origin=2,
        as_path=_WIDE if form.as4 else _NARROW,
        next_hop=_HOP4,
        med=10,
        local_pref=100,
        atomic_aggregate=True,
        aggregator=Aggregator(64500 if form.as4 else 23456, _HOP4),
        communities=(Community(8075 << 16 | 8007), Community(0xFFFFFF01)),
        extended_communities=(ExtendedCommunity(2 << 48 | 64500 << 32 | 1),),
        large_communities=(LargeCommunity(64500, 1, 2),),
        originator_id=_HOP4,
        cluster_list=(_HOP4, IPv4Address("192.0.2.2")),
        only_to_customer=64500,
        as4_path=None if form.as4 else AsPath.parse("64500 65550 64501"),
        as4_aggregator=None if form.as4 else Aggregator(65550, _HOP4),
        mp_reach=MpReach((_HOP6,)) if short else reach,
        mp_unreach=MpUnreach(6, 1, (_nlri(form, Prefix.parse("2001:db8::/32")),)),
        others=(RawAttribute(0xC0, 128, b"\0\1\2"),),
    )


def _updates() -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    withdrawn, announced = Prefix.parse("198.51.100.0/25"), Prefix.parse("192.0.2.0/24")
    for name, form in _FORMS.items():
        update = Update(
            (_nlri(form, withdrawn),),
            _attributes(form),
            (_nlri(form, _DOC4), _nlri(form, announced)),
        )
        found[name] = bytes((octet_of(form),)) + encode_update(update, form)
    found["withdrawal"] = bytes((octet_of(_PLAIN),)) + encode_update(Update((Nlri(_DOC4),)), _PLAIN)
    found["end-of-rib"] = bytes((octet_of(_PLAIN),)) + encode_update(Update(), _PLAIN)
    return found


_PLAIN: Final = Form()
_CAPABILITIES: Final[tuple[Capability, ...]] = (
    Multiprotocol(1, 1),
    Multiprotocol(2, 1),
    RouteRefreshCapability(),
    ExtendedMessage(),
    FourOctetAs(65550),
    GracefulRestart(120, RestartFlag.NOTIFICATION, ((1, 1, True),)),
    AddPath(((1, 1, Direction.SEND | Direction.RECEIVE), (2, 1, Direction.SEND))),
    RawCapability(73, b"\x06router\0"),
)


def _messages() -> dict[str, bytes]:
    hello = Open(23456, 180, _HOP4, _CAPABILITIES)
    named: dict[str, Message] = {
        "open": hello,
        "open-plain": Open(64500, 180, _HOP4),
        "open-extended": Open(64500, 180, _HOP4, _CAPABILITIES, ((1, bytes(300)),)),
        "notification": Notification(6, 2, b"bye"),
        "keepalive": Keepalive(),
        "route-refresh": RouteRefresh(1, 1, 0, b"\x80\x40\0\5"),
        "update": Update((), _attributes(_PLAIN), (Nlri(_DOC4),)),
    }
    whole = {name: bytes((MESSAGE,)) + encode(each, _PLAIN) for name, each in named.items()}
    kinds = {"open": MessageType.OPEN, "route-refresh": MessageType.ROUTE_REFRESH}
    bodies = {
        f"{name}-body": bytes((kind,)) + encode(named[name], _PLAIN)[19:]
        for name, kind in kinds.items()
    }
    every = b"".join(map(encode_capability, _CAPABILITIES))
    return {**whole, **bodies, "capabilities": bytes((CAPABILITIES,)) + every}


def _mrt() -> dict[str, bytes]:
    """Return streams, each preceded by the octet with the size of its chunks."""
    streams: dict[str, tuple[int, bytes]] = {
        "rib": (0, _rib()),
        "rib-full-reach": (64, _rib(full_reach=True)),
        "rib-multicast": (0, _rib(safi=2)),
        "updates": (0, _update_stream(as4=True)),
        "updates-as2": (17, _update_stream(as4=False)),
        "updates-add-path": (0, _update_stream(as4=True, add_path=True)),
        "bodies": (0, b"".join(map(_record, _bodies()))),
        "unsupported": (1, _record(_bodies()[0]) + _OLD_BGP),
        "damaged": (13, _update_stream(as4=True)[:70] + bytes(40) + _update_stream(as4=True)),
    }
    return {name: bytes((size,)) + stream for name, (size, stream) in streams.items()}


#: A record of the historical type BGP, which is not supported (RFC 6396 appendix B.1.2).
_OLD_BGP: Final = struct.pack(">IHHIB", TIMESTAMP // 1_000_000, 5, 1, 1, 0)


def _record(body: Body) -> bytes:
    return encode_record(TIMESTAMP, *encode_body(body))


def _rib(*, full_reach: bool = False, safi: int = 1) -> bytes:
    dump = RibDump(full_reach=full_reach, safi=safi)
    peers = dump.peer("192.0.2.1", 64500), dump.peer("2001:db8::1", 65550)
    for peer in peers:
        dump.routes(
            peer,
            "203.0.113.0/24 path 64500 64501 community 8075:8007",
            "2001:db8:113::/48 path 64500 65550",
        )
    every = encode_attributes(_attributes(_FORMS["rib"]), _FORMS["rib"])
    dump.entry(peers[0], _DOC4, every).entry(peers[0], _DOC4, every, 7)
    return dump.octets()


def _update_stream(*, as4: bool, add_path: bool = False) -> bytes:
    dump = UpdateDump()
    received = FeedSession("192.0.2.1", 64500, "192.0.2.2", 64501, as4, False, add_path)  # noqa: FBT003
    sent = FeedSession("2001:db8::1", 64500, "2001:db8::2", 64501, as4, True, add_path)  # noqa: FBT003
    dump.state_change(received).open(received)
    every = Update((), _attributes(received.form), (_nlri(received.form, _DOC4),))
    dump.update(received, every)
    dump.at(TIMESTAMP + 5).announce(sent, "2001:db8:113::/48 path 64500 64501")
    dump.withdraw(sent, "2001:db8:113::/48").end_of_rib(sent, 6).state_change(sent, 6, 1)
    return dump.octets()


def _bodies() -> tuple[Body, ...]:
    """Return one body of each type that the builders of dumps do not write."""
    narrow, rib = _FORMS["rib-as2"], _FORMS["rib"]
    peer = Peer(_HOP4, 64500, _HOP4)
    entry = RibEntry(0, 1, _attributes(rib), 7)
    return (
        TableDump(0, 1, _DOC4, 1, _HOP4, 64500, _attributes(narrow)),
        TableDump(0, 2, _DOC6, 1, _HOP6, 64500, _attributes(narrow)),
        GeoPeerTable(_HOP4, "view", 52.5, None, (GeoPeer(peer, 52.5, 13.5),)),
        Rib(0, Nlri(_DOC6), 1, True, (entry,), True),  # noqa: FBT003  # add-path, generic
        StateChange(64500, 64501, 0, _HOP4, IPv4Address("192.0.2.2"), 5, 6),
        Bgp4mpEntry(
            64500, 64501, 0, _HOP4, _HOP4, 0, 1, 1, 1, (_HOP4,), Nlri(_DOC4), _attributes(narrow)
        ),
        Snapshot(0, b"rib.mrt"),
    )


if __name__ == "__main__":
    main()
