"""Each source with its view, whether it is whole, its time and its age; equal ones together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import attrs
import pytest

from peerlint.bulk import Quality
from peerlint.model import View
from peerlint.observations import Coverage, SourceSummary
from peerlint.report.sources import is_told, sources_text

TIME: Final = datetime(2026, 11, 21, 10, 0, 30, tzinfo=UTC)
WHOLE: Final = SourceSummary(
    "edge.mrt",
    (("ams-1", View.RECEIVED), ("ams-2", View.RECEIVED)),
    Coverage.COMPLETE,
    Quality(octets=1, read=1, entries=812),
    last=TIME,
    age_seconds=7200,
)


def changed(**parts: object) -> SourceSummary:
    """Return a source that differs."""
    return attrs.evolve(WHOLE, **parts)  # type: ignore[arg-type]  # the fields of a summary


@pytest.mark.parametrize(
    ("source", "about"),
    [
        (WHOLE, "received, whole, 2026-11-21 10:00 UTC (2 h old)"),
        (
            changed(coverage=Coverage.PARTIAL),
            "received, partial, 2026-11-21 10:00 UTC (2 h old)",
        ),
        (
            changed(last=None, age_seconds=None),
            "received, whole, time not known",
        ),
        (
            changed(last=None, age_seconds=None, is_in_future=True),
            "received, whole, time not known (in the future)",
        ),
        (
            changed(is_too_old=True, age_seconds=40 * 86400),
            "received, whole, 2026-11-21 10:00 UTC (40 days old), too old",
        ),
        (
            changed(replaced=(TIME, TIME)),
            "received, whole, 2026-11-21 10:00 UTC (2 h old), 2 older snapshots left out",
        ),
        (
            changed(replaced=(TIME,)),
            "received, whole, 2026-11-21 10:00 UTC (2 h old), 1 older snapshot left out",
        ),
        (
            changed(views=(("ams-1", View.RECEIVED), ("ams-1", View.SENT))),
            "received, sent, whole, 2026-11-21 10:00 UTC (2 h old)",
        ),
        (
            changed(views=(), coverage=Coverage.NONE),
            "no session of the inventory, 2026-11-21 10:00 UTC (2 h old)",
        ),
        (changed(error="no such file"), "not read"),
        (changed(age_seconds=119), "received, whole, 2026-11-21 10:00 UTC (1 min old)"),
        (changed(age_seconds=2 * 86400 - 1), "received, whole, 2026-11-21 10:00 UTC (47 h old)"),
    ],
)
def test_one_source(source: SourceSummary, about: str) -> None:
    """What it shows, and how old it is."""
    assert f"Sources: edge.mrt: {about}; 812 routes, 0 octets lost" == sources_text([source])


def test_equal_sources_are_grouped() -> None:
    """Those of one view, coverage and hour are named in front of what they have in common."""
    later = changed(name="other.mrt", last=TIME + timedelta(minutes=7), age_seconds=6780)
    partial = changed(name="part.mrt", coverage=Coverage.PARTIAL)
    next_day = changed(name="new.mrt", last=TIME + timedelta(days=1), age_seconds=None)

    assert (
        "Sources: edge.mrt, other.mrt: received, whole, 2026-11-21 10:00 to 10:07 UTC (2 h old)"
        "; part.mrt: received, partial, 2026-11-21 10:00 UTC (2 h old)"
        "; new.mrt: received, whole, 2026-11-22 10:00 UTC; 3,248 routes, 0 octets lost"
    ) == sources_text([WHOLE, partial, later, next_day])


def test_a_folder_is_named_once() -> None:
    """If all sources are in one folder, it is named once before them."""
    one, two = changed(name="dumps/a.mrt"), changed(name="dumps/b.mrt")

    assert sources_text([one, two]).startswith("Sources in dumps/: a.mrt, b.mrt: received, ")
    assert sources_text([one]).startswith("Sources: dumps/a.mrt: ")
    assert sources_text([one, WHOLE]).startswith("Sources: dumps/a.mrt, edge.mrt: ")


def test_a_source_that_is_too_old_is_reported_once() -> None:
    """The line of the source has it, so that its remark is left out; other remarks are not."""
    old = "too old: taken 2026-11-21 10:00:30 UTC, what only it shows is unknown"
    part = "too old: taken 2026-11-20 10:00:30 UTC, what only it shows is unknown"
    source = changed(is_too_old=True, remarks=(old, part, "cut"))

    assert [old] == [each for each in source.remarks if is_told(source, each)]


def test_singular() -> None:
    """One route is one route."""
    quality = Quality(octets=2, read=1, lost=1, entries=1, damages=1)

    assert sources_text([changed(quality=quality)]).endswith("; 1 route, 1 octet lost")


def test_nothing_given() -> None:
    """A report without sources says so."""
    assert "Sources: none was given" == sources_text([])
