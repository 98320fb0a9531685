"""Viewpoints: the path that AS8075 receives for a stored path (paths#effective-path)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import pytest
from hypothesis import given

from peerlint.errors import InputError
from peerlint.iana import ALLOWABLE
from peerlint.model import AsPath, Criteria, OwnAs, View, Viewpoint
from peerlint.model.viewpoint import Reading
from peerlint.testing import strategies

P = 64500


@pytest.mark.parametrize(
    ("view", "stored", "effective", "length"),
    [
        # paths#path-length
        ("loc-rib", "", "64500", 1),
        ("loc-rib", "64501", "64500 64501", 2),
        ("received", "64500 64501 64502", "64500 64501 64502", 3),
        ("loc-rib", "64501 64502 64503", "64500 64501 64502 64503", 4),
        ("received", "64500 64500 64500", "64500 64500 64500", 3),
        ("received", "64500 64500 64500 64500", "64500 64500 64500 64500", 4),
        ("received", "64500 64501 {64502,64503}", "64500 64501 {64502,64503}", 3),
        ("received", "64500 {64501,64502,64503}", "64500 {64501,64502,64503}", 2),
        ("loc-rib", "(64512 64513) 64501", "64500 64501", 2),
        ("received", "(64512) 64500 64501", "(64512) 64500 64501", 2),
        ("received", "", "", 0),
        ("collector", "64496 64497 64500 64501", "64500 64501", 2),
        ("received", "64500 8075 64501", "64500 8075 64501", 3),
        ("received", "64500 64501 64500", "64500 64501 64500", 3),
        # The table of views.
        ("sent", "64500 64501", "64500 64501", 2),
        ("adj-rib-in", "64501", "64500 64501", 2),
        ("adj-rib-in", "(64512) 64501", "64500 64501", 2),
        ("loc-rib", "64500 64501", "64500 64500 64501", 3),  # paths#prepending: after egress
        ("loc-rib", "{64501}", "64500 {64501}", 2),
        ("loc-rib", "(64512)", "64500", 1),
        ("collector", "64500 64501", "64500 64501", 2),
        ("collector", "64496 64500 64500 64501", "64500 64500 64501", 3),
    ],
)
def test_effective_path(view: str, stored: str, effective: str, length: int) -> None:
    """Each row of paths#path-length gives its effective path and length."""
    found = Viewpoint(view, P).effective(AsPath.parse(stored))

    assert found is not None
    assert (effective, length) == (str(found), found.length)


@pytest.mark.parametrize("stored", ["64496 64497", "", "64496 {64500}", "(64500) 64496"])
def test_a_collector_without_the_announcing_as_is_no_evidence(stored: str) -> None:
    """A collector's path without P in a sequence is no evidence (paths#effective-path)."""
    assert Viewpoint("collector", P).effective(AsPath.parse(stored)) is None
    assert Viewpoint("collector").effective(AsPath.parse(stored)) is None


@pytest.mark.parametrize(
    ("own_as", "stored", "effective"),
    [
        ("included", "64500 64501", "64500 64501"),
        ("included", "64501", "64501"),
        ("excluded", "64501", "64500 64501"),
        ("excluded", "64500 64501", "64500 64500 64501"),
        ("auto", "64501", "64500 64501"),
        ("auto", "64500 64501", "64500 64501"),
        ("auto", "", "64500"),
        ("auto", "(64512) 64500", "(64512) 64500"),
        ("auto", "(64512) 64501", "64500 64501"),
        ("auto", "{64500}", "64500 {64500}"),
    ],
)
def test_advertised(own_as: str, stored: str, effective: str) -> None:
    """In the view `advertised`, an option says whether P is in the paths (paths#effective-path)."""
    found = Viewpoint("advertised", P, own_as=own_as).effective(AsPath.parse(stored))

    assert effective == str(found)


@pytest.mark.parametrize(
    ("view", "stored", "effective"),
    [
        ("loc-rib", "64501 64502 64503", "64501 64502 64503"),  # paths#effective-path: length 3
        ("advertised", "64501 64502", "64501 64502"),
        ("loc-rib", "", "64500"),  # originated by the route server
        ("loc-rib", "(64512) 64501", "64501"),
        ("loc-rib", "(64512)", "64500"),
        ("received", "64501", "64501"),
        ("collector", "64496 64500 64501", "64500 64501"),
    ],
)
def test_transparent_route_servers_add_nothing(view: str, stored: str, effective: str) -> None:
    """A transparent route server does not prepend its own AS (RFC 7947 section 2.2.2.1)."""
    found = Viewpoint(view, P, transparent=True).effective(AsPath.parse(stored))

    assert effective == str(found)


@pytest.mark.parametrize(
    ("view", "own_as", "is_needed"),
    [
        ("received", "auto", False),
        ("sent", "auto", False),
        ("collector", "auto", False),
        ("advertised", "included", False),
        ("advertised", "excluded", True),
        ("advertised", "auto", True),
        ("loc-rib", "auto", True),
        ("adj-rib-in", "auto", True),
    ],
)
def test_announcing_as_is_required_where_it_is_added(
    view: str, own_as: str, *, is_needed: bool
) -> None:
    """A view in which P is prepended to paths needs P."""
    if is_needed:
        with pytest.raises(InputError):
            Viewpoint(view, own_as=own_as)
    else:
        assert Viewpoint(view, own_as=own_as).asn is None


@pytest.mark.parametrize("view", list(View))
def test_definite_views(view: View) -> None:
    """Only `received` and `sent` show what was on the wire (views#confidence)."""
    assert (view in ("received", "sent")) == view.is_definite


