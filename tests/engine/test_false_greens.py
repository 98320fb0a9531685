"""No false green: one fault at a time, for each profile and each view.

A fault is a row of `tests/vectors/false-greens/faults.toml`. Its expected result is a row of
`expected.csv` beside it: the state, Microsoft's checks in order (P pass, F fail, U unknown), and
the cell of ams-2, the session with the fault.
"""

from __future__ import annotations

import csv
import tomllib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

import peerlint
from peerlint.results import OK, FailOn, Report, State
from peerlint.testing.dumps import TIMESTAMP, RibDump

VECTORS: Final = Path(__file__).parents[1] / "vectors" / "false-greens"
NOW: Final = datetime(2026, 11, 21, 1, tzinfo=UTC)
PREFIX: Final = "203.0.113.0/24"
ASN: Final = 64500
PROFILES: Final = ("direct", "partner", "route-server", "maps", "voice")
VIEWS: Final = ("received", "sent", "advertised", "loc-rib", "adj-rib-in", "collector")
#: Partner's and Microsoft's address of each session.
SESSIONS: Final = {"ams-1": ("192.0.2.0", "192.0.2.1"), "ams-2": ("192.0.2.2", "192.0.2.3")}
#: Rows without a fault: controls, and conditions that no check of Microsoft's depends on.
#: A time in the future counts as not known, and an unknown time does not count as old.
GREEN: Final = frozenset(
    {"sound", "origin attested", "attested from tomorrow on", "dump from the future"}
)
#: Findings that do not affect the state: Microsoft does not check the declared origin.
VERIFIED_WITH_A_WARNING: Final = frozenset(
    {"other origin on one session", "other origin everywhere"}
)


@attrs.frozen
class Fault:
    """A row of `faults.toml`, which explains the keys."""

    name: str
    tail: str = "64501"
    server_tail: str | None = None
    head: str | None = None
    community: str = "community 8075:8007"
    route: bool = True
    on: str = "ams-2"
    older: bool = False
    cut: bool = False
    dump: bool = True
    swapped: bool = False
    max_age: str = "off"
    now: datetime = NOW
    waiver: str | None = None
    attestation: str | None = None
    holds: bool = True
    on_day: date = date(2026, 11, 1)
    views: tuple[str, ...] = VIEWS


FAULTS: Final = {
    row["name"]: Fault(**row)
    for row in tomllib.loads((VECTORS / "faults.toml").read_text(encoding="utf-8"))["fault"]
}
EXPECTED: Final = [
    tuple(row.values())
    for row in csv.DictReader((VECTORS / "expected.csv").read_text(encoding="utf-8").splitlines())
]


def path_of(fault: Fault, profile: str, view: str) -> str:
    """Return the AS path of the violating route in a view."""
    if profile == "route-server":  # transparent: it does not add its own AS (RFC 7947)
        path = fault.server_tail or fault.tail
        return f"64499 {path}" if view == "collector" else path
    if view in ("received", "sent"):
        return f"{fault.head} {ASN} 64501" if fault.head else f"{ASN} {fault.tail}"
    return f"64499 {ASN} {fault.tail}" if view == "collector" else fault.tail


def dump_of(fault: Fault, session: str, profile: str, view: str, timestamp: int) -> bytes:
    """Return the table of one session."""
    partner, microsoft = SESSIONS[session]
    peer, asn = partner, ASN
    if view in ("sent", "advertised"):  # there the recipient is the peer
        peer, asn = microsoft, 8075
    elif view == "collector":
        peer, asn = "198.51.100.1", 64499
    rib = RibDump(timestamp=timestamp)
    index = rib.peer(peer, asn)
    rib.routes(index, f"198.51.100.0/24 path {asn if view == 'collector' else '64501'}")
    if fault.route:
        path = path_of(fault, profile, view)
        rib.routes(index, f"{PREFIX} path {path} {fault.community} next-hop {partner}")
    return rib.octets()


def octets_of(fault: Fault, session: str, profile: str, view: str) -> bytes:
    """Return the dump of one session, with the older table or the cut of the fault."""
    octets = dump_of(fault, session, profile, view, TIMESTAMP)
    if fault.older:
        older = dump_of(FAULTS["sound"], session, profile, view, TIMESTAMP - 3_600_000_000)
        return older + octets
    return octets[:-7] if fault.cut else octets


