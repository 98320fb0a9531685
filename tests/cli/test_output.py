"""What the program prints: machine formats on standard output, remarks on standard error."""

from __future__ import annotations

import gzip
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs
import pytest

import peerlint
from peerlint.cli import main as program
from peerlint.cli.exits import Exit
from peerlint.rules import CATALOGUE
from peerlint.testing.dumps import RibDump
from peerlint.testing.notation import is_about_routes

INVENTORY: Final = """
[[peering]]
name = "contoso-ams"
profile = "routes.toml"
asn = 64500
location = "Amsterdam"

[[peering.connection]]
name = "ams-1"
router = "edge1.ams"

[[peering.connection.session]]
microsoft = "192.0.2.1"
peer = "192.0.2.0"

[[peering.registered_prefix]]
name = "sbc-1"
prefix = "203.0.113.0/24"
traffic_class = "voice"
endpoints = ["sbc"]

[[attestation]]
rule = "prefix.own-routable"
scope = "contoso-ams"
by = "noc@contoso.example"
on = 2026-11-01

[lab]
allow = ["documentation"]
max_age = "off"
"""
#: A profile without the rules that dumps cannot answer.
ROUTES_ONLY: Final = 'extends = "direct"\n[rules]\n' + "".join(
    f'"{rule}" = {{ level = "off" }}\n' for rule in CATALOGUE if not is_about_routes(rule)
)
TAG: Final = "community 8075:8007"
#: What a session shows, by name.
ROUTES: Final = {
    "good": f"203.0.113.0/24 path 64500 {TAG}",
    "warned": f"203.0.113.0/24 path 64500 {TAG} graceful-shutdown",
    "failed": "203.0.113.0/24 path 64500",
}
ROUTE: Final = ("route", "203.0.113.0/24", "--allow", "documentation")


