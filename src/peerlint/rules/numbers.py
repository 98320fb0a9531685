"""The numbers in Microsoft's documents that peerlint uses, each with its source."""

from __future__ import annotations

from typing import Final

import attrs

from peerlint.model import EXPRESSROUTE, MAPS_COMMUNITY, MICROSOFT


@attrs.frozen
class Number:
    """A number in a document.

    Attributes:
        value: the number.
        unit: the unit, or what is counted.
        what: what the number limits or describes.
        source: the documents with the number, and different numbers in other documents.
    """

    value: int
    unit: str
    what: str
    source: str


MICROSOFT_ASN: Final = Number(
    MICROSOFT, "ASN", "the AS that partners announce to; never 8069", "000 to 004, configuration"
)
EXPRESSROUTE_ASN: Final = Number(
    EXPRESSROUTE, "ASN", "ExpressRoute; filtered on every other session", "policy.md"
)
MAPS_COMMUNITY_VALUE: Final = Number(
    MAPS_COMMUNITY.number,
    "community",
    "8075:8007 (0x1F8B1F47), on every route",
    "000 to 004, requirements",
)
MIN_CONNECTIONS: Final = Number(
    2, "connections", "of a peering, at least (a route server: 1)", "000, 003, 004; 001 implies it"
)
MIN_CONNECTIONS_ROUTE_SERVER: Final = Number(
    1, "connection", "of a route server's peering, at least", "002"
)
PRIMARY_SESSIONS: Final = Number(
    2,
    "sessions",
    "in the primary location of an activated prefix, on two routers",
    "peering-service-prefix-requirements.md",
)
BACKUP_SESSIONS: Final = Number(
    1,
    "session",
    "in the backup location, if one is chosen",
    "peering-service-prefix-requirements.md",
)
MIN_BANDWIDTH: Final = Number(
    10_000, "Mbit/s", "of a link, at least", "FAQ of 000 to 004 (policy.md: 100G optics)"
)
POLICY_BANDWIDTH: Final = Number(
    100_000, "Mbit/s", "optics that the general policy asks for", "policy.md"
)
MAX_PATH: Final = Number(
    3,
    "AS numbers",
    "in a path as AS8075 receives it, at most",
    "000, 003, 004: can't exceed 3; FAQ of 000 to 004: less than four (longer than /24)",
)
MICROSOFT_ROUTES: Final = Number(
    280, "routes", "that Microsoft announces, roughly", "FAQ of 000 to 004"
)
MICROSOFT_ROUTES_GROWTH: Final = Number(
    15, "percent", "by which they may grow (10 to 15): up to 322 routes", "FAQ of 000 to 004"
)
SAFE_MAX_PREFIX: Final = Number(
    400, "routes", "a safe limit of routes from Microsoft (400 to 500)", "FAQ of 000 to 004"
)
POLICY_MAX_PREFIX: Final = Number(
    2000,
    "routes",
    "the limit that the general policy recommends for IPv4 (IPv6: 500; 2019: 1000 and 100)",
    "policy.md",
)
AUGMENTATION_PERCENT: Final = Number(
    40, "percent", "utilisation that starts the augmentation of a link", "FAQ of 000 to 004"
)
POLICY_AUGMENTATION_PERCENT: Final = Number(
    50, "percent", "utilisation of the general policy, at the peak", "policy.md"
)
AUGMENTATION_MIN_DAYS: Final = Number(
    45, "days", "that an augmentation takes, at least", "FAQ of 000 to 004"
)
AUGMENTATION_MAX_DAYS: Final = Number(
    60, "days", "that an augmentation takes, at most", "FAQ of 000 to 004"
)
SESSION_LENGTH_MIN: Final = Number(
    30, "bits", "of a session's IPv4 prefix, at least (/30 or /31)", "faqs.md (2019)"
)
RECEIVED_ROUTES_PAGE: Final = Number(
    100, "routes", "of a session that Azure's export shows at first", "PowerShell help"
)

#: Every number, in the order above.
NUMBERS: Final[dict[str, Number]] = {
    name: number for name, number in list(vars().items()) if isinstance(number, Number)
}
