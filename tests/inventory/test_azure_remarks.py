"""Azure's exports: remarks about ignored values, errors, and masked keys."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Final

import pytest

from peerlint.errors import ExportError
from peerlint.inventory import (
    Inventory,
)
from peerlint.inventory.azure import (
    Export,
    merge,
    read_export,
)

VECTORS: Final = Path(__file__).parents[1] / "vectors" / "azure" / "items.json"
#: Items of ARM as in Microsoft's REST reference and recordings, with documentation addresses.
ITEMS: Final[dict[str, dict[str, Any]]] = json.loads(VECTORS.read_text(encoding="utf-8"))
_ID: Final = "/subscriptions/0000/resourceGroups/net/providers/Microsoft.Peering"
_FIRST: Final = "22222222-2222-2222-2222-222222222222"
_SECOND: Final = "33333333-3333-3333-3333-333333333333"


def read(data: object) -> Export:
    """Read one file with JSON."""
    return read_export([("export.json", json.dumps(data).encode())])


def peering_with(change: dict[str, object]) -> dict[str, object]:
    """Return the item of a peering with changes under `direct`."""
    item = ITEMS["peering"]
    inner = {**item["properties"]["direct"], **change}
    return {**item, "properties": {**item["properties"], "direct": inner}}


@pytest.mark.parametrize(
    ("item", "remark"),
    [
        (
            peering_with({"connections": "System.Object[]"}),
            "item 1, direct: connections: expected a list, found 'System.Object[]': ignored; "
            "use ConvertTo-Json -Depth 10",
        ),
        (
            peering_with(
                {"connections": [{"bandwidthInMbps": "ten", "connectionState": "Active"}]}
            ),
            "item 1, direct, connections 1: bandwidthInMbps: expected a number, found 'ten': "
            "ignored",
        ),
        (
            peering_with(
                {"connections": [{"bgpSession": {"peerSessionIPv4Address": "198.51.100"}}]}
            ),
            "item 1, direct, connections 1, bgpSession: peerSessionIPv4Address: expected an IP "
            "address, found '198.51.100': ignored",
        ),
        (
            peering_with({"useForPeeringService": 7}),
            "item 1, direct: useForPeeringService: expected true or false, found 7: ignored",
        ),
        (
            {**ITEMS["peer ASN"], "properties": {"peerAsn": 4294967296}},
            "item 1: it has no AS number: ignored",
        ),
        (
            {**ITEMS["registered prefix"], "properties": {}},
            "item 1: a registered prefix without its prefix: ignored",
        ),
        (
            {"type": "Microsoft.Peering/peeringLocations", "name": "Amsterdam"},
            "item 1: not a supported resource of Azure Peering: ignored",
        ),
        (17, "expected an object, found a number: ignored"),
        (None, "expected an object, found nothing: ignored"),
        ("fra", "expected an object, found a string: ignored"),
        (
            "@{Name=contoso-fra; Kind=Direct}",
            "expected an object, found a string: ignored; use ConvertTo-Json -Depth 10",
        ),
        (
            {**ITEMS["peering"], "properties": "@{direct=}"},
            "item 1: properties: expected an object, found '@{direct=}': ignored; use "
            "ConvertTo-Json -Depth 10",
        ),
        (
            peering_with({"connections": {"value": "@{A=1} @{A=2}", "Count": 2}}),
            "item 1, direct: connections: expected a list, found '@{A=1} @{A=2}': ignored; use "
            "ConvertTo-Json -Depth 10",
        ),
        (
            peering_with({"connections": [None]}),
            "item 1, direct: connections 1: expected an object, found nothing: ignored",
        ),
        (
            peering_with({"connections": [{"peeringDBFacilityId": None}]}),
            "item 1, direct, connections 1: it has no known field: ignored",
        ),
        (
            {**ITEMS["peering"], "sku": "Microsoft.Azure.PowerShell.Cmdlets.Peering.Models.Sku"},
            "item 1: sku: expected an object, found 'Microsoft.Azure.PowerShell.Cmdlets.Peeri...': "
            "ignored; use ConvertTo-Json -Depth 10",
        ),
        (
            {"error": {"code": "GatewayTimeout", "message": "try again\nlater"}},
            "item 1: an error of Azure, GatewayTimeout: try again: ignored",
        ),
    ],
)
def test_remarks(item: object, remark: str) -> None:
    """A value of the wrong type is ignored with a remark about its place; the rest is read."""
    found = read([item, ITEMS["provider"]])

    assert f"export.json, {remark}" in found.remarks or f"export.json: {remark}" in found.remarks
    assert 1 == len(found.providers)


@pytest.mark.parametrize(
    ("octets", "expected"),
    [
        (b"", "export.json: the file: expected JSON, found nothing: the command"),
        (b"\xff\xfe", "export.json: the file: expected JSON, found nothing: the command"),
        (b" \r\n", "export.json: the file: expected JSON, found nothing: the command"),
        (b"az: command not found", "expected JSON, found 'az: command not found'; redirect"),
        (b"ERROR: AADSTS700082: expired\nmore", "found 'ERROR: AADSTS700082: expired'; redirect"),
        (b"(AuthorizationFailed) The client has no", "found '(AuthorizationFailed) The client"),
        (b"WARNING: in preview\n[]", "found 'WARNING: in preview'; redirect standard output only"),
        (b"Get-AzPeering : Run Connect-AzAccount", "found 'Get-AzPeering : Run Connect-AzAccount'"),
        (b"<!DOCTYPE html>\n<html>", "expected JSON, found '<!DOCTYPE html>'"),
        (b"Name  Kind\n----  ----\nfra   Direct", "expected JSON, found 'Name  Kind'"),
        (b"[{}", "expected JSON, found an error at line 1, column 4: expecting ',' delimiter"),
        (b'{"name": "\xff"}', "expected JSON in UTF-8 or UTF-16, found octet 10 that is neither"),
        (b"[" * 100_000, "expected JSON, found nesting too deep"),
        (b'"text"', "expected a list or an object, found a string"),
        (b"null", "expected a list or an object, found nothing"),
        (b"17", "expected a list or an object, found a number"),
        (b"true", "expected a list or an object, found true"),
        (b"{}", "or PowerShell print them, found an empty object"),
        (b'[{"a": 1, "b": null}]', "found an object with a, b"),
        (b'{"name": "contoso"}', "found something else (contoso)"),
    ],
)
def test_files_that_are_not_exports(octets: bytes, expected: str) -> None:
    """A file without resources of Azure Peering is an error that says what was expected."""
    with pytest.raises(ExportError) as caught:
        read_export([("export.json", octets)])

    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"error": {"code": "AuthorizationFailed", "message": "no"}}, "AuthorizationFailed: no"),
        ({"error": {"code": "AuthorizationFailed"}}, "AuthorizationFailed"),
        ({"Error": {"Code": "NotFound", "Message": "a\nb"}}, "NotFound: a"),
        ({"code": "ResourceNotFound", "message": "none", "details": []}, "ResourceNotFound: none"),
        ([{"code": "ResourceNotFound"}], "ResourceNotFound"),
        ({"error": "invalid_grant", "error_description": "AADSTS700082"},
         "invalid_grant: AADSTS700082"),
        ({"value": [{"error": {"value": {"code": "Throttled"}}}]}, "Throttled"),
    ],
)  # fmt: skip
def test_an_error_of_azure(body: object, expected: str) -> None:
    """An error body is no export; the error has its code and the first line of its message."""
    with pytest.raises(ExportError) as caught:
        read(body)

    assert str(caught.value).endswith(f"print them, found an error of Azure, {expected}")


def test_equal_remarks() -> None:
    """Equal remarks about many items are joined, with the first place."""
    item = ITEMS["registered ASN"]
    many = [
        {**item, "id": f"{item['id']}{number}", "properties": {"asn": 64501 + number,
         "provisioningState": {}}} for number in range(40)
    ]  # fmt: skip

    (remark,) = read(many).remarks

    assert remark.startswith("export.json, item 1: provisioningState: expected a word")
    assert remark.endswith("ConvertTo-Json (and the same in 39 more places)")


@pytest.mark.parametrize(
    ("data", "lost"),
    [
        ([ITEMS["received route"]], 0),
        ([ITEMS["received route"], 7], 1),
        ([ITEMS["received route"], {"prefix": None, "nextHop": "192.0.2.0"}], 1),
        ([ITEMS["received route"], {"error": {"code": "GatewayTimeout"}}], 1),
        ([ITEMS["received route"], {"type": "Microsoft.Network/x"}], 1),
        ([{**ITEMS["received route"], "rpkiValidationState": {}}], 0),
        ([{**ITEMS["received route"], "receivedTimestamp": []}], 0),
    ],
)
def test_items_that_are_lost(data: object, lost: int) -> None:
    """Items that could not be read are counted; those with an ignored value are not."""
    assert lost == read(data).lost


def test_keys_are_masked() -> None:
    """No `repr` or `str` of an export has a key."""
    found = read([ITEMS["registered prefix"], ITEMS["registered ASN"]])

    assert "2222-2222" not in repr(found)
    assert "...2222" in repr(found)
    assert "3333-3333" not in repr(found)


_BARE: Final = _FIRST.replace("-", "").upper()
#: As of a workspace's key.
_BASE64: Final = "c2VjcmV0LW9mLXRoZS13b3Jrc3BhY2U+Pz8/IQ=="


@pytest.mark.parametrize("key", [_FIRST, _FIRST.upper(), _BARE, f"{{{_FIRST}}}", _BASE64])
@pytest.mark.parametrize(
    "item",
    [
        # unknown resources, which an error describes
        {"name": "KEY"},
        {"type": "KEY"},
        {"code": "KEY", "error": "the key KEY is unknown"},
        {"type": "Microsoft.Peering/peerings", "name": "KEY", "properties": {"direct": {
            "peerAsn": {"id": f"{_ID}/peerAsns/KEY"}}}},
        # values that are ignored
        {"type": "Microsoft.Peering/peerings/registeredPrefixes", "id": f"{_ID}/peerings/KEY/x/y",
         "properties": {"prefix": "KEY"}},
        {"type": "Microsoft.Peering/peeringServices/prefixes", "name": "KEY/sbc-1",
         "properties": {"prefix": "203.0.113.0/24"}},
        {"serviceProviderName": "Contoso", "peeringLocations": 7,
         "properties": {"peeringLocations": "KEY"}},
        {"peerName": "Contoso", "peerAsn": "KEY"},
        {"peeringServiceLocation": "Hesse", "name": "x", "id": ["KEY"]},
        {"peeringLocation": "Amsterdam", "name": "x", "direct": {"connections": "KEY"}},
        {"peeringLocation": "Amsterdam", "name": "x", "direct": {"useForPeeringService": "KEY",
         "connections": [{"bandwidthInMbps": "of KEY", "bgpSession": {
            "peerSessionIPv4Address": "KEY"}}]}},
    ],
)  # fmt: skip
def test_keys_in_wrong_fields_are_masked(item: dict[str, Any], key: str) -> None:
    """Messages that quote an export show no more than the end of a key."""
    octets = json.dumps(item).replace("KEY", key).encode()
    texts: list[str] = []
    try:
        export = read_export([("export.json", octets)])
        texts += export.remarks
        texts += merge(Inventory(), export).remarks
    except ExportError as error:
        texts.append(str(error))

    assert texts
    assert [] == [text for text in texts if key[1:-4].casefold() in text.casefold()]


def test_names_are_not_masked() -> None:
    """Names in messages are readable."""
    item = {"type": "Microsoft.Network/virtualNetworks", "name": "contoso-2026-11-21"}
    with pytest.raises(
        ExportError, match=r"Microsoft\.Network/virtualNetworks, contoso-2026-11-21"
    ):
        read([item])
