"""Convert elements to JSON objects, with the field names of bgpkit."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address
from typing import Final

from peerlint.elements.element import Element, Kind
from peerlint.wire.attributes import Attributes
from peerlint.wire.mrt import MrtType
from peerlint.wire.reach import IPAddress

Json = dict[str, object]

_NO_ID: Final = IPv4Address(0)
#: The letters of bgpreader.
_TYPES: Final = {Kind.RIB: "R", Kind.ANNOUNCE: "A", Kind.WITHDRAW: "W", Kind.STATE: "S"}
_SAFIS: Final = {1: "unicast", 2: "multicast"}
_ORIGINS: Final = {0: "IGP", 1: "EGP", 2: "INCOMPLETE"}
_STATES: Final = {
    1: "Idle", 2: "Connect", 3: "Active", 4: "OpenSent", 5: "OpenConfirm", 6: "Established",
    7: "Clearing", 8: "Deleted",  # of Quagga, in no RFC
}  # fmt: skip


def element_data(element: Element, file: str | None = None) -> Json:
    """Return an element as a JSON object; fields that its kind does not have are omitted.

    A number or address that a route does not carry is null, never 0.

    Args:
        element: the element.
        file: the name of the dump, as the user gave it; None to omit it.
    """
    data: Json = {} if file is None else {"file": file}
    data |= {
        "timestamp": element.header.timestamp / 1_000_000,
        "elem_type": _TYPES[element.kind],
        "record_type": MrtType(element.header.type).name,
        "record": element.record,
        "peer_ip": _text(element.peer.address),
        "peer_asn": element.peer.asn,
        "peer_bgp_id": _text(element.peer.bgp_id) if element.peer.bgp_id != _NO_ID else None,
        "sent": element.sent,
    }
    if element.states is not None:
        old, new = element.states
        return data | {"old_state": _state(old), "new_state": _state(new)}
    if element.nlri is None or element.safi is None:
        raise AssertionError(element)
    data |= {
        "prefix": str(element.nlri.prefix),
        "safi": _SAFIS[element.safi],
        "path_id": element.nlri.path_id,
    }
    if element.attributes is None:
        return data
    data["originated"] = element.originated
    data["next_hop"] = _text(element.next_hop)
    data |= _attributes(element.attributes)
    data["malformed"] = list(element.malformed)
    data["faults"] = list(map(str, element.attributes.faults))
    return data


def _attributes(attributes: Attributes) -> Json:
    path, aggregator = attributes.path, attributes.best_aggregator
    origin = attributes.origin
    return {
        "as_path": None if attributes.as_path is None else str(path),
        "origin_asns": sorted(path.origins),
        "origin": None if origin is None else _ORIGINS[origin],
        "local_pref": attributes.local_pref,
        "med": attributes.med,
        "communities": list(map(str, attributes.communities)),
        "large_communities": list(map(str, attributes.large_communities)),
        "ext_communities": list(map(str, attributes.extended_communities)),
        "atomic": attributes.atomic_aggregate,
        "aggr_asn": None if aggregator is None else aggregator.asn,
        "aggr_ip": None if aggregator is None else str(aggregator.address),
        "originator_id": _text(attributes.originator_id),
        "cluster_list": list(map(str, attributes.cluster_list)),
        "only_to_customer": attributes.only_to_customer,
        "raw_attributes": [
            {"type": raw.type, "flags": raw.flags, "value": raw.value.hex()}
            for raw in attributes.others
        ],
    }


def _text(address: IPAddress | None) -> str | None:
    """Format an address; IPv4-mapped ones are dotted (RFC 5952 section 5), as in Python 3.13."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        return f"::ffff:{address.ipv4_mapped}"
    return None if address is None else str(address)


def _state(number: int) -> str | int:
    return _STATES.get(number, number)
