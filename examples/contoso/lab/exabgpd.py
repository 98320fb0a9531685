"""ExaBGP: routers of the customer's in the lab with BMP; it announces, and keeps no routes."""

import shutil
import sys
from pathlib import Path

from announcements import Announcement
from daemon import Daemon
from errors import LabError
from routers import Neighbor

_BESIDE = Path(sys.executable).with_name("exabgp")
#: ExaBGP writes no process file, needs no user of its own, and opens no pipe for commands.
_ENVIRONMENT = ("exabgp_daemon_user=root", "exabgp_api_cli=false", "exabgp_log_level=INFO")


def exabgp() -> str:
    """Return the program: the one beside this Python if there is one."""
    return str(_BESIDE) if _BESIDE.exists() else "exabgp"


class Exabgp(Daemon):
    """A router that runs ExaBGP."""

    programs = (exabgp(),)

    def config(self) -> str:
        """Return the contents of the configuration file."""
        return "\n".join(self._neighbor(neighbor) for neighbor in self.router.neighbors)

    def command(self) -> tuple[str | Path, ...]:
        """Return the command that starts the daemon in the foreground."""
        program = shutil.which(exabgp()) or exabgp()
        return ("env", *_ENVIRONMENT, program, self.config_file)

    def received(self, neighbor: Neighbor) -> int:
        """Raise an error: the daemon keeps no routes."""
        raise LabError(f"{self.router.name}: ExaBGP counts no routes from {neighbor.name}")

    def request_dump(self) -> None:
        """Raise an error: the daemon has no RIB."""
        raise LabError(f"{self.router.name}: ExaBGP has no RIB")

    def _neighbor(self, neighbor: Neighbor) -> str:
        routes = "\n".join(_route(self.router.asn, route) for route in self.router.originated)
        return f"""\
neighbor {neighbor.address} {{
  description "{neighbor.name}";
  router-id {self.router.router_id};
  local-address {neighbor.local_address};
  local-as {self.router.asn};
  peer-as {neighbor.asn};
  family {{
    ipv4 unicast;
  }}
  static {{
{routes}
  }}
}}
"""


def _route(asn: int, route: Announcement) -> str:
    # ExaBGP sends a path as it is given, and puts its own AS in front of no path.
    path = " ".join(str(each) for each in (asn, *route.path))
    words = [f"route {route.prefix}", "next-hop self", "origin igp", f"as-path [ {path} ]"]
    words += _communities("community", route.communities)
    words += _communities("large-community", route.large_communities)
    return f"    {' '.join(words)};"


def _communities(name: str, communities: tuple[tuple[int, ...], ...]) -> list[str]:
    if not communities:
        return []
    return [f"{name} [ {' '.join(':'.join(map(str, each)) for each in communities)} ]"]
