"""Inventory files: read them, start one, find lines, keys and placeholders in them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import attrs

from peerlint.arguments import A_PATH, PATH, must_be
from peerlint.errors import InventoryError
from peerlint.feeds import read_text
from peerlint.inventory import Inventory
from peerlint.inventory.lines import LineIndex
from peerlint.inventory.toml import parse_inventory
from peerlint.inventory.unfilled import unfilled
from peerlint.rules import CATALOGUE, Need

#: Every rule, and whether it can be attested: what statements in an inventory may name.
RULES: Final = {rule.id: Need.ATTESTATION in rule.needs for rule in CATALOGUE.values()}


@attrs.frozen
class InventoryLines:
    """An inventory, and where its file declares what.

    Attributes:
        file: the name of the file.
        inventory: what it declares.
        index: the lines of its tables and keys.
    """

    file: str
    inventory: Inventory
    index: LineIndex


def load_inventory(path: str | Path) -> Inventory:
    """Read an inventory file.

    Raises:
        FeedError: the file cannot be read.
        InventoryError: it has mistakes; all of them are in the error.
    """
    must_be("path", path, PATH, A_PATH)
    return parse_inventory(read_text(Path(path), InventoryError, "TOML"), str(path), RULES)


def load_inventory_lines(path: str | Path) -> InventoryLines:
    """Read an inventory file, and remember on which line it declares what.

    Raises:
        FeedError: the file cannot be read.
        InventoryError: it has mistakes; all of them are in the error.
    """
    must_be("path", path, PATH, A_PATH)
    text = read_text(Path(path), InventoryError, "TOML")
    return InventoryLines(str(path), parse_inventory(text, str(path), RULES), LineIndex.of(text))


def unfilled_places(inventory: Inventory) -> tuple[str, ...]:
    """Return the keys of an inventory that still have a placeholder as their value.

    Returns:
        The place of each, as a person reads it.
    """
    must_be("inventory", inventory, Inventory, "an Inventory")
    return tuple(unfilled(inventory))
