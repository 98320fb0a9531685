"""`peerlint keys`: which key belongs to which registration, and who uses it."""

from __future__ import annotations

import sys

from peerlint.api.inventories import load_inventory
from peerlint.cli.exits import Exit
from peerlint.cli.options import Format
from peerlint.inventory.ledger import ledger
from peerlint.report.ledger import ledger_json, render_ledger


def keys(
    inventory: str,
    /,
    *,
    format: Format = "text",  # noqa: A002  # the option's name
) -> Exit:
    """Print the ledger of keys: what each belongs to, who uses it, and what does not fit.

    Every key is shown by its last four characters only.

    Parameters
    ----------
    inventory
        The inventory file (TOML).
    """
    entries = ledger(load_inventory(inventory))
    sys.stdout.write(ledger_json(entries) if format == "json" else render_ledger(entries))
    return Exit.CLEAN
