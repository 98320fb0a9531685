"""IP prefixes (RFC 4632), IPv4 and IPv6."""

from __future__ import annotations

import re
from collections.abc import Iterable
from ipaddress import AddressValueError, IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TYPE_CHECKING, Final, Self

import attrs

from peerlint.arguments import AN_INTEGER, as_tuple, must_be
from peerlint.errors import InputError
from peerlint.model.foreign import network_text

if TYPE_CHECKING:
    from netaddr import IPNetwork

    from peerlint.model.foreign import PrefixLike

#: Bits of an address, by family.
BITS: Final[dict[int, int]] = {4: 32, 6: 128}
_LENGTH: Final = re.compile(r"0|[1-9][0-9]{0,2}")
_EXPECTED: Final = "a prefix such as 203.0.113.0/24"
_TEXT_OR_NETWORK: Final = "a string, or a network of ipaddress or netaddr"
_NUMBERS: Final = "family, first and length as integers"


@attrs.frozen(order=True, cache_hash=True)
class Prefix:
    """A block of IP addresses.

    Prefixes are ordered by family, first address and length, so that a less specific prefix
    precedes the more specific ones inside it.

    Attributes:
        family: 4 or 6.
        first: the first address, an integer of 32 or 128 bits; no bit is set right of `length`.
        length: 0 to 32 or 0 to 128, in bits.
    """

    family: int
    # Hashed as text, because Python keys the hash of text with a random key of the process. The
    # hash of an integer is predictable, and two addresses that are 2^61 - 1 apart have the same
    # one.
    first: int = attrs.field(eq=hex, order=True)
    length: int

    def __attrs_post_init__(self) -> None:
        """Check that the fields form a prefix.

        Raises:
            InputError: the family is unknown, the length is out of range, or bits are set right of
                the length.
        """
        try:
            self._check()
        except TypeError:
            found = (self.family, self.first, self.length)
            raise InputError("prefix", expected=_NUMBERS, found=found) from None

    def _check(self) -> None:
        bits = BITS.get(self.family)
        if bits is None:
            raise InputError("address family", expected="4 or 6", found=self.family)
        if not 0 <= self.length <= bits:
            raise InputError("prefix length", expected=f"0 to {bits}", found=self.length)
        if not 0 <= self.first < 1 << bits or self.first & (1 << bits - self.length) - 1:
            raise InputError(
                "prefix",
                expected=f"an address of {bits} bits with none set right of /{self.length}",
                found=hex(self.first),
            )

    @classmethod
    def parse(cls, text: PrefixLike) -> Self:
        """Parse a prefix such as `203.0.113.0/24` or `2001:db8::/32`, strictly.

        Args:
            text: the text; or a network or interface of `ipaddress`, or an `IPNetwork` of
                `netaddr`, which are taken as their text.

        Raises:
            InputError: the text has no length, leading zeros, blanks, or bits set right of the mask
                (the error then names the prefix without these bits).
        """
        family, address, length = _split(text)
        prefix = cls._masked(family, address, length)
        if prefix.first != address:
            expected = f"no bits right of the mask, as in {prefix}"
            raise InputError("prefix", expected=expected, found=network_text(text))
        return prefix

    @classmethod
    def parse_relaxed(cls, text: PrefixLike) -> Self:
        """Parse a prefix like `parse`, but clear bits right of the mask.

        Args:
            text: as for `parse`.

        Raises:
            InputError: the text is not a prefix.
        """
        return cls._masked(*_split(text))

    @classmethod
    def from_octets(cls, family: int, length: int, octets: bytes) -> Self:
        """Make a prefix from NLRI octets; trailing bits are ignored (RFC 4271 section 4.3).

        Args:
            family: 4 or 6.
            length: in bits, as sent.
            octets: `ceil(length / 8)` octets.

        Raises:
            InputError: the family is unknown, or the length or the octets are too long for it.
        """
        must_be("family", family, int, "4 or 6")
        must_be("length", length, int, AN_INTEGER)
        must_be("octets", octets, bytes, "octets")
        if family not in BITS:
            raise InputError("address family", expected="4 or 6", found=family)
        if not 0 <= length <= BITS[family]:
            raise InputError("prefix length", expected=f"0 to {BITS[family]}", found=length)
        if len(octets) > BITS[family] // 8:
            expected = f"{BITS[family] // 8} octets at most"
            raise InputError("octets", expected=expected, found=f"{len(octets)} of them")
        return cls._masked(family, int.from_bytes(octets.ljust(BITS[family] // 8, b"\0")), length)

    @classmethod
    def _masked(cls, family: int, address: int, length: int) -> Self:
        shift = BITS[family] - length
        return cls(family, address >> shift << shift, length)

    @property
    def last(self) -> int:
        """The last address, as an integer."""
        return self.first | (1 << BITS[self.family] - self.length) - 1

    @property
    def octets(self) -> bytes:
        """The NLRI octets: the first `ceil(length / 8)` octets of the address."""
        return self.first.to_bytes(BITS[self.family] // 8)[: (self.length + 7) // 8]

    def covers(self, other: Prefix) -> bool:
        """Return whether the other prefix is equal or more specific (RFC 6811: covered)."""
        try:
            return (
                self.family == other.family
                and self.length <= other.length
                and self.first <= other.first <= self.last
            )
        except AttributeError:
            raise InputError("other", expected="a Prefix", found=other) from None

    def overlaps(self, other: Prefix) -> bool:
        """Return whether one of the two prefixes covers the other."""
        return self.covers(other) or other.covers(self)

    def is_tiled_by(self, parts: Iterable[Prefix]) -> bool:
        """Return whether the parts together contain every address of this prefix."""
        # Imported here: it takes a third of the package's import time, and few callers need it.
        from netaddr import IPNetwork, IPSet  # noqa: PLC0415

        given = as_tuple("parts", parts, Prefix, "Prefix values")
        union = IPSet(str(part) for part in given if part.family == self.family)
        return IPSet(IPNetwork(str(self))).issubset(union)

    def to_ipaddress(self) -> IPv4Network | IPv6Network:
        """Return the prefix as a network of `ipaddress`."""
        network = IPv4Network if self.family == 4 else IPv6Network
        return network((self.first, self.length))

    def to_netaddr(self) -> IPNetwork:
        """Return the prefix as an `IPNetwork` of `netaddr`."""
        from netaddr import IPNetwork  # noqa: PLC0415  # as in `is_tiled_by`

        return IPNetwork(str(self))

    def __str__(self) -> str:
        """Return the canonical text (RFC 5952 for IPv6)."""
        address = IPv4Address(self.first) if self.family == 4 else IPv6Address(self.first)
        return f"{address}/{self.length}"

    def __repr__(self) -> str:
        """Return `Prefix('203.0.113.0/24')`."""
        return f"Prefix({str(self)!r})"


def _split(given: object) -> tuple[int, int, int]:
    text = network_text(given)
    if not isinstance(text, str):
        raise InputError("text", expected=_TEXT_OR_NETWORK, found=given)
    address_text, slash, length_text = text.partition("/")
    if not slash or not _LENGTH.fullmatch(length_text) or "%" in address_text:
        raise InputError("prefix", expected=_EXPECTED, found=text)
    address: IPv4Address | IPv6Address
    try:
        address = IPv6Address(address_text) if ":" in address_text else IPv4Address(address_text)
    except AddressValueError:
        raise InputError("prefix", expected=_EXPECTED, found=text) from None
    length = int(length_text)
    if length > address.max_prefixlen:
        raise InputError(
            "prefix", expected=f"a length from 0 to {address.max_prefixlen}", found=text
        )
    return address.version, int(address), length
