"""Phrases are equal if they have the same text for any subject."""

from __future__ import annotations

import pytest

from peerlint.model import View
from peerlint.results import (
    Phrase,
    RouteCount,
    RuleIds,
    SourceName,
    SubjectName,
    SubjectRef,
    as_clause,
    as_phrase,
    clause,
    phrase,
)


def test_neighbouring_texts_are_joined() -> None:
    """How a phrase was put together does not show."""
    assert phrase("a ", "b", "", SubjectName.PLACE) == phrase(phrase("a b"), SubjectName.PLACE)
    assert ("a b", SubjectName.PLACE) == phrase("a ", "b", "", SubjectName.PLACE).parts


@pytest.mark.parametrize(
    ("one", "other", "are_one_cause"),
    [
        # the session is the subject's: the cause is the same on any
        (phrase("BFD on ", SubjectName.PLACE), phrase("BFD on ", SubjectName.PLACE), True),
        (phrase("BFD on ", SubjectName.PLACE), phrase("BFD on ams-1"), False),
        (phrase("a", SourceName("x.mrt")), phrase("a", SourceName("y.mrt")), True),
        (phrase("a", SourceName("x.mrt")), phrase("a"), False),
        (phrase("but ", RuleIds.of("ab")), phrase("but ", RuleIds.of("c")), True),
        (phrase("1 route"), phrase("2 routes"), False),
        (phrase("a"), clause("a"), False),
    ],
)
def test_causes(one: Phrase, other: Phrase, *, are_one_cause: bool) -> None:
    """Evidence makes phrases different, but not causes."""
    assert are_one_cause is (one.cause == other.cause)
    assert (one == other) is (one.parts == other.parts and one.is_clause is other.is_clause)


def test_names_are_filled_in() -> None:
    """A phrase can be resolved for any subject."""
    found = phrase(SubjectName.PREFIX, " on ", SubjectName.PLACE)
    told = [
        found.text(SubjectRef("p", "ams-1", name, "edge1", "203.0.113.0/24"))
        for name in ("ams-1", "ams-1/2")
    ]

    assert ["203.0.113.0/24 on ams-1 (edge1)", "203.0.113.0/24 on ams-1/2 (edge1)"] == told
    assert told[0] == found.resolved(SubjectRef("p", "ams-1", "ams-1", "edge1", "203.0.113.0/24")
                                    ).text(SubjectRef())  # fmt: skip


def test_a_number_of_routes_is_filled_in() -> None:
    """It is no text until a report is assembled, and then a text like any other."""
    count = RouteCount("ams-1", "edge1.mrt", View.RECEIVED)
    found = phrase("not among the ", count, " of ", SubjectName.PLACE)
    filled = found.with_parts(lambda part: "12 routes" if part == count else part)

    assert count == found.count
    assert phrase("not among the 12 routes of ", SubjectName.PLACE) == filled
    assert filled.count is None


@pytest.mark.parametrize(
    ("ids", "text"),
    [
        (["a"], "a"),
        (["b", "a", "b"], "b, a"),
        ([f"r{n}" for n in range(10)], "r0, r1, r2, r3, r4, r5, r6, r7 and 2 more"),
    ],
)
def test_rules_are_named_once(ids: list[str], text: str) -> None:
    """Of very many the first are named and the others counted."""
    assert text == RuleIds.of(ids).text(SubjectRef())


def test_texts_are_accepted_as_phrases() -> None:
    """A text without names need not be put together."""
    assert phrase("a") == as_phrase("a")
    assert clause("a") == as_clause("a")
    assert clause("a") == as_clause(clause("a"))
