"""Whois servers on loopback: one that replays recorded answers, and ones that do as scripted."""

from __future__ import annotations

import json
import re
import socket
import socketserver
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from select import select
from threading import Thread
from time import monotonic
from typing import Any, Final, Self

import attrs

#: Recorded from a real IRRd; `tests/lab/registries` makes it.
RECORDINGS: Final = Path(__file__).parents[2] / "vectors" / "whois" / "irrd-4.5.4.json"
#: AS numbers may be written in either case (`!gas64500`), as bgpq4 does.
_ASN_QUERY: Final = re.compile("!([g6])as([0-9]+)")


@attrs.frozen
class Reply:
    """What a server does after a line.

    Attributes:
        octets: what it sends.
        closes: whether it closes the connection then.
        is_last: whether it sends nothing more, forever.
    """

    octets: bytes = b""
    closes: bool = False
    is_last: bool = False


#: The clients whose servers will send nothing more.
_SILENT: Final[set[tuple[str, int]]] = set()
#: Seconds after which a test is wrong: its servers answer, close, or are known to be silent.
_WRONG: Final = 60.0


class ImpatientSocket:
    """A client's socket whose time is over as soon as the server is silent for good.

    So no test depends on how fast the machine is.
    """

    def __init__(self, connection: socket.socket) -> None:
        """Take a connection."""
        self._socket = connection
        self._name = connection.getsockname()

    def settimeout(self, _: float) -> None:
        """Keep a limit that no test reaches; like a real one, fail if the socket is closed."""
        self._socket.settimeout(_WRONG)

    def sendall(self, octets: bytes) -> None:
        """Send octets."""
        self._socket.sendall(octets)

    def recv(self, size: int) -> bytes:
        """Return octets, or raise `TimeoutError` if there will never be any."""
        end = monotonic() + _WRONG
        while True:
            is_silent = self._name in _SILENT  # asked first: what was sent before is there now
            if select([self._socket], [], [], 0 if is_silent else 0.01)[0]:
                return self._socket.recv(size)
            if is_silent:
                raise TimeoutError
            assert monotonic() < end, "a server of a test neither answers nor is silent"

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()


#: Returns the reply to a line of one connection.
Conversation = Callable[[str], Reply]
NEVER: Final = Reply(is_last=True)
GONE: Final = Reply(closes=True)


def script(*replies: Reply | bytes) -> Callable[[], Conversation]:
    """Return a server's conversations that give these replies in turn, and then none.

    `!!` and `!n` are answered as IRRd does, and take none of the replies.
    """

    def connected() -> Conversation:
        left = list(replies)

        def reply(line: str) -> Reply:
            if line == "!!":
                return Reply()
            if line.startswith("!n"):
                return Reply(b"C\n")
            if not left:
                return NEVER
            following = left.pop(0)
            return Reply(following) if isinstance(following, bytes) else following

        return reply

    return connected


@attrs.define
class _Replay:
    """One connection to the server that was recorded."""

    answers: dict[tuple[str, str], bytes]
    unknown: list[str]
    sources: str = ""
    is_kept_open: bool = False

    def __call__(self, line: str) -> Reply:
        if line == "!!":
            self.is_kept_open = True
            return Reply()
        if line == "!q":
            return GONE
        return Reply(self._answer(line), closes=not self.is_kept_open)

    def _answer(self, line: str) -> bytes:
        if line.startswith("!s") and line != "!s-lc":
            answer = self.answers.get(("", line))
            if answer == b"C\n":
                self.sources = line.removeprefix("!s")
        elif line.startswith("!n") or not line.startswith("!"):
            answer = self.answers.get(("", line if line[0] != "!" else "!n"))
        else:
            query = _ASN_QUERY.sub(r"!\1AS\2", line)
            answer = self.answers.get((self.sources, query))
        if answer is None:
            self.unknown.append(f"{self.sources or 'no sources'}: {line}")
            return b"F not recorded\n"
        return answer


def recorded_answers(path: Path = RECORDINGS) -> list[tuple[str, bytes]]:
    """Return each recorded IRRd query, with its sources, and the octets of its answer."""
    rows = json.loads(path.read_text(encoding="utf-8"))["answers"]
    return [
        (f"{sources} {query}".strip(), answer.encode())
        for sources, query, answer in rows
        if query.startswith("!")
    ]


class WhoisDouble:
    """A whois server on a port of loopback.

    Attributes:
        asked: the lines of each connection, in the order of the connections.
        unknown: queries that were not recorded.
    """

    def __init__(self, *conversations: Callable[[], Conversation]) -> None:
        """Prepare.

        Args:
            conversations: one for each connection; the last one is for all further ones too.
        """
        self.asked: list[list[str]] = []
        self.unknown: list[str] = []
        self._conversations = list(conversations)
        double = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                double.serve(self)

        class Server(socketserver.ThreadingTCPServer):
            daemon_threads = True
            allow_reuse_address = True

        self._server = Server(("127.0.0.1", 0), Handler)

    @classmethod
    def replaying(cls, path: Path = RECORDINGS) -> Self:
        """Return a server that gives recorded answers."""
        rows = json.loads(path.read_text(encoding="utf-8"))["answers"]
        answers = {(sources, query): answer.encode() for sources, query, answer in rows}
        double = cls()
        double._conversations = [lambda: _Replay(answers, double.unknown)]
        return double

    @property
    def address(self) -> str:
        """The server, as a client is given it."""
        return f"127.0.0.1:{self._server.server_address[1]}"

    def serve(self, handler: Any) -> None:  # noqa: ANN401  # its class is inside a function
        """Have one conversation."""
        lines: list[str] = []
        self.asked.append(lines)
        following = self._conversations[min(len(self.asked), len(self._conversations)) - 1]()
        name = handler.client_address
        for octets in handler.rfile:
            lines.append(octets.decode().removesuffix("\n"))
            reply = following(lines[-1])
            with suppress(OSError):  # the client may be gone
                handler.wfile.write(reply.octets)
            if reply.is_last:
                _SILENT.add(name)
            if reply.closes:
                handler.connection.shutdown(socket.SHUT_RDWR)
                break
        _SILENT.discard(name)

    def __enter__(self) -> Self:
        """Listen."""
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
