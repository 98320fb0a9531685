"""GoBGP: gobgpd with its API on the namespace's own loopback.

As a router that sends BMP it shows the Adj-RIB-In of every peer, before and after policy, and its
Loc-RIB, for which it sends no Peer Up.
"""

import json
from pathlib import Path
from typing import ClassVar

from daemon import Daemon, wait_until
from errors import LabError
from routers import BmpTarget, Neighbor, Router

_START_SECONDS = 60.0
_DUMP_INTERVAL = 60  # gobgpd takes no shorter one, and writes no RIB on demand


_BMP_STATISTICS_SECONDS = 15  # the shortest that gobgpd takes
#: A router that is no transit passes on its own routes only.
_OWN_ROUTES_ONLY = """
[[policy-definitions]]
name = "own"
[[policy-definitions.statements]]
[policy-definitions.statements.conditions.bgp-conditions]
route-type = "local"
[policy-definitions.statements.actions]
route-disposition = "accept-route"

[global.apply-policy.config]
export-policy-list = ["own"]
default-export-policy = "reject-route"
"""


class Gobgp(Daemon):
    """A router that runs GoBGP."""

    programs = ("gobgpd", "gobgp")
    dump_seconds = 2.5 * _DUMP_INTERVAL
    bmp_policy: ClassVar[str] = "all"
    """The tables that a router sends by BMP."""

    def config(self) -> str:
        """Return the contents of the configuration file."""
        neighbors = "\n".join(_neighbor(self.router, peer) for peer in self.router.neighbors)
        targets = "\n".join(_bmp(target, self.bmp_policy) for target in self.router.bmp_targets)
        return f"""\
[global.config]
as = {self.router.asn}
router-id = "{self.router.router_id}"

[[mrt-dump]]
[mrt-dump.config]
dump-type = "table"
file-name = "{self.dump_file}"
dump-interval = {_DUMP_INTERVAL}
{"" if self.router.transit else _OWN_ROUTES_ONLY}
{targets}
{neighbors}"""

    def command(self) -> tuple[str | Path, ...]:
        """Return the command that starts the daemon in the foreground."""
        api = ("--api-hosts", "127.0.0.1:50051", "--pprof-disable")
        return ("gobgpd", "--config-file", self.config_file, *api, "--log-plain")

    def start(self) -> None:
        """Start the daemon, and give it its own routes, which no configuration can."""
        super().start()
        if not wait_until(self._answers, _START_SECONDS):
            raise self.error(f"no answer in {_START_SECONDS:.0f} s")
        for route in self.router.originated:
            self._ask("global", "rib", "add", route.prefix, "--address-family", "ipv4")

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


def _bmp(target: BmpTarget, policy: str) -> str:
    return f"""\
[[bmp-servers]]
[bmp-servers.config]
address = "{target.address}"
port = {target.port}
route-monitoring-policy = "{policy}"
statistics-timeout = {_BMP_STATISTICS_SECONDS}
"""


def _neighbor(router: Router, neighbor: Neighbor) -> str:
    return f"""\
[[neighbors]]
[neighbors.config]
neighbor-address = "{neighbor.address}"
peer-as = {neighbor.asn}
description = "{neighbor.name}"
[neighbors.transport.config]
local-address = "{neighbor.local_address}"
passive-mode = {"true" if router.transit else "false"}
[neighbors.timers.config]
connect-retry = 1
"""
