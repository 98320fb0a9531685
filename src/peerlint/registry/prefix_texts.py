"""Texts of prefixes as columns, many at once."""

from __future__ import annotations

import re
from collections.abc import Sequence
from ipaddress import AddressValueError, IPv6Address
from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from peerlint.registry.columns import Prefixes

if TYPE_CHECKING:
    import numpy.typing as npt

NO_PREFIX: Final = "the prefix is none"
HOST_BITS: Final = "the prefix has bits set right of its length"
_ALL: Final = (1 << 64) - 1
_IPV4: Final = r"(?:(?:0|[1-9][0-9]{0,2})\.){3}(?:0|[1-9][0-9]{0,2})/(?:0|[1-9][0-9]?)"
_ONE: Final = re.compile(_IPV4, re.ASCII)
_SEVERAL: Final = re.compile(rf"(?:{_IPV4}\n)*+", re.ASCII)
_LENGTH: Final = re.compile(r"0|[1-9][0-9]{0,2}", re.ASCII)
_SEPARATORS: Final = str.maketrans("./\n", "   ")
#: The upper and lower half of the mask of each length, 0 to 128.
_MASK: Final = [(1 << 128) - (1 << 128 - length) for length in range(129)]
MASK_HI: Final = np.array([each >> 64 for each in _MASK], np.uint64)
MASK_LO: Final = np.array([each & _ALL for each in _MASK], np.uint64)


@attrs.frozen(eq=False)
class ParsedPrefixes:
    """What texts of prefixes say.

    Attributes:
        prefixes: one row a text; a text that is no prefix has zeros.
        problems: the reason, by row, of each text that is no prefix.
    """

    prefixes: Prefixes
    problems: dict[int, str]


def parse_prefixes(texts: Sequence[str]) -> ParsedPrefixes:
    """Return prefixes such as 203.0.113.0/24 and 2001:db8::/32 as columns.

    Args:
        texts: one prefix each, without blanks and with a length.
    """
    count = len(texts)
    rows = Prefixes(
        np.full(count, 4, np.uint8),
        np.zeros(count, np.uint64),
        np.zeros(count, np.uint64),
        np.zeros(count, np.uint8),
    )
    problems: dict[int, str] = {}
    _fill_ipv4(rows, [i for i, text in enumerate(texts) if ":" not in text], texts, problems)
    _fill_ipv6(rows, [i for i, text in enumerate(texts) if ":" in text], texts, problems)
    for row in np.flatnonzero(has_host_bits(rows)).tolist():
        problems[row] = HOST_BITS
    return ParsedPrefixes(rows, problems)


def has_host_bits(prefixes: Prefixes) -> npt.NDArray[np.bool_]:
    """Return for each prefix whether bits are set right of its length."""
    # IPv4 is left-aligned, so that its lengths are those of the upper half.
    hi = prefixes.prefix_hi & ~MASK_HI[prefixes.length]
    lo = prefixes.prefix_lo & ~MASK_LO[prefixes.length]
    is_set: npt.NDArray[np.bool_] = (hi | lo) != 0
    return is_set


def _fill_ipv4(
    into: Prefixes, rows: list[int], texts: Sequence[str], problems: dict[int, str]
) -> None:
    # One match for all; a row at a time only if it fails.
    joined = "\n".join([texts[row] for row in rows]) + "\n"
    if rows and (not _SEVERAL.fullmatch(joined) or joined.count("\n") != len(rows)):
        good = [row for row in rows if _ONE.fullmatch(texts[row])]
        problems.update(dict.fromkeys(set(rows).difference(good), NO_PREFIX))
        rows = good
        joined = "\n".join([texts[row] for row in rows])
    if not rows:
        return
    numbers = np.array(joined.translate(_SEPARATORS).split(), np.int64).reshape(-1, 5)
    is_wide = (numbers[:, :4] > 255).any(axis=1) | (numbers[:, 4] > 32)
    problems.update({rows[each]: NO_PREFIX for each in np.flatnonzero(is_wide).tolist()})
    numbers[is_wide] = 0
    address = numbers[:, 0] << 24 | numbers[:, 1] << 16 | numbers[:, 2] << 8 | numbers[:, 3]
    into.prefix_hi[rows] = address.astype(np.uint64) << np.uint64(32)
    into.length[rows] = numbers[:, 4]


def _fill_ipv6(
    into: Prefixes, rows: list[int], texts: Sequence[str], problems: dict[int, str]
) -> None:
    good: list[int] = []
    numbers: list[int] = []
    lengths: list[int] = []
    for row in rows:
        parsed = _parse_ipv6(texts[row])
        if parsed is None:
            problems[row] = NO_PREFIX
            continue
        good.append(row)
        numbers.append(parsed[0])
        lengths.append(parsed[1])
    into.family[good] = 6
    into.prefix_hi[good] = np.array([each >> 64 for each in numbers], np.uint64)
    into.prefix_lo[good] = np.array([each & _ALL for each in numbers], np.uint64)
    into.length[good] = lengths


def _parse_ipv6(text: str) -> tuple[int, int] | None:
    """Return the address and the length of a prefix; None if it is none."""
    address, _, length = text.partition("/")
    # Python takes zones (RFC 4007), which no prefix has.
    if "%" in address or not _LENGTH.fullmatch(length) or int(length) > 128:
        return None
    try:
        return int(IPv6Address(address)), int(length)
    except AddressValueError:
        return None
