"""GoBGP: gobgpd with its API on the namespace's own loopback."""

import json
from pathlib import Path

from daemon import Daemon, wait_until
from errors import LabError
from routers import Neighbor

_START_SECONDS = 20.0
_DUMP_INTERVAL = 60  # gobgpd takes no shorter one, and writes no RIB on demand


class Gobgp(Daemon):
    """An edge router that runs GoBGP."""

    programs = ("gobgpd", "gobgp")
    dump_seconds = 2.5 * _DUMP_INTERVAL

    def config(self) -> str:
        """Return the contents of the configuration file."""
        neighbors = "\n".join(_neighbor(neighbor) for neighbor in self.router.neighbors)
        return f"""\
[global.config]
as = {self.router.asn}
router-id = "{self.router.router_id}"

[[mrt-dump]]
[mrt-dump.config]
dump-type = "table"
file-name = "{self.dump_file}"
dump-interval = {_DUMP_INTERVAL}

{neighbors}"""

    def command(self) -> tuple[str | Path, ...]:
        """Return the command that starts the daemon in the foreground."""
        api = ("--api-hosts", "127.0.0.1:50051", "--pprof-disable")
        return ("gobgpd", "--config-file", self.config_file, *api, "--log-plain")

    def start(self) -> None:
        """Start the daemon; it brings up no routes itself (see `topology`)."""
        super().start()
        if not wait_until(self._answers, _START_SECONDS):
            raise self.error(f"no answer in {_START_SECONDS:.0f} s")

    def received(self, neighbor: Neighbor) -> int:
        """Return the number of routes from a neighbor; LabError if the session is not up."""
        peer = json.loads(self._ask("--json", "neighbor", neighbor.address))
        families = peer.get("afi_safis", [])
        return sum(int(family["state"].get("accepted", 0)) for family in families)

    def request_dump(self) -> None:
        """Do nothing: the daemon writes its RIB at its own interval."""

    def _answers(self) -> bool:
        self.check_running()
        try:
            self._ask("global")
        except LabError:
            return False
        return True

    def _ask(self, *command: str) -> str:
        return self.namespace.ask("gobgp", *command)


def _neighbor(neighbor: Neighbor) -> str:
    return f"""\
[[neighbors]]
[neighbors.config]
neighbor-address = "{neighbor.address}"
peer-as = {neighbor.asn}
description = "{neighbor.name}"
[neighbors.transport.config]
local-address = "{neighbor.local_address}"
passive-mode = true
"""
