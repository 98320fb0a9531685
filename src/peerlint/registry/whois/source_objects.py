"""What the answers of one source say: objects, and how fresh they are."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from io import BytesIO
from typing import Final

import attrs

from peerlint.registry.columns import NO_TIME
from peerlint.registry.irr import IrrDump, read_irr
from peerlint.registry.irr.reader import PSEUDO
from peerlint.registry.records import AutNum, RouteObject, SourceInfo, SourceKind
from peerlint.registry.scope import Asked
from peerlint.registry.whois.answers import Answer, AnswerKind
from peerlint.registry.whois.queries import Query, RouteMatch, aut_num_of, prefixes_of, routes_of
from peerlint.registry.whois.results import prefixes

#: The classes of objects that are asked for.
CLASSES: Final = ("aut-num", "route", "route6")
_FAMILIES: Final = (4, 6)
_SECOND: Final = 1_000_000


@attrs.frozen
class SourceState:
    """What a server says of its copy of a source (`!J`).

    Attributes:
        updated: when the copy last changed, in microseconds since 1970; None if it does not say.
        lacks: classes of objects that the server does not copy.
    """

    updated: int | None = None
    lacks: tuple[str, ...] = ()

    @classmethod
    def of(cls, answer: Answer, source: str) -> SourceState:
        """Read an answer; what it does not say, or says in another form, is not known."""
        try:
            found = json.loads(answer.text)[source]
            copied, updated = found.get("object_class_filter"), found.get("last_update")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
            return cls()
        return cls(_time(updated), _lacks(copied))


@attrs.frozen
class SourceObjects:
    """What one source has of the AS numbers and prefixes that it was asked about.

    Attributes:
        info: the source. It is cut if an answer is missing or cannot be read: then the absence of
            an object means nothing.
        routes: its route objects, each once.
        aut_nums: its aut-num objects.
    """

    info: SourceInfo
    routes: tuple[RouteObject, ...]
    aut_nums: tuple[AutNum, ...]


def queries_about(asked: Asked) -> tuple[Query, ...]:
    """Return the queries for the objects of AS numbers and prefixes."""
    about_asns = (
        query
        for asn in sorted(asked.asns)
        for query in (aut_num_of(asn), *(prefixes_of(asn, family) for family in _FAMILIES))
    )
    covering = (routes_of(prefix, RouteMatch.COVERING) for prefix in sorted(asked.prefixes))
    return (*about_asns, *covering)


def queries_for_details(
    asked: Asked, answers: Mapping[Query, Answer], most: int
) -> tuple[Query, ...]:
    """Return queries for the objects of some prefixes of each origin: a list has no dates.

    Args:
        asked: what was asked about.
        answers: the answers to `queries_about`.
        most: the number of prefixes of each origin and family.
    """
    wanted = (
        routes_of(prefix)
        for asn in sorted(asked.asns)
        for family in _FAMILIES
        if (answer := answers.get(prefixes_of(asn, family))) is not None
        for prefix in prefixes(answer).values[:most]
    )
    return tuple(dict.fromkeys(wanted))


def objects_of(
    source: str,
    server: str,
    asked: Asked,
    answers: Mapping[Query, Answer],
    state: SourceState,
) -> SourceObjects:
    """Return what the answers of one source say.

    The time of the source is that of the last change that the server says. Without one it is the
    newest `last-modified` of the objects: the copy is no older. An answer's own time says nothing,
    because a copy that no longer follows its registry answers as well.

    Args:
        source: the source, which alone was asked.
        server: the server's name, for messages.
        asked: what was asked about.
        answers: the answers; one that is missing was not given.
        state: what the server says of the source.
    """
    texts = [
        each
        for query, each in answers.items()
        if each.kind is AnswerKind.DATA and query.text[:2] in {"!m", "!r"}
    ]
    dump = _dump(server, texts)
    every_route, every_aut_num = [*_routes(dump)], [*_aut_nums(dump)]
    listed_routes, skipped = _listed(source, asked, answers)
    own_routes = [each for each in every_route if each.source == source]
    # Of equal objects the one with a date is kept.
    routes = {(each.prefix, each.origin): each for each in (*listed_routes, *own_routes)}
    aut_nums = {each.asn: each for each in every_aut_num if each.source == source}
    of_others = sum(each.source != source for each in every_route)
    of_others += sum(each.source != source for each in every_aut_num)
    strange = dump.skips.count + skipped + of_others
    is_missing = any(each not in answers for each in queries_about(asked))
    is_empty = not all(_has_object(query, each, source) for query, each in answers.items())
    times = [each.modified for each in own_routes] + [each.modified for each in aut_nums.values()]
    newest = max((each for each in times if each is not None), default=None)
    info = SourceInfo(
        SourceKind.IRR,
        source,
        _updated(state, newest),
        len(routes) + len(aut_nums),
        strange,
        bool(is_missing or is_empty or strange or dump.is_cut),
        state.lacks,
        server,
    )
    return SourceObjects(info, tuple(routes.values()), tuple(aut_nums.values()))


def _updated(state: SourceState, newest: int | None) -> int | None:
    """Return as of when a source is, in microseconds since 1970.

    Args:
        state: what the server says.
        newest: when an object was last modified, in seconds since 1970.
    """
    if state.updated is not None or newest is None:
        return state.updated
    return newest * _SECOND


def _dump(name: str, answers: Iterable[Answer]) -> IrrDump:
    """Return the objects in answers."""
    octets = b"\n\n".join(each.octets for each in answers)
    return read_irr(BytesIO(octets + b"\n\n"), name)


def _has_object(query: Query, answer: Answer, source: str) -> bool:
    """Return whether a result with data has an object, or a prefix, as the query wants it."""
    if answer.kind is not AnswerKind.DATA:
        return True
    if query.text[:2] in {"!g", "!6"}:
        return bool(prefixes(answer).values)
    dump = _dump("", (answer,))
    if query.text.startswith("!m"):
        return any(query == aut_num_of(each.asn) for each in _aut_nums(dump))
    return any(each.source == source for each in _routes(dump))


def _listed(
    source: str, asked: Asked, answers: Mapping[Query, Answer]
) -> tuple[list[RouteObject], int]:
    """Return the route objects in lists of prefixes, and the number of words that are no prefix."""
    found, skipped = list[RouteObject](), 0
    for asn in sorted(asked.asns):
        for family in _FAMILIES:
            answer = answers.get(prefixes_of(asn, family))
            if answer is None:
                continue
            parsed = prefixes(answer)
            own = [each for each in parsed.values if each.family == family]
            skipped += len(parsed.skipped) + len(parsed.values) - len(own)
            is_object = source != PSEUDO
            found += [RouteObject(each, asn, source, None, is_object) for each in own]
    return found, skipped


def _routes(dump: IrrDump) -> Iterator[RouteObject]:
    columns = dump.routes
    for row, prefix in enumerate(columns.prefixes):
        yield RouteObject(
            prefix,
            int(columns.origin[row]),
            columns.sources[columns.source[row]],
            _known(int(columns.modified[row])),
            bool(columns.is_route_object[row]),
        )


def _aut_nums(dump: IrrDump) -> Iterator[AutNum]:
    columns = dump.aut_nums
    for row in range(len(columns)):
        source = columns.sources[columns.source[row]]
        yield AutNum(int(columns.asn[row]), source, _known(int(columns.modified[row])))


def _known(seconds: int) -> int | None:
    return None if seconds == NO_TIME else seconds


def _time(value: object) -> int | None:
    """Return a time with its zone in microseconds since 1970; None if it is none."""
    try:
        time = datetime.fromisoformat(str(value))
    except ValueError:
        return None
    return None if time.tzinfo is None else round(time.timestamp() * _SECOND)


def _lacks(copied: object) -> tuple[str, ...]:
    """Return the classes that a server does not copy, if it copies some classes only."""
    if not isinstance(copied, Sequence) or isinstance(copied, str) or not copied:
        return ()
    return tuple(each for each in CLASSES if each not in copied)
