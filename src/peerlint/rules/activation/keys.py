"""Rules about the keys with which customers activate prefixes."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from typing import Final

from peerlint.inventory import Key
from peerlint.observations import ROUTE_SERVER
from peerlint.results import Severity, SubjectName, phrase
from peerlint.rules._declare import Family, undeclared
from peerlint.rules._effective import origins
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context, keys_of
from peerlint.rules.documents import SERVICE_REQUIREMENTS
from peerlint.rules.subjects import ObservedServicePrefix, PeeringSubject
from peerlint.wording import listed

rule: Final = Family("S", step=5)


@rule(
    "activation.key-mismatch",
    "Service prefix has another key than its registration",
    needs=(Need.AZURE,),
    basis=("004, NOTE", "001, NOTE", "000, 002, 003, keys", SERVICE_REQUIREMENTS),
    word="key",
)
def key_mismatch(subject: ObservedServicePrefix, context: Context) -> Iterator[Problem | Unknown]:
    """The key of a service prefix is the key of its registration.

    At a route server it is the key of the registered AS. The case of letters does not matter, and
    only the last characters of a key are shown.

    What to do: hand the key of the registration to the customer, to be entered at the service
    prefix.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24 key=22222222-2222

        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        service contoso-maps
        service-prefix 203.0.113.0/24 key=22222222-2222

    Silent:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24 key=KEY-203.0.113.0/24

        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        service contoso-maps
        service-prefix 203.0.113.0/24 key=key-AS64501

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24 key=
    """
    key = subject.declared.key
    wanted = _registered_keys(subject, context)
    if not wanted:
        return  # `activation.not-registered` reports it
    if key is None or None in wanted:
        what = "service prefix" if key is None else "registration"
        yield undeclared(phrase(f"the key of the {what} ", SubjectName.PREFIX), "`key`")
    elif key not in wanted:
        names = " or ".join(sorted({str(each) for each in wanted}))
        yield Problem(f"key {key}", names)


@rule(
    "activation.key-scope",
    "One key stands for several registrations",
    severity=Severity.WARNING,
    needs=(Need.AZURE,),
    basis=("003, keys",),
    texts=(
        "003, keys: each prefix has a key that no other has",
        "000, keys: one key serves all prefixes during activation; 000, registration: a prefix has "
        "a unique key",
        "002, NOTE: one key serves all prefixes of the customer's AS",
        "001, 004: do not say",
    ),
    word="key reused",
)
def key_scope(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """Every registered prefix has a key of its own.

    Document 003 says so, and Azure creates a key for each registration. Documents 001 and 004 do
    not say. Document 000 contradicts itself, and at a route server (002) one key is valid for all
    prefixes of a customer's AS; the rule is off for both.

    What to do: look up the key of each registration in the portal, and correct the inventory.

    Fires:
        registered 203.0.113.0/24
        registered 198.51.100.0/24 key key-203.0.113.0/24

    Silent:
        registered 203.0.113.0/24
        registered 198.51.100.0/24

        registered 203.0.113.0/24
        registered 198.51.100.0/24 key
    """
    own = keys_of(subject.peering)
    without_key = [name for name, key in own.items() if key is None]
    if without_key and len(own) > 1:
        yield undeclared(f"the key of {listed(without_key)}", "`key`")
    shared = {each[0]: each for name in own for each in context.shared_keys.get(name, ())}
    for number, key, names in sorted(shared.values(), key=lambda each: each[0]):
        yield Problem(f"key {key} of {listed(names)}", "one for each", about=str(number))


def _registered_keys(subject: ObservedServicePrefix, context: Context) -> AbstractSet[Key | None]:
    """Return the keys of the registrations that a service prefix may belong to."""
    if context.profile == ROUTE_SERVER:
        index, found = context.index, origins(subject.cells)
        if not found:
            return index.all_customer_keys
        return {key for asn in found for key in index.customer_keys.get(asn, ())}
    if subject.prefix is None:
        return set()
    return {registered.key for _, registered in context.registered.get(subject.prefix, ())}
