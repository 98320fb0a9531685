"""Dumps at a URL: a server on loopback, and what can go wrong on the way."""

from __future__ import annotations

import gzip
import random
import re
import ssl
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from traceback import format_exception_only
from typing import ClassVar, Final
from urllib.parse import unquote

import pytest

from peerlint.errors import FeedError
from peerlint.feeds import Dump

OCTETS: Final = random.Random(2).randbytes(300_000)  # noqa: S311  # any octets


class Quiet(SimpleHTTPRequestHandler):
    """A folder's files, without a log."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Say nothing."""


class HangsUp(BaseHTTPRequestHandler):
    """Promises more than it sends."""

    def do_GET(self) -> None:  # the method's name there
        """Send a part and go."""
        self.send_response(200)
        self.send_header("Content-Length", str(len(OCTETS)))
        self.end_headers()
        self.wfile.write(OCTETS[:100_000])

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Say nothing."""


@pytest.fixture(name="server")
def _server(tmp_path: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        yield from _serve(server)


@pytest.fixture(name="hanging_up")
def _hanging_up() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), HangsUp) as server:
        yield from _serve(server)


def _serve(server: ThreadingHTTPServer) -> Iterator[str]:
    # It looks every 0.01 seconds whether it is shut down; without a word, every half second.
    Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest.mark.parametrize("threads", [1, 2])
def test_a_compressed_dump(tmp_path: Path, server: str, threads: int) -> None:
    """A dump at a URL is read as one on disk; its size is known for the progress bar."""
    packed = gzip.compress(OCTETS)
    (tmp_path / "rib.gz").write_bytes(packed)
    dump = Dump(f"{server}/rib.gz", threads=threads)

    assert OCTETS == b"".join(dump.chunks())
    assert (None, len(packed), len(packed)) == (dump.cut, dump.octets_taken, dump.size)


def test_a_dump_that_is_cut(tmp_path: Path, server: str) -> None:
    """A stream that is cut at the server is said to be cut, as on disk."""
    (tmp_path / "rib.gz").write_bytes(gzip.compress(OCTETS)[:-9])
    dump = Dump(f"{server}/rib.gz")

    assert OCTETS.startswith(b"".join(dump.chunks()))
    assert "the gzip stream ends before its end" == dump.cut


def test_no_such_file(server: str) -> None:
    """A missing file has the same reason as one on disk."""
    with pytest.raises(FeedError) as caught:
        list(Dump(f"{server}/none.mrt").chunks())

    assert f"{server}/none.mrt: no such file; expected an MRT dump" == str(caught.value)


def test_no_server() -> None:
    """A server that does not answer is a feed error with the system's words."""
    with pytest.raises(FeedError, match=r"cannot be read: .*127\.0\.0\.1:1"):
        list(Dump("http://127.0.0.1:1/rib.gz").chunks())


def test_a_connection_that_breaks(hanging_up: str) -> None:
    """A download that stops half-way is an error, not a short dump."""
    with pytest.raises(FeedError, match="the download ends before its end"):
        list(Dump(f"{hanging_up}/rib.mrt").chunks())


class Redirects(BaseHTTPRequestHandler):
    """Sends every request on to what its query says; what has none is a dump."""

    asked: ClassVar[list[str]] = []

    def do_GET(self) -> None:  # the method's name there
        """Redirect, or send the octets."""
        type(self).asked.append(self.headers["Host"])
        _, _, target = self.path.partition("?to=")
        self.send_response(302 if target else 200)
        if target:
            self.send_header("Location", unquote(target))
        self.send_header("Content-Length", "0" if target else str(len(OCTETS)))
        self.end_headers()
        if not target and self.command == "GET":
            self.wfile.write(OCTETS)

    do_HEAD = do_GET  # noqa: N815  # the name there

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # its name there
        """Say nothing."""


@pytest.fixture(name="redirecting")
def _redirecting() -> Iterator[str]:
    Redirects.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), Redirects) as server:
        yield from _serve(server)


def test_a_redirect_on_the_same_server(redirecting: str) -> None:
    """A server may send a download on to another path of its own."""
    for target in ("/rib.mrt", f"{redirecting}/rib.mrt"):
        dump = Dump(f"{redirecting}/latest?to={target}")

        assert OCTETS == b"".join(dump.chunks())


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [("http://127.0.0.1", "http://localhost"), ("http://", "https://"), (r":\d+$", ":9")],
)
def test_a_redirect_elsewhere(redirecting: str, ours: str, theirs: str) -> None:
    """Another host, scheme or port is not asked, and the error names it without its secrets."""
    target = re.sub(ours, theirs, redirecting)

    with pytest.raises(FeedError) as caught:
        list(Dump(f"{redirecting}/x?to={target}/rib.mrt%3Fsig=SASTOKEN123").chunks())

    assert f"sends it on to {target}/rib.mrt?sig=..., another scheme, host or port" in str(
        caught.value
    )
    assert "SASTOKEN123" not in str(caught.value)
    assert {redirecting.removeprefix("http://")} == set(Redirects.asked)


def test_a_redirect_that_is_asked_for(redirecting: str) -> None:
    """With `follow_redirects`, another host is read."""
    target = redirecting.replace("127.0.0.1", "localhost")
    dump = Dump(f"{redirecting}/x?to={target}/rib.mrt", follow_redirects=True)

    assert OCTETS == b"".join(dump.chunks())
    assert f"localhost:{redirecting.rpartition(':')[2]}" in Redirects.asked


def test_what_a_server_refuses(server: str) -> None:
    """A refusal quotes the URL without its secrets, and no cause shows them behind it."""
    url = f"{server.replace('http://', 'http://noc:s3cretpw@')}/no-such?sig=SASTOKEN123"

    for broken in (url, url.replace("127.0.0.1", "127.0.0.1:1/")):
        with pytest.raises(FeedError) as caught:
            list(Dump(broken).chunks())
        said = "".join(format_exception_only(caught.value)) + repr(caught.value)
        assert "s3cretpw" not in said
        assert "SASTOKEN123" not in said
        assert caught.value.__suppress_context__


def test_without_the_extra() -> None:
    """Without fsspec, a URL says what to install, and files are read as ever."""
    program = (
        "import sys; sys.modules['fsspec'] = sys.modules['aiohttp'] = None;"
        "from peerlint.feeds import Dump; list(Dump('http://192.0.2.1/rib').chunks())"
    )

    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )

    assert done.stderr.splitlines()[-1].endswith(
        "http://192.0.2.1/rib: reading from the network needs more: pip install 'peerlint[remote]'"
    )


def test_https_is_checked(tmp_path: Path) -> None:
    """A certificate that nobody vouches for is refused."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj"]
        + ["/CN=localhost", "-keyout", str(key), "-out", str(certificate)],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path))) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        for url in _serve(server):
            with pytest.raises(FeedError, match="certificate"):
                list(Dump(url.replace("http:", "https:") + "/rib.gz").chunks())
