"""Azure's exports: the values of each item in each shape, and what is ignored."""

from __future__ import annotations

import json
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

from peerlint.inventory import (
    Connection,
    Contact,
    Key,
    PeerAsn,
    PeeringService,
    Provider,
    RegisteredAsn,
    RegisteredPrefix,
    ServicePrefix,
    Session,
)
from peerlint.inventory.azure import (
    AzurePeering,
    Child,
    Export,
    ReceivedRoute,
    read_export,
)
from peerlint.model import Asn
from peerlint.testing.azure import SHAPES, Shape, written

VECTORS: Final = Path(__file__).parents[1] / "vectors" / "azure" / "items.json"
_FIRST: Final = "22222222-2222-2222-2222-222222222222"
_SECOND: Final = "33333333-3333-3333-3333-333333333333"

#: Items of ARM as in Microsoft's REST reference and recordings, with documentation addresses.
ITEMS: Final[dict[str, dict[str, Any]]] = json.loads(VECTORS.read_text(encoding="utf-8"))
#: The values of each item.
EXPORTS: Final[dict[str, Export]] = {
    "peering": Export(
        peerings=(
            AzurePeering(
                "contoso-fra",
                subscription="0000",
                resource_group="net",
                peer_asn="contoso",
                peer_asn_subscription="0000",
                location="Frankfurt",
                sku="Premium_Direct_Free",
                kind="Direct",
                network="Edge",
                peering_service=True,
                provisioning_state="Succeeded",
                connections=(
                    Connection(
                        "",
                        bandwidth=10_000,
                        state="Active",
                        sessions=(
                            Session(
                                IPv4Address("198.51.100.1"),
                                IPv4Address("198.51.100.0"),
                                state="Established",
                                prefix="198.51.100.0/31",
                                max_advertised=20_000,
                                md5_set=True,
                            ),
                        ),
                        address_provider="Microsoft",
                        peering_service=True,
                        facility=99999,
                        identifier="11111111-1111-1111-1111-111111111111",
                    ),
                    Connection(
                        "", state="ProvisioningFailed", error="The request was not approved"
                    ),
                ),
            ),
        )
    ),
    "exchange peering": Export(
        peerings=(
            AzurePeering(
                "contoso-ix",
                subscription="0000",
                resource_group="net",
                peer_asn="contoso",
                peer_asn_subscription="0000",
                location="Amsterdam",
                sku="Basic_Exchange_Free",
                kind="Exchange",
                connections=(
                    Connection(
                        "",
                        state="Approved",
                        facility=26,
                        sessions=(
                            Session(
                                IPv6Address("2001:db8::1"),
                                IPv6Address("2001:db8::2"),
                                state="Idle",
                            ),
                        ),
                    ),
                ),
            ),
        )
    ),
    "peer ASN": Export(
        peer_asns=(
            PeerAsn(
                "contoso64500",
                Asn(64500),
                "Contoso",
                "Approved",
                None,
                "0000",
                (Contact("Noc", "noc@contoso.example", "+1 555 0100"), Contact("Policy")),
            ),
        )
    ),
    "registered prefix": Export(
        registered_prefixes=(
            Child(
                RegisteredPrefix(
                    "203.0.113.0/24",
                    "sbc-1",
                    key=Key(_FIRST),
                    state="Failed",
                    error="Advertisement missing MAPS community",
                    provisioning_state="Succeeded",
                ),
                "contoso-fra",
                "net",
                "0000",
            ),
        )
    ),
    "registered ASN": Export(
        registered_asns=(
            Child(
                RegisteredAsn(Asn(64501), "customer-a", Key(_SECOND), "Succeeded"),
                "ixp-rs",
                "net",
                "0000",
            ),
        )
    ),
    "received route": Export(
        received=(
            ReceivedRoute(
                "203.0.113.0/24",
                "198.51.100.0",
                "64500 64501",
                "Valid",
                "Unknown",
                "None",
                "2025-01-31T11:51:51.2062620Z",
            ),
        )
    ),
    "peering service": Export(
        services=(
            PeeringService("contoso-maps", "Hesse", "Contoso", "Frankfurt", "Amsterdam", "0000"),
        )
    ),
    "service prefix": Export(
        service_prefixes=(
            Child(
                ServicePrefix(
                    "203.0.113.0/24", "sbc-1", Key(_FIRST), "Verified", "ViaServiceProvider"
                ),
                "contoso-maps",
                "net",
                "0000",
            ),
        )
    ),
    "provider": Export(providers=(Provider("Contoso Networks", ("Amsterdam", "Frankfurt")),)),
}


