"""Which session a dump belongs to: arguments, and peers (views#sessions-of-a-dump)."""

from __future__ import annotations

from ipaddress import IPv4Address, ip_address
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.bulk import DumpPeer
from peerlint.errors import InputError
from peerlint.model import View
from peerlint.observations import RibArgument, UnmappedPeer, session_match, session_matches
from peerlint.testing import records, strategies
from peerlint.testing.notation import scenario
from peerlint.wire.mrt import Peer

#: Partner and Microsoft: ams-1 192.0.2.0 and .1, ams-2 .2 and .3, fra-1 .4 and .5, fra-2 .6 and .7.
INVENTORY: Final = scenario(
    """
    peering contoso-ams maps 64500 Amsterdam
    session ams-1 edge1.ams
    session ams-2 edge2.ams
    peering contoso-fra maps 64500 Frankfurt
    session fra-1 edge1.fra
    session fra-2 edge1.fra
    """
).inventory


@pytest.mark.parametrize(
    ("text", "file", "owner", "view"),
    [
        # text -> file, session or router, view
        ("a.mrt", "a.mrt", None, None),
        ("ams-1=a.mrt", "a.mrt", "ams-1", None),
        ("edge1.ams=a.mrt", "a.mrt", "edge1.ams", None),
        ("ams-1=a.mrt@sent", "a.mrt", "ams-1", "sent"),
        ("edge1.fra=a.mrt@loc-rib", "a.mrt", "edge1.fra", "loc-rib"),
        ("edge1.fra=a.mrt@adj-rib-in", "a.mrt", "edge1.fra", "adj-rib-in"),
        ("ams-1=a.mrt@collector", "a.mrt", "ams-1", "collector"),
        ("a.mrt@received", "a.mrt", None, "received"),
        ("a.mrt@sent", "a.mrt", None, "sent"),
        ("a.mrt@advertised", "a.mrt", None, "advertised"),
        # a name is split off only if it is known
        ("ams-3=a.mrt", "ams-3=a.mrt", None, None),
        ("AMS-1=a.mrt", "AMS-1=a.mrt", None, None),
        ("day=1/a.mrt", "day=1/a.mrt", None, None),
        ("ams-1=day=1/a.mrt", "day=1/a.mrt", "ams-1", None),
        ("ams-1=ams-2=a.mrt", "ams-2=a.mrt", "ams-1", None),
        # a view is split off only if it is known and something precedes it
        ("a@b.mrt", "a@b.mrt", None, None),
        ("ams-1=a.mrt@SENT", "a.mrt@SENT", "ams-1", None),
        ("ams-1=a@sent@received", "a@sent", "ams-1", "received"),
        ("ams-1=@sent", "@sent", "ams-1", None),
        ("@sent", "@sent", None, None),
        # `./` keeps a name whole; only in front of it
        ("./ams-1=a.mrt", "./ams-1=a.mrt", None, None),
        ("ams-1=./ams-2=a.mrt", "./ams-2=a.mrt", "ams-1", None),
        ("-", "-", None, None),
        ("ams-1=-@received", "-", "ams-1", "received"),
        ("ams-1=", "", "ams-1", None),
    ],
)
def test_arguments(text: str, file: str, owner: str | None, view: str | None) -> None:
    """`[SESSION|ROUTER=]FILE[@VIEW]` is split at names and views that exist, nowhere else."""
    found = RibArgument.parse(text, INVENTORY)

    assert (file, owner, view) == (found.file, found.session or found.router, found.view)
    assert None in (found.session, found.router)
    assert (found.router is not None) == (owner is not None and owner.startswith("edge"))


@pytest.mark.parametrize("view", ["loc-rib", "adj-rib-in", "collector"])
@pytest.mark.parametrize("name", ["", "ams-3=", "./ams-1="])
def test_views_that_need_an_owner(view: str, name: str) -> None:
    """A view whose peers are not the sessions needs the name of a session or router."""
    with pytest.raises(InputError) as caught:
        RibArgument.parse(f"{name}a.mrt@{view}", INVENTORY)

    assert (
        f"SESSION=FILE@{view} or ROUTER=FILE@{view}: a {view} names no session"
        == caught.value.expected
    )


@given(text=st.text(st.sampled_from("ams-1=@sent./"), max_size=20))
def test_an_argument_can_be_put_together_again(text: str) -> None:
    """Name, file and view joined again are the text."""
    found = RibArgument.parse(text, INVENTORY)

    owner = found.session or found.router
    front = "" if owner is None else f"{owner}="
    back = "" if found.view is None else f"@{found.view}"
    assert text == f"{front}{found.file}{back}"


