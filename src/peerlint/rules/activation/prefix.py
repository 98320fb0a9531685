"""Rules about a service prefix: registered, with the right key, announced, activated once."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.inventory import Key, PeeringService, ServicePrefix
from peerlint.rules._declare import Need, Problem, Scope, Unknown, rule, undeclared
from peerlint.rules._subject import (
    Cell,
    Context,
    PeeringSubject,
    PrefixSubject,
    Presence,
    ServicePrefixSubject,
    origins,
)
from peerlint.rules.activation.service import SERVICE_REQUIREMENTS, in_location, is_same
from peerlint.rules.registration import STATES
from peerlint.rules.topology.resource import unplanned
from peerlint.verdicts import Severity

_HEAD: Final = "registered 203.0.113.0/24\n"
_SERVICE: Final = f"{_HEAD}service contoso-maps\nservice-prefix 203.0.113.0/24"
_ANNOUNCED: Final = "\nams-1 203.0.113.0/24 path 64500\nams-2 203.0.113.0/24 path 64500"
_FRA: Final = "peering contoso-fra maps 64500 Frankfurt\nsession fra-1 edge1.fra\n"
_AMS: Final = "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\n"
_SERVER: Final = (
    "peering contoso-rs route-server 64500 Amsterdam\nsession rs-1 rs1.ams\nasn 64501\n"
    "service contoso-maps\nservice-prefix 203.0.113.0/24"
)
_ROUTE_SERVER: Final = "route-server"


@rule(
    "activation.fields",
    "Peering service or its prefix is not filled in",
    stages="S",
    step=1,
    severity=Severity.ERROR,
    scope=Scope.SERVICE_PREFIX,
    basis=("001", "004"),
    portal=(
        "Invalid Peering Service prefix, the prefix should be valid format, only IPv4 prefix is "
        "supported currently.",
    ),
    word="not filled in",
    fires_on=(
        f"{_HEAD}service contoso-maps location=\nservice-prefix 203.0.113.0/24",
        f"{_SERVICE} key=",
        f"{_HEAD}service contoso-maps\nservice-prefix 203.0.113.0",
        f"{_HEAD}service contoso-maps\nservice-prefix 2001:db8::/32",
    ),
    silent_on=(_SERVICE,),
)
def fields(subject: ServicePrefixSubject, _: Context) -> Iterator[Problem]:
    """A peering service has location, provider and primary location; its prefix a name and a key.

    The prefix itself is an IPv4 prefix. A backup location may be left open.

    What to do: fill in what is missing.
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
        yield Problem(f"found no {', no '.join(lacking)} of {service.name}, wanted all of them")
    if subject.prefix is None or subject.prefix.family != 4:
        yield Problem(
            f"found {declared.prefix!r}, wanted an IPv4 prefix such as 203.0.113.0/24",
            about="prefix",
        )


@rule(
    "activation.overlap",
    "Service prefixes overlap",
    stages="S",
    step=3,
    severity=Severity.ERROR,
    scope=Scope.SERVICE_PREFIX,
    basis=("peering-service/azure-portal.md",),
    portal=("Prefix overlaps with an existing prefix, contact Peering Service provider",),
    word="overlap",
    fires_on=(
        f"{_SERVICE}\nservice-prefix 203.0.112.0/22",
        f"{_SERVICE}\nservice contoso-2\nservice-prefix 203.0.113.0/24",
    ),
    silent_on=(f"{_SERVICE}\nservice-prefix 198.51.100.0/24",),
)
def overlap(subject: ServicePrefixSubject, context: Context) -> Iterator[Problem]:
    """A service prefix overlaps no other one, of whatever peering service.

    What to do: delete the one that is not needed.
    """
    if subject.prefix is None:
        return
    others = [
        f"{other.prefix} of {service.name}"
        for service, other in _overlapping(subject, context)
        if other.parsed != subject.prefix or _same_provider(service, subject.service)
    ]
    if others:
        yield Problem(f"{subject.declared.prefix} overlaps {', '.join(others)}; wanted no overlap")


@rule(
    "activation.multi-provider",
    "Prefix is activated with two providers",
    stages="S",
    step=3,
    severity=Severity.ERROR,
    scope=Scope.SERVICE_PREFIX,
    basis=("peering-service/faq.yml",),
    word="two providers",
    fires_on=(f"{_SERVICE}\nservice contoso-2 provider=Fabrikam\nservice-prefix 203.0.113.0/24",),
    silent_on=(f"{_SERVICE}\nservice contoso-2 provider=Fabrikam\nservice-prefix 198.51.100.0/24",),
)
def multi_provider(subject: ServicePrefixSubject, context: Context) -> Iterator[Problem]:
    """One prefix is served by one provider; different partners need different prefixes.

    What to do: delete the prefix from one of the peering services.
    """
    if subject.prefix is None:
        return
    others = [
        f"{service.provider} ({service.name})"
        for service, other in _overlapping(subject, context)
        if other.parsed == subject.prefix and not _same_provider(service, subject.service)
    ]
    if others:
        yield Problem(
            f"found {subject.declared.prefix} with {subject.service.provider} and with "
            f"{', '.join(others)}, wanted one provider"
        )


