"""VRPs from a cache over RTR (RFC 8210): a router's side of the protocol, without a socket."""

from peerlint.registry.rtr.events import (
    CacheLost,
    CacheRemark,
    RtrEvent,
    VrpsExpired,
    VrpsReceived,
)
from peerlint.registry.rtr.limits import SessionLimits
from peerlint.registry.rtr.number import DataNumber
from peerlint.registry.rtr.session import RtrSession
from peerlint.registry.rtr.vrps import DeltaError, VrpSet

__all__ = [
    "CacheLost",
    "CacheRemark",
    "DataNumber",
    "DeltaError",
    "RtrEvent",
    "RtrSession",
    "SessionLimits",
    "VrpSet",
    "VrpsExpired",
    "VrpsReceived",
]
