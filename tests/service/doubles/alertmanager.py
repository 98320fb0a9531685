"""A real Alertmanager (Debian's package) on loopback."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any, Final, Self
from urllib.error import URLError
from urllib.request import urlopen

import pytest

PROGRAM: Final = "prometheus-alertmanager"
#: Seconds after which something that should happen at once counts as hanging.
LIMIT: Final = 60
CONFIG: Final = """
route:
  receiver: hook
  group_by: [...]
  group_wait: 0s
  group_interval: 1s
receivers:
  - name: hook
    webhook_configs:
      - url: {url}
        send_resolved: true
"""


class RealAlertmanager:
    """Runs Alertmanager until the block ends.

    Attributes:
        url: its URL.
    """

    def __init__(self, folder: Path, hook: str = "http://127.0.0.1:1/") -> None:
        """Write its configuration; skip the test if it is not installed.

        Args:
            folder: an empty folder.
            hook: the URL of its only receiver.
        """
        program = shutil.which(PROGRAM)
        if program is None:
            pytest.skip(f"{PROGRAM} is not installed")
        config = folder / "alertmanager.yml"
        config.write_text(CONFIG.format(url=hook), encoding="utf-8")
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        self._command = [
            program,
            f"--config.file={config}",
            f"--storage.path={folder / 'data'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--cluster.listen-address=",
        ]
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self) -> None:
        """Start it, and wait until it answers."""
        self._process = subprocess.Popen(  # noqa: ASYNC220  # starting takes no time
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ
        )
        await self.until(lambda _: True)

    async def stop(self) -> None:
        """End it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            await asyncio.to_thread(self._process.wait, LIMIT)
            self._process = None

    async def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts that it takes as open, sorted by their labels."""
        found = await asyncio.to_thread(_get, f"{self.url}/api/v2/alerts")
        return sorted(found, key=lambda each: sorted(each["labels"].items()))

    async def until(self, condition: Any) -> list[dict[str, Any]]:  # noqa: ANN401  # of its alerts
        """Wait until its open alerts have a property, and return them."""
        for _ in range(LIMIT * 20):
            try:
                alerts = await self.alerts()
            except (URLError, ConnectionError):
                alerts = None
            if alerts is not None and condition(alerts):
                return alerts
            await asyncio.sleep(0.05)
        raise AssertionError(str(alerts)[:2000])

    async def __aenter__(self) -> Self:
        """Start it."""
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """End it."""
        await self.stop()


def _get(url: str) -> list[dict[str, Any]]:
    with urlopen(url, timeout=LIMIT) as response:  # noqa: S310  # of loopback
        found: list[dict[str, Any]] = json.load(response)
        return found


def _free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port
