"""Special-purpose address blocks: address space that is never public.

Sources: IANA "IPv4 Special-Purpose Address Registry", "IPv6 Special-Purpose Address Registry",
the two multicast registries and "IPv6 Global Unicast Address Assignments". The standard library's
`ipaddress` is not used because it calls 10.0.0.0/7 and 0.0.0.0/0 global.
"""

from __future__ import annotations

from bisect import bisect_right
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Final

import attrs

#: The day on which the tables below were last compared with their sources.
DATED: Final = "2026-11-21"

_BITS: Final[dict[int, int]] = {4: 32, 6: 128}


@attrs.frozen
class AddressBlock:
    """One row of a registry.

    Attributes:
        family: 4 or 6.
        first: the first address, as an integer.
        length: the prefix length, in bits.
        kind: peerlint's name for the kind of block ("rfc1918", "documentation", "multicast" ...).
        name: the block's name in the registry.
        source: the RFC that reserves it.
        reachable: whether the registry calls it globally reachable (then it is public, but no
            customer's address space).
    """

    family: int
    first: int
    length: int
    kind: str
    name: str
    source: str
    reachable: bool = False

    def covers(self, first: int, length: int) -> bool:
        """Return whether the block contains the prefix of the same family."""
        shift = _BITS[self.family] - self.length
        return self.length <= length and first >> shift == self.first >> shift

    def overlaps(self, first: int, length: int) -> bool:
        """Return whether the block or the prefix of the same family contains the other."""
        shift = _BITS[self.family] - min(self.length, length)
        return first >> shift == self.first >> shift

    @property
    def last(self) -> int:
        """The last address, as an integer."""
        return self.first | (1 << _BITS[self.family] - self.length) - 1

    def __str__(self) -> str:
        """Return prefix, name and source."""
        network = IPv4Network if self.family == 4 else IPv6Network
        return f"{network((self.first, self.length))} ({self.name}, {self.source})"


def _block(
    text: str, kind: str, name: str, source: str, *, reachable: bool = False
) -> AddressBlock:
    network = ip_network(text)
    return AddressBlock(
        network.version,
        int(network.network_address),
        network.prefixlen,
        kind,
        name,
        source,
        reachable,
    )


#: The rows, ascending by family and address.
BLOCKS: Final = (
    _block("0.0.0.0/8", "this-network", "this network", "RFC 791"),
    _block("10.0.0.0/8", "rfc1918", "private use", "RFC 1918"),
    _block("100.64.0.0/10", "shared", "shared address space", "RFC 6598"),
    _block("127.0.0.0/8", "loopback", "loopback", "RFC 1122"),
    _block("169.254.0.0/16", "link-local", "link local", "RFC 3927"),
    _block("172.16.0.0/12", "rfc1918", "private use", "RFC 1918"),
    _block("192.0.0.0/24", "protocol", "IETF protocol assignments", "RFC 6890"),
    _block("192.0.2.0/24", "documentation", "documentation, TEST-NET-1", "RFC 5737"),
    _block("192.31.196.0/24", "as112", "AS112-v4", "RFC 7535", reachable=True),
    _block("192.52.193.0/24", "amt", "AMT", "RFC 7450", reachable=True),
    _block("192.88.99.0/24", "6to4", "deprecated 6to4 relay anycast", "RFC 7526"),
    _block("192.168.0.0/16", "rfc1918", "private use", "RFC 1918"),
    _block("192.175.48.0/24", "as112", "direct delegation AS112", "RFC 7534", reachable=True),
    _block("198.18.0.0/15", "benchmarking", "benchmarking", "RFC 2544"),
    _block("198.51.100.0/24", "documentation", "documentation, TEST-NET-2", "RFC 5737"),
    _block("203.0.113.0/24", "documentation", "documentation, TEST-NET-3", "RFC 5737"),
    _block("224.0.0.0/4", "multicast", "multicast", "RFC 5771"),
    _block("240.0.0.0/4", "reserved", "reserved for future use", "RFC 1112"),
    _block("255.255.255.255/32", "broadcast", "limited broadcast", "RFC 919"),
    _block("::/128", "unspecified", "unspecified address", "RFC 4291"),
    _block("::1/128", "loopback", "loopback", "RFC 4291"),
    _block("::ffff:0:0/96", "mapped", "IPv4-mapped", "RFC 4291"),
    _block("64:ff9b::/96", "translation", "IPv4/IPv6 translation", "RFC 6052", reachable=True),
    _block("64:ff9b:1::/48", "translation", "local-use IPv4/IPv6 translation", "RFC 8215"),
    _block("100::/64", "discard", "discard-only", "RFC 6666"),
    _block("100:0:0:1::/64", "dummy", "dummy prefix", "RFC 9780"),
    _block("2001::/23", "protocol", "IETF protocol assignments", "RFC 2928"),
    _block("2001::/32", "teredo", "Teredo", "RFC 4380"),
    _block("2001:2::/48", "benchmarking", "benchmarking", "RFC 5180"),
    _block("2001:3::/32", "amt", "AMT", "RFC 7450", reachable=True),
    _block("2001:4:112::/48", "as112", "AS112-v6", "RFC 7535", reachable=True),
    _block("2001:10::/28", "orchid", "deprecated ORCHID", "RFC 4843"),
    _block("2001:db8::/32", "documentation", "documentation", "RFC 3849"),
    _block("2002::/16", "6to4", "6to4", "RFC 3056"),
    _block("2620:4f:8000::/48", "as112", "direct delegation AS112", "RFC 7534", reachable=True),
    _block("3fff::/20", "documentation", "documentation", "RFC 9637"),
    _block("5f00::/16", "srv6", "segment routing SIDs", "RFC 9602"),
    _block("fc00::/7", "unique-local", "unique local", "RFC 4193"),
    _block("fe80::/10", "link-local", "link local", "RFC 4291"),
    _block("ff00::/8", "multicast", "multicast", "RFC 4291"),
)
_BY_FAMILY: Final[dict[int, tuple[AddressBlock, ...]]] = {
    family: tuple(block for block in BLOCKS if block.family == family) for family in (4, 6)
}


