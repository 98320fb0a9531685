"""Routes in the one-line notation."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given

from peerlint.errors import InputError
from peerlint.model import AsPath, Route
from peerlint.testing import strategies
from peerlint.wording import shown

LINE = (
    "203.0.113.0/24 path 64500 64501 {64502,64503} community 8075:8007 64500:120 "
    "large 8075:8007:0 extended rt:8075:8007 next-hop 192.0.2.1 path-id 7 malformed ORIGIN"
)


def test_every_field_is_read() -> None:
    """The notation has every field, and printing sorts communities."""
    route = Route.parse(LINE)

    assert LINE == str(route)
    assert route.path_id == 7
    assert str(route.path) == "64500 64501 {64502,64503}"
    assert {"8075:8007", "64500:120"} == {str(each) for each in route.communities}
    assert route.malformed == ("ORIGIN",)


def test_parts_are_an_alternative() -> None:
    """A prefix with separate parts gives the same route as the line."""
    expected = Route.parse(
        "203.0.113.0/24 path 64500 community 8075:8007 large 8075:8007:0 extended ro:1:2 "
        "next-hop 2001:db8::1"
    )

    for communities in (
        "8075:8007 8075:8007:0 ro:1:2",
        ["ro:1:2", "8075:8007", "8075:8007:0", "8075:8007"],
    ):
        assert expected == Route.parse(
            "203.0.113.0/24", path="64500", communities=communities, next_hop="2001:db8::1"
        )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "path 64500",
        "203.0.113.0/24 64500",
        "203.0.113.0/24 paths 64500",
        "203.0.113.5/24 path 64500",
        "203.0.113.0/24 path 64500 path 64501",
        "203.0.113.0/24 path {64500",
        "203.0.113.0/24 community 8075:8007:0",
        "203.0.113.0/24 large 8075:8007",
        "203.0.113.0/24 extended 8075:8007",
        "203.0.113.0/24 next-hop",
        "203.0.113.0/24 next-hop 192.0.2.1 192.0.2.2",
        "203.0.113.0/24 next-hop 192.0.2",
        "203.0.113.0/24 path-id",
        "203.0.113.0/24 path-id -1",
        "203.0.113.0/24 path-id 4294967296",
        "203.0.113.0/24 path-id 1 2",
        "203.0.113.0/24 path-id \N{ARABIC-INDIC DIGIT ONE}",
        "203.0.113.0/24 path-id " + "9" * 5000,
        "203.0.113.0/24 next-hop 192.0.2.1 next-hop 192.0.2.1",
        "203.0.113.0/24 community 8075:8007 community 8075:8007",
        "203.0.113.0/24 community nobody",
        "203.0.113.0/24 extended rt:192.0.2.1L:1",
        "203.0.113.0 path 64500",
        "203.0.113.0/24 PATH 64500",
    ],
    ids=lambda text: text[:60],
)
def test_invalid_texts(text: str) -> None:
    """Invalid and repeated fields are errors that contain the text."""
    with pytest.raises(InputError) as caught:
        Route.parse(text)

    assert caught.value.what in str(caught.value)
    assert shown(caught.value.found) in str(caught.value)


def test_a_field_is_not_given_twice() -> None:
    """A path both in the line and as an argument is an error."""
    with pytest.raises(InputError):
        Route.parse("203.0.113.0/24 path 64500", path="64500")
    with pytest.raises(InputError):
        Route.parse("203.0.113.0/24 next-hop 192.0.2.1", next_hop="192.0.2.1")


@given(strategies.routes(malformed=True))
def test_round_trip(route: Route) -> None:
    """A route survives as a line, except how its path's sequences are split."""
    read = Route.parse(str(route))

    assert str(route) == str(read)
    assert attrs.evolve(route, path=AsPath.parse(str(route.path))) == read


@given(strategies.routes(path_id=False))
def test_parts_as_text_are_the_route(route: Route) -> None:
    """Every part survives as text, with communities of all kinds in one argument."""
    kinds = (route.communities, route.large_communities, route.extended_communities)
    read = Route.parse(
        str(route.prefix),
        path=str(route.path),
        communities=[str(each) for kind in kinds for each in kind],
        next_hop=None if route.next_hop is None else str(route.next_hop),
    )

    assert Route.parse(str(route)) == read


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("8075:8007", "community 8075:8007"),
        ("no-export", "community 65535:65281"),
        ("0x1F8B1F47", "community 8075:8007"),
        ("(8075,8007)", "community 8075:8007"),
        ("8075:8007:1", "large 8075:8007:1"),
        ("RT:8075:8007", "extended rt:8075:8007"),
        ("ro:8075L:8007", "extended ro:8075L:8007"),
        ("rt:192.0.2.1:1", "extended rt:192.0.2.1:1"),
        ("0x43021F8B00001F47", "extended 0x43021f8b00001f47"),
        ("8075:8007 1:2:3 rt:1:2 8075:8007", "community 8075:8007 large 1:2:3 extended rt:1:2"),
    ],
)
def test_kind_of_community(words: str, expected: str) -> None:
    """Every notation is recognised as its kind of community (paths#communities)."""
    assert f"203.0.113.0/24 {expected}" == str(Route.parse("203.0.113.0/24", communities=words))


@pytest.mark.parametrize(
    ("one", "other", "is_same", "source"),
    [
        ("community 1:1 2:2", "community 2:2 1:1 1:1", True, "RFC 1997: a set"),
        ("large 1:1:1 2:2:2", "large 2:2:2 1:1:1", True, "RFC 8092: a set"),
        ("path 64500", "path AS64500", True, "notations"),
        ("path 64500", "path 64500 64500", False, "prepending"),
        ("path-id 0", "", False, "RFC 7911: 0 is an identifier"),
        ("path-id 1", "path-id 2", False, "RFC 7911"),
        ("next-hop 192.0.2.1", "next-hop 192.0.2.2", False, "RFC 4271"),
        ("path", "", True, "a word without values says nothing"),
        ("malformed ORIGIN", "", False, "RFC 7606"),
    ],
)
def test_identity(one: str, other: str, *, is_same: bool, source: str) -> None:
    """Routes are equal if everything that rules evaluate is equal."""
    same = Route.parse(f"203.0.113.0/24 {one}") == Route.parse(f"203.0.113.0/24 {other}")

    assert is_same == same, source


@given(strategies.routes())
def test_time_is_not_compared(route: Route) -> None:
    """The same announcement at another time is equal and has the same hash."""
    later = attrs.evolve(route, timestamp=1)

    assert later.timestamp == 1
    assert (route, hash(route)) == (later, hash(later))
