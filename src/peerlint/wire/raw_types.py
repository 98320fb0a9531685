"""Path attributes whose values are not decoded, but are checked as RFC 7606 requires."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Final

from peerlint.errors import WireError
from peerlint.wire.attribute_bounds import end_of_attributes
from peerlint.wire.attribute_types import OPTIONAL, TRANSITIVE, AttributeType

#: Octets in one IPv6 address specific extended community (RFC 5701 section 2).
_IPV6_COMMUNITY: Final = 20
#: Octets of the AS number that an ATTR_SET starts with (RFC 6368 section 5).
_ORIGIN_AS: Final = 4


class RawType(IntEnum):
    """Type codes of attributes that are kept as octets and checked by `check_raw`."""

    IPV6_EXTENDED_COMMUNITIES = 25
    ATTR_SET = 128


#: The Optional and Transitive bits of both types (RFC 5701 section 2, RFC 6368 section 5).
RAW_FLAGS: Final = OPTIONAL | TRANSITIVE
#: Types that are recognised; any other attribute must be optional (RFC 4271 section 6.3).
RECOGNISED: Final = frozenset((*map(int, AttributeType), *map(int, RawType)))
#: The names of the recognised types, by type code.
NAMES: Final = {int(kind): kind.name for kind in (*AttributeType, *RawType)}


def check_raw(kind: int, value: bytes) -> None:
    """Check the value of an attribute that is not decoded.

    Args:
        kind: the type code; a type that is not a `RawType` passes.
        value: the octets of the value.

    Raises:
        WireError: RFC 7606 section 7.15 or 7.16 requires treat-as-withdraw.
    """
    check = _CHECKS.get(kind)
    if check is not None:
        check(value)


def _check_ipv6_communities(value: bytes) -> None:
    if not value or len(value) % _IPV6_COMMUNITY:
        expected = f"a multiple of {_IPV6_COMMUNITY} octets, not 0"
        raise WireError(0, expected=expected, found=str(len(value)))


def _check_attr_set(value: bytes) -> None:
    """Check that the value is an AS number followed by whole attributes."""
    size = len(value)
    if end_of_attributes(value, _ORIGIN_AS, size) != size:
        expected = "an AS number, and whole attributes to the end"
        raise WireError(0, expected=expected, found=f"{size} octets")


_CHECKS: Final[dict[int, Callable[[bytes], None]]] = {
    RawType.IPV6_EXTENDED_COMMUNITIES: _check_ipv6_communities,
    RawType.ATTR_SET: _check_attr_set,
}
