"""OpenBGPD, its portable edition: it learns routes and shows them, and installs none."""

import json
import signal
from pathlib import Path

from announcements import Announcement
from daemon import Daemon, wait_until
from routers import Neighbor

_BGPD = "/usr/sbin/bgpd"
_SENT_SECONDS = 10.0
_END_OF_RIB = b"\xff" * 16 + b"\x00\x17\x02\x00\x00\x00\x00"


class Openbgpd(Daemon):
    """An edge router that runs OpenBGPD, and keeps what it sends to Microsoft."""

    programs = (_BGPD, "bgpctl")
    private = "/run/openbgpd"

    def config(self) -> str:
        """Return the contents of the configuration file."""
        networks = "\n".join(_network(route) for route in self.router.originated)
        neighbors = "\n".join(self._neighbor(neighbor) for neighbor in self.router.neighbors)
        return f"""\
AS {self.router.asn}
router-id {self.router.router_id}
socket "{self._socket}"
fib-update no
dump rib "Loc-RIB" table-v2 "{self.dump_file}"
{networks}

{neighbors}
allow from any
allow to any
"""

    def command(self) -> tuple[str | Path, ...]:
        """Return the command that starts the daemon in the foreground."""
        return (_BGPD, "-d", "-v", "-f", self.config_file)

    def received(self, neighbor: Neighbor) -> int:
        """Return the number of routes from a neighbor; LabError if the session is not up."""
        answer = json.loads(self._ask("-j", "show", "neighbor", neighbor.address))
        return int(answer["neighbors"][0]["stats"]["prefixes"]["received"])

    def request_dump(self) -> None:
        """Ask the daemon to write its RIB; the alarm signal means a dump to it."""
        self.signal(signal.SIGALRM)

    def sent(self) -> bytes:
        """Every message to Microsoft in MRT, from the OPEN to the End-of-RIB."""
        if not wait_until(lambda: _END_OF_RIB in self._sent_file.read_bytes(), _SENT_SECONDS):
            raise self.error(f"sent no End-of-RIB in {_SENT_SECONDS:.0f} s")
        return self._sent_file.read_bytes()

    @property
    def _sent_file(self) -> Path:
        return self.folder / "sent.mrt"

    @property
    def _socket(self) -> Path:
        return self.folder / "bgpd.sock"

    def _ask(self, *command: str) -> str:
        return self.namespace.ask("bgpctl", "-s", self._socket, *command)

    def _neighbor(self, neighbor: Neighbor) -> str:
        dump = f'  dump all out "{self._sent_file}"\n' if neighbor.name == "microsoft" else ""
        return f"""\
neighbor {neighbor.address} {{
  remote-as {neighbor.asn}
  descr "{neighbor.name}"
  local-address {neighbor.local_address}
  passive
{dump}}}
"""


def _network(route: Announcement) -> str:
    words = [f"community {asn}:{value}" for asn, value in route.communities]
    words += [
        f"large-community {asn}:{first}:{second}" for asn, first, second in route.large_communities
    ]
    return f"network {route.prefix} set {{ {' '.join(words)} }}"
