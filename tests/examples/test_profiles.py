"""One example for each set-up: it passes, and one fault gives its rule and what follows from it.

The faults stand in `tests/vectors/faults`, a file for each family of rules, a row for each fault:
an operator can read there what is changed in a passing example and what that brings about.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from ipaddress import ip_address, ip_network
from itertools import islice
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

import peerlint
from peerlint.inventory.failures import without
from peerlint.profiles import shipped_profile
from peerlint.results import Outcome, Report, Severity
from peerlint.rules import CATALOGUE, Kind
from peerlint.testing.dumps import RibDump

EXAMPLES: Final = Path(__file__).resolve().parents[2] / "examples"
VECTORS: Final = Path(__file__).parents[1] / "vectors" / "faults"
NOW: Final = datetime(2026, 11, 21, tzinfo=UTC)
ALL: Final = ("direct", "partner", "route-server", "maps", "voice")
#: Our side of each session; Microsoft's is the next address.
SESSIONS: Final = {
    "ams-1": "192.0.2.0", "ams-2": "192.0.2.2", "fra-1": "192.0.2.4", "fra-2": "192.0.2.6",
}  # fmt: skip
#: What nothing in an inventory or a dump can tell.
ELSEWHERE: Final = {"irr", "vrps", "peeringdb", "plan", "attestation"}
#: What an example fails for information only: the service needs no IPv6.
MILD: Final = {profile: {"ops.ipv6-session"} for profile in ALL}


@attrs.frozen
class Fault:
    """A row: what is changed in the passing examples, and which rules fail then.

    Attributes:
        rule: the planted one.
        then: the rules that have to fail with it.
        unless: of these, those that a profile spares, by its name.
        profiles: the examples that it is planted in.
        edits: of the inventory, each a place in the file, the text to find behind it, and what
            stands there instead.
        append: to the inventory.
        without: what has failed, as `check --without` takes it.
        plan: edits, likewise, that make the plan to compare with.
        routes: what Microsoft receives, by session; the other sessions show what the example does.
        microsoft: how many routes Microsoft announces, by session.
        collector: what a public collector sees.
    """

    rule: str
    then: Sequence[str] = ()
    unless: Mapping[str, Sequence[str]] = attrs.field(factory=dict)
    profiles: Sequence[str] = ALL
    edits: Sequence[Sequence[str]] = ()
    append: str = ""
    without: Sequence[str] = ()
    plan: Sequence[Sequence[str]] = ()
    routes: Mapping[str, Sequence[str]] = attrs.field(factory=dict)
    microsoft: Mapping[str, int] = attrs.field(factory=dict)
    collector: Sequence[str] = ()


@attrs.frozen
class Unplanted:
    """A row: why no fault of a rule can be planted in an example.

    Attributes:
        rule: the rule.
        why: the reason.
        profiles: the set-ups that it holds for.
        needs: what would decide it; the passing example says so.
        said_by: the rule that says it instead there, which is planted.
    """

    rule: str
    why: str
    profiles: Sequence[str] = ALL
    needs: str | None = None
    said_by: str | None = None


def rows(table: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of all files, in the order of their names."""
    for path in sorted(VECTORS.glob("*.toml")):
        yield from tomllib.loads(path.read_text(encoding="utf-8")).get(table, ())


FAULTS: Final = [Fault(**row) for row in rows("fault")]
UNPLANTED: Final = [Unplanted(**row) for row in rows("unplanted")]
#: A fault in each of its examples; the first of them is enough for a fast run.
PLANTED: Final = [
    pytest.param(
        profile,
        fault,
        id=f"{fault.rule}-{profile}-{number}",
        marks=() if profile == fault.profiles[0] else pytest.mark.slow,
    )
    for number, fault in enumerate(FAULTS)
    for profile in fault.profiles
]


def good(profile: str) -> str:
    """Return the route of the example: at a route server a customer originates it."""
    origin = 64501 if profile == "route-server" else 64500
    return f"203.0.113.0/24 path {origin} community 8075:8007"


def dump(profile: str, routes: Mapping[str, Sequence[str]]) -> bytes:
    """Return what Microsoft received; `routes` are those of the sessions that differ."""
    rib = RibDump()
    for session, address in SESSIONS.items():
        rib.routes(rib.peer(address, 64500), *routes.get(session, (good(profile),)))
    return rib.octets()


def announced(microsoft: Mapping[str, int]) -> bytes:
    """Return so many routes of Microsoft's on each session."""
    rib = RibDump()
    for session, count in microsoft.items():
        peer = rib.peer(str(ip_address(SESSIONS[session]) + 1), 8075)
        blocks = ip_network("198.18.0.0/15").subnets(new_prefix=24)
        rib.routes(peer, *(f"{block} path 8075" for block in islice(blocks, count)))
    return rib.octets()


def collected(routes: Iterable[str]) -> bytes:
    """Return what a collector got from a peer of its own."""
    rib = RibDump()
    return rib.routes(rib.peer("198.51.100.1", 64499), *routes).octets()


def edited(text: str, edits: Iterable[Sequence[str]]) -> str:
    """Return an inventory with its edits, each of which finds its place."""
    for place, old, new in edits:
        head, found, tail = text.partition(place)
        assert found, place
        assert old in tail, old
        text = head + found + tail.replace(old, new, 1)
    return text


