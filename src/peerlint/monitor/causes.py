"""Causes: which problems one alert is about."""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final

from peerlint.monitor.alerts import Cause
from peerlint.monitor.problem_keys import FEED_SILENT, SESSION_DOWN, ProblemKey
from peerlint.monitor.tracked_problem import TrackedProblem

FLAPPING: Final = "flapping"
#: An alert is about a whole session if so many prefixes share a problem there.
_SHARED: Final = 2


def session_cause(peering: str, session: str) -> Cause:
    """Return the cause that a session is down."""
    return Cause(SESSION_DOWN, peering, session)


def on_session(key: ProblemKey) -> Cause:
    """Return the cause of all problems of the same rule on the same session.

    It is that of the whole peering if the problem is not on a session.
    """
    about = key.about if key.rule == FEED_SILENT else ""
    return Cause(key.rule, key.peering, key.session, about=about)


def of_prefix(key: ProblemKey) -> Cause:
    """Return the cause of all problems of the same rule with the same prefix."""
    return Cause(key.rule, key.peering, prefix=key.prefix)


def of_flapping(key: ProblemKey) -> Cause:
    """Return the cause of all problems of the same rule that flap on the same session."""
    prefix = "" if key.session else key.prefix
    about = f"{key.about} {FLAPPING}" if key.rule == FEED_SILENT else FLAPPING
    return Cause(key.rule, key.peering, key.session, prefix, about)


def is_flapping(cause: Cause) -> bool:
    """Return whether a cause is that problems come and go."""
    return cause.about.rpartition(" ")[2] == FLAPPING


def causes_of(key: ProblemKey) -> tuple[Cause, ...]:
    """Return the causes that a problem may have: its session first, then its prefix."""
    if not key.prefix or key.rule in (SESSION_DOWN, FEED_SILENT):
        return (on_session(key),)
    return on_session(key), of_prefix(key)


def grouped(
    settled: Iterable[TrackedProblem], counts: Mapping[Cause, int]
) -> Iterator[tuple[Cause, list[TrackedProblem]]]:
    """Yield the causes of problems that have settled at the same time, with their problems.

    The cause that explains most problems comes first. A cause is a session if several prefixes
    have the problem there, and otherwise a prefix.

    Args:
        settled: the problems; none of them belongs to the cause of an open alert.
        counts: the number of all problems that belong to no alert, by cause. Those that have not
            settled count, because they will belong to the same cause.
    """
    members: dict[Cause, dict[ProblemKey, TrackedProblem]] = {}
    for each in settled:
        for cause in causes_of(each.key):
            members.setdefault(cause, {})[each.key] = each
    more = {cause: max(0, counts[cause] - len(found)) for cause, found in members.items()}
    # Sessions before prefixes of the same size; then in the order in which they settled.
    heap = [
        (-(len(found) + more[cause]), bool(cause.prefix), number, cause)
        for number, (cause, found) in enumerate(members.items())
    ]
    heapq.heapify(heap)
    taken: set[ProblemKey] = set()
    while heap:
        size, is_prefix, number, cause = heapq.heappop(heap)
        left = [each for key, each in members[cause].items() if key not in taken]
        now = len(left) + more[cause]
        if not left or (now < _SHARED and _is_too_wide(cause, left)):
            continue
        if -now > size:
            heapq.heappush(heap, (-now, is_prefix, number, cause))
            continue
        taken.update(each.key for each in left)
        yield cause, left


def _is_too_wide(cause: Cause, members: Collection[TrackedProblem]) -> bool:
    """Whether a cause is a whole session, but only one prefix has the problem there."""
    return not cause.prefix and all(each.key.prefix for each in members)
