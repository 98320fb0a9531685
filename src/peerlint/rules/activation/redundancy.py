"""Rules about the primary and the backup location of a peering service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.observations import ROUTE_SERVER
from peerlint.results import Severity
from peerlint.rules._declare import Family, undeclared, unknown
from peerlint.rules._inventory_index import SessionGroup
from peerlint.rules.activation.locations import sessions_in
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context, is_same
from peerlint.rules.documents import SERVICE_REQUIREMENTS
from peerlint.rules.numbers import BACKUP_SESSIONS, PRIMARY_SESSIONS
from peerlint.rules.subjects import ServicePrefixSubject
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

    Sessions that are not active yet give a warning, because they are being provisioned. At a route
    server one connection is enough (002), so fewer than two sessions are only information there.

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
        return  # `activation.fields` reports it
    there = sessions_in(context, subject.peering.asn, location)
    least = PRIMARY_SESSIONS.value
    # 002 asks for one connection: the exchange builds the mesh later.
    mild = Severity.INFO if context.profile == ROUTE_SERVER else None
    number = counted(len(there.carrying), "session")
    if len(there.carrying) < least:
        yield Problem(
            f"{number} in {location}",
            f"at least {least}",
            hint=_not_counted(there),
            severity=mild if there.carrying else None,
        )
        return
    if there.active < least and there.without_state:
        yield undeclared(f"the state of {listed(there.without_state)}", "`state`")
    elif there.active < least:
        yield Problem(
            f"{there.active} of {number} in {location} active",
            f"at least {least}: they are being provisioned ({listed(there.idle)})",
            severity=mild or Severity.WARNING,
        )
    routers = there.routers
    if len(routers - {None}) < least and None in routers:
        yield Unknown(
            Need.ATTESTATION,
            unknown(f"whether the sessions in {location} end on two routers"),
            "`router` of each connection",
        )
    elif len(routers) < least:
        yield Problem(
            f"one router in {location} ({listed(map(str, routers))})",
            "two",
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
    """The backup location, if one is chosen, has a Peering Service session.

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
    there = sessions_in(context, subject.peering.asn, location)
    least = BACKUP_SESSIONS.value
    if len(there.carrying) < least:
        yield Problem(f"no session in {location}", f"at least {least}", hint=_not_counted(there))
    elif not there.active:
        if there.without_state:
            yield undeclared(f"the state of the connections in {location}", "`state`")
        else:
            yield Problem(
                f"no active session in {location}",
                f"one: it is being provisioned ({listed(there.idle)})",
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

    According to document 004, there is no geo-redundancy without one. According to document 001 and
    the portal's page, traffic then fails over to the Internet. Microsoft changes the locations of
    an existing peering service on request by mail.

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
        yield Problem(f"no backup location of {subject.service.name}", "one")


@rule(
    "activation.backup-same-location",
    "Backup location is the primary one",
    basis=("000, 002, 003, 004: a backup lies elsewhere",),
    word="same location",
)
def backup_same_location(subject: ServicePrefixSubject, _: Context) -> Iterator[Problem]:
    """The backup location is another location than the primary one.

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
        yield Problem(f"{service.backup} as primary and as backup of {service.name}", "two")


def _not_counted(group: SessionGroup) -> str | None:
    """Return a text with the connections that a count leaves out; None without any."""
    names = listed(group.not_used)
    return f"not counted: {names}, not used for Peering Service" if names else None