def judged(folder: Path) -> Report:
    """Return the report of an example."""
    return peerlint.check(peerlint.load_inventory(folder / "peering.toml"), now=NOW)


def planted(folder: Path, profile: str, fault: Fault) -> Report:
    """Return the report of an example with a fault in it."""
    example = (EXAMPLES / profile / "peering.toml").read_text(encoding="utf-8")
    text = edited(example, fault.edits) + fault.append
    (folder / "peering.toml").write_text(text, encoding="utf-8")
    inventory = without(peerlint.load_inventory(folder / "peering.toml"), fault.without)
    plan = None
    if fault.plan:
        (folder / "plan.toml").write_text(edited(text, fault.plan), encoding="utf-8")
        plan = peerlint.load_inventory(folder / "plan.toml")
    dumps = {"microsoft.mrt": dump(profile, fault.routes)}
    ribs = ["microsoft.mrt"]
    if fault.microsoft:
        dumps["announced.mrt"] = announced(fault.microsoft)
        ribs.append("announced.mrt")
    if fault.collector:
        dumps["collector.mrt"] = collected(fault.collector)
        ribs.append("ams-1=collector.mrt@collector")
    for name, octets in dumps.items():
        (folder / name).write_bytes(octets)
    return peerlint.check(attrs.evolve(inventory, ribs=tuple(ribs)), plan=plan, now=NOW)


def failed(report: Report) -> set[str]:
    """Return the rules that failed, if only for information."""
    return {finding.rule for finding in report.failed()}


def musts(profile: str) -> set[str]:
    """Return the rules that a source document, or a page that it links to, demands."""
    says = shipped_profile(profile)
    return {rule.id for rule in CATALOGUE.values() if says.setting(rule).level.is_must}


def planted_in(profile: str) -> set[str]:
    """Return the rules that have a fault in the profile's example."""
    return {fault.rule for fault in FAULTS if profile in fault.profiles}


@pytest.mark.parametrize("profile", ALL)
def test_the_example_passes(profile: str) -> None:
    """No error and no warning; unknown is only what stands elsewhere."""
    report = judged(EXAMPLES / profile)

    assert MILD[profile] == failed(report)
    assert () == report.failed(Severity.WARNING)
    left = {each.rule for each in report.findings if each.need and each.need not in ELSEWHERE}
    # Azure has no message about a prefix that only its AS is registered for.
    by_asn = {"registration.internal-error"} if profile == "route-server" else set()
    assert {"ops.microsoft-routes"} | by_asn == left
    assert {"Verified"} >= {verdict.state for verdict in report.prefixes}
    assert profile == report.peerings[0].profile


@pytest.mark.parametrize("profile", ALL)
def test_the_dump_is_what_it_says(profile: str) -> None:
    """The dump of an example can be made again: four sessions, one route each."""
    assert dump(profile, {}) == (EXAMPLES / profile / "microsoft.mrt").read_bytes()


@pytest.mark.parametrize(("profile", "fault"), PLANTED)
def test_a_fault_gives_its_rule(tmp_path: Path, profile: str, fault: Fault) -> None:
    """One change fails its rule and what the row names, and nothing else.

    What it leaves open is open for a need that the rule declares.
    """
    report = planted(tmp_path, profile, fault)

    then = {*fault.then} - {*fault.unless.get(profile, ())}
    assert {fault.rule, *then} == failed(report) - MILD[profile]
    open_for = {(each.rule, each.need) for each in report.findings if each.need is not None}
    assert set() == {(rule, need) for rule, need in open_for if need not in CATALOGUE[rule].needs}


@pytest.mark.parametrize("profile", ALL)
def test_every_must_has_a_fault(profile: str) -> None:
    """What a profile demands is planted in its example, or its row says why it cannot be."""
    has_fault = planted_in(profile)
    has_reason = {each.rule for each in UNPLANTED if profile in each.profiles}

    assert set() == musts(profile) - has_fault - has_reason
    assert set() == has_fault & has_reason
    assert set() == has_reason - musts(profile)


@pytest.mark.parametrize("each", UNPLANTED, ids=lambda each: each.rule)
def test_what_is_not_planted_has_a_reason(each: Unplanted) -> None:
    """It is a hint, or unknown for a need that it declares, or another planted rule says it."""
    rule = CATALOGUE[each.rule]
    for profile in each.profiles:
        if each.said_by is not None:
            assert each.said_by in planted_in(profile) & musts(profile)
        elif each.needs is not None:
            found = judged(EXAMPLES / profile).findings
            said = {(one.outcome, one.need) for one in found if one.rule == each.rule}
            assert {(Outcome.UNKNOWN, each.needs)} == said
            assert each.needs in rule.needs
        else:
            assert Kind.HINT is rule.kind


def test_rows_are_of_the_catalogue() -> None:
    """A row names rules and set-ups that exist."""
    rules = {rule for fault in FAULTS for rule in (fault.rule, *fault.then)}
    profiles = {name for fault in FAULTS for name in fault.profiles}
    for each in UNPLANTED:
        rules.add(each.rule)
        profiles.update(each.profiles)

    assert set() == rules - set(CATALOGUE)
    assert set(ALL) == profiles
