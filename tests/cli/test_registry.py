"""`peerlint registry`: what it writes, what it shows, how it ends; goldens of its screens."""

from __future__ import annotations

import bz2
import gzip
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
import zstandard

from peerlint import Registry, build_registry, render_registry, show_registry
from peerlint.cli import main as program
from peerlint.cli.exits import Exit
from peerlint.errors import InputError
from peerlint.model.times import parse_time

NOW: Final = "2026-11-30T12:00:00Z"
GOLDEN: Final = Path(__file__).resolve().parents[1] / "golden"
RADB: Final = b"""\
% This is a comment.

route:         203.0.113.0/24
descr:         Contoso
origin:        AS64500
last-modified: 2026-11-20T00:00:00Z
source:        RADB

route6:        2001:db8::/32
origin:        AS64500
last-modified: 2026-11-28T08:00:00Z
source:        RADB

aut-num:       AS64501
as-name:       FABRIKAM
last-modified: 2026-11-21T00:00:00Z
source:        RADB

route:         203.0.113.0
origin:        AS64500
source:        RADB

route:         198.51.100.0/24
origin:        AS4.603
last-modified: 2026-11-21T00:00:00Z
source:        ALTDB
"""
RIPE_ROUTES: Final = b"""\
route:         203.0.112.0/22
origin:        AS64501
last-modified: 2026-11-29T20:00:00Z
source:        RIPE

route:         203.0.113.0/24
origin:        AS64500
source:        RPKI
"""
RIPE_AUT_NUMS: Final = b"""\
aut-num:       AS64500
last-modified: 2025-01-02T03:04:05Z
source:        RIPE
"""
RIR: Final = b"""\
2|ripencc|20261129|3|19700101|20261129|+0000
ripencc|NL|asn|64500|1|20200101|allocated|x
ripencc|NL|ipv4|203.0.112.0|1024|20200101|assigned|x
ripencc|NL|ipv4|198.51.100.0|none|20200101|assigned|x
"""
VRPS: Final = b"""{"metadata": {"generated": 1796029200, "counts": 4}, "roas": [
 {"asn": "AS64500", "prefix": "203.0.113.0/24", "maxLength": 24, "ta": "ripe", "x": [1]},
 {"asn": 64501, "prefix": "2001:db8::/32", "maxLength": 48, "ta": "arin", "expires": 1796130000},
 {"asn": 64502, "prefix": "198.51.100.0/24", "maxLength": 20, "ta": "ripe"},
 {"asn": 64503, "prefix": "198.51.100.0/24", "maxLength": 24, "ta": "ripe", "expires": 1700000000}
]}"""
SLURM: Final = b"""{"slurmVersion": 1,
 "validationOutputFilters": {"prefixFilters": [], "bgpsecFilters": []},
 "locallyAddedAssertions": {"prefixAssertions": [{"asn": 64504, "prefix": "192.0.2.0/24"}],
 "bgpsecAssertions": []}}"""
PEERINGDB: Final = b"""{"net": {"data": [
 {"id": 9, "asn": 64500, "name": "Contoso\\u001b[31m", "status": "ok",
  "updated": "2026-11-01T00:00:00Z"}]}}"""