def inventory_of(fault: Fault, profile: str) -> str:
    """Return the inventory as TOML."""
    lines = ["[[peering]]", 'name = "contoso-ams"', f'profile = "{profile}"', f"asn = {ASN}"]
    lines.append('location = "Amsterdam"')
    for session, (peer, microsoft) in SESSIONS.items():
        ends = (microsoft, peer) if fault.swapped and session == "ams-2" else (peer, microsoft)
        lines += ["[[peering.connection]]", f'name = "{session}"', f'router = "edge-{session}"']
        lines += ["[[peering.connection.session]]"]
        lines += [f'peer = "{ends[0]}"', f'microsoft = "{ends[1]}"']
    if profile == "route-server":
        lines += ["[[peering.registered_asn]]", "asn = 64501", 'name = "Fabrikam"']
        # A service prefix requests the service even if no route is tagged.
        lines += ["[[peering_service]]", 'name = "fabrikam"', 'primary = "Amsterdam"']
        lines += ["[[peering_service.service_prefix]]", f'prefix = "{PREFIX}"', 'name = "sp-1"']
    else:
        lines += ["[[peering.registered_prefix]]", f'prefix = "{PREFIX}"', "origin = 64501"]
        lines += ['name = "sbc-1"', 'traffic_class = "voice"', 'endpoints = ["sbc"]']
    if fault.waiver:
        lines += ["[[waiver]]", f'rule = "{fault.waiver}"', 'scope = "contoso-ams"']
        lines += ['reason = "known"', 'by = "noc"', "until = 2027-11-01"]
    if fault.attestation:
        lines += ["[[attestation]]", f'rule = "{fault.attestation}"', 'scope = "contoso-ams"']
        lines += ['by = "noc"', f"on = {fault.on_day}", f"holds = {str(fault.holds).lower()}"]
    lines += ["[lab]", 'allow = ["documentation"]']
    return "\n".join(lines) + "\n"


def check(folder: Path, fault: Fault, profile: str, view: str) -> Report:
    """Return the report of a check with a fault."""
    (folder / "peering.toml").write_text(inventory_of(fault, profile), encoding="utf-8")
    ribs: list[str] = []
    for session in SESSIONS:
        has_fault = fault.on in ("both", session)
        row = fault if has_fault else attrs.evolve(FAULTS["sound"])
        if not row.dump:
            continue
        file = folder / f"{session}.mrt"
        file.write_bytes(octets_of(row, session, profile, view))
        ribs.append(f"{file}" if fault.swapped else f"{session}={file}@{view}")
    return peerlint.check(
        peerlint.load_inventory(folder / "peering.toml"),
        ribs,
        now=fault.now,
        max_age=fault.max_age,
    )


def letters(report: Report) -> str:
    """Return the results of Microsoft's checks of the prefix, one letter each."""
    (row,) = report.prefixes
    return "".join(check.result[0].upper() for check in row.checks)


def result(report: Report) -> tuple[str, str, str]:
    """Return state, checks and the cell of ams-2."""
    (row,) = report.prefixes
    return row.state, letters(report), report.matrix().rows[row.key]["ams-2"]


@pytest.mark.parametrize(
    ("profile", "view", "fault", "state", "checks", "cell"),
    [pytest.param(*row, marks=() if row[0] == "maps" else pytest.mark.slow) for row in EXPECTED],
    ids=["-".join(row[:3]).replace(" ", "_") for row in EXPECTED],
)
def test_a_fault_is_never_green(  # the columns of a row
    tmp_path: Path, profile: str, view: str, fault: str, state: str, checks: str, cell: str
) -> None:
    """A fault gives its state, its checks and its cell, in each profile and view."""
    report = check(tmp_path, FAULTS[fault], profile, view)

    assert (state, checks, cell) == result(report)


def test_the_table_is_complete() -> None:
    """There is a row for each fault, profile and view, and there are at least 300 rows."""
    rows = {(profile, view, fault) for profile, view, fault, *_ in EXPECTED}

    assert rows == {
        (profile, view, fault.name)
        for fault in FAULTS.values()
        for profile in PROFILES
        for view in fault.views
    }
    assert len(EXPECTED) == len(rows) >= 300


def test_the_table_has_no_false_green() -> None:
    """Only controls and rows with a warning are Verified, and only controls have the cell `ok`.

    In views that prove nothing, no row is Verified.
    """
    green = {row[2] for row in EXPECTED if row[3] == State.VERIFIED}
    good = {row[2] for row in EXPECTED if row[5] == OK}
    unproven = [row for row in EXPECTED if row[1] in ("adj-rib-in", "collector")]

    assert green <= GREEN | VERIFIED_WITH_A_WARNING
    assert good <= GREEN
    assert [] == [row for row in unproven if State.VERIFIED == row[3] or OK == row[5]]


def test_verified_alone_needs_every_check(tmp_path: Path) -> None:
    """Verified without a number means that all checks are decided, as the gate requires."""
    labels: dict[str, Any] = {}
    for name in ("sound", "origin attested"):
        report = check(tmp_path, FAULTS[name], "maps", "received")
        labels[name] = report.prefixes[0].label, report.failures(FailOn.UNVERIFIED)

    assert labels == {
        "sound": ("Verified (4 of 5 checks)", ("1 prefix with undecided checks",)),
        "origin attested": ("Verified", ()),
    }