def read(data: object) -> Export:
    """Read one file with JSON."""
    return read_export([("export.json", json.dumps(data).encode())])


def peering_with(change: dict[str, object]) -> dict[str, object]:
    """Return the item of a peering with changes under `direct`."""
    item = ITEMS["peering"]
    inner = {**item["properties"]["direct"], **change}
    return {**item, "properties": {**item["properties"], "direct": inner}}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ITEMS)
def test_items(name: str, shape: Shape) -> None:
    """Each kind of item has the same value in each shape."""
    item, expected = ITEMS[name], EXPORTS[name]

    assert expected == read_export([("export.json", written([item], shape))])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ITEMS)
def test_items_without_type(name: str, shape: Shape) -> None:
    """An item without type and id is recognised by its fields, but has no parent."""
    item, expected = ITEMS[name], EXPORTS[name]
    bare = {key: value for key, value in item.items() if key not in ("type", "id")}

    found = read_export([("export.json", written([bare], shape))])

    kinds = [field.name for field in attrs.fields(Export) if getattr(expected, field.name)]
    assert [1] == [len(getattr(found, kind)) for kind in kinds]
    assert () == found.remarks


def test_all_shapes_in_one_call() -> None:
    """Files of all shapes, pages and lists of them are read together, in their order."""
    prefix = ITEMS["registered prefix"]
    other = {**prefix, "name": "sbc-2", "id": prefix["id"].replace("sbc-1", "sbc-2")}
    third = {**prefix, "name": "sbc-3", "id": prefix["id"].replace("sbc-1", "sbc-3")}
    files = [
        ("a", written([prefix], "arm")),
        ("b", written([other], "powershell")),
        ("c", json.dumps([{"value": [third]}, [ITEMS["provider"]]]).encode()),
    ]

    found = read_export(files)

    assert ["sbc-1", "sbc-2", "sbc-3"] == [each.value.name for each in found.registered_prefixes]
    assert 1 == len(found.providers)


def test_twice_the_same() -> None:
    """A resource in two files is one resource; the last file counts."""
    item = ITEMS["registered prefix"]
    later = {**item, "properties": {**item["properties"], "prefixValidationState": "Verified"}}

    found = read([item, {**later, "id": item["id"].upper()}])

    assert ["Verified"] == [each.value.state for each in found.registered_prefixes]


@pytest.mark.parametrize("nothing", [None, ""])
def test_missing_null_and_empty(nothing: str | None) -> None:
    """A field that is missing, null or an empty string is absent."""
    item = ITEMS["registered prefix"]
    emptied = {**item, "properties": {"prefix": "203.0.113.0/24", "errorMessage": nothing}}
    for key in ("prefixValidationState", "peeringServicePrefixKey", "provisioningState"):
        emptied["properties"][key] = nothing

    value = read(emptied).registered_prefixes[0].value

    assert RegisteredPrefix("203.0.113.0/24", "sbc-1") == value


def test_unknown_keys_and_words() -> None:
    """Unknown fields are ignored; unknown states are kept."""
    item = ITEMS["registered prefix"]
    properties = {**item["properties"], "prefixValidationState": "Quarantined", "eTag": "W/1"}

    found = read({**item, "systemData": {"a": 1}, "properties": properties})

    assert "Quarantined" == found.registered_prefixes[0].value.state
    assert () == found.remarks


@pytest.mark.parametrize("key", ["nextLink", "NextLink"])
def test_next_link(key: str) -> None:
    """A file whose last page links to another page is named."""
    page = {"value": [ITEMS["received route"]], key: "https://management.example/?skip=100"}

    assert ("export.json",) == read(page).unfinished
    assert () == read({**page, key: None}).unfinished


