"""Wrong values in an inventory file: every key, every type, and any junk."""

from __future__ import annotations

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InventoryError, Mistake
from peerlint.inventory.toml import parse_inventory

PEERING: Final = '[[peering]]\nname = "contoso-ams"\nprofile = "maps"\nasn = 64500\n'
CONNECTION: Final = f'{PEERING}[[peering.connection]]\nname = "ams-1"\n'
SESSION: Final = f"{CONNECTION}[[peering.connection.session]]\n"
PREFIX: Final = f'{PEERING}[[peering.registered_prefix]]\nprefix = "203.0.113.0/24"\n'
ASN: Final = f"{PEERING.replace('maps', 'route-server')}[[peering.registered_asn]]\nasn = 64501\n"
ATTESTATION: Final = '[[attestation]]\nrule = "r"\nscope = "s"\nby = "b"\non = 2026-11-01\n'


def mistakes(text: str) -> list[Mistake]:
    """Return the mistakes of a file; none if it is valid."""
    try:
        parse_inventory(text, "peering.toml")
    except InventoryError as error:
        return list(error.mistakes)
    return []


_TEXT: Final = ("0", "true", '""', "[]", "{}", "1.5", "2026-11-01")
_TABLES: Final = ("0", '"x"', "{}", "[1]", '["x"]', "[[]]")
#: For every key: the start of a file to which it can be appended, and wrong values.
WRONG: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "peering": ("", _TABLES),
    "attestation": ("", _TABLES),
    "lab": ("", ("0", '"x"', "[]", "[1]")),
    "ribs": ("", ("0", '"x"', "{}", "[1]", '[""]', "[[]]")),
    "peering.name": (PEERING, _TEXT),
    "peering.profile": (PEERING, (*_TEXT, '"maap"', '"mine.tml"')),
    "peering.asn": (PEERING, ("true", '""', "[]", "{}", "1.5", "-1", "4294967296", '"AS"', '"x"')),
    "peering.location": (PEERING, _TEXT),
    "peering.sku": (PEERING, _TEXT),
    "peering.rs_transparent": (PEERING, ("0", '"true"', "[]", "{}", "1.5")),
    "peering.connection": (PEERING, _TABLES),
    "peering.registered_prefix": (PEERING, _TABLES),
    "peering.registered_asn": (PEERING, _TABLES),
    "connection.name": (CONNECTION, _TEXT),
    "connection.router": (CONNECTION, _TEXT),
    "connection.role": (CONNECTION, (*_TEXT, '"Primary"')),
    "connection.bandwidth": (
        CONNECTION,
        ("0", "-1", "true", '""', '"100"', '"0G"', '"1.5G"', "[]", "{}", "1.5"),
    ),
    "connection.state": (CONNECTION, _TEXT),
    "connection.utilization": (
        CONNECTION,
        ("-1", "-0.1", "100.1", "101", "true", '"39.9"', '"40 %"', "nan", "inf", "[]", "{}"),
    ),
    "connection.session": (CONNECTION, _TABLES),
    "session.microsoft": (SESSION, (*_TEXT, '"192.0.2"', '"192.0.2.0/31"', '"host"')),
    "session.peer": (SESSION, (*_TEXT, '"192.0.2.256"')),
    "session.egress": (SESSION, (*_TEXT, '"as is"')),
    "session.sync": (SESSION, (*_TEXT, '"60s"', '"quiet"', '"quiet:0s"', '"quiet:off"', "60")),
    "registered_prefix.prefix": (PREFIX, _TEXT),
    "registered_prefix.name": (PREFIX, _TEXT),
    "registered_prefix.origin": (PREFIX, ("true", '""', "[]", "{}", "1.5", "-1")),
    "registered_prefix.traffic_class": (PREFIX, _TEXT),
    "registered_prefix.endpoints": (PREFIX, ("0", '"x"', "{}", "[1]", '[""]')),
    "registered_asn.asn": (ASN, ("true", '""', "[]", "{}", "-1")),
    "registered_asn.name": (ASN, _TEXT),
    "attestation.rule": (ATTESTATION, _TEXT[:-1]),
    "attestation.scope": (ATTESTATION, _TEXT[:-1]),
    "attestation.by": (ATTESTATION, _TEXT[:-1]),
    "attestation.on": (ATTESTATION, ("0", '""', '"2026-11-01"', "2026-11-01T00:00:00", "[]")),
    "attestation.until": (ATTESTATION, ("0", '"never"', "2026-11-01T00:00:00Z")),
    "lab.max_age": ("[lab]\n", ("0", '""', '"1 day"', "24", "[]", "{}", "true")),
    "lab.allow": ("[lab]\n", ("0", '"documentation"', "[1]", '["private"]', "[[]]", "{}")),
}


