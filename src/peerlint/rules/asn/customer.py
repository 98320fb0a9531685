"""Rules about the AS numbers that a route server's partner registers for customers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from peerlint.iana import asn_class
from peerlint.rules._declare import Need, Problem, Scope, Unknown, rule
from peerlint.rules._subject import (
    Context,
    PeeringSubject,
    PrefixSubject,
    origins,
)
from peerlint.rules.asn.partner import is_public
from peerlint.verdicts import Severity
from peerlint.wording import NAMED, listed

_ALL: Final = ("000", "001", "002", "003", "004")
_ASSOCIATE: Final = "howto-subscription-association-portal.md"
_ROUTE_SERVER: Final = "route-server"
_SERVER: Final = (
    "peering contoso-rs route-server 64500 Amsterdam\nsession rs-1 rs1.ams\nasn 64501\n"
)


@rule(
    "asn.customer-registered",
    "Origin AS is not registered at the route server",
    stages="A+S",
    step=9,
    severity=Severity.ERROR,
    scope=Scope.PREFIX,
    needs=(Need.ROUTES, Need.PATH),
    basis=("002", "how-to-exchange-route-server-portal.md"),
    word="AS not registered",
    fix="register the origin AS at the route server, and hand its key to the customer",
    fires_on=(
        f"{_SERVER}rs-1 203.0.113.0/24 path 64502 community 8075:8007",
        f"{_SERVER}service contoso-maps primary=Amsterdam\nservice-prefix 203.0.113.0/24\n"
        "rs-1 203.0.113.0/24 path 64502",
    ),
    silent_on=(
        f"{_SERVER}rs-1 203.0.113.0/24 path 64501 community 8075:8007",
        f"{_SERVER}rs-1 203.0.113.0/24 path 64502",
        f"{_SERVER}service contoso-maps primary=Amsterdam\nservice-prefix 203.0.113.0/24",
    ),
)
def customer_registered(subject: PrefixSubject, context: Context) -> Iterator[Problem | Unknown]:
    """At a route server, a customer's AS is registered before its prefixes are optimised.

    A route with the community asks for the service, so its origin is one of the AS numbers that
    any route-server peering of the same AS registers: the key is valid in every location.
    """
    if context.profile != _ROUTE_SERVER or subject.prefix is None:
        return
    found = origins(cell for cell in subject.cells if cell.is_asked_for)
    if not found:
        yield Unknown(
            Need.ROUTES,
            f"who originates {subject.prefix} is not known",
            f"a dump with its routes on a session of {subject.peering.name}",
        )
    asns = context.index.customers.get(subject.peering.asn, {})
    strange = sorted(asn for asn in found if asn not in asns)
    if strange:
        first = [f"AS{asn}" for asn in islice(asns, NAMED)]
        known = listed(first, more=len(asns) - len(first)) or "none"
        yield Problem(
            f"found origin {listed(f'AS{asn}' for asn in strange)} of {subject.prefix}, "
            f"wanted a registered one ({known})"
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
    fix="register the public AS that originates the customer's prefixes",
    fires_on=(f"{_SERVER}asn 64512",),
    silent_on=(_SERVER,),
)
def customer_public(subject: PeeringSubject, context: Context) -> Iterator[Problem]:
    """A customer's AS is public too: private numbers may not stand in a path.

    The portal takes them without a word.
    """
    for each in subject.peering.registered_asns:
        if not is_public(each.asn, context):
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
    fix="keep one registration of the AS and delete the others",
    fires_on=(
        f"{_SERVER}asn 64501",
        f"{_SERVER}peering contoso-rs2 route-server 64500 Frankfurt\nsession rs-2 rs1.fra\n"
        "asn 64501",
    ),
    silent_on=(f"{_SERVER}asn 64502",),
)
def duplicate_registration(subject: PeeringSubject, context: Context) -> Iterator[Problem]:
    """A customer's AS is registered once, under one peering; its key is valid everywhere."""
    places = context.index.registered_with
    for asn in dict.fromkeys(each.asn for each in subject.peering.registered_asns):
        if len(places[asn]) > 1:
            yield Problem(
                f"AS{asn} is registered {len(places[asn])} times: {listed(places[asn])}; "
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
    fix="name the registered AS after the customer",
    fires_on=(f"{_SERVER}asn 64502 name=",),
    silent_on=(f"{_SERVER}asn 64502 name=fabrikam",),
)
def customer_name(subject: PeeringSubject, _: Context) -> Iterator[Problem]:
    """The portal asks for the customer's name with its AS."""
    for each in subject.peering.registered_asns:
        if not each.name:
            yield Problem(
                f"found no name for registered AS{each.asn}, wanted the customer's",
                about=f"AS{each.asn}",
            )
