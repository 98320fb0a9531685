"""`peerlint keys`: which key belongs to which registration, and who uses it."""

from __future__ import annotations

from typing import Final

from peerlint.api.inventories import load_inventory
from peerlint.cli.exits import Exit
from peerlint.cli.options import Format, Output
from peerlint.cli.output import STDOUT, write
from peerlint.inventory.ledger import ledger
from peerlint.report.ledger import ledger_json, render_ledger

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
    entries = ledger(load_inventory(inventory))
    text = ledger_json(entries) if format == "json" else render_ledger(entries)
    write(text, output, (inventory,), form=format)
    return Exit.CLEAN
