"""FRRouting, which writes every message, only UPDATEs, and its RIB."""

import json
from pathlib import Path

from frr import Frr
from routers import Neighbor
from station import SINK_PORT

from daemons.peers import CONFEDERATE, CONFEDERATION


class RecordingFrr(Frr):
    """FRR in a confederation, which collects the speaker's routes."""

    def config(self) -> str:
        """Return the content of the configuration file."""
        neighbors = "\n".join(map(_neighbor, self.router.neighbors))
        active = "\n".join(
            f"  neighbor {neighbor.address} activate" for neighbor in self.router.neighbors
        )
        return f"""\
hostname {self.router.name}
dump bgp all {self.folder / "all.mrt"}
dump bgp updates {self.folder / "updates.mrt"}
router bgp {self.router.asn}
 bgp router-id {self.router.router_id}
 bgp confederation identifier {CONFEDERATION}
 bgp confederation peers {CONFEDERATE.asn}
 no bgp ebgp-requires-policy
{neighbors}
 address-family ipv4 unicast
{active}
 exit-address-family
 address-family ipv6 unicast
{active}
 exit-address-family
exit
"""

    def write(self) -> tuple[Path, ...]:
        """Write the RIB; return every file."""
        self.request_dump()
        return (self.folder / "all.mrt", self.folder / "updates.mrt", self.dump_file)

    def routes(self) -> str:
        """Return the daemon's list of all routes."""
        families = ("ipv4", "ipv6")
        tables = [self._ask(f"show bgp {family} unicast json") for family in families]
        return "\n".join(tables)

    def paths(self, prefix: str) -> list[dict[str, object]]:
        """Return the daemon's data about every path to a prefix."""
        family = "ipv6" if ":" in prefix else "ipv4"
        shown = json.loads(self._ask(f"show bgp {family} unicast {prefix} json"))
        return list(shown.get("paths", ()))


class BmpFrr(RecordingFrr):
    """FRR that sends BMP to a listener in its own namespace, and keeps what it received."""

    def config(self) -> str:
        """Return the content of the configuration file."""
        kept = "".join(
            f"  neighbor {neighbor.address} soft-reconfiguration inbound\n"
            for neighbor in self.router.neighbors
        )
        monitors = "".join(
            f"  bmp monitor {family} unicast {policy}-policy\n"
            for family in ("ipv4", "ipv6")
            for policy in ("pre", "post")
        )
        end = " exit-address-family\n"
        plain = super().config().replace(end, f"{kept}{end}").removesuffix("exit\n")
        return f"""\
{plain}\
 bmp targets station
  bmp stats interval 2000
{monitors}\
  bmp connect 127.0.0.1 port {SINK_PORT} min-retry 200 max-retry 400
 exit
exit
"""

    def command(self) -> tuple[str | Path, ...]:
        """Return the command that starts the daemon in the foreground, with its BMP module."""
        return (*super().command(), "-M", "bmp")


class RestartingFrr(BmpFrr):
    """FRR that keeps the routes of neighbors that restart."""

    def config(self) -> str:
        """Return the content of the configuration file."""
        head = f"router bgp {self.router.asn}\n"
        return super().config().replace(head, f"{head} bgp graceful-restart\n")


def _neighbor(neighbor: Neighbor) -> str:
    return f"""\
 neighbor {neighbor.address} remote-as {neighbor.asn}
 neighbor {neighbor.address} passive"""
