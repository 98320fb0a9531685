"""The inventory: what a partner declares."""

from peerlint.inventory.keys import Key
from peerlint.inventory.metro import Metro, metro, site
from peerlint.inventory.peering import (
    Attestation,
    Connection,
    DatedRib,
    Inventory,
    Lab,
    Peering,
    RegisteredAsn,
    RegisteredPrefix,
    Session,
    SessionRef,
    Waiver,
)
from peerlint.inventory.service import (
    Contact,
    PeerAsn,
    PeeringService,
    Provider,
    ServicePrefix,
)

__all__ = [
    "Attestation",
    "Connection",
    "Contact",
    "DatedRib",
    "Inventory",
    "Key",
    "Lab",
    "Metro",
    "PeerAsn",
    "Peering",
    "PeeringService",
    "Provider",
    "RegisteredAsn",
    "RegisteredPrefix",
    "ServicePrefix",
    "Session",
    "SessionRef",
    "Waiver",
    "metro",
    "site",
]
