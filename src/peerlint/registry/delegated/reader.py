"""Read delegated files: version 2 of the RIR statistics exchange format, plain or extended.

https://www.apnic.net/about-apnic/corporate-documents/documents/resource-guidelines/rir-statistics-exchange-format/
"""

from __future__ import annotations

import re
from typing import BinaryIO, Final

import attrs

from peerlint.errors import InputError
from peerlint.registry.columns import NO_TIME
from peerlint.registry.delegated.blocks import AddressBlocks, AsnBlocks
from peerlint.registry.delegated.rows import Rows, seconds_of_day
from peerlint.registry.lines import line_batches
from peerlint.registry.skips import Place, Skips

_VERSION: Final = re.compile(r"2(?:\.[0-9]+)?", re.ASCII)
_SECONDS: Final = re.compile(r"[0-9]{10}", re.ASCII)
_TYPES: Final = frozenset({"asn", "ipv4", "ipv6"})
_EXPECTED: Final = "a delegated file, which starts with a line such as 2|ripencc|1732921200|..."
_HINT: Final = "give a file such as delegated-ripencc-extended-latest"


@attrs.frozen(eq=False)
class Delegations:
    """The delegations of one file.

    Attributes:
        name: the file's name, as given.
        asns: blocks of AS numbers, in the order of the file.
        addresses: blocks of addresses, in the order of the file.
        serial: the serial number, as in the file.
        time: the day up to which the file is complete, in microseconds since 1970 (midnight UTC);
            None if it does not say.
        is_cut: whether the file has fewer records than it says itself.
        skips: the records that cannot be used, by reason.
    """

    name: str
    asns: AsnBlocks
    addresses: AddressBlocks
    serial: str
    time: int | None
    is_cut: bool
    skips: Skips


def read_delegated(file: BinaryIO, name: str) -> Delegations:
    """Read a file of an RIR or the NRO's joint one.

    The registry of each record decides, not the file's name; a NIR counts as its RIR.

    Args:
        file: the file.
        name: its name, as given.

    Raises:
        InputError: the file is something else.
    """
    skips = Skips()
    head: _Head | None = None
    rows = Rows()
    for first, lines in line_batches(file, name, skips):
        problems = list[tuple[int, str]]()
        for number, line in enumerate(lines, first):
            if not line or line.startswith("#") or line.isspace():
                continue
            cells = line.split("|")
            if head is None:
                head = _Head.of(cells, name)
            elif len(cells) > 5 and cells[5].strip() == "summary":
                head.add_summary(cells)
            elif (problem := head.add_record(cells, number, rows)) is not None:
                problems.append((number, problem))
        problems += ((number, problem) for problem, number in rows.flush())
        # Rows are checked by family: of several problems, the first lines are named.
        for number, problem in sorted(problems):
            skips.add(problem, Place(name, number))
    if head is None:
        raise InputError(name, expected=_EXPECTED, found="an empty file", hint=_HINT)
    asns, addresses = rows.columns()
    return Delegations(name, asns, addresses, head.serial, head.time, head.is_cut, skips)


@attrs.define
class _Head:
    """What a file says of itself, and how many records it has."""

    serial: str
    time: int | None
    _records: int
    _summaries: dict[str, int] = attrs.field(factory=dict, init=False)
    _counts: dict[str, int] = attrs.field(factory=lambda: dict.fromkeys(_TYPES, 0), init=False)

    @classmethod
    def of(cls, cells: list[str], name: str) -> _Head:
        """Parse the version line: version, registry, serial, records, start, end, UTC offset."""
        version = cells[0].strip()
        if len(cells) < 6 or not _VERSION.fullmatch(version):
            raise InputError(name, expected=_EXPECTED, found="|".join(cells)[:80], hint=_HINT)
        serial, records, end = cells[2].strip(), _number(cells[3]), cells[5].strip()
        return cls(serial, _day(end, serial), records)

    def add_summary(self, cells: list[str]) -> None:
        """Keep the number of records of a type: registry, *, type, *, count, summary."""
        kind = cells[2].strip()
        # The joint file may have one line for each registry.
        self._summaries[kind] = self._summaries.get(kind, 0) + _number(cells[4])

    def add_record(self, cells: list[str], number: int, rows: Rows) -> str | None:
        """Add a record to the rows; return the problem if it cannot be used."""
        if len(cells) < 7:
            return "the record has fewer than 7 fields"
        record = [each.strip() for each in cells[:7]]
        kind = record[2]
        if kind not in _TYPES:
            return "the type of the record is none of asn, ipv4 and ipv6"
        self._counts[kind] += 1
        return rows.add(number, record)

    @property
    def is_cut(self) -> bool:
        """Whether records are missing.

        The summaries decide. The number in the version line only counts where one is missing,
        because not every registry counts the same lines there.
        """
        if any(self._counts.get(each, 0) < count for each, count in self._summaries.items()):
            return True
        has_all = self._summaries.keys() >= _TYPES
        return not has_all and sum(self._counts.values()) < self._records


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 12 else 0


def _day(end: str, serial: str) -> int | None:
    """Return a file's time; its serial number is a day or a time at all registries but one."""
    for text in (end, serial):
        seconds = seconds_of_day(text)
        if seconds != NO_TIME:
            return seconds * 1_000_000
    return int(serial) * 1_000_000 if _SECONDS.fullmatch(serial) else None
