"""`peerlint scan`: what is counted, what is written, and what it refuses."""

from __future__ import annotations

import csv
import fcntl
import gzip
import json
import os
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import attrs
import pytest
from pyarrow import parquet

from peerlint.cli import main as program
from peerlint.cli.exits import Exit
from peerlint.model import Fact
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump
from peerlint.wire.mrt import MrtType

TAG: Final = "community 8075:8007"
#: What two peers show; the numbers in brackets are asked for below.
FIRST: Final = (
    f"203.0.113.0/24 path 64500 64501 {TAG}",
    "198.51.100.0/24 path 64500 64501 64502 64503",  # [too long, no community]
    "192.0.2.0/24 path 64500 64510 64510 large 8075:8007:0",  # [prepended, wrong type]
)
SECOND: Final = (
    "203.0.113.0/24 path 64496 64501 extended rt:8075:8007",  # [wrong type]
    f"2001:db8::/32 path 64496 {TAG}",
)


@attrs.frozen
class Done:
    """What a run left behind."""

    status: int
    out: str
    err: str


Run = Callable[..., Done]


@pytest.fixture(name="run")
def _run(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Run the program in this process, in the folder."""
    monkeypatch.chdir(folder)

    def run(*arguments: str) -> Done:
        status = program.run(("scan", *arguments, "--allow", "documentation"))
        said = capsys.readouterr()
        return Done(status, said.out, said.err)

    return run


@pytest.fixture(name="folder")
def _folder(tmp_path: Path) -> Path:
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.1", 64500), *FIRST)
    rib.routes(rib.peer("2001:db8::2", 64496), *SECOND)
    (tmp_path / "rib.gz").write_bytes(gzip.compress(rib.octets()))
    feed = UpdateDump()
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", 64511)
    feed.announce(session, f"203.0.113.0/24 path 64500 {TAG}")
    feed.withdraw(session, "203.0.113.0/24")
    (tmp_path / "updates").write_bytes(feed.octets())
    (tmp_path / "cut").write_bytes(rib.octets()[:-3])
    return tmp_path


def counted(done: Done) -> dict[str, Any]:
    """Return what a run with `--format json` says."""
    found: dict[str, Any] = json.loads(done.out)
    return found


@pytest.mark.parametrize(
    ("options", "routes"),
    [
        ((), 5),
        (("--prefix", "203.0.113.128/25"), 2),
        (("--prefix", "203.0.113.0/24", "--prefix", "2001:db8:1::/48"), 3),
        (("--peer-asn", "64496"), 2),
        (("--peer-asn", "AS64496", "--peer-asn", "64500"), 5),
        (("--peer-asn", "64511"), 0),
        (("--origin-asn", "64501"), 2),
        (("--origin-asn", "64501", "--origin-asn", "64510"), 3),
        (("--origin-asn", "64501", "--peer-asn", "64496"), 1),
        (("--rule", "route.community-missing"), 3),
        (("--rule", "route.as-path-length"), 1),
        (("--rule", "route.as-path-length", "--rule", "route.prepending"), 2),
        (("--rule", "route.community-wrong-type", "--prefix", "192.0.2.0/24"), 1),
        (("--rule", "route.community-missing", "--community", "64500:9"), 5),
    ],
)
def test_filters(run: Run, options: tuple[str, ...], routes: int) -> None:
    """An option given twice asks for either; different options must all hold."""
    assert routes == counted(run("rib.gz", "--format", "json", *options))["routes"]


def test_counts(run: Run) -> None:
    """Everything that is counted: by fact, rule, peer, origin, path length, and prefixes."""
    data = counted(run("rib.gz", "updates", "--format", "json"))

    assert ("peerlint/scan/1", 6, 1) == (data["schema"], data["routes"], data["withdrawals"])
    assert {"distinct": 4, "at_least": False} == data["prefixes"]
    assert (3, 1, 1) == tuple(data["facts"][name] for name in ("TAGGED", "PREPENDED", "IPV6"))
    assert (3, 2) == tuple(
        data["rules"][name] for name in ("route.community-missing", "route.community-wrong-type")
    )
    assert {"1": 2, "2": 2, "3": 1, "4": 1} == data["path_lengths"]
    assert [3, 2] == [each["routes"] for each in data["peers"]][:2]
    by_origin = {each["asn"]: (each["routes"], each["faulty"]) for each in data["origins"]}
    assert {64500: (1, 0), 64496: (1, 1), 64501: (2, 1), 64503: (1, 1), 64510: (1, 1)} == by_origin
    assert ["rib.gz", "updates"] == [each["name"] for each in data["sources"]]


def test_a_rule_asked_for_is_the_one_to_blame(run: Run) -> None:
    """With `--rule`, the routes on which that rule fires are violating."""
    data = counted(run("rib.gz", "--rule", "route.community-missing", "--format", "json"))

    assert [(2, 2), (1, 1)] == [(each["routes"], each["faulty"]) for each in data["peers"]]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), None),
        (("--community", "64500:9"), None),
        (("--rule", "route.prepending"), "1 violating route (100.00%), on which "
         "route.prepending fires"),
        (("--profile", "maps"), "4 violating routes (80.00%), on which a rule that is an "
         "error in the profile maps fires"),
        (("--profile", "mine.toml"), "1 violating route (20.00%), on which a rule that is an "
         "error in the profile mine.toml fires"),
    ],
)  # fmt: skip
def test_violating_routes_need_a_rule_or_profile(
    run: Run, folder: Path, options: tuple[str, ...], said: str | None
) -> None:
    """Violating routes are counted only with a rule or a profile."""
    off = ("route.community-missing", "route.as-path-length", "route.prepending")
    rules = "".join(f'"{rule}" = {{ level = "off" }}\n' for rule in off)
    (folder / "mine.toml").write_text(f'extends = "maps"\n[rules]\n{rules}', encoding="utf-8")

    done = run("rib.gz", *options)

    assert Exit.CLEAN == done.status, done.err
    if said is None:
        assert "violating" not in done.out
    else:
        assert said in done.out.splitlines()
    assert ("mine.toml" in options) == ("route.community-missing" not in done.out)


def test_a_profile_says_what_is_looked_for(run: Run, folder: Path) -> None:
    """Community and longest path are the profile's; an option still comes first."""
    text = 'extends = "maps"\n[parameters]\ncommunity = "64500:9"\nmax_path = 4\n'
    (folder / "mine.toml").write_text(text, encoding="utf-8")

    def missing(*options: str) -> tuple[int, int]:
        data = counted(run("rib.gz", "--format", "json", *options))
        return data["rules"]["route.community-missing"], data["rules"]["route.as-path-length"]

    assert (3, 1) == missing("--profile", "maps")
    assert (5, 0) == missing("--profile", "mine.toml")
    assert (3, 0) == missing("--profile", "mine.toml", "--community", "8075:8007")


def nothing() -> dict[str, bytes]:
    """Return dumps without a route, and some in which there may be one."""
    empty, filled = RibDump(), RibDump()
    empty.peer("192.0.2.1", 64500)
    filled.routes(filled.peer("192.0.2.1", 64500), *FIRST)
    session = FeedSession("192.0.2.1", 64500, "192.0.2.0", 64511)
    return {
        "peers": empty.octets(),
        "quiet": UpdateDump().open(session).state_change(session).end_of_rib(session).octets(),
        "ospf": UpdateDump().record(MrtType.OSPFV2, 0, bytes(4)).octets(),
        "withdrawal": UpdateDump().withdraw(session, "203.0.113.0/24").octets(),
        "rib": filled.octets(),
    }


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "expected", "said"),
    [
        (("peers",), Exit.SOURCES, ["peers"]),
        (("quiet",), Exit.SOURCES, ["quiet"]),
        (("peers", "quiet"), Exit.SOURCES, ["peers", "quiet"]),
        (("peers", "quiet", "--jobs", "2"), Exit.SOURCES, ["peers", "quiet"]),
        (("peers", "--format", "json"), Exit.SOURCES, ["peers"]),
        (("peers", "rib"), Exit.CLEAN, ["peers"]),
        (("ospf",), Exit.CLEAN, []),
        (("withdrawal",), Exit.CLEAN, []),
        # What is asked for is not there; routes are.
        (("rib", "--prefix", "20.0.0.0/8"), Exit.CLEAN, []),
        (("rib", "--peer-asn", "64511"), Exit.CLEAN, []),
        (("rib", "--origin-asn", "64511"), Exit.CLEAN, []),
    ],
)
def test_nothing_read_is_no_success(
    run: Run, folder: Path, arguments: tuple[str, ...], expected: Exit, said: list[str]
) -> None:
    """Dumps that can be read, and in none of them a route: exit status 3, and that is said."""
    for name, octets in nothing().items():
        (folder / name).write_bytes(octets)

    done = run(*arguments)

    assert expected == done.status
    assert said == [
        line.split(": ")[1] for line in done.err.splitlines() if line.endswith("no route in it")
    ]
    assert ("no route was read" in done.err) == (expected == Exit.SOURCES)


