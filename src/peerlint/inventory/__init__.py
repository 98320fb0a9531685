"""The inventory: what a partner declares."""

from peerlint.inventory.peering import (
    Attestation,
    Connection,
    Inventory,
    Lab,
    Peering,
    RegisteredAsn,
    RegisteredPrefix,
    Session,
    SessionPlace,
)

__all__ = [
    "Attestation",
    "Connection",
    "Inventory",
    "Lab",
    "Peering",
    "RegisteredAsn",
    "RegisteredPrefix",
    "Session",
    "SessionPlace",
]
