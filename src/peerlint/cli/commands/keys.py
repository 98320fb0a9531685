"""`peerlint keys`: which key belongs to which registration, and who uses it."""

from __future__ import annotations

from typing import Final

from peerlint.api.inventories import load_inventory
from peerlint.cli.exits import Exit
from peerlint.cli.options import Format, Output
from peerlint.cli.output import STDOUT, write
from peerlint.inventory.key_uses import key_uses
from peerlint.report.keys import key_uses_json, render_key_uses

EXAMPLE: Final = "peerlint keys peering.toml"


def keys(
    inventory: str,
    /,
    *,
    format: Format = "text",  # noqa: A002  # the option's name
    output: Output = STDOUT,
) -> Exit:
    """Print the ledger of keys: what each belongs to, who uses it, and what does not fit.

    Every key is shown by its last four characters only.

    Parameters
    ----------
    inventory
        The inventory file (TOML).
    """
    entries = key_uses(load_inventory(inventory))
    text = key_uses_json(entries) if format == "json" else render_key_uses(entries)
    write(text, output, (inventory,), form=format)
    return Exit.CLEAN
