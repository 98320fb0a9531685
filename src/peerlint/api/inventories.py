"""Inventory files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from peerlint.api.files import text_of
from peerlint.errors import InventoryError
from peerlint.inventory import Inventory
from peerlint.inventory.toml import parse_inventory
from peerlint.rules import CATALOGUE, Need

#: Every rule, and whether it can be attested: what statements in an inventory may name.
RULES: Final = {rule.id: Need.ATTESTATION in rule.needs for rule in CATALOGUE.values()}


def load_inventory(path: str | Path) -> Inventory:
    """Read an inventory file.

    Raises:
        FeedError: the file cannot be read.
        InventoryError: it has mistakes; all of them are in the error.
    """
    return parse_inventory(text_of(Path(path), InventoryError, "TOML"), str(path), RULES)