FILES: Final = {
    "radb.db.gz": gzip.compress(RADB),
    "ripe.db.route.bz2": bz2.compress(RIPE_ROUTES),
    "ripe.db.aut-num.zst": zstandard.compress(RIPE_AUT_NUMS),
    "delegated-ripencc": RIR,
    "vrps.json": VRPS,
    "slurm.json": SLURM,
    "peeringdb.json": PEERINGDB,
    "garbage": b"\x80\x81\n" * 5_000_000,
    "empty": b"",
    "cut.db.gz": gzip.compress(RADB * 50)[:-20],
    "cut.json": VRPS[:-40],
    "cut-slurm.json": SLURM[:-4],
    "persons.db": b"person: A\nsource: RIPE\n\nperson: B\nsource: RIPE\n",
    "again.db": RADB,
    "other.json": VRPS,
}
SOURCES: Final = (
    "--irr", "radb.db.gz", "ripe.db.route.bz2", "ripe.db.aut-num.zst",
    "--delegated", "delegated-ripencc", "--vrps", "vrps.json", "--slurm", "slurm.json",
    "--peeringdb", "peeringdb.json",
)  # fmt: skip
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(name="run")
def _run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run the program in a folder with files of registries."""
    for name, octets in FILES.items():
        (tmp_path / name).write_bytes(octets)
    monkeypatch.chdir(tmp_path)

    def run(*arguments: str) -> tuple[int, str, str]:
        status = program.run(("registry", *arguments))
        return (status, *capsys.readouterr())

    return run


@pytest.fixture(name="built")
def _built(run: Run) -> Run:
    """Build a registry of all files first."""
    run("build", *SOURCES, "-o", "r.peerlint", "--now", NOW)
    return run


def golden(name: str, text: str) -> None:
    """Compare a screen with a golden file; PEERLINT_REGENERATE=1 writes it anew."""
    path = GOLDEN / name
    if os.environ.get("PEERLINT_REGENERATE"):
        path.write_text(text, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == text


def test_the_screen_of_build(run: Run) -> None:
    """Sources with their ages, and what was skipped, are the golden ones; remarks are apart."""
    status, out, err = run("build", *SOURCES, "-o", "r.peerlint", "--now", NOW)

    assert Exit.CLEAN == status
    golden("registry-build.txt", out)
    golden("registry-build-remarks.txt", err)


def test_build_as_json(run: Run) -> None:
    """The JSON has the same, with the places of what was skipped."""
    _, out, _ = run(
        "build", *SOURCES, "-o", "r.peerlint", "--now", NOW, "--format", "json",
        "--taken", "2026-11-30T06:00:00Z",
    )  # fmt: skip

    found = json.loads(out)

    assert "peerlint/registry-build/1" == found["schema"]
    assert Path("r.peerlint").stat().st_size == found["octets"]
    radb = next(each for each in found["registry_sources"] if each["name"] == "RADB")
    assert (21600, 3, 1, False) == (
        radb["age_seconds"], radb["records"], radb["skipped"], radb["is_too_old"],
    )  # fmt: skip
    assert ["radb.db.gz:19"] in [each["first"] for each in found["skips"]]


def test_the_same_inputs_give_the_same_octets(run: Run) -> None:
    """The order of files, and where they are, make no difference."""
    run("build", *SOURCES, "-o", "one", "--now", NOW)
    files = [str(Path(each).resolve()) if Path(each).exists() else each for each in SOURCES]
    files[1:4] = files[1:4][::-1]

    run("build", *files, "-o", "two", "--now", NOW)

    assert Path("one").read_bytes() == Path("two").read_bytes()


@pytest.mark.parametrize("subject", ["AS64500", "64501", "203.0.113.0/25", "2001:db8::/48"])
def test_the_screen_of_show(built: Run, subject: str) -> None:
    """Every object is named with registry, class, key and time, and every source has its age."""
    status, out, _ = built("show", "r.peerlint", subject, "--now", NOW)

    assert Exit.CLEAN == status
    golden(f"registry-show-{subject.replace('/', '-').replace(':', '')}.txt", out)


def test_show_says_what_is_not_known(run: Run) -> None:
    """A kind of source that is not in the file is not loaded, which is not the same as nothing."""
    run("build", "--vrps", "vrps.json", "-o", "r.peerlint", "--now", NOW)

    screens = [run("show", "r.peerlint", each, "--now", NOW)[1] for each in ("AS1", "192.0.2.0/24")]

    golden("registry-show-not-loaded.txt", "\n".join(screens))


def test_show_as_json(built: Run) -> None:
    """The JSON has the objects of a prefix and of a number."""
    of_asn = json.loads(built("show", "r.peerlint", "AS64500", "--format", "json")[1])
    of_prefix = json.loads(built("show", "r.peerlint", "203.0.113.0/24", "--format", "json")[1])

    assert ["AS64500"] == [each["key"] for each in of_asn["aut_nums"]]
    assert [
        ("RADB", "route", "203.0.113.0/24AS64500", "2026-11-20T00:00:00+00:00", False),
        ("RPKI", "route", "203.0.113.0/24AS64500", None, True),
        ("RIPE", "route", "203.0.112.0/22AS64501", "2026-11-29T20:00:00+00:00", False),
    ] == [
        (e["registry"], e["class"], e["key"], e["last_modified"], e["is_made_from_roa"])
        for e in of_prefix["routes"]
    ]
    assert ["RIPE"] == [each["rir"] for each in of_prefix["delegations"]]
    assert {"irr", "delegated", "vrps", "peeringdb"} == {
        each["kind"] for each in of_asn["registry_sources"]
    }


@pytest.mark.parametrize(
    ("prefix", "asn", "status", "state"),
    [
        ("203.0.113.0/24", "AS64500", Exit.CLEAN, "valid"),
        ("203.0.113.0/25", "64500", Exit.FINDINGS, "invalid"),
        ("203.0.113.0/24", "64501", Exit.FINDINGS, "invalid"),
        ("192.0.2.0/24", "64504", Exit.CLEAN, "valid"),
        ("198.51.100.0/24", "64502", Exit.NOT_FOUND, "not-found"),
        ("2001:db8:1::/48", "64501", Exit.CLEAN, "valid"),
    ],
)
def test_validate(built: Run, prefix: str, asn: str, status: Exit, state: str) -> None:
    """The JSON is Routinator's, and the exit status says the state."""
    found, out, _ = built("validate", "r.peerlint", prefix, asn, "--now", NOW)

    route = json.loads(out)["validated_route"]
    assert (status, state) == (found, route["validity"]["state"])
    assert {"origin_asn": f"AS{asn.removeprefix('AS')}", "prefix": prefix} == route["route"]


