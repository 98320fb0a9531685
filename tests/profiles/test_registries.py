"""The table `[registry]` of a profile."""

from __future__ import annotations

from datetime import timedelta

import attrs
import pytest

from peerlint.errors import ProfileError
from peerlint.inventory.peering import PROFILES
from peerlint.model import ANY_AGE, MaxAge
from peerlint.profiles import parse_profile, shipped_profile
from peerlint.profiles.registries import REGISTRY_READERS, registry_texts
from peerlint.registry import SourceInfo, SourceKind
from peerlint.rules import RegistryCriteria

DEFAULTS = {
    "named": "ARIN, APNIC, AFRINIC, LACNIC, RIPE, RADB, ALTDB",
    "listed": "NTTCOM, LEVEL3, JPIRR, IDNIC, TC, BELL, BBOI, CANARIE, NESTEGG, PANIX, REACH",
    "weak": "RIPE-NONAUTH, RPKI",
    "accept": "irr",
    "max_age_irr": "7d",
    "max_age_delegated": "7d",
    "max_age_vrps": "1d",
    "max_age_peeringdb": "30d",
}
HOUR = 3_600_000_000


def criteria(registry: str) -> RegistryCriteria:
    """Return the criteria of a profile that extends `maps`."""
    return parse_profile(f'extends = "maps"\n[registry]\n{registry}', "mine.toml").registries


@pytest.mark.parametrize("name", PROFILES)
def test_shipped_profiles(name: str) -> None:
    """All shipped profiles have the same registries and ages."""
    assert shipped_profile(name).registries == RegistryCriteria()
    assert registry_texts(shipped_profile(name).registries) == DEFAULTS


def test_every_value_has_a_key() -> None:
    """The keys of `[registry]` are the attributes of `RegistryCriteria`."""
    assert {each.name for each in attrs.fields(RegistryCriteria)} == {*REGISTRY_READERS}


@pytest.mark.parametrize(
    ("registry", "changed"),
    [
        ("", {}),
        ('named = ["RADB", "radb", "RIPE"]', {"named": ("RADB", "RIPE")}),
        ("listed = []", {"listed": ()}),
        ("weak = []", {"weak": ()}),
        ('accept = ["irr"]', {}),
        ('accept = ["rir", "irr"]', {"accept": ("irr", "rir")}),
        ('max_age_irr = "off"', {"max_age_irr": ANY_AGE}),
        ('max_age_vrps = "90m"', {"max_age_vrps": MaxAge(timedelta(minutes=90))}),
    ],
)
def test_values(registry: str, changed: dict[str, object]) -> None:
    """A value changes its own attribute only."""
    assert criteria(registry) == attrs.evolve(RegistryCriteria(), **changed)


@pytest.mark.parametrize(
    ("registry", "says"),
    [
        ('named = "RADB"', "key named: expected names of registries"),
        ("named = []", "key named: expected one registry at least"),
        ("listed = [1]", "key listed: expected names of registries"),
        ('weak = ["RIPE NONAUTH"]', "key weak: expected names of registries"),
        ('accept = ["rir"]', 'key accept: expected ["irr"] or ["irr", "rir"]'),
        ("accept = []", 'key accept: expected ["irr"] or ["irr", "rir"]'),
        ('accept = "irr"', 'key accept: expected ["irr"] or ["irr", "rir"]'),
        ("max_age_irr = 7", "key max_age_irr: expected a duration"),
        ('max_age_rpki = "7d"', "max_age_rpki"),
    ],
)
def test_mistakes(registry: str, says: str) -> None:
    """A mistake names the key and what was expected."""
    with pytest.raises(ProfileError) as caught:
        criteria(registry)
    (mistake,) = caught.value.mistakes
    assert says in str(mistake)


def test_a_table() -> None:
    """`registry` is a table."""
    with pytest.raises(ProfileError, match="key registry: expected a table"):
        parse_profile('extends = "maps"\nregistry = "RADB"', "mine.toml")


@pytest.mark.parametrize(
    ("kind", "hours", "is_too_old"),
    [
        (SourceKind.IRR, 168, False),
        (SourceKind.IRR, 169, True),
        (SourceKind.DELEGATED, 168, False),
        (SourceKind.DELEGATED, 169, True),
        (SourceKind.VRPS, 24, False),
        (SourceKind.VRPS, 25, True),
        (SourceKind.PEERINGDB, 720, False),
        (SourceKind.PEERINGDB, 721, True),
        (SourceKind.VRPS, -1, False),  # of the future: its age is not known
        (SourceKind.VRPS, None, False),
    ],
)
def test_ages(kind: SourceKind, hours: int | None, *, is_too_old: bool) -> None:
    """IRRs and delegated files may be 7 days old, VRPs 24 hours, PeeringDB 30 days."""
    now = 10_000 * HOUR
    source = SourceInfo(kind, "RADB", None if hours is None else now - hours * HOUR, 1)
    assert RegistryCriteria().is_too_old(source, now) is is_too_old
