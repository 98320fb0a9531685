"""Rules about the peering service that a prefix is activated in: provider and locations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.inventory import Connection, Inventory, Metro, PeeringService, Provider, metro
from peerlint.observations import ROUTE_SERVER
from peerlint.results import Severity
from peerlint.rules._declare import Family, undeclared
from peerlint.rules._rule import Need, Problem, Unknown
from peerlint.rules._subject import (
    Cell,
    Context,
    Presence,
    ServicePrefixSubject,
    is_same,
)
from peerlint.rules.documents import SERVICE_REQUIREMENTS
from peerlint.rules.numbers import BACKUP_SESSIONS, PRIMARY_SESSIONS
from peerlint.wording import counted, listed

rule: Final = Family("S", step=4)


@rule(
    "activation.primary-sessions",
    "Primary location has too few sessions",
    needs=(Need.AZURE, Need.ATTESTATION),
    basis=(SERVICE_REQUIREMENTS,),
    portal=("Provider has fewer than two sessions in its primary location",),
    word="primary",
)
def primary_sessions(
    subject: ServicePrefixSubject, context: Context
) -> Iterator[Problem | Unknown]:
    """In its primary location a prefix has two Peering Service sessions, on two routers.

    Sessions that exist but are not yet active give a warning: they are being provisioned. At a
    route server one connection is enough (002), so that fewer than two are information there.

    What to do: choose a primary location with two sessions on two routers, or add the second one.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps primary=Frankfurt
        service-prefix 203.0.113.0/24

        connection ams-2 state=Validating
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

        connection ams-2 router=edge1.ams
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

        connection ams-2 peering_service=false
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

        connection ams-2 state=
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

        connection ams-2 router=
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
    """
    location = subject.service.primary
    if location is None:
        return  # `activation.fields` says it
    there, others = _carrying(context.inventory, subject.peering.asn, location)
    least = PRIMARY_SESSIONS.value
    # 002 asks for one connection: the exchange builds the mesh later.
    mild = Severity.INFO if context.profile == ROUTE_SERVER else None
    if len(there) < least:
        found = counted(len(there), "session")
        yield Problem(
            f"found {found} in {location}, wanted at least {least}{_not_counted(others)}",
            severity=mild if there else None,
        )
        return
    unsaid = [each.name for each in there if each.state is None]
    active = [each for each in there if each.is_active]
    if len(active) < least and unsaid:
        yield undeclared(f"the state of {listed(unsaid)}", "`state`")
    elif len(active) < least:
        yield Problem(
            f"found {len(active)} of {counted(len(there), 'session')} in {location} active, "
            f"wanted at least {least}: they are being provisioned ({_states(there)})",
            severity=mild or Severity.WARNING,
        )
    routers = {each.router for each in there}
    if len(routers - {None}) < least and None in routers:
        yield Unknown(
            Need.ATTESTATION,
            f"whether the sessions in {location} end on two routers is not known",
            "`router` of each connection",
        )
    elif len(routers) < least:
        yield Problem(
            f"found one router in {location} ({listed(map(str, routers))}), wanted two",
            severity=mild,
        )


@rule(
    "activation.backup-sessions",
    "Backup location has no session",
    needs=(Need.AZURE,),
    basis=(SERVICE_REQUIREMENTS,),
    portal=(
        "Provider has no sessions in its backup location",
        "Backup route not found, please contact Peering Service provider.",
    ),
    word="backup",
)
def backup_sessions(subject: ServicePrefixSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Where a backup location is chosen, there is a Peering Service session.

    What to do: choose a backup location with a session, or add one there.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps backup=Frankfurt
        service-prefix 203.0.113.0/24

        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        session fra-2 edge2.fra
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        session ams-2 edge2.ams
        registered 203.0.113.0/24
        service contoso-maps backup=Frankfurt
        service-prefix 203.0.113.0/24
        connection fra-1 state=Validating
        connection fra-2 state=Validating

    Silent:
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        session fra-2 edge2.fra
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        session ams-2 edge2.ams
        registered 203.0.113.0/24
        service contoso-maps backup=Frankfurt
        service-prefix 203.0.113.0/24

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        session fra-2 edge2.fra
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        session ams-2 edge2.ams
        registered 203.0.113.0/24
        service contoso-maps backup=Frankfurt
        service-prefix 203.0.113.0/24
        connection fra-1 state=
        connection fra-2 state=
    """
    location = subject.service.backup
    if location is None:
        return
    there, others = _carrying(context.inventory, subject.peering.asn, location)
    least = BACKUP_SESSIONS.value
    if len(there) < least:
        yield Problem(
            f"found no session in {location}, wanted at least {least}{_not_counted(others)}"
        )
    elif not any(each.is_active for each in there):
        if any(each.state is None for each in there):
            yield undeclared(f"the state of the connections in {location}", "`state`")
        else:
            yield Problem(
                f"found no active session in {location}, wanted one: it is being provisioned "
                f"({_states(there)})",
                severity=Severity.WARNING,
            )


