"""The lab: real BGP daemons in network namespaces, which announce the faults of a table."""

import os
import shutil
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from tempfile import TemporaryDirectory

from announcements import announcements
from bird import Bird
from daemon import Daemon, wait_until
from errors import LabError, LabUnavailableError
from exabgpd import Exabgp
from faults import Fault, Origin, check_faults
from frr import Frr, FrrAfterPolicy
from gobgp import Gobgp
from namespaces import Namespace, join, make_namespace, signals_held
from openbgpd import Openbgpd
from routers import (
    Neighbor,
    Router,
    bmp_targets,
    collector_router,
    core_router,
    customer_router,
    edge_router,
)
from snapshots import count_prefixes, last_snapshot, write_dumps
from station import SINK_PORT, Station
from topology import (
    MICROSOFT_PREFIXES,
    STATION,
    TWO_SITES,
    Session,
    Topology,
)

EDGES: dict[str, type[Daemon]] = {
    "edge1.ams": Bird,
    "edge2.ams": Frr,
    "edge1.fra": Openbgpd,
    "edge2.fra": Gobgp,
}
_ROUTES_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Programs:
    """Which daemon each router runs: BIRD where nothing is said."""

    edges: dict[str, type[Daemon]] = field(default_factory=EDGES.copy)
    microsoft: dict[str, type[Daemon]] = field(default_factory=dict)
    customers: dict[str, type[Daemon]] = field(default_factory=dict)

    def daemons(self) -> set[type[Daemon]]:
        """Return every daemon."""
        return {Bird, *self.edges.values(), *self.microsoft.values(), *self.customers.values()}


FOR_DUMPS = Programs()
#: FRRouting and GoBGP send BMP; ExaBGP speaks to one of each.
FOR_BMP = Programs(
    microsoft={"microsoft.ams": Frr, "microsoft.fra": Gobgp},
    customers={"customer.ams-2": Exabgp, "customer.fra-2": Exabgp},
)
#: Microsoft's FRRouting keeps routes only as they are after policy.
FOR_BMP_AFTER_POLICY = replace(
    FOR_BMP, microsoft={"microsoft.ams": FrrAfterPolicy, "microsoft.fra": Gobgp}
)


def check_available(run: Programs = FOR_DUMPS) -> None:
    """Raise an error if the lab cannot run here."""
    if os.geteuid() != 0:
        raise LabUnavailableError("the lab makes network namespaces: run it as root")
    programs = {program for daemon in run.daemons() for program in daemon.programs}
    missing = sorted(name for name in {"ip", *programs} if shutil.which(name) is None)
    if missing:
        raise LabUnavailableError(f"not installed: {', '.join(missing)}")


def run(faults: tuple[Fault, ...], out: Path) -> None:
    """Announce the faults of a table with real daemons, and write their dumps to a folder."""
    check_available()
    check_faults(faults)
    with ExitStack() as cleanup:
        lab = Lab(faults, FOR_DUMPS, cleanup)
        lab.join_routers()
        lab.start_contoso()
        lab.start_microsoft()
        dumps = lab.dump()
    write_dumps(dumps, out)


def run_bmp(faults: tuple[Fault, ...], out: Path) -> None:
    """Announce the faults of a table with real daemons, and write the BMP streams to a folder.

    The lab runs once more for one more stream of `microsoft.ams`, which keeps no routes as they
    were before policy there.
    """
    check_available(FOR_BMP)
    check_faults(faults)
    streams = _streams(faults, FOR_BMP)
    after_policy = _streams(faults, FOR_BMP_AFTER_POLICY)
    streams["microsoft.ams.after-policy"] = after_policy["microsoft.ams"]
    out.mkdir(parents=True, exist_ok=True)
    for name, octets in streams.items():
        (out / f"{name}.bmp").write_bytes(octets)


def _streams(faults: tuple[Fault, ...], programs: Programs) -> dict[str, bytes]:
    with ExitStack() as cleanup:
        lab = Lab(faults, programs, cleanup)
        lab.join_routers()
        lab.start_station()
        lab.start_contoso()
        lab.start_microsoft()
        lab.restart_customers()
        return lab.streams()


