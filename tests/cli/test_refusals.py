"""Limits of the system: a named error, never a mistake of ours."""

from __future__ import annotations

import errno
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import pytest

from peerlint.api import processes
from peerlint.api.processes import in_processes
from peerlint.cli.exits import Exit
from peerlint.cli.refusals import refusal
from peerlint.errors import PeerlintError
from peerlint.testing.dumps import RibDump


def caused(error: Exception, cause: BaseException) -> Exception:
    """Return an error that came from another."""
    error.__cause__ = cause
    return error


NUMBERS = (
    errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.EAGAIN, errno.ENOSPC, errno.EDQUOT, errno.EIO,
    errno.EFBIG, errno.EACCES, errno.EROFS,
)  # fmt: skip


@pytest.mark.parametrize("number", NUMBERS, ids=errno.errorcode.get)
def test_what_the_system_refuses(number: int) -> None:
    """The system's own words, also of what an error came from, and what to do."""
    error = OSError(number, os.strerror(number))

    for each in (error, caused(ImportError("numpy"), error), caused(RuntimeError("?"), error)):
        said = refusal(each)
        assert said is not None
        assert os.strerror(number) in said


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (MemoryError(), "memory"),
        (ImportError("libz.so: cannot open shared object file: Too many open files"), "ulimit -n"),
        (FileNotFoundError(2, "No usable temporary directory found in ['/tmp']"), "TMPDIR"),
        (RuntimeError("can't start new thread"), "ulimit -u"),
        (ValueError("Too many open files"), None),
        (FileNotFoundError(2, "No such file or directory"), None),
        (KeyError("x"), None),
    ],
)
def test_what_is_no_refusal(error: Exception, words: str | None) -> None:
    """What Python makes of refusals counts too; anything else is a mistake of ours."""
    said = refusal(error)

    assert (words is None) == (said is None)
    assert words is None or words in str(said)


@pytest.fixture(name="dump")
def _dump(tmp_path: Path) -> Path:
    rib = RibDump()
    rib.routes(rib.peer("192.0.2.0", 64500), "203.0.113.0/24 path 64500")
    (tmp_path / "rib.mrt").write_bytes(rib.octets())
    return tmp_path / "rib.mrt"


def scan(dump: Path, *options: str, limit: int) -> subprocess.CompletedProcess[str]:
    """Scan a dump three times, with so many open files."""

    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))

    command = [sys.executable, "-m", "peerlint", "scan", *3 * [str(dump)], *options]
    return subprocess.run(
        command, preexec_fn=few, capture_output=True, text=True, check=False
    )  # no threads here


@pytest.mark.slow
@pytest.mark.parametrize("limit", [6, 8, 10, 12, 16, 20])
@pytest.mark.parametrize("options", [(), ("--jobs", "2")])
def test_few_open_files(dump: Path, options: tuple[str, ...], limit: int) -> None:
    """With too few open files the program says so, or does with them; it shows no traceback."""
    done = scan(dump, *options, limit=limit)

    assert done.returncode in (Exit.CLEAN, Exit.USAGE, Exit.SOURCES)
    assert "Traceback" not in done.stderr
    if done.returncode != Exit.CLEAN:
        assert "open files" in done.stderr


def test_the_limit_is_raised_as_far_as_it_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """A soft limit is no reason to fail."""
    asked: list[tuple[int, int]] = []
    monkeypatch.setattr(resource, "getrlimit", lambda _: (8, 4096))
    monkeypatch.setattr(resource, "setrlimit", lambda _, limits: asked.append(limits))
    monkeypatch.setattr(processes, "ProcessPoolExecutor", broken_pool(BrokenProcessPool))

    with pytest.raises(PeerlintError, match="fewer --jobs"):
        list(in_processes(str, ["a", "b"], 2))
    assert [(28, 4096)] == asked


def broken_pool(error: type[Exception]) -> type:
    """Return a pool whose processes end before their time."""

    class Pool:
        def __init__(self, *_: object, **__: object) -> None:
            pass

        def submit(self, work: Callable[[str], str], thing: str) -> object:
            raise error(work, thing)

        def shutdown(self, **_: object) -> None:
            pass

    return Pool


@pytest.mark.parametrize("error", [BrokenProcessPool, EOFError, ConnectionResetError])
def test_a_process_that_is_ended(monkeypatch: pytest.MonkeyPatch, error: type[Exception]) -> None:
    """A process that the system ends, for want of memory, is no mistake of ours."""
    monkeypatch.setattr(processes, "ProcessPoolExecutor", broken_pool(error))

    with pytest.raises(PeerlintError, match="was ended, or could not start"):
        list(in_processes(str, ["a", "b"], 2))


@pytest.mark.slow
def test_standard_input_with_jobs(dump: Path) -> None:
    """Another process has no standard input: this one reads it, in its turn."""
    command = [sys.executable, "-m", "peerlint", "scan", str(dump), "-", str(dump), "--jobs", "2"]
    done = subprocess.run(command, input=dump.read_bytes(), capture_output=True, check=False)

    assert (b"", Exit.CLEAN) == (done.stderr, done.returncode)
    assert b"3 routes in 3 dumps" in done.stdout
