"""Options of several commands: where results go, in which colors, and how quietly."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import attrs
import pytest

from peerlint.cli import main as program
from peerlint.cli.exits import Exit
from peerlint.cli.tokens import inventory_first, prepared
from peerlint.testing.dumps import RibDump

INVENTORY: Final = """
[lab]
allow = ["documentation"]
max_age = "off"

[[peering]]
name = "contoso-ams"
profile = "maps"
asn = 64500

[[peering.connection]]
name = "ams-1"

[[peering.connection.session]]
peer = "192.0.2.0"

[[peering.connection]]
name = "ams-2"

[[peering.connection.session]]
peer = "192.0.2.2"

[[peering.registered_prefix]]
prefix = "203.0.113.0/24"
"""
NOW: Final = ("--now", "2026-11-21T12:00:00Z")
CHECK: Final = ("check", "peering.toml", "--rib", "one.mrt", *NOW)
ROUTE: Final = ("route", "203.0.113.0/24", "--path", "64500", "--allow", "documentation")
ESCAPE: Final = "\x1b["


@attrs.frozen
class Done:
    """What a run left behind."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture(name="run")
def _run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the program in this process, in the folder, with nothing said about colors."""
    monkeypatch.chdir(folder)
    for name in ("NO_COLOR", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def run(*arguments: str) -> Done:
        status = program.run(arguments)
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return run


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    (tmp_path / "peering.toml").write_text(INVENTORY, encoding="utf-8")
    for name, peer, more in (("one.mrt", "192.0.2.0", ""), ("two.mrt", "192.0.2.2", " 64501")):
        rib = RibDump()
        rib.routes(rib.peer(peer, 64500), f"203.0.113.0/24 path 64500{more}")
        (tmp_path / name).write_bytes(rib.octets())
    (tmp_path / "cut.mrt").write_bytes(rib.octets()[:-2])
    return tmp_path


# -- --output


#: Every command that prints a result, without its options for output.
RESULTS: Final = [
    CHECK,
    (*CHECK, "--format", "json"),
    (*CHECK, "--format", "junit"),
    (*CHECK, "--format", "sarif"),
    (*CHECK, "--format", "csv"),
    (*CHECK, "--format", "html"),
    (*CHECK, "--without", "connection=ams-1"),
    ROUTE,
    (*ROUTE, "--format", "json"),
    ("scan", "one.mrt"),
    ("scan", "one.mrt", "--format", "json"),
    ("dump", "one.mrt"),
    ("dump", "one.mrt", "--format", "json"),
    ("rules",),
    ("rules", "--format", "json"),
    ("explain", "route.prepending"),
    ("keys", "peering.toml"),
    ("init", "maps"),
]


def apart_from_time(text: str) -> str:
    """Return a result without the time at which it was made."""
    return "\n".join(line for line in text.splitlines() if not any(each in line for each in TIMES))


TIMES: Final = ('"now":', "endTimeUtc", "timestamp=", "<time", "made ")


@pytest.mark.parametrize("arguments", RESULTS, ids=" ".join)
@pytest.mark.parametrize("option", ["--output", "-o"])
def test_a_result_goes_into_a_file(
    run: Run, folder: Path, arguments: tuple[str, ...], option: str
) -> None:
    """What stands in the file is what standard output would have shown; the status is the same."""
    shown = run(*arguments)
    before = {each.name for each in folder.iterdir()}

    written = run(*arguments, option, "result")

    assert (shown.status, "") == (written.status, written.out)
    assert {*before, "result"} == {each.name for each in folder.iterdir()}
    text = (folder / "result").read_text(encoding="utf-8")
    assert apart_from_time(shown.out) == apart_from_time(text)


@pytest.mark.parametrize("name", [("-o", "-"), ("--output=-",), ("-o", "/dev/stdout")])
@pytest.mark.parametrize("arguments", [CHECK, ("rules",), ("dump", "one.mrt"), ("init", "maps")])
def test_a_hyphen_is_standard_output(
    run: Run, arguments: tuple[str, ...], name: tuple[str, ...]
) -> None:
    """A hyphen behind `--output` is standard output, elsewhere it is standard input."""
    assert run(*arguments) == run(*arguments, *name)


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "missing.toml"),
        ("check", "peering.toml", "--rib", "one.mrt", "--profile", "mapss"),
        ("scan", "one.mrt", "--rule", "route.none"),
        ("explain", "route.none"),
        ("keys", "missing.toml"),
        ("init", "mapss"),
    ],
)
def test_what_fails_leaves_a_file_as_it_was(
    run: Run, folder: Path, arguments: tuple[str, ...]
) -> None:
    """A result that does not come about replaces nothing and leaves nothing behind."""
    (folder / "result").write_text("precious", encoding="utf-8")
    before = sorted(folder.iterdir())

    done = run(*arguments, "--output", "result")

    assert (Exit.USAGE, "") == (done.status, done.out)
    assert "precious" == (folder / "result").read_text(encoding="utf-8")
    assert before == sorted(folder.iterdir())


def test_a_bug_leaves_a_file_as_it_was(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even where a result breaks off half way, the file is the one from before."""
    (folder / "result").write_text("precious", encoding="utf-8")
    before = sorted(folder.iterdir())

    def broken(_: object) -> str:
        raise AssertionError("half way")

    monkeypatch.setattr("peerlint.api.dumps.bgpdump_line", broken)
    done = run("dump", "one.mrt", "-o", "result")

    assert Exit.BUG == done.status
    assert "precious" == (folder / "result").read_text(encoding="utf-8")
    assert before == sorted(folder.iterdir())


