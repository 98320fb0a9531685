"""The faults of the example as BMP shows them: streams, and what a check finds in them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Final

import attrs

import peerlint
from peerlint import Inventory, Report, Severity
from peerlint.api.feeds import FeedInput
from peerlint.events import Announce, Event, SessionDown, SessionUp, Withdraw
from peerlint.feeds.bmp import RouterStream
from peerlint.inventory import SessionRef
from peerlint.model import AsPath, Prefix, Route, View
from peerlint.observations import RibArgument
from peerlint.testing.bmp import BmpPeer, BmpStream

ROOT: Final = Path(__file__).resolve().parents[2]
CONTOSO: Final = ROOT / "examples" / "contoso"
#: What the lab's routers sent.
STREAMS: Final = ROOT / "tests" / "conformance" / "streams"
#: When all events come, in microseconds.
_TIME: Final = 1_795_219_200_000_000
#: FRRouting sends neither End-of-RIB nor counts of routes, so the inventory says when all is known.
_WITHOUT_END: Final = ("ams-1", "ams-2")
#: Prefix, session and rule.
Found = set[tuple[str | None, str | None, str]]


def inventory_with_sync(folder: Path, quiet: str, sessions: Iterable[str] = _WITHOUT_END) -> Path:
    """Write the example's inventory, in which quiet sessions are complete, and return its file."""
    text = (CONTOSO / "peering.toml").read_text(encoding="utf-8")
    inventory = peerlint.load_inventory(CONTOSO / "peering.toml")
    for session in inventory.sessions:
        if session.id in sessions:
            line = f'microsoft = "{session.declared.microsoft}"\n'
            assert line in text
            text = text.replace(line, f'{line}sync = "quiet:{quiet}"\n')
    file = folder / "peering.toml"
    file.write_text(text, encoding="utf-8")
    return file


def check_streams(inventory: Inventory, streams: Mapping[str, bytes]) -> Report:
    """Check an inventory against BMP streams that were recorded, by the names of their routers."""

    async def events() -> AsyncIterator[Event]:
        for router, octets in streams.items():
            for event in RouterStream(router, feed="bmp").feed(octets, _TIME):
                yield event

    def argument_of(router: str) -> RibArgument:
        return RibArgument(router, router=router if router in inventory.routers else None)

    feed = FeedInput(events(), "bmp", argument_of, is_live=False)
    return peerlint.check(inventory, feeds=[feed], now="2026-11-21T00:10:00Z")


def found(report: Report) -> Found:
    """Return (prefix, session, rule) of every error of a report."""
    return {
        (finding.subject.prefix, finding.subject.session, finding.rule)
        for finding in report.failed(Severity.ERROR)
    }


def unknown_rules(report: Report) -> Found:
    """Return (prefix, session, rule) of everything that is unknown."""
    return {
        (finding.subject.prefix, finding.subject.session, finding.rule)
        for finding in report.findings
        if finding.outcome is peerlint.Outcome.UNKNOWN
    }


def unknown_cells(report: Report) -> set[tuple[str | None, str | None]]:
    """Return (prefix, session) of everything that is unknown."""
    return {(prefix, session) for prefix, session, _ in unknown_rules(report)}


@attrs.frozen
class Announced:
    """The routes that a session's own side announced, as a router of Microsoft's received them."""

    session: SessionRef
    routes: tuple[Route, ...]

    @property
    def router(self) -> str:
        """The router that announced them."""
        assert self.session.connection.router is not None
        return self.session.connection.router

    def stream(self, view: View) -> bytes:
        """Return what the router would send in BMP, with an End-of-RIB.

        Only what is sent has the router's own AS in front (RFC 8671 section 5, RFC 9069).
        """
        session, asn = self.session.declared, self.session.peering.asn
        assert session.microsoft is not None
        assert session.peer is not None
        if view is View.LOC_RIB:
            peer = BmpPeer(session.peer, asn, session.peer, asn, view=view)
        else:
            peer = BmpPeer(session.microsoft, 8075, session.peer, asn, view=view)
        routes = self.routes if view is View.SENT else tuple(map(_without_own_as, self.routes))
        stream = BmpStream(self.router).up(peer)
        return stream.announce(peer, *routes).end_of_rib(peer).octets()


def _without_own_as(route: Route) -> Route:
    return attrs.evolve(route, path=AsPath.parse(str(route.path).partition(" ")[2]))


def announced(inventory: Inventory) -> tuple[Announced, ...]:
    """Return the routes of every session, from the Adj-RIB-In of Microsoft's routers in the lab."""
    tables: dict[str, dict[Prefix, Route]] = {}
    for router in ("microsoft.ams", "microsoft.fra"):
        octets = (STREAMS / f"{router}.bmp").read_bytes()
        for event in RouterStream(router).feed(octets, _TIME):
            _apply(event, tables)
    return tuple(
        Announced(each, tuple(tables[str(each.declared.peer)].values()))
        for each in inventory.sessions
    )


def _apply(event: Event, tables: dict[str, dict[Prefix, Route]]) -> None:
    if event.table is None or event.table.is_post_policy:
        return
    table = tables.setdefault(str(event.table.peer), {})
    if isinstance(event, SessionUp | SessionDown):
        table.clear()
    elif isinstance(event, Announce):
        table[event.route.prefix] = event.route
    elif isinstance(event, Withdraw):
        table.pop(event.prefix, None)
