"""Rules about the peering service that a prefix is activated in: provider and locations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.inventory import Metro, metro
from peerlint.observe import ROUTE_SERVER
from peerlint.rules._declare import Need, Problem, Scope, Unknown, rule, undeclared
from peerlint.rules._inventory_index import SessionGroup
from peerlint.rules._subject import (
    Cell,
    Context,
    Presence,
    ServicePrefixSubject,
    is_same,
)
from peerlint.rules.numbers import BACKUP_SESSIONS, PRIMARY_SESSIONS
from peerlint.rules.prefix import SERVICE_REQUIREMENTS
from peerlint.verdicts import Severity
from peerlint.wording import counted, listed

_HEAD: Final = "registered 203.0.113.0/24\n"
_SERVICE: Final = f"{_HEAD}service contoso-maps\nservice-prefix 203.0.113.0/24"
_FRA: Final = (
    "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\nsession fra-2 edge2.fra\n"
)
_AMS: Final = (
    "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\nsession ams-2 edge2.ams\n"
)
_BOTH: Final = (
    f"{_FRA}{_AMS}{_HEAD}service contoso-maps backup=Frankfurt\nservice-prefix 203.0.113.0/24"
)
_ANNOUNCED: Final = "\nams-1 203.0.113.0/24 path 64500\nams-2 203.0.113.0/24 path 64500"


@rule(
    "activation.primary-sessions",
    "Primary location has too few sessions",
    stages="S",
    step=4,
    severity=Severity.ERROR,
    scope=Scope.SERVICE_PREFIX,
    needs=(Need.AZURE, Need.ATTESTATION),
    basis=(SERVICE_REQUIREMENTS,),
    portal=("Provider has fewer than two sessions in its primary location",),
    word="primary",
    fix="choose a primary location with two sessions on two routers, or add the second one",
    fires_on=(
        _SERVICE.replace("contoso-maps", "contoso-maps primary=Frankfurt"),
        f"connection ams-2 state=Validating\n{_SERVICE}",
        f"connection ams-2 router=edge1.ams\n{_SERVICE}",
        f"connection ams-2 peering_service=false\n{_SERVICE}",
    ),
    silent_on=(
        _SERVICE,
        f"connection ams-2 state=\n{_SERVICE}",
        f"connection ams-2 router=\n{_SERVICE}",
    ),
)
def primary_sessions(
    subject: ServicePrefixSubject, context: Context
) -> Iterator[Problem | Unknown]:
    """In its primary location a prefix has two Peering Service sessions, on two routers.

    Sessions that exist but are not yet active give a warning: they are being provisioned. At a
    route server one connection is enough (002), so that fewer than two are information there.
    """
    place = subject.service.primary
    if place is None:
        return  # `activation.fields` says it
    there = _sessions(context, subject.peering.asn, place)
    least = PRIMARY_SESSIONS.value
    # 002 asks for one connection: the exchange builds the mesh later.
    mild = Severity.INFO if context.profile == ROUTE_SERVER else None
    number = counted(len(there.carrying), "session")
    if len(there.carrying) < least:
        yield Problem(
            f"found {number} in {place}, wanted at least {least}{_not_counted(there)}",
            severity=mild if there.carrying else None,
        )
        return
    if there.active < least and there.without_state:
        yield undeclared(f"the state of {listed(there.without_state)}", "`state`")
    elif there.active < least:
        yield Problem(
            f"found {there.active} of {number} in {place} active, "
            f"wanted at least {least}: they are being provisioned ({listed(there.idle)})",
            severity=mild or Severity.WARNING,
        )
    routers = there.routers
    if len(routers - {None}) < least and None in routers:
        yield Unknown(
            Need.ATTESTATION,
            f"whether the sessions in {place} end on two routers is not known",
            "`router` of each connection",
        )
    elif len(routers) < least:
        yield Problem(
            f"found one router in {place} ({listed(map(str, routers))}), wanted two",
            severity=mild,
        )


@rule(
    "activation.backup-sessions",
    "Backup location has no session",
    stages="S",
    step=4,
    severity=Severity.ERROR,
    scope=Scope.SERVICE_PREFIX,
    needs=(Need.AZURE,),
    basis=(SERVICE_REQUIREMENTS,),
    portal=(
        "Provider has no sessions in its backup location",
        "Backup route not found, please contact Peering Service provider.",
    ),
    word="backup",
    fix="choose a backup location with a session, or add one there",
    fires_on=(
        _SERVICE.replace("contoso-maps", "contoso-maps backup=Frankfurt"),
        f"{_BOTH}\nconnection fra-1 state=Validating\nconnection fra-2 state=Validating",
    ),
    silent_on=(_BOTH, _SERVICE, f"{_BOTH}\nconnection fra-1 state=\nconnection fra-2 state="),
)
def backup_sessions(subject: ServicePrefixSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Where a backup location is chosen, there is a Peering Service session."""
    place = subject.service.backup
    if place is None:
        return
    there = _sessions(context, subject.peering.asn, place)
    least = BACKUP_SESSIONS.value
    if len(there.carrying) < least:
        yield Problem(f"found no session in {place}, wanted at least {least}{_not_counted(there)}")
    elif not there.active:
        if there.without_state:
            yield undeclared(f"the state of the connections in {place}", "`state`")
        else:
            yield Problem(
                f"found no active session in {place}, wanted one: it is being provisioned "
                f"({listed(there.idle)})",
                severity=Severity.WARNING,
            )


