"""The age of a source, which sources may still decide, and their order of precedence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

import attrs
import pytest

from peerlint.bulk import Quality
from peerlint.model import Criteria, MaxAge, Prefix, Route, View
from peerlint.observations import (
    Coverage,
    Observation,
    Observations,
    SessionCounts,
    SessionSource,
    SourceSummary,
    aged,
    session_match,
    taken_at,
    with_overruled,
)
from peerlint.testing.notation import scenario

NOW: Final = datetime(2026, 11, 21, 10, tzinfo=UTC)
DAY: Final = {"ams-1": MaxAge.parse("24h")}
SESSION: Final = scenario("").inventory.sessions[0]
A, B = Prefix.parse("203.0.113.0/24"), Prefix.parse("198.51.100.0/24")


def source(
    name: str,
    ago: float | None = 0,
    view: str = "received",
    *,
    coverage: str = "complete",
    routes: tuple[str, ...] = (),
    shows_communities: bool = True,
) -> SessionSource:
    """Return a source of ams-1 that was taken `ago` hours before `NOW`."""
    match = session_match(SESSION, View(view))
    return SessionSource(
        name,
        View(view),
        Coverage(coverage),
        SessionCounts(),
        tuple(
            attrs.evolve(
                Observation.of(match, Route.parse(route), Criteria(), name, 0),
                shows_communities=shows_communities,
            )
            for route in routes
        ),
        last=None if ago is None else NOW - timedelta(hours=ago),
    )


def observations(*sources: SessionSource) -> Observations:
    """Return the observations of some sources of ams-1."""
    summaries = tuple(
        SourceSummary(
            each.source, (("ams-1", each.view),), each.coverage, Quality(octets=1), last=each.last
        )
        for each in sources
    )
    return Observations(summaries, {"ams-1": sources})


@pytest.mark.parametrize(
    ("hours", "limit", "expected"),
    [
        (0, "24h", False),
        (24, "24h", False),
        (24.001, "24h", True),
        (1000, "off", False),
        (2, "90m", True),
        (None, "24h", False),  # a time that is not known
        (-0.08, "24h", False),  # clocks differ by up to five minutes
    ],
)
def test_older_than_the_limit_is_too_old(hours: float | None, limit: str, expected: bool) -> None:
    """A source is too old if it is older than the limit; one of unknown time is not."""
    found = aged(observations(source("f", hours)), NOW, {"ams-1": MaxAge.parse(limit)})

    assert expected is found.sessions["ams-1"][0].is_too_old
    assert expected is found.sources[0].is_too_old
    remark = ("too old: taken 2026-11-20 09:59:56 UTC, what only it shows is unknown",)
    assert (remark if hours == 24.001 else ()) == found.sources[0].remarks or limit == "90m"


@pytest.mark.parametrize(("minutes", "is_known"), [(5, True), (6, False), (60 * 24 * 400, False)])
def test_a_time_in_the_future_is_not_known(minutes: int, is_known: bool) -> None:
    """A time more than five minutes after the check is not known, and a remark says so."""
    found = aged(observations(source("f", -minutes / 60)), NOW, DAY)

    (summary,), (one,) = found.sources, found.sessions["ams-1"]
    assert is_known is (one.last is not None)
    assert (is_known, False) == (not summary.is_in_future, one.is_too_old)
    assert is_known is not any("its time is not known" in each for each in summary.remarks)
    assert summary.age_seconds is None


def test_times_are_not_checked_where_any_age_counts() -> None:
    """With `max_age = "off"` nothing depends on the day, not even a time in the future."""
    before = observations(source("f", 10_000), source("g", -10_000))

    found = aged(before, NOW, {"ams-1": MaxAge.parse("off")})

    assert before.sessions == found.sessions
    assert [(), ()] == [each.remarks for each in found.sources]


def test_the_age_is_a_number() -> None:
    """The age is the number of seconds from the last record to the time of the check."""
    found = aged(observations(source("f", 2), source("g", None)), NOW, DAY)

    assert [7200, None] == [each.age_seconds for each in found.sources]


def test_replaced_snapshots_are_named() -> None:
    """The remark has their number and their times; of many, the first three times."""
    times = tuple(NOW - timedelta(hours=hour) for hour in range(5, 0, -1))
    before = observations(source("f"))
    (summary,) = before.sources
    summary = attrs.evolve(summary, replaced=times)

    (found,) = aged(attrs.evolve(before, sources=(summary,)), NOW, DAY).sources

    assert (
        "5 older snapshots left out, a later one counts: 2026-11-21 05:00 UTC, "
        "2026-11-21 06:00 UTC, 2026-11-21 07:00 UTC and 2 more",
    ) == found.remarks


@pytest.mark.parametrize(
    "sources",
    [
        # the better view,
        [source("a", 9, "received"), source("b", 1, "sent"), source("c", 0, "loc-rib")],
        # in one view the newer source,
        [source("a", 1), source("b", 2), source("c", 3)],
        # a known time before an unknown one,
        [source("a", 23), source("b", None)],
        # any source that is not too old before one that is, whatever the views,
        [source("a", 1, "collector"), source("b", 25, "received"), source("c", 26)],
        [source("a", None), source("b", 25)],
        # at the same time, complete coverage before partial.
        [source("a", 1), source("b", 1, coverage="partial")],
    ],
)
def test_precedence_of_sources(sources: list[SessionSource]) -> None:
    """It does not depend on the order of the arguments (views#several-dumps-of-a-session)."""
    for given in (sources, sources[::-1]):
        found = aged(observations(*given), NOW, DAY).of("ams-1")

        assert [each.source for each in sources] == [each.source for each in found]


def test_a_time_that_the_user_gives() -> None:
    """It counts for a source whose records have no time."""
    unknown = (observations(source("f", None)).sources[0], {"ams-1": (source("f", None),)})
    known = (observations(source("f", 1)).sources[0], {"ams-1": (source("f", 1),)})

    summary, sessions = taken_at(unknown, NOW)

    assert (NOW, NOW, NOW) == (summary.first, summary.last, sessions["ams-1"][0].last)
    assert known == taken_at(known, NOW)
    assert unknown == taken_at(unknown, None)


TAGGED: Final = "203.0.113.0/24 path 64500 community 8075:8007"
PLAIN: Final = "203.0.113.0/24 path 64500"


@pytest.mark.parametrize(
    ("best", "other", "is_named"),
    [
        (source("a", 1, routes=(TAGGED,)), source("b", 2, routes=(TAGGED,)), False),
        (source("a", 1, routes=(TAGGED,)), source("b", 2, routes=(PLAIN,)), True),
        (source("a", 1, routes=(TAGGED,)), source("b", 2), True),
        (source("a", 1), source("b", 2, routes=(TAGGED,)), True),
        (source("a", 1, routes=(TAGGED,)), source("b", 2, coverage="partial"), False),
        # Not overruled, because the first one does not show the prefix.
        (source("a", 1, coverage="partial"), source("b", 2, routes=(TAGGED,)), False),
        # Communities are not compared if one of them shows none.
        (
            source("a", 1, routes=(PLAIN,), shows_communities=False),
            source("b", 2, routes=(TAGGED,)),
            False,
        ),
        # Export policy changes routes between views; only presence is compared.
        (source("a", 1, routes=(TAGGED,)), source("b", 2, "loc-rib", routes=(PLAIN,)), False),
        (source("a", 1, routes=(TAGGED,)), source("b", 2, "loc-rib"), True),
        (source("a", 1, routes=(TAGGED,)), source("b", 2, "adj-rib-in"), False),
        (source("a", 1, routes=(TAGGED,)), source("b", 30), False),
    ],
)
def test_a_source_that_is_overruled_is_named(
    best: SessionSource, other: SessionSource, is_named: bool
) -> None:
    """A remark names a source that differs and that could have decided."""
    found = with_overruled(aged(observations(other, best), NOW, DAY), [A, B])

    remark = "overruled on ams-1 by a, differs on 203.0.113.0/24"
    assert is_named is (remark in found.sources[0].remarks)
    assert () == found.sources[1].remarks


def test_a_source_is_overruled_by_the_one_that_decides() -> None:
    """The remark names the first source that shows the prefix, not others that agree with it."""
    sources = (
        source("a", 1, coverage="partial", routes=(TAGGED,)),
        source("b", 2, routes=(TAGGED, "198.51.100.0/24 path 64500")),
        source("c", 3),
    )

    found = with_overruled(aged(observations(*sources), NOW, DAY), [A, B])

    assert (
        "overruled on ams-1 by a, differs on 203.0.113.0/24",
        "overruled on ams-1 by b, differs on 198.51.100.0/24",
    ) == found.sources[2].remarks


@pytest.mark.parametrize(
    ("dump", "live", "first"),
    [
        ("received", "sent", "live"),
        ("sent", "sent", "live"),
        ("received", "loc-rib", "dump"),
        ("sent", "advertised", "dump"),
        ("loc-rib", "advertised", "live"),
    ],
)
def test_precedence_of_a_live_feed(dump: str, live: str, first: str) -> None:
    """What a router sends now comes before an older dump of what was received, not what it has."""
    sources = [source("dump", 1, dump), attrs.evolve(source("live", 0, live), is_live=True)]

    found = observations(*sources).of("ams-1")

    assert found[0].source == first
