"""Sources are read by what they start with, whatever option or suffix names them."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Final

import pytest

import peerlint
from peerlint.api.readers import READERS
from peerlint.inventory.azure import ReceivedRoute
from peerlint.testing.azure import SHAPES, Shape, received_export
from peerlint.testing.dumps import RibDump, UpdateDump
from peerlint.testing.notation import scenario

INVENTORY: Final = scenario("registered 203.0.113.0/24").inventory
ROW: Final = ReceivedRoute("203.0.113.0/24", "192.0.2.0", "64500")
#: The second whose octets are the ASCII characters `[{"x`, and that of `{  "`.
BRACKETS: Final = (0x5B7B2278, 0x7B202022)


def chosen(octets: bytes) -> str:
    """Return the name of the reader that takes a file."""
    return next(reader.name for reader in READERS if reader.recognises(octets))


def rib() -> bytes:
    """Return a RIB of the scenario's first session."""
    made = RibDump()
    made.routes(made.peer("192.0.2.0", 64500), "203.0.113.0/24 path 64500 community 8075:8007")
    return made.octets()


def read(file: Path, *, name: str = "") -> peerlint.SourceSummary:
    """Return what became of a file given as a dump."""
    report = peerlint.check(INVENTORY, [f"{name}{file}"], now="2026-11-21T12:00:00Z", max_age="off")
    (source,) = report.sources
    return source


@pytest.mark.parametrize("shape", SHAPES)
def test_received_routes_are_recognised(shape: Shape, tmp_path: Path) -> None:
    """An export of any shape is read as one, plain or compressed."""
    octets = received_export([ROW], shape)
    for file, content in (("plain", octets), ("compressed", gzip.compress(octets))):
        (tmp_path / file).write_bytes(content)
        source = read(tmp_path / file)

        assert source.error is None
        assert 1 == source.quality.entries
        assert (("ams-1", peerlint.View.RECEIVED),) == source.views

    assert chosen(octets).startswith("Azure")


@pytest.mark.parametrize("octets", [rib(), UpdateDump().octets(), b"", b"no dump at all"])
def test_anything_else_is_a_dump(octets: bytes) -> None:
    """MRT has no magic number: what no other reader recognises is read as it, and damage found."""
    assert "MRT" == chosen(octets)


@pytest.mark.parametrize("second", BRACKETS)
def test_a_dump_of_a_second_that_spells_a_bracket(second: int) -> None:
    """Its first octets are those of JSON, and its header is that of a record all the same."""
    octets = second.to_bytes(4, "big") + rib()[4:]

    assert octets[:1] in (b"[", b"{")
    assert "MRT" == chosen(octets)


@pytest.mark.parametrize("content", [{}, [], {"value": []}, [{"prefix": 1}], "{", '{"a": 1}'])
def test_other_json_is_a_source_that_cannot_be_read(tmp_path: Path, content: object) -> None:
    """It says so, and the check goes on: absence is not proved by it."""
    text = content if isinstance(content, str) else json.dumps(content)
    (tmp_path / "file.json").write_text(text, encoding="utf-8")
    report = peerlint.check(INVENTORY, [tmp_path / "file.json"], now="2026-11-21T12:00:00Z")

    assert not report.ok
    assert peerlint.State.UNKNOWN == report.prefix("203.0.113.0/24").state


def test_other_json_can_be_an_error(tmp_path: Path) -> None:
    """With `on_damage="raise"`."""
    (tmp_path / "file.json").write_text('{"a": 1}', encoding="utf-8")

    with pytest.raises(peerlint.FeedError, match="received routes"):
        peerlint.check(INVENTORY, [tmp_path / "file.json"], on_damage="raise")


@pytest.mark.parametrize("name", ["ams-1=", "ams-2="])
def test_received_routes_name_their_sessions(tmp_path: Path, name: str) -> None:
    """A session that the user names would be overruled by each row, so it is refused."""
    (tmp_path / "az.json").write_bytes(received_export([ROW], "az"))
    source = read(tmp_path / "az.json", name=name)

    assert source.error is not None
    assert "name their sessions" in source.error
