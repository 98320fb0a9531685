"""Ask whois servers of registries about some AS numbers and prefixes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

import attrs

from peerlint.errors import FeedError
from peerlint.feeds.clock import microseconds_now
from peerlint.feeds.whois.client import IrrdClient
from peerlint.registry import (
    Asked,
    Registry,
    RegistryInputs,
    aut_num_columns,
    route_columns,
)
from peerlint.registry.whois import ALL_SERIALS, Answer, Query, WhoisAnswer, serials, status_of
from peerlint.registry.whois.results import JournalState
from peerlint.registry.whois.source_objects import (
    SourceObjects,
    SourceState,
    objects_of,
    queries_about,
    queries_for_details,
)
from peerlint.wording import listed

#: Prefixes of each origin whose objects are asked for, for their dates.
_DETAILS: Final = 5


@attrs.frozen
class Gathered:
    """What whois servers say.

    Attributes:
        registry: their objects, as registry data.
        asked: what they were asked about.
        remarks: what they did not answer, in words.
    """

    registry: Registry
    asked: Asked
    remarks: tuple[str, ...]


def gather(
    client: IrrdClient,
    sources: Iterable[str],
    asked: Asked,
    now: Callable[[], int] = microseconds_now,
) -> Gathered:
    """Ask about AS numbers and prefixes, each source alone.

    A source that no server has, or that none answers for, is left out: it is not loaded.

    Args:
        client: the servers.
        sources: the registries.
        asked: what to ask about.
        now: the clock, in microseconds since 1970.

    Raises:
        FeedError: no server answers for any source.
    """
    found: list[SourceObjects] = []
    failures: dict[str, str] = {}
    remarks: list[str] = []
    for source in sources:
        try:
            objects, reasons = _ask_source(client, source, asked)
        except FeedError as error:
            failures[source] = str(error)
            continue
        found.append(objects)
        remarks += [f"{source} did not answer everything: {each}" for each in reasons]
    if not found and failures:
        raise FeedError("whois", next(iter(failures.values())))
    remarks += _failed(failures)
    inputs = RegistryInputs(
        now(),
        tuple(each.info for each in found),
        tuple(route_columns(each.routes) for each in found if each.routes),
        tuple(aut_num_columns(each.aut_nums) for each in found if each.aut_nums),
    )
    return Gathered(Registry.of(inputs), asked, tuple(remarks))


def _failed(failures: dict[str, str]) -> Iterator[str]:
    """Yield remarks about sources without an answer, those with one reason in one."""
    by_reason: dict[str, list[str]] = {}
    for source, reason in failures.items():
        by_reason.setdefault(reason.replace(source, "it"), []).append(source)
    for names in by_reason.values():
        yield f"whois gives no data of {listed(names, len(names))}: {failures[names[0]]}"


def _ask_source(
    client: IrrdClient, source: str, asked: Asked
) -> tuple[SourceObjects, tuple[str, ...]]:
    """Return the objects of a source, and why queries are not answered.

    Raises:
        FeedError: no server has the source.
    """
    (known,) = client.ask_all((ALL_SERIALS,), (source,))
    states = {each.source: each.journal for each in serials(known.answer).values}
    if states.get(source, JournalState.UNKNOWN_SOURCE) is JournalState.UNKNOWN_SOURCE:
        raise FeedError(known.server, f"does not know the source {source}")
    given: dict[Query, WhoisAnswer] = {}
    reasons = _ask(client, queries_about(asked), source, given)
    first = _answers(given)
    reasons |= _ask(client, queries_for_details(asked, first, _DETAILS), source, given)
    servers = dict.fromkeys(each.server for each in (known, *given.values()))
    state = _state(client, source, servers)
    name = listed(f"whois {each}" for each in servers)
    objects = objects_of(source, name, asked, _answers(given), state)
    old = {each.failure: None for each in given.values() if each.failure is not None}
    return objects, (*reasons, *old)


def _state(client: IrrdClient, source: str, servers: Iterable[str]) -> SourceState:
    """Return what the server that gave all answers says of a source; nothing of several servers.

    A server that is no IRRd 4 does not know the query.
    """
    try:
        found = client.ask(status_of((source,)), (source,))
    except FeedError:
        return SourceState()
    return SourceState.of(found.answer, source) if [*servers] == [found.server] else SourceState()


def _ask(
    client: IrrdClient, queries: Sequence[Query], source: str, given: dict[Query, WhoisAnswer]
) -> dict[str, None]:
    """Add the answers to queries, and return why some are missing."""
    try:
        answers = client.ask_all(queries, (source,))
    except FeedError:
        # One by one: what was answered is kept by the client, and is not asked again.
        reasons: dict[str, None] = {}
        for query in queries:
            try:
                given[query] = client.ask(query, (source,))
            except FeedError as error:  # each may fail
                reasons[str(error)] = None
        return reasons
    given |= dict(zip(queries, answers, strict=True))
    return {}


def _answers(given: dict[Query, WhoisAnswer]) -> dict[Query, Answer]:
    return {query: each.answer for query, each in given.items()}
