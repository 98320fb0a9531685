"""The subjects whose results depend on what registry data say, by what their rules asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain

from peerlint.engine.prepare import Prepared, SubjectKey
from peerlint.errors import FeedError
from peerlint.model import Prefix
from peerlint.registry import Registry
from peerlint.rules.registry_questions import (
    Question,
    Questions,
    answer,
    condition,
)


class RegistryDependents:
    """Notes what is asked for each subject, and finds those whose answers change.

    A result may be shared or known from before, and then nothing is asked. So what was ever asked
    for a subject counts until the subject is evaluated for other registry data.
    """

    def __init__(self) -> None:
        """Start without any question."""
        self._asked: dict[SubjectKey, set[Question]] = {}

    @contextmanager
    def noted(self, questions: Questions | None, subject: SubjectKey) -> Iterator[None]:
        """Note the questions that are asked inside as those of a subject."""
        if questions is None:
            yield
            return
        questions.asked = self._asked.setdefault(subject, set())
        try:
            yield
        finally:
            questions.asked = None

    def affected(self, before: Prepared, after: Prepared) -> set[SubjectKey] | None:
        """Return the subjects of which some answer is another one; they are forgotten.

        Args:
            before: with the registry data that the questions were asked.
            after: with other registry data, or at another time.

        Returns:
            The subjects; None for all of them, if a source is there, whole or too old now and was
            not before.
        """
        old, new = before.registry, after.registry
        criteria = {each.registries: None for each in after.profiles.values()}
        if old is None or new is None or condition(old, criteria) != condition(new, criteria):
            self._asked.clear()
            return None
        try:
            found = set(self._changed(old, new))
        except FeedError:  # the old file was overwritten, so nobody knows what it said
            self._asked.clear()
            return None
        for each in found:
            del self._asked[each]
        return found

    def _changed(self, old: Registry, new: Registry) -> Iterator[SubjectKey]:
        are_changed: dict[Question, bool] = {}
        for subject, asked in self._asked.items():
            for question in asked:
                if question not in are_changed:
                    are_changed[question] = answer(old, question) != answer(new, question)
            if any(are_changed[each] for each in asked):
                yield subject

    def note_expiries(self, prepared: Prepared) -> None:
        """Note when VRPs expire that are part of answers which stay.

        Raises:
            FeedError: the registry file is damaged, or was overwritten.
        """
        registry = prepared.registry
        for method, argument in dict.fromkeys(chain.from_iterable(self._asked.values())):
            if method == "vrps" and registry is not None and isinstance(argument, Prefix):
                prepared.questions.note_expiry(registry.vrps(argument))
