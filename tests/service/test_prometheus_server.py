"""A real Prometheus scrapes the server, evaluates the shipped rules, and survives restarts."""

from __future__ import annotations

import json
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path
from shutil import which
from typing import Final, Protocol
from urllib.parse import urlencode
from urllib.request import urlopen

import attrs
import pytest

from peerlint.monitor.status import MonitorStatus
from peerlint.service.status_source import Changes, StatusSource
from peerlint.service.web import WebServer

PROMETHEUS: Final = which("prometheus")
TOKEN: Final = "a-token-of-some-length"  # noqa: S105  # a test's
#: Seconds that a test waits for anything: much longer than it takes.
LONG: Final = 60
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(PROMETHEUS is None, reason="Prometheus is not installed"),
]
CONFIGURATION: Final = """
global: {{scrape_interval: 200ms, scrape_timeout: 200ms, evaluation_interval: 200ms}}
rule_files: [alerting_rules.yml]
scrape_configs:
  - job_name: peerlint
    authorization: {{credentials_file: {folder}/token}}
    static_configs:
      - targets: ["127.0.0.1:{port}"]
"""


class Source(StatusSource, Protocol):
    """See conftest.py."""

    values: MonitorStatus
    changes: Changes


class Running(Protocol):
    """See conftest.py."""

    server: WebServer

    def become(self, status: MonitorStatus) -> None:
        """Change the status."""

    def stop(self) -> None:
        """Stop it."""


@attrs.frozen
class Prometheus:
    """A running Prometheus."""

    port: int

    def value(self, query: str) -> float | None:
        """Return the value of the only sample that a query finds; None if it finds none."""
        url = f"http://127.0.0.1:{self.port}/api/v1/query?{urlencode({'query': query})}"
        try:
            with urlopen(url, timeout=LONG) as answer:
                found = json.load(answer)["data"]["result"]
        except OSError:
            return None
        return float(found[0]["value"][1]) if len(found) == 1 else None

    def wait(self, query: str, value: float) -> None:
        """Wait until a query has a value."""
        until = time.monotonic() + LONG
        while (found := self.value(query)) != value:
            assert time.monotonic() < until, f"{query}: {found}"
            time.sleep(0.1)


def free_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@contextmanager
def prometheus(folder: Path, peerlint: int) -> Iterator[Prometheus]:
    """Run a Prometheus that scrapes a port, with its data in a folder."""
    rules = files("peerlint.service").joinpath("alerting_rules.yml").read_text(encoding="utf-8")
    (folder / "alerting_rules.yml").write_text(rules)
    (folder / "token").write_text(f"{TOKEN}\n")
    text = CONFIGURATION.format(folder=folder, port=peerlint)
    (folder / "prometheus.yml").write_text(text)
    port = free_port()
    words = [
        str(PROMETHEUS),
        f"--config.file={folder}/prometheus.yml",
        f"--storage.tsdb.path={folder}/data",
        f"--web.listen-address=127.0.0.1:{port}",
    ]
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
        try:
            yield Prometheus(port)
        finally:
            process.terminate()
            process.wait(LONG)


def test_prometheus_scrapes_and_survives_restarts(
    source: Source, run: Callable[..., Running], tmp_path: Path
) -> None:
    """What the monitor knows is in Prometheus, also after a restart of either of them."""
    alerts = 'peerlint_alerts_open{severity="error"}'
    status = source.values
    running = run(source, token=TOKEN)
    port = running.server.port
    with prometheus(tmp_path, port) as server:
        server.wait('up{job="peerlint"}', 1)
        server.wait(alerts, 1)
        server.wait('peerlint_cell_state{session="ams-2",state="missing"} == 1', 1)
        server.wait('peerlint_session_state{session="fra-1",state="down"}', 1)
        server.wait('ALERTS{alertname="PeerlintSessionDown",session="fra-1"}', 1)
        server.wait('scrape_samples_scraped{job="peerlint"} > bool 300', 1)
        running.become(attrs.evolve(status, alerts=()))
        server.wait(alerts, 0)

        running.stop()
        server.wait('up{job="peerlint"}', 0)
        source.values, source.changes = status, Changes()
        run(source, port, token=TOKEN)
        server.wait('up{job="peerlint"}', 1)
        server.wait(alerts, 1)

    with prometheus(tmp_path, port) as server:
        server.wait(f"min_over_time({alerts}[10m])", 0)
        server.wait(f"max_over_time({alerts}[10m])", 1)
        server.wait('up{job="peerlint"}', 1)
