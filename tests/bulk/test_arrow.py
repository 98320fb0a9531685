"""Batches as Arrow: every row, every value, as `RouteBatch` has it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pytest
from benchmarks.hostile import lists
from hypothesis import given
from hypothesis import strategies as st

from peerlint.bulk import Kind, RouteBatch
from peerlint.bulk.columns import KINDS, Coded, prefixes
from peerlint.model import Route
from peerlint.testing import strategies
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump

Read = Callable[..., Any]


def batches(read: Read, octets: bytes) -> list[RouteBatch]:
    """Return the batches of a dump."""
    found: list[RouteBatch] = list(read(octets).batches)
    return found


def test_a_row_of_a_rib(read: Read) -> None:
    """Each column has its type, and says what the columns of the batch say."""
    rib = RibDump()
    rib.routes(
        rib.peer("192.0.2.1", 64500),
        "203.0.113.0/24 path 64500 {64501 64502} community 8075:8007 large 64500:1:2",
    )
    (batch,) = batches(read, rib.octets())

    table = batch.to_arrow(paths=True)

    (row,) = table.to_pylist()
    timestamp = datetime.fromtimestamp(int(batch.timestamp[0]) / 1_000_000, UTC)
    assert {
        "timestamp": timestamp,
        "kind": "rib",
        "peer": "192.0.2.1",
        "peer_asn": 64500,
        "prefix": "203.0.113.0/24",
        "path_id": None,
        "origin": None,
        "path_length": 2,
        "facts": int(batch.facts[0]),
        "path": "64500 {64501,64502}",
        "communities": ["8075:8007", "64500:1:2"],
    } == row
    assert pa.uint32() == table.schema.field("facts").type
    assert pa.timestamp("us", "UTC") == table.schema.field("timestamp").type
    assert ["path", "communities"] == [
        name for name in table.schema.names if name not in batch.to_arrow().schema.names
    ]


@given(st.lists(strategies.routes(), min_size=1, max_size=6))
def test_every_row_says_what_its_route_says(read: Read, routes: list[Route]) -> None:
    """Prefix, path and communities in text are those of the route that is decoded exactly."""
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.1", 64500), *routes)

    for batch in batches(read, rib.octets()):
        rows = batch.to_arrow(paths=True).to_pylist()
        for row, route in zip(rows, batch.routes(), strict=True):
            assert (str(route.prefix), route.path_id) == (row["prefix"], row["path_id"])
            if not route.malformed:
                assert str(route.path) == (row["path"] or "")
                assert sorted(row["communities"]) == sorted(
                    {
                        str(each)
                        for kind in ("communities", "large_communities", "extended_communities")
                        for each in getattr(route, kind)
                    }
                )


def test_updates(read: Read) -> None:
    """A withdrawal has no path and no origin; path identifiers are kept."""
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", 64511, add_path=True)
    feed = UpdateDump()
    feed.announce(session, "203.0.113.0/24 path 64500 path-id 0")
    feed.withdraw(session, "203.0.113.0/24 path-id 7")

    rows = [row for batch in batches(read, feed.octets()) for row in batch.to_arrow().to_pylist()]

    assert [("announce", 0, 64500), ("withdraw", 7, None)] == [
        (row["kind"], row["path_id"], row["origin"]) for row in rows
    ]


def test_the_codes_of_kinds() -> None:
    """The names of kinds stand in the order of their codes."""
    assert tuple(kind.name.lower() for kind in Kind) == KINDS


def test_distinct_values_are_spelled_once(read: Read) -> None:
    """A prefix that many peers announce stands once among the values."""
    rib = RibDump()
    for number in range(1, 5):
        rib.routes(
            rib.peer(f"192.0.2.{number}", 64500),
            "203.0.113.0/24 path 64500",
            "198.51.100.0/24 path 64500",
        )
    (batch,) = batches(read, rib.octets())

    column = prefixes(batch)

    assert {"203.0.113.0/24", "198.51.100.0/24"} == set(column.values)
    assert [str(batch.prefix(row)) for row in range(len(batch))] == column.spread()
    assert Coded.of(column.spread()).values == column.values


@pytest.mark.slow
def test_work_is_for_the_peers_of_a_batch() -> None:
    """A dump of many peers whose batches have one each costs no more than a dump of that one."""
    assert [row for row in lists.rows() if not row.is_within] == []
