"""peerlint: will the routes that you show to Microsoft (AS8075) pass Azure Peering Service?

::

    import peerlint

    inventory = peerlint.load_inventory("peering.toml")
    report = peerlint.check(inventory, ribs=["edge1.mrt.gz"])
    report.ok, report.findings, report.prefix("203.0.113.0/24").state
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Final

from peerlint._version import __version__

if TYPE_CHECKING:
    from peerlint.api.archives import archive_feed
    from peerlint.api.azure import Imported, import_azure, load_azure
    from peerlint.api.bgpstream import from_bgpstream
    from peerlint.api.bmp import bmp_feed
    from peerlint.api.checks import check, check_without
    from peerlint.api.dumps import DumpLines, Elements, dump, dump_lines
    from peerlint.api.encoders import RouteEncoder, route_encoder
    from peerlint.api.feeds import FeedInput
    from peerlint.api.inventories import (
        InventoryLines,
        load_inventory,
        load_inventory_lines,
        unfilled_places,
    )
    from peerlint.api.keys import list_keys, render_keys
    from peerlint.api.live import (
        bgpstream_feed,
        exabgp_feed,
        folder_feed,
        ris_live_feed,
    )
    from peerlint.api.profiles import inventory_template, list_profiles, load_profile
    from peerlint.api.registry import Registry
    from peerlint.api.registry_build import build_registry
    from peerlint.api.registry_show import render_registry, show_registry
    from peerlint.api.remarks import source_remarks
    from peerlint.api.rendering import render_report, render_what_if
    from peerlint.api.replay_texts import render_replay
    from peerlint.api.replaying import Replay, ReplaySummary, replay
    from peerlint.api.reports import (
        compare_reports,
        explain_subject,
        load_report,
        render_difference,
    )
    from peerlint.api.routes import check_route, render_route
    from peerlint.api.rules import explain_rule, list_rules, render_rules
    from peerlint.api.scan_all import ScanResult, render_scan, scan_all
    from peerlint.api.scans import Scan, scan
    from peerlint.api.validators import (
        check_communities,
        check_path,
        check_prefix,
        check_service_prefix,
    )
    from peerlint.api.watching import WatchControl, WatchEnd, watch
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
        ReportError,
        WireError,
    )
    from peerlint.inventory import Inventory
    from peerlint.inventory.azure import Export
    from peerlint.inventory.key_uses import KeyEntry
    from peerlint.model import (
        Asn,
        AsPath,
        Community,
        Criteria,
        ExtendedCommunity,
        Fact,
        LargeCommunity,
        Masks,
        MaxAge,
        Prefix,
        Route,
        View,
        Viewpoint,
        facts,
    )
    from peerlint.observations import SourceSummary
    from peerlint.profiles import Profile
    from peerlint.report.sentence import sentence
    from peerlint.results import (
        Difference,
        FailOn,
        Finding,
        Outcome,
        Report,
        Severity,
        State,
        StoredReport,
        WhatIf,
    )
    from peerlint.rules import Rule

__all__ = [
    "COMPILED",
    "AsPath",
    "Asn",
    "Community",
    "ConcurrentUseError",
    "Criteria",
    "DamageError",
    "Difference",
    "DumpLines",
    "Element",
    "Elements",
    "Export",
    "ExportError",
    "ExtendedCommunity",
    "Fact",
    "FailOn",
    "FeedError",
    "FeedInput",
    "Finding",
    "Imported",
    "InputError",
    "Inventory",
    "InventoryError",
    "InventoryLines",
    "KeyEntry",
    "LargeCommunity",
    "Masks",
    "MaxAge",
    "Outcome",
    "PeerlintError",
    "Prefix",
    "Profile",
    "ProfileError",
    "Quality",
    "Registry",
    "Replay",
    "ReplaySummary",
    "Report",
    "ReportError",
    "Route",
    "RouteBatch",
    "RouteEncoder",
    "Rule",
    "Scan",
    "ScanResult",
    "Selection",
    "Severity",
    "SourceSummary",
    "State",
    "StoredReport",
    "Tally",
    "View",
    "Viewpoint",
    "WatchControl",
    "WatchEnd",
    "WhatIf",
    "WireError",
    "__version__",
    "archive_feed",
    "bgpstream_feed",
    "bmp_feed",
    "build_registry",
    "check",
    "check_communities",
    "check_path",
    "check_prefix",
    "check_route",
    "check_service_prefix",
    "check_without",
    "compare_reports",
    "dump",
    "dump_lines",
    "exabgp_feed",
    "explain_rule",
    "explain_subject",
    "facts",
    "folder_feed",
    "from_bgpstream",
    "import_azure",
    "inventory_template",
    "list_keys",
    "list_profiles",
    "list_rules",
    "load_azure",
    "load_inventory",
    "load_inventory_lines",
    "load_profile",
    "load_report",
    "render_difference",
    "render_keys",
    "render_registry",
    "render_replay",
    "render_report",
    "render_route",
    "render_rules",
    "render_scan",
    "render_what_if",
    "replay",
    "ris_live_feed",
    "route_encoder",
    "scan",
    "scan_all",
    "sentence",
    "show_registry",
    "source_remarks",
    "unfilled_places",
    "watch",
]

# A package is imported when a name of it is used: `import peerlint` costs next to nothing.
_NAMES: Final = {
    "peerlint.api.archives": ("archive_feed",),
    "peerlint.api.azure": ("Imported", "import_azure", "load_azure"),
    "peerlint.api.bgpstream": ("from_bgpstream",),
    "peerlint.api.bmp": ("bmp_feed",),
    "peerlint.api.checks": ("check", "check_without"),
    "peerlint.api.dumps": ("DumpLines", "Elements", "dump", "dump_lines"),
    "peerlint.api.encoders": ("RouteEncoder", "route_encoder"),
    "peerlint.api.feeds": ("FeedInput",),
    "peerlint.api.inventories": (
        "InventoryLines", "load_inventory", "load_inventory_lines", "unfilled_places",
    ),
    "peerlint.api.keys": ("list_keys", "render_keys"),
    "peerlint.api.live": (
        "bgpstream_feed", "exabgp_feed", "folder_feed", "ris_live_feed",
    ),
    "peerlint.api.profiles": ("inventory_template", "list_profiles", "load_profile"),
    "peerlint.api.registry": ("Registry",),
    "peerlint.api.registry_build": ("build_registry",),
    "peerlint.api.registry_show": ("render_registry", "show_registry"),
    "peerlint.api.remarks": ("source_remarks",),
    "peerlint.api.rendering": ("render_report", "render_what_if"),
    "peerlint.api.replay_texts": ("render_replay",),
    "peerlint.api.replaying": ("Replay", "ReplaySummary", "replay"),
    "peerlint.api.reports": (
        "compare_reports", "explain_subject", "load_report", "render_difference",
    ),
    "peerlint.api.routes": ("check_route", "render_route"),
    "peerlint.api.rules": ("explain_rule", "list_rules", "render_rules"),
    "peerlint.api.scan_all": ("ScanResult", "render_scan", "scan_all"),
    "peerlint.api.scans": ("Scan", "scan"),
    "peerlint.api.validators": (
        "check_communities", "check_path", "check_prefix", "check_service_prefix",
    ),
    "peerlint.api.watching": ("WatchControl", "WatchEnd", "watch"),
    "peerlint.bulk": ("COMPILED", "Quality", "RouteBatch", "Tally"),
    "peerlint.elements": ("Element", "Selection"),
    "peerlint.errors": (
        "ConcurrentUseError", "DamageError", "ExportError", "FeedError", "InputError",
        "InventoryError", "PeerlintError", "ProfileError", "ReportError", "WireError",
    ),
    "peerlint.inventory": ("Inventory",),
    "peerlint.inventory.azure": ("Export",),
    "peerlint.inventory.key_uses": ("KeyEntry",),
    "peerlint.model": (
        "AsPath", "Asn", "Community", "Criteria", "ExtendedCommunity", "Fact", "LargeCommunity",
        "Masks", "MaxAge", "Prefix", "Route", "View", "Viewpoint", "facts",
    ),
    "peerlint.observations": ("SourceSummary",),
    "peerlint.profiles": ("Profile",),
    "peerlint.report.sentence": ("sentence",),
    "peerlint.results": (
        "Difference", "FailOn", "Finding", "Outcome", "Report", "Severity", "State",
        "StoredReport", "WhatIf",
    ),
    "peerlint.rules": ("Rule",),
}  # fmt: skip
_MODULE_OF: Final = {name: module for module, names in _NAMES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import the module of a public name, and return what it names."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
