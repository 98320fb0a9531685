"""Rules about all routes of a session, and about communities for route servers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.inventory.peering import Egress
from peerlint.model import Fact, View
from peerlint.observations import Coverage, SessionSource
from peerlint.results import Severity, SubjectName, phrase
from peerlint.rules._declare import Family, undeclared, unknown
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.cells import Cell
from peerlint.rules.context import Context
from peerlint.rules.numbers import RECEIVED_ROUTES_PAGE
from peerlint.rules.subjects import ObservedSession
from peerlint.wording import counted

rule: Final = Family("R", step=6)


@rule(
    "route.max-prefixes-advertised",
    "Session announces more routes than Microsoft takes",
    stages="O",
    needs=(Need.AZURE, Need.ROUTES),
    basis=("SDK, BgpSession", "faqs.md (2019)"),
    word="too many routes",
)
def max_prefixes_advertised(subject: ObservedSession, _: Context) -> Iterator[Problem | Unknown]:
    """A session announces at most `max_advertised` IPv4 routes (maxPrefixesAdvertisedV4).

    The portal offers a limit of up to 20,000. Microsoft shuts down a session that exceeds its
    limit. A partial dump proves a problem if it shows more routes than the limit; routes before
    export policy do not, because the policy may drop some of them.

    What to do: announce fewer prefixes, or ask Microsoft to raise the limit.

    Fires:
        session ams-1 max_advertised=1
        ams-1 203.0.113.0/24 path 64500
        ams-1 198.51.100.0/24 path 64500

        session ams-1 max_advertised=1
        coverage ams-1 partial
        ams-1 203.0.113.0/24 path 64500
        ams-1 198.51.100.0/24 path 64500

    Silent:
        ams-1 203.0.113.0/24 path 64500

        session ams-1 max_advertised=1
        coverage ams-1 partial
        ams-1 203.0.113.0/24 path 64500

        session ams-1 max_advertised=

        coverage ams-1 none
    """
    session = subject.session
    limit = session.declared.max_advertised
    if limit is None:
        yield undeclared(
            phrase("how many routes ", SubjectName.PLACE, " may announce"), "`max_advertised`"
        )
        return
    sources = [source for source in subject.sources if not source.view.is_hint]
    as_is = session.declared.egress is Egress.AS_IS
    sent = [each for each in sources if each.counts.once and (each.view.is_definite or as_is)]
    most = max(map(_ipv4, sent), default=0)
    if most > limit:
        found = counted(most, "IPv4 route")
        yield Problem(phrase(f"{found} on ", SubjectName.PLACE), f"at most {limit:,}")
    elif not any(each.coverage is Coverage.COMPLETE and _ipv4(each) <= limit for each in sources):
        yield Unknown(
            Need.ROUTES,
            unknown(phrase("how many routes ", SubjectName.PLACE, " announces")),
            phrase("a whole RIB of what is received or sent on ", SubjectName.SESSION),
        )


def _ipv4(source: SessionSource) -> int:
    """Return the number of IPv4 routes that a source shows."""
    return source.counts.routes - source.counts.ipv6


@rule(
    "route.rs-blocked",
    "A community tells the route server to leave AS8075 out",
    stages="R+S",
    step=7,
    severity=Severity.WARNING,
    basis=("guides of exchanges: 0:8075",),
    portal=("(seen as not received)",),
    any_of=Fact.BLOCKED_8075,
    views=frozenset({View.LOC_RIB, View.ADJ_RIB_IN, View.ADVERTISED}),
    word="blocked",
)
def rs_blocked(cell: Cell, _: Context) -> Iterator[Problem]:
    """At most exchanges 0:8075 means "do not announce to AS8075".

    The route server has the route, but does not send it to Microsoft. An exchange may have other
    communities with this meaning, which peerlint does not know.

    What to do: ask the member to remove 0:8075 from its route.

    Fires:
        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        view rs-1 loc-rib
        rs-1 203.0.113.0/24 path 64501 community 8075:8007 0:8075

    Silent:
        peering contoso-rs route-server 64500 Amsterdam
        session rs-1 rs1.ams
        asn 64501
        view rs-1 loc-rib
        rs-1 203.0.113.0/24 path 64501 community 8075:8007
    """
    yield Problem(
        phrase(
            *(f"0:8075 on {counted(len(cell.firing), 'route')} for ", cell.own_prefix),
            *(" of ", SubjectName.PLACE),
        ),
        "none",
        cell.firing,
    )


@rule(
    "route.export-truncated",
    "Export of received routes is cut off",
    severity=Severity.INFO,
    needs=(Need.ROUTES,),
    basis=("PowerShell help: top 100", "azure-powershell recordings"),
    word="cut off",
)
def export_truncated(subject: ObservedSession, _: Context) -> Iterator[Problem]:
    """Azure shows about 100 routes of a session at a time; the others need further requests.

    A prefix that is not among them may still be received, so its absence proves nothing.

    What to do: export the further pages with --skip-token, or single prefixes with --prefix.

    Fires:
        coverage ams-1 partial truncated
        ams-1 203.0.113.0/24 path 64500

    Silent:
        ams-1 203.0.113.0/24 path 64500

        coverage ams-1 partial
    """
    source = subject.source
    if source is not None and source.truncated:
        yield Problem(
            phrase(
                *(f"{counted(source.counts.routes, 'route')} of ", SubjectName.PLACE),
                f" in {source.source}, which stops at about {RECEIVED_ROUTES_PAGE.value}: "
                "absence from it says nothing",
            )
        )
