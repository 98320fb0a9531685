"""Dumps of registries from files: opened by their content, plain or compressed."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import PurePath
from typing import BinaryIO, Final, cast

import attrs

from peerlint.errors import FeedError, InputError, PeerlintError
from peerlint.feeds.dumps import Dump, OnChunk
from peerlint.feeds.remote import SCHEMES
from peerlint.registry.delegated import Delegations, read_delegated
from peerlint.registry.irr import IrrDump, read_irr_chunks
from peerlint.registry.peeringdb import PeeringDbFile, read_peeringdb
from peerlint.registry.rpki import Slurm, VrpDump, read_slurm, read_vrps

IRR: Final = "a dump of an IRR, such as ripe.db.route.gz"
DELEGATED: Final = "a delegated file, such as delegated-ripencc-extended-latest"
VRPS: Final = "a file of VRPs, in JSON or CSV, of rpki-client, Routinator or StayRTR"
SLURM: Final = "a SLURM file (RFC 8416)"
PEERINGDB: Final = "a file of PeeringDB, a dump or an answer of its API"
#: Octets of a file that a message quotes.
_QUOTED: Final = 60
_BUFFER: Final = 1 << 20


def open_dump(name: str, expected: str) -> Dump:
    """Check that a file of a registry can be read, before any is.

    Args:
        name: the file; `-` is standard input.
        expected: what it is: one of the constants above.

    Raises:
        FeedError: it is missing, a directory or not readable.
        InputError: it is a URL.
    """
    if name.startswith(SCHEMES):
        hint = "download it first, and keep the file: registries limit downloads"
        raise InputError("file", expected=expected, found=name, hint=hint)
    # One thread: readers of registries take most of the time, and hold the interpreter.
    return Dump(name, threads=1, expected=expected)


def read_irr_dump(dump: Dump, on_chunk: OnChunk | None = None) -> IrrDump:
    """Read a dump of an IRR, without the members of as-sets, which a registry file does not have.

    Args:
        dump: the file.
        on_chunk: called for every chunk.

    Raises:
        FeedError: it cannot be read, is empty, or has no object.
    """
    chunks = _Noted(dump.chunks(on_chunk))
    found = read_irr_chunks(chunks, dump.name)
    if not found.objects and not found.other_objects:
        _check_whole(dump)
        raise FeedError(dump.name, f"expected {IRR}, found {chunks.description}")
    is_cut = found.is_cut or dump.cut is not None
    return attrs.evolve(found, as_sets=(), is_cut=is_cut)


def read_delegated_file(dump: Dump, on_chunk: OnChunk | None = None) -> Delegations:
    """Read a file of delegations.

    Args:
        dump: the file.
        on_chunk: called for every chunk.

    Raises:
        FeedError: it cannot be read.
        InputError: it is something else.
    """
    with _cut_is_said(dump):
        found = read_delegated(_file(dump, on_chunk), dump.name)
    return attrs.evolve(found, is_cut=found.is_cut or dump.cut is not None)


def read_vrp_file(dump: Dump, now: int, on_chunk: OnChunk | None = None) -> VrpDump:
    """Read a file of VRPs.

    Args:
        dump: the file.
        now: VRPs that have expired by then are left out; in microseconds since 1970.
        on_chunk: called for every chunk.

    Raises:
        FeedError: it cannot be read, or its compressed stream is cut.
        InputError: it is cut or something else.
    """
    with _cut_is_said(dump):
        found = read_vrps(_file(dump, on_chunk), dump.name, now)
    _check_whole(dump)
    return attrs.evolve(found, name=_base_name(dump))


def read_slurm_file(dump: Dump) -> Slurm:
    """Read a SLURM file.

    Args:
        dump: the file.

    Raises:
        FeedError: it cannot be read, or its compressed stream is cut.
        InputError: it is no JSON.
        MistakesError: it is not what RFC 8416 demands.
    """
    with _cut_is_said(dump):
        found = read_slurm(_file(dump, None), dump.name)
    _check_whole(dump)
    return found


def read_peeringdb_file(dump: Dump, on_chunk: OnChunk | None = None) -> PeeringDbFile:
    """Read a file of PeeringDB.

    Args:
        dump: the file.
        on_chunk: called for every chunk.

    Raises:
        FeedError: it cannot be read, or its compressed stream is cut.
        InputError: it is cut or something else.
    """
    with _cut_is_said(dump):
        found = read_peeringdb(_file(dump, on_chunk), dump.name)
    _check_whole(dump)
    return attrs.evolve(found, name=_base_name(dump))


@contextmanager
def _cut_is_said(dump: Dump) -> Iterator[None]:
    """Say of a compressed file that it is cut, not what its reader misses because of that."""
    try:
        yield
    except PeerlintError:
        _check_whole(dump)
        raise


def _check_whole(dump: Dump) -> None:
    if dump.cut is not None:
        raise FeedError(dump.name, f"it is not whole: {dump.cut}")


def _base_name(dump: Dump) -> str:
    """Return a name that does not depend on where the file is."""
    return PurePath(dump.name).name or dump.name


def _file(dump: Dump, on_chunk: OnChunk | None) -> BinaryIO:
    """Return the decompressed octets of a dump as a file."""
    # A buffered reader has what readers need of a binary file.
    return cast("BinaryIO", io.BufferedReader(_Chunks(dump.chunks(on_chunk)), _BUFFER))


class _Chunks(io.RawIOBase):
    """Chunks as a file."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        target = memoryview(cast("bytearray", buffer))
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


class _Noted:
    """Chunks, of which the first octets are kept for a message."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._first = b""

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._chunks:
            if len(self._first) < _QUOTED:
                self._first = (self._first + chunk)[:_QUOTED]
            yield chunk

    @property
    def description(self) -> str:
        """What the file is, if it has no objects."""
        if not self._first:
            return "an empty file"
        return f"no object; the file starts with {str(self._first, 'utf-8', 'replace')!r}"
