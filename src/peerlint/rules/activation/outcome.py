"""Rules about the state of a service prefix, and about who may have one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.results import Severity, SubjectName, clause, phrase
from peerlint.rules._declare import Family, unattested, undeclared
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context, is_same
from peerlint.rules.registration import state_of
from peerlint.rules.subjects import ServicePrefixSubject
from peerlint.rules.topology.resource import unplanned
from peerlint.wording import listed

rule: Final = Family("S", step=11)


@rule(
    "activation.state",
    "Azure does not show the service prefix as Verified",
    needs=(Need.AZURE,),
    basis=("004", "SDK, PrefixValidationState"),
    word="not verified",
)
def state(subject: ServicePrefixSubject, _: Context) -> Iterator[Problem | Unknown]:
    """A service prefix is active once it is Verified and Azure shows how it learned the prefix.

    As for a registered prefix, Azure's state is also compared with the results of other rules.

    What to do: correct what Azure's message names, then have the service prefix validated again.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24 state=Failed error=Peering service provider not found

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24 state=Pending error=Deletion in progress

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24 learned_type=None

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        coverage ams-1 none
        coverage ams-2 none

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24 state=

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24 learned_type=ViaSession
        coverage ams-1 none
        coverage ams-2 none

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24 learned_type=
        coverage ams-1 none
        coverage ams-2 none
    """
    declared = subject.declared
    if declared.state is None:
        yield undeclared(phrase("Azure's state of service prefix ", SubjectName.PREFIX), "`state`")
        return
    yield from state_of(declared.state, declared.error)
    if declared.state.casefold() != "verified":
        return
    if declared.learned_type is None:
        yield undeclared(phrase("how Microsoft learned ", SubjectName.PREFIX), "`learned_type`")
    elif declared.learned_type.casefold() == "none":
        yield Problem(
            phrase(f"{declared.state}, but learned by nothing", is_long=True),
            "ViaServiceProvider or ViaSession",
            severity=Severity.WARNING,
            about="learned type",
        )


@rule(
    "activation.immutable",
    "The plan changes a service prefix, which cannot be changed",
    severity=Severity.INFO,
    needs=(Need.PLAN,),
    basis=("peering-service/azure-portal.md",),
    word="not changeable",
)
def immutable(subject: ServicePrefixSubject, context: Context) -> Iterator[Problem | Unknown]:
    """A service prefix cannot be changed, only deleted and created again; locations change by mail.

    What to do: delete and create the service prefix; for locations write to
    peeringservice@microsoft.com.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        plan service contoso-maps primary=Frankfurt

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        plan service contoso-maps backup=Frankfurt

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        plan

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
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
        yield Problem(clause(f"the plan changes {listed(changed)} of {service.name}"))


@rule(
    "activation.customer-eligibility",
    "Customer is not known to be eligible",
    severity=Severity.INFO,
    needs=(Need.ATTESTATION,),
    basis=("peering-service/faq.yml (2026)",),
    word="customer",
)
def customer_eligibility(subject: ServicePrefixSubject, _: Context) -> Iterator[Unknown]:
    """A customer has an AS of its own (at an exchange) or address space of its own (at an ISP).

    The customer does not use Azure's Internet routing preference for the same addresses.

    What to do: ask the customer, then attest activation.customer-eligibility.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        attest activation.customer-eligibility contoso-maps no

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        attest activation.customer-eligibility contoso-maps
    """
    yield unattested(f"whether the customer of {subject.service.name} is eligible")
