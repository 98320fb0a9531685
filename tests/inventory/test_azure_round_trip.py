"""What Azure knows of an inventory comes back through an export, and nothing else is touched."""

from __future__ import annotations

from datetime import date
from typing import Final

import attrs
from hypothesis import given
from hypothesis import strategies as st

from peerlint.inventory import Attestation, Inventory, Waiver
from peerlint.inventory.azure import merge, read_export
from peerlint.inventory.edit import edited
from peerlint.inventory.peering import Egress, Role
from peerlint.inventory.toml import parse_inventory
from peerlint.testing.azure import SHAPES, Shape, azure_exports
from peerlint.testing.inventories import azure_inventories, words

_FILE: Final = "peering.toml"


def imported(text: str, inventory: Inventory, shape: Shape = "arm") -> str:
    """Import what Azure says of an inventory into the text of a file."""
    before = parse_inventory(text, _FILE)
    export = read_export(azure_exports(inventory, shape).items())
    merged = merge(before, export)
    assert () == (*export.remarks, *export.unfinished)
    return edited(text, before, merged.inventory)


def said(text: str) -> Inventory:
    """Return what a file says."""
    return attrs.evolve(parse_inventory(text, _FILE), file=None)


def by_hand(inventory: Inventory, word: str) -> Inventory:
    """Add to every part of an inventory what only a partner knows."""
    return attrs.evolve(
        inventory,
        peerings=tuple(
            attrs.evolve(
                peering,
                profile="route-server" if peering.profile == "route-server" else "partner",
                rs_transparent=False,
                geo_region=word,
                infrastructure=("203.0.113.0/24",),
                connections=tuple(
                    attrs.evolve(
                        connection,
                        name=f"line {connection.name}",
                        router=word,
                        role=Role.BACKUP,
                        bfd=True,
                        sessions=tuple(
                            attrs.evolve(session, egress=Egress.AS_IS, max_prefix=0)
                            for session in connection.sessions
                        ),
                    )
                    for connection in peering.connections
                ),
                registered_prefixes=tuple(
                    attrs.evolve(each, origin=peering.asn, endpoints=(word,))
                    for each in peering.registered_prefixes
                ),
            )
            for peering in inventory.peerings
        ),
        attestations=(Attestation("topology.lacp", word, word, date(2026, 11, 1)),),
        waivers=(Waiver("topology.bfd", word, word, word, date(2026, 12, 31)),),
        ribs=(word,),
    )


@given(azure_inventories(), st.sampled_from(SHAPES))
def test_round_trip(inventory: Inventory, shape: Shape) -> None:
    """Inventory to Azure's JSON to import is the same inventory, in each shape."""
    assert inventory == said(imported("", inventory, shape))


@given(azure_inventories(), st.sampled_from(SHAPES))
def test_importing_twice(inventory: Inventory, shape: Shape) -> None:
    """The second import changes nothing, not even a blank."""
    once = imported("", inventory, shape)

    assert once == imported(once, inventory, shape)


@given(azure_inventories(), words())
def test_what_a_person_added(inventory: Inventory, word: str) -> None:
    """What only a partner knows survives an import to the letter."""
    before = by_hand(inventory, word)
    text = edited("", Inventory(), before)

    assert before == said(text)
    assert text == imported(text, inventory)


@given(azure_inventories(), azure_inventories(1))
def test_into_another_file(old: Inventory, new: Inventory) -> None:
    """An import makes a file say what merging the values says; a second one changes nothing."""
    text = imported("", old)
    merged = merge(said(text), read_export(azure_exports(new).items())).inventory

    once = imported(text, new)

    assert merged == said(once)
    assert once == imported(once, new)


@given(azure_inventories(), azure_inventories(), words())
def test_from_anything_to_anything(old: Inventory, new: Inventory, word: str) -> None:
    """A file that is edited from one inventory to another says the other one."""
    text = edited("", Inventory(), by_hand(old, word))

    assert new == said(edited(text, by_hand(old, word), new))


@given(azure_inventories())
def test_without_keys(inventory: Inventory) -> None:
    """Without keys there is none in the text, and keys that were there before stay."""
    export = read_export(azure_exports(inventory).items())
    secrets = [
        each.key.secret
        for peering in inventory.peerings
        for each in (*peering.registered_prefixes, *peering.registered_asns)
        if each.key is not None
    ]

    text = edited("", Inventory(), merge(Inventory(), export, keys=False).inventory)

    assert [] == [secret for secret in secrets if secret in text]
    assert inventory == merge(inventory, export, keys=False).inventory
