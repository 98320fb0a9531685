"""Types of path attributes, how each is sent, and what becomes of one that is malformed."""

from __future__ import annotations

from enum import Enum, IntEnum
from typing import Final

import attrs

from peerlint.wire.nlri import ALL_FAMILIES, Family

#: Bits of the attribute flags (RFC 4271 section 4.3).
OPTIONAL: Final = 0x80
TRANSITIVE: Final = 0x40
EXTENDED_LENGTH: Final = 0x10


class Treatment(Enum):
    """What RFC 7606 section 2 asks to do about a malformed attribute."""

    WITHDRAW = "treat-as-withdraw"
    DISCARD = "attribute discard"


class AttributeType(IntEnum):
    """Type codes of the attributes decoded here; every other one is kept raw."""

    ORIGIN = 1
    AS_PATH = 2
    NEXT_HOP = 3
    MULTI_EXIT_DISC = 4
    LOCAL_PREF = 5
    ATOMIC_AGGREGATE = 6
    AGGREGATOR = 7
    COMMUNITIES = 8
    ORIGINATOR_ID = 9
    CLUSTER_LIST = 10
    MP_REACH_NLRI = 14
    MP_UNREACH_NLRI = 15
    EXTENDED_COMMUNITIES = 16
    AS4_PATH = 17
    AS4_AGGREGATOR = 18
    LARGE_COMMUNITIES = 32
    ONLY_TO_CUSTOMER = 35

    @property
    def flags(self) -> int:
        """The Optional and Transitive bits with which its RFC says that it is sent."""
        if self in _WELL_KNOWN:
            return TRANSITIVE
        return OPTIONAL if self in _NON_TRANSITIVE else OPTIONAL | TRANSITIVE

    @property
    def treatment(self) -> Treatment:
        """What becomes of a malformed one that came over an external session.

        RFC 7606 section 7, RFC 6793 section 6 (AS4_*), RFC 9234 section 5 (ONLY_TO_CUSTOMER).
        """
        return Treatment.DISCARD if self in _DISCARDED else Treatment.WITHDRAW

    def treatment_from(self, *, internal: bool | None) -> Treatment:
        """Return what becomes of a malformed one (RFC 7606 sections 7.5, 7.9 and 7.10).

        Args:
            internal: whether an internal neighbour sent it, see `Form`.
        """
        if internal and self in INTERNAL_ONLY:
            return Treatment.WITHDRAW
        return self.treatment

    def flags_treatment_from(self, *, internal: bool | None) -> Treatment:
        """Return what becomes of one whose flags conflict with its type.

        RFC 7606 section 3 c withdraws the route unless the attribute's own RFC says otherwise:
        RFC 6793 section 6 discards AS4_PATH and AS4_AGGREGATOR, and from an external neighbour
        the attributes of internal ones are discarded whatever they are like.

        Args:
            internal: whether an internal neighbour sent it, see `Form`.
        """
        if self in _DISCARDED_FOR_FLAGS:
            return self.treatment_from(internal=internal)
        return Treatment.WITHDRAW


_WELL_KNOWN: Final = {
    AttributeType.ORIGIN,
    AttributeType.AS_PATH,
    AttributeType.NEXT_HOP,
    AttributeType.LOCAL_PREF,
    AttributeType.ATOMIC_AGGREGATE,
}
_NON_TRANSITIVE: Final = {
    AttributeType.MULTI_EXIT_DISC,
    AttributeType.ORIGINATOR_ID,
    AttributeType.CLUSTER_LIST,
    AttributeType.MP_REACH_NLRI,
    AttributeType.MP_UNREACH_NLRI,
}
_DISCARDED: Final = {
    AttributeType.LOCAL_PREF,
    AttributeType.ATOMIC_AGGREGATE,
    AttributeType.AGGREGATOR,
    AttributeType.ORIGINATOR_ID,
    AttributeType.CLUSTER_LIST,
    AttributeType.AS4_PATH,
    AttributeType.AS4_AGGREGATOR,
}
#: Types that count only if an internal neighbour sends them: an external one's are discarded.
INTERNAL_ONLY: Final = frozenset(
    {AttributeType.LOCAL_PREF, AttributeType.ORIGINATOR_ID, AttributeType.CLUSTER_LIST}
)
_DISCARDED_FOR_FLAGS: Final = {
    *INTERNAL_ONLY,
    AttributeType.AS4_PATH,
    AttributeType.AS4_AGGREGATOR,
}


@attrs.frozen
class RawAttribute:
    """An attribute that is kept as it stands.

    Attributes:
        flags: without the extended length bit, which only says how the length is written.
        type: the type code.
        value: its octets.
    """

    flags: int
    type: int
    value: bytes


@attrs.frozen
class Fault:
    """Why an attribute is malformed, and what RFC 7606 asks to do about it.

    Attributes:
        attribute: its name, `ATTRIBUTE_LIST` or `NLRI`.
        treatment: of the route or of the attribute.
        expected: what its RFC asks for.
        found: what stands there.
    """

    attribute: str
    treatment: Treatment
    expected: str
    found: str

    def __str__(self) -> str:
        """Return the sentence that a person reads."""
        return (
            f"{self.attribute}: expected {self.expected}, found {self.found} "
            f"({self.treatment.value})"
        )


#: The name in `Fault.attribute` for a list of attributes that overruns its end.
ATTRIBUTE_LIST: Final = "attribute-list"
#: The name there for prefixes of an UPDATE that cannot be read to the end of their field.
NLRI: Final = "NLRI"


def _families(add_path: bool | frozenset[Family]) -> frozenset[Family]:  # noqa: FBT001  # a converter
    if isinstance(add_path, bool):
        return ALL_FAMILIES if add_path else frozenset()
    return add_path


@attrs.frozen(cache_hash=True)
class Form:
    """How the octets of attributes are to be read.

    Attributes:
        as4: whether AS_PATH has four octets per AS; AS4_PATH and AS4_AGGREGATOR are then
            discarded (RFC 6793 section 4.1).
        in_rib: a RIB entry, where MP_REACH_NLRI may be short (RFC 6396 section 4.3.4) and, where
            it is not, its prefixes are not this entry's.
        add_path: families whose prefixes have path identifiers; True stands for all, False for
            none. An MRT subtype says all or none, two OPENs say which (see
            `peerlint.wire.capabilities`).
        internal: whether both sides of the session have one AS number, which decides what
            becomes of LOCAL_PREF, ORIGINATOR_ID and CLUSTER_LIST (RFC 7606 sections 7.5, 7.9 and
            7.10). None if that is not known, as in a RIB: then they count, and are discarded if
            they are malformed.
    """

    as4: bool = True
    in_rib: bool = False
    add_path: frozenset[Family] = attrs.field(default=frozenset(), converter=_families)
    internal: bool | None = None


#: AS numbers that stand for none in particular: two of them need not be one.
_NO_ASN: Final = (0, 23456)


def is_internal(peer_asn: int, local_asn: int) -> bool | None:
    """Return whether a session is internal, by the AS numbers of a record (RFC 4271 section 1.1).

    Returns:
        None if both are AS 0 or both are AS_TRANS (RFC 6793 section 9), which says nothing.
    """
    if peer_asn != local_asn:
        return False
    return None if peer_asn in _NO_ASN else True
