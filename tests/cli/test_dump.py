"""`peerlint dump` as a program of its own: files, formats, filters, and every way to end."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from peerlint.cli.exits import Exit
from peerlint.testing.dumps import FeedSession, RibDump, UpdateDump

SESSION = FeedSession("2001:db8::1", 64501, "2001:db8::2", 8075)
RIB_LINES = [
    "TABLE_DUMP2|1795219200|B|192.0.2.1|64500|203.0.113.0/24|64500 64502|IGP|192.0.2.1|0|0"
    "|8075:8007|NAG||",
    "TABLE_DUMP2|1795219200|B|192.0.2.1|64500|198.51.100.0/24|64500|IGP|192.0.2.1|0|0||NAG||",
]
FEED_LINES = [
    "BGP4MP|1795219200|STATE|2001:db8::1|64501|5|6",
    "BGP4MP|1795219200|A|2001:db8::1|64501|2001:db8::/32|64501|IGP|2001:db8::1|0|0||NAG||",
    "BGP4MP|1795219200|W|2001:db8::1|64501|203.0.113.0/24",
]


def rib() -> bytes:
    """Return a table of two routes."""
    dump = RibDump()
    peer = dump.peer("192.0.2.1", 64500)
    dump.routes(peer, "203.0.113.0/24 path 64500 64502 community 8075:8007")
    return dump.routes(peer, "198.51.100.0/24 path 64500").octets()


def feed() -> bytes:
    """Return a change of state, an announcement and a withdrawal."""
    dump = UpdateDump().state_change(SESSION).announce(SESSION, "2001:db8::/32 path 64501")
    return dump.withdraw(SESSION, "203.0.113.0/24").octets()


@attrs.frozen
class Done:
    """What a run left behind."""

    status: int
    out: list[str]
    err: list[str]


@pytest.fixture(name="folder", scope="module")
def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make dumps, good and bad."""
    folder = tmp_path_factory.mktemp("dumps")
    (folder / "rib.gz").write_bytes(gzip.compress(rib()))
    (folder / "feed").write_bytes(feed())
    (folder / "cut.gz").write_bytes(gzip.compress(rib() + bytes(1 << 16))[:-40])
    (folder / "broken").write_bytes(rib()[:-3])
    (folder / "garbage").write_bytes(feed() + b"\xff" * 30 + feed())
    (folder / "text").write_text("one|two|three\n" * 20, encoding="ascii")
    (folder / "empty").write_bytes(b"")
    (folder / "old").write_bytes(UpdateDump().record(5, 1, bytes(20)).octets())  # type: ignore[arg-type]
    (folder / "folder").mkdir()
    (folder / "long").write_bytes(rib() * 5_000)
    return folder


def run(folder: Path, *arguments: str, stdin: bytes = b"") -> Done:
    """Run the program to its end; nothing that it says may be a traceback."""
    command = [sys.executable, "-m", "peerlint", "dump", *arguments]
    done = subprocess.run(
        command, check=False, capture_output=True, input=stdin, cwd=folder, timeout=120
    )
    assert b"Traceback" not in done.stderr
    return Done(
        done.returncode, done.stdout.decode().splitlines(), done.stderr.decode().splitlines()
    )


@pytest.mark.slow
def test_several_files(folder: Path) -> None:
    """Files are printed one after the other, in the order given, compressed or not."""
    expected = Done(Exit.CLEAN, [*FEED_LINES, *RIB_LINES], [])

    assert expected == run(folder, "feed", "rib.gz")


@pytest.mark.slow
@pytest.mark.parametrize("octets", [rib(), gzip.compress(rib())], ids=["plain", "gzip"])
def test_standard_input(folder: Path, octets: bytes) -> None:
    """A hyphen is standard input, in its place among the files."""
    expected = Done(Exit.CLEAN, [*RIB_LINES, *FEED_LINES], [])

    assert expected == run(folder, "-", "feed", stdin=octets)


