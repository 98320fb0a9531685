"""The list of keys as text and as JSON; keys are shown by their last four characters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from peerlint.inventory.key_uses import KeyEntry
from peerlint.report.json import dumped
from peerlint.report.phrases import cleaned, without_secrets

SCHEMA: Final = "peerlint/keys/1"
_HEAD: Final = ("key", "belongs to", "peering", "used for")


def render_key_uses(entries: Iterable[KeyEntry]) -> str:
    """Return the keys as a table, with remarks below each row."""
    return "".join(f"{line.rstrip()}\n" for line in _lines(list(map(cleaned, entries))))


def key_uses_json(entries: Iterable[KeyEntry]) -> str:
    """Return the keys as indented JSON, schema `peerlint/keys/1`."""
    entries = map(without_secrets, entries)
    rows = [
        {
            "key": None if entry.key is None else str(entry.key),
            "owner": entry.owner,
            "name": entry.name,
            "peering": entry.peering,
            "uses": [{"service": use.service, "prefix": use.prefix} for use in entry.uses],
            "remarks": list(entry.remarks),
        }
        for entry in entries
    ]
    return dumped({"schema": SCHEMA, "keys": rows})


def _lines(entries: list[KeyEntry]) -> Iterator[str]:
    rows = [_HEAD, *map(_cells, entries)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    remarks_by_row: list[tuple[str, ...]] = [(), *(entry.remarks for entry in entries)]
    for row, remarks in zip(rows, remarks_by_row, strict=True):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield from (f"    {remark}" for remark in remarks)
    if not entries:
        yield "the inventory has no registered prefix, registered AS or key"


def _cells(entry: KeyEntry) -> tuple[str, str, str, str]:
    owner = entry.owner or "-"
    named = f"{owner} ({entry.name})" if entry.name else owner
    used = ", ".join(map(str, entry.uses)) or "-"
    return str(entry.key or "-"), named, entry.peering or "-", used
