"""One connection to a whois server."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from time import monotonic
from typing import Final, Self

from peerlint.errors import FeedError, WireError
from peerlint.feeds.whois.servers import WhoisLimits, WhoisServer
from peerlint.registry.whois import Answer, AnswerReader, Query, read_ripe
from peerlint.wording import counted

#: Octets that are asked for at once.
_CHUNK: Final = 1 << 16
#: Queries that are sent before the first of them is answered. Together they are shorter than what
#: a socket takes without being read, so that neither side waits for the other.
_WINDOW: Final = 32


class UnusedConnectionError(FeedError):
    """A connection that the server closed before it answered anything that was asked now.

    A server closes a connection that is idle for half a minute: this alone is no failure.
    """


class WhoisConnection:
    """An open connection; any error closes it, because later answers would not be understood."""

    def __init__(
        self, server: WhoisServer, limits: WhoisLimits, clock: Callable[[], float] = monotonic
    ) -> None:
        """Connect.

        Args:
            server: the server; its addresses are tried one after the other.
            limits: what is accepted.
            clock: the seconds since any fixed time.

        Raises:
            FeedError: no address accepts the connection.
        """
        self._server, self._limits, self._clock = server, limits, clock
        self._reader = AnswerReader(limits.octets)
        self._has_answered = False
        try:
            self._socket = socket.create_connection(
                (server.host, server.port), timeout=limits.connect
            )
        except TimeoutError:
            seconds = f"{limits.connect:g} seconds"
            raise self._error(f"did not accept the connection in {seconds}") from None
        except (OSError, UnicodeError) as error:
            raise self._error(f"cannot be reached: {_words(error)}") from None

    def ask(self, queries: Sequence[Query]) -> list[Answer]:
        """Return the answer to each query, in their order.

        All of them or none: a result whose length is wrong may take in the answers after it, which
        shows only when one is missing in the end.

        Args:
            queries: IRRd queries that are answered, after `KEEP_OPEN` was sent.

        Raises:
            UnusedConnectionError: the server closed the connection before it answered any.
            FeedError: the answers do not come, or are none.
        """
        answers: list[Answer] = []
        try:
            for start in range(0, len(queries), _WINDOW):
                window = queries[start : start + _WINDOW]
                self.send(*window)
                answers += [
                    self._answer(is_first=not start and not index) for index in range(len(window))
                ]
                self._check_nothing_follows()
        except BaseException:
            self.close()
            raise
        return answers

    def ask_ripe(self, query: Query) -> Answer:
        """Return the answer to a RIPE query, after which the server closes the connection.

        Raises:
            FeedError: the answer does not come, or is none.
        """
        with self:
            self.send(query)
            end = self._clock() + self._limits.answer
            octets = bytearray()
            while received := self._receive(end, len(octets)):
                octets += received
                if len(octets) > self._limits.octets:
                    limit = counted(self._limits.octets, "octet")
                    raise self._error(f"sent more than {limit} in answer to one query")
            if not octets:
                raise self._error("closed the connection without an answer")
            try:
                return read_ripe(bytes(octets))
            except WireError as error:
                raise self._error(f"sent half an answer, or another protocol: {error}") from None

    def send(self, *queries: Query) -> None:
        """Send queries.

        Raises:
            UnusedConnectionError: the connection is closed.
            FeedError: the server does not read.
        """
        try:
            self._socket.settimeout(self._limits.silence)
            self._socket.sendall("".join(f"{each}\n" for each in queries).encode("ascii"))
        except TimeoutError:
            raise self._silent(0) from None
        except OSError as error:
            reason = f"closed the connection: {_words(error)}"
            raise UnusedConnectionError(str(self._server), reason) from None

    def close(self) -> None:
        """Close the connection."""
        self._socket.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()

    def _answer(self, *, is_first: bool) -> Answer:
        """Return the next answer."""
        end = self._clock() + self._limits.answer
        try:
            while (answer := self._reader.next()) is None:
                pending = self._reader.pending
                octets = self._receive(end, pending, is_unused=is_first and not pending)
                if octets:
                    self._reader.feed(octets)
                    continue
                last = self._reader.end()
                if last is not None:
                    return last
                reason = "closed the connection before it answered"
                kind = UnusedConnectionError if is_first else FeedError
                raise kind(str(self._server), reason)
        except WireError as error:
            raise self._error(f"sent no valid answer: {error}") from None
        self._has_answered = True
        return answer

    def _check_nothing_follows(self) -> None:
        if self._reader.pending:
            raise self._error("sent more than it was asked for; a length before that is wrong")

    def _receive(self, end: float, pending: int, *, is_unused: bool = False) -> bytes:
        """Return the next octets; none at the end.

        Args:
            end: until when, by the clock.
            pending: how many octets of the answer are there already, for the error.
            is_unused: whether the server has not answered anything that was asked now.
        """
        left = end - self._clock()
        if left <= 0:
            raise self._late(pending)
        self._socket.settimeout(min(left, self._limits.silence))
        try:
            return self._socket.recv(_CHUNK)
        except TimeoutError:
            is_late = left < self._limits.silence
            raise (self._late(pending) if is_late else self._silent(pending)) from None
        except OSError as error:
            kind = UnusedConnectionError if is_unused else FeedError
            raise kind(str(self._server), f"cut the connection: {_words(error)}") from None

    def _late(self, pending: int) -> FeedError:
        limit, there = f"{self._limits.answer:g} seconds", counted(pending, "octet")
        return self._error(f"did not complete its answer in {limit}, only {there} of it")

    def _silent(self, pending: int) -> FeedError:
        limit = f"{self._limits.silence:g} seconds"
        if pending:
            there = counted(pending, "octet")
            return self._error(f"sent nothing for {limit} after {there} of an answer")
        if self._has_answered:
            return self._error(f"answered before, and does not answer this query in {limit}")
        return self._error(f"accepted the connection and did not answer in {limit}")

    def _error(self, reason: str) -> FeedError:
        return FeedError(str(self._server), reason)


def _words(error: Exception) -> str:
    if isinstance(error, UnicodeError):
        return "the name has characters that host names cannot have"
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
