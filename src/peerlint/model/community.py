"""BGP communities: standard (RFC 1997), large (RFC 8092), extended (RFC 4360, RFC 5668)."""

from __future__ import annotations

import re
from ipaddress import AddressValueError, IPv4Address
from typing import Final, Self

import attrs

from peerlint.arguments import A_STRING, must_be
from peerlint.errors import InputError
from peerlint.wording import Words, shown

#: Well-known communities by value: the name, and the RFC that defines it.
WELL_KNOWN: Final[dict[int, tuple[str, str]]] = {
    0xFFFF0000: ("GRACEFUL_SHUTDOWN", "RFC 8326"),
    0xFFFF0006: ("LLGR_STALE", "RFC 9494"),
    0xFFFF0007: ("NO_LLGR", "RFC 9494"),
    0xFFFF029A: ("BLACKHOLE", "RFC 7999"),
    0xFFFFFF01: ("NO_EXPORT", "RFC 1997"),
    0xFFFFFF02: ("NO_ADVERTISE", "RFC 1997"),
    0xFFFFFF03: ("NO_EXPORT_SUBCONFED", "RFC 1997"),
    0xFFFFFF04: ("NOPEER", "RFC 3765"),
}
_BY_NAME: Final = {name: value for value, (name, _) in WELL_KNOWN.items()}
_PAIR: Final = re.compile(r"([0-9]{1,5}):([0-9]{1,5})|\(\s*([0-9]{1,5})\s*,\s*([0-9]{1,5})\s*\)")
_NUMBER: Final = re.compile(r"0[xX][0-9a-fA-F]{1,8}|[0-9]{1,10}")
_LARGE: Final = re.compile(r"([0-9]{1,10}):([0-9]{1,10}):([0-9]{1,10})")
_EXTENDED: Final = re.compile(r"(rt|ro):([0-9.]+)(L?):([0-9]{1,10})", re.IGNORECASE)
#: An extended community of any type, as 16 hexadecimal digits.
EXTENDED_RAW: Final = re.compile(r"0x[0-9a-f]{16}", re.IGNORECASE)


@attrs.frozen(order=True)
class Community:
    """A standard community: 32 bits, written as `asn:value`.

    Attributes:
        number: all 32 bits.
    """

    number: int

    def __attrs_post_init__(self) -> None:
        """Check that the number has 32 bits.

        Raises:
            InputError: it does not.
        """
        if type(self.number) is not int:  # the fast path: millions of communities are made
            must_be("number", self.number, int, "32 bits")
        if not 0 <= self.number <= 0xFFFFFFFF:
            raise InputError("community", expected="32 bits", found=self.number)

    @classmethod
    def of(cls, asn: int, value: int) -> Self:
        """Make the community `asn:value`; both are 0 to 65535.

        Raises:
            InputError: one of them is out of range.
        """
        must_be("asn", asn, int, "an integer from 0 to 65535")
        must_be("value", value, int, "an integer from 0 to 65535")
        if not (0 <= asn <= 0xFFFF and 0 <= value <= 0xFFFF):
            raise InputError(
                "community",
                expected="two halves from 0 to 65535",
                found=Words(f"{shown(asn)}:{shown(value)}"),
            )
        return cls(asn << 16 | value)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `8075:8007`, `(8075,8007)`, `529211207`, `0x1F8B1F47` or a well-known name.

        Names may be in upper or lower case, with `-` or `_`.

        Raises:
            InputError: the text is not a community.
        """
        must_be("text", text, str, A_STRING)
        name = text.upper().replace("-", "_")
        if name in _BY_NAME:
            return cls(_BY_NAME[name])
        pair = _PAIR.fullmatch(text)
        if pair is not None:
            return cls.of(*(int(half) for half in pair.groups() if half is not None))
        if _NUMBER.fullmatch(text):
            return cls(int(text, 16) if text[:2].lower() == "0x" else int(text))
        raise InputError(
            "community", expected="a value such as 8075:8007 or a well-known name", found=text
        )

    @property
    def asn(self) -> int:
        """The upper 16 bits."""
        return self.number >> 16

    @property
    def value(self) -> int:
        """The lower 16 bits."""
        return self.number & 0xFFFF

    @property
    def name(self) -> str | None:
        """The well-known name; None if the community has none."""
        return WELL_KNOWN[self.number][0] if self.number in WELL_KNOWN else None

    def __str__(self) -> str:
        """Return `asn:value`."""
        return f"{self.asn}:{self.value}"


#: The Peering Service (MAPS) community that all five source documents require.
MAPS_COMMUNITY: Final = Community.of(8075, 8007)


@attrs.frozen(order=True)
class LargeCommunity:
    """A large community: 96 bits (RFC 8092).

    Attributes:
        administrator: an AS number, 32 bits.
        data1: 32 bits, defined by the administrator.
        data2: 32 more bits, defined by the administrator.
    """

    administrator: int
    data1: int
    data2: int

    def __attrs_post_init__(self) -> None:
        """Check that each part has 32 bits.

        Raises:
            InputError: one of them does not.
        """
        for part in self.parts:
            if type(part) is not int:
                must_be("large community", part, int, "three parts of 32 bits")
            if not 0 <= part <= 0xFFFFFFFF:
                found = Words(":".join(map(shown, self.parts)))
                raise InputError("large community", expected="three parts of 32 bits", found=found)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a large community such as `64500:1:2`.

        Raises:
            InputError: the text is not three numbers of 32 bits.
        """
        must_be("text", text, str, A_STRING)
        match = _LARGE.fullmatch(text)
        if match is None:
            raise InputError("large community", expected="64500:1:2", found=text)
        return cls(*map(int, match.groups()))

    @property
    def parts(self) -> tuple[int, int, int]:
        """The three parts, in order."""
        return (self.administrator, self.data1, self.data2)

    def __str__(self) -> str:
        """Return the three parts, separated by colons."""
        return ":".join(map(str, self.parts))


