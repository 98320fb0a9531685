"""Open a state file: what it may be, and what to do if it is something else."""

from __future__ import annotations

import errno
import fcntl
import os
import sqlite3
import stat
from contextlib import ExitStack
from os import PathLike
from typing import Final

import attrs

from peerlint.errors import StateError
from peerlint.service.store.schema import APPLICATION_ID, COLUMNS, TABLES, VERSION
from peerlint.wording import open_failure

_MAGIC: Final = b"SQLite format 3\0"
#: Octets of the header, and the places of two of its numbers (sqlite.org/fileformat2.html 1.3).
_HEADER: Final = 100
_VERSION_AT: Final = 60
_APPLICATION_AT: Final = 68
_STATE_FILE: Final = "a state file of peerlint"
_ANOTHER: Final = "give --state another file, or move this one away"
_DAMAGED: Final = (
    "restore it from a backup, or move it away together with the files -wal and -shm beside it: "
    "peerlint then starts with an empty one, and opens the alerts again under new ids"
)


@attrs.frozen(eq=False)
class StateFile:
    """An open state file, which no other watch can open.

    Attributes:
        connection: the connection to its database, which any one thread at a time may use.
        lock: the descriptor that holds the lock; None for a database in memory.
    """

    connection: sqlite3.Connection
    lock: int | None = None

    @classmethod
    def in_memory(cls) -> StateFile:
        """Return an empty database that is gone when it is closed."""
        connection = _connect(":memory:")
        _create(connection)
        return cls(connection)

    @classmethod
    def open(cls, path: str | PathLike[str]) -> StateFile:
        """Open a state file; make one if there is none.

        Raises:
            StateError: there is something else, or the file cannot be used.
        """
        name = os.fspath(path)
        with ExitStack() as stack:
            lock = _locked(name)
            stack.callback(os.close, lock)
            is_new = _is_new(name, lock)
            try:
                connection = _connect(os.path.realpath(name))
                stack.callback(connection.close)
                _prepare(connection, name, is_new=is_new)
            except sqlite3.Error as error:
                raise _refused(name, error) from None
            stack.pop_all()
        return cls(connection, lock)

    def close(self) -> None:
        """Close the connection, then give up the lock."""
        self.connection.close()
        if self.lock is not None:
            os.close(self.lock)


def _connect(path: str) -> sqlite3.Connection:
    # Transactions are ours, and the thread that writes is not the one that opens.
    return sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=0)


def _locked(name: str) -> int:
    """Open the file itself and lock it: all names of a file share the lock.

    SQLite's own locks are of another kind, so they do not meet this one.
    """
    if not name:
        raise StateError(name, expected="the name of a file", found="an empty name", hint=_ANOTHER)
    try:
        # Without O_NONBLOCK a named pipe would wait for its other end.
        lock = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NONBLOCK | os.O_CLOEXEC, 0o600)
    except (OSError, ValueError) as error:
        raise _not_opened(name, error) from None
    with ExitStack() as stack:
        stack.callback(os.close, lock)
        if not stat.S_ISREG(os.fstat(lock).st_mode):
            raise StateError(name, expected="a file", found="a pipe or device", hint=_ANOTHER)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise StateError(
                name,
                expected="a file that no other watch uses",
                found="one that another peerlint watch uses now",
                hint="end that watch, or give each its own --state",
            ) from None
        stack.pop_all()
    return lock


def _not_opened(name: str, error: OSError | ValueError) -> StateError:
    reason = open_failure(error)
    kind = error.errno if isinstance(error, OSError) else None
    expected, hint = "a file that can be written, in a folder that exists", _ANOTHER
    if kind == errno.EISDIR:
        expected, reason, hint = "a file", "a folder", f"give a file in it, such as {name}/state.db"
    elif kind in {errno.ENOENT, errno.ENOTDIR}:
        hint = "make its folder first, or correct the name"
    elif kind in {errno.EACCES, errno.EPERM, errno.EROFS}:
        hint = "let the user that peerlint runs as write it and its folder, or give another file"
    elif kind in {errno.ENOSPC, errno.EDQUOT}:
        hint = "make room on the disk"
    return StateError(name, expected=expected, found=reason, hint=hint)


def _is_new(name: str, lock: int) -> bool:
    """Return whether the file is empty; what is not empty must have our header.

    The header is read before SQLite opens the file, which could change one of another program.
    """
    header = os.pread(lock, _HEADER, 0)
    if not header:
        return True
    if not header.startswith(_MAGIC):
        raise StateError(name, expected=_STATE_FILE, found="a file of another kind", hint=_ANOTHER)
    if len(header) < _HEADER:
        raise _damaged(name, f"only {len(header)} octets")
    application = int.from_bytes(header[_APPLICATION_AT : _APPLICATION_AT + 4], "big")
    if application != APPLICATION_ID:
        found = "a database of another program"
        raise StateError(name, expected=_STATE_FILE, found=found, hint=_ANOTHER)
    version = int.from_bytes(header[_VERSION_AT : _VERSION_AT + 4], "big", signed=True)
    if version > VERSION:
        raise StateError(
            name,
            expected=f"{_STATE_FILE} of version {VERSION} or older",
            found=f"version {version}",
            hint="a newer peerlint wrote it: run that one, or give --state another file",
        )
    if version < 1:
        raise _damaged(name, f"version {version}")
    return False


def _prepare(connection: sqlite3.Connection, name: str, *, is_new: bool) -> None:
    """Take SQLite's lock, make or check the tables, and let every commit reach the disk."""
    execute = connection.execute
    # One process only: no shared memory beside the file, and no other program changes it.
    execute("PRAGMA locking_mode = EXCLUSIVE")
    if is_new:
        _create(connection)
    (problem,) = execute("PRAGMA quick_check(1)").fetchone()
    if problem != "ok":
        raise _damaged(name, problem)
    for table, columns in COLUMNS.items():
        try:
            execute(f"SELECT {columns} FROM {table} LIMIT 0")  # noqa: S608  # our own names
        except sqlite3.OperationalError as error:
            raise _damaged(name, str(error)) from None
    execute("PRAGMA journal_mode = WAL")
    execute("PRAGMA synchronous = FULL")
    execute(f"PRAGMA journal_size_limit = {16 << 20}")
    # Writes without a change: a file or folder that cannot be written shows now.
    execute("BEGIN IMMEDIATE")
    execute(f"PRAGMA user_version = {VERSION}")
    execute("COMMIT")


def _create(connection: sqlite3.Connection) -> None:
    """Make the tables and the header in one transaction, without a write-ahead log as yet.

    So the header is in the file itself, where the next start reads it.
    """
    connection.execute("BEGIN EXCLUSIVE")
    for each in TABLES:
        connection.execute(each)
    connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {VERSION}")
    connection.execute("COMMIT")


def _damaged(name: str, found: str) -> StateError:
    return StateError(name, expected=f"{_STATE_FILE} that is intact", found=found, hint=_DAMAGED)


def _refused(name: str, error: sqlite3.Error) -> StateError:
    """Return what SQLite's refusal to open a file means."""
    match error.sqlite_errorcode & 0xFF:
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            expected, found = "a file that no other program uses", "one that is open in another"
            hint = "end that program, such as a shell of sqlite3"
        case sqlite3.SQLITE_FULL:
            expected, found, hint = "room on its disk", "a full disk", "make room"
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return _damaged(name, str(error))
        case _:
            expected, found = "a file that can be written, in a folder that can be too", str(error)
            hint = "let the user that peerlint runs as write both, or give --state another file"
    return StateError(name, expected=expected, found=found, hint=hint)
