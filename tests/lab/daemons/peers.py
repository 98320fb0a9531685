"""The neighbors that every daemon of these tests is configured with."""

import attrs
from routers import Neighbor, Router

from daemons.speaker import Session
from peerlint.wire.capabilities import GracefulRestart, RestartFlag

#: The daemon's own AS, and the AS of its confederation.
MEMBER = 64500
CONFEDERATION = 64499
#: The daemon's addresses.
IPV4 = "192.0.2.1"
IPV6 = "2001:db8::1"

PLAIN = Session("plain", 65550, "192.0.2.11", IPV4)
OLD = Session("old", 64502, "192.0.2.12", IPV4, four_octets=False)
CLIENT = Session("client", MEMBER, "192.0.2.13", IPV4)
CONFEDERATE = Session("confederate", 64512, "192.0.2.14", IPV4)
MANY = Session("many", 64505, "2001:db8::15", IPV6, add_path=True)
#: One that restarts gracefully (RFC 4724), also after a NOTIFICATION (RFC 8538).
RESTARTING = attrs.evolve(
    PLAIN, restart=GracefulRestart(120, RestartFlag.NOTIFICATION, ((1, 1, True),))
)
SESSIONS = (PLAIN, OLD, CLIENT, CONFEDERATE, MANY)


def router(name: str, sessions: tuple[Session, ...]) -> Router:
    """Return the configuration of a daemon."""
    neighbors = tuple(
        Neighbor(session.name, session.asn, session.address, session.neighbor)
        for session in sessions
    )
    return Router(name, MEMBER, neighbors, originated=(), transit=True)
