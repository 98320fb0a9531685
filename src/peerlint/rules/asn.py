"""Rules about AS numbers: the partner's, its customers' and the origins of routes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from peerlint.iana import AsnClass, asn_class
from peerlint.inventory import Inventory, PeerAsn, Peering
from peerlint.rules._declare import Need, Problem, Scope, Unknown, rule, unattested, undeclared
from peerlint.rules._subject import (
    Context,
    PeeringSubject,
    PrefixSubject,
    ServicePrefixSubject,
    origins,
)
from peerlint.verdicts import Severity

_ALL: Final = ("000", "001", "002", "003", "004")
_ASSOCIATE: Final = "howto-subscription-association-portal.md"
_ROUTE_SERVER: Final = "route-server"
_SERVER: Final = (
    "peering contoso-rs route-server 64500 Amsterdam\nsession rs-1 rs1.ams\nasn 64501\n"
)


@rule(
    "asn.public",
    "AS number is not public",
    stages="A",
    step=5,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    basis=_ALL,
    word="not public",
    fires_on=("peering contoso-ams asn=64512", "peering contoso-ams asn=23456"),
    silent_on=("",),
)
def public(subject: PeeringSubject, context: Context) -> Iterator[Problem]:
    """The AS that announces to AS8075 has a number that registries assign.

    Private, reserved and documentation numbers do not count.

    What to do: get a number from your registry.
    """
    asn = subject.peering.asn
    if not _is_public(asn, context):
        yield Problem(f"found AS{asn} ({asn_class(asn)}), wanted a public AS number")


@rule(
    "asn.own",
    "AS number is not known to be the partner's own",
    stages="A",
    step=5,
    severity=Severity.WARNING,
    scope=Scope.PEERING,
    needs=(Need.IRR, Need.ATTESTATION),
    basis=_ALL,
    word="whose ASN",
    fires_on=("attest asn.own contoso-ams no",),
    silent_on=("attest asn.own contoso-ams", ""),
)
def own(subject: PeeringSubject, _: Context) -> Iterator[Unknown]:
    """The partner's AS is its own: the registry names the partner as its holder.

    What to do: attest it, or show the registry's record.
    """
    yield Unknown(
        Need.IRR,
        f"who holds AS{subject.peering.asn} is not known",
        "registry data (the aut-num object), or an attestation",
    )


@rule(
    "asn.associated",
    "AS number is not associated with the subscription",
    stages="A",
    step=5,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    needs=(Need.AZURE,),
    basis=_ALL,
    portal=("(a pending ASN gives an error when it is selected)",),
    word="not associated",
    fires_on=(
        "peer-asn contoso64500 asn=64501",
        "peering contoso-ams peer_asn=fabrikam",
    ),
    silent_on=("", "peering contoso-ams peer_asn=", "no peer-asn"),
)
def associated(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """A PeerAsn resource for the AS exists, and the peering refers to it.

    What to do: associate the AS with the subscription, then create the peering.
    """
    peering, known = subject.peering, context.inventory.peer_asns
    if not known:
        yield undeclared(f"whether AS{peering.asn} is associated", "`[[peer_asn]]`")
        return
    found = _associated(context.inventory, peering)
    names = ", ".join(f"{each.name} (AS{each.asn})" for each in known)
    if not found:
        yield Problem(f"found {names}, wanted a PeerAsn of AS{peering.asn}")
    elif peering.peer_asn is not None and peering.peer_asn not in [each.name for each in found]:
        yield Problem(
            f"{peering.name} refers to {peering.peer_asn}, wanted a PeerAsn of AS{peering.asn}: "
            f"{', '.join(each.name for each in found)}"
        )


@rule(
    "asn.approved",
    "Associated AS number is not approved",
    stages="A",
    step=5,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    needs=(Need.AZURE,),
    basis=(_ASSOCIATE, "howto-direct-portal.md"),
    word="not approved",
    fires_on=("peer-asn contoso64500 state=Pending", "peer-asn contoso64500 state=Failed"),
    silent_on=("", "peer-asn contoso64500 state="),
)
def approved(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Microsoft approves the association of an AS, within 12 hours.

    What to do: wait, or read the resource's error message.
    """
    found = _associated(context.inventory, subject.peering)
    unsaid = [each.name for each in found if each.state is None]
    if unsaid or not found:
        named = ", ".join(unsaid) or f"the PeerAsn of AS{subject.peering.asn}"
        yield undeclared(f"the state of {named}", "`state` of `[[peer_asn]]`")
    for each in found:
        if each.state is not None and each.state.casefold() != "approved":
            error = f": {each.error}" if each.error else ""
            yield Problem(f"found {each.name} {each.state}{error}, wanted Approved", about=each.name)


