"""Attestations, waivers, names, addresses and keys of an inventory file, and their mistakes."""

from __future__ import annotations

import pytest

from peerlint.errors import InventoryError
from peerlint.inventory import Key
from peerlint.inventory.keys import masked
from peerlint.inventory.toml import parse_inventory

INVENTORY = """
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500

[[peering.connection]]
name = "ams-1"
router = "edge1.ams"

[[peering.connection.session]]
peer = "192.0.2.0"

[[peering.connection.session]]
peer = "192.0.2.4"

[[peering.registered_prefix]]
prefix = "203.0.113.0/24"

[[peering_service]]
name = "contoso-maps"

[[peering_service.service_prefix]]
prefix = "198.51.100.0/24"
"""
#: Rules of a small catalogue, and whether each can be attested.
RULES = {"topology.lacp": True, "route.prepending": False}
SECRET = "22222222-2222-2222-2222-22222222abcd"  # noqa: S105  # the point


def statement(kind: str, rule: str, scope: str) -> str:
    """Return the table of an attestation or a waiver."""
    last = "on = 2026-11-01" if kind == "attestation" else 'reason = "r"\nuntil = 2026-12-31'
    return f'[[{kind}]]\nrule = "{rule}"\nscope = "{scope}"\nby = "noc"\n{last}\n'


def mistakes(text: str) -> list[str]:
    """Return the mistakes of an inventory."""
    try:
        parse_inventory(INVENTORY + text, "peering.toml", RULES)
    except InventoryError as error:
        return [str(one) for one in error.mistakes]
    return []


@pytest.mark.parametrize("kind", ["attestation", "waiver"])
@pytest.mark.parametrize(
    "scope",
    [
        "contoso-ams", "ams-1", "ams-1/2", "edge1.ams", "203.0.113.0/24", "contoso-maps",
        "198.51.100.0/24",
    ],
)  # fmt: skip
def test_scopes(kind: str, scope: str) -> None:
    """A scope is a peering, connection, session, router, service or prefix."""
    assert [] == mistakes(statement(kind, "topology.lacp", scope))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            statement("waiver", "route.prependin", "ams-1"),
            "waiver \"route.prependin\" (number 1), key rule: found 'route.prependin'; "
            "did you mean route.prepending?",
        ),
        (
            statement("waiver", "nonsense", "ams-1"),
            'waiver "nonsense" (number 1), key rule: expected a rule id, see `peerlint rules`, '
            "found 'nonsense'",
        ),
        (
            statement("attestation", "topology.lacp", "ams-3"),
            "attestation \"topology.lacp\" (number 1), key scope: found 'ams-3'; "
            "did you mean ams-1?",
        ),
        (
            statement("attestation", "route.prepending", "ams-1"),
            'attestation "route.prepending" (number 1), key rule: expected a rule that asks for '
            "an attestation: this one is observed, found 'route.prepending'",
        ),
    ],
)
def test_statements_without_rule_or_scope(text: str, expected: str) -> None:
    """A rule or scope that does not exist is a mistake, with a suggestion."""
    assert [expected] == mistakes(text)


def test_all_statements_at_once() -> None:
    """All wrong statements are reported together with other mistakes."""
    text = (
        statement("waiver", "nonsense", "nowhere")
        + statement("attestation", "topology.lacp", "nowhere")
        + 'colour = "red"\n'
    )

    assert 4 == len(mistakes(text))


MESH = """
[[peering]]
name = "contoso-ix"
profile = "{profile}"
asn = 64500
[[peering.connection]]
name = "ix-1"
[[peering.connection.session]]
microsoft = "192.0.2.10"
peer = "192.0.2.1"
[[peering.connection.session]]
microsoft = "192.0.2.11"
peer = "192.0.2.1"
[[peering.connection.session]]
microsoft = "192.0.2.10"
peer = "192.0.2.{last}"
"""


@pytest.mark.parametrize(
    ("profile", "last", "expected"),
    [
        ("route-server", 2, 0),  # a mesh: each address has several sessions
        ("route-server", 1, 1),  # but a pair of addresses has one
        ("maps", 2, 2),  # elsewhere an address has one
    ],
)
def test_a_mesh_repeats_addresses(profile: str, last: int, expected: int) -> None:
    """At a route server (002), addresses may repeat; elsewhere, that is a mistake."""
    text = MESH.format(profile=profile, last=last)

    try:
        parse_inventory(text, "peering.toml")
        found = 0
    except InventoryError as error:
        found = len(error.mistakes)

    assert expected == found


