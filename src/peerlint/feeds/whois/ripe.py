"""Ask a plain whois server for one object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import attrs

from peerlint.errors import FeedError
from peerlint.feeds.clock import microseconds_now
from peerlint.feeds.whois.connection import WhoisConnection
from peerlint.feeds.whois.servers import MAX_AGE, WhoisLimits, WhoisServer
from peerlint.registry.whois import (
    Answer,
    AnswerCache,
    AnswerKind,
    Query,
    WhoisAnswer,
    checked_sources,
    ripe_object,
)

_SECOND: Final = 1_000_000


def ask_ripe(
    server: str,
    object_class: str,
    key: str,
    source: str,
    *,
    limits: WhoisLimits | None = None,
    max_age: float = MAX_AGE,
    cache: AnswerCache | None = None,
    now: Callable[[], int] = microseconds_now,
) -> WhoisAnswer:
    """Return what a server with RIPE's query syntax says of one object.

    Args:
        server: `HOST` or `HOST:PORT`.
        object_class: such as `aut-num`.
        key: its primary key, such as `AS64500`.
        source: the registry.
        limits: what is accepted.
        max_age: how old an answer may be to be used again, in seconds.
        cache: the answers that were given before; None for none, and to keep none.
        now: the clock, in microseconds since 1970.

    Returns:
        The answer: `DATA` with the object as RPSL, or `NOT_FOUND`. An older one, which says why
        in its `failure`, if the server does not answer now.

    Raises:
        InputError: an argument has another form.
        FeedError: the server does not answer, or refuses to.
    """
    query = ripe_object(object_class, key, source)
    sources = checked_sources((source,))
    where = WhoisServer.parse(server)
    old = None if cache is None else cache.get(query.text, sources)
    if old is not None and old.server != str(where):
        old = None
    if old is not None and old.age(now()) < round(max_age * _SECOND):
        return old
    try:
        answer = _ask(where, query, limits or WhoisLimits())
    except FeedError as error:
        if old is None:
            raise
        return attrs.evolve(old, failure=str(error))
    found = WhoisAnswer(query.text, sources, (), str(where), answer, now())
    if cache is not None:
        cache.put(found)
    return found


def _ask(server: WhoisServer, query: Query, limits: WhoisLimits) -> Answer:
    with WhoisConnection(server, limits) as connection:
        answer = connection.ask_ripe(query)
    if answer.kind is AnswerKind.REFUSED:
        raise FeedError(str(server), f"refuses {query}: {answer.reason}")
    return answer
