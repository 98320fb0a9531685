"""The URLs of the documents that rules name as their basis."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from peerlint.rules import CATALOGUE
from peerlint.rules.links import OVERVIEW, SOURCES, first_url, url_of


@pytest.mark.parametrize(
    ("basis", "expected"),
    [
        ("000", SOURCES["000"]),
        ("002, NOTE", SOURCES["002"]),
        ("FAQ of 000 to 004", SOURCES["000"]),
        ("policy.md", f"{OVERVIEW}policy"),
        ("faqs.md (2019)", f"{OVERVIEW}faqs"),
        (
            "peering-service-prefix-requirements.md, FAQ",
            "https://learn.microsoft.com/azure/peering-service/peering-service-prefix-requirements",
        ),
        ("peering-service/faq.yml", "https://learn.microsoft.com/azure/peering-service/faq"),
        ("RFC 1997", "https://www.rfc-editor.org/rfc/rfc1997"),
        ("RFC 4271 section 9.1.2", "https://www.rfc-editor.org/rfc/rfc4271#section-9.1.2"),
        ("PeeringDB net 694", "https://www.peeringdb.com/net/694"),
        ("SDK, BgpSession", None),
    ],
)
def test_addresses(basis: str, expected: str | None) -> None:
    """A source document, another page of Microsoft's, an RFC and a registry have a URL."""
    assert expected == url_of(basis)


@pytest.mark.parametrize("rule", CATALOGUE)
def test_every_rule_has_an_address(rule: str) -> None:
    """Every rule has a link to a public page (SARIF requires absolute URIs, 3.49.12)."""
    parts = urlsplit(first_url(CATALOGUE[rule].basis))

    assert ("https", True) == (parts.scheme, bool(parts.netloc))
