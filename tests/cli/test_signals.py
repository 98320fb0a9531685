"""Signals end the program with the status of their number, and leave nothing behind."""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from signal import SIGHUP, SIGINT, SIGKILL, SIGTERM, Signals

import pytest
from tests.cli.doubles.signals import signals_reach_programs

from peerlint.cli.signals import EndingSignals
from peerlint.testing.dumps import RibDump

#: A program that is interrupted has this status: 128 and the number of the signal.
STATUS = {SIGINT: 130, SIGTERM: 143, SIGHUP: 129}
#: Seconds after which something that should happen at once counts as hanging.
PROGRESS_DELAY = 30

SCAN = ["scan", "{fifo}", "--out"]
DUMP = ["dump", "{fifo}"]


@pytest.fixture
def fifo(tmp_path: Path) -> Iterator[tuple[Path, int]]:
    """Give a named pipe with a dump in it that does not end, and the end that is written to."""
    path = tmp_path / "dump.mrt"
    os.mkfifo(path)
    end = os.open(path, os.O_RDWR)  # opens without waiting for a reader
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.1", 64500), "203.0.113.0/24 path 64500")
    os.write(end, rib.octets())
    yield path, end
    os.close(end)


@pytest.fixture(autouse=True, scope="module")
def _signals_reach_the_program() -> Iterator[None]:
    """See `signals_reach_programs`."""
    with signals_reach_programs():
        yield


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    """Start the program in a folder."""
    return subprocess.Popen(
        [sys.executable, "-m", "peerlint", *words],
        cwd=folder,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def parts(folder: Path) -> list[str]:
    """Return the names of temporary files."""
    return [each.name for each in folder.iterdir() if each.name.startswith(".")]


def until_there_is_a_part(folder: Path, program: subprocess.Popen[bytes]) -> None:
    """Wait until the program is in the middle of its work."""
    end = time.monotonic() + PROGRESS_DELAY
    while not parts(folder):
        assert program.poll() is None, program.communicate()
        assert time.monotonic() < end, "nothing is written"
        time.sleep(0.01)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "number"),
    [
        ([*SCAN, "routes.csv"], SIGINT),
        ([*SCAN, "routes.csv"], SIGTERM),
        ([*SCAN, "routes.csv"], SIGHUP),
        ([*SCAN, "routes.jsonl"], SIGTERM),
        ([*SCAN, "routes.parquet"], SIGTERM),
        ([*DUMP, "--output", "lines.txt"], SIGTERM),
        ([*DUMP, "--format", "json", "-o", "lines.json"], SIGHUP),
    ],
)
def test_nothing_is_left(
    tmp_path: Path, fifo: tuple[Path, int], words: list[str], number: Signals
) -> None:
    """Whatever is being written is gone, and no traceback is printed."""
    program = start(tmp_path, *(word.format(fifo=fifo[0]) for word in words))
    until_there_is_a_part(tmp_path, program)
    program.send_signal(number)
    _, said = program.communicate(timeout=PROGRESS_DELAY)

    assert (program.returncode, said) == (STATUS[number], b"")
    assert [each.name for each in tmp_path.iterdir()] == [fifo[0].name]


@pytest.mark.slow
@pytest.mark.parametrize(
    "numbers",
    [(SIGTERM, SIGTERM), (SIGHUP, SIGTERM), (SIGTERM, SIGHUP, SIGINT), (SIGINT,) * 5],
    ids=lambda numbers: " ".join(each.name for each in numbers),
)
def test_several_signals(
    tmp_path: Path, fifo: tuple[Path, int], numbers: tuple[Signals, ...]
) -> None:
    """Supervisors and closed terminals send several: one of them ends it, as cleanly."""
    program = start(tmp_path, "scan", str(fifo[0]), "--out", "routes.csv")
    until_there_is_a_part(tmp_path, program)
    for number in numbers:
        program.send_signal(number)
    _, said = program.communicate(timeout=PROGRESS_DELAY)

    assert program.returncode in {STATUS[each] for each in numbers}
    assert (said, parts(tmp_path)) == (b"", [])


