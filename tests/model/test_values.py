"""Values of the model are frozen and hashable; numbers are ordered."""

from __future__ import annotations

import pickle
from operator import lt

import attrs
import pytest

from peerlint import model
from peerlint.model import (
    Asn,
    AsPath,
    Community,
    Criteria,
    ExtendedCommunity,
    LargeCommunity,
    Prefix,
    Route,
    Segment,
    View,
    Viewpoint,
)

#: Two different values of every type, the lower first.
PAIRS = [
    (Asn(64500), Asn(64501)),
    (Prefix.parse("192.0.2.0/24"), Prefix.parse("2001:db8::/32")),
    (Community.parse("64500:1"), Community.parse("64500:2")),
    (LargeCommunity.parse("64500:1:9"), LargeCommunity.parse("64500:2:1")),
    (ExtendedCommunity.parse("rt:64500:1"), ExtendedCommunity.parse("ro:64500:1")),
    (Segment(2, (64500,)), Segment(1, (64500,))),
    (AsPath.parse("64500"), AsPath.parse("64500 64500")),
    (Route.parse("192.0.2.0/24 path 64500"), Route.parse("192.0.2.0/24 path 64501")),
    (Viewpoint(View.RECEIVED, Asn(64500)), Viewpoint(View.SENT, Asn(64500))),
    (Criteria(), Criteria(max_path=4)),
]
ORDERED = PAIRS[:5]
each_pair = pytest.mark.parametrize(("one", "other"), PAIRS, ids=lambda value: type(value).__name__)


@each_pair
def test_values_are_equal_by_their_attributes(one: object, other: object) -> None:
    """Every kind of copy is equal with the same hash; another value is not."""
    copies = [pickle.loads(pickle.dumps(one))]  # noqa: S301  # our own octets
    if attrs.has(type(one)):
        copies.append(attrs.evolve(one))  # type: ignore[misc]

    for copy in copies:
        assert (one, hash(one), type(one)) == (copy, hash(copy), type(copy))
    assert one != other
    assert len({one, other, *copies}) == 2


@each_pair
def test_values_are_frozen(one: object, other: object) -> None:
    """No attribute of a value can be set, and none can be added."""
    names = [field.name for field in attrs.fields(type(one))] if attrs.has(type(one)) else ["real"]

    for name in [*names, "new"]:
        with pytest.raises(AttributeError):
            setattr(one, name, getattr(other, name, None))


@pytest.mark.parametrize(("one", "other"), ORDERED, ids=lambda value: type(value).__name__)
def test_numbers_are_ordered(one: object, other: object) -> None:
    """AS numbers, prefixes and communities sort as the numbers that they are."""
    assert lt(one, other)
    assert [one, other] == sorted([other, one])  # type: ignore[type-var]


@pytest.mark.parametrize(
    ("one", "other"), PAIRS[len(ORDERED) :], ids=lambda value: type(value).__name__
)
def test_the_rest_has_no_order(one: object, other: object) -> None:
    """A path is not less than another path, a route not less than another route."""
    with pytest.raises(TypeError):
        lt(one, other)


@pytest.mark.parametrize(
    ("lower", "higher", "why"),
    [
        ("65534:65535", "65535:0", "the upper half first"),
        ("0:65535", "1:0", "the upper half first"),
        ("8075:8006", "8075:8007", "then the lower"),
        ("8075:999", "8075:1000", "as numbers, not as text"),
    ],
)
def test_communities_sort_as_numbers(lower: str, higher: str, why: str) -> None:
    """Communities sort as numbers, half by half."""
    assert Community.parse(lower) < Community.parse(higher), why


@pytest.mark.parametrize(
    ("lower", "higher", "why"),
    [
        ("198.51.100.0/24", "203.0.113.0/24", "by address"),
        ("9.0.0.0/8", "10.0.0.0/8", "as numbers, not as text"),
        ("10.0.0.0/8", "10.0.0.0/9", "the less specific first"),
        ("10.0.0.0/9", "10.128.0.0/9", "its halves in order"),
        ("255.255.255.255/32", "::/0", "IPv4 before IPv6"),
    ],
)
def test_prefixes_sort_as_numbers(lower: str, higher: str, why: str) -> None:
    """Prefixes sort by family, address, length."""
    assert Prefix.parse(lower) < Prefix.parse(higher), why


def test_an_as_number_is_the_integer() -> None:
    """An AS number is found among the plain integers of paths and columns."""
    assert {64500: "P"}[Asn(64500)] == "P"
    assert Segment(2, (64500,)) == Segment(2, (Asn(64500),))
    assert hash(Segment(2, (64500,))) == hash(Segment(2, (Asn(64500),)))


def test_public_names_are_complete() -> None:
    """`peerlint.model.__all__` has every public name of the package."""
    modules = {
        "asn",
        "aspath",
        "community",
        "foreign",
        "masks",
        "prefix",
        "route",
        "space",
        "times",
        "viewpoint",
    }

    assert {name for name in vars(model) if name[0] != "_"} - modules == set(model.__all__)
