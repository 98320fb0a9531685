"""Prefix keys: which belongs to which registration, and who uses it."""

from __future__ import annotations

from collections.abc import Iterable

from peerlint.arguments import as_tuple, must_be, must_be_one_of
from peerlint.inventory import Inventory
from peerlint.inventory.key_uses import KeyEntry, key_uses
from peerlint.report.keys import key_uses_json, render_key_uses


def list_keys(inventory: Inventory) -> tuple[KeyEntry, ...]:
    """Return every key of an inventory, with the registration that it belongs to and its uses.

    Keys are masked to their last four characters wherever they are shown.
    """
    must_be("inventory", inventory, Inventory, "an Inventory")
    return key_uses(inventory)


def render_keys(entries: Iterable[KeyEntry], form: str = "text") -> str:
    """Return keys as text or JSON.

    Args:
        entries: as `list_keys` returns them.
        form: "text" or "json".

    Raises:
        InputError: there is no such format.
    """
    must_be_one_of("form", form, ("text", "json"))
    found = as_tuple("entries", entries, KeyEntry, "entries, as list_keys() returns them")
    return key_uses_json(found) if form == "json" else render_key_uses(found)
