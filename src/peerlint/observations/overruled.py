"""Remarks on sources that differ from the source that decides."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import Final

import attrs

from peerlint.model import Prefix, Route
from peerlint.observations.coverage import Coverage
from peerlint.observations.observations import Observations
from peerlint.observations.sources import SessionSource, SourceSummary
from peerlint.wording import listed

#: How many prefixes a remark on one source and session lists.
_NAMED: Final = 3


def with_overruled(observations: Observations, prefixes: Collection[Prefix]) -> Observations:
    """Add a remark to each source that differs from another one that takes precedence over it.

    Args:
        observations: the observations, in which sources that are too old are marked, see
            `age.aged`.
        prefixes: the prefixes to compare.
    """
    remarks: dict[str, list[str]] = {}
    for session in observations.sessions:
        for name, remark in _remarks(session, observations.of(session), prefixes):
            remarks.setdefault(name, []).append(remark)
    if not remarks:
        return observations
    sources = tuple(_remarked(each, remarks.get(each.name, ())) for each in observations.sources)
    return attrs.evolve(observations, sources=sources)


def _remarked(summary: SourceSummary, remarks: Iterable[str]) -> SourceSummary:
    return attrs.evolve(summary, remarks=(*summary.remarks, *remarks))


@attrs.frozen
class _SourceRoutes:
    """The routes of a source for the prefixes to compare.

    Attributes:
        source: the source.
        routes: by prefix, the path and the communities of each route; malformed routes are left
            out.
    """

    source: SessionSource
    routes: Mapping[Prefix, frozenset[tuple[Hashable, Hashable]]]

    @classmethod
    def of(cls, source: SessionSource, prefixes: Collection[Prefix]) -> _SourceRoutes:
        """Collect the routes of a source for some prefixes."""
        routes = source.columns.to(prefixes)
        known: dict[int, Route] = {}
        found: dict[Prefix, frozenset[tuple[Hashable, Hashable]]] = {}
        columns = (routes.rows[name].tolist() for name in ("prefix", "attribute_set"))
        for prefix, attribute_set in zip(*columns, strict=True):
            if attribute_set not in known:
                known[attribute_set] = routes.shared.attributes(attribute_set)
            route = known[attribute_set]
            if not route.malformed:
                communities = (
                    route.communities,
                    route.large_communities,
                    route.extended_communities,
                )
                key = routes.shared.prefixes[prefix]
                found[key] = found.get(key, frozenset()) | {(route.path, communities)}
        return cls(source, found)

    def decided(self, prefixes: set[Prefix]) -> set[Prefix]:
        """Return the prefixes whose presence or absence the source shows."""
        if self.source.coverage is Coverage.COMPLETE:
            return prefixes
        return prefixes & self.routes.keys()

    def differing(self, other: _SourceRoutes, prefixes: set[Prefix]) -> set[Prefix]:
        """Return those of the prefixes on which another source differs from this one."""
        ours, theirs = prefixes & self.routes.keys(), prefixes & other.routes.keys()
        if self.source.view is not other.source.view:
            return ours ^ theirs  # export policy changes routes: two views may differ
        columns = [each.source.columns for each in (self, other)]
        if any(each.shared.pathless for each in columns):
            return ours ^ theirs
        of = _whole if all(each.shows_all for each in columns) else _paths
        changed = {each for each in ours & theirs if of(self, each) != of(other, each)}
        return (ours ^ theirs) | changed


def _whole(source: _SourceRoutes, prefix: Prefix) -> Hashable:
    return source.routes[prefix]


def _paths(source: _SourceRoutes, prefix: Prefix) -> Hashable:
    return frozenset(path for path, _ in source.routes[prefix])


def _remarks(
    session: str, sources: tuple[SessionSource, ...], prefixes: Collection[Prefix]
) -> Iterator[tuple[str, str]]:
    usable = [each for each in sources if not each.view.is_hint and not each.is_too_old]
    if len(usable) < 2:
        return
    routes = [_SourceRoutes.of(each, prefixes) for each in usable]
    for number, other in enumerate(routes[1:], start=1):
        undecided = set(prefixes)
        for best in routes[:number]:
            decided = best.decided(undecided)
            undecided = undecided - decided  # a new set: `decided` may be the same one
            found = sorted(best.differing(other, other.decided(decided)))
            if found:
                named = listed(map(str, found), _NAMED)
                name = best.source.source
                remark = f"overruled on {session} by {name}, differs on {named}"
                yield from ((each, remark) for each in other.source.names)
