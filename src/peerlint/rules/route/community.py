"""Rules about the communities of a route."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce
from operator import or_
from typing import Final

from peerlint.model import Fact
from peerlint.results import Severity, SubjectName, clause, phrase
from peerlint.rules._declare import Family
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.cells import Cell
from peerlint.rules.context import Context
from peerlint.rules.documents import ALL, REQUIREMENTS, SERVICE_REQUIREMENTS
from peerlint.wording import listed

rule: Final = Family("R+S", step=7)

_MISSING: Final = (
    "Advertisement missing MAPS community",
    "Received route for prefix should have the Peering Service community 8075:8007",
    "Received route for prefix should have the MAPS community 8075:8007",
    "Prefix announcement doesn't have a valid BGP community, contact Peering Service provider.",
)
_NEAR: Final = Fact.NEAR_LARGE | Fact.NEAR_EXTENDED | Fact.NEAR_SWAPPED | Fact.NEAR_VALUE
_WHAT_IS_NEAR: Final = {
    Fact.NEAR_LARGE: "a large community",
    Fact.NEAR_EXTENDED: "an extended community",
    Fact.NEAR_SWAPPED: "its halves swapped",
    Fact.NEAR_VALUE: "a neighbouring value",
}
_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
#: The severity and effect of a community: on the wire to AS8075, and in the peer's own RIB before
#: export policy.
_CONFLICTS: Final = {
    Fact.NO_ADVERTISE: (_ERROR, "may not be passed on, not even inside", _ERROR, "is not sent"),
    Fact.BLACKHOLE: (_ERROR, "may be discarded with its traffic (RFC 7999)") * 2,
    Fact.NO_EXPORT: (
        _INFO,
        "is not re-advertised, which AS8075 does not do",
        _ERROR,
        "is not sent",
    ),
    Fact.NO_EXPORT_SUBCONFED: (_WARNING, "stays in one member AS", _ERROR, "is not sent"),
    Fact.GRACEFUL_SHUTDOWN: (_WARNING, "is de-preferred (RFC 8326)") * 2,
    Fact.LLGR_STALE: (_WARNING, "is stale and de-preferred (RFC 9494)") * 2,
    Fact.NOPEER: (_INFO, "is not for peers (RFC 3765)", _WARNING, "may not be sent (RFC 3765)"),
    Fact.NO_LLGR: (_INFO, "is not kept when a session goes stale (RFC 9494)") * 2,
}
_CONFLICTING: Final = reduce(or_, _CONFLICTS)


@rule(
    "route.community-missing",
    "Peering Service community is missing",
    basis=(*ALL, REQUIREMENTS, SERVICE_REQUIREMENTS),
    portal=_MISSING,
    none_of=Fact.TAGGED,
    egress_changes=True,
    word="no community",
)
def missing(cell: Cell, context: Context) -> Iterator[Problem]:
    """Every route for the prefix carries the standard community 8075:8007.

    Microsoft writes "community string", "MAPS community" and "Peering Service community"; all
    mean this one value of RFC 1997. Azure's export of received routes does not show communities,
    so the most frequent failure is not visible there. A session that is not configured to send
    communities (send-community) loses it on every route.

    What to do: set 8075:8007 in the export policy of the session.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 64500:120

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8007

        registered 203.0.113.0/24
        view ams-1 loc-rib
        ams-1 203.0.113.0/24
    """
    community = context.criteria.community
    if _is_on_none(cell):
        # The cause is the session, so the phrase is the same for all of its prefixes.
        found = clause(
            "no route of ", SubjectName.PLACE, f" carries {community}: is send-community off?"
        )
        yield Problem(found, evidence=cell.firing)
    else:
        yield Problem(_found(cell), phrase(f"{community} on ", SubjectName.PLACE), cell.firing)


@rule(
    "route.community-wrong-type",
    "Peering Service community is there in the wrong form",
    basis=("RFC 1997", "RFC 4360", "RFC 8092"),
    portal=_MISSING,
    any_of=_NEAR,
    none_of=Fact.TAGGED,
    diagnoses="route.community-missing",
    egress_changes=True,
    word="wrong community",
)
def wrong_type(cell: Cell, context: Context) -> Iterator[Problem]:
    """The route has the value, but not as a standard community of RFC 1997.

    Large and extended communities, swapped halves and neighbouring values do not count.

    What to do: set 8075:8007 as a standard community in the export policy of the session.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 large 8075:8007:0

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 extended rt:8075:8007

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8007:8075

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8006

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8007 large 8075:8007:0

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:1007
    """
    kinds = sorted(
        {
            kind
            for observation in cell.firing
            for fact, kind in _WHAT_IS_NEAR.items()
            if observation.facts & fact
        }
    )
    yield Problem(
        f"{_found(cell)} ({' and '.join(kinds)})",
        phrase(f"standard community {context.criteria.community} on ", SubjectName.PLACE),
        cell.firing,
    )


@rule(
    "route.community-conflict",
    "A community defeats or weakens the announcement",
    basis=("RFC 1997", "RFC 3765", "RFC 7999", "RFC 8326", "RFC 9494"),
    any_of=_CONFLICTING,
    word="conflict",
)
def conflict(cell: Cell, _: Context) -> Iterator[Problem | Unknown]:
    """No well-known community asks the receiver to restrict, de-prefer or discard the route.

    The effect of a community depends on the view. In the router's own RIB, NO_EXPORT means that the
    route is never sent; on the wire it asks Microsoft for what Microsoft does anyway.

    What to do: remove the community in the export policy of the session.

    Fires:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8007 no-advertise

    Silent:
        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500 community 8075:8007 8075:1007 64500:1
    """
    found = Fact(0)
    for observation in cell.firing:
        found |= observation.facts & _CONFLICTING
    on_the_wire = cell.view is not None and cell.view.is_definite
    for fact, (wire, what_wire, own, what_own) in _CONFLICTS.items():
        if not found & fact:
            continue
        transparent = any(observation.viewpoint.transparent for observation in cell.firing)
        if transparent and not on_the_wire and fact in (Fact.NO_EXPORT, Fact.NO_ADVERTISE):
            yield Unknown(
                Need.ROUTES,
                f"{fact.name} in a route server's RIB: it may pass it on (RFC 7947 section 2.2.4)",
                phrase("what is received or sent on ", SubjectName.SESSION),
                cell.firing,
                about=fact.name,
            )
            continue
        severity, what = (wire, what_wire) if on_the_wire else (own, what_own)
        yield Problem(
            phrase(f"{fact.name} on ", SubjectName.PLACE, f": the route {what}"),
            evidence=tuple(observation for observation in cell.firing if observation.facts & fact),
            severity=severity,
            about=fact.name,
        )


def _found(cell: Cell) -> str:
    """Return the communities of the routes that a rule fires on, as text."""
    words: list[str] = []
    for observation in cell.firing:
        route = observation.route
        words += map(str, sorted(route.communities))
        words += (f"large {large}" for large in sorted(route.large_communities))
        words += (f"extended {extended}" for extended in sorted(route.extended_communities))
    return listed(dict.fromkeys(words)) or "no community"


def _is_on_none(cell: Cell) -> bool:
    """Return whether a session has several routes and none of them carries the community."""
    return cell.source is not None and cell.source.counts.is_untagged
