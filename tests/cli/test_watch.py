"""`peerlint watch` as a program: alerts open and resolve, and nothing is lost when it ends."""

from __future__ import annotations

import re
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Final

import pytest
from tests.cli.doubles.signals import signals_reach_programs
from tests.cli.doubles.watching import Router, Watching, wait_for, watching_in

from peerlint.cli import main as program
from peerlint.cli.exits import Exit

DOWN: Final = "session.down"
MISSING: Final = "route.not-received"

pytestmark = pytest.mark.slow


@pytest.fixture(name="watching")
def _watching(tmp_path: Path) -> Iterator[Watching]:
    """Yield a watch that has not begun."""
    with watching_in(tmp_path) as found:
        yield found


@pytest.fixture(name="connect")
def _connect(watching: Watching) -> Iterator[Callable[[], Router]]:
    """Yield a function that connects a router to the watch; all are closed at the end."""
    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(Router(watching.port)))


def test_a_story(watching: Watching, connect: Callable[[], Router]) -> None:
    """Alerts open and resolve, in the file and on the screen; SIGTERM ends it with status 0."""
    watching.start()
    router = connect()
    router.down()
    wait_for(lambda: watching.kinds(DOWN) == ["opened"], "that the session is down")
    router.up()
    wait_for(lambda: watching.kinds(DOWN) == ["opened", "resolved"], "that it is up")

    assert watching.end() == Exit.CLEAN
    opened, resolved = watching.output.read_text().splitlines()
    assert re.match(r"\d{4}-\d\d-\d\dT[\d:]+Z opened: error: Session ams-1 .* is down", opened)
    assert " resolved: error: Session ams-1 " in resolved
    assert "the session is up again, after" in resolved


def test_a_prefix_is_withdrawn(watching: Watching, connect: Callable[[], Router]) -> None:
    """A withdrawn prefix is an alert of its own rule, which resolves when it is announced."""
    watching.start()
    router = connect()
    router.withdraw()
    wait_for(lambda: watching.kinds(MISSING)[:1] == ["opened"], "that the prefix is missing")
    router.announce()
    wait_for(lambda: watching.kinds(MISSING)[-1] == "resolved", "that it is there")


def test_a_restart(watching: Watching, connect: Callable[[], Router]) -> None:
    """Killed and started again, it goes on with its alerts under their ids."""
    watching.start()
    connect().down()
    wait_for(lambda: watching.kinds(DOWN) == ["opened"], "that the session is down")
    watching.end(signal.SIGKILL)
    watching.start()
    connect()
    wait_for(lambda: watching.kinds(DOWN)[-1] == "resolved", "that it is up")

    assert len({each["id"] for each in watching.alerts if each["rule"] == DOWN}) == 1


@pytest.fixture(autouse=True, scope="module")
def _signals_reach_the_program() -> Iterator[None]:
    """See `signals_reach_programs`."""
    with signals_reach_programs():
        yield


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_orderly_end(watching: Watching, number: signal.Signals) -> None:
    """Both signals that ask it to end are obeyed, and ending like that is a success."""
    watching.start()

    assert watching.end(number) == Exit.CLEAN
    assert "Traceback" not in watching.errors


def test_the_inventory_is_read_again(watching: Watching, connect: Callable[[], Router]) -> None:
    """An invalid inventory is refused with its mistakes; a good one counts at once."""
    watching.start()
    good = watching.inventory.read_text()
    watching.inventory.write_text(good.replace("asn = 64500", "asn = -1"))
    watching.send(signal.SIGHUP)
    wait_for(lambda: "the old one stays" in watching.errors, "that it is refused")
    wait_for(lambda: "expected an AS number" in watching.errors, "that it says why")
    connect().down()
    wait_for(lambda: watching.kinds(DOWN) == ["opened"], "that the old one is used")

    watching.inventory.write_text(good.replace('"ams-1"', '"ams-9"'))
    watching.send(signal.SIGHUP)
    wait_for(lambda: "the inventory was read again" in watching.errors, "that it is read")
    wait_for(lambda: watching.kinds(DOWN)[-1] == "resolved", "that its alert is resolved")


def test_the_service_manager(watching: Watching, tmp_path: Path) -> None:
    """It says when it is ready, and when it stops."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(60)
        watching.environment = {
            "NOTIFY_SOCKET": str(tmp_path / "notify"),
            "WATCHDOG_USEC": "200000",
        }
        watching.start()
        messages: list[str] = []
        while messages.count("WATCHDOG=1") < 3:
            messages.append(systemd.recv(4096).decode())
        watching.send(signal.SIGHUP)
        while not messages[-1].startswith("READY=1") or len(messages) < 4:
            messages.append(systemd.recv(4096).decode())
        watching.send(signal.SIGTERM)
        while messages[-1] != "STOPPING=1":
            messages.append(systemd.recv(4096).decode())

    assert messages[0].startswith("READY=1\nSTATUS=watching bmp 127.0.0.1:")
    assert any(each.startswith("RELOADING=1\nMONOTONIC_USEC=") for each in messages)


def test_the_state_is_in_use(watching: Watching, capsys: pytest.CaptureFixture[str]) -> None:
    """Two watches cannot share a state file: the second one says so."""
    watching.start()
    arguments = watching.arguments
    arguments[arguments.index("--bmp") + 1] = "127.0.0.1:0"

    assert program.run(arguments) == Exit.USAGE
    assert "watch.db" in capsys.readouterr().err


def test_an_address_is_in_use(watching: Watching, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody can listen on an address twice, for BMP and for the page."""
    watching.start()
    state = str(watching.folder / "other.db")
    arguments = [state if each.endswith("watch.db") else each for each in watching.arguments]

    assert program.run(arguments) == Exit.USAGE
    assert f"127.0.0.1:{watching.port}: Address already in use" in capsys.readouterr().err

    arguments[arguments.index("--bmp") + 1] = "127.0.0.1:0"
    assert program.run([*arguments, "--listen", f"127.0.0.1:{watching.port}"]) == Exit.USAGE
    assert "Address already in use" in capsys.readouterr().err
