"""A client of IRRd servers: several servers in turn, answers that are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Final, Self

import attrs

from peerlint.arguments import as_tuple
from peerlint.errors import FeedError, InputError
from peerlint.feeds.clock import microseconds_now
from peerlint.feeds.whois.connection import UnusedConnectionError
from peerlint.feeds.whois.servers import MAX_AGE, WhoisLimits, WhoisServer
from peerlint.feeds.whois.session import RefusedError, Sources, WhoisSession
from peerlint.registry.whois import AnswerCache, AnswerKind, Query, WhoisAnswer, checked_sources
from peerlint.wording import listed

_SECOND: Final = 1_000_000


class IrrdClient:
    """Asks IRRd servers; for one thread.

    The first server that answers is asked until it fails, then the next one. A server that refuses
    a query has failed for this query. Sources are always sent: those that a server selects by
    itself, and their order, are its operators' choice and change answers.
    """

    def __init__(
        self,
        servers: Iterable[str],
        *,
        limits: WhoisLimits | None = None,
        max_age: float = MAX_AGE,
        cache: AnswerCache | None = None,
        now: Callable[[], int] = microseconds_now,
    ) -> None:
        """Prepare; nothing is connected yet.

        Args:
            servers: the servers in the order in which they are tried, as `HOST` or `HOST:PORT`.
            limits: what is accepted.
            max_age: how old an answer may be to be used again, in seconds.
            cache: the answers that were given before; None for an empty one.
            now: the clock, in microseconds since 1970.

        Raises:
            InputError: a server is none, or there is none.
        """
        names = dict.fromkeys(as_tuple("servers", servers, str, "the name of a server"))
        self._servers = [WhoisServer.parse(each) for each in names]
        if not self._servers:
            raise InputError("servers", expected="one at least", found=())
        self._limits, self._now = limits or WhoisLimits(), now
        self._max_age = round(max_age * _SECOND)
        self._cache = AnswerCache() if cache is None else cache
        self._session: WhoisSession | None = None
        self._failed: tuple[int, FeedError] | None = None

    def ask(self, query: Query, sources: Iterable[str]) -> WhoisAnswer:
        """Return the answer to one query; see `ask_all`."""
        return self.ask_all((query,), sources)[0]

    def ask_each(self, query: Query, sources: Iterable[str]) -> dict[str, WhoisAnswer]:
        """Return the answer to one query by each source alone; see `ask_all`.

        A list of prefixes or members does not say from which source each of them is.
        """
        return {each: self.ask(query, (each,)) for each in checked_sources(sources)}

    def ask_all(self, queries: Sequence[Query], sources: Iterable[str]) -> tuple[WhoisAnswer, ...]:
        """Return the answer to each query, in their order.

        Answers that are young enough are used again. If no server answers, older ones are used,
        and say why in their `failure`.

        Args:
            queries: queries about objects, such as `prefixes_of`.
            sources: the registries to ask, in the order in which they count.

        Raises:
            InputError: no source, a name that is not one, or a query about the connection itself.
            FeedError: no server answers, and no older answer is there; it names the failure of each
                server.
        """
        asked_for = checked_sources(sources)
        for each in as_tuple("queries", queries, Query, "a Query"):
            if not each.is_about_objects:
                raise InputError("query", expected="an IRRd query about objects", found=each.text)
        now = self._now()
        kept = {each: self._cache.get(each.text, asked_for) for each in queries}
        young = {
            each: answer
            for each, answer in kept.items()
            if answer is not None and answer.age(now) < self._max_age
        }
        wanted = [each for each in kept if each not in young]
        answers = dict(young)
        try:
            if wanted:
                self._ask_servers(wanted, asked_for, answers)
        except FeedError as error:
            for query in wanted:
                old = kept[query]
                if query not in answers and old is None:
                    raise
                if query not in answers and old is not None:
                    answers[query] = attrs.evolve(old, failure=str(error))
        return tuple(answers[each] for each in queries)

    def close(self) -> None:
        """Close the connection, if there is one; the client can be used again."""
        session, self._session = self._session, None
        if session is not None:
            session.close()

    def __enter__(self) -> Self:
        """Return itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connection."""
        self.close()

    def _ask_servers(
        self, queries: list[Query], sources: Sources, answers: dict[Query, WhoisAnswer]
    ) -> None:
        """Ask the servers in turn, add their answers, and keep them.

        Raises:
            FeedError: some queries are not answered by any server.
        """
        if self._failed is not None:
            time, last = self._failed
            if 0 <= self._now() - time < self._limits.retry * _SECOND:
                raise last
        failures: list[FeedError] = []
        for server in tuple(self._servers):
            left = [each for each in queries if each not in answers]
            try:
                self._ask_server(server, left, sources, answers)
            except RefusedError as error:
                failures.append(error)
            except FeedError as error:
                self.close()
                failures.append(error)
                # Asked last from now on.
                self._servers.append(self._servers.pop(self._servers.index(server)))
            if all(each in answers for each in queries):
                self._failed = None
                return
        failure = _all_failed(failures)
        if not any(isinstance(each, RefusedError) for each in failures):
            self._failed = (self._now(), failure)
        raise failure

    def _ask_server(
        self,
        server: WhoisServer,
        queries: list[Query],
        sources: Sources,
        answers: dict[Query, WhoisAnswer],
    ) -> None:
        """Add a server's answers, once more on a new connection if an old one was closed."""
        is_old = self._session is not None and self._session.server == server
        try:
            self._ask_session(server, queries, sources, answers)
        except UnusedConnectionError:
            if not is_old:
                raise
            self.close()
            self._ask_session(server, queries, sources, answers)

    def _ask_session(
        self,
        server: WhoisServer,
        queries: list[Query],
        sources: Sources,
        answers: dict[Query, WhoisAnswer],
    ) -> None:
        session = self._session_with(server)
        session.select(sources)
        reasons: list[str] = []
        for query, answer in zip(queries, session.ask(queries), strict=True):
            if answer.kind is AnswerKind.REFUSED:
                reasons.append(f"refuses {query}: {answer.reason}")
                continue
            missing, time = session.missing, self._now()
            answers[query] = WhoisAnswer(query.text, sources, missing, str(server), answer, time)
            self._cache.put(answers[query])
        if reasons:
            raise RefusedError(str(server), listed(reasons))

    def _session_with(self, server: WhoisServer) -> WhoisSession:
        """Return the connection to a server, which is a new one if there is none."""
        if self._session is None or self._session.server != server:
            self.close()
            self._session = WhoisSession(server, self._limits)
        return self._session


def _all_failed(failures: list[FeedError]) -> FeedError:
    """Return the error for servers that all failed."""
    if len(failures) == 1:
        return failures[0]
    names = listed([each.source for each in failures])
    reasons = "; ".join(str(each) for each in failures)
    return FeedError(names, f"none of these servers answers: {reasons}")
