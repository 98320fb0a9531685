"""The first line has the totals, the last line the exit status and its reasons."""

from __future__ import annotations

from typing import Final

import attrs
import pytest

from peerlint.bulk import Quality
from peerlint.model import View
from peerlint.observations import Coverage, SourceSummary
from peerlint.report.totals import first_line, last_line
from peerlint.results import FailOn, Report
from peerlint.testing.notation import evaluate_routes as evaluate

TAG: Final = "community 8075:8007"
WHOLE: Final = SourceSummary(
    "edge.mrt", (("ams-1", View.RECEIVED),), Coverage.COMPLETE, Quality(octets=1, read=1)
)
GOOD: Final = (
    f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 {TAG}\n"
    f"ams-2 203.0.113.0/24 path 64500 {TAG}\n"
)
REGISTERED: Final = "attest asn.origin-registered contoso-ams\n"
PREPENDED: Final = (
    f"registered 198.51.100.0/24\nams-1 198.51.100.0/24 path 64500 64501 64501 {TAG}\n"
    f"ams-2 198.51.100.0/24 path 64500 64501 64501 {TAG}\n"
)
UNSEEN: Final = "coverage ams-2 partial\nregistered 198.18.0.0/22\n"
CHECKED: Final = "(origin-registered: give --registry)"


def seen(scenario: str, source: SourceSummary = WHOLE) -> Report:
    """Evaluate a scenario whose routes are in one source."""
    return attrs.evolve(evaluate(scenario), sources=(source,))


@pytest.mark.parametrize(
    ("scenario", "line"),
    [
        (f"{GOOD}{REGISTERED}", "0 errors; 1 of 1 Verified"),
        (GOOD, f"0 errors; 0 of 1 Verified, 1 more with checks undecided {CHECKED}"),
        (f"{GOOD}{PREPENDED}{REGISTERED}", "2 errors on 1 of 2 prefixes; 1 of 2 Verified"),
        (
            f"{GOOD}{PREPENDED}",
            f"2 errors on 1 of 2 prefixes; 0 of 2 Verified, 1 more with checks undecided {CHECKED}",
        ),
        (
            f"{GOOD}ams-1 198.18.7.0/24 path 64500 {TAG}",
            f"1 error; 0 of 1 Verified, 1 more with checks undecided {CHECKED}",
        ),
        ("coverage ams-1 none\nregistered 198.18.0.0/22", "0 errors; 0 of 1 Verified, 1 Unknown"),
        ("ams-1 198.19.0.0/24 path 64500 64501", "0 errors; no prefix to verify"),
    ],
)
def test_the_first_line(scenario: str, line: str) -> None:
    """The first line has errors with their prefixes, Verified prefixes and undecided checks."""
    report = evaluate(scenario)
    if "coverage ams-1 none" in scenario:
        report = evaluate(f"{scenario}\ncoverage ams-2 none")

    assert line == first_line(report, 1000)


def test_the_first_line_fits() -> None:
    """Advice is the first thing to go where the line is too long for the page."""
    report = evaluate(f"{GOOD}{PREPENDED}")
    head = "2 errors on 1 of 2 prefixes; 0 of 2 Verified, 1 more with checks undecided"

    assert f"{head} (origin-registered: give --registry)" == first_line(report, 115)
    assert f"{head} (origin-registered)" == first_line(report, 100)
    assert head == first_line(report, 80)


@pytest.mark.parametrize(
    ("scenario", "fail_on", "line"),
    [
        (GOOD, FailOn.OPEN, "0 errors, 0 warnings; exit 0"),
        (
            GOOD,
            FailOn.UNVERIFIED,
            "0 errors, 0 warnings; exit 1 because of 1 prefix with undecided checks",
        ),
        (PREPENDED, FailOn.ERROR, "2 errors, 0 warnings; exit 1 because of errors"),
        (
            f"registered 198.51.100.0/24\nams-1 198.51.100.0/24 path 64500 64501 64501 {TAG}\n"
            f"ams-2 198.51.100.0/24 path 64500 64501 {TAG}\n",
            FailOn.WARNING,
            "1 error, 1 warning; exit 1 because of an error and a warning",
        ),
        (
            f"registered 198.51.100.0/24\nams-1 198.51.100.0/24 path 64500 64501 64501 {TAG}\n"
            f"{UNSEEN}ams-1 198.18.0.0/22 path 64500 {TAG}\n",
            FailOn.OPEN,
            "1 error, 0 warnings; exit 1 because of an error and 1 prefix Unknown",
        ),
        (
            f"{GOOD}{UNSEEN}ams-1 198.18.0.0/22 path 64500 {TAG}\n",
            FailOn.ERROR,
            "0 errors, 0 warnings; exit 0",
        ),
    ],
)
def test_the_last_line(scenario: str, fail_on: FailOn, line: str) -> None:
    """The last line has counts, the exit status and all of its reasons."""
    assert line == last_line(seen(scenario), fail_on)


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"error": "no such file"}, "edge.mrt could not be read"),
        ({"quality": Quality(octets=2, read=1, lost=1, damages=1)}, "edge.mrt is damaged"),
        ({"quality": Quality()}, "edge.mrt is empty"),
        ({"views": ()}, "edge.mrt shows no session of the inventory"),
    ],
)
def test_what_could_not_be_read_beats_what_was_found(changes: dict[str, object], why: str) -> None:
    """Exit status 3 beats 1; the findings are counted all the same."""
    report = seen(PREPENDED, attrs.evolve(WHOLE, **changes))  # type: ignore[arg-type]  # its fields

    assert f"2 errors, 0 warnings; exit 3 because {why}" == last_line(report, FailOn.OPEN)


def test_no_source_is_a_reason() -> None:
    """If no source was given, the reasons of Unknown prefixes say so."""
    report = evaluate("coverage ams-1 none\ncoverage ams-2 none\nregistered 198.18.0.0/22")

    expected = "exit 1 because of 1 prefix Unknown: no source was given"
    assert last_line(report, FailOn.OPEN).endswith(expected)
    assert "no source" not in last_line(evaluate(PREPENDED), FailOn.OPEN)
