"""The order of tables in a TOML text: tomlkit puts those of one name together."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from itertools import pairwise
from typing import Final

#: The head of a table that lies in no other one.
_HEAD: Final = re.compile(r"^[ \t]*\[{1,2}[ \t]*([\w-]+)[ \t]*\]{1,2}", re.MULTILINE)
#: A table by its name and its number among those of the name.
_Id = tuple[str, int]


def in_order_of(text: str, other: str) -> str:
    """Return a TOML text with its tables in the order that they have in another one.

    A table that the other text lacks stays behind the one of its name that it follows; one of a
    name that is new there comes last. If that would change what the text says, it is returned as
    it is.

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
    return found if _says(found) == _says(text) else text


def _blocks(text: str) -> tuple[str, dict[_Id, str]]:
    """Return what stands before the first table, and each with everything down to the next."""
    heads = list(_HEAD.finditer(text))
    bounds = [*(each.start() for each in heads), len(text)]
    seen: Counter[str] = Counter()
    blocks: dict[_Id, str] = {}
    for each, (start, end) in zip(heads, pairwise(bounds), strict=True):
        blocks[each[1], seen[each[1]]] = text[start:end]
        seen[each[1]] += 1
    return text[: bounds[0]], blocks


def _says(text: str) -> object:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None  # a head inside a text of several lines was none
