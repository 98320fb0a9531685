"""A connection fails in every way that TCP has, each with words of its own."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from threading import Thread
from typing import Final

import pytest
from tests.feeds.doubles.whois_server import Reply, WhoisDouble, script

from peerlint.errors import FeedError
from peerlint.feeds.whois import IrrdClient, WhoisLimits, WhoisServer
from peerlint.feeds.whois.connection import UnusedConnectionError, WhoisConnection
from peerlint.registry import whois

LIMITS: Final = WhoisLimits()
QUERY: Final = whois.prefixes_of(64500, 4)
#: Closing a socket with this option sends a reset instead of an end.
_RESET: Final = (socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


@contextmanager
def resetting(*, after: bytes = b"") -> Iterator[str]:
    """Give the address of a server that answers some octets, waits for a line, and resets."""

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.sendall(after)
            connection.recv(1000)
            connection.setsockopt(*_RESET)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listener.getsockname()[1]}"
        thread.join()


class FullSocket:
    """A socket whose other end does not read."""

    def settimeout(self, _: float) -> None:
        """Do nothing."""

    def sendall(self, _: bytes) -> None:
        """Wait for room, in vain."""
        raise TimeoutError

    def close(self) -> None:
        """Do nothing."""


def test_a_connection_that_is_not_accepted_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server behind a filter that drops packets is given up after the limit."""

    def create_connection(*_: object, **__: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(socket, "create_connection", create_connection)
    with pytest.raises(
        FeedError, match=r"^whois\.example\.net: did not accept the connection in 30 seconds$"
    ):
        WhoisConnection(WhoisServer("whois.example.net"), WhoisLimits())


@pytest.mark.parametrize(
    ("after", "kind"), [(b"", UnusedConnectionError), (b"A15\n203.", FeedError)]
)
def test_a_reset_is_an_error(after: bytes, kind: type[FeedError]) -> None:
    """A reset before any answer may be that of an idle connection; one inside an answer is not."""
    with resetting(after=after) as address:
        connection = WhoisConnection(WhoisServer.parse(address), LIMITS)
        if after:
            connection._reader.feed(connection._socket.recv(1000))
        with pytest.raises(FeedError, match="cut the connection: Connection reset") as caught:
            connection.ask((QUERY,))

    assert type(caught.value) is kind


def test_a_closed_connection_takes_no_query() -> None:
    """Sending on a connection that is closed is an error, not a crash."""
    with WhoisDouble.replaying() as server:
        connection = WhoisConnection(WhoisServer.parse(server.address), LIMITS)
        connection.close()
        with pytest.raises(UnusedConnectionError, match="closed the connection: "):
            connection.ask((QUERY,))


def test_a_server_that_does_not_read_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    """A query that cannot be sent is given up like an answer that does not come."""
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: FullSocket())
    with pytest.raises(FeedError, match="accepted the connection and did not answer"):
        WhoisConnection(WhoisServer("whois.example.net"), LIMITS).ask((QUERY,))


def test_a_client_that_cannot_say_its_name_closes_the_connection() -> None:
    """A connection that fails at once is not left open."""
    with resetting() as address, IrrdClient([address]) as client:
        with pytest.raises(FeedError, match="the connection"):
            client.ask(QUERY, ("RADB",))

        assert client._session is None


def test_an_answer_that_trickles_is_given_up() -> None:
    """A server that sends an octet now and then does not hold the client forever."""
    clock = count(0, 200)  # each look at the clock is 200 seconds later
    with (
        WhoisDouble(lambda: lambda _: Reply(b"A9\n")) as server,
        WhoisConnection(
            WhoisServer.parse(server.address), WhoisLimits(), lambda: float(next(clock))
        ) as connection,
        pytest.raises(FeedError, match="not complete its answer in 300 seconds, only 3 octets of"),
    ):
        connection.ask((QUERY,))


def test_the_time_of_an_answer_ends_while_nothing_is_sent() -> None:
    """The limit that is reached first is the one that the error names."""
    limits = WhoisLimits(silence=60.0, answer=50.0)
    with (
        WhoisDouble(script(Reply(b"A9\n", is_last=True))) as server,
        WhoisConnection(WhoisServer.parse(server.address), limits) as connection,
        pytest.raises(
            FeedError, match=r"did not complete its answer in 50 seconds, only 3 octets of"
        ),
    ):
        connection.ask((QUERY,))


def test_time_outs_are_long() -> None:
    """Public servers take half a minute for some queries (bgp/bgpq4#23)."""
    limits = WhoisLimits()

    assert min(limits.connect, limits.silence, limits.answer) >= 30
