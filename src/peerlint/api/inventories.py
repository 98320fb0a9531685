"""Inventory files."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from peerlint.arguments import A_PATH, PATH, must_be
from peerlint.errors import InventoryError
from peerlint.feeds import read_text
from peerlint.inventory import Inventory
from peerlint.inventory.lines import LineIndex
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
    must_be("path", path, PATH, A_PATH)
    return parse_inventory(read_text(Path(path), InventoryError, "TOML"), str(path), RULES)


def load_with_lines(path: str | Path) -> tuple[Inventory, LineIndex]:
    """Read an inventory file, and find the lines of its tables and keys.

    Raises:
        FeedError: the file cannot be read.
        InventoryError: it has mistakes.
    """
    text = read_text(Path(path), InventoryError, "TOML")
    return parse_inventory(text, str(path), RULES), LineIndex.of(text)
