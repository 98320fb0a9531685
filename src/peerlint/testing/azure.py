"""Build Azure's JSON exports from an inventory, in the shapes of all tools.

As in Azure's own exports, the values that only a partner knows are missing: names of connections,
routers, roles, policy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final, Literal, cast

from peerlint.inventory import (
    Connection,
    Inventory,
    Key,
    PeerAsn,
    Peering,
    PeeringService,
    Provider,
    Session,
)
from peerlint.inventory.azure import ReceivedRoute

Shape = Literal["arm", "az", "powershell"]
Json = dict[str, Any]

#: The three shapes.
SHAPES: Final[tuple[Shape, ...]] = ("arm", "az", "powershell")
_PROVIDER: Final = "providers/Microsoft.Peering"
#: Keys that the SDK behind `az` writes differently.
_AZ_KEYS: Final = {"peeringDBFacilityId": "peeringDbFacilityId"}


def azure_exports(inventory: Inventory, shape: Shape = "arm") -> dict[str, bytes]:
    """Return one export for each list of resources, as file names and contents.

    Args:
        inventory: the resources in Azure. Peerings and services without subscription or resource
            group get the subscription `00000000` or the group `net`.
        shape: the tool whose JSON is written.
    """
    lists: dict[str, list[Json]] = {
        "peerings.json": [_peering(each) for each in inventory.peerings],
        "peer-asns.json": [_peer_asn(each) for each in inventory.peer_asns],
        "services.json": [_service(each) for each in inventory.peering_services],
        "providers.json": [_provider(each) for each in inventory.providers],
    }
    for number, peering in enumerate(inventory.peerings, start=1):
        lists[f"registered-prefixes-{number}.json"] = list(_registered_prefixes(peering))
        lists[f"registered-asns-{number}.json"] = list(_registered_asns(peering))
    for number, service in enumerate(inventory.peering_services, start=1):
        lists[f"service-prefixes-{number}.json"] = list(_service_prefixes(service))
    return {name: written(items, shape) for name, items in lists.items()}


def received_export(
    routes: Iterable[ReceivedRoute], shape: Shape = "arm", *, next_link: str | None = None
) -> bytes:
    """Return the content of an export of received routes.

    Args:
        routes: the routes.
        shape: the tool whose JSON is written.
        next_link: the link to the next page in the shape `arm`; None if there is none.
    """
    rows: list[Json] = [
        {
            "prefix": route.prefix,
            "nextHop": route.next_hop,
            "asPath": route.as_path,
            "originAsValidationState": route.origin_state,
            "rpkiValidationState": route.rpki_state,
            "trustAnchor": route.trust_anchor,
            "receivedTimestamp": route.timestamp,
        }
        for route in routes
    ]
    return written(rows, shape, next_link=next_link)


def written(items: list[Json], shape: Shape, *, next_link: str | None = None) -> bytes:
    """Encode resources in one of the shapes.

    Args:
        items: the resources in the shape of ARM.
        shape: the tool whose JSON is written.
        next_link: the link to the next page in the shape `arm`; None if there is none.
    """
    if shape == "arm":
        return json.dumps({"value": items, "nextLink": next_link}, indent=1).encode()
    if shape == "az":
        return json.dumps([_as_az(item) for item in items], indent=2).encode()
    # ConvertTo-Json prints a single object without its list, after a byte order mark.
    done: list[Any] = [_as_powershell(item) for item in items]
    return json.dumps(done[0] if len(done) == 1 else done).encode("utf-8-sig")


# -- ARM


def _id(subscription: str | None, group: str | None, *names: str) -> str:
    inside = f"/resourceGroups/{group}" if group is not None else ""
    path = "/".join((_PROVIDER, *names))
    return f"/subscriptions/{subscription or '0' * 8}{inside}/{path}"


def _resource(type_: str, id_: str, name: str, properties: Json, **others: object) -> Json:
    return {
        "name": name,
        "type": f"Microsoft.Peering/{type_}",
        "id": id_,
        **others,
        "properties": properties,
    }


def _peering_id(peering: Peering, *names: str) -> str:
    group = peering.resource_group or "net"
    return _id(peering.subscription, group, "peerings", peering.name, *names)


def _peering(peering: Peering) -> Json:
    is_exchange = (peering.kind or "").casefold() == "exchange"
    inner: Json = {"connections": [_connection(each) for each in peering.connections]}
    if peering.peer_asn is not None:
        inner["peerAsn"] = {"id": _id(peering.subscription, None, "peerAsns", peering.peer_asn)}
    if not is_exchange:
        inner["directPeeringType"] = peering.network
        inner["useForPeeringService"] = any(each.peering_service for each in peering.connections)
    return _resource(
        "peerings",
        _peering_id(peering),
        peering.name,
        {
            "peeringLocation": peering.location,
            "provisioningState": peering.provisioning_state,
            "exchange" if is_exchange else "direct": inner,
        },
        kind=peering.kind,
        location="germanywestcentral",
        tags={},
        sku={"name": peering.sku, "tier": "Premium", "family": "Direct", "size": "Free"},
    )


def _connection(connection: Connection) -> Json:
    return {
        "bandwidthInMbps": connection.bandwidth or 0,
        "provisionedBandwidthInMbps": connection.provisioned_bandwidth or 0,
        "sessionAddressProvider": connection.address_provider,
        "useForPeeringService": connection.peering_service,
        "microsoftTrackingId": "TRK1",
        "peeringDBFacilityId": connection.facility,
        "connectionState": connection.state,
        "connectionIdentifier": connection.identifier,
        "errorMessage": connection.error,
        "bgpSession": _bgp_session(connection.sessions),
    }


def _bgp_session(sessions: tuple[Session, ...]) -> Json | None:
    if not sessions:
        return None  # before addresses are allocated
    found: Json = {"md5AuthenticationKey": "secret" if sessions[0].md5_set else None}
    by_family = {_family(session): session for session in sessions}
    for family in (4, 6):
        session = by_family.get(family, Session())
        found |= {
            f"sessionPrefixV{family}": session.prefix or "",
            f"microsoftSessionIPv{family}Address": _text(session.microsoft),
            f"peerSessionIPv{family}Address": _text(session.peer),
            f"sessionStateV{family}": session.state or "None",
            f"maxPrefixesAdvertisedV{family}": session.max_advertised or 0,
        }
    return found


def _family(session: Session) -> int:
    return 6 if ":" in f"{session.prefix}{session.peer}{session.microsoft}" else 4


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _secret(key: Key | None) -> str | None:
    return None if key is None else key.secret


def _peer_asn(peer_asn: PeerAsn) -> Json:
    return _resource(
        "peerAsns",
        _id(peer_asn.subscription, None, "peerAsns", peer_asn.name),
        peer_asn.name,
        {
            "peerAsn": int(peer_asn.asn),
            "peerName": peer_asn.peer_name,
            "validationState": peer_asn.state,
            "errorMessage": peer_asn.error,
            "peerContactDetail": [
                {"role": each.role, "email": each.email, "phone": each.phone}
                for each in peer_asn.contacts
            ],
        },
    )


def _registered_prefixes(peering: Peering) -> Iterator[Json]:
    for number, registered in enumerate(peering.registered_prefixes, start=1):
        name = registered.name or f"prefix-{number}"
        yield _resource(
            "peerings/registeredPrefixes",
            _peering_id(peering, "registeredPrefixes", name),
            name,
            {
                "prefix": registered.prefix,
                "prefixValidationState": registered.state,
                "peeringServicePrefixKey": _secret(registered.key),
                "errorMessage": registered.error,
                "provisioningState": registered.provisioning_state,
            },
        )


def _registered_asns(peering: Peering) -> Iterator[Json]:
    for registered in peering.registered_asns:
        name = registered.name or f"as{registered.asn}"
        yield _resource(
            "peerings/registeredAsns",
            _peering_id(peering, "registeredAsns", name),
            name,
            {
                "asn": int(registered.asn),
                "peeringServicePrefixKey": _secret(registered.key),
                "provisioningState": registered.provisioning_state,
            },
        )


def _service_id(service: PeeringService, *names: str) -> str:
    return _id(service.subscription, "net", "peeringServices", service.name, *names)


def _service(service: PeeringService) -> Json:
    return _resource(
        "peeringServices",
        _service_id(service),
        service.name,
        {
            "peeringServiceLocation": service.location,
            "peeringServiceProvider": service.provider,
            "providerPrimaryPeeringLocation": service.primary,
            "providerBackupPeeringLocation": service.backup,
            "provisioningState": "Succeeded",
            "logAnalyticsWorkspaceProperties": None,
        },
        sku={"name": None},
    )


def _service_prefixes(service: PeeringService) -> Iterator[Json]:
    for number, declared in enumerate(service.service_prefixes, start=1):
        name = declared.name or f"prefix-{number}"
        yield _resource(
            "peeringServices/prefixes",
            _service_id(service, "prefixes", name),
            name,
            {
                "prefix": declared.prefix,
                "prefixValidationState": declared.state,
                "learnedType": declared.learned_type,
                "errorMessage": declared.error,
                "peeringServicePrefixKey": _secret(declared.key),
                "provisioningState": "Succeeded",
                "events": None,
            },
        )


def _provider(provider: Provider) -> Json:
    return _resource(
        "peeringServiceProviders",
        _id(None, None, "peeringServiceProviders", provider.name),
        provider.name,
        {"serviceProviderName": provider.name, "peeringLocations": list(provider.locations)},
    )


# -- the other shapes


def _as_az(item: Json) -> Json:
    """Move the values under `properties` to the resource, and rename keys as the SDK does."""
    outer = {key: value for key, value in item.items() if key != "properties"}
    return cast("Json", _renamed({**outer, **item.get("properties", {})}))


def _renamed(value: Any) -> Any:  # noqa: ANN401  # JSON
    if isinstance(value, Mapping):
        return {_AZ_KEYS.get(key, key): _renamed(each) for key, each in value.items()}
    return [_renamed(each) for each in value] if isinstance(value, list) else value


def _as_powershell(item: Json) -> Json:
    """Flatten inner objects into the names of their parents, in PascalCase."""
    outer = {key: value for key, value in item.items() if key != "properties"}
    found = _flattened({**outer, **item.get("properties", {})})
    if "PeerAsn" in found:  # the class has that name
        found["PropertiesPeerAsn"] = found.pop("PeerAsn")
    return found


def _flattened(item: Json) -> Json:
    found: Json = {}
    for key, value in item.items():
        name = key[0].upper() + key[1:]
        if isinstance(value, list):
            found[name.removesuffix("s")] = [
                _flattened(each) if isinstance(each, dict) else each for each in value
            ]
        elif isinstance(value, dict) and value:
            for inner, each in _flattened(value).items():
                found[_joined(name, inner)] = each
        else:
            found[name] = value
    return found


def _joined(outer: str, inner: str) -> str:
    """Join two names; a word that would be repeated occurs once."""
    for word in ("Session", "Direct"):
        if outer.endswith(word) and inner.startswith(word):
            return outer + inner[len(word) :]
    return f"{outer}{inner}"
