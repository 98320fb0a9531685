"""Criteria as plain numbers, for kernels to compare octets with."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

from peerlint.iana.addresses import BLOCKS, EXCEPTIONS
from peerlint.iana.asns import RANGES, AsnClass
from peerlint.model import EXPRESSROUTE, MICROSOFT, Criteria, Fact
from peerlint.model.facts import WELL_KNOWN_FACTS

#: Bits of the AS numbers that have a fact of their own.
NOTED_ASNS: Final[dict[int, int]] = {
    MICROSOFT: int(Fact.HAS_8075),
    EXPRESSROUTE: int(Fact.HAS_12076),
}
_LAST_ASN: Final = 0xFFFFFFFF
_BITS: Final = {4: 32, 6: 128}

#: First address (left-aligned in 128 bits), length, whether it counts as public, whether it is
#: a globally reachable exception inside another block.
Block = tuple[int, int, bool, bool]


def community_bits(criteria: Criteria) -> dict[int, int]:
    """Return the bits of every standard community that has any, by its number."""
    wanted = criteria.community
    bits = {number: int(fact) for number, fact in WELL_KNOWN_FACTS.items()}
    tens = (wanted.asn << 16) + wanted.value // 10 * 10
    near = dict.fromkeys(range(tens, min(tens + 10, (wanted.asn + 1) << 16)), Fact.NEAR_VALUE)
    # If one value is a near miss in two ways, the definition checks for the swap first.
    near[wanted.value << 16 | wanted.asn] = Fact.NEAR_SWAPPED
    near[wanted.number] = Fact.TAGGED
    for number, fact in near.items():
        bits[number] = bits.get(number, 0) | fact
    return bits


def class_bits(kind: AsnClass, criteria: Criteria) -> int:
    """Return the bits of an AS number of a class."""
    if kind is AsnClass.PRIVATE:
        return int(Fact.PRIVATE_ASN)
    return int(Fact.BOGON_ASN) if kind.is_bogon and kind not in criteria.allow else 0


def asn_ranges(criteria: Criteria) -> list[tuple[int, int, int]]:
    """Return (first, last, bits) of ranges of AS numbers, ascending, without gaps."""
    starts = {first: class_bits(kind, criteria) for first, kind, _ in RANGES}
    for asn, bits in NOTED_ASNS.items():
        around = max(first for first in starts if first <= asn)
        starts.setdefault(asn + 1, starts[around])
        starts[asn] = starts[around] | bits
    found: list[tuple[int, int, int]] = []
    for first, after in pairwise([*sorted(starts), _LAST_ASN + 1]):
        bits = starts[first]
        goes_on = bool(found) and found[-1][2] == bits
        found.append((found.pop()[0] if goes_on else first, after - 1, bits))
    return found


def blocks(family: int, criteria: Criteria) -> list[Block]:
    """Return the special-purpose blocks of a family, exceptions among them."""
    shift = 128 - _BITS[family]
    return [
        (block.first << shift, block.length, block.kind in criteria.allow, table is EXCEPTIONS)
        for table in (BLOCKS, EXCEPTIONS)
        for block in table
        if block.family == family
    ]