def test_a_file_keeps_its_mode_and_its_links(run: Run, folder: Path) -> None:
    """A file that is replaced keeps its mode; a link to it stays one."""
    file, link = folder / "result", folder / "link"
    file.write_text("old", encoding="utf-8")
    file.chmod(0o640)
    link.symlink_to(file)

    run("rules", "-o", "link")

    assert link.is_symlink()
    assert 0o640 == file.stat().st_mode & 0o777
    assert file.read_text(encoding="utf-8").startswith("rule ")


@pytest.mark.slow
def test_a_pipe_is_written_to(folder: Path) -> None:
    """What is no file, such as bash's >(...), is written to and not replaced."""
    command = f"{shlex.quote(sys.executable)} -m peerlint rules -o >(head -c 4 >head); wait"

    done = subprocess.run(
        ["/bin/bash", "-c", command], cwd=folder, check=False, capture_output=True, text=True
    )

    assert (Exit.CLEAN, "") == (done.returncode, done.stderr)
    assert "rule" == (folder / "head").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ("no/such/result", "no/such/result: cannot be written: No such file or directory; there "
         "is no folder no/such"),
        ("one.mrt/result", "one.mrt/result: cannot be written: Not a directory"),
        (".", ".: cannot be written: it is a folder, name a file in it"),
        ("peering.toml", "peering.toml: the result would replace what it is made from"),
        ("./peering.toml", "./peering.toml: the result would replace what it is made from"),
        ("one.mrt", "one.mrt: the result would replace what it is made from"),
    ],
)  # fmt: skip
def test_where_no_result_can_go(run: Run, folder: Path, output: str, said: str) -> None:
    """A place that cannot be written, or that the result comes from, is said; the status is 2."""
    before = (folder / "peering.toml").read_bytes(), (folder / "one.mrt").read_bytes()

    done = run(*CHECK, "--output", output)

    assert (Exit.USAGE, "") == (done.status, done.out)
    assert f"peerlint: {said}" in done.err
    assert before == ((folder / "peering.toml").read_bytes(), (folder / "one.mrt").read_bytes())


# -- --quiet


