"""A state file that cannot be used is an error that says what was found, and what to do."""

from __future__ import annotations

import errno
import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

import pytest
from tests.service.doubles.alerts import alert, opening

from peerlint.errors import StateError
from peerlint.service.store import open_store
from peerlint.service.store.file import StateFile
from peerlint.service.store.schema import APPLICATION_ID, VERSION

MAGIC: Final = b"SQLite format 3\0"


def made(path: Path) -> bytes:
    """Make a state file with one alert in it, and return its octets."""
    with open_store(path) as store:
        store.set_sinks(["a sink"]).result()
        store.save([alert()], [opening(alert())], monitor_state="{}").result()
    return path.read_bytes()


def change(path: Path, statement: str) -> None:
    """Make a state file, and run a statement of SQL in it."""
    made(path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(statement)
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def overwrite(path: Path, start: int, octets: bytes) -> None:
    """Make a state file, and replace octets of it."""
    whole = made(path)
    path.write_bytes(whole[:start] + octets + whole[start + len(octets) :])


def pipe(path: Path) -> None:
    """Make a named pipe."""
    os.mkfifo(path)


def other_database(path: Path) -> None:
    """Make a database of another program."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE bookmarks (url TEXT)")


def loop(path: Path) -> None:
    """Make a link to itself."""
    path.symlink_to(path.name)


def dangling(path: Path) -> None:
    """Make a link into a folder that does not exist."""
    path.symlink_to(path.parent / "gone" / "state.db")


#: What makes the file, what the message says was found, and what it says to do.
FILES: Final[dict[str, tuple[Callable[[Path], object], str, str]]] = {
    "newer version": (
        lambda path: change(path, f"PRAGMA user_version = {VERSION + 6}"),
        f"expected a state file of peerlint of version {VERSION} or older, found version 7",
        "a newer peerlint wrote it: run that one, or give --state another file",
    ),
    "no version": (
        lambda path: change(path, "PRAGMA user_version = 0"),
        "found version 0",
        "restore it from a backup",
    ),
    "negative version": (
        lambda path: change(path, "PRAGMA user_version = -1"),
        "found version -1",
        "restore it from a backup",
    ),
    "database of another program": (
        other_database,
        "found a database of another program",
        "give --state another file, or move this one away",
    ),
    "another application id": (
        lambda path: change(path, "PRAGMA application_id = 252006674"),
        "found a database of another program",
        "give --state another file, or move this one away",
    ),
    "text": (
        lambda path: path.write_text("alerts = true\n"),
        "found a file of another kind",
        "give --state another file, or move this one away",
    ),
    "an inventory's octets": (
        lambda path: path.write_bytes(b"\0" * 8192),
        "found a file of another kind",
        "give --state another file, or move this one away",
    ),
    "only the start of a header": (
        lambda path: path.write_bytes(MAGIC),
        "found only 16 octets",
        "restore it from a backup",
    ),
    "cut after the first page": (
        lambda path: path.write_bytes(made(path)[:4096]),
        "expected a state file of peerlint that is intact",
        "peerlint then starts with an empty one, and opens the alerts again under new ids",
    ),
    "damaged pages": (
        lambda path: overwrite(path, 4096, b"\xa5" * 8192),
        "expected a state file of peerlint that is intact",
        "restore it from a backup, or move it away",
    ),
    "damaged page size": (
        lambda path: overwrite(path, 16, b"\0\7"),
        "expected a state file of peerlint that is intact",
        "restore it from a backup, or move it away",
    ),
    "a table is missing": (
        lambda path: change(path, "DROP TABLE outbox"),
        "no such table: ",
        "restore it from a backup",
    ),
    "a column is missing": (
        lambda path: change(path, "ALTER TABLE sinks DROP COLUMN absent"),
        "found no such column: absent",
        "restore it from a backup",
    ),
    "folder": (
        Path.mkdir,
        "expected a file, found a folder",
        "give a file in it, such as",
    ),
    "named pipe": (pipe, "expected a file, found a pipe or device", "give --state another file"),
    "link to itself": (loop, "found Too many levels of symbolic links", "another file"),
    "link into a missing folder": (
        dangling,
        "found No such file or directory",
        "make its folder first, or correct the name",
    ),
}


@pytest.mark.parametrize("row", FILES.values(), ids=FILES)
def test_what_is_no_state_file_is_refused(
    row: tuple[Callable[[Path], object], str, str], tmp_path: Path
) -> None:
    """The message has the name, what was found, and what to do; nothing is changed."""
    make, found, hint = row
    path = tmp_path / "state.db"
    make(path)
    before = path.read_bytes() if path.is_file() else None

    with pytest.raises(StateError) as raised:
        open_store(path)

    assert str(raised.value).startswith(f"{path}: expected ")
    assert found in str(raised.value)
    assert hint in str(raised.value)
    assert "\n" not in str(raised.value)
    if "damaged" not in str(hint) and before is not None:
        assert before == path.read_bytes()


#: Names, what the message says was found, and what it says to do.
NAMES: Final = {
    "missing folder": ("{folder}/gone/state.db", "No such file or directory", "make its folder"),
    "file as folder": ("{folder}/file/state.db", "Not a directory", "make its folder"),
    "empty": ("", "an empty name", "give --state another file"),
    "too long": ("{folder}/" + "n" * 300, "File name too long", "give --state another file"),
    "NUL": ("{folder}/a\0b", "the name has a NUL character", "give --state another file"),
    "device": ("/dev/null", "a pipe or device", "give --state another file"),
    "file system without files": ("/proc/state.db", "No such file", "make its folder"),
}


@pytest.mark.parametrize("row", NAMES.values(), ids=NAMES)
def test_a_name_that_cannot_be_opened_is_refused(row: tuple[str, str, str], tmp_path: Path) -> None:
    """The message has what the system says, and what to do."""
    name, found, hint = row
    (tmp_path / "file").touch()

    with pytest.raises(StateError) as raised:
        open_store(name.format(folder=tmp_path))

    assert found in str(raised.value)
    assert hint in str(raised.value)


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.EACCES, "let the user that peerlint runs as write it and its folder"),
        (errno.EROFS, "let the user that peerlint runs as write it and its folder"),
        (errno.ENOSPC, "make room on the disk"),
    ],
)
def test_what_the_system_refuses_says_what_to_do(
    number: int, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Permissions, a file system that is read only, and a full disk have their own hints."""

    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)

    with pytest.raises(StateError, match=hint):
        open_store(tmp_path / "state.db")


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (sqlite3.SQLITE_FULL, "expected room on its disk, found a full disk; make room"),
        (sqlite3.SQLITE_CANTOPEN, "expected a file that can be written, in a folder that can be"),
        (sqlite3.SQLITE_READONLY, "let the user that peerlint runs as write both"),
    ],
)
def test_what_sqlite_refuses_says_what_to_do(
    code: int, expected: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What shows only when the tables are made has a message too, and the lock is given up."""

    def refuse(*_: object, **__: object) -> None:
        error = sqlite3.OperationalError("SQLite's own words")
        error.sqlite_errorcode = code
        raise error

    with monkeypatch.context() as patch:
        patch.setattr("peerlint.service.store.file._prepare", refuse)
        with pytest.raises(StateError) as raised:
            open_store(tmp_path / "state.db")

    assert expected in str(raised.value)
    open_store(tmp_path / "state.db").close()


@pytest.mark.parametrize("name", ["state.db", "link.db", "./state.db"])
def test_a_file_that_another_watch_uses_is_refused(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two watches never share a state file, whatever each calls it."""
    monkeypatch.chdir(tmp_path)
    with open_store("state.db"):
        Path("link.db").symlink_to("state.db")

        with pytest.raises(StateError, match="another peerlint watch uses now; end that watch"):
            open_store(name)

    open_store(name).close()


def test_a_file_that_another_process_uses_is_refused(tmp_path: Path) -> None:
    """The lock holds between processes, and ends with the process that holds it."""
    path = tmp_path / "state.db"
    code = (
        "import sys; from peerlint.service.store import open_store\n"
        "store = open_store(sys.argv[1]); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        with pytest.raises(StateError, match="another peerlint watch uses now"):
            open_store(path)
        process.kill()

    open_store(path).close()


def test_a_file_that_another_program_uses_is_refused(tmp_path: Path) -> None:
    """A shell of sqlite3 in the middle of a transaction is named as what it may be."""
    path = tmp_path / "state.db"
    made(path)
    code = (
        "import sqlite3, sys; c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('BEGIN IMMEDIATE'); print('open', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, path], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"open\n"
        with pytest.raises(StateError, match="end that program, such as a shell of sqlite3"):
            open_store(path)
        process.kill()


def test_rows_that_nobody_wrote_are_an_error(tmp_path: Path) -> None:
    """An alert that is no JSON of an alert is a damage that only reading shows."""
    path = tmp_path / "state.db"
    change(path, "UPDATE alerts SET alert = '{\"id\": 5}'")

    with open_store(path) as store, pytest.raises(StateError, match="rows that peerlint wrote"):
        store.open_alerts().result()


@pytest.mark.parametrize("content", [None, b""], ids=["missing", "empty"])
def test_a_file_that_is_missing_or_empty_is_made(content: bytes | None, tmp_path: Path) -> None:
    """It has our header, only its owner may read it, and it has nothing beside it at the end."""
    path = tmp_path / "state.db"
    if content is not None:
        path.write_bytes(content)
        path.chmod(0o600)

    octets = made(path)

    assert octets[68:72] == APPLICATION_ID.to_bytes(4, "big") == b"PLst"
    assert octets[60:64] == VERSION.to_bytes(4, "big")
    assert path.stat().st_mode & 0o777 == 0o600
    assert [path] == list(tmp_path.iterdir())


def test_commits_reach_the_disk(tmp_path: Path) -> None:
    """Every commit is synchronised (2 is FULL), to a write-ahead log, and nobody else may write."""
    file = StateFile.open(tmp_path / "state.db")
    names = ("journal_mode", "synchronous", "locking_mode")

    found = [file.connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    file.close()

    assert ["wal", 2, "exclusive"] == found
