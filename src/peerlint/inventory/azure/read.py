"""Reading Azure's exports: from JSON objects to values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from ipaddress import ip_address
from itertools import pairwise
from typing import Any, Final

from peerlint.errors import ExportError, InputError, Mistake
from peerlint.inventory.azure.export import AzurePeering, Child, Export, ReceivedRoute
from peerlint.inventory.azure.shapes import Fields, items
from peerlint.inventory.keys import Key, without_keys
from peerlint.inventory.peering import (
    Connection,
    IPAddress,
    RegisteredAsn,
    RegisteredPrefix,
    Session,
)
from peerlint.inventory.service import Contact, PeerAsn, PeeringService, Provider, ServicePrefix
from peerlint.model import Asn

#: Ends of resource types and of resource ids, and the field of `Export` that holds what has them.
_TYPES: Final = {
    "peerings": "peerings",
    "peerasns": "peer_asns",
    "registeredprefixes": "registered_prefixes",
    "registeredasns": "registered_asns",
    "peeringservices": "services",
    "prefixes": "service_prefixes",
    "peeringserviceproviders": "providers",
}
#: What tells an item without type and id: the first row of which it has a name.
_SIGNS: Final = (
    ("received", ("nextHop", "asPath", "receivedTimestamp")),
    ("providers", ("serviceProviderName",)),
    ("peerings", ("direct", "exchange", "directPeerAsnId", "exchangePeerAsnId", "peeringLocation")),
    ("peer_asns", ("peerContactDetail", "peerName")),
    ("services", ("peeringServiceLocation", "peeringServiceProvider")),
    ("service_prefixes", ("learnedType",)),
    ("registered_prefixes", ("prefixValidationState", "prefix")),
    ("registered_asns", ("asn",)),
)
_EXPECTED: Final = (
    "peerings, peer ASNs, registered prefixes or ASNs, received routes, peering services, their "
    "prefixes or their providers, as az, ARM or PowerShell print them"
)


def read_export(files: Iterable[tuple[str, bytes]]) -> Export:
    """Read files, each with any kinds of resources in any of the three shapes.

    Args:
        files: their names and their octets.

    Raises:
        ExportError: a file is no JSON, or has items and none of them is known.
    """
    found: dict[str, dict[object, Any]] = {kind: {} for kind in _READERS}
    remarks: list[str] = []
    unfinished: list[str] = []
    for file, octets in files:
        objects, more = items(octets, file, remarks.append)
        if more:
            unfinished.append(file)
        known = 0
        for fields in objects:
            kind = _kind(fields)
            if kind is None:
                fields.remark("no resource of Azure Peering that is read here: passed over")
                continue
            known += 1
            value = _READERS[kind](fields)
            if value is not None:
                # A resource that two files have is one resource; the later one is newer.
                id_ = fields.text("id") if kind != "received" else None
                found[kind][id_.casefold() if id_ else len(found[kind])] = value
        if objects and not known:
            names = ", ".join(_names(objects[0])) or "nothing"
            mistake = Mistake("the file", "", _EXPECTED, f"something else ({names})")
            raise ExportError(file, (mistake,))
    return Export(
        **{kind: tuple(values.values()) for kind, values in found.items()},
        unfinished=tuple(unfinished),
        remarks=tuple(remarks),
    )


def _names(fields: Fields) -> Iterable[str]:
    """Return what an error says of an item that is not known."""
    names = ("type", "name", "code", "error")
    return [without_keys(text) for name in names if (text := fields.text(name))]


def _kind(fields: Fields) -> str | None:
    """Return the field of `Export` that an item belongs to, None for none."""
    kind = fields.text("type")
    if kind is not None and "/" in kind:
        end = kind.rpartition("/")[2].casefold()
        return _TYPES.get(end) if kind.casefold().startswith("microsoft.peering/") else None
    parts = [part.casefold() for part in (fields.text("id") or "").split("/")]
    if "microsoft.peering" in parts:
        return _TYPES.get(parts[-2])
    for found, signs in _SIGNS:
        if fields.has_any(*signs):
            return found
    return None


class _Part(StrEnum):
    """Words of a resource id, before the name of what they are about."""

    SUBSCRIPTION = "subscriptions"
    GROUP = "resourcegroups"
    PEERING = "peerings"
    SERVICE = "peeringservices"
    PEER_ASN = "peerasns"


def _part(id_: str | None, part: _Part) -> str | None:
    """Return a name out of `/subscriptions/S/resourceGroups/G/providers/.../peerings/P`."""
    words = (id_ or "").split("/")
    for word, name in pairwise(words):
        if word.casefold() == part:
            return name or None
    return None


def _own_name(fields: Fields) -> str | None:
    """Return a resource's own name; some tools print `parent/name`."""
    text = fields.text("name") or fields.text("id")
    return (text or "").rpartition("/")[2] or None


