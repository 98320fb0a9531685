"""GoBGP, which writes UPDATEs and its RIB."""

import json
from pathlib import Path

from gobgp import Gobgp
from routers import Neighbor
from station import SINK_PORT

from daemons.peers import MANY

_TABLE_SECONDS = 60  # gobgpd accepts no shorter interval, and writes no RIB on demand
#: Relative, because the whole name is a layout of Go's `time`, which replaces digits by the date's.
_UPDATES = "updates.mrt"


class RecordingGobgp(Gobgp):
    """GoBGP, which collects the speaker's routes."""

    def config(self) -> str:
        """Return the content of the configuration file."""
        neighbors = "\n".join(map(_neighbor, self.router.neighbors))
        return f"""\
[global.config]
as = {self.router.asn}
router-id = "{self.router.router_id}"

[[mrt-dump]]
[mrt-dump.config]
dump-type = "table"
file-name = "{self.dump_file}"
dump-interval = {_TABLE_SECONDS}

[[mrt-dump]]
[mrt-dump.config]
dump-type = "updates"
file-name = "{_UPDATES}"

{neighbors}"""

    def command(self) -> tuple[str | Path, ...]:
        """Return the command that starts the daemon in the foreground, in its folder."""
        return ("env", f"--chdir={self.folder}", *super().command())

    def write(self) -> tuple[Path, ...]:
        """Do nothing, the daemon writes at its own interval; return every file."""
        return (self.folder / _UPDATES, self.dump_file)

    def routes(self) -> str:
        """Return the daemon's list of all routes."""
        return "\n".join(map(json.dumps, self.tables()))

    def tables(self) -> list[dict[str, list[dict[str, object]]]]:
        """Return the paths to every prefix, IPv4 and IPv6."""
        return [
            json.loads(self._ask("global", "rib", "-a", family, "--json"))
            for family in ("ipv4", "ipv6")
        ]


class BmpGobgp(RecordingGobgp):
    """GoBGP that sends BMP to a listener in its own namespace."""

    def config(self) -> str:
        """Return the content of the configuration file."""
        return f"""\
{super().config()}
[[bmp-servers]]
[bmp-servers.config]
address = "127.0.0.1"
port = {SINK_PORT}
route-monitoring-policy = "all"
statistics-timeout = 15
"""


class RestartingGobgp(BmpGobgp):
    """GoBGP that keeps the routes of neighbors that restart."""

    def config(self) -> str:
        """Return the content of the configuration file."""
        head = "[neighbors.transport.config]"
        restart = "[neighbors.graceful-restart.config]\nenabled = true\nrestart-time = 90\n"
        return super().config().replace(head, f"{restart}{head}")


class OriginatingGobgp(RecordingGobgp):
    """GoBGP that originates a route, which its RIB dump has with an invalid peer index."""

    def write(self) -> tuple[Path, ...]:
        """Originate the route before the daemon writes its RIB; return that file."""
        self._ask("global", "rib", "add", "198.51.100.240/28")
        return (self.dump_file,)


def _neighbor(neighbor: Neighbor) -> str:
    add_path = "true" if neighbor.name == MANY.name else "false"
    families = "\n".join(
        f"""\
[[neighbors.afi-safis]]
[neighbors.afi-safis.config]
afi-safi-name = "{family}-unicast"
[neighbors.afi-safis.add-paths.config]
receive = {add_path}"""
        for family in ("ipv4", "ipv6")
    )
    return f"""\
[[neighbors]]
[neighbors.config]
neighbor-address = "{neighbor.address}"
peer-as = {neighbor.asn}
[neighbors.timers.config]
idle-hold-time-after-reset = 1
[neighbors.transport.config]
local-address = "{neighbor.local_address}"
passive-mode = true
{families}
"""
