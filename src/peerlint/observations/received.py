"""What Microsoft says it received: an export of Azure's as a source of routes.

A row is a prefix on a session, which its next hop tells. There are no communities in it, its path
may be missing, and a page ends after about 100 rows of a session.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Final

import attrs

from peerlint.errors import InputError
from peerlint.inventory import Inventory, SessionRef
from peerlint.inventory.azure import Export, ReceivedRoute
from peerlint.model import AsPath, Criteria, Prefix, Route, View
from peerlint.observations.observation import Observation, Validation
from peerlint.observations.session_routes import SessionCounts
from peerlint.observations.sessions import SessionMatch, session_match
from peerlint.observations.sources import (
    Coverage,
    SessionSource,
    SourceSummary,
    kept_unmapped_peers,
)
from peerlint.redaction import without_keys
from peerlint.wire.damage import KEPT_DAMAGE, Damage, Quality

#: So many rows of a session, or more, and there may be others on a page that was not asked for
#: (help of Get-AzPeeringReceivedRoute: "top 100").
PAGE: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
#: How Windows PowerShell 5.1 prints a time: milliseconds since 1970, in UTC whatever follows.
_DATE: Final = re.compile(r"/Date\((-?[0-9]+)(?:[+-][0-9]{4})?\)/")
_DIGITS: Final = 20


@attrs.frozen
class _Row:
    """A row with its place in the file; `route` is what is wrong with it if it cannot be read."""

    at: int
    said: ReceivedRoute
    route: Route | Damage


def received(
    export: Export,
    octets: bytes,
    file: str,
    inventory: Inventory,
    criteria: Mapping[str, Criteria],
) -> tuple[SourceSummary, dict[str, tuple[SessionSource, ...]]]:
    """File the received routes of one export by session, as a `received` view.

    Args:
        export: what the file says.
        octets: the file, to tell where in it a row is.
        file: its name.
        inventory: the sessions.
        criteria: what routes are measured against, by the name of the peering.

    Returns:
        What the export says as a whole and of each session. A session without a row is not in
        it: the export may be of another peering.
    """
    rows = tuple(_rows(export.received, octets))
    damage = tuple(row.route for row in rows if isinstance(row.route, Damage))
    lost = sum(each.octets for each in damage)
    quality = Quality(
        octets=len(octets),
        records=len(rows),
        entries=len(rows) - len(damage),
        read=len(octets) - lost,
        lost=lost,
        damages=len(damage),
        damage=damage[:KEPT_DAMAGE],
    )
    sessions = {
        session.declared.peer: session for session in inventory.sessions if session.declared.peer
    }
    by_session: dict[str, tuple[SessionRef, list[_Row]]] = {}
    routes: dict[str, int] = {}
    for row in rows:
        address = _address(row.said.next_hop)
        session = None if address is None else sessions.get(address)
        if session is None:
            name = without_keys(row.said.next_hop or "no next hop")
            routes[name] = routes.get(name, 0) + 1
        else:
            by_session.setdefault(session.id, (session, []))[1].append(row)
    # Rows without a prefix or an address may be of any session.
    is_placed = all(_address(row.said.next_hop) is not None for row in rows)
    is_whole = is_placed and not damage and not export.lost and not export.unfinished
    sources: dict[str, tuple[SessionSource, ...]] = {
        session_id: (_source(session, found, file, criteria, export, is_whole=is_whole),)
        for session_id, (session, found) in by_session.items()
    }
    unmapped_peers, more_unmapped_peers = kept_unmapped_peers(routes)
    summary = SourceSummary(
        file,
        tuple((session_id, View.RECEIVED) for session_id in sources),
        _best(each.coverage for found in sources.values() for each in found),
        quality,
        unmapped_peers=unmapped_peers,
        more_unmapped_peers=more_unmapped_peers,
        remarks=tuple(_remarks(export, sources)),
    )
    return summary, sources


def _source(
    session: SessionRef,
    rows: list[_Row],
    file: str,
    criteria: Mapping[str, Criteria],
    export: Export,
    *,
    is_whole: bool,
) -> SessionSource:
    seen = session_match(session, View.RECEIVED)
    routes = [(row, row.route) for row in rows if isinstance(row.route, Route)]
    truncated = bool(export.unfinished) or len(rows) >= PAGE
    return SessionSource(
        file,
        View.RECEIVED,
        Coverage.COMPLETE if is_whole and not truncated else Coverage.PARTIAL,
        SessionCounts(len(routes), ipv6=sum(route.prefix.family == 6 for _, route in routes)),
        tuple(
            _observation(row, route, seen, criteria[session.peering.name], file)
            for row, route in routes
        ),
        truncated,
    )


def _observation(
    row: _Row, route: Route, seen: SessionMatch, criteria: Criteria, file: str
) -> Observation:
    said = row.said
    found = attrs.evolve(
        Observation.of(seen, route, criteria, file, row.at), shows_communities=False
    )
    if said.as_path is None:
        found = found.without_path(criteria)
    if said.rpki_state is None and said.origin_state is None:
        return found
    return attrs.evolve(found, validation=Validation(said.rpki_state, said.origin_state))


def _best(coverages: Iterator[Coverage]) -> Coverage:
    return min(coverages, key=list(Coverage).index, default=Coverage.NONE)


def _remarks(export: Export, sources: Mapping[str, tuple[SessionSource, ...]]) -> Iterator[str]:
    yield from export.remarks
    if not export.received:
        yield "no received route in it: nothing follows from that for any session"
    if export.resources:
        yield f"{export.resources}: no received routes, ignored"
    if export.unfinished:
        yield "it ends with a link to a next page: what it does not have may be there"
    elif any(each.truncated for found in sources.values() for each in found):
        yield f"{PAGE} rows or more of a session: what it does not have may be on a next page"


# -- rows


def _rows(said: tuple[ReceivedRoute, ...], octets: bytes) -> Iterator[_Row]:
    at = 0
    for each in said:
        found = octets.find(f'"{each.prefix}"'.encode(), at)
        # Another encoding, or escapes: then the last place is near enough.
        at = found + 1 if found >= 0 else at
        yield _Row(at, each, _route(each, at))


def _route(said: ReceivedRoute, at: int) -> Route | Damage:
    try:
        return Route(
            Prefix.parse(said.prefix),
            AsPath.parse(said.as_path or ""),
            next_hop=_address(said.next_hop),
            timestamp=_microseconds(said.timestamp),
        )
    except InputError as error:
        found = str(error.found)
        shown = without_keys(repr(found))
        return Damage(at, len(found.encode()), f"{error.what}: {error.expected}", shown)


def _address(text: str | None) -> IPv4Address | IPv6Address | None:
    try:
        return None if text is None else ip_address(text)
    except ValueError:
        return None


def _microseconds(text: str | None) -> int | None:
    """Return microseconds since 1970; Azure writes seven digits of a second."""
    of_powershell = _DATE.fullmatch(text or "")
    try:
        if of_powershell is not None:
            when = _EPOCH + timedelta(milliseconds=int(of_powershell[1][:_DIGITS]))
        else:
            when = datetime.fromisoformat(text or "")
    except (ValueError, OverflowError):
        return None
    when = when if when.tzinfo is not None else when.replace(tzinfo=UTC)
    return (when - _EPOCH) // _MICROSECOND
