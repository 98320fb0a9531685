"""Values, names and numbers in messages."""

from __future__ import annotations

from datetime import date, datetime
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from peerlint.errors import InputError, InventoryError, Mistake
from peerlint.wording import Words, closest, counted, listed, shown


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "nothing"),
        (True, "true"),
        (False, "false"),
        ("mapps", "'mapps'"),
        ("", "an empty string"),
        (Words("none of them"), "none of them"),
        (64500, "64500"),
        (1.5, "1.5"),
        (date(2026, 11, 1), "2026-11-01"),
        (datetime(2026, 11, 1, 10), "2026-11-01T10:00:00"),  # noqa: DTZ001  # TOML has local times
        ([], "an empty list"),
        (["a", True, None], "['a', true, nothing]"),
        ({}, "a table"),
        # a table may contain a key
        ([{"key": "f1f1c0de-1111-2222-3333-44445555aaaa"}], "[a table]"),
    ],
)
def test_values_are_shown_as_people_write_them(value: object, expected: str) -> None:
    """Messages have no Python terms: no None, no True, no names of types."""
    assert expected == shown(value)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab", max_size=3) | st.dates(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=2), inner),
)


@given(_VALUES)
def test_no_python_is_shown(value: object) -> None:
    """For any value of a file, the message has no Python terms."""
    text = shown(value)

    assert text
    assert [] == [word for word in ("None", "True", "False", "datetime", "{") if word in text]


KNOWN: Final = ("name", "profile", "asn", "location", "registered_prefix", "route.prepending")


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("locaton", "location"),
        ("Name", "name"),
        ("PROFILE", "profile"),
        ("registered-prefix", "registered_prefix"),
        ("route.prepend", "route.prepending"),
        # another rule of the same family is not suggested
        ("route.none", None),
        ("colour", None),
        ("", None),
        (5, None),
        ("n" * 1000, None),
    ],
)
def test_the_closest_word(word: object, expected: str | None) -> None:
    """A mistyped word gets a suggestion in any case; one without a similar word gets none."""
    assert expected == closest(word, KNOWN)


@pytest.mark.parametrize(
    ("count", "noun", "plural", "expected"),
    [
        (1, "route", None, "1 route"),
        (0, "route", None, "0 routes"),
        (1, "prefix", None, "1 prefix"),
        (2, "prefix", None, "2 prefixes"),
        (12_345, "octet", None, "12,345 octets"),
        (2, "unknown", "unknown", "2 unknown"),
    ],
)
def test_singular_and_plural(count: int, noun: str, plural: str | None, expected: str) -> None:
    """A count of one has the singular."""
    assert expected == counted(count, noun, plural)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (InputError("view", expected="received", found=None), "expected received, found nothing"),
        (
            InputError("profile", expected="direct, maps", found="mapps", close="maps"),
            "found 'mapps'; did you mean maps?",
        ),
        (
            InputError("path", expected="a path", found=None, hint="give --path"),
            "expected a path, found nothing; give --path",
        ),
    ],
)
def test_input_errors(error: InputError, expected: str) -> None:
    """An error says what was expected or is suggested, and what to do."""
    assert f"{error.what}: {expected}" == str(error)


def test_mistakes_with_and_without_lines() -> None:
    """A mistake with a line starts like a compiler's; without one it names table and key."""
    mistakes = (
        Mistake("lab", "allow", "a list", "5", line=12),
        Mistake("lab", "alow", "one of allow", "an unknown key", close="allow"),
    )

    assert (
        "peering.toml:12: lab, key allow: expected a list, found 5\n"
        "peering.toml: lab, key alow: found an unknown key; did you mean allow?"
    ) == str(InventoryError("peering.toml", mistakes))


def test_names_that_are_not_shown_are_not_made() -> None:
    """Each of 5,000 findings lists the first names only, and does not make the text of others."""
    made = []

    def text_of(number: int) -> str:
        made.append(number)
        return f"p{number}"

    assert listed(range(5_000), 2, text_of=text_of) == "p0, p1 and 4,998 more"
    assert made == [0, 1]
    assert listed(("a", "b"), 2) == "a, b"