@attrs.frozen
class Done:
    """What a run left behind."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture(name="run")
def _run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the program in this process, in the folder; `test_cli.py` runs it as one of its own."""
    monkeypatch.chdir(folder)

    def run(*arguments: str) -> Done:
        status = program.run(arguments)
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return run


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make an inventory, and a dump for each kind of route."""
    folder = tmp_path_factory.mktemp("contoso")
    (folder / "peering.toml").write_text(INVENTORY, encoding="utf-8")
    (folder / "routes.toml").write_text(ROUTES_ONLY, encoding="utf-8")
    for name, route in ROUTES.items():
        rib = RibDump()
        rib.routes(rib.peer("192.0.2.0", 64500), route)
        (folder / f"{name}.mrt.gz").write_bytes(gzip.compress(rib.octets()))
    (folder / "own.mrt").write_bytes(rib_of_the_router())
    (folder / "broken.mrt").write_bytes(rib.octets()[:-2])
    return folder


def rib_of_the_router() -> bytes:
    """Return the RIB of a router whose route has no community yet."""
    rib = RibDump()
    rib.routes(rib.peer("198.51.100.1", 64501), "203.0.113.0/24 path 64501")
    return rib.octets()


@pytest.mark.parametrize(
    ("rib", "statuses"),
    [
        # --fail-on error, warning, unknown
        ("good.mrt.gz", (0, 0, 0)),
        ("warned.mrt.gz", (0, 1, 1)),
        ("failed.mrt.gz", (1, 1, 1)),
        ("edge1.ams=own.mrt", (0, 0, 1)),
        # 3 beats 1 beats 0
        ("broken.mrt", (3, 3, 3)),
        ("nowhere.mrt", (3, 3, 3)),
    ],
)
def test_fail_on(run: Run, rib: str, statuses: tuple[int, int, int]) -> None:
    """`--fail-on` says from which outcome on the exit status is 1."""
    found = tuple(
        run("check", "peering.toml", "--rib", rib, "--fail-on", level).status
        for level in ("error", "warning", "unknown")
    )

    assert statuses == found


def test_strictness_is_passed_on(run: Run) -> None:
    """`--strict` makes what is only inferred unknown."""
    arguments = ("check", "peering.toml", "--rib", "edge1.ams=own.mrt", "--format", "json")

    def unknown(*more: str) -> set[str]:
        data = json.loads(run(*arguments, *more).out)
        return {each["rule"] for each in data["findings"] if each["outcome"] == "unknown"}

    assert {"route.community-missing"} == unknown()
    assert unknown("--strict") > {"route.community-missing", "route.not-received"}


def test_a_profile_is_passed_on(run: Run, folder: Path) -> None:
    """`--profile` replaces every peering's own, by name or by file, relative to the caller."""
    (folder / "mine.toml").write_text(ROUTES_ONLY + '[parameters]\ncommunity = "64500:9"\n')

    def says(profile: str) -> dict[str, Any]:
        done = run("check", "peering.toml", "--rib", "good.mrt.gz", "--profile", profile)
        return {"status": done.status, "profile": f"  {profile}, AS64500" in done.out}

    # The inventory has one connection, which is too few for voice.
    assert {"status": 1, "profile": True} == says("voice")
    assert {"status": 0, "profile": True} == says("routes.toml")
    assert {"status": 1, "profile": True} == says("mine.toml")


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (("check", "peering.toml", "--rib", "failed.mrt.gz", "--format", "json"), 1),
        (("check", "peering.toml", "--rib", "broken.mrt", "--format", "json"), 3),
        (("check", "peering.toml", "--rib", "nowhere.mrt", "--format", "json"), 3),
        # what nobody looked at is no success
        (("check", "peering.toml", "--format", "json"), 1),
        (("scan", "good.mrt.gz", "--format", "json"), 0),
        (("scan", "broken.mrt", "nowhere.mrt", "--format", "json"), 3),
        (("rules", "--format", "json"), 0),
        ((*ROUTE, "--path", "64512", "--format", "json"), 1),
    ],
)
def test_machine_formats_are_alone(run: Run, arguments: tuple[str, ...], status: int) -> None:
    """JSON is all that stands on standard output; what a person has to know is beside it."""
    done = run(*arguments)

    assert status == done.status
    assert json.loads(done.out) is not None
    assert (status == 3) <= bool(done.err)
    assert all(line.startswith("peerlint: ") for line in done.err.splitlines())


@pytest.mark.parametrize("format_", ["text", "json"])
def test_findings_are_printed_whatever_becomes_of_a_dump(run: Run, format_: str) -> None:
    """A dump that is missing or broken hides nothing that the others show."""
    ribs = ("--rib", "nowhere.mrt", "--rib", "failed.mrt.gz", "--rib", "broken.mrt")

    done = run("check", "peering.toml", *ribs, "--format", format_)

    assert Exit.SOURCES == done.status
    assert "route.community-missing" in done.out
    both = done.out + done.err
    assert "nowhere.mrt: no such file" in both
    assert "broken.mrt: damaged at octet " in both


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        # path, community and view of one route: what is said of it
        (("--path", "64500", "--community", "8075:8007"), set()),
        (("--path", "64500"), {"fail route.community-missing"}),
        (("--path", "64500", "--community", "8075:8007:0"), {"fail route.community-wrong-type"}),
        (("--path", "64500", "--community", "rt:8075:8007"), {"fail route.community-wrong-type"}),
        (
            ("--path", "64501 64502 64503", "--peer-asn", "64500", "--view", "loc-rib"),
            {"unknown route.community-missing", "fail route.as-path-length"},
        ),
        (
            ("--path", "64501", "--peer-asn", "AS64500", "--community", "8075:8007"),
            {"fail route.first-as"},
        ),
    ],
)
def test_route(run: Run, arguments: tuple[str, ...], expected: set[str]) -> None:
    """One route is judged by the rules about single routes."""
    done = run(*ROUTE, *arguments, "--format", "json")
    text = run(*ROUTE, *arguments).out

    data = json.loads(done.out)
    assert expected == {f"{each['outcome']} {each['rule']}" for each in data["findings"]}
    assert {each["rule"] for each in data["findings"]} == set(data["rules"])
    assert data["route"] == text.splitlines()[0]
    assert ("passes every rule about a single route" in text) == (not expected)
    assert [] == [each for each in expected if each.partition(" ")[2] not in text]


