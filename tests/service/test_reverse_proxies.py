"""The configurations in the how-to page, run by a real nginx and a real Caddy on loopback."""

from __future__ import annotations

import os
import re
import socket
import ssl
import subprocess
import time
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path
from shutil import which
from typing import Final, Protocol

import pytest

from peerlint.service.status_source import Changes, StatusSource
from peerlint.service.web import WebServer

PAGE: Final = (
    Path(__file__).resolve().parents[2] / "docs" / "how-to" / "put-a-reverse-proxy-in-front.md"
)
TOKEN: Final = "a-token-of-some-length"  # noqa: S105  # a test's
NAME: Final = "peerlint.contoso.example"
USER: Final = "noc"
PASSWORD: Final = "a password"  # noqa: S105  # a test's
READER: Final = {"Authorization": f"Basic {b64encode(f'{USER}:{PASSWORD}'.encode()).decode()}"}
#: Seconds that a test waits for anything: much longer than it takes.
LONG: Final = 60
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(which("openssl") is None, reason="openssl is not installed"),
]


class Source(StatusSource, Protocol):
    """See conftest.py."""

    changes: Changes


class Running(Protocol):
    """See conftest.py."""

    server: WebServer

    def call(self, function: Callable[..., object], *arguments: object) -> None:
        """Call a function in the thread of the server."""


Run = Callable[..., Running]


def block(kind: str) -> str:
    """Return the first example of a kind on the page."""
    found = re.search(rf"```{kind}\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


def output(*words: str) -> str:
    """Return what a program prints."""
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()


def free_port() -> int:
    """Return a port that is free now."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """Give a certificate for the name of the example, and its key."""
    made, key = tmp_path / "peerlint.pem", tmp_path / "peerlint.key"
    output(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
        "-nodes", "-days", "2", "-subj", f"/CN={NAME}", "-addext", f"subjectAltName=DNS:{NAME}",
        "-keyout", str(key), "-out", str(made),
    )  # fmt: skip
    return made, key


@contextmanager
def running(folder: Path, port: int, *words: str, **environment: str) -> Iterator[None]:
    """Run a proxy until the end, and wait until it listens."""
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            words, stdout=log, stderr=log, cwd=folder, env={**os.environ, **environment}
        )
        try:
            until = time.monotonic() + LONG
            while True:
                assert process.poll() is None, (folder / "log").read_text()
                assert time.monotonic() < until, (folder / "log").read_text()
                try:
                    socket.create_connection(("127.0.0.1", port), 1).close()
                    break
                except OSError:
                    time.sleep(0.05)
            yield
        finally:
            process.terminate()
            process.wait(LONG)


@contextmanager
def asked(
    certificate: Path, port: int, path: str, headers: Mapping[str, str]
) -> Iterator[HTTPResponse]:
    """Ask a proxy for a page, by the name in its certificate."""
    trust = ssl.create_default_context(cafile=certificate)
    words = {"Host": NAME, "Connection": "close", **headers}
    lines = "".join(f"{name}: {value}\r\n" for name, value in words.items())
    with (
        socket.create_connection(("127.0.0.1", port), LONG) as plain,
        trust.wrap_socket(plain, server_hostname=NAME) as connection,
    ):
        connection.sendall(f"GET {path} HTTP/1.1\r\n{lines}\r\n".encode())
        with HTTPResponse(connection) as answer:
            answer.begin()
            yield answer


def check_pages(certificate: Path, port: int, change: Callable[[], None]) -> None:
    """Check what a reader gets through a proxy."""
    with asked(certificate, port, "/", {}) as refused:
        assert 401 == refused.status
    for path in ("/", "/metrics", "/api/v1/report", "/readyz"):
        with asked(certificate, port, path, READER) as answer:
            assert 200 == answer.status
            assert answer.read()
    with asked(certificate, port, "/events", READER) as events:
        assert 200 == events.status
        first = mark(events)
        change()
        while mark(events) == first:
            pass


def mark(lines: HTTPResponse) -> bytes:
    """Return the data of the next event."""
    while line := lines.readline():
        if line.startswith(b"data: "):
            return line
    raise EOFError


@pytest.mark.skipif(which("nginx") is None, reason="nginx is not installed")
def test_nginx(source: Source, run: Run, tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    """Through nginx, a reader with a password gets all pages, and events as they come."""
    server, port = run(source, token=TOKEN), free_port()
    password = output("openssl", "passwd", "-apr1", PASSWORD)
    (tmp_path / "peerlint.htpasswd").write_text(f"{USER}:{password}\n")
    token = f'proxy_set_header Authorization "Bearer {TOKEN}";\n'
    (tmp_path / "peerlint-token.conf").write_text(token)
    text = block("nginx").replace("/etc/nginx", str(tmp_path))
    text = text.replace("listen 443", f"listen 127.0.0.1:{port}")
    text = text.replace("127.0.0.1:9480", f"127.0.0.1:{server.server.port}")
    paths = "".join(
        f"{name}_temp_path {tmp_path}/{name};\n"
        for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (tmp_path / "nginx.conf").write_text(
        f"pid {tmp_path}/pid;\nerror_log {tmp_path}/log;\ndaemon off;\nevents {{}}\n"
        f"http {{\naccess_log off;\n{paths}{text}}}\n"
    )
    user = ("-g", "user root;") if os.geteuid() == 0 else ()
    words = ("nginx", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf"), *user)
    with running(tmp_path, port, *words):
        check_pages(certificate[0], port, lambda: server.call(source.changes.note))


@pytest.mark.skipif(which("caddy") is None, reason="Caddy is not installed")
def test_caddy(source: Source, run: Run, tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    """Through Caddy, a reader with a password gets all pages, and events as they come."""
    server, port = run(source, token=TOKEN), free_port()
    password = output("caddy", "hash-password", "--plaintext", PASSWORD)
    text = block("caddy").replace("$2a$14$...", password)
    text = text.replace("127.0.0.1:9480", f"127.0.0.1:{server.server.port}")
    made, key = certificate
    text = text.replace(
        f"{NAME} {{", f"https://{NAME}:{port} {{\n\tbind 127.0.0.1\n\ttls {made} {key}", 1
    )
    options = "{\n\tadmin off\n\tauto_https disable_redirects\n\tskip_install_trust\n}\n"
    (tmp_path / "Caddyfile").write_text(options + text)
    words = ("caddy", "run", "--config", str(tmp_path / "Caddyfile"), "--adapter", "caddyfile")
    environment = {"PEERLINT_TOKEN": TOKEN, "HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path)}
    with running(tmp_path, port, *words, **environment):
        check_pages(made, port, lambda: server.call(source.changes.note))
