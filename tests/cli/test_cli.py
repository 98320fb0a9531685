"""The program as people and scripts run it: what it prints where, and its exit status."""

from __future__ import annotations

import gzip
import json
import os
import random
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from peerlint.cli.exits import Exit

ROOT = Path(__file__).resolve().parents[2]
CONTOSO = ROOT / "examples" / "contoso"
INVENTORY = str(CONTOSO / "peering.toml")
RIB = CONTOSO / "dumps" / "microsoft.ams.mrt.gz"
GOOD = ("--path", "64500 64501", "--community", "8075:8007", "--allow", "documentation")


def run(*arguments: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    """Run the program to its end."""
    command = [sys.executable, "-m", "peerlint", *arguments]
    return subprocess.run(command, check=False, capture_output=True, input=stdin, timeout=60)


@pytest.fixture(name="files", scope="module")
def _files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Make files that are wrong in every way."""
    folder = tmp_path_factory.mktemp("files")
    octets = gzip.decompress(RIB.read_bytes())
    dice = random.Random(8075)  # noqa: S311  # no secret
    contents = {
        "whole": RIB.read_bytes(),
        "truncated": octets[:-7],
        "cut": RIB.read_bytes()[:-30],
        "random": dice.randbytes(100_000),
        "empty": b"",
        "syntax": b"[[peering]\n",
        "latin": b'name = "\xe4"\n',
        "mistakes": b"a = 1\nb = 2\n[[peering]]\nname = 5\n",
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    paths = {name: str(folder / name) for name in contents}
    return paths | {"missing": str(folder / "missing"), "directory": str(folder)}


#: Arguments, exit status, and a word of what standard error says.
STATUS = [
    (("--version",), Exit.CLEAN, ""),
    (("--help",), Exit.CLEAN, ""),
    (("rules",), Exit.CLEAN, ""),
    (("explain", "route.prepending"), Exit.CLEAN, ""),
    (("explain", "route.prependin"), Exit.USAGE,
     "rule: found 'route.prependin'; did you mean route.prepending?"),
    # what a report has to be asked for, and how to have one
    (("explain", "203.0.113.0/24"), Exit.USAGE,
     "peerlint: a report tells of 203.0.113.0/24: write one with `peerlint check INVENTORY "
     "--format json > report.json`, then ask `peerlint explain 203.0.113.0/24 --report "
     "report.json`\n"),
    (("explain", "203.0.113.0"), Exit.USAGE, "a report tells of 203.0.113.0: "),
    (("explain", "2001:db8::"), Exit.USAGE, "a report tells of 2001:db8::: "),
    (("explain", "AS64501"), Exit.USAGE, "a report tells of AS64501: "),
    (("explain", "64501"), Exit.USAGE, "a report tells of 64501: "),
    (("explain", "asn.own-"), Exit.USAGE, "did you mean asn.own?"),
    (("route", "203.0.113.0/24", *GOOD), Exit.CLEAN, ""),
    (("route", "203.0.113.0/24", "--path", "64512"), Exit.FINDINGS, ""),
    (("route", "203.0.113.0", *GOOD), Exit.USAGE, "expected a prefix"),
    (("route", "203.0.113.0/24", "--view", "nowhere"), Exit.USAGE, "loc-rib"),
    (("route", "203.0.113.0/24", *GOOD, "--profile", "nope"), Exit.USAGE, "route-server"),
    (("rules", "--bogus"), Exit.USAGE, "--bogus"),
    (("bogus",), Exit.USAGE, "bogus"),
    (("scan",), Exit.USAGE, "one dump at least"),
    (("scan", "{whole}"), Exit.CLEAN, ""),
    (("scan", "{truncated}"), Exit.SOURCES, "end of the dump"),
    (("scan", "{cut}"), Exit.SOURCES, "the gzip stream ends before its end"),
    (("scan", "{random}"), Exit.SOURCES, "expected an MRT record header"),
    (("scan", "{empty}"), Exit.SOURCES, "it is empty"),
    (("scan", "{missing}"), Exit.SOURCES, "no such file"),
    (("scan", "{directory}"), Exit.SOURCES, "a directory"),
    (("scan", "{whole}", "--prefix", "x"), Exit.USAGE, "expected a prefix"),
    (("check", INVENTORY), Exit.FINDINGS, ""),
    (("check", INVENTORY, "--rib", "{whole}"), Exit.FINDINGS, ""),
    (("check", INVENTORY, "--rib", "{truncated}"), Exit.SOURCES, ""),
    (("check", INVENTORY, "--rib", "{missing}"), Exit.SOURCES, ""),
    (("check", INVENTORY, "--rib", "{directory}"), Exit.SOURCES, ""),
    (("check", INVENTORY, "--rib", "{random}@loc-rib"), Exit.USAGE, "names no session"),
    (("check", INVENTORY, "--profile", "{missing}.toml"), Exit.USAGE, "cannot be read"),
    (("check", "{missing}"), Exit.USAGE, "cannot be read"),
    (("check", "{directory}"), Exit.USAGE, "cannot be read"),
    (("check", "{syntax}"), Exit.USAGE, "expected TOML"),
    (("check", "{latin}"), Exit.USAGE, "UTF-8"),
    (("check", "{mistakes}"), Exit.USAGE, "key name"),
]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("arguments", "status", "said"), STATUS)
def test_exit_status(
    files: dict[str, str], arguments: tuple[str, ...], status: Exit, said: str
) -> None:
    """Every way to run it has its exit status and its sentence, and never a traceback."""
    done = run(*(argument.format(**files) for argument in arguments))

    assert status == done.returncode, done.stderr.decode()
    assert said in done.stderr.decode()
    assert b"Traceback" not in done.stdout + done.stderr


@pytest.mark.slow
def test_a_misspelt_name_is_suggested(files: dict[str, str]) -> None:
    """A name that no session has is part of the file's name; the error lists those that exist."""
    done = run("check", INVENTORY, "--rib", f"egde1.ams={files['missing']}")

    assert b"edge1.ams" in done.stdout


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fail_on", "status"),
    [("error", Exit.CLEAN), ("warning", Exit.CLEAN), ("unknown", Exit.FINDINGS)],
)
def test_unknown_fails_only_if_asked(fail_on: str, status: Exit, tmp_path: Path) -> None:
    """An inventory without dumps is all unknown, which is no failure unless one says so."""
    inventory = tmp_path / "peering.toml"
    text = Path(INVENTORY).read_text(encoding="utf-8")
    inventory.write_text(text.replace("ribs = [", "ribs = []\n_ = [").replace("_ = [", "", 1))
    lines = inventory.read_text().splitlines()
    start = lines.index("ribs = []")
    end = lines.index("]", start)
    inventory.write_text("\n".join(lines[: start + 1] + lines[end + 1 :]))

    done = run("check", str(inventory), "--fail-on", fail_on)

    assert status == done.returncode, done.stderr.decode()
    assert b"no dump was read" in done.stderr


