"""`check` with dumps of different times: files, in every order, as a user gives them."""

from __future__ import annotations

import gzip
import itertools
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

import peerlint
from peerlint.errors import InputError
from peerlint.inventory import DatedRib
from peerlint.results import Report
from peerlint.testing.dumps import ESTABLISHED, TIMESTAMP, UpdateDump
from peerlint.testing.notation import scenario

NOW: Final = datetime(2026, 11, 21, 1, tzinfo=UTC)
MINUTE: Final = 60_000_000
PREFIX, OTHER = "203.0.113.0/24", "198.51.100.0/24"
TAGGED: Final = f"{PREFIX} path 64500 community 8075:8007"
KEPT: Final = "198.51.100.0/24 path 64500 community 8075:8007"
REGISTERED: Final = f"registered {PREFIX}\n"


def routes(*lines: str) -> str:
    """Return routes of both sessions."""
    return "\n".join(f"{session} {line}" for session in ("ams-1", "ams-2") for line in lines)


WITH, WITHOUT = scenario(REGISTERED + routes(TAGGED, KEPT)), scenario(REGISTERED + routes(KEPT))
UNTAGGED: Final = scenario(REGISTERED + routes(f"{PREFIX} path 64500", KEPT))
FEED: Final = WITH.feed("ams-1")


def check(folder: Path, dumps: dict[str, bytes], **options: object) -> Report:
    """Write dumps, and check them in the order in which they are named."""
    for name, octets in dumps.items():
        (folder / name).write_bytes(gzip.compress(octets) if name.endswith("gz") else octets)
    files = [str(folder / name) for name in dumps]
    settings: dict[str, object] = {"now": NOW, "max_age": "24h"} | options
    return peerlint.check(WITH.inventory, files, **settings)  # type: ignore[arg-type]  # options


def word(report: Report, session: str = "ams-1") -> str:
    """Return what the matrix says of the prefix on a session."""
    return report.cells.rows[f"contoso-ams {PREFIX}"][session]


@pytest.mark.parametrize("name", ["both.mrt", "both.mrt.gz"])
@pytest.mark.parametrize(
    ("before", "after", "word_after"),
    [(WITH, WITHOUT, "missing"), (WITHOUT, WITH, "ok"), (UNTAGGED, WITH, "ok"),
     (WITH, UNTAGGED, "no community")],
)  # fmt: skip
def test_a_dump_that_was_appended_to(
    tmp_path: Path, name: str, before: object, after: object, word_after: str
) -> None:
    """`cat old.mrt new.mrt`: a withdrawn prefix is missing, a repaired one is repaired."""
    old, new = before.rib().octets(), after.rib(TIMESTAMP + MINUTE).octets()  # type: ignore[attr-defined]  # scenarios

    report = check(tmp_path, {name: old + new})

    assert word_after == word(report)
    (source,) = report.sources
    assert (2, (datetime(2026, 11, 21, tzinfo=UTC),)) == (source.snapshots, source.replaced)
    assert "1 older snapshot left out, a later one counts: 2026-11-21 00:00 UTC" in source.remarks


@pytest.mark.parametrize(
    ("cut", "expected"), [(0, ("missing", "Failed")), (3, ("unknown", "Unknown"))]
)
def test_a_last_snapshot_that_is_cut(tmp_path: Path, cut: int, expected: tuple[str, str]) -> None:
    """What it does not show is unknown, whatever the one before showed."""
    octets = WITH.rib().octets() + WITHOUT.rib(TIMESTAMP + MINUTE).octets()

    report = check(tmp_path, {"f.mrt": octets[: len(octets) - cut]})

    assert expected == (word(report), report.prefixes[0].state)


def test_a_compressed_stream_that_is_cut(tmp_path: Path) -> None:
    """What is missing is behind all that can be read: the last snapshot is not whole."""
    octets = gzip.compress(WITH.rib().octets() + WITHOUT.rib(TIMESTAMP + MINUTE).octets())

    for kept in range(len(octets) - 12, len(octets) - 1):
        (tmp_path / "f.mrt").write_bytes(octets[:kept])
        report = peerlint.check(WITH.inventory, [str(tmp_path / "f.mrt")], now=NOW, max_age="24h")

        assert ("unknown", "Unknown") == (word(report), report.prefixes[0].state)