def peer(text: str) -> DumpPeer:
    """Read `ADDRESS AS [from LOCAL-AS | to LOCAL-AS]`: a peer of a RIB, or of messages."""
    address, asn, *rest = text.split()
    identity = Peer(ip_address(address), int(asn), IPv4Address("192.0.2.255"))
    local = int(rest[1]) if rest else None
    return DumpPeer(identity, local, sent=bool(rest) and rest[0] == "to")


def mapped(argument: str, text: str) -> str:
    """Map a peer; return the sessions with their view, or why there is none."""
    found = session_matches(peer(text), RibArgument.parse(argument, INVENTORY), INVENTORY)
    if isinstance(found, UnmappedPeer):
        return found.name.lower()
    return ", ".join(f"{each.session.id} {each.viewpoint.view}" for each in found)


@pytest.mark.parametrize(
    ("argument", "text", "expected"),
    [
        # without a name, addresses decide: a RIB
        ("a", "192.0.2.0 64500", "ams-1 received"),
        ("a", "192.0.2.6 64500", "fra-2 received"),
        ("a", "192.0.2.0 64501", "unknown"),  # the address alone is not enough
        ("a", "198.51.100.1 64500", "unknown"),
        ("a", "192.0.2.1 8075", "microsoft"),
        ("a", "192.0.2.1 64500", "microsoft"),  # Microsoft's address
        ("a", "198.51.100.1 8075", "microsoft"),  # Microsoft's AS
        ("a", "2001:db8::1 64500", "unknown"),
        # messages that were received: `from` is the AS of the dump's own side
        ("a", "192.0.2.0 64500 from 8075", "ams-1 received"),
        ("a", "192.0.2.1 8075 from 64500", "microsoft"),
        ("a", "192.0.2.0 64500 from 64501", "unknown"),  # the local AS is not 8075
        ("a", "198.51.100.1 64501 from 64500", "unknown"),
        # messages that were sent (`*_LOCAL`): the peer is the recipient
        ("a", "192.0.2.1 8075 to 64500", "ams-1 sent"),
        ("a", "192.0.2.7 8075 to 64500", "fra-2 sent"),
        ("a", "198.51.100.1 8075 to 64500", "unknown"),
        ("a", "198.51.100.1 64501 to 64500", "unknown"),
        # OpenBGPD swaps the fields: the sender is in the field of the peer
        ("a", "192.0.2.0 64500 to 8075", "ams-1 sent"),
        # a view without a name
        ("a@received", "192.0.2.0 64500", "ams-1 received"),
        ("a@sent", "192.0.2.1 8075", "ams-1 sent"),
        ("a@sent", "192.0.2.0 64500", "unknown"),  # a RIB of what was sent names recipients
        ("a@sent", "192.0.2.0 64500 from 8075", "ams-1 sent"),  # OpenBGPD without `_LOCAL`
        ("a@advertised", "192.0.2.3 8075", "ams-2 advertised"),
        ("a@advertised", "198.51.100.1 8075", "unknown"),
        # ROUTER=FILE is the router's own RIB, whatever its peers are called
        ("edge1.fra=a", "198.51.100.1 64501", "fra-1 loc-rib, fra-2 loc-rib"),
        ("edge1.fra=a", "192.0.2.0 64500", "fra-1 loc-rib, fra-2 loc-rib"),
        ("edge1.fra=a", "0.0.0.0 64500", "fra-1 loc-rib, fra-2 loc-rib"),
        ("edge1.ams=a", "198.51.100.1 64501", "ams-1 loc-rib"),
        ("edge1.fra=a@adj-rib-in", "198.51.100.1 64501", "fra-1 adj-rib-in, fra-2 adj-rib-in"),
        ("edge1.fra=a@collector", "198.51.100.1 64501", "fra-1 collector, fra-2 collector"),
        ("edge1.fra=a", "192.0.2.5 8075", "microsoft"),
        ("edge1.fra=a", "198.51.100.1 8075", "microsoft"),
        # ROUTER=FILE@received: the addresses of that router's sessions
        ("edge1.fra=a@received", "192.0.2.4 64500", "fra-1 received"),
        ("edge1.fra=a@received", "192.0.2.0 64500", "unknown"),
        # ROUTER=FILE@sent: the recipients
        ("edge1.fra=a@sent", "192.0.2.5 8075", "fra-1 sent"),
        ("edge1.fra=a@sent", "192.0.2.1 8075", "unknown"),
        ("edge1.fra=a", "192.0.2.7 8075 to 64500", "fra-2 sent"),
        ("edge1.fra=a", "192.0.2.1 8075 to 64500", "unknown"),
        # SESSION=FILE@VIEW takes precedence over addresses
        ("ams-1=a@received", "198.51.100.1 64501", "ams-1 received"),
        ("ams-1=a@loc-rib", "192.0.2.2 64500", "ams-1 loc-rib"),
        ("ams-1=a@adj-rib-in", "198.51.100.1 64501", "ams-1 adj-rib-in"),
        ("ams-1=a@collector", "198.51.100.1 64496", "ams-1 collector"),
        ("ams-1=a@received", "198.51.100.1 8075", "microsoft"),
        # ... and where the peer is the recipient, AS8075 is enough
        ("ams-1=a@sent", "198.51.100.1 8075", "ams-1 sent"),
        ("ams-1=a@advertised", "198.51.100.1 8075", "ams-1 advertised"),
        ("ams-1=a@sent", "198.51.100.1 64501", "unknown"),
        ("ams-1=a", "198.51.100.1 8075 to 64500", "ams-1 sent"),
        # SESSION=FILE: received from its own side, else the RIB of its router
        ("ams-1=a", "192.0.2.0 64500", "ams-1 received"),
        ("ams-1=a", "192.0.2.2 64500", "unknown"),  # another session's own side
        ("ams-1=a", "198.51.100.1 64501", "ams-1 loc-rib"),
        ("ams-1=a", "192.0.2.1 8075", "microsoft"),
        # AS 0 is no AS: the address decides (GoBGP until 2026; RFC 7607)
        ("a", "192.0.2.0 0", "ams-1 received"),
        ("a", "192.0.2.0 0 from 8075", "ams-1 received"),
        ("a", "192.0.2.0 64500 from 0", "ams-1 received"),
        ("a", "192.0.2.1 0", "microsoft"),
        ("a", "198.51.100.1 0", "unknown"),
        ("a", "0.0.0.0 0", "unknown"),  # a router's own routes, as FRR writes them
        ("ams-1=a", "192.0.2.0 0", "ams-1 received"),
        ("ams-1=a", "192.0.2.2 0", "unknown"),
        ("ams-1=a", "0.0.0.0 0", "ams-1 loc-rib"),
        # AS_TRANS is no AS either, but means that the AS needs four octets (RFC 6793)
        ("a", "192.0.2.0 23456", "unknown"),
    ],
)
def test_peers(argument: str, text: str, expected: str) -> None:
    """Names take precedence over addresses, and sent messages name the recipient."""
    assert expected == mapped(argument, text)


