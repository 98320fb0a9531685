"""Ways to tell the story: each writes the steps in the form that its feed reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from ipaddress import ip_network
from queue import SimpleQueue
from types import SimpleNamespace
from typing import Final

from tests.feeds.doubles.json_tellers import Exabgp4, Exabgp5, RisLive
from tests.feeds.doubles.story import (
    LOCAL,
    LOCAL_ASN,
    PEER,
    PEER_ASN,
    ROUTER,
    SECOND,
    Differences,
    Step,
    expected,
)
from tests.feeds.doubles.teller import Teller

import peerlint
from peerlint.events import Event
from peerlint.feeds.bmp import BmpListener
from peerlint.feeds.follow import FolderFeed
from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump

_FAMILIES: Final = {4: "ipv4", 6: "ipv6"}


class OwnFeed(Teller):
    """A user's own async generator, which can say everything."""

    async def tell(self, step: Step) -> None:
        """Start it, or hand it the step."""
        if step.kind == "begin":
            self._steps: asyncio.Queue[tuple[Step, int]] = asyncio.Queue()
            self.feed = self._generator()
        self._steps.put_nowait((step, self.number))

    async def _generator(self) -> AsyncIterator[Event]:
        while True:
            for event in expected(*await self._steps.get(), self.its):
                yield event


class Bmp(Teller):
    """A router that speaks BMP (RFC 7854), with our encoder.

    It is the one feed that says which router is lost: each has a connection of its own.
    """

    its = Differences(names_router=True)

    async def tell(self, step: Step) -> None:
        """Connect, close, or send messages."""
        if step.kind == "begin":
            allow = [ip_network(f"{ROUTER}/32")]
            self.feed = self._listener = BmpListener(ROUTER, 0, allow=allow, now=self.now)
            await self._listener.start()
        if step.kind in ("begin", "back"):
            _, self._writer = await asyncio.open_connection(ROUTER, self._listener.port)
            self._writer.write(BmpStream(timestamp=self.said).octets())
        elif step.kind == "lost":
            self._writer.close()
        else:
            self._writer.write(self._message(step))

    def _message(self, step: Step) -> bytes:
        peer = BmpPeer(PEER, PEER_ASN, LOCAL, LOCAL_ASN, add_path=self.has_path_ids)
        stream = BmpStream(timestamp=self.said)
        stream.messages.clear()  # its Initiation was sent
        match step.kind:
            case "up":
                stream.up(peer)
            case "down":
                stream.down(peer)
            case "announce":
                stream.announce(peer, step.route)
            case "withdraw":
                stream.withdraw(peer, step.route)
            case "complete":
                stream.end_of_rib(peer, int(step.text))
        return stream.octets()

    async def close(self) -> None:
        """Close the connection and the listener."""
        self._writer.close()
        await self._listener.close()


class Follow(Teller):
    """A collector that writes MRT files (RFC 6396) into a folder.

    The time of an event is that of its record, so that old files give the same events as new ones.
    After the folder was lost there is nothing to go on from: it begins with a table again.
    """

    its = Differences(time_is_header_time=True)

    async def tell(self, step: Step) -> None:
        """Begin a table, remove the folder, or append a record."""
        mrt, session = UpdateDump(timestamp=self.said), self._session
        where = self.folder / "mrt"
        match step.kind:
            case "begin" | "back":
                where.mkdir()
                (where / "rib").write_bytes(RibDump(timestamp=self.said).octets())
                mrt.state_change(session, 1, 2)  # a session that is tried: no event
            case "lost":
                where.rename(self.folder / "away")
                return
            case "up":
                mrt.state_change(session)
            case "down":
                mrt.state_change(session, 6, 1)
            case "announce":
                mrt.announce(session, step.route)
            case "withdraw":
                mrt.withdraw(session, step.route)
            case "complete":
                mrt.end_of_rib(session, int(step.text))
        with (where / "updates").open("ab") as file:
            file.write(mrt.octets())
        if step.kind == "begin":
            self.feed = FolderFeed(
                where,
                router_of=lambda _: ROUTER,
                view=self.its.view,
                settle=0,
                now=self.now,
                wait=lambda _: asyncio.sleep(0),
            )

    @property
    def _session(self) -> FeedSession:
        return FeedSession(PEER, PEER_ASN, LOCAL, LOCAL_ASN, add_path=self.has_path_ids)


class Bgpstream(Teller):
    """The elements of pybgpstream 2, by a double; the library has no more than this.

    The time of an event is that of its element, so that the past can be replayed. It drops the
    router's side of a session, large and extended communities, path identifiers and the End-of-RIB.
    """

    its = Differences(
        time_is_header_time=True,
        has_header_time=False,
        has_local=False,
        has_peer_asn=False,
        has_other_communities=False,
        has_path_ids=False,
        has_end_of_rib=False,
        comes_back=False,
    )

    async def tell(self, step: Step) -> None:
        """Hand an element to the thread that waits for it, or let the library fail."""
        if step.kind in ("begin", "back"):
            self._queue: SimpleQueue[object] = SimpleQueue()
            self.feed = peerlint.from_bgpstream(self._elements(self._queue), view=self.its.view)
        elif step.kind == "lost":
            self._queue.put(None)
        elif step.kind != "complete":
            kind, fields = self._element(step)
            record = SimpleNamespace(router=ROUTER, collector="rrc00", dump_time=0, status="valid")
            element = SimpleNamespace(
                record=record,
                type=kind,
                fields=fields,
                time=self.said / SECOND,
                peer_address=PEER,
                peer_asn=PEER_ASN,
            )
            self._queue.put(element)

    @staticmethod
    def _elements(queue: SimpleQueue[object]) -> Iterator[object]:
        while (element := queue.get()) is not None:
            yield element
        raise RuntimeError("Could not get next record (is the stream started?)")

    @staticmethod
    def _element(step: Step) -> tuple[str, dict[str, object]]:
        states = "OPENCONFIRM", "ESTABLISHED", "IDLE"
        if step.kind in ("up", "down"):
            at = step.kind == "down"
            return "S", {"old-state": states[at], "new-state": states[at + 1]}
        prefix = step.text.partition(" ")[0]
        if step.kind == "withdraw":
            return "W", {"prefix": prefix}
        return "A", {
            "prefix": prefix,
            "next-hop": str(step.route.next_hop),
            "as-path": str(step.route.path),
            "communities": set(map(str, step.route.communities)),
        }

    async def close(self) -> None:
        """Let the thread end."""
        self._queue.put(None)


TELLERS: Final[dict[str, Callable[..., Teller]]] = {
    "own feed": OwnFeed,
    "bmp": Bmp,
    "follow": Follow,
    "bgpstream": Bgpstream,
    "ris-live": RisLive,
    "exabgp 4": Exabgp4,
    "exabgp 5": Exabgp5,
}
