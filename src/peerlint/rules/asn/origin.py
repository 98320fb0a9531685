"""Rules about the AS numbers that originate a prefix."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from peerlint.iana import asn_class
from peerlint.inventory import PeerAsn
from peerlint.observations import ROUTE_SERVER
from peerlint.results import Severity, clause
from peerlint.rules._declare import Family, undeclared, unknown
from peerlint.rules._effective import doubtful_origins, origins
from peerlint.rules._registry_data import RegistryData, gaps_text, wanted_data
from peerlint.rules._registry_texts import delegation_text, either
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.asn.partner import associated_with, is_public
from peerlint.rules.asn.registration import (
    WEAK_TEXTS,
    Grade,
    Registration,
    registration,
    unheld,
)
from peerlint.rules.context import Context
from peerlint.rules.documents import REQUIREMENTS, SERVICE_REQUIREMENTS
from peerlint.rules.subjects import ObservedPrefix
from peerlint.wording import listed

rule: Final = Family("R+S", step=9)

#: The classes of objects that register an origin.
_CLASSES: Final = ("aut-num", "route", "route6")


@rule(
    "asn.origin-registered",
    "Origin AS is not known to be registered",
    needs=(Need.PATH, Need.IRR, Need.ATTESTATION),
    basis=("000", "003", "004", REQUIREMENTS, SERVICE_REQUIREMENTS),
    texts=(
        "000, 003, 004, both pages of requirements: the origin is registered in a major routing "
        "registry",
        "the registered prefix requirements of June 2023: not asked for (those of the service "
        "prefix ask for it)",
    ),
    word="origin",
)
def origin_registered(subject: ObservedPrefix, context: Context) -> Iterator[Problem | Unknown]:
    """The origin of every route for the prefix is registered in a major routing registry.

    Microsoft does not say in which registries or in which form. An aut-num object, or a route
    object with that origin, counts in a registry that Microsoft names elsewhere (ARIN, APNIC,
    AFRINIC, LACNIC, RIPE, RADB and ALTDB, in the routing requirements of ExpressRoute), and in
    other well-known ones. Other evidence is a warning and leaves the check undecided: objects of
    RIPE-NONAUTH, objects that a mirror made of ROAs (RPKI), a VRP, or the delegation of the number
    by a regional registry. The origin is not registered if there is no evidence, and the data of
    all named registries are whole and not older than seven days. AS 0, 23456, 65535 and private
    numbers register nobody, whatever objects have them. Of several origins, the worst decides.
    Which registries count, how old their data may be, and whether a delegation is enough are
    values of the profile.

    What to do: create an aut-num object for the origin AS, or a route object with it as origin, in
    an IRR.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        registry named

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        registry named
        irr NTTCOM aut-num 64500

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        attest asn.origin-registered contoso-ams no

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        irr RADB route 203.0.113.0/24 64500

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
        attest asn.origin-registered contoso-ams
    """
    data = context.registry_data
    found = origins(subject.groups if data is None else subject.announced)
    if subject.registered.origin is not None:
        found.add(subject.registered.origin)
    if data is not None and found:
        doubtful = doubtful_origins(subject.announced)
        doubtful.pop(subject.registered.origin, None)
        answers = {asn: (*_registered(asn, subject, context, data),) for asn in sorted(found)}
        # If the origin is not registered whichever route is the best, that is certain.
        is_certain = all(any(map(_is_error, each)) for each in answers.values())
        for asn, each in answers.items():
            is_doubtful = asn in doubtful and not is_certain
            yield from _certain(each, asn, doubtful) if is_doubtful else each
        return
    names = listed(f"AS{asn}" for asn in sorted(found)) or "the origin"
    missing = "registry data (IRR)" if data is None else "a route for the prefix"
    yield Unknown(
        Need.IRR if data is None else Need.ATTESTATION,
        unknown(f"whether {names} is registered"),
        f"{missing}, or an attestation",
    )


def _is_error(answer: Problem | Unknown) -> bool:
    return isinstance(answer, Problem) and answer.severity is None


def _certain(
    answers: Iterable[Problem | Unknown], asn: int, doubtful: Mapping[int | None, tuple[str, ...]]
) -> Iterator[Problem | Unknown]:
    """Yield answers about an origin that may not be announced: problems are not certain."""
    for each in answers:
        if isinstance(each, Problem) and each.severity is not Severity.INFO:
            question = unknown(f"whether AS{asn} originates the route that is announced")
            found = clause(question, ": a dump does not mark the best; if so: ", each.found)
            names = listed(doubtful[asn])
            missing = f"what is received or sent on {names}, or an attestation"
            yield Unknown(
                Need.ATTESTATION, found, missing, about=each.about, severity=each.severity
            )
        else:
            yield each


def _registered(
    asn: int, subject: ObservedPrefix, context: Context, data: RegistryData
) -> Iterator[Problem | Unknown]:
    """Yield what registries say against an origin: a problem, or that it is not known."""
    about, named = f"AS{asn}", either(data.criteria.named)
    wanted = f"an aut-num or route object of AS{asn} in {named}"
    best = registration(data, asn, subject.prefix)
    if not is_public(asn, context):
        objects = "" if best.grade is Grade.NONE else f", although there is {best.text()}"
        found = clause(f"AS{asn} ({asn_class(asn)}) can be registered to nobody{objects}")
        yield Problem(found, "a public AS number as the origin", about=about)
        return
    against = unheld(data, asn)
    beside = "" if against is None else f"; the number itself is {delegation_text(against)}"
    match best.grade:
        case Grade.NAMED:
            if against is not None:
                found = clause(f"{best.text()}{beside}: nobody holds it")
                yield Problem(found, severity=Severity.INFO, about=about)
        case Grade.LISTED:
            found = clause(
                f"AS{asn} has {best.text()}{beside}: Microsoft never names that registry"
            )
            yield Problem(found, wanted, severity=Severity.INFO, about=about)
        case Grade.ACCEPTED:
            found = clause(f"AS{asn} is {best.text()}, which the profile accepts")
            yield Problem(found, wanted, severity=Severity.INFO, about=about)
        case _:
            yield _unconfirmed(asn, best, wanted, beside, data)


def _unconfirmed(
    asn: int, best: Registration, wanted: str, beside: str, data: RegistryData
) -> Problem | Unknown:
    """Return the answer for an AS without an object in a registry that counts."""
    about = f"AS{asn}"
    gaps, is_none = data.irr_gaps(*_CLASSES, asn=asn), best.grade is Grade.NONE
    if gaps:
        found = "" if is_none else f"; found {best.text()}"
        question = unknown(f"whether {about} is registered")
        return Unknown(
            Need.IRR,
            clause(question, f": {gaps_text(gaps)}{found}{beside}"),
            f"{wanted_data(gaps)}, or an attestation",
            about=about,
        )
    if is_none:
        nothing = f"no aut-num of {about} and no route object with that origin in any registry"
        return Problem(clause(f"{nothing}{beside}"), wanted, about=about)
    found = WEAK_TEXTS[best.grade].format(record=best.text(), asn=about)
    return Problem(
        clause(f"{found}{beside}"),
        wanted,
        severity=Severity.WARNING,
        leaves_open=f"an object of {about} in a registry that counts",
        about=about,
    )


@rule(
    "asn.origin-not-associated",
    "Foreign origin AS is not associated",
    stages="S",
    needs=(Need.PATH, Need.AZURE),
    basis=("peering-service-prefix-requirements.md, FAQ",),
    word="origin",
)
def origin_not_associated(subject: ObservedPrefix, context: Context) -> Iterator[Problem | Unknown]:
    """If an AS other than yours originates the prefix, it is associated too, by the same name.

    The PeerAsn of the origin is in the subscription of the peering service and has the peer name of
    your own PeerAsn. Activation requires it: until the prefix is activated, a missing PeerAsn is a
    warning. At a route server, the registered AS takes its place.

    What to do: associate the origin AS in the peering service's subscription, under your peer name.

    Fires:
        registered 203.0.113.0/24
        service contoso-maps
        service-prefix 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 64501

        registered 203.0.113.0/24
        peer-asn fabrikam asn=64501 peer_name=Fabrikam
        ams-1 203.0.113.0/24 path 64500 64501

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500

        registered 203.0.113.0/24
        peer-asn contoso64501 asn=64501 peer_name=CONTOSO
        ams-1 203.0.113.0/24 path 64500 64501

        registered 203.0.113.0/24
        no peer-asn
        ams-1 203.0.113.0/24 path 64500 64501
    """
    peering, index = subject.peering, context.index
    foreign = sorted(origins(subject.groups) - {peering.asn})
    if subject.prefix is None or not foreign or context.profile == ROUTE_SERVER:
        return
    own = associated_with(context, peering)
    own_names = {_name(each) for each in own}
    subscriptions = {
        service.subscription for service, _ in context.activated.get(subject.prefix, ())
    } - {None}
    # As `_is_in` for any PeerAsn, without looking at each of them.
    known = index.peer_asn_subscriptions
    is_known = bool(known & {*subscriptions, None}) if subscriptions else bool(known)
    for asn in foreign:
        if not is_known:
            where = f" in subscription {listed(map(str, subscriptions))}" if subscriptions else ""
            yield undeclared(f"whether AS{asn} is associated{where}", "`[[peer_asn]]`")
            return
        there = [each for each in index.peer_asns.get(asn, ()) if _is_in(each, subscriptions)]
        if any(_name(each) in own_names or _is_namesake(each, own) for each in there):
            continue
        found = listed(f"{each.name} of {each.peer_name!r}" for each in there) or "no PeerAsn"
        wanted = " or ".join(repr(name) for name in sorted(own_names - {None}, key=str))
        yield Problem(
            f"{found} for origin AS{asn}",
            f"one with the peer name {wanted}",
            severity=None if subject.prefix in context.activated else Severity.WARNING,
            about=f"AS{asn}",
        )


def _is_in(peer_asn: PeerAsn, subscriptions: set[str | None]) -> bool:
    """Return whether a PeerAsn is in one of some subscriptions, as far as both are known."""
    return not subscriptions or peer_asn.subscription in (*subscriptions, None)


def _is_namesake(peer_asn: PeerAsn, own: list[PeerAsn]) -> bool:
    """Return whether a PeerAsn has the name of the partner's own, in another subscription."""
    return any(
        peer_asn.name == each.name and peer_asn.subscription != each.subscription for each in own
    )


def _name(peer_asn: PeerAsn) -> str | None:
    return None if peer_asn.peer_name is None else peer_asn.peer_name.casefold()
