"""Processes of one lab: PostgreSQL, Redis and IRRd, in a folder of their own, on loopback."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs

#: PostgreSQL refuses to run as root; Debian's package makes this user.
USER: Final = "postgres"
_PROGRAMS_OF_POSTGRESQL: Final = "/usr/lib/postgresql"
_START_SECONDS: Final = 90.0
_STOP_SECONDS: Final = 20.0
_COMMAND_SECONDS: Final = 120
_POLL_SECONDS: Final = 0.2


class LabError(Exception):
    """A service of the lab that cannot be used; the message has the end of its log."""


def free_port() -> int:
    """Return a port of loopback that nothing listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def run(*command: str | Path, user: str | None = None) -> None:
    """Run a command to its end, as another user if one is given.

    Raises:
        LabError: the command fails.
    """
    ended = subprocess.run(
        command,
        **_as(user),
        cwd="/",
        env=_environment(),
        capture_output=True,
        text=True,
        timeout=_COMMAND_SECONDS,
        check=False,
    )
    if ended.returncode:
        raise LabError(f"{command[0]} failed: {ended.stdout}{ended.stderr}")


@attrs.define(eq=False)
class Service:
    """A process that runs until `stop`.

    Attributes:
        name: for messages, and for the name of its log.
        folder: where its log is.
        command: the program and its arguments, in the foreground.
        is_ready: whether the service answers.
        user: who runs it; None for the user of this process.
    """

    name: str
    folder: Path
    command: tuple[str | Path, ...]
    is_ready: Callable[[], bool]
    user: str | None = None
    _process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start the process, and wait until it answers.

        Raises:
            LabError: it ends, or does not answer in time.
        """
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                self.command,
                **_as(self.user),
                cwd=self.folder,
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        end = time.monotonic() + _START_SECONDS
        while not self.is_ready():
            if self._process.poll() is not None or time.monotonic() > end:
                raise LabError(f"{self.name} does not answer: {self._end_of_log()}")
            time.sleep(_POLL_SECONDS)

    def stop(self) -> None:
        """End the process, and everything that it started."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
        self._process = None

    @property
    def _log(self) -> Path:
        return self.folder / f"{self.name}.log"

    def _end_of_log(self) -> str:
        return self._log.read_text(errors="replace")[-2000:]


def postgresql(folder: Path) -> Service:
    """Return PostgreSQL with a new, empty cluster; it listens on a Unix socket in the folder."""
    programs = programs_of_postgresql()
    shutil.chown(folder, USER, USER)
    data = folder / "data"
    cluster = ("--auth=trust", "--encoding=UTF8", "--no-sync", "-D", data)
    run(programs / "initdb", *cluster, user=USER)
    options = ("-c", "listen_addresses=", "-c", "fsync=off", "-k", folder, "-D", data)
    ready = (programs / "pg_isready", "--quiet", "-h", folder)
    command = (programs / "postgres", *options)
    return Service("postgresql", folder, command, lambda: _succeeds(*ready), USER)


def redis(folder: Path) -> Service:
    """Return Redis, which keeps nothing; it listens on a Unix socket in the folder."""
    where = folder / "redis.sock"
    options = ("--port", "0", "--unixsocket", where, "--dir", folder, "--save", "")
    ready = ("redis-cli", "-s", where, "ping")
    return Service("redis", folder, ("redis-server", *options), lambda: _succeeds(*ready))


def programs_of_postgresql() -> Path:
    """Return the folder of PostgreSQL's programs; Debian does not put them on the path.

    Raises:
        LabError: PostgreSQL is not installed.
    """
    found = sorted(Path(_PROGRAMS_OF_POSTGRESQL).glob("*/bin/initdb"))
    if not found or shutil.which("redis-server") is None:
        raise LabError("not installed: apt-get install postgresql redis-server")
    return found[-1].parent


def answers(port: int) -> bool:
    """Return whether something listens on a port of loopback."""
    with socket.socket() as attempt:
        return attempt.connect_ex(("127.0.0.1", port)) == 0


def _succeeds(*command: str | Path) -> bool:
    ended = subprocess.run(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False
    )
    return ended.returncode == 0


def _as(user: str | None) -> dict[str, Any]:
    """Return the arguments that make a process another user's."""
    return {} if user is None else {"user": user, "group": user, "extra_groups": []}


def _environment() -> dict[str, str]:
    """Return an environment in which no other configuration of the services is found.

    IRRd refuses to run as root, except where `CI` is set; and the order of its lists is that of a
    Python set, which is the same in each run only with a fixed seed.
    """
    own = {"PGUSER": USER, "CI": "true", "PYTHONHASHSEED": "0"}
    return {"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **own}
