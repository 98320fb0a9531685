"""Recognise the kind of an item in an export, and take resource ids apart."""

from __future__ import annotations

from enum import StrEnum
from itertools import pairwise
from typing import Final

from peerlint.inventory.azure.shapes import Fields

#: The last part of resource types and ids in lower case, and the field of `Export` for each.
_TYPES: Final = {
    "peerings": "peerings",
    "peerasns": "peer_asns",
    "registeredprefixes": "registered_prefixes",
    "registeredasns": "registered_asns",
    "peeringservices": "services",
    "prefixes": "service_prefixes",
    "peeringserviceproviders": "providers",
}
#: How to recognise an item without type and id: the first row of which it has a field.
_TYPICAL_FIELDS: Final = (
    ("received", ("nextHop", "asPath", "receivedTimestamp")),
    ("providers", ("serviceProviderName",)),
    ("peerings", ("direct", "exchange", "directPeerAsnId", "exchangePeerAsnId", "peeringLocation")),
    ("peer_asns", ("peerContactDetail", "peerName")),
    ("services", ("peeringServiceLocation", "peeringServiceProvider")),
    ("service_prefixes", ("learnedType",)),
    ("registered_prefixes", ("prefixValidationState", "prefix")),
    ("registered_asns", ("asn",)),
)


def kind_of(fields: Fields) -> str | None:
    """Return the field of `Export` that an item belongs to; None if the item is unknown."""
    kind = fields.text("type")
    if kind is not None and "/" in kind:
        end = kind.rpartition("/")[2].casefold()
        return _TYPES.get(end) if kind.casefold().startswith("microsoft.peering/") else None
    parts = [part.casefold() for part in (fields.text("id") or "").split("/")]
    if "microsoft.peering" in parts:
        return _TYPES.get(parts[-2])
    for found, names in _TYPICAL_FIELDS:
        if fields.has_any(*names):
            return found
    return None


class Part(StrEnum):
    """The parts of a resource id that precede a name, in lower case."""

    SUBSCRIPTION = "subscriptions"
    GROUP = "resourcegroups"
    PEERING = "peerings"
    SERVICE = "peeringservices"
    PEER_ASN = "peerasns"


def name_in(id_: str | None, part: Part) -> str | None:
    """Return the name after a part of `/subscriptions/S/resourceGroups/G/.../peerings/P`."""
    words = (id_ or "").split("/")
    for word, name in pairwise(words):
        if word.casefold() == part:
            return name or None
    return None
