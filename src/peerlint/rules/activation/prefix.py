"""Rules about a service prefix: complete, without overlap, registered, and announced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.observations import ROUTE_SERVER
from peerlint.results import Severity, SubjectName, clause, phrase
from peerlint.rules._declare import Family, undeclared, unknown
from peerlint.rules._effective import origins
from peerlint.rules.activation.locations import in_location
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.cells import Cell, Presence
from peerlint.rules.context import Context
from peerlint.rules.documents import SERVICE_REQUIREMENTS
from peerlint.rules.subjects import ObservedServicePrefix, PrefixSubject, ServicePrefixSubject
from peerlint.wording import counted, listed

rule: Final = Family("S", step=5)


@rule(
    "activation.fields",
    "Peering service or its prefix is not filled in",
    step=1,
    basis=("001", "004", "peering-service/azure-portal.md"),
    word="not filled in",
)
def fields(subject: ServicePrefixSubject, _: Context) -> Iterator[Problem]:
    """A peering service and its prefix have all the values that the portal requires.

    A peering service needs a location, a provider and a primary location; the backup location is
    optional. Its prefix needs a name and a key, and is an IPv4 prefix.

    What to do: fill in what is missing in the peering service or its prefix.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps location=
        service-prefix 203.0.113.0/24

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24 key=

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 2001:db8::/32

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
    """
    service, declared = subject.service, subject.declared
    wanted = {
        "location": service.location,
        "provider": service.provider,
        "primary location": service.primary,
        "name of the prefix": declared.name,
        "key of the prefix": declared.key,
    }
    lacking = [what for what, value in wanted.items() if value is None]
    if lacking:
        yield Problem(f"no {', no '.join(lacking)} of {service.name}", "all of them")
    if subject.prefix is None or subject.prefix.family != 4:
        yield Problem(
            f"{declared.prefix!r}",
            "an IPv4 prefix such as 203.0.113.0/24",
            about="prefix",
        )


@rule(
    "activation.overlap",
    "Service prefixes overlap",
    step=3,
    basis=("peering-service/azure-portal.md",),
    portal=("Prefix overlaps with an existing prefix, contact Peering Service provider",),
)
def overlap(subject: ServicePrefixSubject, context: Context) -> Iterator[Problem]:
    """A service prefix does not overlap another one of any peering service.

    What to do: delete the service prefix that is not needed.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        service-prefix 203.0.112.0/22

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        service contoso-2
        service-prefix 203.0.113.0/24

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        service-prefix 198.51.100.0/24
    """
    if subject.prefix is None:
        return
    found = context.overlaps.overlapping(subject.prefix, subject.service, subject.declared)
    others = [f"{other.prefix} of {service.name}" for service, other in found.activations]
    if others:
        text = f" overlaps {listed(others, more=found.more)}"
        yield Problem(clause(SubjectName.PREFIX, text), "no overlap")


@rule(
    "activation.multi-provider",
    "Prefix is activated with two providers",
    step=3,
    basis=("peering-service/faq.yml",),
    word="two providers",
)
def multi_provider(subject: ServicePrefixSubject, context: Context) -> Iterator[Problem]:
    """A prefix has one provider; different partners need different prefixes.

    What to do: delete the prefix from one of the peering services.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        service contoso-2 provider=Fabrikam
        service-prefix 203.0.113.0/24

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        service contoso-2 provider=Fabrikam
        service-prefix 198.51.100.0/24
    """
    if subject.prefix is None:
        return
    found = context.overlaps.of_other_providers(subject.prefix, subject.service)
    others = [f"{service.provider} ({service.name})" for service, _ in found.activations]
    if others:
        text = f" with {subject.service.provider} and with {listed(others, more=found.more)}"
        yield Problem(phrase(SubjectName.PREFIX, text), "one provider")


@rule(
    "activation.missing",
    "Registered prefix is not activated",
    severity=Severity.WARNING,
    needs=(Need.AZURE,),
    basis=("001", "004", "000, 002, 003, keys"),
    word="not activated",
)
def missing(subject: PrefixSubject, context: Context) -> Iterator[Problem | Unknown]:
    """A registered prefix becomes active only with a Peering Service prefix that has its key.

    For Operator Connect and voice, the partner creates it; otherwise the customer does.

    What to do: activate the prefix, or hand its key to the customer who does.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 198.51.100.0/24

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

        registered 203.0.113.0/24
    """
    services = context.inventory.peering_services
    if not services:
        yield undeclared(
            phrase("whether ", SubjectName.PREFIX, " is activated"), "`[[peering_service]]`"
        )
    elif subject.prefix not in context.activated:
        yield Problem(
            phrase(SubjectName.PREFIX, f" in none of {counted(len(services), 'peering service')}")
        )


@rule(
    "activation.not-registered",
    "Service prefix is not registered",
    needs=(Need.ROUTES,),
    basis=("004", "001, NOTE", SERVICE_REQUIREMENTS),
)
def not_registered(subject: ObservedServicePrefix, context: Context) -> Iterator[Problem | Unknown]:
    """A service prefix has to be registered before, as exactly the same prefix.

    At a route server, its origin AS has to be registered instead.

    What to do: register the prefix, or activate one that is registered.

    Fires:
        service contoso-maps
        service-prefix 203.0.113.0/24

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        service contoso-maps
        service-prefix 203.0.113.0/24
    """
    if subject.prefix is None or subject.prefix in context.registered:
        return
    if context.profile == ROUTE_SERVER:
        if not origins(subject.cells):
            yield Unknown(
                Need.ROUTES,
                unknown(phrase("who originates ", SubjectName.PREFIX)),
                "a dump with its routes",
            )
            return  # a foreign origin is `asn.customer-registered`
        return
    yield Problem(phrase(SubjectName.PREFIX, " registered with no peering"), "it with one")


@rule(
    "activation.not-received",
    "Service prefix is not announced on a session",
    step=6,
    needs=(Need.ROUTES,),
    basis=("004", SERVICE_REQUIREMENTS),
    texts=(
        "004: on all sessions in the primary and backup location",
        "telemetry page of 2019: for a prefix longer than /24 the backup route may be a covering "
        "one",
    ),
    portal=(
        "Not receiving prefix advertisement from IP for prefix",
        "Prefix wasn't received from Peering Service provider, contact Peering Service provider.",
    ),
    word="missing",
)
def not_received(subject: ObservedServicePrefix, _: Context) -> Iterator[Problem | Unknown]:
    """Every session in the primary and the backup location announces exactly the prefix.

    Sessions of the peering that registers the prefix are left to route.not-received. A session of
    yours in another location that does not announce it gives a warning. For a prefix longer than
    /24, a covering route in the backup location gives a warning instead of an error.

    What to do: announce the prefix itself on every session that is named.

    Fires:
        service contoso-maps
        service-prefix 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500

        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        registered 203.0.113.0/25
        service contoso-maps backup=Frankfurt
        service-prefix 203.0.113.0/25
        ams-1 203.0.113.0/25 path 64500
        fra-1 203.0.113.0/24 path 64500

        peering contoso-fra maps 64500 Frankfurt
        session fra-1 edge1.fra
        peering contoso-ams maps 64500 Amsterdam
        session ams-1 edge1.ams
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        ams-2 203.0.113.0/24 path 64500

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        ams-2 203.0.113.0/24 path 64500
        coverage ams-2 none
    """
    primary = {cell.session.id for cell in in_location(subject.cells, subject.service.primary)}
    for cell in subject.cells:
        if cell.session.id in subject.required_by_registration:
            continue  # `route.not-received` reports it
        if cell.presence is Presence.UNKNOWN:
            yield Unknown(
                Need.ROUTES,
                unknown(phrase("whether ", SubjectName.PREFIX, f" is announced on {cell.session}")),
                f"a whole dump of session {cell.session.id}",
                about=cell.session.id,
                sessions=(cell.session.id,),
            )
        elif cell.presence is Presence.ABSENT:
            is_mild = _is_covered(cell) and cell.session.id not in primary
            severity = Severity.WARNING if is_mild else None
            yield _absent(cell, "it on all sessions of the chosen locations", severity)
    for session in subject.absent_elsewhere:
        if session.connection.peering_service is not False:
            yield Problem(
                clause(
                    SubjectName.PREFIX,
                    f" is not announced on {session}, which lies in neither location",
                ),
                severity=Severity.WARNING,
                about=session.id,
                sessions=(session.id,),
            )


def _is_covered(cell: Cell) -> bool:
    """Return whether a covering route is enough in a backup location."""
    return cell.prefix.length > 24 and bool(cell.covering)


def _absent(cell: Cell, wanted: str, severity: Severity | None) -> Problem:
    also = f" (only {cell.covering[0].route.prefix} is)" if cell.covering else ""
    return Problem(
        clause(cell.own_prefix, f" is not announced on {cell.session}{also}", is_long=False),
        wanted,
        severity=severity,
        about=cell.session.id,
        sessions=(cell.session.id,),
    )
