"""How UPDATEs of a BMP stream are encoded: by flag A, and by the OPENs of the Peer Up."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Final

import attrs
import pytest

from peerlint.model import Prefix, View
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.wire.attributes import Attributes, Form
from peerlint.wire.bgp import Open, Update
from peerlint.wire.bmp import (
    PeerFlags,
    PeerForms,
    PeerHeader,
    PeerType,
    PeerUp,
    Reader,
    Record,
)
from peerlint.wire.capabilities import AddPath, Capability, Direction, FourOctetAs
from peerlint.wire.nlri import Nlri

IN = BmpPeer("192.0.2.1", 64501, "192.0.2.0", 64500)
IPV4 = frozenset({(4, 1)})
SEND, RECEIVE, BOTH = Direction.SEND, Direction.RECEIVE, Direction.SEND | Direction.RECEIVE
TWO = ("203.0.113.0/24 path 64501 path-id 1", "203.0.113.0/24 path 64501 64502 path-id 2")
#: A prefix whose octets, read with path identifiers, are one and the rest of another.
PLAIN = "203.0.113.0/24 path 64501"


def opened(
    sent: Direction | None, received: Direction | None, kind: PeerType = PeerType.GLOBAL
) -> PeerForms:
    """Return the forms after a Peer Up, with what the two OPENs offer for IPv4."""
    peer = PeerHeader(kind, IPv4Address("192.0.2.1"), 64501)
    forms = PeerForms()
    opens = (_open(64500, sent), _open(64501, received))
    forms.add(PeerUp(peer, IPv4Address("192.0.2.0"), 179, 40000, *opens))
    return forms


def _open(asn: int, direction: Direction | None) -> Open:
    offered: tuple[Capability, ...] = (FourOctetAs(asn),)
    if direction is not None:
        offered += (AddPath(((1, 1, direction),)),)
    return Open(asn, 180, IPv4Address("192.0.2.9"), offered)


@pytest.mark.parametrize(
    ("sent", "received", "of_in", "of_out", "source"),
    [
        (None, None, frozenset(), frozenset(), "RFC 7911 section 5: not offered"),
        (RECEIVE, SEND, IPV4, frozenset(), "the peer sends identifiers"),
        (SEND, RECEIVE, frozenset(), IPV4, "the router sends identifiers"),
        (BOTH, BOTH, IPV4, IPV4, "both"),
        (RECEIVE, None, frozenset(), frozenset(), "FRR always offers to receive"),
        (RECEIVE, RECEIVE, frozenset(), frozenset(), "nobody sends"),
    ],
)
def test_add_path(
    sent: Direction | None,
    received: Direction | None,
    of_in: frozenset[tuple[int, int]],
    of_out: frozenset[tuple[int, int]],
    source: str,
) -> None:
    """Both OPENs negotiate path identifiers, for each direction alone."""
    forms = opened(sent, received)
    peer = PeerHeader(PeerType.GLOBAL, IPv4Address("192.0.2.1"), 64501)

    for flags, expected in ((0x00, of_in), (0x40, of_in), (0x10, of_out), (0x50, of_out)):
        assert expected == forms.form_of(attrs.evolve(peer, flags=flags)).add_path, source


def test_add_path_of_a_loc_rib() -> None:
    """The OPENs of a Loc-RIB say how it is encoded (RFC 9069 section 5.2)."""
    peer = PeerHeader(PeerType.LOC_RIB, IPv4Address("192.0.2.1"), 64501)

    assert opened(SEND, SEND, PeerType.LOC_RIB).form_of(peer).add_path == IPV4
    assert not opened(None, None, PeerType.LOC_RIB).form_of(peer).add_path


@pytest.mark.parametrize(
    ("flags", "internal"),
    [(0x00, False), (0x50, False), (0x40, None), (0x10, None)],
    ids=["received", "sent", "after policy in", "before policy out"],
)
def test_internal_is_known_of_what_one_side_sent(flags: int, *, internal: bool | None) -> None:
    """Where a router may have added LOCAL_PREF itself, it is not judged (RFC 7606 section 7.5)."""
    peer = PeerHeader(PeerType.GLOBAL, IPv4Address("192.0.2.1"), 64501, flags=flags)

    assert internal is opened(None, None).form_of(peer).internal
    assert PeerForms().form_of(peer).internal is None


def test_peers_are_told_apart() -> None:
    """Type, distinguisher and address identify a peer; a Peer Down forgets it."""
    forms = opened(BOTH, BOTH)
    peer = PeerHeader(PeerType.GLOBAL, IPv4Address("192.0.2.1"), 64501)
    others = [
        attrs.evolve(peer, type=PeerType.LOCAL),
        attrs.evolve(peer, distinguisher=1),
        attrs.evolve(peer, address=IPv4Address("192.0.2.2")),
    ]

    assert [Form()] * 3 == [forms.form_of(each) for each in others]
    forms.remove(others[0])
    assert forms.form_of(peer).add_path == IPV4
    forms.remove(peer)
    assert Form() == forms.form_of(peer)


def test_opens_that_cannot_be_read() -> None:
    """Without OPENs, nothing is negotiated."""
    peer = PeerHeader(PeerType.GLOBAL, IPv4Address("192.0.2.1"), 64501)
    forms = PeerForms()
    forms.add(PeerUp(peer, IPv4Address("192.0.2.0"), 179, 40000, _open(64500, BOTH), None))

    assert Form() == forms.form_of(peer)


# -- with the reader


def announced(stream: BmpStream) -> tuple[list[str], list[Record], Reader]:
    """Return the prefixes of a stream with their path identifiers, and its UPDATEs."""
    reader = Reader(source="test")
    records = [record for record in reader.read([stream.octets()]) if record.update is not None]
    found = [
        f"{nlri.prefix} {nlri.path_id}"
        for record in records
        if record.update is not None
        for nlri, _ in record.update.announced
    ]
    return found, records, reader


@pytest.mark.parametrize("view", [View.ADJ_RIB_IN, View.SENT, View.LOC_RIB])
def test_path_identifiers(view: View) -> None:
    """UPDATEs of a session with add-path have path identifiers in every view."""
    peer = attrs.evolve(IN, view=view, add_path=True)

    found, _, reader = announced(BmpStream().up(peer).announce(peer, *TWO))

    assert ["203.0.113.0/24 1", "203.0.113.0/24 2"] == found
    assert reader.quality.is_complete


def test_as_numbers_of_two_octets() -> None:
    """Flag A says that AS_PATH has two octets for each AS number, also without a Peer Up."""
    peer = attrs.evolve(IN, as4=False)

    found, (record,), _ = announced(BmpStream().announce(peer, "203.0.113.0/24 path 64501 65551"))

    assert ["203.0.113.0/24 None"] == found
    assert record.update is not None
    assert str(record.update.attributes.path) == "64501 65551"
    assert record.form == Form(as4=False)


@pytest.mark.parametrize(("view", "malformed"), [(View.LOC_RIB, 0), (View.ADJ_RIB_IN, 1)])
def test_own_routes_without_a_path(view: View, malformed: int) -> None:
    """GoBGP leaves AS_PATH out of its own routes in its Loc-RIB: they are not malformed there."""
    peer = attrs.evolve(IN, view=view)
    own = Attributes(origin=0, next_hop=IPv4Address("192.0.2.0"))
    update = Update((), own, (Nlri(Prefix.parse("203.0.113.0/24")),))

    _, (record,), reader = announced(BmpStream().update(peer, update))

    assert record.update is not None
    assert str(record.update.attributes.path) == ""
    assert reader.quality.malformed == malformed


PATH: Final = "203.0.113.0/24 path 64501 65551 64502 community 8075:8007"


def test_as_numbers_of_two_octets_without_flag_a() -> None:
    """FRR 8.4 leaves flag A out: a path that only two octets make whole is read so, and it is said.

    AS4_PATH and communities count as in a session of two octets (RFC 6793 section 4.2.3).
    """
    peer = attrs.evolve(IN, as4=False)
    stream = BmpStream().up(peer)
    sent = BmpStream().announce(peer, PATH).messages[-1]
    stream.raw(_without_flag_a(sent)).raw(
        _without_flag_a(BmpStream().end_of_rib(peer).messages[-1])
    )

    found, (record, end), reader = announced(stream)

    assert ["203.0.113.0/24 None"] == found
    assert record.update is not None
    assert str(record.update.attributes.path) == "64501 65551 64502"
    assert (True, False) == (record.undeclared_as2, end.undeclared_as2)
    assert record.form == Form(as4=False, internal=False)
    assert (0, True) == (reader.quality.malformed, reader.quality.is_complete)


def test_as_numbers_of_four_octets_in_a_session_of_two() -> None:
    """GoBGP writes paths anew in its table after policy: flag A is right to be left out."""
    stream = BmpStream().up(attrs.evolve(IN, as4=False)).announce(IN, PATH)

    _, (record,), reader = announced(stream)

    assert record.update is not None
    assert str(record.update.attributes.path) == "64501 65551 64502"
    assert (False, 0) == (record.undeclared_as2, reader.quality.malformed)


def test_path_that_is_wrong_with_two_octets_too() -> None:
    """A path that no width makes whole is malformed, as flag A says it is to be read."""
    peer = attrs.evolve(IN, as4=False)
    broken = bytearray(_without_flag_a(BmpStream().announce(peer, PATH).messages[-1]))
    broken[broken.index(b"\x02\x03\xfb\xf5") + 1] = 2
    stream = BmpStream().up(peer).raw(bytes(broken))

    _, (record,), reader = announced(stream)

    assert (False, 1) == (record.undeclared_as2, reader.quality.malformed)


@pytest.mark.parametrize("opened", [True, False])
def test_four_octets_that_the_session_has(*, opened: bool) -> None:
    """In a session of four octets, or without a Peer Up, flag A alone counts."""
    sent = BmpStream().announce(attrs.evolve(IN, as4=False), PATH).messages[-1]
    stream = BmpStream().up(IN) if opened else BmpStream()

    _, (record,), reader = announced(stream.raw(_without_flag_a(sent)))

    assert (False, 1) == (record.undeclared_as2, reader.quality.malformed)


def _without_flag_a(message: bytes) -> bytes:
    flags = message[7]
    assert flags & PeerFlags.A
    return message[:7] + bytes((flags & ~PeerFlags.A,)) + message[8:]


def test_routes_before_a_peer_up() -> None:
    """Before a Peer Up, UPDATEs are read without path identifiers: GoBGP sends none for its RIB."""
    found, records, reader = announced(BmpStream().announce(IN, PLAIN).end_of_rib(IN))

    assert ["203.0.113.0/24 None"] == found
    assert [False, False] == [record.missing_path_ids for record in records]
    assert reader.quality.is_complete


def test_identifiers_that_the_peer_up_negotiates_and_updates_lack() -> None:
    """FRR leaves path identifiers out: the UPDATE is read without them, and it is said."""
    peer = attrs.evolve(IN, add_path=True)

    found, (record, _), reader = announced(BmpStream().up(peer).announce(IN, PLAIN).end_of_rib(IN))

    assert ["203.0.113.0/24 None"] == found
    assert record.missing_path_ids
    assert record.form == Form(internal=False)
    assert (1, True) == (reader.missing_path_ids, reader.quality.is_complete)


def test_identifiers_that_the_peer_up_excludes() -> None:
    """Identifiers that no Peer Up negotiates never become default routes."""
    peer = attrs.evolve(IN, add_path=True)
    stream = BmpStream().up(IN)
    for number in (1, 2):
        stream.announce(peer, f"203.0.113.0/24 path 64501 path-id {number}")

    found, _, reader = announced(stream)

    assert not any(each.startswith("0.0.0.0/0") for each in found)
    assert reader.quality.undeclared_path_ids + reader.quality.damages > 0
