"""Progress, where a person sees it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from peerlint.cli import progress
from peerlint.feeds import Dump

DUMP = Path(__file__).parents[2] / "examples/contoso/dumps/microsoft.ams.mrt.gz"


def on_a_terminal(*arguments: str) -> str:
    """Run the program with a terminal as its standard error; return what stood there."""
    reader, terminal = pty.openpty()
    command = [sys.executable, "-m", "peerlint", *arguments]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=terminal) as program:
        os.close(terminal)
        said = b""
        while True:
            try:
                octets = os.read(reader, 4096)
            except OSError:  # Linux says so at the end of a terminal
                break
            if not octets:
                break
            said += octets
    os.close(reader)
    assert 0 == program.returncode
    return said.decode()


@pytest.mark.slow
def test_jobs_say_how_many_dumps_are_done() -> None:
    """Several dumps at once: how many are done of how many."""
    said = on_a_terminal("scan", "--jobs", "2", str(DUMP), str(DUMP))

    assert "0 of 2 dumps" in said
    assert "2 of 2 dumps" in said


@pytest.mark.slow
def test_short_work_needs_no_bar() -> None:
    """What takes less than a second shows nothing."""
    said = on_a_terminal("scan", str(DUMP))

    assert DUMP.name not in said


class Bars:
    """Notes what a bar is called."""

    def __init__(self) -> None:
        """Start with none."""
        self.names: list[str] = []

    def add_task(self, name: str, **_: object) -> int:
        """Note a name."""
        self.names.append(name)
        return 0

    def update(self, *_: object, **__: object) -> None:
        """Show nothing."""


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("http://noc:pw@127.0.0.1/rib?sig=abc", "http://...@127.0.0.1/rib?sig=..."),
        ("a\n::error::b[red]\u202e", r"a\n::error::b[red]\u202e"),
    ],
)
def test_names_of_dumps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, shown: str
) -> None:
    """A bar has the name of its dump, on one line, without what gives access."""
    bars = Bars()
    monkeypatch.setattr(progress, "PROGRESS_DELAY", 0)
    monkeypatch.setattr(progress, "_bars", lambda *, quiet: nullcontext(None if quiet else bars))
    (tmp_path / "rib").touch()

    with progress.progress() as on_chunk:
        assert on_chunk is not None
        on_chunk(Dump(name, None if name.startswith("http") else tmp_path / "rib"))

    assert [shown] == bars.names
