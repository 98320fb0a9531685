"""Rules about one connection: bandwidth, LACP, BFD, firewalls and rate limits."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.results import Severity, SubjectName, phrase
from peerlint.rules._declare import Family, shared, unattested, undeclared
from peerlint.rules._rule import Check
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context
from peerlint.rules.documents import ALL, FAQ
from peerlint.rules.numbers import MIN_BANDWIDTH, POLICY_BANDWIDTH
from peerlint.rules.subjects import ConnectionSubject

rule: Final = Family("T", step=4)


@rule(
    "topology.bandwidth-min",
    "Link is slower than 10 Gbit/s",
    needs=(Need.AZURE,),
    basis=(FAQ, "faqs.md"),
    texts=("FAQ of 000 to 004: at least 10 Gbit/s", "policy.md: 100G optics for direct peering"),
    portal=("... less than the minimum allowed range of 10000",),
    word="too slow",
)
def bandwidth_min(subject: ConnectionSubject, _: Context) -> Iterator[Problem | Unknown]:
    """A link to Microsoft has at least 10 Gbit/s.

    The general policy asks for 100 Gbit/s optics; a slower link is reported as information.

    What to do: order a link of 10 Gbit/s or more.

    Fires:
        connection ams-1 bandwidth=1G

        connection ams-1 bandwidth=10G

    Silent:
        connection ams-1 bandwidth=100G

        connection ams-1 bandwidth=
    """
    mbits = subject.connection.bandwidth
    if mbits is None:
        yield undeclared(phrase("the bandwidth of ", SubjectName.PLACE), "`bandwidth`")
    elif mbits < MIN_BANDWIDTH.value:
        yield Problem(
            phrase(f"{mbits:,} Mbit/s on ", SubjectName.PLACE), f"at least {MIN_BANDWIDTH.value:,}"
        )
    elif mbits < POLICY_BANDWIDTH.value:
        yield Problem(
            phrase(
                *(f"{mbits:,} Mbit/s on ", SubjectName.PLACE),
                ": enough for the service, while policy.md asks for optics of "
                f"{POLICY_BANDWIDTH.value:,}",
            ),
            severity=Severity.INFO,
        )


def _flag(key: str, what: str, *, wanted: bool) -> Check[ConnectionSubject]:
    """Return a check of a boolean key of a connection, which only a person can set.

    Args:
        key: the key in the inventory.
        what: what the connection has if the key is true.
        wanted: the value that passes.
    """

    def check(subject: ConnectionSubject, _: Context) -> Iterator[Problem | Unknown]:
        has: bool | None = getattr(subject.connection, key)
        if has is None:
            yield unattested(phrase("whether ", SubjectName.PLACE, f" has {what}"), f"`{key}`")
        elif has is not wanted:
            found, instead = (what, "none") if has else (f"no {what}", "it")
            yield Problem(phrase(f"{found} on ", SubjectName.PLACE), instead)

    return check


@rule(
    "topology.lacp",
    "Link does not speak LACP",
    needs=(Need.ATTESTATION,),
    basis=ALL,
    word="no LACP",
)
@shared(_flag("lacp", "LACP", wanted=True))
def lacp() -> None:
    """Microsoft builds every interconnect as a link bundle, so your end has to use LACP.

    What to do: configure LACP on the interface, even for a single link.

    Fires:
        connection ams-1 lacp=false

    Silent:
        connection ams-1 lacp=true

        connection ams-1 lacp=

        connection ams-1 lacp=
        attest topology.lacp ams-1
    """


@rule(
    "topology.bfd",
    "BFD is not configured",
    needs=(Need.ATTESTATION,),
    basis=("004", "FAQ of 001 and 004"),
    texts=(
        "004, requirements: BGP with BFD",
        "FAQ of 001 and 004: BFD is up before routes are exchanged",
        "000, 002, 003: do not ask for it",
    ),
    word="no BFD",
)
@shared(_flag("bfd", "BFD", wanted=True))
def bfd() -> None:
    """BGP runs with BFD, which is up before routes are exchanged.

    Document 004 (voice) requires it. The FAQs of 004 and 001 (Operator Connect) say that routes are
    exchanged only after BFD is up. The other documents do not ask for it.

    What to do: configure BFD on the BGP session, and check that it is up.

    Fires:
        peering contoso-ams profile=voice network=Voice
        connection ams-1 bfd=false

    Silent:
        peering contoso-ams profile=voice network=Voice

        peering contoso-ams profile=voice network=Voice
        connection ams-1 bfd=

        connection ams-1 bfd=false
    """


@rule(
    "topology.stateful-firewall",
    "Connection ends on a stateful firewall",
    needs=(Need.ATTESTATION,),
    basis=ALL,
    word="firewall",
)
@shared(_flag("stateful_firewall", "a stateful firewall", wanted=False))
def stateful_firewall() -> None:
    """Your end of the connection is not a device with a stateful firewall.

    Traffic may leave over one connection and return over another. A stateful firewall that sees
    only one direction of a flow drops it.

    What to do: terminate the connection on a device without a stateful firewall.

    Fires:
        connection ams-1 stateful_firewall=true

    Silent:
        # the default scenario, unchanged

        connection ams-1 stateful_firewall=

        connection ams-1 stateful_firewall=
        attest topology.stateful-firewall ams-1
    """


@rule(
    "topology.rate-limit",
    "Connection is rate limited",
    needs=(Need.ATTESTATION,),
    basis=ALL,
)
@shared(_flag("rate_limit", "a rate limit", wanted=False))
def rate_limit() -> None:
    """No policer or shaper limits a connection to less than its bandwidth.

    What to do: remove policers and shapers from the interface.

    Fires:
        connection ams-1 rate_limit=true

    Silent:
        # the default scenario, unchanged

        connection ams-1 rate_limit=

        connection ams-1 rate_limit=
        attest topology.rate-limit ams-1
    """
