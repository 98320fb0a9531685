"""Progress, where a person sees it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

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


def test_jobs_say_how_many_dumps_are_done() -> None:
    """Several dumps at once: how many are done of how many."""
    said = on_a_terminal("scan", "--jobs", "2", str(DUMP), str(DUMP))

    assert "0 of 2 dumps" in said
    assert "2 of 2 dumps" in said


def test_short_work_needs_no_bar() -> None:
    """What takes less than a second shows nothing."""
    said = on_a_terminal("scan", str(DUMP))

    assert DUMP.name not in said
