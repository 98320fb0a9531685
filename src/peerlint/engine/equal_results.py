"""Which routes give a prefix the result that it has, or that another prefix of its kind has.

Thousands of prefixes are announced in the same few ways, and most changes of a route break no
rule. If other routes are known to give a prefix of the same kind an equal result, a prefix whose
routes change to them keeps its result. If two prefixes of one kind have equal results with the same
routes, a third one has it too, under its own names. In both cases, nothing is evaluated.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, cast

import attrs

from peerlint.engine.evaluation import PreviousResults
from peerlint.engine.findings import key_of
from peerlint.engine.prepare import Prepared, SubjectKey
from peerlint.engine.route_index import PrefixRoutes
from peerlint.engine.subject_result import SubjectResult
from peerlint.inventory import RegisteredPrefix
from peerlint.model.facts import prefix_facts
from peerlint.results import Finding, PrefixResult

#: The most ways of being announced that are remembered.
_FULL: Final = 1 << 17


@attrs.define(eq=False)
class _Shared:
    """What prefixes of one kind with the same routes have in common.

    Attributes:
        content: the number of the content of the first result.
        result: the first result.
        is_common: whether another prefix had a result with this content, so that no text in it
            can be about one of them.
        is_ambiguous: whether another prefix had a result with another content.
    """

    content: int
    result: SubjectResult
    is_common: bool = False
    is_ambiguous: bool = False


class EqualResults:
    """The last results of registered prefixes, and the routes that give equal ones.

    Only for prefixes whose result depends on their own routes and on nothing else that changes, and
    only for results without evidence, which would be other routes. Two prefixes are of one kind if
    they differ only in their addresses, names and keys, not in what rules about routes read of a
    prefix (its length and its facts), and if rules that read no routes say the same of them.
    """

    def __init__(self, prepared: Prepared) -> None:
        """Start without results.

        Args:
            prepared: the prepared inventory.
        """
        self._prepared = prepared
        self._kinds: dict[SubjectKey, int] = {}
        self._kind_numbers: dict[Hashable, int] = {}
        #: Numbers of contents: equal ones have the same number.
        self._contents: dict[Hashable, int] = {}
        #: By kind and routes.
        self._shared: dict[tuple[int, Hashable, Hashable], _Shared] = {}
        #: By prefix, the last result with the number of its content.
        self._last: dict[SubjectKey, tuple[int, SubjectResult]] = {}

    def get(self, subject: SubjectKey, routes: PrefixRoutes) -> SubjectResult | None:
        """Return the result of a prefix for these routes if it is known; else None.

        It is the same object as before if nothing that it says has changed.
        """
        kind = self._kinds.get(subject)
        if kind is None:
            return None
        shared = self._shared.get((kind, routes.pattern, routes.attribute_sets))
        if shared is None:
            return None
        last = self._last.get(subject)
        if last is not None and last[0] == shared.content:
            return last[1]
        if not shared.is_common or shared.is_ambiguous:
            return None
        result = _renamed(shared.result, subject, self._prepared.registered[subject])
        self._last[subject] = shared.content, result
        return result

    def add(
        self,
        registered: RegisteredPrefix,
        result: SubjectResult,
        routes: PrefixRoutes,
        previous: PreviousResults | None,
    ) -> None:
        """Note the result of a prefix for its routes.

        Args:
            registered: the prefix.
            result: its result.
            routes: its routes.
            previous: the results of its rules; None if they are not kept.
        """
        subject = result.subject
        if previous is None or any(each.evidence for each in result.findings):
            self._last.pop(subject, None)
            return
        kind = self._kinds.get(subject)
        if kind is None:
            made = self._kind(subject, registered, previous)
            kind = self._kind_numbers.setdefault(made, len(self._kind_numbers))
            self._kinds[subject] = kind
        if max(len(self._shared), len(self._contents)) >= _FULL:
            self.clear()
        content = self._contents.setdefault(_content(result), len(self._contents))
        self._last[subject] = content, result
        key = (kind, routes.pattern, routes.attribute_sets)
        shared = self._shared.get(key)
        if shared is None:
            self._shared[key] = _Shared(content, result)
        elif shared.content != content:
            shared.is_ambiguous = True
        elif shared.result.subject != subject:
            shared.is_common = True

    def clear(self) -> None:
        """Discard all results; kinds depend on the inventory only."""
        for each in (self._shared, self._last, self._contents):
            each.clear()

    def _kind(
        self, subject: SubjectKey, registered: RegisteredPrefix, previous: PreviousResults
    ) -> Hashable:
        prefix = registered.parsed
        if prefix is None:
            raise AssertionError("only prefixes that can be parsed have routes of their own")
        context = self._prepared.evaluators[subject.owner].context
        again = attrs.evolve(subject, number=2)
        is_alone = subject.number > 1 or again in self._prepared.registered
        read_again = frozenset(previous.to_repeat)
        return (
            # Findings of repeated prefixes are numbered, and a registry knows each by its address.
            subject if is_alone or context.registry is not None else subject.owner,
            prefix.length,
            prefix_facts(prefix, context.criteria),
            attrs.astuple(attrs.evolve(registered, prefix="", name=None, key=None), recurse=False),
            tuple(
                (each.rule.id, each.outcome, _without_names(each.findings, subject))
                for at, each in enumerate(previous.evaluations)
                if at not in read_again
            ),
        )


def _content(result: SubjectResult) -> Hashable:
    """Return what a result says, without the names of its prefix."""
    row, words = result.row, result.words or {}
    return (
        None if row is None else (row.state, row.checks, row.passed),
        tuple(words.items()),
        _without_names(result.findings, result.subject),
        result.marks,
    )


def _without_names(findings: tuple[Finding, ...], of: SubjectKey) -> tuple[Finding, ...]:
    return tuple(
        attrs.evolve(each, subject=attrs.evolve(each.subject, prefix=None), key=None)
        if each.subject.prefix == of.name
        else each
        for each in findings
    )


def _renamed(
    result: SubjectResult, subject: SubjectKey, registered: RegisteredPrefix
) -> SubjectResult:
    """Return the result of a prefix as that of another one of its kind."""
    row = cast("PrefixResult", result.row)
    key = key_of(subject.owner, subject.name, subject.number)
    before = result.subject.name
    return attrs.evolve(
        result,
        subject=subject,
        row=attrs.evolve(row, prefix=registered.prefix, name=registered.name, key=key),
        findings=tuple(
            attrs.evolve(each, subject=attrs.evolve(each.subject, prefix=subject.name), key=key)
            if each.subject.prefix == before
            else each
            for each in result.findings
        ),
    )
