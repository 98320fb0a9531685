"""Values of RPSL attributes in their usual form, many at a time.

Every function takes the octets of a chunk, which end with `PADDING` zeros, and the offsets at which
values start, and returns columns of the same length. `is_read` is False where a value has another
form; `values` then decides whether it is valid. Where it is True, both give the same value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import attrs
import numpy as np

from peerlint.registry.irr.words import pairs_of_digits, words_of

if TYPE_CHECKING:
    import numpy.typing as npt

    from peerlint.registry.irr.words import Flags, Octets, Offsets, Words

#: Zeros behind the octets of a chunk: no function looks further behind the last line.
PADDING: Final = 128
#: Blanks that are skipped before a value, and behind it; a value with more has another form.
_BLANKS: Final = 24
_LARGEST_ASN: Final = 0xFFFFFFFF
_NEWLINE, _HASH, _SPACE, _TAB, _DOT, _SLASH, _COLON, _ZERO = b"\n# \t./:0"
_EIGHT_SPACES: Final = np.frombuffer(b" " * 8, "<u8")[0]
_HEX: Final = np.full(256, 16, np.uint8)
_HEX[list(b"0123456789abcdef")] = np.arange(16)
_HEX[list(b"ABCDEF")] = np.arange(10, 16)
#: Masks of the bits that a prefix of a length may not have set, in the upper and lower 64 bits.
_HOST_HI: Final = np.array([(1 << max(0, 64 - each)) - 1 for each in range(129)], np.uint64)
_HOST_LO: Final = np.array([(1 << min(64, 128 - each)) - 1 for each in range(129)], np.uint64)
_DAYS_BEFORE: Final = np.array([0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334])
_DAYS: Final = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])
_DAY: Final = 86_400
#: What the days of years, leap days, months and the day add up to for 1970-01-01.
_EPOCH: Final = 719_528


@attrs.frozen(eq=False)
class Numbers:
    """AS numbers.

    Attributes:
        value: the numbers.
        is_read: whether the value has the usual form.
    """

    value: npt.NDArray[np.uint32]
    is_read: Flags


@attrs.frozen(eq=False)
class Addresses:
    """Prefixes.

    Attributes:
        hi: the upper 64 bits of the address, left-aligned; IPv4 in the top 32 of them.
        lo: the lower 64 bits.
        length: in bits.
        is_read: whether the value has the usual form, and no bit is set right of the length.
    """

    hi: Words
    lo: Words
    length: npt.NDArray[np.uint8]
    is_read: Flags


@attrs.frozen(eq=False)
class Times:
    """Times.

    Attributes:
        seconds: since 1970.
        is_read: whether the value has the usual form, and is not before 1970.
    """

    seconds: npt.NDArray[np.int64]
    is_read: Flags


def after_blanks(octets: Octets, at: Offsets) -> Offsets:
    """Return the offsets behind blanks, or behind the first 24 of them."""
    at = at.copy()
    # Most values stand in column 16.
    words = words_of(octets)
    at += (words[at] == _EIGHT_SPACES) * 8
    for _ in range(_BLANKS - 8):
        found = octets[at]
        is_blank = (found == _SPACE) | (found == _TAB)
        if not is_blank.any():
            break
        at += is_blank
    return at


def is_end(octets: Octets, at: Offsets) -> Flags:
    """Return whether only blanks or a comment follow on the line."""
    found = octets[after_blanks(octets, at)]
    is_last: Flags = (found == _NEWLINE) | (found == _HASH)
    return is_last


def as_numbers(octets: Octets, at: Offsets) -> Numbers:
    """Read AS numbers in asplain, such as `AS64500`."""
    is_as = ((octets[at] | 0x20) == ord("a")) & ((octets[at + 1] | 0x20) == ord("s"))
    value, end = _decimal(octets, at + 2, 10)
    is_read = is_as & (end > at + 2) & (value <= _LARGEST_ASN) & is_end(octets, end)
    return Numbers(value.astype(np.uint32), is_read)


def prefixes4(octets: Octets, at: Offsets) -> Addresses:
    """Read IPv4 prefixes, such as `203.0.113.0/24`."""
    hi = np.zeros(len(at), np.uint64)
    is_read = np.ones(len(at), np.bool_)
    for separator in (_DOT, _DOT, _DOT, _SLASH):
        value, end = _decimal(octets, at, 3)
        is_read &= _is_plain(octets, at, end) & (value <= 0xFF) & (octets[end] == separator)
        hi <<= 8
        hi |= value
        # A value that cannot be read does not lead further away.
        at = end + is_read
    length, end = _decimal(octets, at, 2)
    is_read &= _is_plain(octets, at, end) & (length <= 32) & is_end(octets, end)
    hi <<= 32
    return _checked(hi, np.zeros(len(at), np.uint64), length, is_read)


def prefixes6(octets: Octets, at: Offsets) -> Addresses:
    """Read IPv6 prefixes, such as `2001:db8::/32`, without embedded IPv4 addresses."""
    rows = len(at)
    groups = np.zeros((8, rows), np.uint64)
    is_gap = (octets[at] == _COLON) & (octets[at + 1] == _COLON)
    at = at + 2 * is_gap
    # The number of groups in front of "::", and in all.
    gap, count = np.where(is_gap, 0, -1), np.zeros(rows, np.intp)
    is_read, is_open = np.ones(rows, np.bool_), np.ones(rows, np.bool_)
    for group in groups:
        value, end = _hexadecimal(octets, at)
        has = is_open & (end > at)
        group[:] = np.where(has, value, 0)
        # Only "::" may stand before what is no group.
        is_read &= ~is_open | has | (gap == count)
        count += has
        is_slash, is_colon = octets[end] == _SLASH, octets[end] == _COLON
        is_read &= ~is_open | is_slash | (is_colon & has)
        is_gap = is_open & is_colon & (octets[end + 1] == _COLON)
        is_read &= ~is_gap | (gap < 0)
        gap = np.where(is_gap & (gap < 0), count, gap)
        at = np.where(is_open & is_read, end + 1 + is_gap, at)
        is_open &= ~is_slash & is_read
        if not is_open.any():
            break
    is_read &= ~is_open & np.where(gap < 0, count == 8, count < 8)
    length, end = _decimal(octets, at, 3)
    is_read &= _is_plain(octets, at, end) & (length <= 128) & is_end(octets, end)
    return _checked(*_joined(groups, gap, count), length, is_read)


def times(octets: Octets, at: Offsets) -> Times:
    """Read times such as `2026-11-24T10:00:00Z`."""
    words = words_of(octets)
    dates_, has_date = pairs_of_digits(words[at], b"0000-00-")
    hours, has_hour = pairs_of_digits(words[at + 8], b"00T00:00")
    seconds, has_second = pairs_of_digits(words[at + 16], b":00Z    ")
    hour, minute, second = _octet(hours, 3), _octet(hours, 6), _octet(seconds, 1)
    is_read = has_date & has_hour & has_second & is_end(octets, at + 20)
    is_read &= (hour < 24) & (minute < 60) & (second < 60)
    days, is_day = _days(_year(dates_), _octet(dates_, 5), _octet(hours, 0))
    return Times(days * _DAY + hour * 3600 + minute * 60 + second, is_read & is_day)


def dates(octets: Octets, at: Offsets) -> Times:
    """Read days such as `20261124`, whatever follows."""
    found, is_read = pairs_of_digits(words_of(octets)[at], b"00000000")
    days, is_day = _days(_year(found), _octet(found, 4), _octet(found, 6))
    return Times(days * _DAY, is_read & is_day)


def _octet(words: Words, place: int) -> npt.NDArray[np.int64]:
    """Return one octet of words, from 0."""
    return (words >> np.uint64(8 * place) & np.uint64(0xFF)).astype(np.int64)


def _year(words: Words) -> npt.NDArray[np.int64]:
    """Return the number of the first two pairs of digits."""
    return _octet(words, 0) * 100 + _octet(words, 2)


def _decimal(octets: Octets, at: Offsets, most: int) -> tuple[Words, Offsets]:
    """Read up to so many digits; return the numbers and the offsets behind them."""
    value, at = np.zeros(len(at), np.uint64), at.copy()
    for _ in range(most):
        digit = octets[at] - _ZERO
        is_digit = digit < 10
        if not is_digit.any():
            break
        value = np.where(is_digit, value * 10 + digit, value)
        at += is_digit
    return value, at


def _hexadecimal(octets: Octets, at: Offsets) -> tuple[Words, Offsets]:
    """Read up to four hexadecimal digits; return the numbers and the offsets behind them."""
    value, at = np.zeros(len(at), np.uint64), at.copy()
    for _ in range(4):
        digit = _HEX[octets[at]]
        is_digit = digit < 16
        value = np.where(is_digit, value << 4 | digit, value)
        at += is_digit
    return value, at


def _is_plain(octets: Octets, at: Offsets, end: Offsets) -> Flags:
    """Return whether there are digits, and no zero in front of others."""
    digits = end - at
    is_plain: Flags = (digits == 1) | ((digits > 1) & (octets[at] != _ZERO))
    return is_plain


def _joined(groups: Words, gap: Offsets, count: Offsets) -> tuple[Words, Words]:
    """Return the halves of addresses.

    Args:
        groups: the groups of 16 bits, in order: one row for each place.
        gap: how many groups there are in front of "::"; -1 without it.
        count: how many groups there are in all.
    """
    halves = np.zeros((2, groups.shape[1]), np.uint64)
    for number, group in enumerate(groups):
        # Groups behind "::" are the last ones of the address.
        place = np.where((gap < 0) | (number < gap), number, number + 8 - count)
        shifted = group << ((3 - place % 4) * 16).astype(np.uint64)
        is_upper = place < 4
        halves[0] |= np.where(is_upper, shifted, 0)
        halves[1] |= np.where(is_upper, 0, shifted)
    return halves[0], halves[1]


def _checked(hi: Words, lo: Words, length: Words, is_read: Flags) -> Addresses:
    bits = np.where(is_read, length, 0).astype(np.intp)
    is_read = is_read & ((hi & _HOST_HI[bits]) == 0) & ((lo & _HOST_LO[bits]) == 0)
    return Addresses(hi, lo, bits.astype(np.uint8), is_read)


def _days(
    year: npt.NDArray[np.int64], month: npt.NDArray[np.int64], day: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.int64], Flags]:
    """Return days since 1970, and whether there is such a day."""
    is_month = (month >= 1) & (month <= 12)
    month = np.where(is_month, month, 1)
    is_leap = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    last = _DAYS[month] + (is_leap & (month == 2))
    is_day = is_month & (day >= 1) & (day <= last) & (year >= 1970)
    before = year - 1
    leap_days = before // 4 - before // 100 + before // 400
    days = year * 365 + leap_days - _EPOCH + _DAYS_BEFORE[month] + (is_leap & (month > 2))
    return days + day, is_day
