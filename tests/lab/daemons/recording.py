"""One daemon with every session of `showing`, and the MRT files that it writes."""

import shutil
import time
from collections.abc import Iterable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

from daemon import wait_until
from station import Station

from daemons.birdd import RecordingBird
from daemons.frrd import BmpFrr, RecordingFrr, RestartingFrr
from daemons.gobgpdd import BmpGobgp, OriginatingGobgp, RecordingGobgp, RestartingGobgp
from daemons.links import make_link
from daemons.openbgpdd import RecordingOpenbgpd
from daemons.peers import CONFEDERATE, IPV4, IPV6, PLAIN, RESTARTING, SESSIONS, router
from daemons.showing import SHOWN, in_force
from daemons.speaker import Session, Speaker, end_of_rib

Recorder = RecordingBird | RecordingFrr | RecordingOpenbgpd | RecordingGobgp

#: A daemon's program and its sessions, by name.
Programs = dict[str, tuple[type[Recorder], tuple[Session, ...]]]
_WITHOUT_CONFEDERATION = tuple(session for session in SESSIONS if session != CONFEDERATE)
#: Each daemon's program and its sessions.
RECORDERS: Programs = {
    "bird": (RecordingBird, SESSIONS),
    "frr": (RecordingFrr, SESSIONS),
    "openbgpd": (RecordingOpenbgpd, _WITHOUT_CONFEDERATION),
    "gobgp": (RecordingGobgp, _WITHOUT_CONFEDERATION),
    "gobgp-originating": (OriginatingGobgp, (PLAIN,)),
}
#: Likewise, for daemons that send BMP.
BMP_SENDERS: Programs = {
    "frr": (BmpFrr, SESSIONS),
    "gobgp": (BmpGobgp, _WITHOUT_CONFEDERATION),
}
#: Likewise, for daemons that send BMP and keep the routes of neighbors that restart.
RESTART_HELPERS: Programs = {
    "frr": (RestartingFrr, (RESTARTING,)),
    "gobgp": (RestartingGobgp, (RESTARTING,)),
}
_ROUTES_SECONDS = 15.0
#: GoBGP writes its RIB once a minute.
_WRITE_SECONDS = 75.0
#: If nothing is written for this time, the daemon has finished writing.
_QUIET_SECONDS = 1.5


class Recording:
    """One daemon with its speakers; `cleanup` stops its processes and deletes its files."""

    def __init__(
        self, name: str, cleanup: ExitStack, *, bmp: bool = False, programs: Programs | None = None
    ) -> None:
        """Make the namespaces and start the daemon.

        Args:
            name: the daemon, of `RECORDERS` or `BMP_SENDERS`.
            cleanup: ends everything.
            bmp: whether the daemon sends BMP, to a listener in its namespace.
            programs: the daemons by name; None for `RECORDERS` or `BMP_SENDERS`.
        """
        program, self.sessions = (programs or (BMP_SENDERS if bmp else RECORDERS))[name]
        # in /tmp: a Unix socket's path must be short
        temporary = TemporaryDirectory(prefix="peerlint-lab-", dir="/tmp")
        folder = Path(cleanup.enter_context(temporary)) / name
        addresses = [session.address for session in self.sessions]
        # IPv6 next hops must be on the link, too
        near, self._far = make_link(name, (IPV4, IPV6), (*addresses, "2001:db8::11"), cleanup)
        self.daemon = program(router(name, self.sessions), near, folder)
        self._cleanup = cleanup
        self._station = Station(near, folder.with_name("station"))
        if bmp:
            cleanup.callback(self._station.stop)
            self._station.start()
        cleanup.callback(self.daemon.stop)
        self.daemon.start()

    def connect(self, session: Session) -> Speaker:
        """Bring a session up."""
        speaker = Speaker.connect(session, self._far)
        self._cleanup.callback(speaker.drop)
        return speaker

    def octets(self) -> bytes:
        """Return what the daemon has sent in BMP so far."""
        return self._station.stream("127.0.0.1")

    def show(self) -> None:
        """Bring one session up, down and up again, and the others up; send every route."""
        flapping = Speaker.connect(PLAIN, self._far)
        flapping.send(*SHOWN[PLAIN][:1])
        flapping.close()
        for session in self.sessions:
            speaker = Speaker.connect(session, self._far)
            self._cleanup.callback(speaker.drop)
            speaker.send(*SHOWN[session], *end_of_rib())
        if not wait_until(self._has_all, _ROUTES_SECONDS):
            raise self.daemon.error(f"not every route in {_ROUTES_SECONDS:.0f} s")

    def record(self, out: Path) -> None:
        """Let the daemon write its files, and copy them to a folder."""
        files = self.daemon.write()
        if not wait_until(lambda: _are_whole(files), _WRITE_SECONDS):
            sizes = {file.name: file.stat().st_size for file in files if file.exists()}
            raise self.daemon.error(f"not every file in {_WRITE_SECONDS:.0f} s: {sizes}")
        out.mkdir()
        for file in files:
            shutil.copy(file, out / file.name)

    def stream(self) -> bytes:
        """Return what the daemon has sent in BMP, up to statistics of all routes."""
        self._station.wait_for_statistics(["127.0.0.1"])
        return self._station.stream("127.0.0.1")

    def _has_all(self) -> bool:
        self.daemon.check_running()
        routes = self.daemon.routes()
        prefixes = {
            str(route.nlri.prefix)
            for session in self.sessions
            for route in in_force(SHOWN[session])
        }
        return all(prefix in routes for prefix in prefixes)


def _are_whole(files: Iterable[Path]) -> bool:
    """Return whether all files have content, and none was written to for a while."""
    quiet = time.time() - _QUIET_SECONDS
    return all(
        file.exists() and file.stat().st_size and file.stat().st_mtime < quiet for file in files
    )
