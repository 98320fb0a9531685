"""Ask a plain whois server for one object."""

from __future__ import annotations

from collections.abc import Callable

from peerlint.errors import FeedError
from peerlint.feeds.clock import microseconds_now
from peerlint.feeds.whois.connection import WhoisConnection
from peerlint.feeds.whois.servers import WhoisLimits, WhoisServer
from peerlint.registry.whois import AnswerKind, WhoisAnswer, checked_sources, ripe_object


def ask_ripe(
    server: str,
    object_class: str,
    key: str,
    source: str,
    *,
    limits: WhoisLimits | None = None,
    now: Callable[[], int] = microseconds_now,
) -> WhoisAnswer:
    """Return what a server with RIPE's query syntax says of one object.

    Args:
        server: `HOST` or `HOST:PORT`.
        object_class: such as `aut-num`.
        key: its primary key, such as `AS64500`.
        source: the registry.
        limits: what is accepted.
        now: the clock, in microseconds since 1970.

    Returns:
        The answer: `DATA` with the object as RPSL, or `NOT_FOUND`.

    Raises:
        InputError: an argument has another form.
        FeedError: the server does not answer, or refuses to.
    """
    query = ripe_object(object_class, key, source)
    where = WhoisServer.parse(server)
    with WhoisConnection(where, limits or WhoisLimits()) as connection:
        answer = connection.ask_ripe(query)
    if answer.kind is AnswerKind.REFUSED:
        raise FeedError(str(where), f"refuses {query}: {answer.reason}")
    return WhoisAnswer(query.text, checked_sources((source,)), (), str(where), answer, now())
