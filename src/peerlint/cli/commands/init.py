"""`peerlint init`: an inventory to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final

from cyclopts import Parameter

from peerlint.api.profiles import inventory_template
from peerlint.cli.exits import Exit
from peerlint.cli.options import Quiet
from peerlint.cli.output import STDOUT, atomic_file, is_stdout, remark, write

EXAMPLE: Final = "peerlint init maps --output peering.toml"


def init(
    profile: str,
    /,
    *,
    output: Annotated[
        str, Parameter(name=("--output", "-o"), metavar="FILE", show_default=False)
    ] = STDOUT,
    quiet: Quiet = False,
) -> Exit:
    """Write a commented inventory to start from.

    Parameters
    ----------
    profile
        What you set up: direct, partner, route-server, maps or voice, or the path of a profile
        file.
    output
        The new file; one that exists is never overwritten. Without it, the text goes to standard
        output.
    """
    text = inventory_template(profile)
    if is_stdout(output):
        write(text, STDOUT, form="toml")
        return Exit.CLEAN
    with atomic_file(Path(output), may_replace=False) as file:
        file.write(text)
    remark(f"{output}: written; fill it in, then run `peerlint check {output}`", quiet=quiet)
    return Exit.CLEAN
