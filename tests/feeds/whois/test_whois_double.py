"""The double that answers about objects agrees with what a real IRRd was recorded to answer."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from tests.feeds.doubles.irrd_double import IrrdData
from tests.feeds.doubles.whois_server import RECORDINGS

from peerlint.feeds.whois import IrrdClient
from peerlint.registry.whois import Query

OBJECTS: Final = Path(__file__).parents[2] / "lab" / "registries" / "objects"
SOURCES: Final = ("RADB", "RIPE", "ALTDB", "NTTCOM")
ROWS: Final = [
    (sources, query, answer)
    for sources, query, answer in json.loads(RECORDINGS.read_text(encoding="utf-8"))["answers"]
    if sources in SOURCES and query[:2] in {"!g", "!6", "!r"} and query[2:].isascii()
    if query.split(",")[1:] in ([], ["L"]) and not query.startswith("!gC")
]


@pytest.mark.parametrize(("source", "query", "recorded"), ROWS)
def test_recordings(source: str, query: str, recorded: str) -> None:
    """The same objects and prefixes, in any order."""
    texts = [path.read_text(encoding="utf-8") for path in sorted(OBJECTS.iterdir())]
    objects = tuple(each.strip() for text in texts for each in text.split("\n\n") if each.strip())
    with IrrdData(objects, SOURCES).server() as double, IrrdClient([double.address]) as client:
        answer = client.ask(Query(query), (source,)).answer
    assert _content(answer.text) == _content(recorded.removesuffix("C\n").partition("\n")[2])


def _content(text: str) -> list[str]:
    return sorted(line.replace(" ", "") for line in text.split() if line not in {"D", "C"})


def test_rows() -> None:
    """There are recordings to compare with."""
    assert len(ROWS) > 50
