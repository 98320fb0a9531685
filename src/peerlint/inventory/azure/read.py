"""Read Azure's exports: convert JSON objects to values."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from ipaddress import ip_address
from typing import Any, Final

from peerlint.errors import InputError
from peerlint.inventory.azure.documents import mistake
from peerlint.inventory.azure.export import AzurePeering, Child, Export, ReceivedRoute
from peerlint.inventory.azure.kinds import Part, kind_of, name_in
from peerlint.inventory.azure.shapes import Fields, Remarks, items
from peerlint.inventory.keys import Key
from peerlint.inventory.mapped import mapped
from peerlint.inventory.peering import (
    Connection,
    IPAddress,
    RegisteredAsn,
    RegisteredPrefix,
    Session,
)
from peerlint.inventory.service import Contact, PeerAsn, PeeringService, Provider, ServicePrefix
from peerlint.model import Asn
from peerlint.redaction import collected, redacted, without_keys

_EXPECTED: Final = (
    "peerings, peer ASNs, registered prefixes or ASNs, received routes, peering services, their "
    "prefixes or their providers, as az, ARM or PowerShell print them"
)
#: The maximum number of characters of an error of Azure, and of keys of an unknown object, in
#: messages.
_QUOTED: Final = 200
_NAMED: Final = 5
#: The fields with the id of the PeerAsn if it is not an object: PowerShell's and others.
_REFERENCES: Final[tuple[str, ...]] = (
    "directPeerAsnId", "exchangePeerAsnId", "peerAsnId", "peerAsn",
)  # fmt: skip
_OWN_ID: Final[tuple[str, ...]] = ("id",)


def read_export(files: Iterable[tuple[str, bytes]]) -> Export:
    """Read files, each of which may have all kinds of resources, in any of the three shapes.

    Args:
        files: the name and the content of each file.

    Raises:
        ExportError: a file is not JSON, has items of which none is known, or contains only an error
            of Azure.
    """
    with collected():
        return _read(files)


def _read(files: Iterable[tuple[str, bytes]]) -> Export:
    found: dict[str, dict[object, Any]] = {kind: {} for kind in _READERS}
    remarks: list[str] = []
    unfinished: list[str] = []
    lost = 0
    for file, octets in files:
        of_file = Remarks()
        objects, items_lost, more = items(octets, file, of_file.add)
        if more:
            unfinished.append(file)
        lost += items_lost
        refused: list[str] = []
        known = 0
        for fields in objects:
            kind = kind_of(fields)
            if kind is None:
                refused += _refusals(fields)
                continue
            known += 1
            value = _READERS[kind](fields)
            if value is None:
                lost += 1
                continue
            # If several items have the same id, the last one counts.
            id_ = fields.text("id") if kind != "received" else None
            found[kind][id_.casefold() if id_ else len(found[kind])] = value
        if objects and not known:
            raise mistake(file, _EXPECTED, refused[0] if refused else _described(objects[0]))
        lost += len(objects) - known
        remarks += of_file
    export = Export(
        **{kind: tuple(values.values()) for kind, values in found.items()},
        unfinished=tuple(unfinished),
        remarks=tuple(remarks),
        lost=lost,
    )
    # A key may occur in a wrong field too: all fields but `Key` are masked.
    return mapped(export, redacted)


def _refusals(fields: Fields) -> list[str]:
    """Return the error of Azure that an unknown item contains, if any; add a remark about it."""
    inner = fields.inner("error") if fields.is_object("error") else fields
    code = inner.text("code", "error") if inner is not None else None
    if inner is None or code is None:
        fields.remark("not a supported resource of Azure Peering: ignored")
        return []
    message = (inner.text("message", "error_description") or "").partition("\n")[0]
    error = redacted(without_keys(f"{code}: {message}" if message else code))[:_QUOTED]
    fields.remark(f"an error of Azure, {error}: ignored")
    return [f"an error of Azure, {error}"]


def _described(fields: Fields) -> str:
    """Describe an unknown item, for an error."""
    names = [without_keys(text) for name in ("type", "name") if (text := fields.text(name))]
    if names:
        return f"something else ({', '.join(names)})"
    if fields.keys:
        return f"an object with {', '.join(map(without_keys, fields.keys[:_NAMED]))}"
    return "an empty object"


def _own_name(fields: Fields) -> str | None:
    """Return the name of a resource without its parent: some tools print `parent/name`."""
    text = fields.text("name") or fields.text("id")
    return (text or "").rpartition("/")[2] or None


def _name(fields: Fields) -> str | None:
    """Return the name of a resource that needs one; add a remark if it is missing."""
    name = _own_name(fields)
    if name is None:
        fields.remark("it has no name: ignored")
    return name


def _child(fields: Fields, value: Any, part: Part) -> Child[Any]:  # noqa: ANN401  # of any kind
    id_ = fields.text("id")
    parent = name_in(id_, part)
    if parent is None:
        before = (fields.text("name") or "").rpartition("/")[0]
        parent = before.rpartition("/")[2] or None
    return Child(value, parent, name_in(id_, Part.GROUP), name_in(id_, Part.SUBSCRIPTION))


def _asn(fields: Fields, *names: str) -> Asn | None:
    number = fields.number(*names)
    try:
        return None if number is None else Asn(number)
    except InputError as error:
        fields.remark(f"{error}: ignored")
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
    peer_asn, asn = _announcing(inner)
    sku = fields.inner("sku")
    return AzurePeering(
        name,
        subscription=name_in(fields.text("id"), Part.SUBSCRIPTION),
        resource_group=name_in(fields.text("id"), Part.GROUP),
        peer_asn=name_in(peer_asn, Part.PEER_ASN),
        peer_asn_subscription=name_in(peer_asn, Part.SUBSCRIPTION),
        asn=asn,
        location=fields.text("peeringLocation"),
        sku=fields.text("skuName") if sku is None else sku.text("name"),
        kind=fields.word("kind"),
        network=inner.word("directPeeringType"),
        peering_service=inner.boolean("useForPeeringService", "directUseForPeeringService"),
        provisioning_state=fields.word("provisioningState"),
        connections=tuple(
            connection
            for each in inner.each(
                "connections", "directConnection", "exchangeConnection", "connection"
            )
            if (connection := _connection(each)) is not None
        ),
    )


def _announcing(inner: Fields) -> tuple[str | None, Asn | None]:
    """Return the id of the PeerAsn that a peering refers to, and the AS number if it has one.

    A legacy peering has the AS number in place of the id (REST reference, ListLegacyPeerings).
    """
    reference = inner.inner("peerAsn") if inner.is_object("peerAsn") else None
    fields, names = (inner, _REFERENCES) if reference is None else (reference, _OWN_ID)
    id_ = fields.text(*names)
    number = None if reference is None else _asn(reference, "peerAsn", "asn")
    if number is None and id_ is not None and id_.isascii() and id_.isdecimal():
        number = _asn(fields, *names)
    # AS 0 announces no routes (RFC 7607).
    return id_, number or None


def _connection(fields: Fields) -> Connection | None:
    found = _read_connection(fields)
    if found == Connection(""):
        fields.remark("it has no known field: ignored")
        return None
    return found


def _read_connection(fields: Fields) -> Connection:
    return Connection(
        "",
        # Azure writes 0 for a bandwidth that is not decided yet.
        bandwidth=fields.number("bandwidthInMbps") or None,
        state=fields.word("connectionState"),
        sessions=tuple(_sessions(fields)),
        provisioned_bandwidth=fields.number("provisionedBandwidthInMbps") or None,
        address_provider=fields.word("sessionAddressProvider"),
        peering_service=fields.boolean("useForPeeringService"),
        facility=fields.number("peeringDBFacilityId"),
        identifier=fields.text("connectionIdentifier"),
        error=fields.text("errorMessage"),
    )


def _sessions(connection: Fields) -> Iterable[Session]:
    """Yield the IPv4 and the IPv6 session, if they have an address or a prefix."""
    inner = connection.inner("bgpSession")
    # PowerShell flattens the session, and drops "session" where it would be repeated.
    fields, front = (connection, "bgpSession") if inner is None else (inner, "")
    for family in ("4", "6"):
        session = Session(
            microsoft=_address(fields, f"{front}microsoftSessionIPv{family}Address"),
            peer=_address(fields, f"{front}peerSessionIPv{family}Address"),
            state=fields.word(f"{front}sessionStateV{family}", f"{front}StateV{family}"),
            prefix=fields.text(f"{front}sessionPrefixV{family}", f"{front}PrefixV{family}"),
            # Azure writes 0 for a session that does not exist.
            max_advertised=fields.number(f"{front}maxPrefixesAdvertisedV{family}") or None,
            # Most roles cannot read the key, so its absence is no evidence.
            md5_set=True if fields.has_any(f"{front}md5AuthenticationKey") else None,
        )
        if session.microsoft or session.peer or session.prefix:
            yield session


def _address(fields: Fields, name: str) -> IPAddress | None:
    text = fields.text(name)
    try:
        return None if text is None else ip_address(text)
    except ValueError:
        fields.remark(f"{name}: expected an IP address, found {text!r}: ignored")
        return None


def _peer_asn(fields: Fields) -> PeerAsn | None:
    name = _name(fields)
    asn = _asn(fields, "peerAsn", "asn")
    if name is None or asn is None:
        if name is not None:
            fields.remark("it has no AS number: ignored")
        return None
    return PeerAsn(
        name,
        asn,
        fields.text("peerName"),
        fields.word("validationState"),
        fields.text("errorMessage"),
        name_in(fields.text("id"), Part.SUBSCRIPTION),
        tuple(
            contact
            for each in fields.each("peerContactDetail")
            if (contact := _contact(each)) is not None
        ),
    )


def _contact(fields: Fields) -> Contact | None:
    found = Contact(fields.word("role"), fields.text("email"), fields.text("phone"))
    if found == Contact():
        fields.remark("it has no known field: ignored")
        return None
    return found


def _registered_prefix(fields: Fields) -> Child[RegisteredPrefix] | None:
    prefix = fields.text("prefix")
    if prefix is None:
        fields.remark("a registered prefix without its prefix: ignored")
        return None
    value = RegisteredPrefix(
        prefix,
        _own_name(fields),
        key=_key(fields),
        state=fields.word("prefixValidationState"),
        error=fields.text("errorMessage"),
        provisioning_state=fields.word("provisioningState"),
    )
    return _child(fields, value, Part.PEERING)


def _registered_asn(fields: Fields) -> Child[RegisteredAsn] | None:
    asn = _asn(fields, "asn")
    if asn is None:
        fields.remark("a registered ASN without its number: ignored")
        return None
    value = RegisteredAsn(asn, _own_name(fields), _key(fields), fields.word("provisioningState"))
    return _child(fields, value, Part.PEERING)


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
        name_in(fields.text("id"), Part.SUBSCRIPTION),
    )


def _service_prefix(fields: Fields) -> Child[ServicePrefix] | None:
    prefix = fields.text("prefix")
    if prefix is None:
        fields.remark("a service prefix without its prefix: ignored")
        return None
    value = ServicePrefix(
        prefix,
        _own_name(fields),
        _key(fields),
        fields.word("prefixValidationState"),
        fields.word("learnedType"),
        fields.text("errorMessage"),
    )
    return _child(fields, value, Part.SERVICE)


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
        fields.remark("a received route without its prefix: ignored")
        return None
    return ReceivedRoute(
        prefix,
        fields.text("nextHop"),
        fields.text("asPath"),
        fields.word("originAsValidationState"),
        fields.word("rpkiValidationState"),
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
