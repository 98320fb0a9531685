"""Types of path attributes, their flags, and the treatment of malformed ones."""

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
    """How a receiver treats a malformed attribute (RFC 7606 section 2)."""

    WITHDRAW = "treat-as-withdraw"
    DISCARD = "attribute discard"


class AttributeType(IntEnum):
    """Type codes of the attributes that are decoded; all others are kept as octets."""

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
        """The Optional and Transitive bits that its RFC requires."""
        if self in _WELL_KNOWN:
            return TRANSITIVE
        return OPTIONAL if self in _NON_TRANSITIVE else OPTIONAL | TRANSITIVE

    @property
    def treatment(self) -> Treatment:
        """The treatment of a malformed attribute received on an external session.

        RFC 7606 section 7, RFC 6793 section 6 (AS4_*), RFC 9234 section 5 (ONLY_TO_CUSTOMER).
        """
        return Treatment.DISCARD if self in _DISCARDED else Treatment.WITHDRAW

    def treatment_from(self, *, internal: bool | None) -> Treatment:
        """Return the treatment of a malformed attribute (RFC 7606 sections 7.5, 7.9 and 7.10).

        Args:
            internal: whether an internal neighbour sent it; see `Form`.
        """
        if internal and self in INTERNAL_ONLY:
            return Treatment.WITHDRAW
        return self.treatment

    def flags_treatment_from(self, *, internal: bool | None) -> Treatment:
        """Return the treatment of an attribute whose flags conflict with its type.

        RFC 7606 section 3 c requires treat-as-withdraw unless the attribute's own RFC says
        otherwise. RFC 6793 section 6 discards AS4_PATH and AS4_AGGREGATOR. The attributes of
        internal sessions are always discarded if an external neighbour sends them.

        Args:
            internal: whether an internal neighbour sent it; see `Form`.
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
#: Types that are valid on internal sessions only; a receiver discards them on external ones.
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
    """An attribute that is not decoded.

    Attributes:
        flags: the flags without the extended length bit, which only affects the encoding.
        type: the type code.
        value: the octets of the value.
    """

    flags: int
    type: int
    value: bytes


@attrs.frozen
class Fault:
    """An error in an attribute, and how a receiver treats it (RFC 7606).

    Attributes:
        attribute: the attribute's name, `ATTRIBUTE_LIST` or `NLRI`.
        treatment: treat-as-withdraw or attribute discard.
        expected: what the attribute's RFC requires.
        found: what the message has.
    """

    attribute: str
    treatment: Treatment
    expected: str
    found: str

    def __str__(self) -> str:
        """Return the fault as a sentence."""
        return (
            f"{self.attribute}: expected {self.expected}, found {self.found} "
            f"({self.treatment.value})"
        )


#: The value of `Fault.attribute` for a list of attributes that overruns its end.
ATTRIBUTE_LIST: Final = "attribute-list"
#: The value of `Fault.attribute` for prefixes that cannot all be read.
NLRI: Final = "NLRI"


def _families(add_path: bool | frozenset[Family]) -> frozenset[Family]:  # noqa: FBT001  # a converter
    if isinstance(add_path, bool):
        return ALL_FAMILIES if add_path else frozenset()
    return add_path


@attrs.frozen(cache_hash=True)
class Form:
    """The encoding of path attributes, which their octets alone do not show.

    Attributes:
        as4: whether AS_PATH has four octets per AS. If so, AS4_PATH and AS4_AGGREGATOR are
            discarded (RFC 6793 section 4.1).
        in_rib: whether the attributes are those of a RIB entry. There, MP_REACH_NLRI may be in the
            short form (RFC 6396 section 4.3.4), and the prefixes of its full form are ignored.
        add_path: the address families whose prefixes have path identifiers; True means all, False
            none. An MRT subtype says all or none; two OPENs say which (see
            `peerlint.wire.capabilities`).
        internal: whether both sides of the session have the same AS number, which decides the
            treatment of LOCAL_PREF, ORIGINATOR_ID and CLUSTER_LIST (RFC 7606 sections 7.5, 7.9 and
            7.10). None if that is not known, as in a RIB: then they are read, and discarded if they
            are malformed.
    """

    as4: bool = True
    in_rib: bool = False
    add_path: frozenset[Family] = attrs.field(default=frozenset(), converter=_families)
    internal: bool | None = None


#: AS numbers that identify no AS: two equal ones need not be the same AS.
_NO_ASN: Final = (0, 23456)


def is_internal(peer_asn: int, local_asn: int) -> bool | None:
    """Return whether the AS numbers of a record are those of an internal session.

    Returns:
        True if the AS numbers are equal (RFC 4271 section 1.1). None if both are AS 0 or both are
        AS_TRANS (RFC 6793 section 9): then it is not known.
    """
    if peer_asn != local_asn:
        return False
    return None if peer_asn in _NO_ASN else True