@rule(
    "asn.peeringdb-profile",
    "PeeringDB profile is not known to be complete",
    stages="A",
    step=5,
    severity=Severity.WARNING,
    scope=Scope.PEERING,
    needs=(Need.PEERINGDB, Need.ATTESTATION),
    basis=("policy.md", "prerequisites.md"),
    word="PeeringDB",
    fires_on=("attest asn.peeringdb-profile contoso-ams no",),
    silent_on=("attest asn.peeringdb-profile contoso-ams", ""),
)
def peeringdb_profile(subject: PeeringSubject, _: Context) -> Iterator[Unknown]:
    """PeeringDB shows how to reach the partner: NOC around the clock, phone, facilities.

    The NOC's address is one of the company's domain, and everything is up to date.

    What to do: log in to PeeringDB, look, and attest it.
    """
    yield Unknown(
        Need.PEERINGDB,
        f"whether the profile of AS{subject.peering.asn} is complete is not known",
        "PeeringDB's data, or an attestation",
    )


@rule(
    "asn.peer-name",
    "Peer name may not be accepted",
    stages="A",
    step=5,
    severity=Severity.INFO,
    scope=Scope.PEERING,
    needs=(Need.AZURE,),
    basis=(_ASSOCIATE, "howto-subscription-association-powershell.md"),
    word="peer name",
    fires_on=("peer-asn contoso64500 peer_name=Contoso-1",),
    silent_on=("", "peer-asn contoso64500 peer_name="),
)
def peer_name(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """The peer name is as near as possible to the name in PeeringDB.

    PowerShell takes letters and blanks only.

    What to do: take the name of PeeringDB without digits and signs.
    """
    found = _associated(context.inventory, subject.peering)
    if not found or any(each.peer_name is None for each in found):
        yield undeclared("the peer name of the PeerAsn", "`peer_name` of `[[peer_asn]]`")
    for each in found:
        if each.peer_name is not None and not re.fullmatch(r"[A-Za-z ]+", each.peer_name):
            yield Problem(
                f"found {each.peer_name!r} of {each.name}, wanted letters and blanks",
                about=each.name,
            )


@rule(
    "asn.customer-registered",
    "Origin AS is not registered at the route server",
    stages="A+S",
    step=9,
    severity=Severity.ERROR,
    scope=Scope.SERVICE_PREFIX,
    needs=(Need.ROUTES,),
    basis=("002", "how-to-exchange-route-server-portal.md"),
    word="origin unknown",
    fires_on=(
        f"{_SERVER}service contoso-maps primary=Amsterdam\nservice-prefix 203.0.113.0/24\n"
        "rs-1 203.0.113.0/24 path 64502 community 8075:8007",
    ),
    silent_on=(
        f"{_SERVER}service contoso-maps primary=Amsterdam\nservice-prefix 203.0.113.0/24\n"
        "rs-1 203.0.113.0/24 path 64501 community 8075:8007",
        f"{_SERVER}service contoso-maps primary=Amsterdam\nservice-prefix 203.0.113.0/24",
    ),
)
def customer_registered(
    subject: ServicePrefixSubject, context: Context
) -> Iterator[Problem | Unknown]:
    """At a route server, a customer's AS is registered before its prefixes are activated.

    The origin of an activated prefix is one of the registered AS numbers.

    What to do: register the AS, and hand its key to the customer.
    """
    if context.profile != _ROUTE_SERVER:
        return
    found = origins(subject.cells)
    if not found:
        yield Unknown(
            Need.ROUTES,
            f"who originates {subject.declared.prefix} is not known",
            f"a dump with the routes of {subject.service.primary or 'the primary location'}",
        )
    asns = _registered(context.inventory)
    strange = sorted(asn for asn in found if asn not in asns)
    if strange:
        listed = ", ".join(f"AS{asn}" for asn in sorted(asns)) or "none"
        yield Problem(
            f"found origin {', '.join(f'AS{asn}' for asn in strange)} of "
            f"{subject.declared.prefix}, wanted a registered one ({listed})"
        )


@rule(
    "asn.customer-public",
    "Registered AS number is not public",
    stages="A",
    step=5,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    basis=("002, requirements", "azure-powershell recordings: the API took 65000"),
    word="not public",
    fires_on=(f"{_SERVER}asn 64512",),
    silent_on=(_SERVER,),
)
def customer_public(subject: PeeringSubject, context: Context) -> Iterator[Problem]:
    """A customer's AS is public too: private numbers may not stand in a path.

    The portal takes them without a word.

    What to do: register the AS that originates the customer's prefixes.
    """
    for each in subject.peering.registered_asns:
        if not _is_public(each.asn, context):
            yield Problem(
                f"found registered AS{each.asn} ({asn_class(each.asn)}), wanted a public one",
                about=f"AS{each.asn}",
            )


@rule(
    "asn.duplicate-registration",
    "AS number is registered more than once",
    stages="A",
    step=3,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    basis=("002",),
    word="registered twice",
    fires_on=(
        f"{_SERVER}asn 64501",
        f"{_SERVER}peering contoso-rs2 route-server 64500 Frankfurt\nsession rs-2 rs1.fra\nasn 64501",
    ),
    silent_on=(f"{_SERVER}asn 64502",),
)
def duplicate_registration(subject: PeeringSubject, context: Context) -> Iterator[Problem]:
    """A customer's AS is registered once, under one peering; its key is valid everywhere.

    What to do: keep one registration and delete the others.
    """
    places: dict[int, list[str]] = {}
    for peering in context.inventory.peerings:
        for each in peering.registered_asns:
            places.setdefault(each.asn, []).append(peering.name)
    for asn in dict.fromkeys(each.asn for each in subject.peering.registered_asns):
        if len(places[asn]) > 1:
            yield Problem(
                f"AS{asn} is registered {len(places[asn])} times: {', '.join(places[asn])}; "
                "wanted once",
                about=f"AS{asn}",
            )


@rule(
    "asn.customer-name",
    "Registered AS number has no customer name",
    stages="A",
    step=5,
    severity=Severity.INFO,
    scope=Scope.PEERING,
    basis=("002",),
    word="no name",
    fires_on=(f"{_SERVER}asn 64502 name=",),
    silent_on=(f"{_SERVER}asn 64502 name=fabrikam",),
)
def customer_name(subject: PeeringSubject, _: Context) -> Iterator[Problem]:
    """The portal asks for the customer's name with its AS.

    What to do: name the registration after the customer.
    """
    for each in subject.peering.registered_asns:
        if not each.name:
            yield Problem(
                f"found no name for registered AS{each.asn}, wanted the customer's",
                about=f"AS{each.asn}",
            )


@rule(
    "asn.origin-registered",
    "Origin AS is not known to be registered",
    stages="R+S",
    step=9,
    severity=Severity.ERROR,
    scope=Scope.PREFIX,
    needs=(Need.ROUTES, Need.IRR),
    basis=(
        "000", "003", "004", "peering-registered-prefix-requirements.md",
        "peering-service-prefix-requirements.md",
    ),
    texts=(
        "000, 003, 004: the origin is registered in a major routing registry",
        "the registered prefix requirements of June 2023: not asked for",
    ),
    word="origin",
    fires_on=(),
    silent_on=("registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500",),
)  # fmt: skip
def origin_registered(subject: PrefixSubject, _: Context) -> Iterator[Unknown]:
    """The origin of every route for the prefix stands in a major routing registry.

    Microsoft does not say which registries, nor in which form; an aut-num object, or a route
    object with that origin, in one of the well-known registries counts (B19).

    What to do: register the AS with your regional registry.
    """
    found = origins(subject.cells)
    if subject.registered.origin is not None:
        found.add(subject.registered.origin)
    names = ", ".join(f"AS{asn}" for asn in sorted(found)) or "the origin"
    yield Unknown(Need.IRR, f"whether {names} is registered is not known", "registry data (IRR)")


@rule(
    "asn.origin-not-associated",
    "Foreign origin AS is not associated",
    stages="S",
    step=9,
    severity=Severity.ERROR,
    scope=Scope.PREFIX,
    needs=(Need.ROUTES, Need.AZURE),
    basis=("peering-service-prefix-requirements.md, FAQ",),
    word="origin",
    fires_on=(
        "registered 203.0.113.0/24\nservice contoso-maps\nservice-prefix 203.0.113.0/24\n"
        "ams-1 203.0.113.0/24 path 64500 64501",
        "registered 203.0.113.0/24\npeer-asn fabrikam asn=64501 peer_name=Fabrikam\n"
        "ams-1 203.0.113.0/24 path 64500 64501",
    ),
    silent_on=(
        "registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500",
        "registered 203.0.113.0/24\npeer-asn contoso64501 asn=64501 peer_name=CONTOSO\n"
        "ams-1 203.0.113.0/24 path 64500 64501",
        "registered 203.0.113.0/24\nno peer-asn\nams-1 203.0.113.0/24 path 64500 64501",
    ),
)
def origin_not_associated(subject: PrefixSubject, context: Context) -> Iterator[Problem | Unknown]:
    """If another AS than yours originates the prefix, it is associated too, by the same name.

    The PeerAsn of the origin lies in the subscription of the peering service and has the peer
    name of your own PeerAsn (B18). It is asked for at activation: until the prefix is activated
    its absence is a warning. At a route server the registered AS does this.

    What to do: associate the origin AS under the same peer name.
    """
    peering, inventory = subject.peering, context.inventory
    foreign = sorted(origins(subject.cells) - {peering.asn})
    if not foreign or context.profile == _ROUTE_SERVER:
        return
    own_names = {_name(each) for each in _associated(inventory, peering)}
    for asn in foreign:
        if not inventory.peer_asns:
            yield undeclared(f"whether AS{asn} is associated", "`[[peer_asn]]`")
            return
        there = [each for each in inventory.peer_asns if each.asn == asn]
        if any(_name(each) in own_names for each in there):
            continue
        found = ", ".join(f"{each.name} of {each.peer_name!r}" for each in there) or "no PeerAsn"
        wanted = " or ".join(repr(name) for name in sorted(own_names - {None}, key=str))
        yield Problem(
            f"found {found} for origin AS{asn}, wanted one with the peer name {wanted}",
            severity=None if _is_activated(subject, inventory) else Severity.WARNING,
            about=f"AS{asn}",
        )


@rule(
    "asn.noc-contact",
    "AS number has no NOC contact",
    stages="A",
    step=5,
    severity=Severity.WARNING,
    scope=Scope.PEERING,
    needs=(Need.AZURE,),
    basis=(_ASSOCIATE,),
    word="no NOC",
    fires_on=("peer-asn contoso64500 noc=", "peer-asn contoso64500 noc=noc@contoso.example"),
    silent_on=("", "no peer-asn"),
)
def noc_contact(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """A PeerAsn names a NOC contact with mail and phone.

    What to do: add a contact with the role Noc to the PeerAsn.
    """
    found = _associated(context.inventory, subject.peering)
    if not found:
        yield undeclared("the contacts of the PeerAsn", "`[[peer_asn.contact]]`")
    for each in found:
        nocs = [one for one in each.contacts if one.role.casefold() == "noc"]
        if not any(one.email and one.phone for one in nocs):
            lacks = "one without mail or phone" if nocs else "none"
            yield Problem(
                f"found {lacks} of {each.name}, wanted a NOC contact with mail and phone",
                about=each.name,
            )


def _is_public(asn: int, context: Context) -> bool:
    kind = asn_class(asn)
    return kind is AsnClass.PUBLIC or kind in context.criteria.allow


def _associated(inventory: Inventory, peering: Peering) -> list[PeerAsn]:
    return [each for each in inventory.peer_asns if each.asn == peering.asn]


def _registered(inventory: Inventory) -> set[int]:
    return {each.asn for peering in inventory.peerings for each in peering.registered_asns}


def _name(peer_asn: PeerAsn) -> str | None:
    return None if peer_asn.peer_name is None else peer_asn.peer_name.casefold()


def _is_activated(subject: PrefixSubject, inventory: Inventory) -> bool:
    return any(
        each.parsed == subject.prefix
        for service in inventory.peering_services
        for each in service.service_prefixes
    )