def _name(fields: Fields) -> str | None:
    """Return the name of a resource that is not known without one."""
    name = _own_name(fields)
    if name is None:
        fields.remark("it has no name: passed over")
    return name


def _child(fields: Fields, value: Any, part: _Part) -> Child[Any]:  # noqa: ANN401  # of any kind
    id_ = fields.text("id")
    parent = _part(id_, part)
    if parent is None:
        before = (fields.text("name") or "").rpartition("/")[0]
        parent = before.rpartition("/")[2] or None
    return Child(value, parent, _part(id_, _Part.GROUP))


def _asn(fields: Fields, *names: str) -> Asn | None:
    number = fields.number(*names)
    try:
        return None if number is None else Asn(number)
    except InputError as error:
        fields.remark(f"{error}: passed over")
        return None


def _key(fields: Fields) -> Key | None:
    text = fields.text("peeringServicePrefixKey")
    return None if text is None else Key(text)


# -- resources


def _peering(fields: Fields) -> AzurePeering | None:
    name = _name(fields)
    if name is None:
        return None
    inner = fields.inner("direct") or fields.inner("exchange") or fields
    reference = inner.inner("peerAsn")
    peer_asn = inner.text("directPeerAsnId", "exchangePeerAsnId")
    if reference is not None:
        peer_asn = reference.text("id")
    sku = fields.inner("sku")
    return AzurePeering(
        name,
        subscription=_part(fields.text("id"), _Part.SUBSCRIPTION),
        resource_group=_part(fields.text("id"), _Part.GROUP),
        peer_asn=_part(peer_asn, _Part.PEER_ASN),
        asn=_asn(reference, "peerAsn", "asn") if reference is not None else None,
        location=fields.text("peeringLocation"),
        sku=fields.text("skuName") if sku is None else sku.text("name"),
        kind=fields.text("kind"),
        network=inner.text("directPeeringType"),
        peering_service=inner.boolean("useForPeeringService", "directUseForPeeringService"),
        provisioning_state=fields.text("provisioningState"),
        connections=tuple(
            _connection(each)
            for each in inner.each(
                "connections", "directConnection", "exchangeConnection", "connection"
            )
        ),
    )


def _connection(fields: Fields) -> Connection:
    return Connection(
        "",
        # Azure writes 0 for what is not decided yet.
        bandwidth=fields.number("bandwidthInMbps") or None,
        state=fields.text("connectionState"),
        sessions=tuple(_sessions(fields)),
        provisioned_bandwidth=fields.number("provisionedBandwidthInMbps") or None,
        address_provider=fields.text("sessionAddressProvider"),
        peering_service=fields.boolean("useForPeeringService"),
        facility=fields.number("peeringDBFacilityId"),
        identifier=fields.text("connectionIdentifier"),
        error=fields.text("errorMessage"),
    )


def _sessions(connection: Fields) -> Iterable[Session]:
    """Yield the IPv4 and the IPv6 session; one that is not there has no addresses."""
    inner = connection.inner("bgpSession")
    # PowerShell flattens the session, and drops "session" where it would stand twice.
    fields, front = (connection, "bgpSession") if inner is None else (inner, "")
    for family in ("4", "6"):
        session = Session(
            microsoft=_address(fields, f"{front}microsoftSessionIPv{family}Address"),
            peer=_address(fields, f"{front}peerSessionIPv{family}Address"),
            state=fields.text(f"{front}sessionStateV{family}", f"{front}StateV{family}"),
            prefix=fields.text(f"{front}sessionPrefixV{family}", f"{front}PrefixV{family}"),
            # 0 is what Azure writes for a session that does not exist.
            max_advertised=fields.number(f"{front}maxPrefixesAdvertisedV{family}") or None,
            # No key is shown to most readers, so that its absence says nothing.
            md5_set=True if fields.has_any(f"{front}md5AuthenticationKey") else None,
        )
        if session.microsoft or session.peer or session.prefix:
            yield session


