"""Rules about the sessions of a connection, and the states of both."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, ip_network
from typing import Final

from peerlint.iana import special_blocks
from peerlint.inventory import Session
from peerlint.results import Severity, SubjectName, clause, phrase
from peerlint.rules._declare import Family, hint, undeclared
from peerlint.rules.answers import Need, Problem, Unknown
from peerlint.rules.context import Context
from peerlint.rules.documents import FAQ
from peerlint.rules.numbers import SESSION_LENGTH_MIN
from peerlint.rules.subjects import (
    ConnectionSubject,
    ObservedSession,
    PeeringSubject,
    SessionSubject,
)
from peerlint.wording import listed

rule: Final = Family("T", step=4)

#: The documented values of ConnectionState, in lower case; Azure may add others.
_CONNECTION_STATES: Final = frozenset(
    {
        "none", "pendingapproval", "approved", "provisioningstarted", "provisioningfailed",
        "provisioningcompleted", "validating", "active", "typechangerequested",
        "typechangeinprogress", "externalblocker",
    }
)  # fmt: skip
_FROZEN: Final = frozenset({"typechangerequested", "typechangeinprogress", "externalblocker"})
#: The values of "Microsoft network" with a point-to-point link for each session.
_LINKS: Final = frozenset({"Edge", "Voice"})


@rule(
    "topology.session-addresses",
    "Session addresses are missing or wrong",
    basis=("002", "faqs.md (2019)"),
    portal=("IP address: ... must be ...",),
    word="addresses",
)
def session_addresses(subject: SessionSubject, context: Context) -> Iterator[Problem]:
    """A session has two public addresses in the prefix of its link.

    The prefix of a link is a /30 or a /31. At a route server, the partner supplies one address for
    itself and one for Microsoft, both in the LAN of the exchange. Until the connection is active,
    a finding is only information, because Microsoft mails addresses once the port is configured.

    What to do: correct the session's addresses, or wait for Microsoft's mail with them.

    Fires:
        session ams-1 peer=

        session ams-1 peer=192.0.2.1

        session ams-1 peer=10.0.0.0 prefix=10.0.0.0/31 microsoft=10.0.0.1

        session ams-1 prefix=192.0.2.8/31

        session ams-1 prefix=192.0.2.0/24

        connection ams-1 state=Approved
        session ams-1 peer= microsoft=

    Silent:
        # the default scenario, unchanged

        session ams-1 prefix=
    """
    session = subject.session
    declared = session.declared
    lacking = [key for key in ("peer", "microsoft") if getattr(declared, key) is None]
    wrong = list(_wrong_addresses(subject, context))
    if lacking or wrong:
        # Before the connection is in service, the addresses are not in use.
        connection = session.connection
        early = not connection.is_active and (not wrong or connection.state is not None)
        found = "; ".join(
            f"found {each}" for each in (*(f"no {key} address" for key in lacking), *wrong)
        )
        # The length of the link's prefix is what is found last.
        wanted = "a /30 or a /31" if _is_too_wide(declared, context) else None
        yield Problem(
            clause("on ", SubjectName.PLACE, f": {found}", is_long=wanted is None),
            wanted,
            severity=Severity.INFO if early else None,
        )


@hint(
    "topology.rs-mesh",
    "A route server's sessions outnumber its connections",
    stages="T",
    basis=("002",),
)
def rs_mesh() -> None:
    """At a route server, one connection becomes a mesh of sessions.

    Microsoft builds the mesh after the connection was created. The number of connections in the
    portal and the number of sessions on your routers therefore differ, which is correct.

    What to do: list every session that your routers show under its connection.
    """


@rule(
    "topology.connection-active",
    "Connections are not active",
    stages="T+R",
    needs=(Need.AZURE,),
    basis=("000", "002", "003", "004"),
    texts=(
        "000, 002, 003, 004, NOTE before registration: the connections are Active",
        "000, 004, NOTE at the button: one Active connection is enough",
        "003, NOTE at the button: the sessions are Active",
    ),
    portal=('(the button "Add registered prefix" is disabled)',),
    word="not active",
)
def connection_active(subject: PeeringSubject, _: Context) -> Iterator[Problem | Unknown]:
    """Connections are in service before anything is registered.

    The portal's button needs one active connection, the validation needs all of them. A connection
    that is not active is therefore a warning; if none is active, it is an error. Document 001 has
    no such note.

    What to do: wait until the portal shows the connection as Active, or ask Microsoft what it waits
    for.

    Fires:
        connection ams-1 state=Validating
        connection ams-2 state=Validating

        connection ams-1 state=Validating

        connection ams-1 state=Dreaming

    Silent:
        # the default scenario, unchanged

        connection ams-1 state=
    """
    connections = subject.peering.connections
    without_state = [each.name for each in connections if each.state is None]
    if without_state:
        yield undeclared(f"the state of {listed(without_state)}", "`state`")
    waiting = [each for each in connections if each.state is not None and not each.is_active]
    if not waiting:
        return
    none_active = not without_state and len(waiting) == len(connections)
    named = listed(f"{each.name} {each.state}{_is_new(each.state)}" for each in waiting)
    errors = (f"Azure says of {each.name}: {each.error}" for each in waiting if each.error)
    yield Problem(
        named,
        "Active",
        hint="; ".join(errors) or None,
        severity=Severity.ERROR if none_active else Severity.WARNING,
    )


@rule(
    "topology.session-established",
    "Session is not established",
    needs=(Need.AZURE,),
    basis=(FAQ,),
    word="not established",
)
def session_established(subject: ObservedSession, _: Context) -> Iterator[Problem | Unknown]:
    """BGP is established on every active connection.

    Once the bundle is up, your side configures BGP. The session state "Active" means that BGP is
    still trying to connect; the connection state "Active" means that the connection is in service.

    What to do: configure BGP at your end, with the addresses that Microsoft mailed.

    Fires:
        session ams-1 state=Active

        session ams-1 state=Idle

    Silent:
        # the default scenario, unchanged

        session ams-1 state=

        connection ams-1 state=Validating
        session ams-1 state=Idle
    """
    session = subject.session
    if session.connection.state is not None and not session.connection.is_active:
        return
    state = session.declared.state
    if state is None:
        if subject.source is None or not subject.source.counts.routes:
            yield undeclared(
                phrase("the state of session ", SubjectName.PLACE), "`state` of the session"
            )
    elif state.casefold() != "established":
        yield Problem(phrase(f"session state {state} on ", SubjectName.PLACE), "Established")


@rule(
    "topology.md5-set",
    "Session has an MD5 key",
    severity=Severity.WARNING,
    needs=(Need.AZURE,),
    basis=("policy.md",),
    word="MD5",
)
def md5_set(subject: SessionSubject, _: Context) -> Iterator[Problem | Unknown]:
    """The policy says that MD5 is not supported, although the portal accepts a key.

    What to do: remove the MD5 key from both ends of the session.

    Fires:
        session ams-1 md5_set=true

    Silent:
        # the default scenario, unchanged

        session ams-1 md5_set=
    """
    md5 = subject.session.declared.md5_set
    if md5 is None:
        yield undeclared(phrase("whether ", SubjectName.PLACE, " has an MD5 key"), "`md5_set`")
    elif md5:
        yield Problem(phrase("an MD5 key on ", SubjectName.PLACE), "none")


@rule(
    "topology.type-change",
    "Connection is being converted",
    stages="T+O",
    severity=Severity.WARNING,
    needs=(Need.AZURE,),
    basis=("howto-peering-service-voice-portal.md",),
    word="converting",
)
def type_change(subject: ConnectionSubject, _: Context) -> Iterator[Problem | Unknown]:
    """While a connection is converted to another type, nothing is changed.

    Do not register prefixes, and do not change bandwidth or connections. A conversion to voice
    needs redundant connections of equal bandwidth, all of them active, and BFD. It takes up to 48
    hours after approval.

    What to do: wait until the connection is Active again, and change nothing before.

    Fires:
        connection ams-1 state=TypeChangeRequested

        connection ams-1 state=ExternalBlocker

    Silent:
        # the default scenario, unchanged

        connection ams-1 state=
    """
    state = subject.connection.state
    if state is None:
        yield undeclared(phrase("the state of ", SubjectName.PLACE), "`state`")
    elif state.casefold() in _FROZEN:
        yield Problem(
            phrase(f"{state} on ", SubjectName.PLACE), "Active before anything is changed"
        )


def _is_new(state: str | None) -> str:
    known = state is not None and state.casefold() in _CONNECTION_STATES
    return "" if known else " (an unknown state)"


def _wrong_addresses(subject: SessionSubject, context: Context) -> Iterator[str]:
    session = subject.session.declared
    if session.peer is not None and session.peer == session.microsoft:
        yield f"{session.peer} at both ends"
    for address in dict.fromkeys((session.peer, session.microsoft)):
        if isinstance(address, IPv4Address):
            blocks = special_blocks(4, int(address), 32, context.criteria.allow)
            yield from (f"{address} of {block}" for block in blocks)
    network = _network(session.prefix)
    if session.prefix is not None and network is None:
        yield f"{session.prefix} as the link's prefix"
    if network is None:
        return
    for address in (session.peer, session.microsoft):
        if isinstance(address, IPv4Address) and address not in network:
            yield f"{address} outside {network}"
    if _is_too_wide(session, context):
        yield str(network)


def _is_too_wide(session: Session, context: Context) -> bool:
    """Whether the link's prefix has more addresses than a link needs."""
    network = _network(session.prefix)
    is_link = context.set_up.network in _LINKS
    return network is not None and is_link and network.prefixlen < SESSION_LENGTH_MIN.value


def _network(text: str | None) -> IPv4Network | None:
    try:
        network = None if text is None else ip_network(text)
    except ValueError:
        return None
    return network if isinstance(network, IPv4Network) else None