@pytest.mark.parametrize("jobs", ["2", "9"])
def test_jobs_change_nothing(run: Run, jobs: str) -> None:
    """Several processes give what one gives, in the order of the dumps."""
    dumps = ("rib.gz", "cut", "updates", "nowhere")
    alone = run(*dumps, "--format", "json")
    together = run(*dumps, "--format", "json", "--jobs", jobs)

    assert alone == together
    assert Exit.SOURCES == together.status


def test_parquet(run: Run, folder: Path) -> None:
    """A Parquet file has the columns of `to_arrow`, Zstandard, and the names of the facts."""
    done = run("rib.gz", "updates", "--out", "routes.parquet", "--paths")

    table = parquet.read_table(folder / "routes.parquet")
    rows = table.to_pylist()
    names = json.loads(table.schema.field("facts").metadata[b"facts"])
    metadata = parquet.ParquetFile(folder / "routes.parquet").metadata
    assert Exit.CLEAN == done.status
    assert {"ZSTD"} == {
        metadata.row_group(0).column(at).compression for at in range(metadata.num_columns)
    }
    assert {"203.0.113.0/24", "198.51.100.0/24", "192.0.2.0/24", "2001:db8::/32"} == {
        row["prefix"] for row in rows
    }
    assert {fact.name: int(fact) for fact in Fact} == names
    (long,) = [row for row in rows if row["facts"] & names["LONG_PATH"]]
    assert ("rib", "192.0.2.1", 64500) == (long["kind"], long["peer"], long["peer_asn"])
    assert ("64500 64501 64502 64503", 64503, 4) == (
        long["path"], long["origin"], long["path_length"],
    )  # fmt: skip
    assert {"8075:8007", "8075:8007:0", "rt:8075:8007"} == {
        text for row in rows for text in row["communities"]
    }
    assert (None, None) == (rows[-1]["origin"], rows[-1]["path"])