def _address(fields: Fields, name: str) -> IPAddress | None:
    text = fields.text(name)
    try:
        return None if text is None else ip_address(text)
    except ValueError:
        fields.remark(f"{name}: expected an IP address, found {text!r}: passed over")
        return None


def _peer_asn(fields: Fields) -> PeerAsn | None:
    name = _name(fields)
    asn = _asn(fields, "peerAsn", "asn")
    if name is None or asn is None:
        if name is not None:
            fields.remark("it has no AS number: passed over")
        return None
    return PeerAsn(
        name,
        asn,
        fields.text("peerName"),
        fields.text("validationState"),
        fields.text("errorMessage"),
        _part(fields.text("id"), _Part.SUBSCRIPTION),
        tuple(
            Contact(each.text("role") or "Other", each.text("email"), each.text("phone"))
            for each in fields.each("peerContactDetail")
        ),
    )


def _registered_prefix(fields: Fields) -> Child[RegisteredPrefix] | None:
    prefix = fields.text("prefix")
    if prefix is None:
        fields.remark("a registered prefix without its prefix: passed over")
        return None
    value = RegisteredPrefix(
        prefix,
        _own_name(fields),
        key=_key(fields),
        state=fields.text("prefixValidationState"),
        error=fields.text("errorMessage"),
        provisioning_state=fields.text("provisioningState"),
    )
    return _child(fields, value, _Part.PEERING)


def _registered_asn(fields: Fields) -> Child[RegisteredAsn] | None:
    asn = _asn(fields, "asn")
    if asn is None:
        fields.remark("a registered ASN without its number: passed over")
        return None
    value = RegisteredAsn(asn, _own_name(fields), _key(fields), fields.text("provisioningState"))
    return _child(fields, value, _Part.PEERING)


def _service(fields: Fields) -> PeeringService | None:
    name = _name(fields)
    if name is None:
        return None
    return PeeringService(
        name,
        fields.text("peeringServiceLocation"),
        fields.text("peeringServiceProvider"),
        fields.text("providerPrimaryPeeringLocation"),
        fields.text("providerBackupPeeringLocation"),
        _part(fields.text("id"), _Part.SUBSCRIPTION),
    )


def _service_prefix(fields: Fields) -> Child[ServicePrefix] | None:
    prefix = fields.text("prefix")
    if prefix is None:
        fields.remark("a service prefix without its prefix: passed over")
        return None
    value = ServicePrefix(
        prefix,
        _own_name(fields),
        _key(fields),
        fields.text("prefixValidationState"),
        fields.text("learnedType"),
        fields.text("errorMessage"),
    )
    return _child(fields, value, _Part.SERVICE)


def _provider(fields: Fields) -> Provider | None:
    name = fields.text("serviceProviderName") or _name(fields)
    return (
        None
        if name is None
        else Provider(name, fields.texts("peeringLocations", "peeringLocation"))
    )


def _received(fields: Fields) -> ReceivedRoute | None:
    prefix = fields.text("prefix")
    if prefix is None:
        fields.remark("a received route without its prefix: passed over")
        return None
    return ReceivedRoute(
        prefix,
        fields.text("nextHop"),
        fields.text("asPath"),
        fields.text("originAsValidationState"),
        fields.text("rpkiValidationState"),
        fields.text("trustAnchor"),
        fields.text("receivedTimestamp"),
    )


_READERS: Final[dict[str, Callable[[Fields], object]]] = {
    "peerings": _peering,
    "peer_asns": _peer_asn,
    "registered_prefixes": _registered_prefix,
    "registered_asns": _registered_asn,
    "services": _service,
    "service_prefixes": _service_prefix,
    "providers": _provider,
    "received": _received,
}
