"""The subjects that a change can affect: only these have to be evaluated again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import attrs

from peerlint.engine.prepare import Prepared, SubjectKey
from peerlint.inventory import RegisteredPrefix
from peerlint.model import Prefix, Space
from peerlint.rules import Scope

#: The most prefixes of changed routes whose dependents are cached.
_MEMO: Final = 1 << 16


@attrs.frozen
class RouteChange:
    """A route of a session was announced, changed or withdrawn.

    Attributes:
        session: the session's id.
        prefix: the prefix of the route.
    """

    session: str
    prefix: Prefix


@attrs.frozen
class SessionChange:
    """A session's source changed as a whole: all its routes, its coverage or its age.

    Attributes:
        session: the session's id.
    """

    session: str


@attrs.frozen
class CountChange:
    """The number of a session's routes that its feed holds back, or of Microsoft's, changed.

    Attributes:
        session: the session's id.
    """

    session: str


@attrs.frozen
class DayChange:
    """The day changed, and with it the statements that are valid and the dates that are due."""


Change = RouteChange | CountChange | SessionChange | DayChange


class Dependents:
    """The subjects of an inventory, indexed by the changes that affect them."""

    def __init__(self, prepared: Prepared, subjects: Iterable[SubjectKey]) -> None:
        """Index the subjects.

        Args:
            prepared: the prepared inventory.
            subjects: all subjects, in the order of the report.
        """
        self._prepared = prepared
        self._order = {each: number for number, each in enumerate(subjects)}
        self._by_prefix: dict[Prefix, list[SubjectKey]] = {}
        self._of_prefixes = [
            each for each in self._order if each.scope in (Scope.PREFIX, Scope.SERVICE_PREFIX)
        ]
        for each in self._of_prefixes:
            prefix = RegisteredPrefix(each.name).parsed
            if prefix is not None:
                self._by_prefix.setdefault(prefix, []).append(each)
        self._space = Space(self._by_prefix)
        self._of_route: dict[Prefix, tuple[SubjectKey, ...]] = {}

    def of_route(self, change: RouteChange) -> tuple[SubjectKey, ...]:
        """Return the subjects that a route affects if rules about its session cannot see it."""
        if change.session not in self._prepared.sessions:
            return ()
        found = self._of_route.get(change.prefix)
        if found is None:
            if len(self._of_route) >= _MEMO:
                self._of_route.clear()
            affected = self._sharing_addresses(change.prefix)
            found = tuple(sorted(affected, key=self._order.__getitem__))
            self._of_route[change.prefix] = found
        return found

    def of(self, change: Change) -> tuple[SubjectKey, ...]:
        """Return the subjects whose results a change can affect, in the order of the report."""
        if isinstance(change, DayChange):
            return tuple(self._order)
        session = self._prepared.sessions.get(change.session)
        if session is None:
            return ()
        name = session.peering.name
        affected = [SubjectKey(Scope.SESSION, name, session.id), SubjectKey(Scope.PEERING, name)]
        if isinstance(change, RouteChange):
            affected += self._sharing_addresses(change.prefix)
        elif isinstance(change, SessionChange):
            affected += self._of_prefixes
        return tuple(sorted(affected, key=self._order.__getitem__))

    def sharing_addresses(self, subject: SubjectKey) -> list[SubjectKey]:
        """Return the prefixes that share addresses with a subject; none if it is no prefix."""
        if subject.scope not in (Scope.PREFIX, Scope.SERVICE_PREFIX):
            return []
        prefix = RegisteredPrefix(subject.name).parsed
        return [] if prefix is None else self._sharing_addresses(prefix)

    def _sharing_addresses(self, prefix: Prefix) -> list[SubjectKey]:
        """Return the subjects with this prefix, a less specific one or a more specific one.

        A registered default route covers every other prefix.
        """
        return [
            subject
            for each in (prefix, *self._space.overlapping(prefix))
            for subject in self._by_prefix.get(each, ())
        ]
