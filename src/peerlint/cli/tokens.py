"""Command-line tokens, made unambiguous for the parser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

#: Options that take several files, by command.
_LISTS: Final = {"check": ("--rib", "--received")}
#: Options after which a lone hyphen is standard output.
_OUTPUT: Final = ("--output", "-o")


def prepared(tokens: Sequence[str]) -> list[str]:
    """Return the tokens for the parser.

    The parser would take a lone hyphen for an option, so it becomes the name of standard input.
    After `--output` it stays a hyphen, for standard output.

    Args:
        tokens: what the user typed.
    """
    found: list[str] = []
    for word in tokens:
        if word != "-":
            found.append(word)
        elif found and found[-1] in _OUTPUT:
            found[-1] = "--output=-"
        else:
            found.append("/dev/stdin")
    return found


def inventory_first(tokens: Sequence[str]) -> list[str] | None:
    """Return the tokens with the inventory first, if an option for files has taken it too.

    `check --rib a.mrt b.mrt peering.toml` can only mean that the last of the files is the
    inventory, for there is no other.

    Args:
        tokens: a command without an inventory.

    Returns:
        None if no option has a file to spare.
    """
    lists = _LISTS.get(tokens[0], ()) if tokens else ()
    #: The places of the values of each of these options.
    runs: list[list[int]] = []
    is_inside = False
    for at, word in enumerate(tokens):
        if word.startswith("-"):
            is_inside = word in lists
            if is_inside:
                runs.append([])
        elif is_inside:
            runs[-1].append(at)
    last = [run[-1] for run in runs if len(run) > 1]
    if not last:
        return None
    inventory = next((at for at in last if tokens[at].endswith(".toml")), last[-1])
    rest = [word for at, word in enumerate(tokens) if at not in (0, inventory)]
    return [tokens[0], tokens[inventory], *rest]
