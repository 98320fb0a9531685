"""Check whether the routes you announce to Microsoft (AS8075) meet Azure Peering Service's rules.

::

    import peerlint

    inventory = peerlint.load_inventory("peering.toml")
    report = peerlint.check(inventory, ribs=["edge1.mrt.gz"])
    report.ok, report.findings, report.prefix("203.0.113.0/24").state
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from peerlint.api.azure import Imported, import_azure, load_azure
    from peerlint.api.checks import check, check_without
    from peerlint.api.dumps import Elements, dump
    from peerlint.api.inventories import load_inventory
    from peerlint.api.routes import check_route
    from peerlint.api.scans import Scan, scan
    from peerlint.bulk import COMPILED, Quality, RouteBatch, Tally
    from peerlint.elements import Element, Selection
    from peerlint.errors import (
        ConcurrentUseError,
        DamageError,
        ExportError,
        FeedError,
        InputError,
        InventoryError,
        PeerlintError,
        ProfileError,
        WireError,
    )
    from peerlint.inventory import Inventory
    from peerlint.model import (
        Asn,
        AsPath,
        Community,
        Criteria,
        ExtendedCommunity,
        Fact,
        LargeCommunity,
        Prefix,
        Route,
        View,
        Viewpoint,
        facts,
    )
    from peerlint.report.sentence import sentence
    from peerlint.results import Finding, Outcome, Report, Severity, State

__version__: Final = "0.1.0"

__all__ = [
    "COMPILED",
    "AsPath",
    "Asn",
    "Community",
    "ConcurrentUseError",
    "Criteria",
    "DamageError",
    "Element",
    "Elements",
    "ExportError",
    "ExtendedCommunity",
    "Fact",
    "FeedError",
    "Finding",
    "Imported",
    "InputError",
    "Inventory",
    "InventoryError",
    "LargeCommunity",
    "Outcome",
    "PeerlintError",
    "Prefix",
    "ProfileError",
    "Quality",
    "Report",
    "Route",
    "RouteBatch",
    "Scan",
    "Selection",
    "Severity",
    "State",
    "Tally",
    "View",
    "Viewpoint",
    "WireError",
    "__version__",
    "check",
    "check_route",
    "check_without",
    "dump",
    "facts",
    "import_azure",
    "load_azure",
    "load_inventory",
    "scan",
    "sentence",
]

# Packages are imported when one of their names is used, so that `import peerlint` is fast.
_NAMES: Final = {
    "peerlint.api.azure": ("Imported", "import_azure", "load_azure"),
    "peerlint.api.checks": ("check", "check_without"),
    "peerlint.api.dumps": ("Elements", "dump"),
    "peerlint.api.inventories": ("load_inventory",),
    "peerlint.api.routes": ("check_route",),
    "peerlint.api.scans": ("Scan", "scan"),
    "peerlint.bulk": ("COMPILED", "Quality", "RouteBatch", "Tally"),
    "peerlint.elements": ("Element", "Selection"),
    "peerlint.errors": (
        "ConcurrentUseError", "DamageError", "ExportError", "FeedError", "InputError",
        "InventoryError", "PeerlintError", "ProfileError", "WireError",
    ),
    "peerlint.inventory": ("Inventory",),
    "peerlint.model": (
        "AsPath", "Asn", "Community", "Criteria", "ExtendedCommunity", "Fact", "LargeCommunity",
        "Prefix", "Route", "View", "Viewpoint", "facts",
    ),
    "peerlint.report.sentence": ("sentence",),
    "peerlint.results": ("Finding", "Outcome", "Report", "Severity", "State"),
}  # fmt: skip
_MODULE_OF: Final = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import the module of a public name, and return its value."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