def test_csv(run: Run, folder: Path) -> None:
    """A CSV file has a head line; facts and communities are words with blanks between."""
    run("rib.gz", "--out", "routes.csv", "--paths")

    with (folder / "routes.csv").open(encoding="utf-8", newline="") as file:
        rows = {row["prefix"] + row["peer"]: row for row in csv.DictReader(file)}
    tagged = rows["203.0.113.0/24192.0.2.1"]
    assert 5 == len(rows)
    assert ("TAGGED", "8075:8007", "64500 64501", "64501", "2", "") == tuple(
        tagged[name]
        for name in ("facts", "communities", "path", "origin", "path_length", "path_id")
    )
    assert "PREPENDED" in rows["192.0.2.0/24192.0.2.1"]["facts"].split()


def test_json_lines(run: Run, folder: Path) -> None:
    """A JSON lines file has an object a line; what a route lacks is null."""
    run("updates", "--out", "routes.jsonl")

    announced, withdrawn = (
        json.loads(line) for line in (folder / "routes.jsonl").read_text().splitlines()
    )
    assert ("announce", ["TAGGED"], 64500) == tuple(
        announced[name] for name in ("kind", "facts", "origin")
    )
    assert ("withdraw", [], None) == tuple(withdrawn[name] for name in ("kind", "facts", "origin"))
    assert "path" not in announced


