"""The results of all subjects of an inventory, of which only what a change affects is made anew."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

import attrs

from peerlint.engine import (
    Change,
    Checker,
    CountChange,
    Prepared,
    RouteChange,
    RouteSummary,
    SubjectKey,
    SubjectResult,
    TableIndex,
    assemble,
    prepare,
)
from peerlint.model.times import from_microseconds
from peerlint.monitor.watched import Watched
from peerlint.observations import SourceSummary
from peerlint.registry import Registry
from peerlint.results import Report
from peerlint.rules.registry_questions import condition
from peerlint.rules.registry_sources import registry_remarks, registry_sources

_SECOND: Final = 1_000_000


class WatchedSubjects:
    """The results of subjects, and the subjects that have to be evaluated again.

    Attributes:
        known: all subjects, since the last `evaluate`. At a route server, routes decide which
            prefixes there are.
    """

    def __init__(self, watched: Watched, index: TableIndex, now: int) -> None:
        """Start with no results: every subject has to be evaluated.

        Args:
            watched: the inventory.
            index: the routes, which change.
            now: the time, in microseconds since 1970.
        """
        self._watched = watched
        self._prepared = _prepared(watched, from_microseconds(now))
        self._checker = Checker(self._prepared, index)
        self._order = self._checker.subjects()
        self.known = frozenset(self._order)
        self._results: dict[SubjectKey, SubjectResult] = {}
        self._due: dict[SubjectKey, None] = dict.fromkeys(self._checker.subjects())
        self._criteria = {each.registries: None for each in watched.profiles.values()}

    @property
    def due(self) -> int:
        """How many subjects have to be evaluated."""
        return len(self._due)

    def is_same_day(self, now: int) -> bool:
        """Return whether the day is that of the statements and dates that were evaluated."""
        return from_microseconds(now).date() == self._prepared.now.date()

    def use_registry(self, registry: Registry | None, now: int) -> None:
        """Go on with other registry data; of results, those stay that they do not change.

        Args:
            registry: the registry data; None without any.
            now: the time, in microseconds since 1970; of the day of the results.
        """
        self._watched = attrs.evolve(self._watched, registry=registry)
        self._prepared = _prepared(self._watched, from_microseconds(now))
        self._note(self._checker.use_registry(self._prepared))

    def is_registry_due(self, now: int) -> bool:
        """Return whether VRPs have expired, sources have become too old, or the clock was set back.

        Args:
            now: the time, in microseconds since 1970.
        """
        registry, before = self._watched.registry, self._prepared.registry
        if registry is None or before is None:
            return False
        if now < before.now:
            return True  # the clock was set back: what has expired may count again
        expiry = self._prepared.questions.expiry
        if expiry is not None and expiry * _SECOND < now:
            return True
        return condition(before, self._criteria) != condition(registry.at(now), self._criteria)

    def invalidate(self, changes: Iterable[Change]) -> None:
        """Note the subjects that changes affect."""
        whole = []
        for each in changes:
            if isinstance(each, RouteChange | CountChange):
                self._note(self._checker.invalidate(each))
            else:
                whole.append(each)
        if whole:
            self._note(self._checker.invalidate_all(whole))

    def _note(self, affected: Iterable[SubjectKey]) -> None:
        self._due.update(dict.fromkeys(affected))

    def evaluate(self, most: int | None = None) -> Iterator[SubjectResult]:
        """Evaluate subjects, and yield the results that are new.

        Args:
            most: how many are evaluated at most; None for all of them.
        """
        chosen = [*self._due][:most]
        self._note_gone()
        for each in chosen:
            del self._due[each]
            if each not in self.known:
                continue
            result = self._checker.evaluate(each)
            if result is not self._results.get(each):  # else nothing that it says has changed
                self._results[each] = result
                yield result

    @property
    def is_changing(self) -> bool:
        """Whether routes decide which subjects there are."""
        return self._prepared.has_route_servers

    def _note_gone(self) -> None:
        """Forget the subjects that are gone: routes of members that are withdrawn."""
        order = self._checker.subjects()
        if order is self._order:
            return
        self._order, self.known = order, frozenset(order)
        for each in self._results.keys() - self.known:
            del self._results[each]

    def report(self, now: int, summaries: tuple[SourceSummary, ...]) -> Report:
        """Return the report of all results; subjects that are due have their last one.

        Those that have none are evaluated for the report alone: they stay due.

        Args:
            now: the time of the report, in microseconds since 1970.
            summaries: the sources.
        """
        results = [
            self._results.get(each) or self._checker.evaluate(each)
            for each in self._checker.subjects()
        ]
        prepared = self._at(now)
        summary = RouteSummary(summaries, self._checker.counts(), self._checker.unseen())
        return assemble(prepared, results, summary)

    def _at(self, now: int) -> Prepared:
        """Return what results are assembled with: the time, and the ages of sources by then."""
        registry = self._watched.registry
        registry = None if registry is None else registry.at(now)
        sources = registry_sources(registry, self._criteria)
        return attrs.evolve(
            self._prepared,
            now=from_microseconds(now).replace(microsecond=0),
            registry_sources=sources,
            remarks=(*self._watched.remarks, *registry_remarks(sources)),
        )


def _prepared(watched: Watched, now: datetime) -> Prepared:
    return prepare(
        watched.inventory,
        watched.profiles,
        now=now,
        version=watched.version,
        kernel=watched.kernel,
        strict=watched.strict,
        registry=watched.registry,
        remarks=watched.remarks,
    )
