"""Answers that were given before, with the time of each, in bounded memory."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

import attrs

from peerlint.registry.whois.answers import Answer

#: Answers that a cache keeps, and their octets in all.
MOST_ANSWERS: Final = 10_000
MOST_OCTETS: Final = 64 << 20
#: Octets that an answer without a result takes, about.
_OVERHEAD: Final = 500


@attrs.frozen
class WhoisAnswer:
    """An answer, and from where and when it is.

    Attributes:
        query: the query, as it was sent.
        sources: the sources that were asked for, in their order.
        missing: those of them that the server does not have: their silence means nothing.
        server: the server that answered.
        answer: what it answered.
        time: when, in microseconds since 1970.
        failure: why a newer answer could not be had; None if this one is as new as was asked for.
    """

    query: str
    sources: tuple[str, ...]
    missing: tuple[str, ...]
    server: str
    answer: Answer
    time: int
    failure: str | None = None

    def age(self, now: int) -> int:
        """Return how old the answer is, in microseconds; 0 if the clock was set back since.

        Args:
            now: the time, in microseconds since 1970.
        """
        return max(0, now - self.time)


_Key = tuple[str, tuple[str, ...]]


class AnswerCache:
    """The answers that were used last; others are forgotten when there are too many.

    Attributes:
        octets: what the answers take in memory, about.
        forgotten: the number of answers that were forgotten to make room.
    """

    def __init__(self, answers: int = MOST_ANSWERS, octets: int = MOST_OCTETS) -> None:
        """Start without answers.

        Args:
            answers: the maximum number of answers.
            octets: the maximum of their octets in all; a larger answer is not kept at all.
        """
        self._most_answers, self._most_octets = answers, octets
        self._answers: OrderedDict[_Key, WhoisAnswer] = OrderedDict()
        self.octets = self.forgotten = 0

    def __len__(self) -> int:
        """Return the number of answers."""
        return len(self._answers)

    def get(self, query: str, sources: tuple[str, ...]) -> WhoisAnswer | None:
        """Return the answer to a query, of any age; None if there is none."""
        found = self._answers.get((query, sources))
        if found is not None:
            self._answers.move_to_end((query, sources))
        return found

    def put(self, answer: WhoisAnswer) -> None:
        """Keep an answer in place of an older one to the same query."""
        key = (answer.query, answer.sources)
        self._remove(key)
        if _size(answer) > self._most_octets or not self._most_answers:
            self.forgotten += 1
            return
        self._answers[key] = answer
        self.octets += _size(answer)
        while len(self._answers) > self._most_answers or self.octets > self._most_octets:
            self._remove(next(iter(self._answers)))
            self.forgotten += 1

    def _remove(self, key: _Key) -> None:
        if (old := self._answers.pop(key, None)) is not None:
            self.octets -= _size(old)


def _size(answer: WhoisAnswer) -> int:
    return len(answer.answer.octets) + len(answer.query) + _OVERHEAD
