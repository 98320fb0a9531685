"""Ways to tell the story in JSON: RIS Live and ExaBGP."""

from __future__ import annotations

import asyncio
import json
import os
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any, ClassVar, Final

from tests.feeds.doubles import ris_server
from tests.feeds.doubles.story import (
    LOCAL,
    LOCAL_ASN,
    PEER,
    PEER_ASN,
    ROUTER,
    SECOND,
    Differences,
    Step,
)
from tests.feeds.doubles.teller import Teller

from peerlint.feeds.exabgp import ExabgpFeed
from peerlint.feeds.ris_live import RisLiveFeed
from peerlint.model import Prefix, Route, View
from peerlint.model.aspath import SegmentType

if TYPE_CHECKING:
    from aiohttp import web

_FAMILIES: Final = {4: "ipv4", 6: "ipv6"}


class RisLive(Teller):
    """RIS Live, by a server that sends its published messages.

    It shows what a collector received, and only changes. Its messages have no large and no extended
    communities, no path identifiers, no End-of-RIB, and no address of the collector.
    """

    its = Differences(
        view=View.COLLECTOR,
        has_local=False,
        has_other_communities=False,
        has_path_ids=False,
        has_end_of_rib=False,
        begins_with_gap=True,
    )

    async def tell(self, step: Step) -> None:
        """Start the server, close a connection, or send a message."""
        if step.kind == "begin":
            self._todo: asyncio.Queue[ris_server.Step | None] = asyncio.Queue()
            script = [self._serve]
            self._server = ris_server.Server(script, script)
            await self._server.__aenter__()
            self.feed = self._feed = RisLiveFeed(
                ["203.0.113.0/24", "198.51.100.0/24", "2001:db8:113::/48"],
                url=self._server.url,
                now=self.now,
                sleep=lambda _: asyncio.sleep(0),
            )
        elif step.kind == "lost":
            self._todo.put_nowait(ris_server.close)
            self._todo.put_nowait(None)
        elif step.kind not in ("back", "complete"):
            self._todo.put_nowait(ris_server.message(self._data(step)))

    async def _serve(self, socket: web.WebSocketResponse) -> None:
        while (step := await self._todo.get()) is not None:
            await step(socket)

    def _data(self, step: Step) -> dict[str, object]:
        data: dict[str, object] = {
            "timestamp": self.said / SECOND,
            "peer": PEER,
            "peer_asn": str(PEER_ASN),
            "id": f"{PEER}-{self.number:016x}",
            "host": ROUTER,
            "type": "UPDATE",
        }
        if step.kind in ("up", "down"):
            state = "connected" if step.kind == "up" else "down"
            return data | {"type": "RIS_PEER_STATE", "state": state}
        prefix = step.text.partition(" ")[0]
        if step.kind == "withdraw":
            return data | {"announcements": [], "withdrawals": [prefix]}
        return data | {
            "path": _path_of_ris(step.route),
            "community": [[each.asn, each.value] for each in step.route.communities],
            "origin": "igp",
            "announcements": [{"next_hop": str(step.route.next_hop), "prefixes": [prefix]}],
            "withdrawals": [],
        }

    async def close(self) -> None:
        """Close the feed and the server."""
        self._todo.put_nowait(None)
        await self._feed.close()
        await self._server.__aexit__()


def _path_of_ris(route: Route) -> list[object]:
    path: list[object] = []
    for segment in route.path.segments:
        if segment.type is SegmentType.AS_SET:
            path.append(list(segment.asns))
        else:
            path += segment.asns
    return path


class Exabgp5(Teller):
    """ExaBGP 5, by lines in the form of `tests/vectors/exabgp`, through a pipe.

    The end of ExaBGP ends the feed: whoever starts it again has another pipe.
    """

    its = Differences(comes_back=False)
    version: ClassVar[str] = "5.0.0"

    async def tell(self, step: Step) -> None:
        """Open a pipe, close it, or write a line."""
        if step.kind in ("begin", "back"):
            self._read, self._write = os.pipe()
            self.feed = ExabgpFeed(self._read, view=self.its.view, now=self.now)
        elif step.kind == "lost":
            await self.close()
        else:
            os.write(self._write, json.dumps(self._line(step)).encode() + b"\n")

    def _line(self, step: Step) -> dict[str, object]:
        neighbor: dict[str, object] = {
            "address": {"local": LOCAL, "peer": PEER},
            "asn": {"local": LOCAL_ASN, "peer": PEER_ASN},
        }
        if step.kind in ("up", "down"):
            neighbor |= {"state": step.kind, "reason": "peer reset"}
        else:
            neighbor |= {"direction": "receive", "message": self._message(step)}
        return {
            "exabgp": self.version,
            "time": self.said / SECOND,
            "host": ROUTER,
            "pid": 4711,
            "ppid": 4700,
            "counter": self.number,
            "type": "state" if "state" in neighbor else "update",
            "neighbor": neighbor,
        }

    def _message(self, step: Step) -> dict[str, object]:
        if step.kind == "complete":
            return {"eor": {"afi": _FAMILIES[int(step.text)], "safi": "unicast"}}
        prefix = Prefix.parse(step.text.partition(" ")[0])
        family = f"{_FAMILIES[prefix.family]} unicast"
        nlri = {"nlri": str(prefix)}
        if self.has_path_ids:
            path_id = int(step.text.rpartition(" ")[2])
            nlri["path-information"] = str(IPv4Address(path_id))
        if step.kind == "withdraw":
            return {"update": {"withdraw": {family: [nlri]}}}
        announced = {family: {str(step.route.next_hop): [nlri]}}
        return {"update": {"attribute": self._attributes(step.route), "announce": announced}}

    def _attributes(self, route: Route) -> dict[str, object]:
        return {
            "origin": "igp",
            **self._path(route),
            "community": [[each.asn, each.value] for each in route.communities],
            "extended-community": [{"value": each.number} for each in route.extended_communities],
            "large-community": [
                [each.administrator, each.data1, each.data2] for each in route.large_communities
            ],
        }

    def _path(self, route: Route) -> dict[str, object]:
        names = {SegmentType.AS_SEQUENCE: "as-sequence", SegmentType.AS_SET: "as-set"}
        return {
            "as-path": {
                str(at): {"element": names[each.type], "value": list(each.asns)}
                for at, each in enumerate(route.path.segments)
            }
        }

    async def close(self) -> None:
        """Close the pipe."""
        os.close(self._write)


class Exabgp4(Exabgp5):
    """ExaBGP 4, which writes the sets of a path apart from its sequences."""

    version = "4.0.1"

    def _path(self, route: Route) -> dict[str, object]:
        kinds: dict[str, Any] = {"as-path": SegmentType.AS_SEQUENCE, "as-set": SegmentType.AS_SET}
        return {
            name: [asn for each in route.path.segments if each.type is kind for asn in each.asns]
            for name, kind in kinds.items()
        }
