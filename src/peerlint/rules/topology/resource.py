"""Rules about the peering as an Azure resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.inventory import Inventory, Peering
from peerlint.results import Severity
from peerlint.rules._declare import Need, Problem, Scope, Unknown, rule, unattested, undeclared
from peerlint.rules._subject import ConnectionSubject, Context, PeeringSubject, is_same
from peerlint.wording import listed

_ALL: Final = ("000", "001", "002", "003", "004")
_SKU: Final = "Premium_Direct_Free"
#: What a peering cannot change after it was created, by the key of the inventory.
_FIXED: Final = ("asn", "subscription", "resource_group")


@rule(
    "topology.peering-type",
    "Peering is not of type Direct",
    stages="T",
    step=1,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    needs=(Need.AZURE,),
    basis=(*_ALL, "faqs.md"),
    word="peering type",
    fix='create a new peering and select Direct as "Peering type"',
    fires_on=("peering contoso-ams kind=Exchange",),
    silent_on=("peering contoso-ams kind=direct", "peering contoso-ams kind="),
)
def peering_type(subject: PeeringSubject, _: Context) -> Iterator[Problem | Unknown]:
    """Peering Service needs a peering of type Direct, at an exchange's route server too.

    A peering of type Exchange cannot carry it.
    """
    yield from _is(subject.peering.kind, "Direct", "the type of the peering", "`kind`")


@rule(
    "topology.microsoft-network",
    "Microsoft network does not fit the set-up",
    stages="T",
    step=1,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    needs=(Need.AZURE,),
    basis=(*_ALL, "peering-service-partner-overview.md"),
    word="network",
    fix='ask Microsoft to convert the peering, or create one with the right "Microsoft network"',
    fires_on=("peering contoso-ams network=Voice", "peering contoso-ams network=Transit"),
    silent_on=("peering contoso-ams network=Edge", "peering contoso-ams network="),
)
def microsoft_network(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Each set-up has its own value of "Microsoft network" (directPeeringType).

    AS8075 is Edge (000, 001, 003), AS8075 with exchange route server is IxRs (002), AS8075 with
    Voice is Voice (004).
    """
    wanted = context.set_up.network
    yield from _is(subject.peering.network, wanted, "the Microsoft network", "`network`")


@rule(
    "topology.sku",
    "SKU is not Premium Free",
    stages="T",
    step=1,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    needs=(Need.AZURE,),
    basis=_ALL,
    texts=(
        "000 to 004, Configuration: Premium Free",
        "direct-portal-configuration (2019): Basic Free, Premium is reserved",
    ),
    word="SKU",
    fix="select Premium Free as the SKU of the peering",
    fires_on=("peering contoso-ams sku=Basic_Direct_Free",),
    silent_on=("peering contoso-ams sku=premium_direct_free", "peering contoso-ams sku="),
)
def sku(subject: PeeringSubject, _: Context) -> Iterator[Problem | Unknown]:
    """The peering's SKU is Premium_Direct_Free.

    Older pages tell to select Basic Free; they describe plain peering.
    """
    yield from _is(subject.peering.sku, _SKU, "the SKU", "`sku`")


@rule(
    "topology.use-for-peering-service",
    "Connection is not used for Peering Service",
    stages="T",
    step=1,
    severity=Severity.ERROR,
    scope=Scope.CONNECTION,
    needs=(Need.AZURE,),
    basis=_ALL,
    portal=(
        "Operation is not supported for this peering type (the API's answer to a registration)",
        "Do not enable unless you have contacted peering@microsoft.com about becoming a MAPS "
        "provider. (beside the setting; 001 says to ignore it)",
    ),
    word="not enabled",
    fix='enable "Use for Peering Service" on the connection',
    fires_on=("connection ams-1 peering_service=false",),
    silent_on=("connection ams-1 peering_service=true", "connection ams-1 peering_service="),
)
def use_for_peering_service(subject: ConnectionSubject, _: Context) -> Iterator[Problem | Unknown]:
    """The portal's "Use for Peering Service" is enabled on every connection that carries it.

    The portal enables it by itself for route servers and voice.
    """
    enabled = subject.connection.peering_service
    if enabled is None:
        yield undeclared(f"whether {subject} is used for Peering Service", "`peering_service`")
    elif not enabled:
        yield Problem(f'found "Use for Peering Service" disabled on {subject}, wanted it enabled')


