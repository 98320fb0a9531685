"""StayRTR, on loopback, with a JSON file as its cache."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self

import pytest

from peerlint.wire.rtr import PrefixPdu

_PROGRAM: Final = "stayrtr"
_START: Final = 120.0


def skip_without_stayrtr() -> None:
    """Skip the test if StayRTR is not installed, except in CI."""
    if shutil.which(_PROGRAM) is not None:
        return
    if os.environ.get("CI"):
        pytest.fail("not installed: stayrtr")
    pytest.skip("not installed: stayrtr")


def write_json(path: Path, vrps: Iterable[PrefixPdu]) -> None:
    """Write VRPs as rpki-client does, so that a reader sees the old file or the new one."""
    roas = [
        {
            "asn": each.asn,
            "prefix": str(each.prefix),
            "maxLength": each.max_length,
            "ta": "test",
            "expires": 4_000_000_000,
        }
        for each in vrps
    ]
    metadata = {"buildtime": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
    beside = path.with_suffix(".new")
    beside.write_text(json.dumps({"metadata": metadata, "roas": roas}))
    beside.replace(path)


def free_port() -> int:
    """Return a port that is free now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


class StayRtr:
    """A running StayRTR, which reads its file again each second.

    Attributes:
        port: the port that it listens on.
    """

    def __init__(self, path: Path, port: int, *, version: int | None = None) -> None:
        """Prepare; it starts with the `with` statement.

        Args:
            path: its file.
            port: the port to listen on.
            version: the newest version that it speaks; None for its own choice.
        """
        self.port = port
        self._command = [
            *(_PROGRAM, "-bind", f"127.0.0.1:{port}", "-cache", str(path)),
            *("-metrics.addr", "", "-checktime=false", "-refresh", "1"),
            *(() if version is None else ("-protocol", str(version))),
        ]

    def __enter__(self) -> Self:
        """Start it, and wait until it listens."""
        self._process = subprocess.Popen(
            self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        until = time.monotonic() + _START
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 1).close()
            except OSError:
                assert self._process.poll() is None
                assert time.monotonic() < until
                time.sleep(0.05)
            else:
                return self

    def __exit__(self, *_: object) -> None:
        """Stop it."""
        self._process.terminate()
        self._process.wait(10)
