"""`peerlint watch`: options, mistakes, and how it ends."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Timer
from typing import Final

import pytest
from tests.cli.doubles.signals import signals_reach_programs

from peerlint.cli import main as program
from peerlint.cli import watching
from peerlint.cli.exits import Exit

EXAMPLE: Final = Path(__file__).resolve().parents[2] / "examples" / "direct" / "peering.toml"
BMP: Final = ("--bmp", "127.0.0.1:0")
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(name="run")
def _run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs `watch`, and returns status, output and errors."""

    def run(*words: str) -> tuple[int, str, str]:
        status = program.run(["watch", str(EXAMPLE), *words])
        output, errors = capsys.readouterr()
        return status, output, errors

    return run


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "watch: expected a live feed: --bmp, --ris-live"),
        (("--bmp-from", "192.0.2.1"), "--bmp-from: expected --bmp with it"),
        ((*BMP, "--alert", "mail:noc@example.net"), "--alert: expected jsonl:PATH"),
        ((*BMP, "--listen", "here"), "--listen: expected an address and a port, such as 127.0"),
        ((*BMP, "--listen", "192.0.2.1:9480"), "--listen: expected a loopback address"),
        ((*BMP, "--state", "/nonexistent/watch.db"), "/nonexistent"),
        ((*BMP, "--state", str(EXAMPLE)), "would replace what it is made from"),
        ((*BMP, "--profile", "none"), "profile: expected direct, partner"),
        (("--bmp", "192.0.2.1:1", "--bmp-from", "192.0.2.2"), "192.0.2.1:1: "),
    ],
)
def test_mistakes(run: Run, words: tuple[str, ...], expected: str) -> None:
    """A mistake is exit status 2, with what was expected, and without a traceback."""
    status, output, errors = run(*words)

    assert (status, output) == (Exit.USAGE, "")
    assert expected in errors
    assert "Traceback" not in errors


def test_all_feeds_end(run: Run, tmp_path: Path) -> None:
    """When nothing can be read any more, the status is 3, and the last line says so."""
    (tmp_path / "lines.json").write_text("")

    status, _, errors = run("--exabgp", str(tmp_path / "lines.json"))

    assert status == Exit.SOURCES
    assert errors.endswith("all feeds have ended, and none of them can be opened again\n")


@pytest.fixture(autouse=True, scope="module")
def _signals_reach_the_program() -> Iterator[None]:
    """See `signals_reach_programs`."""
    with signals_reach_programs():
        yield


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_an_orderly_end(run: Run, number: signal.Signals) -> None:
    """A signal that asks it to end is obeyed, and the handlers are those from before."""
    before = [signal.getsignal(each) for each in (number, signal.SIGHUP)]
    timer = Timer(1, os.kill, (os.getpid(), number))
    timer.start()
    status, output, _ = run(*BMP, "--quiet", "--alert", "jsonl:-")
    timer.join()

    assert (status, output) == (Exit.CLEAN, "")
    assert before == [signal.getsignal(each) for each in (number, signal.SIGHUP)]


def test_something_is_not_delivered(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """If it cannot deliver everything in time, the status is that of the signal."""

    async def undelivered(*_: object, control: watching.WatchControl, **__: object) -> object:
        os.kill(os.getpid(), signal.SIGTERM)
        while not control._is_stopped:
            await watching.asyncio.sleep(0.01)
        return watching.WatchEnd.UNDELIVERED

    monkeypatch.setattr(watching, "watch", undelivered)
    status, _, errors = run(*BMP)

    assert status == Exit.TERMINATED
    assert "some alerts are not delivered yet" in errors
