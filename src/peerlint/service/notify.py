"""Tell systemd how the service is (sd_notify(3)): ready, reloading, stopping, alive.

A message is one datagram of lines `NAME=VALUE`. It is sent without waiting: if systemd does not
read, the message is lost, and the program goes on.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from contextlib import suppress
from time import monotonic_ns
from typing import Final

#: The longest STATUS, in characters.
_LONGEST: Final = 200
_MICROSECONDS: Final = 1_000_000


class ServiceManager:
    """The service manager that started this program, or nobody.

    Attributes:
        watchdog: after how many seconds without a sign of life the service manager ends the
            program; None if it does not watch.
    """

    def __init__(self, environment: Mapping[str, str] = os.environ, pid: int | None = None) -> None:
        """Read where to send to, and how often.

        Args:
            environment: NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, as systemd sets them.
            pid: the process that WATCHDOG_PID is compared with; None for this one.
        """
        self._address = _address(environment.get("NOTIFY_SOCKET", ""))
        self._socket: socket.socket | None = None
        self.watchdog = _watchdog(environment, os.getpid() if pid is None else pid)
        if self._address is not None:
            with suppress(OSError):
                self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
                self._socket.settimeout(0)

    def ready(self, status: str) -> None:
        """Say that the program does its work."""
        self._send("READY=1", _status(status))

    def reloading(self) -> None:
        """Say that the program reads its files again; `ready` ends that."""
        self._send("RELOADING=1", f"MONOTONIC_USEC={monotonic_ns() // 1000}")

    def stopping(self) -> None:
        """Say that the program ends."""
        self._send("STOPPING=1")

    def status(self, status: str) -> None:
        """Say how the program is, for `systemctl status`."""
        self._send(_status(status))

    def alive(self) -> None:
        """Give the sign of life that the watchdog waits for."""
        self._send("WATCHDOG=1")

    def close(self) -> None:
        """Close the socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _send(self, *lines: str) -> None:
        if self._socket is None or self._address is None:
            return
        with suppress(OSError):  # nobody listens, or its queue is full: it must not stop the work
            self._socket.sendto("\n".join(lines).encode(), self._address)


def _address(text: str) -> str | None:
    """Return the address of a socket; @ begins a name of the abstract namespace."""
    if text.startswith("@"):
        return f"\0{text[1:]}"
    return text if text.startswith("/") else None


def _watchdog(environment: Mapping[str, str], pid: int) -> float | None:
    usec, of = environment.get("WATCHDOG_USEC", ""), environment.get("WATCHDOG_PID", str(pid))
    if of != str(pid) or not (usec.isascii() and usec.isdecimal()) or int(usec) == 0:
        return None
    return int(usec) / _MICROSECONDS


def _status(text: str) -> str:
    """Return a STATUS line: a line end in the text would begin another field."""
    printable = "".join(each if each.isprintable() else " " for each in text)
    return f"STATUS={printable[:_LONGEST]}"