def test_validate_without_vrps(run: Run) -> None:
    """Without VRPs nothing is known, which is a status of its own."""
    run("build", "--irr", "radb.db.gz", "-o", "r.peerlint", "--now", NOW)

    status, out, err = run("validate", "r.peerlint", "203.0.113.0/24", "AS64500", "--now", NOW)

    assert Exit.SOURCES == status
    assert "unknown" == json.loads(out)["validated_route"]["validity"]["state"]
    assert "it has no VRPs: build it with --vrps FILE" in err


def test_an_expired_vrp_is_asked_again_at_use(built: Run) -> None:
    """A VRP that has expired since the build does not count."""
    states = [
        json.loads(built("validate", "r.peerlint", "2001:db8::/32", "64501", "--now", now)[1])
        for now in (NOW, "2026-12-02T12:00:00Z")
    ]

    assert ["valid", "not-found"] == [
        each["validated_route"]["validity"]["state"] for each in states
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--irr", "none"), "none: no such file; expected a dump of an IRR"),
        (("--irr", "garbage"), "garbage: expected a dump of an IRR"),
        (
            ("--irr", "empty"),
            "empty: expected a dump of an IRR, such as ripe.db.route.gz, found an",
        ),
        (("--irr", "."), ".: a directory; expected a dump of an IRR"),
        (("--irr", "https://rr.example/radb.db.gz"), "download it first"),
        (("--vrps", "cut.json"), "cut.json: "),
        (("--vrps", "radb.db.gz"), "radb.db.gz: "),
        (("--vrps", "vrps.json", "--slurm", "cut-slurm.json"), "cut-slurm.json: expected JSON of"),
        (("--delegated", "vrps.json"), "vrps.json: expected a delegated file"),
        (("--peeringdb", "vrps.json"), "vrps.json: expected records net, fac, netfac or poc"),
    ],
)
def test_a_source_that_cannot_be_used(run: Run, arguments: tuple[str, ...], message: str) -> None:
    """The file and what was expected are said; an older registry file stays as it is."""
    Path("r.peerlint").write_bytes(b"old")

    status, out, err = run("build", *arguments, "-o", "r.peerlint", "--now", NOW)

    assert (Exit.SOURCES, "") == (status, out)
    assert message in err
    assert "r.peerlint: not written, because a source cannot be used" in err
    assert b"old" == Path("r.peerlint").read_bytes()
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "sources: expected one of --irr, --delegated, --vrps, --peeringdb at least"),
        (("--slurm", "slurm.json"), "sources: expected one of"),
        (("--irr", "radb.db.gz", "--slurm", "slurm.json"), "--slurm: expected --vrps FILE"),
        (("--irr", "radb.db.gz", "--now", "today"), "--now: expected a time with its zone"),
        (("--irr", "radb.db.gz", "--taken", "2026-12-01T00:00:00Z"), "--taken: expected a time"),
        (("--irr", "radb.db.gz", "--profile", "x"), "profile: expected direct"),
        (("--irr", "radb.db.gz", "-o", "none/r.peerlint"), "no folder none"),
        (("--irr", "radb.db.gz", "-o", "radb.db.gz"), "would replace what it is made from"),
        (("--irr", "radb.db.gz", "-o", "-"), "--output: expected a file"),
        (("--irr", "radb.db.gz", "-o", "."), "it is a folder: name a file in it"),
        (("--irr", "radb.db.gz", "-o", "/dev/null"), "it is no file, but a device"),
    ],
)
def test_wrong_usage(run: Run, arguments: tuple[str, ...], message: str) -> None:
    """An option that is wrong is named, with what was expected, and nothing is written."""
    more = [*([] if "-o" in arguments else ["-o", "r.peerlint"])]
    more += [] if "--now" in arguments else ["--now", NOW]

    status, _, err = run("build", *arguments, *more)

    assert Exit.USAGE == status
    assert message in err
    assert not Path("r.peerlint").exists()


