"""Round trips: an inventory, its export from Azure, and the import of that export."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Final

import attrs
from hypothesis import given
from hypothesis import strategies as st

from peerlint.inventory import Attestation, Inventory, MaintenanceWindow, Waiver
from peerlint.inventory.azure import merge, read_export
from peerlint.inventory.edit import edited
from peerlint.inventory.peering import Egress, Role
from peerlint.inventory.toml import parse_inventory
from peerlint.testing.azure import SHAPES, Shape, azure_exports
from peerlint.testing.inventories import azure_inventories, words

_FILE: Final = "peering.toml"
START: Final = datetime(2026, 11, 21, 22, tzinfo=UTC)


def imported(text: str, inventory: Inventory, shape: Shape = "arm") -> str:
    """Import Azure's export of an inventory into the text of a file."""
    before = parse_inventory(text, _FILE)
    export = read_export(azure_exports(inventory, shape).items())
    merged = merge(before, export)
    assert () == (*export.remarks, *export.unfinished)
    return edited(text, before, merged.inventory)


def parsed(text: str) -> Inventory:
    """Return the inventory that a file contains."""
    return attrs.evolve(parse_inventory(text, _FILE), file=None)


def by_hand(inventory: Inventory, word: str) -> Inventory:
    """Add values that only a partner knows to every part of an inventory."""
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
        maintenance=(MaintenanceWindow(word, START, START + timedelta(hours=4), word, word),),
        ribs=(word,),
    )


@given(azure_inventories(), st.sampled_from(SHAPES))
def test_round_trip(inventory: Inventory, shape: Shape) -> None:
    """Importing the export of an inventory gives the same inventory, in each shape."""
    assert inventory == parsed(imported("", inventory, shape))


@given(azure_inventories(), st.sampled_from(SHAPES))
def test_importing_twice(inventory: Inventory, shape: Shape) -> None:
    """A second import changes no character."""
    once = imported("", inventory, shape)

    assert once == imported(once, inventory, shape)


@given(azure_inventories(), words())
def test_values_of_the_partner(inventory: Inventory, word: str) -> None:
    """Values that only a partner knows survive an import unchanged."""
    before = by_hand(inventory, word)
    text = edited("", Inventory(), before)

    assert before == parsed(text)
    assert text == imported(text, inventory)


@given(azure_inventories(), azure_inventories(1))
def test_into_another_file(old: Inventory, new: Inventory) -> None:
    """An import into a file gives the merged inventory; a second one changes nothing."""
    text = imported("", old)
    merged = merge(parsed(text), read_export(azure_exports(new).items())).inventory

    once = imported(text, new)

    assert merged == parsed(once)
    assert once == imported(once, new)


@given(azure_inventories(), azure_inventories(), words())
def test_from_anything_to_anything(old: Inventory, new: Inventory, word: str) -> None:
    """A file that is edited from one inventory to another contains the other one."""
    text = edited("", Inventory(), by_hand(old, word))

    assert new == parsed(edited(text, by_hand(old, word), new))


@given(azure_inventories())
def test_without_keys(inventory: Inventory) -> None:
    """Without keys, the import writes none, and keeps those of the file."""
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