@pytest.mark.slow
def test_an_old_file_stays(tmp_path: Path, fifo: tuple[Path, int]) -> None:
    """A result that an interrupted program would have replaced is what it was."""
    (tmp_path / "lines.txt").write_text("before\n")
    program = start(tmp_path, "dump", str(fifo[0]), "--output", "lines.txt")
    until_there_is_a_part(tmp_path, program)
    program.send_signal(SIGTERM)
    program.communicate(timeout=PROGRESS_DELAY)

    assert program.returncode == 143
    assert (tmp_path / "lines.txt").read_text() == "before\n"


@pytest.mark.slow
@pytest.mark.parametrize("number", [SIGTERM, SIGHUP, SIGKILL], ids=lambda number: number.name)
def test_workers_end_too(tmp_path: Path, number: Signals) -> None:
    """The processes of --jobs end with their parent, even where it is killed."""
    pipes = []
    for name in ("a.mrt", "b.mrt"):
        os.mkfifo(tmp_path / name)
        pipes.append(os.open(tmp_path / name, os.O_RDWR))
    program = start(tmp_path, "scan", "a.mrt", "b.mrt", "--jobs", "2")
    writers = []
    try:
        for name, pipe in zip(("a.mrt", "b.mrt"), pipes, strict=True):
            os.write(pipe, bytes(12))
            writers.append(os.open(tmp_path / name, os.O_WRONLY))
            while select.select([pipe], [], [], 0)[0]:  # until a worker has taken the octets
                assert program.poll() is None, program.communicate()
                time.sleep(0.01)
            os.close(pipe)
        program.send_signal(number)
        assert program.wait(PROGRESS_DELAY) == STATUS.get(number, -number)
        for writer in writers:
            # The last reader is gone: a worker that lives on would hold its pipe open.
            watch = select.poll()
            watch.register(writer, 0)
            assert watch.poll(PROGRESS_DELAY * 1000)
    finally:
        for writer in writers:
            os.close(writer)
        program.kill()
        program.communicate()


@pytest.mark.slow
def test_a_worker_that_is_killed(tmp_path: Path) -> None:
    """A worker that the system ends is no mistake of ours: a sentence, and status 2."""
    os.mkfifo(tmp_path / "a.mrt")
    pipe = os.open(tmp_path / "a.mrt", os.O_RDWR)
    os.write(pipe, bytes(12))
    program = start(tmp_path, "scan", "a.mrt", "a.mrt", "--jobs", "2")
    while select.select([pipe], [], [], 0)[0]:
        assert program.poll() is None, program.communicate()
        time.sleep(0.01)
    for worker in readers(tmp_path / "a.mrt"):
        with suppress(ProcessLookupError):  # it has ended with the first one
            os.kill(worker, SIGKILL)
    _, said = program.communicate(timeout=PROGRESS_DELAY)
    os.close(pipe)

    assert (program.returncode, said.count(b"\n")) == (2, 1)
    assert b"a process that reads a dump was ended" in said


def readers(pipe: Path) -> set[int]:
    """Return the processes other than this one that have a pipe open (Linux)."""
    found = set()
    for each in Path("/proc").glob("[0-9]*/fd/*"):
        number = int(each.parts[2])
        try:
            if number != os.getpid() and each.readlink() == pipe:
                found.add(number)
        except OSError:  # it has ended
            continue
    return found


