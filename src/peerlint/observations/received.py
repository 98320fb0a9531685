"""Azure's export of received routes as a source.

A row of the export is a prefix on one session, which is identified by the next hop. A row has no
communities, its path may be missing, and a page of results ends after about 100 rows of a session.
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
from peerlint.observations.coverage import BEST_COVERAGE_FIRST, Coverage
from peerlint.observations.observation import Observation, Validation
from peerlint.observations.session_routes import SessionCounts
from peerlint.observations.sessions import SessionMatch, session_match
from peerlint.observations.sources import (
    SessionSource,
    SourceReading,
    SourceSummary,
    kept_unmapped_peers,
)
from peerlint.redaction import without_keys
from peerlint.wire.damage import KEPT_DAMAGE, Damage, Quality

#: If a session has so many rows or more, there may be others on a next page of results that the
#: export does not have (help of Get-AzPeeringReceivedRoute: "top 100").
PAGE: Final = 100
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
#: The form in which Windows PowerShell 5.1 prints a time: milliseconds since 1970 in UTC; an offset
#: that follows does not change the time.
_DATE: Final = re.compile(r"/Date\((-?[0-9]+)(?:[+-][0-9]{4})?\)/")
_DIGITS: Final = 20


@attrs.frozen
class _Row:
    """A row of the export.

    Attributes:
        at: its offset in the file, in octets.
        fields: the row as it is in the export.
        route: the route, or what cannot be read.
    """

    at: int
    fields: ReceivedRoute
    route: Route | Damage


def received(
    export: Export,
    octets: bytes,
    file: str,
    inventory: Inventory,
    criteria: Mapping[str, Criteria],
) -> SourceReading:
    """Return the received routes of an export as sources in the `received` view.

    Args:
        export: the content of the file.
        octets: the file, in which the offset of a row is found.
        file: its name.
        inventory: the sessions.
        criteria: the limits that routes are compared with, by the name of the peering.

    Returns:
        The summary of the export, and the sources of each session by the session's id. A session
        without a row has no source: the export may be of another peering.
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
        address = _address(row.fields.next_hop)
        session = None if address is None else sessions.get(address)
        if session is None:
            name = without_keys(row.fields.next_hop or "no next hop")
            routes[name] = routes.get(name, 0) + 1
        else:
            by_session.setdefault(session.id, (session, []))[1].append(row)
    # Rows without a prefix or an address may be of any session.
    has_sessions = all(_address(row.fields.next_hop) is not None for row in rows)
    is_whole = has_sessions and not damage and not export.lost and not export.unfinished
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
    return SourceReading(summary, sources)


def _source(
    session: SessionRef,
    rows: list[_Row],
    file: str,
    criteria: Mapping[str, Criteria],
    export: Export,
    *,
    is_whole: bool,
) -> SessionSource:
    match = session_match(session, View.RECEIVED)
    routes = [(row, row.route) for row in rows if isinstance(row.route, Route)]
    truncated = bool(export.unfinished) or len(rows) >= PAGE
    return SessionSource(
        file,
        View.RECEIVED,
        Coverage.COMPLETE if is_whole and not truncated else Coverage.PARTIAL,
        SessionCounts(len(routes), ipv6=sum(route.prefix.family == 6 for _, route in routes)),
        tuple(
            _observation(row, route, match, criteria[session.peering.name], file)
            for row, route in routes
        ),
        truncated,
    )


def _observation(
    row: _Row, route: Route, match: SessionMatch, criteria: Criteria, file: str
) -> Observation:
    fields = row.fields
    found = attrs.evolve(
        Observation.of(match, route, criteria, file, row.at), shows_communities=False
    )
    if fields.as_path is None:
        found = found.without_path(criteria)
    if fields.rpki_state is None and fields.origin_state is None:
        return found
    return attrs.evolve(found, validation=Validation(fields.rpki_state, fields.origin_state))


def _best(coverages: Iterator[Coverage]) -> Coverage:
    return min(coverages, key=BEST_COVERAGE_FIRST.index, default=Coverage.NONE)


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


def _rows(routes: tuple[ReceivedRoute, ...], octets: bytes) -> Iterator[_Row]:
    at = 0
    for each in routes:
        found = octets.find(f'"{each.prefix}"'.encode(), at)
        # If the prefix is escaped or in another encoding, the offset of the row before it is used.
        at = found + 1 if found >= 0 else at
        yield _Row(at, each, _route(each, at))


def _route(fields: ReceivedRoute, at: int) -> Route | Damage:
    try:
        return Route(
            Prefix.parse(fields.prefix),
            AsPath.parse(fields.as_path or ""),
            next_hop=_address(fields.next_hop),
            timestamp=_microseconds(fields.timestamp),
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
    """Return microseconds since 1970, None for another text; Azure writes seven decimals."""
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
