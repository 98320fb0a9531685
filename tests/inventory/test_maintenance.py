"""Maintenance windows of an inventory file, and their mistakes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

import pytest

from peerlint.errors import InventoryError
from peerlint.inventory import MaintenanceWindow
from peerlint.inventory.key_uses import redact
from peerlint.inventory.toml import parse_inventory

PEERING: Final = """
[[peering]]
name = "contoso-ams"
profile = "{profile}"
asn = 64500
[[peering.connection]]
name = "ams-1"
router = "edge1.ams"
[[peering.connection.session]]
peer = "192.0.2.0"
[[peering.connection.session]]
peer = "192.0.2.4"
[[peering.registered_{kind}]]
{kind} = {registered}
"""
MAPS: Final = PEERING.format(profile="maps", kind="prefix", registered='"203.0.113.0/24"')
ROUTE_SERVER: Final = PEERING.format(profile="route-server", kind="asn", registered="64501")
START: Final = datetime(2026, 11, 21, 22, tzinfo=UTC)
UNTIL: Final = datetime(2026, 11, 22, 2, tzinfo=UTC)


def window(**changed: str) -> str:
    """Return the table of a window; values are TOML, and an empty one is left out."""
    values = {
        "scope": '"ams-1"',
        "start": "2026-11-21T22:00:00Z",
        "until": "2026-11-22T02:00:00Z",
        "reason": '"new line card"',
        "by": '"noc"',
    } | changed
    pairs = (f"{key} = {value}\n" for key, value in values.items() if value)
    return "".join(("[[maintenance]]\n", *pairs))


def mistakes(text: str, peering: str = MAPS) -> list[str]:
    """Return the mistakes of an inventory."""
    try:
        parse_inventory(peering + text, "peering.toml", {})
    except InventoryError as error:
        return [str(each) for each in error.mistakes]
    return []


def test_its_values() -> None:
    """Times are in UTC, whatever their zone in the file."""
    text = window(start="2026-11-21T23:00:00+01:00", until="2026-11-22 02:00:00Z")

    (found,) = parse_inventory(MAPS + text, "peering.toml", {}).maintenance

    assert MaintenanceWindow("ams-1", START, UNTIL, "new line card", "noc") == found


def test_masking_keys_keeps_it() -> None:
    """An inventory whose keys are masked has its windows."""
    key = "11111111-2222-3333-4444-555555555555"
    text = MAPS + f'key = "{key}"\nerror = "{key} is in use"\n' + window()

    before = parse_inventory(text, "peering.toml", {})
    after = redact(before)

    assert before != after
    assert before.maintenance == after.maintenance


@pytest.mark.parametrize(
    ("scope", "peering"),
    [
        ("contoso-ams", MAPS),
        ("ams-1", MAPS),
        ("ams-1/2", MAPS),
        ("edge1.ams", MAPS),
        ("203.0.113.0/24", MAPS),
        ("*", MAPS),
        ("203.0.113.0/24", ROUTE_SERVER),  # announced prefixes, which are not registered
    ],
)
def test_scopes(scope: str, peering: str) -> None:
    """A scope is a peering, connection, session, router or prefix of the file, or everything."""
    assert [] == mistakes(window(scope=f'"{scope}"'), peering)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"scope": '"ams-3"'},
            "\"ams-3\" (number 1), key scope: found 'ams-3'; did you mean ams-1?",
        ),
        (
            {"scope": '"everything"'},
            '"everything" (number 1), key scope: expected the name of a peering, connection, '
            'session, router or service, or a prefix, of this file, or "*" for everything, '
            "found 'everything'",
        ),
        (
            {"until": "2026-11-21T22:00:00Z"},
            '"ams-1" (number 1), key until: expected a time after 2026-11-21 22:00:00+00:00 (its '
            "`start`), found 2026-11-21 22:00:00+00:00",
        ),
        (
            {"until": "2026-11-21T22:30:00+01:00"},
            '"ams-1" (number 1), key until: expected a time after 2026-11-21 22:00:00+00:00 (its '
            "`start`), found 2026-11-21 22:30:00+01:00",
        ),
        # a time without its zone, or with another type, is one mistake and not two
        (
            {"until": "2026-11-21T21:00:00"},
            '"ams-1", key until: expected a time with its zone, such as 2026-11-21T10:00:00Z, '
            "found 2026-11-21T21:00:00",
        ),
        (
            {"start": "2026-11-23"},
            '"ams-1", key start: expected a time with its zone, such as 2026-11-21T10:00:00Z, '
            "found 2026-11-23",
        ),
        ({"by": ""}, '"ams-1", key by: expected a value: the key is required, found nothing'),
        (
            {"rule": '"route.prepending"'},
            '"route.prepending", key rule: expected one of scope, start, until, reason, by, '
            "found an unknown key",
        ),
    ],
)  # fmt: skip
def test_mistakes(changed: dict[str, str], expected: str) -> None:
    """Each mistake names the window, the key, and what was expected."""
    assert [f"maintenance {expected}"] == mistakes(window(**changed))


def test_all_mistakes_at_once() -> None:
    """The mistakes of all windows are reported together."""
    text = window(scope='"nowhere"', until="2026-11-21T21:00:00Z") + window(reason="5")

    assert 3 == len(mistakes(text))


@pytest.mark.parametrize(
    ("scope", "names", "time", "expected"),
    [
        ("ams-1", {"contoso-ams", "ams-1"}, START, True),
        ("ams-1", {"contoso-ams", "ams-1"}, UNTIL, False),  # the end is no part of it
        ("ams-1", {"contoso-ams", "ams-1"}, START.replace(hour=21), False),
        ("ams-1", {"contoso-ams", "ams-2"}, START, False),
        ("ams-1", set(), START, False),
        ("*", set(), START, True),
        ("*", set(), UNTIL, False),
    ],
)
def test_covers(scope: str, names: set[str], time: datetime, expected: bool) -> None:  # a row
    """A window covers what has its scope as a name, from its start until before its end."""
    assert expected is MaintenanceWindow(scope, START, UNTIL, "r", "noc").covers(names, time)