class Lab:
    """The routers of one run; `cleanup` ends what it starts and deletes what it makes."""

    def __init__(
        self,
        faults: tuple[Fault, ...],
        programs: Programs,
        cleanup: ExitStack,
        bmp_ports: tuple[int, ...] = (SINK_PORT,),
        topology: Topology = TWO_SITES,
    ) -> None:
        """Prepare; nothing runs yet.

        Args:
            faults: the faults to announce.
            programs: the daemon of each router.
            cleanup: ends everything.
            bmp_ports: the ports of the station that routers send BMP to.
            topology: the routers and their sessions.
        """
        # in /tmp: a Unix socket's path must be short, and some daemons get their own
        # /run or /var/tmp, where they would not find it
        with signals_held():
            temporary = TemporaryDirectory(prefix="peerlint-lab-", dir="/tmp")
            self._folder = Path(cleanup.enter_context(temporary))
        self._faults = faults
        self._programs = programs
        self._bmp_ports = bmp_ports
        self._topology = topology
        self._sessions = topology.sessions
        self._station: Station | None = None
        self._cleanup = cleanup
        self._namespaces: dict[str, Namespace] = {}
        self._daemons: dict[str, Daemon] = {}

    def join_routers(self) -> None:
        """Make every router's namespace and the links between them."""
        customers = (session.customer_router for session in self._sessions)
        cores = (session.core.name for session in self._sessions if session.core is not None)
        for name in (*self._topology.collectors, *self._programs.edges, *customers, *cores):
            self._namespaces[name] = make_namespace(name, self._cleanup)
        for session in self._sessions:
            self._join_session(session)

    def _join_session(self, session: Session) -> None:
        edge = self._namespaces[session.edge]
        collector = self._namespaces[session.collector]
        customer = self._namespaces[session.customer_router]
        join(edge, "microsoft", collector, session.name)
        edge.add_address("microsoft", session.contoso)
        collector.add_address(session.name, session.microsoft)
        join(edge, "customer", customer, "contoso")
        edge.add_address("customer", session.contoso_to_customer)
        customer.add_address("contoso", session.customer)
        if session.core is not None:
            core = self._namespaces[session.core.name]
            join(edge, "core", core, "contoso")
            edge.add_address("core", session.core.contoso_to_core)
            core.add_address("contoso", session.core.address)

    def start_station(self) -> Station:
        """Make the monitoring station and its links, and start it; routers send BMP from then."""
        station = self.join_station()
        station.start()
        return station

    def join_station(self) -> Station:
        """Make the monitoring station and its links; routers send BMP when it is started."""
        namespace = self._namespaces[STATION] = make_namespace(STATION, self._cleanup)
        for link in self._topology.station_links:
            router = self._namespaces[link.router]
            join(router, STATION, namespace, link.router)
            router.add_address(STATION, link.address)
            namespace.add_address(link.router, link.station)
        station = self._station = Station(namespace, self._folder / STATION)
        self._cleanup.callback(station.stop)
        return station

    def start_contoso(self) -> None:
        """Start the edge routers and the customer's, and wait for the customer's routes."""
        for session in self._sessions:
            own = announcements(self._faults, session.name, Origin.EDGE)
            self._start(self._programs.edges[session.edge], edge_router(session, own))
            if session.core is not None:
                self._start(Bird, core_router(session.core, own))
                self._wait_for_routes(session.edge, "core", len(own))
        for session in self._sessions:
            own = announcements(self._faults, session.name, Origin.CUSTOMER)
            program = self._programs.customers.get(session.customer_router, Bird)
            self._start(program, customer_router(session, own))
        for session in self._sessions:
            routes = len(announcements(self._faults, session.name, Origin.CUSTOMER))
            self._wait_for_routes(session.edge, "customer", routes)

    def start_microsoft(self) -> None:
        """Start Microsoft's collectors, and wait for the routes of every session."""
        for name in self._topology.collectors:
            program = self._programs.microsoft.get(name, Bird)
            self._start(program, collector_router(name, self._sessions))
        for session in self._sessions:
            self._wait_for_routes(session.collector, session.name, len(self._shown(session)))
            self._wait_for_routes(session.edge, "microsoft", len(MICROSOFT_PREFIXES))

    def restart_customers(self) -> None:
        """End the sessions of the customer's routers that run ExaBGP, and have them come back."""
        sessions = [
            each for each in self._sessions if each.customer_router in self._programs.customers
        ]
        for session in sessions:
            self._daemons[session.customer_router].stop()
        for session in sessions:
            own = announcements(self._faults, session.name, Origin.EDGE)
            self._wait_for_routes(session.collector, session.name, len(own))
        for session in sessions:
            self._daemons[session.customer_router].start()
        for session in sessions:
            self._wait_for_routes(session.collector, session.name, len(self._shown(session)))

    def dump(self) -> dict[str, bytes]:
        """Return the RIB of every edge router and collector, and OpenBGPD's messages, by name."""
        sent = {
            f"{name}.sent": daemon.sent()
            for name, daemon in self._daemons.items()
            if isinstance(daemon, Openbgpd)
        }
        prefixes = dict.fromkeys(self._topology.collectors, frozenset[str]())
        for session in self._sessions:
            prefixes[session.edge] = self._shown(session).union(MICROSOFT_PREFIXES)
            prefixes[session.collector] |= self._shown(session)
        for name in prefixes:
            self._daemons[name].request_dump()
        ribs = {name: self._rib(name, len(prefixes[name])) for name in prefixes}
        return ribs | sent

    def streams(self) -> dict[str, bytes]:
        """Return what every router has sent in BMP, up to statistics of all routes, by name."""
        if self._station is None:
            return {}
        links = self._topology.station_links
        self._station.wait_for_statistics(link.address for link in links)
        return {link.router: self._station.stream(link.address) for link in links}

    def _shown(self, session: Session) -> frozenset[str]:
        return frozenset(
            route.prefix
            for origin in Origin
            for route in announcements(self._faults, session.name, origin)
        )

    def _start(self, program: type[Daemon], router: Router) -> None:
        if self._station is not None:
            links = self._topology.station_links
            router = replace(router, bmp_targets=bmp_targets(router.name, links, self._bmp_ports))
        folder = self._folder / router.name
        daemon = program(router, self._namespaces[router.name], folder)
        self._cleanup.callback(daemon.stop)
        self._daemons[router.name] = daemon
        daemon.start()

    def _wait_for_routes(self, router: str, neighbor_name: str, routes: int) -> None:
        daemon = self._daemons[router]
        (neighbor,) = (peer for peer in daemon.router.neighbors if peer.name == neighbor_name)
        if not wait_until(lambda: _received(daemon, neighbor) == routes, _ROUTES_SECONDS):
            found = max(_received(daemon, neighbor), 0)
            wanted = f"{found} of {routes} routes from {neighbor.name} {neighbor.address}"
            raise daemon.error(f"{wanted} in {_ROUTES_SECONDS:.0f} s")

    def _rib(self, name: str, prefixes: int) -> bytes:
        daemon = self._daemons[name]
        if not wait_until(lambda: _rib_prefixes(daemon) == prefixes, daemon.dump_seconds):
            found = f"{_rib_prefixes(daemon)} of {prefixes} prefixes"
            raise daemon.error(f"dumps {found} in {daemon.dump_seconds:.0f} s")
        return last_snapshot(daemon.dump_file.read_bytes())


def _received(daemon: Daemon, neighbor: Neighbor) -> int:
    daemon.check_running()
    try:
        return daemon.received(neighbor)
    except LabError:  # it does not answer yet
        return -1


def _rib_prefixes(daemon: Daemon) -> int:
    daemon.check_running()
    if not daemon.dump_file.exists():
        return 0
    return count_prefixes(last_snapshot(daemon.dump_file.read_bytes()))
