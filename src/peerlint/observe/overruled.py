"""Sources that say something else than the one that decides."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import Final

import attrs

from peerlint.model import Prefix, Route
from peerlint.observe.observations import Observations
from peerlint.observe.seen import Coverage, SessionSource, SourceSummary
from peerlint.wording import listed

#: So many prefixes are named for one source and session.
_NAMED: Final = 3


def with_overruled(observations: Observations, prefixes: Collection[Prefix]) -> Observations:
    """Name the sources that another one overrules and that say something else.

    Args:
        observations: with sources that are too old marked, see `age.aged`.
        prefixes: that are asked for.
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
class _Said:
    """What a source says of the prefixes that are asked for.

    Attributes:
        source: the source.
        routes: by prefix, the path and the communities of each route; a malformed one is none.
    """

    source: SessionSource
    routes: Mapping[Prefix, frozenset[tuple[Hashable, Hashable]]]

    @classmethod
    def of(cls, source: SessionSource, prefixes: Collection[Prefix]) -> _Said:
        """Read what a source says of some prefixes."""
        filed = source.observations.to(prefixes)
        known: dict[int, Route] = {}
        found: dict[Prefix, frozenset[tuple[Hashable, Hashable]]] = {}
        columns = (filed.rows[name].tolist() for name in ("prefix", "wording"))
        for prefix, wording in zip(*columns, strict=True):
            if wording not in known:
                known[wording] = filed.shared.said(wording)
            route = known[wording]
            if not route.malformed:
                shown = (route.communities, route.large_communities, route.extended_communities)
                key = filed.shared.prefixes[prefix]
                found[key] = found.get(key, frozenset()) | {(route.path, shown)}
        return cls(source, found)

    def tells(self, prefixes: set[Prefix]) -> set[Prefix]:
        """Return those that the source shows, or would if they were there."""
        if self.source.coverage is Coverage.COMPLETE:
            return prefixes
        return prefixes & self.routes.keys()

    def differing(self, other: _Said, prefixes: set[Prefix]) -> set[Prefix]:
        """Return those of which another source says something else; both can tell of them."""
        ours, theirs = prefixes & self.routes.keys(), prefixes & other.routes.keys()
        if self.source.view is not other.source.view:
            return ours ^ theirs  # export policy changes routes: two views need not be alike
        filed = [each.source.observations for each in (self, other)]
        if any(each.shared.pathless for each in filed):
            return ours ^ theirs
        of = _whole if all(each.shows_all for each in filed) else _paths
        changed = {each for each in ours & theirs if of(self, each) != of(other, each)}
        return (ours ^ theirs) | changed


def _whole(said: _Said, prefix: Prefix) -> Hashable:
    return said.routes[prefix]


def _paths(said: _Said, prefix: Prefix) -> Hashable:
    return frozenset(path for path, _ in said.routes[prefix])


def _remarks(
    session: str, sources: tuple[SessionSource, ...], prefixes: Collection[Prefix]
) -> Iterator[tuple[str, str]]:
    able = [each for each in sources if not each.view.is_hint and not each.is_too_old]
    if len(able) < 2:
        return
    said = [_Said.of(each, prefixes) for each in able]
    for number, other in enumerate(said[1:], start=1):
        left = set(prefixes)
        for best in said[:number]:
            told = best.tells(left)
            left = left - told
            found = sorted(best.differing(other, other.tells(told)))
            if found:
                named = listed(map(str, found), _NAMED)
                name = best.source.source
                remark = f"overruled on {session} by {name}, differs on {named}"
                yield from ((each, remark) for each in other.source.names)
