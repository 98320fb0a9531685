"""Special-purpose AS numbers.

Source: IANA "Autonomous System (AS) Numbers" and "Special-Purpose AS Numbers", with the RFC of
each row beside it. "Public" here means "may be assigned by a registry", not "is assigned".
"""

from __future__ import annotations

from bisect import bisect_right
from enum import StrEnum
from typing import Final

#: The day on which the table below was last compared with its sources.
DATED: Final = "2026-11-21"


class AsnClass(StrEnum):
    """The purpose that IANA assigns to a range of AS numbers."""

    PUBLIC = "public"
    PRIVATE = "private"
    DOCUMENTATION = "documentation"
    AS_TRANS = "AS_TRANS"
    RESERVED = "reserved"

    @property
    def is_bogon(self) -> bool:
        """Whether the number is invalid in a path on the Internet, other than as a private one."""
        return self not in (AsnClass.PUBLIC, AsnClass.PRIVATE)


#: (first AS number of the range, class, source), ascending; a range ends where the next begins.
RANGES: Final[tuple[tuple[int, AsnClass, str], ...]] = (
    (0, AsnClass.RESERVED, "RFC 7607"),
    (1, AsnClass.PUBLIC, "IANA AS Numbers"),  # 112 is anycast and public, RFC 7534
    (23456, AsnClass.AS_TRANS, "RFC 6793"),
    (23457, AsnClass.PUBLIC, "IANA AS Numbers"),
    (64496, AsnClass.DOCUMENTATION, "RFC 5398"),
    (64512, AsnClass.PRIVATE, "RFC 6996"),
    (65535, AsnClass.RESERVED, "RFC 7300"),
    (65536, AsnClass.DOCUMENTATION, "RFC 5398"),
    (65552, AsnClass.RESERVED, "IANA AS Numbers"),
    (131072, AsnClass.PUBLIC, "IANA AS Numbers"),
    (4200000000, AsnClass.PRIVATE, "RFC 6996"),
    (4294967295, AsnClass.RESERVED, "RFC 7300"),
)
_FIRSTS: Final = [first for first, _, _ in RANGES]


def asn_class(asn: int) -> AsnClass:
    """Return the class of an AS number between 0 and 4294967295."""
    return RANGES[bisect_right(_FIRSTS, asn) - 1][1]
