"""BIRD 2: one of the edge routers, Microsoft's collectors and the customer's routers."""

import re
from dataclasses import replace
from pathlib import Path

from announcements import Announcement
from daemon import Daemon
from errors import LabError
from routers import Neighbor, Router


class Bird(Daemon):
    """A router that runs BIRD."""

    programs = ("bird", "birdc")

    def config(self) -> str:
        """Return the contents of the configuration file."""
        routes = "\n".join(_route(route) for route in self.router.originated)
        sessions = "\n".join(_session(self.router, peer) for peer in self.router.neighbors)
        return f"""\
router id {self.router.router_id};
log stderr all;

protocol device {{
}}

protocol static originated {{
  ipv4;
{routes}
}}

{sessions}"""

    def command(self) -> tuple[str | Path, ...]:
        """Return the command that starts the daemon in the foreground."""
        pid_file = self.folder / "bird.pid"
        return ("bird", "-f", "-c", self.config_file, "-s", self._socket, "-P", pid_file)

    def received(self, neighbor: Neighbor) -> int:
        """Return the number of routes from a neighbor; LabError if the session is not up."""
        output = self._ask("show", "route", "protocol", _protocol(neighbor), "count")
        count = re.search(r"(\d+) of \d+ routes", output)
        if count is None:
            raise LabError(f"{self.router.name}: birdc counts no routes: {output.strip()}")
        return int(count[1])

    def announce(self, originated: tuple[Announcement, ...]) -> None:
        """Originate other routes; those that stay the same are not sent again."""
        self.router = replace(self.router, originated=originated)
        self.config_file.write_text(self.config(), encoding="utf-8")
        self._ask("configure")

    def request_dump(self) -> None:
        """Ask the daemon to write its RIB; a collector leaves its own routes out."""
        only_learned = () if self.router.transit else ("where", "source = RTS_BGP")
        target = f'"{self.dump_file}"'
        self._ask("mrt", "dump", "table", '"master4"', "to", target, *only_learned)

    @property
    def _socket(self) -> Path:
        return self.folder / "bird.ctl"

    def _ask(self, *command: str) -> str:
        return self.namespace.ask("birdc", "-s", self._socket, *command)


def _route(route: Announcement) -> str:
    lines = [f"  route {route.prefix} blackhole {{", "    bgp_origin = ORIGIN_IGP;"]
    if route.path:
        lines.append("    bgp_path = +empty+;")
    lines += [f"    bgp_path.prepend({asn});" for asn in reversed(route.path)]
    lines += [f"    bgp_community.add(({asn}, {value}));" for asn, value in route.communities]
    lines += [
        f"    bgp_large_community.add(({asn}, {first}, {second}));"
        for asn, first, second in route.large_communities
    ]
    return "\n".join([*lines, "  };"])


def _session(router: Router, neighbor: Neighbor) -> str:
    return f"""\
protocol bgp {_protocol(neighbor)} {{
  local {neighbor.local_address} as {router.asn};
  neighbor {neighbor.address} as {neighbor.asn};
  passive {"yes" if router.transit else "no"};
  connect delay time 1;
  connect retry time 1;
  error wait time 1, 2;
  ipv4 {{
    import all;
    export {"all" if router.transit else "where source = RTS_STATIC"};
  }};
}}
"""


def _protocol(neighbor: Neighbor) -> str:
    return neighbor.name.replace("-", "_")