def test_quiet_check_shows_the_totals(run: Run) -> None:
    """`-q` leaves the totals: the first and the last line of the screen."""
    done, loud = run(*CHECK, "-q"), run(*CHECK)

    lines = done.out.splitlines()
    assert "" == done.err
    assert [loud.out.splitlines()[0], loud.out.splitlines()[-1]] == lines
    assert "; 0 of 1 Verified" in lines[0]
    assert f"; exit {done.status:d}" in lines[1]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("check", "peering.toml", "--format", "json", *NOW), "no dump was read"),
        (
            ("check", "peering.toml", "--rib", "cut.mrt", "--format", "json", *NOW),
            "cut.mrt: damaged",
        ),
        (("scan", "cut.mrt"), "cut.mrt: damaged"),
        (("dump", "cut.mrt"), "cut.mrt: damaged"),
    ],
)
def test_quiet_says_nothing_beside_the_result(
    run: Run, arguments: tuple[str, ...], said: str
) -> None:
    """`-q` keeps remarks back; result and status stay."""
    loud, quiet = run(*arguments), run(*arguments, "--quiet")

    assert said in loud.err
    assert (loud.status, "") == (quiet.status, quiet.err)
    assert apart_from_time(loud.out) == apart_from_time(quiet.out)


def test_mistakes_are_never_quiet(run: Run) -> None:
    """Why nothing could be done is said whatever the user asked for."""
    done = run("check", "missing.toml", "-q")

    assert Exit.USAGE == done.status
    assert done.err.startswith("peerlint: missing.toml: ")


# -- --color


@pytest.mark.parametrize(
    ("option", "environment", "has_colors"),
    [
        ((), {}, False),
        ((), {"NO_COLOR": "1"}, False),
        ((), {"FORCE_COLOR": "1"}, True),
        ((), {"FORCE_COLOR": "1", "TERM": "dumb"}, True),
        # an empty variable is none (no-color.org)
        ((), {"FORCE_COLOR": ""}, False),
        ((), {"NO_COLOR": "", "FORCE_COLOR": "1"}, True),
        ((), {"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        (("--color", "auto"), {"FORCE_COLOR": "1"}, True),
        (("--color", "always"), {}, True),
        (("--color", "always"), {"NO_COLOR": "1", "TERM": "dumb"}, True),
        (("--color", "never"), {"FORCE_COLOR": "1"}, False),
        # a file has colors only if the option says so
        (("-o", "result"), {"FORCE_COLOR": "1"}, False),
        (("-o", "result", "--color", "always"), {}, True),
    ],
)
def test_colors(
    run: Run,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    option: tuple[str, ...],
    environment: dict[str, str],
    has_colors: bool,
) -> None:
    """The option decides, then NO_COLOR, then FORCE_COLOR, then whether there is a terminal."""
    plain = run(*CHECK).out
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    done = run(*CHECK, *option)

    text = (folder / "result").read_text(encoding="utf-8") if "-o" in option else done.out
    assert has_colors == (ESCAPE in text)
    assert (plain == text) == (not has_colors)


def test_machine_formats_have_no_colors(run: Run) -> None:
    """Colors are for text: JSON stays JSON."""
    assert json.loads(run(*CHECK, "--format", "json", "--color", "always").out)


@pytest.mark.slow
def test_pages_of_help_obey_the_environment(folder: Path) -> None:
    """NO_COLOR and FORCE_COLOR hold for help too."""

    def shown(**environment: str) -> bool:
        done = subprocess.run(
            [sys.executable, "-m", "peerlint", "check", "--help"],
            check=True, capture_output=True, text=True, cwd=folder,
            env={key: value for key, value in os.environ.items() if "COLOR" not in key}
            | {"TERM": "xterm"} | environment,
        )  # fmt: skip
        return ESCAPE + "3" in done.stdout

    assert (False, True) == (shown(NO_COLOR="1", FORCE_COLOR="1"), shown(FORCE_COLOR="1"))


# -- --verbose


def test_verbose_names_every_place(run: Run) -> None:
    """`--verbose` shows every place where something was seen; the rest of the page stays."""
    both = ("check", "peering.toml", "--rib", "one.mrt", "two.mrt", *NOW)
    short, long = run(*both).out, run(*both, "--verbose").out

    assert short.count("record at octet") < long.count("record at octet")
    assert run(*both, "-v").out == long


# -- several files after one option


@pytest.mark.parametrize(
    "arguments",
    [
        ("peering.toml", "--rib", "one.mrt", "--rib", "two.mrt"),
        ("peering.toml", "--rib", "one.mrt", "two.mrt"),
        ("--rib", "one.mrt", "two.mrt", "--format", "json", "peering.toml"),
        # the inventory is the one file that has to be there
        ("--rib", "one.mrt", "two.mrt", "peering.toml"),
        ("--rib", "one.mrt", "--rib", "two.mrt", "peering.toml"),
        ("--rib", "one.mrt", "two.mrt", "--", "peering.toml"),
        ("--format", "json", "--rib", "one.mrt", "two.mrt", "peering.toml", "--strict"),
    ],
)
def test_several_dumps(run: Run, arguments: tuple[str, ...]) -> None:
    """`--rib` takes several files, and may be given several times."""
    form = () if "--format" in arguments else ("--format=json",)
    done = run("check", *form, *arguments)

    assert "" == done.err
    assert ["one.mrt", "two.mrt"] == [each["name"] for each in json.loads(done.out)["sources"]]


def test_one_dump_before_the_inventory(run: Run) -> None:
    """A dump and the inventory behind one `--rib` are told apart."""
    done = run("check", "--rib", "one.mrt", "peering.toml", "--format", "json")

    assert ["one.mrt"] == [each["name"] for each in json.loads(done.out)["sources"]]


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("check --rib a b.toml --received c d", "check b.toml --rib a --received c d"),
        ("check --rib a b --received c d", "check d --rib a b --received c"),
        ("check --rib a --received b", None),
        ("check --strict", None),
        ("scan --prefix a b", None),
        ("", None),
    ],
)
def test_which_of_several_files_is_the_inventory(typed: str, expected: str | None) -> None:
    """The last of the files behind an option, one that ends with .toml before any other."""
    found = inventory_first(typed.split())

    assert expected == (None if found is None else " ".join(found))


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("scan -", "scan /dev/stdin"),
        ("check - -o -", "check /dev/stdin --output=-"),
        ("dump --output - -", "dump --output=- /dev/stdin"),
    ],
)
def test_hyphens(typed: str, expected: str) -> None:
    """A hyphen is standard input, and behind `--output` standard output."""
    assert expected == " ".join(prepared(typed.split()))


