"""VRPs in CSV: rpki-client, Routinator (`csv`, `csvcompat`, `csvext`), and files without a head."""

from __future__ import annotations

import csv
from typing import Final

import attrs

from peerlint.errors import InputError
from peerlint.registry.json_stream import Readable
from peerlint.registry.lines import line_batches
from peerlint.registry.rpki.builder import BATCH, VrpBatch, VrpBuilder
from peerlint.registry.rpki.fields import asn_of, max_length_of
from peerlint.registry.seconds import seconds_of

#: The names of columns in head lines, in lower case without blanks and hyphens.
_NAMES: Final = {
    "asn": "asn",
    "ipprefix": "prefix",
    "prefix": "prefix",
    "maxlength": "max_length",
    "maxprefixlength": "max_length",
    "trustanchor": "source",
    "ta": "source",
    "expires": "expires",
    "notafter": "expires",
}
_EXPECTED: Final = 'JSON with a list "roas", or CSV with ASN, prefix and maximum length'


@attrs.frozen
class _Columns:
    """The index of each column; None for one that the file does not have."""

    asn: int = 0
    prefix: int = 1
    max_length: int | None = 2
    source: int | None = 3
    expires: int | None = 4


def read_vrp_csv(file: Readable, name: str, builder: VrpBuilder) -> None:
    """Add the VRPs of a file to a builder.

    Args:
        file: one VRP a line, in UTF-8; the first line may name the columns.
        name: the file's name, as given.
        builder: takes the VRPs.

    Raises:
        InputError: the first line is neither a head nor a VRP.
    """
    columns: _Columns | None = None
    batch = VrpBatch()
    for first, lines in line_batches(file, name, builder.skips):
        for number, line in enumerate(lines, first):
            if not line or line.isspace() or line.startswith("#"):
                continue
            try:
                cells = _cells(line)
            except csv.Error:
                builder.skip("the line is no CSV", number)
                continue
            if columns is None:
                columns, is_head = _columns(cells, name)
                if is_head:
                    continue
            _add(cells, columns, number, batch, builder)
            if len(batch) == BATCH:
                builder.add(batch)
                batch = VrpBatch()
    if columns is None:
        raise InputError(name, expected=_EXPECTED, found="an empty file")
    builder.add(batch)


def _add(
    cells: list[str], columns: _Columns, number: int, batch: VrpBatch, builder: VrpBuilder
) -> None:
    if len(cells) <= max(columns.asn, columns.prefix):
        builder.skip("the line has too few columns", number)
        return
    source = _cell(cells, columns.source)
    batch.prefixes.append(cells[columns.prefix])
    batch.asns.append(asn_of(cells[columns.asn]))
    batch.max_lengths.append(max_length_of(_cell(cells, columns.max_length)))
    batch.sources.append(source or None)
    batch.expires.append(seconds_of(_cell(cells, columns.expires)))
    batch.places.append(number)


def _cell(cells: list[str], column: int | None) -> str | None:
    return cells[column] if column is not None and column < len(cells) else None


def _cells(line: str) -> list[str]:
    # One line at a time: a quotation mark that is not closed costs one line.
    cells = next(csv.reader([line])) if '"' in line else line.split(",")
    return [each.strip() for each in cells]


def _columns(cells: list[str], name: str) -> tuple[_Columns, bool]:
    """Return the columns that a file's first line tells, and whether the line names them."""
    words = [each.casefold().replace(" ", "").replace("-", "") for each in cells]
    found = {_NAMES[word]: index for index, word in enumerate(words) if word in _NAMES}
    if "asn" in found and "prefix" in found:
        rest = {each: found.get(each) for each in ("max_length", "source", "expires")}
        return _Columns(found["asn"], found["prefix"], **rest), True
    if len(cells) >= 2 and asn_of(cells[0]) >= 0 and "/" in cells[1]:
        return _Columns(), False
    raise InputError(name, expected=_EXPECTED, found=",".join(cells)[:80])
