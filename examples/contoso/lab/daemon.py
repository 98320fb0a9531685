"""The common interface of the lab's BGP daemons."""

import os
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

from errors import LabError
from namespaces import Namespace
from routers import Neighbor, Router

_STOP_SECONDS = 5.0
_POLL_SECONDS = 0.2
_LOG_LINES = 20


def wait_until(holds: Callable[[], bool], seconds: float) -> bool:
    """Poll until a condition holds; False when it does not within the bound."""
    end = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > end:
            return False
        time.sleep(_POLL_SECONDS)
    return True


class Daemon(ABC):
    """One router's BGP daemon, with its files in a folder of its own."""

    programs: ClassVar[tuple[str, ...]]
    """The programs that must be installed, the daemon first."""

    private: ClassVar[str | None] = None
    """A folder that the daemon needs outside its own one."""

    dump_seconds: ClassVar[float] = 20.0
    """How long the daemon may take to write its RIB."""

    def __init__(self, router: Router, namespace: Namespace, folder: Path) -> None:
        """Prepare the daemon of a router; nothing runs yet."""
        self.router = router
        self.namespace = namespace
        self.folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    @abstractmethod
    def config(self) -> str:
        """Return the contents of the configuration file."""

    @abstractmethod
    def command(self) -> tuple[str | Path, ...]:
        """Return the command that starts the daemon in the foreground."""

    @abstractmethod
    def received(self, neighbor: Neighbor) -> int:
        """Return the number of routes from a neighbor; LabError if the session is not up."""

    @abstractmethod
    def request_dump(self) -> None:
        """Ask the daemon to write its RIB to the dump file."""

    @property
    def config_file(self) -> Path:
        """The configuration file."""
        return self.folder / "daemon.conf"

    @property
    def dump_file(self) -> Path:
        """Where the daemon writes its RIB in MRT."""
        return self.folder / "rib.mrt"

    def start(self) -> None:
        """Write the configuration and start the daemon."""
        self.folder.mkdir(exist_ok=True)
        self.config_file.write_text(self.config(), encoding="utf-8")
        with self._log_file.open("ab") as log:
            self._process = self.namespace.start(self.command(), log, self.private)

    def stop(self) -> None:
        """Terminate the daemon, and kill it if it does not end in time."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(_STOP_SECONDS)

    @property
    def has_ended(self) -> bool:
        """Whether it was started and has ended."""
        return self._process is not None and self._process.poll() is not None

    def kill(self) -> None:
        """Kill the daemon, which cannot say goodbye."""
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait(_STOP_SECONDS)

    def signal(self, number: signal.Signals) -> None:
        """Send the daemon a signal."""
        if self._process is not None:
            self._process.send_signal(number)

    def check_running(self) -> None:
        """Raise an error if the daemon has ended by itself."""
        code = None if self._process is None else self._process.poll()
        if code is not None:
            raise self.error(f"{self.programs[0]} ended by itself, exit {code}")

    def error(self, reason: str) -> LabError:
        """Return an error about this router, with the end of its daemon's log."""
        lines = self._log_file.read_text(encoding="utf-8", errors="replace").splitlines()
        log = "\n".join(f"  {line}" for line in lines[-_LOG_LINES:])
        return LabError(f"{self.router.name}: {reason}; its log ends:\n{log}")

    @property
    def _log_file(self) -> Path:
        return self.folder / "daemon.log"