@pytest.mark.parametrize(
    ("where", "value"),
    [(where, value) for where, (_, values) in WRONG.items() for value in values],
)
def test_wrong_types(where: str, value: str) -> None:
    """Every key has mistakes for values of other types, with the key's name."""
    head, _ = WRONG[where]
    key = where.rpartition(".")[2]
    last = head.rpartition("[[")[2]
    lines = [line for line in last.splitlines() if not line.startswith(f"{key} =")]
    text = head[: len(head) - len(last)] + "\n".join([*lines, f"{key} = {value}"])

    found = mistakes(text)

    assert found
    assert [] == [each for each in found if each.key != key]


_KEYS = st.sampled_from(sorted({part for key in WRONG for part in key.split(".")} | {"x", ""}))
_VALUES = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(-1, 2**33),
        st.floats(allow_nan=False, allow_infinity=False),
        st.sampled_from(("", "x", "maps", "AS64500", "192.0.2.1", "203.0.113.0/24", "100G")),
        st.dates(),
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_KEYS, inner, max_size=4)),
    max_leaves=12,
)
#: Nested tables, as deep as those of the file.
_ROWS = st.lists(
    st.dictionaries(
        _KEYS, _VALUES | st.lists(st.dictionaries(_KEYS, _VALUES, max_size=5), max_size=2)
    ),
    max_size=2,
)


def as_toml(value: object) -> str:
    """Return a value as inline TOML."""
    if isinstance(value, dict):
        inside = ", ".join(f'"{key}" = {as_toml(each)}' for key, each in value.items())
        return f"{{{inside}}}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_toml, value))}]"
    if isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)


@given(data=st.dictionaries(_KEYS, _VALUES | _ROWS, max_size=5))
def test_any_toml_is_an_inventory_or_mistakes(data: dict[str, Any]) -> None:
    """Any TOML is an inventory or has mistakes; no other error is raised."""
    text = "\n".join(f'"{key}" = {as_toml(value)}' for key, value in data.items())

    found = mistakes(text)

    assert [] == [mistake for mistake in found if not (mistake.expected and mistake.found)]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('md5_set = "s3cr3t-0f-th3-l1nk"', "...l1nk"),
        ("md5_set = 123456789", "...6789"),
        ('md5_set = ["s3cr3t-0f-th3-l1nk"]', "a list"),
        ('md5_set = { key = "s3cr3t-0f-th3-l1nk" }', "a table"),
    ],
)
def test_a_key_in_the_wrong_place_is_masked(line: str, shown: str) -> None:
    """Errors may be logged: a key in a field for its existence is masked."""
    (found,) = mistakes(f"{SESSION}{line}\n")

    assert shown == found.found


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("5", "a value that is not a string"),
        ('""', "an empty string"),
    ],
)
def test_a_prefix_key_of_another_type(value: str, shown: str) -> None:
    """A value that is no key is described by its kind, because it may be a mistyped key."""
    (found,) = mistakes(f"{PREFIX}key = {value}\n")

    assert ("a key, in quotes", shown) == (found.expected, found.found)


def test_an_element_of_a_list_has_its_line() -> None:
    """A wrong element of a list over several lines has its own line."""
    (found,) = mistakes('ribs = [\n  "a.mrt",\n  # b\n  5,\n]\n')

    assert (4, "ribs", "5") == (found.line, found.key, found.found)


@pytest.mark.parametrize(
    "text",
    [
        # twice, as after an import of names that are keys
        '[[peering]]\nname = "{key}"\nprofile = "maps"\nasn = 64500\n' * 2,
        '[[peering]]\nname = "{key}"\nprofile = "nonsense"\nasn = 64500\n',
        '[[waiver]]\nrule = "{key}"\nscope = "{key}"\nreason = "x"\nby = "x"\nuntil = 2026-11-21\n',
    ],
)
def test_a_key_instead_of_a_name_is_masked(text: str) -> None:
    """A name, rule or scope that looks like a key is masked."""
    key = "f1f1c0de-1111-2222-3333-44445555aaaa"

    with pytest.raises(InventoryError) as caught:
        parse_inventory(text.replace("{key}", key), "f", {})
    found = str(caught.value)

    assert "...aaaa" in found
    assert "5555aaaa" not in found
