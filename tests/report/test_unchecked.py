"""What was not checked is listed once, by missing data, with what would decide it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import attrs
import pytest

import peerlint
from peerlint.bulk import Quality
from peerlint.model import View
from peerlint.observations import Coverage, SourceSummary
from peerlint.report.text import render_text
from peerlint.report.unchecked import unchecked
from peerlint.results import Report
from peerlint.testing.dumps import RibDump
from peerlint.testing.notation import evaluate

TAG: Final = "community 8075:8007"
NOW: Final = datetime(2026, 11, 21, 12, tzinfo=UTC)
GIVE: Final = "give --registry, or attest asn.origin-registered"


def paragraph(report: Report, start: str) -> str:
    """Return the line of "Not checked" that starts with a text."""
    (found,) = (each for each in unchecked(report, verbose=False) if each.startswith(start))
    return found


def seen(report: Report, *sources: SourceSummary) -> Report:
    """Return a report on the same outcomes, with these sources."""
    return attrs.evolve(report, sources=sources)


def source(*views: tuple[str, View], **parts: object) -> SourceSummary:
    """Return a whole source with some sessions in it."""
    summary = SourceSummary("edge.mrt", views, Coverage.COMPLETE, Quality(octets=1, read=1))
    return attrs.evolve(summary, **parts)  # type: ignore[arg-type]  # the fields of a summary


@pytest.mark.parametrize("prefixes", [1, 12, 100])
@pytest.mark.parametrize("rules", ["path 64501", "path 64501 64501", "path 64512"])
def test_the_unknown_of_one_kind_is_one_line(prefixes: int, rules: str) -> None:
    """All prefixes and sessions that a Loc-RIB leaves undecided are on one line."""
    lines = ["view ams-1 loc-rib", "view ams-2 loc-rib"]
    for number in range(prefixes):
        lines.append(f"registered 198.18.{number}.0/24")
        lines += [f"ams-{n} 198.18.{number}.0/24 {rules} community 64500:1" for n in (1, 2)]
        lines += [f"ams-{n} 198.19.0.0/24 path 64501 {TAG}" for n in (1, 2)]
    views = (("ams-1", View.LOC_RIB), ("ams-2", View.LOC_RIB))
    report = seen(evaluate("\n".join(lines)), source(*views))
    text = " ".join(render_text(report).split())
    number = "198.18.0.0/24" if prefixes == 1 else f"{prefixes} prefixes"

    assert 1 == text.count("seen before export policy only")
    line = paragraph(report, "ams-1, ams-2, seen before export policy only: ")
    assert "route.community-missing" in line
    assert f" of {number}, " in line


def test_no_source_at_all() -> None:
    """Without a source, the sessions that none shows are one line, with all their prefixes."""
    scenario = "coverage ams-1 none\ncoverage ams-2 none\n"
    scenario += "".join(f"registered 198.18.{number}.0/24\n" for number in range(5))
    report = evaluate(scenario)

    line = paragraph(report, "ams-1, ams-2: ")
    assert "ams-1, ams-2: route.not-received of 5 prefixes, " in line
    assert "To decide it: a dump that has the session" in line
    assert 1 == sum("dump" in each for each in unchecked(report, verbose=False))
    assert "Sources: none was given" in render_text(report)
    assert render_text(report).endswith(
        "exit 1 because of 5 prefixes Unknown: no source was given\n"
    )


@pytest.mark.parametrize(
    ("unmapped_peers", "named"),
    [
        ((("192.0.2.9 AS64500", 8),), "edge.mrt has 192.0.2.9 AS64500, which no session has"),
        (
            (("192.0.2.77 AS64511", 1), ("192.0.2.9 AS64500", 8)),
            "edge.mrt has 192.0.2.9 AS64500, which no session has",
        ),
        (
            (("192.0.2.77 AS64511", 1), ("192.0.2.78 AS64511", 1)),
            "edge.mrt has 192.0.2.77 AS64511, 192.0.2.78 AS64511, which no sessions have",
        ),
        ((), ""),
    ],
)
def test_a_peer_that_no_session_has(
    unmapped_peers: tuple[tuple[str, int], ...], named: str
) -> None:
    """If a session is in no source, possible peers are named, those with the partner's AS first."""
    scenario = (
        f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 {TAG}\ncoverage ams-2 none"
    )
    report = seen(
        evaluate(scenario), source(("ams-1", View.RECEIVED), unmapped_peers=unmapped_peers)
    )

    line = paragraph(report, "ams-2, in no source: route.not-received of 203.0.113.0/24")
    assert line.endswith(f"; {named} as `peer`") if named else "edge.mrt" not in line


@pytest.mark.parametrize(
    ("microsoft", "peer", "asn", "said"),
    [
        ("192.0.2.0", "192.0.2.1", 64500, "192.0.2.0 is AS64500 but declared as Microsoft's"),
        ("192.0.2.2", "192.0.2.0", 8075, "192.0.2.0 is AS8075 but declared as yours"),
        ("192.0.2.1", "192.0.2.0", 64500, None),
        ("192.0.2.0", "192.0.2.1", 8075, None),
        ("192.0.2.0", "192.0.2.1", 64511, None),
    ],
)
def test_swapped_addresses(
    tmp_path: Path, microsoft: str, peer: str, asn: int, said: str | None
) -> None:
    """A peer with the AS of one side and the address of the other is named at what it causes."""
    (tmp_path / "peering.toml").write_text(f"""
        [lab]
        allow = ["documentation"]
        [[peering]]
        name = "contoso-ams"
        profile = "maps"
        asn = 64500
        location = "Amsterdam"
        [[peering.connection]]
        name = "ams-1"
        [[peering.connection.session]]
        microsoft = "{microsoft}"
        peer = "{peer}"
        [[peering.registered_prefix]]
        prefix = "203.0.113.0/24"
    """)
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.0", asn), f"203.0.113.0/24 path {asn} {TAG}")
    (tmp_path / "edge.mrt").write_bytes(rib.octets())
    inventory = peerlint.load_inventory(tmp_path / "peering.toml")
    report = peerlint.check(inventory, [tmp_path / "edge.mrt"], now=NOW)
    text = " ".join(render_text(report).split())

    if said is None:
        assert "swapped?" not in text
    else:
        sentence = f"edge.mrt: peer {said} on ams-1: swapped?"
        assert sentence in paragraph(report, "ams-1, in no source: ")
        assert sentence in text.partition("Sources")[2]


@pytest.mark.parametrize(
    ("scenario", "line"),
    [
        ("", f"origin-registered of 203.0.113.0/24: {GIVE}"),
        ("registered 198.51.100.0/24\nams-1 198.51.100.0/24 path 64500 community 8075:8007\n"
         "ams-2 198.51.100.0/24 path 64500 community 8075:8007",
         f"origin-registered of 2 prefixes: {GIVE}"),
        ("attest asn.origin-registered contoso-ams", None),
    ],
)  # fmt: skip
def test_undecided_checks(scenario: str, line: str | None) -> None:
    """An undecided check of Microsoft's is listed, with the data that would decide it."""
    text = (
        f"registered 203.0.113.0/24\nams-1 203.0.113.0/24 path 64500 {TAG}\n"
        f"ams-2 203.0.113.0/24 path 64500 {TAG}\n{scenario}"
    )

    found = [each for each in unchecked(evaluate(text), verbose=False) if "origin-regist" in each]

    assert found == ([] if line is None else [line])
