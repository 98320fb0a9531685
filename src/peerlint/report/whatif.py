"""The effect of a simulated failure, as text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from peerlint.report.diff import diff_parts
from peerlint.report.json import dumped
from peerlint.report.phrases import cleaned, label
from peerlint.report.sentence import sentence
from peerlint.results import Loss, Outcome, RowChange, State, Undecided, WhatIf
from peerlint.wording import counted, listed

SCHEMA: Final = "peerlint/what-if/2"
#: The most prefixes with an unknown loss that are named.
_NAMED: Final = 5


def render_what_if_json(result: WhatIf) -> str:
    """Return the result as indented JSON, schema `peerlint/what-if/2`."""
    parts = {
        name: getattr(result, name)
        for name in ("without", "sessions", "losses", "gains", "undecided")
    }
    return dumped({"schema": SCHEMA, **parts, "difference": diff_parts(result.difference)})


def render_what_if_text(result: WhatIf, *, quiet: bool = False) -> str:
    """Return the result as text, beginning with fatal losses.

    Args:
        result: the effect of the failure.
        quiet: whether to return only the last line, the totals.
    """
    lines = list(_lines(cleaned(result)))
    return "".join(f"{line}\n" for line in (lines[-1:] if quiet else lines))


def _lines(result: WhatIf) -> Iterator[str]:
    names = f" ({', '.join(result.sessions)})" if result.sessions else ""
    gone = f"{counted(len(result.sessions), 'session')} gone"
    yield f"Without {', '.join(result.without)}: {gone}{names}"
    yield ""
    for loss in sorted(result.losses, key=lambda loss: not loss.is_fatal):
        yield f"{_named(loss)}: {'; '.join(_loss_texts(loss))}"
    if result.undecided:
        names = listed(map(_named, result.undecided), _NAMED)
        yield f"Not known, Unknown before and after: {names}"
    elif not result.losses:
        yield "No registered prefix loses anything."
    yield ""
    if result.gains:
        yield "Better off without:"
        for gain in result.gains:
            yield f"    {_named(gain)}: {gain.before} -> {gain.after}"
        yield ""
    new_failures = [
        finding
        for finding in result.difference.new
        if finding.subject.prefix is None and finding.outcome is Outcome.FAIL
    ]
    if new_failures:
        yield "What the set-up would fail besides:"
        for finding in new_failures:
            yield f"    {label(finding)} {finding.rule}  {finding.subject}: {sentence(finding)}"
        yield ""
    yield ", ".join(_totals(result))


def _totals(result: WhatIf) -> Iterator[str]:
    losses = result.losses
    fatal = [loss for loss in losses if loss.is_fatal]
    invalidated = [loss for loss in fatal if loss.is_invalidated]
    unsure = [loss for loss in fatal if loss.before is State.VERIFIED and loss not in invalidated]
    yield f"{counted(len(losses), 'prefix')} hit"
    yield f"{len(invalidated)} not validated any more"
    if unsure:
        yield f"{len(unsure)} not known to be validated any more"
    if more := len(fatal) - len(invalidated) - len(unsure):
        yield f"{more} Unknown before, and not validated or passing nowhere after"
    if result.undecided:
        yield f"{len(result.undecided):,} not known"


def _named(row: Loss | Undecided | RowChange) -> str:
    number = row.key.partition(" #")[2]
    return f"{row.prefix}{f' #{number}' if number else ''} ({row.peering})"


def _loss_texts(loss: Loss) -> Iterator[str]:
    was, now = loss.sessions
    if was and not now:
        yield "passes nowhere any more"
    if loss.after is None:
        yield f"{loss.before} -> not announced on any session"
    elif loss.is_worse:
        yield f"{loss.before} -> {loss.after}"
    if now:
        for where in loss.local:
            yield f"loses local redundancy in {where}"
        for where in loss.left:
            yield f"passes no more in {where}"
        if loss.last_location is not None:
            yield f"loses geo-redundancy, only {loss.last_location} is left"
    yield f"{now} of {counted(was, 'session')} left"