@pytest.mark.parametrize("octets", [b"[]", b'{"value": []}', b"\xef\xbb\xbf[]"])
def test_nothing_registered(octets: bytes) -> None:
    """An empty list is an export without resources."""
    assert Export() == read_export([("export.json", octets)])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    """UTF-16 and UTF-8 with a byte order mark, which PowerShell writes, are read."""
    item, expected = ITEMS["provider"], EXPORTS["provider"]

    assert expected == read_export([("export.json", json.dumps(item).encode(encoding))])


def as_powershell_5(value: object) -> object:
    """Wrap every list inside an object, as Windows PowerShell 5.1 does."""
    if isinstance(value, dict):
        return {key: as_powershell_5(each) for key, each in value.items()}
    if isinstance(value, list):
        return {"value": [as_powershell_5(each) for each in value], "Count": len(value)}
    return value


def unlisted(value: object) -> object:
    """Replace every list of one by its item, as the pipeline of PowerShell does."""
    if isinstance(value, dict):
        return {key: unlisted(each) for key, each in value.items()}
    if isinstance(value, list):
        return unlisted(value[0]) if len(value) == 1 else [unlisted(each) for each in value]
    return value


def nested(value: object) -> object:
    """Put every list into a list."""
    if isinstance(value, dict):
        return {key: nested(each) for key, each in value.items()}
    return [[nested(each) for each in value]] if isinstance(value, list) else value


def printed_itself(value: object) -> object:
    """Replace every object inside an object by its JSON, as models of Az.Peering print themselves.

    The objects of a list follow one another in one string.
    """
    if isinstance(value, dict):
        return {key: _as_text(each) for key, each in value.items()}
    return [printed_itself(each) for each in value] if isinstance(value, list) else value


def _as_text(value: object) -> object:
    if isinstance(value, dict):
        return json.dumps(value, indent=2)
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return " ".join(json.dumps(each, indent=2) for each in value)
    return value


@pytest.mark.parametrize("change", [as_powershell_5, unlisted, nested, printed_itself])
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ITEMS)
def test_converted_lists(name: str, shape: Shape, change: Callable[[object], object]) -> None:
    """A list has the same value if it is wrapped, nested, unwrapped, or a string of objects."""
    item, expected = ITEMS[name], EXPORTS[name]
    data = json.loads(written([item], shape).decode("utf-8-sig"))

    assert expected == read(change(data))


@pytest.mark.parametrize("between", ["", "\n", "\r\n\r\n", " "])
def test_documents_in_a_row(between: str) -> None:
    """Several documents are read: ToJsonString writes objects one after another, `>>` appends."""
    prefix = ITEMS["registered prefix"]
    other = {**prefix, "id": prefix["id"].replace("sbc-1", "sbc-2"), "name": "sbc-2"}
    text = between.join([json.dumps(prefix), json.dumps([other]), json.dumps({"value": []}), ""])

    found = read_export([("export.json", text.encode("utf-16"))])

    assert ["sbc-1", "sbc-2"] == [each.value.name for each in found.registered_prefixes]


_NO_WORD: Final = (
    ": ignored; use `az ... -o json`, or in PowerShell `| ForEach-Object ToJsonString` "
    "instead of ConvertTo-Json"
)


@pytest.mark.parametrize(
    ("printed", "shown"),
    [({}, "an empty object"), (3, "3"), ("3", "'3'"), (True, "True")],
)
def test_enumerations_without_words(printed: object, shown: str) -> None:
    """An enumeration that ConvertTo-Json printed as a number or object is not known."""
    item = ITEMS["registered prefix"]
    properties = {**item["properties"], "prefixValidationState": printed}

    found = read({**item, "properties": properties})

    assert None is found.registered_prefixes[0].value.state
    assert (
        f"export.json, item 1: prefixValidationState: expected a word, found {shown}{_NO_WORD}",
    ) == found.remarks


