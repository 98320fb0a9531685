"""AS numbers (RFC 6793) in asplain and asdot notation (RFC 5396)."""

from __future__ import annotations

import re
from typing import Final, Self

from peerlint.arguments import A_STRING, must_be
from peerlint.errors import InputError
from peerlint.iana import AsnClass, asn_class

_MAX: Final = 0xFFFFFFFF
_TEXT: Final = re.compile(
    r"(?:AS)?(?:(?P<plain>[0-9]{1,10})|(?P<high>[0-9]{1,5})\.(?P<low>[0-9]{1,5}))", re.IGNORECASE
)
_EXPECTED: Final = "an AS number from 0 to 4294967295, such as 64500, AS64500 or 1.10"


class Asn(int):
    """An AS number: an integer from 0 to 4294967295 that prints in asplain.

    It is an `int`, not a wrapper, so that it equals, hashes and sorts with the plain integers
    that paths and columns are made of.
    """

    __slots__ = ()

    def __new__(cls, value: int) -> Self:
        """Make an AS number from an integer.

        Raises:
            InputError: the value is not an integer from 0 to 4294967295.
        """
        if type(value) is not int:  # the fast path: millions of integers are converted
            must_be("value", value, int, _EXPECTED)
        if not 0 <= value <= _MAX:
            raise InputError("AS number", expected=_EXPECTED, found=value)
        return super().__new__(cls, value)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse an AS number in asplain (`64500`) or asdot (`1.10`); `AS` may precede it.

        Raises:
            InputError: the text is not an AS number.
        """
        must_be("text", text, str, A_STRING)
        match = _TEXT.fullmatch(text)
        if match is None:
            raise InputError("AS number", expected=_EXPECTED, found=text)
        if match["plain"]:
            return cls(int(match["plain"]))
        high, low = int(match["high"]), int(match["low"])
        if high > 0xFFFF or low > 0xFFFF:
            raise InputError("AS number", expected=_EXPECTED, found=text)
        return cls(high << 16 | low)

    @property
    def asdot(self) -> str:
        """The number in asdot: asplain below 65536, otherwise two halves (RFC 5396 section 2)."""
        return str(int(self)) if self <= 0xFFFF else f"{self >> 16}.{self & 0xFFFF}"

    @property
    def iana_class(self) -> AsnClass:
        """The class of AS numbers that IANA assigns the number to."""
        return asn_class(self)

    def __repr__(self) -> str:
        """Return `Asn(64500)`."""
        return f"Asn({int(self)})"

    def __str__(self) -> str:
        """Return the number in asplain."""
        return int.__repr__(self)


#: Microsoft's network, to which all checked routes are announced (PeeringDB net/694).
MICROSOFT: Final = Asn(8075)
#: ExpressRoute; Microsoft's peering policy asks every peer to filter it.
EXPRESSROUTE: Final = Asn(12076)
