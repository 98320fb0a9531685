"""Rules about the peering as an Azure resource."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.inventory import Inventory, Peering
from peerlint.registry import SourceKind
from peerlint.results import Phrase, Severity, SubjectName, clause, phrase
from peerlint.rules._declare import Family, attested, shared, undeclared, unknown
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context, is_same
from peerlint.rules.documents import ALL
from peerlint.rules.subjects import ConnectionSubject, PeeringSubject
from peerlint.rules.topology.facility import facility_answers
from peerlint.wording import listed

rule: Final = Family("T", step=1)

_SKU: Final = "Premium_Direct_Free"
#: The keys of the inventory for values that a peering keeps after its creation.
_FIXED: Final = ("asn", "subscription", "resource_group")


@rule(
    "topology.peering-type",
    "Peering is not of type Direct",
    needs=(Need.AZURE,),
    basis=(*ALL, "faqs.md"),
)
def peering_type(subject: PeeringSubject, _: Context) -> Iterator[Problem | Unknown]:
    """Peering Service needs a peering of type Direct, also at the route server of an exchange.

    A peering of type Exchange cannot carry the service.

    What to do: create a new peering and select Direct as "Peering type".

    Fires:
        peering contoso-ams kind=Exchange

    Silent:
        peering contoso-ams kind=direct

        peering contoso-ams kind=
    """
    yield from _is(subject.peering.kind, "Direct", "the type of the peering", "`kind`")


@rule(
    "topology.microsoft-network",
    "Microsoft network does not fit the set-up",
    needs=(Need.AZURE,),
    basis=(*ALL, "peering-service-partner-overview.md"),
    word="network",
)
def microsoft_network(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Each set-up has its own value of "Microsoft network" (directPeeringType).

    AS8075 is Edge (000, 001, 003), AS8075 with exchange route server is IxRs (002), AS8075 with
    Voice is Voice (004).

    What to do: ask Microsoft to convert the peering, or create one with the right "Microsoft
    network".

    Fires:
        peering contoso-ams network=Voice

        peering contoso-ams network=Transit

    Silent:
        peering contoso-ams network=Edge

        peering contoso-ams network=
    """
    wanted = context.set_up.network
    yield from _is(subject.peering.network, wanted, "the Microsoft network", "`network`")


@rule(
    "topology.sku",
    "SKU is not Premium Free",
    needs=(Need.AZURE,),
    basis=ALL,
    texts=(
        "000 to 004, Configuration: Premium Free",
        "direct-portal-configuration (2019): Basic Free, Premium is reserved",
    ),
    word="SKU",
)
def sku(subject: PeeringSubject, _: Context) -> Iterator[Problem | Unknown]:
    """The peering's SKU is Premium_Direct_Free.

    Older pages say to select Basic Free; they describe peering without the service.

    What to do: select Premium Free as the SKU of the peering.

    Fires:
        peering contoso-ams sku=Basic_Direct_Free

    Silent:
        peering contoso-ams sku=premium_direct_free

        peering contoso-ams sku=
    """
    yield from _is(subject.peering.sku, _SKU, "the SKU", "`sku`")


@rule(
    "topology.use-for-peering-service",
    "Connection is not used for Peering Service",
    needs=(Need.AZURE,),
    basis=ALL,
    portal=(
        "Operation is not supported for this peering type (the API's answer to a registration)",
        "Do not enable unless you have contacted peering@microsoft.com about becoming a MAPS "
        "provider. (beside the setting; 001 says to ignore it)",
    ),
    word="not enabled",
)
def use_for_peering_service(subject: ConnectionSubject, _: Context) -> Iterator[Problem | Unknown]:
    """The portal's "Use for Peering Service" is enabled on every connection that carries it.

    The portal enables it automatically for route servers and voice.

    What to do: enable "Use for Peering Service" on the connection.

    Fires:
        connection ams-1 peering_service=false

    Silent:
        connection ams-1 peering_service=true

        connection ams-1 peering_service=
    """
    enabled = subject.connection.peering_service
    if enabled is None:
        yield undeclared(
            phrase("whether ", SubjectName.PLACE, " is used for Peering Service"),
            "`peering_service`",
        )
    elif not enabled:
        yield Problem(
            phrase('"Use for Peering Service" disabled on ', SubjectName.PLACE), "it enabled"
        )


