"""What a folder of MRT files holds: which files are tables, of when, and which have changed."""

from __future__ import annotations

import os
import re
import stat
from hashlib import blake2b
from pathlib import Path
from typing import Final

import attrs

from peerlint.feeds.follow.growing import PIECE, GrowingFile
from peerlint.wire.mrt import MrtType, PeerIndexTable, Rib
from peerlint.wire.reader import Record

#: Names of files that their writers rename when they are complete.
_PARTIAL: Final = (".part", ".partial", ".tmp", ".temp", ".filepart", ".crdownload", ".swp", "~")
#: What differs between the names of the files of one series: dates, times and numbers.
_VARIABLE: Final = re.compile(r"[^A-Za-z]+|(?<=\.)(?:gz|bz2|xz|zst)\b")
#: Octets of a compressed file in which its first records have to be.
_HEAD: Final = 1 << 22
_TABLES: Final = (MrtType.TABLE_DUMP, MrtType.TABLE_DUMP_V2)
_MESSAGES: Final = (MrtType.BGP4MP, MrtType.BGP4MP_ET)
#: Subtypes of BGP4MP that are entries of a table (RFC 6396 appendix B).
_ENTRIES: Final = (2, 3)


@attrs.frozen
class FileStatus:
    """What the system says about a file.

    Attributes:
        identity: its device and inode.
        size: its octets.
        modified: when it was written last, in microseconds since 1970. That says whether it may
            still grow, and nothing about its records.
    """

    identity: tuple[int, int]
    size: int
    modified: int


@attrs.frozen
class Head:
    """What the first records of a file say.

    Attributes:
        first: the time of the first record, in microseconds since 1970.
        digest: identifies the first record, and the next one behind a list of peers, which the
            tables of both address families have: a file that was renamed, copied or compressed has
            the same.
        table: identifies the table and the address family that it starts with; None for a file of
            messages.
    """

    first: int
    digest: bytes
    table: tuple[str, ...] | None


class HeadError(Exception):
    """The first records of a file cannot be read; the message says why."""


def list_folder(folder: Path) -> dict[str, FileStatus]:
    """Return the files of a folder by name, without hidden ones and those with a partial name.

    Raises:
        OSError: the folder cannot be read.
    """
    found: dict[str, FileStatus] = {}
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name.endswith(_PARTIAL):
                continue
            try:
                status = entry.stat()
            except OSError:  # it vanished meanwhile
                continue
            if stat.S_ISREG(status.st_mode):
                identity = (status.st_dev, status.st_ino)
                found[entry.name] = FileStatus(identity, status.st_size, status.st_mtime_ns // 1000)
    return found


def series_of(name: str) -> str:
    """Return what the names of the files have in common that follow one another."""
    return _VARIABLE.sub(" ", name).strip()


def read_head(path: Path) -> Head | None:
    """Read the first records of a file.

    Returns:
        None if they are not complete yet.

    Raises:
        OSError: the file cannot be read.
        HeadError: it is no MRT file, or its compression is not read.
    """
    first: Record | None = None
    with GrowingFile(path) as file:
        while True:
            before = file.taken
            for record in file.read():
                if first is None:
                    first = record
                if not isinstance(record.body, PeerIndexTable):
                    return _head(first, record)
            if file.reason is not None and first is None:
                raise HeadError(file.reason)
            if file.taken - before < PIECE or file.taken >= _HEAD:
                break
    return None if first is None else _head(first, None)


def _head(first: Record, second: Record | None) -> Head:
    header, body = first.header, first.body
    records = [(each.header, each.body) for each in (first, second) if each is not None]
    digest = blake2b(repr(records).encode(), digest_size=16).digest()
    family = ""
    if second is not None and isinstance(second.body, Rib):
        family = f"{second.body.nlri.prefix.family}/{second.body.safi}"
    table: tuple[str, ...] | None = None
    if isinstance(body, PeerIndexTable):
        table = (str(body.collector_id), body.view, family)
    elif header.type in _TABLES or (header.type in _MESSAGES and header.subtype in _ENTRIES):
        table = (str(header.type), str(header.subtype))
    return Head(header.timestamp, digest, table)