@pytest.mark.parametrize(("text", "holds"), [("", True), ("holds = false", False)])
def test_an_attestation_may_deny(text: str, holds: bool) -> None:  # a row
    """`holds = false` says that the requirement is not met."""
    found = parse_inventory(
        INVENTORY + statement("attestation", "topology.lacp", "ams-1") + text, "f", RULES
    )

    assert [holds] == [each.holds for each in found.attestations]


@pytest.mark.parametrize(
    ("on", "until", "expected"),
    [
        ("2026-11-01", "2026-11-01", []),
        ("2026-11-01", "2027-11-01", []),
        (
            "2026-11-01",
            "2026-10-31",
            [
                'attestation "topology.lacp" (number 1), key until: expected 2026-11-01 (its `on`) '
                "or later, found 2026-10-31"
            ],
        ),
        # a wrong type is one mistake, not two
        (
            "2026-11-01",
            '"2026-10-31"',
            [
                'attestation "topology.lacp", key until: expected a date such as 2026-11-01, '
                "found '2026-10-31'"
            ],
        ),
        (
            "2026-11-01",
            "2026-10-31T00:00:00Z",
            [
                'attestation "topology.lacp", key until: expected a date such as 2026-11-01, '
                "found 2026-10-31T00:00:00Z"
            ],
        ),
    ],
)
def test_an_attestation_ends_after_it_begins(on: str, until: str, expected: list[str]) -> None:
    """`until` before `on` is a mistake; both may be the same day."""
    text = statement("attestation", "topology.lacp", "ams-1").replace("2026-11-01", on)

    assert expected == mistakes(f"{text}until = {until}\n")


def test_names_are_used_once() -> None:
    """Two peerings with the same name are named by their numbers in the file."""
    peering = '[[peering]]\nname = "contoso-ams"\nprofile = "maps"\nasn = 64500\n'

    assert [
        'peering "contoso-ams" (number 2), key name: expected another name, found peering '
        'contoso-ams, which peering "contoso-ams" (number 1) has too'
    ] == mistakes(peering)


@pytest.mark.parametrize(
    ("secret", "shown"),
    [
        (SECRET, "...abcd"),
        ("12345678", "...5678"),
        ("123456", "...456"),
        ("12", "...2"),
        ("1", "..."),
        ("", "..."),
    ],
)
def test_keys_are_masked(secret: str, shown: str) -> None:
    """At most the last four characters are shown, and never more than half of a key."""
    assert (shown, shown, f"Key({shown!r})") == (
        masked(secret),
        str(Key(secret)),
        repr(Key(secret)),
    )


def test_keys_are_equal_whatever_their_case() -> None:
    """Keys are GUIDs, so case does not matter."""
    assert Key(SECRET) == Key(SECRET.upper())
    assert Key(SECRET) != Key(SECRET[:-1])


def test_no_text_of_an_inventory_shows_a_key() -> None:
    """No `repr` has a key, because it may be logged."""
    text = INVENTORY.replace(
        'prefix = "203.0.113.0/24"', f'prefix = "203.0.113.0/24"\nkey = "{SECRET}"'
    )

    assert SECRET not in repr(parse_inventory(text, "peering.toml"))


@pytest.mark.parametrize(
    "text",
    [
        f'[peering.registered_prefix]\nprefix = "203.0.113.0/24"\nkey = "{SECRET}"',
        f'registered_prefix = ["{{}}", {{ prefix = 1, key = "{SECRET}" }}]',
        f'registered_prefix = {{ key = "{SECRET}" }}',
        f'[[peering.connection]]\nname = "ams-1"\nsession = {{ md5_key = "{SECRET}" }}',
    ],
)
def test_no_mistake_shows_a_key(text: str) -> None:
    """A key in a wrong field is not in the error."""
    head = '[[peering]]\nname = "contoso-ams"\nprofile = "maps"\nasn = 64500\n'

    with pytest.raises(InventoryError) as caught:
        parse_inventory(head + text, "peering.toml")

    assert SECRET not in str(caught.value)
