"""Rules about running a peering, and what Microsoft says that nobody can violate."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from ipaddress import IPv6Address
from itertools import pairwise
from typing import Final

from peerlint.model import MICROSOFT, Fact, View
from peerlint.results import Severity
from peerlint.rules._declare import Family, attested, hint, shared, unattested
from peerlint.rules._rule import Need, Problem, Unknown
from peerlint.rules._subject import ConnectionSubject, Context, PeeringSubject, SessionSubject
from peerlint.rules.documents import FAQ
from peerlint.rules.numbers import (
    AUGMENTATION_MAX_DAYS,
    AUGMENTATION_MIN_DAYS,
    AUGMENTATION_PERCENT,
    EXPRESSROUTE_ASN,
    MICROSOFT_ROUTES,
    MICROSOFT_ROUTES_GROWTH,
    POLICY_AUGMENTATION_PERCENT,
    POLICY_MAX_PREFIX,
    SAFE_MAX_PREFIX,
)
from peerlint.wording import counted, listed

rule: Final = Family("O", step=11)

#: So many routes may come from Microsoft after it grew.
_GROWN: Final = MICROSOFT_ROUTES.value * (100 + MICROSOFT_ROUTES_GROWTH.value) // 100


@rule(
    "ops.utilization",
    "Link is filling up",
    severity=Severity.WARNING,
    needs=(Need.ATTESTATION,),
    basis=(FAQ, "policy.md"),
    texts=(
        "FAQ of 000 to 004: augmentation starts at 40 % utilisation",
        "policy.md: at 50 % of the peak",
    ),
    word="full",
)
def utilization(subject: ConnectionSubject, context: Context) -> Iterator[Problem | Unknown]:
    """At 40 percent the process to enlarge the bundle begins; it takes 45 to 60 days.

    It is an error if the link has been above the mark for more than 60 days. The general policy
    speaks of 50 percent; 40 is what the documents for the service say.

    What to do: order more links, and set `utilization_since` to the day on which the link became
    that full.

    Fires:
        connection ams-1 utilization=40 utilization_since=2026-11-01

        connection ams-1 utilization=40

        connection ams-1 utilization=60 utilization_since=2026-08-01

    Silent:
        connection ams-1 utilization=39.9

        connection ams-1 utilization=
    """
    found, since = subject.connection.utilization, subject.connection.utilization_since
    if found is None:
        yield unattested(f"how full {subject} is", "`utilization`")
        return
    if found < AUGMENTATION_PERCENT.value:
        return
    context_of_policy = "" if found < POLICY_AUGMENTATION_PERCENT.value else " (policy.md: 50 %)"
    due = ""
    late = False
    if since is not None:
        first = since + timedelta(days=AUGMENTATION_MIN_DAYS.value)
        last = since + timedelta(days=AUGMENTATION_MAX_DAYS.value)
        late = context.today > last
        due = f"; more bandwidth is due from {first} to {last}" + (
            ", which is over" if late else ""
        )
    yield Problem(
        f"found {found:.10g} % of {subject}, wanted less than {AUGMENTATION_PERCENT.value} %"
        f"{context_of_policy}{due}",
        severity=Severity.ERROR if late else None,
    )


@rule(
    "ops.max-prefix",
    "Limit of routes from Microsoft is too low",
    needs=(Need.ATTESTATION,),
    basis=(FAQ, "policy.md"),
    texts=("FAQ of 000 to 004: 400 to 500 is a safe limit", "policy.md: 2000 for IPv4"),
    word="limit",
)
def max_prefix(subject: SessionSubject, _: Context) -> Iterator[Problem | Unknown]:
    """Your limit of routes from Microsoft leaves room: it announces about 280, and may grow.

    Below 322 (280 and 15 percent) the session might break: an error. Below 400 is a warning. From
    400 on it is safe; the general policy recommends 2000.

    What to do: set the prefix limit of the session to 500 or more.

    Fires:
        session ams-1 max_prefix=321

        session ams-1 max_prefix=322

        session ams-1 max_prefix=400

        session ams-1 max_prefix=0

    Silent:
        session ams-1 max_prefix=2000

        session ams-1 max_prefix=
    """
    limit, session = subject.session.declared.max_prefix, subject.session
    if limit is None:
        yield unattested(f"the limit of routes from Microsoft on {session}", "`max_prefix`")
    elif limit == 0:
        yield Problem(
            f"found no limit on {session}; {SAFE_MAX_PREFIX.value} to 500 is safe",
            severity=Severity.INFO,
        )
    elif limit < _GROWN:
        yield Problem(f"found {limit} on {session}, wanted {SAFE_MAX_PREFIX.value} at least")
    elif limit < SAFE_MAX_PREFIX.value:
        yield Problem(
            f"found {limit} on {session}, wanted {SAFE_MAX_PREFIX.value} at least",
            severity=Severity.WARNING,
        )
    elif limit < POLICY_MAX_PREFIX.value:
        yield Problem(
            f"found {limit} on {session}, which is safe; policy.md: {POLICY_MAX_PREFIX.value}",
            severity=Severity.INFO,
        )


@hint("ops.lead-time", "Onboarding takes three weeks at least", by_microsoft=False)
def lead_time() -> None:
    """Plan three weeks and more from order to traffic.

    It depends on the number and location of sites, and on whether cabling is new.

    What to do: order early.
    """


@rule(
    "ops.no-readvertise",
    "Microsoft's AS re-announces a partner's prefix",
    severity=Severity.WARNING,
    needs=(Need.ROUTES,),
    basis=(FAQ,),
    by_microsoft=True,
    word="re-announced",
)
def no_readvertise(subject: SessionSubject, context: Context) -> Iterator[Problem]:
    """Microsoft does not announce a partner's prefixes to the Internet.

    A public collector that sees a registered prefix behind AS8075 and the partner's AS sees a
    leak. What no collector shows is no problem.

    What to do: report the path to Microsoft.

    Fires:
        registered 203.0.113.0/24
        view ams-1 collector
        ams-1 203.0.113.0/24 path 64499 8075 64500

    Silent:
        registered 203.0.113.0/24
        view ams-1 collector
        ams-1 203.0.113.0/24 path 64499 64500

        registered 203.0.113.0/24
        ams-1 203.0.113.0/24 path 64500
    """
    reported = set()
    for source in subject.sources:
        if source.view is not View.COLLECTOR:
            continue
        for seen in source.observations.to(context.registered):
            asns = [int(asn) for asn in seen.route.path.asns]
            leaked = (MICROSOFT, subject.peering.asn) in pairwise(asns)
            prefix = seen.route.prefix
            if leaked and prefix not in reported:
                reported.add(prefix)
                yield Problem(
                    f"found {prefix} by way of {seen.route.path}, wanted no path with AS"
                    f"{MICROSOFT} in front of AS{subject.peering.asn}",
                    (seen,),
                    prefix=str(prefix),
                )


@rule(
    "ops.microsoft-routes",
    "Routes from Microsoft are missing, or too many",
    severity=Severity.INFO,
    needs=(Need.ROUTES,),
    basis=(FAQ,),
    by_microsoft=True,
    word="Microsoft's routes",
)
def microsoft_routes(subject: SessionSubject, _: Context) -> Iterator[Problem | Unknown]:
    """Microsoft announces about 280 routes on a session, which cover its public services.

    They may grow by 10 to 15 percent. None at all means that the session carries nothing your
    way; more than your own limit may break it.

    What to do: check the import policy and the prefix limit of the session.

    Fires:
        microsoft ams-1 0

        microsoft ams-1 323

        session ams-1 max_prefix=300
        microsoft ams-1 301

    Silent:
        microsoft ams-1 280
        microsoft ams-2 280

        # nothing but what a scenario has by itself
    """
    found, session = subject.from_microsoft, subject.session
    limit = session.declared.max_prefix
    if found is None:
        yield Unknown(
            Need.ROUTES,
            f"what Microsoft announces on {session} is not known",
            f"a whole dump of what {session.id} receives",
        )
    elif found == 0 or found > _GROWN or (limit and found > limit):
        also = f", and at most your limit of {limit:,}" if limit and found > limit else ""
        yield Problem(
            f"found {counted(found, 'route')} from Microsoft on {session}, wanted about "
            f"{MICROSOFT_ROUTES.value}{also}"
        )


@hint("ops.session-ip-pending", "Session addresses come late", basis=(FAQ, "faqs.md"))
def session_ip_pending() -> None:
    """Microsoft allocates a session's addresses after it configured the port.

    It sends them by mail, within a week. Until the connection is active, missing addresses are
    no error.

    What to do: wait for the mail.
    """


@hint("ops.status-by-mail", "Milestones come by mail")
def status_by_mail() -> None:
    """Each step of onboarding is announced by an automated mail.

    The state that the portal shows is the only other channel.

    What to do: use an address that somebody reads.
    """


@hint("ops.cross-connect-cost", "Partner pays for the cross connect")
def cross_connect_cost() -> None:
    """Microsoft takes no fee for the service; the cross connect is at the partner's cost.

    What to do: put it into your budget.
    """


@hint("ops.portal-only", "Onboarding is done in the portal")
def portal_only() -> None:
    """The documents say that onboarding can be configured in the portal only.

    There is an API that reads and writes nevertheless. peerlint reads exports, and never
    writes.

    What to do: use the portal.
    """


@rule(
    "ops.as12076-filter",
    "Route of ExpressRoute is taken from a peer",
    basis=("policy.md",),
    any_of=Fact.HAS_12076,
    none_of=Fact.MALFORMED,
    word="AS12076",
)
def as12076_filter(subject: SessionSubject, _: Context) -> Iterator[Problem]:
    """AS12076 is ExpressRoute: a route with it in its path is accepted from no peer.

    For Operator Connect and route servers `check` reads every route; else those that bear on the
    inventory's prefixes or carry the community. The others are counted by
    `peerlint scan --rule ops.as12076-filter`.

    What to do: filter paths with AS12076 on every session but ExpressRoute's own.

    Fires:
        ams-1 203.0.113.0/24 path 64500 12076 community 8075:8007

    Silent:
        ams-1 203.0.113.0/24 path 64500 community 8075:8007
    """
    source = subject.source
    seen = () if source is None else source.observations.holding(Fact.HAS_12076)
    sound = tuple(one for one in seen if not one.facts & Fact.MALFORMED)
    if sound:
        prefixes = listed(sorted({str(one.route.prefix) for one in sound})[:3])
        yield Problem(
            f"found AS{EXPRESSROUTE_ASN.value} in the path of {counted(len(sound), 'route')} on "
            f"{subject.session} ({prefixes}), wanted none",
            sound,
        )


@rule(
    "ops.noc-24x7",
    "NOC is not known to be staffed around the clock",
    severity=Severity.WARNING,
    needs=(Need.ATTESTATION,),
    basis=("policy.md",),
    word="NOC",
)
@shared(attested("whether the NOC is staffed around the clock"))
def noc_24x7() -> None:
    """A partner's NOC is staffed around the clock.

    What to do: staff the NOC around the clock, then attest ops.noc-24x7.

    Fires:
        attest ops.noc-24x7 contoso-ams no

    Silent:
        attest ops.noc-24x7 contoso-ams

        # nothing but what a scenario has by itself
    """


@rule(
    "ops.maintenance-alerts",
    "Alerts of planned maintenance are not known to be set up",
    severity=Severity.INFO,
    needs=(Need.ATTESTATION,),
    basis=("walkthrough-device-maintenance-notification.md",),
    word="alerts",
)
@shared(attested("whether planned maintenance raises an alert"))
def maintenance_alerts() -> None:
    """An alert rule in Azure's Service Health tells of planned maintenance.

    Peerings of old get a mail to the NOC instead.

    What to do: create a Service Health alert rule for planned maintenance, then attest
    ops.maintenance-alerts.

    Fires:
        attest ops.maintenance-alerts contoso-ams no

    Silent:
        attest ops.maintenance-alerts contoso-ams

        # nothing but what a scenario has by itself
    """


@rule(
    "ops.no-static-default",
    "Static or default routes are not known to be absent",
    severity=Severity.INFO,
    needs=(Need.ATTESTATION,),
    basis=("policy.md",),
    word="static routes",
)
@shared(attested("whether static or default routes lead to Microsoft"))
def no_static_default() -> None:
    """Neither side sends traffic to the other for what was not announced by BGP.

    What to do: remove static and default routes to the session, then attest ops.no-static-default.

    Fires:
        attest ops.no-static-default contoso-ams no

    Silent:
        attest ops.no-static-default contoso-ams

        # nothing but what a scenario has by itself
    """


@rule(
    "ops.ipv6-session",
    "Location has no IPv6 session",
    severity=Severity.INFO,
    basis=("policy.md",),
    texts=(
        "policy.md: an IPv4 and an IPv6 session in each location",
        "azure-portal.md: only IPv4 prefixes are supported currently",
    ),
    word="no IPv6",
)
def ipv6_session(subject: PeeringSubject, _: Context) -> Iterator[Problem]:
    """The general policy expects an IPv6 session beside the IPv4 one; the service needs none.

    What to do: leave it as it is: Peering Service needs no IPv6 session.

    Fires:
        # nothing but what a scenario has by itself

    Silent:
        session ams-1 peer=2001:db8::1 microsoft=2001:db8::2
    """
    peers = [each.session.declared.peer for each in subject.sessions]
    if not any(isinstance(peer, IPv6Address) for peer in peers) and any(peers):
        yield Problem(f"found no IPv6 session of {subject.peering.name}; policy.md expects one")
