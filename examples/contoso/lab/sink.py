"""Write what routers send to files, octet by octet: python3 sink.py PORT FOLDER.

Every connection gets a file ADDRESS.NUMBER.bmp, which counts the connections of the address, and
ADDRESS.NUMBER.times, which has a line for everything that came at once: how many octets there were
then, and the time in microseconds since 1970.
"""

import socketserver
import sys
from collections import Counter
from pathlib import Path
from threading import Lock
from time import time_ns

_CHUNK = 1 << 16


class _Sink(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port: int, folder: Path) -> None:
        super().__init__(("0.0.0.0", port), _Connection)  # noqa: S104 - in a namespace of its own
        self._folder = folder
        self._connections: Counter[str] = Counter()
        self._lock = Lock()

    def file(self, address: str) -> Path:
        """Return the file of the next connection of an address."""
        with self._lock:
            self._connections[address] += 1
            return self._folder / f"{address}.{self._connections[address]}.bmp"


class _Connection(socketserver.BaseRequestHandler):
    server: _Sink

    def handle(self) -> None:
        """Write the octets of a connection as they come."""
        path = self.server.file(self.client_address[0])
        with (
            path.open("wb", buffering=0) as file,
            path.with_suffix(".times").open("w", buffering=1, encoding="ascii") as times,
        ):
            while octets := self.request.recv(_CHUNK):
                times.write(f"{file.tell() + len(octets)} {time_ns() // 1000}\n")
                file.write(octets)


if __name__ == "__main__":
    with _Sink(int(sys.argv[1]), Path(sys.argv[2])) as sink:
        sink.serve_forever()
