"""Play the router of the story: send its BMP stream to a station as it was sent then.

python3 examples/watch/play.py [--speed X] HOST:PORT

It connects when the station listens, and stays connected when all is sent, until Ctrl-C.
"""

import argparse
import gzip
import socket
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_STREAM = Path(__file__).with_name("story.bmp.gz")
#: Version, length and type (RFC 7854 section 4.1).
_HEADER = struct.Struct("!BIB")
#: The time in the header of each peer (section 4.2).
_TIME = struct.Struct("!II")
_TIME_AT = 40
#: Messages without the header of a peer: initiation and termination.
_WITHOUT_PEER = (4, 5)
_RETRY_SECONDS = 0.5


def main() -> int:
    """Send the stream; 0 when Ctrl-C ends it, 1 if the station closes the connection."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("station", metavar="HOST:PORT", help="where the station listens")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times as fast")
    options = parser.parse_args()
    host, _, port = options.station.rpartition(":")
    with suppress(KeyboardInterrupt), _connected(host.strip("[]"), int(port)) as station:
        begin = time.monotonic()
        for seconds, message in _messages(gzip.decompress(_STREAM.read_bytes())):
            time.sleep(max(0.0, begin + seconds / options.speed - time.monotonic()))
            station.sendall(message)
        print("all is sent", flush=True)
        station.recv(1)
        print("the station has closed the connection", file=sys.stderr)
        return 1
    return 0


def _connected(host: str, port: int) -> socket.socket:
    while True:
        try:
            return socket.create_connection((host, port))
        except ConnectionRefusedError:
            time.sleep(_RETRY_SECONDS)


def _messages(octets: bytes) -> Iterator[tuple[float, bytes]]:
    """Yield every message, and how many seconds after the first one it came."""
    at, first, now = 0, None, 0.0
    while at < len(octets):
        _, length, kind = _HEADER.unpack_from(octets, at)
        if kind not in _WITHOUT_PEER:
            seconds, microseconds = _TIME.unpack_from(octets, at + _TIME_AT)
            then = seconds + microseconds / 1_000_000
            first = then if first is None else first
            now = then - first
        yield now, octets[at : at + length]
        at += length


if __name__ == "__main__":
    sys.exit(main())