def test_a_view_that_needs_the_announcing_as(run: Run) -> None:
    """Before egress the path does not tell who announces the route: `--peer-asn` has to."""
    done = run(*ROUTE, "--path", "64501", "--view", "loc-rib")

    assert (Exit.USAGE, "") == (done.status, done.out)
    assert "peer AS: expected the AS that announces the route to AS8075" in done.err


def test_rules(run: Run) -> None:
    """The catalogue lists every rule, with what each profile says."""
    listed = json.loads(run("rules", "--format", "json").out)
    text = run("rules", "--profile", "voice").out.splitlines()

    assert list(CATALOGUE) == [each["id"] for each in listed]
    assert {"direct", "partner", "route-server", "maps", "voice"} == set(listed[0]["profiles"])
    assert list(CATALOGUE) == [line.split()[0] for line in text[1:]]
    assert ["rule", "severity", "voice", "title"] == text[0].split()


@pytest.mark.parametrize("rule", ["route.prepending", "prefix.valid", "route.not-received"])
def test_explain(run: Run, rule: str) -> None:
    """A rule's page has its title, what to do, the portal's words and each profile."""
    page = run("explain", rule).out

    assert page.startswith(f"# {rule}\n\n{CATALOGUE[rule].title}.\n")
    assert "What to do: " in page
    assert [] == [text for text in CATALOGUE[rule].portal if f"> {text}" not in page]
    assert [] == [name for name in ("000", "001", "002", "003", "004") if f"({name})" not in page]


def test_scan_takes_prefixes(run: Run) -> None:
    """`--prefix` counts only what overlaps one of them."""
    dumps = ("good.mrt.gz", "failed.mrt.gz")

    def counted(*more: str) -> int:
        found: int = json.loads(run("scan", *dumps, *more, "--format", "json").out)["routes"]
        return found

    assert 2 == counted()
    assert 2 == counted("--prefix", "203.0.113.128/25", "--prefix", "198.51.100.0/24")
    assert 0 == counted("--prefix", "198.51.100.0/24")


def test_scan_as_text(run: Run) -> None:
    """Facts and rules stand with their number and share."""
    lines = run("scan", "failed.mrt.gz").out.splitlines()

    assert "1 route in 1 dump: 1 prefix, 1 origin, 1 peer; 0 withdrawals" == lines[0]
    assert any(
        line.split()[:4] == ["1", "100.00%", "error", "route.community-missing"] for line in lines
    )


def test_scan_of_nothing_readable(run: Run) -> None:
    """Without a single route there are no shares, and no division by zero."""
    done = run("scan", "nowhere.mrt")

    assert Exit.SOURCES == done.status
    assert "0 routes" in done.out
    assert "Traceback" not in done.err


def test_version(run: Run) -> None:
    """The version says which kernel reads the dumps."""
    done = run("--version")

    kernel = "compiled" if peerlint.COMPILED else "Python"
    assert f"peerlint {peerlint.__version__} ({kernel} kernel)\n" == done.out


@pytest.mark.parametrize("command", ["check", "scan", "route", "rules", "explain", "diff"])
def test_help_names_only_what_works(run: Run, command: str) -> None:
    """Every command has a page of help, and the program's own names them all."""
    assert Exit.CLEAN == run(command, "--help").status
    assert command in run("--help").out


