"""What stands beside the peerings: associated AS numbers, peering services, their providers."""

from __future__ import annotations

from functools import cached_property

import attrs

from peerlint.errors import InputError
from peerlint.inventory.keys import Key
from peerlint.model import Asn, Prefix


@attrs.frozen
class Contact:
    """Whom Microsoft calls.

    Attributes:
        role: "Noc", "Policy", "Technical" ...; None if it is not known.
        email: where to write.
        phone: where to call.
    """

    role: str | None = None
    email: str | None = None
    phone: str | None = None


@attrs.frozen
class PeerAsn:
    """An AS number that is associated with an Azure subscription (the PeerAsn resource).

    Attributes:
        name: the resource's name.
        asn: the AS.
        peer_name: whose it is, as in PeeringDB.
        state: Azure's validationState; None if it is not known.
        error: Azure's errorMessage.
        subscription: that holds the resource.
        contacts: in the order of the file.
    """

    name: str
    asn: Asn
    peer_name: str | None = None
    state: str | None = None
    error: str | None = None
    subscription: str | None = None
    contacts: tuple[Contact, ...] = ()


@attrs.frozen
class ServicePrefix:
    """A prefix that a customer activates.

    Attributes:
        prefix: the text as it goes into the portal, right or wrong.
        name: the resource's name.
        key: of the registered prefix, or at a route server of the registered ASN.
        state: Azure's prefixValidationState; None if it is not known.
        learned_type: how Microsoft learned it; "None" until it is activated.
        error: Azure's errorMessage.
    """

    prefix: str
    name: str | None = None
    key: Key | None = None
    state: str | None = None
    learned_type: str | None = None
    error: str | None = None

    @cached_property
    def parsed(self) -> Prefix | None:
        """The prefix with bits right of the mask cleared, None if the text is no prefix."""
        try:
            return Prefix.parse_relaxed(self.prefix)
        except InputError:
            return None


@attrs.frozen
class PeeringService:
    """One peering service resource (a "Peering Service connection" of the portal).

    Attributes:
        name: unique in the inventory.
        location: the customer's country or state.
        provider: the partner, as Microsoft lists it.
        primary: the metro where traffic enters (providerPrimaryPeeringLocation).
        backup: the metro where it enters otherwise; None for none.
        subscription: that holds the resource.
        service_prefixes: in the order of the file.
    """

    name: str
    location: str | None = None
    provider: str | None = None
    primary: str | None = None
    backup: str | None = None
    subscription: str | None = None
    service_prefixes: tuple[ServicePrefix, ...] = ()


@attrs.frozen
class Provider:
    """A partner as Microsoft lists it.

    Attributes:
        name: as a peering service has to spell it.
        locations: the metros that it offers.
    """

    name: str
    locations: tuple[str, ...] = ()
