"""Rules about traffic and routes of a peering in operation, and hints."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from typing import Final

from peerlint.model import MICROSOFT, View
from peerlint.results import Severity, SubjectName, phrase
from peerlint.rules._declare import Family, hint, unattested, unknown
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context
from peerlint.rules.documents import FAQ
from peerlint.rules.numbers import (
    AUGMENTATION_MAX_DAYS,
    AUGMENTATION_MIN_DAYS,
    AUGMENTATION_PERCENT,
    MICROSOFT_ROUTES,
    MICROSOFT_ROUTES_GROWTH,
    POLICY_AUGMENTATION_PERCENT,
    POLICY_MAX_PREFIX,
    SAFE_MAX_PREFIX,
)
from peerlint.rules.subjects import ConnectionSubject, ObservedSession, SessionSubject
from peerlint.wording import counted

rule: Final = Family("O", step=11)

#: How many routes Microsoft may announce after growth.
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
    """At 40 percent utilisation the augmentation of the bundle begins; it takes 45 to 60 days.

    It is an error if the link has been at 40 percent or more for more than 60 days. The general
    policy says 50 percent; the documents for the service say 40 percent.

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
        yield unattested(phrase("how full ", SubjectName.PLACE, " is"), "`utilization`")
        return
    if found < AUGMENTATION_PERCENT.value:
        return
    context_of_policy = (
        ""
        if found < POLICY_AUGMENTATION_PERCENT.value
        else f" (policy.md: {POLICY_AUGMENTATION_PERCENT.value} %)"
    )
    due = None
    late = False
    if since is not None:
        first = since + timedelta(days=AUGMENTATION_MIN_DAYS.value)
        last = since + timedelta(days=AUGMENTATION_MAX_DAYS.value)
        late = context.today > last
        due = f"more bandwidth is due from {first} to {last}" + (", which is over" if late else "")
    yield Problem(
        phrase(f"{found:.10g} % of ", SubjectName.PLACE),
        f"less than {AUGMENTATION_PERCENT.value} %{context_of_policy}",
        hint=due,
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
    """Your limit of routes from Microsoft leaves room for growth; today it announces about 280.

    A limit below 322 (280 plus 15 percent) is an error, because the session may break. A limit
    below 400 is a warning. From 400 on it is safe; the general policy recommends 2000.

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
    limit = subject.session.declared.max_prefix
    if limit is None:
        yield unattested(
            phrase("the limit of routes from Microsoft on ", SubjectName.PLACE), "`max_prefix`"
        )
    elif limit == 0:
        yield Problem(
            phrase("no limit on ", SubjectName.PLACE),
            hint=f"{SAFE_MAX_PREFIX.value} to 500 is safe",
            severity=Severity.INFO,
        )
    elif limit < _GROWN:
        yield Problem(
            phrase(f"{limit} on ", SubjectName.PLACE), f"{SAFE_MAX_PREFIX.value} at least"
        )
    elif limit < SAFE_MAX_PREFIX.value:
        yield Problem(
            phrase(f"{limit} on ", SubjectName.PLACE),
            f"{SAFE_MAX_PREFIX.value} at least",
            severity=Severity.WARNING,
        )
    elif limit < POLICY_MAX_PREFIX.value:
        yield Problem(
            phrase(f"{limit} on ", SubjectName.PLACE, ", which is safe"),
            hint=f"policy.md: {POLICY_MAX_PREFIX.value}",
            severity=Severity.INFO,
        )


@hint("ops.lead-time", "Onboarding takes three weeks at least", by_microsoft=False)
def lead_time() -> None:
    """Plan three weeks or more from order to traffic.

    The time depends on the number and location of sites, and on whether new cabling is needed.

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
def no_readvertise(subject: ObservedSession, context: Context) -> Iterator[Problem]:
    """Microsoft does not announce a partner's prefixes to the Internet.

    If a public route collector has a path to a registered prefix through AS8075 and the partner's
    AS, the prefix leaks. Without such a path there is no problem.

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
        for observation in source.observations.to(context.registered):
            asns = [int(asn) for asn in observation.route.path.asns]
            leaked = (MICROSOFT, subject.peering.asn) in pairwise(asns)
            prefix = observation.route.prefix
            if leaked and prefix not in reported:
                reported.add(prefix)
                yield Problem(
                    phrase(SubjectName.PREFIX, f" by way of {observation.route.path}"),
                    f"no path with AS{MICROSOFT} in front of AS{subject.peering.asn}",
                    (observation,),
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
def microsoft_routes(subject: ObservedSession, _: Context) -> Iterator[Problem | Unknown]:
    """Microsoft announces about 280 routes on a session, which cover its public services.

    The number may grow by 10 to 15 percent. Without any route, you send Microsoft no traffic over
    the session; more routes than your own limit may break the session.

    What to do: check the import policy and the prefix limit of the session.

    Fires:
        microsoft ams-1 0

        microsoft ams-1 323

        session ams-1 max_prefix=300
        microsoft ams-1 301

    Silent:
        microsoft ams-1 280
        microsoft ams-2 280

        # the default scenario, unchanged
    """
    found, session = subject.from_microsoft, subject.session
    limit = session.declared.max_prefix
    if found is None:
        yield Unknown(
            Need.ROUTES,
            unknown(phrase("what Microsoft announces on ", SubjectName.PLACE)),
            phrase("a whole dump of what ", SubjectName.SESSION, " receives"),
        )
    elif found == 0 or found > _GROWN or (limit and found > limit):
        also = f", and at most your limit of {limit:,}" if limit and found > limit else ""
        yield Problem(
            phrase(f"{counted(found, 'route')} from Microsoft on ", SubjectName.PLACE),
            f"about {MICROSOFT_ROUTES.value}{also}",
        )


@hint("ops.session-ip-pending", "Session addresses come late", basis=(FAQ, "faqs.md"))
def session_ip_pending() -> None:
    """Microsoft allocates the addresses of a session after it has configured the port.

    It sends them by mail within a week. Until the connection is active, missing addresses are
    not an error.

    What to do: wait for the mail.
    """


@hint("ops.status-by-mail", "Milestones come by mail")
def status_by_mail() -> None:
    """An automated mail announces each step of onboarding.

    Apart from that, only the state in the portal shows it.

    What to do: use a mail address that is read.
    """


@hint("ops.cross-connect-cost", "Partner pays for the cross connect")
def cross_connect_cost() -> None:
    """Microsoft charges no fee for the service; the partner pays for the cross connect.

    What to do: include it in your budget.
    """


@hint("ops.portal-only", "Onboarding is done in the portal")
def portal_only() -> None:
    """The documents say that onboarding can be configured in the portal only.

    Nevertheless, there is an API that reads and writes. peerlint reads exports and never writes.

    What to do: use the portal.
    """