@pytest.mark.slow
def test_a_closed_pipe_is_no_error(folder: Path) -> None:
    """A reader that closes the pipe at once ends the program quietly, in any format."""
    for arguments in (("rules",), ("check", "peering.toml", "--rib", "failed.mrt.gz")):
        reading, writing = os.pipe()
        os.close(reading)
        with subprocess.Popen(
            [sys.executable, "-m", "peerlint", *arguments],
            stdout=writing,
            stderr=subprocess.PIPE,
            cwd=folder,
        ) as process:
            os.close(writing)
            _, errors = process.communicate(timeout=60)
        assert (Exit.CLEAN, b"") == (process.returncode, errors)


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
@pytest.mark.parametrize(
    "arguments", [("--version",), ("rules",), ("dump", "good.mrt.gz", "--format", "json")]
)
def test_a_full_disk_is_said(folder: Path, arguments: tuple[str, ...]) -> None:
    """An output that takes no more is one sentence and 2, never 1, which would be a finding."""
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-m", "peerlint", *arguments],
            check=False,
            stdout=full,
            stderr=subprocess.PIPE,
            cwd=folder,
            timeout=60,
        )

    said = b"peerlint: the output cannot be written: No space left on device\n"
    assert (Exit.USAGE, said) == (done.returncode, done.stderr)


@pytest.mark.slow
@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
@pytest.mark.parametrize(
    ("arguments", "status"),
    [("--version", Exit.CLEAN), ("dump good.mrt.gz", Exit.CLEAN), ("dump none", Exit.SOURCES)],
)
def test_closed_outputs_change_no_status(
    folder: Path, arguments: str, status: Exit, closed: str
) -> None:
    """A caller that closes standard output or error gets the same exit status, and no traceback."""
    command = f"exec {shlex.quote(sys.executable)} -m peerlint {arguments} {closed}"
    done = subprocess.run(
        ["/bin/sh", "-c", command], check=False, capture_output=True, cwd=folder, timeout=60
    )

    assert status == done.returncode
    assert b"Traceback" not in done.stderr


@pytest.mark.slow
def test_interrupted_while_it_reads(folder: Path) -> None:
    """Ctrl-C in the middle of a dump on standard input is 130, without a traceback."""
    command = [sys.executable, "-m", "peerlint", "check", "peering.toml", "--rib", "ams-1=-"]
    # What starts the tests in the background may have it ignored, and children inherit that.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=folder,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    with process:
        assert process.stdin is not None
        process.stdin.write(bytes(1 << 20))  # more than a pipe holds: it is reading by now
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert Exit.INTERRUPTED == process.returncode
    assert b"Traceback" not in errors