#: All enumerations of the REST reference that are read.
ENUMERATIONS: Final = (
    ("peering", ("kind",)),
    ("peering", ("properties", "provisioningState")),
    ("peering", ("properties", "direct", "directPeeringType")),
    ("peering", ("properties", "direct", "connections", 0, "connectionState")),
    ("peering", ("properties", "direct", "connections", 0, "sessionAddressProvider")),
    ("peering", ("properties", "direct", "connections", 0, "bgpSession", "sessionStateV4")),
    ("peer ASN", ("properties", "validationState")),
    ("peer ASN", ("properties", "peerContactDetail", 0, "role")),
    ("registered prefix", ("properties", "prefixValidationState")),
    ("registered prefix", ("properties", "provisioningState")),
    ("registered ASN", ("properties", "provisioningState")),
    ("service prefix", ("properties", "prefixValidationState")),
    ("service prefix", ("properties", "learnedType")),
    ("received route", ("originAsValidationState",)),
    ("received route", ("rpkiValidationState",)),
)


@pytest.mark.parametrize("printed", [{}, 2])
@pytest.mark.parametrize(("name", "path"), ENUMERATIONS)
def test_every_enumeration(name: str, path: tuple[str | int, ...], printed: object) -> None:
    """A member that was not printed is not known; the remark says how to export it."""
    item = json.loads(json.dumps(ITEMS[name]))
    inner = item
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = None
    without = read(item)
    inner[path[-1]] = printed

    found = read(item)

    assert without == attrs.evolve(found, remarks=())
    assert [f": {path[-1]}: expected a word" in each for each in found.remarks] == [True]


@pytest.mark.parametrize(
    ("reference", "peer_asn", "subscription", "asn"),
    [
        # REST reference, ListLegacyPeerings
        ({"id": "64500"}, None, None, 64500),
        ({"id": 64500}, None, None, 64500),
        ({"id": " 64500 "}, None, None, 64500),
        ("64500", None, None, 64500),
        (64500, None, None, 64500),
        ({"id": "/subscriptions/1/providers/Microsoft.Peering/peerAsns/a"}, "a", "1", None),
        ("/subscriptions/1/providers/Microsoft.Peering/peerAsns/a", "a", "1", None),
        ({"id": "/subscriptions/1/providers/Microsoft.Peering/peerAsns/64500"}, "64500", "1", None),
        ({"peerAsn": "64500", "id": "/x/peerAsns/a"}, "a", None, 64500),
        ({"id": "0"}, None, None, None),
        ({"id": "4294967296"}, None, None, None),
        ({"id": "9" * 30}, None, None, None),
        ({}, None, None, None),
        (None, None, None, None),
    ],
)
def test_references_to_a_peer_asn(
    reference: object, peer_asn: str | None, subscription: str | None, asn: int | None
) -> None:
    """A peering refers to a PeerAsn by id, a legacy peering to the AS by number."""
    for item in (
        peering_with({"peerAsn": reference}),
        {"peeringLocation": "Amsterdam", "name": "contoso-fra", "PeerAsn": reference},
    ):
        (peering,) = read(item).peerings

        found = (peering.peer_asn, peering.peer_asn_subscription, peering.asn)
        assert (peer_asn, subscription, asn) == found


def test_resources() -> None:
    """The summary of an export counts its resources."""
    every = [*ITEMS.values()]

    assert (
        "2 peerings, 1 peer ASN, 1 registered prefix, 1 registered ASN, 1 peering service, "
        "1 service prefix, 1 provider" == read(every).resources
    )
    assert (
        "2 registered prefixes"
        == read(
            [{"type": "Microsoft.Peering/registeredPrefixes", "prefix": "198.18.0.0/24"}] * 2
        ).resources
    )
    assert not read(ITEMS["received route"]).resources


def test_a_link_of_any_page_counts() -> None:
    """A link to a next page counts on any page of a file."""
    page = {"value": [ITEMS["peering"]]}
    pages = [{**page, "nextLink": "https://management.example/2"}, page]

    assert ("a.json",) == read_export([("a.json", json.dumps(pages).encode())]).unfinished
