"""The facts of the same stored path in every view (paths#effective-path)."""

from __future__ import annotations

import pytest
from hypothesis import given

from peerlint.model import AsPath, Criteria, Fact, Prefix, Route, View, Viewpoint, facts
from peerlint.testing import strategies

P = 64500
LAB = Criteria(allow={"documentation"})
NOWHERE = Prefix.parse("192.0.2.0/24")
ON_THE_WIRE, IN_THE_RIB = ("received", "sent"), ("loc-rib", "adj-rib-in")


def seen(path: str, view: str, **options: object) -> set[str]:
    """Return the names of the facts of a path announced by AS64500."""
    viewpoint = Viewpoint(view, P, **options)  # type: ignore[arg-type]
    found = facts(Route(NOWHERE, AsPath.parse(path)), viewpoint, LAB)
    return {fact.name or "" for fact in Fact if fact in found}


@pytest.mark.parametrize(
    ("path", "on_the_wire", "in_the_rib", "at_a_collector", "source"),
    [
        ("", {"EMPTY_PATH"}, set(), {"NO_STATEMENT"}, "paths#effective-path: P is added"),
        ("64500 64501", set(), {"PREPENDED"}, set(), "paths#prepending: P P after egress"),
        ("64501", {"FIRST_AS_OTHER"}, set(), {"NO_STATEMENT"}, "paths#effective-path"),
        (
            "64501 64502",
            {"FIRST_AS_OTHER"},
            set(),
            {"NO_STATEMENT"},
            "paths#effective-path: three after egress",
        ),
        (
            "64501 64502 64503",
            {"FIRST_AS_OTHER"},
            {"LONG_PATH"},
            {"NO_STATEMENT"},
            "paths#effective-path: four after egress",
        ),
        (
            "64496 64497 64500 64501",
            {"FIRST_AS_OTHER", "LONG_PATH"},
            {"LOOP", "LONG_PATH"},
            set(),
            "paths#effective-path: cut before P",
        ),
        (
            "64496 64500 64500 64501",
            {"FIRST_AS_OTHER", "LONG_PATH", "PREPENDED"},
            {"LOOP", "LONG_PATH", "PREPENDED"},
            {"PREPENDED"},
            "paths#prepending: from the leftmost P on",
        ),
        (
            "64512 64500",
            {"FIRST_AS_OTHER", "PRIVATE_ASN"},
            {"LOOP", "PRIVATE_ASN"},
            set(),
            "paths#as-numbers",
        ),
        (
            "23456 64500",
            {"FIRST_AS_OTHER", "BOGON_ASN"},
            {"LOOP", "BOGON_ASN"},
            set(),
            "paths#as-numbers",
        ),
        (
            "64500 64512",
            {"PRIVATE_ASN"},
            {"PREPENDED", "PRIVATE_ASN"},
            {"PRIVATE_ASN"},
            "paths#as-numbers",
        ),
        (
            "64501 {65534}",
            {"FIRST_AS_OTHER", "PRIVATE_ASN", "AS_SET", "NO_ORIGIN"},
            {"PRIVATE_ASN", "AS_SET", "NO_ORIGIN"},
            {"NO_STATEMENT"},
            "paths#as-numbers: members of sets count",
        ),
        (
            "{64500} 64501",
            {"FIRST_AS_OTHER", "AS_SET"},
            {"AS_SET"},
            {"NO_STATEMENT"},
            "paths#effective-path: P in a set is not P in the path",
        ),
        (
            "(64512)",
            {"CONFED", "PRIVATE_ASN"},
            set(),
            {"NO_STATEMENT"},
            "paths#sets-and-origin: the origin is P",
        ),
        (
            "(0 23456 65535)",
            {"CONFED", "BOGON_ASN"},
            set(),
            {"NO_STATEMENT"},
            "paths#effective-path: never seen",
        ),
        (
            "[64512,8075]",
            {"CONFED", "PRIVATE_ASN", "HAS_8075"},
            set(),
            {"NO_STATEMENT"},
            "paths#as-numbers",
        ),
        (
            "64501 (64512) 64501",
            {"FIRST_AS_OTHER", "CONFED", "PRIVATE_ASN", "PREPENDED"},
            {"PREPENDED"},
            {"NO_STATEMENT"},
            "paths#prepending: confederations are dropped first",
        ),
        (
            "(64512) 64500 64501",
            {"CONFED", "PRIVATE_ASN"},
            {"PREPENDED"},
            set(),
            "paths#effective-path: a collector's path is cut before P",
        ),
    ],
)
def test_one_path_in_every_view(
    path: str,
    on_the_wire: set[str],
    in_the_rib: set[str],
    at_a_collector: set[str],
    source: str,
) -> None:
    """The facts of a stored path depend on the view."""
    expected = {
        **dict.fromkeys(ON_THE_WIRE, on_the_wire),
        **dict.fromkeys(IN_THE_RIB, in_the_rib),
        "collector": at_a_collector,
    }

    assert expected == {view: seen(path, view) for view in expected}, source