def test_a_bug_leaves_70(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    """A mistake of ours deep inside a command is 70, with the traceback and a request."""

    def broken(*_: object, **__: object) -> None:
        raise AssertionError("not ours")

    monkeypatch.setattr("peerlint.cli.commands.check.load_inventory", broken)

    with pytest.raises(SystemExit) as caught:
        program.main(["check", str(folder / "peering.toml")])

    said = capsys.readouterr().err
    assert Exit.BUG == caught.value.code
    assert "AssertionError: not ours" in said
    assert "Please report it" in said


def test_a_plan_is_compared(run: Run, folder: Path) -> None:
    """`--plan` says what of the inventory cannot become what the plan wants."""
    text = (folder / "peering.toml").read_text(encoding="utf-8")
    (folder / "plan.toml").write_text(text.replace("asn = 64500", "asn = 64501"), encoding="utf-8")
    (folder / "same.toml").write_text(text, encoding="utf-8")

    def says(*arguments: str) -> list[str]:
        done = run("check", "peering.toml", "--profile", "direct", "--format", "json", *arguments)
        return [
            f"{each['outcome']} {each['message']}"
            for each in json.loads(done.out)["findings"]
            if each["rule"] == "topology.basics-immutable"
        ]

    assert says("--plan", "plan.toml") == [
        "fail the plan changes asn from 64500 to 64501 of contoso-ams, which is fixed"
    ]
    assert says("--plan", "same.toml") == []
    assert [each.partition(" ")[0] for each in says()] == ["unknown"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("check", "INVENTORY is missing\nSee `peerlint check --help`."),
        ("diff before.json", "AFTER is missing\nSee `peerlint diff --help`."),
        ("check nothing.toml", "nothing.toml: expected one [[peering]] at least, found none"),
        ("import azure [].json -o new.toml", "expected a peering, which all else belongs to"),
        ("import azure [].json", "expected a peering, which all else belongs to"),
        ("keys /dev/zero", "/dev/zero: it does not end within 1024 MiB"),
    ],
)
def test_what_cannot_be_meant(run: Run, folder: Path, arguments: str, said: str) -> None:
    """Nothing to work on is exit status 2, and leaves no file behind."""
    (folder / "nothing.toml").write_text("", encoding="utf-8")
    (folder / "[].json").write_text("[]", encoding="utf-8")

    done = run(*arguments.split())

    assert (Exit.USAGE, "") == (done.status, done.out)
    assert said in done.err
    assert not (folder / "new.toml").exists()


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not installed")
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root to become somebody else")
@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        ("scan closed/dump.mrt", Exit.SOURCES),
        ("dump closed/dump.mrt", Exit.SOURCES),
        ("check peering.toml --rib closed/dump.mrt", Exit.SOURCES),
        ("scan good.mrt --out closed/new.csv", Exit.USAGE),
        ("scan good.mrt --out new.csv", Exit.USAGE),
        ("import azure export.json -o closed/new.toml", Exit.USAGE),
    ],
)
def test_closed_folders_are_no_bugs(tmp_path: Path, arguments: str, status: Exit) -> None:
    """A folder that nobody may look into or write to is said, without a traceback."""
    world = tmp_path.parents[-3]  # below it, pytest keeps its folders to itself
    folder = Path(tempfile.mkdtemp(dir=world))
    try:
        _fill_with_a_closed_folder(folder)
        nobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
        command = [*nobody, sys.executable, "-m", "peerlint", *arguments.split()]

        done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True)
    finally:
        shutil.rmtree(folder)

    assert status == done.returncode
    assert "Traceback" not in done.stderr
    assert "ermission denied" in done.stderr + done.stdout


def _fill_with_a_closed_folder(folder: Path) -> None:
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.0", 64500), ROUTES["good"])
    (folder / "good.mrt").write_bytes(rib.octets())
    (folder / "peering.toml").write_text(INVENTORY.replace("routes.toml", "maps"), encoding="utf-8")
    (folder / "export.json").write_text("[]", encoding="utf-8")
    (folder / "closed").mkdir(mode=0o700)
    folder.chmod(0o755)


def test_a_pipe_of_ours_that_breaks_is_a_bug(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], folder: Path
) -> None:
    """Only outputs that nobody reads end a run in peace: all else would pass in silence."""

    def broken(*_: object, **__: object) -> None:
        raise BrokenPipeError

    monkeypatch.setattr("peerlint.cli.commands.check.load_inventory", broken)

    with pytest.raises(SystemExit) as caught:
        program.main(["check", str(folder / "peering.toml")])

    assert Exit.BUG == caught.value.code
    assert "Please report it" in capfd.readouterr().err


@pytest.mark.slow
def test_a_page_of_help_may_be_left(folder: Path) -> None:
    """Who stops reading the help makes no error."""
    command = f"{shlex.quote(sys.executable)} -m peerlint --help | true; echo ${{PIPESTATUS[0]}}"

    done = subprocess.run(
        ["/bin/bash", "-c", command], cwd=folder, check=True, capture_output=True, text=True
    )

    assert (str(Exit.CLEAN), "") == (done.stdout.strip(), done.stderr)


def test_one_profile_says_the_severity(run: Run, folder: Path) -> None:
    """With one profile, the list of rules has the severity that it gives them."""
    setting = '"route.prepending" = { level = "should", severity = "warning" }'
    text = f'extends = "maps"\n[rules]\n{setting}\n'
    (folder / "mild.toml").write_text(text, encoding="utf-8")

    listed = run("rules", "--profile", "mild.toml", "--format", "json").out
    every = run("rules", "--format", "json").out

    assert ["warning", "error"] == [
        next(rule["severity"] for rule in json.loads(text) if rule["id"] == "route.prepending")
        for text in (listed, every)
    ]
