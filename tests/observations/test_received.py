"""Azure's received routes: their sessions, what they show, and when absence is a proof."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from ipaddress import IPv4Address
from typing import Final

import attrs
import pytest

from peerlint.inventory.azure import ReceivedRoute, read_export
from peerlint.model import Criteria, Fact, Route, View
from peerlint.observations import (
    Coverage,
    Observations,
    SessionSource,
    SourceSummary,
    Validation,
    received,
)
from peerlint.testing.azure import SHAPES, Shape, received_export
from peerlint.testing.notation import scenario

#: Sessions ams-1 and ams-2, whose own sides are 192.0.2.0 and 192.0.2.2.
_INVENTORY: Final = scenario("").inventory
_CRITERIA: Final = {"contoso-ams": Criteria(allow=_INVENTORY.lab.allow)}
_FIRST, _SECOND = "192.0.2.0", "192.0.2.2"


def read(octets: bytes) -> tuple[SourceSummary, dict[str, SessionSource]]:
    """Read an export in which each session has one source."""
    export = read_export([("az.json", octets)])
    summary, sources = received(export, octets, "az.json", _INVENTORY, _CRITERIA)
    return summary, {session: source for session, (source,) in sources.items()}


def row(prefix: str = "203.0.113.0/24", hop: str = _FIRST, path: str = "64500") -> ReceivedRoute:
    """Return a row of an export."""
    return ReceivedRoute(prefix, hop, path, "Valid", "Unknown", "None")


@pytest.mark.parametrize("shape", SHAPES)
def test_rows(shape: Shape) -> None:
    """A row is a received route of the session that its next hop belongs to."""
    when = "2025-01-31T11:51:51.2062620Z"
    given = ReceivedRoute("203.0.113.0/24", _FIRST, "64500 64501 {64502,64503}", timestamp=when)

    summary, sources = read(received_export([given, row(hop=_SECOND)], shape))
    (first,) = sources["ams-1"].observations

    route = Route.parse("203.0.113.0/24 path 64500 64501 {64502,64503} next-hop 192.0.2.0")
    assert route == first.route
    assert first.route.timestamp == datetime(2025, 1, 31, 11, 51, 51, 206262, UTC).timestamp() * 1e6
    assert (View.RECEIVED, 64500) == (first.view, first.viewpoint.asn)
    assert Fact.AS_SET in first.facts
    assert (("ams-1", View.RECEIVED), ("ams-2", View.RECEIVED)) == summary.views
    assert summary.is_sound


#: Facts about the path of a route.
_OF_PATHS: Final = (
    Fact.LONG_PATH | Fact.PRIVATE_ASN | Fact.BOGON_ASN | Fact.PREPENDED | Fact.LOOP | Fact.HAS_8075
    | Fact.HAS_12076 | Fact.AS_SET | Fact.CONFED | Fact.EMPTY_PATH | Fact.FIRST_AS_OTHER
    | Fact.NO_ORIGIN | Fact.NO_STATEMENT
)  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("path", [None, "", "  "])
def test_a_row_without_a_path(shape: Shape, path: str | None) -> None:
    """A row without a path is a route; no fact about its path holds."""
    given = ReceivedRoute("203.0.113.0/25", _FIRST, path)

    summary, sources = read(received_export([given, row("198.18.0.0/24")], shape))
    without, other = sources["ams-1"].observations

    assert (False, True) == (without.shows_path, other.shows_path)
    assert Fact(0) == without.facts & _OF_PATHS
    assert Fact.LONGER_THAN_24 in without.facts
    assert "203.0.113.0/25 next-hop 192.0.2.0" == str(without.route)
    assert (Coverage.COMPLETE, True) == (sources["ams-1"].coverage, summary.is_sound)


@pytest.mark.parametrize("path", [{"asPath": None}, {}, {"asPath": ["64500"]}])
def test_forms_of_no_path(path: dict[str, object]) -> None:
    """A path that is null, missing or of the wrong type is not known, and no row is lost."""
    rows = [{"prefix": "203.0.113.0/24", "nextHop": _FIRST, **path}]

    _, sources = read(json.dumps(rows).encode())
    (found,) = sources["ams-1"].observations

    assert not found.shows_path
    assert Coverage.COMPLETE == sources["ams-1"].coverage


@pytest.mark.parametrize(
    ("rpki", "origin", "expected"),
    [
        ("Invalid", "Valid", Validation("Invalid", "Valid")),
        (None, "Invalid", Validation(None, "Invalid")),
        ("Unknown", None, Validation("Unknown", None)),
        (None, None, None),
    ],
)
def test_validation_states(
    rpki: str | None, origin: str | None, expected: Validation | None
) -> None:
    """The validation states of a row belong to its route."""
    given = ReceivedRoute("203.0.113.0/24", _FIRST, "64500", origin, rpki, "None")

    _, sources = read(received_export([given, row("198.18.0.0/24")]))

    found = sources["ams-1"].observations
    assert [expected, Validation("Unknown", "Valid")] == [each.validation for each in found]


def test_validated_routes() -> None:
    """They are found by prefix, on the given sessions, in sources that are not too old."""
    _, sources = read(received_export([row(), row(hop=_SECOND), row("198.18.0.0/24")]))
    old = attrs.evolve(sources["ams-2"], is_too_old=True)
    observations = Observations((), {"ams-1": (sources["ams-1"],), "ams-2": (old,)})

    found = observations.validated(["ams-1", "ams-2", "fra-1"])

    assert {"203.0.113.0/24": ["ams-1"], "198.18.0.0/24": ["ams-1"]} == {
        str(prefix): [each.session for each in routes] for prefix, routes in found.items()
    }
    assert {} == observations.validated(["fra-1"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2025-01-31T11:51:51.2062620Z", datetime(2025, 1, 31, 11, 51, 51, 206262, UTC)),
        # REST reference, ReceivedRoutes_ListByPeering
        ("2020-04-05 03:39:20", datetime(2020, 4, 5, 3, 39, 20, 0, UTC)),
        # Windows PowerShell 5.1
        ("/Date(1738324311206)/", datetime(2025, 1, 31, 11, 51, 51, 206000, UTC)),
        ("/Date(1738324311206+0200)/", datetime(2025, 1, 31, 11, 51, 51, 206000, UTC)),
        ("/Date(-1000)/", datetime(1969, 12, 31, 23, 59, 59, 0, UTC)),
        (f"/Date({'9' * 40})/", None),
        ("1/31/2025 11:51:51 AM", None),
        ("yesterday", None),
        (None, None),
    ],
)
def test_times(text: str | None, expected: datetime | None) -> None:
    """Times are read as Azure and PowerShell print them; any other text is not known."""
    given = ReceivedRoute("203.0.113.0/24", _FIRST, "64500", timestamp=text)

    _, sources = read(received_export([given]))
    (found,) = sources["ams-1"].observations

    microseconds = None if expected is None else round(expected.timestamp() * 1e6)
    assert microseconds == found.route.timestamp


def test_no_communities() -> None:
    """An export shows no communities, so their absence says nothing of the route."""
    _, sources = read(received_export([row()]))

    assert [False] == [each.shows_communities for each in sources["ams-1"].observations]


@pytest.mark.parametrize(
    ("rows", "next_link", "coverage", "truncated"),
    [
        (1, None, Coverage.COMPLETE, False),
        (99, None, Coverage.COMPLETE, False),
        (100, None, Coverage.PARTIAL, True),
        (250, None, Coverage.PARTIAL, True),
        (1, "https://management.example/?skip=100", Coverage.PARTIAL, True),
    ],
)
def test_coverage(rows: int, next_link: str | None, coverage: Coverage, truncated: bool) -> None:
    """With 100 rows of a session, or a link to a next page, there may be more routes."""
    exported = [row(f"198.18.{number}.0/24") for number in range(rows)]

    summary, sources = read(received_export(exported, next_link=next_link))

    assert (coverage, truncated) == (sources["ams-1"].coverage, sources["ams-1"].truncated)
    assert coverage == summary.coverage
    assert truncated == any("next page" in remark for remark in summary.remarks)
    assert summary.is_sound


def test_rows_are_counted_by_session() -> None:
    """120 rows of two sessions do not make a full page, because rows count by session."""
    exported = [row(f"198.18.{n}.0/24", hop) for n in range(60) for hop in (_FIRST, _SECOND)]

    _, sources = read(received_export(exported))

    assert {Coverage.COMPLETE} == {each.coverage for each in sources.values()}
    assert [60, 60] == [each.counts.routes for each in sources.values()]


def test_sessions_without_rows() -> None:
    """A session without a row is not in the export, which may be of another peering."""
    assert ["ams-1"] == list(read(received_export([row()]))[1])
    assert Coverage.NONE == read(b"[]")[0].coverage


def test_next_hops_without_a_session() -> None:
    """They are counted by their address."""
    exported = [row(hop="198.51.100.1"), row("198.18.0.0/24", "198.51.100.1"), row(hop="")]

    summary, sources = read(received_export(exported))

    assert (("198.51.100.1", 2), ("no next hop", 1)) == summary.unmapped_peers
    assert {} == sources


@pytest.mark.parametrize(
    ("bad", "expected"),
    [
        (row("203.0.113.0-24"), "found '203.0.113.0-24'"),
        (row(path="64500 {"), "found '64500 {'"),
        (row(path="64500 4294967296"), "found '4294967296'"),
    ],
)
def test_rows_that_cannot_be_read(bad: ReceivedRoute, expected: str) -> None:
    """A row that is no route is damage with its offset, and coverage is partial."""
    octets = received_export([bad, row("198.18.0.0/24")])

    summary, sources = read(octets)
    quality = summary.quality
    (damage,) = quality.damage

    assert octets.find(bad.prefix.encode()) == damage.offset
    assert expected in str(damage)
    assert len(octets) == quality.octets == quality.read + quality.lost
    assert Coverage.PARTIAL == sources["ams-1"].coverage
    assert not summary.is_sound


@pytest.mark.parametrize("hop", ["", "192.0.2", "edge1.ams"])
def test_rows_of_no_session(hop: str) -> None:
    """A row whose next hop is no address may be of any session, so coverage is partial."""
    _, sources = read(received_export([row(), row("198.18.0.0/24", hop)]))

    assert Coverage.PARTIAL == sources["ams-1"].coverage


def test_a_remark_loses_no_row() -> None:
    """A state that was printed as an object is a remark, and coverage stays complete."""
    rows = [{"prefix": "203.0.113.0/24", "nextHop": _FIRST, "rpkiValidationState": {}}]

    summary, sources = read(json.dumps(rows).encode())

    assert Coverage.COMPLETE == sources["ams-1"].coverage
    assert ["rpkiValidationState: expected a word" in each for each in summary.remarks] == [True]


def test_exports_without_routes() -> None:
    """A remark names other resources, and another one says that there is no route."""
    rows = [
        {"prefix": "203.0.113.0/24", "nextHop": _FIRST, "asPath": "64500"},
        {"serviceProviderName": "Contoso"},
    ]

    summary, sources = read(json.dumps(rows).encode())

    assert ("1 provider: no received routes, ignored",) == summary.remarks
    assert Coverage.COMPLETE == sources["ams-1"].coverage
    assert ("no received route in it: nothing follows from that for any session",) == read(b"[]")[
        0
    ].remarks


def test_rows_without_a_prefix() -> None:
    """A row without a prefix may have been a route of any session, so coverage is partial."""
    octets = received_export([row(""), row()])

    summary, sources = read(octets)

    assert Coverage.PARTIAL == sources["ams-1"].coverage
    assert ("az.json, item 1: a received route without its prefix: ignored",) == summary.remarks


def test_the_offset_of_a_row() -> None:
    """The record of an observation is the offset of the row's prefix in the file."""
    octets = received_export([row("198.18.0.0/24"), row(), row("198.18.0.0/24", _SECOND)])

    offsets = [each.record for source in read(octets)[1].values() for each in source.observations]

    found = [octets[at:].split(b'"')[0] for at in offsets]
    assert [b"198.18.0.0/24", b"203.0.113.0/24", b"198.18.0.0/24"] == found
    assert 3 == len(set(offsets))


def test_ipv6() -> None:
    """IPv6 rows have a count of their own."""
    _, sources = read(received_export([row("2001:db8::/32"), row()]))

    assert (2, 1) == (sources["ams-1"].counts.routes, sources["ams-1"].counts.ipv6)
    assert IPv4Address(_FIRST) == sources["ams-1"].observations[0].route.next_hop


def test_a_key_in_a_row_is_masked() -> None:
    """Neither a lost row nor the name of an unmapped peer shows a key."""
    key = "22222222-3333-4444-5555-666677778888"
    summary, _ = read(received_export([row(prefix=key), row(hop=key), row(path=key)]))

    shown = repr((summary.quality.damage, summary.unmapped_peers))
    assert 3 == shown.count("...8888")
    assert "7777" not in shown
