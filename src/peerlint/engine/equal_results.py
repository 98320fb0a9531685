"""Which routes give a prefix the result that it has: learned from prefixes of the same kind.

Thousands of prefixes are announced in the same few ways, and most changes of a route break no rule.
If other routes are known to give a prefix of the same kind an equal result, a prefix whose routes
change to them keeps its result, and nothing is evaluated.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

import attrs

from peerlint.engine.prepare import Prepared, SubjectKey
from peerlint.engine.route_index import PrefixRoutes
from peerlint.engine.subject_result import SubjectResult
from peerlint.inventory import RegisteredPrefix
from peerlint.model.facts import prefix_facts
from peerlint.results import Finding

#: The most ways of being announced that are remembered.
_FULL: Final = 1 << 17


class EqualResults:
    """The last results of registered prefixes, and the routes that give equal ones.

    Only for prefixes whose result depends on their own routes and on nothing else that changes, and
    only for results without evidence, which would be other routes. Two prefixes are of one kind if
    they differ only in their addresses, names and keys, and not in what rules about routes read of
    a prefix: its length and its facts.
    """

    def __init__(self, prepared: Prepared) -> None:
        """Start without results.

        Args:
            prepared: the prepared inventory.
        """
        self._prepared = prepared
        self._kinds: dict[SubjectKey, int] = {}
        #: Numbers of kinds, and of contents: equal ones have the same number.
        self._numbers: dict[Hashable, int] = {}
        #: By kind and routes, the number of the content.
        self._contents: dict[tuple[int, Hashable, Hashable], int] = {}
        #: By prefix, the last result with the number of its content.
        self._last: dict[SubjectKey, tuple[int, SubjectResult]] = {}

    def get(self, subject: SubjectKey, routes: PrefixRoutes) -> SubjectResult | None:
        """Return the last result of a prefix if these routes give an equal one; else None."""
        last = self._last.get(subject)
        if last is None:
            return None
        number, result = last
        key = (self._kinds[subject], routes.pattern, routes.attribute_sets)
        return result if self._contents.get(key) == number else None

    def add(
        self, registered: RegisteredPrefix, result: SubjectResult, routes: PrefixRoutes
    ) -> None:
        """Note the result of a prefix for its routes."""
        subject = result.subject
        if any(each.evidence for each in result.findings):
            self._last.pop(subject, None)
            return
        kind = self._kinds.get(subject)
        if kind is None:
            kind = self._kinds[subject] = self._number(self._kind(subject, registered))
        if len(self._contents) >= _FULL:
            self._contents.clear()
        number = self._number(_content(result))
        self._contents[kind, routes.pattern, routes.attribute_sets] = number
        self._last[subject] = number, result

    def clear(self) -> None:
        """Discard all results."""
        self._contents.clear()
        self._last.clear()
        self._numbers.clear()
        self._kinds.clear()

    def _kind(self, subject: SubjectKey, registered: RegisteredPrefix) -> Hashable:
        prefix = registered.parsed
        if prefix is None:
            raise AssertionError("only prefixes that can be parsed have routes of their own")
        criteria = self._prepared.evaluators[subject.owner].context.criteria
        return (
            subject.owner,
            prefix.length,
            prefix_facts(prefix, criteria),
            attrs.astuple(attrs.evolve(registered, prefix="", name=None, key=None), recurse=False),
        )

    def _number(self, value: Hashable) -> int:
        return self._numbers.setdefault(value, len(self._numbers))


def _content(result: SubjectResult) -> Hashable:
    """Return what a result says, without the names of its prefix."""
    row, words = result.row, result.words or {}
    return (
        None if row is None else (row.state, row.checks, row.passed),
        tuple(words.items()),
        tuple(map(_finding_content, result.findings)),
        result.marks,
    )


def _finding_content(finding: Finding) -> Hashable:
    return attrs.evolve(finding, subject=attrs.evolve(finding.subject, prefix=None), key=None)