@rule(
    "activation.backup-none",
    "No backup location is chosen",
    severity=Severity.WARNING,
    basis=(
        "004, CAUTION",
        "001, Configuration",
        "peering-service/azure-portal.md",
        "customer-walkthrough.md",
    ),
    word="no backup",
)
def backup_none(subject: ServicePrefixSubject, _: Context) -> Iterator[Problem]:
    """A peering service has a backup location, so that it is redundant beyond one metro.

    Without one there is no geo-redundancy, says document 004; document 001 and the portal's page
    say that traffic then fails over to the Internet. Microsoft changes the locations of a peering
    service that exists on request by mail.

    What to do: choose a backup location; Microsoft sets it on request by mail.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

    Silent:
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        session fra-2 edge2.fra
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        session ams-2 edge2.ams
        registered 203.0.113.0/24
        service contoso-maps backup=Frankfurt
        service-prefix 203.0.113.0/24
    """
    if subject.service.backup is None:
        yield Problem(f"found no backup location of {subject.service.name}, wanted one")


@rule(
    "activation.backup-same-location",
    "Backup location is the primary one",
    basis=("000, 002, 003, 004: a backup lies elsewhere",),
    word="same location",
)
def backup_same_location(subject: ServicePrefixSubject, _: Context) -> Iterator[Problem]:
    """A backup location that is the primary one backs nothing up.

    What to do: choose a backup location other than the primary one.

    Fires:
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        session fra-2 edge2.fra
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        session ams-2 edge2.ams
        registered 203.0.113.0/24
        service contoso-maps backup=amsterdam
        service-prefix 203.0.113.0/24

    Silent:
        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        session fra-2 edge2.fra
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        session ams-2 edge2.ams
        registered 203.0.113.0/24
        service contoso-maps backup=Frankfurt
        service-prefix 203.0.113.0/24

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
    """
    service = subject.service
    if service.backup is not None and is_same(service.backup, service.primary):
        yield Problem(
            f"found {service.backup} as primary and as backup of {service.name}, wanted two"
        )


@rule(
    "activation.provider",
    "Provider is not known in a chosen location",
    step=3,
    needs=(Need.AZURE,),
    basis=("001, NOTE", "004", SERVICE_REQUIREMENTS),
    portal=("Peering service provider not found",),
)
def provider(subject: ServicePrefixSubject, context: Context) -> Iterator[Problem | Unknown]:
    """The provider is one that Microsoft lists, in the chosen locations.

    An Operator Connect partner appears in the list as a provider by itself.

    What to do: select the provider as the portal spells it, and locations that it offers.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps provider=Fabrikam
        service-prefix 203.0.113.0/24

        provider Contoso Frankfurt
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        session fra-2 edge2.fra
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        session ams-2 edge2.ams
        registered 203.0.113.0/24
        service contoso-maps backup=Frankfurt
        service-prefix 203.0.113.0/24

        no provider
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
    """
    service, known = subject.service, context.inventory.providers
    if service.provider is None:
        return  # `activation.fields` says it
    if not known:
        yield undeclared(f"whether Microsoft lists {service.provider}", "`[[provider]]`")
        return
    found = _provider(known, service)
    if found is None:
        names = listed(each.name for each in known)
        yield Problem(f"found provider {service.provider}, wanted one of {names}")
        return
    foreign = [
        location
        for location in (service.primary, service.backup)
        if location is not None and Metro(location) not in map(Metro, found.locations)
    ]
    if foreign:
        yield Problem(
            f"found {listed(foreign)}, which {found.name} does not offer; wanted of "
            f"{listed(found.locations) or 'none'}"
        )


