"""The example of each profile passes, and one fault in it fails its rule and dependent rules.

The faults are in `tests/vectors/faults`, a file for each family of rules, a row for each fault. A
row has the change of a passing example, and the rules that fail because of it.
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
#: The partner's address of each session; Microsoft's is the next address.
SESSIONS: Final = {
    "ams-1": "192.0.2.0", "ams-2": "192.0.2.2", "fra-1": "192.0.2.4", "fra-2": "192.0.2.6",
}  # fmt: skip
#: Needs that neither an inventory nor a dump can meet.
ELSEWHERE: Final = {"irr", "vrps", "peeringdb", "plan", "attestation"}
#: The rules that fail in an example with severity information: the service needs no IPv6.
MILD: Final = {profile: {"ops.ipv6-session"} for profile in ALL}


@attrs.frozen
class Fault:
    """A row: a change of the passing examples, and the rules that fail because of it.

    Attributes:
        rule: the rule that has to fail.
        then: the other rules that have to fail.
        unless: the rules of `then` that do not fail in a profile, by its name.
        profiles: the profiles whose examples are changed.
        edits: changes of the inventory: a text to search for, a text to find after it, and the text
            that replaces it.
        append: text to append to the inventory.
        without: failures, in the form of `check --without`.
        plan: changes of the inventory, in the form of `edits`, that make the plan.
        routes: the routes that Microsoft receives, by session; other sessions keep the example's.
        microsoft: how many routes Microsoft announces, by session.
        collector: the routes of a public collector.
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
class WithoutFault:
    """A row: why no change of an example can make a rule fail.

    Attributes:
        rule: the rule.
        why: the reason.
        profiles: the profiles that the reason holds for.
        needs: the need of the rule's unknown outcome in the passing example.
        reported_by: the rule that fails instead; it has a fault.
    """

    rule: str
    why: str
    profiles: Sequence[str] = ALL
    needs: str | None = None
    reported_by: str | None = None


