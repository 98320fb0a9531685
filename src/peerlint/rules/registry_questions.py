"""What rules ask registry data, and of which questions other data have another answer."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeAlias

import attrs

from peerlint.model.times import from_microseconds
from peerlint.registry import Registry, Vrp
from peerlint.rules.registry_criteria import RegistryCriteria, known_age

#: The name of a method of `Registry`, and its argument.
Question: TypeAlias = tuple[str, Hashable]


@attrs.define(eq=False)
class Questions:
    """Notes the questions that are asked.

    Attributes:
        asked: where they are noted; None to note none.
        expiry: when the first VRP of an answer expires, in seconds since 1970; None if none does.
    """

    asked: set[Question] | None = None
    expiry: int | None = None

    def note(self, method: str, argument: Hashable) -> None:
        """Note a question, if questions are noted."""
        if self.asked is not None:
            self.asked.add((method, argument))

    def note_expiry(self, vrps: Iterable[Vrp]) -> None:
        """Note when VRPs of an answer expire."""
        for each in vrps:
            if each.expires is not None and (self.expiry is None or each.expires < self.expiry):
                self.expiry = each.expires


def answer(registry: Registry, question: Question) -> object:
    """Return the answer to a question.

    Raises:
        FeedError: the registry file is damaged, or was overwritten.
    """
    method, argument = question
    return getattr(registry, method)(argument)


def condition(registry: Registry | None, criteria: Iterable[RegistryCriteria]) -> object:
    """Return what rules see of the sources themselves.

    That is which sources there are, whether they are whole, of which age they are, and what they
    were asked about.

    Args:
        registry: the registry data; None without any.
        criteria: those of all profiles.
    """
    if registry is None:
        return None
    every = tuple(criteria)
    found = []
    for each in registry.sources:
        old = [one.is_too_old(each, registry.now) for one in every]
        # Only the day of a source that is too old is said.
        day = from_microseconds(each.time).date() if any(old) and each.time is not None else None
        has_age = known_age(each, registry.now) is not None
        state = (each.records > 0, each.is_cut, each.lacks, has_age, old, day)
        found.append((each.kind, each.name, each.server, *state))
    # The silence of servers means nothing about what they were not asked about.
    return registry.asked, found
