"""`peerlint rules`: the catalogue."""

from __future__ import annotations

from typing import Final

from peerlint.api.rules import render_rules
from peerlint.cli.exits import Exit
from peerlint.cli.options import Format, Output, ProfileName
from peerlint.cli.output import STDOUT, write

EXAMPLE: Final = "peerlint rules --profile maps"


def rules(
    *,
    profile: ProfileName = None,
    format: Format = "text",  # noqa: A002  # the option's name
    output: Output = STDOUT,
) -> Exit:
    """List the rules, with the level that each profile gives them.

    With one profile, the severity is the one that this profile gives.
    """
    inputs = () if profile is None else (profile,)
    write(render_rules(profile, format), output, inputs, form=format)
    return Exit.CLEAN