def test_json(folder: Path) -> None:
    """One JSON object a line, with the file's name as typed."""
    done = run(folder, "rib.gz", "feed", "--format", "json")
    found: list[dict[str, Any]] = [json.loads(line) for line in done.out]

    assert (Exit.CLEAN, []) == (done.status, done.err)
    assert ["rib.gz"] * 2 + ["feed"] * 3 == [each["file"] for each in found]
    assert ["R", "R", "S", "A", "W"] == [each["elem_type"] for each in found]
    assert ["8075:8007"] == found[0]["communities"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("--prefix", "203.0.113.0/24"), [RIB_LINES[0], FEED_LINES[2]]),
        (("--prefix-more", "192.0.0.0/3"), [*RIB_LINES, FEED_LINES[2]]),
        (("--prefix-less", "203.0.113.1/32"), [RIB_LINES[0], FEED_LINES[2]]),
        (("--origin-asn", "64502"), RIB_LINES[:1]),
        (("--origin-asn", "64502", "--origin-asn", "64501"), [RIB_LINES[0], FEED_LINES[1]]),
        (("--origin-asn", "!64502"), [RIB_LINES[1], FEED_LINES[1]]),
        (("--peer-asn", "64501"), FEED_LINES),
        (("--peer-ip", "192.0.2.1"), RIB_LINES),
        (("--community", "8075:8007"), RIB_LINES[:1]),
        (("--community", "!8075:*"), [RIB_LINES[1], FEED_LINES[1]]),
        (("--as-path", "^64500$"), RIB_LINES[1:]),
        (("--as-path", "_64502_", "--prefix", "198.51.100.0/24"), []),
        (("--prefix", "!203.0.113.0/24", "--peer-asn", "64500"), RIB_LINES[1:]),
    ],
)
def test_filters(folder: Path, arguments: tuple[str, ...], expected: list[str]) -> None:
    """Each option narrows down; no line is no failure."""
    assert Done(Exit.CLEAN, expected, []) == run(folder, "rib.gz", "feed", *arguments)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "expected one dump at least, found none"),
        (("feed", "--prefix", "203.0.113.0/33"), "203.0.113.0/33"),
        (("feed", "--prefix-more", "nowhere"), "nowhere"),
        (("feed", "--origin-asn", "AS0x"), "AS0x"),
        (("feed", "--peer-ip", "192.0.2"), "192.0.2"),
        (("feed", "--community", "65536:0"), "65536:0"),
        (("feed", "--as-path", "("), "a regular expression"),
        (("feed", "--format", "xml"), "xml"),
        (("feed", "--colour"), "--colour"),
    ],
)
def test_wrong_arguments(folder: Path, arguments: tuple[str, ...], said: str) -> None:
    """What cannot be meant is exit status 2 with one clear sentence, before anything is printed."""
    done = run(folder, *arguments)

    assert (Exit.USAGE, []) == (done.status, done.out)
    assert said in " ".join(done.err)
    assert done.err[1:] in ([], ["See `peerlint dump --help`."])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "out", "said"),
    [
        ("missing", [], "peerlint: missing: "),
        ("folder", [], "peerlint: folder: "),
        ("empty", [], "peerlint: empty: "),
        ("text", [], "peerlint: text: "),
        ("cut.gz", RIB_LINES, "peerlint: cut.gz: "),
        ("broken", RIB_LINES[:1], "peerlint: broken: "),
        ("garbage", FEED_LINES * 2, "peerlint: garbage: "),
    ],
)
def test_what_cannot_be_read(folder: Path, name: str, out: list[str], said: str) -> None:
    """A dump that is missing or damaged is exit status 3; the others are still printed."""
    done = run(folder, "feed", name, "rib.gz")

    assert Exit.SOURCES == done.status
    assert [*FEED_LINES, *out, *RIB_LINES] == done.out
    assert done.err
    assert all(line.startswith(said) for line in done.err)


@pytest.mark.slow
def test_an_unsupported_type_is_said(folder: Path) -> None:
    """The records of 1999 are named on standard error; they are no damage."""
    done = run(folder, "old", "rib.gz")

    assert RIB_LINES == done.out
    assert any("peerlint: old: " in line for line in done.err)


@pytest.fixture(name="interruptible")
def _interruptible() -> Iterator[None]:
    """Let children get Ctrl-C: what starts the tests in the background may have it ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.slow
@pytest.mark.parametrize("arguments", [(), ("--format", "json")])
def test_a_closed_pipe_is_no_error(folder: Path, arguments: tuple[str, ...]) -> None:
    """`| head -1` ends the program quietly, after one line or before the first."""
    command = [sys.executable, "-m", "peerlint", "dump", "long", *arguments]
    for lines in (0, 1):
        reading, writing = os.pipe()
        with subprocess.Popen(
            command, stdout=writing, stderr=subprocess.PIPE, cwd=folder
        ) as process:
            os.close(writing)
            with os.fdopen(reading, "rb") as pipe:
                assert all(pipe.readline() for _ in range(lines))
            _, errors = process.communicate(timeout=120)

        assert (Exit.CLEAN, b"") == (process.returncode, errors)


@pytest.mark.slow
@pytest.mark.usefixtures("interruptible")
def test_interrupted_while_it_reads(folder: Path) -> None:
    """Ctrl-C while standard input is read is 130, without a traceback."""
    command = [sys.executable, "-m", "peerlint", "dump", "-"]
    with subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=folder,
    ) as process:
        assert process.stdin is not None
        process.stdin.write(bytes(1 << 20))  # more than a pipe holds: it is reading by now
        process.stdin.flush()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)

    assert Exit.INTERRUPTED == process.returncode
    assert b"Traceback" not in errors