def _outermost(family: int) -> tuple[list[int], list[int]]:
    """Return the first and last addresses of the blocks that no other contains, ascending."""
    firsts: list[int] = []
    lasts: list[int] = []
    for block in sorted(_BY_FAMILY[family], key=lambda block: (block.first, block.length)):
        if not lasts or block.first > lasts[-1]:
            firsts.append(block.first)
            lasts.append(block.last)
    return firsts, lasts


_OUTERMOST: Final = {family: _outermost(family) for family in (4, 6)}

#: Blocks inside those above that are globally reachable.
EXCEPTIONS: Final = (
    _block("192.0.0.9/32", "pcp", "port control protocol anycast", "RFC 7723", reachable=True),
    _block("192.0.0.10/32", "turn", "TURN anycast", "RFC 8155", reachable=True),
    _block("2001:1::1/128", "pcp", "port control protocol anycast", "RFC 7723", reachable=True),
    _block("2001:1::2/128", "turn", "TURN anycast", "RFC 8155", reachable=True),
    _block("2001:1::3/128", "dns-sd", "DNS-SD SRP anycast", "RFC 9665", reachable=True),
    _block("2001:20::/28", "orchid", "ORCHIDv2", "RFC 7343", reachable=True),
    _block("2001:30::/28", "drone", "drone remote ID", "RFC 9374", reachable=True),
)

_GLOBAL_UNICAST: Final = _block("2000::/3", "global", "global unicast", "RFC 4291", reachable=True)
_NOT_UNICAST: Final = _block("::/0", "unassigned", "outside global unicast 2000::/3", "RFC 4291")


def special_blocks(
    family: int, first: int, length: int, allow: frozenset[str] = frozenset()
) -> tuple[AddressBlock, ...]:
    """Return the special-purpose blocks that a prefix overlaps, in either direction.

    Args:
        family: 4 or 6.
        first: the prefix's first address, as an integer of the family's width.
        length: its length in bits.
        allow: kinds that count as public, see `peerlint.iana.ALLOWABLE`.

    Returns:
        The rows, ascending by address; empty for ordinary address space. For a prefix inside a
        globally reachable exception (192.0.0.9/32), a reachable row (2001:3::/32) or an allowed
        block, the larger block around that is not returned.
    """
    # The fast path: nearly every prefix of a routing table overlaps none.
    firsts, lasts = _OUTERMOST[family]
    index = bisect_right(firsts, first | (1 << _BITS[family] - length) - 1) - 1
    if index < 0 or lasts[index] < first:
        if family == 4 or _GLOBAL_UNICAST.covers(first, length):
            return ()
        return (_NOT_UNICAST,)
    hits = [block for block in _BY_FAMILY[family] if block.overlaps(first, length)]
    exempt = [
        block
        for block in (*EXCEPTIONS, *(hit for hit in hits if hit.reachable or hit.kind in allow))
        if block.family == family and block.covers(first, length)
    ]
    found = tuple(
        hit
        for hit in hits
        if hit.kind not in allow
        and not any(hit.covers(block.first, block.length) and hit is not block for block in exempt)
    )
    if _reaches_beyond(found, family, first, length):
        return (_NOT_UNICAST, *found)
    return found


def _reaches_beyond(found: tuple[AddressBlock, ...], family: int, first: int, length: int) -> bool:
    """Return whether a prefix overlaps only reachable rows, but also contains unassigned space."""
    return (
        family == 6
        and bool(found)
        and all(block.reachable and not block.covers(first, length) for block in found)
        and not _GLOBAL_UNICAST.covers(first, length)
    )
