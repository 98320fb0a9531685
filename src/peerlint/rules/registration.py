"""Rules about the registration of prefixes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Final

from peerlint.inventory import Peering, RegisteredPrefix
from peerlint.model import Fact
from peerlint.results import Severity, SubjectName, clause, phrase
from peerlint.rules._declare import Family, undeclared, unknown
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context
from peerlint.rules.documents import ALL, REQUIREMENTS, SERVICE_REQUIREMENTS
from peerlint.rules.subjects import ObservedSession, PeeringSubject, PrefixSubject
from peerlint.wording import NAMED, listed

rule: Final = Family("R", step=11)


@rule(
    "registration.missing",
    "Announced prefix is not registered",
    step=6,
    needs=(Need.ROUTES,),
    basis=("000", "001", "003", "004"),
    texts=(
        "001: all prefixes are registered",
        "000, 002, 003, 004: all infrastructure prefixes are (002: by the customer's AS)",
    ),
    word="not registered",
)
def missing(subject: ObservedSession, context: Context) -> Iterator[Problem]:
    """Every infrastructure prefix that is announced to Microsoft has to be registered.

    A route that carries the Peering Service community requests the service, so its prefix has to
    be registered with one of your peerings. Document 001 requires this for every announced prefix.

    What to do: register the prefix, or remove 8075:8007 from its routes.

    Fires:
        ams-1 203.0.113.0/24 path 64500 community 8075:8007

        peering contoso-ams infrastructure=203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500

        peering contoso-ams profile=partner
        ams-1 203.0.113.0/24 path 64500

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8007

        ams-1 198.51.100.0/24 path 64500
    """
    if subject.source is None or subject.source.view.is_hint:
        return
    reported = set()
    infrastructure = subject.peering.infrastructure_prefixes
    for observation in subject.source.observations.beside(context.registered):
        prefix = observation.route.prefix
        if prefix in reported:
            continue
        facts = observation.facts
        wanted = context.all_routes or facts & Fact.TAGGED or prefix in infrastructure
        if not wanted or facts & (Fact.IPV6 | Fact.MALFORMED):
            continue
        reported.add(prefix)
        carries = f"carries {context.criteria.community}" if facts & Fact.TAGGED else "is announced"
        yield Problem(
            clause(SubjectName.PREFIX, f" {carries}, but no peering of the inventory registers it"),
            evidence=(observation,),
            prefix=str(prefix),
        )


@rule(
    "registration.single-peering",
    "Prefix is registered more than once",
    step=3,
    basis=("000", "003", "004"),
    word="registered twice",
)
def single_peering(subject: PrefixSubject, context: Context) -> Iterator[Problem]:
    """A prefix can be registered with one peering only.

    Its key is valid wherever the prefix is announced, so one registration is enough.

    What to do: keep one registration of the prefix and delete the others.

    Fires:
        registered 203.0.113.0/24 name a
        registered 203.0.113.0/24 name b

    Silent:
        registered 203.0.113.0/24 name a
        registered 198.51.100.0/24 name b
    """
    if subject.prefix is None:
        return
    declared = context.registered[subject.prefix]
    if len(declared) > 1:
        names = listed(declared, text_of=_owner)
        yield Problem(
            clause(subject.own_prefix, f" is registered {len(declared)} times: {names}"), "once"
        )


def _owner(declared: tuple[Peering, RegisteredPrefix]) -> str:
    peering, registered = declared
    return f"{peering.name} ({registered.name or 'no name'})"


@rule(
    "registration.overlap",
    "Registered prefixes overlap",
    step=3,
    severity=Severity.WARNING,
    basis=("azure-portal.md asks for it at activation",),
)
def overlap(subject: PrefixSubject, context: Context) -> Iterator[Problem]:
    """Two registered prefixes, one inside the other, cannot both be activated.

    The portal accepts both registrations; activation fails with "Prefix overlaps with an existing
    prefix".

    What to do: decide which of the two your customers activate, and delete the other one.

    Fires:
        registered 198.18.0.0/22 name a
        registered 198.18.1.0/24 name b

    Silent:
        registered 198.18.0.0/24 name a
        registered 198.18.1.0/24 name b
    """
    prefix = subject.prefix
    if prefix is None:
        return
    others = context.space.overlapping(prefix)
    if others:
        yield Problem(clause(subject.own_prefix, f" overlaps registered {listed(sorted(others))}"))


@rule(
    "registration.name",
    "Registered prefix has no name of its own",
    step=1,
    severity=Severity.INFO,
    basis=("000", "003", "004"),
    word="no name",
)
def name(subject: PrefixSubject, context: Context) -> Iterator[Problem]:
    """The portal requires a name that is unique within the peering.

    What to do: name the prefix after what it is used for, with a name that no other prefix of the
    peering has.

    Fires:
        registered 203.0.113.0/24 unnamed

        registered 203.0.113.0/24 name a
        registered 198.51.100.0/24 name a

    Silent:
        registered 203.0.113.0/24 name a
    """
    own = subject.registered.name
    if own is None:
        yield Problem("no name", "one that no other prefix of the peering has")
        return
    alike = context.names.get((subject.peering.name, own), ())
    # Of very many with one name, none is compared with all others.
    first = [each for each in islice(alike, NAMED + 1) if each != subject.registered]
    if first:
        names = [each.prefix for each in first[:NAMED]]
        others = listed(names, more=len(alike) - 1 - len(names))
        yield Problem(clause(f"{own!r} is the name of {others} too", is_long=False), "another one")


#: The severity of each of Azure's states of a prefix; None if the state is no problem.
STATES: Final[dict[str, Severity | None]] = {
    "verified": None,
    "pending": Severity.INFO,
    "none": Severity.INFO,
    "warning": Severity.WARNING,
    "unknown": Severity.WARNING,
    "failed": Severity.ERROR,
    "invalid": Severity.ERROR,
}
#: How many prefixes a message names that holds for all of them.
_NAMED: Final = 5
_INTERNAL: Final = "internal server error"


def state_of(state: str, error: str | None) -> Iterator[Problem]:
    """Yield the problem that a state of Azure's means; its message counts in every state.

    Args:
        state: the state, in any case of letters.
        error: Azure's error message; None if there is none.
    """
    known = state.casefold()
    severity = STATES.get(known, Severity.WARNING)
    if severity is not None:
        stale = " (it may be an old one)" if known == "pending" else ""
        message = f": {error}{stale}" if error else ""
        new = "" if known in STATES else " (an unknown state)"
        yield Problem(f"{state}{new}{message}", "Verified", severity=severity)
    elif error:
        yield Problem(f"{state}, and beside it: {error}", severity=Severity.INFO)


@rule(
    "registration.state",
    "Azure does not show the prefix as Verified",
    needs=(Need.AZURE,),
    basis=("000", "003", "004", "SDK, PrefixValidationState"),
    word="not verified",
)
def state(subject: PrefixSubject, _: Context) -> Iterator[Problem | Unknown]:
    """After registration a prefix is queued for validation; only Verified means registered.

    A prefix that is Pending waits for validation. Warning and Unknown come with a message, Failed
    and Invalid mean that the prefix did not pass. An error message is reported in every state; in
    state Pending it may be an old one.

    Azure's state is also compared with the results of the other rules. If it is Verified although a
    rule fails, or if its message is about something that passes, the finding says which side to
    check.

    What to do: correct what Azure's message names, then have the prefix validated again.

    Fires:
        registered 203.0.113.0/24 state Failed error Advertisement missing MAPS community

        registered 203.0.113.0/24 state Warning

        registered 203.0.113.0/24 state Pending

        registered 203.0.113.0/24 state Dreaming

        registered 203.0.113.0/24 state Verified error Something
        coverage ams-1 none
        coverage ams-2 none

        registered 203.0.113.0/24 state Verified
        ams-1 203.0.113.0/24 path 64500
        ams-2 203.0.113.0/24 path 64500

    Silent:
        registered 203.0.113.0/24 state Verified
        ams-1 203.0.113.0/24 path 64500 community 8075:8007
        ams-2 203.0.113.0/24 path 64500 community 8075:8007

        registered 203.0.113.0/24 state
    """
    registered = subject.registered
    if registered.state is None:
        yield undeclared(phrase("Azure's state of ", SubjectName.PREFIX), "`state`")
        return
    yield from state_of(registered.state, registered.error)


@rule(
    "registration.internal-error",
    "Azure answers with an internal error",
    stages="R+S",
    severity=Severity.WARNING,
    needs=(Need.AZURE,),
    basis=(REQUIREMENTS, SERVICE_REQUIREMENTS),
    portal=("Internal server error",),
    by_microsoft=True,
)
def internal_error(subject: PrefixSubject, _: Context) -> Iterator[Problem | Unknown]:
    """The message "Internal server error" does not say what is wrong.

    One known cause is reserved address space. A mail to peeringservice@microsoft.com needs the
    subscription and the prefix.

    What to do: correct all other findings; if there are none, write to
    peeringservice@microsoft.com.

    Fires:
        registered 203.0.113.0/24 state Failed error Internal server error

    Silent:
        registered 203.0.113.0/24

        registered 203.0.113.0/24 state Failed error Advertisement missing MAPS community

        registered 203.0.113.0/24 state
    """
    registered = subject.registered
    if registered.error is None and registered.state is None:
        yield undeclared(phrase("Azure's error message for ", SubjectName.PREFIX), "`error`")
    elif registered.error is not None and _INTERNAL in registered.error.casefold():
        yield Problem(f"{registered.error!r}, which says nothing of the cause")


@rule(
    "registration.key-present",
    "Verified registration has no key",
    severity=Severity.WARNING,
    needs=(Need.AZURE, Need.ATTESTATION),
    basis=ALL,
    texts=(
        "000, 003, 004: you receive the key after validation",
        "000, 003, 004: after creation you can see the key",
    ),
    word="no key",
)
def key_present(subject: PeeringSubject, context: Context) -> Iterator[Problem | Unknown]:
    """A registered prefix, or at a route server a registered AS, has a key for the customer.

    Azure creates the key with the registration, so a key does not mean that the prefix is Verified.
    The customer needs the key before activation. A service prefix of the inventory with this key
    shows that it was handed over; otherwise an attestation does.

    What to do: look the key up in the portal, and hand it to the customer who activates the prefix.

    Fires:
        registered 203.0.113.0/24 key

        registered 203.0.113.0/24
        attest registration.key-present contoso-ams no

    Silent:
        registered 203.0.113.0/24

        registered 203.0.113.0/24
        attest registration.key-present contoso-ams

        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24

        registered 203.0.113.0/24 key state Pending

        registered 203.0.113.0/24 key state
    """
    without_key = []
    counted = Counter(each.prefix for each in subject.peering.registered_prefixes)
    numbers: Counter[str] = Counter()
    for each in subject.peering.registered_prefixes:
        numbers[each.prefix] += 1
        if each.key is None and each.state is None:
            without_key.append(each.prefix)
        elif each.key is None and _is_verified(each):
            yield Problem(
                phrase("no key of ", SubjectName.PREFIX, f", which is {each.state}", is_long=True),
                "one to hand over",
                prefix=each.prefix,
                number=numbers[each.prefix] if counted[each.prefix] > 1 else None,
            )
    for asn in subject.peering.registered_asns:
        if asn.key is None and asn.provisioning_state is None:
            without_key.append(f"AS{asn.asn}")
        elif asn.key is None and (asn.provisioning_state or "").casefold() == "succeeded":
            yield Problem(f"no key of AS{asn.asn}", "one to hand over", about=f"AS{asn.asn}")
    if without_key:
        yield undeclared(f"the key of {listed(without_key)}", "`key`")
    if kept := _kept(subject.peering, context):
        yield Unknown(
            Need.ATTESTATION,
            unknown(f"whether the key of {listed(kept, _NAMED)} was handed to the customer"),
            "an attestation, or the `[[peering_service]]` that has it",
            about="hand-over",
        )


def _kept(peering: Peering, context: Context) -> list[str]:
    """Return the prefixes and AS numbers whose key no service prefix of the inventory has."""
    used = context.index.used_keys
    prefixes = [
        each.prefix
        for each in peering.registered_prefixes
        if each.key is not None and each.key not in used and _is_verified(each)
    ]
    asns = [
        f"AS{each.asn}"
        for each in peering.registered_asns
        if each.key is not None and each.key not in used
    ]
    return prefixes + asns


def _is_verified(registered: RegisteredPrefix) -> bool:
    return (registered.state or "").casefold() == "verified"