@rule(
    "topology.session-address-provider",
    "Session addresses come from the wrong side",
    needs=(Need.AZURE,),
    basis=("001", "002", "004"),
    texts=(
        "001, 004: Microsoft gives the addresses; 002: the peer does",
        "direct-portal-configuration: addresses of Microsoft's take longer and may be denied",
    ),
    word="address provider",
)
def session_address_provider(
    subject: ConnectionSubject, context: Context
) -> Iterator[Problem | Unknown]:
    """The set-up determines which side provides the addresses of the sessions.

    Microsoft provides them for Operator Connect and voice (001, 004), and the exchange provides
    them at a route server (002). The other documents allow both.

    What to do: create the connection again with the right "Session Address Provider".

    Fires:
        peering contoso-ams profile=voice network=Voice
        connection ams-1 address_provider=Peer

    Silent:
        peering contoso-ams profile=voice network=Voice

        connection ams-1 address_provider=Peer

        peering contoso-ams profile=voice
        connection ams-1 address_provider=
    """
    wanted = context.set_up.address_provider
    if wanted is not None:
        found = subject.connection.address_provider
        what = phrase("who gives addresses to ", SubjectName.PLACE)
        yield from _is(found, wanted, what, "`address_provider`")


@rule(
    "topology.facility-valid",
    "Facility is not known to be valid",
    severity=Severity.WARNING,
    needs=(Need.AZURE, Need.PEERINGDB),
    basis=(*ALL, "PeeringDB net 694"),
    word="facility",
)
def facility_valid(subject: ConnectionSubject, context: Context) -> Iterator[Problem | Unknown]:
    """A connection ends in one of Microsoft's edge sites, given by its number in PeeringDB.

    The number has to be declared; PeeringDB's data show whether it is a site of Microsoft's in that
    metro.

    What to do: select a facility that the portal offers, and set its PeeringDB number as
    `facility`.

    Fires:
        connection ams-1 facility=0

        connection ams-1 facility=58
        peeringdb net 8075 Microsoft
        peeringdb facility 8075 59 Amsterdam

    Silent:
        connection ams-1 facility=58

        connection ams-1 facility=58
        peeringdb net 8075 Microsoft
        peeringdb facility 8075 58 Amsterdam
    """
    facility = subject.connection.facility
    if facility is None:
        yield undeclared(phrase("the facility of ", SubjectName.PLACE), "`facility`")
    elif not facility:
        yield Problem(phrase("no facility on ", SubjectName.PLACE), "its number in PeeringDB")
    elif context.registry_data is not None and context.registry_data.has(SourceKind.PEERINGDB):
        yield from facility_answers(facility, subject, context.registry_data)
    else:
        yield Unknown(
            Need.PEERINGDB,
            unknown(
                phrase(
                    f"whether facility {facility} of ",
                    SubjectName.PLACE,
                    " is an edge site of Microsoft",
                )
            ),
            "PeeringDB's data",
        )


@rule(
    "topology.metro-selected",
    "Connections of one peering lie in several metros",
    severity=Severity.WARNING,
    needs=(Need.AZURE,),
    basis=("000", "002", "004"),
    word="metro",
)
def metro_selected(subject: PeeringSubject, _: Context) -> Iterator[Problem | Unknown]:
    """A peering has one metro, in which all its connections are.

    What to do: create another peering for the connections in the other metro.

    Fires:
        peering contoso-ams profile=direct
        connection ams-2 location=Frankfurt

    Silent:
        peering contoso-ams profile=direct
        connection ams-2 location=amsterdam

        peering contoso-ams profile=direct location=
    """
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
        yield Problem(listed(elsewhere), f"all in {peering.location}")


