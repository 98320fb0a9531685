"""Rules about a registered prefix itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.errors import InputError
from peerlint.iana import special_blocks
from peerlint.model import Fact, Prefix
from peerlint.observations import Coverage, SessionSource
from peerlint.results import Severity, SubjectName, clause, phrase
from peerlint.rules._declare import Family, unknown
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context
from peerlint.rules.documents import ALL, REQUIREMENTS, SERVICE_REQUIREMENTS
from peerlint.rules.subjects import ObservedPeering, PrefixSubject
from peerlint.wording import listed

rule: Final = Family("R+S", step=1)

#: Microsoft's messages for a service prefix; there is no documented text for a registered prefix.
_INVALID: Final = (
    "Peering service prefix is invalid (of a service prefix)",
    "Invalid Peering Service prefix, the prefix should be valid format, "
    "only IPv4 prefix is supported currently. (of a service prefix)",
)


@rule(
    "prefix.valid",
    "Registered prefix is not a prefix",
    basis=("000", "003", "004", REQUIREMENTS, SERVICE_REQUIREMENTS),
    portal=("Unrecognized routePrefix {prefix} (the API's answer)", *_INVALID),
    word="invalid",
)
def valid(subject: PrefixSubject, _: Context) -> Iterator[Problem]:
    """A registered prefix consists of an address and a length.

    The portal accepts four octets, a slash and a length from 0 to 32, and nothing else. Leading
    zeros and blanks are not accepted.

    What to do: write the prefix as an address and a length, such as 203.0.113.0/24.

    Fires:
        registered 203.0.113.0

        registered 203.0.113.0/33

        registered 010.0.0.0/8

    Silent:
        registered 203.0.113.0/24
    """
    if subject.prefix is None:
        text = subject.registered.prefix
        yield Problem(f"{text!r}", f"a prefix such as {_meant(text)}")


def _meant(text: str) -> str:
    """Return the prefix that a text probably means: an address without a length is a /32."""
    try:
        return str(Prefix.parse_relaxed(f"{text.strip()}/32"))
    except InputError:
        return "203.0.113.0/24"


@rule(
    "prefix.ipv4-only",
    "Registered prefix is IPv6",
    basis=(*ALL, "azure-portal.md"),
    portal=_INVALID,
    any_of=Fact.IPV6,
    word="IPv6",
)
def ipv4_only(subject: PrefixSubject, _: Context) -> Iterator[Problem]:
    """Peering Service accepts IPv4 prefixes only.

    IPv6 routes may stay on the session; they are not part of the service.

    What to do: register the IPv4 prefix of the service.

    Fires:
        registered 2001:db8::/32

    Silent:
        registered 203.0.113.0/24
    """
    if subject.prefix is not None and subject.prefix.family == 6:
        yield Problem(phrase(subject.own_prefix), "an IPv4 prefix")


@rule(
    "prefix.host-bits",
    "Registered prefix has bits set right of its mask",
    basis=("RFC 4632", "RFC 4271 section 4.3"),
)
def host_bits(subject: PrefixSubject, _: Context) -> Iterator[Problem]:
    """A registered prefix is a block of addresses, not an address in it.

    BGP clears bits right of the mask on receipt, so no route equals a prefix that has them.

    What to do: clear the bits right of the mask: register the block that the message names.

    Fires:
        registered 203.0.113.5/24

    Silent:
        registered 203.0.113.0/24
    """
    if subject.prefix is None:
        return
    try:
        Prefix.parse(subject.registered.prefix)
    except InputError:
        yield Problem(phrase(SubjectName.PREFIX), str(subject.prefix))


@rule(
    "prefix.private-range",
    "Registered prefix overlaps special-purpose address space",
    step=2,
    basis=("000", "003", "004", REQUIREMENTS, SERVICE_REQUIREMENTS, "RFC 6890"),
    portal=("Invalid IP prefix {prefix} (the API's answer for a service prefix)",),
    any_of=Fact.SPECIAL_PREFIX,
)
def private_range(subject: PrefixSubject, context: Context) -> Iterator[Problem]:
    """A registered prefix must not be in a private range.

    Microsoft does not say which ranges are private. This rule takes every block that IANA reserves
    and that is not globally reachable, and multicast. It fires on a prefix inside such a block and
    on a prefix that contains one. Blocks that are globally reachable but are not customer space
    (AS112, AMT, 64:ff9b::/96 for translation) give a warning, in both address families.

    What to do: register public address space.

    Fires:
        registered 10.1.0.0/16

        registered 10.0.0.0/7

        registered 192.175.48.0/24

    Silent:
        registered 203.0.113.0/24
    """
    prefix = subject.prefix
    if prefix is None:
        return
    blocks = special_blocks(prefix.family, prefix.first, prefix.length, context.criteria.allow)
    if blocks:
        names = listed(map(str, blocks))
        only_reachable = all(block.reachable for block in blocks)
        yield Problem(
            clause(subject.own_prefix, f" overlaps {names}"),
            "public address space",
            severity=Severity.WARNING if only_reachable else None,
        )


@rule(
    "prefix.own-routable",
    "No public IPv4 space of the partner's own is announced",
    stages="R",
    step=6,
    needs=(Need.ROUTES, Need.ATTESTATION),
    basis=(*ALL, "policy.md"),
    word="nothing announced",
)
def own_routable(subject: ObservedPeering, _: Context) -> Iterator[Problem | Unknown]:
    """A partner supplies and announces public IPv4 space of its own.

    At least one public IPv4 prefix has to be announced to AS8075 on a session of the peering. If
    there is none, this is an error, even with an attestation. Routes do not show whether the
    partner or one of its customers holds the space: the result is unknown until it is attested. An
    attestation that neither holds it gives a warning.

    What to do: announce the public prefixes of your endpoints, and attest prefix.own-routable.

    Fires:
        registered 203.0.113.0/24
        attest prefix.own-routable contoso-ams

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8007
        attest prefix.own-routable contoso-ams no

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8007

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8007
        attest prefix.own-routable contoso-ams
    """
    peering = subject.peering
    shown = tuple(_nothing_announced(subject))
    yield from shown
    if peering.registered_prefixes or not shown:
        # The delegated files of registry data do not name holders.
        yield Unknown(
            Need.ATTESTATION,
            unknown(phrase("who holds the address space of ", SubjectName.PEERING)),
            "an attestation that it is the partner's or its customers'",
            about="holder",
            severity=Severity.WARNING,
        )


def _has_public_route(source: SessionSource) -> bool:
    special = sum(
        1
        for observation in source.observations.holding(Fact.SPECIAL_PREFIX)
        if not observation.facts & Fact.IPV6
    )
    return source.counts.routes - source.counts.ipv6 > special


def _nothing_announced(subject: ObservedPeering) -> Iterator[Problem | Unknown]:
    sources = []
    for session in subject.sessions:
        source = session.source
        if source is None or source.view.is_hint:
            continue
        if _has_public_route(source):
            return
        sources.append(source)
    complete = [source for source in sources if source.coverage is Coverage.COMPLETE]
    if len(complete) < len(subject.sessions) or not complete:
        yield Unknown(
            Need.ROUTES,
            "no public IPv4 route was seen, but not all sessions are covered",
            phrase("a whole dump of every session of ", SubjectName.PEERING),
        )
        return
    yield Problem(
        clause("no session of ", SubjectName.PEERING, " announces a public IPv4 prefix"),
        "one at least",
    )


@rule(
    "prefix.traffic-class",
    "Traffic class or endpoints of a prefix are not declared",
    stages="R",
    basis=("001", "003", "peering-service-partner-overview.md"),
    texts=(
        "001, 003 and the partner overview: say what class of traffic and endpoints are in it",
        "000, 002, 004 (2025): not asked for",
    ),
    strict=Severity.INFO,
    word="not described",
)
def traffic_class(subject: PrefixSubject, _: Context) -> Iterator[Problem]:
    """For each announced subnet, the partner tells Microsoft its traffic class and endpoints.

    The documents for partners (001, 003) ask for both. The other documents dropped the sentence in
    2025, but Microsoft's overview page still has it.

    What to do: set `traffic_class` and `endpoints` of the registered prefix, and tell Microsoft.

    Fires:
        registered 203.0.113.0/24 traffic voice

        registered 203.0.113.0/24 endpoints sbc

    Silent:
        registered 203.0.113.0/24 traffic voice endpoints sbc
    """
    registered = subject.registered
    lacking = [
        key
        for key, value in (
            ("traffic_class", registered.traffic_class),
            ("endpoints", registered.endpoints),
        )
        if not value
    ]
    if lacking:
        yield Problem(f"no {' and no '.join(lacking)}", "both")


@rule(
    "prefix.longer-than-24",
    "Registered prefix is longer than /24",
    stages="R",
    step=10,
    severity=Severity.WARNING,
    basis=("001", "004", "FAQ of 000 to 004 says it is routed", "peering-service/faq.yml"),
    texts=(
        "001, 004, activation: registration does not take prefixes longer than /24",
        "FAQ of 000 to 004, faq.yml (2026): they are routed if they are registered",
    ),
    any_of=Fact.LONGER_THAN_24,
    strict=Severity.WARNING,
    word="longer than /24",
)
def longer_than_24(subject: PrefixSubject, _: Context) -> Iterator[Problem]:
    """Microsoft's documents contradict each other about prefixes longer than /24.

    The activation sections of 001 and 004 say that they are not accepted. Every FAQ, including the
    newest page (2026), says that they are routed if the partner registers them.

    What to do: register the prefix; if the portal refuses it, quote the FAQ on smaller subnets to
    Microsoft.

    Fires:
        registered 203.0.113.128/25

    Silent:
        registered 203.0.113.0/24
    """
    prefix = subject.prefix
    if prefix is not None and prefix.family == 4 and prefix.length > 24:
        yield Problem(
            f"/{prefix.length}",
            hint="two documents say that registration takes none longer than /24, the FAQs say "
            "that it does",
        )


@rule(
    "prefix.too-short",
    "Registered prefix is shorter than /8",
    stages="R",
    severity=Severity.WARNING,
    basis=("a guard against typing errors",),
)
def too_short(subject: PrefixSubject, _: Context) -> Iterator[Problem]:
    """No partner holds so much address space, so the length is probably a typing error.

    What to do: check the length of the prefix for a typing error.

    Fires:
        registered 32.0.0.0/6

    Silent:
        registered 32.0.0.0/8
    """
    prefix = subject.prefix
    if prefix is not None and prefix.family == 4 and prefix.length < 8:
        yield Problem(f"/{prefix.length}", "/8 or longer")
