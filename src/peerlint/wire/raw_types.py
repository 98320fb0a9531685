"""Path attributes that are kept raw, but checked as RFC 7606 asks."""

from __future__ import annotations

from collections.abc import Callable
from enum import IntEnum
from typing import Final

from peerlint.errors import WireError
from peerlint.wire.attribute_types import EXTENDED_LENGTH, OPTIONAL, TRANSITIVE, AttributeType

#: Octets of one IPv6 address specific extended community (RFC 5701 section 2).
_IPV6_COMMUNITY: Final = 20
#: Octets of the AS number that an ATTR_SET starts with (RFC 6368 section 5).
_ORIGIN_AS: Final = 4


class RawType(IntEnum):
    """Type codes whose values are kept raw, and checked; see `check_raw`."""

    IPV6_EXTENDED_COMMUNITIES = 25
    ATTR_SET = 128


#: The Optional and Transitive bits of both (RFC 5701 section 2, RFC 6368 section 5).
RAW_FLAGS: Final = OPTIONAL | TRANSITIVE
#: Types that are recognised; another one has to be optional (RFC 4271 section 6.3).
RECOGNISED: Final = frozenset((*map(int, AttributeType), *map(int, RawType)))
#: Their names.
NAMES: Final = {int(kind): kind.name for kind in (*AttributeType, *RawType)}


def check_raw(kind: int, value: bytes) -> None:
    """Check the value of an attribute that is kept raw.

    Args:
        kind: its type; one that is not a `RawType` passes.
        value: its octets.

    Raises:
        WireError: RFC 7606 section 7.15 or 7.16 asks to treat the route as withdrawn.
    """
    check = _CHECKS.get(kind)
    if check is not None:
        check(value)


def _check_ipv6_communities(value: bytes) -> None:
    if not value or len(value) % _IPV6_COMMUNITY:
        expected = f"a multiple of {_IPV6_COMMUNITY} octets, not 0"
        raise WireError(0, expected=expected, found=str(len(value)))


def _check_attr_set(value: bytes) -> None:
    """Check that whole attributes follow the AS number, to the end."""
    at, size = _ORIGIN_AS, len(value)
    while at < size:
        head = 4 if value[at] & EXTENDED_LENGTH else 3
        end = at + head + int.from_bytes(value[at + 2 : at + head])
        if at + head > size or end > size:
            break
        at = end
    if at != size:
        expected = "an AS number, and whole attributes to the end"
        raise WireError(0, expected=expected, found=f"{size} octets")


_CHECKS: Final[dict[int, Callable[[bytes], None]]] = {
    RawType.IPV6_EXTENDED_COMMUNITIES: _check_ipv6_communities,
    RawType.ATTR_SET: _check_attr_set,
}
