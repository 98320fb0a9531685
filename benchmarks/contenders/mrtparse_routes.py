"""mrtparse, which decodes every attribute into dictionaries."""

from typing import Any

import mrtparse

LABEL = "mrtparse 2.2.0: every attribute, as dictionaries"


def run(path: str) -> int:
    """Count the routes and withdrawals of a dump, up to where the file is cut."""
    routes = 0
    try:
        for record in mrtparse.Reader(path):
            routes += _routes(record.data)
    except EOFError:  # raised where a compressed file ends early
        pass
    return routes


def _routes(record: dict[str, Any]) -> int:
    if "rib_entries" in record:
        return len(record["rib_entries"])
    message = record.get("bgp_message", {})
    attributes = message.get("path_attributes", ())
    return (
        len(message.get("nlri", ()))
        + len(message.get("withdrawn_routes", ()))
        + sum(_multiprotocol(attribute["value"]) for attribute in attributes)
    )


def _multiprotocol(value: object) -> int:
    if not isinstance(value, dict):
        return 0
    return len(value.get("nlri", ())) + len(value.get("withdrawn_routes", ()))
