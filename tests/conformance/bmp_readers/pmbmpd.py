"""Run Debian's pmbmpd on the loopback, send it streams, and read what it writes."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import attrs

from bmp_readers.seen import SeenEvent

_SECONDS: Final = 30.0
_STOP_SECONDS: Final = 10.0
_WAITS: Final = "waiting for BMP data"
#: Communities that pmbmpd shows by their names.
_NAMED: Final = {"no-export": "65535:65281"}


@attrs.frozen
class Pmbmpd:
    """A process of pmbmpd.

    Attributes:
        port: the port that it listens on.
        log: the file that it writes messages to, as lines of JSON.
    """

    port: int
    log: Path

    def read(self, octets: bytes) -> list[SeenEvent]:
        """Send a stream, and return what pmbmpd sees in it."""
        before = len(self._lines())
        with socket.create_connection(("127.0.0.1", self.port), _SECONDS) as connection:
            connection.sendall(octets)
            connection.shutdown(socket.SHUT_WR)
            _wait_until(lambda: self._ends(before), "pmbmpd does not close its log")
        return [seen for line in self._lines()[before:] for seen in _seen(line)]

    def _ends(self, before: int) -> bool:
        return any(line.get("event_type") == "log_close" for line in self._lines()[before:])

    def _lines(self) -> list[dict[str, Any]]:
        if not self.log.exists():
            return []
        whole, _, _ = self.log.read_text(encoding="utf-8").rpartition("\n")
        return [json.loads(line) for line in whole.splitlines()]


@contextmanager
def pmbmpd(folder: Path) -> Iterator[Pmbmpd]:
    """Start pmbmpd, and end it.

    Args:
        folder: where its files are.
    """
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log, screen, config = (folder / name for name in ("log.json", "screen.txt", "pmbmpd.conf"))
    options = {
        "bmp_daemon": "true",
        "bmp_daemon_ip": "127.0.0.1",
        "bmp_daemon_port": port,
        "bmp_daemon_msglog_file": log,
        "bmp_daemon_msglog_output": "json",
    }
    config.write_text("".join(f"{key}: {value}\n" for key, value in options.items()))
    command = ["pmbmpd", "-f", str(config)]
    with screen.open("wb") as output:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        )
    try:
        _wait_until(lambda: _WAITS in screen.read_text(errors="replace"), "pmbmpd does not listen")
        yield Pmbmpd(port, log)
    finally:
        process.kill()  # it does not end by SIGTERM while it waits
        process.wait(_STOP_SECONDS)


def _wait_until(holds: Callable[[], bool], problem: str) -> None:
    end = time.monotonic() + _SECONDS
    while not holds():
        assert time.monotonic() < end, problem
        time.sleep(0.05)


def _seen(line: dict[str, Any]) -> Iterator[SeenEvent]:
    """Yield what a line says, in peerlint's words."""
    peer = (_distinguisher(line.get("rd", "0:0:0")), line.get("peer_ip", ""))
    match line.get("bmp_msg_type"):
        case "peer_up":
            yield SeenEvent("up", *peer, line["peer_asn"], detail=line["local_ip"])
        case "peer_down":
            yield SeenEvent("down", *peer, line["peer_asn"])
        case "stats":
            family = f" {line['afi']}/{line['safi']}" if "afi" in line else ""
            number, value = f"{line['counter_type']}{family}", str(line["counter_value"])
            yield SeenEvent("count", *peer, line["peer_asn"], prefix=number, detail=value)
        case "route_monitor":
            route = {"prefix": line["ip_prefix"], "path_id": line.get("as_path_id")}
            if line["log_type"] == "withdraw":
                yield SeenEvent("withdraw", *peer, table=_table(line), **route)
                return
            texts = " ".join(line.get(name, "") for name in ("comms", "lcomms", "ecomms")).lower()
            texts = texts.replace("soo:", "ro:")  # two names of one subtype (RFC 4360 section 5)
            yield SeenEvent(
                "announce",
                *peer,
                table=_table(line),
                path=line.get("as_path", ""),
                next_hop=line["bgp_nexthop"],
                communities=tuple(_NAMED.get(each, each) for each in texts.split()),
                **route,
            )


def _table(line: dict[str, Any]) -> str:
    if line.get("is_loc"):
        return "loc-rib pre"
    policy = "post" if line["is_post"] else "pre"
    if not line.get("is_out"):
        return f"adj-rib-in {policy}"
    return {"post": "sent pre", "pre": "advertised pre"}[policy]


def _distinguisher(text: str) -> int:
    """Return the number of a route distinguisher of type 0 (RFC 4364 section 4.2)."""
    kind, administrator, number = map(int, text.split(":"))
    assert kind == 0
    return administrator << 32 | number