def test_as_trans_stands_for_a_large_number() -> None:
    """A peer of AS_TRANS is the session's own side if its AS does not fit into two octets."""
    inventory = scenario("peering contoso-ams maps 200000 Amsterdam\nsession ams-1 edge1").inventory
    (session,) = inventory.sessions
    trans = DumpPeer(Peer(session.declared.peer, 23456))

    found = session_matches(trans, RibArgument.parse("a", inventory), inventory)

    assert isinstance(found, tuple)
    assert [View.RECEIVED] == [each.viewpoint.view for each in found]


@given(
    argument=st.sampled_from(("a", "ams-1=a", "edge1.fra=a", "ams-1=a@sent", "a@advertised")),
    identity=records.peers(),
    local=st.one_of(st.none(), strategies.asns()),
    sent=st.booleans(),
)
def test_routes_from_microsoft_belong_to_no_session(
    argument: str, identity: Peer, local: int | None, *, sent: bool
) -> None:
    """Whatever the argument, a peer in AS8075 is a recipient or belongs to no session."""
    found = session_matches(
        DumpPeer(Peer(identity.address, 8075, identity.bgp_id), local, sent=sent),
        RibArgument.parse(argument, INVENTORY),
        INVENTORY,
    )

    views = set() if isinstance(found, UnmappedPeer) else {each.viewpoint.view for each in found}
    assert views <= {View.SENT, View.ADVERTISED}


@pytest.mark.parametrize(
    ("head", "transparent"),
    [
        ("peering ix route-server 64500 Amsterdam", True),
        ("peering direct maps 64500 Amsterdam", False),
    ],
)
def test_transparency_depends_on_the_profile(head: str, *, transparent: bool) -> None:
    """Only a route server is transparent."""
    (session,) = scenario(f"{head}\nsession s r").inventory.sessions

    found = session_match(session, View.LOC_RIB).viewpoint

    assert (View.LOC_RIB, 64500, transparent) == (found.view, found.asn, found.transparent)
