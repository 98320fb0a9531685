"""IRRd 4, loaded with the files of `objects`."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from tests.lab.registries.services import (
    USER,
    LabError,
    Service,
    answers,
    free_port,
    postgresql,
    programs_of_postgresql,
    redis,
    run,
)

OBJECTS: Final = Path(__file__).with_name("objects")
#: Each registry with the serial of its last change, which `!j` says; None if it has none.
SERIALS: Final = {"RADB": 1001, "RIPE": 2002, "ALTDB": None, "NTTCOM": None}
_DATABASE: Final = "database"
#: How often its data are waited for, and for how long each time.
_ATTEMPTS: Final = 12
_ATTEMPT_SECONDS: Final = 10.0
_CONFIGURATION: Final = """\
irrd:
  database_url: "postgresql://{user}@/irrd?host={folder}/{database}"
  redis_url: "unix://{folder}/redis.sock"
  piddir: "{folder}"
  server:
    http: {{interface: 127.0.0.1, port: {http}, workers: 1, url: "http://127.0.0.1:{http}/"}}
    whois: {{interface: 127.0.0.1, port: {whois}, max_connections: 1}}
  email: {{from: noc@example.net, smtp: localhost}}
  auth:
    gnupg_keyring: "{folder}/keyring"
    webui_auth_failure_rate_limit: "30/hour"
  rpki: {{roa_source: null}}
  log: {{level: INFO}}
  sources:
{sources}
"""


@contextmanager
def irrd(programs: Path) -> Iterator[int]:
    """Run IRRd with the lab's objects; give its port for whois, on 127.0.0.1.

    Args:
        programs: the folder of IRRd's programs, in a virtual environment of its own.

    Raises:
        LabError: something is not installed, or does not start.
    """
    programs_of_postgresql()
    with ExitStack() as cleanup:
        folder = Path(
            cleanup.enter_context(TemporaryDirectory(prefix="peerlint-irrd-", dir="/tmp"))
        )
        folder.chmod(0o755)
        for name in ("keyring", _DATABASE):
            (folder / name).mkdir()
        whois = _configure(folder)
        for service in (postgresql(folder / _DATABASE), redis(folder)):
            cleanup.callback(service.stop)
            service.start()
        _load(programs, folder)
        server = Service(
            "irrd",
            folder,
            (programs / "irrd", "--foreground", "--config", folder / "irrd.yaml"),
            lambda: answers(whois),
        )
        cleanup.callback(server.stop)
        server.start()
        _wait_for_data(folder, whois)
        yield whois


def _configure(folder: Path) -> int:
    """Write the configuration; return the port for whois."""
    whois, http = free_port(), free_port()
    sources = "\n".join(f"    {each}: {{keep_journal: false}}" for each in SERIALS)
    text = _CONFIGURATION.format(
        user=USER, folder=folder, database=_DATABASE, whois=whois, http=http, sources=sources
    )
    (folder / "irrd.yaml").write_text(text)
    return whois


def _wait_for_data(folder: Path, port: int) -> None:
    """Wait until IRRd has its objects in memory, without which it answers no `!g`.

    Its worker waits for a message that the objects are there, and waits for ever if that was sent
    before it listened. So the message is asked for again.

    Raises:
        LabError: it never has them.
    """
    ask = ("publish", "irrd-preload-reload-channel", "unknown-classes-changed-preload-all")
    for _ in range(_ATTEMPTS):
        run("redis-cli", "-s", folder / "redis.sock", *ask)
        with (
            suppress(TimeoutError),
            socket.create_connection(("127.0.0.1", port), timeout=_ATTEMPT_SECONDS) as connection,
        ):
            connection.sendall(b"!gAS64500\n")
            if connection.recv(1):
                return
    raise LabError("irrd does not answer !g")


def _load(programs: Path, folder: Path) -> None:
    """Make the tables, and load each registry's objects."""
    psql = ("psql", "-h", folder / _DATABASE, "-q", "-c")
    run(*psql, "CREATE DATABASE irrd")
    run(*psql, "CREATE EXTENSION pgcrypto", "irrd")
    configuration = ("--config", folder / "irrd.yaml")
    run(programs / "irrd_database_upgrade", *configuration)
    for source, serial in SERIALS.items():
        load = (programs / "irrd_load_database", *configuration)
        run(*load, "--source", source, OBJECTS / f"{source}.rpsl")
        if serial is not None:
            # What following the registry would have noted: a file that is loaded has no serial.
            noted = f"UPDATE database_status SET serial_newest_mirror = {serial}"  # noqa: S608
            run(*psql, f"{noted} WHERE source = '{source}'", "irrd")