@given(strategies.viewpoints(), strategies.paths())
def test_limits_of_readings(viewpoint: Viewpoint, path: AsPath) -> None:
    """No reading adds an AS number other than P, or removes one outside confederations."""
    found = viewpoint.effective(path)

    if found is None:
        assert viewpoint.view is View.COLLECTOR
        return
    outside = list(path.without_confederations().asns)
    kept = list(found.without_confederations().asns)
    if viewpoint.view is View.COLLECTOR:
        assert kept == outside[len(outside) - len(kept) :]
    else:
        assert kept in (outside, [viewpoint.asn, *outside])


@given(strategies.viewpoints(), strategies.paths())
def test_splitting_sequences_never_matters(viewpoint: Viewpoint, path: AsPath) -> None:
    """The effective path of a joined path is the joined effective path."""
    split, whole = viewpoint.effective(path), viewpoint.effective(path.joined())

    assert (split and split.joined()) == (whole and whole.joined())


def test_criteria_are_microsofts_by_default() -> None:
    """By default, the community is 8075:8007, paths have up to 3 ASes, and nothing is allowed."""
    criteria = Criteria()

    assert ("8075:8007", 3, frozenset()) == (
        str(criteria.community),
        criteria.max_path,
        criteria.allow,
    )


@pytest.mark.parametrize("make", [set, frozenset, list, tuple, dict.fromkeys, iter])
def test_criteria_allow_from_any_collection(make: Callable[..., Iterable[str]]) -> None:
    """`allow` takes any collection of kinds."""
    assert ALLOWABLE == Criteria(allow=make(ALLOWABLE)).allow


def test_criteria_allow_one_name() -> None:
    """`allow` takes a single name as that name, not as its letters."""
    assert frozenset({"documentation"}) == Criteria(allow="documentation").allow


@pytest.mark.parametrize(
    "names", [{"documentation", "rfc1918"}, ["rfc1918"], "rfc1918", ["Documentation"], [""]]
)
def test_criteria_allow_known_kinds_only(names: Iterable[str]) -> None:
    """A kind that is not allowable is an error that names it and the allowable kinds."""
    with pytest.raises(InputError, match="expected benchmarking or documentation") as caught:
        Criteria(allow=names)

    assert caught.value.found in names


@pytest.mark.parametrize(
    ("options", "what", "found"),
    [
        ({"view": "recieved"}, "view", "recieved"),
        ({"view": "RECEIVED"}, "view", "RECEIVED"),
        ({"view": "advertised", "own_as": "yes"}, "own AS", "yes"),
        ({"view": "loc-rib", "asn": -1}, "AS number", -1),
        ({"view": "loc-rib", "asn": 1 << 32}, "AS number", 1 << 32),
        ({"view": "loc-rib", "asn": None}, "viewpoint loc-rib", None),
    ],
)
def test_invalid_viewpoints(options: dict[str, Any], what: str, found: object) -> None:
    """An invalid viewpoint is an `InputError`, whichever part of it is wrong."""
    with pytest.raises(InputError) as caught:
        Viewpoint(**{"asn": P, **options})

    assert (what, found) == (caught.value.what, caught.value.found)


@pytest.mark.parametrize("word", [*View, *OwnAs])
def test_error_names_the_valid_words(word: str) -> None:
    """The error of an invalid word names all valid ones."""
    kind = type(word)

    with pytest.raises(InputError) as caught:
        kind("nothing")
    assert word in caught.value.expected.split(" or ")


@pytest.mark.parametrize(
    ("view", "options", "expected"),
    [
        ("received", {}, Reading.AS_IS),
        ("received", {"transparent": True}, Reading.AS_IS),
        ("sent", {}, Reading.AS_IS),
        ("sent", {"transparent": True}, Reading.AS_IS),
        ("advertised", {}, Reading.OWN_IF_ABSENT),
        ("advertised", {"own_as": "included"}, Reading.AS_IS),
        ("advertised", {"own_as": "excluded"}, Reading.OWN_ADDED),
        ("advertised", {"own_as": "excluded", "transparent": True}, Reading.TRANSPARENT),
        ("advertised", {"own_as": "included", "transparent": True}, Reading.TRANSPARENT),
        ("loc-rib", {}, Reading.OWN_ADDED),
        ("loc-rib", {"transparent": True}, Reading.TRANSPARENT),
        ("adj-rib-in", {}, Reading.OWN_ADDED),
        ("adj-rib-in", {"transparent": True}, Reading.TRANSPARENT),
        ("collector", {}, Reading.FROM_OWN),
        ("collector", {"transparent": True}, Reading.FROM_OWN),
    ],
)
def test_reading(view: str, options: dict[str, Any], expected: Reading) -> None:
    """Each view has one reading; `transparent` and `own_as` matter only where P is prepended."""
    assert expected is Viewpoint(view, P, **options).reading


def test_codes_of_readings_are_final() -> None:
    """The codes of readings, which the kernels share, never change."""
    codes = {"AS_IS": 0, "OWN_ADDED": 1, "OWN_IF_ABSENT": 2, "FROM_OWN": 3, "TRANSPARENT": 4}

    assert codes == {reading.name: reading.value for reading in Reading}


@pytest.mark.parametrize("own_as", list(OwnAs))
def test_own_as_matters_for_advertised_only(own_as: OwnAs) -> None:
    """In other views, the option does not change the path."""
    for view in set(View) - {View.ADVERTISED}:
        assert Viewpoint(view, P).reading is Viewpoint(view, P, own_as=own_as).reading