@rule(
    "topology.basics-immutable",
    "The plan changes what cannot be changed",
    severity=Severity.WARNING,
    needs=(Need.PLAN,),
    basis=("000", "002", "003", "004"),
    word="not changeable",
)
def basics_immutable(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Subscription, resource group, name and ASN of a peering cannot change after its creation.

    A plan that changes one of them means that the peering is deleted and another one is created,
    with new addresses, registrations and keys.

    What to do: keep these values, or plan for the time without the peering.

    Fires:
        plan peering contoso-ams asn=64501

        plan peering contoso-ams name=contoso

    Silent:
        plan peering contoso-ams location=Amsterdam

        # the default scenario, unchanged
    """
    if context.plan is None:
        yield unplanned(SubjectName.PEERING)
        return
    old = subject.peering
    new = _planned(old, context.plan)
    if new is None:
        yield Problem(
            phrase(
                "no peering ",
                SubjectName.PEERING,
                " in the plan: one of another name is another peering",
            )
        )
        return
    changed = [
        f"{key} from {getattr(old, key)} to {getattr(new, key)}"
        for key in _FIXED
        if getattr(old, key) != getattr(new, key)
    ]
    if changed:
        yield Problem(
            clause(
                f"the plan changes {listed(changed)} of ", SubjectName.PEERING, ", which is fixed"
            )
        )


@rule(
    "topology.agreement-signed",
    "Agreement on Peering Service is not signed",
    severity=Severity.WARNING,
    needs=(Need.ATTESTATION,),
    basis=("000", "peering-service-partner-overview.md", "how-to-exchange-route-server-portal.md"),
    word="no agreement",
)
@shared(attested("whether the agreement on Peering Service is signed"))
def agreement_signed() -> None:
    """A partner signs an agreement on Peering Service before the interconnect is established.

    Only an attestation can show that it was signed.

    What to do: sign the Peering Service agreement, then attest topology.agreement-signed.

    Fires:
        attest topology.agreement-signed contoso-ams no

    Silent:
        attest topology.agreement-signed contoso-ams

        # the default scenario, unchanged
    """


@rule(
    "topology.deployed",
    "Peering is not deployed",
    needs=(Need.AZURE,),
    basis=("000", "002", "003", "004"),
    word="not deployed",
)
def deployed(subject: PeeringSubject, _: Context) -> Iterator[Problem | Unknown]:
    """The provisioning of the resource has succeeded; all other steps wait for it.

    The state Updating ends without your action; Failed and Canceled do not.

    What to do: wait while Azure updates the peering; if it failed, read its activity log and deploy
    it again.

    Fires:
        peering contoso-ams provisioning_state=Failed

        peering contoso-ams provisioning_state=Updating

    Silent:
        # the default scenario, unchanged

        peering contoso-ams provisioning_state=
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
        yield Problem(f"provisioning state {state}", "Succeeded", severity=severity)


def unplanned(name: str | SubjectName) -> Unknown:
    """Return an unknown for a check that lacks a plan to compare with.

    Args:
        name: the name of the peering or peering service.
    """
    return Unknown(
        Need.PLAN,
        unknown(phrase("whether a plan changes what is fixed of ", name)),
        "the inventory as it is meant to become",
    )


def _is(
    found: str | None, wanted: str, what: str | Phrase, key: str
) -> Iterator[Problem | Unknown]:
    """Compare a value with the wanted one, ignoring the case of letters as Azure does.

    Args:
        found: the value of the inventory; None if it is not declared.
        wanted: the value that passes.
        what: what the value is, as the subject of a sentence.
        key: the key of the inventory.
    """
    if found is None:
        yield undeclared(what, key)
    elif found.casefold() != wanted.casefold():
        yield Problem(phrase(f"{found} as ", what), wanted)


def _planned(peering: Peering, plan: Inventory) -> Peering | None:
    return next((each for each in plan.peerings if each.name == peering.name), None)
