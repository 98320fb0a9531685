"""The monitoring station: it keeps the octets that the lab's routers send in BMP."""

import signal
import struct
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from daemon import wait_until
from errors import LabError
from namespaces import Namespace

#: The port for the octets; tests have routers send to others too.
SINK_PORT = 1790
_SINK = Path(__file__).with_name("sink.py")
_HEADER = struct.Struct("!BIB")
_STATISTICS_REPORT = 1
_PEER_UP = 3
_STATISTICS_SECONDS = 60.0
_STOP_SECONDS = 5.0


class Station:
    """A namespace with a listener, and a file for each connection."""

    def __init__(self, namespace: Namespace, folder: Path) -> None:
        """Prepare; nothing runs yet."""
        self.namespace = namespace
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the listener."""
        self._folder.mkdir()
        command = (sys.executable, _SINK, str(SINK_PORT), self._folder)
        with (self._folder / "sink.log").open("wb") as log:
            self._process = self.namespace.start(command, log, None)
        if not wait_until(self._listens, _STOP_SECONDS):
            raise LabError(f"{self.namespace.name}: nothing listens on port {SINK_PORT}")

    def stop(self) -> None:
        """End the listener."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(_STOP_SECONDS)

    def stream(self, address: str) -> bytes:
        """Return the octets of a router's last connection, without an incomplete last message."""
        octets = self._octets(address)
        return octets[: sum(length for _, length in _messages(octets))]

    def arrivals(self, address: str) -> list[tuple[int, int]]:
        """Return how many octets of a router's last connection had come, and when.

        Times are in microseconds since 1970.
        """
        lines = self._last_file(address).with_suffix(".times").read_text("ascii").splitlines()
        return [(int(octets), int(time)) for octets, time in map(str.split, lines)]

    def wait_for_statistics(self, addresses: Iterable[str]) -> None:
        """Wait until routers have counted the routes of every peer that was up, from now on."""
        wanted = {
            address: kinds[_STATISTICS_REPORT] + max(1, kinds[_PEER_UP])
            for address in addresses
            for kinds in [_kinds(self._octets(address))]
        }

        def missing() -> list[str]:
            return [
                address
                for address, reports in wanted.items()
                if _kinds(self._octets(address))[_STATISTICS_REPORT] < reports
            ]

        if not wait_until(lambda: not missing(), _STATISTICS_SECONDS):
            routers = ", ".join(missing())
            raise LabError(f"too few statistics in {_STATISTICS_SECONDS:.0f} s from {routers}")

    def _octets(self, address: str) -> bytes:
        file = self._last_file(address)
        return file.read_bytes() if file.exists() else b""

    def _last_file(self, address: str) -> Path:
        files = sorted(self._folder.glob(f"{address}.*.bmp"), key=lambda file: file.stat().st_ctime)
        return files[-1] if files else self._folder / f"{address}.1.bmp"

    def _listens(self) -> bool:
        return f":{SINK_PORT} " in self.namespace.ask("ss", "-Hltn")


def _messages(octets: bytes) -> list[tuple[int, int]]:
    """Return type and length of every complete message."""
    found = []
    at = 0
    while at + _HEADER.size <= len(octets):
        _, length, kind = _HEADER.unpack_from(octets, at)
        if length < _HEADER.size or at + length > len(octets):
            break
        found.append((kind, length))
        at += length
    return found


def _kinds(octets: bytes) -> Counter[int]:
    return Counter(kind for kind, _ in _messages(octets))
