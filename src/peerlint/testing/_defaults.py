"""Default values of a scenario's peerings and services, and changes by `KEY=VALUE` words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from ipaddress import IPv4Address, ip_address
from typing import Any, Final, TypeVar

import attrs

from peerlint.errors import InputError
from peerlint.inventory import (
    Attestation,
    Connection,
    Contact,
    Key,
    PeerAsn,
    Peering,
    PeeringService,
    Provider,
    RegisteredAsn,
    ServicePrefix,
    Session,
    Waiver,
)
from peerlint.inventory.peering import ACTIVE, Egress, Role
from peerlint.model import Asn, QuietTime
from peerlint.profiles import shipped_profile

_Declared = TypeVar(
    "_Declared",
    Attestation,
    Connection,
    PeerAsn,
    Peering,
    PeeringService,
    RegisteredAsn,
    ServicePrefix,
    Session,
    Waiver,
)

#: The default PeerAsn and provider of a scenario.
PEER_ASN: Final = PeerAsn(
    "contoso64500",
    Asn(64500),
    "Contoso",
    "Approved",
    contacts=(Contact("Noc", "noc@contoso.example", "+1 555 0100"),),
)
PROVIDER: Final = Provider("Contoso", ("Amsterdam", "Frankfurt"))
ROUTE_SERVER: Final = "route-server"


def _bandwidth(text: str) -> int:
    return int(text.removesuffix("G")) * 1000 if text.endswith("G") else int(text)


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[text]


def _contacts(text: str) -> tuple[Contact, ...]:
    email, _, phone = text.partition(",")
    return (Contact("Noc", email, phone or None),) if email else ()


#: Parsers of the values of keys that are not strings.
_READERS: Final[Mapping[str, Callable[[str], object]]] = {
    **dict.fromkeys(("bandwidth", "provisioned_bandwidth"), _bandwidth),
    **dict.fromkeys(
        ("lacp", "bfd", "stateful_firewall", "rate_limit", "peering_service", "md5_set",
         "rs_transparent"),
        _boolean,
    ),
    **dict.fromkeys(("facility", "max_prefix", "max_advertised"), int),
    "utilization": float,
    **dict.fromkeys(("peer", "microsoft"), ip_address),
    **dict.fromkeys(("utilization_since", "on", "until"), date.fromisoformat),
    "asn": Asn.parse,
    "role": Role,
    "egress": Egress,
    "sync": QuietTime.parse,
    "key": Key,
    "noc": _contacts,
    "infrastructure": lambda text: tuple(text.split(",")),
}  # fmt: skip
#: Keys of tuples, and the names of their attributes; without a value, these are empty.
_MANY: Final = {"noc": "contacts", "infrastructure": "infrastructure"}


def pairs(words: Iterable[str]) -> dict[str, str]:
    """Parse `key=value` words; a word without `=` continues the previous value.

    Raises:
        InputError: the first word has no `=`.
    """
    found: dict[str, str] = {}
    last = ""
    for word in words:
        key, separator, value = word.partition("=")
        if separator and key.isidentifier():
            last = key
            found[key] = value
        elif last:
            found[last] += f" {word}"
        else:
            raise InputError("scenario", expected="KEY=VALUE", found=word)
    return found


def changed(value: _Declared, words: Iterable[str]) -> _Declared:
    """Return a value with changes given as `key=value` words.

    Raises:
        InputError: the value has no such key.
    """
    known = {field.name for field in attrs.fields(type(value))}
    changes: dict[str, Any] = {}
    for key, text in pairs(words).items():
        name = _MANY.get(key, key)
        if name not in known:
            raise InputError("scenario", expected=f"one of {sorted(known)}", found=key)
        if not text:
            changes[name] = () if key in _MANY else None
        else:
            changes[name] = _READERS[key](text) if key in _READERS else text
    return attrs.evolve(value, **changes)


def peering(name: str, profile: str, asn: Asn, location: str) -> Peering:
    """Return a peering without connections whose Azure states have no problem."""
    return Peering(
        name,
        profile,
        asn,
        location,
        "Premium_Direct_Free",
        kind="Direct",
        network=shipped_profile(profile).set_up.network,
        provisioning_state="Succeeded",
        peer_asn=PEER_ASN.name,
    )


def connection(name: str, router: str, profile: str, number: int, *, as_is: bool) -> Connection:
    """Return a valid connection with a /31 of 192.0.2.0/24; the peer has the even address."""
    first = IPv4Address("192.0.2.0") + 2 * number
    session = Session(
        first + 1,
        first,
        Egress.AS_IS if as_is else None,
        state="Established",
        prefix=f"{first}/31",
        max_advertised=20_000,
        max_prefix=2_000,
        md5_set=False,
    )
    return Connection(
        name,
        router,
        Role.PRIMARY,
        100_000,
        ACTIVE,
        (session,),
        provisioned_bandwidth=100_000,
        address_provider="Peer" if profile == ROUTE_SERVER else "Microsoft",
        peering_service=True,
        facility=58,
        lacp=True,
        bfd=True,
        stateful_firewall=False,
        rate_limit=False,
        utilization=20,
    )


def registered_asn(text: str, words: Iterable[str]) -> RegisteredAsn:
    """Return a registered AS with a name and a key."""
    asn = Asn.parse(text)
    base = RegisteredAsn(asn, f"customer-{asn}", Key(f"key-AS{asn}"), "Succeeded")
    return changed(base, words)


def service(name: str, words: Iterable[str]) -> PeeringService:
    """Return a peering service in Amsterdam."""
    return changed(PeeringService(name, "Netherlands", "Contoso", "Amsterdam"), words)


def service_prefix(prefix: str, words: Iterable[str]) -> ServicePrefix:
    """Return an activated prefix with the key of the registered one."""
    base = ServicePrefix(prefix, prefix, Key(f"key-{prefix}"), "Verified", "ViaServiceProvider")
    return changed(base, words)


def under_profile(each: Peering, profile: str) -> Peering:
    """Return a peering with the defaults of another profile; values set by lines are kept."""
    old, new = shipped_profile(each.profile).set_up, shipped_profile(profile).set_up
    network = new.network if each.network == old.network else each.network
    given = {False: "Microsoft", True: "Peer"}
    before, after = given[each.profile == ROUTE_SERVER], given[profile == ROUTE_SERVER]
    connections = tuple(
        attrs.evolve(one, address_provider=after) if one.address_provider == before else one
        for one in each.connections
    )
    return attrs.evolve(each, profile=profile, network=network, connections=connections)
