"""`peerlint keys`: which key belongs to which registration, and who uses it."""

from __future__ import annotations

from typing import Final

from peerlint.api.inventories import load_inventory
from peerlint.api.keys import list_keys, render_keys
from peerlint.cli.exits import Exit
from peerlint.cli.options import Format, Output
from peerlint.cli.output import STDOUT, write

EXAMPLE: Final = "peerlint keys peering.toml"


def keys(
    inventory: str,
    /,
    *,
    format: Format = "text",  # noqa: A002  # the option's name
    output: Output = STDOUT,
) -> Exit:
    """Print every prefix key: what it belongs to, who uses it, and what does not fit.

    Every key is shown by its last four characters only.

    Parameters
    ----------
    inventory
        The inventory file (TOML).
    """
    text = render_keys(list_keys(load_inventory(inventory)), format)
    write(text, output, (inventory,), form=format)
    return Exit.CLEAN