@pytest.mark.parametrize(
    ("path", "included", "excluded", "auto", "source"),
    [
        ("", {"EMPTY_PATH"}, set(), set(), "paths#effective-path"),
        ("64501", {"FIRST_AS_OTHER"}, set(), set(), "paths#effective-path: leftmost is not P"),
        (
            "64500 64501",
            set(),
            {"PREPENDED"},
            set(),
            "paths#effective-path: leftmost is P; the engine asks both",
        ),
        (
            "(64512) 64501",
            {"CONFED", "PRIVATE_ASN", "FIRST_AS_OTHER"},
            set(),
            set(),
            "paths#effective-path",
        ),
        (
            "{64500}",
            {"AS_SET", "NO_ORIGIN", "FIRST_AS_OTHER"},
            {"AS_SET", "NO_ORIGIN"},
            {"AS_SET"} | {"NO_ORIGIN"},
            "paths#first-as: a set is no leftmost AS",
        ),
    ],
)
def test_advertised_depends_on_the_own_as(
    path: str, included: set[str], excluded: set[str], auto: set[str], source: str
) -> None:
    """In the view `advertised`, an option decides whether P is added (paths#effective-path)."""
    expected = {"included": included, "excluded": excluded, "auto": auto}

    assert expected == {own: seen(path, "advertised", own_as=own) for own in expected}, source


@pytest.mark.parametrize("view", ["advertised", "loc-rib", "adj-rib-in"])
@pytest.mark.parametrize(
    ("path", "expected", "source"),
    [
        (
            "64501 64502 64503",
            {"FIRST_AS_OTHER"},
            "paths#effective-path: three, and the leftmost is the member",
        ),
        ("64501 64502 64503 64504", {"FIRST_AS_OTHER", "LONG_PATH"}, "paths#path-length: four"),
        ("", set(), "paths#effective-path: originated by the route server"),
        ("(64512)", set(), "paths#effective-path: the same, out of its confederation"),
        ("(64512) 64501", {"FIRST_AS_OTHER"}, "paths#as-numbers: private inside a confederation"),
        ("64501 64501", {"FIRST_AS_OTHER", "PREPENDED"}, "paths#prepending: the member prepends"),
    ],
)
def test_transparent_route_servers(view: str, path: str, expected: set[str], source: str) -> None:
    """A transparent route server adds no AS, and removes its confederation (RFC 7947)."""
    assert expected == seen(path, view, transparent=True), source


@given(strategies.paths(), strategies.viewpoints())
def test_hidden_confederations_leave_no_trace(path: AsPath, viewpoint: Viewpoint) -> None:
    """Without a visible confederation, facts are those of a path without it (paths#as-numbers)."""
    effective = viewpoint.effective(path)
    if effective is None or effective.has_confederation:
        return
    bare = facts(Route(NOWHERE, path.without_confederations()), viewpoint, LAB)

    assert bare == facts(Route(NOWHERE, path), viewpoint, LAB)


@given(strategies.paths(), strategies.viewpoints(), strategies.criteria())
def test_a_view_is_its_effective_path(
    path: AsPath, viewpoint: Viewpoint, criteria: Criteria
) -> None:
    """The facts are those of the effective path in the view `received`."""
    effective = viewpoint.effective(path)
    found = facts(Route(NOWHERE, path), viewpoint, criteria)
    if effective is None:
        assert Fact.NO_STATEMENT in found
        return
    received = Viewpoint(View.RECEIVED, viewpoint.asn)

    assert found == facts(Route(NOWHERE, effective), received, criteria)
