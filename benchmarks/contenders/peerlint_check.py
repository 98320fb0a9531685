"""peerlint.check: 500 registered prefixes against a dump in which none of its sessions occur."""

import tempfile
from pathlib import Path

from peerlint import check, load_inventory

LABEL = "peerlint.check: 500 registered prefixes"
_PEERING = """
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500
location = "Amsterdam"

[[peering.connection]]
name = "ams-1"
router = "edge1.ams"

[[peering.connection.session]]
microsoft = "192.0.2.1"
peer = "192.0.2.0"
"""
_PREFIX = """
[[peering.registered_prefix]]
name = "sbc-{number}"
prefix = "{octet}.{number}.0.0/24"
"""


def run(path: str) -> int:
    """Check, and return how many routes the dump has."""
    prefixes = (
        _PREFIX.format(octet=octet, number=number) for octet in (20, 80) for number in range(250)
    )
    with tempfile.TemporaryDirectory() as folder:
        inventory = Path(folder) / "peering.toml"
        inventory.write_text(_PEERING + "".join(prefixes), encoding="utf-8")
        report = check(load_inventory(inventory), ribs=[path])
    return report.sources[0].quality.entries