def test_a_file_that_is_replaced(run: Run) -> None:
    """The new file has the mode of the old one, and a link to it stays a link."""
    Path("there").write_bytes(b"old")
    Path("there").chmod(0o640)
    Path("r.peerlint").symlink_to("there")

    status, _, _ = run("build", "--irr", "radb.db.gz", "-o", "r.peerlint", "--now", NOW)

    assert Exit.CLEAN == status
    assert Path("r.peerlint").is_symlink()
    assert 0o640 == Path("there").stat().st_mode & 0o777
    assert [] == [each for each in Path().iterdir() if "part" in each.name]


def test_a_full_disk(run: Run, tmp_path: Path) -> None:
    """A file that cannot be written is an error with the reason, and the old one stays."""
    assert run is not None
    (tmp_path / "r.peerlint").write_bytes(b"old")
    command = "ulimit -f 1; exec " + shlex.join(
        [sys.executable, "-m", "peerlint", "registry", "build", *SOURCES, "-o", "r.peerlint"]
    )

    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=tmp_path, capture_output=True, text=True, check=False
    )

    assert Exit.USAGE == done.returncode
    assert "r.peerlint: cannot be written: File too large" in done.stderr
    assert b"old" == (tmp_path / "r.peerlint").read_bytes()
    assert [] == [each for each in tmp_path.iterdir() if "part" in each.name]


