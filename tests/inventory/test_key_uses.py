"""Keys: owners, uses and remarks."""

from __future__ import annotations

import json

import pytest

from peerlint.inventory import Inventory
from peerlint.inventory.key_uses import key_uses
from peerlint.inventory.toml import parse_inventory
from peerlint.report.keys import key_uses_json, render_key_uses

ONE, TWO = "f1f1c0de-1111-2222-3333-44445555aaaa", "f1f1c0de-1111-2222-3333-44445555bbbb"


def inventory(registered: str, *service_prefixes: str, asn: str = "") -> Inventory:
    """Return one peering with a registered prefix, and a customer's peering service."""
    service = "".join(f"[[peering_service.service_prefix]]\n{text}\n" for text in service_prefixes)
    return parse_inventory(
        "[[peering]]\nname = 'contoso-ams'\nprofile = 'maps'\nasn = 64500\n"
        f"[[peering.registered_prefix]]\nprefix = '203.0.113.0/24'\nname = 'sbc-1'\n{registered}\n"
        f"{asn}\n[[peering_service]]\nname = 'fabrikam'\n{service}",
        "peering.toml",
    )


@pytest.mark.parametrize(
    ("registered", "activated", "remarks"),
    [
        (f"key = '{ONE}'", (f"prefix = '203.0.113.0/24'\nkey = '{ONE}'",), ()),
        (f"key = '{ONE}'", (f"prefix = '203.0.113.0/24'\nkey = '{ONE.upper()}'",), ()),
        (f"key = '{ONE}'", (), ("no service prefix uses it yet",)),
        ("", (), ("its key is not known",)),
        (
            f"key = '{ONE}'",
            ("prefix = '203.0.113.0/24'",),
            (
                "not handed over: fabrikam has no key for the prefix",
                "no service prefix uses it yet",
            ),
        ),
        (
            f"key = '{ONE}'",
            (f"prefix = '203.0.113.0/24'\nkey = '{TWO}'",),
            ("fabrikam has another key for the prefix, ...bbbb", "no service prefix uses it yet"),
        ),
        (
            f"key = '{ONE}'",
            (f"prefix = '198.51.100.0/24'\nkey = '{ONE}'",),
            ("used for 198.51.100.0/24 of fabrikam, another prefix",),
        ),
        (
            f"key = '{ONE}'\n[[peering.registered_prefix]]\nprefix = '198.51.100.0/24'\n"
            f"key = '{ONE}'",
            (f"prefix = '203.0.113.0/24'\nkey = '{ONE}'",),
            ("1 more registration with the same key",),
        ),
    ],
    ids=["fits", "any case", "unused", "unknown", "missing", "mismatch", "reuse", "shared"],
)
def test_remarks(registered: str, activated: tuple[str, ...], remarks: tuple[str, ...]) -> None:
    """Mismatches, reuse and missing keys of customers are remarks of the registration."""
    assert remarks == key_uses(inventory(registered, *activated))[0].remarks


def test_a_registered_as_activates_any_prefix() -> None:
    """At a route server, the key of an AS activates all prefixes of the customer."""
    asn = (
        "[[peering]]\nname = 'contoso-ix'\nprofile = 'route-server'\nasn = 64500\n"
        f"[[peering.registered_asn]]\nasn = 64501\nname = 'Fabrikam'\nkey = '{TWO}'"
    )
    entries = key_uses(
        inventory(f"key = '{ONE}'", f"prefix = '198.51.100.0/24'\nkey = '{TWO}'", asn=asn)
    )

    assert ("AS64501", "Fabrikam", ()) == (
        entries[1].owner, entries[1].name, entries[1].remarks,
    )  # fmt: skip
    assert ["198.51.100.0/24 of fabrikam"] == [str(use) for use in entries[1].uses]


def test_a_key_without_owner() -> None:
    """A key without a registration comes last."""
    entries = key_uses(inventory(f"key = '{ONE}'", f"prefix = '198.51.100.0/24'\nkey = '{TWO}'"))

    assert (None, ("no registration has this key",)) == (entries[-1].owner, entries[-1].remarks)


def test_keys_are_masked() -> None:
    """Neither output shows more than the last four characters."""
    entries = key_uses(inventory(f"key = '{ONE}'", f"prefix = '203.0.113.0/24'\nkey = '{TWO}'"))

    for page in (render_key_uses(entries), key_uses_json(entries), repr(entries)):
        assert "...aaaa" in page
        assert "5555aaaa" not in page
        assert "5555bbbb" not in page


def test_table() -> None:
    """The table has key, owner, peering and uses, with remarks below."""
    entries = key_uses(inventory(f"key = '{ONE}'", f"prefix = '203.0.113.0/24'\nkey = '{ONE}'"))

    assert [
        "key      belongs to              peering      used for",
        "...aaaa  203.0.113.0/24 (sbc-1)  contoso-ams  203.0.113.0/24 of fabrikam",
    ] == render_key_uses(entries).splitlines()


def test_json() -> None:
    """JSON has the same entries."""
    data = json.loads(key_uses_json(key_uses(inventory(""))))

    assert "peerlint/keys/1" == data["schema"]
    assert {"key", "owner", "name", "peering", "uses", "remarks"} == set(data["keys"][0])