@pytest.mark.parametrize("name", ["all.parquet", "all.csv", "all.jsonl"])
def test_filters_apply_to_files(run: Run, folder: Path, name: str) -> None:
    """Only the routes that are asked for are written."""
    run("rib.gz", "--rule", "route.as-path-length", "--out", name)

    path = folder / name
    if path.suffix == ".parquet":
        assert 1 == parquet.read_table(path).num_rows
    else:
        assert {".csv": 2, ".jsonl": 1}[path.suffix] == len(path.read_text().splitlines())


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--out", "routes.txt"), "expected a name that ends with .parquet, .csv or .jsonl"),
        (("--out", "rib.gz"), "expected a name that ends with"),
        (("--out", "there.csv"), "expected a file that does not exist yet"),
        (("--out", "no/routes.csv"), "expected a folder that exists"),
        (("--out", "no/routes.jsonl"), "expected a folder that exists"),
        (("--out", "no/routes.parquet"), "expected a folder that exists"),
        (("--out", "rib.gz/routes.parquet"), "expected a folder that exists"),
        (("--out", "new.csv", "--jobs", "2"), "expected 1 with --out"),
        (("--jobs", "0"), "expected 1 or more"),
        (("--paths",), "expected --out FILE"),
        (("--peer-asn", "x"), "AS number: expected"),
        (("--rule", "route.none"), "rule: expected a rule about a single route"),
        (("--rule", "topology.bfd"), "rule: expected a rule about a single route"),
        (("--rule", "route.prepend"), "did you mean route.prepending?"),
        (("--profile", "mapss"), "did you mean maps?"),
        (("--jobs", "two"), "--jobs: expected a whole number, found 'two'"),
    ],
)
def test_what_is_refused(run: Run, folder: Path, options: tuple[str, ...], reason: str) -> None:
    """A wrong option is said before a dump is read, and no file is touched."""
    (folder / "there.csv").write_text("precious")
    before = sorted(folder.iterdir())

    done = run("rib.gz", *options)

    assert (Exit.USAGE, "") == (done.status, done.out)
    assert reason in done.err
    assert "precious" == (folder / "there.csv").read_text()
    assert before == sorted(folder.iterdir())


def test_a_damaged_dump_is_written_as_far_as_it_goes(run: Run, folder: Path) -> None:
    """What could be read is in the file; the exit status says that there was more."""
    done = run("cut", "--out", "routes.jsonl")

    assert Exit.SOURCES == done.status
    assert 0 < len((folder / "routes.jsonl").read_text().splitlines()) <= 5


@pytest.mark.slow
def test_without_pyarrow(folder: Path) -> None:
    """Without the extra, Parquet says what to install; CSV needs nothing."""
    script = (
        "import sys; sys.modules['pyarrow'] = None; from peerlint.cli.main import run;"
        "print([run(['scan', 'rib.gz', '--out', name]) for name in ('r.parquet', 'r.csv')][:])"
    )

    done = subprocess.run(
        [sys.executable, "-c", script], cwd=folder, capture_output=True, text=True, check=True
    )

    assert "pip install 'peerlint[arrow]'" in done.stderr
    assert done.stdout.endswith("[<Exit.USAGE: 2>, <Exit.CLEAN: 0>]\n")
    assert not (folder / "r.parquet").exists()


@pytest.mark.slow
def test_ctrl_c_leaves_no_half_file(folder: Path) -> None:
    """Ctrl-C while a pipe is silent ends the program at once, and its file is not there."""
    with subprocess.Popen(
        [sys.executable, "-m", "peerlint", "scan", "-", "--out", "routes.csv"],
        cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    ) as running:  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not list(folder.glob(".routes.csv.*")):
            time.sleep(0.05)
        os.kill(running.pid, signal.SIGINT)
        # Its standard input stays open: nobody else ends the read-ahead thread.
        assert Exit.INTERRUPTED == running.wait(30)

    assert [] == list(folder.glob("*routes.csv*"))


@pytest.mark.slow
def test_ctrl_c_ends_every_process(folder: Path) -> None:
    """Ctrl-C ends the program while its processes wait for octets, and them with it."""
    pipes = [folder / "one", folder / "two"]
    writers = []
    for pipe in pipes:
        os.mkfifo(pipe)
        writers.append(os.open(pipe, os.O_RDWR))
        os.write(writers[-1], b"MRT")
    with subprocess.Popen(
        [sys.executable, "-m", "peerlint", "scan", *map(str, pipes), "--jobs", "2"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # noqa: PLW1509
    ) as running:  # fmt: skip
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and not all(map(_is_drained, writers)):
            time.sleep(0.05)
        os.kill(running.pid, signal.SIGINT)
        # Its output ends only when the last process that holds it does.
        running.communicate(timeout=30)

    assert Exit.INTERRUPTED == running.returncode
    for writer in writers:
        os.close(writer)


def _is_drained(pipe: int) -> bool:
    """Whether somebody took what was written into a pipe."""
    waiting = bytearray(4)
    fcntl.ioctl(pipe, termios.FIONREAD, waiting)
    return not any(waiting)