@rule(
    "activation.missing",
    "Registered prefix is not activated",
    stages="S",
    step=5,
    severity=Severity.WARNING,
    scope=Scope.PREFIX,
    needs=(Need.AZURE,),
    basis=("001", "004", "000, 002, 003, keys"),
    word="not activated",
    fires_on=(f"{_HEAD}service contoso-maps\nservice-prefix 198.51.100.0/24",),
    silent_on=(_SERVICE, _HEAD),
)
def missing(subject: PrefixSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Registration does not activate a prefix: that takes a Peering Service prefix with its key.

    The partner does it for Operator Connect and voice, the customer otherwise.

    What to do: activate it, or hand its key to the customer who will.
    """
    services = context.inventory.peering_services
    if not services:
        yield undeclared(
            f"whether {subject.registered.prefix} is activated", "`[[peering_service]]`"
        )
    elif subject.prefix not in context.activated:
        yield Problem(
            f"found {subject.registered.prefix} in none of {len(services)} peering services"
        )


@rule(
    "activation.not-registered",
    "Service prefix is not registered",
    stages="S",
    step=5,
    severity=Severity.ERROR,
    scope=Scope.SERVICE_PREFIX,
    needs=(Need.ROUTES,),
    basis=("004", "001, NOTE", SERVICE_REQUIREMENTS),
    word="not registered",
    fires_on=("service contoso-maps\nservice-prefix 203.0.113.0/24",),
    silent_on=(_SERVICE, _SERVER),
)
def not_registered(subject: ServicePrefixSubject, context: Context) -> Iterator[Problem | Unknown]:
    """What is activated was registered before, as exactly that prefix.

    At a route server its origin AS was registered instead.

    What to do: register it, or activate what is registered.
    """
    if subject.prefix is None or subject.prefix in context.registered:
        return
    if context.profile == _ROUTE_SERVER:
        if not origins(subject.cells):
            yield Unknown(
                Need.ROUTES,
                f"who originates {subject.declared.prefix} is not known",
                "a dump with its routes",
            )
            return  # a foreign origin is `asn.customer-registered`
        return
    yield Problem(f"found {subject.declared.prefix} registered with no peering, wanted it with one")


@rule(
    "activation.key-mismatch",
    "Service prefix has another key than its registration",
    stages="S",
    step=5,
    severity=Severity.ERROR,
    scope=Scope.SERVICE_PREFIX,
    needs=(Need.AZURE,),
    basis=("004, NOTE", "001, NOTE", "000, 002, 003, keys", SERVICE_REQUIREMENTS),
    word="key",
    fires_on=(f"{_SERVICE} key=22222222-2222", f"{_SERVER} key=22222222-2222"),
    silent_on=(
        _SERVICE,
        f"{_SERVICE} key=KEY-203.0.113.0/24",
        f"{_SERVER} key=key-AS64501",
        f"{_SERVICE} key=",
    ),
)
def key_mismatch(subject: ServicePrefixSubject, context: Context) -> Iterator[Problem | Unknown]:
    """The key of a service prefix is that of its registration.

    At a route server it is the key of the registered AS. Keys are compared whatever the case of
    their letters, and only their last characters are shown.

    What to do: hand the right key to the customer.
    """
    key = subject.declared.key
    wanted = _registered_keys(subject, context)
    if not wanted:
        return  # `activation.not-registered` says it
    if key is None or None in wanted:
        what = "service prefix" if key is None else "registration"
        yield undeclared(f"the key of the {what} {subject.declared.prefix}", "`key`")
    elif key not in wanted:
        names = " or ".join(sorted({str(each) for each in wanted}))
        yield Problem(f"found key {key}, wanted {names}")


@rule(
    "activation.key-scope",
    "One key stands for several registrations",
    stages="S",
    step=5,
    severity=Severity.WARNING,
    scope=Scope.PEERING,
    needs=(Need.AZURE,),
    basis=("003", "002, NOTE", "000"),
    texts=(
        "003: every prefix has its own unique key",
        "002: one key for all prefixes of the customer's AS",
        "000: the key is used for all prefixes during activation",
    ),
    word="key reused",
    fires_on=(f"{_HEAD}registered 198.51.100.0/24 key key-203.0.113.0/24",),
    silent_on=(f"{_HEAD}registered 198.51.100.0/24", f"{_HEAD}registered 198.51.100.0/24 key"),
)
def key_scope(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Every registered prefix has a key of its own; at a route server every registered AS has.

    Document 000 has a sentence of 002 that says otherwise; Azure makes a key for each (B6).

    What to do: look the keys up in the portal.
    """
    own = {**_keys(subject.peering.registered_prefixes), **_keys(subject.peering.registered_asns)}
    everywhere: dict[Key, list[str]] = {}
    for peering in context.inventory.peerings:
        registered = {**_keys(peering.registered_prefixes), **_keys(peering.registered_asns)}
        for name, key in registered.items():
            if key is not None:
                everywhere.setdefault(key, []).append(name)
    unsaid = [name for name, key in own.items() if key is None]
    if unsaid and len(own) > 1:
        yield undeclared(f"the key of {', '.join(unsaid)}", "`key`")
    for number, (key, names) in enumerate(everywhere.items()):
        if len(names) > 1 and any(name in own for name in names):
            yield Problem(
                f"found key {key} of {', '.join(names)}, wanted one for each", about=str(number)
            )


@rule(
    "activation.not-received",
    "Service prefix is not announced on a session",
    stages="S",
    step=6,
    severity=Severity.ERROR,
    scope=Scope.SERVICE_PREFIX,
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
    fires_on=(
        f"{_SERVICE}\nams-1 203.0.113.0/24 path 64500",
        f"{_FRA}{_AMS}registered 203.0.113.0/25\nservice contoso-maps backup=Frankfurt\n"
        "service-prefix 203.0.113.0/25\nams-1 203.0.113.0/25 path 64500\n"
        "fra-1 203.0.113.0/24 path 64500",
        f"{_FRA}{_AMS}{_HEAD}service contoso-maps\nservice-prefix 203.0.113.0/24\n"
        "ams-1 203.0.113.0/24 path 64500",
    ),
    silent_on=(f"{_SERVICE}{_ANNOUNCED}", f"{_SERVICE}{_ANNOUNCED}\ncoverage ams-2 none"),
)
def not_received(subject: ServicePrefixSubject, _: Context) -> Iterator[Problem | Unknown]:
    """Every session in the primary and the backup location announces exactly the prefix.

    A session of yours elsewhere that lacks it gives a warning (B17). For a prefix longer than
    /24, a covering route in the backup location is a warning only.

    What to do: announce the prefix on every session that is named.
    """
    primary = in_location(subject.cells, subject.service.primary)
    for cell in subject.cells:
        if cell.presence is Presence.UNKNOWN:
            yield Unknown(
                Need.ROUTES,
                f"whether {subject.declared.prefix} is announced on {cell.place} is not known",
                f"a whole dump of session {cell.place.id}",
                about=cell.place.id,
            )
        elif cell.presence is Presence.ABSENT:
            severity = Severity.WARNING if _is_covered(cell) and cell not in primary else None
            yield _absent(cell, "wanted it on all sessions of the chosen locations", severity)
    for place in subject.elsewhere:
        if place.connection.peering_service is not False:
            yield Problem(
                f"{subject.declared.prefix} is not announced on {place}, which lies in neither "
                "location",
                severity=Severity.WARNING,
                about=place.id,
            )


@rule(
    "activation.state",
    "Azure does not show the service prefix as Verified",
    stages="S",
    step=11,
    severity=Severity.ERROR,
    scope=Scope.SERVICE_PREFIX,
    needs=(Need.AZURE,),
    basis=("004", "SDK, PrefixValidationState"),
    portal=("(the prefix's error message)",),
    word="not verified",
    fires_on=(
        f"{_SERVICE} state=Failed error=Peering service provider not found",
        f"{_SERVICE} state=Pending error=Deletion in progress",
        f"{_SERVICE} learned_type=None",
    ),
    silent_on=(_SERVICE, f"{_SERVICE} state=", f"{_SERVICE} learned_type=ViaSession"),
)
def state(subject: ServicePrefixSubject, _: Context) -> Iterator[Problem | Unknown]:
    """A service prefix is activated when it is Verified, and Microsoft says how it learned it.

    What to do: read the message, mend it, and have the prefix validated anew.
    """
    declared = subject.declared
    if declared.state is None:
        yield undeclared(f"Azure's state of service prefix {declared.prefix}", "`state`")
        return
    known = declared.state.casefold()
    severity = STATES.get(known, Severity.WARNING)
    said = f": {declared.error}" if declared.error else ""
    if severity is not None:
        yield Problem(f"found {declared.state}{said}, wanted Verified", severity=severity)
    elif (declared.learned_type or "none").casefold() == "none":
        yield Problem(
            f"found {declared.state}, but learned by nothing; wanted ViaServiceProvider or "
            "ViaSession",
            severity=Severity.WARNING,
        )


@rule(
    "activation.immutable",
    "The plan changes a service prefix, which cannot be changed",
    stages="S",
    step=11,
    severity=Severity.INFO,
    scope=Scope.SERVICE_PREFIX,
    needs=(Need.PLAN,),
    basis=("peering-service/azure-portal.md",),
    word="not changeable",
    fires_on=(
        f"{_SERVICE}\nplan service contoso-maps primary=Frankfurt",
        f"{_SERVICE}\nplan service contoso-maps backup=Frankfurt",
    ),
    silent_on=(f"{_SERVICE}\nplan", _SERVICE),
)
def immutable(subject: ServicePrefixSubject, context: Context) -> Iterator[Problem | Unknown]:
    """A service prefix is deleted and created anew; locations change by mail only.

    What to do: write to peeringservice@microsoft.com for another location.
    """
    service = subject.service
    if context.plan is None:
        yield unplanned(service.name)
        return
    new = next((e for e in context.plan.peering_services if e.name == service.name), None)
    if new is None:
        return
    changed = [
        f"{key} from {getattr(service, key)} to {getattr(new, key)}"
        for key in ("primary", "backup")
        if not is_same(getattr(service, key), getattr(new, key))
        and (getattr(service, key) or getattr(new, key))
    ]
    again = {each.name: each for each in new.service_prefixes}.get(subject.declared.name)
    if again is not None and (again.prefix, again.key) != (
        subject.declared.prefix,
        subject.declared.key,
    ):
        changed.append(f"prefix or key of {subject.declared.name}")
    if changed:
        yield Problem(f"the plan changes {', '.join(changed)} of {service.name}")


@rule(
    "activation.customer-eligibility",
    "Customer is not known to be eligible",
    stages="S",
    step=11,
    severity=Severity.INFO,
    scope=Scope.SERVICE_PREFIX,
    needs=(Need.ATTESTATION,),
    basis=("peering-service/faq.yml (2026)",),
    word="customer",
    fires_on=(f"{_SERVICE}\nattest activation.customer-eligibility contoso-maps no",),
    silent_on=(_SERVICE, f"{_SERVICE}\nattest activation.customer-eligibility contoso-maps"),
)
def customer_eligibility(subject: ServicePrefixSubject, _: Context) -> Iterator[Unknown]:
    """A customer has an AS of its own (at an exchange) or address space of its own (at an ISP).

    And it does not use Azure's Internet routing preference for the same addresses.

    What to do: ask the customer, and attest it.
    """
    yield Unknown(
        Need.ATTESTATION,
        f"whether the customer of {subject.service.name} is eligible is not known",
        "an attestation",
    )


def _absent(cell: Cell, wanted: str, severity: Severity | None) -> Problem:
    also = f" (only {cell.covering[0].route.prefix} is)" if cell.covering else ""
    return Problem(
        f"{cell.prefix} is not announced on {cell.place}{also}, {wanted}",
        severity=severity,
        about=cell.place.id,
    )


def _is_covered(cell: Cell) -> bool:
    """Whether a covering route is enough for a backup."""
    return cell.prefix.length > 24 and bool(cell.covering)


def _overlapping(
    subject: ServicePrefixSubject, context: Context
) -> Iterator[tuple[PeeringService, ServicePrefix]]:
    prefix = subject.prefix
    if prefix is None:
        return
    for each in (prefix, *context.activated_space.overlapping(prefix)):
        for service, other in context.activated.get(each, ()):
            if other != subject.declared or service.name != subject.service.name:
                yield service, other


def _same_provider(one: PeeringService, other: PeeringService) -> bool:
    return one.provider == other.provider or is_same(one.provider, other.provider)


def _registered_keys(subject: ServicePrefixSubject, context: Context) -> set[Key | None]:
    """Return the keys that would fit."""
    if context.profile == _ROUTE_SERVER:
        found = origins(subject.cells)
        return {
            each.key
            for peering in context.inventory.peerings
            for each in peering.registered_asns
            if not found or each.asn in found
        }
    if subject.prefix is None:
        return set()
    return {registered.key for _, registered in context.registered.get(subject.prefix, ())}


def _keys(registered: tuple[object, ...]) -> dict[str, Key | None]:
    return {
        str(getattr(each, "prefix", None) or f"AS{getattr(each, 'asn', '')}"): getattr(
            each, "key", None
        )
        for each in registered
    }