@rule(
    "topology.session-address-provider",
    "Session addresses come from the wrong side",
    stages="T",
    step=1,
    severity=Severity.ERROR,
    scope=Scope.CONNECTION,
    needs=(Need.AZURE,),
    basis=("001", "002", "004"),
    texts=(
        "001, 004: Microsoft gives the addresses; 002: the peer does",
        "direct-portal-configuration: addresses of Microsoft's take longer and may be denied",
    ),
    word="address provider",
    fix='create the connection anew with the right "Session Address Provider"',
    fires_on=(
        "peering contoso-ams profile=voice network=Voice\nconnection ams-1 address_provider=Peer",
    ),
    silent_on=(
        "peering contoso-ams profile=voice network=Voice",
        "connection ams-1 address_provider=Peer",
        "peering contoso-ams profile=voice\nconnection ams-1 address_provider=",
    ),
)
def session_address_provider(
    subject: ConnectionSubject, context: Context
) -> Iterator[Problem | Unknown]:
    """Who gives the addresses of the sessions depends on the set-up.

    Microsoft does for Operator Connect and voice (001, 004), the exchange does at a route server
    (002). The other documents leave it open.
    """
    wanted = context.set_up.address_provider
    if wanted is not None:
        found = subject.connection.address_provider
        yield from _is(found, wanted, f"who gives addresses to {subject}", "`address_provider`")


@rule(
    "topology.facility-valid",
    "Facility is not known to be valid",
    stages="T",
    step=1,
    severity=Severity.WARNING,
    scope=Scope.CONNECTION,
    needs=(Need.AZURE, Need.PEERINGDB),
    basis=(*_ALL, "PeeringDB net 694"),
    word="facility",
    fix="select a facility that the portal offers, and set its PeeringDB number as `facility`",
    fires_on=("connection ams-1 facility=0",),
    silent_on=("connection ams-1 facility=58",),
)
def facility_valid(subject: ConnectionSubject, _: Context) -> Iterator[Problem | Unknown]:
    """A connection ends in one of Microsoft's edge sites, by its number in PeeringDB.

    The number has to be set; whether it is one of Microsoft's sites in that metro is a question
    for PeeringDB.
    """
    facility = subject.connection.facility
    if facility is None:
        yield undeclared(f"the facility of {subject}", "`facility`")
    elif not facility:
        yield Problem(f"found no facility on {subject}, wanted its number in PeeringDB")
    else:
        yield Unknown(
            Need.PEERINGDB,
            f"whether facility {facility} of {subject} is an edge site of Microsoft is not known",
            "PeeringDB's data",
        )


@rule(
    "topology.metro-selected",
    "Connections of one peering lie in several metros",
    stages="T",
    step=1,
    severity=Severity.WARNING,
    scope=Scope.PEERING,
    needs=(Need.AZURE,),
    basis=("000", "002", "004"),
    word="metro",
    fix="create another peering for the connections in the other metro",
    fires_on=("peering contoso-ams profile=direct\nconnection ams-2 location=Frankfurt",),
    silent_on=(
        "peering contoso-ams profile=direct\nconnection ams-2 location=amsterdam",
        "peering contoso-ams profile=direct location=",
    ),
)
def metro_selected(subject: PeeringSubject, _: Context) -> Iterator[Problem | Unknown]:
    """A peering has one metro, and all its connections are there."""
    peering = subject.peering
    if peering.location is None:
        yield undeclared("the metro of the peering", "`location`")
        return
    elsewhere = [
        f"{each.name} in {each.location}"
        for each in peering.connections
        if each.location is not None and not is_same(each.location, peering.location)
    ]
    if elsewhere:
        yield Problem(f"found {listed(elsewhere)}, wanted all in {peering.location}")