@rule(
    "activation.backup-none",
    "No backup location is chosen",
    stages="S",
    step=4,
    severity=Severity.WARNING,
    scope=Scope.SERVICE_PREFIX,
    basis=(
        "004, CAUTION",
        "001, Configuration",
        "peering-service/azure-portal.md",
        "customer-walkthrough.md",
    ),
    word="no backup",
    fix="choose a backup location; Microsoft sets it on request by mail",
    fires_on=(_SERVICE,),
    silent_on=(_BOTH,),
)
def backup_none(subject: ServicePrefixSubject, _: Context) -> Iterator[Problem]:
    """A peering service has a backup location, so that it is redundant beyond one metro.

    Without one there is no geo-redundancy, says document 004; document 001 and the portal's page
    say that traffic then fails over to the Internet. Microsoft changes the locations of a peering
    service that exists on request by mail.
    """
    if subject.service.backup is None:
        yield Problem(f"found no backup location of {subject.service.name}, wanted one")


@rule(
    "activation.backup-same-location",
    "Backup location is the primary one",
    stages="S",
    step=4,
    severity=Severity.ERROR,
    scope=Scope.SERVICE_PREFIX,
    basis=("000, 002, 003, 004: a backup lies elsewhere",),
    word="same location",
    fix="choose a backup location other than the primary one",
    fires_on=(_BOTH.replace("backup=Frankfurt", "backup=amsterdam"),),
    silent_on=(_BOTH, _SERVICE),
)
def backup_same_location(subject: ServicePrefixSubject, _: Context) -> Iterator[Problem]:
    """A backup location that is the primary one backs nothing up."""
    service = subject.service
    if service.backup is not None and is_same(service.backup, service.primary):
        yield Problem(
            f"found {service.backup} as primary and as backup of {service.name}, wanted two"
        )


@rule(
    "activation.provider",
    "Provider is not known in a chosen location",
    stages="S",
    step=3,
    severity=Severity.ERROR,
    scope=Scope.SERVICE_PREFIX,
    needs=(Need.AZURE,),
    basis=("001, NOTE", "004", SERVICE_REQUIREMENTS),
    portal=("Peering service provider not found",),
    word="provider",
    fix="select the provider as the portal spells it, and locations that it offers",
    fires_on=(
        _SERVICE.replace("contoso-maps", "contoso-maps provider=Fabrikam"),
        f"provider Contoso Frankfurt\n{_SERVICE}",
    ),
    silent_on=(_SERVICE, _BOTH, f"no provider\n{_SERVICE}"),
)
def provider(subject: ServicePrefixSubject, context: Context) -> Iterator[Problem | Unknown]:
    """The provider is one that Microsoft lists, in the chosen locations.

    An Operator Connect partner appears in the list as a provider by itself.
    """
    service, known = subject.service, context.inventory.providers
    if service.provider is None:
        return  # `activation.fields` says it
    if not known:
        yield undeclared(f"whether Microsoft lists {service.provider}", "`[[provider]]`")
        return
    found, metros = context.index.providers.get(service.provider.casefold(), (None, frozenset()))
    if found is None:
        names = listed(known, spelled=lambda each: each.name)
        yield Problem(f"found provider {service.provider}, wanted one of {names}")
        return
    foreign = [
        place
        for place in (service.primary, service.backup)
        if place is not None and Metro(place) not in metros
    ]
    if foreign:
        yield Problem(
            f"found {listed(foreign)}, which {found.name} does not offer; wanted of "
            f"{listed(found.locations) or 'none'}"
        )


@rule(
    "activation.location-alignment",
    "Prefix is not announced in a chosen location",
    stages="S",
    step=6,
    severity=Severity.ERROR,
    scope=Scope.SERVICE_PREFIX,
    needs=(Need.ROUTES,),
    basis=("001", "004", "customer-walkthrough.md"),
    word="location",
    fix="choose locations where the prefix is announced, or announce it there",
    fires_on=(
        f"{_SERVICE}\nams-1 198.51.100.0/24 path 64500",
        _SERVICE.replace("contoso-maps", "contoso-maps primary=Paris") + _ANNOUNCED,
    ),
    silent_on=(f"{_SERVICE}{_ANNOUNCED}", f"{_SERVICE}\ncoverage ams-1 none"),
)
def location_alignment(
    subject: ServicePrefixSubject, context: Context
) -> Iterator[Problem | Unknown]:
    """The partner peers in the chosen locations, and announces the prefix there.

    Only then is traffic carried to the right place inside Microsoft's network.
    """
    for place in dict.fromkeys((subject.service.primary, subject.service.backup)):
        if place is None:
            continue
        cells = in_location(subject.cells, place)
        if any(cell.presence is Presence.PRESENT for cell in cells):
            continue
        unseen = not cells and Metro(place) in context.index.peered_in
        if unseen or any(cell.presence is Presence.UNKNOWN for cell in cells):
            yield Unknown(
                Need.ROUTES,
                f"whether {subject.declared.prefix} is announced in {place} is not known",
                f"a whole dump of every session in {place}",
                about=place,
            )
        elif cells:
            yield Problem(
                f"found {subject.declared.prefix} on no session in {place}, wanted it there",
                about=place,
            )
        else:
            yield Problem(f"found no peering in {place}, wanted one there", about=place)


def in_location(cells: tuple[Cell, ...], place: str | None) -> tuple[Cell, ...]:
    """Return the cells of the sessions in a metro."""
    return tuple(
        cell
        for cell in cells
        if place is not None and metro(cell.place.peering, cell.place.connection) == Metro(place)
    )


def _sessions(context: Context, asn: int, place: str) -> SessionGroup:
    """Return an AS's connections in a metro, one for each session."""
    return context.index.sessions.get((asn, Metro(place)), SessionGroup())


def _not_counted(group: SessionGroup) -> str:
    """Name the connections that a count leaves out, and why."""
    names = listed(group.not_used)
    return f"; not counted: {names}, not used for Peering Service" if names else ""
