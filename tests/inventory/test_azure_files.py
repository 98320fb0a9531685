"""Imports into existing inventory files, whose layout is kept."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Final

import attrs
import pytest

from peerlint.inventory import (
    Connection,
    Contact,
    PeerAsn,
    Peering,
    Provider,
    RegisteredPrefix,
    Session,
)
from peerlint.inventory.azure import AzurePeering, Child, Export, merge
from peerlint.inventory.edit import edited
from peerlint.inventory.peering import Role
from peerlint.inventory.toml import parse_inventory
from peerlint.model import Asn

_ASN: Final = PeerAsn("contoso", Asn(64500))
_SESSION: Final = Session(IPv4Address("192.0.2.1"), IPv4Address("192.0.2.0"))
_AMS: Final = Peering("contoso-ams", "maps", Asn(64500), "Amsterdam")
_LINE: Final = Connection("ams-1", "edge1.ams", Role.PRIMARY, 100_000, sessions=(_SESSION,))


def azure(name: str = "contoso-ams", *connections: Connection, **others: str) -> Export:
    """Return an export of one peering of AS64500."""
    peering = AzurePeering(name, peer_asn="contoso", connections=connections, **others)
    return Export(peerings=(peering,), peer_asns=(_ASN,))


#: A file as a person may write it, with an unusual layout.
BY_HAND: Final = """\
# mine
ribs = [ "a.mrt" ]   # as always

[[peering]]
name = 'contoso-ams'   # quoted so
profile = "maps"
asn = "AS64500"
registered_prefix = [ { prefix = "203.0.113.0/24" } ] # in line

  [[peering.connection]]
  name = "ams-1"
  bandwidth = 100000 # Mbit/s
    [[peering.connection.session]]
    peer = "192.0.2.0"

# below
[lab]
allow = [
  "documentation", # RFC 5737
]
"""


def test_a_file_by_hand() -> None:
    """Only changed values are edited; new tables are inserted before the next table."""
    before = parse_inventory(BY_HAND, "f")
    exported = Connection("", state="Active", bandwidth=100_000, sessions=(_SESSION,))
    other = Connection("", identifier="2")
    export = attrs.evolve(
        azure("contoso-ams", exported, other),
        peer_asns=(),
        registered_prefixes=tuple(
            Child(RegisteredPrefix(text, state="Verified"), "contoso-ams")
            for text in ("203.0.113.0/24", "198.51.100.0/24")
        ),
    )

    text = edited(BY_HAND, before, merge(before, export).inventory)

    assert (
        BY_HAND.replace(
            '{ prefix = "203.0.113.0/24" } ]',
            '{ prefix = "203.0.113.0/24", state = "Verified"}, '
            '{prefix = "198.51.100.0/24", state = "Verified"} ]',
        )
        .replace("# in line\n", '# in line\npeer_asn = "contoso"\n')
        .replace("# Mbit/s\n", '# Mbit/s\n  state = "Active"\n')
        .replace(
            '    peer = "192.0.2.0"\n',
            '    peer = "192.0.2.0"\n    microsoft = "192.0.2.1"\n'
            '\n[[peering.connection]]\nname = "contoso-ams-1"\nidentifier = "2"\n'
            "# Azure does not know your side; "
            'add: router = "...", role = "primary" or "backup"\n',
        )
        == text
    )


#: Tables of one name with others between them, and comments before tables.
SCATTERED: Final = """\
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500

# nobody minds
[[waiver]]
rule = "topology.md5-set"
scope = "contoso-ams"
reason = '''
[[peering]]
is no table here'''
by = "noc@contoso.example"
until = 2026-12-31

# the second
[[peering]]
name = "contoso-fra"
profile = "maps"
asn = 64500
  [[peering.connection]]
  name = "fra-1"

[lab]
allow = ["documentation"]

# the third
[[peering]]
name = "contoso-osl"
profile = "maps"
asn = 64500
"""


@pytest.mark.parametrize("text", [SCATTERED, SCATTERED.replace("[[peering]]\nis", "it is")])
@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("contoso-ams", "# nobody minds"),
        ("contoso-fra", '  [[peering.connection]]\n  name = "fra-1"'),
        ("contoso-osl", ""),
    ],
)
def test_tables_keep_their_order(text: str, name: str, line: str) -> None:
    """The order of tables is kept, whichever value changes."""
    before = parse_inventory(text, "f")
    at = [each.name for each in before.peerings].index(name)
    peerings = list(before.peerings)
    peerings[at] = attrs.evolve(peerings[at], location="Amsterdam")
    after = attrs.evolve(before, peerings=tuple(peerings))

    once = edited(text, before, after)

    assert after == parse_inventory(once, "f")
    assert line in once
    place = f'name = "{name}"\nprofile = "maps"\nasn = 64500\n'
    expected = text.replace(place, f'{place}location = "Amsterdam"\n')
    assert expected == once or "is no table here" in text


def test_new_tables_in_a_scattered_file() -> None:
    """A new peering follows the last one; a table with a new name comes last."""
    text = SCATTERED.replace("[[peering]]\nis", "it is")
    before = parse_inventory(text, "f")
    fourth = Peering("contoso-iad", "maps", Asn(64500))
    after = attrs.evolve(
        before, peerings=(*before.peerings, fourth), providers=(Provider("Contoso"),)
    )

    assert text + (
        '\n[[peering]]\nname = "contoso-iad"\nprofile = "maps" # a guess from `network` and '
        "`peering_service`: please check\nasn = 64500\n"
        '\n[[provider]]\nname = "Contoso"\n'
    ) == edited(text, before, after)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "# only a comment",
        SCATTERED,
        BY_HAND,
        BY_HAND + '\n[[peering]]\nname = "b"\nprofile = "maps"\nasn = 1\n',
        '[[peering]]\nname = "b"\nprofile = "maps"\nasn = 1',
        'peering = [{name = "b", profile = "maps", asn = 1}]\n',
        'peering = []\n[lab]\nallow = ["documentation"]\n',
    ],
)
def test_into_files_of_every_form(text: str) -> None:
    """A file of any layout contains the merged inventory; a second import adds nothing."""
    exported = Connection("", identifier="2", sessions=(Session(peer=IPv4Address("192.0.2.8")),))
    export = azure("contoso-fra", exported, sku="Premium_Direct_Free")
    before = parse_inventory(text, "f")
    expected = merge(before, export).inventory

    once = edited(text, before, expected)

    assert expected == parse_inventory(once, "f")
    assert once == edited(once, expected, merge(expected, export).inventory)


def test_fewer_contacts() -> None:
    """Contacts that Azure does not have any more are removed, and nothing else is."""
    text = """\
[[peer_asn]] # ours
name = "contoso"
asn = 64500

[[peer_asn.contact]]
role = "Noc" # day
email = "noc@contoso.example"

[[peer_asn.contact]]
role = "Policy"

# below
[lab]
allow = []
"""
    before = parse_inventory(text, "f")
    exported = attrs.evolve(_ASN, contacts=(Contact("Noc", "night@contoso.example"),))

    once = edited(text, before, merge(before, Export(peer_asns=(exported,))).inventory)

    expected = text.replace("noc@", "night@").replace(
        '\n[[peer_asn.contact]]\nrole = "Policy"\n', ""
    )
    assert expected == once
