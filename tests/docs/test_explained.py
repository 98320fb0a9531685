"""The tables of docs/explanation are true: each row is a test case."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

import pytest

from peerlint.iana import asn_class
from peerlint.iana.addresses import BLOCKS, special_blocks
from peerlint.model import Asn, AsPath, Community, Prefix, Viewpoint
from peerlint.results import Finding, Outcome
from peerlint.rules import CATALOGUE
from peerlint.testing.notation import evaluate
from peerlint.wire.paths import merge_as4_path

EXPLANATION: Final = Path(__file__).resolve().parents[2] / "docs" / "explanation"
TAG: Final = "community 8075:8007"
#: One session, so that no other one lacks the prefix.
HEAD: Final = (
    "peering contoso-ams maps 64500 Amsterdam\nsession ams-1 edge1.ams\nregistered {prefix}\n"
)
SERVER: Final = (
    "peering contoso-rs route-server 64500 Amsterdam\nsession ams-1 rs1.ams\nasn 64503\n"
)
#: Rules about a path alone.
OF_PATHS: Final = {
    "route.as-path-length", "route.prepending", "route.as-set", "route.confed-leak",
    "route.private-asn", "route.empty-path", "route.as-path-loop", "route.bogon-asn",
}  # fmt: skip
#: Rules about whether the prefix is there.
OF_PRESENCE: Final = {
    "route.not-received", "route.covering-only", "route.more-specifics-only",
    "route.more-specific-unregistered", "route.export-truncated",
}  # fmt: skip
#: Rules about the text of a prefix.
OF_TEXTS: Final = {
    "prefix.valid", "prefix.ipv4-only", "prefix.host-bits", "prefix.private-range",
    "prefix.too-short", "prefix.longer-than-24",
}  # fmt: skip


def table(page: str, heading: str) -> list[list[str]]:
    """Return the rows of the last table below a heading, without the table's heading."""
    text = (EXPLANATION / f"{page}.md").read_text(encoding="utf-8")
    section = text.partition(f"\n## {heading}\n")[2].partition("\n## ")[0]
    rows = re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE)[-1].splitlines()
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows[2:]]


def shown(cell: str) -> str:
    """Return the first text of a cell in backquotes; nothing for "empty"."""
    found = re.search(r"`(.*?)`", cell)
    return "" if found is None else found[1]


def rules(cell: str) -> set[str]:
    """Return the rules that a cell names before a colon or semicolon; the rest is prose."""
    return set(re.findall(r"`([a-z]+\.[a-z0-9-]+)`", cell)) & CATALOGUE.keys()


def findings(scenario: str, among: set[str]) -> list[Finding]:
    """Return a scenario's findings of some rules."""
    return [one for one in evaluate(scenario).findings if one.rule in among]


@pytest.mark.parametrize(
    ("stored", "view", "effective", "length", "found"), table("paths", "Path length")
)
def test_path_length(stored: str, view: str, effective: str, length: str, found: str) -> None:
    """Each path has the effective path, the length and the findings of its row."""
    is_server = "route server" in view
    path = AsPath.parse(shown(stored))
    seen = Viewpoint(shown(view), Asn(64500), is_server).effective(path)
    head = SERVER if is_server else HEAD.format(prefix="203.0.113.0/24")
    words = f"path {path} {TAG}" if path.segments else TAG
    scenario = f"{head}view ams-1 {shown(view)}\nams-1 203.0.113.0/24 {words}"

    assert seen is not None
    assert (shown(effective) or shown(stored), int(length)) == (str(seen), seen.length)
    assert rules(found) == {one.rule for one in findings(scenario, OF_PATHS)}


@pytest.mark.parametrize(
    ("path", "as4_path", "merged"),
    [tuple(map(shown, row)) for row in table("paths", "Two-octet paths")],
)
def test_two_octet_paths(path: str, as4_path: str, merged: str) -> None:
    """Each AS_PATH and AS4_PATH are merged into the path of their row."""
    assert merged == str(merge_as4_path(AsPath.parse(path), AsPath.parse(as4_path)))


def test_as_numbers() -> None:
    """The table has every AS number once, with its class and its rule."""
    rows = table("paths", "AS numbers")
    ranges = [[int(each) for each in row[0].split(" to ")] for row in rows]
    classes = {"private": {"route.private-asn"}, "public": set()}

    assert [0, *(each[-1] + 1 for each in ranges)] == [*(each[0] for each in ranges), 1 << 32]
    for (_, kind, found, _), bounds in zip(rows, ranges, strict=True):
        word = re.split(r"[; ]", kind)[0]
        assert {word} == {str(asn_class(asn)) for asn in bounds}
        assert rules(found) == classes.get(word, {"route.bogon-asn"})


