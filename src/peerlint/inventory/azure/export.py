"""The values of Azure's exports."""

from __future__ import annotations

from typing import Final, Generic, TypeVar

import attrs

from peerlint.inventory.peering import Connection, RegisteredAsn, RegisteredPrefix
from peerlint.inventory.service import PeerAsn, PeeringService, Provider, ServicePrefix
from peerlint.model import Asn
from peerlint.wording import counted

_Value = TypeVar("_Value")
#: The fields of `Export` that belong into an inventory, and the noun for one of their values.
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
    """A peering as Azure has it, without the values that only a partner knows.

    Attributes:
        name: the name of the resource.
        subscription: the subscription of the resource.
        resource_group: the resource group of the resource.
        peer_asn: the name of the PeerAsn resource that it refers to.
        peer_asn_subscription: the subscription of that resource.
        asn: the AS number, if the peering itself contains it.
        location: the metro.
        sku: the name of the SKU.
        kind: "Direct" or "Exchange".
        network: directPeeringType.
        peering_service: whether it carries Peering Service.
        provisioning_state: the provisioning state of the resource.
        connections: in Azure's order; their names are empty, because Azure has no names for them.
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
        parent: the name of the other resource; None if it is not known.
        resource_group: the resource group of both; None if it is not known.
        subscription: the subscription of both; None if it is not known.
    """

    value: _Value
    parent: str | None = None
    resource_group: str | None = None
    subscription: str | None = None


@attrs.frozen
class ReceivedRoute:
    """A route that Microsoft received. Azure exports neither communities nor the session.

    Attributes:
        prefix: the prefix.
        next_hop: the next hop, which is the partner's address of the session.
        as_path: AS numbers, separated by blanks; None if the export does not have the path.
        origin_state: originAsValidationState, "the origin AS change information for the prefix".
        rpki_state: rpkiValidationState, for the prefix and the origin AS of the path.
        trust_anchor: the trust anchor of the ROA; "None" also if the state is Valid.
        timestamp: the time at which it was received.
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
    """The resources of some files, in the order of the files.

    Attributes:
        peerings: the peerings.
        peer_asns: the PeerAsn resources.
        registered_prefixes: the registered prefixes, with their peerings.
        registered_asns: the registered AS numbers, with their peerings.
        services: the peering services, without their prefixes.
        service_prefixes: the service prefixes, with their peering services.
        providers: the partners that Microsoft lists.
        received: the received routes.
        unfinished: the names of files whose last page links to a next page.
        remarks: what was ignored, with its place in the files.
        lost: the number of items that could not be read.
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
        """A summary of the resources, such as "2 peerings, 1 peer ASN"; empty if there are none."""
        found = ((len(getattr(self, field)), word) for field, word in _COUNTED.items())
        return ", ".join(counted(count, word) for count, word in found if count)