@rule(
    "topology.basics-immutable",
    "The plan changes what cannot be changed",
    stages="T",
    step=1,
    severity=Severity.WARNING,
    scope=Scope.PEERING,
    needs=(Need.PLAN,),
    basis=("000", "002", "003", "004"),
    word="not changeable",
    fix="keep these values, or plan for the time without the peering",
    fires_on=("plan peering contoso-ams asn=64501", "plan peering contoso-ams name=contoso"),
    silent_on=("plan peering contoso-ams location=Amsterdam", ""),
)
def basics_immutable(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Subscription, resource group, name and ASN of a peering stay as they are created.

    A plan that changes one of them means to delete the peering and to create another: new
    addresses, new registrations, new keys.
    """
    if context.plan is None:
        yield unplanned(subject.peering.name)
        return
    old = subject.peering
    new = _planned(old, context.plan)
    if new is None:
        yield Problem(
            f"found no peering {old.name} in the plan: one of another name is another peering"
        )
        return
    changed = [
        f"{key} from {getattr(old, key)} to {getattr(new, key)}"
        for key in _FIXED
        if getattr(old, key) != getattr(new, key)
    ]
    if changed:
        yield Problem(f"the plan changes {listed(changed)} of {old.name}, which is fixed")


@rule(
    "topology.agreement-signed",
    "Agreement on Peering Service is not signed",
    stages="T",
    step=1,
    severity=Severity.WARNING,
    scope=Scope.PEERING,
    needs=(Need.ATTESTATION,),
    basis=("000", "peering-service-partner-overview.md", "how-to-exchange-route-server-portal.md"),
    word="no agreement",
    fix="sign the Peering Service agreement, then attest topology.agreement-signed",
    fires_on=("attest topology.agreement-signed contoso-ams no",),
    silent_on=("attest topology.agreement-signed contoso-ams", ""),
)
def agreement_signed(_: PeeringSubject, __: Context) -> Iterator[Unknown]:
    """A partner signs an agreement on Peering Service before the interconnect is established.

    Nothing but a person can tell that it was signed.
    """
    yield unattested("whether the agreement on Peering Service is signed")


@rule(
    "topology.deployed",
    "Peering is not deployed",
    stages="T",
    step=1,
    severity=Severity.ERROR,
    scope=Scope.PEERING,
    needs=(Need.AZURE,),
    basis=("000", "002", "003", "004"),
    word="not deployed",
    fix=(
        "wait while Azure updates the peering; if it failed, read its activity log and "
        "deploy it again"
    ),
    fires_on=(
        "peering contoso-ams provisioning_state=Failed",
        "peering contoso-ams provisioning_state=Updating",
    ),
    silent_on=("", "peering contoso-ams provisioning_state="),
)
def deployed(subject: PeeringSubject, _: Context) -> Iterator[Problem | Unknown]:
    """Everything else waits until the resource's provisioning has succeeded.

    Updating passes by itself; Failed and Canceled do not.
    """
    state = subject.peering.provisioning_state
    if state is None:
        yield undeclared("the provisioning state of the peering", "`provisioning_state`")
    elif state.casefold() != "succeeded":
        severity = {
            "failed": Severity.ERROR,
            "canceled": Severity.ERROR,
            "updating": Severity.INFO,
        }.get(state.casefold(), Severity.WARNING)
        yield Problem(f"found provisioning state {state}, wanted Succeeded", severity=severity)


def unplanned(name: str) -> Unknown:
    """Return an unknown for a check without a plan to compare with."""
    return Unknown(
        Need.PLAN,
        f"whether a plan changes what is fixed of {name} is not known",
        "the inventory as it is meant to become",
    )


def _is(found: str | None, wanted: str, what: str, key: str) -> Iterator[Problem | Unknown]:
    """Compare as Azure does: whatever the case of the letters."""
    if found is None:
        yield undeclared(what, key)
    elif found.casefold() != wanted.casefold():
        yield Problem(f"found {found} as {what}, wanted {wanted}")


def _planned(peering: Peering, plan: Inventory) -> Peering | None:
    return next((each for each in plan.peerings if each.name == peering.name), None)
