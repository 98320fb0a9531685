"""Records of delegated files as columns, built batch by batch."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from peerlint.errors import InputError
from peerlint.model import Asn
from peerlint.registry.columns import NO_TIME
from peerlint.registry.delegated.blocks import (
    RIR_OF,
    RIRS,
    AddressBlocks,
    AsnBlocks,
    BlockDetails,
    DelegationStatus,
)
from peerlint.registry.prefix_texts import HOST_BITS, MASK_HI, MASK_LO, parse_prefixes

if TYPE_CHECKING:
    import numpy.typing as npt

_STATUS: Final = {
    "allocated": DelegationStatus.ALLOCATED,
    "assigned": DelegationStatus.ASSIGNED,
    "available": DelegationStatus.AVAILABLE,
    "reserved": DelegationStatus.RESERVED,
    "ianapool": DelegationStatus.AVAILABLE,  # of the joint file: not given to an RIR yet
}
_RIR: Final = {name: RIRS.index(rir) for name, rir in RIR_OF.items()}
_DAY: Final = re.compile(r"[0-9]{8}", re.ASCII)
_WIDEST: Final = 0xFFFFFFFF
_NO_START: Final = "the first address is none of the record's type"
_NO_COUNT: Final = "the number of addresses is none that fits behind the first"


@attrs.define
class _Records:
    """Records that were read and are not columns yet, one element of each list a record."""

    first: list[int | str] = attrs.field(factory=list)
    last: list[int] = attrs.field(factory=list)
    details: list[tuple[int, int, bytes, int]] = attrs.field(factory=list)
    numbers: list[int] = attrs.field(factory=list)


class Rows:
    """Collects records."""

    def __init__(self) -> None:
        """Start without records."""
        self._records = {"asn": _Records(), "address": _Records()}
        self._asns: list[AsnBlocks] = []
        self._addresses: list[AddressBlocks] = []

    def add(self, number: int, record: Sequence[str]) -> str | None:
        """Add a record.

        Args:
            number: its line.
            record: the fields registry, country, type (asn, ipv4 or ipv6), start, value (a count;
                for IPv6 the length of the prefix), date and status.

        Returns:
            The problem if the record cannot be used.
        """
        registry, country, kind, start, value, date, status = record
        rir = _RIR.get(registry.casefold())
        if rir is None:
            return "the registry is none of the RIRs, their NIRs and IANA"
        state = _STATUS.get(status.casefold())
        if state is None:
            return "the status is none of allocated, assigned, available and reserved"
        details = (int(state), rir, _country(country), seconds_of_day(date))
        if kind == "asn":
            return self._add_asn(number, start, value, details)
        count = -1
        if kind == "ipv4":
            count = int(value) if _is_number(value) else 0
            if not 0 < count <= 1 << 32:
                return _NO_COUNT
        if (":" in start) != (kind == "ipv6"):
            return _NO_START
        # Both are prefixes for `parse_prefixes`.
        self._append("address", f"{start}/{value if count < 0 else 32}", count, details, number)
        return None

    def _add_asn(
        self, number: int, start: str, value: str, details: tuple[int, int, bytes, int]
    ) -> str | None:
        try:
            first = int(start) if _is_number(start) else int(Asn.parse(start))
        except InputError:
            first = _WIDEST + 1
        last = first + int(value) - 1 if _is_number(value) else -1
        if not first <= last <= _WIDEST:
            return "the AS numbers are none from 0 to 4294967295"
        self._append("asn", first, last, details, number)
        return None

    def _append(
        self,
        which: str,
        first: int | str,
        last: int,
        details: tuple[int, int, bytes, int],
        number: int,
    ) -> None:
        records = self._records[which]
        records.first.append(first)
        records.last.append(last)
        records.details.append(details)
        records.numbers.append(number)

    def flush(self) -> list[tuple[str, int]]:
        """Make columns of what was added; return problems and the lines that have them."""
        asns, addresses = self._records["asn"], self._records["address"]
        self._records = {"asn": _Records(), "address": _Records()}
        self._asns.append(
            AsnBlocks(
                np.array(asns.first, np.uint32),
                np.array(asns.last, np.uint32),
                _details(asns.details),
            )
        )
        blocks, problems = _address_blocks(addresses)
        self._addresses.append(blocks)
        return problems

    def columns(self) -> tuple[AsnBlocks, AddressBlocks]:
        """Return all records that were made columns, in their order."""
        return AsnBlocks.concatenated(self._asns), AddressBlocks.concatenated(self._addresses)


def _address_blocks(records: _Records) -> tuple[AddressBlocks, list[tuple[str, int]]]:
    parsed = parse_prefixes([str(each) for each in records.first])
    prefixes = parsed.prefixes
    problems = [
        (HOST_BITS if each == HOST_BITS else _NO_START, records.numbers[row])
        for row, each in parsed.problems.items()
    ]
    count = np.array(records.last, np.int64)
    is_ipv4 = prefixes.family == 4
    # Of IPv4, the last address is counted in the upper 32 bits; the others are all set.
    first = (prefixes.prefix_hi >> np.uint64(32)).astype(np.int64)
    last = first + count - 1
    kept = np.ones(len(count), np.bool_)
    kept[list(parsed.problems)] = False
    is_beyond = kept & is_ipv4 & (last > _WIDEST)
    problems += [(_NO_COUNT, records.numbers[row]) for row in np.flatnonzero(is_beyond).tolist()]
    kept &= ~is_beyond
    last_ipv4 = last.astype(np.uint64) << np.uint64(32) | np.uint64(_WIDEST)
    blocks = AddressBlocks(
        prefixes.family[kept],
        prefixes.prefix_hi[kept],
        prefixes.prefix_lo[kept],
        np.where(is_ipv4, last_ipv4, prefixes.prefix_hi | ~MASK_HI[prefixes.length])[kept],
        (prefixes.prefix_lo | ~MASK_LO[np.where(is_ipv4, 0, prefixes.length)])[kept],
        _details(records.details).take(kept),
    )
    return blocks, sorted(problems, key=lambda each: each[1])


def _details(rows: list[tuple[int, int, bytes, int]]) -> BlockDetails:
    status: npt.NDArray[np.uint8] = np.array([each[0] for each in rows], np.uint8)
    return BlockDetails(
        status,
        np.array([each[1] for each in rows], np.uint8),
        np.array([each[2] for each in rows], "S2"),
        np.array([each[3] for each in rows], np.int64),
    )


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 10


def _country(text: str) -> bytes:
    """Return the code of a country; nothing for ZZ, which is what is not delegated."""
    is_code = len(text) == 2 and text.isascii() and text.isalpha() and text != "ZZ"
    return text.upper().encode("ascii") if is_code else b""


@lru_cache(1 << 15)
def seconds_of_day(text: str) -> int:
    """Return a day such as 20261130 in seconds since 1970, at midnight UTC.

    Returns:
        `NO_TIME` for a day that does not exist: some records have 00000000, or day 00.
    """
    if not _DAY.fullmatch(text):
        return NO_TIME
    try:
        day = datetime(int(text[:4]), int(text[4:6]), int(text[6:]), tzinfo=UTC)
    except ValueError:
        return NO_TIME
    # The first AS numbers were assigned in 1983.
    return max(NO_TIME, int(day.timestamp()))
