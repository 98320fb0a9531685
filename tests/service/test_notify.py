"""What systemd is told: one datagram for each message, and never a wait."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from peerlint.service.notify import ServiceManager


@pytest.fixture(name="address", params=["path", "abstract"])
def _address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return an address as systemd gives it: a path, or @ and a name."""
    return str(tmp_path / "notify") if request.param == "path" else f"@peerlint-{uuid4()}"


@pytest.fixture(name="systemd")
def _systemd(address: str) -> Iterator[socket.socket]:
    """Yield the socket that systemd reads."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as found:
        found.bind(address.replace("@", "\0", 1))
        found.settimeout(5)
        yield found


def test_messages(systemd: socket.socket, address: str) -> None:
    """Each state is a message of lines NAME=VALUE."""
    manager = ServiceManager({"NOTIFY_SOCKET": address})
    manager.ready("watching bmp")
    manager.alive()
    manager.status("2 alerts open")
    manager.stopping()
    messages = [systemd.recv(4096).decode() for _ in range(4)]
    manager.close()

    assert [
        "READY=1\nSTATUS=watching bmp",
        "WATCHDOG=1",
        "STATUS=2 alerts open",
        "STOPPING=1",
    ] == messages


def test_reloading(systemd: socket.socket, address: str) -> None:
    """Type=notify-reload needs the time at which reloading began."""
    manager = ServiceManager({"NOTIFY_SOCKET": address})
    manager.reloading()
    found = systemd.recv(4096).decode()
    manager.close()

    assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=[1-9]\d*", found)


def test_a_status_is_one_line(systemd: socket.socket, address: str) -> None:
    """A line end in a text begins no field, and a long text is cut."""
    manager = ServiceManager({"NOTIFY_SOCKET": address})
    manager.status("a\nREADY=1 " + "x" * 500)
    found = systemd.recv(4096).decode()
    manager.close()

    assert found.startswith("STATUS=a READY=1 xxx")
    assert len(found) == len("STATUS=") + 200


def test_nobody_reads(systemd: socket.socket, address: str) -> None:
    """Messages that systemd does not read are lost, and nothing waits for it."""
    manager = ServiceManager({"NOTIFY_SOCKET": address})
    for _ in range(2000):
        manager.status("x" * 200)
    manager.close()

    assert systemd.recv(4096)


@pytest.mark.parametrize("environment", [{}, {"NOTIFY_SOCKET": ""}, {"NOTIFY_SOCKET": "vsock:2"}])
def test_without_a_manager(environment: dict[str, str]) -> None:
    """Without a socket that is known, messages go nowhere."""
    manager = ServiceManager(environment)
    manager.ready("")
    manager.close()

    assert manager.watchdog is None


def test_the_socket_is_gone(tmp_path: Path) -> None:
    """A socket that does not exist is no error."""
    manager = ServiceManager({"NOTIFY_SOCKET": str(tmp_path / "gone")})
    manager.ready("")
    manager.close()
    manager.alive()


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"WATCHDOG_USEC": "30000000"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "7"}, 30.0),
        ({"WATCHDOG_USEC": "30000000", "WATCHDOG_PID": "8"}, None),
        ({"WATCHDOG_USEC": "0"}, None),
        ({"WATCHDOG_USEC": "often"}, None),
        ({}, None),
    ],
)
def test_the_watchdog(environment: dict[str, str], expected: float | None) -> None:
    """The time of the watchdog counts if it is meant for this process."""
    assert expected == ServiceManager(environment, pid=7).watchdog
