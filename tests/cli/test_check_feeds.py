"""`peerlint check` with live feeds: options, remarks and exit status."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from peerlint.cli import main as program
from peerlint.cli.exits import Exit

CONTOSO: Final = Path(__file__).resolve().parents[2] / "examples" / "contoso"
INVENTORY: Final = str(CONTOSO / "peering.toml")
PREFIX: Final = "203.0.113.0/24"
#: Seconds until a program that does not end is a failure.
BOUND: Final = 60
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(name="run")
def _run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `check`, and returns status, output and errors."""

    def run(*words: str) -> tuple[int, str, str]:
        status = program.run(["check", INVENTORY, *words])
        output, errors = capsys.readouterr()
        return status, output, errors

    return run


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--for", "5s"), "--for: expected a live feed with it, such as --bmp, found '5s'"),
        (("--bmp-from", "192.0.2.1"), "--bmp-from: expected --bmp with it, found '192.0.2.1'"),
        (("--bmp", "192.0.2.10"), "--bmp: expected an address and a port"),
        (("--bmp", "192.0.2.10:11019"), "--bmp-from: expected the addresses of the routers"),
        (("--bmp", "127.0.0.1:0", "--bmp-from", "x"), "--bmp-from: expected an address or network"),
        (("--bmp", "127.0.0.1:0", "--for", "soon"), "--for: expected a duration"),
        (("--bmp", "127.0.0.1:0", "--for", "off"), "--for: expected a duration"),
        (("--bgpstream", "rrc00"), "--bgpstream: expected KEY=VALUE with an argument"),
        (("--exabgp", "/nonexistent"), "/nonexistent: No such file or directory"),
    ],
)
def test_mistakes(run: Run, words: tuple[str, ...], expected: str) -> None:
    """A wrong option is exit status 2, with the option and what was expected."""
    status, _, errors = run(*words)

    assert status == Exit.USAGE
    assert expected in errors


def test_pybgpstream_is_missing(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without pybgpstream, the error says how to get it."""
    monkeypatch.setitem(sys.modules, "pybgpstream", None)

    status, _, errors = run("--bgpstream", "collectors=rrc00")

    assert status == Exit.USAGE
    assert "install CAIDA's libbgpstream" in errors
    assert "pip install 'peerlint[bgpstream]'" in errors


def test_pybgpstream_gets_its_arguments(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Lists are divided at commas; a stream without routes is a source that shows nothing."""
    given: list[dict[str, Any]] = []

    class BGPStream(list[object]):
        """A stream without records."""

        def __init__(self, **arguments: object) -> None:
            super().__init__()
            given.append(arguments)

        @staticmethod
        def _datestr_to_epoch(text: str) -> int:
            assert text == "2026-11-21 10:00"
            return 1_795_255_200

    monkeypatch.setitem(sys.modules, "pybgpstream", type("module", (), {"BGPStream": BGPStream}))

    status, output, _ = run(
        "--bgpstream",
        "collectors=rrc00,rrc01",
        f"filter=prefix any {PREFIX}",
        "until_time=2026-11-21 10:00",
    )

    assert status == Exit.SOURCES
    assert given == [
        {
            "collectors": ["rrc00", "rrc01"],
            "filter": f"prefix any {PREFIX}",
            "until_time": "2026-11-21 10:00",
        }
    ]
    assert "bgpstream: no message came" in output


def test_nobody_connects(run: Run) -> None:
    """A listener to which no router connects is a source that could not be read: status 3."""
    status, output, errors = run("--bmp", "127.0.0.1:0", "--for", "1s")

    assert status == Exit.SOURCES
    assert "bmp 127.0.0.1:0: listening for up to 1s" in errors
    assert "no router connected" in output


def test_a_folder_equals_its_dumps(run: Run) -> None:
    """The dump of a router in a folder shows the same as the dump."""
    folder = CONTOSO / "dumps"
    now = ("--now", "2026-11-21T12:00:00Z", "--format", "json")
    _, of_folder, _ = run("--follow", f"edge1.ams={folder}", "--for", "2s", *now)

    found = json.loads(of_folder)
    (source,) = found["sources"]
    assert source["live"]
    assert source["sessions"]["ams-1"]["view"] == "loc-rib"


def test_lines_that_cannot_be_read(run: Run, tmp_path: Path) -> None:
    """A line that cannot be read is named, and is no silence."""
    file = tmp_path / "lines.json"
    file.write_text("{}\n")

    status, output, _ = run("--exabgp", str(file))

    assert status == Exit.SOURCES
    text = " ".join(output.split())
    assert "no message came; events may be missing: line 1: exabgp: expected a string" in text


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_listening(number: signal.Signals) -> None:
    """A signal ends the program at once with its status, and without a traceback."""
    words = [sys.executable, "-m", "peerlint", "check", INVENTORY, "--bmp", "127.0.0.1:0"]
    with subprocess.Popen(
        [*words, "--for", "10m"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_with_default_signals,  # noqa: PLW1509  # no threads yet
    ) as found:
        assert found.stderr is not None
        assert "listening" in found.stderr.readline()
        found.send_signal(number)
        output, errors = found.communicate(timeout=BOUND)

    assert found.returncode == 128 + number
    assert (output, errors) == ("", "")


def _with_default_signals() -> None:
    """Undo what a shell does for programs in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
