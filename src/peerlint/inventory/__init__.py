"""The inventory: peerings, registrations and services as a partner declares them."""

from peerlint.inventory.keys import Key
from peerlint.inventory.metro import Metro, metro, site
from peerlint.inventory.peering import (
    Connection,
    DatedRib,
    Inventory,
    Lab,
    Peering,
    RegisteredAsn,
    RegisteredPrefix,
    Session,
    SessionRef,
)
from peerlint.inventory.service import (
    Contact,
    PeerAsn,
    PeeringService,
    Provider,
    ServicePrefix,
)
from peerlint.inventory.statements import Attestation, MaintenanceWindow, Waiver

__all__ = [
    "Attestation",
    "Connection",
    "Contact",
    "DatedRib",
    "Inventory",
    "Key",
    "Lab",
    "MaintenanceWindow",
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
