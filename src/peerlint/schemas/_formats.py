"""The formats with a schema: the inventory file, the JSON report, alerts and replays."""

from __future__ import annotations

from datetime import date, datetime
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final

import attrs

from peerlint.iana import ALLOWABLE
from peerlint.inventory import Connection, Inventory, Key, Lab, Peering
from peerlint.inventory.peering import PROFILES
from peerlint.inventory.toml import KEYS
from peerlint.model import Asn, MaxAge, QuietTime
from peerlint.report import alert_entry
from peerlint.report.document import SCHEMA, Document
from peerlint.report.finding_entry import EvidenceEntry, FindingEntry
from peerlint.report.replay_entry import SCHEMA as REPLAY_SCHEMA
from peerlint.report.replay_entry import ReplayDocument
from peerlint.schemas._classes import FileFormat, Json, schema_of

_TOP: Final = 0xFFFFFFFF
_COUNT: Final[Json] = {"type": "integer", "minimum": 0}
_BOOLEAN: Final[Json] = {"type": "boolean"}
_BANDWIDTH: Final[Json] = {
    "anyOf": [
        {"type": "integer", "minimum": 1},
        {"type": "string", "pattern": "^[1-9][0-9]*[MGTmgt]$"},
    ]
}

#: The format that `peerlint.inventory.toml` reads.
_INVENTORY: Final = FileFormat(
    types={
        str: {"type": "string", "minLength": 1},
        bool: _BOOLEAN,
        int: _COUNT,
        Key: {"type": "string", "minLength": 1},
        date: {"type": "string", "format": "date"},
        datetime: {"type": "string", "format": "date-time"},
        QuietTime: {"type": "string", "pattern": "^quiet:[1-9][0-9]{0,8}[smhd]$"},
        MaxAge: {"type": "string", "pattern": "^([1-9][0-9]{0,8}[smhd]|off)$"},
        IPv4Address: {"type": "string", "format": "ipv4"},
        IPv6Address: {"type": "string", "format": "ipv6"},
        Asn: {
            "anyOf": [
                {"type": "integer", "minimum": 0, "maximum": _TOP},
                {"type": "string", "pattern": "^([Aa][Ss])?[0-9]+(\\.[0-9]+)?$"},
            ]
        },
    },
    fields={
        (Connection, "bandwidth"): _BANDWIDTH,
        (Connection, "provisioned_bandwidth"): _BANDWIDTH,
        (Connection, "utilization"): {"type": "number", "minimum": 0, "maximum": 100},
        (Peering, "profile"): {
            "anyOf": [{"enum": list(PROFILES)}, {"type": "string", "pattern": "\\.toml$"}]
        },
        (Lab, "allow"): {"type": "array", "items": {"enum": sorted(ALLOWABLE)}},
    },
    keys=KEYS,
    omitted=frozenset({(Inventory, "file")}),
    is_closed=True,
)
#: The format that `peerlint.report.json` writes. Readers ignore unknown keys: the format may grow.
_REPORT: Final = FileFormat(
    types={
        str: {"type": "string"},
        bool: _BOOLEAN,
        int: _COUNT,
        datetime: {
            "type": "string",
            "format": "date-time",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+([+-][0-9:]+|Z)?$",
        },
    },
    fields={
        (Document, "schema"): {"const": SCHEMA},
        (FindingEntry, "id"): {"type": "string", "pattern": "^[0-9a-f]{12}$"},
    },
    writes_none=True,
    without_none=frozenset({EvidenceEntry}),
    optional=frozenset({FindingEntry}),
)
#: The format of `peerlint.report.alert_entry`. It may grow as that of reports.
_ALERT: Final = attrs.evolve(
    _REPORT,
    fields={
        (alert_entry.AlertDocument, "schema"): {"const": alert_entry.SCHEMA},
        (alert_entry.AlertDocument, "number"): {"type": "integer", "minimum": 1},
    },
    keys=alert_entry.KEYS,
    without_none=frozenset(),
    optional=frozenset(),
)
#: The format of `peerlint.report.replay_entry`, whose alerts are those of the format above.
_REPLAY: Final = attrs.evolve(
    _ALERT,
    fields={**_ALERT.fields, (ReplayDocument, "schema"): {"const": REPLAY_SCHEMA}},
)
_CLASSES: Final[dict[str, tuple[Any, FileFormat, str, int]]] = {
    "inventory": (Inventory, _INVENTORY, "The inventory of peerlint", 1),
    "report": (Document, _REPORT, "The report of peerlint", 2),
    "replay": (ReplayDocument, _REPLAY, "A replay of peerlint", 1),
    "alert": (alert_entry.AlertDocument, _ALERT, "An alert of peerlint", 1),
}
#: The names of the schemas.
SCHEMAS: Final = tuple(_CLASSES)


def generate_schema(name: str) -> Json:
    """Generate a schema from the classes."""
    cls, form, title, number = _CLASSES[name]
    return schema_of(cls, form, id_=f"urn:peerlint:{name}:{number}", title=title)
