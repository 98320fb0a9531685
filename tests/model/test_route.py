"""Routes in the one-line notation."""

from __future__ import annotations

import attrs
import pytest
from hypothesis import given

from peerlint.errors import InputError
from peerlint.model import Route
from peerlint.testing import strategies

LINE = (
    "203.0.113.0/24 path 64500 64501 {64502,64503} community 8075:8007 64500:120 "
    "large 8075:8007:0 extended rt:8075:8007 next-hop 192.0.2.1 path-id 7 malformed ORIGIN"
)


def test_every_field_is_read() -> None:
    """The notation holds every field, and printing sorts communities."""
    route = Route.parse(LINE)

    assert LINE == str(route)
    assert route.path_id == 7
    assert str(route.path) == "64500 64501 {64502,64503}"
    assert {"8075:8007", "64500:120"} == {str(each) for each in route.communities}
    assert route.malformed == ("ORIGIN",)


def test_parts_are_an_alternative() -> None:
    """A prefix with its parts is the same route as the line; communities of any kind together."""
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
    ],
)
def test_parse_refuses(text: str) -> None:
    """What cannot be read, or stands twice, is an error."""
    with pytest.raises(InputError):
        Route.parse(text)


def test_a_field_is_not_given_twice() -> None:
    """A path in the line and one as an argument contradict each other."""
    with pytest.raises(InputError):
        Route.parse("203.0.113.0/24 path 64500", path="64500")
    with pytest.raises(InputError):
        Route.parse("203.0.113.0/24 next-hop 192.0.2.1", next_hop="192.0.2.1")


@given(strategies.routes(malformed=True))
def test_round_trip(route: Route) -> None:
    """The line gives the route back, its path joined; the line itself is a fixed point."""
    read = Route.parse(str(route))

    assert str(route) == str(read)
    assert attrs.evolve(route, path=route.path.joined()) == attrs.evolve(
        read, path=read.path.joined()
    )


@given(strategies.routes())
def test_time_is_no_part_of_the_identity(route: Route) -> None:
    """The same announcement at another time is equal and hashes alike."""
    later = attrs.evolve(route, timestamp=1)

    assert later.timestamp == 1
    assert (route, hash(route)) == (later, hash(later))