def test_an_option_for_files_without_any(run: Run) -> None:
    """`--rib` with no file is said, not taken for no dumps at all."""
    done = run("check", "peering.toml", "--rib")

    assert (Exit.USAGE, "") == (done.status, done.out)
    assert "--rib: expected [NAME=]FILE[@VIEW] behind it, found nothing" in done.err


# -- help


@pytest.mark.parametrize("command", program._COMMANDS)
def test_every_page_of_help_has_an_example_that_works(run: Run, command: str) -> None:
    """Each command's help ends with an example, which the parser takes."""
    page = " ".join(run(command, "--help").out.split())

    example = page.rpartition("Example: ")[2]
    words = shlex.split(example)
    assert ["peerlint", command] == words[:2]
    program._parsed(program._app(words[1:]), words[1:])


@pytest.mark.parametrize("command", [*program._COMMANDS, "import azure"])
def test_placeholders_say_what_is_wanted(run: Run, command: str) -> None:
    """No placeholder of an option is a type of Python's, and no flag has a default."""
    page = run(*command.split(), "--help").out

    words = page.replace(".", " ").split()
    assert [] == [word for word in words if word in ("STR", "INT", "BOOL", "TEXT")]
    assert "[default: False]" not in page


# -- what makes no sense


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("chek peering.toml", 'Did you mean "check"?'),
        ("check peering.toml --ribs one.mrt", "Did you mean --rib?"),
        ("check peering.toml --fail-on eror", 'Did you mean "error"?'),
        ("check peering.toml --format jsn", 'Did you mean "json"?'),
        ("check peering.toml --allow documantation", 'Did you mean "documentation"?'),
        ("check peering.toml --color allways", 'Did you mean "always"?'),
        ("check peering.toml --profile mapss", "profile: found 'mapss'; did you mean maps?"),
        ("check peering.toml two.toml", "expected no further arguments, found two.toml"),
        ("check peering.toml --without connection=asm-1",
         "--without: found 'asm-1'; did you mean ams-1?"),
        ("check peering.toml --without conection=ams-1", "did you mean connection=ams-1?"),
        ("explain route.prependin", "found 'route.prependin'; did you mean route.prepending?"),
        ("init mapss", "profile: found 'mapss'; did you mean maps?"),
        ("route 203.0.113.0/24 --view recieved", 'Did you mean "received"?'),
        ("route", "PREFIX is missing"),
        ("route 203.0.113.0/24 --path", "--path: expected 'ASN ASN ...' behind it, found nothing"),
        ("route 203.0.113.0/24",
         "peer AS: expected the AS that announces the route to AS8075, found nothing; "
         'give the path, leftmost that AS: --path "64500 64501"'),
        ("route 203.0.113.0/24 --path {64500,64501}",
         "the path {64500,64501} does not begin with one: give --peer-asn 64500"),
        ("route 203.0.113.0/24 --path 64501 --view loc-rib",
         "a path of the view loc-rib does not show it: give --peer-asn 64500"),
        ("scan one.mrt --jobs two", "--jobs: expected a whole number, found 'two'"),
        ("scan one.mrt --paths", "--paths: expected --out FILE, to write them to, found none"),
        ("import azure", "exports: expected files, or --subscription, found neither"),
    ],
)  # fmt: skip
def test_what_was_meant(run: Run, typed: str, said: str) -> None:
    """A mistyped word is answered with the one that was meant, a missing one with what it is."""
    done = run(*typed.split())

    assert (Exit.USAGE, "") == (done.status, done.out)
    assert said in done.err
    assert [] == [word for word in ("None", "Token", " int") if word in done.err]


