"""Addresses and networks of `ipaddress` and `netaddr`, as arguments."""

from __future__ import annotations

import sys
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Address,
    IPv6Interface,
    IPv6Network,
)
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    import netaddr

    #: What can be parsed as a prefix: text, or a network of another package.
    PrefixLike: TypeAlias = (
        str | IPv4Network | IPv6Network | IPv4Interface | IPv6Interface | netaddr.IPNetwork
    )
    #: What can be parsed as an address.
    AddressLike: TypeAlias = str | IPv4Address | IPv6Address | netaddr.IPAddress

_NETWORKS: Final = (IPv4Network, IPv6Network, IPv4Interface, IPv6Interface)


def network_text(value: object) -> object:
    """Return a network of another package as text, anything else unchanged.

    The text has all bits of the address, so that those right of the mask are found.
    """
    if isinstance(value, str):  # the fast path
        return value
    return (
        str(value) if isinstance(value, _NETWORKS) or _is_of_netaddr(value, "IPNetwork") else value
    )


def address_text(value: object) -> object:
    """Return an address of another package as text, anything else unchanged.

    An interface has a mask besides its address, so that it is no address.
    """
    if isinstance(value, (IPv4Interface, IPv6Interface)):
        return value
    is_address = isinstance(value, (IPv4Address, IPv6Address))
    return str(value) if is_address or _is_of_netaddr(value, "IPAddress") else value


def _is_of_netaddr(value: object, name: str) -> bool:
    # Not imported: who has such a value has imported it, and it takes long for those who have none.
    package = sys.modules.get("netaddr")
    return package is not None and isinstance(value, getattr(package, name))