@pytest.mark.parametrize("row", table("paths", "Communities that conflict"), ids=lambda row: row[0])
def test_communities_that_conflict(row: list[str]) -> None:
    """Each community has the value and the severities of its row."""
    name, value, wire, before, _ = row
    head = HEAD.format(prefix="203.0.113.0/24")
    words = {"information": "info"}

    assert str(Community.parse(name)) in (value, name.lower().replace("_", "-"), name)
    assert Community.parse(value) == Community.parse(name)
    for view, path, entry in (("received", 64500, wire), ("loc-rib", 64501, before)):
        severity = entry.partition(":")[0]
        scenario = f"{head}view ams-1 {view}\nams-1 203.0.113.0/24 path {path} {TAG} {value}"
        (one,) = findings(scenario, {"route.community-conflict"})
        assert words.get(severity, severity) == str(one.severity), view


@pytest.mark.parametrize(
    "near",
    [
        text
        for row in table("paths", "Near misses")
        for text in re.findall(r"`(.*?)`", row[1].partition("; not")[0])
    ],
)
def test_near_misses(near: str) -> None:
    """Each example is a near miss."""
    kind = "extended" if near.startswith("r") else "large" if near.count(":") == 2 else "community"
    scenario = (
        f"{HEAD.format(prefix='203.0.113.0/24')}ams-1 203.0.113.0/24 path 64500 {kind} {near}"
    )

    found = findings(scenario, {"route.community-wrong-type", "route.community-missing"})
    assert ["route.community-wrong-type"] == [one.rule for one in found]


def test_special_prefixes() -> None:
    """The table has every IPv4 block of the registries, with the severity of its finding."""
    error, warning, none = (
        {
            Prefix.parse(text)
            for text in re.findall(r"\d+(?:\.\d+){3}/\d+", row[0].partition(":")[0])
        }
        for row in table("paths", "Special prefixes")
    )
    blocks = {Prefix(4, block.first, block.length): block for block in BLOCKS if block.family == 4}

    assert error == {prefix for prefix, block in blocks.items() if not block.reachable}
    assert warning == {prefix for prefix, block in blocks.items() if block.reachable}
    assert [] == [each for each in none if special_blocks(4, each.first, each.length)]


@pytest.mark.parametrize(
    ("text", "found"),
    [(text, row[1]) for row in table("paths", "Prefix texts") for text in row[0].split("`")[1::2]],
)
def test_prefix_texts(text: str, found: str) -> None:
    """Each text has the findings of its row."""
    head = HEAD.format(prefix=text)

    assert rules(found) == {one.rule for one in findings(head, OF_TEXTS)}


ANNOUNCED: Final = {
    "198.18.0.0/22": ("198.18.0.0/22",),
    "198.18.0.0/21": ("198.18.0.0/21",),
    "the four /24 in it": tuple(f"198.18.{number}.0/24" for number in range(4)),
    "198.18.0.0/22 and an unregistered /24 in it": ("198.18.0.0/22", "198.18.1.0/24"),
    "198.18.1.0/24": ("198.18.1.0/24",),
    "0.0.0.0/0": ("0.0.0.0/0",),
}


@pytest.mark.parametrize(
    ("registered", "announced", "found"),
    [row for row in table("paths", "Exact match") if row[1] in ANNOUNCED],
)
def test_exact_match(registered: str, announced: str, found: str) -> None:
    """Each announcement has the finding of its row."""
    routes = (f"ams-1 {prefix} path 64500 {TAG}" for prefix in ANNOUNCED[announced])
    scenario = HEAD.format(prefix=registered) + "\n".join(routes)
    beside = {"route.more-specific-unregistered"} if "more-specifics-only" in found else set()

    assert rules(found) == {one.rule for one in findings(scenario, OF_PRESENCE)} - beside


@pytest.mark.parametrize(("limit", "found"), table("contradictions", "Prefix limit"))
def test_prefix_limit(limit: str, found: str) -> None:
    """Both ends of each range of limits have the severity of their row."""
    words = {"information": {"info"}, "none": set()}
    word = re.split(r"[: ]", found)[0]
    for bound in re.findall(r"\d+", limit):
        severities = {
            str(one.severity)
            for one in findings(f"session ams-1 max_prefix={bound}", {"ops.max-prefix"})
            if one.outcome is Outcome.FAIL and one.subject.session == "ams-1"
        }
        assert words.get(word, {word}) == severities, bound


def test_strict() -> None:
    """The table names exactly the rules that `--strict` turns into errors."""
    named = {rule for row in table("contradictions", "Strict") for rule in rules(row[0])}

    assert named == {rule.id for rule in CATALOGUE.values() if rule.strict is not None}