@pytest.mark.slow
def test_nohup(tmp_path: Path, fifo: tuple[Path, int]) -> None:
    """A signal that the caller has had ignored is ignored."""
    program = subprocess.Popen(
        ["nohup", sys.executable, "-m", "peerlint", "scan", str(fifo[0]), "--out", "routes.csv"],  # noqa: S607
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    until_there_is_a_part(tmp_path, program)
    program.send_signal(SIGHUP)
    with pytest.raises(subprocess.TimeoutExpired):
        program.wait(0.5)
    program.send_signal(SIGTERM)
    program.communicate(timeout=PROGRESS_DELAY)

    assert (program.returncode, parts(tmp_path)) == (143, [])


SCRIPT = """
import os, signal, sys
from pathlib import Path
from peerlint.cli.signals import EndingSignals, SignalReceived, temporary_file

def work(where, first, second):
    with temporary_file(Path("result")) as part:
        part.touch()
        try:
            if where == "finalizer":
                class Odd:
                    def __del__(self):
                        os.kill(os.getpid(), first)
                Odd()  # Python drops what is raised there
                os.kill(os.getpid(), second)
            os.kill(os.getpid(), first)
        finally:
            if where == "cleanup":
                os.kill(os.getpid(), second)
                raise AssertionError("not reached")

where, first, second = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
signals = EndingSignals()
with signals:
    work(where, first, second)
sys.exit(signals.status)
"""


@pytest.mark.parametrize(
    ("first", "second"), [(SIGTERM, SIGTERM), (SIGHUP, SIGTERM), (SIGINT, SIGINT)]
)
@pytest.mark.parametrize("where", ["work", "cleanup", "finalizer"])
def test_signals_during_cleanup(
    tmp_path: Path, where: str, first: Signals, second: Signals
) -> None:
    """A second signal, while the first one is cleaned up or was lost, ends it; the first counts."""
    command = [sys.executable, "-c", SCRIPT, where, str(int(first)), str(int(second))]
    program = subprocess.run(command, cwd=tmp_path, check=False, timeout=PROGRESS_DELAY)

    assert program.returncode == STATUS[first]
    assert [] == list(tmp_path.iterdir())


WAITING = """
import os, signal, sys, threading, time
from queue import SimpleQueue
from peerlint.cli.signals import EndingSignals

def tell():
    time.sleep(0.1)  # the main thread waits
    signal.pthread_kill(threading.get_ident(), signal.SIGTERM)
    time.sleep(60)

signals = EndingSignals()
with signals:
    threading.Thread(target=tell, daemon=True).start()
    SimpleQueue().get()
os._exit(signals.status)
"""


def test_a_signal_that_interrupts_no_wait(tmp_path: Path) -> None:
    """One that comes just before the main thread waits, or to another thread, is heeded too."""
    program = subprocess.run(
        [sys.executable, "-c", WAITING], cwd=tmp_path, check=False, timeout=PROGRESS_DELAY
    )

    assert program.returncode == STATUS[SIGTERM]


ENDLESS = """
import asyncio, os, signal, sys, threading
from pathlib import Path
from peerlint.cli.signals import EndingSignals, temporary_file

class Dropped:
    def __del__(self):
        os.kill(os.getpid(), signal.SIGTERM)

async def lost():
    loop = asyncio.get_running_loop()
    waited = loop.create_future()
    task = asyncio.create_task(wait(waited))
    await asyncio.sleep(0)
    waited.set_result(None)
    loop._ready.clear()  # as if the signal came while the loop had taken the callback
    os.kill(os.getpid(), signal.SIGTERM)

async def wait(waited):
    await waited

def join():
    try:
        os.kill(os.getpid(), signal.SIGTERM)
    finally:
        threading.Event().wait()

signals = EndingSignals()
with signals, temporary_file(Path("result")) as part:
    part.touch()
    if sys.argv[1] == "lock":
        join()
    elif sys.argv[1] == "loop":
        asyncio.run(lost())
    else:
        Dropped()
        threading.Event().wait()
"""


@pytest.mark.parametrize("where", ["lock", "loop", "finalizer"])
def test_a_clean_up_that_never_ends(tmp_path: Path, where: str) -> None:
    """What a clean-up waits for may never come: the process ends all the same, and soon."""
    command = [sys.executable, "-c", ENDLESS, where]
    program = subprocess.run(command, cwd=tmp_path, check=False, timeout=PROGRESS_DELAY)

    assert program.returncode == STATUS[SIGTERM]
    assert list(tmp_path.iterdir()) == []


def test_handlers_are_given_back() -> None:
    """Without a signal, the program leaves the handlers of its caller as they were."""
    before = [signal.getsignal(each) for each in STATUS]
    with EndingSignals():
        pass

    assert [signal.getsignal(each) for each in STATUS] == before
