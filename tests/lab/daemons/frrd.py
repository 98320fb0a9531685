"""FRRouting, which writes every message, only UPDATEs, and its RIB."""

import json
from pathlib import Path

from frr import Frr
from routers import Neighbor

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


def _neighbor(neighbor: Neighbor) -> str:
    return f"""\
 neighbor {neighbor.address} remote-as {neighbor.asn}
 neighbor {neighbor.address} passive"""
