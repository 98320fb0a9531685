"""Alerts in a file: a line each, on disk, and in the file that has the name now."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.service.doubles.alerts import alert, opening

from peerlint.monitor.alerts import Notice
from peerlint.service.sinks import DeliveryError, JsonLines


def document(notice: Notice) -> dict[str, object]:
    """Return a document with a text of several lines."""
    return {"id": notice.id, "reason": "one\ntwo\u2028three\udc80 ##vso[x] é"}


def lines(path: Path) -> list[str]:
    """Return the ids in a file, whose every line is JSON."""
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [str(json.loads(line)["id"]) for line in text.splitlines()]


def deliver(sink: JsonLines, *names: str) -> None:
    """Deliver the openings of alerts."""
    asyncio.run(sink.deliver([opening(alert(each)) for each in names]))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Give the name of a file that does not exist."""
    return tmp_path / "alerts.jsonl"


@pytest.fixture
def sink(path: Path) -> Iterator[JsonLines]:
    """Give a sink for it."""
    found = JsonLines("jsonl", str(path), document)
    yield found
    asyncio.run(found.close())


def test_each_notice_is_a_line(sink: JsonLines, path: Path) -> None:
    """Whatever an alert says, its line has no other line feed, and reads back."""
    deliver(sink, "a", "b")
    deliver(sink, "c")

    assert lines(path) == ["a-1", "b-1", "c-1"]
    (first, *_) = path.read_text(encoding="utf-8").splitlines()
    assert document(opening(alert("a"))) == json.loads(first)
    assert "é" in first
    assert "##" not in first


def test_lines_are_appended(sink: JsonLines, path: Path) -> None:
    """What a file has already stays."""
    path.write_text('{"id": "old-1"}\n', encoding="utf-8")

    deliver(sink, "a")

    assert lines(path) == ["old-1", "a-1"]


def test_a_line_that_was_cut_off_is_ended(sink: JsonLines, path: Path) -> None:
    """After a crash in the middle of a line, the next one is still a line."""
    path.write_text('{"id": "ol', encoding="utf-8")

    deliver(sink, "a")
    deliver(sink, "b")

    first, *others = path.read_text(encoding="utf-8").splitlines()
    assert first == '{"id": "ol'
    assert [json.loads(each)["id"] for each in others] == ["a-1", "b-1"]


def test_a_rotated_file_is_opened_again(sink: JsonLines, path: Path) -> None:
    """As logrotate does it: rename, and the next line makes the file."""
    deliver(sink, "a")
    path.rename(path.with_suffix(".1"))
    deliver(sink, "b")
    path.unlink()
    deliver(sink, "c")

    assert lines(path.with_suffix(".1")) == ["a-1"]
    assert lines(path) == ["c-1"]


def test_a_truncated_file_goes_on(sink: JsonLines, path: Path) -> None:
    """As logrotate's copytruncate does it."""
    deliver(sink, "a")
    os.truncate(path, 0)
    deliver(sink, "b")

    assert lines(path) == ["b-1"]


def test_a_file_that_cannot_be_written_is_a_failure(sink: JsonLines, path: Path) -> None:
    """It is tried again: the folder may be mounted later."""
    path.mkdir()
    with pytest.raises(DeliveryError, match="Is a directory") as raised:
        deliver(sink, "a")
    assert not raised.value.is_refused

    path.rmdir()
    deliver(sink, "a")
    assert lines(path) == ["a-1"]


def test_a_pipe_is_refused(sink: JsonLines, path: Path) -> None:
    """A named pipe without a reader would hang; what waits is kept."""
    os.mkfifo(path)

    with pytest.raises(DeliveryError, match=r"not a regular file|No such device"):
        deliver(sink, "a")


def test_a_write_that_fails_in_the_middle_ends_its_line(
    sink: JsonLines, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The notice is repeated on a line of its own."""
    write = os.write
    deliver(sink, "a")

    def cut(descriptor: int, octets: memoryview) -> int:
        if len(octets) < 20:
            raise OSError(28, "No space left on device")
        return write(descriptor, octets[:-10])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", cut)
        with pytest.raises(DeliveryError, match="No space left"):
            deliver(sink, "b")
    deliver(sink, "b")

    first, _cut, last = path.read_text(encoding="utf-8").splitlines()
    assert ["a-1", "b-1"] == [json.loads(each)["id"] for each in (first, last)]


CODE = """
import asyncio, json, sys
from peerlint.service.sinks import DeliveryError, JsonLines
from peerlint.service.sinks import jsonl
from tests.service.doubles.alerts import alert, opening
jsonl._READER_TIMEOUT = 0.1
sink = JsonLines("out", "-", lambda notice: {"id": notice.id, "text": "x" * int(sys.argv[1])})
try:
    asyncio.run(sink.deliver([opening(alert(each)) for each in "ab"]))
    asyncio.run(sink.close())
except DeliveryError as error:
    sys.exit(str(error))
"""
ROOT = Path(__file__).resolve().parents[2]


def test_standard_output_gets_lines() -> None:
    """Large lines are written whole."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, "100000"], cwd=ROOT, check=True, capture_output=True
    )

    assert ["a-1", "b-1"] == [json.loads(line)["id"] for line in done.stdout.splitlines()]


def test_a_reader_that_does_not_read_does_not_hang_the_watch() -> None:
    """It is a failure, which is said and tried again."""
    with subprocess.Popen(
        [sys.executable, "-c", CODE, "1000000"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.wait(60) == 1
        assert process.stderr is not None
        assert process.stderr.read() == b"the reader of standard output does not read\n"
