"""Rules about the AS numbers that the operator of a route server registers for customers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from peerlint.iana import asn_class
from peerlint.observations import ROUTE_SERVER
from peerlint.results import Severity, clause, phrase
from peerlint.rules._declare import Family, unknown
from peerlint.rules._effective import origins
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.asn.partner import is_public
from peerlint.rules.context import Context
from peerlint.rules.subjects import ObservedPrefix, PeeringSubject
from peerlint.wording import NAMED, listed

rule: Final = Family("A", step=5)


@rule(
    "asn.customer-registered",
    "Origin AS is not registered at the route server",
    stages="A+S",
    step=9,
    needs=(Need.PATH,),
    basis=("002", "how-to-exchange-route-server-portal.md"),
    word="AS not registered",
)
def customer_registered(subject: ObservedPrefix, context: Context) -> Iterator[Problem | Unknown]:
    """At a route server, a customer's AS is registered before its prefixes are optimised.

    A route with the community requests the service, so its origin has to be an AS number that a
    route-server peering of the same AS registers. Any of these peerings will do, because the key is
    valid in every location.

    What to do: register the origin AS at the route server, and hand its key to the customer.

    Fires:
        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        rs-1 203.0.113.0/24 path 64502 community 8075:8007

        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        service contoso-maps primary=Amsterdam
        service-prefix 203.0.113.0/24
        rs-1 203.0.113.0/24 path 64502

    Silent:
        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        rs-1 203.0.113.0/24 path 64501 community 8075:8007

        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        rs-1 203.0.113.0/24 path 64502

        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        service contoso-maps primary=Amsterdam
        service-prefix 203.0.113.0/24
    """
    if context.profile != ROUTE_SERVER or subject.prefix is None:
        return
    found = origins(cell for cell in subject.cells if cell.is_required)
    if not found:
        yield Unknown(
            Need.ROUTES,
            unknown(phrase("who originates ", subject.own_prefix)),
            f"a dump with its routes on a session of {subject.peering.name}",
        )
    asns = context.index.customers.get(subject.peering.asn, {})
    strange = sorted(asn for asn in found if asn not in asns)
    if strange:
        first = [f"AS{asn}" for asn in islice(asns, NAMED)]
        known = listed(first, more=len(asns) - len(first)) or "none"
        yield Problem(
            phrase(f"origin {listed(f'AS{asn}' for asn in strange)} of ", subject.own_prefix),
            f"a registered one ({known})",
        )


@rule(
    "asn.customer-public",
    "Registered AS number is not public",
    basis=("002, requirements", "azure-powershell recordings: the API took 65000"),
    word="not public",
)
def customer_public(subject: PeeringSubject, context: Context) -> Iterator[Problem]:
    """The AS number of a customer is public, because a path must not have private numbers.

    The portal accepts private numbers without an error.

    What to do: register the public AS that originates the customer's prefixes.

    Fires:
        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        asn 64512

    Silent:
        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
    """
    for each in subject.peering.registered_asns:
        if not is_public(each.asn, context):
            yield Problem(
                f"registered AS{each.asn} ({asn_class(each.asn)})",
                "a public one",
                about=f"AS{each.asn}",
            )


@rule(
    "asn.duplicate-registration",
    "AS number is registered more than once",
    step=3,
    basis=("002",),
    word="registered twice",
)
def duplicate_registration(subject: PeeringSubject, context: Context) -> Iterator[Problem]:
    """A customer's AS is registered once, with one peering; its key is valid everywhere.

    What to do: keep one registration of the AS and delete the others.

    Fires:
        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        asn 64501

        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        peering contoso-rs2 route-server 64500 Frankfurt
        session rs-2 rs1.fra
        asn 64501

    Silent:
        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        asn 64502
    """
    peerings = context.index.registered_with
    for asn in dict.fromkeys(each.asn for each in subject.peering.registered_asns):
        if len(peerings[asn]) > 1:
            yield Problem(
                clause(
                    f"AS{asn} is registered {len(peerings[asn])} times: {listed(peerings[asn])}"
                ),
                "once",
                about=f"AS{asn}",
            )


@rule(
    "asn.customer-name",
    "Registered AS number has no customer name",
    severity=Severity.INFO,
    basis=("002",),
    word="no name",
)
def customer_name(subject: PeeringSubject, _: Context) -> Iterator[Problem]:
    """The portal asks for the customer's name together with the AS.

    What to do: name the registered AS after the customer.

    Fires:
        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        asn 64502 name=

    Silent:
        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        asn 64502 name=fabrikam
    """
    for each in subject.peering.registered_asns:
        if not each.name:
            yield Problem(
                f"no name for registered AS{each.asn}",
                "the customer's",
                about=f"AS{each.asn}",
            )
