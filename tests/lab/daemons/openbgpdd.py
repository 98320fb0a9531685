"""OpenBGPD, which writes messages, and its RIB in each of its three formats."""

from pathlib import Path

from openbgpd import Openbgpd
from routers import Neighbor

from daemons.peers import MANY

_TABLES = ("table", "table-mp", "table-v2")


class RecordingOpenbgpd(Openbgpd):
    """OpenBGPD, which collects the speaker's routes."""

    def config(self) -> str:
        """Return the content of the configuration file."""
        neighbors = "\n".join(map(self._recorded, self.router.neighbors))
        tables = "\n".join(
            f'dump rib "Adj-RIB-In" {form} "{self.folder / form}.mrt"' for form in _TABLES
        )
        return f"""\
AS {self.router.asn}
router-id {self.router.router_id}
socket "{self._socket}"
fib-update no
{tables}
dump all in "{self.folder}/all.mrt"
dump all out "{self.folder}/sent.mrt"
dump updates in "{self.folder}/updates.mrt"
{neighbors}
allow from any
allow to any
"""

    def write(self) -> tuple[Path, ...]:
        """Write the RIB; return every file."""
        self.request_dump()
        return tuple(self.folder / f"{name}.mrt" for name in ("all", "sent", "updates", *_TABLES))

    def routes(self) -> str:
        """Return the daemon's list of all routes."""
        return self._ask("show", "rib", "in", "detail")

    def _recorded(self, neighbor: Neighbor) -> str:
        add_path = "  announce add-path recv yes\n" if neighbor.name == MANY.name else ""
        return f"""\
neighbor {neighbor.address} {{
  remote-as {neighbor.asn}
  descr "{neighbor.name}"
  local-address {neighbor.local_address}
  announce IPv4 unicast
  announce IPv6 unicast
{add_path}  passive
}}
"""