TABLE: Final = WITH.rib().octets()
KEEPALIVE: Final = UpdateDump().message(FEED, b"\xff" * 16 + b"\x00\x13\x04").octets()
WITHDRAWN: Final = UpdateDump(timestamp=TIMESTAMP + 5 * MINUTE).withdraw(FEED, PREFIX).octets()
BACK: Final = (
    UpdateDump(timestamp=TIMESTAMP + 10 * MINUTE).announce(FEED, f"{PREFIX} path 64500").octets()
)
DOWN: Final = (
    UpdateDump(timestamp=TIMESTAMP + 15 * MINUTE).state_change(FEED, ESTABLISHED, 1).octets()
)


@pytest.mark.parametrize(
    ("dumps", "expected"),
    [
        ((TABLE,), "ok"),
        ((TABLE + WITHDRAWN,), "missing"),
        ((TABLE, KEEPALIVE + WITHDRAWN), "missing"),
        ((TABLE, WITHDRAWN), "unknown"),  # what came between the table and them is not known
        ((TABLE, KEEPALIVE + WITHDRAWN, BACK), "no community"),
        ((TABLE, KEEPALIVE, WITHDRAWN + BACK, DOWN), "missing"),
    ],
)
def test_updates_in_other_files(tmp_path: Path, dumps: tuple[bytes, ...], expected: str) -> None:
    """`--rib table --rib updates1 --rib updates2`, in any order."""
    named = [(f"{number}.mrt", octets) for number, octets in enumerate(dumps)]

    found = {
        (word(report), word(report, "ams-2"))
        for order in itertools.permutations(named)
        for report in [check(tmp_path, dict(order))]
    }

    assert {(expected, "ok")} == found


@pytest.mark.parametrize(
    ("hours", "max_age", "expected"),
    [
        (23, "24h", "ok"),
        (23, "22h", "unknown"),
        (25, "24h", "unknown"),
        (24 * 30, "24h", "unknown"),
        (24 * 30, "off", "ok"),
    ],
)
def test_the_age_of_a_table(tmp_path: Path, hours: int, max_age: str, expected: str) -> None:
    """A table of last month says nothing; only the header's time counts, not the file's."""
    taken = NOW - timedelta(hours=hours)
    microseconds = int(taken.timestamp()) * 1_000_000

    report = check(tmp_path, {"f.mrt": WITH.rib(microseconds).octets()}, max_age=max_age)

    assert expected == word(report)
    assert (taken, hours * 3600) == (report.sources[0].last, report.sources[0].age_seconds)


def test_updates_that_are_too_old(tmp_path: Path) -> None:
    """A table and the updates behind it are one source, and so both are too old."""
    report = check(tmp_path, {"a.mrt": TABLE, "b.mrt": KEEPALIVE + WITHDRAWN}, max_age="30m")

    assert "unknown" == word(report)
    assert [True, True] == [each.is_too_old for each in report.sources]


def test_the_time_of_the_file_says_nothing(tmp_path: Path) -> None:
    """A copy of an old dump is as old as the dump; an old copy of a new one is as new."""
    (tmp_path / "f.mrt").write_bytes(TABLE)
    os.utime(tmp_path / "f.mrt", (0, 0))

    report = peerlint.check(WITH.inventory, [str(tmp_path / "f.mrt")], now=NOW, max_age="24h")

    assert "ok" == word(report)