def rows(table: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of all files, in the order of their names."""
    for path in sorted(VECTORS.glob("*.toml")):
        yield from tomllib.loads(path.read_text(encoding="utf-8")).get(table, ())


FAULTS: Final = [Fault(**row) for row in rows("fault")]
WITHOUT_FAULT: Final = [WithoutFault(**row) for row in rows("without-fault")]
#: A fault in each of its examples; the fast run has the first one only.
CASES: Final = [
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
    """Return the route of the example; at a route server, a customer originates it."""
    origin = 64501 if profile == "route-server" else 64500
    return f"203.0.113.0/24 path {origin} community 8075:8007"


def dump(profile: str, routes: Mapping[str, Sequence[str]]) -> bytes:
    """Return the dump of Microsoft's side.

    Args:
        profile: the profile of the example.
        routes: the routes of sessions that differ from the example, by session.
    """
    rib = RibDump()
    for session, address in SESSIONS.items():
        rib.routes(rib.peer(address, 64500), *routes.get(session, (good(profile),)))
    return rib.octets()


def announced(microsoft: Mapping[str, int]) -> bytes:
    """Return a dump of Microsoft's routes.

    Args:
        microsoft: the number of routes, by session.
    """
    rib = RibDump()
    for session, count in microsoft.items():
        peer = rib.peer(str(ip_address(SESSIONS[session]) + 1), 8075)
        blocks = ip_network("198.18.0.0/15").subnets(new_prefix=24)
        rib.routes(peer, *(f"{block} path 8075" for block in islice(blocks, count)))
    return rib.octets()


def collected(routes: Iterable[str]) -> bytes:
    """Return the dump of a collector with one peer."""
    rib = RibDump()
    return rib.routes(rib.peer("198.51.100.1", 64499), *routes).octets()


def edited(text: str, edits: Iterable[Sequence[str]]) -> str:
    """Return an inventory with some edits, see `Fault.edits`."""
    for place, old, new in edits:
        head, found, tail = text.partition(place)
        assert found, place
        assert old in tail, old
        text = head + found + tail.replace(old, new, 1)
    return text


def checked(folder: Path) -> Report:
    """Return the report of an example."""
    return peerlint.check(peerlint.load_inventory(folder / "peering.toml"), now=NOW)


def with_fault(folder: Path, profile: str, fault: Fault) -> Report:
    """Return the report of an example with a fault."""
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
    """Return the rules that failed, with any severity."""
    return {finding.rule for finding in report.failed()}


def musts(profile: str) -> set[str]:
    """Return the rules that a source document, or a page that it links to, requires."""
    shipped = shipped_profile(profile)
    return {rule.id for rule in CATALOGUE.values() if shipped.setting(rule).level.is_must}


def rules_with_fault(profile: str) -> set[str]:
    """Return the rules that have a fault in the profile's example."""
    return {fault.rule for fault in FAULTS if profile in fault.profiles}


@pytest.mark.parametrize("profile", ALL)
def test_the_example_passes(profile: str) -> None:
    """It has no error and no warning; outcomes are unknown only for needs of other data."""
    report = checked(EXAMPLES / profile)

    assert MILD[profile] == failed(report)
    assert () == report.failed(Severity.WARNING)
    unknown = {each.rule for each in report.findings if each.need and each.need not in ELSEWHERE}
    # Azure has no message about a prefix if only its AS is registered.
    by_asn = {"registration.internal-error"} if profile == "route-server" else set()
    assert {"ops.microsoft-routes"} | by_asn == unknown
    assert {"Verified"} >= {result.state for result in report.prefixes}
    assert profile == report.peerings[0].profile


@pytest.mark.parametrize("profile", ALL)
def test_the_dump_can_be_made_again(profile: str) -> None:
    """The dump of an example has four sessions with one route each."""
    assert dump(profile, {}) == (EXAMPLES / profile / "microsoft.mrt").read_bytes()


@pytest.mark.parametrize(("profile", "fault"), CASES)
def test_a_fault_fails_its_rule(tmp_path: Path, profile: str, fault: Fault) -> None:
    """Its rule and those of `then` fail, and no others.

    Unknown outcomes have a need that the rule declares.
    """
    report = with_fault(tmp_path, profile, fault)

    then = {*fault.then} - {*fault.unless.get(profile, ())}
    assert {fault.rule, *then} == failed(report) - MILD[profile]
    unknown = {(each.rule, each.need) for each in report.findings if each.need is not None}
    assert set() == {(rule, need) for rule, need in unknown if need not in CATALOGUE[rule].needs}


@pytest.mark.parametrize("profile", ALL)
def test_every_must_has_a_fault(profile: str) -> None:
    """Every required rule has a fault in the profile's example, or a reason why it has none."""
    has_fault = rules_with_fault(profile)
    has_reason = {each.rule for each in WITHOUT_FAULT if profile in each.profiles}

    assert set() == musts(profile) - has_fault - has_reason
    assert set() == has_fault & has_reason
    assert set() == has_reason - musts(profile)


@pytest.mark.parametrize("each", WITHOUT_FAULT, ids=lambda each: each.rule)
def test_a_rule_without_fault_has_a_reason(each: WithoutFault) -> None:
    """It is a hint, or unknown for a declared need, or another rule with a fault reports it."""
    rule = CATALOGUE[each.rule]
    for profile in each.profiles:
        if each.reported_by is not None:
            assert each.reported_by in rules_with_fault(profile) & musts(profile)
        elif each.needs is not None:
            found = checked(EXAMPLES / profile).findings
            outcomes = {(one.outcome, one.need) for one in found if one.rule == each.rule}
            assert {(Outcome.UNKNOWN, each.needs)} == outcomes
            assert each.needs in rule.needs
        else:
            assert Kind.HINT is rule.kind


def test_rows_are_of_the_catalogue() -> None:
    """A row names rules and profiles that exist."""
    rules = {rule for fault in FAULTS for rule in (fault.rule, *fault.then)}
    profiles = {name for fault in FAULTS for name in fault.profiles}
    for each in WITHOUT_FAULT:
        rules.add(each.rule)
        profiles.update(each.profiles)

    assert set() == rules - set(CATALOGUE)
    assert set(ALL) == profiles