@attrs.frozen(order=True)
class ExtendedCommunity:
    """An extended community: 64 bits (RFC 4360).

    Attributes:
        number: all 64 bits: type, subtype and six octets of value.
    """

    number: int

    def __attrs_post_init__(self) -> None:
        """Check that the number has 64 bits.

        Raises:
            InputError: it does not.
        """
        if type(self.number) is not int:
            must_be("number", self.number, int, "64 bits")
        if not 0 <= self.number < 1 << 64:
            raise InputError("extended community", expected="64 bits", found=self.number)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse `rt:64500:1`, `ro:...`, `rt:64500L:1`, `rt:192.0.2.1:1` or 16 hexadecimal digits.

        An `L`, or an AS number above 65535, selects the form with a four-octet AS number (RFC
        5668). Hexadecimal digits start with `0x`.

        Raises:
            InputError: the text is not an extended community, or a part is too large for its form.
        """
        must_be("text", text, str, A_STRING)
        if EXTENDED_RAW.fullmatch(text):
            return cls(int(text, 16))
        match = _EXTENDED.fullmatch(text)
        expected = "rt:64500:1, ro:192.0.2.1:1 or 0x and 16 hexadecimal digits"
        if match is None:
            raise InputError("extended community", expected=expected, found=text)
        subtype = 2 if match[1].lower() == "rt" else 3
        local = int(match[4])
        try:
            kind, administrator = _administrator(match[2], wide=bool(match[3]))
        except (AddressValueError, ValueError):
            raise InputError("extended community", expected=expected, found=text) from None
        width = 32 if kind == 0 else 16  # of the local part; the administrator has the rest
        if local >= 1 << width or administrator >= 1 << 48 - width:
            raise InputError("extended community", expected=expected, found=text)
        return cls(kind << 56 | subtype << 48 | administrator << width | local)

    @property
    def target(self) -> tuple[int, int] | None:
        """The AS number and value of a route target or route origin; None for other types.

        RFC 4360 sections 4 and 5 (type 0x00), RFC 5668 (type 0x02); subtypes 0x02 and 0x03.
        """
        kind, subtype = self.number >> 56, self.number >> 48 & 0xFF
        if kind not in (0, 2) or subtype not in (2, 3):
            return None
        width = 32 if kind == 0 else 16
        value = self.number & 0xFFFFFFFFFFFF
        return value >> width, value & (1 << width) - 1

    def __str__(self) -> str:
        """Return the `rt:` or `ro:` form if there is one, otherwise 16 hexadecimal digits."""
        kind, subtype = self.number >> 56, self.number >> 48 & 0xFF
        name = {2: "rt", 3: "ro"}.get(subtype)
        value = self.number & 0xFFFFFFFFFFFF
        if name is not None and kind == 0:
            return f"{name}:{value >> 32}:{value & 0xFFFFFFFF}"
        if name is not None and kind == 1:
            return f"{name}:{IPv4Address(value >> 16)}:{value & 0xFFFF}"
        if name is not None and kind == 2:
            return f"{name}:{value >> 16}L:{value & 0xFFFF}"
        return f"0x{self.number:016x}"


def _administrator(text: str, *, wide: bool) -> tuple[int, int]:
    """Return the type octet and the administrator field."""
    if "." in text and not wide:
        return 1, int(IPv4Address(text))
    asn = int(text)
    return (2 if wide or asn > 0xFFFF else 0), asn
