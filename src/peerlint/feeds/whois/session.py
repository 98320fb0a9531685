"""A conversation with one IRRd server: what is said before the queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from peerlint._version import __version__
from peerlint.errors import FeedError
from peerlint.feeds.whois.connection import UnusedConnectionError, WhoisConnection
from peerlint.feeds.whois.servers import WhoisLimits, WhoisServer
from peerlint.registry.whois import (
    ALL_SERIALS,
    KEEP_OPEN,
    Answer,
    AnswerKind,
    JournalState,
    Query,
    identify,
    select_sources,
    serials,
)
from peerlint.wording import listed

_CLIENT: Final = f"peerlint-{__version__}"
Sources = tuple[str, ...]


class RefusedError(FeedError):
    """A server that works does not answer a query, or has none of the sources."""


class WhoisSession:
    """An open connection that takes many queries.

    Attributes:
        server: the server.
        missing: those of the selected sources that the server does not have.
    """

    def __init__(self, server: WhoisServer, limits: WhoisLimits) -> None:
        """Connect, and tell the server's operators who asks.

        Raises:
            FeedError: the server cannot be reached, or does not answer.
        """
        self.server = server
        self.missing: Sources = ()
        self._selected: Sources = ()
        self._connection = WhoisConnection(server, limits)
        try:
            self._connection.send(KEEP_OPEN)
            # Not all servers know this query. That one refuses it matters only if it closes the
            # connection: then the refusal is of the client.
            self._refusal = self._one(identify(_CLIENT)).reason
        except BaseException:
            self.close()
            raise

    def ask(self, queries: Sequence[Query]) -> list[Answer]:
        """Return the answer to each query; see `WhoisConnection.ask`."""
        return self._connection.ask(queries)

    def select(self, sources: Sources) -> None:
        """Limit the following queries to sources, in this order, as far as the server has them.

        Raises:
            RefusedError: the server has none of them.
            FeedError: it does not answer.
        """
        if self._selected == sources:
            return
        self._selected = self.missing = ()
        try:
            answer = self._one(select_sources(sources))
        except UnusedConnectionError:
            if not self._refusal:
                raise
            raise self._error(f"refuses the connection: {self._refusal}") from None
        if answer.kind is AnswerKind.REFUSED:
            self.missing = self._select_known(sources, answer.reason)
        self._selected = sources

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _select_known(self, sources: Sources, reason: str) -> Sources:
        """Select those of the sources that the server has, and return the others.

        A server that lacks one of several sources refuses all of them, and does not say which.

        Args:
            sources: the sources that the server refused.
            reason: why it did.
        """
        refusal = f"refuses the sources {listed(sources)}: {reason.removesuffix('.')}"
        try:
            known = serials(self._one(ALL_SERIALS)).values
        except FeedError:
            raise self._error(refusal) from None
        names = [each.source for each in known if each.journal is not JournalState.UNKNOWN_SOURCE]
        there = [each for each in sources if each in names]
        missing = tuple(each for each in sources if each not in names)
        if there and missing and self._one(select_sources(there)).kind is not AnswerKind.REFUSED:
            return missing
        has = f"; it has {listed(names)}" if names else ""
        raise RefusedError(str(self.server), f"{refusal}{has}")

    def _one(self, query: Query) -> Answer:
        (answer,) = self._connection.ask((query,))
        return answer

    def _error(self, reason: str) -> FeedError:
        return FeedError(str(self.server), reason)
