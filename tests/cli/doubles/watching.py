"""A `peerlint watch` that runs as a program, and a router that speaks BMP to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import Signals
from socket import AF_INET, SOCK_STREAM, create_connection, socket
from time import monotonic, sleep
from typing import Any, Final, Self

import attrs

from peerlint.testing.bmp import BmpPeer, BmpStream
from peerlint.wire.bmp import Statistic

EXAMPLE: Final = Path(__file__).resolve().parents[3] / "examples" / "direct" / "peering.toml"
GOOD: Final = "203.0.113.0/24 path 64500 community 8075:8007"
#: Alerts open and resolve at once, and flapping is none.
PROFILE: Final = """\
extends = "direct"

[watch]
missing = "0s"
session_down = "0s"
other = "0s"
restart = "0s"
flapping_changes = 1000
"""
#: Seconds until something that does not happen is a failure.
BOUND: Final = 60


def wait_for(condition: Callable[[], object], what: str) -> None:
    """Wait until a condition holds.

    Args:
        condition: what is waited for.
        what: what it is, for the failure.
    """
    until = monotonic() + BOUND
    while not condition():
        assert monotonic() < until, f"{what} did not happen in {BOUND} s"
        sleep(0.01)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket(AF_INET, SOCK_STREAM) as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class Router:
    """A router with the session ams-1, connected to a watch by BMP."""

    #: The addresses of its sessions: Microsoft's and its own.
    SESSIONS = (("192.0.2.1", "192.0.2.0"),)

    def __init__(self, port: int) -> None:
        """Connect, and send its sessions with their routes."""
        self.peers = [
            BmpPeer(microsoft, 8075, own, 64500, view="sent") for microsoft, own in self.SESSIONS
        ]
        self.peer = self.peers[0]
        self._stream = BmpStream("edge1.ams")
        self._socket = create_connection(("127.0.0.1", port), timeout=BOUND)
        self.up()

    def up(self) -> None:
        """Send its sessions, their route, and that this is all."""
        for each in self.peers:
            self._stream.up(each).announce(each, GOOD)
            self._stream.end_of_rib(each).statistics(each, Statistic(15, 1))
        self._send()

    def down(self) -> None:
        """Send that the session is down."""
        self._stream.down(self.peer)
        self._send()

    def withdraw(self) -> None:
        """Send that the route is withdrawn."""
        self._stream.withdraw(self.peer, GOOD)
        self._send()

    def announce(self) -> None:
        """Send the route again."""
        self._stream.announce(self.peer, GOOD)
        self._send()

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def _send(self) -> None:
        self._socket.sendall(self._stream.octets())
        self._stream.messages.clear()


@attrs.define
class Watching:
    """A `peerlint watch` with a state file and a file of alerts, that may be started again.

    Attributes:
        folder: has its files.
        port: where it listens for BMP.
    """

    folder: Path
    port: int = attrs.Factory(free_port)
    words: tuple[str, ...] = ()
    environment: Mapping[str, str] = attrs.Factory(dict)
    process: subprocess.Popen[str] | None = None

    @property
    def inventory(self) -> Path:
        """Its inventory."""
        return self.folder / "peering.toml"

    @property
    def arguments(self) -> list[str]:
        """The words of the command."""
        files = self.folder / "profile.toml", self.folder / "watch.db", self.folder / "alerts.jsonl"
        profile, state, alerts = map(str, files)
        return [
            *("watch", str(self.inventory), "--bmp", f"127.0.0.1:{self.port}"),
            *("--profile", profile, "--state", state, "--alert", f"jsonl:{alerts}", *self.words),
        ]

    def start(self) -> Self:
        """Start it, and wait until it listens."""
        with (self.folder / "errors").open("w") as errors, self.output.open("a") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "peerlint", *self.arguments],
                stdout=output,
                stderr=errors,
                text=True,
                env={**os.environ, **self.environment},
            )
        wait_for(lambda: self.has_ended or "listening" in self.errors, "that it listens")
        assert not self.has_ended, self.errors
        return self

    @property
    def output(self) -> Path:
        """What it has printed, in all of its lives."""
        return self.folder / "output"

    @property
    def errors(self) -> str:
        """What it has written to standard error."""
        return (self.folder / "errors").read_text()

    @property
    def has_ended(self) -> bool:
        """Whether it has ended."""
        return self.process is None or self.process.poll() is not None

    @property
    def alerts(self) -> list[dict[str, Any]]:
        """What it has delivered."""
        file = self.folder / "alerts.jsonl"
        if not file.exists():
            return []
        found = []
        for line in file.read_text().splitlines():
            with suppress(ValueError):  # it is being written, or a kill has cut it off
                found.append(json.loads(line))
        return found

    def kinds(self, rule: str) -> list[str]:
        """Return what was said of alerts of a rule about ams-1, in order."""
        return [each["kind"] for each in self.alerts if each["rule"] == rule]

    def send(self, number: Signals) -> None:
        """Send a signal."""
        assert self.process is not None
        self.process.send_signal(number)

    def end(self, number: Signals = Signals.SIGTERM) -> int:
        """Send a signal, and return the exit status."""
        self.send(number)
        assert self.process is not None
        return self.process.wait(BOUND)


@contextmanager
def watching_in(folder: Path) -> Iterator[Watching]:
    """Yield a watch that has not begun; it is killed at the end.

    Args:
        folder: an empty folder for its files.
    """
    text = EXAMPLE.read_text().replace('ribs = ["microsoft.mrt"]', "")
    (folder / "peering.toml").write_text(text)
    (folder / "profile.toml").write_text(PROFILE)
    watching = Watching(folder)
    try:
        yield watching
    finally:
        if watching.process is not None:
            watching.process.kill()
            watching.process.wait(BOUND)
