"""The numbers in Microsoft's documents, each with the place where it stands."""

from __future__ import annotations

from typing import Final

import attrs


@attrs.frozen
class Number:
    """A number that a document gives.

    Attributes:
        value: the number.
        unit: what is counted or measured.
        what: what it limits or describes.
        source: where it stands; other documents and their numbers in the same words.
    """

    value: int
    unit: str
    what: str
    source: str


MICROSOFT_ASN: Final = Number(
    8075, "ASN", "the AS that partners announce to; never 8069", "000 to 004, configuration"
)
EXPRESSROUTE_ASN: Final = Number(
    12076, "ASN", "ExpressRoute; filtered on every other session", "policy.md"
)
MAPS_COMMUNITY_VALUE: Final = Number(
    529211207, "community", "8075:8007 (0x1F8B1F47), on every route", "000 to 004, requirements"
)
MICROSOFT_PEERINGDB_NET: Final = Number(
    694, "PeeringDB network", "where Microsoft's edge sites are listed", "000 to 004, introduction"
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
MAX_ADVERTISED: Final = Number(
    20_000,
    "routes",
    "that a partner may announce, as the portal takes it (live: 200000)",
    "how-to-exchange-route-server-portal.md",
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
ONBOARDING_WEEKS: Final = Number(3, "weeks", "from order to traffic, at least", "FAQ of 000 to 004")
ASN_APPROVAL_HOURS: Final = Number(
    12,
    "hours",
    "until an associated AS is approved, at most",
    "howto-subscription-association-portal.md",
)
SESSION_ADDRESS_DAYS: Final = Number(
    7, "days", "from configured port to session addresses, at most", "faqs.md"
)
TYPE_CONVERSION_HOURS: Final = Number(
    48,
    "hours",
    "that the conversion to voice takes after approval, at most",
    "howto-peering-service-voice-portal.md",
)
SESSION_LENGTH_MIN: Final = Number(
    30, "bits", "of a session's IPv4 prefix, at least (/30 or /31)", "faqs.md (2019)"
)
LATENCY_LENGTH: Final = Number(
    24, "bits", "longest prefix that latency is shown for", "connection-telemetry.md"
)
PROVIDER_PROXIMITY: Final = Number(
    1000,
    "miles",
    "within which a provider counts as available",
    "SDK, service provider availability",
)
RECEIVED_ROUTES_PAGE: Final = Number(
    100, "routes", "of a session that Azure's export shows at first", "PowerShell help"
)
POLICY_TRAFFIC: Final = Number(
    2000, "Mbit/s", "of traffic that plain direct peering asks for", "policy.md"
)

#: Every number, in the order above.
NUMBERS: Final[dict[str, Number]] = {
    name: number for name, number in list(vars().items()) if isinstance(number, Number)
}
