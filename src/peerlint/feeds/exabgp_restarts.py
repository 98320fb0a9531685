"""Graceful restart (RFC 4724) in what ExaBGP writes: offers in OPENs, and how sessions end.

ExaBGP writes OPENs only if its configuration asks for them (`receive { parsed; open; }`), and does
not write whether a NOTIFICATION may begin a restart: it is read as one that may not.
"""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Final

from peerlint.errors import InputError
from peerlint.feeds.json_values import Json, a_number, an_object

#: The code of the capability, as a key.
_CODE: Final = "64"
_LONGEST: Final = 4095
#: The directions of messages that ExaBGP sends.
_SENT: Final = ("send", "out")
#: How many OPENs without an established session are remembered.
_REMEMBERED: Final = 1024
#: A NOTIFICATION in the reason of an end, by its error code and subcode.
_NOTIFICATION: Final = re.compile(r"notification (?:sent|received) \([0-9]+, ?[0-9]+\)")


def is_restart_possible(reason: str) -> bool:
    """Return whether a restart may have begun when a session ended for a reason of ExaBGP."""
    return _NOTIFICATION.search(reason) is None


class RestartOffers:
    """What OPENs offer for sessions that are not established yet."""

    def __init__(self) -> None:
        """Start without OPENs."""
        #: The seconds by router and peer; None without an offer.
        self._received: dict[tuple[str, str], int | None] = {}
        #: Whether ExaBGP offers to wait, by router and peer.
        self._sent: dict[tuple[str, str], bool] = {}

    def note(self, router: str, message: Json) -> None:
        """Note a message with an OPEN; one that cannot be read offers nothing, and hides no route.

        Args:
            router: the router's name.
            message: the message.
        """
        neighbor = message.get("neighbor")
        if not isinstance(neighbor, dict):
            return
        key = router, _peer(neighbor)
        if neighbor.get("direction") in _SENT:
            self._sent[key] = _CODE in _capabilities(neighbor)
        else:
            self._received[key] = _seconds(neighbor)
        for each in (self._sent, self._received):
            if len(each) > _REMEMBERED:
                del each[next(iter(each))]

    def take(self, router: str, neighbor: Json) -> int | None:
        """Return for how many seconds a peer that restarts is waited for; None if it is not.

        Args:
            router: the router's name.
            neighbor: the content of the message that says that its session is established.
        """
        key = router, _peer(neighbor)
        seconds = self._received.pop(key, None)
        return seconds if self._sent.pop(key, True) else None


def _peer(neighbor: Json) -> str:
    address = neighbor.get("address")
    return str(address.get("peer")) if isinstance(address, dict) else ""


def _capabilities(neighbor: Json) -> Json:
    with suppress(InputError):
        return an_object(an_object(neighbor, "open"), "capabilities")
    return {}


def _seconds(neighbor: Json) -> int | None:
    """Return the time that a peer offers, if others keep its routes of some family meanwhile."""
    with suppress(InputError):
        offer = an_object(_capabilities(neighbor), _CODE)
        seconds = a_number("time", offer.get("time"))
        if an_object(offer, "address-family-flags") and seconds <= _LONGEST:
            return seconds
    return None
