"""What two OPENs agree about graceful restart."""

from __future__ import annotations

from ipaddress import IPv4Address
from typing import Final

import attrs
import pytest

from peerlint.wire.bgp import Notification, Open
from peerlint.wire.capabilities import (
    Capability,
    FourOctetAs,
    GracefulRestart,
    RestartFlag,
    RouteRefresh,
)
from peerlint.wire.graceful_restart import NO_RESTART, RestartTerms, restart_only

IPV4: Final = ((1, 1, True),)
NOTIFICATION: Final = RestartFlag.NOTIFICATION
#: The speaker waits for others, and nobody has to wait for it.
HELPER: Final = GracefulRestart(90)
PLAIN: Final = GracefulRestart(120, families=IPV4)
#: A NOTIFICATION may begin a restart.
TOUGH: Final = GracefulRestart(120, NOTIFICATION, IPV4)


def said(*capabilities: Capability) -> Open:
    """Return an OPEN."""
    return Open(64500, 180, IPv4Address("192.0.2.1"), (FourOctetAs(64500), *capabilities))


@pytest.mark.parametrize(
    ("restarting", "other", "expected"),
    [
        (said(PLAIN), said(HELPER), RestartTerms(120)),
        (said(PLAIN), said(PLAIN), RestartTerms(120)),
        # RFC 4724 section 3: without families, others do not keep anything for it
        (said(HELPER), said(PLAIN), NO_RESTART),
        # both have to offer it, as far as that is known
        (said(), said(PLAIN), NO_RESTART),
        (said(PLAIN), said(), NO_RESTART),
        (None, said(PLAIN), NO_RESTART),
        (None, None, NO_RESTART),
        (said(PLAIN), None, RestartTerms(120)),
        # RFC 8538 section 4: both have to offer that a NOTIFICATION is no end
        (said(TOUGH), said(TOUGH), RestartTerms(120, survives_notification=True)),
        (said(TOUGH), said(PLAIN), RestartTerms(120)),
        (said(PLAIN), said(TOUGH), RestartTerms(120)),
        (said(TOUGH), None, RestartTerms(120)),
        # RFC 5492 section 4: the last one counts
        (said(PLAIN, attrs.evolve(PLAIN, time=9)), said(HELPER), RestartTerms(9)),
        (said(attrs.evolve(PLAIN, time=0)), said(HELPER), RestartTerms(0)),
    ],
)
def test_terms(restarting: Open | None, other: Open | None, expected: RestartTerms) -> None:
    """The time is that of the speaker that restarts, if the other one waits for it."""
    assert expected == RestartTerms.of(restarting, other)


@pytest.mark.parametrize(
    ("code", "subcode", "expected"),
    [
        (4, 0, True),  # Hold Timer Expired
        (6, 4, True),  # Administrative Reset
        (6, 6, True),  # Other Configuration Change
        (6, 1, False),  # Maximum Number of Prefixes Reached
        (6, 2, False),  # Administrative Shutdown
        (6, 3, False),  # Peer De-configured
        (6, 9, False),  # Hard Reset (RFC 8538 section 3)
        (3, 9, True),  # another code
    ],
)
def test_notifications(code: int, subcode: int, expected: bool) -> None:  # a row
    """A NOTIFICATION begins a restart only if both agreed, and not if it says that it is final."""
    message = Notification(code, subcode)

    assert expected is RestartTerms(120, survives_notification=True).allow(message)
    assert not RestartTerms(120).allow(message)
    assert not NO_RESTART.allow(message)


@pytest.mark.parametrize("offers", [(), (PLAIN,), (HELPER, TOUGH)])
def test_what_is_kept(offers: tuple[Capability, ...]) -> None:
    """What is kept of an OPEN says the same of restarts, and nothing else."""
    message = attrs.evolve(said(RouteRefresh(), *offers), parameters=((1, b"x" * 200),))

    found = restart_only(message)

    assert offers[-1:] == found.capabilities
    assert () == found.parameters
    assert RestartTerms.of(message, said(TOUGH)) == RestartTerms.of(found, said(TOUGH))