def test_the_inventory_says_how_old_a_source_may_be(tmp_path: Path) -> None:
    """An argument beats the inventory, which beats the profile."""
    text = (
        '[[peering]]\nname = "p"\nprofile = "mine.toml"\nasn = 64500\n'
        '[[peering.connection]]\nname = "ams-1"\n[[peering.connection.session]]\n'
        f'peer = "192.0.2.0"\n[[peering.registered_prefix]]\nprefix = "{PREFIX}"\n'
        '[lab]\nallow = ["documentation", "benchmarking"]\n'
    )
    (tmp_path / "f.mrt").write_bytes(TABLE)

    def found(profile: str, lab: str, argument: str | None) -> str:
        (tmp_path / "mine.toml").write_text(f'extends = "direct"\n[parameters]\n{profile}\n')
        (tmp_path / "peering.toml").write_text(text + lab)
        inventory = peerlint.load_inventory(tmp_path / "peering.toml")
        later = NOW + timedelta(days=3)
        report = peerlint.check(inventory, [str(tmp_path / "f.mrt")], now=later, max_age=argument)
        return report.cells.rows[f"p {PREFIX}"]["ams-1"]

    old, new = "unknown", "ok"
    assert old == found("", "", None)
    assert new == found('max_age = "4d"', "", None)
    assert old == found('max_age = "4d"', 'max_age = "2d"', None)
    assert new == found("", 'max_age = "off"', None)
    assert old == found("", 'max_age = "off"', "24h")
    assert new == found("", 'max_age = "1h"', "off")


def test_a_dump_of_the_inventory_with_its_time(tmp_path: Path) -> None:
    """`taken` is for what has no time of its own; a dump goes by its records."""
    (tmp_path / "f.mrt").write_bytes(TABLE)
    (tmp_path / "peering.toml").write_text(
        'ribs = [{ file = "f.mrt", taken = 2020-01-01T00:00:00Z }]\n'
        '[[peering]]\nname = "p"\nprofile = "direct"\nasn = 64500\n'
    )
    inventory = peerlint.load_inventory(tmp_path / "peering.toml")

    report = peerlint.check(inventory, now=NOW)

    assert (DatedRib("f.mrt", datetime(2020, 1, 1, tzinfo=UTC)),) == inventory.ribs
    assert datetime(2026, 11, 21, tzinfo=UTC) == report.sources[0].last


EXPORT: Final = (
    b'[{"prefix": "203.0.113.0/24", "nextHop": "192.0.2.0", "asPath": "64500"},'
    b' {"prefix": "203.0.113.0/24", "nextHop": "192.0.2.2", "asPath": "64500"}]'
)


@pytest.mark.parametrize(
    ("taken", "age", "is_too_old"),
    [
        (None, None, False),
        (NOW - timedelta(hours=2), 7200, False),
        (NOW - timedelta(hours=25), 90_000, True),
    ],
)
def test_exports_carry_no_time(
    tmp_path: Path, taken: datetime | None, age: int | None, is_too_old: bool
) -> None:
    """Azure's exports are of a time not known, which is not old, unless one is given."""
    export = tmp_path / "received.json"
    export.write_bytes(EXPORT)

    report = peerlint.check(
        WITH.inventory, [], received=[export], now=NOW, taken=taken, max_age="24h"
    )

    (source,) = report.sources
    assert (taken, age, is_too_old) == (source.last, source.age_seconds, source.is_too_old)
    failing = [each.rule for each in report.failed() if each.rule == "route.not-received"]
    assert [] == failing
    assert is_too_old is any("too old: taken" in each for each in source.remarks)


@pytest.mark.parametrize(
    "options",
    [
        {"now": datetime(2026, 11, 21)},  # noqa: DTZ001  # without a zone
        {"taken": datetime(2026, 11, 21)},  # noqa: DTZ001  # likewise
        {"max_age": "1 day"},
    ],
)
def test_what_is_no_time(options: dict[str, object]) -> None:
    """A time without a zone and a duration that is none are mistakes."""
    with pytest.raises(InputError, match=next(iter(options))):
        peerlint.check(WITH.inventory, [], **options)  # type: ignore[arg-type]  # wrong on purpose


def test_without_keeps_the_time(tmp_path: Path) -> None:
    """What a failure would leave is judged at the same time."""
    (tmp_path / "f.mrt").write_bytes(TABLE)

    report, _ = peerlint.check_without(
        WITH.inventory,
        ["connection=ams-2"],
        [str(tmp_path / "f.mrt")],
        now=NOW + timedelta(days=9),
        max_age="24h",
    )

    assert "unknown" == word(report)
