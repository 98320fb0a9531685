"""Restore the order of tables in TOML: tomlkit groups tables of the same name."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from itertools import pairwise
from typing import Final

#: The header of a top-level table.
_HEAD: Final = re.compile(r"^[ \t]*\[{1,2}[ \t]*([\w-]+)[ \t]*\]{1,2}", re.MULTILINE)
#: The identity of a table: its name, and its index among the tables of that name.
_Id = tuple[str, int]


def in_order_of(text: str, other: str) -> str:
    """Return TOML with its tables in the order of another TOML text.

    A table that the other text does not have follows the previous table of its name; a table with
    a new name comes last. If reordering would change the data, the text is returned unchanged.

    Args:
        text: TOML.
        other: TOML with mostly the same tables.
    """
    head, blocks = _blocks(text)
    _, wanted = _blocks(other)
    if [id_ for id_ in blocks if id_ in wanted] == [id_ for id_ in wanted if id_ in blocks]:
        return text
    groups: dict[_Id | None, list[str]] = {}
    last: dict[str, _Id] = {}
    group = start = [head]
    for id_, block in blocks.items():
        if id_ in wanted:
            last[id_[0]] = id_
        elif group[-1].endswith("\n\n"):
            # The blank line is the new table's.
            group[-1], block = group[-1][:-1], f"\n{block}"  # noqa: PLW2901  # the same table
        group = groups.setdefault(last.get(id_[0]), [])
        group.append(block)
    order = [*wanted, None]
    found = "".join([*start, *(block for id_ in order for block in groups.get(id_, ()))])
    return found if _data(found) == _data(text) else text


def _blocks(text: str) -> tuple[str, dict[_Id, str]]:
    """Return the text before the first table, and the text of each table up to the next."""
    heads = list(_HEAD.finditer(text))
    bounds = [*(each.start() for each in heads), len(text)]
    seen: Counter[str] = Counter()
    blocks: dict[_Id, str] = {}
    for each, (start, end) in zip(heads, pairwise(bounds), strict=True):
        blocks[each[1], seen[each[1]]] = text[start:end]
        seen[each[1]] += 1
    return text[: bounds[0]], blocks


def _data(text: str) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None  # what looked like a header was part of a multi-line string
