"""What Azure's exports say, as values."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

import attrs

from peerlint.inventory.peering import Connection, RegisteredAsn, RegisteredPrefix
from peerlint.inventory.service import PeerAsn, PeeringService, Provider, ServicePrefix
from peerlint.model import Asn
from peerlint.wording import counted

_Value = TypeVar("_Value")
#: Fields of `Export` that belong into an inventory, and what one of them is called.
_COUNTED: Final = {
    "peerings": "peering",
    "peer_asns": "peer ASN",
    "registered_prefixes": "registered prefix",
    "registered_asns": "registered ASN",
    "services": "peering service",
    "service_prefixes": "service prefix",
    "providers": "provider",
}


@attrs.frozen
class AzurePeering:
    """A peering as Azure has it: without what only a partner knows.

    Attributes:
        name: of the resource.
        subscription: that holds it.
        resource_group: that holds it.
        peer_asn: name of the PeerAsn resource that it refers to.
        peer_asn_subscription: that holds that resource.
        asn: the AS, where the peering itself says it.
        location: the metro.
        sku: name of the SKU.
        kind: "Direct" or "Exchange".
        network: directPeeringType.
        peering_service: whether it carries the service.
        provisioning_state: of the resource.
        connections: in Azure's order; their names are empty, for Azure has none.
    """

    name: str
    subscription: str | None = None
    resource_group: str | None = None
    peer_asn: str | None = None
    peer_asn_subscription: str | None = None
    asn: Asn | None = None
    location: str | None = None
    sku: str | None = None
    kind: str | None = None
    network: str | None = None
    peering_service: bool | None = None
    provisioning_state: str | None = None
    connections: tuple[Connection, ...] = ()


@attrs.frozen
class Child(Generic[_Value]):
    """A resource that belongs to another one.

    Attributes:
        value: the resource.
        parent: name of the other one; None if the export does not have it.
        resource_group: that holds both; None if the export does not have it.
        subscription: that holds the resource group; None if the export does not have it.
    """

    value: _Value
    parent: str | None = None
    resource_group: str | None = None
    subscription: str | None = None


@attrs.frozen
class ReceivedRoute:
    """A route that Microsoft says it received: no communities, no session, texts as they came.

    Attributes:
        prefix: the prefix.
        next_hop: the partner's address of the session.
        as_path: AS numbers, blanks between them; None where the export does not tell the path.
        origin_state: originAsValidationState, "the origin AS change information for the prefix".
        rpki_state: rpkiValidationState, of the prefix and the origin AS of the path.
        trust_anchor: whose ROA it is; "None" even where the state is Valid.
        timestamp: when it was received.
    """

    prefix: str
    next_hop: str | None = None
    as_path: str | None = None
    origin_state: str | None = None
    rpki_state: str | None = None
    trust_anchor: str | None = None
    timestamp: str | None = None


@attrs.frozen
class Export:
    """Everything that some files say, in their order.

    Attributes:
        peerings: see `AzurePeering`.
        peer_asns: associated AS numbers.
        registered_prefixes: with their peerings.
        registered_asns: with their peerings.
        services: peering services, without their prefixes.
        service_prefixes: with their services.
        providers: as Microsoft lists them.
        received: received routes.
        unfinished: files that end with a link to a next page.
        remarks: what had to be passed over, with its place.
        lost: how many items could not be read at all, whatever they were.
    """

    peerings: tuple[AzurePeering, ...] = ()
    peer_asns: tuple[PeerAsn, ...] = ()
    registered_prefixes: tuple[Child[RegisteredPrefix], ...] = ()
    registered_asns: tuple[Child[RegisteredAsn], ...] = ()
    services: tuple[PeeringService, ...] = ()
    service_prefixes: tuple[Child[ServicePrefix], ...] = ()
    providers: tuple[Provider, ...] = ()
    received: tuple[ReceivedRoute, ...] = ()
    unfinished: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    lost: int = 0

    @property
    def resources(self) -> str:
        """What there is of the inventory in it, counted: "2 peerings, 1 peer ASN"; or nothing."""
        found = ((len(getattr(self, field)), word) for field, word in _COUNTED.items())
        return ", ".join(counted(count, word) for count, word in found if count)
