"""`peerlint watch` as a process in a network namespace, and what it kept and said."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from time import monotonic, sleep
from typing import Any, Final

import attrs

from peerlint.monitor.alerts import Alert
from peerlint.monitor.transitions import Transition
from peerlint.service.store.values import alert_of, transition_of

_SECONDS: Final = 240.0
_VERIFIED: Final = "Verified"


@attrs.frozen
class WatchProcess:
    """A watch that runs.

    Attributes:
        folder: where its state, its alerts and its screen are.
        namespace: the words before a command that runs it in the namespace of the watch.
        port: the port of its pages on the loopback of the namespace.
        process: the process.
    """

    folder: Path
    namespace: tuple[str, ...]
    port: int
    process: subprocess.Popen[bytes]

    def wait_until_verified(self) -> None:
        """Wait until every prefix is Verified."""
        end = monotonic() + _SECONDS
        while self._states() != {_VERIFIED}:
            assert self.process.poll() is None, self.screen
            assert monotonic() < end, f"{self._states()}: {self.screen}"
            sleep(0.5)

    def stop(self) -> int:
        """Ask it to end, and return its exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(_SECONDS)

    @property
    def screen(self) -> str:
        """What it printed."""
        return (self.folder / "screen.txt").read_text(encoding="utf-8")

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """The alerts that it kept."""
        return tuple(map(alert_of, self._column("SELECT alert FROM alerts")))

    @property
    def transitions(self) -> tuple[Transition, ...]:
        """The transitions that it kept, in order."""
        texts = self._column("SELECT transition FROM transitions ORDER BY position")
        return tuple(map(transition_of, texts))

    @property
    def delivered(self) -> list[dict[str, Any]]:
        """The documents that it delivered to its file."""
        text = (self.folder / "alerts.jsonl").read_text(encoding="utf-8")
        return [json.loads(line) for line in text.splitlines()]

    def _column(self, query: str) -> list[str]:
        with closing(sqlite3.connect(self.folder / "state.db")) as database:
            return [text for (text,) in database.execute(query)]

    def _states(self) -> set[str]:
        url = f"http://127.0.0.1:{self.port}/api/v1/report"
        fetch = f"import urllib.request as r; print(r.urlopen({url!r}, timeout=5).read().decode())"
        command = [*self.namespace, sys.executable, "-c", fetch]
        found = subprocess.run(command, capture_output=True, check=False, timeout=_SECONDS)
        if found.returncode:
            return set()  # it does not listen yet
        return {each["state"] for each in json.loads(found.stdout)["prefixes"]}


@contextmanager
def watching(
    inventory: Path, options: tuple[str, ...], folder: Path, namespace: tuple[str, ...], port: int
) -> Iterator[WatchProcess]:
    """Run `peerlint watch` with some feeds in a network namespace."""
    folder.mkdir()
    command = [*namespace, sys.executable, "-m", "peerlint", "watch", str(inventory), *options]
    command += ["--state", str(folder / "state.db"), "--alert", f"jsonl:{folder / 'alerts.jsonl'}"]
    command += ["--listen", f"127.0.0.1:{port}"]
    with (
        (folder / "screen.txt").open("wb") as screen,
        subprocess.Popen(command, stdout=screen, stderr=subprocess.STDOUT) as process,
    ):
        try:
            yield WatchProcess(folder, namespace, port, process)
        finally:
            process.kill()