def test_a_dump_that_is_cut(run: Run) -> None:
    """What it has is used, and the status and the table say that it is cut."""
    status, out, err = run("build", "--irr", "cut.db.gz", "-o", "r.peerlint", "--now", NOW)

    assert Exit.SOURCES == status
    assert "cut in the middle" in out
    assert "cut.db.gz: it is cut: its end is missing" in err
    assert 0 < len(Registry.open("r.peerlint").routes("203.0.113.0/24"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--irr", "radb.db.gz", "again.db"), "route objects of RADB are in several dumps"),
        (("--irr", "radb.db.gz", "persons.db"), "persons.db: 2 objects, none of them a route"),
        (("--irr", "ripe.db.route.bz2"), "RIPE: no aut-num, route6 objects; if it has a file"),
        (("--irr", "radb.db.gz"), "no data of ARIN, APNIC, AFRINIC, LACNIC, RIPE: "),
        (("--irr", "radb.db.gz"), "give --taken TIME"),
        (("--vrps", "vrps.json", "other.json"), "VRPs of trust anchor ripe are in several files"),
        (
            ("--vrps", "vrps.json"),
            "vrps.json: left out: 1 VRP that had expired by 2026-11-30 12:00 UTC",
        ),
        (("--delegated", "delegated-ripencc", "--now", "2027-01-01T00:00:00Z"), "RIPE: too old"),
    ],
)
def test_remarks(run: Run, arguments: tuple[str, ...], message: str) -> None:
    """What a user has to know is said on standard error, and not with --quiet."""
    more = [] if "--now" in arguments else ["--now", NOW]

    _, _, err = run("build", *arguments, "-o", "r.peerlint", *more)
    quiet = run("build", *arguments, "-o", "r.peerlint", *more, "--quiet")

    assert message in err
    assert "" == quiet[2]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("show", "none", "AS64500"), "none: cannot be read: No such file"),
        (("show", "vrps.json", "AS64500"), "vrps.json: "),
        (("show", "r.peerlint", "AS64500x"), "expected an AS number such as AS64500, or a prefix"),
        (("show", "r.peerlint", "203.0.113.1/24"), "prefix: expected"),
        (("validate", "r.peerlint", "203.0.113.0", "AS64500"), "prefix: "),
        (("validate", "r.peerlint", "203.0.113.0/24", "AS0x"), "AS number: expected"),
    ],
)
def test_wrong_questions(built: Run, arguments: tuple[str, ...], message: str) -> None:
    """A file that is none, or a question that is none, is wrong usage."""
    status, out, err = built(*arguments)

    assert (Exit.USAGE, "") == (status, out)
    assert message in err


def test_damage(built: Run) -> None:
    """A registry file that is damaged is an error, whatever octet of it is."""
    octets = Path("r.peerlint").read_bytes()
    for place in range(0, len(octets), len(octets) // 60):
        damaged = bytearray(octets)
        damaged[place] ^= 0x55
        Path("damaged").write_bytes(damaged)

        results = [
            built("show", "damaged", each, "--now", NOW) for each in ("AS64500", "203.0.113.0/24")
        ]

        for status, _, err in results:
            assert status in {Exit.CLEAN, Exit.USAGE}
            assert "Traceback" not in err


def test_in_python(run: Run) -> None:
    """The same in Python: build, show, open."""
    assert run is not None
    now = parse_time(NOW)

    summary = build_registry("r.peerlint", irr=["radb.db.gz"], vrps=[Path("vrps.json")], now=now)

    assert "radb.db.gz:19" in render_registry(summary)
    assert "AS64500" in render_registry(show_registry("r.peerlint", "AS64500", now))
    assert [2, 3] == Registry.open("r.peerlint", now).judge(
        ["203.0.113.0/24"] * 2, [64500, 64501]
    ).tolist()
    for wrong in (
        lambda: build_registry(5),  # type: ignore[arg-type]
        lambda: build_registry("r", irr="radb.db.gz"),
        lambda: render_registry(5),  # type: ignore[arg-type]
        lambda: render_registry(summary, "xml"),  # type: ignore[arg-type]
        lambda: show_registry("r.peerlint", 5),  # type: ignore[arg-type]
    ):
        with pytest.raises(InputError):
            wrong()
