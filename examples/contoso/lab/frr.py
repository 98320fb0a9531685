"""FRRouting's bgpd, without zebra: it learns routes and shows them, and installs none.

As a router that sends BMP it shows the Adj-RIB-In of every peer, before and after policy. An edge
router keeps no routes as they were before policy, as is usual, so it withdraws each one there that
it announces after policy. Microsoft's router keeps them (`soft-reconfiguration inbound`).
"""

import json
from pathlib import Path
from typing import ClassVar

from announcements import Announcement
from daemon import Daemon
from routers import BmpTarget, Neighbor, Router

_BMP_STATISTICS_MILLISECONDS = 5000
_BGPD = "/usr/lib/frr/bgpd"


class Frr(Daemon):
    """A router that runs FRRouting."""

    programs = (_BGPD, "vtysh")
    bmp_policies: ClassVar[tuple[str, ...]] = ("pre-policy", "post-policy")
    """The tables that a router sends by BMP."""
    keeps_received: ClassVar[bool] = True
    """Whether a router of Microsoft's keeps routes as they were before policy."""
    private = "/var/tmp/frr"  # noqa: S108 - FRR has it built in; no other user sees it

    def config(self) -> str:
        """Return the contents of the configuration file."""
        routes = tuple(enumerate(self.router.originated))
        route_maps = "\n".join(_route_map(number, route) for number, route in routes)
        neighbors = "\n".join(_neighbor(self.router, peer) for peer in self.router.neighbors)
        policies = "\n".join(self._policy(neighbor) for neighbor in self.router.neighbors)
        networks = "\n".join(
            f"  network {route.prefix} route-map originated-{number}" for number, route in routes
        )
        targets = "\n".join(
            _bmp(number, target, self.bmp_policies)
            for number, target in enumerate(self.router.bmp_targets)
        )
        return f"""\
hostname {self.router.name}
bgp as-path access-list own permit ^$
{route_maps}
router bgp {self.router.asn}
 bgp router-id {self.router.router_id}
 no bgp ebgp-requires-policy
 no bgp network import-check
{neighbors}
 address-family ipv4 unicast
{networks}
{policies}
 exit-address-family
{targets}
exit
"""

    def command(self) -> tuple[str | Path, ...]:
        """Return the command that starts the daemon in the foreground."""
        alone = ("--no_zebra", "--skip_runas", "--vty_port", "0", "--log", "stdout")
        files = ("--config_file", self.config_file, "--pid_file", self.folder / "bgpd.pid")
        bmp = ("-M", "bmp") if self.router.bmp_targets else ()
        return (_BGPD, *alone, *files, "--vty_socket", self.folder, *bmp)

    def received(self, neighbor: Neighbor) -> int:
        """Return the number of routes from a neighbor; LabError if the session is not up."""
        summary = json.loads(self._ask("show bgp ipv4 unicast summary json"))
        return int(summary["peers"][neighbor.address]["pfxRcd"])

    def reset(self, neighbor_name: str) -> None:
        """End a session, which comes back by itself."""
        for neighbor in self.router.neighbors:
            if neighbor.name == neighbor_name:
                self._ask(f"clear bgp {neighbor.address}")

    def request_dump(self) -> None:
        """Ask the daemon to write its RIB; without an interval it does so once."""
        self._ask("configure terminal", f"dump bgp routes-mrt {self.dump_file}")

    def _policy(self, neighbor: Neighbor) -> str:
        if self.router.transit:
            return ""
        lines = ["filter-list own out"]
        if self.keeps_received:
            lines.append("soft-reconfiguration inbound")
        return "\n".join(f"  neighbor {neighbor.address} {line}" for line in lines)

    def _ask(self, *commands: str) -> str:
        options = (word for command in commands for word in ("-c", command))
        return self.namespace.ask("vtysh", "--vty_socket", self.folder, "-d", "bgpd", *options)


class FrrAfterPolicy(Frr):
    """A router that runs FRRouting, and keeps routes only as they are after policy."""

    keeps_received = False


def _neighbor(router: Router, neighbor: Neighbor) -> str:
    lines = [f"remote-as {neighbor.asn}", f"description {neighbor.name}", "timers connect 1"]
    if router.transit:
        lines.append("passive")
    return "\n".join(f" neighbor {neighbor.address} {line}" for line in lines)


def _bmp(number: int, target: BmpTarget, policies: tuple[str, ...]) -> str:
    monitors = "\n".join(f"  bmp monitor ipv4 unicast {policy}" for policy in policies)
    return f"""\
 bmp targets station-{number}
  bmp stats interval {_BMP_STATISTICS_MILLISECONDS}
{monitors}
  bmp connect {target.address} port {target.port} min-retry 500 max-retry 1000
 exit"""


def _route_map(number: int, route: Announcement) -> str:
    lines = [f"route-map originated-{number} permit 10"]
    if route.communities:
        lines.append(f" set community {_words(route.communities)}")
    if route.large_communities:
        lines.append(f" set large-community {_words(route.large_communities)}")
    return "\n".join([*lines, "exit"])


def _words(communities: tuple[tuple[int, ...], ...]) -> str:
    return " ".join(":".join(map(str, community)) for community in communities)