def test_json_holds_exactly_the_planted_errors() -> None:
    """The errors of the example are the faults of the lab's table."""
    rules = {
        "community-missing": "route.community-missing",
        "large-only": "route.community-wrong-type",
        "prepended": "route.prepending",
        "private-asn": "route.private-asn",
        "path-of-four": "route.as-path-length",
        "covering-only": "route.covering-only",
        "missing": "route.not-received",
    }
    table = tomllib.loads((CONTOSO / "lab" / "faults.toml").read_text(encoding="utf-8"))
    planted = {
        (row["prefix"], session, rules[row["kind"]])
        for row in table["route"]
        for session in row.get("sessions", ())
    }

    done = run("check", INVENTORY, "--format", "json")

    report = json.loads(done.stdout)
    found = {
        (finding["subject"]["prefix"], finding["subject"]["session"], finding["rule"])
        for finding in report["findings"]
        if (finding["outcome"], finding["severity"]) == ("fail", "error")
    }
    assert Exit.FINDINGS == done.returncode
    assert planted == found
    assert b"" == done.stderr


def test_the_screen_is_the_golden_one() -> None:
    """The example prints what the project's pages show."""
    now = ("--now", "2026-11-21T12:00:00Z")  # docs/generate.py
    done = subprocess.run(
        [sys.executable, "-m", "peerlint", "check", "examples/contoso/peering.toml", *now],
        check=False, capture_output=True, cwd=ROOT,
    )  # fmt: skip

    assert (CONTOSO / "check.txt").read_text(encoding="utf-8") == done.stdout.decode()


@pytest.mark.slow
def test_a_dump_comes_from_standard_input() -> None:
    """A hyphen is standard input."""
    done = run("scan", "-", "--format", "json", stdin=RIB.read_bytes())

    assert 17 == json.loads(done.stdout)["routes"]


def test_scan_counts_facts_and_rules() -> None:
    """Facts and rules of the example's dump, counted: 2 of 17 routes lack the community."""
    done = run(
        "scan", str(RIB), "--format", "json", "--allow", "documentation", "--allow", "benchmarking"
    )

    data = json.loads(done.stdout)
    assert 15 == data["facts"]["TAGGED"]
    assert 2 == data["rules"]["route.community-missing"]
    assert 1 == data["rules"]["route.community-wrong-type"]
    assert 2 == data["rules"]["route.as-path-length"]
    assert 0 == data["rules"]["route.bogon-asn"]


def test_importing_is_cheap() -> None:
    """`import peerlint` loads neither numpy nor anything of the command line."""
    script = (
        "import sys, peerlint; "
        "print([m for m in ('numpy', 'attrs', 'cyclopts', 'rich', 'cattrs') if m in sys.modules])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], check=True, capture_output=True, env=os.environ
    )

    assert b"[]" == done.stdout.strip()
