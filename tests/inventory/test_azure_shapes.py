"""Azure's exports: the values of each item in each shape, and what is ignored."""

from __future__ import annotations

import json
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Any, Final

import attrs
import pytest

from peerlint.errors import ExportError
from peerlint.inventory import (
    Connection,
    Contact,
    Inventory,
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
    merge,
    read_export,
)
from peerlint.model import Asn
from peerlint.testing.azure import SHAPES, Shape, written

_ID: Final = "/subscriptions/0000/resourceGroups/net/providers/Microsoft.Peering"
_FIRST: Final = "22222222-2222-2222-2222-222222222222"
_SECOND: Final = "33333333-3333-3333-3333-333333333333"

#: Items of ARM as in Microsoft's REST reference and recordings, with documentation addresses, and
#: their values.
ITEMS: Final[dict[str, tuple[dict[str, Any], Export]]] = {
    "peering": (
        {
            "name": "contoso-fra",
            "type": "Microsoft.Peering/peerings",
            "id": f"{_ID}/peerings/contoso-fra",
            "kind": "Direct",
            "location": "germanywestcentral",
            "tags": {},
            "sku": {"name": "Premium_Direct_Free", "tier": "Premium"},
            "properties": {
                "peeringLocation": "Frankfurt",
                "provisioningState": "Succeeded",
                "connectivityProbes": [],
                "direct": {
                    "useForPeeringService": True,
                    "directPeeringType": "Edge",
                    "peerAsn": {
                        "id": "/subscriptions/0000/providers/Microsoft.Peering/peerAsns/contoso"
                    },
                    "connections": [
                        {
                            "bandwidthInMbps": 10000,
                            "provisionedBandwidthInMbps": 0,
                            "sessionAddressProvider": "Microsoft",
                            "useForPeeringService": True,
                            "microsoftTrackingId": "TRK1",
                            "peeringDBFacilityId": 99999,
                            "connectionState": "Active",
                            "connectionIdentifier": "11111111-1111-1111-1111-111111111111",
                            "errorMessage": None,
                            "bgpSession": {
                                "sessionPrefixV4": "198.51.100.0/31",
                                "microsoftSessionIPv4Address": "198.51.100.1",
                                "peerSessionIPv4Address": "198.51.100.0",
                                "sessionPrefixV6": "",
                                "microsoftSessionIPv6Address": None,
                                "peerSessionIPv6Address": None,
                                "sessionStateV4": "Established",
                                "sessionStateV6": "None",
                                "maxPrefixesAdvertisedV4": 20000,
                                "maxPrefixesAdvertisedV6": 0,
                                "md5AuthenticationKey": "a secret",
                            },
                        },
                        {
                            "connectionState": "ProvisioningFailed",
                            "errorMessage": "The request was not approved",
                            "bgpSession": None,
                        },
                    ],
                },
            },
        },
        Export(
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
    ),
    "exchange peering": (
        {
            "name": "contoso-ix",
            "type": "Microsoft.Peering/peerings",
            "id": f"{_ID}/peerings/contoso-ix",
            "kind": "Exchange",
            "sku": {"name": "Basic_Exchange_Free"},
            "properties": {
                "peeringLocation": "Amsterdam",
                "exchange": {
                    "peerAsn": {"id": f"{_ID}/peerAsns/contoso"},
                    "connections": [
                        {
                            "peeringDBFacilityId": 26,
                            "connectionState": "Approved",
                            "bgpSession": {
                                "microsoftSessionIPv6Address": "2001:db8::1",
                                "peerSessionIPv6Address": "2001:db8::2",
                                "sessionStateV6": "Idle",
                            },
                        }
                    ],
                },
            },
        },
        Export(
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
    ),
    "peer ASN": (
        {
            "name": "contoso64500",
            "type": "Microsoft.Peering/peerAsns",
            "id": "/subscriptions/0000/providers/Microsoft.Peering/peerAsns/contoso64500",
            "properties": {
                "peerAsn": 64500,
                "peerName": "Contoso",
                "validationState": "Approved",
                "errorMessage": None,
                "peerContactDetail": [
                    {"role": "Noc", "email": "noc@contoso.example", "phone": "+1 555 0100"},
                    {"role": "Policy"},
                ],
            },
        },
        Export(
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
    ),
    "registered prefix": (
        {
            "name": "sbc-1",
            "type": "Microsoft.Peering/peerings/registeredPrefixes",
            "id": f"{_ID}/peerings/contoso-fra/registeredPrefixes/sbc-1",
            "properties": {
                "prefix": "203.0.113.0/24",
                "prefixValidationState": "Failed",
                "peeringServicePrefixKey": _FIRST,
                "errorMessage": "Advertisement missing MAPS community",
                "provisioningState": "Succeeded",
            },
        },
        Export(
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
    ),
    "registered ASN": (
        {
            "name": "customer-a",
            "type": "Microsoft.Peering/peerings/registeredAsns",
            "id": f"{_ID}/peerings/ixp-rs/registeredAsns/customer-a",
            "properties": {
                "asn": 64501,
                "peeringServicePrefixKey": _SECOND,
                "provisioningState": "Succeeded",
            },
        },
        Export(
            registered_asns=(
                Child(
                    RegisteredAsn(Asn(64501), "customer-a", Key(_SECOND), "Succeeded"),
                    "ixp-rs",
                    "net",
                    "0000",
                ),
            )
        ),
    ),
    "received route": (
        {
            "prefix": "203.0.113.0/24",
            "nextHop": "198.51.100.0",
            "asPath": "64500 64501",
            "originAsValidationState": "Valid",
            "rpkiValidationState": "Unknown",
            "trustAnchor": "None",
            "receivedTimestamp": "2025-01-31T11:51:51.2062620Z",
        },
        Export(
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
    ),
    "peering service": (
        {
            "name": "contoso-maps",
            "type": "Microsoft.Peering/peeringServices",
            "id": f"{_ID}/peeringServices/contoso-maps",
            "location": "germanywestcentral",
            "sku": {"name": None},
            "properties": {
                "peeringServiceLocation": "Hesse",
                "peeringServiceProvider": "Contoso",
                "providerPrimaryPeeringLocation": "Frankfurt",
                "providerBackupPeeringLocation": "Amsterdam",
                "provisioningState": "Succeeded",
                "logAnalyticsWorkspaceProperties": None,
            },
        },
        Export(
            services=(
                PeeringService(
                    "contoso-maps", "Hesse", "Contoso", "Frankfurt", "Amsterdam", "0000"
                ),
            )
        ),
    ),
    "service prefix": (
        {
            "name": "sbc-1",
            "type": "Microsoft.Peering/peeringServices/prefixes",
            "id": f"{_ID}/peeringServices/contoso-maps/prefixes/sbc-1",
            "properties": {
                "prefix": "203.0.113.0/24",
                "prefixValidationState": "Verified",
                "learnedType": "ViaServiceProvider",
                "errorMessage": None,
                "peeringServicePrefixKey": _FIRST,
                "provisioningState": "Succeeded",
                "events": [{"eventType": "PrefixAnnouncementEvent", "eventLevel": "Information"}],
            },
        },
        Export(
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
    ),
    "provider": (
        {
            "name": "Contoso",
            "type": "Microsoft.Peering/peeringServiceProviders",
            "id": "/subscriptions/0000/providers/Microsoft.Peering/peeringServiceProviders/Contoso",
            "properties": {
                "serviceProviderName": "Contoso Networks",
                "peeringLocations": ["Amsterdam", "Frankfurt"],
            },
        },
        Export(providers=(Provider("Contoso Networks", ("Amsterdam", "Frankfurt")),)),
    ),
}


def read(data: object) -> Export:
    """Read one file with JSON."""
    return read_export([("export.json", json.dumps(data).encode())])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ITEMS)
def test_items(name: str, shape: Shape) -> None:
    """Each kind of item has the same value in each shape."""
    item, expected = ITEMS[name]

    assert expected == read_export([("export.json", written([item], shape))])


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", ITEMS)
def test_items_without_type(name: str, shape: Shape) -> None:
    """An item without type and id is recognised by its fields, but has no parent."""
    item, expected = ITEMS[name]
    bare = {key: value for key, value in item.items() if key not in ("type", "id")}

    found = read_export([("export.json", written([bare], shape))])

    kinds = [field.name for field in attrs.fields(Export) if getattr(expected, field.name)]
    assert [1] == [len(getattr(found, kind)) for kind in kinds]
    assert () == found.remarks


def test_all_shapes_in_one_call() -> None:
    """Files of all shapes, pages and lists of them are read together, in their order."""
    prefix = ITEMS["registered prefix"][0]
    other = {**prefix, "name": "sbc-2", "id": prefix["id"].replace("sbc-1", "sbc-2")}
    third = {**prefix, "name": "sbc-3", "id": prefix["id"].replace("sbc-1", "sbc-3")}
    files = [
        ("a", written([prefix], "arm")),
        ("b", written([other], "powershell")),
        ("c", json.dumps([{"value": [third]}, [ITEMS["provider"][0]]]).encode()),
    ]

    found = read_export(files)

    assert ["sbc-1", "sbc-2", "sbc-3"] == [each.value.name for each in found.registered_prefixes]
    assert 1 == len(found.providers)


def test_twice_the_same() -> None:
    """A resource in two files is one resource; the last file counts."""
    item = ITEMS["registered prefix"][0]
    later = {**item, "properties": {**item["properties"], "prefixValidationState": "Verified"}}

    found = read([item, {**later, "id": item["id"].upper()}])

    assert ["Verified"] == [each.value.state for each in found.registered_prefixes]


@pytest.mark.parametrize("nothing", [None, ""])
def test_missing_null_and_empty(nothing: str | None) -> None:
    """A field that is missing, null or an empty string is absent."""
    item = ITEMS["registered prefix"][0]
    emptied = {**item, "properties": {"prefix": "203.0.113.0/24", "errorMessage": nothing}}
    for key in ("prefixValidationState", "peeringServicePrefixKey", "provisioningState"):
        emptied["properties"][key] = nothing

    value = read(emptied).registered_prefixes[0].value

    assert RegisteredPrefix("203.0.113.0/24", "sbc-1") == value


def test_unknown_keys_and_words() -> None:
    """Unknown fields are ignored; unknown states are kept."""
    item = ITEMS["registered prefix"][0]
    properties = {**item["properties"], "prefixValidationState": "Quarantined", "eTag": "W/1"}

    found = read({**item, "systemData": {"a": 1}, "properties": properties})

    assert "Quarantined" == found.registered_prefixes[0].value.state
    assert () == found.remarks


@pytest.mark.parametrize("key", ["nextLink", "NextLink"])
def test_next_link(key: str) -> None:
    """A file whose last page links to another page is named."""
    page = {"value": [ITEMS["received route"][0]], key: "https://management.example/?skip=100"}

    assert ("export.json",) == read(page).unfinished
    assert () == read({**page, key: None}).unfinished


@pytest.mark.parametrize("octets", [b"[]", b'{"value": []}', b"\xef\xbb\xbf[]"])
def test_nothing_registered(octets: bytes) -> None:
    """An empty list is an export without resources."""
    assert Export() == read_export([("export.json", octets)])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_encodings(encoding: str) -> None:
    """UTF-16 and UTF-8 with a byte order mark, which PowerShell writes, are read."""
    item, expected = ITEMS["provider"]

    assert expected == read_export([("export.json", json.dumps(item).encode(encoding))])


def _wrong(change: dict[str, object]) -> dict[str, object]:
    item = ITEMS["peering"][0]
    inner = {**item["properties"]["direct"], **change}
    return {**item, "properties": {**item["properties"], "direct": inner}}


@pytest.mark.parametrize(
    ("item", "remark"),
    [
        (
            _wrong({"connections": "System.Object[]"}),
            "item 1, direct: connections: expected a list, found 'System.Object[]': ignored; "
            "use ConvertTo-Json -Depth 10",
        ),
        (
            _wrong({"connections": [{"bandwidthInMbps": "ten", "connectionState": "Active"}]}),
            "item 1, direct, connections 1: bandwidthInMbps: expected a number, found 'ten': "
            "ignored",
        ),
        (
            _wrong({"connections": [{"bgpSession": {"peerSessionIPv4Address": "198.51.100"}}]}),
            "item 1, direct, connections 1, bgpSession: peerSessionIPv4Address: expected an IP "
            "address, found '198.51.100': ignored",
        ),
        (
            _wrong({"useForPeeringService": 7}),
            "item 1, direct: useForPeeringService: expected true or false, found 7: ignored",
        ),
        (
            {**ITEMS["peer ASN"][0], "properties": {"peerAsn": 4294967296}},
            "item 1: it has no AS number: ignored",
        ),
        (
            {**ITEMS["registered prefix"][0], "properties": {}},
            "item 1: a registered prefix without its prefix: ignored",
        ),
        (
            {"type": "Microsoft.Peering/peeringLocations", "name": "Amsterdam"},
            "item 1: no resource of Azure Peering that is read here: ignored",
        ),
        (17, "expected an object, found a number: ignored"),
        (None, "expected an object, found nothing: ignored"),
        ("fra", "expected an object, found a string: ignored"),
        (
            "@{Name=contoso-fra; Kind=Direct}",
            "expected an object, found a string: ignored; use ConvertTo-Json -Depth 10",
        ),
        (
            {**ITEMS["peering"][0], "properties": "@{direct=}"},
            "item 1: properties: expected an object, found '@{direct=}': ignored; use "
            "ConvertTo-Json -Depth 10",
        ),
        (
            _wrong({"connections": {"value": "@{A=1} @{A=2}", "Count": 2}}),
            "item 1, direct: connections: expected a list, found '@{A=1} @{A=2}': ignored; use "
            "ConvertTo-Json -Depth 10",
        ),
        (
            _wrong({"connections": [None]}),
            "item 1, direct: connections 1: expected an object, found nothing: ignored",
        ),
        (
            _wrong({"connections": [{"peeringDBFacilityId": None}]}),
            "item 1, direct, connections 1: it has no known field: ignored",
        ),
        (
            {**ITEMS["peering"][0], "sku": "Microsoft.Azure.PowerShell.Cmdlets.Peering.Models.Sku"},
            "item 1: sku: expected an object, found 'Microsoft.Azure.PowerShell.Cmdlets.Peeri...': "
            "ignored; use ConvertTo-Json -Depth 10",
        ),
        (
            {"error": {"code": "GatewayTimeout", "message": "try again\nlater"}},
            "item 1: an error of Azure's, GatewayTimeout: try again: ignored",
        ),
    ],
)
def test_remarks(item: object, remark: str) -> None:
    """A value of the wrong type is ignored with a remark about its place; the rest is read."""
    found = read([item, ITEMS["provider"][0]])

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
        (b"[{}", "expected JSON, found an error in line 1, column 4: expecting ',' delimiter"),
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

    assert str(caught.value).endswith(f"print them, found an error of Azure's, {expected}")


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
    item, expected = ITEMS[name]
    data = json.loads(written([item], shape).decode("utf-8-sig"))

    assert expected == read(change(data))


@pytest.mark.parametrize("between", ["", "\n", "\r\n\r\n", " "])
def test_documents_in_a_row(between: str) -> None:
    """Several documents are read: ToJsonString writes objects one after another, `>>` appends."""
    prefix = ITEMS["registered prefix"][0]
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
    item = ITEMS["registered prefix"][0]
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
    item = json.loads(json.dumps(ITEMS[name][0]))
    inner = item
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = None
    without = read(item)
    inner[path[-1]] = printed

    found = read(item)

    assert without == attrs.evolve(found, remarks=())
    assert [f": {path[-1]}: expected a word" in each for each in found.remarks] == [True]


def test_equal_remarks() -> None:
    """Equal remarks about many items are joined, with the first place."""
    item = ITEMS["registered ASN"][0]
    many = [
        {**item, "id": f"{item['id']}{number}", "properties": {"asn": 64501 + number,
         "provisioningState": {}}} for number in range(40)
    ]  # fmt: skip

    (remark,) = read(many).remarks

    assert remark.startswith("export.json, item 1: provisioningState: expected a word")
    assert remark.endswith("ConvertTo-Json (and the same in 39 more places)")


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
        _wrong({"peerAsn": reference}),
        {"peeringLocation": "Amsterdam", "name": "contoso-fra", "PeerAsn": reference},
    ):
        (peering,) = read(item).peerings

        found = (peering.peer_asn, peering.peer_asn_subscription, peering.asn)
        assert (peer_asn, subscription, asn) == found


@pytest.mark.parametrize(
    ("data", "lost"),
    [
        ([ITEMS["received route"][0]], 0),
        ([ITEMS["received route"][0], 7], 1),
        ([ITEMS["received route"][0], {"prefix": None, "nextHop": "192.0.2.0"}], 1),
        ([ITEMS["received route"][0], {"error": {"code": "GatewayTimeout"}}], 1),
        ([ITEMS["received route"][0], {"type": "Microsoft.Network/x"}], 1),
        ([{**ITEMS["received route"][0], "rpkiValidationState": {}}], 0),
        ([{**ITEMS["received route"][0], "receivedTimestamp": []}], 0),
    ],
)
def test_items_that_are_lost(data: object, lost: int) -> None:
    """Items that could not be read are counted; those with an ignored value are not."""
    assert lost == read(data).lost


def test_resources() -> None:
    """The summary of an export counts its resources."""
    every = [item for item, _ in ITEMS.values()]

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
    assert not read(ITEMS["received route"][0]).resources


def test_keys_are_masked() -> None:
    """No `repr` or `str` of an export has a key."""
    found = read([ITEMS["registered prefix"][0], ITEMS["registered ASN"][0]])

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


def test_a_link_of_any_page_counts() -> None:
    """A link to a next page counts on any page of a file."""
    page = {"value": [ITEMS["peering"][0]]}
    pages = [{**page, "nextLink": "https://management.example/2"}, page]

    assert ("a.json",) == read_export([("a.json", json.dumps(pages).encode())]).unfinished
