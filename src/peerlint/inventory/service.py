"""Values beside the peerings: associated AS numbers, peering services and their providers."""

from __future__ import annotations

from functools import cached_property

import attrs

from peerlint.errors import InputError
from peerlint.inventory.keys import Key
from peerlint.model import Asn, Prefix


@attrs.frozen
class Contact:
    """A contact of an AS.

    Attributes:
        role: "Noc", "Policy", "Technical" ...; None if it is not known.
        email: the email address.
        phone: the telephone number.
    """

    role: str | None = None
    email: str | None = None
    phone: str | None = None


@attrs.frozen
class PeerAsn:
    """An AS number that is associated with an Azure subscription (the PeerAsn resource).

    Attributes:
        name: the name of the resource.
        asn: the AS number.
        peer_name: the name of the AS's owner, as in PeeringDB.
        state: Azure's validationState; None if it is not known.
        error: Azure's errorMessage.
        subscription: the subscription of the resource.
        contacts: the contacts of the AS.
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
        prefix: the prefix as entered in the portal, which may be invalid.
        name: the name of the resource.
        key: the key of the registered prefix, or of the registered ASN at a route server.
        state: Azure's prefixValidationState; None if it is not known.
        learned_type: how Microsoft learned the prefix (learnedType); "None" until it is activated.
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
        """The prefix with bits right of the mask cleared; None if the text is not a prefix."""
        try:
            return Prefix.parse_relaxed(self.prefix)
        except InputError:
            return None


@attrs.frozen
class PeeringService:
    """One peering service resource (a "Peering Service connection" of the portal).

    Attributes:
        name: the name, unique in the inventory.
        location: the customer's country or state.
        provider: the partner's name, as Microsoft lists it.
        primary: the metro where traffic enters (providerPrimaryPeeringLocation).
        backup: the metro where traffic enters if the primary one fails; None for none.
        subscription: the subscription of the resource.
        service_prefixes: the prefixes that the customer activates.
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
        name: the name, as a peering service has to write it.
        locations: the metros that the partner offers.
    """

    name: str
    locations: tuple[str, ...] = ()
