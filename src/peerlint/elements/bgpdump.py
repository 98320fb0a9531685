"""Format elements as lines of `bgpdump -m`, the format that most tools read.

Fields are written as Debian's bgpdump 1.6.2 writes them. Where that is wrong,
docs/reference/deviations.md documents the difference.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from peerlint.elements.element import Element
from peerlint.model import Community, Prefix
from peerlint.wire.attributes import Attributes
from peerlint.wire.mrt import EXTENDED_TYPES, MrtType
from peerlint.wire.reach import IPAddress

_FORMATS: Final = {
    MrtType.TABLE_DUMP: "TABLE_DUMP",
    MrtType.TABLE_DUMP_V2: "TABLE_DUMP2",
    MrtType.BGP4MP: "BGP4MP",
    MrtType.BGP4MP_ET: "BGP4MP_ET",
}
_ORIGINS: Final[dict[int | None, str]] = {0: "IGP", 1: "EGP"}
_OTHER_ORIGIN: Final = "INCOMPLETE"
#: Written if there is no next hop.
_NO_NEXT_HOP: Final = "255.255.255.255"
_MALFORMED_PATH: Final = "! Error !"
_COMMUNITY_NAMES: Final = {
    0xFFFFFF01: "no-export",
    0xFFFFFF02: "no-advertise",
    0xFFFFFF03: "local-AS",
}
_MEMO: Final = 1 << 13
_FEW: Final = 32


def bgpdump_line(element: Element) -> str:
    """Return the element as one line, without a line break."""
    head = f"{_format(element)}|{_time(element)}|{element.kind}|{_peer(element)}"
    if element.states is not None:
        old, new = element.states
        return f"{head}|{old}|{new}"
    if element.nlri is None:
        raise AssertionError(element)
    line = f"{head}|{_prefix(element.nlri.prefix)}"
    if element.add_path:
        line = f"{line}|{element.nlri.path_id}"
    if element.attributes is None:
        return line
    hop = _NO_NEXT_HOP if element.next_hop is None else _address(element.next_hop)
    before, after = _attributes(element.attributes)
    return f"{line}|{before}|{hop}|{after}"


def _format(element: Element) -> str:
    name = _FORMATS[MrtType(element.header.type)]
    return f"{name}{'_LOCAL' if element.sent else ''}{'_AP' if element.add_path else ''}"


def _time(element: Element) -> str:
    seconds, microseconds = divmod(element.header.timestamp, 1_000_000)
    if element.header.type in EXTENDED_TYPES:
        return f"{seconds}.{microseconds:06}"
    return str(seconds)


def _peer(element: Element) -> str:
    return f"{_address(element.peer.address)}|{element.peer.asn}"


def _attributes(attributes: Attributes) -> tuple[str, str]:
    """Return the fields before the next hop, and those after it."""
    reach, unreach = attributes.mp_reach, attributes.mp_unreach
    prefixes = sum(len(field.nlri) for field in (reach, unreach) if field is not None)
    # A cached value keeps all of its prefixes in memory.
    return (_fields if prefixes <= _FEW else _fields.__wrapped__)(attributes)


@lru_cache(_MEMO)
def _fields(attributes: Attributes) -> tuple[str, str]:
    aggregator = attributes.best_aggregator
    path = _MALFORMED_PATH if "AS_PATH" in attributes.malformed else str(attributes.path)
    origin = _ORIGINS.get(attributes.origin, _OTHER_ORIGIN)
    fields = (
        str(attributes.local_pref or 0),
        str(attributes.med or 0),
        " ".join(map(_community, attributes.communities)),
        "AG" if attributes.atomic_aggregate else "NAG",
        "" if aggregator is None else f"{aggregator.asn} {aggregator.address}",
        "",
    )
    return f"{path}|{origin}", "|".join(fields)


def _community(community: Community) -> str:
    name = _COMMUNITY_NAMES.get(community.number)
    return name or f"{community.number >> 16}:{community.number & 0xFFFF}"


@lru_cache(_MEMO)
def _address(address: IPAddress) -> str:
    """Return an address as bgpdump writes it.

    IPv4-mapped addresses are dotted, and so is every number of up to 32 bits except `::` and `::1`.
    A single group of zeros is shortened too, which RFC 5952 section 4.2.2 forbids.
    """
    text = str(address)
    if isinstance(address, IPv4Address):
        return text
    number = int(address)
    if number >> 32 == 0xFFFF:
        return f"::ffff:{IPv4Address(number & 0xFFFFFFFF)}"
    if 1 < number <= 0xFFFFFFFF:
        return f"::{IPv4Address(number)}"
    groups = text.split(":")
    if len(groups) == 8 and "0" in groups and "" not in groups:
        at = groups.index("0")
        return f"{':'.join(groups[:at])}::{':'.join(groups[at + 1 :])}"
    return text


def _prefix(prefix: Prefix) -> str:
    if prefix.family == 4:
        return str(prefix)
    return f"{_address(IPv6Address(prefix.first))}/{prefix.length}"
