"""The URLs of the documents that rules name as their basis."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

_LEARN: Final = "https://learn.microsoft.com/azure/"
#: The overview of Microsoft's documentation for partners.
OVERVIEW: Final = f"{_LEARN}internet-peering/"
#: The source documents. The pages of 001 and 003 (2023) are gone; their URLs are those of the pages
#: that replaced them.
SOURCES: Final = {
    "000": f"{OVERVIEW}walkthrough-peering-service-all",
    "001": f"{OVERVIEW}walkthrough-peering-service-all",
    "002": f"{OVERVIEW}walkthrough-exchange-route-server-partner",
    "003": f"{OVERVIEW}walkthrough-peering-service-all",
    "004": f"{OVERVIEW}walkthrough-communications-services-partner",
}
_SOURCE: Final = re.compile("|".join(SOURCES))
_RFC: Final = re.compile(r"RFC (\d+)(?: section ([0-9.]+))?")
_PAGE: Final = re.compile(r"(peering-service/)?([a-z0-9-]+)\.(?:md|yml)")
#: Pages for customers that rules name without the folder.
_OF_CUSTOMERS: Final = frozenset((
    "azure-portal", "connection-telemetry", "customer-walkthrough",
    "peering-service-prefix-requirements",
))  # fmt: skip
_OTHERS: Final = {
    "PeeringDB net 694": "https://www.peeringdb.com/net/694",
    "IANA AS Numbers": "https://www.iana.org/assignments/as-numbers",
}


def url_of(basis: str) -> str | None:
    """Return the URL of a document that a rule names as its basis; None if there is none."""
    if basis in _OTHERS:
        return _OTHERS[basis]
    if match := _RFC.search(basis):
        section = f"#section-{match[2]}" if match[2] else ""
        return f"https://www.rfc-editor.org/rfc/rfc{match[1]}{section}"
    if match := _PAGE.search(basis):
        is_of_customers = match[1] or match[2] in _OF_CUSTOMERS
        folder = "peering-service" if is_of_customers else "internet-peering"
        return f"{_LEARN}{folder}/{match[2]}"
    if match := _SOURCE.search(basis):
        return SOURCES[match[0]]
    return None


def first_url(basis: Iterable[str]) -> str:
    """Return the URL of the first document that has one, or that of the overview."""
    return next((found for each in basis if (found := url_of(each))), OVERVIEW)
