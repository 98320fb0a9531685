"""What registries (IRRs, RPKI) say of routes and AS numbers, in one file that is quickly opened.

`Registry` answers; `build` writes the file from the columns that readers make. This package opens
nothing: `peerlint.feeds.registry_file` does.
"""

from peerlint.registry.build import RegistryInputs, build
from peerlint.registry.columns import AutNumColumns, Prefixes, RouteColumns, VrpColumns
from peerlint.registry.from_records import aut_num_columns, route_columns, vrp_columns
from peerlint.registry.origin_evidence import OriginEvidence
from peerlint.registry.records import (
    AutNum,
    OriginRecords,
    OriginRoutes,
    RouteObject,
    SourceInfo,
    SourceKind,
    Vrp,
)
from peerlint.registry.registry import Announcements, OriginValidator, Registry
from peerlint.registry.scope import Asked
from peerlint.registry.states import OriginState, RouteObjectState
from peerlint.registry.validity import Validity, ValidityReason

__all__ = [
    "Announcements",
    "Asked",
    "AutNum",
    "AutNumColumns",
    "OriginEvidence",
    "OriginRecords",
    "OriginRoutes",
    "OriginState",
    "OriginValidator",
    "Prefixes",
    "Registry",
    "RegistryInputs",
    "RouteColumns",
    "RouteObject",
    "RouteObjectState",
    "SourceInfo",
    "SourceKind",
    "Validity",
    "ValidityReason",
    "Vrp",
    "VrpColumns",
    "aut_num_columns",
    "build",
    "route_columns",
    "vrp_columns",
]
