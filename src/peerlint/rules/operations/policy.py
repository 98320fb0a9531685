"""Rules from Microsoft's general peering policy, and on alerts for maintenance."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address
from typing import Final

from peerlint.model import Fact
from peerlint.results import Severity, SubjectName, phrase
from peerlint.rules._declare import Family, attested, shared
from peerlint.rules.answers import Need, Problem
from peerlint.rules.context import Context
from peerlint.rules.numbers import EXPRESSROUTE_ASN
from peerlint.rules.subjects import ObservedSession, PeeringSubject
from peerlint.wording import counted, listed

rule: Final = Family("O", step=11)


@rule(
    "ops.as12076-filter",
    "Route of ExpressRoute is taken from a peer",
    basis=("policy.md",),
    any_of=Fact.HAS_12076,
    none_of=Fact.MALFORMED,
    word="AS12076",
)
def as12076_filter(subject: ObservedSession, _: Context) -> Iterator[Problem]:
    """AS12076 is ExpressRoute: a route with it in its path is not accepted from any peer.

    For Operator Connect and route servers, `check` reads every route. Otherwise it reads those that
    overlap a prefix of the inventory or carry the community; `peerlint scan --rule
    ops.as12076-filter` counts the others.

    What to do: filter paths with AS12076 on every session but ExpressRoute's own.

    Fires:
        ams-1 203.0.113.0/24 path 64500 12076 community 8075:8007

    Silent:
        ams-1 203.0.113.0/24 path 64500 community 8075:8007
    """
    source = subject.source
    observations = () if source is None else source.observations.holding(Fact.HAS_12076)
    sound = tuple(each for each in observations if not each.facts & Fact.MALFORMED)
    if sound:
        prefixes = listed(sorted({str(one.route.prefix) for one in sound})[:3])
        yield Problem(
            phrase(
                f"AS{EXPRESSROUTE_ASN.value} in the path of {counted(len(sound), 'route')} on ",
                SubjectName.PLACE,
                f" ({prefixes})",
            ),
            "none",
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

        # the default scenario, unchanged
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
    """An alert rule in Azure's Service Health gives notice of planned maintenance.

    For old peerings, the NOC gets a mail instead.

    What to do: create a Service Health alert rule for planned maintenance, then attest
    ops.maintenance-alerts.

    Fires:
        attest ops.maintenance-alerts contoso-ams no

    Silent:
        attest ops.maintenance-alerts contoso-ams

        # the default scenario, unchanged
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
    """Neither side sends the other traffic for prefixes that were not announced by BGP.

    What to do: remove static and default routes to the session, then attest ops.no-static-default.

    Fires:
        attest ops.no-static-default contoso-ams no

    Silent:
        attest ops.no-static-default contoso-ams

        # the default scenario, unchanged
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
    """The general policy expects an IPv6 session besides the IPv4 session; the service needs none.

    What to do: leave it as it is: Peering Service needs no IPv6 session.

    Fires:
        # the default scenario, unchanged

    Silent:
        session ams-1 peer=2001:db8::1 microsoft=2001:db8::2
    """
    peers = [each.declared.peer for each in subject.peering.sessions]
    if not any(isinstance(peer, IPv6Address) for peer in peers) and any(peers):
        yield Problem(
            phrase("no IPv6 session of ", SubjectName.PEERING), hint="policy.md expects one"
        )