def test_a_mistyped_name_of_a_dump_is_recognised(run: Run) -> None:
    """A name in front of a dump that no session has is answered with the one that was meant."""
    done = run("check", "peering.toml", "--rib", "asm-1=one.mrt", "--format", "json")

    assert "if asm-1 was meant as a name: did you mean ams-1?" in done.err


def test_a_mistyped_view_is_recognised(run: Run) -> None:
    """A word behind a dump that is no view is answered with the one that was meant."""
    done = run("check", "peering.toml", "--rib", "ams-1=one.mrt@recieved", "--format", "json")

    assert "if recieved was meant as a view: did you mean received?" in done.err


@pytest.mark.parametrize(
    "communities",
    [
        ("--community", "8075:8007 64500:1:2"),
        ("--community", "8075:8007,64500:1:2"),
        ("--community", "(8075, 8007) 64500:1:2"),
        ("--community", "8075:8007", "--community", "64500:1:2"),
    ],
)
def test_several_communities(run: Run, communities: tuple[str, ...]) -> None:
    """Communities stand in one text, with blanks or commas between them, or in several."""
    done = run(*ROUTE, *communities)

    assert (
        "203.0.113.0/24 path 64500 community 8075:8007 large 64500:1:2"
        == (done.out.splitlines()[0])
    )


@pytest.mark.parametrize("command", [CHECK, ("scan", "one.mrt")])
def test_a_place_is_refused_before_the_work(
    run: Run, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]
) -> None:
    """A folder that does not exist is said at once, not after a dump of an hour."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("the dump is read")

    monkeypatch.setattr("peerlint.api.checks.check", never)
    monkeypatch.setattr("peerlint.api.scan_all.scan", never)

    assert Exit.USAGE == run(*command, "-o", "no/such/result").status
