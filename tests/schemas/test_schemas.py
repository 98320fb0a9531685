"""The JSON Schemas: valid inventories and reports conform, those with mistakes do not."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any, Final, Literal

import jsonschema
import pytest
from hypothesis import given

import peerlint
from peerlint.errors import InventoryError, ReportError
from peerlint.inventory.toml import parse_inventory
from peerlint.model import Route
from peerlint.report.json import parse_report, render_json
from peerlint.schemas import SCHEMAS, generate_schema, shipped_schema
from peerlint.testing import strategies
from peerlint.testing.notation import evaluate

ROOT: Final = Path(__file__).resolve().parents[2]
INVENTORIES: Final = sorted((ROOT / "examples").rglob("peering.toml"))
FULL: Final = """
ribs = ["a.mrt"]
[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500
location = "Amsterdam"
sku = "Premium_Direct_Free"
rs_transparent = false
[[peering.connection]]
name = "ams-1"
router = "edge1.ams"
role = "primary"
bandwidth = "100G"
state = "Active"
[[peering.connection.session]]
microsoft = "192.0.2.1"
peer = "2001:db8::1"
egress = "as-is"
[[peering.registered_prefix]]
name = "sbc-1"
prefix = "203.0.113.0/24"
origin = "AS64500"
traffic_class = "voice"
endpoints = ["sbc"]
[[peering]]
name = "contoso-rs"
profile = "route-server"
asn = 64500
[[peering.registered_asn]]
asn = 64501
[[attestation]]
rule = "topology.lacp"
scope = "contoso-ams"
by = "noc@contoso.example"
on = 2026-11-01
[lab]
allow = ["documentation"]
"""
#: A change of one line of `FULL`, and whether it is still an inventory.
LINES: Final = [
    ('name = "contoso-ams"', "", False),
    ('name = "contoso-ams"', "name = 5", False),
    ('name = "contoso-ams"', 'name = ""', False),
    ('profile = "maps"', 'profile = "mine.toml"', True),
    ('profile = "maps"', 'profile = "mops"', False),
    ("asn = 64500", 'asn = "AS64500"', True),
    ("asn = 64500", 'asn = "1.10"', True),
    ("asn = 64500", "asn = 4294967296", False),
    ("asn = 64500", "asn = -1", False),
    ("asn = 64500", "asn = true", False),
    ("asn = 64500", 'asn = "contoso"', False),
    ("rs_transparent = false", 'rs_transparent = "no"', False),
    ('bandwidth = "100G"', "bandwidth = 100000", True),
    ('bandwidth = "100G"', 'bandwidth = "100"', False),
    ('bandwidth = "100G"', "bandwidth = 0", False),
    ('role = "primary"', 'role = "first"', False),
    ('microsoft = "192.0.2.1"', 'microsoft = "192.0.2"', False),
    ('microsoft = "192.0.2.1"', 'microsoft = "2001:db8::2"', True),
    ('egress = "as-is"', 'egress = "as is"', False),
    ('endpoints = ["sbc"]', 'endpoints = "sbc"', False),
    ("on = 2026-11-01", 'on = "soon"', False),
    ("on = 2026-11-01", "", False),
    ('allow = ["documentation"]', 'allow = ["private"]', False),
    ('ribs = ["a.mrt"]', 'rib = ["a.mrt"]', False),
    ("[lab]", "[labs]", False),
]
SCENE: Final = "registered 203.0.0.0/7\nams-1 203.0.113.0/24 path 64500 64512 64512 64512 64513"


def is_valid(name: str, data: object) -> bool:
    """Return whether data conform to a schema, including its formats."""
    schema = generate_schema(name)
    validator = jsonschema.Draft202012Validator(
        schema, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    )
    return bool(validator.is_valid(data))


def as_json(text: str) -> object:
    """Return TOML as tools of editors see it: dates are strings."""

    def written(value: object) -> str:
        assert isinstance(value, date)
        return value.isoformat()

    return json.loads(json.dumps(tomllib.loads(text), default=written))


def is_inventory(text: str) -> bool:
    """Return whether peerlint accepts an inventory."""
    try:
        parse_inventory(text, "peering.toml")
    except InventoryError:
        return False
    return True


@pytest.mark.parametrize("name", SCHEMAS)
def test_the_shipped_schema_is_the_generated_one(name: Literal["inventory", "report"]) -> None:
    """The files in the package are up to date, and valid schemas."""
    jsonschema.Draft202012Validator.check_schema(shipped_schema(name))

    assert generate_schema(name) == shipped_schema(name)


@pytest.mark.parametrize("name", SCHEMAS)
def test_everything_is_described(name: str) -> None:
    """Each class and each field has a description."""
    schema: Any = generate_schema(name)

    parts = {name: schema, **schema["$defs"]}
    assert {} == {name: part for name, part in parts.items() if not part["description"]}
    undescribed = {
        f"{name}.{key}"
        for name, part in parts.items()
        for key, value in part["properties"].items()
        if "description" not in value
    }
    # The fields of these say what they are by their names.
    assert {"RegisteredAsn"} >= {each.partition(".")[0] for each in undescribed}


def test_there_are_inventories() -> None:
    """The examples are found (otherwise nothing is tested below)."""
    assert INVENTORIES


@pytest.mark.parametrize("path", INVENTORIES, ids=lambda path: path.parent.name)
def test_examples_conform(path: Path) -> None:
    """Every inventory of the examples conforms to the schema."""
    assert is_valid("inventory", as_json(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize(("line", "instead", "is_right"), LINES)
def test_schema_and_parser_agree(line: str, instead: str, is_right: bool) -> None:
    """A changed line violates the schema if and only if it is a mistake for peerlint."""
    text = FULL.replace(f"{line}\n", f"{instead}\n", 1)

    assert text != FULL
    assert (True, True) == (is_inventory(FULL), is_valid("inventory", as_json(FULL)))
    assert (is_right, is_right) == (is_inventory(text), is_valid("inventory", as_json(text)))


@given(route=strategies.routes(path_id=False))
def test_every_report_conforms(route: Route) -> None:
    """The report of any announcement conforms to its schema."""
    assert is_valid("report", json.loads(render_json(evaluate(f"{SCENE}\nams-2 {route}"))))


def changed(change: Callable[[Any], object]) -> dict[str, object]:
    """Return a report with one change."""
    data: dict[str, object] = json.loads(render_json(evaluate(SCENE)))
    change(data)
    return data


@pytest.mark.parametrize(
    "change",
    [
        lambda data: data.pop("now"),
        lambda data: data.update(now="yesterday"),
        lambda data: data.update(schema="peerlint/report/3"),
        lambda data: data.update(findings={}),
        lambda data: data["findings"].append("route.prepending"),
        lambda data: data["findings"][0].pop("rule"),
        lambda data: data["findings"][0].update(rule=5),
        lambda data: data["findings"][0].update(outcome="maybe"),
        lambda data: data["findings"][0].update(severity="ERROR"),
        lambda data: data["findings"][0].update(missing="text"),
        lambda data: data["findings"][0].update(id=None),
        lambda data: data["findings"][0].update(evidence=[{"octet": 5}]),
        lambda data: data["findings"][0].update(evidence=[{"source": "a", "octet": "5"}]),
        lambda data: data["rules"].update({"route.prepending": {}}),
        lambda data: data["rules"]["prefix.too-short"].update(portal="text"),
        lambda data: data["prefixes"][0]["checks"][0].update(result="maybe"),
        lambda data: data["prefixes"][0]["checks"][0].update(by="nobody"),
        lambda data: data["matrix"]["rows"][0].pop("key"),
        lambda data: data["matrix"]["rows"][0]["cells"].update({"ams-1": None}),
        lambda data: data.pop("rules"),
        lambda data: data.pop("peerings"),
        lambda data: data["findings"][0]["subject"].update(prefix=24),
        lambda data: data["findings"][0].update(subject=None),
        lambda data: data["prefixes"][0].update(state="Fine"),
        lambda data: data["matrix"].update(rows={}),
        lambda data: data["tool"].update(version=None),
    ],
)
def test_a_changed_report_violates_the_schema(change: Callable[[Any], object]) -> None:
    """A document that is no report violates the schema, and cannot be read."""
    data = changed(change)

    assert not is_valid("report", data)
    with pytest.raises(ReportError, match="expected"):
        parse_report(json.dumps(data), "report.json")


def test_reports_may_grow() -> None:
    """An unknown field, which a later version may write, is accepted."""
    data = changed(lambda data: data["findings"][0].update(ticket=5))

    assert is_valid("report", data)
    assert parse_report(json.dumps(data), "report.json").report.findings


@pytest.mark.parametrize("path", INVENTORIES, ids=lambda path: path.parent.name)
def test_reports_of_examples_conform(path: Path) -> None:
    """Every example's report conforms to the schema, including sources and evidence."""
    report = peerlint.check(peerlint.load_inventory(path))

    assert is_valid("report", json.loads(render_json(report)))


def test_names_of_the_schemas() -> None:
    """The id of a schema has its number."""
    assert ["urn:peerlint:inventory:1", "urn:peerlint:report:2"] == [
        shipped_schema(name)["$id"] for name in ("inventory", "report")
    ]
