"""Delegations of AS numbers and addresses: the RIRs' statistics files and the NRO's joint one."""

from peerlint.registry.delegated.blocks import (
    RIRS,
    AddressBlocks,
    AsnBlocks,
    Delegation,
    DelegationStatus,
)
from peerlint.registry.delegated.lookup import (
    AddressIndex,
    delegations_of_asn,
    delegations_of_prefix,
    sorted_addresses,
    sorted_asns,
)
from peerlint.registry.delegated.reader import Delegations, read_delegated

__all__ = [
    "RIRS",
    "AddressBlocks",
    "AddressIndex",
    "AsnBlocks",
    "Delegation",
    "DelegationStatus",
    "Delegations",
    "delegations_of_asn",
    "delegations_of_prefix",
    "read_delegated",
    "sorted_addresses",
    "sorted_asns",
]
