"""The numbers in Microsoft's documents, and the rules that use them."""

from __future__ import annotations

from pathlib import Path

import pytest

import peerlint
from peerlint.inventory.peering import PROFILES
from peerlint.model import EXPRESSROUTE, MAPS_COMMUNITY, MICROSOFT, Criteria
from peerlint.profiles import shipped_profile
from peerlint.rules import numbers
from peerlint.rules.numbers import NUMBERS

#: Name, value, and a word of the source.
TABLE = {
    "MICROSOFT_ASN": (8075, "000"),
    "EXPRESSROUTE_ASN": (12076, "policy.md"),
    "MAPS_COMMUNITY_VALUE": (0x1F8B1F47, "000"),
    "MIN_CONNECTIONS": (2, "000, 003, 004"),
    "MIN_CONNECTIONS_ROUTE_SERVER": (1, "002"),
    "PRIMARY_SESSIONS": (2, "peering-service-prefix-requirements.md"),
    "BACKUP_SESSIONS": (1, "peering-service-prefix-requirements.md"),
    "MIN_BANDWIDTH": (10_000, "FAQ"),
    "POLICY_BANDWIDTH": (100_000, "policy.md"),
    "MAX_PATH": (3, "can't exceed 3"),
    "MICROSOFT_ROUTES": (280, "FAQ"),
    "MICROSOFT_ROUTES_GROWTH": (15, "FAQ"),
    "SAFE_MAX_PREFIX": (400, "FAQ"),
    "POLICY_MAX_PREFIX": (2000, "policy.md"),
    "AUGMENTATION_PERCENT": (40, "FAQ"),
    "POLICY_AUGMENTATION_PERCENT": (50, "policy.md"),
    "AUGMENTATION_MIN_DAYS": (45, "FAQ"),
    "AUGMENTATION_MAX_DAYS": (60, "FAQ"),
    "SESSION_LENGTH_MIN": (30, "faqs.md"),
    "RECEIVED_ROUTES_PAGE": (100, "PowerShell"),
}


def test_every_number_is_in_the_table() -> None:
    """Every number has a row."""
    assert sorted(TABLE) == sorted(NUMBERS)


@pytest.mark.parametrize("name", TABLE)
def test_numbers(name: str) -> None:
    """Each number has the value of its document, and names the document."""
    value, source = TABLE[name]

    assert value == NUMBERS[name].value
    assert source in NUMBERS[name].source
    assert NUMBERS[name].unit
    assert NUMBERS[name].what


def test_every_number_is_used() -> None:
    """The code uses every number, or it is a value of the model."""
    source = Path(numbers.__file__)
    package = Path(peerlint.__file__).parent
    texts = [path.read_text(encoding="utf-8") for path in package.rglob("*.py") if path != source]
    used = {name for name in NUMBERS for text in texts if f"{name}.value" in text}
    of_the_model = {"MICROSOFT_ASN", "EXPRESSROUTE_ASN", "MAPS_COMMUNITY_VALUE"}

    assert set(NUMBERS) == used | of_the_model


def test_numbers_agree_with_the_model() -> None:
    """The values of the model are the same."""
    assert NUMBERS["MAX_PATH"].value == Criteria().max_path
    assert NUMBERS["MICROSOFT_ASN"].value == MICROSOFT
    assert NUMBERS["EXPRESSROUTE_ASN"].value == EXPRESSROUTE
    assert NUMBERS["MAPS_COMMUNITY_VALUE"].value == MAPS_COMMUNITY.number


@pytest.mark.parametrize("name", PROFILES)
def test_numbers_agree_with_the_profiles(name: str) -> None:
    """The profiles' parameters are those of the documents."""
    profile = shipped_profile(name)
    server = name == "route-server"
    least = NUMBERS["MIN_CONNECTIONS_ROUTE_SERVER" if server else "MIN_CONNECTIONS"]

    assert (NUMBERS["MAX_PATH"].value, least.value) == (
        profile.max_path,
        profile.set_up.min_connections,
    )
    assert profile.community == MAPS_COMMUNITY
