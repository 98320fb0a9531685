"""Rules about whether a prefix is announced."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.model import Fact, View
from peerlint.observations import Observation
from peerlint.results import Phrase, Severity, SourceName, SubjectName, clause, phrase
from peerlint.rules._declare import Family, unknown
from peerlint.rules._effective import effective
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.cells import Cell, Presence
from peerlint.rules.context import Context
from peerlint.rules.documents import REQUIREMENTS
from peerlint.rules.subjects import ObservedSession
from peerlint.wording import counted, listed

rule: Final = Family("R", step=6)

_NOT_RECEIVED: Final = (
    "Prefix not received from IP {peer}",
    "Not receiving prefix advertisement from IP for prefix",
)
#: Facts for which a receiver treats a route as withdrawn, with the reason and the RFC.
_WITHDRAWN: Final = {
    Fact.CONFED: "AS_CONFED segments (RFC 5065 section 5)",
    Fact.AS_SET: "an AS_SET (RFC 9774 section 3)",
    Fact.FIRST_AS_OTHER: "a leftmost AS that is not the peer's (RFC 7606 section 7.2)",
}


@rule(
    "route.not-received",
    "Prefix is not announced on a session",
    basis=("000", "003", "004", REQUIREMENTS),
    portal=_NOT_RECEIVED,
    word="missing",
)
def not_received(cell: Cell, _: Context) -> Iterator[Problem | Unknown]:
    """All sessions of the peering that registers a prefix have to announce the prefix itself.

    A covering or a more specific route does not count, because Microsoft compares whole prefixes. A
    route that the receiver has to treat as withdrawn does not count either. Sessions of other
    peerings may announce it, but need not.

    What to do: announce the prefix itself on every session that is named.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8007

        registered 203.0.113.0/24
        view ams-1 sent
        ams-1 203.0.113.0/24 path {64500,64501}

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 malformed COMMUNITIES

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8007
        ams-2 203.0.113.0/24 path 64500 community 8075:8007
    """
    if not cell.is_required:
        return
    if cell.presence is Presence.UNKNOWN:
        yield Unknown(
            Need.ROUTES,
            unknown(phrase("whether ", cell.own_prefix, " is announced on ", SubjectName.PLACE)),
            _what_is_missing(cell),
        )
    elif cell.presence is Presence.ABSENT:
        reasons = sorted(
            {name for observation in cell.routes for name in observation.route.malformed}
        )
        found = (
            clause(
                *(cell.own_prefix, " is announced on ", SubjectName.PLACE),
                f", but treated as withdrawn for malformed {listed(reasons)}",
            )
            if reasons
            else clause(
                *(cell.own_prefix, " is not among the ", cell.route_count or "routes"),
                *(" of ", SubjectName.PLACE),
            )
        )
        yield Problem(found, evidence=cell.routes, hint=_hint(cell))
    elif cell.view is View.SENT:
        withdrawn = [_withdrawn(observation) for observation in cell.routes]
        if all(withdrawn):
            yield Problem(
                clause(
                    cell.own_prefix,
                    f" is sent, but AS8075 treats it as withdrawn for {withdrawn[0]}",
                ),
                evidence=cell.routes,
            )


@rule(
    "route.covering-only",
    "Only a covering route is announced",
    stages="R+S",
    basis=("000", "003", "004", REQUIREMENTS),
    portal=_NOT_RECEIVED,
    diagnoses="route.not-received",
)
def covering_only(cell: Cell, _: Context) -> Iterator[Problem]:
    """A less specific route covers the registered prefix, but the prefix itself is not announced.

    A default route does not count as a covering route.

    What to do: announce the registered prefix itself, or register the one that you announce.

    Fires:
        registered 198.18.0.0/22
        ams-1 198.18.0.0/21 path 64500 community 8075:8007

        registered 198.18.1.128/25
        ams-1 198.18.1.0/24 path 64500 community 8075:8007

    Silent:
        registered 198.18.0.0/22
        ams-1 0.0.0.0/0 path 64500

        registered 198.18.0.0/22
        ams-1 198.18.0.0/22 path 64500 community 8075:8007
    """
    if cell.is_absent and not cell.routes and cell.covering:
        prefixes = _prefixes(cell.covering)
        yield Problem(
            phrase(f"{prefixes} on ", SubjectName.PLACE),
            phrase(cell.own_prefix, " itself"),
            cell.covering,
        )


@rule(
    "route.more-specifics-only",
    "Only more specific routes are announced",
    stages="R+S",
    basis=("000", "003", "004", REQUIREMENTS),
    portal=_NOT_RECEIVED,
    diagnoses="route.not-received",
)
def more_specifics_only(cell: Cell, _: Context) -> Iterator[Problem]:
    """More specific routes are announced, but not the registered prefix itself.

    This is a problem even if they cover every address of the prefix.

    What to do: announce the registered prefix itself, or register the more specific ones instead.

    Fires:
        registered 198.18.0.0/23
        ams-1 198.18.0.0/24 path 64500 community 8075:8007
        ams-1 198.18.1.0/24 path 64500 community 8075:8007

    Silent:
        registered 198.18.0.0/23
        ams-1 198.18.0.0/23 path 64500 community 8075:8007
    """
    if cell.is_absent and not cell.routes and not cell.covering and cell.more_specifics:
        parts = {observation.route.prefix for observation in cell.more_specifics}
        tiles = ", which fill it," if cell.prefix.is_tiled_by(parts) else ""
        yield Problem(
            phrase(f"{_prefixes(cell.more_specifics)}{tiles} on ", SubjectName.PLACE),
            phrase(cell.own_prefix, " itself"),
            cell.more_specifics,
        )


@rule(
    "route.more-specific-unregistered",
    "A more specific route draws the traffic away",
    stages="R+O",
    severity=Severity.WARNING,
    basis=("FAQ of 000 to 004: register the smaller prefixes",),
    word="more specific",
)
def more_specific_unregistered(cell: Cell, context: Context) -> Iterator[Problem]:
    """A more specific route than a registered prefix is announced, but not registered.

    Traffic follows the longest match, so its addresses are reached without the service.

    What to do: register the more specific prefix and set 8075:8007 on it, or stop announcing it.

    Fires:
        registered 198.18.0.0/22
        ams-1 198.18.0.0/22 path 64500 community 8075:8007
        ams-1 198.18.1.0/24 path 64500

    Silent:
        registered 198.18.0.0/22
        registered 198.18.1.0/24
        ams-1 198.18.0.0/22 path 64500 community 8075:8007
        ams-1 198.18.1.0/24 path 64500 community 8075:8007
    """
    unregistered = tuple(
        observation
        for observation in cell.more_specifics
        if observation.route.prefix not in context.registered
    )
    if unregistered:
        yield Problem(
            phrase(
                f"unregistered {_prefixes(unregistered)} inside ",
                cell.own_prefix,
                " on ",
                SubjectName.PLACE,
            ),
            evidence=unregistered,
        )


@rule(
    "route.ipv6-ignored",
    "IPv6 routes are outside the service",
    severity=Severity.INFO,
    basis=("azure-portal.md",),
    any_of=Fact.IPV6,
    word="IPv6",
)
def ipv6_ignored(subject: ObservedSession, _: Context) -> Iterator[Problem]:
    """Peering Service is for IPv4 only; no rule applies to IPv6 routes on the session.

    What to do: leave the IPv6 routes as they are.

    Fires:
        ams-1 2001:db8::/32 path 64500

    Silent:
        ams-1 203.0.113.0/24 path 64500 community 8075:8007
    """
    source = subject.source
    if source is not None and source.counts.ipv6:
        first = tuple(source.observations.holding(Fact.IPV6)[:1])
        routes = counted(source.counts.ipv6, "IPv6 route")
        verb = "is" if source.counts.ipv6 == 1 else "are"
        yield Problem(
            clause(f"{routes} on ", SubjectName.PLACE, f" {verb} not evaluated"), evidence=first
        )


def _withdrawn(observation: Observation) -> str:
    """Return why a receiver treats the route as withdrawn; empty if it does not."""
    for fact, reason in _WITHDRAWN.items():
        if observation.facts & fact and not (
            fact is Fact.FIRST_AS_OTHER and observation.viewpoint.transparent
        ):
            return reason
    return "AS 0 in the path (RFC 7607)" if 0 in effective(observation).asns else ""


def _prefixes(observations: tuple[Observation, ...]) -> str:
    return listed(str(prefix) for prefix in sorted({each.route.prefix for each in observations}))


def _hint(cell: Cell) -> Phrase | None:
    """Return what other sources show of a prefix that is missing on the wire; None if nothing."""
    for source in cell.others:
        name = SourceName(source.source)
        if source.view is View.SENT and source.observations.to({cell.prefix}):
            return phrase("the router sent it", name, ": look at Microsoft's side")
        if source.view is View.LOC_RIB:
            if source.observations.to({cell.prefix}):
                return phrase("the router has it", name, ": look at its export policy")
            return phrase("the router does not have it either", name)
    return None


def _what_is_missing(cell: Cell) -> Phrase:
    if cell.source is None:
        return phrase("a dump that has session ", SubjectName.SESSION)
    if cell.source.view.is_hint:
        return phrase(
            "what is received or sent on ",
            SubjectName.SESSION,
            f": {cell.source.view} does not show it",
        )
    return phrase(
        "a whole dump of session ", SubjectName.SESSION, f": {cell.source.source} is not complete"
    )
