"""Whether the sessions of the inventory are up, by what routers say of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

from peerlint.events import SessionDown, SessionUp
from peerlint.monitor.feed_peers import SessionClaim
from peerlint.monitor.feed_tables import FeedTables
from peerlint.monitor.signs_of_life import FeedOrRouter


@attrs.frozen
class SessionState:
    """Whether a session is up.

    Attributes:
        is_up: None if no router says it.
        up: how it was established last; None if no router says it.
        down: how it ended; None if it is not down.
    """

    is_up: bool | None = None
    up: SessionUp | None = None
    down: SessionDown | None = None


UNKNOWN = SessionState()


@attrs.frozen
class _RouterClaim:
    router: tuple[str, str]
    is_named: bool
    claim: SessionClaim


def session_states(
    feeds: Iterable[FeedTables], silent: Mapping[FeedOrRouter, str]
) -> dict[str, SessionState]:
    """Return the state of each session that a router says something of, by the session's id.

    Of both ends of a session, the one with the later event is right: the other one has not noticed
    yet; so of several feeds that show one router. If several routers of one end show it, it is on
    the one that the user calls by the name of the session's router; if there is none, nothing is
    known.

    Args:
        feeds: the tables of all feeds.
        silent: the routers and feeds that show no sign of life, by feed and router.
    """
    claims: dict[str, list[_RouterClaim]] = {}
    for tables in feeds:
        for (feed, router), state in tables.routers.items():
            if state.lost is not None or (feed, router) in silent or (feed, None) in silent:
                continue
            name = tables.argument_of(router).router
            for each in tables.peers.claims(feed, router):
                is_named = name is not None and name == each.session.connection.router
                found = claims.setdefault(each.session.id, [])
                found.append(_RouterClaim((feed, router), is_named, each))
    return {session: _state(found) for session, found in claims.items()}


def _state(claims: list[_RouterClaim]) -> SessionState:
    sound = [
        each
        for is_own in (True, False)
        for each in _of_one_router([one for one in claims if one.claim.is_own_router is is_own])
    ]
    if not sound:
        return UNKNOWN
    last = max((each.claim for each in sound), key=_time)
    return SessionState(last.down is None, last.up, last.down)


def _of_one_router(claims: list[_RouterClaim]) -> list[_RouterClaim]:
    """Return the claims of the router that the session is on; none if that is not known.

    Several feeds may show one router. If one of them shows the session in several of the router's
    instances, it is not known in which one it is.
    """
    named = [each for each in claims if each.is_named]
    chosen = named or claims
    shown: dict[tuple[str, str], set[int]] = {}
    for each in chosen:
        shown.setdefault(each.router, set()).add(each.claim.up.table.distinguisher)
    if not named and len(shown) > 1:
        return []
    return [each for each in chosen if len(shown[each.router]) == 1]


def _time(claim: SessionClaim) -> int:
    return claim.up.time if claim.down is None else claim.down.time
