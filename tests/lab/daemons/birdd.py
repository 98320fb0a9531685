"""BIRD 2, which writes every message, every change of state and its two RIBs."""

from pathlib import Path

from bird import Bird
from routers import Neighbor

from daemons.peers import CONFEDERATE, CONFEDERATION, MANY


class RecordingBird(Bird):
    """BIRD in a confederation, which collects the speaker's routes."""

    def config(self) -> str:
        """Return the content of the configuration file."""
        neighbors = "\n".join(map(self._neighbor, self.router.neighbors))
        return f"""\
router id {self.router.router_id};
log stderr all;
mrtdump "{self.folder / "messages.mrt"}";
mrtdump protocols all;
protocol device {{ }}
{neighbors}"""

    def write(self) -> tuple[Path, ...]:
        """Write the RIBs; return every file."""
        ribs = {table: self.folder / f"{table}.mrt" for table in ("master4", "master6")}
        for table, target in ribs.items():
            self._ask("mrt", "dump", "table", f'"{table}"', "to", f'"{target}"')
        return (self.folder / "messages.mrt", *ribs.values())

    def routes(self) -> str:
        """Return the daemon's list of all routes."""
        return self._ask("show", "route", "all")

    def _neighbor(self, neighbor: Neighbor) -> str:
        confederate = neighbor.name == CONFEDERATE.name or neighbor.asn == self.router.asn
        member = "confederation member yes;" if confederate else ""
        add_path = "add paths rx;" if neighbor.name == MANY.name else ""
        channels = "\n".join(
            f"  ipv{family} {{ import all; export none; extended next hop yes; {add_path} }};"
            for family in (4, 6)
        )
        return f"""\
protocol bgp from_{neighbor.name} {{
  local {neighbor.local_address} as {self.router.asn};
  neighbor {neighbor.address} as {neighbor.asn};
  confederation {CONFEDERATION}; {member}
  passive yes;
  error wait time 1, 2;
  enable extended messages yes;
{channels}
}}
"""