@rule(
    "activation.location-alignment",
    "Prefix is not announced in a chosen location",
    step=6,
    needs=(Need.ROUTES,),
    basis=("001", "004", "customer-walkthrough.md"),
    word="location",
)
def location_alignment(
    subject: ServicePrefixSubject, context: Context
) -> Iterator[Problem | Unknown]:
    """The partner peers in the chosen locations, and announces the prefix there.

    Only then is traffic carried to the right place inside Microsoft's network.

    What to do: choose locations where the prefix is announced, or announce it there.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        ams-1 198.51.100.0/24 path 64500

        registered 203.0.113.0/24
        service contoso-maps primary=Paris
        service-prefix 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        ams-2 203.0.113.0/24 path 64500

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        ams-2 203.0.113.0/24 path 64500

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        coverage ams-1 none
    """
    for location in dict.fromkeys((subject.service.primary, subject.service.backup)):
        if location is None:
            continue
        cells = in_location(subject.cells, location)
        if any(cell.presence is Presence.PRESENT for cell in cells):
            continue
        unseen = not cells and _peers_in(context.inventory, location)
        if unseen or any(cell.presence is Presence.UNKNOWN for cell in cells):
            yield Unknown(
                Need.ROUTES,
                f"whether {subject.declared.prefix} is announced in {location} is not known",
                f"a whole dump of every session in {location}",
                about=location,
            )
        elif cells:
            yield Problem(
                f"found {subject.declared.prefix} on no session in {location}, wanted it there",
                about=location,
            )
        else:
            yield Problem(f"found no peering in {location}, wanted one there", about=location)


def in_location(cells: tuple[Cell, ...], location: str | None) -> tuple[Cell, ...]:
    """Return the cells of the sessions in a metro."""
    return tuple(
        cell
        for cell in cells
        if location is not None
        and metro(cell.session.peering, cell.session.connection) == Metro(location)
    )


def _carrying(
    inventory: Inventory, asn: int, location: str
) -> tuple[list[Connection], list[Connection]]:
    """Return an AS's connections in a metro, one for each session: those that carry the service.

    The others follow: those that are declared not to be used for it.
    """
    there = [
        each.connection
        for each in inventory.sessions
        if each.peering.asn == asn and metro(each.peering, each.connection) == Metro(location)
    ]
    return (
        [each for each in there if each.peering_service is not False],
        [each for each in there if each.peering_service is False],
    )


def _not_counted(connections: list[Connection]) -> str:
    """Name the connections that a count leaves out, and why."""
    names = listed(dict.fromkeys(each.name for each in connections))
    return f"; not counted: {names}, not used for Peering Service" if names else ""


def _states(connections: list[Connection]) -> str:
    """Name the connections that are not active, with their state."""
    idle = dict.fromkeys(
        f"{each.name} is {each.state}" for each in connections if not each.is_active
    )
    return listed(idle)


def _peers_in(inventory: Inventory, location: str) -> bool:
    """Whether there is a connection in a metro, if only without sessions."""
    return any(
        metro(peering, connection) == Metro(location)
        for peering in inventory.peerings
        for connection in peering.connections
    )


def _provider(listed: tuple[Provider, ...], service: PeeringService) -> Provider | None:
    return next((each for each in listed if is_same(each.name, service.provider)), None)
